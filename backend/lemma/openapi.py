"""`python -m lemma.openapi > docs/openapi.json`: what the API is, for people and for client generators."""

import sys
from pathlib import Path

from pydantic import SecretStr

from lemma.http.openapi import text_of
from lemma.main import create_app
from lemma.settings import Settings


def document() -> str:
    """The text of `docs/openapi.json`. Connects to nothing."""
    settings = Settings(
        database_url=SecretStr("postgresql://nowhere.invalid/lemma"),
        data_dir=Path(".lemma"),
        host="127.0.0.1",
    )
    return text_of(create_app(settings))


if __name__ == "__main__":
    sys.stdout.write(document())
