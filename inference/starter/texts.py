"""Lessons as text: the prompt as serving sends it, and the right answer.

Prompts and answers are made by `lemma.reading`, so that training sees the very text that serving sends.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import Random

from lemma.reading.prompt import build_messages, numbered, render_answer, visible_lines
from lemma.reading.schema import Task
from lemma.reading.source import Line
from starter.lesson import Lesson
from starter.lessons import LESSONS

ROOT = Path(__file__).parent
BUILD = ROOT / "build"
WEIGHTS = ROOT / "weights"


def chat(messages: Iterable[Mapping[str, str]], answer: str | None = None) -> tuple[str, str]:
    """The text before the answer, as the chat template writes it, and the answer with its end."""
    prompt = "".join(f"<|{m['role']}|>\n{m['content']}" for m in messages) + "<|assistant|>\n"
    return prompt, "" if answer is None else answer + "<|end|>"


def invent(lesson: str, documents: int, seed: int) -> Iterator[Lesson]:
    """Invented lessons. The same seed gives the same ones."""
    for number in range(documents):
        yield LESSONS[lesson](Random(f"{lesson} {seed} {number}"))


def texts(lesson: str, documents: int, seed: int) -> Iterator[tuple[str, str]]:
    """Prompt and answer of invented documents. The same seed gives the same texts."""
    return map(as_text, invent(lesson, documents, seed))


def lines_of(lesson: Lesson) -> tuple[Line, ...]:
    """The lines that the prompt shows."""
    return visible_lines(lesson.source) if lesson.shown is None else lesson.shown


def asked_part(lesson: Lesson) -> Task:
    """The task with the fields that are asked, in the order in which they are."""
    task = lesson.task
    return Task(task.id, task.version, task.title, task.about, tuple(task.field(n) for n in lesson.asked))


def as_text(lesson: Lesson) -> tuple[str, str]:
    """The prompt and the answer of one lesson."""
    task = lesson.task
    if lesson.copied:
        lines = [lesson.source.line(number) for number in lesson.copied]
        return chat(build_messages(task, lesson.source.lines, style="compact", fields=()), numbered(lines))
    if lesson.labels:
        asked = "; ".join(label for label, _ in lesson.labels)
        system = {"role": "system", "content": f"{task.id}\n{asked}"}
        prompt, _ = chat([system, {"role": "user", "content": numbered(lesson.source.lines)}])
        return prompt, "".join(f"{label}: {at.line} {at.text}\n" for label, at in lesson.labels) + "<|end|>"
    part = asked_part(lesson)
    said = {name: lesson.said[name] for name in lesson.asked if name in lesson.said}
    messages: Iterable[Mapping[str, str]] = (
        build_messages(task, lines_of(lesson), style="compact", fields=part.fields)
        if lesson.messages is None
        else lesson.messages
    )
    return chat(messages, render_answer(part, lesson.source, said))
