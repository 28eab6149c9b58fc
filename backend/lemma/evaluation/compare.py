"""One document: the cells that came out beside the values that were expected.

Cells come in the JSON form that the command line, the API and the database share, so that the output of
any run can be scored without the product. Rows are paired in their order by what they hold, so that one
row too many does not make all the following ones wrong.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from lemma.reading.schema import Field, Task

Verdict = Literal["right", "wrong", "missed", "invented", "absent"]
GIVEN = frozenset({"found", "derived"})
CENT = Decimal("0.005")

_PATH = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


@dataclass(frozen=True, slots=True)
class Judged:
    """One cell that was expected, given, or both.

    `field` is `total` or `lines.amount`. `verdict`: `missed` where nothing was given for what stands in
    the document, `invented` where something was given for what does not, `absent` where both say so.
    `probability` is the engine's own for the value, where the cell has it.
    """

    field: str
    verdict: Verdict
    expected: str | None
    given: str | None
    status: str | None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class RowCount:
    """The rows of one table: printed in the document, found by the reading, paired with each other."""

    field: str
    printed: int
    found: int
    paired: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One document: a judgement for each cell, and how many rows each table has."""

    name: str
    judged: tuple[Judged, ...]
    rows: tuple[RowCount, ...]

    @property
    def exact(self) -> bool:
        """Nothing is wrong, missed or invented."""
        return all(each.verdict in {"right", "absent"} for each in self.judged)


def compare(
    task: Task, name: str, cells: Iterable[Mapping[str, Any]], expected: Mapping[str, Any]
) -> Comparison:
    """Judges `cells` (JSON objects with `path`, `value`, `status`, `signals`) against `expected`
    (path to value in JSON form; what it does not name is absent from the document)."""
    by_path = {str(cell["path"]): cell for cell in cells}
    judged: list[Judged] = []
    rows: list[RowCount] = []
    for field in task.fields:
        if field.kind == "rows":
            wanted = _rows(field, expected)
            given = _rows(field, by_path)
            pairs = pair_rows(field, wanted, given)
            judged.extend(_judge_rows(field, wanted, given, pairs))
            paired = sum(left is not None and right is not None for left, right in pairs)
            rows.append(RowCount(field.name, len(wanted), sum(map(_holds, given)), paired))
        elif field.several:
            judged.extend(_judge_labels(field, expected, by_path))
        else:
            judged.append(judge(field, field.name, expected.get(field.name), by_path.get(field.name)))
    return Comparison(name, tuple(judged), tuple(rows))


def _judge_labels(
    field: Field, expected: Mapping[str, Any], cells: Mapping[str, Mapping[str, Any]]
) -> Iterable[Judged]:
    """Labels that hold together, in any order: each that is expected beside the same one, or one too many."""
    path = re.compile(rf"{field.name}\[\d+\]")
    wanted = [value for key, value in expected.items() if path.fullmatch(key)]
    given = [cell for key, cell in cells.items() if path.fullmatch(key)]
    extra = [cell for cell in given if cell.get("value") not in wanted]
    for label in wanted:
        same = next((cell for cell in given if cell.get("value") == label), None)
        other = extra.pop(0) if same is None and extra else same
        yield judge(field, field.name, label, other)
    for cell in extra:
        yield judge(field, field.name, None, cell)
    if not wanted and not given:
        yield judge(field, field.name, None, cells.get(field.name))


def judge(field: Field, path: str, expected: Any, cell: Mapping[str, Any] | None) -> Judged:
    """The verdict on one cell."""
    status = None if cell is None else str(cell.get("status"))
    given = None if cell is None or status not in GIVEN else cell.get("value")
    verdict: Verdict
    if expected is None:
        verdict = "absent" if given is None else "invented"
    elif given is None:
        verdict = "missed"
    else:
        verdict = "right" if same(field, expected, given) else "wrong"
    return Judged(path, verdict, _text(expected), _text(given), status, _probability(cell))


def same(field: Field, expected: Any, given: Any) -> bool:
    """Whether two values in JSON form are the same for a field of this kind.

    Amounts to half a cent; words without regard to case, accents, spacing and punctuation, because a
    page says them in capitals as readily as not; everything else exactly.
    """
    if field.kind in {"amount", "number"}:
        try:
            return abs(Decimal(str(expected)) - Decimal(str(given))) < CENT
        except InvalidOperation:
            return False
    if field.kind in {"quote", "identifier", "text"}:
        return plain(str(expected)) == plain(str(given))
    return _text(expected) == _text(given)


def plain(text: str) -> str:
    """The letters and digits of a text, folded."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in folded if each.isalnum())


Pairs = list[tuple[int | None, int | None]]


def pair_rows(field: Field, wanted: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]]) -> Pairs:
    """Which expected row goes with which found one, both in order, so that most cells agree.

    Rows that share nothing are never paired. Takes len(wanted) * len(given) comparisons of rows.
    """
    scores = [[_agreement(field, left, right) for right in given] for left in wanted]
    best = [[0.0] * (len(given) + 1) for _ in range(len(wanted) + 1)]
    for i in range(len(wanted) - 1, -1, -1):
        for j in range(len(given) - 1, -1, -1):
            both = scores[i][j] + best[i + 1][j + 1] if scores[i][j] > 0 else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    pairs: Pairs = []
    i = j = 0
    while i < len(wanted) and j < len(given):
        if scores[i][j] > 0 and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    pairs.extend((left, None) for left in range(i, len(wanted)))
    pairs.extend((None, right) for right in range(j, len(given)))
    return pairs


def _judge_rows(
    field: Field, wanted: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]], pairs: Pairs
) -> Iterable[Judged]:
    for left, right in pairs:
        for column in field.asked:
            path = f"{field.name}.{column.name}"
            expected = wanted[left].get(column.name) if left is not None else None
            cell = given[right].get(column.name) if right is not None else None
            if expected is not None or cell is not None:
                yield judge(column, path, expected, cell)


def _rows(field: Field, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table from paths such as `lines[2].amount`."""
    rows: dict[int, dict[str, Any]] = {}
    for path, value in values.items():
        match = _PATH.fullmatch(path)
        if match and match[1] == field.name:
            rows.setdefault(int(match[2]), {})[match[3]] = value
    return [rows[index] for index in sorted(rows)]


def _agreement(field: Field, wanted: Mapping[str, Any], given: Mapping[str, Any]) -> float:
    """How many cells of two rows agree; a shared description says more than a quantity of 1."""
    score = 0.0
    for column in field.asked:
        expected, cell = wanted.get(column.name), given.get(column.name)
        if expected is None or cell is None or judge(column, "", expected, cell).verdict != "right":
            continue
        score += 1.0 if column.kind in {"quote", "identifier"} and len(str(expected)) > 4 else 0.6
    return score


def _holds(row: Mapping[str, Any]) -> bool:
    return any(cell.get("status") in GIVEN for cell in row.values())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _probability(cell: Mapping[str, Any] | None) -> float | None:
    value = (cell or {}).get("signals", {}).get("logprob")
    return None if value is None else math.exp(min(0.0, float(value)))
