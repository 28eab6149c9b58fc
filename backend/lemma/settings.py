"""The settings of web and worker: the only reader of the environment. Frozen, grouped, passed down."""

import logging
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from lemma.core.errors import InvalidInput


class Limits(BaseModel):
    """What one request may bring, and how long it may take."""

    model_config = ConfigDict(frozen=True)

    file_bytes: PositiveInt = 50 * 1024 * 1024
    """The largest file, in bytes."""
    files: PositiveInt = 100
    """The most files of one upload."""
    upload_bytes: PositiveInt = 500 * 1024 * 1024
    """The largest upload, all files together, in bytes."""
    material_bytes: PositiveInt = 20 * 1024 * 1024
    """The largest change of a task's material, or upload of passages, in bytes."""
    json_bytes: PositiveInt = 1024 * 1024
    """The largest body of any other request, in bytes."""
    streams: PositiveInt = 200
    """The most event streams that one web process keeps open."""


class Settings(BaseSettings):
    """What an operator decides. Every name here stands in `.env.example` with its default.

    Raises `pydantic.ValidationError` with a sentence for each setting that cannot be used.
    """

    model_config = SettingsConfigDict(
        env_prefix="LEMMA_",
        env_nested_delimiter="__",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    """The server for web (role `lemma_app`). Without it the app runs its own PostgreSQL in `data_dir`."""
    database_jobs_url: SecretStr | None = None
    """The same database as role `lemma_jobs`, for the worker."""
    database_owner_url: SecretStr | None = None
    """The same database as role `lemma_owner`, for migrations only."""
    database_pool: PositiveInt = 8
    """The most connections of one process."""

    data_dir: Path = Path(".lemma")
    """Where files, and the embedded database, are kept."""
    frontend_dir: Path = Path("frontend/dist")
    """The built web app; without it the API answers alone."""

    inference_url: str = "http://127.0.0.1:8001"
    """The inference gateway, which speaks the OpenAI protocol."""
    inference_key: SecretStr | None = None
    """The product's key there. One with `admin = true` also reads what was used."""
    model: str = "starter"
    """The model that reads, by its id at the gateway."""

    worker_jobs: PositiveInt = 2
    """The most jobs that one worker process has at a time; a job covers up to 16 runs."""
    worker_runs: PositiveInt = 8
    """The most runs that one worker process has in work at a time."""

    host: str = "127.0.0.1"
    """The address that web listens on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The port that web listens on."""
    access: Literal["local"] = "local"
    """Who may call: `local` means this machine alone, as the one organisation "Local"."""
    drain_seconds: PositiveInt = 25
    """How long open requests may take to finish after a stop was asked for."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""

    limits: Limits = Limits()

    @model_validator(mode="after")
    def _local_means_loopback(self) -> Self:
        if self.access == "local" and not is_loopback(self.host):
            raise ValueError(
                f"LEMMA_HOST={self.host} can be reached from other machines, but LEMMA_ACCESS=local lets in "
                "whoever can reach it. Set LEMMA_HOST=127.0.0.1."
            )
        return self

    @property
    def files_dir(self) -> Path:
        """Where the storage gateway keeps documents."""
        return self.data_dir / "files"


class SettingsUnusable(InvalidInput):
    """The environment or `.env` holds a setting that cannot be used."""

    code = "settings_unusable"
    title = "The settings cannot be used"


def read_settings(**given: Any) -> Settings:
    """The settings of this process; what the command line gave goes before the environment.

    Raises SettingsUnusable with a line for each that is wrong, which never repeats a value of the
    environment: it may be a secret.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        lines = (f"{'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg']}" for each in wrong)
        raise SettingsUnusable("\n".join(lines)) from None


def configure_log(settings: Settings) -> None:
    """Log to stderr what is at least as grave as the settings say."""
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s %(message)s")
    if settings.log_level != "debug":
        for chatty in ("procrastinate", "httpx", "alembic"):  # They tell of every job, request and step.
            logging.getLogger(chatty).setLevel(logging.WARNING)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
