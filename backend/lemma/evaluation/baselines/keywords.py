"""Lines by key words: decisions, actions and open questions of a meeting, clauses of a contract."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from lemma.evaluation.readers import Outcome
from lemma.evaluation.sets.base import Case
from lemma.reading.cell import Cell, Evidence, Status
from lemma.reading.prompt import visible_lines
from lemma.reading.schema import Task
from lemma.reading.source import Line, Source

_TABLES = tomllib.loads(Path(__file__).with_name("keywords.toml").read_text(encoding="utf-8"))
_VALUES = {
    "governing_law": r"(?:laws? of (?:the )?(?:state of |commonwealth of )?)([A-Z][a-z]+(?: [A-Z][a-z]+)?)",
}


class KeywordReader:
    """Whole lines that hold usual words; for a contract the first such line of each clause."""

    name = "key words"

    def __init__(self, task: Task) -> None:
        self._task = task

    def by(self, case: Case) -> str:
        del case
        return "1"

    async def read(self, case: Case, source: Source) -> Outcome:
        del case
        lines = [line for line in visible_lines(source) if line.text]
        made = _meeting(lines) if self._task.id == "meetings" else _contract(self._task, lines)
        return Outcome(tuple(made), source=source)


def _meeting(lines: Sequence[Line]) -> Iterator[Cell]:
    for field, words in _TABLES["meetings"].items():
        pattern = re.compile("|".join(words), re.IGNORECASE)
        found = [line for line in lines if pattern.search(line.text)]
        for number, line in enumerate(found[:10]):
            yield _whole(f"{field}[{number}].what", line)


def _contract(task: Task, lines: Sequence[Line]) -> Iterator[Cell]:
    known = {field.name for field in task.fields}
    for field, words in _TABLES["contracts"].items():
        if field in known:
            pattern = re.compile("|".join(words), re.IGNORECASE)
            line = next((line for line in lines if pattern.search(line.text)), None)
            if line is not None:
                yield _whole(field, line)
    for field, words in _VALUES.items():
        for line in lines:
            match = re.search(words, line.text)
            if match is not None:
                evidence = Evidence(line.page, line.id, match.start(1), match.end(1))
                yield Cell(field, match[1], match[1], Status.FOUND, (evidence,))
                break


def _whole(path: str, line: Line) -> Cell:
    evidence = Evidence(line.page, line.id, 0, len(line.text))
    return Cell(path, line.text, line.text, Status.FOUND, (evidence,))
