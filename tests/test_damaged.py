"""Goods that came damaged: never stock, told with the order, and owed by the supplier."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.counter.stock import Came, StockRoom
from edge_agent.errors import BadInput
from edge_agent.till.tally import Tally, TallyLine
from edge_agent.wire.envelope import event_of, line_of
from edge_agent.wire.events.stock import ReceivedLine, StockReceived
from tests.shop import open_journal

PIECES = st.integers(0, 40)


@given(ordered=PIECES, came=PIECES, damaged=PIECES)
def test_what_is_good_damaged_short_or_over_adds_up_to_what_was_ordered(ordered: int, came: int, damaged: int) -> None:
    tally = Tally([TallyLine("milk", "Oat milk", came * 1000, ordered=ordered * 1000)], 0)
    if damaged > came:
        with pytest.raises(BadInput, match=f"only {came} came: type how many came first"):
            tally.set_damaged(str(damaged))
        damaged = 0
    tally.set_damaged(str(damaged))
    line = tally.lines[0]
    good, short, over = line.qty - line.damaged, max(ordered - came, 0) * 1000, max(came - ordered, 0) * 1000
    assert (line.damaged, good + line.damaged + short - over) == (damaged * 1000, ordered * 1000)
    tally.set_qty("1")
    assert tally.lines[0].damaged == min(damaged, 1) * 1000, "fewer came than were damaged"


def test_only_what_is_good_is_stock_and_what_is_damaged_is_kept_beside_it(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    with journal.reading() as memory:
        before = memory.stock("milk").on_hand
        done = StockRoom(journal).receive([Came("milk", 5000, 739_700, damaged=1000)]).result()[0]
        assert memory.stock("milk").on_hand == before + 5000
        assert memory.expiries("milk") == [(739_700, 5000)]
    assert isinstance(done.body, StockReceived)
    assert [(line.qty, line.damaged) for line in done.body.lines] == [(5000, 1000)]
    journal.close()


def test_a_line_says_nothing_of_damage_where_there_is_none() -> None:
    whole = ReceivedLine(sku="milk", qty=5000, ordered=6000, expires=None)
    assert "damaged" not in whole.model_dump()
    assert whole.model_copy(update={"damaged": 1000}).model_dump()["damaged"] == 1000


def test_a_delivery_with_damage_has_its_golden_line_and_comes_back_to_the_same_bytes() -> None:
    golden = Path(__file__).with_name("wire") / "v1" / "stock_received_damaged.json"
    line = golden.read_bytes().rstrip(b"\n")
    event = event_of(line)
    body = StockReceived.model_validate(event.body)
    assert [(one.qty, one.damaged) for one in body.lines] == [(22_000, 1_000)]
    assert line_of(event.model_copy(update={"body": body.model_dump()})) == line
