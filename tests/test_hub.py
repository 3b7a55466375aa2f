"""A micro-hub by worked numbers: distance, tariff, promise over both clock changes, cost and carbon of an order."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput
from edge_agent.rules.hub import (
    KINDS,
    Held,
    HubDay,
    Matched,
    Point,
    Rounds,
    Tariff,
    accrued,
    arrives,
    band_of,
    distance_m,
    matched,
    order_cost,
    order_grams,
    promised,
)
from edge_agent.rules.imports_hubs import card_of, point_of, read_told
from edge_agent.rules.imports_table import Cells

LONDON = "Europe/London"
SHOP = Point(51_507_400, -127_800)
ROUNDS = Rounds(cutoff=900, transit=1)
CARD = {
    "hub": "north-hub",
    "name": "North hub",
    "lat": "51.6214",
    "lon": "0.0013",
    "adapter": "csv",
    "cutoff": "15:00",
    "transit": "1",
    "working_days": "mon tue wed thu fri",
    "piece_ml": "1200",
    "litre_day": "0.018",
    "pick": "0.80",
    "item": "0.10",
    "mile": "0.20",
    "route_m": "24000",
    "stops": "9",
    "km_g": "231",
    "box_g": "45",
}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(LONDON)).timestamp() * 1000)


def day(text: str) -> int:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).date().toordinal()


def test_a_hub_lies_in_a_band_by_its_distance() -> None:
    inside, near = distance_m(SHOP, Point(51_621_400, 1_300)), distance_m(SHOP, Point(51_515_500, -92_200))
    assert inside / 1000 == pytest.approx(15.50, abs=0.005)
    assert near / 1000 == pytest.approx(2.62, abs=0.005)
    assert [band_of(one) for one in (near, inside, 30_001)] == ["near", "inside", "far"]


def test_storage_is_paid_by_the_litre_and_day_and_picking_by_the_order() -> None:
    tariff = Tariff(litre_day=1_800, pick=110_000)
    stock = [80, 20, *[5] * 7, 0]
    days = [HubDay(place, held) for place, held in enumerate(stock)]
    assert accrued(days, 80, 1_200, tariff)["storage"] == 292, "162 litre-days"
    busy = [HubDay(0, 0, (1,) * 62)]
    assert accrued(busy, 62, 1_200, tariff)["pick"] == 6_820


def test_what_was_taken_in_is_what_is_there_more_with_what_left() -> None:
    days = [HubDay(0, 60), HubDay(1, 50, (4, 6)), HubDay(2, 70, (5,))]
    assert accrued(days, 0, 0, Tariff(receive=100_000))["receive"] == 8_500, "60, then 25 more"


def test_an_order_costs_its_picking_its_mile_and_its_box_and_weighs_its_share_of_the_round() -> None:
    tariff = Tariff(pick=80_000, item=10_000, mile=20_000, pack=4_500)
    assert order_cost(2, tariff) == 125
    assert order_grams(24_000, 231, 9, 45) == 661
    assert order_grams(24_000, 231, 0, 0) == 5_544


def test_what_is_ordered_before_the_cut_off_comes_tomorrow_and_after_it_the_day_after() -> None:
    for date in ("2026-03-03", "2026-03-26", "2026-10-22"):
        first = day(date)
        assert arrives(at(f"{date}T14:59"), LONDON, ROUNDS) == first + 1
        assert arrives(at(f"{date}T15:00"), LONDON, ROUNDS) == first + 1
        later = 2 if datetime.fromisoformat(date).weekday() < 3 else 4
        assert arrives(at(f"{date}T15:01"), LONDON, ROUNDS) == first + later
    every = Rounds(cutoff=900, transit=1, days=tuple(range(7)))
    for date in ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"):
        assert arrives(at(f"{date}T14:59"), LONDON, every) == day(date) + 1, "both changes of the clock"
        assert arrives(at(f"{date}T15:01"), LONDON, every) == day(date) + 2
    assert arrives(at("2026-03-06T14:00"), LONDON, ROUNDS) == day("2026-03-09"), "Friday's on Monday"
    assert arrives(at("2026-03-07T09:00"), LONDON, ROUNDS) == day("2026-03-10"), "Saturday's counts as Monday's"


def test_nothing_is_promised_that_is_not_there_to_be_sold() -> None:
    held = Held("tea", on_hand=12, committed=3, exceptions=2)
    assert (held.fulfillable, held.sellable) == (9, 7)
    now = at("2026-03-03T14:00")
    assert promised(now, LONDON, ROUNDS, held, 7) == day("2026-03-04")
    assert promised(now, LONDON, ROUNDS, held, 8) == 0
    assert promised(now, LONDON, ROUNDS, None, 1) == 0


def test_an_invoice_stands_beside_what_was_counted() -> None:
    found = matched({"storage": 292, "pick": 6_820}, [("pick", 6_820), ("storage", 350), ("surcharge", 100)])
    assert found == [Matched("storage", 292, 350), Matched("pick", 6_820, 6_820), Matched("surcharge", 0, 100)]
    assert [one.more for one in found] == [58, 0, 100]


DAYS = st.lists(st.builds(HubDay, st.just(0), st.integers(0, 500), st.lists(st.integers(1, 5), max_size=4).map(tuple)))


@given(DAYS, st.integers(0, 500), st.integers(0, 3_000), st.integers(0, 10_000))
def test_a_month_costs_its_parts_to_a_rounding_of_each(days: list[HubDay], before: int, ml: int, rate: int) -> None:
    tariff = Tariff(rate, rate, rate, rate, rate, rate)
    whole = accrued(days, before, ml, tariff)
    assert all(amount >= 0 for amount in whole.values())
    cut = len(days) // 2
    edge = days[cut - 1].on_hand if cut else before
    parts = accrued(days[:cut], before, ml, tariff), accrued(days[cut:], edge, ml, tariff)
    assert all(abs(whole[kind] - sum(part[kind] for part in parts)) <= 1 for kind in KINDS)


def test_a_hub_is_read_from_a_form_and_what_it_tells_from_three_files() -> None:
    card = card_of(Cells("f", 1, CARD), 2)
    assert (card.tariff.litre_day, card.tariff.pick, card.rounds.cutoff) == (1_800, 80_000, 900)
    assert distance_m(SHOP, card.place) == pytest.approx(15_500, abs=5)
    for odd in (
        {"lat": "91"},
        {"lon": "east"},
        {"hub": "a/b"},
        {"adapter": "fax"},
        {"adapter": "rest"},
        {"lat": "nan"},
    ):
        with pytest.raises(BadInput):
            card_of(Cells("f", 1, {**CARD, **odd}), 2)
    assert point_of(Cells("f", 1, {"lat": "-33.9", "lon": "18.4"})) == Point(-33_900_000, 18_400_000)
    stock = read_told("f", b"sku,on_hand,committed\ntea,12,3\n", 2).stock
    assert stock == (Held("tea", 12, 3),)
    tracked = read_told("f", b"reference,state,date\nR1,delivered,2026-03-04\n", 2).tracked
    assert tracked[0].day == day("2026-03-04")
    charges = read_told("f", b"date,kind,amount,invoice\n2026-03-04,storage,2.92,H-1\n", 2).charges
    assert (charges[0].kind, charges[0].amount) == ("storage", 292)
    for wrong in (b"a,b\n1,2\n", b"reference,state\nR1,lost\n", b"sku,on_hand\ntea,x\n"):
        with pytest.raises(BadInput):
            read_told("f", wrong, 2)
