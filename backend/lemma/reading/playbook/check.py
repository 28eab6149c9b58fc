"""How a document departs from a playbook: exact comparisons, each with the sentence that a lawyer reads.

Every result names the cell, whose evidence is the clause, and carries the position's severity and advice.
`passed` is None where the words do not settle it: that is never taken for a departure, nor for agreement.
"""

import re
from collections.abc import Iterator, Sequence

from lemma.reading.cell import Cell, RuleResult, Status
from lemma.reading.playbook.durations import Duration, Named, durations, folded
from lemma.reading.playbook.model import Playbook, Position
from lemma.reading.schema.model import Field, Task

BESIDE = 48
"""So many characters around a period are looked through for a word that says what it is the period of."""


def deviations(task: Task, playbook: Playbook, cells: Sequence[Cell]) -> tuple[RuleResult, ...]:
    """What each position says of these cells, in the playbook's order. Fields that the task does not have
    are left out: `unknown_fields` names them."""
    fields = {field.name: field for field in task.fields}
    by_field: dict[str, list[Cell]] = {}
    for cell in cells:
        by_field.setdefault(re.split(r"[\[.]", cell.path, maxsplit=1)[0], []).append(cell)
    return tuple(
        result
        for position in playbook.positions
        if (field := fields.get(position.field)) is not None
        for result in _Check(field, position, by_field.get(field.name, [])).results()
    )


class _Check:
    """One position held against the cells of its field."""

    def __init__(self, field: Field, position: Position, cells: Sequence[Cell]) -> None:
        self.field = field
        self.position = position
        self.label = field.label
        self.found = [cell for cell in cells if cell.value is not None]
        self.doubtful = [cell for cell in cells if cell.status in {Status.UNREADABLE, Status.CONFLICTING}]
        self.words = " ".join(cell.raw or str(cell.value) for cell in self.found)

    def results(self) -> Iterator[RuleResult]:
        if self.doubtful and not self.found:
            sentence = f"{self.label} has no single reading, so the playbook cannot be held against it."
            yield self._result("must", None, sentence)
        elif not self.found:
            yield self._absent()
        else:
            yield from self._present()

    def _absent(self) -> RuleResult:
        match self.position.must:
            case "present":
                return self._result("must", False, f"{self.label} was not found; the playbook requires it.")
            case "absent":
                return self._result("must", True, f"{self.label} was not found, as the playbook wants.")
            case _:
                sentence = f"{self.label} was not found, so there is nothing to compare."
                return self._result("must", None, sentence)

    def _present(self) -> Iterator[RuleResult]:
        position = self.position
        if position.must == "absent":
            yield self._result(
                "must", False, f"{self.label} is there{self._where()}; the playbook allows none."
            )
        elif position.must == "present":
            yield self._result("must", True, f"{self.label} is there{self._where()}.")
        if position.allowed:
            yield self._allowed()
        if position.preferred:
            yield self._preferred()
        if position.forbidden:
            yield self._forbidden()
        if position.at_most is not None or position.at_least is not None:
            yield self._period()

    # One check each ------------------------------------------------------------------------------

    def _allowed(self) -> RuleResult:
        value = _bare(self.words)
        allowed = {_bare(each) for each in self.position.allowed}
        listed = _either(self.position.allowed)
        if value in allowed:
            return self._result("allowed", True, f"{self.label} is {self.words}, which the playbook allows.")
        if any(_holds(value, each) for each in allowed):
            sentence = f"{self.label} says “{self.words}”, which is more than {listed}: this cannot be told."
            return self._result("allowed", None, sentence)
        return self._result("allowed", False, f"{self.label} is {self.words}; the playbook allows {listed}.")

    def _preferred(self) -> RuleResult:
        for words in self.position.preferred:
            if _holds(folded(self.words), folded(words)):
                return self._result("preferred", True, f"{self.label} has the preferred words “{words}”.")
        listed = _either([f"“{words}”" for words in self.position.preferred])
        sentence = f"{self.label}{self._where()} has none of the words that the playbook prefers: {listed}."
        return self._result("preferred", False, sentence)

    def _forbidden(self) -> RuleResult:
        held = [w for w in self.position.forbidden if _holds(folded(self.words), folded(w))]
        if not held:
            return self._result("forbidden", True, f"{self.label} has no words that the playbook forbids.")
        listed = _either([f"“{words}”" for words in held], "and")
        return self._result(
            "forbidden", False, f"{self.label}{self._where()} says {listed}, which the playbook forbids."
        )

    def _period(self) -> RuleResult:
        named = list(durations(self.words))
        if not named:
            return self._unsettled("names no period that can be compared")
        if len(named) > 1 and self.position.beside:
            named = _beside(self.words, named, self.position.beside) or named
        verdicts = {self._departs(each.duration) for each in named}
        if len(verdicts) > 1:
            listed = _either([_shown(each.duration) for each in named], "and")
            return self._unsettled(f"names {listed}, and nothing says which of them counts")
        verdict = verdicts.pop()
        said = _either(list(dict.fromkeys(_shown(each.duration) for each in named)), "and")
        if verdict is None:
            return self._unsettled(f"says {said}, which cannot be compared exactly with {self._bounds()}")
        end = f"the playbook allows {self._bounds()}" if verdict else f"within {self._bounds()}"
        return self._result("period", not verdict, f"{self.label} is {said}; {end}.")

    def _departs(self, named: Duration | None) -> bool | None:
        """Whether a period is outside of what the playbook allows; None where that cannot be told."""
        if named is None:
            return None
        position = self.position
        longer = position.at_most is not None and named.longer_than(position.at_most)
        shorter = position.at_least is not None and position.at_least.longer_than(named)
        if longer or shorter:
            return True
        return None if longer is None or shorter is None else False

    def _bounds(self) -> str:
        position = self.position
        bounds = []
        if position.at_least is not None:
            bounds.append(f"at least {position.at_least.words}")
        if position.at_most is not None:
            bounds.append(f"at most {position.at_most.words}")
        return " and ".join(bounds)

    # Sentences -----------------------------------------------------------------------------------

    def _unsettled(self, why: str) -> RuleResult:
        return self._result("period", None, f"{self.label} {why}, so this cannot be told.")

    def _where(self) -> str:
        lines = sorted({each.line for cell in self.found for each in cell.evidence})
        if not lines or self.field.kind == "rows":
            return ""
        if lines[0] == lines[-1]:
            return f" on line {lines[0]}"
        return f" on lines {lines[0]} to {lines[-1]}"

    def _result(self, check: str, passed: bool | None, detail: str) -> RuleResult:
        paths = tuple(cell.path for cell in self.found) or (self.field.name,)
        return RuleResult(
            f"playbook.{self.field.name}.{check}",
            passed,
            detail,
            paths,
            label=f"Playbook: {self.label}",
            severity=self.position.severity,
            advice=self.position.advice or None,
        )


# Words ---------------------------------------------------------------------------------------------

# What is said around the name of a place's law, and does not change which law it is.
_AROUND = re.compile(
    r"\b(?:the|internal|substantive|domestic|applicable|laws?|of|state|commonwealth|republic|province|federal|"
    r"le|la|du|de|droit|das|des|der|recht)\b"
)


def _bare(text: str) -> str:
    """The name of a law without what is said around it: "the laws of the State of Delaware" is delaware."""
    return " ".join(_AROUND.sub(" ", re.sub(r"[^\w ]", " ", folded(text))).split())


def _whole(words: str) -> re.Pattern[str]:
    """These words as whole words, whatever the gaps between them."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    return re.compile(rf"(?<!\w){pattern}(?!\w)")


def _holds(text: str, words: str) -> bool:
    return bool(words.strip()) and _whole(words).search(text) is not None


def _beside(text: str, named: Sequence[Named], words: Sequence[str]) -> list[Named]:
    """The periods to which one of the words stands close: each word speaks of the one nearest to it."""
    spoken: set[int] = set()
    for word in words:
        for match in _whole(folded(word)).finditer(folded(text)):
            apart = [max(each.start - match.end(), match.start() - each.end) for each in named]
            if min(apart) <= BESIDE:
                spoken.add(apart.index(min(apart)))
    return [named[at] for at in sorted(spoken)]


def _shown(duration: Duration | None) -> str:
    return "a period whose words and digits differ" if duration is None else duration.words


def _either(items: Sequence[str], last: str = "or") -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"
