"""What the forms share: a page to write labelled facts on."""

from random import Random

from starter.documents.facts import Facts
from starter.documents.invoice import Designer, Layout
from starter.documents.paper import Part, Path, Said

PLAIN = Layout("left", "left_colon", "left", "right", 3)


class Form(Designer):
    """A document that is set otherwise than letters with a table are."""

    def __init__(self, rng: Random, facts: Facts) -> None:
        super().__init__(rng, facts, PLAIN)
        self.colon = rng.choice((":", ":", "", " :"))

    def pair(self, x: float, y: float, label: str, parts: tuple[Part, ...], gap: float) -> float:
        """A label with its value `gap` points to the right, or right behind it if that is 0; the y below."""
        if gap:
            self.paper.write(x, y, label + self.colon, self.size)
            self.paper.write(x + gap, y, parts, self.size)
        else:
            self.paper.write(x, y, (f"{label}{self.colon.strip() or ':'} ", *parts), self.size)
        return y + self.step

    def amount(
        self, y: float, label: str, cents: int, *paths: Path, weak: bool = False, left: float = 350
    ) -> float:
        """A labelled sum, flush right. Returns the y below."""
        parts = self.printer.money(cents, *paths)
        if weak:
            parts = [Said(p.text, p.paths, weak=True) if isinstance(p, Said) else p for p in parts]
        self.paper.write(left, y, label, self.size)
        self.paper.write(self.right, y, parts, self.size, "right")
        return y + self.step
