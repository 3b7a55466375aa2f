"""The shop of the year: its tills, printers, cloud and suppliers, and the papers that pass between them."""

import csv
import json
import secrets
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from cloud_sync.accounts.pairing import make_code
from cloud_sync.database import Database
from cloud_sync.founding import opened, shop_named
from cloud_sync.orders import By, Conflict, approve, listed, version_of
from cloud_sync.sending import claim_next
from cloud_sync.settings import load_settings
from cloud_sync.tables.events import JournalRow
from cloud_sync.tables.figures import Position
from cloud_sync.tables.orders import Order, OrderLineRow
from edge_agent.clock import FileClock
from edge_agent.errors import BadInput
from scripts.demo_shop.moved import Sold, write_sales
from scripts.house_ import SHOP_FILES, free_port, shop_settings
from scripts.printer_ import RecordingPrinter
from scripts.tortures.lives import Life, ask

DAY_MS = 86_400_000


@dataclass
class Sent:
    """An order as its supplier was sent it: (SKU, pieces) each, and when it comes."""

    key: str
    number: str
    arrives_at: int
    lines: list[tuple[str, int]]


@dataclass
class Post:
    """One till's corner: its folder, the printer beside it, and how its next life is told what to do."""

    name: str
    data: Path
    printer: RecordingPrinter = field(default_factory=RecordingPrinter)

    def settings(self) -> str:
        """The settings of a till with this printer and a scanner of its own."""
        return shop_settings(
            f'[till]\nname = "{self.name}"\nstaff = ""',
            f'[scanner]\nmodel = "generic-serial"\nport = "{self.data}.scanner"',
            f'[printer]\nmodel = "generic-80mm"\nwire = "tcp"\naddress = "127.0.0.1:{self.printer.port}"',
        )

    def live(self, script: dict[str, Any]) -> Life:
        """Start the till on the rest of its day."""
        file = self.data.with_suffix(".json")
        file.write_text(json.dumps({**script, "stock": str(self.data / "stock.csv")}), encoding="utf-8")
        return Life("scripts.tortures.year_till", str(self.data), str(file))


class YearShop:
    """Founded, stocked and paired; `evidence` is the folder that the judge is given."""

    def __init__(self, folder: Path, at: int, tills: int) -> None:
        self.folder, self.evidence, self.cloud_data = folder, folder / "evidence", folder / "cloud"
        for name in ("paper", "deliveries", "sent", "tills"):
            (self.evidence / name).mkdir(parents=True)
        with (SHOP_FILES / "items.csv").open(encoding="utf-8", newline="") as file:
            self.items = {row["sku"]: row for row in csv.DictReader(file)}
        self.clock, self._port = FileClock(folder / "clock"), free_port()
        self.clock.set(at)
        self._cloud_command("init", "--shop", "Corner Shop", "--zone", "Europe/London", "--currency", "GBP")
        self.database: Database = opened(load_settings(self.cloud_data))
        self.cloud = self._serve()
        self.posts = [self._post(number + 1) for number in range(tills)]
        self._notes = 0

    def _cloud_command(self, *words: str) -> str:
        return ask("cloud_sync.commands", *words, "--data", str(self.cloud_data), clock=str(self.clock.path))

    def _serve(self) -> Life:
        return Life("scripts.tortures.year_server", str(self.cloud_data), str(self._port), str(self.clock.path))

    def _post(self, number: int) -> Post:
        post = Post(f"till{number}", self.folder / f"till{number}")
        post.data.mkdir()
        (post.data / "settings.toml").write_text(post.settings(), encoding="utf-8")
        if number == 1:
            for kind in ("suppliers", "items"):
                self._agent("import", kind, str(SHOP_FILES / f"{kind}.csv"), "--data", str(post.data))
        with self.database.writing() as session:
            shop = shop_named(session)
            code = make_code(session, tenant=shop.tenant, shop=shop.shop, now=self.clock.now())
        self._answering("pair", f"http://127.0.0.1:{self._port}", code, "--data", str(post.data))
        return post

    def remember(self, history: list[Sold]) -> None:
        """Past sales, by the command that imports them; for the forecast alone."""
        if history:
            write_sales(history, self.folder / "sales.csv.gz")
            words = ("import", "sales", str(self.folder / "sales.csv.gz"), "--data", str(self.posts[0].data))
            self._agent(*words)

    def _agent(self, *words: str) -> str:
        return ask("edge_agent.commands", *words, clock=str(self.clock.path))

    def _answering(self, *words: str) -> None:
        ends = time.monotonic() + 30
        while True:
            try:
                self._agent(*words)
                return
            except SystemExit as error:
                if "does not answer" not in str(error) or time.monotonic() > ends:
                    raise
                time.sleep(0.05)

    def counted(self) -> None:
        """Wait until the cloud has counted all that it has."""
        here = col(Position.journal) == JournalRow.journal
        behind = select(JournalRow.journal).join(Position, here, isouter=True)
        behind = behind.where(func.coalesce(Position.seq, 0) < JournalRow.seq)
        ends = time.monotonic() + 60
        while True:
            with self.database.reading() as session:
                if session.exec(behind).first() is None:
                    return
            if time.monotonic() > ends:
                raise SystemExit("the cloud does not come to an end with counting")
            time.sleep(0.01)

    def cut_cloud(self) -> None:
        """A power cut in the cloud; it is back at once."""
        self.cloud.kill()
        self.cloud = self._serve()

    def copy_cloud(self) -> None:
        """A backup, as one makes it of a cloud that stands still."""
        self.cloud.kill()
        shutil.copytree(self.cloud_data, self.folder / "cloud.backup")
        self.cloud = self._serve()

    def put_cloud_back(self) -> None:
        """The backup comes back, of a new generation."""
        self.cloud.kill()
        self.database.close()
        shutil.rmtree(self.cloud_data)
        shutil.copytree(self.folder / "cloud.backup", self.cloud_data)
        with closing(sqlite3.connect(self.cloud_data / "cloud.db")) as db, db:
            db.execute("UPDATE stamp SET value = ? WHERE name = 'generation'", (secrets.token_hex(8),))
        self.cloud = self._serve()

    def clone(self, of: Post) -> Post:
        """A copy of a till's card in another machine, with a printer of its own."""
        clone = Post(of.name, self.folder / f"{of.data.name}_clone")
        shutil.copytree(of.data, clone.data)
        (clone.data / "settings.toml").write_text(clone.settings(), encoding="utf-8")
        (clone.data / "clone").touch()
        self.posts.append(clone)
        return clone

    def order(self, at: int) -> list[Sent]:
        """The owner approves what is due within a day, and what is approved is sent; the supplier files it."""
        self.clock.set(at)
        with self.database.writing() as session:
            shop = shop_named(session)
            for order in listed(session, tenant=shop.tenant, shop=shop.shop):
                if order.cutoff_at <= at + DAY_MS:
                    key, seen = order.order, version_of(order)
                    with suppress(Conflict, BadInput):
                        approve(session, tenant=shop.tenant, order=key, version=seen, by=By("ann", "Ann"), now=at)
        found = []
        while (claim := claim_next(self.database, "post", at)) is not None:
            found.append(self._sent(claim.tenant, claim.order))
        return found

    def _sent(self, tenant: str, key: str) -> Sent:
        with self.database.reading() as session:
            order = session.get(Order, (tenant, key))
            assert order
            mine = select(OrderLineRow).where(OrderLineRow.tenant == tenant, OrderLineRow.order == key)
            lines = [(line.sku, (line.approved_qty or 0) // 1000) for line in session.exec(mine)]
        sent = Sent(key, order.number, order.arrives_at, [line for line in lines if line[1]])
        # A second copy of an order is a second file: the judge counts them.
        self._file("sent", sent.number, sent.lines)
        return sent

    def deliver(self, number: str, lines: list[tuple[str, int]]) -> None:
        """The driver's note of what he leaves in the shop."""
        self._file("deliveries", number, lines)

    def _file(self, folder: str, number: str, lines: list[tuple[str, int]]) -> None:
        self._notes += 1
        with (self.evidence / folder / f"{self._notes:05d}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = [(number, sku, self.items[sku]["name"], pieces) for sku, pieces in lines]
            csv.writer(file).writerows([("order", "sku", "name", "pieces"), *rows])

    def hand_over(self) -> None:
        """Everything to the judge's folder: the rolls of paper, the tills' files, the cloud's database."""
        self.cloud.kill()
        self.database.close()
        shutil.copytree(self.cloud_data, self.evidence / "cloud")
        for post in self.posts:
            post.printer.down()
            (self.evidence / "paper" / f"{post.data.name}.bin").write_bytes(post.printer.paper)
            shutil.copytree(post.data, self.evidence / "tills" / post.data.name)

    def prove(self) -> int:
        """Every chain, view and projection, by the product's own commands; how many events."""
        events = 0
        for post in self.posts:
            said = self._agent("verify", "--json", "--data", str(post.data))
            events += int(json.loads(said)["events"])
        self._cloud_command("verify")
        return events
