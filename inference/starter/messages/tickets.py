"""Invented messages of customers: what happened, what they want, how they say it; and help pages."""

from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any

from lemma.evaluation.sets.tickets import options_of
from lemma.reading.passages import Passage, passage_pages, with_passages
from lemma.reading.pointers import Flagged, Label, Labels, Pointer, Pointers, Prose, Rows, Said, Sentence
from lemma.reading.prompt import messages_of
from lemma.reading.schema import Option, Task
from lemma.tasks.builtin import task
from starter.documents import parties
from starter.documents import values as paper
from starter.documents.values import pick
from starter.lesson import Lesson
from starter.messages import values
from starter.messages.page import Found, Part, Written, fill, said, words_of
from starter.messages.words import words

LANGUAGES, WEIGHTS = ("en", "de", "fr", "es", "it", "nl"), (44, 20, 12, 8, 8, 8)
SUBJECT = {
    "en": "Subject: ",
    "de": "Betreff: ",
    "fr": "Objet : ",
    "es": "Asunto: ",
    "it": "Oggetto: ",
    "nl": "Onderwerp: ",
}
OWN_LIST = 0.25
"""How often the topics are those of a customer's own list."""


@cache
def tickets() -> Task:
    return task("tickets")


@dataclass(slots=True)
class Message:
    """A message in the making, and what is true of it."""

    rng: Random
    language: str
    doc: Written = field(default_factory=Written)
    topics: list[str] = field(default_factory=list)
    urgency: str = "normal"
    sentiment: str = "neutral"
    action: bool = False
    person: bool = False
    facts: list[str] = field(default_factory=list)
    """Sentences that whoever answers must know, without their last mark."""

    @property
    def words(self) -> dict[str, Any]:
        return words("tickets", self.language)

    def holes(self, order: Part) -> dict[str, "Part | list[Part]"]:
        """Small values of one sentence."""
        rng = self.rng
        return {
            "order": order,
            "item": self.item(),
            "date": values.day_words(rng, self.language),
            "amount": values.money(rng, self.language),
            "days": values.period(rng, rng.choice(("day", "day", "month")), self.language),
            "phone": parties.phone(rng),
            "other": order_number(rng),
            "tracking": paper.digits(rng, rng.choice((10, 12, 14))),
        }

    def item(self) -> str:
        """What was bought, sometimes with the name that its maker gave it."""
        name = f" {paper.made_up(self.rng)}" if self.rng.random() < 0.35 else ""
        return pick(self.rng, self.words["items"]) + name

    def fact(self, template: str, order: Part) -> list[Part]:
        """A sentence that whoever answers must know."""
        parts = fill(template, self.holes(order))
        first = parts[0]
        if isinstance(first, str):
            parts[0] = first[:1].upper() + first[1:]
        self.facts.append(words_of(parts).rstrip(".!? "))
        return parts


def message(rng: Random) -> Message:
    """A message with one matter, sometimes two."""
    made = Message(rng, rng.choices(LANGUAGES, WEIGHTS)[0])
    book = made.words
    number = order_number(rng)
    order: Part = said(number, "order_number")
    scenarios = rng.sample(book["scenario"], 1 if rng.random() < 0.8 else 2)
    sentences: list[list[Part]] = []
    for scenario in scenarios:
        if scenario["topic"] not in made.topics:
            made.topics.append(scenario["topic"])
        for template in rng.sample(scenario["says"], 1 if rng.random() < 0.75 else 2):
            sentences.append(made.fact(template, order))  # noqa: PERF401  (facts are counted as they are said)
        if scenario["asks"] and rng.random() < 0.75:
            template = pick(rng, scenario["asks"])
            made.action |= not template.endswith("?") or scenario.get("acts", False)
            sentences.append(made.fact(template, order))
    if len(made.topics) > 1 and "praise" in made.topics:
        made.topics.remove("praise")
    sentences += _moods(made, order)
    _write(made, sentences)
    return made


def _moods(made: Message, order: Part) -> list[list[Part]]:
    """How urgent and how angry it is, whether somebody is to call, and what matters to nobody."""
    rng, book = made.rng, made.words
    sentences: list[list[Part]] = []

    def add(kind: str, *, fact: bool = False) -> None:
        template = pick(rng, book[kind])
        plain: list[Part] = [words_of(fill(template, made.holes("")))]
        sentences.append(made.fact(template, order) if fact else plain)

    made.urgency = rng.choices(("low", "normal", "high", "critical"), (12, 60, 20, 8))[0]
    if made.urgency != "normal":
        add(made.urgency)
    praise = made.topics == ["praise"]
    angry = set(made.topics) & {"complaint", "late delivery", "damaged item", "refund", "wrong item"}
    shares = (
        (0, 0, 1)
        if praise
        else (6, 6, 0)
        if "complaint" in made.topics
        else (4, 6, 0)
        if angry
        else (1, 7, 2)
    )
    made.sentiment = rng.choices(("negative", "neutral", "positive"), shares)[0]
    if made.sentiment != "neutral" and not (praise and rng.random() < 0.5):
        add(made.sentiment)
    if "complaint" in made.topics and made.sentiment == "neutral":
        made.sentiment = "negative"
    if rng.random() < 0.15:
        made.person = True
        made.action = True
        add("person", fact=True)
    if rng.random() < 0.35:
        sentences.append([*fill(pick(rng, book["order_words"]), {"order": order})])
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        add("filler")
    if len(made.facts) == 1 and not made.action and rng.random() < 0.4:
        add("no_action")
    return sentences


def _write(made: Message, sentences: list[list[Part]]) -> None:
    """The message as e-mail, form or note: its sentences in one row or several."""
    rng, doc, book = made.rng, made.doc, made.words
    form = rng.random()
    sender = values.person(rng, made.language)
    first = sentences[0]
    rest = sentences[1:]
    if rng.random() < 0.4:
        rng.shuffle(rest)
    subject = pick(rng, book["subjects"])
    mail = f"{sender.lower().replace(' ', rng.choice('._-'))}@{paper.made_up(rng).lower()}.example"
    if form < 0.25:
        named: list[Part] = [said(sender, "customer_name"), f" <{mail}>"] if rng.random() < 0.7 else [mail]
        doc.row("From: ", *named)
        doc.row(f"To: {rng.choice(('help', 'service', 'info'))}@{paper.made_up(rng).lower()}.example")
        if rng.random() < 0.7:
            day = values.day(rng).strftime("%a, %d %b %Y")
            doc.row(f"Date: {day} {rng.randint(10, 23)}:{rng.randint(10, 59)}")
        doc.row("Subject: ", subject)
    elif form < 0.4:
        doc.row(SUBJECT[made.language], subject)
    if rng.random() < 0.75:
        doc.row(pick(rng, book["greeting"]))
    together: list[Part] = []
    for sentence in [first, *rest]:
        together += [*sentence, " "]
        if rng.random() < 0.4:
            doc.row(*together[:-1])
            together = []
    if together:
        doc.row(*together[:-1])
    if rng.random() < 0.7:
        doc.row(pick(rng, book["closing"]))
    if rng.random() < 0.8:
        name = sender if rng.random() < 0.8 else sender.split()[0]
        doc.row(said(name, "customer_name"))


def order_number(rng: Random) -> str:
    """An order's number as shops write them."""
    return rng.choice(
        (
            paper.digits(rng, 6),
            f"#{paper.digits(rng, 5)}",
            f"{paper.capitals(rng, 2)}-{paper.digits(rng, 6)}",
            paper.identifier(rng),
        )
    )


def answer(made: Message, found: Found, listed: Task) -> dict[str, Said]:
    """What the right answer says of everything but the reply."""
    names = tuple(made.topics)
    if listed is not tickets():
        called = words("topics")["called"]
        names = tuple(
            dict.fromkeys(called[name][len(found.source.lines) % len(called[name])] for name in names)
        )
    facts = [
        {"fact": Pointers((Pointer(line.id, words),))}
        for line in found.source.lines
        for words in sorted(made.facts, key=line.text.find)
        if words in line.text
    ]
    return {
        **found.said(listed),
        "key_facts": Rows(tuple(facts[: listed.field("key_facts").max_rows])),
        "topics": Labels(names),
        "urgency": Label(made.urgency),
        "sentiment": Label(made.sentiment),
        "asks_for_action": Flagged(made.action),
        "asks_for_person": Flagged(made.person),
        "language": Label(made.language),
    }


@cache
def own_list() -> Task:
    """The task with topics called otherwise."""
    names = [name for called in words("topics")["called"].values() for name in called]
    options: tuple[Option, ...] = options_of(names)
    fields = (replace(f, options=options) if f.name == "topics" else f for f in tickets().fields)
    return replace(tickets(), fields=tuple(fields))


def whole(rng: Random) -> Lesson:
    """A message, of which everything but the reply is asked."""
    names = [f.name for f in tickets().fields if f.kind != "text"]
    return _lesson(rng, names)


def short(rng: Random) -> Lesson:
    """A message, of which some is asked."""
    names = [f.name for f in tickets().fields if f.kind != "text"]
    chosen = set(rng.sample(names, rng.randint(2, 5)))
    return _lesson(rng, [name for name in names if name in chosen])


def _lesson(rng: Random, asked: list[str]) -> Lesson:
    made = message(rng)
    listed = own_list() if rng.random() < OWN_LIST else tickets()
    found = made.doc.read()
    return Lesson(listed, found.source, tuple(asked), answer(made, found, listed), found.also())


# Replies ---------------------------------------------------------------------------------------


def reply(rng: Random) -> Lesson:
    """A message and a few passages of help pages, of which the lines that answer it are taken."""
    made = message(rng)
    found = made.doc.read()
    pages = made.words["passage"]
    right = [page for page in pages if page["topic"] in made.topics[:1] and rng.random() < 0.85]
    wrong = [page for page in pages if page["topic"] not in made.topics]
    shown = right + rng.sample(wrong, min(len(wrong), rng.randint(2, 4) - len(right)))
    rng.shuffle(shown)
    passages = [_passage(rng, number, page) for number, page in enumerate(shown)]
    source = with_passages(found.source, passages)
    titles = passage_pages(source)
    wanted = {page["title"] for page in right}
    lines = [line for line in source.lines if titles.get(line.page) in wanted][:3]
    said_: dict[str, Said] = {}
    if lines:
        said_["reply"] = Prose(tuple(Sentence(line.text, (line.id,), copied=True) for line in lines))
    messages = tuple(messages_of(tickets(), source, style="compact", fields=[tickets().field("reply")]))
    return Lesson(tickets(), source, ("reply",), said_, {}, source.lines, messages)


def _passage(rng: Random, number: int, page: dict[str, Any]) -> Passage:
    """One passage of a shop's help pages, with the shop's own numbers in it."""
    holes = {
        "n": str(rng.randint(2, 5)),
        "m": str(rng.randint(6, 12)),
        "d": str(rng.choice((14, 20, 30, 60))),
        "hour": str(rng.randint(10, 17)),
    }
    lines = rng.sample(page["lines"], min(len(page["lines"]), rng.randint(1, 3)))
    return Passage(f"help#{number}", page["title"], tuple(words_of(fill(line, holes)) for line in lines))
