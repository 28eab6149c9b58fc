"""Lessons as text: the prompt as serving sends it, and the right answer.

Prompts and answers are made by `lemma.reading`, so that training sees the very text that serving sends.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from lemma.reading.prompt import build_messages, numbered, render_answer, visible_lines
from lemma.reading.schema import Task, load_task
from starter.lessons import LESSONS, Lesson

ROOT = Path(__file__).parent
BUILD = ROOT / "build"
TASK = ROOT.parents[1] / "backend" / "lemma" / "tasks" / "invoices" / "task.toml"


def chat(messages: list[dict[str, str]], answer: str | None = None) -> tuple[str, str]:
    """The text before the answer, as the chat template writes it, and the answer with its end."""
    prompt = "".join(f"<|{m['role']}|>\n{m['content']}" for m in messages) + "<|assistant|>\n"
    return prompt, "" if answer is None else answer + "<|end|>"


def texts(lesson: str, documents: int, seed: int) -> Iterator[tuple[str, str]]:
    """Prompt and answer of invented documents. The same seed gives the same texts."""
    task = load_task(TASK)
    for number in range(documents):
        yield as_text(task, LESSONS[lesson](Random(f"{lesson} {seed} {number}"), task))


def as_text(task: Task, lesson: Lesson) -> tuple[str, str]:
    """The prompt and the answer of one lesson."""
    if lesson.copied:
        lines = [lesson.source.line(number) for number in lesson.copied]
        return chat(build_messages(task, lesson.source.lines, style="compact", fields=()), numbered(lines))
    if lesson.labels:
        asked = "; ".join(label for label, _ in lesson.labels)
        system = {"role": "system", "content": f"{task.id}\n{asked}"}
        prompt, _ = chat([system, {"role": "user", "content": numbered(lesson.source.lines)}])
        return prompt, "".join(f"{label}: {at.line} {at.text}\n" for label, at in lesson.labels) + "<|end|>"
    fields = [task.field(name) for name in lesson.asked]
    part = Task(task.id, task.version, task.title, task.about, tuple(fields))
    said = {name: lesson.said[name] for name in lesson.asked if name in lesson.said}
    messages = build_messages(task, visible_lines(lesson.source), style="compact", fields=fields)
    return chat(messages, render_answer(part, lesson.source, said))
