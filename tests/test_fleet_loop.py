"""The model's whole way, with a real cloud and a real till in process; whatever is wrong with it, the till sells and
decides on, and each decision names who forecast."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.feed import held_shop, publish
from cloud_sync.ingest.verify import verify
from cloud_sync.pages.shown import shown
from cloud_sync.pages.standing import Till, standing
from cloud_sync.published import KEY, Publishing, publish_model
from cloud_sync.signing import key_file, sign
from cloud_sync.tables.fleet import TillModel
from edge_agent.clock import FileClock
from edge_agent.commands import pair
from edge_agent.demand.child import RESTED_SECONDS
from edge_agent.demand.schema import SCHEMA
from edge_agent.journal.rebuild import verify as verify_till
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.sale import Tendered
from edge_agent.wire.events.models import ModelPublished
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.cloud import Cloud
from tests.growing_shop import BETTER, grown, shipped_hash
from tests.model_offers import constant_model, offer
from tests.paired import until, words
from tests.shop import NORTH, TUESDAY_14, record, scripted_clock
from tests.test_publish import judge


class Loop:
    """A paired till at work, its cloud, and the time of both."""

    def __init__(self, folder: Path, cloud: Cloud) -> None:
        self.folder, self.cloud = folder, cloud
        self.clock: FileClock = scripted_clock(folder / "till")
        self.till: OpenTill = open_till(folder / "till" / "data", self.clock)
        self.seconds = 0.0
        self.till.lineup._monotonic = lambda: self.seconds
        self.till.start_work()
        self.settles()

    def settles(self) -> None:
        """Everything that is due is renewed and decided."""
        self.till.renewal.tick()
        assert self.till.replenish.settled(20)

    def sells(self, code: str = "04000000000013", pieces: int = 12) -> None:
        """Scan, pay, and let the decision follow."""
        before = self.till.reading.next_receipt()
        for _ in range(pieces):
            assert self.till.selling.scan(code).kind == "added"
        sale = self.till.selling.sale
        self.till.paying.pay(sale, (Tendered("cash", 100_000),)).result()
        self.till.selling.clear()
        assert self.till.reading.next_receipt() == before + 1
        self.settles()

    def order(self) -> ReorderDecided:
        """The newest decision."""
        return ReorderDecided.model_validate(list(self.till.reading.events("reorder_decided"))[-1].body)

    def spoke(self) -> set[tuple[str, str]]:
        """Who forecast its lines."""
        basis = self.order().basis
        assert basis is not None
        return set(basis.makers)

    def orders_by_itself(self) -> None:
        """Everything was counted, and the supplier's orders need nobody's word."""
        memory = self.till.reading
        stock = {sku: memory.stock(sku).on_hand for sku in sorted({sku for sku, _, _ in memory.all_demand_days(0)})}
        lines = tuple(CountedLine(sku=sku, counted=300_000, expected=there) for sku, there in stock.items())
        record(self.till.journal, StockCounted(lines=lines, saw={}), NORTH.model_copy(update={"auto": True}))
        self.settles()

    def publishes(self, file: bytes) -> ModelPublished:
        judge(self.cloud.database, file)
        settings = self.cloud.service.settings
        how = Publishing(settings.data, key_file(settings.data))
        with self.cloud.database.writing() as session:
            return publish_model(session, file, how, self.cloud.service.clock.now())

    def offers(self, model: ModelPublished, *, signed: bool = True) -> None:
        """The feed says what `publish` never would."""
        settings, shop = self.cloud.service.settings, self.cloud.shop
        with self.cloud.database.writing() as session:
            said = sign(session, key_file(settings.data), model) if signed else model
            publish(session, held_shop(session, shop.tenant, shop.shop), said, key=KEY, at=TUESDAY_14)

    def hears(self, kind: str, count: int = 1) -> None:
        """Until the till has recorded so many events of that kind."""
        assert self.till.sync is not None

        def there() -> bool:
            self.till.sync.wake()  # type: ignore[union-attr]
            return len(list(self.till.reading.events(kind))) >= count

        until(there, f"{kind}: {self.till.sync.state()}")

    def reports(self) -> Till:
        """What the owner's page says of the till once everything has arrived."""
        sync = self.till.sync
        assert sync is not None
        until(lambda: sync.state().online and sync.state().waiting == 0, f"{sync.state()}")
        self.cloud.count()
        with self.cloud.reading() as session:
            shop = self.cloud.shop
            here = shown(session, tenant=shop.tenant, shop=shop.shop, now=self.cloud.service.clock.now())
            return standing(session, here).tills[0]

    def passes(self, minutes: int = 6) -> None:
        assert minutes * 60 > RESTED_SECONDS
        self.seconds += 60 * minutes
        self.clock.set(self.clock.now() + 60_000 * minutes)

    def kills_the_child(self) -> None:
        speaker = self.till.lineup._speaker
        assert speaker is not None
        process = speaker.child._child._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def loop(tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path / "till").path))
    grown(tmp_path / "till", days=130).close()
    assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
    loop = Loop(tmp_path, cloud)
    yield loop
    verify_till(loop.till.reading.db)
    loop.till.close()


def test_a_published_model_is_fetched_earns_its_place_decides_and_is_reported(loop: Loop, cloud: Cloud) -> None:
    loop.sells()
    assert loop.spoke() == {("onnx", shipped_hash())}
    model = loop.publishes(constant_model(BETTER))
    loop.hears("model_taken")
    assert loop.reports().model == f"Forecasts with the model that it came with, tries model {model.version}"
    loop.till.shadow.tick()
    loop.sells()
    assert loop.spoke() == {("onnx", model.sha256)}
    assert loop.reports().model == f"Forecasts with model {model.version}"
    verify(cloud.database)


def test_with_the_child_killed_the_till_sells_and_decides_but_no_order_goes_by_itself(loop: Loop) -> None:
    loop.orders_by_itself()
    loop.sells(pieces=260)
    order = loop.order()
    assert (loop.spoke(), order.auto, order.holds) == ({("onnx", shipped_hash())}, True, ())
    loop.kills_the_child()
    loop.till.renewal.renew(["milk"])
    loop.sells(pieces=24)
    order = loop.order()
    assert ("fallback", "") in loop.spoke()
    assert (order.state, order.auto, order.holds) == ("held", False, ("stand_in",))
    loop.passes()
    loop.sells(pieces=14)
    order = loop.order()
    assert (loop.spoke(), order.auto, order.holds) == ({("onnx", shipped_hash())}, True, ())


def test_with_the_file_of_the_model_in_use_damaged_the_one_before_decides_and_the_owner_hears_of_it(
    loop: Loop,
) -> None:
    model = loop.publishes(constant_model(BETTER))
    loop.hears("model_taken")
    loop.till.shadow.tick()
    loop.sells()
    assert loop.spoke() == {("onnx", model.sha256)}
    file = loop.till.bench.shelf.path(model.sha256)
    file.write_bytes(b"\x00" + file.read_bytes()[1:])
    loop.till.renewal.use(loop.till.lineup)
    loop.sells(pieces=60)
    assert loop.spoke() == {("onnx", shipped_hash())}
    said = loop.reports()
    assert said.model == "Forecasts with the model that it came with"
    assert said.fault.startswith(f"Model {model.version} was set aside")


def wrong(model: ModelPublished, **changed: object) -> ModelPublished:
    return model.model_copy(update={"version": model.version + 1, **changed})


def test_what_is_wrong_with_an_offer_is_refused_while_the_till_sells_and_decides_on(loop: Loop, cloud: Cloud) -> None:
    file = constant_model(BETTER)
    model = loop.publishes(file)
    loop.hears("model_taken")
    loop.offers(wrong(model, features="demand-0"))
    loop.hears("model_refused", 1)
    loop.offers(wrong(model, expires_at=TUESDAY_14 - 1))
    loop.hears("model_refused", 2)
    loop.offers(model.model_copy(update={"version": model.version - 1}))
    loop.hears("model_refused", 3)
    loop.offers(wrong(offer(file, version=model.version)), signed=False)
    loop.hears("model_refused", 4)
    loop.offers(wrong(model, length=1_000_001))
    loop.hears("model_refused", 5)
    whys = [event.body["why"] for event in loop.till.reading.events("model_refused")]
    assert whys == ["schema", "expired", "older", "key", "longer"]
    loop.sells()
    assert loop.spoke() == {("onnx", shipped_hash())}
    assert loop.reports().fault.startswith(f"Model {model.version + 1} was refused: It has 1000001 bytes")
    with cloud.reading() as session:
        (row,) = session.exec(select(TillModel).where(TillModel.tenant == cloud.shop.tenant))
    assert (row.speaks, SCHEMA) == ("", model.features)
