"""What the service must know of a model's tokenizer, read from its pinned tokenizer.json."""

import json
import re
from pathlib import Path

ZERO_WIDTH_SPACE = "\u200b"


def special_tokens(path: Path) -> tuple[str, ...]:
    """The texts that stand for control tokens, such as the one that begins a turn."""
    added = json.loads(path.read_text(encoding="utf-8")).get("added_tokens", ())
    return tuple(token["content"] for token in added if token["special"] and len(token["content"]) > 1)


class Defuser:
    """Keeps what a document says from being taken for what the chat template says.

    Engines read control tokens wherever their text stands in the prompt, so a document that holds
    `<|assistant|>` could forge a turn. A zero-width space after its first character makes it mere text; a
    reader, and a model, sees the same.
    """

    def __init__(self, specials: tuple[str, ...]) -> None:
        longest_first = sorted(specials, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if specials else None

    def __call__(self, text: str) -> str:
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: found[0][0] + ZERO_WIDTH_SPACE + found[0][1:], text)
