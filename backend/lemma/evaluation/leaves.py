"""Labels and answers as leaves: `seller.name`, `total`, and tables under their own path.

The judgement of one document: each leaf that the set labels beside what was given for it. Tables are paired
row by row by what they hold, not by position.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemma.evaluation.compare import Judged, RowCount, Verdict
from lemma.evaluation.same import same

# Parts of labels that nobody scores leaf by leaf: prose, spans, and what differs between sets.
IGNORED = frozenset(
    {"vat_breakdown", "summary", "minutes", "qa", "topics", "action_items_silver", "evidence_lines", "unit"}
)


@dataclass(frozen=True, slots=True)
class Given:
    """A value in the set's terms, and the cell that it was made from."""

    value: Any
    cell: Mapping[str, Any] | None = None


GivenRow = Mapping[str, Given]
Predicted = Mapping[str, Given | Sequence[Given] | Sequence[GivenRow]]
"""What was given, by the path of its leaf. A table is a list of rows, a list of names a list of values."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What the labels of a set mean.

    `asked` are the leaves that the task has a field for (a table's as `lines.quantity`). `absence` is
    whether a missing label says that the document does not hold the value. In `presence` leaves, a false
    label says that there is no such clause: giving nothing is right there.
    """

    asked: frozenset[str]
    absence: bool = False
    presence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """One document: its judged leaves, the rows of its tables, and wrong values that belong elsewhere."""

    id: str
    judged: tuple[Judged, ...]
    rows: tuple[RowCount, ...] = ()
    misplaced: Mapping[str, int] = field(default_factory=dict)
    unlabelled: int = 0

    @property
    def exact(self) -> bool:
        return all(each.verdict in {"right", "absent"} for each in self.judged)


def leaves(expected: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf with its path; a list is one leaf."""
    for key, value in expected.items():
        if key in IGNORED:
            continue
        path = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}.")
        elif value is not None:
            yield path, value


def judge(record_id: str, expected: Mapping[str, Any], predicted: Predicted, habits: Habits) -> Judgement:
    """Judges every leaf that the set labels and the task asks."""
    gold = dict(leaves(expected))
    judged: list[Judged] = []
    rows: list[RowCount] = []
    unlabelled = 0
    scalars = {path: value for path, value in gold.items() if not isinstance(value, list)}
    for path in sorted(habits.asked):
        given = predicted.get(path)
        if path in scalars or (path not in gold and not _is_table(path, gold, habits)):
            one = given if isinstance(given, Given) else None
            if path in scalars:
                judged.append(_one(path, scalars[path], one, habits))
            elif habits.absence:
                judged.append(_one(path, None, one, habits))
            else:
                unlabelled += one is not None and one.value is not None
    for path, value in gold.items():
        if isinstance(value, list) and _asked_table(path, habits):
            found = _as_rows(predicted.get(path))
            judged_rows, count = _table(path, value, found, habits)
            judged.extend(judged_rows)
            rows.append(count)
    return Judgement(record_id, tuple(judged), tuple(rows), misplaced(judged, scalars), unlabelled)


def misplaced(judged: Sequence[Judged], gold: Mapping[str, Any]) -> dict[str, int]:
    """How many wrong or invented values of each field are right ones of another field of the document."""
    found: dict[str, int] = {}
    for each in judged:
        if each.verdict in {"wrong", "invented"} and any(
            path != each.field and same(value, each.given, _name(path))
            for path, value in gold.items()
            if not isinstance(value, bool)
        ):
            found[each.field] = found.get(each.field, 0) + 1
    return found


def _one(path: str, gold: Any, given: Given | None, habits: Habits) -> Judged:
    value = None if given is None else given.value
    wanted = gold
    if path.startswith(habits.presence) if habits.presence else False:
        wanted, value = (gold or None), (value or None)
    verdict: Verdict
    if wanted is None:
        verdict = "absent" if value is None else "invented"
    elif value is None:
        verdict = "missed"
    else:
        verdict = "right" if same(wanted, value, _name(path)) else "wrong"
    cell = None if given is None else given.cell
    return Judged(path, verdict, _text(wanted), _text(value), _status(cell), confidence(cell))


def confidence(cell: Mapping[str, Any] | None) -> float | None:
    """The probability of a value: of its label where it was learned from examples, else of the least
    likely token of its pointer. Not calibrated."""
    signals = (cell or {}).get("signals") or {}
    if "probability" in signals:
        return float(signals["probability"])
    least = signals.get("logprob_min", signals.get("logprob"))
    return None if least is None else float(2.718281828459045 ** min(0.0, float(least)))


def _table(
    path: str, wanted: Sequence[Any], found: Sequence[GivenRow], habits: Habits
) -> tuple[list[Judged], RowCount]:
    """Pairs rows greedily by how many leaves agree, in the labels' order, as the outside scorer does."""
    gold_rows = [row if isinstance(row, Mapping) else {"": row} for row in wanted]
    used: set[int] = set()
    judged: list[Judged] = []
    for gold in gold_rows:
        columns = [
            key
            for key, value in gold.items()
            if key not in IGNORED and not isinstance(value, list | dict) and _has_column(path, key, habits)
        ]
        best = _best(path, gold, columns, found, used)
        if best is not None:
            used.add(best)
        for key in columns:
            given = found[best].get(key) if best is not None else None
            judged.append(_one(_column(path, key), gold[key], given, habits))
    for number, row in enumerate(found):
        if number not in used:
            judged.extend(
                _one(_column(path, key), None, given, habits)
                for key, given in row.items()
                if key not in IGNORED and given.value is not None
            )
    return judged, RowCount(path, len(gold_rows), len(found), len(used))


def _best(
    path: str, gold: Mapping[str, Any], columns: Sequence[str], found: Sequence[GivenRow], used: set[int]
) -> int | None:
    best: tuple[int, int] | None = None
    for number, row in enumerate(found):
        if number in used:
            continue
        agreeing = sum(
            same(gold[key], row[key].value, _name(_column(path, key))) for key in columns if key in row
        )
        if agreeing and (best is None or agreeing > best[0]):
            best = agreeing, number
    return None if best is None else best[1]


def _name(path: str) -> str:
    """How forgiving a comparison is: the last part of a path decides; a list of parties is one of names."""
    last = path.rsplit(".", 1)[-1]
    return "name" if last == "parties" else last


def _as_rows(given: Given | Sequence[Given] | Sequence[GivenRow] | None) -> list[GivenRow]:
    if given is None or isinstance(given, Given):
        return []
    return [{"": each} if isinstance(each, Given) else each for each in given]


def _column(path: str, key: str) -> str:
    return f"{path}.{key}" if key else path


def _has_column(path: str, key: str, habits: Habits) -> bool:
    return _column(path, key) in habits.asked


def _asked_table(path: str, habits: Habits) -> bool:
    return any(asked == path or asked.startswith(f"{path}.") for asked in habits.asked)


def _is_table(path: str, gold: Mapping[str, Any], habits: Habits) -> bool:
    """Whether an asked leaf is a column: its table is judged as a whole."""
    table = path.rpartition(".")[0]
    return table in TABLES or (bool(table) and isinstance(gold.get(table), list)) or path in TABLES


TABLES = frozenset({"lines", "parties", "intents"})
"""Leaves that are lists in the known sets; a document without the label has no such table to judge."""


def _status(cell: Mapping[str, Any] | None) -> str | None:
    return None if cell is None else str(cell.get("status"))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
