"""Drops at a till: planned, kept until the start, capped, counted down, sold out, closed, reported, and rebuilt."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.commands import main
from edge_agent.counter import drops as desk
from edge_agent.counter.drops import Drops
from edge_agent.counter.paying import Paying
from edge_agent.counter.selling import Selling
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.rules.drop_window import countdown, line, order_by, told
from edge_agent.rules.imports_drops import read_file
from edge_agent.rules.sale import Tendered
from edge_agent.till.launches import load
from edge_agent.wire.events.drops import DropPart, DropSet
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.shop import CAST, SHOP, TUESDAY_14, item, record

HOUR = 3_600_000
ZONE = SHOP.zone
SKUS = ("mug-s", "mug-m", "mug-l")
MUGS = tuple(item(sku, f"Mug {sku[-1]}", price, 2000) for sku, price in zip(SKUS, (1200, 1500, 2400), strict=True))
START = TUESDAY_14 + 2 * HOUR


def a_drop(**changes: object) -> DropSet:
    plain = DropSet(
        drop="mugs-1",
        product="Mugs",
        name="Mugs, spring",
        start=START,
        end=START + 48 * HOUR,
        parts=tuple(DropPart(sku=sku, qty=qty) for sku, qty in zip(SKUS, (6000, 4000, 3000), strict=True)),
        cap=2,
        low=6,
        likely=13,
        high=26,
        salvage=6250,
        order_by=0,
    )
    return plain.model_copy(update=changes)


class Shop:
    """A till alone, with its mugs on the shelf."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FileClock(folder / "clock")
        folder.mkdir(exist_ok=True)
        self.clock.set(TUESDAY_14)
        self.journal = Journal.open(folder / "data", self.clock, random_id)
        record(self.journal, *CAST, *MUGS)
        counted = tuple(
            CountedLine(sku=sku, counted=qty, expected=0) for sku, qty in zip(SKUS, (6000, 4000, 3000), strict=True)
        )
        record(self.journal, StockCounted(lines=counted, saw={}))
        self.memory = self.journal.reading()
        self.selling = Selling(self.memory, self.clock)
        self.paying = Paying(self.journal, lambda *_: None)
        self.drops = Drops(self.journal)
        self.drops.start()

    def plan(self, drop: DropSet) -> list[str]:
        return desk.plan(self.journal, drop, self.clock.now())

    def at(self, ms: int) -> None:
        self.clock.set(ms)

    def sell(self, sku: str, pieces: int = 1) -> None:
        for _ in range(pieces):
            self.selling.scan(sku)
            self.paying.pay(self.selling.sale, [Tendered("cash", self.selling.sale.total)]).result()
            self.selling.clear()
        self.journal.record(lambda _: []).result()

    def close(self) -> None:
        self.memory.close()
        self.journal.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "till")
    yield made
    made.close()


def test_nothing_of_a_drop_is_sold_before_its_start_and_then_it_is(shop: Shop) -> None:
    shop.plan(a_drop())
    with pytest.raises(BadInput, match=r"on sale from Tue 3 Mar 16:00: Mug s"):
        shop.selling.scan("mug-s")
    shop.at(START)
    shop.selling.scan("mug-s")
    assert len(shop.selling.sale.lines) == 1


def test_a_till_that_does_not_know_the_time_sells(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.plan(a_drop())
    monkeypatch.setattr(FileClock, "quality", lambda _: "floor")
    shop.selling.scan("mug-s")
    assert shop.selling.sale.lines


def test_one_customer_has_no_more_than_the_cap_over_all_variants(shop: Shop) -> None:
    shop.plan(a_drop())
    shop.at(START)
    shop.selling.scan("mug-s")
    shop.selling.scan("mug-m")
    with pytest.raises(BadInput, match="at most 2 for one customer: Mugs, spring"):
        shop.selling.scan("mug-l")
    shop.selling.scan("milk")


def test_a_variant_has_its_own_price_in_the_window_alone(shop: Shop) -> None:
    parts = (DropPart(sku="mug-s", qty=6000, price=990),)
    shop.plan(a_drop(parts=parts))
    shop.at(START)
    assert shop.selling.scan("mug-s").article.price == 990  # type: ignore[union-attr]
    shop.at(START + 48 * HOUR)
    found = shop.selling.look_up("mug-s")
    assert found is not None
    assert found.price == 1200


def test_the_line_of_the_till_counts_down_what_is_left(shop: Shop) -> None:
    shop.plan(a_drop(cap=0))
    soon = load(shop.memory, TUESDAY_14)
    assert soon.line(TUESDAY_14) == "drop Mugs, spring: starts in 2 h 0 min"
    shop.at(START)
    shop.sell("mug-s", 2)
    now = START + HOUR * 47 + 48 * 60_000
    assert load(shop.memory, now).line(now) == "drop Mugs, spring: 11 left here, ends in 12 min"
    assert load(shop.memory, START + 49 * HOUR).line(START + 49 * HOUR) == ""
    assert [countdown(ms) for ms in (59_000, 26 * HOUR)] == ["under a minute", "1 d 2 h"]
    assert line(a_drop(), 0, START).startswith("drop Mugs, spring: sold out here, ends in 2 d")


def test_selling_out_is_recorded_with_the_sale_that_did_it(shop: Shop) -> None:
    shop.plan(a_drop(cap=0))
    shop.at(START + HOUR)
    shop.sell("mug-l", 3)
    assert shop.memory.sold_out_here("mugs-1") == {"mug-l": START + HOUR}
    told_ = next(shop.memory.events("drop_sold_out"))
    assert told_.because is not None
    assert shop.memory.event(told_.because).kind == "sale_completed"
    with pytest.raises(BadInput, match="none left to sell here"):
        shop.selling.scan("mug-l")


def a_whole_drop(shop: Shop) -> None:
    shop.plan(a_drop(cap=0))
    shop.at(START + HOUR)
    shop.sell("mug-l", 3)
    shop.sell("mug-s", 5)
    shop.at(START + 49 * HOUR)
    shop.sell("mug-m", 1)
    shop.drops.tick()


def test_a_drop_is_closed_once_with_what_was_sold_in_its_window_alone(shop: Shop) -> None:
    a_whole_drop(shop)
    shop.drops.tick()
    (closed,) = shop.memory.drop_closings("mugs-1")
    assert [(part.sku, part.sold, part.left) for part in closed.parts] == [
        ("mug-s", 5000, 1000),
        ("mug-m", 0, 3000),
        ("mug-l", 3000, 0),
    ]
    assert len(list(shop.memory.events("drop_closed"))) == 1


def test_the_report_makes_whole_what_sold_out_and_proposes_the_next_size(shop: Shop) -> None:
    a_whole_drop(shop)
    (found,) = desk.reports(shop.memory)
    large = next(part for part in found.parts if part.sku == "mug-l")
    assert (found.sold, found.left, found.out_at) == (8, 4, 0)
    assert large.out_at == START + HOUR
    assert 0 < large.exposure < 1
    assert large.wanted > large.sold
    assert found.wanted > found.sold
    following = desk.next_size(shop.memory, a_drop())
    assert [one.name for one in following.candidates] == ["careful", "best", "bold"]
    assert following.best.parts[2] > 0
    assert sum(following.best.parts) == following.best.pieces > 0


def test_every_view_of_drops_is_rebuilt_to_the_same(shop: Shop) -> None:
    a_whole_drop(shop)
    verify(shop.memory.db)


def test_a_plan_that_overlaps_lies_behind_or_names_unknown_goods_is_refused(shop: Shop) -> None:
    shop.plan(a_drop())
    with pytest.raises(BadInput, match="mug-l is in the drop Mugs, spring until Thu 5 Mar 16:00: they overlap"):
        shop.plan(a_drop(drop="mugs-2", start=START + HOUR))
    shop.plan(a_drop(drop="mugs-2", start=START + 48 * HOUR, end=START + 72 * HOUR))
    shop.plan(a_drop(drop="mugs-2", start=START + 49 * HOUR, end=START + 72 * HOUR))
    assert [one.drop for one in shop.memory.drops()] == ["mugs-1", "mugs-2"]
    with pytest.raises(NotKnown, match="cup is not in the catalogue"):
        shop.plan(a_drop(drop="cups", parts=(DropPart(sku="cup", qty=1000),)))
    for wrong in ({"end": START}, {"start": 1, "end": 2}, {"low": 0}, {"likely": 99}, {"end": START + 400 * HOUR}):
        with pytest.raises(BadInput):
            shop.plan(a_drop(drop="mugs-3", **wrong))


def test_the_suppliers_last_cutoff_is_told_and_warned_of(shop: Shop) -> None:
    assert "cut-off for it has passed: Fri 27 Feb 15:00" in shop.plan(a_drop())[0]
    later = {"start": START + 14 * 24 * HOUR, "end": START + 15 * 24 * HOUR}
    assert shop.plan(a_drop(drop="mugs-2", **later)) == []
    bread = (DropPart(sku="bread", qty=1000),)
    assert (
        "Mugs, spring is ordered by the same cut-off, Fri 13 Mar 15:00"
        in shop.plan(a_drop(drop="b", parts=bread, **later))[0]
    )
    planned = shop.memory.drop("mugs-2")
    assert planned is not None
    assert told(planned.order_by, ZONE) == "Fri 13 Mar 15:00"
    assert order_by.__doc__


FILE = b"""drop,start,end,sku,units,likely,product,name,cap,price,salvage_percent
m1,2026-03-06T10:00,2026-03-08T18:00,mug-s,6,13,Mugs,Mugs again,2,9.90,62.5
m1,,,mug-m,4,,,,,,
"""


def test_a_drop_is_read_from_a_file_and_planned_by_command(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = read_file("drops.csv", FILE, ZONE, 2)
    assert [(part.sku, part.qty, part.price) for part in one.parts] == [("mug-s", 6000, 990), ("mug-m", 4000, 0)]
    assert (one.low, one.likely, one.high, one.cap, one.salvage) == (6, 13, 26, 2, 6250)
    assert told(one.start, ZONE) == "Fri 6 Mar 10:00"
    shop.close()
    (tmp_path / "drops.csv").write_bytes(FILE)
    monkeypatch.setenv("DROPSHELF_CLOCK", str(shop.folder / "clock"))
    data = ["--data", str(shop.folder / "data")]
    assert main(["drop", "plan", str(tmp_path / "drops.csv"), *data]) == 0
    assert main(["drop", "list", *data]) == 0
    assert main(["drop", "size", "m1", *data]) == 0
    said = capsys.readouterr().out
    assert "m1: Mugs again, 10 pieces, Fri 6 Mar 10:00 to Sun 8 Mar 18:00" in said
    assert "  best: " in said
    assert main(["drop", "report", "m1", *data]) == 1
    shop.journal = Journal.open(shop.folder / "data", shop.clock, random_id)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (b"2026-03-06T10:00,2026-03-08T18:00,mug-s", b"soon,2026-03-08T18:00,mug-s", "line 2, column start"),
        (b"mug-m,4,,", b"mug-m,4,99,", "line 3, column likely"),
        (b"mug-s,6,13", b"mug-s,six,13", "line 2, column units"),
    ],
)
def test_a_file_that_is_off_names_line_and_column(old: bytes, new: bytes, where: str) -> None:
    with pytest.raises(BadInput) as error:
        read_file("drops.csv", FILE.replace(old, new), ZONE, 2)
    assert where in str(error.value)
