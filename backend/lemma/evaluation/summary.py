"""Adds up judgements of many documents: the figures of one reader on one set."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemma.evaluation import figures, reference
from lemma.evaluation.compare import Judged
from lemma.evaluation.figures import Figure, Reliability
from lemma.evaluation.leaves import TABLES, Judgement
from lemma.evaluation.records import Record
from lemma.evaluation.sets.base import Citations, Overlap

NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class JudgedDocument:
    """One document with all that was found out about it."""

    record: Record
    judgement: Judgement
    citations: tuple[Citations | Overlap, ...] = ()
    outside: Mapping[str, int] = field(default_factory=dict)
    seconds: float | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """One leaf, or all of them."""

    name: str
    counts: Mapping[str, int]
    precision: Figure
    recall: Figure
    f1: Figure
    misplaced: int

    def json(self) -> dict[str, Any]:
        return {
            **dict(self.counts),
            "misplaced": self.misplaced,
            "precision": self.precision.json(),
            "recall": self.recall.json(),
            "f1": self.f1.json(),
        }


@dataclass(frozen=True, slots=True)
class ChoiceFigures:
    """A closed list."""

    name: str
    accuracy: Figure
    macro_f1: Figure
    labels: Mapping[str, Mapping[str, float]]

    def json(self) -> dict[str, Any]:
        return {
            "accuracy": self.accuracy.json(),
            "macro_f1": self.macro_f1.json(),
            "labels": {name: dict(each) for name, each in self.labels.items()}
            if len(self.labels) < 4
            else {},
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """What a set says about a reader."""

    reader: str
    documents: int
    failed: Mapping[str, int]
    exact: Figure
    all: FieldFigures
    outside_tables: FieldFigures
    fields: tuple[FieldFigures, ...]
    choices: tuple[ChoiceFigures, ...]
    rows: Mapping[str, tuple[int, int, int]]
    cited: Mapping[str, tuple[Figure, Figure]]
    overlaps: Mapping[str, Figure]
    statuses: Mapping[str, Mapping[str, int]]
    confidence: Reliability | None
    outside_f1: float | None
    unlabelled: int
    seconds: float | None

    def json(self) -> dict[str, Any]:
        return {
            "reader": self.reader,
            "documents": self.documents,
            "failed": dict(self.failed),
            "documents_exact": self.exact.json(),
            "all": self.all.json(),
            "all_outside_of_tables": self.outside_tables.json(),
            "fields": {each.name: each.json() for each in self.fields},
            "choices": {each.name: each.json() for each in self.choices},
            "rows": {name: dict(zip(_ROWS, counts, strict=True)) for name, counts in self.rows.items()},
            "cited": {
                name: {"precision": precision.json(), "recall": recall.json()}
                for name, (precision, recall) in self.cited.items()
            },
            "quote_token_f1": {name: figure.json() for name, figure in self.overlaps.items()},
            "statuses": {name: dict(counts) for name, counts in self.statuses.items()},
            "confidence": self.confidence.json() if self.confidence else None,
            "outside_scorer_f1": None if self.outside_f1 is None else round(self.outside_f1, 4),
            "given_without_label": self.unlabelled,
            "seconds_a_document": None if self.seconds is None else round(self.seconds, 2),
        }


_ROWS = ("printed", "found", "paired")


def summarise(reader: str, judged: Sequence[JudgedDocument], choices: Sequence[str]) -> Summary:
    """The figures of one reader on the documents of one set."""
    names = sorted({each.field for one in judged for each in one.judgement.judged})
    seconds = sorted(one.seconds for one in judged if one.seconds is not None)
    outside: Counter[str] = Counter()
    for one in judged:
        outside.update(one.outside)
    pairs = [
        (each.probability, each.verdict == "right")
        for one in judged
        for each in one.judgement.judged
        if each.given is not None and each.probability is not None
    ]
    return Summary(
        reader=reader,
        documents=len(judged),
        failed=Counter(one.failed for one in judged if one.failed),
        exact=figures.share(sum(one.judgement.exact for one in judged if one.judgement.judged), len(judged)),
        all=_field("all", judged, lambda each: True),
        outside_tables=_field("all outside of tables", judged, lambda each: not _in_table(each.field)),
        fields=tuple(_named(name, judged) for name in names),
        choices=tuple(_choice(name, judged) for name in choices),
        rows=_rows(judged),
        cited=_cited(judged),
        overlaps=_overlaps(judged),
        statuses=_statuses([each for one in judged for each in one.judgement.judged]),
        confidence=figures.reliability(pairs),
        outside_f1=reference.f1(outside) if outside["tp"] + outside["fn"] else None,
        unlabelled=sum(one.judgement.unlabelled for one in judged),
        seconds=seconds[len(seconds) // 2] if seconds else None,
    )


def _in_table(path: str) -> bool:
    return path.partition(".")[0] in TABLES


def _named(name: str, judged: Sequence[JudgedDocument]) -> FieldFigures:
    return _field(name, judged, lambda each: each.field == name)


def _field(name: str, judged: Sequence[JudgedDocument], belongs: Callable[[Judged], bool]) -> FieldFigures:
    by_document: list[Counter[str]] = []
    misplaced = 0
    for one in judged:
        by_document.append(Counter(each.verdict for each in one.judgement.judged if belongs(each)))
        found = one.judgement.misplaced
        misplaced += sum(found.values()) if name == "all" else found.get(name, 0)
    total: Counter[str] = Counter()
    for counts in by_document:
        total.update(counts)
    expected = total["right"] + total["wrong"] + total["missed"]
    given = total["right"] + total["wrong"] + total["invented"]
    return FieldFigures(
        name,
        {verdict: total[verdict] for verdict in ("right", "wrong", "missed", "invented", "absent")},
        figures.over_documents(by_document, figures.precision, given),
        figures.over_documents(by_document, figures.recall, expected),
        figures.over_documents(by_document, figures.f1, expected),
        misplaced,
    )


def _choice(name: str, judged: Sequence[JudgedDocument]) -> ChoiceFigures:
    """`answers` stands for all leaves under it: one closed list for many questions."""
    by_document = [
        [
            (each.expected, each.given if each.given is not None else NOTHING)
            for each in one.judgement.judged
            if (each.field == name or each.field.startswith(f"{name}.")) and each.expected is not None
        ]
        for one in judged
    ]
    pairs = [pair for each in by_document for pair in each]
    hits = sum(left == right for left, right in pairs)
    single = all(len(each) <= 1 for each in by_document)
    if single:
        accuracy = figures.share(hits, len(pairs))
    else:
        counts = [{"hits": sum(a == b for a, b in each), "n": len(each)} for each in by_document]
        accuracy = figures.over_documents(
            counts, lambda sums: figures.ratio(sums["hits"], sums["n"]), len(pairs)
        )
    _, labels = figures.macro_f1(pairs)
    return ChoiceFigures(name, accuracy, figures.macro_figure(by_document), labels)


def _rows(judged: Sequence[JudgedDocument]) -> dict[str, tuple[int, int, int]]:
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in judged:
        for count in one.judgement.rows:
            for at, number in enumerate((count.printed, count.found, count.paired)):
                totals[count.field][at] += number
    return {name: (counts[0], counts[1], counts[2]) for name, counts in totals.items()}


def _cited(judged: Sequence[JudgedDocument]) -> dict[str, tuple[Figure, Figure]]:
    by_field: dict[str, list[Counter[str]]] = defaultdict(list)
    for one in judged:
        own: dict[str, Counter[str]] = defaultdict(Counter)
        for each in one.citations:
            if isinstance(each, Citations):
                own[each.field].update(right=each.right, given=each.given, met=each.met, gold=each.gold)
        for name, counts in own.items():
            by_field[name].append(counts)
    return {
        name: (
            figures.over_documents(
                counts,
                lambda sums: figures.ratio(sums["right"], sums["given"]),
                sum(each["given"] for each in counts),
            ),
            figures.over_documents(
                counts,
                lambda sums: figures.ratio(sums["met"], sums["gold"]),
                sum(each["gold"] for each in counts),
            ),
        )
        for name, counts in sorted(by_field.items())
    }


def _overlaps(judged: Sequence[JudgedDocument]) -> dict[str, Figure]:
    by_document: list[dict[str, float]] = []
    for one in judged:
        scores = [each.f1 for each in one.citations if isinstance(each, Overlap)]
        by_document.append({"sum": sum(scores), "n": float(len(scores))})
    n = int(sum(each["n"] for each in by_document))
    if not n:
        return {}
    whole = [{"sum": round(each["sum"] * 10_000), "n": round(each["n"] * 10_000)} for each in by_document]
    return {"clauses": figures.over_documents(whole, lambda sums: figures.ratio(sums["sum"], sums["n"]), n)}


def _statuses(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """What the document holds against the status that its cell was given."""
    table: dict[str, Counter[str]] = {"present": Counter(), "absent": Counter()}
    for each in judged:
        row = table["absent" if each.expected is None else "present"]
        row[each.status or ("absent" if each.given is None else "no cell")] += 1
    return {name: dict(sorted(counts.items())) for name, counts in table.items()}
