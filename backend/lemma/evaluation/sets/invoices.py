"""Invoices, purchase orders, broadcast orders and receipts, through the task `invoices`."""

from collections.abc import Callable
from typing import Any

from lemma.evaluation.leaves import Given, Habits, Predicted
from lemma.evaluation.records import LabelledSet, Record
from lemma.evaluation.sets.addresses import address_parts
from lemma.evaluation.sets.base import Answer, Case, Cell, Plain, document, from_cell

_SCALARS = {
    "document_type": "document_kind",
    "number": "number",
    "issue_date": "issue_date",
    "due_date": "due_date",
    "delivery_date": "delivery_date",
    "currency": "currency",
    "seller.name": "supplier_name",
    "seller.vat_id": "supplier_vat_id",
    "seller.tax_number": "supplier_tax_number",
    "buyer.name": "buyer_name",
    "buyer.vat_id": "buyer_vat_id",
    "buyer.tax_number": "buyer_tax_number",
    "buyer_order_number": "order_number",
    "customer_number": "customer_number",
    "payment_reference": "payment_reference",
    "iban": "iban",
    "net_total": "net",
    "tax_total": "tax_total",
    "shipping": "shipping",
    "gross_total": "total",
    "amount_due": "amount_due",
}
_COLUMNS = {
    "description": "description",
    "item_number": "item_number",
    "quantity": "quantity",
    "unit_price": "unit_price",
    "vat_rate": "vat_rate",
    "line_total": "amount",
}
_ADDRESSES = {"seller": "supplier_address", "buyer": "buyer_address"}
_PARTS = ("street", "postcode", "city", "country")


class Invoices(Plain):
    """Sets whose `expected` has a seller and totals. Addresses are labelled in parts and quoted whole."""

    family = "invoices"
    task = "invoices"

    def fits(self, of: LabelledSet) -> bool:
        return of.shares.get("seller", 0) > 0.5 and of.shares.get("net_total", 0) > 0.5

    def habits(self, of: LabelledSet) -> Habits:
        parts = {f"{party}.{part}" for party in _ADDRESSES for part in _PARTS}
        columns = {f"lines.{column}" for column in _COLUMNS}
        # Labels from an embedded XML leave out what the page prints beside it; only people note absence.
        by_hand = any(record.meta.get("labels") == "hand-checked" for record in of.records)
        return Habits(frozenset({*_SCALARS, *parts, *columns}), absence=by_hand)

    def case(self, of: LabelledSet, record: Record) -> Case:
        del of
        return Case(*document(record))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del record
        found: dict[str, Any] = {}
        for path, field in _SCALARS.items():
            cell = answer.cell(field)
            if cell is None and path == "amount_due" and of.shares.get(path, 0) > 0.9:
                cell = answer.cell("total")  # This set labels it in every document; we only where it differs.
            if cell is not None:
                found[path] = Given(_number(cell) if path.endswith(_AMOUNTS) else cell["value"], cell)
        for party, field in _ADDRESSES.items():
            cell = answer.cell(field)
            if cell is not None:
                for part, value in address_parts(_runs(cell)).items():
                    found[f"{party}.{part}"] = Given(value, cell)
        found["lines"] = [
            {
                column: Given(_number(row[own]) if own in _NUMBERS else row[own]["value"], row[own])
                for column, own in _COLUMNS.items()
                if own in row
            }
            for row in answer.rows("lines")
        ]
        return found

    def choices(self, of: LabelledSet) -> tuple[str, ...]:
        del of
        return ("document_type", "currency")

    def subset(self, record: Record) -> str:
        return "layouts of their issuers" if record.meta.get("layout") == "native" else ""


class Flat(Plain):
    """Sets with a few leaves that are each one field."""

    def __init__(self, family: str, needs: tuple[str, ...], leaves: dict[str, str]) -> None:
        self.family = family
        self.task = "invoices"
        self._needs = needs
        self._leaves = leaves

    def fits(self, of: LabelledSet) -> bool:
        return all(of.shares.get(path, 0) > 0.5 for path in self._needs)

    def habits(self, of: LabelledSet) -> Habits:
        del of
        return Habits(frozenset(self._leaves))

    def case(self, of: LabelledSet, record: Record) -> Case:
        del of
        return Case(*document(record))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del of, record
        found: dict[str, Given] = {}
        for path, field in self._leaves.items():
            cell = answer.cell(field)
            made = from_cell(cell, _VALUES.get(path, _value)(cell) if cell else None)
            if made is not None:
                found[path] = made
        return found

    def subset(self, record: Record) -> str:
        return "labels that stand in the text" if record.meta.get("all_visible") else ""


def _value(cell: Cell) -> Any:
    return cell["value"]


def _number(cell: Cell) -> float | str:
    """An amount as a number, as the labels have it."""
    try:
        return float(cell["value"])
    except (TypeError, ValueError):
        return str(cell["value"])


_AMOUNTS = ("_total", "shipping", "amount_due")
_NUMBERS = frozenset({"quantity", "unit_price", "vat_rate", "amount"})
_VALUES: dict[str, Callable[[Cell], Any]] = {"total": _number, "gross_amount": _number}

RECEIPTS = Flat(
    "receipts",
    ("company", "total"),
    {
        "company": "supplier_name",
        "date": "issue_date",
        "address": "supplier_address",
        "total": "total",
    },
)
BROADCAST = Flat(
    "broadcast orders",
    ("contract_number", "gross_amount"),
    {
        "contract_number": "number",
        "advertiser": "buyer_name",
        "gross_amount": "total",
        "flight_from": "period_start",
        "flight_to": "period_end",
    },
)


def _runs(cell: Cell) -> list[str]:
    """The parts of an address: the words of each of its lines."""
    raw = str(cell.get("raw") or cell["value"])
    spans = cell.get("evidence") or ()
    runs: list[str] = []
    at = 0
    for each in spans:
        length = each["end"] - each["start"]
        runs.append(raw[at : at + length])
        at += length + 1
    return [run for run in runs if run] or [raw]
