"""The shop of the experiment: a cloud process, two tills in this process that sync with it over loopback, its owner."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.database import Database
from cloud_sync.founding import opened, shop_named
from cloud_sync.sending import claim_next
from cloud_sync.settings import load_settings
from cloud_sync.tables.events import JournalRow
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop
from edge_agent.clock import FileClock
from edge_agent.counter.quotas import Quotas
from edge_agent.counter.stock import Came
from edge_agent.journal.log import Draft
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.day import moment
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.sale import Tendered
from edge_agent.sync.keys import load_keys
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.house_ import House, shop_settings
from scripts.ninety.goods import EVERYDAY, GOODS, TERMS, supplier
from scripts.owner_ import Owner

ZONE = "Europe/London"
PATIENCE_S = 60.0
OPENING = 120
"""Pieces of each everyday good on the first day."""
SHARES = (*[0] * 9, *[1000] * 10, *[0] * 5)
DISPERSION = 1_400


class NinetyShop:
    """Founded, stocked and paired on ordinal `first`; every clock is the shop's own."""

    def __init__(self, folder: Path, first: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = FileClock(folder / "clock")
        self.at(first, 7 * 60)
        self.house = House(folder, self.clock)
        # The hub is on loopback.
        self.house.cloud_settings["webhook_networks"] = "127.0.0.0/8"
        self.house.found_cloud()
        self.database: Database = opened(load_settings(self.house.cloud_data))
        with self.database.reading() as session:
            self.shop: Shop = shop_named(session)
        self.where = {"tenant": self.shop.tenant, "shop": self.shop.shop}
        self.tills = [self._till(folder / "till1", stocked=True), self._till(folder / "till2")]
        self.settle()
        self.owner = Owner(self.house.url, self.house.password)
        self.owner.choose_password()

    def at(self, day: int, minute: int) -> None:
        """The clock of everybody."""
        self.clock.set(moment(day, minute, ZONE))

    def _till(self, data: Path, *, stocked: bool = False) -> OpenTill:
        data.mkdir()
        name = data.name
        (data / "settings.toml").write_text(shop_settings(f'[till]\nname = "{name}"\nstaff = ""'), encoding="utf-8")
        till = open_till(data, self.clock)
        if stocked:
            goods = [one.item() for one in GOODS.values()]
            counted = tuple(CountedLine(sku=one.sku, counted=1000 * OPENING, expected=0) for one in EVERYDAY)
            bodies = [*map(supplier, TERMS), *goods, StockCounted(lines=counted, saw=till.reading.vector())]
            till.journal.record(lambda _: [Draft(body) for body in bodies]).result()
        till.close()
        self.house.till_data = data
        self.house.pair()
        till = open_till(data, self.clock)
        till.drops.start()
        Quotas(till.journal).start()
        if stocked:
            till.replenish.start()
            till.when_closed(till.replenish.stop)
        return till

    # The wire.

    def sync(self, till: OpenTill) -> None:
        """Push and pull until there is nothing left to do."""
        keys = load_keys(till.data)
        assert keys is not None, "the till is paired"

        def wait(_event: Event, _seconds: float) -> bool:
            if loop.state().words:
                time.sleep(0.05)
            else:
                loop.stop()
            return True

        loop = SyncLoop(till.journal, till.data, boot=till.boot, wait=wait)
        loop.run(keys)

    def settle(self, *tills: OpenTill, rounds: int = 2) -> None:
        """Everybody (or these tills) hears of everybody."""
        for _ in range(rounds):
            for till in tills or self.tills:
                self.sync(till)
            self.counted()
        for till in tills or self.tills:
            self.sync(till)

    def counted(self) -> None:
        """Wait until the cloud has counted all that it has."""
        here = col(Position.journal) == JournalRow.journal
        behind = select(JournalRow.journal).join(Position, here, isouter=True)
        behind = behind.where(func.coalesce(Position.seq, 0) < JournalRow.seq)
        ends = time.monotonic() + PATIENCE_S
        while True:
            with self.reading() as session:
                if session.exec(behind).first() is None:
                    return
            if time.monotonic() > ends:
                raise RuntimeError("the cloud does not come to an end with counting")
            time.sleep(0.01)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The cloud's database, beside the running service."""
        with self.database.reading() as session:
            yield session

    # The counter.

    def sell(self, till: OpenTill, lines: list[tuple[str, int]], tender: str) -> tuple[int, int]:
        """Scan and pay; (receipt, total). What is refused changes nothing."""
        selling = till.selling
        try:
            for sku, pieces in lines:
                if selling.scan(sku, 1000 * pieces).kind != "added":
                    raise RuntimeError(f"the till does not know {sku}")
            total = selling.sale.total
            paid = Tendered("card" if tender == "card" else "cash", total)
            till.paying.pay(selling.sale, [paid]).result(PATIENCE_S)
            return till.reading.next_receipt() - 1, total
        finally:
            selling.clear()

    def decides(self, day: int) -> None:
        """The first till looks at everything, as at the turn of an hour."""
        till = self.tills[0]
        days = (1_000,) * 14
        made = [
            Forecast(one.sku, 0, day, tuple(one.daily * each for each in days), SHARES, DISPERSION, "base", "")
            for one in EVERYDAY
        ]
        till.journal.store_forecasts(made).result()
        till.replenish.wake_all()
        if not till.replenish.settled(PATIENCE_S):
            raise RuntimeError("the till comes to no decision")

    def approves(self) -> int:
        """The owner approves what is proposed, and it leaves; how many."""
        self.owner.away()
        waiting = self.owner.orders()
        for _ in waiting:
            self.owner.approve_first()
        while claim_next(self.database, "post", self.clock.now()) is not None:
            pass
        return len(waiting)

    def brings(self, till: OpenTill, lines: list[tuple[str, int]]) -> None:
        """Goods that nobody ordered here: a maker's delivery."""
        till.stock_room.receive([Came(sku, 1000 * pieces) for sku, pieces in lines]).result(PATIENCE_S)

    def close(self) -> None:
        for till in self.tills:
            till.close()
        self.database.close()
        self.house.close()
