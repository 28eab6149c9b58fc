"""Everything that can be set from outside, read once, by the composition root.

Names in the environment begin with `LEMMA_INFERENCE_`, for example `LEMMA_INFERENCE_PORT=8001`, and stand
in `.env.example`; a file `.env` is read too, and the environment wins over it.
"""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MODELS_FILE = Path(__file__).resolve().parents[1] / "models.toml"


# Which graphics cards a process may use.
CARDS = "CUDA_VISIBLE_DEVICES"
# What an engine gets of the operator's environment: where programs, libraries and graphics cards are.
FOR_ENGINES = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", CARDS, "CUDA_HOME")


def engine_environment() -> dict[str, str]:
    """The part of this process's environment that its engines get."""
    return {name: os.environ[name] for name in FOR_ENGINES if name in os.environ}


def usable_cores() -> int:
    """The cores that this process may run on, which in a container is fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ModelSettings(BaseSettings):
    """Where the registry and the models' files are, and where the files come from. Commands about models
    need no more than this, so a mistake in how the service listens does not stop them."""

    model_config = SettingsConfigDict(
        env_prefix="LEMMA_INFERENCE_",
        env_file=".env",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    models_file: Path = MODELS_FILE
    # Fetched models lie in `<models_folder>/<id>/<revision>/`.
    models_folder: Path = Path(".lemma/models")
    hub_url: str = "https://huggingface.co"
    # Only for models that ask for it. The hub's own name for it is read too.
    hub_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("LEMMA_INFERENCE_HUB_TOKEN", "HF_TOKEN")
    )


class Settings(ModelSettings):
    """How to serve one model."""

    # Where to listen. Another address than loopback needs `api_key`.
    host: str = "127.0.0.1"
    port: int = Field(8001, ge=0, le=65_535)
    api_key: SecretStr | None = None
    max_body_bytes: int = Field(16 * 1024 * 1024, gt=0)

    # What to serve, by which engine.
    engine: Literal["embedded", "vllm", "fake"] = "embedded"
    model: str = "starter"

    # The embedded engine. `slots` are requests at once; more slots than half the cores gain nothing.
    slots: int = Field(default_factory=lambda: max(2, usable_cores() // 2), ge=1, le=64)
    threads: int = Field(default_factory=usable_cores, ge=1)

    # vLLM, or any engine that speaks its dialect, which somebody else started.
    upstream_url: str | None = None
    upstream_key: SecretStr | None = None
    upstream_slots: int = Field(64, ge=1)

    # Requests that may wait for a seat. Research waits in a queue of its own, without this bound.
    waiting: int = Field(512, ge=0)

    # Several models and replicas, and several tenants: files, which docs/guides/inference-gateway.md
    # explains. With `gateway_file` the engine, model and upstream above are not used.
    gateway_file: Path | None = None
    keys_file: Path | None = None

    # The Python that has vLLM, for engines that this starts; its own where it is not set.
    vllm_python: str | None = None

    # Where usage is written down. Without it, it is counted in memory only.
    journal_folder: Path | None = None
    # Keeps the prefix caches of tenants apart across restarts; made anew at each start where it is not set.
    cache_secret: SecretStr | None = None
    # The time to a first token, in seconds, beyond which a request of research counts as a breach.
    research_slo_seconds: float = Field(1.0, gt=0.0)

    # Logs, on stderr: lines for people, or one JSON object a line. Neither has content.
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    # A collector that takes traces by OTLP over HTTP, and the part of requests that is traced where their
    # client has not decided. Needs the extra `otel`.
    otlp_endpoint: str | None = None
    trace_part: float = Field(1.0, ge=0.0, le=1.0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.engine == "vllm" and not self.upstream_url:
            raise ValueError("engine = vllm needs upstream_url, the address of the running engine")
        if not self.api_key and not self.keys_file and not _is_loopback(self.host):
            raise ValueError(f"host = {self.host} can be reached by others: set api_key or keys_file")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
