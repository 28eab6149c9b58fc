"""Scores the exported weights: `python -m starter.evaluate --documents 100`.

Reads invented documents in layouts that training never shows, through the product's own reader, under
the pointer grammar, in llama.cpp. A field counts as right only if every pointer is: the same line and
the same words. Intervals are Wilson's, at 95 %.
"""

import argparse
import json
import math
import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from lemma.reading.decode import decode
from lemma.reading.grammar import build_grammar
from lemma.reading.passages import passage_pages
from lemma.reading.pointers import Row, Rows, Said
from starter.lesson import Lesson
from starter.lessons import LESSONS
from starter.parity import LlamaCpp
from starter.texts import WEIGHTS, as_text, lines_of


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if n == 0:
        return 0.0, 1.0
    z, p = 1.96, right / n
    middle = p + z * z / (2 * n)
    spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


class Score:
    """Counts for each field: right, wrong, missed, invented, rightly absent."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}

    def add(self, name: str, wanted: object, said: object) -> None:
        if wanted is None:
            outcome = "absent" if said is None else "invented"
        else:
            outcome = "missed" if said is None else "right" if said == wanted else "wrong"
        self.counts.setdefault(name, Counter())[outcome] += 1

    def field(self, name: str, wanted: Said | None, said: Said | None) -> None:
        if not isinstance(wanted, Rows) and not isinstance(said, Rows):
            self.add(name, wanted, said)
            return
        left = wanted.rows if isinstance(wanted, Rows) else ()
        right = said.rows if isinstance(said, Rows) else ()
        self.add(f"{name} (number of rows)", len(left) or None, len(right) or None)
        for want, have in paired(left, right):
            for column in want.keys() | have.keys():
                self.add(f"{name}.{column}", want.get(column), have.get(column))

    def total(self) -> Counter[str]:
        return sum((c for name, c in self.counts.items() if "(" not in name), Counter())


def paired(left: Sequence[Row], right: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Rows beside each other, in order, so that as many cells as can agree; beside nothing where none do."""
    best: dict[tuple[int, int], tuple[int, list[tuple[Row, Row]]]] = {}

    def rest(i: int, j: int) -> tuple[int, list[tuple[Row, Row]]]:
        if (i, j) not in best:
            if i == len(left) or j == len(right):
                best[i, j] = (0, [(row, {}) for row in left[i:]] + [({}, row) for row in right[j:]])
            else:
                agree = sum(left[i].get(column) == cell for column, cell in right[j].items())
                both, pairs = rest(i + 1, j + 1)
                first, without_left = rest(i + 1, j)
                second, without_right = rest(i, j + 1)
                best[i, j] = max(
                    (both + agree, [(left[i], right[j]), *pairs]) if agree else (-1, []),
                    (first, [(left[i], {}), *without_left]),
                    (second, [({}, right[j]), *without_right]),
                    key=lambda found: found[0],
                )
        return best[i, j]

    return rest(0, 0)[1]


def f1(c: Counter[str]) -> float:
    return 2 * c["right"] / max(1, 2 * c["right"] + 2 * c["wrong"] + c["missed"] + c["invented"])


def read(engine: LlamaCpp, lesson: Lesson) -> dict[str, Said]:
    """What the model says of one document, under the grammar."""
    fields = [lesson.task.field(name) for name in lesson.asked]
    lines = lines_of(lesson)
    prompt, _ = as_text(lesson)
    passages = passage_pages(lesson.source)
    most = max(16, 4090 - len(engine.tokens(prompt)))
    text = engine.answer(prompt, most, build_grammar(fields, lines, passages))
    finished = text.endswith("\n") and f"{fields[-1].name}:" in text
    return dict(decode(text, fields, lines, finished=finished, passages=passages).said)


def table(score: Score) -> str:
    """A readable table, the total last."""
    outcomes = ("wrong", "missed", "invented")
    heads = " ".join(f"{name:>8s}" for name in (*outcomes, "F1"))
    rows = [f"{'field':38s} {'n':>5s} {'right':>6s}   {'95 % interval':>13s} {heads}"]
    for name, c in [*score.counts.items(), ("ALL FIELDS", score.total())]:
        n = c["right"] + c["wrong"] + c["missed"]
        low, high = wilson(c["right"], n)
        counts = " ".join(f"{c[outcome]:8d}" for outcome in outcomes)
        right = f"{c['right'] / max(1, n):6.3f}   {low:5.3f} - {high:5.3f}"
        rows.append(f"{name:38s} {n:5d} {right} {counts} {f1(c):8.3f}")
    return "\n".join(rows)


def judge(engine: LlamaCpp, name: str, documents: int, seed: int) -> dict[str, object]:
    """Reads the documents of one lesson, prints what became of them, and returns the counts."""
    score, exact, started = Score(), 0, time.monotonic()
    for number in range(documents):
        lesson = LESSONS[name](Random(f"evaluation {seed} {number}"))
        said = read(engine, lesson)
        exact += all(said.get(asked) == lesson.said.get(asked) for asked in lesson.asked)
        for asked in lesson.asked:
            score.field(asked, lesson.said.get(asked), said.get(asked))
    print(f"{name}\n{table(score)}")
    seconds = (time.monotonic() - started) / documents
    print(f"documents {documents}, exact as a whole {exact}, seconds a document {seconds:.2f}\n", flush=True)
    counts = {field: dict(outcomes) for field, outcomes in score.counts.items()}
    return {"documents": documents, "exact": exact, "f1": round(f1(score.total()), 4), "fields": counts}


def usual_lessons() -> list[str]:
    """Of each task the layouts that were held out, or else whole documents of other seeds than training's."""
    forms = ("held_out", "whole", "unit")
    tasks = dict.fromkeys(name.split(".")[0] for name in LESSONS)
    return [next(f"{task}.{form}" for form in forms if f"{task}.{form}" in LESSONS) for task in tasks]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--documents", type=int, default=100, help="of each lesson")
    parser.add_argument("--lesson", choices=sorted(LESSONS), action="append", help="all tasks' by default")
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--threads", type=int, default=1, help="more only where the cores are idle")
    parser.add_argument("--json", type=Path, default=None, help="also write the counts here")
    args = parser.parse_args()
    engine = LlamaCpp(args.weights / "starter.gguf", threads=args.threads)
    lessons = args.lesson or usual_lessons()
    found = {name: judge(engine, name, args.documents, args.seed) for name in lessons}
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n")
    os._exit(0)


if __name__ == "__main__":
    main()
