"""The owner sees what came back, why and where it went, each item's rate, and what deposits are owed."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from cloud_sync import returns
from cloud_sync.ingest.verify import verify
from cloud_sync.migrations import migrate
from edge_agent.wire.events.refunds import RefundLine, RefundMade
from edge_agent.wire.events.sales import Tender
from tests.owner_shop import GOODS, TODAY, Scene, at_work, copied, sale, says
from tests.page_text import words

TEA, CHOC = GOODS[6], GOODS[2]


def back(receipt: int, *lines: RefundLine, day: int = TODAY) -> RefundMade:
    total = sum(line.gross for line in lines)
    return RefundMade(
        receipt=receipt, day=day, currency="GBP", of=None, reason="x", lines=lines, total=total, taxes=(),
        tenders=(Tender(kind="cash", amount=total, given=total),),
    )  # fmt: skip


def line(sku: str, gross: int, **more: object) -> RefundLine:
    said = {"line": 0, "sku": sku, "name": sku, "qty": 1000, "price": -gross, "gross": gross, "rate": 0, "tax": 0}
    return RefundLine.model_validate({**said, "goes": "shelf", **more})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("made"), away=False) as scene:
        yield scene


@pytest.fixture
def owner(made: Scene, tmp_path: Path) -> Iterator[tuple[httpx.Client, Scene]]:
    with copied(made, tmp_path) as scene, scene.owner() as browser:
        yield browser, scene


def test_nothing_came_back_and_the_page_says_how_it_would(owner: tuple[httpx.Client, Scene]) -> None:
    browser, _ = owner
    assert "Nothing came back. At the till F4 takes goods back" in words(browser.get("/returns"))


def test_the_funnel_the_rates_and_the_deposits_stand_on_one_page(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    sold = sale(TODAY, 900, TEA)
    with_deposit = sold.model_copy(update={"lines": (sold.lines[0].model_copy(update={"deposit": 100}),)})
    says(
        scene.till,
        with_deposit,
        back(901, line("choc", -129, why="faulty", goes="damaged"), line("choc", -129, why="faulty", goes="supplier")),
        back(902, line("tea", -325, why="size")),
        back(903, line("tea", -100, goes="empty", deposit=-100)),
        back(904, line("soap", -219), day=TODAY - 200),
    )
    scene.till.sends()
    said = words(browser.get("/returns"))
    assert "3 of " in said
    assert "£5.83 was given back" in said
    assert "Faulty 2 Wrong size 1" in said
    assert "Back on the shelf 1 Thrown away 1 To the supplier 1" in said
    assert "£0.00 is owed to customers for packaging that is out" in said
    assert "1 out, 1 back" in said
    assert "Washing-up" not in said
    assert "Nobody said why 1" in words(browser.get("/returns?days=365"))
    file = browser.get("/returns.csv").text
    assert "choc,Milk chocolate 100 g,damaged,faulty,1,1.29" in file
    verify(scene.cloud.database)


def test_a_drop_is_planned_with_what_came_back(owner: tuple[httpx.Client, Scene]) -> None:
    _, scene = owner
    says(scene.till, *(back(910 + number, line("tea", -325, goes="damaged")) for number in range(9)))
    scene.till.sends()
    with scene.cloud.reading() as session:
        known = returns.seen(session, tenant=scene.cloud.shop.tenant, shop=scene.cloud.shop.shop)
    assert known.items["tea"].back == 9
    assert known.rate(["tea"]).mean > 4 * known.rate(["oat"]).mean
    assert known.again(["tea"]).mean < 0.6


def test_what_was_counted_before_the_tables_were_made_is_counted_into_them(
    owner: tuple[httpx.Client, Scene],
) -> None:
    _, scene = owner
    sold = sale(TODAY, 900, TEA)
    with_deposit = sold.model_copy(update={"lines": (sold.lines[0].model_copy(update={"deposit": 100}),)})
    says(scene.till, with_deposit, back(901, line("choc", -129, why="late"), line("tea", -100, deposit=-100)))
    scene.till.sends()
    migrate(scene.cloud.database, "0013")
    migrate(scene.cloud.database)
    with scene.cloud.reading() as session:
        assert session.execute(text("SELECT count(*) FROM return_day")).scalar_one() == 2
    verify(scene.cloud.database)
