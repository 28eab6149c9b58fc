"""The task schema: what a business task asks of a document, as a TOML file that a person can read."""

from lemma.reading.schema.load import load_task, parse_task
from lemma.reading.schema.model import (
    KINDS,
    POINTER_KINDS,
    Example,
    Field,
    Kind,
    Option,
    Rule,
    SchemaError,
    SchemaIssue,
    Task,
)

__all__ = [
    "KINDS",
    "POINTER_KINDS",
    "Example",
    "Field",
    "Kind",
    "Option",
    "Rule",
    "SchemaError",
    "SchemaIssue",
    "Task",
    "load_task",
    "parse_task",
]
