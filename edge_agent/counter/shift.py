"""The drawer and the books: open a shift, cash in and out, the X, the Z, and the closings of day, month and year."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, TypedDict, TypeVar

from edge_agent.counter.shop import terms_of
from edge_agent.errors import BadInput
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.shift import Shift
from edge_agent.rules import cash
from edge_agent.rules.closing import due, expected, signed_text
from edge_agent.rules.day import business_day
from edge_agent.rules.retender import moved
from edge_agent.rules.text import clean_name
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.sales import TenderKind
from edge_agent.wire.events.shift import (
    CashMoved,
    Closing,
    Covered,
    PeriodClosed,
    Pieces,
    ShiftClosed,
    ShiftOpened,
    TenderMoved,
    Totals,
)

Sign = Callable[[bytes], tuple[str, str]]
"""Gives the till's public key and its signature, both in hex."""
After = Callable[[Recorded], None]
Body = TypeVar("Body", bound=Closing)
MOST_IN_DRAWER = 10**9


@dataclass(frozen=True)
class Standing:
    """A shift as it stands now (an X): what was taken, and what the drawer should hold."""

    shift: Shift
    totals: Totals
    expected: int


@dataclass(frozen=True)
class Counted:
    """What was found in the drawer: {value in minor units: how many}; `kept` stays there as the next float."""

    pieces: Mapping[int, int]
    kept: int


def standing(memory: Reading) -> Standing | None:
    """The open shift as it stands; None when none is open."""
    shift = memory.open_shift()
    if shift is None:
        return None
    sums = memory.totals_after(shift.last_receipt, shift.last_act)
    return Standing(shift, sums, expected(shift.opening, sums))


class Shifts:
    """Every act is one transaction. `sign` is the till's own key; `after` (drawer, paper) hears each durable act."""

    def __init__(self, journal: Journal, sign: Sign, after: After) -> None:
        self._journal, self._sign, self._after = journal, sign, after

    def open(self, opening: int, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """Begin a shift with so much in the drawer; BadInput when one is open."""
        _amount(opening)

        def compose(memory: Reading) -> list[Draft]:
            shift = memory.open_shift()
            if shift is not None:
                raise BadInput(f"shift {shift.number} is open; close it first (/)")
            bodies = [*self._periods(memory), self._opened(memory, opening, by_itself=False)]
            return [Draft(body, by) for body in bodies]

        return self._record(compose)

    def move(
        self, what: Literal["in", "out", "no_sale"], amount: int, reason: str, by: str = ""
    ) -> "Future[tuple[Recorded, ...]]":
        """Cash in, cash out, or the drawer opened for nothing, with its reason. Out goes no more than is there."""
        reason = clean_name(reason)[:64]
        if not reason:
            raise BadInput("the drawer opens for a reason: press its digit")
        if (amount == 0) != (what == "no_sale"):
            raise BadInput("how much? type the amount first")
        _amount(amount)

        def compose(memory: Reading) -> list[Draft]:
            opened = self.needed(memory)
            now = standing(memory)
            holds = now.expected if now and not opened else self._left(memory)
            if what == "out" and amount > holds:
                raise BadInput("that is more than the drawer holds: F7, + and less")
            act = CashMoved(what=what, amount=amount, reason=reason, day=self._today(memory))
            return [Draft(body, by) for body in [*opened, act]]

        return self._record(compose)

    def close(self, found: Counted, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """The Z of the open shift; BadInput when none is open, or more stays than was counted."""
        whole = cash.counted(found.pieces)
        if not 0 <= found.kept <= whole:
            raise BadInput("no more can stay than was counted: type less, or Esc counts again")

        def compose(memory: Reading) -> list[Draft]:
            now = standing(memory)
            if now is None:
                raise BadInput("no shift is open: F7 / opens one")
            return [Draft(self._closed(memory, now, found), by)]

        return self._record(compose)

    def retender(self, receipt: int, to: TenderKind, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """A sale of the open shift was paid in cash, or by card, after all: a pair of events that sums to nothing.
        BadInput for a receipt of another shift, or one that was paid so."""

        def compose(memory: Reading) -> list[Draft]:
            shift, found = memory.open_shift(), memory.receipt(receipt)
            if found is None or shift is None or receipt <= shift.last_receipt or found.refund:
                raise BadInput(f"receipt {receipt} is no sale of the open shift: * and another number")
            changes = moved(memory.kept(receipt), to, terms_of(memory.shop()).step)
            day = self._today(memory)
            return [Draft(TenderMoved(receipt=receipt, tender=kind, amount=by_, day=day), by) for kind, by_ in changes]

        return self._record(compose)

    def needed(self, memory: Reading) -> list[Contract]:
        """What comes before an act in the drawer, inside its transaction: a shift that opens by itself.

        One that was left open on an earlier business day is closed, uncounted, when the clock is sure.
        """
        now = memory.open_shift()
        if now is not None and (not self._sure() or now.day == self._today(memory)):
            return []
        bodies: list[Contract] = []
        if now is not None:
            still = standing(memory)
            assert still is not None
            bodies.append(self._closed(memory, still, None))
        bodies += self._periods(memory)
        return [*bodies, self._opened(memory, self._left(memory), by_itself=True)]

    def _left(self, memory: Reading) -> int:
        """What the drawer holds between two shifts, as far as the till knows."""
        last = memory.last_shift()
        if last is None:
            return 0
        if last.kept is not None:
            return max(0, last.kept)
        now = standing(memory)
        return max(0, now.expected) if now else 0

    def _opened(self, memory: Reading, opening: int, *, by_itself: bool) -> ShiftOpened:
        last = memory.last_shift()
        number = last.number + 1 if last else 1
        return ShiftOpened(number=number, day=self._today(memory), opening=opening, by_itself=by_itself)

    def _closed(self, memory: Reading, now: Standing, found: Counted | None) -> ShiftClosed:
        whole = cash.counted(found.pieces) if found else None
        kept = found.kept if found else now.expected
        return self._signed(
            ShiftClosed(
                number=now.shift.number,
                **_covering(memory, "shift"),
                totals=now.totals,
                perpetual=memory.ever(),
                public_key="",
                signature="",
                day=now.shift.day,
                opening=now.shift.opening,
                expected=now.expected,
                counts=tuple(Pieces(value=value, pieces=many) for value, many in _some(found)),
                counted=whole,
                difference=0 if whole is None else whole - now.expected,
                kept=kept,
                dropped=0 if whole is None else whole - kept,
            )
        )

    def _periods(self, memory: Reading) -> list[Contract]:
        """The closings that are due before a shift opens: of the last shift's day, its month, its year."""
        last = memory.last_shift()
        if last is None or not self._sure():
            return []
        bodies: list[Contract] = []
        for period, label in due(last.day, self._today(memory)):
            before = memory.last_closing(period)
            sums = memory.totals_after(before.last_receipt, before.last_act) if before else memory.totals_after(0, 0)
            bodies.append(
                self._signed(
                    PeriodClosed(
                        number=before.number + 1 if before else 1,
                        **_covering(memory, period),
                        totals=sums,
                        perpetual=memory.ever(),
                        public_key="",
                        signature="",
                        period=period,
                        label=label,
                    )
                )
            )
        return bodies

    def _signed(self, body: Body) -> Body:
        public_key, _ = self._sign(b"")
        named = body.model_copy(update={"public_key": public_key})
        return named.model_copy(update={"signature": self._sign(signed_text(named))[1]})

    def _sure(self) -> bool:
        return self._journal.clock.quality() != "floor"

    def _today(self, memory: Reading) -> int:
        shop = memory.shop()
        zone, closes = (shop.zone, shop.day_closes) if shop else ("UTC", 0)
        return business_day(self._journal.act_at, zone, closes)

    def _record(self, compose: Callable[[Reading], list[Draft]]) -> "Future[tuple[Recorded, ...]]":
        """Record; drawer and paper follow, and then the answer: none of them waits for a wire."""
        told: Future[tuple[Recorded, ...]] = Future()
        self._journal.record(compose).add_done_callback(lambda done: self._tell(done, told))
        return told

    def _tell(self, done: "Future[tuple[Recorded, ...]]", told: "Future[tuple[Recorded, ...]]") -> None:
        error = done.exception()
        if error is not None:
            told.set_exception(error)
            return
        for one in done.result():
            self._after(one)
        told.set_result(done.result())


def _amount(amount: int) -> None:
    if not 0 <= amount <= MOST_IN_DRAWER:
        raise BadInput("that is no amount for a drawer: type it again")


def _some(found: Counted | None) -> list[tuple[int, int]]:
    return [(value, many) for value, many in sorted(found.pieces.items(), reverse=True) if many] if found else []


class _Covering(TypedDict):
    covers: tuple[Covered, ...]
    hash: str


def _covering(memory: Reading, what: str) -> _Covering:
    """Which lines a closing covers: all that were lived since the last one of its kind."""
    before = memory.last_closing(what)
    lines = memory.covered_since(before.journal, before.covered) if before else memory.covered_since("", 0)
    covers = tuple(Covered(journal=journal, first=first, last=last) for journal, first, last in lines)
    return {"covers": covers, "hash": memory.head().hash.hex()}
