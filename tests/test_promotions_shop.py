"""Promotions in a shop: from its own file or from the cloud, seen on the screen, told on the receipt, to the cent."""

import json
from pathlib import Path

import pytest

from cloud_sync import catalogue
from edge_agent.commands import main
from edge_agent.counter.paper import receipt_of
from edge_agent.counter.selling import Selling
from edge_agent.errors import BadRow
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import verify
from edge_agent.rules.imports_promotions import read_promotions
from edge_agent.rules.receipt import as_text
from edge_agent.wire.events import kind_of
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.messages import FeedEntry
from tests.cloud import Cloud, FakeTill
from tests.pty_rig import F9, till
from tests.screen import matches, stocked
from tests.shop import CAST, SHOP, TUESDAY_14, open_journal, scripted_clock

HEAD = "promotion,name,method,skus,value,others,need,get,from,until,limit,card\n"
THREE = "p1,3 for 2,n_for,milk,3.70,,3,,2026-03-01,2026-03-31,,\n"
MEAL = "p2,Bread and chocolate 4.00,pair_for,bread,4.00,choc,1,1,,,1,\n"
STAFF = "p3,Staff,percent,milk bread,10,,,,,,,STAFF\n"
MILK, BREAD, CHOCOLATE = "04000000000013", "04000000000020", "04000000000037"


def read(text: str) -> list[PromotionSet]:
    return [one for _, one in read_promotions("p.csv", text.encode(), 2, "Europe/London")]


def test_a_file_of_promotions_is_read_whole_with_the_shops_own_days() -> None:
    three, meal, staff = read(HEAD + THREE + MEAL + STAFF)
    assert (three.need, three.value, three.from_at) == (3, 370, 1_772_323_200_000)
    # The last day is a whole one, and summer time has begun by then.
    assert three.until_at == 1_774_998_000_000
    assert (meal.others, meal.get, meal.limit, staff.card, staff.value) == (("choc",), 1, 1, "STAFF", 1000)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("p,n,half,milk,1\n", "method"),
        ("p,n,pair_for,milk,1\n", "others"),
        ("p,n,n_for,milk,1,bread\n", "others"),
        ("p,n,pair_for,milk,1,milk\n", "others"),
        ("p,n,percent,milk,101\n", "value"),
        ("p,n,n_for,milk,1,,0\n", "need"),
        ("p,n,n_for,milk,1,,,,31.03.2026\n", "from"),
        ("p,n,n_for,,1\n", "members"),
        ("p,,n_for,milk,1\n", "name"),
        (THREE + THREE, "promotion"),
    ],
)
def test_a_row_that_is_off_is_named_and_nothing_is_taken(row: str, column: str) -> None:
    with pytest.raises(BadRow, match=f"column {column}"):
        read(HEAD + "".join(f"{line}{',' * (11 - line.count(','))}\n" for line in row.splitlines()))


def test_a_shop_imports_its_promotions_and_the_till_tells_what_they_take_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stocked(tmp_path)
    monkeypatch.setenv("DROPSHELF_CLOCK", str(folder / "clock"))
    (tmp_path / "p.csv").write_text(HEAD + THREE + MEAL + STAFF)
    for _ in range(2):
        assert main(["import", "promotions", str(tmp_path / "p.csv"), "--data", str(folder / "data")]) == 0
    with till(folder) as terminal:
        terminal.type("7*")
        terminal.wait("7 of what")
        terminal.scan(MILK)
        terminal.scan(BREAD)
        terminal.scan(CHOCOLATE)
        matches(terminal.wait("3 for 2, twice", "-3.70", "Bread and chocolate", "13.25"), "till_promotions")
        terminal.scan("STAFF")
        terminal.wait("the customer's card holds")
        terminal.keys(F9)
        terminal.wait("PAID", "13.06")
    with Reading.open(folder / "data" / "journal.db") as memory:
        verify(memory.db)
        (event,) = memory.events("sale_completed")
        assert [one.body["promotion"] for one in memory.events("promotion_set")] == ["p1", "p2", "p3"]
    sale = SaleCompleted.model_validate(event.body)
    assert sale.total == sum(line.gross for line in sale.lines) == 7 * 185 - 370 - 19 + 400
    text = as_text(receipt_of(event, sale, "", SHOP, "Till 1"), 42)
    assert "3 for 2, twice" in text
    assert "-3.70" in text


def test_an_item_that_is_not_known_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stocked(tmp_path)
    monkeypatch.setenv("DROPSHELF_CLOCK", str(folder / "clock"))
    (tmp_path / "p.csv").write_text(
        HEAD.replace(",others,need,get,from,until,limit,card", "") + "p,n,n_for,nothing,1\n"
    )
    assert main(["import", "promotions", str(tmp_path / "p.csv"), "--data", str(folder / "data")]) != 0
    assert "nothing is not in the catalogue" in capsys.readouterr().err


def test_a_promotion_of_the_cloud_holds_from_the_next_sale_on(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    with journal.reading() as reading:
        selling = Selling(reading, scripted_clock(tmp_path))
        journal.listen_feed(lambda _: selling.promotions_changed())
        selling.scan("milk", 3000)
        kind, v = kind_of(read(HEAD + THREE)[0])
        body = read(HEAD + THREE)[0].model_dump()
        journal.take_feed("g", [FeedEntry(cursor=1, kind=kind, v=v, at=TUESDAY_14, body=body)]).result()
        selling.scan("milk")
        assert selling.sale.total == 4 * 185
        selling.clear()
        selling.scan("milk", 3000)
        assert selling.sale.total == 370
        verify(reading.db)
    journal.close()


def test_what_a_till_promoted_before_pairing_reaches_the_other_tills_and_the_cloud_changes_it(cloud: Cloud) -> None:
    first, second = FakeTill(cloud, "a" * 32), FakeTill(cloud, "b" * 32)
    promotion = read(HEAD + THREE)[0]
    for body in (*CAST, promotion):
        kind, v = kind_of(body)
        first.says(kind, json.loads(body.model_dump_json()), v=v)
    first.sends()
    place = {"tenant": cloud.shop.tenant, "shop": cloud.shop.shop}
    with cloud.database.writing() as session:
        catalogue.set_promotion(
            session, **place, promotion=promotion.model_copy(update={"active": False}), at=TUESDAY_14
        )
    seen = [entry["body"] for entry in second.feed() if entry["kind"] == "promotion_set"]
    assert [(one["promotion"], one["active"]) for one in seen] == [("p1", True), ("p1", False)]  # type: ignore[index]
    first.close()
    second.close()
