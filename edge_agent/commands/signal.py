"""Command `signal`: what moves demand from outside: enter a value or an event, load a file of them, list them."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_agent.clock import Clock, clock_from_environment
from edge_agent.counter import signals as desk
from edge_agent.counter.shop import shop_of
from edge_agent.demand.foreseen import AHEAD_DAYS, event_factor
from edge_agent.errors import BadInput, NotKnown, Unreachable
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.journal.reading import Reading
from edge_agent.renewal import shop_history
from edge_agent.rules.day import local
from edge_agent.rules.factor import part_on
from edge_agent.rules.factor_words import age, named, times
from edge_agent.rules.imports_signals import EVENTS, SIGNALS, Row, cells_of, event_of, read_file, signal_of
from edge_agent.rules.imports_table import MOST_BYTES, unpacked
from edge_agent.rules.money import quantity
from edge_agent.rules.signal import LEAST_VALUES, WHOLE
from edge_agent.settings import default_folder, load
from edge_agent.signals import learn, signal_factor
from edge_agent.wire.events.signals import LocalEventAdded, SignalRecorded

HERE = "entered at the till"


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("signal", help=__doc__, description=__doc__)
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    value = acts.add_parser("add", help="a value of a signal: searches, opt-ins, visitors")
    value.add_argument("name", help="what it measures, always in the same words")
    value.add_argument("value")
    value.add_argument("--kind", default="", help="trend (against its spread; default) or count (against the usual)")
    value.add_argument("--time", default="", help="when it is of, like 2026-03-01 or 2026-03-01T14:05 (default: now)")
    event = acts.add_parser("event", help="something on the calendar: a market, a holiday, a promotion, a closed day")
    event.add_argument("name")
    event.add_argument("date", help="its first day, like 2026-03-01")
    event.add_argument("--kind", required=True, help="what it is like: what such events do is learnt; `closed` closes")
    event.add_argument("--until", default="", help="its last day")
    event.add_argument("--attendance", default="", help="how many people are expected")
    event.add_argument("--distance-km", default="")
    event.add_argument("--called-off", action="store_const", const="yes", default="")
    for one in (value, event):
        one.add_argument("--about", default="", help="a SKU, a group or a category (default: the whole shop)")
        one.add_argument("--source", default=HERE, help="who says so")
    file = acts.add_parser("import", help=f"a CSV file: {', '.join(SIGNALS.known)}; or {', '.join(EVENTS.known)}")
    file.add_argument("file", type=Path)
    listed = acts.add_parser("list", help="what is known, how old it is, and what it does now")
    listed.add_argument("--json", action="store_true", help="print JSON")
    for one in (value, event, file, listed):
        one.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """0 when it is entered or listed; BadInput names what is off, and nothing was recorded."""
    clock = clock_from_environment()
    if args.act == "list":
        return _list(args, clock.now())
    zone = _zone(args.data)
    return _enter(args, _rows(args, zone, clock), clock)


def _zone(data: Path) -> str:
    if (data / "journal.db").exists():
        with Reading.open(data / "journal.db") as memory:
            if shop := memory.shop():
                return shop.zone
    return shop_of(load(data)).zone


def _rows(args: argparse.Namespace, zone: str, clock: Clock) -> Sequence[Row]:
    until = None if clock.quality() == "floor" else clock.now()
    if args.act == "import":
        return read_file(args.file.name, _content(args.file), zone, until)
    fields = {name: str(value) for name, value in vars(args).items() if name in (*SIGNALS.known, *EVENTS.known)}
    if args.act == "event":
        return [event_of(cells_of("signal event", fields))]
    fields["time"] = args.time or local(clock.now(), zone).isoformat()
    return [signal_of(cells_of("signal add", fields), zone, until)]


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return unpacked(file.name, opened.read(MOST_BYTES + 1))
    except FileNotFoundError:
        raise NotKnown(f"there is no file {file}") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None


def _enter(args: argparse.Namespace, rows: Sequence[Row], clock: Clock) -> int:
    """Into the journal; where a till is running, into its tray."""
    try:
        journal = Journal.open(args.data, clock, random_id)
    except Unreachable:
        desk.lay(args.data, rows, f"{clock.now()}-{random_id()}")
        print(f"laid in the tray: {len(rows)}; the till that is running takes them within a minute")
        return 0
    try:
        done = desk.record(journal, rows)
        with journal.reading() as memory:
            journal.store_learnt(learn(memory, shop_history(memory, clock.now()))).result()
    finally:
        journal.close()
    print(f"recorded: {done} new, {len(rows) - done} known already")
    return 0


def _list(args: argparse.Namespace, now: int) -> int:
    if not (args.data / "journal.db").is_file():
        raise BadInput(f"{args.data} holds no till's journal; --data names the folder")
    with Reading.open(args.data / "journal.db") as memory:
        shop = memory.shop()
        zone = shop.zone if shop else "UTC"
        found = [*_signals(memory, zone, now), *_events(memory, local(now, zone).toordinal())]
    if args.json:
        print(json.dumps([{key: value for key, value in one.items() if key != "words"} for one in found]))
    else:
        print("\n".join(str(one["words"]) for one in found) or "No signal was entered, and nothing is on the calendar.")
    return 0


def _signals(memory: Reading, zone: str, now: int) -> list[dict[str, object]]:
    found = (newest for name in memory.signal_names() for newest in memory.signal(*name, now, most=1))
    return [_signal(newest, memory, zone, now) for newest in found]


def _signal(newest: SignalRecorded, memory: Reading, zone: str, now: int) -> dict[str, object]:
    today, before = local(now, zone).toordinal(), memory.signal_before(newest.name, newest.about, newest.at)
    factor = signal_factor(newest, before, memory.learnt(), zone, today)
    old = today - local(newest.at, zone).toordinal()
    part = part_on(factor, today) if factor else WHOLE
    missing = LEAST_VALUES[newest.kind] - len(before)
    does = times(part) if factor else f"counts after {missing} more"
    words = (
        f"{newest.name}{_about(newest)}: {quantity(newest.value)}, {age(old)}, says {newest.source}: {does}"
        + (f", usually {quantity(factor.usual)}" if factor else "")
        + ("; too old to count" if factor and not factor.parts and part == WHOLE else "")
    )
    return {**newest.model_dump(), "values": len(before) + 1, "age_days": old, "factor": part / WHOLE, "words": words}


def _events(memory: Reading, today: int) -> list[dict[str, object]]:
    return [_event(one, memory, today) for one in memory.local_events(today, today + AHEAD_DAYS - 1)]


def _event(event: LocalEventAdded, memory: Reading, today: int) -> dict[str, object]:
    factor = event_factor(event, memory.learnt(), today)
    days = named(event.first_day) + (f" to {named(event.last_day)}" if event.last_day > event.first_day else "")
    part = factor.parts[0]
    does = "closed" if part == 0 else f"{times(part)}, {event.kind} seen before: {factor.seen}"
    source = f", says {event.source}" if event.source else ""
    words = f"{days}: {event.name}{_about(event)}{source}: {does}"
    return {**event.model_dump(), "seen": factor.seen, "factor": part / WHOLE, "words": words}


def _about(row: Row) -> str:
    return f" ({row.about})" if row.about else ""
