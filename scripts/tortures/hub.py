"""Orders at a micro-hub over a bad wire: whatever is lost or said twice, each order leaves once or not at all."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cloud_sync.database import Database, open_database
from cloud_sync.hubs.book import Shelf
from cloud_sync.hubs.desk import Asked, Desk
from cloud_sync.hubs.port import HubPort
from cloud_sync.hubs.rest import RestHub
from cloud_sync.post.network import networks_of
from cloud_sync.post.webhook import Web
from cloud_sync.tables import create_tables
from cloud_sync.tables.hubs import HubOrder
from edge_agent.rules.hub import Point, Rounds, Tariff
from edge_agent.rules.imports_hubs import HubCard
from scripts.hub_ import CUT, GARBLED, SILENT, Fault, Simulator, hub
from scripts.tortures import Report
from scripts.tortures.lanes import LANES, lanes
from scripts.tortures.memory import in_memory
from scripts.tortures.one_dialect import one_dialect

SUMMARY = "Orders at a hub that loses, cuts and garbles answers: 50 pieces leave once each, no order is lost."
FULL = {"hubs": 300}
SHORT = {"hubs": 6}

PIECES, ORDERS, SAID = 50, 70, 2
"""On the shelf, wanted one piece each, and how often each order is said."""
A_CLOUD = 25
"""So many hubs at most are one shop's, in one cloud."""
RELEASED = 0.1
NOW = 1_772_546_400_000
DAY = 739_678
FAULTS: tuple[Fault | None, ...] = (None, None, None, SILENT, CUT, GARBLED, 500, 503)
KEPT = ("asking", "reserved")


@dataclass
class Told:
    """What the rig saw, for the judge."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def judge(self, *, holds: bool, words: str) -> None:
        """Note what does not hold."""
        if not holds:
            self.done["wrong"] += 1
            self.wrong.append(words)


def run(folder: Path, *, seed: int, hubs: int) -> Report:
    """Hub after hub."""
    each = min(A_CLOUD, -(-hubs // LANES))
    shares = [range(first, min(first + each, hubs)) for first in range(0, hubs, each)]
    with in_memory(folder) as place, lanes(one_dialect) as pool:
        told = list(pool.map(one_cloud, [place] * len(shares), [seed] * len(shares), shares))
    done = sum((one.done for one in told), Counter[str]())
    wrong = [f"seed {seed}, {words}" for one in told for words in one.wrong]
    lines = [
        f"{done['hubs']} hubs of {PIECES} pieces, {ORDERS} orders each, said {SAID} times",
        f"{done['requests']} requests, {done['faults']} of them cut, silent, garbled or refused for now",
        f"{done['left']} pieces left, {done['refused']} orders refused, {done['released']} released",
        *wrong[:10],
    ]
    return Report(ok=not wrong and done["hubs"] == hubs, lines=lines)


def one_cloud(place: Path, seed: int, hubs: range) -> Told:
    """Hubs of one shop, one after the other."""
    told = Told()
    with cloud(place / f"{seed}.{hubs.start}.db") as database:
        for number in hubs:
            one = one_hub(database, place, f"{seed}.{number}")
            told.done += one.done
            told.wrong += [f"hub {number}: {words}" for words in one.wrong]
    return told


@contextmanager
def cloud(file: Path) -> Iterator[Database]:
    """An empty cloud."""
    database = open_database(f"sqlite:///{file}")
    create_tables(database)
    try:
        yield database.service()
    finally:
        database.close()


def one_hub(
    database: Database, folder: Path, seed: str, *, orders: int = ORDERS, pieces: int = PIECES, forgets: bool = False
) -> Told:
    """Say every order over a bad wire, then bring all of them on over a good one, and judge."""
    chance, told = random.Random(seed), Told()
    with hub(stock={"tea": pieces}, faults=_bad(chance, told), forgets_keys=forgets) as box:
        desk, asked = _desk(database, folder, box, seed)
        references = [f"R{number}" for number in range(orders)] * SAID
        chance.shuffle(references)
        for reference in references:
            desk.send(asked, reference, {"tea": 1})
            if chance.random() < RELEASED:
                desk.release(asked, chance.choice(references[: references.index(reference) + 1]))
        box.faults = lambda _: None
        for reference, order in _known(desk, asked).items():
            if order.state in KEPT:
                desk.go_on(asked, reference)
        desk.ask(asked)
        _judge(told, box, _known(desk, asked), pieces)
    return told


def _bad(chance: random.Random, told: Told) -> Callable[[int], Fault | None]:
    def fault(_: int) -> Fault | None:
        found = chance.choice(FAULTS)
        told.done["faults"] += found is not None
        return found

    return fault


def _desk(database: Database, folder: Path, box: Simulator, name: str) -> tuple[Desk, Asked]:
    place = Point(51_507_400, -127_800)
    card = HubCard(name, "Hub", place, "rest", box.url, Rounds(900, 1), Tariff(pick=80_000), 500, 24_000, 9, 231, 45)
    with database.writing() as session:
        Shelf(session, "tenant", "shop").put(card, "rig", NOW)
    web = Web(networks_of("127.0.0.0/8"), None, folder / "key")

    def port(shelf: Shelf, card: HubCard) -> HubPort:
        return RestHub(web, card.url, "secret", lambda: NOW // 1_000, wait=lambda _: None)

    return Desk(database, port), Asked("tenant", "shop", name, "rig", NOW, DAY, "Europe/London")


def _known(desk: Desk, asked: Asked) -> dict[str, HubOrder]:
    with desk.database.reading() as session:
        return {one.reference: one for one in Shelf(session, asked.tenant, asked.shop).orders(asked.hub)}


def _judge(told: Told, box: Simulator, known: dict[str, HubOrder], pieces: int) -> None:
    shipped = {key for key, one in known.items() if one.state == "shipped"}
    released = {key for key, one in known.items() if one.state == "released"}
    told.done += Counter(hubs=1, requests=box.asked, left=box.left, released=len(released))
    told.done["refused"] += sum(one.state == "refused" for one in known.values())
    doubled = [key for key, parcel in box.parcels.items() if parcel.left > 1]
    told.judge(holds=not doubled, words=f"left more than once: {doubled[:5]}")
    gone = {key for key, parcel in box.parcels.items() if parcel.left}
    told.judge(holds=gone == shipped, words=f"left and not known, or known and not left: {sorted(gone ^ shipped)[:5]}")
    there = box.stock["tea"]
    told.judge(holds=there + box.left == pieces, words=f"{pieces} pieces are {there} and {box.left}")
    waiting = [key for key, one in known.items() if one.state in KEPT]
    told.judge(holds=not waiting, words=f"still not known: {waiting[:5]}")
    short = [key for key, one in known.items() if one.state == "refused"]
    told.judge(
        holds=there == 0 or not short or bool(released), words=f"{there} left over while {len(short)} were refused"
    )
