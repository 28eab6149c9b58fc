"""The paragraphs of an invented contract: opening, sections, places to sign."""

from collections.abc import Sequence
from random import Random
from typing import Any

from starter.documents import parties
from starter.documents import values as paper
from starter.documents.values import pick
from starter.messages import values
from starter.messages.page import Part, Path, Value, Values, Written, clause, fill, said, words_of
from starter.messages.words import words

# A grant that says more of itself is a licence too.
LICENCES = frozenset(
    {
        "non_transferable_license",
        "affiliate_license_licensor",
        "affiliate_license_licensee",
        "unlimited_all_you_can_eat_license",
        "irrevocable_or_perpetual_license",
    }
)
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")
NUMBERINGS = ("{n}.", "{n}.", "{n})", "{n}", "Section {n}.", "ARTICLE {r}", "{c}.{n}", "§ {n}", "")
BELOW = ("{n}.{k}", "{n}.{k}", "({k})", "({l})", "")
PERCENT = {"en": ("%", "%", " percent"), "de": (" %", " %", " Prozent"), "fr": (" %", " %", " pour cent")}
ABBREVIATED = {"en": ("US", "GB"), "de": ("DE", "AT"), "fr": ("FR", "BE")}


class Draft:
    """A contract in the making."""

    def __init__(self, rng: Random, language: str) -> None:
        self.rng, self.language = rng, language
        self.doc = Written()
        self.section = 0
        self.names: list[str] = []
        self.words: dict[str, Any] = words("contracts", language)
        self.width = rng.choice((0, 0, 0, 64, 76, 88, 100, 120))
        self.numbering, self.below = rng.choice(NUMBERINGS), rng.choice(BELOW)
        self.chapter = rng.randint(1, 14)
        self.articles = rng.random() < 0.45
        """Whether each sentence of a section is a numbered row under its heading."""
        article = rng.choice(("", "", self.words["opening"]["article"]))
        self.roles = [
            [role, article + role] if isinstance(role, str) else role
            for role in rng.choice(self.words["opening"]["roles"])
        ]
        self.case = str.upper if rng.random() < 0.3 else str
        self.curly = language == "en" and rng.random() < 0.35

    def holes(self) -> dict[str, "Part | list[Part]"]:
        """New small values for one sentence."""
        rng, opening = self.rng, self.words["opening"]
        forms = self.roles if rng.random() < 0.6 else self.roles[::-1]
        thousand = rng.choice((5, 10, 25, 50, 100, 500))
        mark = "," if self.language == "en" else "."
        holes: dict[str, Part | list[Part]] = {
            "goods": pick(rng, opening["goods"]),
            "land": pick(rng, opening["land"]),
            "state": pick(rng, opening["law"]).rpartition("|")[2],
            "city": values.town(rng, self.language),
            "amount": values.money(rng, self.language),
            "percent": f"{rng.choice((2, 3, 5, 10, 15, 25, 50))}{pick(rng, PERCENT[self.language])}",
            "n": str(rng.randint(2, 12)),
            "count": f"{thousand}{mark}000" if rng.random() < 0.5 else str(rng.randint(20, 900)),
            "year": str(rng.randint(1992, 2023)),
            "law": self.law(),
        }
        for unit in ("day", "month", "year"):
            holes[f"{unit}s"] = values.period(rng, unit, self.language, legal=True)
            holes[f"{unit}s4"] = str(holes[f"{unit}s"]).removesuffix("n")
        for name, form in zip("ab", forms, strict=True):
            holes[name] = form[1]
            holes |= {f"{name}{case}": word for case, word in enumerate(form[2:], start=2)}
        return holes

    def law(self) -> list[Part]:
        """A state or country, of which its name alone is the value."""
        before, bar, name = pick(self.rng, self.words["opening"]["law"]).rpartition("|")
        value = said(name, "governing_law")
        return [before, value] if bar else [value]

    def date(self) -> str:
        rng, at = self.rng, values.day(self.rng)
        if self.language != "en" or rng.random() < 0.65:
            style = paper.style_of(rng)
            style.language = self.language
            style.date = rng.choice(self.words["opening"]["dates"])
            return paper.print_date(rng, style, at)
        suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(at.day, "th")
        return f"{at.day}{suffix} {rng.choice(('day of ', 'of '))}{at.strftime('%B')}, {at.year}"

    # Rows ------------------------------------------------------------------------------------------

    def write(self, parts: Sequence[Part]) -> None:
        """A paragraph, in the quotation marks of this contract."""
        self.doc.paragraph(_curly(parts) if self.curly else parts, self.width)

    def sayings(self, title: str, sentences: Sequence[list[Part]]) -> None:
        """A section: a heading, and its sentences as rows of their own or one after another."""
        rng = self.rng
        self.section += 1
        names = {"n": self.section, "r": ROMAN[min(self.section, 16) - 1], "c": self.chapter}
        number = self.numbering.format(**names)
        heading = " ".join(filter(None, (number, self.case(title))))
        if self.articles:
            self.doc.row(heading)
            for count, sentence in enumerate(sentences, start=1):
                below = self.below.format(n=self.section, k=count, l=chr(96 + count))
                self.write([f"{below} " if below else "", *sentence])
            return
        form = rng.random()
        parts: list[Part] = []
        if form < 0.35:
            self.doc.row(heading)
        else:
            parts = [" ".join(filter(None, (number, "" if form > 0.85 else f"{self.case(title)}."))) + " "]
        for sentence in sentences:
            if len(parts) > 1 and rng.random() < 0.2:
                self.write(parts)
                parts = []
            parts += [*sentence, " "]
        self.write(parts[:-1])

    # The parts of a contract -----------------------------------------------------------------------

    def opening(self) -> None:
        """Title, parties and date, in running text or one below the other."""
        rng, doc, opening = self.rng, self.doc, self.words["opening"]
        for _ in range(rng.choice((0, 0, 1, 2))):
            doc.row(words_of(fill(pick(rng, opening["before"]), self.holes())))
        kind = pick(rng, opening["kind"])
        names = {
            "kind": kind,
            "KIND": kind.upper(),
            "low": kind.lower(),
            "goods": pick(rng, opening["goods"]),
        }
        title = words_of(fill(pick(rng, opening["title"]), names))
        doc.row(" " * rng.choice((0, 0, 10, 20)), said(title, "title"))
        if rng.random() < 0.4:
            self._listed()
        else:
            self._running(title.title() if title.isupper() else title)
        for recital in rng.sample(opening["recital"], min(len(opening["recital"]), rng.randint(0, 3))):
            self.write(_capital(fill(recital, self.holes())))

    def _running(self, title: str) -> None:
        template = pick(self.rng, self.words["opening"]["between"])
        paths: list[Path] = [("agreement_date",)]
        if self.words["opening"]["effective_mark"] in template:
            paths.append(("effective_date",))
        holes: Values = {
            "title2": title,
            "date": Value(self.date(), tuple(paths), tight=True),
            "party1": self.party(0),
            "party2": self.party(1),
        }
        self.write(fill(template, holes))

    def _listed(self) -> None:
        """The parties one below the other, and the date above or below them."""
        rng, opening = self.rng, self.words["opening"]
        holes = {**self.holes(), "date": Value(self.date(), (("agreement_date",),), tight=True)}
        dated = fill(pick(rng, opening["dated"]), holes)
        first = rng.random() < 0.7
        if first:
            self.write(dated)
        if rng.random() < 0.7:
            self.doc.row(pick(rng, opening["listed"]))
        mark = rng.choice(("({n}) ", "{n}. ", "", "{r}: "))
        for number, role in enumerate(self.roles):
            lead = mark.format(n=number + 1, r=role[0].upper())
            after = f"; {opening['and']}" if number == 0 and rng.random() < 0.4 else ""
            self.write([lead, *self.party(number), after])
        if not first:
            self.write(dated)

    def party(self, number: int) -> list[Part]:
        rng = self.rng
        who = parties.party(rng, self.language, pick(rng, ABBREVIATED[self.language]))
        self.names.append(who.name)
        holes: Values = {
            **self.holes(),
            "name": said(who.name, "parties", number, "name"),
            "role": said(self.roles[number][0], "parties", number, "role"),
            "street": who.street,
            "town": who.town,
        }
        return fill(pick(rng, self.words["opening"]["party"]), holes)

    def sentence(self, kind: str) -> list[Part]:
        """One clause of this kind; its rows are the value."""
        parts = fill(pick(self.rng, self.words["clause"][kind]), self.holes())
        if self.rng.random() < 0.12:
            text = words_of(parts[-1:]).rstrip(".")
            parts = [*parts[:-1], f"{text}, {pick(self.rng, self.words['tail']['says'])}"]
        if kind == "governing_law":
            return _capital(parts)
        text = words_of(_capital(parts))
        paths: list[Path] = [(kind,)]
        if kind in LICENCES and any(word in text for word in self.words["opening"]["grant"]):
            paths.append(("license_grant",))
        return [clause(text, *paths)]

    def clauses(self, kinds: Sequence[str]) -> None:
        """A section that holds these clauses, at times beside something else."""
        rng = self.rng
        sentences = [self.sentence(kind) for kind in kinds]
        if rng.random() < 0.3:
            others: list[list[str]] = list(self.words["other"].values())
            sentences.insert(rng.randint(0, len(sentences)), [self.filled(rng.choice(rng.choice(others)))])
        self.sayings(pick(rng, self.words["heading"][kinds[0]]), sentences)

    def distraction(self, title: str) -> None:
        """A section that answers nothing that is asked."""
        options = self.words["other"][title]
        count = min(len(options), self.rng.choice((1, 1, 2, 3)))
        self.sayings(title, [[self.filled(each)] for each in self.rng.sample(options, count)])

    def filled(self, template: str) -> str:
        return words_of(_capital(fill(template, self.holes())))

    def term(self) -> None:
        """From when and for how long the contract runs, and how that goes on."""
        rng, expiration = self.rng, self.words["expiration"]
        sentences: list[list[Part]] = []
        if rng.random() < 0.4:
            effective = Value(self.date(), (("effective_date",),), tight=True)
            sentences.append(fill(pick(rng, self.words["opening"]["effective"]), {"effective": effective}))
        if rng.random() < 0.35:
            text = words_of(fill(expiration["until"], {"date": self.date()}))
            template = expiration["says"][0]
        else:
            text = words_of(fill(pick(rng, expiration["lengths"]), self.holes()))
            template = pick(rng, expiration["says"])
        sentences.append(fill(template, {"expires": said(text, "expiration_date")}))
        more = ("renewal_term", "notice_period", "termination_for_convenience")
        sentences += [self.sentence(kind) for kind in more if rng.random() < 0.3]
        self.sayings(pick(rng, expiration["heading"]), sentences)

    def signatures(self) -> None:
        """Where the parties sign; their names stand there once more."""
        rng, opening = self.rng, self.words["opening"]
        self.write(fill(pick(rng, opening["signing"]), self.holes()))
        for number, name in enumerate(self.names):
            lead = f"{self.roles[number][0].upper()}: " if rng.random() < 0.4 else ""
            self.doc.row(lead, said(name, "parties", number, "name"))
            for row in opening["signature"]:
                if rng.random() < 0.7:
                    holes = {
                        "person": values.person(rng, self.language),
                        "office": pick(rng, opening["office"]),
                    }
                    self.doc.row(words_of(fill(row, holes)))


def _capital(parts: list[Part]) -> list[Part]:
    """The parts with the first letter of the first words as a sentence begins."""
    first = parts[0]
    return [first[:1].upper() + first[1:], *parts[1:]] if isinstance(first, str) else parts


def _curly(parts: Sequence[Part]) -> list[Part]:
    """The parts with the quotation marks of a typesetter."""
    made: list[Part] = []
    for at, part in enumerate(parts):
        if isinstance(part, str):
            letters = [
                c if c != '"' else "“" if (i == 0 and at == 0) or (i and part[i - 1] in " (") else "”"
                for i, c in enumerate(part)
            ]
            made.append("".join(letters))
        else:
            made.append(part)
    return made
