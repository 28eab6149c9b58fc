"""Which documents are invented, and how often."""

from random import Random

from starter.documents import invoice
from starter.documents.broadcast.page import broadcast
from starter.documents.drawn import Drawn
from starter.documents.paper import Found
from starter.documents.till.slip import receipt

SHARES = {"invoice": 56, "receipt": 20, "broadcast": 24}


def document(rng: Random, *, held_out: bool = False, small: bool = False) -> Drawn:
    """One document of any kind; a `small` one has few rows."""
    kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
    if kind == "receipt":
        return receipt(rng, held_out=held_out)
    if kind == "broadcast":
        return broadcast(rng, held_out=held_out)
    return invoice.whole(rng, held_out=held_out, most_items=rng.choice((1, 1, 2, 3)) if small else 24)


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
        path: kept
        for path, places in found.spots.items()
        if path in runs and (kept := [spot for spot in places if first <= spot.line <= last])
    }
    return Found(found.source, runs, spots)
