"""Refunds at the counter: the receipt is found, what is left of each line can come back, one transaction stores it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from edge_agent.counter.invoicing import drafted
from edge_agent.counter.paying import Before, Cards
from edge_agent.counter.shop import terms_of
from edge_agent.counter.signing import holds
from edge_agent.counter.stored import Left, today_of
from edge_agent.errors import BadInput, NotAllowed, NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.money import line_total, written
from edge_agent.rules.receipt_code import Held, held_of, read_code
from edge_agent.rules.refund import (
    Back,
    Onto,
    PaidWith,
    Rounding,
    SoldBefore,
    Way,
    in_goods,
    is_whole,
    lines_back,
    paid_back,
    paid_with_back,
    taxes_back,
)
from edge_agent.rules.sale import Article, Kept, Load
from edge_agent.rules.stored import Standing, back, spendable
from edge_agent.rules.tax import by_rate, on_top
from edge_agent.rules.text import clean_name
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.refunds import Goes, RefundLine, RefundMade, RefundOf, Why
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, Tender, TenderKind


@dataclass(frozen=True)
class Original:
    """A receipt that goods come back with; `way` is how it was paid, `rounding` what its cash was rounded by, `held`
    what it did to accounts, `paid_with` what of that can still go back there."""

    of: RefundOf
    lines: tuple[SoldBefore, ...]
    way: Way
    rounding: Rounding
    held: Held | None = None
    paid_with: tuple[PaidWith, ...] = ()

    @property
    def loses(self) -> tuple[str, int, int, int]:
        """Whose points: the customer's account, what was earned, the whole gross, and what of it came back before."""
        customer, points = (self.held.customer, self.held.points) if self.held else ("", 0)
        gross = sum(line.gross for line in self.lines)
        return customer, points, gross, -sum(line.back_gross for line in self.lines)


@dataclass(frozen=True)
class Policy:
    """What may be given back without a receipt, in minor units: at once, and on one business day (0: nothing)."""

    at_once: int
    a_day: int


@dataclass(frozen=True)
class Unproved:
    """An item that comes back without a receipt, at today's price; packaging alone (`empty`) for its deposit."""

    article: Article
    qty: int
    goes: Goes
    why: Why = ""

    @property
    def each(self) -> int:
        """What is given back for one; BadInput for packaging that has no deposit."""
        if self.goes != "empty":
            return self.article.price
        if not self.article.deposit:
            raise BadInput(f"{self.article.name}: there is no deposit on it; Del takes it off")
        return self.article.deposit


@dataclass(frozen=True)
class GivenBack:
    """A refund that is durable; `total` is what is given back, above 0, `amount` of it in the way that is last."""

    receipt: int
    total: int
    amount: int
    way: TenderKind


def original(memory: Reading, number: int) -> Original:
    """This till's receipt of that number, with what may still come back of it. NotKnown; BadInput for a refund, and for
    a gift card's."""
    found = memory.receipt(number)
    if found is None:
        raise NotKnown(f"there is no receipt {number} of this till: type another number")
    if found.refund:
        raise BadInput(f"receipt {number} is a refund itself: type the sale's number")
    event = memory.event(found.seq)
    body = SaleCompleted.model_validate(event.body)
    if not body.lines:
        raise BadInput(f"receipt {number} is a gift card's: nothing of it comes back; 00 Enter 26 pays out")
    kinds = {tender.kind for tender in body.tenders}
    by = sum(tender.amount for tender in body.tenders if tender.kind == "rounding")
    way: Way = "cash" if "cash" in kinds or "card" not in kinds else "card"
    lines = [_sold(line) for line in body.lines]
    return _standing(memory, RefundOf(journal="", receipt=number, sale=event.id), lines, way, by, held_of(body))


def original_by_code(memory: Reading, text: str) -> Original:
    """The receipt whose code was scanned: this till's own, or another till's of the shop under its signature. NotKnown;
    NotAllowed for one that nobody here can vouch for."""
    code = read_code(text)
    found = memory.receipt(code.receipt)
    if found is not None and memory.event(found.seq).id == code.sale:
        return original(memory, code.receipt)
    if not any(holds(key, code.signature, code.signed) for key in memory.trusted_keys()):
        raise NotAllowed(f"receipt {code.receipt} was not printed by a till of this shop: * without a receipt")
    if code.lines is None:
        raise NotAllowed(f"receipt {code.receipt} is another till's and too long for its code: it comes back there")
    lines = [
        (sku, name, qty, price, gross, rate, tax, deposit)
        for sku, qty, price, gross, rate, tax in code.lines
        for name, deposit in (_known(memory, sku, qty),)
    ]
    of = RefundOf(journal="other", receipt=code.receipt, sale=code.sale)
    return _standing(memory, of, lines, "card" if code.way == "k" else "cash", code.rounding, code.held)


def _sold(line: SoldLine | SoldBefore) -> "Sold":
    return line.sku, line.name, line.qty, line.price, line.gross, line.rate, line.tax, line.deposit


def _known(memory: Reading, sku: str, qty: int) -> tuple[str, int]:
    """Name and deposit: a receipt's code is too short for them."""
    item = memory.item(sku)
    return (item.name, line_total(item.deposit, qty)) if item else (sku, 0)


def again(memory: Reading, known: Original) -> Original:
    """The same receipt as it stands now: another refund may have been stored since it was scanned."""
    if not known.of.origin:
        return original(memory, known.of.receipt)
    sold = [_sold(line) for line in known.lines]
    return _standing(memory, known.of, sold, known.way, known.rounding.sale, known.held)


Sold = tuple[str, str, int, int, int, int, int, int]
"""SKU, name, quantity, price, gross, rate, tax, deposit."""


def _standing(
    memory: Reading, of: RefundOf, sold: Sequence[Sold], way: Way, rounding: int, held: Held | None
) -> Original:
    before = memory.refunded(of.origin, of.receipt)
    lines = tuple(
        SoldBefore(*line[:7], *before.get(place, (0, 0, 0)), deposit=line[7]) for place, line in enumerate(sold)
    )
    paid = tuple(_paid_with(memory, of, held)) if held else ()
    return Original(of, lines, way, Rounding(rounding, before.get(-1, (0, 0, 0))[1]), held, paid)


def _paid_with(memory: Reading, of: RefundOf, held: Held) -> Iterator[PaidWith]:
    gone = memory.refunded_to(of.origin, of.receipt)
    for kind, account, tail, amount, points in held.paid:
        went, as_points = gone.pop((account, kind), (0, 0))
        if kind == "points":
            yield PaidWith("points", account, tail, amount + went, points + as_points)
        else:
            yield PaidWith("gift", account, tail, amount + went)


@dataclass(frozen=True)
class Credit:
    """What comes back in exchange for other goods: `total` minor units, above 0, of receipt `known`."""

    known: Original
    backs: tuple[Back, ...]
    total: int


def in_exchange(known: Original, backs: Sequence[Back]) -> Credit:
    """What these goods are worth in other goods. BadInput for more than is left, and for what a card or points paid."""
    if known.paid_with:
        raise BadInput("a gift card or points paid for it: give it back first, then sell")
    return Credit(known, tuple(backs), -sum(line.gross for line in lines_back(known.lines, backs)))


class Refunding:
    """Records refunds. `before` and `after` as for a sale: a shift that opens by itself; drawer and paper."""

    def __init__(
        self,
        journal: Journal,
        after: Callable[[Recorded, ShopSet | None], None],
        before: Before,
        policy: Policy,
        cards: Cards = lambda _: None,
    ) -> None:
        self._journal, self._after, self._before, self._policy = journal, after, before, policy
        self._cards = cards

    def give_back(
        self, known: Original, backs: Sequence[Back], way: Way, by: str = "", onto: Onto | None = None
    ) -> "Future[GivenBack]":
        """Record what comes back with its receipt: first onto the cards and as the points that paid for it, the rest
        this `way` (`gift`: `onto` that card). BadInput, also in the future, for more than is left by then."""
        lines_back(known.lines, backs)
        if way == "gift" and onto is None:
            raise BadInput("which gift card takes it? scan it, or F9")

        def draft(memory: Reading) -> Draft:
            now = again(memory, known)
            lines = lines_back(now.lines, backs)
            mirror = now.rounding if now.way == "cash" and is_whole(now.lines, lines) else None
            made = self._body(memory, lines, way, mirror, of=now.of)
            return Draft(self._with_accounts(memory, made, now, way, mirror, onto), by)

        return self._record(draft, onto)

    def _with_accounts(
        self, memory: Reading, made: RefundMade, known: Original, way: Way, mirror: Rounding | None, onto: Onto | None
    ) -> RefundMade:
        """The refund with what it does to gift cards and points."""
        left = Left(memory, made.day)
        stored, rest = paid_with_back(made.total, known.paid_with)
        paid = paid_back(rest, way, terms_of(memory.shop()).step, mirror=mirror) if rest or not stored else ()
        tenders = (*left.tenders(stored), *(_onto(left, one, onto) for one in paid))
        customer, earned, gross, before = known.loses
        points = -back(earned, gross, before, -made.total)
        loses = {"customer": customer, "points": points, "points_left": left.move(customer, points)} if customer else {}
        return made.model_copy(update={"tenders": tenders, **loses})

    def exchanged(self, credit: Credit, used: int) -> Callable[[Reading], RefundMade]:
        """The refund of an exchange, to be recorded with the new sale, of which `used` minor units are paid by it."""

        def body(memory: Reading) -> RefundMade:
            now = again(memory, credit.known)
            lines = lines_back(now.lines, credit.backs)
            made = self._body(memory, lines, "cash", None, of=now.of)
            made = self._with_accounts(memory, made, now, "cash", None, None)
            return made.model_copy(update={"tenders": in_goods(made.total, used, terms_of(memory.shop()).step)})

        return body

    def give_back_unproved(self, items: Sequence[Unproved], reason: str, by: str = "") -> "Future[GivenBack]":
        """Record what comes back without a receipt, in cash, at today's prices. BadInput without a reason, NotAllowed
        beyond the shop's limits."""
        reason = clean_name(reason)[:64]
        if not reason:
            raise BadInput("without a receipt there must be a reason: press its digit")

        def draft(memory: Reading) -> Draft:
            lines = _unproved(items, exclusive=terms_of(memory.shop()).exclusive)
            self._check(memory, lines)
            return Draft(self._body(memory, lines, "cash", None, of=None, reason=reason), by)

        return self._record(draft)

    def pay_out(self, card: Onto, by: str = "") -> "Future[GivenBack]":
        """Record that what is on a gift card is paid out in cash, as far as this till put it there itself. The future
        fails with BadInput when that is nothing."""

        def draft(memory: Reading) -> Draft:
            shop = memory.shop()
            known = memory.standing(card.account, self._today(shop)) or Standing()
            amount = spendable(known, 0, fresh=False)
            if amount <= 0:
                raise BadInput(f"card {card.tail}: nothing on it that was put there at this till; Esc")
            made = self._body(memory, (), "cash", None, of=None, reason="gift card paid out")
            (off,) = Left(memory, made.day).tenders(
                [Kept("gift_sold", amount, amount, card.account, card.tail)],
            )
            coins = paid_back(-amount, "cash", terms_of(shop).step, mirror=None)
            return Draft(made.model_copy(update={"tenders": (off, *coins)}), by)

        return self._record(draft)

    def _check(self, memory: Reading, lines: Sequence[RefundLine]) -> None:
        total, shop = -sum(line.gross for line in lines), memory.shop()
        decimals = shop.decimals if shop else 2
        today = -memory.unproved(self._today(shop))
        for most, word, amount in (
            (self._policy.at_once, "at once", total),
            (self._policy.a_day, "a day", total + today),
        ):
            if amount > most:
                raise NotAllowed(f"without a receipt {written(most, decimals)} {word} is the most; Del takes some off")

    def _today(self, shop: ShopSet | None) -> int:
        return today_of(shop, self._journal.act_at)

    def _body(
        self,
        memory: Reading,
        lines: tuple[RefundLine, ...],
        way: Way,
        mirror: Rounding | None,
        *,
        of: RefundOf | None,
        reason: str = "",
    ) -> RefundMade:
        shop, total = memory.shop(), sum(line.gross for line in lines)
        return RefundMade(
            receipt=memory.next_receipt(),
            day=self._today(shop),
            currency=shop.currency if shop else "GBP",
            of=of,
            reason=reason,
            lines=lines,
            total=total,
            taxes=taxes_back(lines),
            tenders=paid_back(total, way, terms_of(shop).step, mirror=mirror),
        )

    def _record(self, draft: Callable[[Reading], Draft], onto: Onto | None = None) -> "Future[GivenBack]":
        told: Future[GivenBack] = Future()
        shops: list[ShopSet | None] = []

        def compose(memory: Reading) -> list[Draft]:
            shops.append(memory.shop())
            last = draft(memory)
            drafts = [*(Draft(body, last.by) for body in self._before(memory)), last]
            return [*drafts, *(Draft(body, last.by) for body in self._credit_note(memory, last.body))]

        self._journal.record(compose).add_done_callback(lambda done: self._finish(done, shops, told, onto))
        return told

    def _credit_note(self, memory: Reading, made: Contract) -> list[Contract]:
        """Of a receipt with an invoice: a note under the next invoice number that takes it back."""
        of = made.of if isinstance(made, RefundMade) else None
        known = memory.invoice_of(of.receipt) if of and not of.origin else None
        if known is None or not isinstance(made, RefundMade):
            return []
        return [drafted(memory, made.receipt, known.buyer, known.number, self._journal.act_at)]

    def _finish(
        self,
        done: "Future[tuple[Recorded, ...]]",
        shops: "list[ShopSet | None]",
        told: "Future[GivenBack]",
        onto: Onto | None,
    ) -> None:
        error = done.exception()
        if error is not None:
            told.set_exception(error)
            return
        recorded, made = next((one, one.body) for one in done.result() if isinstance(one.body, RefundMade))
        self._after(recorded, shops[-1])
        if onto is not None and onto.number:
            self._cards([Load(onto.account, onto.tail, -made.total, onto.number)])
        told.set_result(given_back(made))


def given_back(body: RefundMade) -> GivenBack:
    """What a refund gives back."""
    paid = [tender for tender in body.tenders if tender.kind != "rounding"][-1]
    return GivenBack(body.receipt, -body.total, -paid.amount, paid.kind)


def _onto(left: Left, tender: Tender, onto: Onto | None) -> Tender:
    if tender.kind != "gift_sold" or onto is None:
        return tender
    (made,) = left.tenders([Kept(tender.kind, tender.amount, tender.given, onto.account, onto.tail)])
    return made


def _unproved(items: Sequence[Unproved], *, exclusive: bool) -> tuple[RefundLine, ...]:
    sold = [(line_total(item.each, item.qty), item.article.rate) for item in items]
    _, shares = (on_top if exclusive else by_rate)(sold)
    known = [
        SoldBefore(
            item.article.sku,
            item.article.name,
            item.qty,
            item.each,
            amount + tax * exclusive,
            item.article.rate,
            tax,
            deposit=(amount + tax * exclusive) * (item.goes == "empty"),
        )
        for item, (amount, _), tax in zip(items, sold, shares, strict=True)
    ]
    return lines_back(known, [Back(place, item.qty, item.goes, item.why) for place, item in enumerate(items)])
