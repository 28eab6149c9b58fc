"""The table of rows: column orders, wrapped descriptions, page breaks, carried sums."""

from typing import TYPE_CHECKING

from starter.documents import values
from starter.documents.facts import Item
from starter.documents.paper import Part, Said
from starter.documents.values import pick

if TYPE_CHECKING:
    from starter.documents.invoice import Designer

ORDERS: tuple[tuple[str, ...], ...] = (
    ("pos", "description", "quantity", "unit", "unit_price", "vat_rate", "amount"),
    ("quantity", "description", "unit_price", "amount"),
    ("item_number", "description", "quantity", "unit_price", "amount"),
    ("description", "quantity", "unit_price", "amount"),
    ("description", "amount"),
    ("pos", "item_number", "description", "quantity", "unit_price", "amount"),
    ("pos", "quantity", "unit", "description", "unit_price", "amount"),
    ("description", "unit_price", "quantity", "vat_rate", "amount"),
    ("date", "description", "quantity", "unit_price", "amount"),
    ("item_number", "description", "quantity", "unit", "unit_price", "discount", "amount"),
    ("description", "vat_rate", "amount"),
    ("pos", "description", "item_number", "quantity", "unit_price", "vat_rate", "amount"),
)
WIDTHS = {
    "pos": 24.0,
    "item_number": 72.0,
    "quantity": 48.0,
    "unit": 34.0,
    "unit_price": 62.0,
    "vat_rate": 42.0,
    "amount": 66.0,
    "date": 58.0,
    "discount": 40.0,
}
NUMERIC = frozenset({"quantity", "unit_price", "vat_rate", "amount", "discount"})


def draw_table(page: "Designer", y: float) -> float:
    """Writes the rows of the document; returns the y below them."""
    return _Table(page).draw(y)


class _Table:
    def __init__(self, page: "Designer") -> None:
        self.page, self.rng, self.paper = page, page.rng, page.paper
        self.columns = ORDERS[page.layout.table]
        scale = page.size / 9
        fixed = sum(WIDTHS[c] * scale for c in self.columns if c != "description")
        free = max(110.0, page.right - page.left - fixed)
        if len(self.columns) < 5 and self.rng.random() < 0.3:
            free = min(free, 260.0)
        self.edges: dict[str, tuple[float, float]] = {}
        x = page.left
        for column in self.columns:
            wide = free if column == "description" else WIDTHS[column] * scale
            self.edges[column] = (x, x + wide - 6)
            x += wide
        self.flush = self.rng.random() < 0.8
        self.symbol = self.rng.random() < 0.4
        self.percent = self.rng.random() < 0.75
        self.unit_in_quantity = "unit" not in self.columns and self.rng.random() < 0.15
        self.code_under = "item_number" not in self.columns and self.rng.random() < 0.08
        self.bracketed = (
            "item_number" not in self.columns and not self.code_under and self.rng.random() < 0.08
        )
        self.tax_name = f"{pick(self.rng, page.labels['tax_total'])} " if self.rng.random() < 0.12 else ""
        self.sections = len(page.facts.items) > 2 and self.rng.random() < 0.12
        self.spacing = page.step * self.rng.choice((1.0, 1.0, 1.25, 1.6))

    def cell(self, column: str, y: float, parts: "list[Part] | Part", *, size: float) -> None:
        left, right = self.edges[column]
        if column in NUMERIC and self.flush:
            self.paper.write(right, y, parts, size, "right")
        else:
            self.paper.write(left, y, parts, size)

    def head(self, y: float) -> float:
        labels, size = self.page.labels, self.page.size
        for column in self.columns:
            key = {"date": "issue_date", "discount": "discount"}.get(column, f"col_{column}")
            text = self.titles.setdefault(column, pick(self.rng, labels[key]).split("{")[0].strip())
            if (
                column in ("amount", "unit_price")
                and not self.symbol
                and not self.page.printer.symbol_tells
                and self.rng.random() < 0.3
            ):
                text = self.titles[column] = (
                    self.page.printer.name_currency(text) if self.rng.random() < 0.5 else text
                )
            self.cell(column, y, text, size=size)
        return y + self.spacing

    def draw(self, y: float) -> float:
        self.titles: dict[str, str] = {}
        page, rng = self.page, self.rng
        y = page.room(y, 60)
        y = self.head(y)
        items = page.facts.items
        for number, item in enumerate(items):
            if page.room(y, 30) != y:
                if rng.random() < 0.3:
                    self._carried(y, sum(i.amount for i in items[:number]))
                y = page.room(y, 30)
                if rng.random() < 0.7:
                    y = self.head(y)
            elif len(items) > 3 and rng.random() < 0.04:
                page.paper.write(page.left, y, page.prose(3), page.size)
                y += page.step
            if self.sections and number % 3 == 0:
                y = self._section(y, sum(i.amount for i in items[max(0, number - 3) : number]))
            y = self.row(number, item, y)
        return y

    def _section(self, y: float, before: int) -> float:
        """The sum of the section that ends, and the name of the one that begins."""
        page, rng = self.page, self.rng
        if before:
            self.paper.write(page.left + 200, y, pick(rng, page.labels["net"]), page.size)
            self.cell("amount", y, values.print_number(page.facts.style, before), size=page.size)
            y += page.step
        self.paper.write(
            page.left, y, rng.choice(("--- {} ---", "{}", "{}:")).format(values.made_up(rng)), page.size
        )
        return y + page.step

    def _carried(self, y: float, cents: int) -> None:
        self.paper.write(self.page.left, y, pick(self.rng, self.page.labels["carry"]), self.page.size)
        self.cell("amount", y, values.print_number(self.page.facts.style, cents), size=self.page.size)

    def row(self, number: int, item: Item, y: float) -> float:  # noqa: PLR0912  (one branch a column)
        page, printer, size = self.page, self.page.printer, self.page.size
        path = ("lines", number)
        for column in self.columns:
            at = (*path, column)
            parts: list[Part] = []
            if column == "pos":
                parts = [str(number + 1) + ("." if page.detail < 0.2 else "")]
            elif column == "item_number":
                parts = [Said(item.code, (at,))]
            elif column == "quantity":
                parts = [printer.quantity(item.quantity, at)]
                if self.unit_in_quantity:
                    parts += [" ", Said(item.unit, ((*path, "unit"),))]
            elif column == "unit":
                parts = [Said(item.unit, (at,))]
            elif column == "unit_price":
                parts = printer.money(item.price, at, symbol=self.symbol)
            elif column == "vat_rate":
                parts = printer.rate(item.rate, at)
                if not self.percent:
                    parts = [p for p in parts if isinstance(p, Said)]
                parts.insert(0, self.tax_name)
            elif column == "amount":
                parts = printer.money(item.amount, at, symbol=self.symbol)
            elif column == "date":
                parts = [values.print_date(self.rng, page.facts.style, page.facts.issued)]
            elif column == "discount":
                parts = [f"{item.rebate}%" if item.rebate else self.rng.choice(("", "0%", "-", "0,00"))]
            else:
                continue
            self.cell(column, y, parts, size=size)
        return self._description(path, item, y)

    def _description(self, path: tuple[str, int], item: Item, y: float) -> float:
        """The description over one or more lines, beside and under the row's numbers."""
        left, right = self.edges["description"]
        at = (*path, "description")
        copy = self.paper.new_copy(at)
        lines = self.page.wrapped(item.description, right - left, self.page.size)
        for detail in item.details:
            lines += self.page.wrapped(detail, right - left, self.page.size)
        code: list[Part] = ["[", Said(item.code, ((*path, "item_number"),)), "] "] if self.bracketed else []
        for number, text in enumerate(lines[:4]):
            if number:
                y += self.page.step
            self.paper.write(left, y, [*([] if number else code), Said(text, (at,), copy)], self.page.size)
        if self.code_under:
            y += self.page.step
            label = pick(self.rng, self.page.labels["col_item_number"])
            self.paper.write(
                left, y, (f"{label}: ", Said(item.code, ((*path, "item_number"),))), self.page.size
            )
        return y + self.spacing
