"""Documents whose answers people have confirmed: what a customer's own runs teach.

A record of `data.jsonl` names its `task`, holds the document as `input_file` or `text`, and gives the right
`answer` in the text that the model itself would write, of those fields that were confirmed:

    {"id": "4711", "task": "invoices", "text": "Invoice 7-114\\nTotal 3.00",
     "answer": "number: 1 7-114\\ndue_date: -\\ntotal: 2 3.00\\n"}

`lemma.reading.prompt.render_answer` writes such answers.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lemma.ingest import ingest
from lemma.reading.decode import decode
from lemma.reading.prompt import visible_lines
from lemma.tasks.builtin import task
from starter.lesson import Lesson

_FIELD = re.compile(r"^(\w+):", re.MULTILINE)


def confirmed(record: Mapping[str, Any]) -> bool:
    """Whether a record is of this form."""
    return "answer" in record and "task" in record


def lesson(folder: Path, record: Mapping[str, Any]) -> Iterator[Lesson]:
    """The document, asked for all confirmed fields. Nothing where the answer does not fit its lines."""
    file = record.get("input_file")
    content = (folder / str(file)).read_bytes() if file else str(record["text"]).encode()
    source = ingest(content, str(file or "text.txt")).source
    asked = tuple(_FIELD.findall(record["answer"]))
    fields = [task(record["task"]).field(name) for name in asked]
    said = decode(record["answer"], fields, visible_lines(source)).said
    if said or not any(line for line in record["answer"].splitlines() if not line.endswith(" -")):
        yield Lesson(task(record["task"]), source, asked, dict(said))
