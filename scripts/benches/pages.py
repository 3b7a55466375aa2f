"""The owner's pages with fifty large shops of two years, on SQLite and on PostgreSQL, database and service on one core.

Times are from the moment that a page was to be asked for, at moments that come by chance; the asker has the other core.
"""

import http.client
import itertools
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from cloud_sync.accounts.pairing import make_code
from cloud_sync.service import Service
from cloud_sync.tables.house import Shop
from edge_agent.clock import SystemClock
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.rules.day import business_day
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.events.sales import SaleCompleted
from scripts.benches import Figure, median
from scripts.benches.pages_owner import Owner, children_cpu_s, cpu_s, many, open_pages, paced, receipts_on, rss_mb
from scripts.benches.pages_shops import Size, fill
from scripts.benches.sync_till import five_lines
from scripts.cloud_ import founded, server
from scripts.postgres_ import postgres
from scripts.venv_ import ROOT, VENV
from tests.cloud import EMAIL, Cloud
from tests.owner_shop import OWN, own_password
from tests.shop import SHOP

EACH_S = 20.0
PACED = 800
"""Forty seconds of pages."""
WARM, MANY = 2_000, 10_000
"""Each thread of the service has met each shop before its memory is read."""
IDLE = 1_000
SALES = 30
TUNED = {"shared_buffers": "256MB"}


@dataclass
class Rig:
    """A service with the shops in it, and its owner; `machine` is the database's first process, 0 for a file."""

    database: str
    folder: Path
    service: Service
    first: Shop
    shops: Sequence[str]
    owner: Owner
    pid: int
    machine: int = 0

    def worked_s(self) -> tuple[float, float]:
        """Processor seconds of the service and of the database's own processes so far."""
        return cpu_s(self.pid), children_cpu_s(self.machine) if self.machine else 0.0

    def figure(self, name: str, value: float, unit: str, bound: float, aim: float, spread: str = "") -> Figure:
        load = f"load {os.getloadavg()[0]:.1f}"
        return Figure(f"{name}, {self.database}", value, unit, load, None, bound, aim, spread)


def measure(folder: Path) -> list[Figure]:
    """All figures on both databases; takes less than ten minutes on a quiet machine."""
    return [figure for database in ("SQLite", "PostgreSQL") for figure in _measured(folder, database)]


def _measured(folder: Path, database: str) -> Iterator[Figure]:
    with rig(folder / database, database, Size()) as one:
        for page in ("/", "/orders"):
            yield _paced(one, page)
        yield _flat(one)
        yield _open(one)
        yield _sold(one)


@contextmanager
def rig(folder: Path, database: str, size: Size) -> Iterator[Rig]:
    """The service on such a database, filled; service and database on the last core, we ourselves on the first."""
    folder.mkdir(parents=True)
    with postgres(TUNED) if database == "PostgreSQL" else nullcontext() as machine:
        name = machine.new_database() if machine else ""
        url = machine.url(name) if machine else ""
        with founded(folder, url) as (service, first):
            shops = fill(service, first, size)
            if machine:
                # A day later its own housekeeping has done so; here it would work on the core that is measured.
                with closing(machine.connect(name)) as connection:
                    connection.execute("VACUUM ANALYZE")
            with _on_last_core(machine.pid if machine else 0), server(folder, url) as (address, pid):
                os.sched_setaffinity(0, {0})
                owner = _signed_in(Cloud(address, service, first, folder / "clock"))
                yield Rig(database, folder, service, first, shops, owner, pid, machine.pid if machine else 0)


def _last_core() -> int:
    return (os.cpu_count() or 1) - 1


@contextmanager
def _on_last_core(machine: int) -> Iterator[None]:
    """What is started here keeps to it with all its threads, and the database's processes to that of their first."""
    mine = os.sched_getaffinity(0)
    for pid in (machine, 0) if machine else (0,):
        os.sched_setaffinity(pid, {_last_core()})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def _signed_in(cloud: Cloud) -> Owner:
    own_password(cloud)
    over = Owner(cloud.url, "").connection()
    form = f"email={EMAIL.replace('@', '%40')}&password={OWN.replace(' ', '+')}&remember=1"
    over.request("POST", "/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = over.getresponse()
    cookies = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    over.close()
    return Owner(cloud.url, "; ".join(cookies))


def _paths(rig: Rig, *pages: str) -> Iterator[str]:
    """Pages of the shops by chance, for ever."""
    chance = random.Random(7)
    while True:
        yield f"{chance.choice(pages)}?shop={chance.choice(rig.shops)}"


def _paced(rig: Rig, page: str) -> Figure:
    many(rig.owner, _paths(rig, page), 100)
    before = rig.worked_s()
    took = paced(rig.owner, list(itertools.islice(_paths(rig, page), PACED)), each_s=EACH_S, chance=random.Random(3))
    p95 = sorted(took)[int(len(took) * 0.95)] * 1000
    ours, its = ((after - then) / len(took) * 1000 for after, then in zip(rig.worked_s(), before, strict=True))
    told = (
        f"p50 {median(took) * 1000:.0f} ms, a page takes the service {ours:.1f} ms of its core, the database {its:.1f}"
    )
    return rig.figure(f"{'Today' if page == '/' else 'Orders'} at 20 a second, p95", p95, "ms", 60, 30, told)


def _flat(rig: Rig) -> Figure:
    paths = _paths(rig, "/", "/orders")
    many(rig.owner, paths, WARM)
    before = rss_mb(rig.pid)
    many(rig.owner, paths, MANY)
    after = rss_mb(rig.pid)
    return rig.figure("10,000 pages add", after - before, "MB", 4, 1, f"{before:.0f} to {after:.0f} MB")


def _open(rig: Rig) -> Figure:
    before = rss_mb(rig.pid)
    with open_pages(rig.owner, list(itertools.islice(itertools.cycle(rig.shops), IDLE))):
        time.sleep(5)
        after = rss_mb(rig.pid)
    return rig.figure("1,000 idle live pages add", after - before, "MB", 60, 40, f"{before:.0f} to {after:.0f} MB")


def _sold(rig: Rig) -> Figure:
    """A till's sale until it stands on a page that is open; a thousand others are open, too."""
    rung = threading.Event()
    shops = [rig.first.shop, *itertools.islice(itertools.cycle(rig.shops[1:]), IDLE)]
    with (
        _till(rig) as journal,
        open_pages(rig.owner, shops, lambda number: rung.set() if number == 0 else None),
    ):
        over, chance, took = rig.owner.connection(), random.Random(11), []
        shown = _shown(rig, over)
        for place in range(1, SALES + 1):
            time.sleep(chance.uniform(0.3, 1.3))
            began = time.perf_counter()
            journal.record(lambda memory: [Draft(_sale(rig, chance, memory.next_receipt()))]).result()
            while _heard(rung) and _shown(rig, over) < shown + place:
                pass
            took.append(time.perf_counter() - began)
        over.close()
    p95 = sorted(took)[int(SALES * 0.95)]
    return rig.figure("a sale until it is on the open page, p95", p95, "s", 5, 1.5, f"p50 {median(took):.2f} s")


def _sale(rig: Rig, chance: random.Random, receipt: int) -> SaleCompleted:
    today = business_day(SystemClock().now(), rig.first.zone, SHOP.day_closes)
    return five_lines(chance, receipt).model_copy(update={"day": today})


def _heard(rung: threading.Event) -> bool:
    """The open page was told; RuntimeError when it is not in a long time."""
    if not rung.wait(30):
        raise RuntimeError("an open page was not told of a sale")
    rung.clear()
    return True


def _shown(rig: Rig, over: http.client.HTTPConnection) -> int:
    return receipts_on(rig.owner.page(over, f"/?shop={rig.first.shop}"))


@contextmanager
def _till(rig: Rig) -> Iterator[Journal]:
    """A till of the first shop, paired by its command, whose sync runs."""
    data = rig.folder / "till"
    with rig.service.database.writing() as session:
        code = make_code(session, tenant=rig.first.tenant, shop=rig.first.shop, now=rig.service.clock.now())
    words = [str(VENV / "bin" / "python"), "-m", "edge_agent", "pair", rig.owner.url, code, "--data", str(data)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    journal = Journal.open(data, SystemClock(), random_id)
    loop = SyncLoop(journal, data)
    loop.start()
    try:
        with journal.reading() as memory:
            while memory.mark().received < memory.head().seq:
                time.sleep(0.05)
        # The feed of the whole shop has to come, too.
        time.sleep(5)
        yield journal
    finally:
        loop.stop()
        journal.close()
