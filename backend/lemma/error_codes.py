"""`python -m lemma.error_codes > docs/guides/errors.md`: every error that a caller may see, from the code."""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator

import lemma
from lemma.core.errors import LemmaError

HEAD = """\
# Errors

Every error is `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)); the
command line prints its sentence, and `lemma extract --format json` the whole object:

```json
{
  "type": "urn:lemma:error:file_encrypted",
  "title": "The file is protected by a password",
  "status": 422,
  "code": "file_encrypted",
  "detail": "The file is protected by a password. Save it without one and send it again.",
  "request_id": "0199c0de-7a51-7bcd-8f00-5f2d4b1f0a11"
}
```

Programs should look at `code`, which does not change; people should read `detail`, which says what to
do. Name the `request_id` (or the run's id) when you ask us. With 429 and 503, wait as long as
`Retry-After` says and try again: a request with an `Idempotency-Key` has one effect however often it is
sent.

This page is written by `make generate` from the code.

| code | status | what it means |
|---|---|---|
"""


def page() -> str:
    """The text of `docs/guides/errors.md`."""
    rows = sorted({(error.code, error.status, error.title) for error in _errors()})
    return HEAD + "".join(f"| `{code}` | {status} | {title} |\n" for code, status, title in rows)


def _errors() -> Iterator[type[LemmaError]]:
    """The base and all that inherit from it, from every module of the package."""
    for module in pkgutil.walk_packages(lemma.__path__, "lemma."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    waiting: list[type[LemmaError]] = [LemmaError]
    while waiting:
        error = waiting.pop()
        waiting.extend(error.__subclasses__())
        if inspect.getmodule(error) is not None and error.__module__.startswith("lemma."):
            yield error


if __name__ == "__main__":
    sys.stdout.write(page())
