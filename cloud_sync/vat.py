"""A quarter's VAT and books of a shop: what receipts said by rate, what invoices carry, the boxes, the postings."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync import purchases
from cloud_sync.tables.figures import Takings, TakingsRate
from edge_agent.rules.books import Posting, of_day, of_invoice
from edge_agent.rules.purchases import Invoice
from edge_agent.rules.vat_return import Bought, Boxes, Sold, boxes, days_of


@dataclass(frozen=True)
class Quarter:
    """`days` holds each business day's sales by rate; `paid` what of them was cash and card."""

    name: str
    first: int
    last: int
    days: dict[int, list[Sold]]
    paid: dict[int, tuple[int, int]]
    invoices: list[Invoice]
    decimals: int

    @property
    def rates(self) -> list[Sold]:
        """By rate, the highest first; the days summed as they stand."""
        every = [one for sold in self.days.values() for one in sold]
        return [
            Sold(
                rate,
                sum(one.gross for one in every if one.rate == rate),
                sum(one.tax for one in every if one.rate == rate),
            )
            for rate in sorted({one.rate for one in every}, reverse=True)
        ]

    @property
    def boxes(self) -> Boxes:
        return boxes(self.rates, [Bought(one.net, one.tax, one.eu) for one in self.invoices], self.decimals)

    @property
    def postings(self) -> list[Posting]:
        """All of the quarter, by day."""
        found = [one for day, sold in self.days.items() for one in of_day(day, *self.paid.get(day, (0, 0)), sold)]
        found += [one for invoice in self.invoices for one in of_invoice(invoice)]
        return sorted(found, key=lambda one: one.day)


def quarter(session: Session, *, tenant: str, shop: str, name: str, decimals: int) -> Quarter:
    """The quarter of that name (`2026Q1`); BadInput for anything else."""
    first, last = days_of(name)
    found = purchases.invoices(session, tenant=tenant, shop=shop, since=first, until=last)
    days, paid = _days(session, tenant, shop, first, last), _paid(session, tenant, shop, first, last)
    return Quarter(name, first, last, days, paid, found, decimals)


def _days(session: Session, tenant: str, shop: str, first: int, last: int) -> dict[int, list[Sold]]:
    one = TakingsRate
    sums = select(one.day, one.rate, func.sum(one.gross), func.sum(one.tax)).where(one.tenant == tenant)
    mine = sums.where(one.shop == shop, one.day >= first, one.day <= last).group_by(col(one.day), col(one.rate))
    found: dict[int, list[Sold]] = {}
    for day, rate, gross, tax in session.exec(mine.order_by(col(one.day), col(one.rate).desc())):
        found.setdefault(day, []).append(Sold(rate, int(gross), int(tax)))
    return found


def _paid(session: Session, tenant: str, shop: str, first: int, last: int) -> dict[int, tuple[int, int]]:
    one = Takings
    sums = select(one.day, func.sum(one.cash), func.sum(one.card)).where(one.tenant == tenant, one.shop == shop)
    mine = sums.where(one.day >= first, one.day <= last).group_by(col(one.day))
    return {day: (int(cash), int(card)) for day, cash, card in session.exec(mine)}
