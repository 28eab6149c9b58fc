"""The text from which the tokenizer is learned: invented pages, parties, goods, every label and field."""

from collections.abc import Iterator
from random import Random

from lemma.reading.prompt import compact_system
from starter.documents import values, words
from starter.lessons import invoices
from starter.texts import texts


def corpus(seed: int = 5) -> Iterator[str]:
    """About six megabytes of text."""
    for prompt, answer in texts("invoices.short", 8_000, seed):
        yield prompt
        yield answer
    for prompt, answer in texts("invoices.whole", 600, seed):
        yield prompt
        yield answer
    rng = Random(seed)
    for _ in range(9_000):
        style = values.style_of(rng)
        party = values.party(rng, style.language, style.country)
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
    task = invoices()
    for _ in range(1_500):
        yield compact_system(task, task.fields)
