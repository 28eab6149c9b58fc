"""`models.toml` as data. A file that cannot be read says where and why; nothing is guessed.

Only the shape is checked here: what a card *says* is judged in `policy`, what its files *are* in `files`, so
that one bad card names every rule that it breaks and stops no other.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints, ValidationError

from lemma_inference.errors import ModelRefused

Sha256 = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Margin = Annotated[float, Field(ge=0, le=100)]
Role = Literal["gguf", "safetensors", "adapter", "tokenizer", "config"]
Kind = Literal["chat", "embedding"]
Engine = Literal["llamacpp", "vllm"]

# The files that hold numbers, by role, and the engine that reads them.
WEIGHTS: dict[Role, Engine] = {"gguf": "llamacpp", "safetensors": "vllm", "adapter": "vllm"}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Strict):
    """A pinned file. `path` is relative to the model's folder: that of `models.toml` for our own weights,
    `<models folder>/<id>/<revision>/` for fetched ones, where it is the path in the repository too.

    `bytes` is its size; 0 where only the disk knows. `repository` and `revision` name another origin than
    the card's, such as a tokenizer that a repository of GGUF files leaves out. An empty `sha256` is a file
    that is known and not pinned yet.
    """

    path: str
    role: Role
    sha256: Sha256 = ""
    bytes: int = Field(default=0, ge=0)
    repository: str = ""
    revision: str = ""


class Score(_Strict):
    """A published result, in percent. `source` is where it can be read: an address, or a file of ours."""

    benchmark: str
    value: float = Field(ge=0, le=100)
    source: str


class Frontier(Score):
    """The best result that a closed model has published, and when."""

    model: str
    date: date
    kind: Kind = "chat"


class Policy(_Strict):
    """The numbers of the policy. Margins are in points of percent, below the frontier."""

    margin: Margin = 5.0
    margins: dict[str, Margin] = {}
    # A frontier that is older is told as a warning.
    frontier_days: int = Field(default=400, gt=0)
    # Fewer parameters than this are below any frontier; a shared benchmark is not asked for.
    small_parameters: int = Field(default=50_000_000, ge=0)
    # Fewer than this know nothing: random weights of tests. No scores, data or dates are asked for.
    toy_parameters: int = Field(default=1_000_000, ge=0)
    # How many tokens of attention cache `memory` must hold beside the weights.
    kv_tokens: int = Field(default=32_768, gt=0)
    # How far the stated parameters may be from those counted in the files, as a part of one.
    parameter_tolerance: float = Field(default=0.02, ge=0, le=0.5)


class _Home:
    """The registry that a card stands in. It is no part of what the card says, so all homes are equal."""

    def __init__(self, registry: "Registry") -> None:
        self.registry = registry

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Home)

    def __hash__(self) -> int:
        return 0


class ModelCard(_Strict):
    """A model, and all that the policy asks about it.

    `revision` is the 40-digit commit of `repository`; empty for weights that live in this repository.
    `context` is in tokens, prompt and answer together. `style` is the prompt style it was made for.
    `window` is how many tokens of a document's lines it reads best at once; 0 is as many as fit.
    `memory` is the bytes needed to serve it (see `policy.memory_needed`). `vllm` are options of `vllm serve`.
    `base` is the id of the model that ours was tuned from, `data` what it was trained on. `known` says why
    a model stands here without being approved. `dummy` is a configuration without weights, for timing.
    """

    id: Id
    title: str
    kind: Kind = "chat"
    repository: str
    revision: str = ""
    licence: str
    parameters: int = Field(gt=0)
    context: int = Field(ge=256)
    window: int = Field(default=0, ge=0)
    style: Literal["compact", "full"]
    dtype: str = ""
    memory: int = Field(default=0, ge=0)
    kv_bytes_per_token: int = Field(default=0, ge=0)
    released: date | None = None
    engines: tuple[Engine, ...] = ()
    vllm: dict[str, str | int] = {}
    base: str = ""
    data: str = ""
    known: str = ""
    dummy: bool = False
    pinned_from: str = ""
    scores: tuple[Score, ...] = ()
    files: tuple[File, ...] = Field(min_length=1)

    _home: _Home | None = PrivateAttr(default=None)

    def file(self, role: Role) -> File | None:
        """The first file with this role."""
        return next((file for file in self.files if file.role == role), None)

    @property
    def own(self) -> bool:
        """Whether the weights are ours and lie beside `models.toml`."""
        return not self.revision

    @property
    def adapter(self) -> bool:
        """Whether the weights are a LoRA adapter, which is nothing without its base."""
        return self.file("adapter") is not None

    @property
    def registry(self) -> "Registry":
        """The registry that the card stands in: its policy, its frontier, and the bases of adapters."""
        return self._home.registry if self._home else Registry(model=(self,))

    def within(self, registry: "Registry") -> Self:
        """This card as one of `registry`."""
        self._home = _Home(registry)
        return self


class Registry(_Strict):
    """`models.toml` as a whole."""

    policy: Policy = Policy()
    frontier: tuple[Frontier, ...] = ()
    model: tuple[ModelCard, ...] = ()

    @property
    def cards(self) -> Mapping[str, ModelCard]:
        return {card.id: card for card in self.model}


def load_registry(path: Path) -> Registry:
    """Raises `ModelRefused` where the file is missing or says nonsense."""
    try:
        registry = Registry.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelRefused(f"{path} cannot be read: {error.strerror}.", rule="registry") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelRefused(f"{path}: {error}.", rule="registry") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelRefused(f"{path}: {where}: {first['msg']}.", rule="registry") from error
    seen: set[str] = set()
    for card in registry.model:
        # Folders are named by id, and some file systems do not tell A from a.
        if card.id.lower() in seen:
            raise ModelRefused(f"{path} names the model {card.id!r} twice.", rule="registry")
        seen.add(card.id.lower())
        card.within(registry)
    return registry


def load_cards(path: Path) -> dict[str, ModelCard]:
    """The models by id, known ones among them: `require` refuses those. Raises `ModelRefused`."""
    return dict(load_registry(path).cards)
