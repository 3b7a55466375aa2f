"""Power cuts of a selling till: whatever the disk had not been made to keep may be gone, what was said to be paid not.

A real till is recorded by the kernel's witness, once for each way of laying out the journal; then the disk's cache is
lost again and again at any moment of it. The same run with synchronous=NORMAL must lose sales, with OFF must corrupt.
"""

import logging
import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import apsw

from edge_agent.clock import FileClock
from edge_agent.errors import DropshelfError
from edge_agent.journal.fold import tables
from edge_agent.journal.log import Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import verify
from scripts.tortures import Report
from scripts.tortures.crash import MODES, Disk, lay_down
from scripts.tortures.film import Film, Owed, Setting, filmed, recovering
from scripts.tortures.lanes import lanes
from scripts.tortures.recorded import Op
from tests.shop import TUESDAY_14, seeded_ids, sold
from tests.shop import record as kept_too

SUMMARY = "power cuts at any write of a selling till; with NORMAL it must lose, with OFF corrupt"
FULL = {"states": 100_000}
SHORT = {"states": 2_000}
SALES = 60
OPENED_EVERY, LOOKED_EVERY, AGAIN_STATES = 50, 10, 40
LEAST_LOST, LEAST_CORRUPT = 0.15, 0.15


SETTINGS = (Setting("FULL", 4096, 1000, 40), Setting("FULL", 1024, 40, 30), Setting("FULL", 4096, 20, 30))
SELF_CHECKS = (Setting("NORMAL", 1024, 40, 3), Setting("OFF", 1024, 20, 3))


def wrong_with(folder: Path, film: Film, owed: Owed, *, whole: bool) -> str:
    """What a start after the cut would find wrong: "" for nothing, else `lost ...` or `corrupt ...`."""
    if not (folder / "journal.db").exists():
        return "lost everything" if owed.seq else ""
    try:
        db = apsw.Connection(str(folder / "journal.db"))
        try:
            return _compared(db, film, owed) or (_checked(db) if whole else "")
        finally:
            db.close()
    except apsw.Error as error:
        return f"corrupt: {error}"


def _compared(db: apsw.Connection, film: Film, owed: Owed) -> str:
    journal = db.execute("SELECT seq, line, hash FROM journal ORDER BY seq").fetchall()
    feed = db.execute("SELECT cursor, line FROM feed ORDER BY cursor").fetchall()
    if journal != film.journal[: len(journal)] or feed != film.feed[: len(feed)]:
        return "corrupt: journal or feed are not what was written"
    if len(journal) < owed.seq or len(feed) < owed.cursor:
        return f"lost: {owed.seq} events and {owed.cursor} of the feed were kept; here are {len(journal)}, {len(feed)}"
    (receipts,) = db.execute("SELECT count(*) FROM receipt").fetchone() or (0,)
    if receipts != film.receipts(len(journal)):
        return f"corrupt: half a sale, {receipts} receipts for {film.receipts(len(journal))} sales"
    return ""


def _checked(db: apsw.Connection) -> str:
    said = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
    return "" if said == ["ok"] else f"corrupt: {said[0][:100]}"


def opened(folder: Path, owed: Owed) -> str:
    """What the real start finds wrong: it goes on in the same journal, sells, and every view equals its rebuild."""
    clock = FileClock(folder / "clock")
    clock.set(TUESDAY_14)
    try:
        before = _identity(folder)
        journal = Journal.open(folder, clock, seeded_ids(3))
        try:
            with journal.reading() as memory:
                if (memory.hash_at(owed.seq) or b"").hex() != owed.link and owed.seq:
                    return "lost: the last sale that was said to be paid"
                if before and memory.journal_id() != before:
                    return "wedged: it began a new journal without need"
                kept_too(journal, sold(memory.next_receipt(), "milk"))
                proved = verify(memory.db)
                return "" if len(proved.views) == len(tables()) else "corrupt: views are missing"
        finally:
            journal.close()
    except (apsw.Error, DropshelfError, ValueError) as error:
        return f"wedged: {type(error).__name__}: {error}"


def _identity(folder: Path) -> str:
    with Reading.open(folder / "journal.db") as memory:
        return memory.journal_id()


def cuts(ops: list[tuple[int, Op]], states: int, chance: random.Random) -> list[int]:
    """Moments of the cuts, in order: half of them at any act, half within ten acts of a word to the cashier."""
    said = [place for place, (_, op) in enumerate(ops) if op.kind == "said"] or [0]
    near = [max(0, chance.choice(said) + chance.randint(-10, 10)) for _ in range(states // 2)]
    return sorted([*near, *(chance.randrange(len(ops) + 1) for _ in range(states - len(near)))])


def play(film: Film, states: int, seed: str, *, production: bool) -> tuple[Counter[str], list[str]]:
    """Cut the power so many times; counts, and what was wrong in words."""
    chance, done, wrong = random.Random(seed), Counter[str](), list[str]()
    disk, owed, place = Disk(film.before), Owed(), 0
    with tempfile.TemporaryDirectory(dir=_memory()) as scratch:
        folder = Path(scratch) / "state"
        for number, cut in enumerate(cuts(film.ops, states, chance)):
            for moment, op in film.ops[place:cut]:
                if op.kind == "said":
                    owed.hear(op.data)
                disk.apply(moment, op)
            place, mode = max(place, cut), chance.choice(MODES)
            done["unsynced"] += disk.waits()
            files = disk.crash(chance, mode)
            whole = number % OPENED_EVERY == 0 and production
            lay_down(files if whole else _of_journal(files), folder)
            fault = wrong_with(folder, film, owed, whole=number % LOOKED_EVERY == 0)
            if whole and not fault:
                shutil.rmtree(folder)
                lay_down(files, folder)
                done["opened"] += 1
                fault = opened(folder, owed)
            if whole:
                shutil.rmtree(folder)
            _count(done, wrong, fault, f"cut before act {cut} ({mode})")
    return done, wrong


def _of_journal(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name.startswith("journal.db")}


def _count(done: Counter[str], wrong: list[str], fault: str, where: str) -> None:
    done["states"] += 1
    if fault:
        done[fault.partition(":")[0].partition(" ")[0]] += 1
        wrong.append(f"{where}: {fault}")


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - the states only; the recording is on a disk


def play_again(film: Film, folder: Path, starts: int, seed: str) -> tuple[Counter[str], list[str]]:
    """The power fails again while a real start recovers from a cut: each start is recorded and cut `AGAIN_STATES` x."""
    chance, done, wrong = random.Random(seed), Counter[str](), list[str]()
    for number, cut in enumerate(sorted(chance.randrange(len(film.ops)) for _ in range(starts))):
        disk, owed = Disk(film.before), Owed()
        for moment, op in film.ops[:cut]:
            if op.kind == "said":
                owed.hear(op.data)
            disk.apply(moment, op)
        place = folder / str(number)
        lay_down(disk.crash(chance, chance.choice(MODES)), place)
        start = recovering(place, film, owed)
        again, faults = play(start, AGAIN_STATES, f"{seed}.{number}", production=False)
        done += Counter({"recovering": again["states"], **again})
        wrong += [f"start {number} after a cut before act {cut}, {fault}" for fault in faults]
    return done, wrong


def run(folder: Path, *, seed: int, states: int) -> Report:
    """Record each setting, then cut; two processes."""
    films = {setting: filmed(folder / str(place), setting, SALES, seed) for place, setting in enumerate(_settings())}
    starts = max(1, states // 2_000)
    rest = states - starts * AGAIN_STATES
    with lanes(_quiet) as pool:
        waiting = {}
        for setting in _settings():
            share = rest * setting.percent // 100
            halves = (share // 2, share - share // 2)
            production = setting in SETTINGS
            waiting[setting] = [
                pool.submit(play, films[setting], half, f"{seed}.{setting}.{place}", production=production)
                for place, half in enumerate(halves)
            ]
        again = pool.submit(play_again, films[SETTINGS[0]], folder / "again", starts, f"{seed}.again")
        told = {setting: _sum([one.result() for one in parts]) for setting, parts in waiting.items()}
        return _report(told, again.result(), films)


def _quiet() -> None:
    """Thousands of starts: what each of them would log is of no use."""
    logging.getLogger("edge_agent").addHandler(logging.NullHandler())


def _settings() -> tuple[Setting, ...]:
    return (*SETTINGS, *SELF_CHECKS)


def _sum(parts: list[tuple[Counter[str], list[str]]]) -> tuple[Counter[str], list[str]]:
    return sum((done for done, _ in parts), Counter()), [word for _, words in parts for word in words]


def _report(
    told: dict[Setting, tuple[Counter[str], list[str]]],
    again: tuple[Counter[str], list[str]],
    films: dict[Setting, Film],
) -> Report:
    full, wrong = _sum([*(told[setting] for setting in SETTINGS), again])
    normal, off = (told[setting][0] for setting in SELF_CHECKS)
    proved = normal["lost"] >= LEAST_LOST * normal["states"] and off["corrupt"] >= LEAST_CORRUPT * off["states"]
    lines = [
        f"{len(films[setting].ops)} acts on the disk recorded with {setting}: {told[setting][0]['states']} states"
        for setting in SETTINGS
    ]
    return Report(
        ok=not wrong and proved,
        lines=[
            *lines,
            f"{full['states']} states, {full['unsynced']} with something unsynced, {full['recovering']} of a second "
            f"cut while recovering, {full['opened']} opened by the till itself, which sold and proved every view",
            f"self-check: NORMAL lost sales in {normal['lost']} of {normal['states']} states, "
            f"OFF corrupted {off['corrupt']} of {off['states']}{'' if proved else ': THE RIG PROVES NOTHING'}",
            f"lost {full['lost']}, corrupt {full['corrupt']}, wedged {full['wedged']}",
            *wrong[:10],
        ],
    )
