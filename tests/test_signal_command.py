"""`edge-agent signal`: a value or an event is entered, and plan, order and sentence change; learnt from own history."""

import json
import random
from datetime import date
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.commands import main
from edge_agent.counter.signals import take
from edge_agent.demand.forecasting import BaseForecaster
from edge_agent.journal.log import Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import verify
from edge_agent.renewal import Renewal
from edge_agent.replenish import Replenish
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.rules.reasons import Names, sentences
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.signals import LocalEventAdded
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.shop import CAST, TUESDAY_14, record, seeded_ids

TODAY = date(2026, 3, 3).toordinal()
MARKETS = (14, 42, 63, 84)
"""Days back on which there was a night market: it sold 1.6 times the usual."""


class Shop:
    """A shop with twenty weeks behind it, four night markets among them, and the commands as its keeper types them."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.data, self._capture = folder, folder / "data", capture
        self.clock = FileClock(folder / "clock")
        self.clock.set(TUESDAY_14)
        monkeypatch.setenv("DROPSHELF_CLOCK", str(folder / "clock"))
        with_history = [*CAST, self._history()]
        journal = self.journal()
        record(journal, *with_history)
        lines = tuple(
            CountedLine(sku=sku, counted=qty, expected=0) for sku, qty in (("milk", 40_000), ("bread", 9_000))
        )
        record(journal, StockCounted(lines=lines, saw={}))
        journal.close()

    def _history(self) -> HistoryImported:
        hour = (TUESDAY_14 - 14 * HOUR_MS) // HOUR_MS
        rows = [
            (hour - 24 * back + 12, sku, qty * (8 if back in MARKETS else 5))
            for back in range(1, 141)
            for sku, qty in (("milk", 2000), ("bread", 1000))
        ]
        return HistoryImported(source="ab" * 32, part=1, parts=1, daily=False, rows=tuple(rows))

    def journal(self) -> Journal:
        return Journal.open(self.data, self.clock, seeded_ids(random.Random(self.clock.now()).randrange(10**9)))

    def says(self, *words: str, code: int = 0) -> str:
        assert main([*words, "--data", str(self.data)]) == code
        said = self._capture.readouterr()
        return said.out if code == 0 else said.err

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def works(self) -> None:
        """What a running till does by itself: forecast, then decide."""
        journal = self.journal()
        replenish = Replenish(journal, self.clock)
        Renewal(journal, self.clock, BaseForecaster(), replenish.wake).tick()
        replenish.start()
        assert replenish.settled(20)
        replenish.stop()
        journal.close()

    def expects(self, sku: str = "milk") -> float:
        """Pieces in the next 72 hours."""
        plan = json.loads(self.says("forecast", sku, "--json"))
        return float(plan[0]["expected"] / 1000)

    def order(self) -> ReorderDecided:
        with Reading.open(self.data / "journal.db") as memory:
            verify(memory.db)
            (order,) = memory.orders(("proposed",))
            return ReorderDecided.model_validate(memory.event(order.seq).body)

    def why(self, sku: str = "milk") -> str:
        order = self.order()
        line = next(line for line in order.lines if line.sku == sku)
        return " ".join(sentences(order, line, Names("Northside", "Oat milk")))

    def trends(self, *values: int) -> str:
        """Weekly values, the last one of today."""
        days = [date.fromordinal(TODAY - 7 * back).isoformat() for back in reversed(range(len(values)))]
        rows = "".join(f"Searches,{day},{value},index,milk\n" for day, value in zip(days, values, strict=True))
        return self.write("trends.csv", f"name,time,value,source,about\n{rows}")

    def markets(self, ahead: int) -> str:
        """The markets that were, and one `ahead` days from today."""
        days = [date.fromordinal(TODAY - back).isoformat() for back in (*MARKETS, -ahead)]
        rows = "".join(f"Harbour market,{day},Night market,the council\n" for day in days)
        return self.write("markets.csv", f"name,date,kind,source\n{rows}")


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(tmp_path, capsys, monkeypatch)


def test_a_trend_that_rises_changes_plan_order_and_sentence_of_what_it_is_about_alone(shop: Shop) -> None:
    shop.works()
    milk, bread, packs = shop.expects(), shop.expects("bread"), shop.order().lines
    assert "recorded: 6 new, 0 known already" in shop.says("signal", "import", shop.trends(50, 60, 50, 60, 50, 66))
    assert shop.expects() == pytest.approx(milk * 1.179, rel=0.001)
    assert shop.expects("bread") == bread
    assert "x 1.18." in shop.says("forecast", "milk")
    shop.works()
    assert "Searches stands at 66, usually 54 (today, says index): x 1.18, fading to x 1.06 on Tue 10 Mar" in shop.why()
    assert "Searches" not in shop.why("bread")
    changed = {line.sku: line.packs for line in shop.order().lines}
    assert changed["milk"] > {line.sku: line.packs for line in packs}["milk"]


def test_the_same_file_twice_records_nothing_and_a_corrected_value_holds(shop: Shop) -> None:
    shop.says("signal", "import", shop.trends(50, 60, 50, 60, 50, 66))
    assert "recorded: 0 new, 6 known already" in shop.says("signal", "import", shop.trends(50, 60, 50, 60, 50, 66))
    assert "recorded: 1 new" in shop.says("signal", "import", shop.trends(50, 60, 50, 60, 50, 54))
    assert "54, today, says index: x 1.00, usually 54" in shop.says("signal", "list")


def test_an_event_is_believed_as_far_as_the_shops_own_history_shows_it(shop: Shop) -> None:
    shop.works()
    plain = shop.expects()
    shop.says("signal", "import", shop.markets(1))
    listed = json.loads(shop.says("signal", "list", "--json"))
    assert [(one["seen"], round(one["factor"], 4)) for one in listed] == [(4, 1.2649)]
    shop.works()
    assert (
        "Harbour market on Wed 4 Mar (a night market was seen 4 times before, says the council): x 1.26" in shop.why()
    )
    # Wednesday is one of the three days, and the markets that were no longer lift the level.
    assert plain < shop.expects() < plain * 1.15


def test_a_dated_promotion_of_the_till_moves_its_members_as_past_ones_did(shop: Shop) -> None:
    shop.works()
    plain, bread = shop.expects(), shop.expects("bread")
    journal = shop.journal()

    def offer(name: str, day: int, *members: str) -> PromotionSet:
        begins = TUESDAY_14 + (day - TODAY) * DAY_MS - 14 * HOUR_MS
        times = {"from_at": begins, "until_at": begins + DAY_MS}
        return PromotionSet(
            promotion=name, name=f"Offer {name}", method="percent", members=members, value=1_000, **times
        )

    past = [offer(f"p{back}", TODAY - back, "milk") for back in MARKETS]
    endless = PromotionSet(promotion="ever", name="3 for 2", method="n_for", members=("milk",), need=3, value=300)
    record(journal, *past, endless, offer("next", TODAY + 1, "milk"))
    journal.close()
    shop.works()
    assert "Offer next on Wed 4 Mar (a promotion was seen 4 times before): x 1.26." in shop.why()
    assert shop.expects() > plain
    assert shop.expects("bread") == pytest.approx(bread, rel=0.01)


def test_a_kind_of_event_that_was_never_seen_moves_nothing_yet(shop: Shop) -> None:
    shop.works()
    plain = shop.expects()
    shop.says("signal", "event", "Street fair", "2026-03-04", "--kind", "fair", "--attendance", "900")
    assert shop.expects() == plain
    assert "Wed 4 Mar: Street fair, says entered at the till: x 1.00, fair seen before: 0" in shop.says(
        "signal", "list"
    )


def test_a_closed_day_sells_nothing_until_it_is_called_off(shop: Shop) -> None:
    shop.works()
    plain = shop.expects()
    shop.says("signal", "event", "Stocktaking", "2026-03-04", "--kind", "closed")
    assert shop.expects() == pytest.approx(plain * 2 / 3, rel=0.05)
    shop.works()
    assert "Closed on Wed 4 Mar: Stocktaking" in shop.why()
    shop.says("signal", "event", "Stocktaking", "2026-03-04", "--kind", "closed", "--called-off")
    assert shop.expects() == pytest.approx(plain, rel=0.02)


def test_opt_ins_are_held_against_the_usual_and_fade_with_their_age(shop: Shop) -> None:
    shop.works()
    plain = shop.expects()
    for day, value in (("2026-02-10", "30"), ("2026-02-17", "40"), ("2026-02-24", "50"), ("2026-03-03", "90")):
        shop.says("signal", "add", "SMS opt-ins", value, "--kind", "count", "--time", day, "--source", "the list")
    fresh = shop.expects()
    assert fresh == pytest.approx(plain * 1.1331, rel=0.03)
    shop.clock.set(TUESDAY_14 + 6 * DAY_MS)
    shop.works()
    assert "SMS opt-ins: 90, 6 days ago, says the list: x 1.09, usually 40" in shop.says("signal", "list")
    shop.clock.set(TUESDAY_14 + 9 * DAY_MS)
    assert "SMS opt-ins: 90, 9 days ago, says the list: x 1.00, usually 40; too old" in shop.says("signal", "list")


def test_too_few_values_say_nothing_and_are_told_so(shop: Shop) -> None:
    shop.says("signal", "add", "Searches", "72")
    assert "Searches: 72, today, says entered at the till: counts after 4 more" in shop.says("signal", "list")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "Searches", "-3"), "signal add: value '-3' is negative"),
        (("add", "Searches", "3", "--time", "2027-01-01"), "is still to come"),
        (("add", "Searches", "3", "--kind", "index"), "'index' is neither trend nor count"),
        (("add", "\x1b\u202e", "3"), "signal add: name is empty"),
        (("event", "Fair", "03.04.2026", "--kind", "fair"), "is not a date like 2026-03-01"),
        (("event", "Fair", "2026-03-04", "--until", "2026-03-01", "--kind", "fair"), "lies before the first day"),
        (("import", "nowhere.csv"), "there is no file nowhere.csv"),
    ],
)
def test_what_is_off_is_named_and_nothing_is_recorded(shop: Shop, words: tuple[str, ...], said: str) -> None:
    before = shop.says("signal", "list")
    assert said in shop.says("signal", *words, code=1)
    assert shop.says("signal", "list") == before


def test_a_file_with_one_wrong_row_is_refused_whole(shop: Shop) -> None:
    file = shop.write("some.csv", "name,time,value,source\nSearches,2026-03-01,50,x\nSearches,2026-03-02,1e3,x\n")
    assert "some.csv, line 3, column value" in shop.says("signal", "import", file, code=1)
    assert "No signal was entered" in shop.says("signal", "list")


def test_beside_a_running_till_it_is_laid_in_the_tray_and_taken_once(shop: Shop) -> None:
    running = shop.journal()
    assert "laid in the tray: 1" in shop.says("signal", "add", "Searches", "72")
    assert "No signal was entered" in shop.says("signal", "list")
    (shop.data / "tray" / "0.json").write_text("{")
    assert take(running, shop.data) == 1
    assert take(running, shop.data) == 0
    running.close()
    assert "Searches: 72" in shop.says("signal", "list")
    assert [file.name for file in (shop.data / "tray").iterdir()] == ["0.unreadable"]


def test_a_running_till_learns_of_past_events_that_it_is_told(shop: Shop) -> None:
    journal = shop.journal()
    renewal = Renewal(journal, shop.clock, BaseForecaster(), lambda _: None)
    renewal.tick()
    told = {"kind": "night market", "about": "", "attendance": 0, "distance": 0, "source": ""}
    days = [TODAY - back for back in MARKETS]
    record(journal, *(LocalEventAdded(name="Market", first_day=day, last_day=day, **told) for day in days))
    assert renewal.tick() == 2
    assert renewal.tick() == 0
    with journal.reading() as memory:
        assert (memory.learnt().lifts["night market"].seen, round(memory.learnt().lifts["night market"].raw, 3)) == (
            4,
            1.6,
        )
    journal.close()
