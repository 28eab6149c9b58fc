"""Amounts of money: exact decimals with an ISO 4217 code, never floats."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount. `currency` is an ISO 4217 code, or None where the document names none."""

    amount: Decimal
    currency: str | None = None
