"""The books that the rig keeps for itself: stock, takings, VAT and the bank, worked out anew and by no code of ours."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scripts.ninety.goods import GOODS

FEE, CARD_DAYS = 175, 2
"""The card's fee in basis points, and its working days."""


@dataclass
class DayTaken:
    """A day: sales, what they came to, what was given back (0 or less), and what of both was cash and card."""

    receipts: int = 0
    sold: int = 0
    back: int = 0
    cash: int = 0
    card: int = 0

    @property
    def total(self) -> int:
        return self.sold + self.back


@dataclass
class Books:
    """Amounts in minor units, days as ordinals."""

    stock: Counter[str] = field(default_factory=Counter)
    days: dict[int, DayTaken] = field(default_factory=lambda: defaultdict(DayTaken))
    tax: Counter[int] = field(default_factory=Counter)
    """VAT on sales less refunds, by day."""
    input_tax: Counter[int] = field(default_factory=Counter)
    bought: Counter[int] = field(default_factory=Counter)
    moved: Counter[int] = field(default_factory=Counter)
    """What else went over the bank, by day: the opening balance first."""
    pieces: Counter[int] = field(default_factory=Counter)
    returned: Counter[int] = field(default_factory=Counter)

    def sells(self, day: int, lines: Sequence[tuple[str, int]], tender: str, off: int = 0) -> int:
        """A sale less `off` in all; what it comes to. One that gives something off has lines of one rate."""
        gross: Counter[int] = Counter()
        for sku, pieces in lines:
            gross[GOODS[sku].rate] += GOODS[sku].price * pieces
            self.stock[sku] -= pieces
            self.pieces[day] += pieces
        total = sum(gross.values()) - off
        if off:
            (rate,) = gross
            gross[rate] -= off
        self.tax[day] += sum(vat_in(amount, rate) for rate, amount in gross.items())
        one = self.days[day]
        one.receipts, one.sold = one.receipts + 1, one.sold + total
        self._paid(one, tender, total)
        return total

    def takes_back(self, day: int, sku: str, pieces: int, tender: str, *, shelf: bool) -> int:
        """A whole sale of one SKU comes back; what is given for it."""
        gross = GOODS[sku].price * pieces
        self.stock[sku] += pieces if shelf else 0
        self.returned[day] += pieces
        self.tax[day] -= vat_in(gross, GOODS[sku].rate)
        one = self.days[day]
        one.back -= gross
        self._paid(one, tender, -gross)
        return gross

    @staticmethod
    def _paid(one: DayTaken, tender: str, amount: int) -> None:
        if tender == "cash":
            one.cash += amount
        else:
            one.card += amount

    def invoice(self, day: int, net: int, tax: int, paid: int) -> None:
        """A purchase of a day, paid on another."""
        self.input_tax[day] += tax
        self.bought[day] += net
        self.moved[paid] -= net + tax

    def bank(self, day: int) -> int:
        """What is on the account at the end of a day."""
        cash = sum(one.cash for on, one in self.days.items() if on <= day)
        card = sum(one.card - half_up(one.card * FEE, 10_000) for on, one in self.days.items() if lands(on) <= day)
        return cash + card + sum(amount for on, amount in self.moved.items() if on <= day)

    def boxes(self, first: int, last: int) -> Mapping[str, int]:
        """The boxes of a quarter as far as it is known: minor units, and whole pounds from box 6 on."""
        output, reclaim, bought = (
            sum(amount for day, amount in one.items() if first <= day <= last)
            for one in (self.tax, self.input_tax, self.bought)
        )
        sold = sum(one.total for day, one in self.days.items() if first <= day <= last)
        found = {"1": output, "3": output, "4": reclaim, "5": output - reclaim}
        return found | {"6": half_up(sold - output, 100), "7": half_up(bought, 100)}


def half_up(amount: int, by: int) -> int:
    """Divided, half away from zero."""
    whole = (2 * abs(amount) + by) // (2 * by)
    return whole if amount >= 0 else -whole


def vat_in(gross: int, rate: int) -> int:
    """VAT in an amount, by a rate in per cent."""
    return half_up(gross * rate, 100 + rate)


def lands(day: int) -> int:
    """When the card's money of a day is there: two working days later; a weekend's sales count as Friday's."""
    while date.fromordinal(day).weekday() > 4:
        day -= 1
    left = CARD_DAYS
    while left:
        day += 1
        left -= date.fromordinal(day).weekday() <= 4
    return day


def quarter_of(day: int) -> tuple[str, int, int]:
    """(name as the page has it, first day, last day) of the quarter of a day."""
    one = date.fromordinal(day)
    number = (one.month - 1) // 3
    first = date(one.year, 3 * number + 1, 1)
    after = date(one.year + (number == 3), 3 * number % 12 + 4 if number < 3 else 1, 1)
    return f"{one.year}Q{number + 1}", first.toordinal(), after.toordinal() - 1
