"""The headless demo: a day of real receipts, the cloud down from noon to closing, an approval, goods in the morning."""

import csv
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from edge_agent.clock import FileClock
from edge_agent.journal.rebuild import verify
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.money import written
from scripts import day_, demo_drop_
from scripts.day_ import Step
from scripts.demo_shop.moved import moved_receipts, receipts_of
from scripts.house_ import SHOP_FILES, House, HouseError, difference, moment, shop_settings
from scripts.owner_ import Owner
from scripts.player_ import Player, ScriptedScanner, StepFailedError, settings_tables
from scripts.printer_ import RecordingPrinter
from scripts.smtp_ import MailBox, mailbox

TUESDAY = 1
MORNING, NOON, CLOSING = 6 * 3600, 12 * 3600, 22 * 3600 + 300


@dataclass
class Stage:
    """Everything a scripted day needs, built once."""

    house: House
    clock: FileClock
    day: date
    scanner: ScriptedScanner
    printer: RecordingPrinter
    codes: dict[str, str]
    box: MailBox
    owner: Owner | None = None


def headless(folder: Path, script: Path | None) -> int:
    """Play the default day, or a script; 0 only if every step held."""
    with mailbox() as box:
        stage = _stage(folder, box)
        try:
            return _script(stage, script) if script else _default_day(stage)
        except (StepFailedError, HouseError, day_.ScriptError) as error:
            print(f"FAILED  {error}", flush=True)
            return 1
        finally:
            stage.house.close()
            stage.printer.down()
            stage.scanner.down()


def say(what: str, figure: str) -> None:
    """One line per step."""
    print(f"ok  {what:44} {figure}", flush=True)


def _stage(folder: Path, box: MailBox) -> Stage:
    day = _last_tuesday()
    clock = FileClock(folder / "clock")
    folder.mkdir(parents=True, exist_ok=True)
    clock.set(moment(day, 6))
    with (SHOP_FILES / "items.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["sku"]: row["codes"].split()[0] for row in csv.DictReader(file)}
    house = House(folder, clock)
    house.mail_port = box.port
    return Stage(house, clock, day, ScriptedScanner(folder / "scanner"), RecordingPrinter(), codes, box)


def _last_tuesday() -> date:
    """The newest Tuesday before today: the same receipts whenever it is played, moved by whole weeks."""
    today = date.today()  # noqa: DTZ011 - only picks the week
    return today - timedelta(days=(today.weekday() - TUESDAY - 1) % 7 + 1)


def _open(stage: Stage) -> tuple[OpenTill, Player]:
    began = time.monotonic()
    house = stage.house
    house.found_cloud()
    say("cloud started on loopback", f"{time.monotonic() - began:.1f} s")
    began = time.monotonic()
    history = moved_receipts(stage.day - timedelta(days=1))
    house.stock_the_shop(history, shop_settings(*settings_tables(stage.scanner, stage.printer)))
    house.pair()
    say("shop imported with its history, till paired", f"{len(history)} lines, {time.monotonic() - began:.1f} s")
    till = open_till(house.till_data, stage.clock)
    till.start_work()
    began = time.monotonic()
    till.renewal.tick()
    made = sum(1 for _ in till.reading.forecasts())
    say("forecasts made for the next 28 days", f"{made} products, {time.monotonic() - began:.1f} s")
    player = Player(till, stage.clock, stage.day, stage.scanner, stage.printer)
    player.cloud = lambda word: house.cloud_down() if word == "down" else house.cloud_up()
    stage.owner = Owner(house.url, house.password)
    player.approve = stage.owner.approve_first
    if not till.replenish.settled(30):
        raise StepFailedError("the first decisions took more than 30 s")
    return till, player


def _default_day(stage: Stage) -> int:
    till, player = _open(stage)
    try:
        _launch(stage, till, player)
        _day(stage, till, player)
        _night(stage, till, player)
        _came_to(stage, till, player)
        _post(stage, till, player)
        _morning(stage, till, player)
        _proof(stage, till)
    finally:
        till.close()
    return 0


def _launch(stage: Stage, till: OpenTill, player: Player) -> None:
    """The owner plans a drop for ten o'clock, and the till knows of it."""
    owner, step = stage.owner, Step(0, MORNING, "expect", ())
    assert owner is not None, "the shop is open"
    owner.choose_password()
    demo_drop_.stock_up(till)
    player.play([Step(0, MORNING, "sync", ())])
    demo_drop_.wait_until_known(owner)
    for what, figure in demo_drop_.plan(owner, stage.day):
        say(what, figure)
    player.play([Step(0, MORNING, "sync", ())])
    player.wait(step, "the till knows the drop", lambda: bool(till.reading.drops()))


def _day(stage: Stage, till: OpenTill, player: Player) -> None:
    began, steps = time.monotonic(), sorted([*_receipts(stage), *demo_drop_.buyers()], key=lambda step: step.second)
    player.play([step for step in steps if step.second < NOON])
    player.play([Step(0, NOON, "sync", ()), Step(0, NOON, "cloud", ("down",))])
    before = till.replenish.pace().recorded
    player.play([step for step in steps if step.second >= NOON])
    tally, seconds = player.tally, time.monotonic() - began
    say("receipts sold through the scanner", f"{tally.receipts}, {written(tally.total)} GBP, {seconds:.1f} s")
    offline = till.replenish.pace().recorded - before
    if not offline:
        raise StepFailedError("no order was decided while the cloud was down")
    say("orders decided or revised while offline", f"{offline}, {player.waiting()} events waiting")
    slowest = till.replenish.pace().slowest_ms
    if slowest > 1000:
        raise StepFailedError(f"the slowest decision took {slowest:.0f} ms; a second is the limit")
    say("slowest sale-to-decision", f"{slowest:.0f} ms")
    player.wait(Step(0, CLOSING, "expect", ()), "every receipt is on paper", lambda: _printed(player))
    say("receipts on paper, drawer kicks", f"{len(set(player.printer.receipts()))}, {player.printer.kicks()}")


def _printed(player: Player) -> bool:
    return sorted(set(player.printer.receipts())) == list(range(1, player.tally.receipts + 1))


def _receipts(stage: Stage) -> list[Step]:
    receipts = receipts_of(moved_receipts(stage.day), stage.day)
    return list(day_.of_receipts(receipts, stage.codes))


def _night(stage: Stage, till: OpenTill, player: Player) -> None:
    demo_drop_.close(till)
    if stage.owner is not None:
        stage.owner.away()
    began, waiting = time.monotonic(), player.waiting()
    player.play([Step(0, CLOSING, "cloud", ("up",)), Step(0, CLOSING, "sync", ())])
    say("events synced after the cloud came back", f"{waiting}, {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    player.play([Step(0, CLOSING, "approve", ())])
    order = till.reading.orders(("approved", "sent"))[0]
    words = f"{order.supplier} {order.number}, {written(order.value)} GBP, {time.monotonic() - began:.1f} s"
    say("owner's approval over HTTP seen on the till", words)


def _came_to(stage: Stage, till: OpenTill, player: Player) -> None:
    """The drop's report, once the cloud has counted it."""
    owner = stage.owner
    assert owner is not None, "the shop is open"
    counted = lambda: "Results" in owner.page("/drops")[1]  # noqa: E731
    step = Step(0, CLOSING, "expect", ())
    player.wait(step, "the drop's result is on the owner's page", counted)
    # The cloud has told by now what came back of the drop's goods at all tills: once it hears, the till sizes with it.
    player.play([Step(0, CLOSING, "sync", ())])
    alike = lambda: demo_drop_.is_told_alike(till, owner)  # noqa: E731
    player.wait(step, "till and owner's page tell the same of the drop", alike)
    for what, figure in demo_drop_.result(till):
        say(what, figure)


def _post(stage: Stage, till: OpenTill, player: Player) -> None:
    """The approved order reaches its supplier's mail server, once, and the till hears of it."""
    order = till.reading.orders(("approved", "sent"))[0]
    player.wait(Step(0, CLOSING, "expect", ()), "the order is with the supplier", lambda: bool(stage.box.taken))
    # The order was noted as sent before it left: one more look into the feed finds it.
    player.play([Step(0, CLOSING, "sync", ())])
    player.wait(
        Step(0, CLOSING, "expect", ()), "the till knows that it was sent", lambda: bool(till.reading.orders(("sent",)))
    )
    mail = stage.box.taken[0]
    if stage.box.orders() != [order.key]:
        raise StepFailedError(f"{len(stage.box.taken)} e-mails came for order {order.number}")
    files = ", ".join(str(part.get_filename()) for part in mail.iter_attachments())
    say("order at the supplier's mail server, once", f"{mail['To']}: {files}")


def _morning(stage: Stage, till: OpenTill, player: Player) -> None:
    order = till.reading.orders(("approved", "sent"))[0]
    line = order.lines[0]
    arrives = max(order.arrives_at, stage.clock.now())
    stage.clock.set(arrives)
    till.renewal.tick()
    till.replenish.wake_all()
    if not till.replenish.settled(30):
        raise StepFailedError("the morning's decisions took more than 30 s")
    before = till.reading.stock(line.sku).on_hand
    player.play([Step(0, 0, "receive", ("short",))])
    if not till.replenish.settled(30):
        raise StepFailedError("the decision after the delivery took more than 30 s")
    came = till.reading.stock(line.sku).on_hand - before
    if came != line.qty - 1000 or till.reading.incoming(line.sku):
        raise StepFailedError(f"{line.sku}: {came} came of {line.qty} ordered")
    say("goods received one short, counted as they came", f"{line.sku}: {came // 1000} of {line.qty // 1000}")
    seen = _decided_with(till, line.sku)
    say("the next decision counts what came", f"{line.sku}: {seen // 1000} on hand")


def _decided_with(till: OpenTill, sku: str) -> int:
    """Stock that the newest look at a SKU was made with: what a decision of this moment reads."""
    from edge_agent.ordering import Desk, decided, open_order
    from edge_agent.snapshots import policy_of_shop

    with till.journal.reading() as memory:
        shop, item = memory.shop(), memory.item(sku)
        assert shop is not None
        assert item is not None
        desk = Desk(memory, shop, memory.suppliers()[item.supplier], till.clock.now(), trusted=True)
        current = open_order(desk)
        if current is None:
            raise StepFailedError(f"{item.supplier} has no open order")
        fresh = decided(desk, [item], policy_of_shop(shop), current.moment)
        on_hand = memory.stock(sku).on_hand
    if fresh[0].snapshot.on_hand != on_hand:
        raise StepFailedError(f"{sku}: decided with {fresh[0].snapshot.on_hand}, {on_hand} are there")
    return on_hand


def _proof(stage: Stage, till: OpenTill) -> None:
    step = Step(0, 0, "sync", ())
    player_wait = time.monotonic() + 20
    while till.reading.head().seq > till.reading.mark().received:
        if time.monotonic() > player_wait:
            raise StepFailedError(f"{step.verb}: events still wait")
        time.sleep(0.02)
    with till.journal.reading() as memory:
        mine = verify(memory.db)
    said = stage.house.command("cloud_sync", "verify").strip().splitlines()
    say("chain verified on the till", f"{mine.head.seq} events")
    say("chain verified in the cloud", said[-1] if said else "")
    lost, doubled = difference(stage.house.till_data, stage.house.cloud_data)
    if lost or doubled:
        raise StepFailedError(f"{lost} lost, {doubled} doubled")
    say("journal and cloud equal", f"{lost} lost, {doubled} doubled")


def _script(stage: Stage, script: Path) -> int:
    steps = day_.load(script)
    till, player = _open(stage)
    try:
        tally = player.play(steps)
    finally:
        till.close()
    say(f"{script.name} played", f"{tally.receipts} receipts, {written(tally.total)} GBP")
    return 0
