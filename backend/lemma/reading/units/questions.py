"""The questions of a questionnaire: numbered items, lines that end in a question mark, cells of a table.

A question goes on over the lines that wrap it; what stands under it as a choice of answers is none of it.
A numbered line that asks nothing is the heading of the questions under it.
"""

import re
from collections.abc import Iterator, Sequence

from lemma.reading.source import Line
from lemma.reading.units.entries import Cut

MOST_LINES = 8
_FEW_WORDS = 7

_NUMBER = re.compile(
    r"(?:(?:Q|No|Nr|Frage|Question|Pregunta)\.? ?[0-9]{1,3}[.:)]?"
    r"|[A-Z]{1,5}[-.][0-9]{1,3}(?:\.[0-9]{1,3})*[.:)]?|[0-9]{1,3}(?:\.[0-9]{1,3})*[.:)]?"
    r"|\(?[a-z]\)|[•▪◦*-]|☐)(?= )",
    re.IGNORECASE,
)
_DEEP = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_ASKS = re.compile(r"[?？](?:[\"”’)\]]*)(?= |$)")
_ENDED = re.compile(r"[.:?？!][\"”’)\]]*$")
_IMPERATIVE = re.compile(
    r"(?:(?:please|bitte|veuillez|por favor) )?"
    r"(?:describe|list|provide|explain|state|specify|confirm|indicate|outline|name|give|attach|detail|identify"
    r"|select|beschreiben|nennen|erläutern|geben|bestätigen|décri\w+|indique\w*|précise\w+|expliqu\w+"
    r"|fourni\w+|descri\w+|proporcione|enumere|confirme)\b",
    re.IGNORECASE,
)
_INTERROGATIVE = re.compile(
    r"(?:what|where|who|whom|which|when|why|how|is|are|do|does|did|has|have|can|could|will|would|may|should|was"
    r"|were|was|wo|wer|wie|wann|welche\w*|warum|ist|sind|gibt|haben|hat|werden|wird|kann|können|quel\w*|où|qui"
    r"|comment|quand|pourquoi|est-ce|avez|combien|qué|quién|cómo|dónde|cuándo|cuál\w*|existe|tiene|hay)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:if|and|or|please|when|which|wenn|falls|und|oder|bitte|si|et|ou|veuillez|y|o)\b", re.IGNORECASE
)
_ADDRESS = re.compile(r"@|: |, ")  # What stands at the head of a letter is no heading.
_WORD = re.compile(r"[^\W_]+")
# What the titles of columns are made of, and what the answers that one may tick are made of.
_FURNITURE_WORDS = """no nr id ref control section topic question questions answer answers response
    comment comments evidence
    frage fragen antwort bemerkung thema réponse commentaire pregunta respuesta domain category yes y n a na
    not applicable partly partially planned ja nein oui non sí si x number nummer numéro número"""
_FURNITURE = frozenset(_FURNITURE_WORDS.split())


def questions(lines: Sequence[Line]) -> list[Cut]:
    """The questions, each with the heading that it stands under."""
    return list(_asked(lines)) or [((), [line]) for line in lines if not _is_furniture(line)]


def _is_furniture(line: Line) -> bool:
    """Whether a line is titles of columns or answers to tick, and nothing else."""
    words = _WORD.findall(line.text.casefold())
    return not _ASKS.search(line.text) and all(word in _FURNITURE for word in words)


def _asked(lines: Sequence[Line]) -> Iterator[Cut]:
    heading: list[Line] = []
    own: list[Line] = []
    loose: list[Line] = []  # Lines that may turn out to be the beginning of a question without a number.
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else None
        if _is_furniture(line):
            if own:
                yield heading, own
            own, loose = [], []
        elif own and _continues(line, own):
            own.append(line)
        elif _begins(line, following):
            if own:
                yield heading, own
            own, loose = [*_wrapped(line, loose), line], []
        else:
            if own:
                yield heading, own
                own, loose = [], []
            if _is_heading(line, following):
                heading, loose = [line], []
            else:
                loose.append(line)
    if own:
        yield heading, own


def _body(line: Line) -> str:
    """A line without its number and without the marks of a heading."""
    text = line.text.lstrip("# ")
    match = _NUMBER.match(text)
    return text if match is None else text[match.end() :].strip()


def _begins(line: Line, following: Line | None) -> bool:
    """Whether a line asks, or is an item that does: one that is numbered, and no heading."""
    if _ASKS.search(line.text):
        return True
    numbered = _NUMBER.match(line.text) is not None
    if numbered and _INTERROGATIVE.match(_body(line)) and len(_body(line).split()) > 2:
        return True
    if _IMPERATIVE.match(_body(line)):
        return numbered or len(line.text.split()) > _FEW_WORDS or line.text.endswith((".", ":"))
    return numbered and not _is_heading(line, following) and len(_body(line).split()) > 2


def _is_heading(line: Line, following: Line | None) -> bool:
    """A few words without an end, or a number that the next line goes deeper into."""
    text = _body(line)
    if (
        _ASKS.search(text)
        or text.endswith((".", ":", ";"))
        or not text[:1].isupper()
        or _ADDRESS.search(text)
    ):
        return False
    if line.text.startswith("#"):
        return True
    number = _DEEP.match(line.text)
    under = _DEEP.match(following.text) if following is not None else None
    if number is not None and under is not None and under.group().startswith(f"{number.group()}."):
        return True
    wrapped = following is not None and following.text[:1].islower()
    return len(text.split()) <= _FEW_WORDS and not wrapped


def _continues(line: Line, own: Sequence[Line]) -> bool:
    """Whether a line goes on the question: it wraps, or asks for more of the same."""
    small = line.text[:1].islower()
    if len(own) >= MOST_LINES or _NUMBER.match(line.text):
        return False
    if _ASKS.search(line.text) and not small and (_INTERROGATIVE.match(line.text) or _asked_in(own)):
        return False
    if _ENDED.search(own[-1].text):
        return _GOES_ON.match(line.text) is not None
    return small or (line.page == own[-1].page and not (_asked_in(own) and "  " in own[-1].text))


def _asked_in(own: Sequence[Line]) -> bool:
    return any(_ASKS.search(line.text) for line in own)


def _wrapped(line: Line, loose: Sequence[Line]) -> list[Line]:
    """The lines just before, where this one begins in the middle of a sentence."""
    found: list[Line] = []
    first = line
    for before in reversed(loose):
        if not first.text[:1].islower() or before.text.endswith((".", "?", "!", ":")) or len(found) >= 3:
            break
        found.insert(0, before)
        first = before
    return found
