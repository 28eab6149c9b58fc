#!/bin/sh
# Prints the path of a uv that suits, installing one under .lemma/tools when the machine has none.
# It comes from PyPI, pinned: no other host is asked.
set -eu
version=0.13.9
if command -v uv >/dev/null 2>&1 && uv self version --short 2>/dev/null | grep -Eq '^0\.(9|1[0-9])\.'; then
    command -v uv
    exit 0
fi
tools=.lemma/tools
uv=$tools/bin/uv
if [ ! -x "$uv" ] || ! "$uv" self version --short 2>/dev/null | grep -q "^$version"; then
    python=$(command -v python3.11 || command -v python3 || true)
    if [ -z "$python" ]; then
        echo "Python 3.11 was not found. Install it (Debian: apt-get install python3 python3-venv) and run make again." >&2
        exit 1
    fi
    mkdir -p .lemma
    rm -rf "$tools"
    if ! "$python" -m venv "$tools" >/dev/null 2>&1; then
        # Debian without python3-venv: the same thing by pip alone.
        rm -rf "$tools"
        "$python" -m pip install --quiet --disable-pip-version-check --target "$tools" "uv==$version" >&2
        echo "$tools/bin/uv"
        exit 0
    fi
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$version" >&2
fi
echo "$uv"
