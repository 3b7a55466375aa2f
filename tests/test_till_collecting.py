"""A reservation at the till, by a scripted cashier: its code is scanned, what was paid elsewhere leaves nothing due."""

from pathlib import Path

from edge_agent.clock import FileClock
from edge_agent.opening import OpenTill
from edge_agent.rules.reservation import mark_of, number_of
from edge_agent.settings import parse
from edge_agent.wire.events.reservations import ReservationSet, ReservedLine
from edge_agent.wire.messages import FeedEntry
from tests.pty_rig import ENTER
from tests.screen import SETTINGS, matches, stocked
from tests.shop import TUESDAY_14
from tests.test_till_money import MILK, Cashier

HOUR = 3_600_000


def told(cursor: int, number: int, *, paid: bool = False) -> FeedEntry:
    """What the cloud says of a reservation of two cartons at 1.50."""
    body = ReservationSet(
        reservation=mark_of(number_of(number)),
        number=number,
        channel="bazaar" if paid else "web",
        lines=(ReservedLine(sku="milk", qty=2000, price=150),),
        until=TUESDAY_14 + HOUR,
        state="open",
        paid=paid,
    )
    return FeedEntry(cursor=cursor, kind="reservation_set", v=1, at=TUESDAY_14, body=body.model_dump())


def test_a_reservation_is_handed_over_by_its_code_and_a_second_time_refused(tmp_path: Path) -> None:
    stocked(tmp_path)
    clock = FileClock(tmp_path / "clock")
    clock.set(TUESDAY_14)
    opened = OpenTill(tmp_path / "data", clock, parse(SETTINGS))
    opened.journal.take_feed("g", [told(1, 1), told(2, 2, paid=True)]).result()
    opened.close()
    till = Cashier(tmp_path)
    till.terminal.scan(number_of(1))
    matches(till.terminal.wait("reserved goods", "3.00"), "till_reserved")
    till.press(ENTER, ENTER)
    till.terminal.wait("receipt 000001")
    till.terminal.scan(number_of(1))
    till.terminal.wait("reservation 1 was handed over already")
    till.terminal.scan(number_of(2))
    till.terminal.wait("3.00", "reserved goods")
    till.terminal.scan(MILK)
    till.terminal.wait("4.85")
    till.press(ENTER)
    till.terminal.wait("1.85")
    till.press(ENTER)
    till.terminal.wait("receipt 000002")
    till.terminal.scan(number_of(3))
    till.terminal.wait("this till has not heard of that reservation")
    first, second = (event.body for event in till.events("sale_completed"))
    assert first["collected"] == [mark_of(number_of(1))]
    assert [(one["kind"], one["amount"]) for one in second["tenders"]] == [("channel", 300), ("cash", 185)]
    assert till.terminal.close() == 0
    till.reading.close()
