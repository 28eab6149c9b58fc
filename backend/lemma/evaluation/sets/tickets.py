"""Messages with topics from a list, several of them, out of scope, or only asking for something."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from lemma.evaluation.leaves import Given, Habits, Predicted
from lemma.evaluation.records import LabelledSet, Record
from lemma.evaluation.sets.base import Answer, Case, Plain, document
from lemma.reading.material import Labelled, Material
from lemma.reading.schema.model import Option

_OUT = re.compile(r"(out[ _-]?of[ _-]?scope|oos|none)", re.IGNORECASE)


def label_name(label: str) -> str:
    """A set's label as the name of an option: `Administrative rights` becomes `administrative_rights`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", label)
    name = re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_")
    return name if name[:1].isalpha() else f"label_{name}"


def options_of(labels: Sequence[str]) -> tuple[Option, ...]:
    """A customer's list made of a set's labels, in alphabetical order."""
    return tuple(
        Option(label_name(label), re.sub(r"[_\s]+", " ", label_name(label)).capitalize())
        for label in sorted(set(labels))
    )


class Topics(Plain):
    """One topic each (`intent`, `category`, `product`) or several (`intents`), of the set's own list."""

    family = "topics"
    task = "tickets"
    _KEYS = ("intent", "intents", "category", "product")

    def fits(self, of: LabelledSet) -> bool:
        return self._key(of) != "" and "merchant" not in _input_keys(of)

    def habits(self, of: LabelledSet) -> Habits:
        key = self._key(of)
        asked = {key, "in_scope"} if of.shares.get("in_scope") else {key}
        return Habits(frozenset(asked))

    def case(self, of: LabelledSet, record: Record) -> Case:
        return Case(*document(record), _material(of, self._key(of)), ("topics",))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del record
        key = self._key(of)
        labels = _names(of, key)
        cells = answer.labels("topics")
        names = [Given(labels.get(str(cell["value"]), str(cell["value"])), cell) for cell in cells]
        if key == "intents":
            return {"intents": names}
        if not of.shares.get("in_scope"):
            return {key: names[0]} if names else {}
        inside = bool(names)
        cell = names[0].cell if names else None
        return {
            key: names[0] if names else Given("out_of_scope"),
            "in_scope": Given(inside, cell),
        }

    def choices(self, of: LabelledSet) -> tuple[str, ...]:
        key = self._key(of)
        if key == "intents":
            return ()  # Several labels are judged as values: precision, recall, F1 over all of them.
        return (key, "in_scope") if of.shares.get("in_scope") else (key,)

    def examples(self, of: LabelledSet, records: Sequence[Record]) -> tuple[Labelled, ...]:
        key = self._key(of)
        found: list[Labelled] = []
        for record in records:
            value = record.expected.get(key)
            said = value if isinstance(value, list) else [value]
            names = [label_name(str(each)) for each in said if each and not _OUT.fullmatch(str(each))]
            found.append(Labelled(record.text or "", {"topics": names}))
        return tuple(found)

    def _key(self, of: LabelledSet) -> str:
        return next((key for key in self._KEYS if of.shares.get(key, 0) > 0.5), "")


@lru_cache(maxsize=4)
def _names(of: LabelledSet, key: str) -> Mapping[str, str]:
    """Names of options to the set's labels: of its `labels.json` and of the labels in its records."""
    seen = {*_listed(of), *of.labels(key)}
    return {label_name(label): label for label in sorted(seen) if not _OUT.fullmatch(label)}


@lru_cache(maxsize=4)
def _material(of: LabelledSet, key: str) -> Material:
    return Material(lists={"topics": options_of(list(_names(of, key).values()))})


class Actions(Plain):
    """Sentences of e-mails: does the sender ask for something?"""

    family = "actions asked"
    task = "tickets"

    def fits(self, of: LabelledSet) -> bool:
        return of.shares.get("asks_for_action", 0) > 0.5

    def habits(self, of: LabelledSet) -> Habits:
        del of
        return Habits(frozenset({"asks_for_action"}))

    def case(self, of: LabelledSet, record: Record) -> Case:
        del of
        return Case(*document(record), asked=("asks_for_action",))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del of, record
        cell = answer.cell("asks_for_action")
        return {} if cell is None else {"asks_for_action": Given(bool(cell["value"]), cell)}

    def choices(self, of: LabelledSet) -> tuple[str, ...]:
        del of
        return ("asks_for_action",)

    def examples(self, of: LabelledSet, records: Sequence[Record]) -> tuple[Labelled, ...]:
        del of
        return tuple(
            Labelled(record.text or "", {"asks_for_action": bool(record.expected["asks_for_action"])})
            for record in records
        )


def _listed(of: LabelledSet) -> list[str]:
    """The labels of `labels.json`, where it is a list of names or has one."""
    path = of.sibling("labels.json")
    if not path.is_file():
        return []
    data = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(data, dict):
        data = data.get("labels") or data.get("intents") or data.get("categories") or []
    if isinstance(data, dict):
        data = list(data)
    return [str(each) for each in data if isinstance(each, str)] if isinstance(data, list) else []


def _input_keys(of: LabelledSet) -> frozenset[str]:
    given = of.records[0].raw.get("input")
    return frozenset(given) if isinstance(given, Mapping) else frozenset()
