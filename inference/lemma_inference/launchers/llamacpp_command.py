"""From a model's weights and a deployment to the command that starts llama.cpp."""

import secrets
import sys
from pathlib import Path

from lemma_inference.launchers.local import OPENMP
from lemma_inference.launchers.protocol import EngineSpec

# Where the engine finds its key.
KEY = "LEMMA_ENGINE_KEY"


def llamacpp_spec(name: str, weights: Path, *, context: int, slots: int, threads: int) -> EngineSpec:
    """An engine that serves this GGUF file, with `context` tokens for each slot."""
    key = secrets.token_hex(16)
    options = {
        "model": str(weights),
        "context": str(context),
        "slots": str(slots),
        "threads": str(threads),
        "host": "{host}",
        "port": "{port}",
    }
    flags = [part for option, value in options.items() for part in (f"--{option}", value)]
    module = "lemma_inference.launchers.llamacpp_serve"
    return EngineSpec(name, (sys.executable, "-m", module, *flags), key, {**OPENMP, KEY: key})
