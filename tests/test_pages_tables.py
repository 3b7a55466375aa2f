"""Every table of the pages leaves as a file, and no cell of any file runs as a formula."""

import csv
import io
import re
from collections.abc import Iterator

import httpx
import pytest
from sqlmodel import select

from cloud_sync import cash, drops, popups
from cloud_sync.catalogue import set_promotion, set_supplier
from cloud_sync.pages.tables import TABLES
from cloud_sync.signals import enter
from cloud_sync.tables.accounts import Device, Owner
from cloud_sync.tables.alerts import AlertRow
from cloud_sync.tables.events import Quarantine, RawEvent
from cloud_sync.tables.people import Deed
from cloud_sync.tables.reservations import Reservation, ReservedLineRow
from edge_agent.rules.imports_cash import Entry
from edge_agent.wire.events.drops import Creator, DropPart, DropSet
from edge_agent.wire.events.popups import PopUpSet
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.signals import LocalEventAdded, SignalRecorded
from tests.cloud import EMAIL, serving
from tests.owner_shop import GOODS, TODAY, Good, Scene, opened, own_password
from tests.shop import NORTH, TUESDAY_14
from tests.walls import TABLE

RUNS = '=HYPERLINK("x")'
NO_TABLE = {
    *("/", "/orders/{key}", "/catalogue/item", "/promotions/one", "/suppliers/terms", "/shop", "/drops/{drop}"),
    *("/imports", "/imports/{source}"),
    *("/popups/{popup}", "/account", "/password", "/prove", "/live", "/hubs", "/hubs/{hub}", "/samples", "/experiment"),
    "/markets",
}
"""Pages of one thing, forms, and the first page, whose lists stand whole on others."""
OWN = {"/takings": "/takings.csv", "/stock": "/stock.csv", "/catalogue": "/catalogue.csv", "/returns": "/returns.csv"}
OWN |= {"/audit": "/audit.csv", "/vat": "/vat.zip", "/before-after": "/before-after.csv"}
PAGES = sorted(
    row.path
    for row in TABLE
    if row.method == "GET" and "owner" in row.may and "nobody" not in row.may and "csv" not in row.path
    and not row.path.startswith("/v1/") and not row.path.endswith(".zip") and row.path not in NO_TABLE
)  # fmt: skip
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A shop in which everything that has a name has one that a spreadsheet would run."""
    goods = [Good(**{**good.__dict__, "name": f"{RUNS}{good.sku}"}) for good in GOODS]
    with serving(tmp_path_factory.mktemp("tables")) as cloud:
        scene = opened(cloud, goods)
        _named(scene)
        yield scene
        scene.till.close()


def _named(scene: Scene) -> None:
    where, at = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}, TUESDAY_14
    offer = {"others": (), "value": 300, "need": 3, "get": 0, "limit": 0, "from_at": 0, "until_at": 0}
    window = {"start": at + 86_400_000, "end": at + 90_000_000, "cap": 0, "low": 1, "likely": 2, "high": 3}
    own_password(scene.cloud, "eve@shop.example", role="reader")
    with scene.cloud.database.writing() as session:
        set_supplier(session, **where, supplier=NORTH.model_copy(update={"name": RUNS}), at=at)
        promotion = {"promotion": "p", "name": RUNS, "method": "n_for", "members": ("oat",), **offer}
        set_promotion(session, **where, promotion=PromotionSet.model_validate(promotion), at=at)
        value = SignalRecorded(name=RUNS, kind="trend", about=RUNS, at=at, value=1, source=RUNS)
        day = {"first_day": TODAY, "last_day": TODAY, "attendance": 0, "distance": 0}
        event = LocalEventAdded(name=RUNS, kind="fair", about="", source=RUNS, **day)
        enter(session, **where, rows=[value, event], at=at)
        drop = DropSet(
            drop="d", product="x", name=RUNS, parts=(DropPart(sku="oat", qty=9_000),), salvage=0, order_by=0, **window
        )
        drops.plan(session, **where, drop=drop, at=at)
        made = {"drop": "e", "start": at - 90_000_000, "end": at - 1, "creators": (Creator(name=RUNS, share=100),)}
        drops.plan(session, **where, drop=drop.model_copy(update=made), at=at - 86_400_000)
        popups.plan(
            session,
            **where,
            popup=PopUpSet(popup="p", name=RUNS, kind="fair", first_day=TODAY, last_day=TODAY, attendance=0),
            at=at,
        )
        cash.enter(session, **where, rows=[Entry("bill", TODAY + 1, RUNS, 900, gone=False)], by=RUNS, at=at)
        session.add(_alert(where))
        session.add_all(_reserved(where))
        raw = session.exec(select(RawEvent).limit(1)).one()
        kept = {"journal": raw.journal, "seq": raw.seq, "why": "kind", "words": RUNS, "at": at}
        session.add(Quarantine.model_validate({**where, **kept}))
        session.add(
            Deed(tenant=where["tenant"], at=at, deed="d", owner="o", name=RUNS, route="POST /x", about=RUNS, browser="")
        )
        for device in session.exec(select(Device)):
            device.till = RUNS
        session.exec(select(Owner).where(Owner.email == "eve@shop.example")).one().name = RUNS


def _alert(where: dict[str, str]) -> AlertRow:
    said = {"alert": "a" * 32, "rule": "till away", "words": RUNS, "link": "/", "urgent": True, "raised_at": TUESDAY_14}
    return AlertRow.model_validate({**where, **said})


def _reserved(where: dict[str, str]) -> list[Reservation | ReservedLineRow]:
    kept = {"reservation": "a" * 16, "number": 1, "channel": RUNS, "reference": RUNS, "spot": RUNS}
    line = {"reservation": "a" * 16, "sku": "oat", "qty": 1_000, "price": 185}
    row = Reservation.model_validate({**where, **kept, "at": TUESDAY_14, "until": TUESDAY_14 + 1})
    return [row, ReservedLineRow.model_validate({**where, **line})]


@pytest.fixture
def owner(scene: Scene) -> Iterator[httpx.Client]:
    with scene.owner(EMAIL) as browser:
        yield browser


def files_of(owner: httpx.Client, page: str) -> list[str]:
    """The files that a page offers."""
    found = owner.get(page).text
    return [one.replace("&amp;", "&") for one in re.findall(r'class="file" href="([^"]+\.(?:csv|zip)[^"]*)"', found)]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_a_table_offers_it_as_a_file(owner: httpx.Client, page: str) -> None:
    wanted = [OWN[page]] if page in OWN else [f"/tables/{name}.csv" for name, one in TABLES.items() if one.page == page]
    assert wanted, "a page with a table has a file"
    assert [file.partition("?")[0] for file in files_of(owner, page)] == wanted


FILES = [f"/tables/{name}.csv" for name in TABLES] + [file for file in OWN.values() if file.endswith(".csv")]


@pytest.mark.parametrize("file", FILES)
def test_a_file_has_its_rows_and_no_cell_that_runs(owner: httpx.Client, file: str) -> None:
    answer = owner.get(file)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = list(csv.reader(io.StringIO(answer.text)))
    assert [len(row) for row in rows] == [len(head)] * len(rows)
    if file != "/returns.csv":
        assert rows, "the scene has at least one of each"
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r") and cell and not NUMBER.fullmatch(cell)] == []
    if file not in ("/takings.csv", "/returns.csv", "/before-after.csv"):
        assert any(cell.startswith(f"'{RUNS}") for cell in cells), "a name that would run is there, made harmless"


def test_a_table_of_people_leaves_with_who_may_see_them_alone(scene: Scene, owner: httpx.Client) -> None:
    own_password(scene.cloud, "max@shop.example", role="manager")
    with scene.owner("max@shop.example") as manager:
        assert manager.get("/tables/people.csv").status_code == 404
        assert manager.get("/tables/devices.csv").status_code == 200
    assert owner.get("/tables/people.csv").status_code == 200
    assert owner.get("/tables/none.csv").status_code == 404
