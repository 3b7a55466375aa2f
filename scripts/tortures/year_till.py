"""A till's day of the year, in a process that may be killed at any moment: the day is played from where it stands."""

import csv
import json
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import Any

from edge_agent.clock import Quality
from edge_agent.counter.stock import Came
from edge_agent.errors import BadInput, NotKnown
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.sale import Tendered
from edge_agent.sync.keys import load_keys
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.envelope import event_of
from scripts.player_ import ScriptedScanner
from scripts.tortures.saying import say

SYNC_EVERY = 25
LOOKED_BACK_MS = 86_400_000
"""So far back the journal is looked at for what of the day is done already."""
PATIENCE_S = 60.0


@dataclass
class DayClock:
    """A clock that stands until the next step of the day."""

    at: int = 0

    def now(self) -> int:
        return self.at

    def quality(self) -> Quality:
        return "ntp"


class Day:
    """One till open for a day. `script` is {online, at, renew, stock, steps}; each step has a token for its act."""

    def __init__(self, data: Path, script: dict[str, Any]) -> None:
        self._script, self._clock = script, DayClock(script["at"])
        self._till: OpenTill = open_till(data, self._clock)
        self._codes: queue.SimpleQueue[str] = queue.SimpleQueue()

    def play(self, scanner: ScriptedScanner) -> None:
        """Every step that is not in the journal yet, in order; then all is sent, fetched and on paper."""
        done = set(_acts(self._till, self._script["at"] - LOOKED_BACK_MS))
        self._till.replenish.start()
        self._till.scanner_codes(self._codes.put)
        self._wait(lambda: self._till.devices.get("scanner", ("unknown", ""))[0] == "ok")
        self._sync()
        if self._script["renew"]:
            self._till.renewal.tick()
        for number, step in enumerate(self._script["steps"], 1):
            if step["token"] not in done:
                self._clock.at = step["at"]
                getattr(self, f"_{step['act']}")(step, scanner)
            if number % SYNC_EVERY == 0:
                self._sync()
        self._till.replenish.settled(PATIENCE_S)
        self._sync()
        self._wait(lambda: not self._till.printer.waiting())
        self._show_stock(self._script["stock"])
        self._till.close()

    def _sale(self, step: dict[str, Any], scanner: ScriptedScanner) -> None:
        for code, pieces in step["lines"]:
            scanner.type(code)
            self._till.selling.scan(self._codes.get(timeout=PATIENCE_S), pieces * 1000)
        sale = self._till.selling.sale
        tender = Tendered(step["tender"], sale.total)
        self._till.paying.pay(sale, [tender], by=step["token"]).result(PATIENCE_S)
        self._till.selling.clear()
        say("paid", step["token"])

    def _receive(self, step: dict[str, Any], _: ScriptedScanner) -> None:
        came, room = [Came(sku, pieces * 1000) for sku, pieces in step["lines"]], self._till.stock_room
        try:
            room.receive(came, order=step["order"], by=step["token"]).result(PATIENCE_S)
        except (BadInput, NotKnown):
            # A till that has not heard of the order takes the goods without it.
            say("without", step["order"])
            room.receive(came, by=step["token"]).result(PATIENCE_S)

    def _count(self, step: dict[str, Any], _: ScriptedScanner) -> None:
        for sku, pieces in step["lines"]:
            expected = self._till.reading.stock(sku).on_hand // 1000
            if expected != pieces:
                say("differs", step["token"], sku, expected, pieces)
        counted = [(sku, pieces * 1000) for sku, pieces in step["lines"]]
        self._till.stock_room.count(counted, by=step["token"]).result(PATIENCE_S)

    def _sync(self) -> None:
        """Push and pull until there is nothing left to do; a cloud that is down is waited for."""
        keys = load_keys(self._till.data)
        if not self._script["online"] or keys is None:
            return

        def wait(_event: Event, _seconds: float) -> bool:
            if loop.state().words:
                time.sleep(0.05)
            else:
                loop.stop()
            return True

        loop = SyncLoop(self._till.journal, self._till.data, boot=self._till.boot, wait=wait)
        loop.run(keys)

    @staticmethod
    def _wait(holds: Callable[[], bool]) -> None:
        ends = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > ends:
                raise SystemExit("a device was waited for in vain")
            time.sleep(0.002)

    def _show_stock(self, file: str) -> None:
        items = list(self._till.reading.items())
        with Path(file).open("w", encoding="utf-8", newline="") as shown:
            rows = [(item.sku, self._till.reading.stock(item.sku).on_hand // 1000) for item in items]
            csv.writer(shown).writerows([("sku", "pieces"), *rows])


def _acts(till: OpenTill, since: int) -> Iterator[str]:
    """The tokens of what was recorded since then, in this journal or in the one that it goes on from."""
    for newest in ("SELECT line FROM journal ORDER BY seq DESC", "SELECT line FROM ancestor ORDER BY place DESC"):
        events = (event_of(line) for (line,) in till.reading.db.execute(newest))
        yield from (event.by for event in takewhile(lambda event: event.at >= since, events))


def main(folder: str, script: str) -> None:
    """Play the day of `script` on the till of `folder`."""
    data, scanner = Path(folder), ScriptedScanner(Path(f"{folder}.scanner"))
    Day(data, json.loads(Path(script).read_text(encoding="utf-8"))).play(scanner)
    say("done")
