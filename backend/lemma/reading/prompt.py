"""The prompt: what is asked, then the numbered lines of the source. And the answer's text.

Two styles. `compact` is for the starter model, which has learned the task names and for which every
token counts. `full` explains itself to any instruct model. In both, what is the same for every document
of a task comes first, so that an engine's prefix cache holds it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.utils import convert_to_openai_messages
from langchain_core.prompts import ChatPromptTemplate

from lemma.reading.grammar.lark import MAX_CITED, SENTENCE
from lemma.reading.passages import passage_pages
from lemma.reading.pointers import (
    Clause,
    Flagged,
    Label,
    Labels,
    OneSaid,
    Pointer,
    Pointers,
    Prose,
    Rows,
    Said,
    Sentence,
    Unreadable,
)
from lemma.reading.schema.model import Example, Field, Task
from lemma.reading.source import Line, Source

Style = Literal["compact", "full"]
NO_PASSAGES: Mapping[int, str] = {}
ABSENT = "-"
UNREADABLE = "?"


# The answer's text ------------------------------------------------------------------------------


def render_answer(task: Task, source: Source, wanted: Mapping[str, Said]) -> str:
    """The answer that says `wanted`, in the order of the task's fields; absent where it names none.

    Raises ValueError where a pointer does not stand in its line: such an answer could not be written
    under the grammar, so nobody may learn from it.
    """
    unknown = wanted.keys() - {field.name for field in task.fields}
    if unknown:
        raise ValueError(f"{task.id} has no field {', '.join(sorted(unknown))}")
    return "".join(_render_field(field, wanted.get(field.name), source) for field in task.fields)


def _render_field(field: Field, said: Said | None, source: Source) -> str:
    if said is None:
        return f"{field.name}: {ABSENT}\n"
    if isinstance(said, Rows):
        if not said.rows:
            return f"{field.name}: {ABSENT}\n"
        return f"{field.name}:\n" + "".join(_render_row(field, row, source) for row in said.rows)
    return f"{field.name}: {_render_one(field, said, source)}\n"


def _render_row(field: Field, row: Mapping[str, OneSaid], source: Source) -> str:
    names = [column.name for column in field.columns if column.name in row]
    if not names or len(names) != len(row):
        raise ValueError(f"a row of {field.name} must name its columns, and at least one")
    return "".join(
        f"{'- ' if position == 0 else '  '}{name}: {_render_one(field.column(name), row[name], source)}\n"
        for position, name in enumerate(names)
    )


def _render_one(  # noqa: PLR0911  (one return for each kind of answer)
    field: Field, said: OneSaid, source: Source
) -> str:
    match said:
        case Pointers(runs):
            if not 1 <= len(runs) <= field.pointers:
                raise ValueError(f"{field.name} takes 1 to {field.pointers} pointers, not {len(runs)}")
            return "\t".join(_render_pointer(run, source) for run in runs)
        case Unreadable(line):
            return f"{UNREADABLE} {source.line(line).id}"
        case Label(name):
            if field.option(name) is None:
                raise ValueError(f"{field.name} has no option {name!r}")
            return name
        case Labels(names):
            if len(set(names)) != len(names) or not 1 <= len(names) <= field.max_labels:
                raise ValueError(f"{field.name} takes 1 to {field.max_labels} labels, each once")
            return "\t".join(_render_one(field, Label(name), source) for name in names)
        case Flagged(value, at):
            word = "yes" if value else "no"
            return word if at is None else f"{word} {_render_pointer(at, source)}"
        case Clause(first, last):
            return str(first) if first == last else f"{first}-{last}"
        case Prose(sentences):
            if not 1 <= len(sentences) <= field.max_sentences:
                raise ValueError(f"{field.name} takes 1 to {field.max_sentences} sentences")
            between = "\t" if field.source == "passages" else " "
            return between.join(_render_sentence(field, sentence, source) for sentence in sentences)


def _render_sentence(field: Field, sentence: Sentence, source: Source) -> str:
    if sentence.copied:
        (number,) = sentence.lines
        if field.source != "passages" or source.line(number).text != sentence.text:
            raise ValueError(f"{sentence.text!r} is not line {number} of a passage")
        return str(number)
    if not field.free:
        raise ValueError(f"{field.name} takes whole sentences of passages alone")
    words = json.dumps(sentence.text, ensure_ascii=False)
    if re.fullmatch(SENTENCE, words) is None or len(sentence.lines) > MAX_CITED:
        raise ValueError(f"{words} is no sentence of one line that cites at most {MAX_CITED} lines")
    return f"{words} [{','.join(str(source.line(number).id) for number in sentence.lines)}]"


def _render_pointer(run: Pointer, source: Source) -> str:
    if not run.text or run.text != run.text.strip(" ") or run.text not in source.line(run.line).text:
        raise ValueError(f"line {run.line} does not hold the words {run.text!r}")
    return f"{run.line} {run.text}"


# The prompt -------------------------------------------------------------------------------------


def numbered(lines: Sequence[Line]) -> str:
    """The lines as the model sees them: `12 text of the line`, one each, blank ones left out."""
    return "".join(f"{line.id} {line.text}\n" for line in lines if line.text)


def visible_lines(source: Source) -> tuple[Line, ...]:
    """The lines that a model is shown: all but those of an embedded XML, which code reads exactly."""
    xml = {page.number for page in source.pages if page.kind == "xml"}
    return tuple(line for line in source.lines if line.page not in xml)


def build_messages(
    task: Task,
    lines: Sequence[Line],
    *,
    style: Style,
    fields: Sequence[Field] | None = None,
    examples: Sequence[Example] = (),
    note: str = "",
    passages: Mapping[int, str] = NO_PASSAGES,
) -> list[dict[str, str]]:
    """OpenAI messages that ask for `fields` (all of the task's by default) of these lines.

    `passages` are the titles of the pages that are passages (`passage_pages`): each is set apart by an
    empty line, and for a full-style model by its title.
    `note` tells a full-style model what it could not see from the lines, such as that it reads one part
    of a longer document. The compact style has no notes and no examples.
    """
    asked = tuple(task.fields if fields is None else fields)
    shown: list[BaseMessage] = []
    for example in examples if style == "full" else ():
        shown.append(HumanMessage(numbered(visible_lines(example.source))))
        said = {field.name: example.said[field.name] for field in asked if field.name in example.said}
        part = Task(task.id, task.version, task.title, task.about, asked)
        shown.append(AIMessage(render_answer(part, example.source, said)))
    instructions = compact_system(task, asked) if style == "compact" else full_system(task, asked)
    body = _body(lines, passages, titled=style == "full")
    if style == "full" and note:
        body = f"{note}\n{body}"
    messages = _template().format_messages(
        instructions=[SystemMessage(instructions)], examples=shown, lines=body
    )
    return [
        {"role": message["role"], "content": message["content"]}
        for message in convert_to_openai_messages(messages)
    ]


def messages_of(
    task: Task, source: Source, *, style: Style, fields: Sequence[Field] | None = None
) -> list[dict[str, str]]:
    """What the reader sends for a whole source, with the passages that it holds."""
    return build_messages(
        task, visible_lines(source), style=style, fields=fields, passages=passage_pages(source)
    )


def _body(lines: Sequence[Line], passages: Mapping[int, str], *, titled: bool) -> str:
    """The numbered lines of the document, then those of each passage."""
    parts = [numbered([line for line in lines if line.page not in passages])]
    for page in dict.fromkeys(line.page for line in lines if line.page in passages):
        head = f"Passage: {passages[page]}\n" if titled else ""
        parts.append(f"\n{head}{numbered([line for line in lines if line.page == page])}")
    return "".join(parts)


@lru_cache(maxsize=1)
def _template() -> ChatPromptTemplate:
    """Instructions, examples, lines: in the order that a prefix cache rewards."""
    return ChatPromptTemplate.from_messages(
        [("placeholder", "{instructions}"), ("placeholder", "{examples}"), ("human", "{lines}")]
    )


def compact_system(task: Task, fields: Sequence[Field]) -> str:
    """The task's name, then one line of the names that are asked; a table names its columns."""
    names = (
        f"{field.name}({' '.join(column.name for column in field.columns)})" if field.columns else field.name
        for field in fields
    )
    return f"{task.id}\n{' '.join(names)}"


_FORMAT = """\
You fill in a form from a document. The document comes as numbered lines. You never write a value of \
your own: you point at the words of the document that hold it.

How to answer, one field on each line, in the order of the form:
- words of the document: the number of the line, a space, then the words exactly as they stand in that \
line, no more than the value itself. Words over several lines: one pointer for each line, with a tab \
between them.
- a label of a closed list: the label.
- not in the document: -
- in the document but not legible: ? and the number of the line.
- yes or no: yes or no, then a pointer to the words that say so, if there are any.
- a clause: the number of its first line, a dash, the number of its last line.
- a table: a row for each row of the document, in order, none left out. The first field of a row is led \
by "- ", the others by two spaces; leave out what a row does not have. A table that is not there: -
- text: sentences in double quotes, each followed by the numbers of the lines that it rests on, such as \
"The parcel was late." [4,5]

For example, of the lines
1 Miller Ltd      Receipt 7-114
2 Soap      2 x 1.50      3.00
3 Total EUR 3.00
the answer to seller, number, due_date, items (name, amount), total is
seller: 1 Miller Ltd
number: 1 7-114
due_date: -
items:
- name: 2 Soap
  amount: 2 3.00
total: 3 3.00
"""


def full_system(task: Task, fields: Sequence[Field]) -> str:
    """The format with a tiny example, then the form: each field with its kind and what it means."""
    lines = [_FORMAT, f"The form: {task.title}."]
    if task.about:
        lines.append(task.about)
    lines.append("")
    for field in fields:
        lines.append(_describe(field))
        lines.extend(f"  {_describe(column)}" for column in field.columns)
    return "\n".join(lines)


_KIND_WORDS = {
    "quote": "words as they stand",
    "amount": "an amount of money, only its number",
    "date": "a date",
    "number": "a number",
    "identifier": "an identifier",
    "flag": "yes or no",
    "clause": "a clause",
    "rows": "a table with these fields in each row",
    "text": "text",
}


def _describe(field: Field) -> str:
    parts = [f"{field.name} ({_kind_words(field)}): {field.label}."]
    if field.about:
        parts.append(field.about)
    if field.words:
        parts.append(f"Often printed as: {', '.join(field.words)}.")
    parts += [f"{option.name}: {option.about}" for option in field.options if option.about]
    return " ".join(parts)


def _kind_words(field: Field) -> str:
    """What may be answered, in words."""
    kind = _KIND_WORDS.get(field.kind, "")
    if field.kind == "choice":
        kind = "one of " + " | ".join(option.name for option in field.options)
        if field.several:
            kind += f", or up to {field.max_labels} of them with a tab between them, the chief one first"
    if field.kind == "text" and field.source == "passages":
        kind = (
            f"up to {field.max_sentences} numbers of lines of the passages, with a tab between them, each "
            "line to be taken word for word"
        )
        if field.free:
            kind += ', or in its place a sentence of your own that rests on them, such as "It is free." [7]'
    elif field.source == "passages":
        kind += " of the passages, not of the document"
    if field.pointers > 1:
        kind += f", up to {field.pointers} pointers"
    return kind
