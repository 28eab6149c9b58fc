"""Which documents are invented, and how often."""

from collections.abc import Callable, Mapping
from random import Random

from starter.documents import invoice
from starter.documents.broadcast.page import broadcast
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, invent
from starter.documents.forms.purchase import purchase
from starter.documents.forms.subscription import subscription
from starter.documents.forms.utility import utility
from starter.documents.forms.viewer import viewer
from starter.documents.paper import Found
from starter.documents.till.slip import receipt

FORMS: Mapping[str, Callable[[Random, Facts], Drawn]] = {
    "viewer": viewer,
    "subscription": subscription,
    "utility": utility,
    "purchase": purchase,
}
"""Kinds of bills with a form of their own."""
SHARES = {
    "invoice": 42,
    "receipt": 18,
    "broadcast": 22,
    "viewer": 6,
    "subscription": 5,
    "utility": 4,
    "purchase": 3,
}
DESIGNED = {"invoice": 52, "receipt": 20, "broadcast": 28}
"""The kinds whose designs are choices, some of which are held out for evaluation."""


def document(rng: Random, *, held_out: bool = False, small: bool = False) -> Drawn:
    """One document of any kind; a `small` one has few rows."""
    shares = DESIGNED if held_out else SHARES
    kind = rng.choices(list(shares), list(shares.values()))[0]
    if kind == "receipt":
        return receipt(rng, held_out=held_out)
    if kind == "broadcast":
        return broadcast(rng, held_out=held_out)
    most = rng.choice((1, 1, 2, 3)) if small else 24
    if kind in FORMS:
        return FORMS[kind](rng, invent(rng, "invoice", min(most, 6)))
    return invoice.whole(rng, held_out=held_out, most_items=most)


def window(rng: Random, found: Found, most: int) -> tuple[int, int]:
    """The first and last line of a part of at most `most` characters, as a long document is read in parts.

    It begins at the top, ends at the bottom, or lies between; the same holds of the windows of a reader.
    """
    sizes = [len(line.text) + 4 for line in found.source.lines]
    if sum(sizes) <= most:
        return 1, len(sizes)
    where = rng.random()
    if where < 0.45:
        first = 0
    elif where < 0.8:
        first, left = len(sizes), most
        while first > 0 and sizes[first - 1] <= left:
            first -= 1
            left -= sizes[first]
    else:
        first = rng.randrange(len(sizes))
    last, left = first, most
    while last < len(sizes) and sizes[last] <= left:
        left -= sizes[last]
        last += 1
    return first + 1, max(last, first + 1)


def within(found: Found, first: int, last: int) -> Found:
    """What is known of these lines alone: the occurrences that stand wholly in them."""
    runs = {
        path: kept
        for path, copies in found.runs.items()
        if (kept := [runs for runs in copies if all(first <= run.line <= last for run in runs)])
    }
    spots = {
        path: inside
        for path, places in found.spots.items()
        if path in runs and (inside := [spot for spot in places if first <= spot.line <= last])
    }
    return Found(found.source, runs, spots)
