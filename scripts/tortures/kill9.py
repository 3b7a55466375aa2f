"""kill -9 of the till at random moments of a day of selling: what was said to be paid must be there, once."""

import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import Verified, verify
from scripts.house_ import SHOP_FILES, shop_settings
from scripts.printer_ import RecordingPrinter
from scripts.tortures import Report
from scripts.tortures.judge import Kept, Said, Verdict, judge
from scripts.venv_ import ROOT, VENV

SUMMARY = "kill -9 of the till at random moments of a day of selling"
FULL = {"kills": 200}
SHORT = {"kills": 20}
SELLABLE_S = 2.0
YARDSTICK_S = 0.13
"""What `import textual.app` takes on the machine that seconds are stated for."""
PATIENCE_S = 30.0
CASHIER = ("-m", "scripts.tortures.cashier")


@dataclass
class Life:
    """One start of the till: the lines that it said with their moments, counted from the start of its process."""

    lines: list[tuple[float, str]] = field(default_factory=list)

    def said(self) -> list[Said]:
        """The sales of this life that were said to be paid."""
        words = [line.split() for _, line in self.lines if line.startswith("paid ")]
        return [Said(token, int(receipt), int(seq), link) for _, token, receipt, seq, link in words]

    def sellable(self) -> float | None:
        """Seconds from the start of the process until its first sale was durable; None if it did not live so long."""
        return next((at for at, line in self.lines if line.startswith("paid ")), None)

    def under_way(self, spool: Path) -> str:
        """What the kill hit: `start`, `sale` (scan, commit, views), `decide`, `print`, or `between` two acts."""
        last = self.lines[-1][1].partition(" ")[0] if self.lines else "start"
        if last in ("start", "sell"):
            return "sale" if last == "sell" else "start"
        if last == "deciding":
            return "decide"
        return "print" if spool.is_dir() and any(spool.iterdir()) else "between"


@dataclass
class Tally:
    """What the kills came to."""

    seed: int
    kills: int = 0
    said: list[Said] = field(default_factory=list)
    hits: dict[str, int] = field(default_factory=dict)
    sellable: list[float] = field(default_factory=list)
    yardsticks: list[float] = field(default_factory=list)
    proofs: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    sales: int = 0
    orders: int = 0
    reprints: int = 0
    no_paper: int = 0
    proved: Verified | None = None

    @property
    def judged_s(self) -> tuple[float, float]:
        """Median and slowest start, on the machine that seconds are stated for."""
        scale = YARDSTICK_S / statistics.median(self.yardsticks)
        return statistics.median(self.sellable) * scale, max(self.sellable) * scale

    @property
    def ok(self) -> bool:
        """Nothing lost or doubled, and sellable in time."""
        return self.verdict.ok and self.judged_s[1] <= SELLABLE_S

    def lines(self) -> list[str]:
        """The report as it is printed."""
        mid = 100 * (1 - self.hits.get("between", 0) / max(self.kills, 1))
        hits = ", ".join(f"{count} {what}" for what, count in sorted(self.hits.items()))
        judged = "judged median {:.2f} s, slowest {:.2f} s".format(*self.judged_s)
        raw = f"{statistics.median(self.sellable):.2f} s, {max(self.sellable):.2f} s"
        yardstick = f"{statistics.median(self.yardsticks):.3f} s"
        events = self.proved.head.seq if self.proved else 0
        return [
            f"{self.kills} kills, {mid:.0f} % in the middle of something ({hits})",
            f"{len(self.said)} sales said to be paid, {self.sales} in the journal, {self.orders} orders decided",
            f"lost {len(self.verdict.lost)}, doubled {len(self.verdict.doubled)}, "
            f"receipt numbers missing {len(self.verdict.gaps)}",
            f"chain of {events} events valid, views equal their rebuild ({self.proofs} times looked at)",
            f"paper: {self.reprints} receipts printed again after a kill, {self.no_paper} paid sales without paper",
            f"sellable again: {judged} (bound {SELLABLE_S} s; raw {raw}; yardstick `import textual.app` {yardstick})",
            *self.verdict.lost[:10], *self.verdict.doubled[:10], *self.verdict.gaps[:10],
        ]  # fmt: skip


class Rig:
    """One shop's folder under a till that is killed again and again; the printer outlives them all."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.data, self.copy = folder / "till", folder / "copy"
        self.seed, self.chance = seed, random.Random(seed)
        self.printer = RecordingPrinter()
        self._stock_the_shop()

    def _stock_the_shop(self) -> None:
        address = f'[printer]\nmodel = "generic-80mm"\nwire = "tcp"\naddress = "127.0.0.1:{self.printer.port}"'
        self.data.mkdir(parents=True)
        (self.data / "settings.toml").write_text(shop_settings(address), encoding="utf-8")
        for kind in ("suppliers", "items", "stock"):
            line = ["-m", "edge_agent", "import", kind, str(SHOP_FILES / f"{kind}.csv"), "--data", str(self.data)]
            subprocess.run([str(VENV / "bin" / "python"), *line], check=True, cwd=ROOT, capture_output=True)

    def live(self, number: int, *, kill_after: float, starting: bool) -> Life:
        """Start the till and kill it: `starting`, that long after its process began, else after its first sale."""
        line = [*CASHIER, str(self.data), str(number), str(self.seed * 100_003 + number)]
        calm = {"ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        life, selling, began = Life(), threading.Event(), time.monotonic()
        process = subprocess.Popen(
            [str(VENV / "bin" / "python"), *line], cwd=ROOT, env={**os.environ, **calm}, stdout=subprocess.PIPE
        )
        reader = threading.Thread(target=_hear, args=(process, life, selling, began), daemon=True)
        reader.start()
        if not starting and not selling.wait(PATIENCE_S):
            process.kill()
            raise SystemExit(f"life {number} did not sell within {PATIENCE_S:.0f} s; seed {self.seed}")
        time.sleep(kill_after)
        gone = process.poll()
        process.send_signal(signal.SIGKILL)
        process.wait()
        reader.join()
        if gone is not None:
            raise SystemExit(f"life {number} ended by itself with {gone}; seed {self.seed}")
        return life

    def prove(self) -> Verified:
        """Chain and views of a copy, taken as the kill left it: the write-ahead log is the next life's to find."""
        shutil.rmtree(self.copy, ignore_errors=True)
        self.copy.mkdir()
        for file in self.data.glob("journal.db*"):
            shutil.copy(file, self.copy)
        with Reading.open(self.copy / "journal.db") as memory:
            return verify(memory.db)

    def kept(self) -> tuple[list[Kept], int]:
        """The journal's sales and the number of its decided orders, from the last copy."""
        with Reading.open(self.copy / "journal.db") as memory:
            sales = [
                Kept(
                    event.by, event.id, int(event.body["receipt"]), event.seq, (memory.hash_at(event.seq) or b"").hex()
                )
                for event in memory.events("sale_completed")
            ]
            return sales, sum(1 for _ in memory.events("reorder_decided"))


def _hear(process: "subprocess.Popen[bytes]", life: Life, selling: threading.Event, began: float) -> None:
    assert process.stdout
    with process.stdout as lines:
        for raw in lines:
            if raw.endswith(b"\n"):
                life.lines.append((time.monotonic() - began, raw.decode().strip()))
                if raw.startswith(b"paid "):
                    selling.set()


def yardstick() -> float:
    """Seconds of `import textual.app` in a fresh process."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.monotonic() - began


def run(folder: Path, *, seed: int, kills: int) -> Report:
    """The row of the fault matrix."""
    tally = play(folder, kills=kills, seed=seed)
    return Report(tally.ok, tally.lines())


def play(folder: Path, *, kills: int, seed: int) -> Tally:
    """Kill the till `kills` times: one in ten while it starts, the others while it sells."""
    rig, tally = Rig(folder, seed), Tally(seed)
    every = max(kills // 8, 1)
    for number in range(kills):
        starting = number % 10 == 9
        after = rig.chance.uniform(0.02, 0.8) if starting else rig.chance.uniform(0, rig.chance.choice((0.1, 0.3, 0.8)))
        life = rig.live(number, kill_after=after, starting=starting)
        _count(tally, life, life.under_way(rig.data / "spool"))
        if number % every == every - 1:
            tally.yardsticks.append(yardstick())
            tally.proved = rig.prove()
            tally.proofs += 1
    return _judged(rig, tally)


def _count(tally: Tally, life: Life, what: str) -> None:
    tally.kills += 1
    tally.said += life.said()
    tally.hits[what] = tally.hits.get(what, 0) + 1
    began = life.sellable()
    if began is not None:
        tally.sellable.append(began)


def _judged(rig: Rig, tally: Tally) -> Tally:
    last = rig.live(tally.kills, kill_after=0.5, starting=False)
    tally.said += last.said()
    tally.proved = rig.prove()
    tally.proofs += 1
    rig.printer.down()
    kept, tally.orders = rig.kept()
    paper = rig.printer.receipts()
    waiting = {int(file.name.split("-")[1]) for file in (rig.data / "spool").iterdir() if file.suffix != ".tmp"}
    tally.sales = len(kept)
    tally.reprints = len(paper) - len(set(paper))
    tally.no_paper = len({one.receipt for one in tally.said} - set(paper) - waiting)
    tally.verdict = judge(tally.said, set(paper), kept)
    return tally
