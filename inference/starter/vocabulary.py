"""The text from which the tokenizer is learned: invented pages of every task, the words of paper, prose."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from lemma.reading.prompt import compact_system
from lemma.tasks.builtin import builtin
from starter.documents import parties, values, words
from starter.lessons import LESSONS
from starter.texts import texts

REPOSITORY = Path(__file__).parents[2]
PROSE = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "backend/lemma/**/README.md")
"""Our own English, where its words are not those of the generators."""


def corpus(seed: int = 5) -> Iterator[str]:
    """Some ten megabytes of text."""
    for name in LESSONS:
        short = name.endswith(".short")
        if not name.endswith(".held_out"):
            for prompt, answer in texts(name, 3_000 if short else 600, seed):
                yield prompt
                yield answer
    yield from _words(Random(seed))
    for pattern in PROSE:
        for path in sorted(REPOSITORY.glob(pattern)):
            yield path.read_text(encoding="utf-8")
    for task in builtin().values():
        for _ in range(300):
            yield compact_system(task, task.fields)
        for _, field in task.all_fields():
            yield f"{field.label} {field.about} {' '.join(option.name for option in field.options)}"


def _words(rng: Random) -> Iterator[str]:
    """The words of paper, each of them often enough to be learned."""
    for _ in range(6_000):
        style = values.style_of(rng)
        party = parties.party(rng, style.language, style.country)
        yield " ".join(
            (party.name, party.street, party.extra or "", party.town, party.country, party.mail, party.web)
        )
        yield "  ".join(values.goods(rng, style.language) for _ in range(4))
    for language in words.LANGUAGES:
        for _ in range(14):
            for labels in words.LABELS[language].values():
                for label in labels:
                    yield f" {label}"
                    yield label
            yield " " + " ".join(words.PROSE[language])
        for kind in (words.COMPANY, words.TRADES, words.GOODS, words.UNITS, words.MONTHS, words.PLACE):
            for word in kind[language] * 10:
                yield f" {word}"
