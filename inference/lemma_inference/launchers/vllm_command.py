"""From a model card and a deployment to the command that starts vLLM, and its environment.

The flags are those of our research (inference report, 3.3): a queue ordered by priority, small steps, prompts
in parts, running usage on every chunk, and nothing that lets anybody change what is served.
"""

import json
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lemma_inference.errors import SettingsWrong
from lemma_inference.launchers.protocol import EngineSpec

# Set by an operator, these would open doors that the policy keeps shut: loading of adapters at run time, and
# paths that sleep, wipe or replace an engine.
FORBIDDEN = ("VLLM_ALLOW_RUNTIME_LORA_UPDATING", "VLLM_SERVER_DEV_MODE", "VLLM_PLUGINS")
# vLLM's own command looks for a distribution of one name, and has others; its module is always there.
MODULE = ("-m", "vllm.entrypoints.openai.api_server")
# vLLM's environment is made here, but for these.
PASSED_ON = "VLLM_CPU_"


@dataclass(frozen=True, slots=True)
class VllmNumbers:
    """What a deployment says of an engine. `context` is in tokens, prompt and answer together."""

    seats: int
    batched_tokens: int
    context: int
    dtype: str = "auto"
    watermark: float = 0.02
    extra: Mapping[str, str] | None = None
    otlp_endpoint: str | None = None


def vllm_spec(
    name: str,
    model: str,
    folder: Path,
    numbers: VllmNumbers,
    *,
    environ: Mapping[str, str],
    gpus: float,
    python: str | None = None,
) -> EngineSpec:
    """An engine that serves the files of `folder` as `model`. Raises `SettingsWrong` where the environment
    would undo the policy."""
    if refused := [variable for variable in FORBIDDEN if environ.get(variable)]:
        raise SettingsWrong(
            f"{refused[0]} is set. It would let an engine serve what was not approved; unset it."
        )
    key = secrets.token_hex(16)
    own = {name: value for name, value in environ.items() if name.startswith(PASSED_ON)}
    return EngineSpec(
        id=name,
        argv=(python or sys.executable, *MODULE, *_flags(model, folder, numbers)),
        key=key,
        env=own
        | {
            "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
            "VLLM_API_KEY": key,
            "VLLM_NO_USAGE_STATS": "1",
            "DO_NOT_TRACK": "1",
        },
        gpus=gpus,
    )


def _flags(model: str, folder: Path, numbers: VllmNumbers) -> Sequence[str]:
    options = {
        "model": str(folder),
        "served-model-name": model,
        "host": "{host}",
        "port": "{port}",
        "dtype": numbers.dtype,
        "max-model-len": str(numbers.context),
        "max-num-seqs": str(numbers.seats),
        "scheduling-policy": "priority",
        "max-num-batched-tokens": str(numbers.batched_tokens),
        # Only beside the gateway's own bound on prefill; alone it makes research slower.
        "long-prefill-token-threshold": str(max(1, numbers.batched_tokens // 4)),
        "watermark": str(numbers.watermark),
        # A coarse valve against a gateway gone mad: it does not look at priorities.
        "max-num-queued-reqs": str(2 * numbers.seats),
        "structured-outputs-config": json.dumps({"backend": "guidance"}),
        "logprobs-mode": "processed_logprobs",
        **(numbers.extra or {}),
    }
    if numbers.otlp_endpoint:
        options["otlp-traces-endpoint"] = numbers.otlp_endpoint
    switches = ["enable-force-include-usage", "enable-prompt-tokens-details", "enable-request-id-headers"]
    return [
        *(part for name, value in options.items() for part in (f"--{name}", value)),
        *(f"--{name}" for name in switches),
    ]
