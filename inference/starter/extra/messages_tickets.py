"""Messages and statement lines whose topic, request or category people have labelled.

The sets are small for a model that must learn them by heart, so each record is shown some times, after the
first time with a few words left out, swapped or misspelt.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from lemma.evaluation.sets.tickets import label_name, options_of
from lemma.reading.pointers import Flagged, Label, Labels, Pointer, Pointers, Said
from lemma.reading.schema import Task
from lemma.reading.units import unit_source
from lemma.tasks.builtin import task
from starter.lesson import Lesson, Spot
from starter.messages import transactions
from starter.messages.page import read_text

Adapter = Callable[[Path, Mapping[str, Any]], Iterator[Lesson]]
OUT_OF_SCOPE = frozenset({"oos", "out_of_scope"})
LONGEST = 900
"""Characters of a message that are shown: its topic is plain by then."""


def topics(key: str, times: int) -> Adapter:
    """An adapter for sets that say a message's topic, or several, under `key`."""

    def lessons(folder: Path, record: Mapping[str, Any]) -> Iterator[Lesson]:
        del folder
        value = record["expected"].get(key)
        labels = [str(each) for each in (value if isinstance(value, list) else [value]) if each]
        names = tuple(dict.fromkeys(label_name(label) for label in labels))
        names = tuple(name for name in names if name not in OUT_OF_SCOPE)
        labelled = _labelled(names)
        names = names[: labelled.field("topics").max_labels]
        said: dict[str, Said] = {"topics": Labels(names)} if names else {}
        for text in varied(record, times):
            yield Lesson(labelled, read_text(text), ("topics",), said)

    return lessons


@cache
def _labelled(names: tuple[str, ...]) -> Task:
    """The task with a list that holds these topics."""
    tickets = task("tickets")
    fields = [
        replace(f, options=options_of(names)) if f.name == "topics" and names else f for f in tickets.fields
    ]
    return replace(tickets, fields=tuple(fields))


def asks_for_action(folder: Path, record: Mapping[str, Any]) -> Iterator[Lesson]:
    """Sentences of e-mails: does the sender ask for something?"""
    del folder
    value = Flagged(bool(record["expected"]["asks_for_action"]))
    for text in varied(record, 2):
        yield Lesson(task("tickets"), read_text(text), ("asks_for_action",), {"asks_for_action": value})


def varied(record: Mapping[str, Any], times: int) -> Iterator[str]:
    """The record's text, and then with small changes. The same record gives the same texts."""
    text = str(record["text"])
    for number in range(times):
        rng = Random(f"{record['id']} {number}")
        if number == 0:
            yield text[:LONGEST]
        else:
            yield changed(rng, text)[:LONGEST]


def changed(rng: Random, text: str) -> str:
    """The text with some words left out, swapped or misspelt, never all of them."""
    rows = [_changed_row(rng, row.split(" ")) for row in text.splitlines()]
    kept = "\n".join(row for row in rows if row.strip())
    if rng.random() < 0.3:
        kept = kept.lower() if rng.random() < 0.6 else kept.rstrip("?!. ")
    return kept if kept.strip() else text


def _changed_row(rng: Random, words: Sequence[str]) -> str:
    kept = [word for word in words if rng.random() > 0.08] or list(words)
    if len(kept) > 3 and rng.random() < 0.3:
        at = rng.randrange(len(kept) - 1)
        kept[at], kept[at + 1] = kept[at + 1], kept[at]
    if rng.random() < 0.3:
        at = rng.randrange(len(kept))
        kept[at] = misspelt(rng, kept[at])
    return " ".join(kept)


def misspelt(rng: Random, word: str) -> str:
    """The word with two letters swapped or one lost, as hasty typing does."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    if rng.random() < 0.5:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :]


def purchase_card(folder: Path, record: Mapping[str, Any]) -> Iterator[Lesson]:
    """A line of a card statement: the category that its holder chose, and what stands in the line."""
    del folder
    given = record["input"]
    source = unit_source(read_text(str(record["text"])).lines)
    text = source.line(1).text
    answer: dict[str, Said] = {"category": Label(label_name(str(record["expected"]["category"])))}
    also: dict[str, tuple[Spot, ...]] = {}
    for name, words in (
        ("merchant", given["merchant"]),
        ("date", given["date"]),
        ("amount", given["amount"]),
    ):
        at = text.find(str(words))
        if at >= 0:
            answer[name] = Pointers((Pointer(1, str(words)),))
            also[name] = (Spot(1, str(words), at),)
    category = label_name(str(record["expected"]["category"]))
    for unknown in ({"recurring"}, {"recurring", "merchant", "date", "amount"}):
        yield transactions.lesson(source, category, answer, also, frozenset(unknown))
