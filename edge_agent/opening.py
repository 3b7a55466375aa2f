"""Opens one till: builds its objects in the right order, hands them to a front end, and closes them again."""

import contextlib
import logging
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.allocator import give_back
from edge_agent.ballast import Ballast
from edge_agent.clock import Clock
from edge_agent.condition import Condition
from edge_agent.counter import signals
from edge_agent.counter.approval import Approvals
from edge_agent.counter.asked import Asked
from edge_agent.counter.buyers import Buyers
from edge_agent.counter.cards import Cards
from edge_agent.counter.customers import Customers
from edge_agent.counter.drops import Drops
from edge_agent.counter.finding import Finder
from edge_agent.counter.fiscal import Fiscal, name_device
from edge_agent.counter.gifts import Gifts
from edge_agent.counter.holding import Holding
from edge_agent.counter.invoicing import Invoicing
from edge_agent.counter.items import Items
from edge_agent.counter.paper import Paper
from edge_agent.counter.paying import Paying
from edge_agent.counter.people import People
from edge_agent.counter.popups import PopUps
from edge_agent.counter.quotas import Quotas
from edge_agent.counter.refunding import Policy, Refunding
from edge_agent.counter.reprints import Reprints
from edge_agent.counter.samples import Samples
from edge_agent.counter.selling import Selling
from edge_agent.counter.shift import Shifts
from edge_agent.counter.shop import shop_of
from edge_agent.counter.signing import signer
from edge_agent.counter.slips import Slips
from edge_agent.counter.stock import StockRoom
from edge_agent.counter.stored import Rules, Stored
from edge_agent.counter.unfinished import Left, Unfinished
from edge_agent.counter.voids import Voids
from edge_agent.demand.forecasting import BaseForecaster
from edge_agent.devices.card import TERMINALS, CardTerminal
from edge_agent.devices.printer import Printer
from edge_agent.devices.scale import Scale
from edge_agent.devices.state import OnState, State
from edge_agent.errors import BadInput, DropshelfError
from edge_agent.fittings import NoPrinter, fit_fiscal, fit_printer, fit_scale, fit_scanner
from edge_agent.jobs import Jobs
from edge_agent.journal.checking import DailyCheck
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.lineup import Bench, Lineup
from edge_agent.logs import DeviceLog, start_logs, stop_logs
from edge_agent.places import model_file, program_version
from edge_agent.renewal import Renewal
from edge_agent.replenish import Replenish
from edge_agent.rules.inside import Pattern, pattern_of
from edge_agent.rules.stored import Points
from edge_agent.settings import Settings, load
from edge_agent.shadow import Shadow
from edge_agent.shelf import Shelf
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.device import Booted

if TYPE_CHECKING:
    from edge_agent.sync.loop import SyncLoop

log = logging.getLogger(__name__)
NAME_KEPT_MS = 300_000
"""So long a name on paper may outlive its being forgotten."""


class OpenTill:
    """A till that sells. `devices` holds the last (state, words) of each device that has spoken. One for `practice` is
    given its printer, and the people who work here."""

    def __init__(
        self, data: Path, clock: Clock, settings: Settings, practice: tuple[Printer | NoPrinter, People] | None = None
    ) -> None:
        self.data, self.settings, self.boot = data, settings, random_id()
        self.devices: dict[str, tuple[State, str]] = {}
        self.condition = Condition()
        self._told: list[OnState] = []
        self._names: dict[str, tuple[int, str]] = {}
        self._closing = contextlib.ExitStack()
        self.journal = Journal.open(data, clock, random_id)
        self.clock = clock = self.journal.clock
        self._closing.callback(self.journal.close)
        if practice is None:
            self._closing.callback(stop_logs, start_logs(data / "logs", clock))
        self._device_log = DeviceLog(log)
        self.reading = self.journal.reading()
        self._closing.callback(self.reading.close)
        self.sign = sign = signer(data)
        fitted = practice[0] if practice else fit_printer(settings.printer, data / "spool", self.device_said)
        self.printer: Printer | NoPrinter = fitted
        if isinstance(fitted, Printer):
            self.condition.expects_printer(fitted.waiting)
        self._closing.callback(self.printer.close)
        self.fiscal, self.scale = self._fit_fiscal(), self._fit_scale()
        self.people = People(data, random_id)
        self.staff = practice[1] if practice else self.people
        self.gifts, self.customers = Gifts(self.people, _secret), Customers(self.people, _secret)
        handed, memory, number = data / "handed_to_printer", self.journal.reading, self.gifts.number
        self.paper = Paper(self.printer, settings.till.name, memory, handed, sign, number, self._name_of, self.fiscal)
        self.stored = Stored(Rules(Points(**vars(settings.points)), settings.gift.a_day), self._is_fresh)
        self.selling = Selling(self.reading, clock, self._labels())
        self._watch_journal()
        self.shifts = Shifts(self.journal, sign, self.paper.after_act)
        prints = self.paper.print_cards
        self.paying = Paying(self.journal, self.paper.after, self.shifts.needed, self.stored, prints)
        self.terminal: CardTerminal = TERMINALS[settings.card.terminal]()
        self.cards, self.reprints = Cards(self.journal, random_id), Reprints(self.journal, self.paper)
        limits = Policy(settings.refund.without_receipt, settings.refund.without_receipt_a_day)
        self.refunding = Refunding(self.journal, self.paper.after, self.shifts.needed, limits, prints)
        self._open_rooms(settings)
        self.unfinished = None if practice else self._watch_counter()
        self.left: Left | None = None
        self.approvals = Approvals(self.staff, clock, self.journal, settings.rights)
        self.replenish = Replenish(self.journal, clock, unheard=self._unheard_ms)
        self.renewal = Renewal(self.journal, clock, BaseForecaster(), self.replenish.wake)
        self.bench = Bench(Shelf(data), model_file())
        self.lineup = Lineup(self.journal, self.bench)
        self._closing.callback(self.lineup.close)
        self.shadow = Shadow(self.journal, clock, self.bench, lambda: self.renewal.use(self.lineup))
        self.sync: SyncLoop | None = None

    def _open_rooms(self, settings: Settings) -> None:
        """What stands beside sale and payment: stock, drops, pop-ups, samples, what waits, what is looked for."""
        self.stock_room, self.drops = StockRoom(self.journal), Drops(self.journal)
        self.popups, self.voids = PopUps(self.journal, random_id), Voids(self.journal)
        self.holding, self.finder = Holding(self.journal), Finder(self.journal)
        self.items, self.asked = Items(self.journal, self.clock), Asked(self.journal)
        self.samples = Samples(self.journal, self.data, self.people, self.paper, self.sign, settings.samples)
        self.buyers = Buyers(self.people, random_id)
        self.invoicing = Invoicing(self.journal, self.buyers, self.paper)

    def _watch_counter(self) -> Unfinished:
        """What is on the counter is kept beside the journal, at the latest when the till is closed."""
        unfinished = Unfinished(self.data, self.journal)
        self.selling.told_cleared = unfinished.cleared

        def keep() -> None:
            write = unfinished.look(self.selling.sale, now=True)
            if write:
                write()

        self._closing.callback(keep)
        return unfinished

    def _fit_fiscal(self) -> Fiscal | None:
        """The fiscal device; it finishes what it was asked before printer and journal are closed."""
        fitted = fit_fiscal(self.settings.fiscal)
        if fitted is None:
            return None
        fiscal = Fiscal(self.journal, *fitted, self.device_said)
        self._closing.callback(fiscal.close)
        return fiscal

    def _fit_scale(self) -> Scale | None:
        scale = fit_scale(self.settings.scale, self.device_said)
        if scale is not None:
            self._closing.callback(scale.close)
        return scale

    def _watch_journal(self) -> None:
        if self.fiscal:
            self.selling.told_begun = self.fiscal.begin
        if self.journal.mended:
            self.device_said("journal", "fault", self.journal.mended)
        self.ballast = Ballast(self.data, self.device_said)
        self.journal.when_full(self.ballast.let_go)
        self.journal.listen(lambda done: self._promoted(one.event.kind for one in done))
        self.journal.listen_feed(lambda entries: self._promoted(one.kind for one in entries))

    def _promoted(self, kinds: Iterable[str]) -> None:
        if "promotion_set" in kinds:
            self.selling.promotions_changed()

    def _name_of(self, by: str) -> str:
        """Who sold, on paper; the id where nobody is known by it. Looked up once in a while: each sale asks."""
        at, name = self._names.get(by, (0, ""))
        now = self.clock.now()
        if not now - NAME_KEPT_MS < at <= now:
            try:
                name = self.staff.name_of(by, now) or by
            except DropshelfError:
                name = by
            self._names[by] = (now, name)
        return name

    def _is_fresh(self) -> bool:
        return self.sync is not None and self.sync.is_fresh()

    def _labels(self) -> tuple[Pattern, ...]:
        """The table of scales' labels; a row that is none is said and left out, and every sale goes on."""
        found = []
        for text in self.settings.scanner.inside:
            try:
                found.append(pattern_of(text))
            except BadInput as error:
                self.device_said("labels", "fault", error.message)
        return tuple(found)

    def start_work(self) -> None:
        """Begin what goes on beside selling: forecasts, reorders, sync, jobs. Loads heavy libraries: not before the
        first picture, and not on the screen's thread."""
        # The library that signs receipts is loaded here, and not while the first customer waits.
        self.sign(b"")
        self.renewal.use(self.lineup)
        self.renewal.start()
        self._closing.callback(self.renewal.stop)
        self.replenish.start()
        self._closing.callback(self.replenish.stop)
        Quotas(self.journal).start()
        self.drops.start()
        self._start_sync()
        forgetting = ("people", lambda: self._forget_due(self.clock.now()))
        check = DailyCheck(self.journal, self.clock, lambda words: self.device_said("journal", "fault", words))
        tray = ("tray", lambda: signals.take(self.journal, self.data))
        seen = ("journal", check.tick)
        slips = Slips(self.journal, self.printer, self.clock, self.journal.reading, self.data / "slips_printed")
        acts = (
            ("slips", slips.tick),
            tray,
            ("disk", self.ballast.tick),
            ("drops", self.drops.tick),
            ("forecasts", self.renewal.tick),
            ("models", self.shadow.tick),
            ("memory", give_back),
            forgetting,
            seen,
        )
        jobs = Jobs(acts)
        jobs.start()
        self._closing.callback(jobs.close)

    def _forget_due(self, now: int) -> None:
        """Whose time has come, among people, customers and buyers."""
        self.people.forget_due(now)
        self.customers.forget_due(now)
        self.buyers.forget_due(now)
        self.samples.forget_due(now)

    def _unheard_ms(self) -> int:
        """How long nothing was heard of the other tills."""
        return self.sync.unheard_ms() if self.sync else 0

    def _start_sync(self) -> None:
        from edge_agent.sync.loop import SyncLoop

        self.sync = SyncLoop(self.journal, self.data, version=program_version(), boot=self.boot)
        self.sync.fittings = self.condition.told
        self.sync.start()
        self._closing.callback(self.sync.stop)

    def device_said(self, device: str, state: State, words: str) -> None:
        """Remember and pass on what a device says (any thread)."""
        self.devices[device] = (state, words)
        self.condition.said(device, state, words)
        self._device_log.said(device, state, words)
        for told in self._told:
            told(device, state, words)

    def listen_devices(self, told: OnState) -> None:
        """Be told of every device's state, beginning with those known; `told` must not block."""
        self._told.append(told)
        for device, (state, words) in list(self.devices.items()):
            told(device, state, words)

    def scanner_codes(self, on_code: Callable[[str], None]) -> None:
        """Start the scanner of the settings (a keyboard wedge needs none); codes come on its own thread."""
        scanner = fit_scanner(self.settings.scanner, on_code, self.device_said)
        if scanner is not None:
            scanner.start()
            self._closing.callback(scanner.close)

    def when_closed(self, act: Callable[[], None]) -> None:
        """Do this first when the till is closed."""
        self._closing.callback(act)

    def close(self) -> None:
        """Close everything, the journal last; what is queued is finished."""
        self._closing.close()


def open_till(data: Path, clock: Clock) -> OpenTill:
    """Open the till of a data folder (made if absent) ready to sell. Unreachable when another program holds it."""
    settings = load(data)
    till = OpenTill(data, clock, settings)
    try:
        record_start(till.journal, settings, boot=till.boot, monotonic_ms=till.journal.clock.moment().up_ms)
        if till.fiscal:
            till.fiscal.open()
        else:
            name_device(till.journal, "")
        till.left = till.unfinished.hold(till.holding) if till.unfinished else None
        till.printer.start()
        for number in till.paper.catch_up():
            log.warning("a sale was stored but not printed before the last stop", extra={"receipt": number})
    except BaseException:
        till.close()
        raise
    return till


def _secret() -> int:
    return secrets.randbits(128)


def record_start(journal: Journal, settings: Settings, *, boot: str, monotonic_ms: int) -> None:
    """Record the boot, and the shop of the settings where it changed and no cloud has taken over."""
    started = Booted(boot=boot, monotonic_ms=monotonic_ms, version=program_version())
    shop = shop_of(settings)

    def compose(memory: Reading) -> list[Draft]:
        changed: list[Contract] = [shop] if memory.paired() is None and memory.shop() != shop else []
        return [Draft(started), *map(Draft, changed)]

    journal.record(compose).result()
