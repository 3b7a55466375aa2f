"""Gift cards and points at the counter: what may be paid with them, and what each sale or refund leaves on them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from edge_agent.errors import BadInput
from edge_agent.journal.reading import Reading
from edge_agent.rules.day import business_day
from edge_agent.rules.sale import Kept, Sale, Tendered
from edge_agent.rules.stored import Points, Standing, spendable
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.sales import Tender

UNHEARD = "this till has not heard of that card yet: the cloud must tell of it first"


@dataclass(frozen=True)
class Rules:
    """The shop's rules: how points are earned, and what may be paid with one account a day while it is not known fresh
    from the cloud, in minor units."""

    points: Points = field(default_factory=Points)
    cap: int = 0


def _nobody() -> bool:
    return False


@dataclass
class Stored:
    """What stands on accounts, by the rules. `is_fresh` says that the cloud has just told all that it knows (any
    thread); until somebody answers that, it has not."""

    rules: Rules = field(default_factory=Rules)
    is_fresh: Callable[[], bool] = _nobody

    def spendable(self, memory: Reading, account: str, today: int, *, points: bool = False) -> int:
        """What may be paid with an account now: minor units, or points. BadInput for one that is not known here."""
        known = memory.standing(account, today)
        if known is None:
            raise BadInput(UNHEARD)
        worth = self.rules.points.worth
        cap = self.rules.cap // worth if points and worth else self.rules.cap
        return spendable(known, cap, fresh=memory.paired() is None or self.is_fresh())

    def check(self, memory: Reading, tenders: Iterable[Tendered], today: int) -> None:
        """BadInput when more is paid with an account than may be."""
        wanted: dict[tuple[str, bool], int] = {}
        for one in tenders:
            if one.kind in ("gift", "points"):
                key = (one.account, one.kind == "points")
                wanted[key] = wanted.get(key, 0) + (one.points if key[1] else one.amount)
        for (account, points), much in wanted.items():
            if much > self.spendable(memory, account, today, points=points):
                raise BadInput("there is less on that card by now: take it off (Esc) and scan it again")

    def with_points(self, account: str, memory: Reading, today: int, due: int) -> Tendered:
        """The tender of all the points that may pay for what is due. BadInput when none can."""
        worth, heard = self.rules.points.worth, memory.standing(account, today) is not None
        most = self.spendable(memory, account, today, points=True) if worth and heard else 0
        points = min(most, max(due, 0) // worth) if worth else 0
        if points <= 0:
            raise BadInput("there are no points to pay with: Enter takes cash, F9 card")
        return Tendered("points", points * worth, account, "", points)

    def earned(self, sale: Sale, tenders: Iterable[Kept], decimals: int) -> int:
        """The points of a sale with a customer."""
        if not sale.customer:
            return 0
        deposits = sum(line.deposits for line in sale.lines)
        paid = sum(one.amount for one in tenders if one.kind == "points")
        return self.rules.points.earned(sale.total - deposits - paid, decimals)


def today_of(shop: ShopSet | None, at: int) -> int:
    """The business day of a moment."""
    return business_day(at, shop.zone, shop.day_closes) if shop else business_day(at, "UTC", 0)


@dataclass
class Left:
    """What is left on accounts while one sale or refund is written down, inside its transaction."""

    memory: Reading
    today: int

    def __post_init__(self) -> None:
        self._on: dict[str, int] = {}

    def move(self, account: str, amount: int) -> int:
        """Put so much onto an account (below 0: take off); what is on it then."""
        if account not in self._on:
            self._on[account] = (self.memory.standing(account, self.today) or Standing()).balance
        self._on[account] += amount
        return self._on[account]

    def tenders(self, kept: Sequence[Kept]) -> tuple[Tender, ...]:
        """Tenders as they are recorded; those of an account say what is left on it."""
        return tuple(self._tender(one) for one in kept)

    def _tender(self, kept: Kept) -> Tender:
        plain = Tender(kind=kept.kind, amount=kept.amount, given=kept.given)
        if not kept.account:
            return plain
        left = self.move(kept.account, -(kept.points if kept.kind == "points" else kept.amount))
        more = {"account": kept.account, "tail": kept.tail, "points": kept.points, "left": left}
        return plain.model_copy(update=more)
