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
BESIDE = 32
# What an operator may set for a deployment: how the machine is used, and nothing that changes what is served.
OPERATORS = frozenset(
    {
        "block-size",
        "data-parallel-size",
        "dtype",
        "enable-expert-parallel",
        "enforce-eager",
        "gpu-memory-utilization",
        "kv-cache-dtype",
        "long-prefill-token-threshold",
        "max-num-queued-reqs",
        "pipeline-parallel-size",
        "tensor-parallel-size",
        "watermark",
    }
)
# What a vLLM that does not know it can be started without. The rest is relied on.
OPTIONAL = (
    "--watermark",
    "--long-prefill-token-threshold",
    "--max-num-queued-reqs",
    "--enable-prompt-tokens-details",
    "--enable-request-id-headers",
    "--otlp-traces-endpoint",
)

Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class VllmNumbers:
    """What a deployment says of an engine. `context` is in tokens, prompt and answer together. `extra` are
    further options by vLLM's names, and go before what is said here. Traces go to a collector at
    `otlp_endpoint`, by HTTP, where a request's own trace asks for them."""

    seats: int
    batched_tokens: int
    context: int
    dtype: str = "auto"
    watermark: float = 0.02
    extra: Mapping[str, Option] | None = None
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
        argv=(python or sys.executable, *MODULE, *_flags(model, folder, numbers, gpus)),
        key=key,
        env=own
        | {
            "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
            "VLLM_API_KEY": key,
            "VLLM_NO_USAGE_STATS": "1",
            "DO_NOT_TRACK": "1",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
        },
        gpus=gpus,
        optional=OPTIONAL,
    )


def operators(options: Mapping[str, Option]) -> dict[str, Option]:
    """What an operator set for a deployment, by vLLM's names. Raises `SettingsWrong` where that is not the
    operator's to say."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    if refused := sorted(named.keys() - OPERATORS):
        allowed = ", ".join(sorted(OPERATORS))
        raise SettingsWrong(f"vllm option {refused[0]} cannot be set for a deployment. These can: {allowed}.")
    return named


def _flags(model: str, folder: Path, numbers: VllmNumbers, gpus: float) -> Sequence[str]:
    options: dict[str, Option] = {
        "model": str(folder),
        "served-model-name": model,
        "host": "{host}",
        "port": "{port}",
        "dtype": numbers.dtype,
        "max-model-len": numbers.context,
        "max-num-seqs": numbers.seats,
        "scheduling-policy": "priority",
        "max-num-batched-tokens": numbers.batched_tokens,
        # Only beside the gateway's own bound on prefill; alone it makes research slower.
        "long-prefill-token-threshold": max(1, numbers.batched_tokens // 4),
        "watermark": numbers.watermark,
        # A coarse valve against a gateway gone mad: it does not look at priorities. It counts what is worked
        # on, too, and the self-test makes a few wait.
        "max-num-queued-reqs": 2 * numbers.seats + BESIDE,
        "structured-outputs-config": json.dumps({"backend": "guidance"}),
        "logprobs-mode": "processed_logprobs",
        "enable-force-include-usage": True,
        "enable-prompt-tokens-details": True,
        "enable-request-id-headers": True,
    }
    if gpus > 1:
        options["tensor-parallel-size"] = int(gpus)
    if numbers.otlp_endpoint:
        options["otlp-traces-endpoint"] = f"{numbers.otlp_endpoint.rstrip('/')}/v1/traces"
    options |= {name.replace("_", "-"): value for name, value in (numbers.extra or {}).items()}
    return [part for name, value in options.items() for part in _flag(name, value)]


def _flag(name: str, value: Option) -> Sequence[str]:
    """A switch is there or not; everything else has a value."""
    if isinstance(value, bool):
        return (f"--{name}",) if value else ()
    return (f"--{name}", str(value))
