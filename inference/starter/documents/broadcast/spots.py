"""Tables of spots: weeks under each line, a column for each day, or every spot as it was aired."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Protocol

from starter.documents.broadcast.facts import Deal, Spot
from starter.documents.broadcast.fields import money
from starter.documents.paper import Paper, Part, Said
from starter.documents.values import made_up, spell

TABLES = ("weeks", "grid", "listed", "aired", "marks")
Cells = Sequence[tuple[float, Part | tuple[Part, ...]]]
"""What stands in a row, and how far to the right in parts of the page's width."""
HEADS = {
    "weeks": "Line|Ch|Start Date|End Date|Description|Start/End Time|Days|Length|Spots|Amount",
    "grid": "#|Day/Time|Program|Rate|Len|M|T|W|T|F|S|S|Spots|$",
    "listed": "Line|Type|Schedule|Day to Run|Air Date/Time|Length|Program|AD-ID|Amount",
    "aired": "Line|Channel|Description|Time|Day|Date|Length|Air Time|Ad-ID|Rate",
    "marks": "Line|Line Type|Dates|Sec|Length|Run Times|SPW|Mo|Tu|We|Th|Fr|Sa|Su|Spots|Rate|Total",
}
WEEK: Cells = (
    (0.05, "Start Date"),
    (0.17, "End Date"),
    (0.29, "Weekdays"),
    (0.43, "Spots/Week"),
    (0.6, "Rate"),
)
DAYS = ("M", "Tu", "W", "Th", "F", "Sa", "Su")


class Page(Protocol):
    """What a table needs of the page it is drawn on."""

    rng: Random
    deal: Deal
    paper: Paper
    size: float
    step: float
    left: float
    right: float

    def room(self, y: float, need: float = 0.0) -> float: ...


def draw_spots(page: Page, y: float, form: str) -> float:
    """Writes the lines of the order; returns the y below them."""
    return _Spots(page, form).draw(y)


class _Spots:
    def __init__(self, page: Page, form: str) -> None:
        self.page, self.rng, self.deal, self.form = page, page.rng, page.deal, form
        self.new = self.rng.random() < 0.5
        self.call = self.deal.call.split("-")[0]
        self.headed = self.rng.random() < 0.6

    def cells(self, y: float, cells: Cells) -> float:
        wide = self.page.right - self.page.left
        for at, parts in cells:
            self.page.paper.write(self.page.left + wide * at, y, parts, self.page.size)
        return y + self.page.step

    def draw(self, y: float) -> float:
        y = self.head(self.page.room(y, 60))
        for number, spot in enumerate(self.deal.spots, start=1):
            moved = self.page.room(y, self.page.step * 3)
            if moved != y:
                y = self.head(moved) if self.headed else moved
            y = getattr(self, f"_{self.form}")(number, spot, y)
        return y

    def head(self, y: float) -> float:
        columns = HEADS[self.form].split("|")
        every = 1 / len(columns)
        return self.cells(y, [(every * n, text) for n, text in enumerate(columns)])

    def marked(self, number: int, spot: Spot) -> tuple[Said, Said, tuple[Part, ...], tuple[Part, ...]]:
        """Program, spots, rate and amount, each with its mark."""
        at = ("lines", number - 1)
        return (
            Said(spot.show, ((*at, "description"),)),
            Said(str(spot.count), ((*at, "quantity"),)),
            money(self.rng, self.deal, spot.rate, (*at, "unit_price")),
            money(self.rng, self.deal, spot.amount, (*at, "amount")),
        )

    def clock(self) -> str:
        """When a spot was aired."""
        return spell(self.rng, self.rng.choice(("^:^# am", "^:^# PM", "1#:^# AM", "^:^# AM")))

    def tape(self) -> str:
        """What was broadcast: the number of a recording."""
        return spell(self.rng, "{NAME}####H")

    def _weeks(self, number: int, spot: Spot, y: float) -> float:
        show, count, rate, amount = self.marked(number, spot)
        day = self.deal.day
        mark = "N " if self.new else ""
        cells: Cells = [
            (0.0, f"{mark}{number} {self.call}"), (0.1, day(spot.start)), (0.2, day(spot.end)), (0.3, show),
            (0.52, spot.hours), (0.7, spot.length), (0.76, "NM"), (0.84, count), (0.91, amount),
        ]  # fmt: skip
        y = self.cells(y, cells)
        if self.rng.random() < 0.2:
            note = self.rng.choice(("Political Issue", "PRE-EMPTIBLE", made_up(self.rng).upper()))
            y = self.cells(y, [(0.3, note)])
        if number == 1 or self.new:
            y = self.cells(y, WEEK)
        start = spot.start - timedelta(days=spot.start.weekday())
        first: tuple[Part, ...] = rate
        while start <= spot.end:
            end = start + timedelta(days=6)
            one = start + timedelta(days=7) > spot.end
            week: Cells = [
                (0.0, "Week:"), (0.05, day(start)), (0.17, day(end)), (0.29, spot.days),
                (0.45, str(spot.count) if one and first is rate else "1"), (0.6, first),
            ]  # fmt: skip
            y = self.cells(self.page.room(y), week)
            first, start = money(self.rng, self.deal, spot.rate), start + timedelta(days=7)
            if self.rng.random() < 0.5:
                break
        return y

    def _grid(self, number: int, spot: Spot, y: float) -> float:
        show, count, rate, amount = self.marked(number, spot)
        if self.rng.random() < 0.4:
            y = self.cells(y, [(0.04, spot.days)])
        cells: Cells = [
            (0.0, str(number)), (0.04, spot.hours), (0.22, show), (0.42, rate), (0.52, "30"),
            *((0.57 + 0.04 * n, str(int(self.rng.random() * 2.2))) for n in range(7)),
            (0.86, count), (0.91, amount),
        ]  # fmt: skip
        return self.cells(y, cells)

    def _listed(self, number: int, spot: Spot, y: float) -> float:
        show, _, _, amount = self.marked(number, spot)
        cells: Cells = [
            (0.0, f"{number}.0"), (0.06, "SPOT"), (0.12, spot.hours), (0.3, f"{spot.days}"),
            (0.4, f"{self.deal.day(spot.start)} {self.clock()}"), (0.56, "00:30"), (0.62, show),
            (0.8, self.tape()), (0.91, amount),
        ]  # fmt: skip
        return self.cells(y, cells)

    def _aired(self, number: int, spot: Spot, y: float) -> float:
        show = Said(spot.show, (("lines", number - 1, "description"),))
        y = self.cells(y, [(0.0, str(number)), (0.06, self.call), (0.14, show), (0.36, spot.hours)])
        if self.rng.random() < 0.6:
            week = f"{self.deal.day(spot.start)} to {self.deal.day(spot.end)}"
            y = self.cells(y, [(0.06, week), (0.3, f"{spot.count}x"), (0.36, spot.days)])
        for n in range(min(spot.count, 4)):
            y = self.page.room(y)
            day = spot.start + timedelta(days=n)
            cells: Cells = [
                (0.06, self.call), (0.36, DAYS[day.weekday()]), (0.41, self.deal.day(day)),
                (0.52, spot.length),
                (0.6, self.clock()), (0.72, self.tape()), (0.9, money(self.rng, self.deal, spot.rate)),
            ]  # fmt: skip
            y = self.cells(y, cells)
        return y

    def _marks(self, number: int, spot: Spot, y: float) -> float:
        show, count, rate, amount = self.marked(number, spot)
        dates = f"{self.deal.day(spot.start)}-{self.deal.day(spot.end)}"
        kind = self.rng.choice(("Normal", "Normal", "Revised")) + " Line / SPOT"
        if self.rng.random() < 0.3:
            kind += f" ({number})"
        cells: Cells = [
            (0.0, f"{number}.0 {kind}"), (0.2, dates), (0.36, "1"), (0.38, spot.length),
            (0.42, spot.hours[: spot.hours.index("-") + 1]), (0.48, show),
            *((0.66 + 0.02 * n, "X") for n in range(5) if self.rng.random() < 0.8),
            (0.79, count), (0.82, rate), (0.91, amount),
        ]  # fmt: skip
        return self.cells(y, cells)
