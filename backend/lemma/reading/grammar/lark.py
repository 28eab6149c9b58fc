"""Task and lines to a Lark grammar for llguidance.

One terminal for each distinct line text is shared by all fields: `substring_chunks` accepts every run of
neighbouring pieces of the line, and an intersection removes the empty run and runs that begin or end
with a space. Kinds that are numbers use a second intersection that demands a digit. All repetitions are
bounded, so that every path ends.
"""

import json
from collections.abc import Sequence

from lemma.reading.grammar.chunks import chunks
from lemma.reading.schema.model import Field, Kind
from lemma.reading.source import Line

_NUMERIC: frozenset[Kind] = frozenset({"amount", "date", "number"})
MAX_SENTENCE = 600
MAX_CITED = 8
# A JSON string of one line, no longer than a sentence is, in the one way in which it is written here: with
# no control characters, and no escapes but those that the quotes demand.
SENTENCE = r'"([^"\\\x00-\x1f\x7f]|\\["\\]){1,' + str(MAX_SENTENCE) + '}"'


def build_grammar(fields: Sequence[Field], lines: Sequence[Line]) -> str:
    """The Lark grammar of every answer for `fields` that points into `lines`.

    Raises ValueError where no line has any text: then there is nothing to point at, and nothing to ask.
    """
    shown = [line for line in lines if line.text]
    if not shown or not fields:
        raise ValueError("a grammar needs a line with text, and a field")
    digits = any(_has_digit(line) for line in shown)
    return "\n".join([*_fields(fields, digits=digits), *_pointers(shown), ""])


def _has_digit(line: Line) -> bool:
    return any(character.isdecimal() for character in line.text)


# Fields ------------------------------------------------------------------------------------------


def _fields(fields: Sequence[Field], *, digits: bool) -> list[str]:
    """The start rule, and a rule for each field and each table."""
    rules = ["start: " + " ".join(f"f{position}" for position in range(len(fields)))]
    for position, field in enumerate(fields):
        if field.kind == "rows":
            rules.extend(_table(f"f{position}", field, digits=digits))
        else:
            rules.append(f'f{position}: "{field.name}: " {_value(field, digits=digits)} "\\n"')
    return rules


def _table(name: str, field: Field, *, digits: bool) -> list[str]:
    """A header line, then rows. `{name}_c{i}` is what may follow once column i - 1 is past."""
    rules = [f'{name}: "{field.name}:" (" -\\n" | "\\n" {name}_row{{1,{field.max_rows}}})']
    firsts = [
        f'"- {column.name}: " {name}_v{i} "\\n" {name}_c{i + 1}' for i, column in enumerate(field.columns)
    ]
    rules.append(f"{name}_row: " + " | ".join(firsts))
    for i, column in enumerate(field.columns):
        rules.append(f"{name}_v{i}: {_value(column, digits=digits, nested=True)}")
        if i:
            rules.append(f'{name}_c{i}: ("  {column.name}: " {name}_v{i} "\\n")? {name}_c{i + 1}')
    rules.append(f'{name}_c{len(field.columns)}: ""')
    return rules


def _value(field: Field, *, digits: bool, nested: bool = False) -> str:
    """What may stand after the field's name. A column that is absent is left out, so it takes no "-".

    Where no line holds a digit, a number can only be absent or unreadable.
    """
    absent = "" if nested else '"-" | '
    match field.kind:
        case "choice":
            labels = " | ".join(_literal(option.name) for option in field.options)
            return f"({absent}{labels})"
        case "flag":
            return f'({absent}("yes" | "no") (" " run)?)'
        case "clause":
            return f'({absent}ID ("-" ID)?)'
        case "text":
            return f'({absent}sentence (" " sentence){{0,{field.max_sentences - 1}}})'
        case _ if field.kind in _NUMERIC and not digits:
            return f'({absent}"? " ID)'
        case _:
            run = "digits" if field.kind in _NUMERIC else "run"
            more = f' ("\\t" {run}){{0,{field.pointers - 1}}}' if field.pointers > 1 else ""
            return f'({absent}"? " ID | {run}{more})'


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# Lines -------------------------------------------------------------------------------------------


def _pointers(shown: Sequence[Line]) -> list[str]:
    """The rules `run`, `digits`, `sentence` and the terminals that they share."""
    rules: list[str] = []
    known: dict[str, str] = {}
    runs: list[str] = []
    numbers: list[str] = []
    for line in shown:
        if line.text not in known:
            known[line.text] = f"S{line.id}"
            rules.append(f"S{line.id}: %regex {_substrings(line.text)}")
        words = f"{known[line.text]} & TRIMMED"
        rules.append(f'L{line.id}: "{line.id} " ({words})')
        runs.append(f"L{line.id}")
        if _has_digit(line):
            rules.append(f'N{line.id}: "{line.id} " ({words} & DIGIT)')
            numbers.append(f"N{line.id}")
    ids = "|".join(str(line.id) for line in shown)
    # The digits of every script that occur here, named one by one: tables of Unicode differ by version.
    scripts = "".join(sorted({c for line in shown for c in line.text if c.isdecimal()}))
    return [
        "run: " + " | ".join(runs),
        *(["digits: " + " | ".join(numbers), f"DIGIT: /.*[{scripts}].*/"] if numbers else []),
        f'sentence: SENTENCE " [" (ID ("," ID){{0,{MAX_CITED - 1}}})? "]"',
        f"ID: /{ids}/",
        "TRIMMED: /[^ ](.*[^ ])?/",
        f"SENTENCE: /{SENTENCE}/",
        *rules,
    ]


def _substrings(text: str) -> str:
    return json.dumps({"substring_chunks": list(chunks(text))}, ensure_ascii=False)
