"""Words of which messages, contracts and meetings are put together, by subject and language.

They stand in `words/*.toml`, as people write them, for people to read and to correct.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"


@cache
def words(subject: str, language: str = "") -> dict[str, Any]:
    """The words of a subject, in a language where they differ by it. Raises FileNotFoundError where nobody
    has written them."""
    name = f"{subject}.{language}.toml" if language else f"{subject}.toml"
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
