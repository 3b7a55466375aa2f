"""Plays a day's steps through the counter: codes come through a scripted serial scanner, paper goes out over TCP."""

import os
import pty
import queue
import time
import tty
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edge_agent.clock import FileClock
from edge_agent.counter.paying import Paid
from edge_agent.counter.stock import Came
from edge_agent.opening import OpenTill
from edge_agent.rules.day import moment
from edge_agent.rules.money import read, written
from edge_agent.rules.sale import Tendered
from scripts.day_ import Step
from scripts.demo_shop.moved import ZONE
from scripts.player_acts_ import CounterActs
from scripts.printer_ import RecordingPrinter

PATIENCE_S = 20.0


class StepFailedError(AssertionError):
    """A step did not hold; says which line, and what was seen instead."""


class ScriptedScanner:
    """A serial scanner on a pty: `type` sends what a real one sends, `down` unplugs it."""

    def __init__(self, link: Path) -> None:
        """`link` is the name that does not change when it is plugged in again, as udev's by-path links do."""
        self._link, self.port = link, str(link)
        self._master = self._slave = -1
        self.up()

    def up(self) -> None:
        """Plug it in."""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        fresh = self._link.with_suffix(".next")
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self._link)

    def type(self, code: str) -> None:
        """A scan, ended by CR as scanners do."""
        os.write(self._master, code.encode() + b"\r")

    def down(self) -> None:
        """Unplug it: who reads it gets an error."""
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)
        self._master = self._slave = -1


@dataclass
class Tally:
    """What a day came to."""

    receipts: int = 0
    total: int = 0


class Player(CounterActs):
    """One till under a script. `clock` is moved to each step's time; `cloud` switches the cloud's process."""

    def __init__(
        self, till: OpenTill, clock: FileClock, day: date, scanner: ScriptedScanner, printer: RecordingPrinter
    ) -> None:
        self.till, self.clock, self.day, self.scanner, self.printer = till, clock, day, scanner, printer
        self.tally = Tally()
        self._codes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._qty = 1000
        self.cloud: Callable[[str], None] = lambda _: None
        self.approve: Callable[[], str] = lambda: ""
        till.scanner_codes(self._codes.put)
        # A port that is being opened forgets what was sent before.
        self.wait(Step(0, 0, "scanner", ()), "the scanner's port is open", lambda: self._device("scanner") == "ok")

    def play(self, steps: "list[Step]") -> Tally:
        """Play all steps in order; StepFailedError stops the day."""
        for step in steps:
            self.clock.set(self._at(step))
            getattr(self, f"_{step.verb}")(step, *step.words)
        return self.tally

    def _at(self, step: Step) -> int:
        days, second = divmod(step.second, 86_400)
        midnight = moment(self.day.toordinal() + days, 0, ZONE.key)
        return max(midnight + second * 1000, self.clock.now())

    def _scan(self, step: Step, code: str) -> None:
        self.scanner.type(code)
        try:
            heard = self._codes.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise self._failed(step, f"the scanner's {code} never arrived") from None
        found = self.till.selling.scan(heard, self._qty)
        self._qty = 1000
        if found.kind == "unknown":
            raise self._failed(step, f"{heard} is not known")

    def _quantity(self, step: Step, pieces: str) -> None:
        self._qty = int(pieces) * 1000

    def _pay(self, step: Step, kind: str, given: str = "") -> None:
        selling = self.till.selling
        amount = read(given) if given else selling.sale.total
        tender = Tendered("card" if kind == "card" else "cash", amount)
        paid: Paid = self.till.paying.pay(selling.sale, [tender]).result(PATIENCE_S)
        self._settled(step)
        selling.clear()
        self.tally.receipts += 1
        self.tally.total += paid.total

    def _settled(self, step: Step) -> None:
        """Wait until the shop has decided what the sale means."""
        if not self.till.replenish.settled(PATIENCE_S):
            raise self._failed(step, f"no decision about the sale within {PATIENCE_S:.0f} s")

    def _cloud(self, step: Step, word: str) -> None:
        self.cloud(word)

    def _printer(self, step: Step, word: str) -> None:
        if word == "up":
            self.printer.up()
            return
        self.printer.down()
        self.wait(step, "the till says that the printer is gone", lambda: self._device("printer") == "gone")

    def _scanner(self, step: Step, word: str) -> None:
        if word == "up":
            self.scanner.up()
            self.wait(step, "the till has found the scanner again", lambda: self._device("scanner") == "ok")
            return
        self.scanner.down()
        self.wait(step, "the till says that the scanner is gone", lambda: self._device("scanner") == "gone")

    def _device(self, name: str) -> str:
        return self.till.devices.get(name, ("unknown", ""))[0]

    def _sync(self, step: Step) -> None:
        self._hurry()
        self.wait(step, "everything is sent", lambda: self.waiting() == 0)

    def _approve(self, step: Step) -> None:
        key = self.approve()
        self._hurry()
        self.wait(step, f"the till knows that {key[:8]} is approved", lambda: self._state(key) in ("approved", "sent"))

    def _hurry(self) -> None:
        """A script does not sit out the pause between two looks at the cloud."""
        if self.till.sync is not None:
            self.till.sync.wake()

    def _state(self, key: str) -> str:
        order = self.till.reading.order(key)
        return order.state if order else ""

    def _receive(self, step: Step, how: str, sku: str = "", pieces: str = "") -> None:
        if how == "goods":
            self.till.stock_room.receive([Came(sku, int(pieces) * 1000)]).result(PATIENCE_S)
            return
        orders = self.till.reading.orders(("approved", "sent"))
        if not orders:
            raise self._failed(step, "no order is on its way")
        order = orders[0]
        missing = 1000 if how == "short" else 0
        came = [Came(line.sku, line.qty - (missing if i == 0 else 0)) for i, line in enumerate(order.lines)]
        self.till.stock_room.receive(came, order=order.key).result(PATIENCE_S)

    def _count(self, step: Step, sku: str, pieces: str) -> None:
        self.till.stock_room.count([(sku, int(pieces) * 1000)]).result(PATIENCE_S)

    def _adjust(self, step: Step, sku: str, pieces: str, reason: str) -> None:
        self.till.stock_room.adjust(sku, int(pieces) * 1000, reason).result(PATIENCE_S)  # type: ignore[arg-type]

    def _expect(self, step: Step, what: str, wanted: str, *more: str) -> None:
        if what == "printed":
            self.wait(step, f"{wanted} receipts on paper", lambda: len(self.printer.receipts()) == int(wanted))
            return
        seen = {
            "receipts": lambda: str(self.tally.receipts),
            "total": lambda: written(self.tally.total),
            "stock": lambda: f"{wanted} {self.till.reading.stock(wanted).on_hand // 1000}",
            "waiting": lambda: str(self.waiting()),
        }[what]()
        asked = " ".join((wanted, *more))
        if seen != asked:
            raise self._failed(step, f"{what} is {seen}, not {asked}")

    def waiting(self) -> int:
        """Events that the cloud has not acknowledged."""
        return self.till.reading.head().seq - self.till.reading.mark().received

    def wait(self, step: Step, what: str, holds: Callable[[], bool]) -> None:
        """Wait for something that another process does; StepFailedError after PATIENCE_S."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > deadline:
                raise self._failed(step, f"waited {PATIENCE_S:.0f} s in vain until {what}")
            time.sleep(0.02)

    @staticmethod
    def _failed(step: Step, words: str) -> StepFailedError:
        return StepFailedError(f"line {step.line}, {step.clock} {step.verb}: {words}")


def settings_tables(scanner: ScriptedScanner, printer: RecordingPrinter) -> tuple[str, ...]:
    """The settings of a till with these devices."""
    return (
        '[till]\nname = "Till 1"\nstaff = "Ana"',
        f'[scanner]\nmodel = "generic-serial"\nport = "{scanner.port}"',
        f'[printer]\nmodel = "generic-80mm"\nwire = "tcp"\naddress = "127.0.0.1:{printer.port}"',
    )
