"""A report: JSON for programs, Markdown for people. Only figures, never a word of the documents."""

from collections.abc import Mapping, Sequence
from typing import Any

from lemma.evaluation.figures import Figure
from lemma.evaluation.summary import FieldFigures, Summary

MOST_LABELS = 3
NOTES = """\
Intervals are of 95 %. Of a field's precision, recall and F1 they come from drawing the documents again \
(1,000 times), because the values of one document stand or fall together; of an accuracy with one value a \
document they are Wilson score intervals.

*right*: as labelled. *wrong*: another value than the labelled one. *missed*: labelled, not given. \
*invented*: given where the label says that the document has none; it stands in the document all the same, \
because the product can only point. *misplaced*: of the wrong and invented ones, those that are the right \
value of another field.
"""


def as_json(facts: Mapping[str, Any], summaries: Sequence[Summary]) -> dict[str, Any]:
    """The whole report. `facts` say what was read: set, part, commit, model, time."""
    return {**facts, "readers": [summary.json() for summary in summaries]}


def as_markdown(facts: Mapping[str, Any], summaries: Sequence[Summary]) -> str:
    """The report for people."""
    lines = [f"# {facts['task']}: {facts['dataset']}", ""]
    lines += [
        f"* {name.replace('_', ' ')}: {value}" for name, value in facts.items() if value not in ("", None)
    ]
    lines += ["", "## Overview", "", *_overview(summaries)]
    for summary in summaries:
        lines += ["", f"## {summary.reader}", "", *_details(summary)]
    lines += ["", "## How to read this", "", NOTES]
    return "\n".join(lines)


def _overview(summaries: Sequence[Summary]) -> list[str]:
    rows: list[list[str]] = []
    head = ["reader", "documents"]
    has_fields = any(summary.fields and not _only_choices(summary) for summary in summaries)
    if has_fields:
        head += ["field F1", "F1 without tables", "precision", "recall"]
        head += ["wrong", "missed", "invented", "misplaced", "all exact"]
    choices = list(dict.fromkeys(each.name for summary in summaries for each in summary.choices))
    for name in choices:
        head += [f"{name}: accuracy", f"{name}: macro-F1"]
    for summary in summaries:
        row = [summary.reader, str(summary.documents)]
        if has_fields:
            counts = summary.all.counts
            row += [figure(summary.all.f1), figure(summary.outside_tables.f1)]
            row += [figure(summary.all.precision), figure(summary.all.recall)]
            row += [str(counts[each]) for each in ("wrong", "missed", "invented")]
            row += [str(summary.all.misplaced), figure(summary.exact)]
        own = {each.name: each for each in summary.choices}
        for name in choices:
            row += [figure(own[name].accuracy), figure(own[name].macro_f1)] if name in own else ["-", "-"]
        rows.append(row)
    return _table(head, rows)


def _only_choices(summary: Summary) -> bool:
    names = {each.name for each in summary.choices}
    return all(field.name in names or field.name.partition(".")[0] in names for field in summary.fields)


def _details(summary: Summary) -> list[str]:
    lines: list[str] = []
    fields = [field for field in summary.fields if field.recall.n or field.precision.n]
    if fields and not _only_choices(summary):
        head = ["field", "n", "precision", "recall", "F1", "wrong", "missed", "invented", "misplaced"]
        lines += [*_table(head, [_field_row(field) for field in (*fields, summary.all)]), ""]
    for name, (printed, found, paired) in summary.rows.items():
        lines.append(f"Rows of {name}: {printed} labelled, {found} found, {paired} paired.  ")
    if summary.cited:
        rows = [
            [name, figure(precision), str(precision.n), figure(recall), str(recall.n)]
            for name, (precision, recall) in summary.cited.items()
        ]
        lines += ["", *_table(["cited", "precision", "n", "recall", "n"], rows), ""]
    lines += [
        f"Words shared by quoted and labelled {k} (token F1): {figure(v)}, n {v.n}.  "
        for k, v in summary.overlaps.items()
    ]
    lines += _choice_details(summary)
    if summary.confidence is not None:
        error, covered = summary.confidence.error, summary.confidence.covered
        lines.append(
            f"Confidence (not calibrated): expected calibration error {figure(error)} over {error.n} values; "
            f"of the surest 80 %, {figure(covered)} are right (n {covered.n}).  "
        )
    if any(summary.statuses.values()):
        statuses = sorted({status for counts in summary.statuses.values() for status in counts})
        rows = [
            [name, *(str(counts.get(s, 0)) for s in statuses)] for name, counts in summary.statuses.items()
        ]
        lines += ["", *_table(["the document", *statuses], rows), ""]
    if summary.unlabelled:
        lines.append(f"Values of fields without any label in this set's documents: {summary.unlabelled}.  ")
    if summary.outside_f1 is not None:
        lines.append(f"F1 as the outside scorer counts (all its leaves): {summary.outside_f1:.3f}.  ")
    if summary.seconds is not None:
        lines.append(f"Seconds a document (median): {summary.seconds:.1f}.  ")
    for code, count in summary.failed.items():
        lines.append(f"Not read: {count} documents ({code}).  ")
    return lines


def _choice_details(summary: Summary) -> list[str]:
    """Each label's figures where they are few; long lists are the set's own words, and stay with it."""
    lines: list[str] = []
    for choice in summary.choices:
        if 1 < len(choice.labels) <= MOST_LABELS:
            rows = [
                [name, str(int(each["n"])), *(f"{each[key]:.3f}" for key in ("precision", "recall", "f1"))]
                for name, each in choice.labels.items()
            ]
            lines += ["", *_table([choice.name, "n", "precision", "recall", "F1"], rows), ""]
    return lines


def _field_row(field: FieldFigures) -> list[str]:
    name = f"**{field.name}**" if field.name == "all" else field.name
    figures = [figure(field.precision), figure(field.recall), figure(field.f1)]
    counts = [str(field.counts[each]) for each in ("wrong", "missed", "invented")]
    return [name, str(field.recall.n), *figures, *counts, str(field.misplaced)]


def figure(each: Figure) -> str:
    """`0.912 (0.90 to 0.92)`."""
    if each.value is None:
        return "-"
    return f"{each.value:.3f} ({each.low:.2f} to {each.high:.2f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]
