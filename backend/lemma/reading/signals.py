"""What the tokens of an answer say about each of its values.

Logprobs under a grammar are renormalised over what it allows on some engines (`masked`), and given as
they were before the mask on others (`raw`). The two do not compare, so every signal records which it is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lemma.reading.decode import Span

Mode = Literal["raw", "masked"]


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token of an answer: its text, the natural logarithm of its probability, and the likeliest
    tokens at its place with theirs."""

    text: str
    logprob: float
    top: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    start: int
    end: int
    token: TokenLogprob


def answer_signals(
    text: str, tokens: Sequence[TokenLogprob], spans: Mapping[str, Span], mode: Mode
) -> dict[str, dict[str, Any]]:
    """For each value of the answer: `logprob` (mean of its tokens), `logprob_min`, and `logprob_margin`.

    The margin is that of the decision: how far the tokens that choose the line (or the label, or absence)
    lie before the best other token, at their worst; negative where another was likelier. Values whose
    tokens cannot be told apart from the text get no signals.
    """
    placed = _place_tokens(text, tokens)
    signals: dict[str, dict[str, Any]] = {}
    first = 0
    for path, (start, end) in sorted(spans.items(), key=lambda item: item[1]):
        while first < len(placed) and placed[first].end <= start:
            first += 1
        inside: list[_Placed] = []
        at = first
        while at < len(placed) and placed[at].start < end:
            inside.append(placed[at])
            at += 1
        if inside:
            signals[path] = _signals(inside, _decisions(text, start, end), mode)
    return signals


def _signals(inside: Sequence[_Placed], decisions: Sequence[Span], mode: Mode) -> dict[str, Any]:
    logprobs = [_finite(placed.token.logprob) for placed in inside]
    margins = [
        margin
        for placed in inside
        if any(placed.start < end and placed.end > start for start, end in decisions)
        and (margin := _margin(placed.token)) is not None
    ]
    signals: dict[str, Any] = {
        "logprob": round(sum(logprobs) / len(logprobs), 6),
        "logprob_min": round(min(logprobs), 6),
        "logprobs": mode,
    }
    if margins:
        signals["logprob_margin"] = round(min(margins), 6)
    return signals


def _decisions(text: str, start: int, end: int) -> list[Span]:
    """The parts of a value in which its line, label or absence is chosen: up to the first space of each
    of its pointers."""
    found: list[Span] = []
    at = start
    for part in text[start:end].split("\t"):
        head = part.split(" ", 1)[0]
        found.append((at, at + max(len(head), 1)))
        at += len(part) + 1
    return found


def _margin(token: TokenLogprob) -> float | None:
    others = [logprob for text, logprob in token.top if text != token.text]
    return None if not others else _finite(token.logprob) - _finite(max(others))


def _finite(logprob: float) -> float:
    """Engines write minus infinity as anything from -inf to -9999; JSON has no infinity."""
    return -100.0 if math.isnan(logprob) else max(logprob, -100.0)


def _place_tokens(text: str, tokens: Sequence[TokenLogprob]) -> list[_Placed]:
    """Where each token stands in the text.

    Tokens that are parts of one character arrive as replacement characters or as nothing; the next
    token that can be found a few characters on shows where they ended, and they share that stretch.
    """
    placed: list[_Placed] = []
    pending: list[TokenLogprob] = []
    at = 0
    for token in tokens:
        found = _find(text, token.text, at, near=bool(pending))
        if found is None:
            pending.append(token)
            if len(pending) > 16:
                return placed
            continue
        placed.extend(_Placed(at, found, waiting) for waiting in pending if found > at)
        pending.clear()
        placed.append(_Placed(found, found + len(token.text), token))
        at = found + len(token.text)
    return placed


def _find(text: str, token: str, at: int, *, near: bool) -> int | None:
    if not token or "\ufffd" in token:
        return None
    if text.startswith(token, at):
        return at
    found = text.find(token, at, at + len(token) + 8) if near else -1
    return None if found < 0 else found
