"""What the marker of `lemma.second` learns from: `python -m starter.second.pages [--extra DIR]`.

The same invented documents, and the same labelled ones, as the starter model learns from; words instead of
tokens. Where a set labels only some fields, a word without a label is "nothing, or one of the others".
Labelled sets are files, so they are read by the product's own ingest: run it where the backend is installed.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from lemma.reading.grammar import occurrences
from lemma.reading.pointers import Clause, Pointers, Rows, Said
from lemma.reading.schema import Task
from lemma.second.features import Described, describe
from lemma.second.marker import NOTHING
from starter import extra
from starter.lesson import Lesson, Spot
from starter.lessons import LESSONS
from starter.texts import BUILD, lines_of

WITHOUT_WORDS = frozenset({"rows", "choice", "flag", "text"})
LESSONS_OF = {
    "invoices": ("invoices.part", "invoices.whole", "invoices.whole", "invoices.whole"),
    "contracts": ("contracts.short", "contracts.whole", "contracts.whole"),
    "meetings": ("meetings.short", "meetings.whole"),
}
"""The tasks that a marker is fitted for, and the lessons that it learns from, in turn."""
SETS_OF: Mapping[str, Callable[[str], bool]] = {
    "invoices": lambda name: name in extra.paper.SETS,
    "contracts": lambda name: name == "contracts_cuad",
    "meetings": lambda name: name == "meetings_ami",
}
"""Which labelled sets hold documents of a task, so that the others need not be read."""


def folder(task: str) -> Path:
    """Where the pages of a task are kept."""
    return BUILD / "second" / task


def classes(task: Task) -> tuple[str, ...]:
    """What a word can be: nothing, or part of the value of a field or column that is pointed at."""
    paths = [path for path, field in task.all_fields() if field.kind not in WITHOUT_WORDS]
    return (NOTHING, *paths)


@dataclass(frozen=True, slots=True)
class Page:
    """A document: the features of its words end to end, where each word's end, its class, what is known."""

    features: "np.ndarray[Any, np.dtype[np.uint16]]"
    ends: "np.ndarray[Any, np.dtype[np.int32]]"
    labels: "np.ndarray[Any, np.dtype[np.int16]]"
    known: "np.ndarray[Any, np.dtype[np.bool_]]"


def page_of(lesson: Lesson) -> Page | None:
    """The words of a lesson with their classes; None where it shows none."""
    lines = [line for line in lines_of(lesson) if line.text]
    words = describe(lines)
    if not words:
        return None
    names = classes(lesson.task)
    number = {name: at for at, name in enumerate(names)}
    spans: dict[int, list[tuple[int, int, int]]] = {}
    for path, spot in _spots(lesson):
        if path in number and spot.start is not None:
            spans.setdefault(spot.line, []).append((spot.start, spot.start + len(spot.text), number[path]))
    labels = [_label(word, spans.get(word.line, ())) for word in words]
    asked = {*lesson.asked, *lesson.also}
    known = [name == NOTHING or name in asked or name.partition(".")[0] in asked for name in names]
    return Page(
        np.array([f for word in words for f in word.features], np.uint16),
        np.cumsum([len(word.features) for word in words]).astype(np.int32),
        np.array(labels, np.int16),
        np.array(known, np.bool_),
    )


def _label(word: Described, spans: Sequence[tuple[int, int, int]]) -> int:
    return next((c for start, end, c in spans if word.piece.start < end and start < word.piece.end), 0)


def _spots(lesson: Lesson) -> Iterator[tuple[str, Spot]]:
    """Every known place: what the answer says first, then what else the maker knows."""
    for name, said in lesson.said.items():
        if isinstance(said, Rows):
            for row in said.rows:
                for column, value in row.items():
                    yield from ((f"{name}.{column}", spot) for spot in _of(lesson, value))
        else:
            yield from ((name, spot) for spot in _of(lesson, said))
    for name, spots in lesson.also.items():
        for spot in spots:
            yield name, spot if spot.start is not None else _placed(lesson, spot.line, spot.text)


def _of(lesson: Lesson, said: Said) -> Iterator[Spot]:
    match said:
        case Pointers(runs):
            yield from (_placed(lesson, run.line, run.text) for run in runs)
        case Clause(first, last):
            for number in range(first, last + 1):
                yield Spot(number, lesson.source.line(number).text, 0)


def _placed(lesson: Lesson, line: int, text: str) -> Spot:
    """Where a run stands, if it stands in its line only once."""
    places = occurrences(lesson.source.line(line).text, text)
    return Spot(line, text, places[0] if len(places) == 1 else None)


def invented(job: tuple[str, int, int]) -> list[Page]:
    """Pages of invented documents: the lesson's name, a seed, how many."""
    name, seed, count = job
    pages = (page_of(LESSONS[name](Random(f"second {name} {seed} {n}"))) for n in range(count))
    return [page for page in pages if page is not None]


def labelled(place: Path, name: str, task: str) -> list[Page]:
    """Pages of the training part of a labelled set."""
    pages = (page_of(lesson) for lesson in extra.lessons(place, name) if lesson.task.id == task)
    return [page for page in pages if page is not None]


_ARRAYS = ("features", "ends", "labels", "known", "words")


def save(path: Path, pages: Sequence[Page]) -> None:
    """Pages end to end in one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        features=np.concatenate([page.features for page in pages]),
        ends=np.concatenate([page.ends for page in pages]),
        labels=np.concatenate([page.labels for page in pages]),
        known=np.stack([page.known for page in pages]),
        words=np.array([len(page.ends) for page in pages]),
    )


def load(path: Path) -> list[Page]:
    """The pages of a file."""
    with np.load(path) as file:
        features, ends, labels, known, words = (
            file[n] for n in ("features", "ends", "labels", "known", "words")
        )
    pages, word, at = [], 0, 0
    for count, seen in zip(words, known, strict=True):
        own = ends[word : word + count]
        pages.append(Page(features[at : at + own[-1]], own, labels[word : word + count], seen))
        word, at = word + count, at + own[-1]
    return pages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=sorted(LESSONS_OF), default="invoices")
    parser.add_argument("--documents", type=int, default=6_000)
    parser.add_argument("--extra", type=Path, default=None, help="a folder of labelled sets")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    names = LESSONS_OF[args.task]
    jobs = [(names[n % len(names)], args.seed * 10_000 + n, 100) for n in range(args.documents // 100)]
    with ProcessPoolExecutor() as pool:
        pages = [page for some in pool.map(invented, jobs) for page in some]
    if pages:
        save(folder(args.task) / "invented.npz", pages)
        print(f"{len(pages)} invented pages", flush=True)
    for name in extra.sets_in(args.extra) if args.extra else ():
        real = labelled(args.extra, name, args.task) if SETS_OF[args.task](name) else []
        if real:
            save(folder(args.task) / f"extra-{name}.npz", real)
            print(f"{name}: {len(real)} labelled pages", flush=True)


if __name__ == "__main__":
    main()
