"""Words of which messages, contracts and meetings are put together, by subject and language.

They stand in `words/*.toml`, as people write them, for people to read and to correct.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"


@cache
def words(subject: str, language: str) -> dict[str, Any]:
    """The words of a subject in a language. Raises FileNotFoundError where nobody has written them."""
    return tomllib.loads((FOLDER / f"{subject}.{language}.toml").read_text(encoding="utf-8"))
