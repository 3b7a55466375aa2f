"""One shop under kills: its data folders, the lives of till and cloud, and what both hold when they are dead."""

import json
import random
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from cloud_sync.founding import opened, shop_named
from cloud_sync.orders import By, Conflict, approve, listed, version_of
from cloud_sync.settings import load_settings
from edge_agent.errors import BadInput
from edge_agent.journal.reading import Reading
from edge_agent.wire.envelope import event_of
from scripts.house_ import SHOP_FILES, free_port, shop_settings
from scripts.printer_ import RecordingPrinter
from scripts.tortures.cashier import QUIET
from scripts.tortures.judge import Kept
from scripts.tortures.lives import Life, ask

IDLE_S = 2
"""A till that has nothing to send looks into the feed so often; with the usual half minute each shop would wait so
long for its last proof."""
SERVER = "scripts.tortures.server"


class KilledShop:
    """Unpaired at first, so that the till is alone; the printer outlives them all."""

    def __init__(self, folder: Path, seed: str, cashier: str) -> None:
        self.folder, self.data, self.cloud_data = folder, folder / "till", folder / "cloud"
        self.cashier, self.paired = cashier, False
        self.till: Life | None = None
        self.cloud: Life | None = None
        self._chance, self._port = random.Random(f"{seed}.lives"), free_port()
        self.printer = RecordingPrinter()
        self._stock_the_shop()

    def _stock_the_shop(self) -> None:
        address = f'[printer]\nmodel = "generic-80mm"\nwire = "tcp"\naddress = "127.0.0.1:{self.printer.port}"'
        self.data.mkdir(parents=True)
        (self.data / "settings.toml").write_text(shop_settings(address), encoding="utf-8")
        for kind in ("suppliers", "items", "stock"):
            self._agent("import", kind, str(SHOP_FILES / f"{kind}.csv"))

    def _agent(self, *words: str) -> str:
        return ask("edge_agent.commands", *words, "--data", str(self.data))

    def _cloud_command(self, *words: str) -> str:
        return ask("cloud_sync.commands", *words, "--data", str(self.cloud_data))

    def pair(self) -> None:
        """Found a cloud and pair the till with it, as the commands do."""
        self._cloud_command("init", "--shop", "Corner Shop", "--zone", "Europe/London", "--currency", "GBP")
        (self.cloud_data / "cloud.toml").write_text(f"idle_s = {IDLE_S}\n", encoding="utf-8")
        self.cloud = self._serve(cold=False)
        code = json.loads(self._cloud_command("pair-code", "--json"))["code"]
        while True:
            try:
                self._agent("pair", f"http://127.0.0.1:{self._port}", code)
                break
            except SystemExit as error:
                if "does not answer" not in str(error):
                    raise
                time.sleep(0.02)
        self.paired = True

    def start(self, number: int, *, cold: bool) -> int:
        """Start who is dead; how many of them cold."""
        before = self.till, self.cloud
        if self.till is None:
            words = (str(self.data), str(number), str(self._chance.getrandbits(32)))
            self.till = Life(self.cashier, *words, cold=cold)
        if self.paired and self.cloud is None:
            self.cloud = self._serve(cold=cold)
        return cold * sum(was is not now for was, now in zip(before, (self.till, self.cloud), strict=True))

    def _serve(self, *, cold: bool) -> Life:
        return Life(SERVER, str(self.cloud_data), str(self._port), cold=cold)

    def victims(self, who: str) -> list[Life | None]:
        """The lives that a kill of `who` ends."""
        return [*([self.till] if who != "cloud" else []), *([self.cloud] if who != "till" else [])]

    def kill(self, who: str) -> list[Life]:
        """kill -9, whichever comes first; who was killed."""
        dead = [life for life in self.victims(who) if life]
        for life in self._chance.sample(dead, len(dead)):
            life.kill()
        self.till = None if who != "cloud" else self.till
        self.cloud = None if who != "till" else self.cloud
        return dead

    def approve(self) -> None:
        """The owner approves what is open, beside the running cloud: the tills hear of it through the feed."""
        now, database = int(time.time() * 1000), opened(load_settings(self.cloud_data))
        with database.writing() as session:
            shop = shop_named(session)
            for order in listed(session, tenant=shop.tenant, shop=shop.shop):
                with suppress(Conflict, BadInput):
                    approve(session, tenant=shop.tenant, order=order.order, version=version_of(order), by=By(), now=now)
        database.close()

    def under_way(self, lives: list[Life]) -> set[str]:
        """What they are in the middle of, paper that waits for the printer among it."""
        found = {what for life in lives for what in life.under_way()}
        return found | ({"print"} if self.till in lives and self.waiting_for_paper() else set())

    def waiting_for_paper(self) -> set[int]:
        """The receipts that lie in the spool."""
        folder = self.data / "spool"
        files = list(folder.iterdir()) if folder.is_dir() else []
        return {int(file.name.split("-")[1]) for file in files if file.suffix != ".tmp"}

    def heal(self) -> float:
        """Start both, sell nothing, and wait until they agree; seconds that this took. They are killed then."""
        if not self.paired:
            self.pair()
        self.cloud = self.cloud or self._serve(cold=False)
        began = time.monotonic()
        self.till = Life("scripts.tortures.cashier", str(self.data), QUIET, "0")
        while not self._agree():
            if time.monotonic() - began > 60:
                raise SystemExit(f"till and cloud do not agree after a minute: {self.folder}")
            time.sleep(0.02)
        took = time.monotonic() - began
        self.kill("both")
        self.printer.down()
        return took

    def _agree(self) -> bool:
        with Reading.open(self.data / "journal.db") as memory:
            head, mark, printed = memory.head().seq, memory.mark(), not self.waiting_for_paper()
        sql = "SELECT max(feed_head), (SELECT max(p.seq) FROM position p JOIN journal USING (journal)) FROM shop"
        (row,) = self._cloud_rows(sql)
        return printed and (mark.received, mark.feed, head) == (head, row[0], row[1])

    def _cloud_rows(self, sql: str) -> list[tuple[Any, ...]]:
        # Not read-only: a transaction that a kill cut off is rolled back by whoever opens the file next.
        with closing(sqlite3.connect(self.cloud_data / "cloud.db", timeout=20)) as db:
            return list(db.execute(sql))

    # Proofs. The till's are of a copy, taken as the kill left it: the write-ahead log is the next life's to find.

    def prove_till(self) -> int:
        """Chain and views; how many events."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in self.data.glob("journal.db*"):
            shutil.copy(file, copy)
        said = json.loads(ask("edge_agent.commands", "verify", "--json", "--data", str(copy)))
        return int(said["events"])

    def prove_cloud(self) -> int:
        """Chains and projections; how many events."""
        return sum(json.loads(self._cloud_command("verify", "--json"))["journals"].values())

    def kept_by_till(self) -> list[Kept]:
        """The sales in the till's journal."""
        with Reading.open(self.data / "journal.db") as memory:
            return [
                _kept(line, link) for line, link in memory.db.execute("SELECT line, hash FROM journal") if _sold(line)
            ]

    def kept_by_cloud(self) -> list[Kept]:
        """The sales as the cloud keeps them."""
        rows = self._cloud_rows("SELECT line, hash FROM raw_event WHERE kind = 'sale_completed' ORDER BY seq")
        return [_kept(bytes(line), bytes(link)) for line, link in rows]

    def differences(self) -> list[str]:
        """What the cloud counted or told otherwise than the till did."""
        with Reading.open(self.data / "journal.db") as memory:
            mine = dict(memory.db.execute("SELECT cursor, line FROM feed"))
            stock = {item.sku: memory.stock(item.sku).on_hand for item in memory.items()}
            journal = memory.journal_id()
        published = self._cloud_rows("SELECT cursor, body, skip FROM feed ORDER BY cursor")
        theirs = {int(cursor): json.loads(body) for cursor, body, _ in published}
        owed = {int(cursor) for cursor, _, skip in published if skip != journal}
        wrong = [
            f"feed entry {cursor} is another"
            for cursor in mine
            if json.loads(mine[cursor])["body"] != theirs.get(cursor)
        ]
        wrong += [f"feed entry {cursor} never came" for cursor in sorted(owed - set(mine))]
        counted = dict(self._cloud_rows("SELECT sku, on_hand FROM stock"))
        wrong += [
            f"{sku}: the till has {qty}, the cloud {counted.get(sku)}"
            for sku, qty in stock.items()
            if counted.get(sku) != qty
        ]
        return wrong

    def feed_entries(self) -> int:
        """How many entries the cloud has published."""
        return len(self._cloud_rows("SELECT 1 FROM feed"))

    def decisions(self) -> int:
        """How many times the till decided on an order."""
        return len(self._cloud_rows("SELECT 1 FROM raw_event WHERE kind = 'reorder_decided'"))


def _sold(line: bytes) -> bool:
    return event_of(line).kind == "sale_completed"


def _kept(line: bytes, link: bytes) -> Kept:
    event = event_of(line)
    return Kept(event.by, event.id, int(event.body["receipt"]), event.seq, link.hex())
