"""Task and lines to a Lark grammar for llguidance.

What points into the document is offered the document's lines alone, what points into passages theirs.

One terminal for each distinct line text is shared by all fields: `substring_chunks` accepts every run of
neighbouring pieces of the line, and an intersection removes the empty run and runs that begin or end
with a space. Kinds that are numbers use a second intersection that demands a digit. All repetitions are
bounded, so that every path ends.
"""

import json
from collections.abc import Collection, Mapping, Sequence

from lemma.reading.grammar.chunks import chunks
from lemma.reading.schema.model import Field, Kind, PointsInto
from lemma.reading.source import Line

_NUMERIC: frozenset[Kind] = frozenset({"amount", "date", "number"})
MAX_SENTENCE = 600
MAX_CITED = 8
# A JSON string of one line, no longer than a sentence is, in the one way in which it is written here: with
# no control characters, and no escapes but those that the quotes demand.
SENTENCE = r'"([^"\\\x00-\x1f\x7f]|\\["\\]){1,' + str(MAX_SENTENCE) + '}"'


def build_grammar(
    fields: Sequence[Field], lines: Sequence[Line], passages: Collection[int] = frozenset()
) -> str:
    """The Lark grammar of every answer for `fields` that points into `lines`.

    `passages` are the numbers of the pages that are passages. Raises ValueError where no line has any
    text: then there is nothing to point at, and nothing to ask; and where a column points into passages
    and none are shown: it could not even be absent.
    """
    shown = [line for line in lines if line.text]
    if not shown or not fields:
        raise ValueError("a grammar needs a line with text, and a field")
    document = _Reach("", [line for line in shown if line.page not in passages])
    passage = _Reach("p", [line for line in shown if line.page in passages])
    reaches: Reaches = {"document": document, "passages": passage}
    return "\n".join(
        [
            *_fields(fields, reaches),
            *_terminals(shown),
            *(rule for reach in reaches.values() for rule in reach.rules()),
            "",
        ]
    )


class _Reach:
    """The lines into which some fields point, and the names of the rules for pointers into them."""

    def __init__(self, prefix: str, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.numbers = [line for line in lines if _has_digit(line)]
        self.run, self.digits = f"{prefix}run", f"{prefix}digits"
        self.id, self.clause = f"{prefix.upper()}ID", f"{prefix}clause"

    def rules(self) -> list[str]:
        if not self.lines:
            return []
        rules = [
            f"{self.run}: " + " | ".join(f"L{line.id}" for line in self.lines),
            f"{self.id}: /{_alternatives(self.lines)}/",
        ]
        if self.numbers:
            rules.append(f"{self.digits}: " + " | ".join(f"N{line.id}" for line in self.numbers))
        return [*rules, *self._clauses()]

    def _clauses(self) -> list[str]:
        """A range of lines; one that begins in a passage ends in it."""
        if self.id == "ID":
            return [f'{self.clause}: ID ("-" ID)?']
        pages: dict[int, list[Line]] = {}
        for line in self.lines:
            pages.setdefault(line.page, []).append(line)
        names = {page: f"PAGE{page}" for page in pages}
        ranges = " | ".join(f'{name} ("-" {name})?' for name in names.values())
        return [
            f"{self.clause}: {ranges}",
            *(f"{names[page]}: /{_alternatives(lines)}/" for page, lines in pages.items()),
        ]


Reaches = Mapping[PointsInto, _Reach]


def _alternatives(lines: Sequence[Line]) -> str:
    return "|".join(dict.fromkeys(str(line.id) for line in lines))


def _has_digit(line: Line) -> bool:
    return any(character.isdecimal() for character in line.text)


# Fields ------------------------------------------------------------------------------------------


def _fields(fields: Sequence[Field], reaches: Reaches) -> list[str]:
    """The start rule, and a rule for each field and each table."""
    rules = ["start: " + " ".join(f"f{position}" for position in range(len(fields)))]
    for position, field in enumerate(fields):
        if field.kind == "rows":
            rules.extend(_table(f"f{position}", field, reaches))
        else:
            rules.append(f'f{position}: "{field.name}: " {_value(field, reaches)} "\\n"')
    return rules


def _table(name: str, field: Field, reaches: Reaches) -> list[str]:
    """A header line, then rows. `{name}_c{i}` is what may follow once column i - 1 is past."""
    rules = [f'{name}: "{field.name}:" (" -\\n" | "\\n" {name}_row{{1,{field.max_rows}}})']
    firsts = [
        f'"- {column.name}: " {name}_v{i} "\\n" {name}_c{i + 1}' for i, column in enumerate(field.columns)
    ]
    rules.append(f"{name}_row: " + " | ".join(firsts))
    for i, column in enumerate(field.columns):
        rules.append(f"{name}_v{i}: {_value(column, reaches, nested=True)}")
        if i:
            rules.append(f'{name}_c{i}: ("  {column.name}: " {name}_v{i} "\\n")? {name}_c{i + 1}')
    rules.append(f'{name}_c{len(field.columns)}: ""')
    return rules


def _value(  # noqa: PLR0911  (one return for each kind of value)
    field: Field, reaches: Reaches, *, nested: bool = False
) -> str:
    """What may stand after the field's name. A column that is absent is left out, so it takes no "-".

    Where no line holds a digit, a number can only be absent or unreadable; where there are no passages,
    what points into them can only be absent.
    """
    absent = "" if nested else '"-" | '
    reach = reaches[field.source]
    if field.kind == "choice":
        labels = " | ".join(_literal(option.name) for option in field.options)
        more = f' ("\\t" ({labels})){{0,{field.max_labels - 1}}}' if field.max_labels > 1 else ""
        return f"({absent}({labels}){more})"
    if not reach.lines:
        if nested:
            raise ValueError(f"{field.name} points into passages, and none are shown")
        return '"-"'
    match field.kind:
        case "flag":
            return f'({absent}("yes" | "no") (" " {reach.run})?)'
        case "clause":
            return f"({absent}{reach.clause})"
        case "text":
            sentence, between = "sentence", " "
            if field.source == "passages":
                sentence, between = f"({reach.id} | sentence)" if field.free else reach.id, "\\t"
            return f'({absent}{sentence} ("{between}" {sentence}){{0,{field.max_sentences - 1}}})'
        case _ if field.kind in _NUMERIC and not reach.numbers:
            return f'({absent}"? " {reach.id})'
        case _:
            run = reach.digits if field.kind in _NUMERIC else reach.run
            more = f' ("\\t" {run}){{0,{field.pointers - 1}}}' if field.pointers > 1 else ""
            return f'({absent}"? " {reach.id} | {run}{more})'


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# Lines -------------------------------------------------------------------------------------------


def _terminals(shown: Sequence[Line]) -> list[str]:
    """The rule `sentence`, and the terminals for the words of each line."""
    rules: list[str] = []
    known: dict[str, str] = {}
    for line in shown:
        if line.text not in known:
            known[line.text] = f"S{line.id}"
            rules.append(f"S{line.id}: %regex {_substrings(line.text)}")
        words = f"{known[line.text]} & TRIMMED"
        rules.append(f'L{line.id}: "{line.id} " ({words})')
        if _has_digit(line):
            rules.append(f'N{line.id}: "{line.id} " ({words} & DIGIT)')
    # The digits of every script that occur here, named one by one: tables of Unicode differ by version.
    scripts = "".join(sorted({c for line in shown for c in line.text if c.isdecimal()}))
    return [
        *([f"DIGIT: /.*[{scripts}].*/"] if scripts else []),
        f'sentence: SENTENCE " [" (ANY ("," ANY){{0,{MAX_CITED - 1}}})? "]"',
        f"ANY: /{_alternatives(shown)}/",
        "TRIMMED: /[^ ](.*[^ ])?/",
        f"SENTENCE: /{SENTENCE}/",
        *rules,
    ]


def _substrings(text: str) -> str:
    return json.dumps({"substring_chunks": list(chunks(text))}, ensure_ascii=False)
