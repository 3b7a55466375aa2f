"""An owner of several large shops: the bench's data fits the pages, and they ask no more of the database for it."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import select

from cloud_sync.database import Database
from cloud_sync.pages.foretold import Foretold, Kept
from cloud_sync.tables.events import RawEvent
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.plan import OpeningHours
from scripts.benches.pages_owner import receipts_on
from scripts.benches.pages_shops import OPEN, Size, fill, journal_name
from tests.cloud import Cloud, serving
from tests.owner_shop import OWN, Scene, own_password

SIZE = Size(shops=3, skus=24, suppliers=6, lines=4, days=70, sales=2)
MOST_ASKED = 17
"""Statements of a page, those that let its owner in among them, and what begins and ends its two looks."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with serving(tmp_path_factory.mktemp("many")) as cloud:
        fill(replace(cloud.service, database=cloud.database), cloud.shop, SIZE)
        own_password(cloud)
        yield cloud


@pytest.fixture
def owner(cloud: Cloud) -> Iterator[httpx.Client]:
    with Scene(cloud, None, {}, OWN).owner() as browser:  # type: ignore[arg-type]
        yield browser


@contextmanager
def asked(database: Database, by: str = "AnyIO") -> Iterator[list[str]]:
    """Every statement while the block lasts, as the database itself is told it: of the pages' threads, or of one whose
    name begins otherwise."""
    said: list[str] = []

    def hears(words: str) -> None:
        if threading.current_thread().name.startswith(by):
            said.append(words)

    def taken(connection: sqlite3.Connection, *_more: object) -> None:
        connection.set_trace_callback(hears)

    event.listen(database.engine, "checkout", taken)
    yield said
    event.remove(database.engine, "checkout", taken)


def test_every_shop_of_the_bench_has_orders_to_decide_and_goods_that_run_out(cloud: Cloud, owner: httpx.Client) -> None:
    for shop in (cloud.shop.shop, "shop0002", "shop0003"):
        today = owner.get("/", params={"shop": shop}).text
        assert f"{OPEN} orders</span> to approve" in today
        soon = today.split("Runs out within 72 hours")[1].split("</section>")[0]
        assert soon.count(">Thing ") == soon.count('href="/orders/') == 6
        assert re.search(rf'href="/running-out\?shop={shop}"><span class="what">and \d+ more<', soon)
        assert receipts_on(today.encode()) == 0
        orders = owner.get("/orders", params={"shop": shop}).text
        assert orders.count('class="row"') == OPEN + 40


@pytest.mark.parametrize("path", ["/", "/orders"])
def test_a_page_asks_no_more_for_forty_orders_than_for_a_few(cloud: Cloud, owner: httpx.Client, path: str) -> None:
    owner.get(path, params={"shop": "shop0002"})
    with asked(cloud.database) as said:
        assert owner.get(path, params={"shop": "shop0002"}).status_code == 200
    assert len(said) <= MOST_ASKED, said


def test_what_was_foretold_is_read_once_and_anew_where_the_line_is_another(cloud: Cloud, owner: httpx.Client) -> None:
    def lines_read() -> int:
        with asked(cloud.database) as said:
            assert owner.get("/", params={"shop": "shop0003"}).text == first
        return len([words for words in said if "raw_event.line" in words])

    first = owner.get("/", params={"shop": "shop0003"}).text
    before = lines_read()
    mine = select(RawEvent).where(RawEvent.journal == journal_name(2, 0), RawEvent.kind == "reorder_decided")
    with cloud.database.writing() as session:
        for row in session.exec(mine):
            row.hash = row.hash[::-1]
    assert (lines_read(), lines_read()) == (before + 1, before)


def test_of_what_is_kept_at_hand_the_longest_unasked_goes_first() -> None:
    told = Foretold(
        "milk", 0, Forecast("milk", 0, 1, (1000,), (1,), 1000, "base", ""), OpeningHours("UTC", (None,) * 7)
    )
    kept = Kept(most=4)
    for link in (b"a", b"b"):
        kept.put(link, (told, told))
    assert kept.get(b"a")
    kept.put(b"c", (told, told))
    assert (kept.get(b"a"), kept.get(b"b"), kept.get(b"c")) == ((told, told), None, (told, told))
