"""Till and cloud in two networks whose wire is cut: each heal converges by itself, and nothing is lost or doubled."""

import json
import random
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from edge_agent.errors import Unreachable
from edge_agent.journal.reading import Reading
from scripts.house_ import SHOP_FILES, difference, shop_settings
from scripts.tortures import Report
from scripts.tortures.lives import PATIENCE_S, Life, ask, prepare
from scripts.tortures.networks import ADDRESS, CUTS, SIDES, Cut, Networks, Side
from scripts.tortures.partition_till import OPEN
from scripts.venv_ import VENV
from tests.certificates import own_authority

SUMMARY = "the wire between till and cloud is cut and healed, in networks of their own"
FULL = {"cuts": 50}
SHORT = {"cuts": 3}
CONVERGED_S = 30.0
SHORTEST_S, LONGEST_S = 0.5, 2.5
"""How long the till sells behind a cut: the connection is still open when the wire is whole again."""
LONG_EVERY, LONG_S = 10, 24.0
"""The last of so many cuts is longer than a till waits for bytes: it has given up, and must try again by itself."""
PORT = 8443
TILL = "scripts.tortures.partition_till"


@dataclass
class Tally:
    """What the cuts came to; `wrong` is in words."""

    cuts: Counter[str] = field(default_factory=Counter)
    healed: list[float] = field(default_factory=list)
    behind: int = 0
    sales: int = 0
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report as it is printed."""
        kinds = ", ".join(f"{count} {what}" for what, count in sorted(self.cuts.items()))
        longest = f"{max(self.healed, default=0):.1f} s at most"
        return [
            f"{self.cuts.total()} cuts ({kinds}), {self.sales} sales said to be paid, most of them behind a cut",
            f"{len(self.healed)} of {self.cuts.total()} converged with nothing recorded meanwhile, {longest}"
            f" (<= {CONVERGED_S:g}); {self.behind} events were still to be sent when the wires were whole again",
            *self.wrong[:10],
        ]


def run(folder: Path, *, seed: int, cuts: int) -> Report:
    """The row of the fault matrix; it fails in words where the machine may make no networks."""
    try:
        networks = Networks()
    except Unreachable as error:
        return Report(False, [error.message])
    prepare()
    try:
        tally = play(folder, networks, seed=str(seed), cuts=cuts)
    finally:
        networks.close()
    return Report(not tally.wrong, tally.lines())


def play(folder: Path, networks: Networks, *, seed: str, cuts: int, till: str = TILL) -> Tally:
    """One shop under so many cuts."""
    shop, chance, tally = CutShop(folder, networks), random.Random(seed), Tally()
    try:
        shop.start(till, seed)
        for number in range(cuts):
            side, seconds = chance.choice(SIDES), chance.uniform(SHORTEST_S, LONGEST_S)
            is_long = number % LONG_EVERY == LONG_EVERY - 1
            _cut(shop, CUTS[number % len(CUTS)], side, LONG_S if is_long else seconds, tally)
        _judge(shop, tally)
    finally:
        shop.end()
    return tally


def _cut(shop: "CutShop", how: Cut, side: Side, seconds: float, tally: Tally) -> None:
    """The wire is cut while the till sells; the shop closes, the wire is whole again, and nothing else is done."""
    name = f"{how} at the {side}"
    tally.cuts[name] += 1
    shop.open()
    shop.networks.cut(how, side)
    time.sleep(seconds)
    shop.shut()
    head, behind = shop.head(), shop.head() - shop.received()
    if how != "narrow" and behind <= 0:
        tally.wrong.append(f"cut {tally.cuts.total()}, {name}, let everything through: it was no cut")
    tally.behind += behind
    began = time.monotonic()
    shop.networks.heal(how, side)
    while not shop.agrees() and time.monotonic() - began <= CONVERGED_S:
        time.sleep(0.02)
    took = time.monotonic() - began
    if not shop.agrees():
        tally.wrong.append(f"cut {tally.cuts.total()}, {name}: {shop.head() - shop.received()} events never came")
    elif shop.head() != head:
        tally.wrong.append(f"cut {tally.cuts.total()}, {name}: something was recorded before all had come")
    else:
        tally.healed.append(took)


def _judge(shop: "CutShop", tally: Tally) -> None:
    """What was said to be paid is kept by the till, and the cloud has every line of it once."""
    assert shop.till, "it has lived"
    said = {(one.token, one.seq, one.link) for one in shop.till.said()}
    tally.sales = len(said)
    lost, doubled = difference(shop.data, shop.cloud_data)
    if lost or doubled:
        tally.wrong.append(f"lost {lost}, doubled {doubled}")
    with Reading.open(shop.data / "journal.db") as memory:
        kept = {(event.by, seq, link.hex()) for seq, link in memory.db.execute("SELECT seq, hash FROM journal")
                if (event := memory.event(seq)).kind == "sale_completed"}  # fmt: skip
    tally.wrong += [f"sale {token}, event {seq}, was said to be paid and is not kept" for token, seq, _ in said - kept]


class CutShop:
    """A till and a cloud, each in its own network. The till keeps what it is told to sell while the file lies there."""

    def __init__(self, folder: Path, networks: Networks) -> None:
        self.data, self.cloud_data, self.networks = folder / "till", folder / "cloud", networks
        self.till: Life | None = None
        self._cloud: Life | None = None
        self.data.mkdir(parents=True)
        (self.data / "settings.toml").write_text(shop_settings(), encoding="utf-8")
        for kind in ("suppliers", "items", "stock"):
            words = ("import", kind, str(SHOP_FILES / f"{kind}.csv"), "--data", str(self.data))
            ask("edge_agent.commands", *words)
        self._cloud_command("init", "--shop", "Corner Shop", "--zone", "Europe/London", "--currency", "GBP")
        self._authority, _ = own_authority(folder, host=ADDRESS["cloud"])

    def _cloud_command(self, *words: str) -> str:
        return ask("cloud_sync.commands", *words, "--data", str(self.cloud_data))

    def start(self, till: str, seed: str) -> None:
        """Serve, pair over the wire, and open the till."""
        own = str(self._authority.parent / "server.pem")
        words = (str(self.cloud_data), str(PORT), "--host", ADDRESS["cloud"], "--cert", own, "--key", own)
        self._cloud = Life("scripts.tortures.server", *words, cold=True, inside=self.networks.inside("cloud"))
        self._pair(json.loads(self._cloud_command("pair-code", "--json"))["code"])
        self.till = Life(till, str(self.data), seed, cold=True, inside=self.networks.inside("till"))
        self._wait_for("the till is ready", lambda life: life.first("ready") is not None)
        deadline = time.monotonic() + PATIENCE_S
        while not self.agrees():
            if time.monotonic() > deadline:
                raise SystemExit("till and cloud do not agree over a wire that was never cut")
            time.sleep(0.02)

    def _pair(self, code: str) -> None:
        words = ("pair", f"https://{ADDRESS['cloud']}:{PORT}", code, "--ca", str(self._authority))
        line = [*self.networks.inside("till"), str(VENV / "bin" / "edge-agent"), *words, "--data", str(self.data)]
        deadline = time.monotonic() + PATIENCE_S
        while (done := subprocess.run(line, capture_output=True, text=True, check=False)).returncode:
            if "does not answer" not in done.stderr + done.stdout or time.monotonic() > deadline:
                raise SystemExit(f"the till could not be paired: {done.stderr.strip()}")
            time.sleep(0.1)

    def open(self) -> None:
        """Let the till sell."""
        (self.data / OPEN).touch()
        self._wait_for("the shop opens", lambda life: OPEN in life.under_way())

    def shut(self) -> None:
        """Let it sell nothing more; it has recorded its last when this returns."""
        (self.data / OPEN).unlink()
        self._wait_for("the shop shuts", lambda life: OPEN not in life.under_way())

    def _wait_for(self, what: str, holds: Callable[[Life], bool]) -> None:
        till = self.till
        assert till, "it was started"
        if not till.wait_for(lambda: holds(till), PATIENCE_S):
            raise SystemExit(f"{what} within {PATIENCE_S:.0f} s: it did not; its last words: {till.lines[-3:]}")

    def head(self) -> int:
        """The till's last event."""
        with Reading.open(self.data / "journal.db") as memory:
            return memory.head().seq

    def received(self) -> int:
        """The last event that the cloud has."""
        uri = f"file:{self.cloud_data / 'cloud.db'}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=20)) as db:
            return int(db.execute("SELECT coalesce(max(seq), 0) FROM raw_event").fetchone()[0])

    def agrees(self) -> bool:
        """Whether the cloud has all of it, and the till knows."""
        with Reading.open(self.data / "journal.db") as memory:
            return memory.mark().received == memory.head().seq == self.received()

    def end(self) -> None:
        """kill -9 of both."""
        for life in (self.till, self._cloud):
            if life:
                life.kill()
