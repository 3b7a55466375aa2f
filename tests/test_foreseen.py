"""A history with a calendar: past events are taken off before anything is learnt, coming ones are put on."""

import random
from datetime import date
from pathlib import Path

import pytest

from edge_agent.commands import main
from edge_agent.commands.histories import shop_from_files
from edge_agent.demand.backtest import Told, evening
from edge_agent.demand.foreseen import calm, learn_events, multipliers
from edge_agent.demand.series import Opening, ShopHistory, sku_histories
from edge_agent.wire.events.signals import LocalEventAdded

LAST = date(2026, 6, 30).toordinal()
MARKETS = tuple(LAST - back for back in (10, 40, 75, 120, 160, 200))


def market(day: int, about: str = "") -> LocalEventAdded:
    told = {"kind": "market", "about": about, "attendance": 0, "distance": 0, "source": ""}
    return LocalEventAdded(name="Market", first_day=day, last_day=day, **told)


def shop(*coming: LocalEventAdded, known: bool = True, seed: int = 1, days: int = 330) -> ShopHistory:
    """Two items that sell twice as much on market days."""
    source = random.Random(seed)
    rows = [
        (sku, day, 1_000 * max(0, round(source.gauss(usual, usual**0.5) * (2 if day in MARKETS else 1))))
        for day in range(LAST - days, LAST + 1)
        for sku, usual in (("jam", 30.0), ("tea", 50.0))
    ]
    events = (*(market(day) for day in MARKETS), *coming) if known else ()
    return ShopHistory("UTC", Opening(), LAST + 1, sku_histories(rows), events=events)


def means(told: Told) -> list[float]:
    return [round(float(mean), 6) for mean in told.means.ravel()]


def test_a_market_that_is_to_come_lifts_its_day_and_no_other() -> None:
    plain, lifted = evening(shop(), LAST), evening(shop(market(LAST + 2)), LAST)
    assert means(plain)[0] == means(lifted)[0]
    added = lifted.means[:, 1] - plain.means[:, 1]
    # Twice the usual, believed for six tenths on the log scale after six markets.
    assert all(0.45 < gain / (mean / 3) < 0.60 for gain, mean in zip(added, plain.means[:, 1], strict=True))


def test_markets_that_were_teach_no_higher_level() -> None:
    known, unknown = shop(), shop(known=False)
    learnt = learn_events(known, known.events)
    assert learnt.lifts["market"].raw == pytest.approx(2.0, abs=0.15)
    calmed = calm(known, known.events, learnt)
    assert evening(unknown, LAST).means[0, 2] > evening(known, LAST).means[0, 2]
    assert sum(calmed.skus["jam"].qtys) < sum(unknown.skus["jam"].qtys)


def test_what_comes_after_the_evening_changes_nothing() -> None:
    origin = MARKETS[0] - 3
    one, other = shop(seed=1), shop(seed=1)
    later = {
        sku: sku_histories(
            [(sku, day, qty * (9 if day > origin else 1)) for day, qty in zip(h.days, h.qtys, strict=True)]
        )
        for sku, h in other.skus.items()
    }
    changed = ShopHistory("UTC", Opening(), LAST + 1, {sku: later[sku][sku] for sku in later}, events=other.events)
    assert means(evening(one, origin)) == means(evening(changed, origin))


def test_an_event_about_one_item_moves_that_alone_and_one_never_seen_nothing() -> None:
    known = shop(market(LAST + 1, about="tea"))
    learnt = learn_events(known, known.events)
    jam, tea = multipliers(known, learnt, ["jam", "tea"], 3)
    assert jam == [1.0, 1.0, 1.0]
    assert tea[0] > 1.4
    fair = LocalEventAdded(**{**market(LAST + 1).model_dump(), "kind": "fair"})
    assert evening(shop(fair), LAST).means.tolist() == evening(shop(), LAST).means.tolist()


def test_a_calendar_file_tells_events_by_the_day_and_the_back_test_uses_them(tmp_path: Path) -> None:
    sales = tmp_path / "sales.csv"
    rows = [
        f"{date.fromordinal(day)},{one.sku},{qty / 1000:g}"
        for one in shop().skus.values()
        for day, qty in zip(one.days, one.qtys, strict=True)
    ]
    sales.write_text("ts,sku,qty\n" + "\n".join(rows) + "\n")
    calendar = tmp_path / "calendar.csv"
    told = [f"{date.fromordinal(day)},Market,Market,,,800" for day in (*MARKETS, LAST + 1, LAST + 2)]
    calendar.write_text(
        "date,name,kind,open_from,open_to,expected_attendance\n" + "\n".join(told) + "\n2026-06-29,Closed,,,,\n"
    )
    read = shop_from_files(sales, calendar=calendar)
    assert [(one.first_day, one.last_day, one.attendance) for one in read.events] == [
        *((day, day, 800) for day in sorted(MARKETS)),
        (LAST + 1, LAST + 2, 800),
    ]
    assert read.opening.closed == {LAST - 1}
    words = ["backtest", str(sales), "--origins", str(date.fromordinal(LAST)), "--model", "base"]
    out = tmp_path / "out.csv"

    def first(*more: str) -> float:
        assert main([*words, *more, "--out", str(out)]) == 0
        line = next(line for line in out.read_text().splitlines() if ",jam,1,," in line)
        return float(line.split(",")[-1])

    assert first("--calendar", str(calendar)) > 1.3 * first()
