"""The cell: one evidence-carrying value of a run. The same in the database, the API and the exports."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lemma.reading.source import Box

Value = str | Decimal | date | bool | None


class Status(StrEnum):
    """How a cell came by its value.

    FOUND: the words stand at its evidence. DERIVED: computed by code, or a label of a closed list that
    rests on no particular words. ABSENT: the document does not hold it. UNREADABLE: it is there, and
    cannot be read as a value of its kind. CONFLICTING: the document gives more than one reading.
    """

    FOUND = "found"
    DERIVED = "derived"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    CONFLICTING = "conflicting"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A run of words of one line: `source.line(line).text[start:end]`, in code points."""

    page: int
    line: int
    start: int
    end: int
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One value with its proof.

    `path` is `number` or `lines[2].amount` (rows count from 0). `raw` is the words of all evidence,
    joined by one space, exactly as they stand; None where there is no evidence. `value` is typed:
    Decimal for amounts and numbers, date for dates, bool for flags, else str.
    `signals` are named numbers and labels that later become a probability, such as `logprob`,
    `logprob_margin`, `ocr_confidence`, `match`.
    `reason` says in a sentence why the cell is unreadable, conflicting or derived.
    """

    path: str
    value: Value
    raw: str | None
    status: Status
    evidence: tuple[Evidence, ...] = ()
    signals: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a rule said. `passed` is None where it could not be applied (a value it needs is missing).

    `detail` is a sentence with the exact arithmetic; `paths` are the cells that it concerns. The rules of a
    task are known by their code; those of a customer's playbook bring their `label`, their `severity`
    (high, medium or low) and the `advice` that the customer wrote for whoever looks.
    """

    code: str
    passed: bool | None
    detail: str
    paths: tuple[str, ...] = ()
    label: str | None = None
    severity: str | None = None
    advice: str | None = None
