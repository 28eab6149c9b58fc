"""What is served where, from a TOML file: for each model its engine, its replicas, and how they are shared.

`docs/guides/inference-gateway.md` explains each line; `infra/inference/gateway.toml` is an example.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from lemma_inference.admission.policy import Ceilings, Mode, Policy
from lemma_inference.errors import SettingsWrong

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+$")]
EngineKind = Literal["vllm", "llamacpp", "fake"]
LauncherKind = Literal["static", "local", "ray"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReplicaEntry(_Strict):
    """A replica that somebody else started. `key_file` holds the engine's key, one line."""

    url: Url
    id: Id | None = None
    home: bool = False
    key_file: Path | None = None


class PolicyEntry(_Strict):
    """`admission.policy.Policy`, field by field. What is left out keeps its default."""

    mode: Mode = "share"
    ceiling_interactive: float = Field(0.85, gt=0.0, le=1.0)
    ceiling_batch: float = Field(0.6, gt=0.0, le=1.0)
    prefill_idle: int | None = Field(None, ge=1)
    prefill_active: int | None = Field(None, ge=1)
    flights_active: int = Field(16, ge=0)
    lend: bool = True
    quiet: float = Field(2.0, ge=0.0, le=3600.0)
    lend_prompt: int = Field(8192, ge=1)
    yanks: int = Field(3, ge=0, le=10)
    reserved: int | None = Field(None, ge=0)
    waiting: int = Field(512, ge=0)
    waiting_account: int = Field(512, ge=0)
    patience: float = Field(15.0, ge=0.0, le=600.0)

    def policy(self, batched_tokens: int) -> Policy:
        """Without figures of its own, prefill is bounded by what an engine reads in one step: one step's
        worth beside research, two without."""
        given = self.model_dump(exclude={"ceiling_interactive", "ceiling_batch"})
        return Policy(
            **given
            | {
                "ceilings": Ceilings(self.ceiling_interactive, self.ceiling_batch),
                "prefill_idle": self.prefill_idle or 2 * batched_tokens,
                "prefill_active": self.prefill_active or batched_tokens,
            }
        )


class Deployment(_Strict):
    """One model and its replicas.

    `seats` are requests at once on a replica, `kv_tokens` the tokens that its cache holds (vLLM prints it at
    start as "GPU KV cache size"), `batched_tokens` what it reads in a step (`--max-num-batched-tokens`).
    With `launcher = "static"` the replicas are listed; with `local` and `ray` `count` of them are started,
    the first `home` of them for research, each on `gpus` of the machine's. `context` shortens the model's
    own, and is needed for the fake engine, which has none. `self_test` asks each vLLM, before it gets a
    request, whether it keeps what the gateway relies on (`launchers/selftest.py`). `vllm` are options of an
    engine that is started here; which ones may be set is in `launchers/vllm_command.py`.
    """

    model: Id
    engine: EngineKind = "vllm"
    launcher: LauncherKind = "static"
    seats: int = Field(64, ge=1, le=4096)
    kv_tokens: int = Field(0, ge=0)
    batched_tokens: int = Field(2048, ge=16)
    context: int | None = Field(None, ge=256)
    replica: tuple[ReplicaEntry, ...] = ()
    count: int = Field(1, ge=1, le=256)
    home: int = Field(0, ge=0)
    gpus: float = Field(1.0, ge=0.0)
    self_test: bool = True
    vllm: dict[str, str | int | float | bool] = {}
    policy: PolicyEntry = PolicyEntry()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.launcher == "static") != bool(self.replica):
            raise ValueError("launcher = static, and no other, lists replicas ([[deployment.replica]])")
        if self.engine == "fake" and (self.context is None or self.launcher != "static"):
            raise ValueError("engine = fake needs context and launcher = static")
        if self.launcher != "static" and self.home > self.count:
            raise ValueError("home is more than count")
        names = [entry.id for entry in self.replica if entry.id]
        if len(names) != len(set(names)):
            raise ValueError("two replicas have the same id")
        return self


class _File(_Strict):
    deployment: Annotated[tuple[Deployment, ...], Field(min_length=1)]


def load_deployments(path: Path) -> tuple[Deployment, ...]:
    """The deployments of this file. Raises `SettingsWrong` with the place where the file is wrong."""
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsWrong(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"{path} is not TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsWrong(f"{path}: {where}: {first['msg']}.") from error
    models = [deployment.model for deployment in file.deployment]
    if len(models) != len(set(models)):
        raise SettingsWrong(f"{path} has a model twice. List all its replicas in one [[deployment]].")
    return file.deployment
