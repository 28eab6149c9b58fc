"""What can go wrong with material."""

from typing import Any

from lemma.core.errors import InvalidInput, NotFound
from lemma.reading.material import MaterialError
from lemma.reading.schema import SchemaIssue
from lemma.tasks import TaskNotFound

__all__ = ["MaterialRefused", "PassagesNotFound", "TaskNotFound", "TooMuchMaterial"]


class MaterialRefused(InvalidInput):
    """A change that cannot be used. `issues` name the `line` of the playbook, or the `field` of the lists."""

    code = MaterialError.code
    title = MaterialError.title

    def __init__(self, error: MaterialError) -> None:
        first = error.issues[0]
        where = f"line {first.line} of {error.file}, " if error.file.endswith(".toml") else ""
        more = f" And {len(error.issues) - 1} more." if len(error.issues) > 1 else ""
        super().__init__(
            f"Nothing was changed. Correct {where}{first.field}: {first.message.rstrip('.')}.{more}",
            file=error.file,
            issues=[_json(issue) for issue in error.issues],
        )


def _json(issue: SchemaIssue) -> dict[str, Any]:
    """An issue as JSON."""
    return {"line": issue.line, "field": issue.field, "message": issue.message}


class PassagesNotFound(NotFound):
    """The organisation has no file of passages with this id for this task."""

    code = "passages_not_found"
    title = "There is no such file of passages"


class TooMuchMaterial(InvalidInput):
    """More than a task keeps of one organisation. `limit` says how much it keeps."""

    code = "too_much_material"
    title = "That is more material than a task keeps"
