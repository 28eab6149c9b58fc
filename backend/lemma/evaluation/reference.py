"""The sums of the outside scorer, leaf by leaf: the figure that others can check.

A port of the reference scorer that comes with the labelled sets. It counts every leaf that is labelled,
also those that a task has no field for, and keeps values without a label apart.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lemma.evaluation.leaves import IGNORED, leaves
from lemma.evaluation.same import same


def tally(expected: Mapping[str, Any], predicted: Mapping[str, Any], meta: Mapping[str, Any]) -> Counter[str]:
    """`tp`, `fp`, `fn` and `invented` of one document. `predicted` is shaped like `expected`."""
    counts: Counter[str] = Counter()
    gold, given = dict(leaves(expected)), dict(leaves(predicted))
    unlabelled_lines = meta.get("lines_labelled") is False
    for path, value in gold.items():
        other = given.get(path)
        if isinstance(value, list):
            if not (path.endswith("lines") and unlabelled_lines):
                counts.update(_pair(value, other if isinstance(other, list) else []))
            continue
        right = same(value, other, path)
        counts.update(tp=int(right), fp=int(other is not None and not right), fn=int(not right))
    counts["invented"] += sum(
        path not in gold
        and value not in (None, "", [], {})
        and not (path.endswith("lines") and unlabelled_lines)
        for path, value in given.items()
    )
    return counts


def f1(counts: Mapping[str, int]) -> float:
    """The harmonic mean of precision and recall, without the values that have no label."""
    tp, fp, fn = counts.get("tp", 0), counts.get("fp", 0), counts.get("fn", 0)
    return 2 * tp / max(1, 2 * tp + fp + fn)


def _pair(gold: Sequence[Any], given: Sequence[Any]) -> Counter[str]:
    counts: Counter[str] = Counter()
    used: set[int] = set()
    for wanted in gold:
        best = _best(wanted, given, used)
        if best is not None:
            used.add(best)
        counts.update(_leaves_of(wanted, None if best is None else given[best]))
    for number, row in enumerate(given):
        if number not in used:
            counts["fp"] += (
                sum(1 for key, value in row.items() if key not in IGNORED and value is not None)
                if isinstance(row, Mapping)
                else 1
            )
    return counts


def _best(wanted: Any, given: Sequence[Any], used: set[int]) -> int | None:
    best: tuple[int, int] | None = None
    for number, other in enumerate(given):
        if number in used:
            continue
        if isinstance(wanted, Mapping) and isinstance(other, Mapping):
            score = sum(same(wanted[key], other.get(key), key) for key in _keys(wanted))
        else:
            score = int(same(wanted, other, "name"))
        if score and (best is None or score > best[0]):
            best = score, number
    return None if best is None else best[1]


def _leaves_of(wanted: Any, other: Any) -> Counter[str]:
    if not isinstance(wanted, Mapping):
        return Counter(tp=int(other is not None), fn=int(other is None))
    keys = _keys(wanted)
    if other is None:
        return Counter(fn=len(keys))
    right = sum(same(wanted[key], other.get(key), key) for key in keys)
    wrong = sum(other.get(key) is not None and not same(wanted[key], other.get(key), key) for key in keys)
    return Counter(tp=right, fn=len(keys) - right, fp=wrong)


def _keys(row: Mapping[str, Any]) -> list[str]:
    return [key for key, value in row.items() if key not in IGNORED and not isinstance(value, list | dict)]
