"""`models.toml` as data. A file that cannot be read says where and why; nothing is guessed."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lemma_inference.errors import ModelRefused

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Role = Literal["gguf", "safetensors", "tokenizer", "config"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Strict):
    """A pinned file. `path` is relative to the folder of `models.toml`."""

    path: str
    sha256: Sha256
    role: Role


class ModelCard(_Strict):
    """An approved model.

    `revision` is the 40-digit commit of `repository`; empty for weights that live in this repository.
    `context` is in tokens, prompt and answer together. `style` is the prompt style it was made for.
    `window` is how many tokens of a document's lines it reads best at once; 0 is as many as fit.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    title: str
    repository: str
    revision: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40})?$")] = ""
    licence: str
    parameters: int = Field(gt=0)
    context: int = Field(ge=256)
    window: int = Field(default=0, ge=0)
    style: Literal["compact", "full"]
    files: tuple[File, ...] = Field(min_length=1)

    def file(self, role: Role) -> File | None:
        """The first file with this role."""
        return next((file for file in self.files if file.role == role), None)


class _Models(_Strict):
    model: tuple[ModelCard, ...] = ()


def load_cards(path: Path) -> dict[str, ModelCard]:
    """The approved models by id. Raises `ModelRefused` where the file is missing or says nonsense."""
    try:
        models = _Models.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelRefused(f"{path} cannot be read: {error.strerror}.", rule="registry") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelRefused(f"{path}: {error}.", rule="registry") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelRefused(f"{path}: {where}: {first['msg']}.", rule="registry") from error
    cards: dict[str, ModelCard] = {}
    for card in models.model:
        if card.id in cards:
            raise ModelRefused(f"{path} names the model {card.id!r} twice.", rule="registry")
        cards[card.id] = card
    return cards
