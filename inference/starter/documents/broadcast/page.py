"""Sets a broadcast order, contract or invoice on paper, in many designs."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from zlib import crc32

from starter.documents import words
from starter.documents.broadcast import fields as f
from starter.documents.broadcast.facts import Deal, invent
from starter.documents.broadcast.spots import TABLES, draw_spots
from starter.documents.drawn import Drawn
from starter.documents.paper import Paper, Part, Said, add_noise, develop
from starter.documents.plain import flattened, torn
from starter.documents.values import made_up, pick

HEADS = ("columns2", "columns3", "stacked", "inline", "list", "mixed")
PARTIES = ("left", "top", "between", "remit", "none")
SUMS = ("row", "months", "block", "head", "plan")
_FILE = words.vocabulary("broadcast/words")
TITLES: Mapping[str, list[str]] = _FILE["titles"]
TERMS: list[str] = _FILE["words"]["terms"]
REMIT: list[str] = _FILE["words"]["remit"]


@dataclass(frozen=True, slots=True)
class Design:
    """The choices of one design."""

    head: str
    parties: str
    table: str
    sums: str

    @property
    def held_out(self) -> bool:
        return crc32(repr(self).encode()) % 10 == 0


def design(rng: Random, *, held_out: bool) -> Design:
    """A design of the asked side of the split."""
    while True:
        made = Design(pick(rng, HEADS), pick(rng, PARTIES), pick(rng, TABLES), pick(rng, SUMS))
        if made.held_out == held_out:
            return made


def broadcast(rng: Random, *, held_out: bool = False) -> Drawn:
    """One order, contract or invoice: as a page, as flat text, or as a torn text layer."""
    deal = invent(rng)
    form = rng.random()
    page = _Page(rng, deal, design(rng, held_out=held_out), tear=form < 0.3)
    page.draw()
    noisy = 0.3 <= form < 0.45
    if noisy:
        add_noise(page.paper, rng, rng.choice((0.003, 0.008, 0.015)))
    if form < 0.3:
        found = torn(page.paper)
    elif form < 0.6:
        found = flattened(page.paper, 1)
    else:
        found = develop(page.paper, "ocr" if noisy else "text")
    return Drawn(found, deal.kind, "USD")


class _Page:
    """One document while it is being written."""

    def __init__(self, rng: Random, deal: Deal, made: Design, *, tear: bool) -> None:
        self.rng, self.deal, self.design, self.tear = rng, deal, made, tear
        self.paper = Paper(rng, 612, 792)
        self.size = rng.choice((7.0, 7.5, 8.0))
        self.step = self.size * rng.choice((1.25, 1.4, 1.6))
        self.left, self.right = rng.choice((24.0, 36.0)), 612 - rng.choice((24.0, 36.0))
        self.title = pick(rng, TITLES[deal.kind])
        self.running = rng.random() < 0.6
        self.colon = rng.choice((":", ":", "", ""))

    def layered(self, x: float, y: float, parts: Part | tuple[Part, ...], align: str = "left") -> None:
        """Writes into a layer by chance, where the text layer is to be torn."""
        if self.tear:
            self.paper.layer = self.rng.choice((0, 0, 1, 1, 2, 3))
        self.paper.write(x, y, parts, self.size, align)
        self.paper.layer = 4 if self.tear else 0

    def pair(self, x: float, y: float, field: f.Field, gap: float) -> None:
        """A label with its value `gap` to the right; under it if that is 0, right behind it if negative."""
        label, parts = field
        name = label + self.colon
        together = not self.tear or self.rng.random() < 0.45
        if gap < 0:
            self.layered(x, y, (f"{name} ", *parts))
        elif together:
            self.paper.layer = self.rng.choice((0, 1, 2)) if self.tear else 0
            self.paper.write(x, y, name, self.size)
            self.paper.write(x + gap, y + (self.step if gap == 0 else 0), parts, self.size)
            self.paper.layer = 4 if self.tear else 0
        else:
            self.layered(x, y, name)
            self.layered(x + gap, y + (self.step if gap == 0 else 0), parts)

    def room(self, y: float, need: float = 0.0) -> float:
        """The y to go on at: the same, or below the running head of a new page."""
        if y + need < 750:
            return y
        self.paper.new_page()
        if not self.running:
            return 40.0
        deal = self.deal
        number = Said(deal.number, (("number",),))
        self.paper.write(
            self.left,
            24,
            (f.label(self.rng, "invoice" if deal.kind == "invoice" else "order") + ": ", number),
            self.size,
        )
        self.paper.write(220, 24, ("Advertiser: ", Said(deal.advertiser, (("buyer_name",),))), self.size)
        return 50.0

    def draw(self) -> None:
        rng = self.rng
        y = 28.0
        if rng.random() < 0.5:
            self.layered(rng.choice((self.left, 300.0, 430.0)), y, f"Page 1 of {rng.randint(1, 4)}")
            y += self.step
        if rng.random() < 0.9:
            self.layered(rng.choice((self.left, 260.0, 450.0)), y, self.title)
            y += self.step * 1.5
        y = self._head(self._parties(y)) + self.step
        if self.design.sums == "plan":
            y = self._plan(y) + self.step
        y = draw_spots(self, y, self.design.table)
        y = self._sums(self.room(y, 60))
        for text in rng.sample(TERMS, rng.choice((0, 1, 1, 2, 2, 4))):
            y = self.room(y)
            self.paper.write(self.left, y, text, self.size)
            y += self.step

    # Parties -----------------------------------------------------------------------------------------

    def _station(self, x: float, y: float, *, remit: bool) -> float:
        rng, deal = self.rng, self.deal
        copy = self.paper.new_copy(("supplier_address",))
        rows: list[tuple[Part, ...]] = [(Said(deal.station, (("supplier_name",),)),)]
        if remit:
            self.layered(x, y, pick(rng, REMIT))
            y += self.step
        rows += [(Said(text, (("supplier_address",),), copy),) for text in (deal.street, deal.town)]
        if rng.random() < 0.6:
            rows.append((f"{rng.choice(('', 'Main: ', 'Phone: ', 'Billing: '))}{deal.phone}",))
        if rng.random() < 0.25:
            rows.append((f"www.{deal.call.lower().strip('+-')}{rng.choice(('.com', '.tv'))}",))
        return self._block(x, y, rows)

    def _agency(self, x: float, y: float) -> float:
        """Who is billed. The address is the buyer's only where the advertiser itself is billed."""
        rng, deal = self.rng, self.deal
        label = rng.choice(("Billing Address:", "And:", "Bill To:", "Agency:", ""))
        if label:
            self.layered(x, y, label)
            y += self.step
        if deal.direct:
            copy = self.paper.new_copy(("buyer_address",))
            rows: list[tuple[Part, ...]] = [(Said(deal.agency, (("buyer_name",),)),)]
            rows += [
                (Said(text, (("buyer_address",),), copy),) for text in (deal.agency_street, deal.agency_town)
            ]
        else:
            rows = [(deal.agency,), (deal.agency_street,), (deal.agency_town,)]
        if rng.random() < 0.3:
            rows.insert(1, (f"Attention: {rng.choice(('Accounts Payable', made_up(rng)))}",))
        return self._block(x, y, rows)

    def _block(self, x: float, y: float, rows: list[tuple[Part, ...]]) -> float:
        layer = self.rng.choice((0, 1, 2, 3)) if self.tear else 0
        for row in rows:
            self.paper.layer = layer
            self.paper.write(x, y, row, self.size)
            y += self.step
        self.paper.layer = 4 if self.tear else 0
        return y

    def _parties(self, y: float) -> float:
        form, rng = self.design.parties, self.rng
        if form == "none":
            return y
        if form == "top":
            self.layered(self.left, y, (Said(self.deal.station, (("supplier_name",),)),))
            return y + self.step * 1.5
        if form == "between":
            self.layered(self.left, y, rng.choice(("Contract Agreement Between:", "Agreement between:")))
            y += self.step
        offset = rng.choice((0.0, 0.0, 0.5, -0.4)) * self.step
        low = self._station(self.left, y, remit=form == "remit")
        if rng.random() < 0.5:
            return max(low, self._agency(rng.choice((220.0, 320.0)), y + offset))
        return self._agency(self.left, low + rng.choice((0.0, self.step)))

    # Head --------------------------------------------------------------------------------------------

    def _head(self, y: float) -> float:
        fields = f.head_fields(self.rng, self.deal)
        if self.design.sums == "head":
            fields[1:1] = [self._gross_field()]
        form = self.design.head
        if form == "stacked":
            return self._stacked(fields, y)
        if form == "mixed":
            half = len(fields) // 2
            return self._grid(fields[half:], self._stacked(fields[:half], y), 2, 90.0)
        if form == "list":
            return self._grid(fields, y, 1, self.rng.choice((-1.0, 90.0)))
        columns = {"columns2": 2, "columns3": 3, "inline": self.rng.choice((2, 3))}[form]
        return self._grid(fields, y, columns, -1.0 if form == "inline" else {2: 95.0, 3: 80.0}[columns])

    def _grid(self, fields: list[f.Field], y: float, columns: int, gap: float) -> float:
        wide = (self.right - self.left) / columns
        down = -(-len(fields) // columns)
        skew = [self.rng.choice((0.0, 0.0, 0.0, 0.45)) * self.step for _ in range(columns)]
        across = self.rng.random() < 0.5
        places = []
        for n, field in enumerate(fields):
            column, row = (n % columns, n // columns) if across else (n // down, n % down)
            places.append((self.left + wide * column, y + self.step * row + skew[column], field))
        if self.tear and self.rng.random() < 0.5:
            self.rng.shuffle(places)
        for x, at, field in places:
            self.pair(x, at, field, gap)
        return y + self.step * (down + 1)

    def _stacked(self, fields: list[f.Field], y: float) -> float:
        columns = self.rng.choice((3, 4))
        wide = (self.right - self.left) / columns
        for start in range(0, len(fields), columns):
            for n, field in enumerate(fields[start : start + columns]):
                self.pair(self.left + wide * n, y, field, 0.0)
            y += self.step * 2
        return y + self.step * 0.5

    def _gross_field(self) -> f.Field:
        return f.label(self.rng, "gross"), f.money(self.rng, self.deal, self.deal.gross, ("total",))

    # Sums --------------------------------------------------------------------------------------------

    def _sums(self, y: float) -> float:
        form, rng, deal = self.design.sums, self.rng, self.deal
        count = str(sum(spot.count for spot in deal.spots))
        if form == "row" or (form in ("months", "plan") and rng.random() < 0.6):
            row = self.money(deal.gross, "total")
            self.line(y, [(0.6, rng.choice(("Totals", "TOTALS:", "Total"))), (0.75, count), (0.85, row)])
            y += self.step
        if form == "months":
            return self._months(y)
        if form == "block":
            return self._block_sums(y, count)
        return y + self.step

    def money(self, cents: int, *names: str, weak: bool = False, sign: str = "") -> tuple[Part, ...]:
        return f.money(self.rng, self.deal, cents, *((name,) for name in names), weak=weak, sign=sign)

    def line(self, y: float, cells: list[tuple[float, Part | tuple[Part, ...]]]) -> None:
        for at, parts in cells:
            self.paper.write(self.left + (self.right - self.left) * at, y, parts, self.size)

    def _months(self, y: float) -> float:
        """Gross, commission and net by month; with one month, its row repeats the sums."""
        rng, deal = self.rng, self.deal
        heads = ("Time Period", "# of Spots", "Gross Amount", "Agency Comm.", "Net Amount")
        self.line(y, [(0.2 * n, text) for n, text in enumerate(heads)])
        y += self.step
        count = sum(spot.count for spot in deal.spots)
        one = rng.random() < 0.6 or deal.gross < 20_000
        parts = [deal.gross] if one else [deal.gross // 3, deal.gross - deal.gross // 3]
        for part in parts:
            fee = round(part * deal.commission)
            names = (("total",), ("net",)) if one else ((), ())
            cells: list[tuple[float, Part | tuple[Part, ...]]] = [
                (0.0, f"{deal.day(deal.first)} -{deal.day(deal.last)}"), (0.2, str(count)),
                (0.4, self.money(part, *names[0], weak=True)), (0.6, self.money(fee, sign="()")),
                (0.8, self.money(part - fee, *names[1], weak=True)),
            ]  # fmt: skip
            self.line(y, cells)
            y += self.step
        total = self.money(deal.gross, "total")
        self.line(
            y,
            [
                (0.0, "Totals"),
                (0.2, str(count)),
                (0.4, total),
                (0.6, self.money(deal.fee, sign="()")),
                (0.8, self.money(deal.gross - deal.fee, "net")),
            ],
        )
        return y + self.step * 2

    def _plan(self, y: float) -> float:
        """A bill plan above the lines, month totals beside it."""
        rng, deal = self.rng, self.deal
        heads = (
            "Start Date",
            "End Date",
            "# Spots",
            "Gross Amount",
            "Net Amount",
            "Month",
            "# Spots",
            "Gross Amount",
            "Net Amount",
        )
        self.line(y, [(0.11 * n, text) for n, text in enumerate(heads)])
        y += self.step
        count = str(sum(spot.count for spot in deal.spots))
        net = deal.gross - deal.fee
        left: list[tuple[float, Part | tuple[Part, ...]]] = [
            (0.0, deal.day(deal.first)), (0.11, deal.day(deal.last)), (0.22, count),
            (0.33, self.money(deal.gross, "total", weak=True)), (0.44, self.money(net, "net", weak=True)),
        ]  # fmt: skip
        month: list[tuple[float, Part | tuple[Part, ...]]] = [
            (0.55, deal.first.strftime("%B %Y")), (0.66, count),
            (0.77, self.money(deal.gross, "total", weak=True)), (0.88, self.money(net, "net", weak=True)),
        ]  # fmt: skip
        self.line(y, left + month)
        y += self.step
        if rng.random() < 0.9:
            self.line(
                y,
                [
                    (0.55, "Totals"),
                    (0.66, count),
                    (0.77, self.money(deal.gross, "total")),
                    (0.88, self.money(net, "net")),
                ],
            )
        y += self.step
        if rng.random() < 0.3:
            share = rng.randint(2, 60)
            for name, part in (
                ("Market", deal.gross * 100 // share),
                (made_up(rng).upper()[:4], deal.gross // 2),
            ):
                self.line(y, [(0.0, name), (0.2, f"{share}%"), (0.35, self.money(part))])
                y += self.step
        return y

    def _block_sums(self, y: float, count: str) -> float:
        rng, deal = self.rng, self.deal
        net = deal.gross - deal.fee
        rows: list[tuple[str, tuple[Part, ...]]] = [(f.label(rng, "gross"), self.money(deal.gross, "total"))]
        if rng.random() < 0.5:
            rows.insert(rng.choice((0, 1)), (f.label(rng, "spots"), (count,)))
        if deal.commission or rng.random() < 0.3:
            rows.append((f.label(rng, "fee"), self.money(deal.fee, sign=rng.choice(("", "-", "()")))))
        if rng.random() < 0.2:
            rows.append(("Sales Tax", self.money(0, "tax_total")))
        if deal.kind == "invoice" and rng.random() < 0.6:
            rows.append((f.label(rng, "due"), self.money(net, "amount_due")))
        else:
            rows.append((f.label(rng, "net"), self.money(net, "net")))
        x = rng.choice((self.left, 300.0, 400.0))
        for label, amount in rows:
            if rng.random() < 0.9:
                self.paper.write(x, y, label + self.colon, self.size)
                self.paper.write(x + 110, y, amount, self.size)
            else:
                self.paper.write(x, y, (f"{label}: ", *amount), self.size)
            y += self.step
        return y + self.step
