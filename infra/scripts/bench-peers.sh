#!/bin/sh
# Installs what `make bench-inference` compares with, each in a virtual environment of its own, because their
# pins are not ours: LiteLLM's proxy in .venv-litellm, the Rust vllm-router in .venv-vllm-router. Both from PyPI,
# pinned. LiteLLM 1.82.7 and 1.82.8 were malicious (MAL-2026-2144); never go back to them.
#
# The package named vllm-router is vllm-project/router. The Python router of production-stack has a command of
# the same name and is something else. Of LiteLLM's `proxy` extra, the helpers for a database and for its
# enterprise edition are left out: no registry mirror has all of their versions, and without a database nothing
# asks for them.
set -eu
cd "$(dirname "$0")/../.."

LITELLM_VERSION=1.109.1
ROUTER_VERSION=0.1.17
UV=$(infra/scripts/get-uv.sh)

if [ ! -f ".venv-vllm-router/.ready-$ROUTER_VERSION" ]; then
    echo "Installing vllm-router $ROUTER_VERSION in .venv-vllm-router" >&2
    "$UV" venv --quiet --clear --python 3.11 .venv-vllm-router
    "$UV" pip install --quiet --python .venv-vllm-router/bin/python "vllm-router==$ROUTER_VERSION"
    touch ".venv-vllm-router/.ready-$ROUTER_VERSION"
fi

if [ ! -f ".venv-litellm/.ready-$LITELLM_VERSION" ]; then
    echo "Installing litellm $LITELLM_VERSION in .venv-litellm" >&2
    "$UV" venv --quiet --clear --python 3.11 .venv-litellm
    "$UV" pip install --quiet --python .venv-litellm/bin/python "litellm==$LITELLM_VERSION" packaging
    .venv-litellm/bin/python - > .venv-litellm/requirements.txt <<'PY'
from importlib.metadata import requires

from packaging.requirements import Requirement

for line in map(Requirement, requires("litellm")):
    wanted = line.marker is not None and line.marker.evaluate({"extra": "proxy"})
    if wanted and not line.name.startswith("litellm-"):
        line.marker = None
        print(line)
PY
    "$UV" pip install --quiet --python .venv-litellm/bin/python --requirement .venv-litellm/requirements.txt
    touch ".venv-litellm/.ready-$LITELLM_VERSION"
fi
