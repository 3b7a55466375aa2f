"""True time: told by a boot's own time once a server gave the time; without that, as it was recorded."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.true_time import NEAR_MS, Stand, stand_of, true_times
from edge_agent.wire.envelope import Clock, Contract, Envelope
from edge_agent.wire.events.device import Booted, ClockMoved
from edge_agent.wire.events.shift import ReceiptReprinted

BEGIN, HOUR = 1_780_000_000_000, 3_600_000
Line = tuple[Envelope, Contract]
Life = list[tuple[str, int, int]]
"""What is done in a boot: the word, the clock's error where it is set, and how long before the next event."""


class Till:
    """A till whose clock is set by hand: `lines` as it writes them, `truths` when each happened."""

    def __init__(self, truth: int = BEGIN) -> None:
        self.lines: list[Line] = []
        self.truths: dict[int, int] = {}
        self.truth, self.off, self.sure = truth, 0, False
        self._boots, self._began, self._stand = 0, truth, Stand("", None, sure=False)

    def boot(self, off: int, *, sure: bool) -> None:
        self._boots, self.off, self.sure = self._boots + 1, off, sure
        # The boot's own time begins anywhere.
        self._began = self.truth - 4_000
        self._write(Booted(boot=str(self._boots), monotonic_ms=self._up(), version="0"))

    def sell(self) -> int:
        """Record an event, the clock's word before it where it is news; gives its seq."""
        if self._stand.is_news(self._at(), self._clock(), self._up()):
            self._write(ClockMoved(boot=str(self._boots), monotonic_ms=self._up()))
        self._write(ReceiptReprinted(receipt=1, copy_number=1))
        return len(self.lines)

    def _write(self, body: Contract) -> None:
        seq = len(self.lines) + 1
        event = Envelope(
            seq=seq, id=f"{seq:016x}", kind="any", v=1, at=self._at(), clock=self._clock(), feed=0, because=None, by=""
        )
        self._stand = stand_of(event, body) or self._stand
        self.lines.append((event, body))
        self.truths[seq] = self.truth

    def _at(self) -> int:
        return self.truth + self.off

    def _clock(self) -> Clock:
        return "ntp" if self.sure else "rtc"

    def _up(self) -> int:
        return self.truth - self._began


def lived(life: Life, *, slips: bool = False) -> Till:
    """A till that lived so: a time server is right, unless it `slips` behind the first time."""
    till, before = Till(), False
    till.boot(-HOUR, sure=False)
    for word, off, passes in life:
        till.truth += passes
        match word:
            case "boot":
                till.boot(off, sure=False)
                before = False
            case "server":
                till.off, till.sure = off if slips and before else 0, True
                before = True
            case "alone":
                till.sure = False
            case "set" if not till.sure:
                till.off = off
        till.sell()
    return till


WORDS = st.sampled_from(["boot", "server", "alone", "set", "sell", "sell"])
OFF = st.sampled_from([0, -HOUR, HOUR, NEAR_MS // 2, 3_000]) | st.integers(-40 * 24 * HOUR, 3_650 * 24 * HOUR)
LIVES = st.lists(st.tuples(WORDS, OFF, st.integers(0, 20 * HOUR)), max_size=25)


def boot_of(till: Till) -> dict[int, int]:
    """By seq, the seq of the line that began its boot."""
    begun, found = 0, {}
    for event, body in till.lines:
        begun = event.seq if isinstance(body, Booted) else begun
        found[event.seq] = begun
    return found


def test_what_was_sold_before_a_server_told_the_time_is_told_by_it() -> None:
    till = Till()
    till.boot(-90 * 24 * HOUR, sure=False)
    till.truth += 2 * HOUR
    sold = till.sell()
    till.truth, till.off, till.sure = till.truth + HOUR, 0, True
    till.sell()
    assert true_times(till.lines)[sold] == BEGIN + 2 * HOUR


@given(LIVES)
def test_each_event_of_a_boot_that_got_sure_time_is_told_within_half_a_second(life: Life) -> None:
    till = lived(life)
    found, boots = true_times(till.lines), boot_of(till)
    sure = {boots[event.seq] for event, _ in till.lines if event.clock == "ntp"}
    assert set(found) == {seq for seq, boot in boots.items() if boot in sure}
    assert all(abs(at - till.truths[seq]) <= NEAR_MS for seq, at in found.items())


@given(LIVES)
def test_true_times_never_go_back_within_a_boot(life: Life) -> None:
    till = lived([(word, off // 1_000 * 1_000, passes) for word, off, passes in life])
    found, boots = true_times(till.lines), boot_of(till)
    told = [(boots[seq], at) for seq, at in sorted(found.items())]
    assert all(at <= then for (boot, at), (same, then) in pairwise(told) if boot == same)


@given(LIVES)
def test_a_boot_without_sure_time_stays_as_recorded(life: Life) -> None:
    till = lived([(word, off, passes) for word, off, passes in life if word != "server"])
    assert true_times(till.lines) == {}


@given(LIVES)
def test_what_was_told_once_is_never_told_otherwise_even_where_a_server_slips(life: Life) -> None:
    till = lived(life, slips=True)
    whole = true_times(till.lines)
    for end in range(len(till.lines)):
        assert true_times(till.lines[:end]).items() <= whole.items()


def test_a_server_that_slips_does_not_move_what_was_sold_before() -> None:
    till = Till()
    till.boot(-HOUR, sure=False)
    sold = till.sell()
    till.truth, till.off, till.sure = till.truth + HOUR, 0, True
    till.sell()
    till.off = 5 * HOUR
    till.sell()
    assert true_times(till.lines)[sold] == BEGIN
