"""Postings for an accountant: a day's takings, an invoice, a drop; debit and credit are the same."""

from collections.abc import Iterable
from dataclasses import dataclass

from edge_agent.rules.money import percent
from edge_agent.rules.purchases import Invoice
from edge_agent.rules.vat_return import Sold

CASH, CARD, OTHER = "Cash", "Card money on its way", "Gift cards, points and exchange"
OUTPUT, INPUT, OWED = "VAT on sales", "VAT to reclaim", "Suppliers"
PURCHASES, TAKEN, GOODS, STOCK = "Purchases", "Takings of the drop", "Cost of goods sold", "Stock"
SHARES, CREATORS = "Creators' shares", "Owed to creators"


@dataclass(frozen=True)
class Posting:
    """Minor units on one account on an ordinal day: above 0 debit, below 0 credit."""

    day: int
    account: str
    amount: int
    words: str


def sales_account(rate: int) -> str:
    """Sales of a rate (basis points)."""
    return f"Sales {percent(rate)}"


def of_day(day: int, cash: int, card: int, rates: Iterable[Sold]) -> list[Posting]:
    """A business day's takings by how they were paid, and what they were for."""
    sold = list(rates)
    other = sum(one.gross for one in sold) - cash - card
    paid = [Posting(day, name, amount, "Takings") for name, amount in ((CASH, cash), (CARD, card), (OTHER, other))]
    return _some([*paid, *_sales(day, sold, "Takings")])


def of_invoice(one: Invoice) -> list[Posting]:
    """A purchase; tax on goods from the EU is declared and reclaimed at once."""
    words = f"{one.supplier} {one.number}"
    found = [Posting(one.day, PURCHASES, one.net, words), Posting(one.day, INPUT, one.tax, words)]
    if one.eu:
        found.append(Posting(one.day, OUTPUT, -one.tax, words))
    return _some([*found, Posting(one.day, OWED, -one.gross, words)])


def of_drop(day: int, name: str, rates: Iterable[Sold], cost: int) -> list[Posting]:
    """A drop at its close: what its goods took by rate, and what those that are sold had cost."""
    sold = list(rates)
    took = Posting(day, TAKEN, sum(one.gross for one in sold), name)
    return _some([took, *_sales(day, sold, name), Posting(day, GOODS, cost, name), Posting(day, STOCK, -cost, name)])


def of_shares(day: int, name: str, shared: int) -> list[Posting]:
    """What a drop's creators are owed of it."""
    return _some([Posting(day, SHARES, shared, name), Posting(day, CREATORS, -shared, name)])


def _sales(day: int, sold: Iterable[Sold], words: str) -> list[Posting]:
    found = []
    for one in sold:
        found += [
            Posting(day, sales_account(one.rate), one.tax - one.gross, words),
            Posting(day, OUTPUT, -one.tax, words),
        ]
    return found


def _some(postings: list[Posting]) -> list[Posting]:
    return [one for one in postings if one.amount]
