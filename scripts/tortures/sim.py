"""Deterministic simulation: the real code of tills and cloud in worlds that a seed plays, and bugs planted in it."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from warnings import catch_warnings, simplefilter

from edge_agent.wire.events import KIND_OF
from scripts.tortures import Report
from scripts.tortures.lanes import lanes
from scripts.tortures.memory import in_memory
from scripts.tortures.sim_bugs import BUGS
from scripts.tortures.sim_goods import NEWER
from scripts.tortures.sim_judge import judge
from scripts.tortures.sim_world import World

SUMMARY = "worlds of 1 to 3 tills and a cloud with every fault of wire, power, disk and clock; planted bugs are found"
FULL = {"seeds": 4_000, "steps": 400, "bugs": len(BUGS), "within": 500}
SHORT = {"seeds": 16, "steps": 400, "bugs": 3, "within": 500}
WHOLE_EVERY = 8
CHUNK = 10


@dataclass
class Played:
    """What a world came to."""

    seed: str
    wrong: list[str]
    heals_ms: int
    printed: int
    extinct: int
    trace: list[str] = field(default_factory=list)


def run(folder: Path, *, seed: int, seeds: int, steps: int, bugs: int, within: int) -> Report:
    """Clean worlds first; then worlds with one bug each, until it is found."""
    with in_memory(folder) as place, lanes() as pool:
        names = [f"{seed}.{number}" for number in range(seeds)]
        played = list(pool.map(partial(play, place, steps=steps), names, chunksize=CHUNK))
        planted = list(BUGS)[:bugs]
        found = dict(zip(planted, pool.map(partial(find, place, seed, steps, within), planted), strict=True))
    return _report(played, found, steps, within)


def play(folder: Path, seed: str, steps: int, *, bug: str = "", traced: bool = False) -> Played:
    """Play one world to its end and judge it."""
    with TemporaryDirectory(dir=folder) as place, _silence(), ExitStack() as planted:
        planted.enter_context(patch.dict(KIND_OF, NEWER))
        if bug:
            BUGS[bug](planted)
        world = World(Path(place), seed)
        try:
            world.play(steps)
            heals_ms = world.heal()
            wrong = judge(world, whole=int(seed.rpartition(".")[2]) % WHOLE_EVERY == 0)
        except Exception as error:
            # A planted bug that does not fit its place finds itself, and proves nothing.
            if not bug or isinstance(error, TypeError):
                raise
            wrong, heals_ms = [f"wedged: {type(error).__name__}: {error}"], 0
        finally:
            world.close()
    ledger = world.ledger
    return Played(seed, wrong, heals_ms, len(ledger.printed), len(ledger.extinct), world.trace if traced else [])


def find(folder: Path, seed: int, steps: int, within: int, bug: str) -> tuple[int, str]:
    """How many worlds it takes to find a planted bug, and what gave it away; 0 when it is not found."""
    for number in range(within):
        played = play(folder, f"{seed}.{number}", steps, bug=bug)
        if played.wrong:
            return number + 1, played.wrong[0]
    return 0, ""


@contextmanager
def _silence() -> Iterator[None]:
    """A world is full of faults; what the programs log of them is not the row's to print."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with catch_warnings():
            simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _report(played: list[Played], found: dict[str, tuple[int, str]], steps: int, within: int) -> Report:
    wrong = [f"seed {one.seed}: {words}" for one in played for words in one.wrong[:3]]
    kinds = Counter(words.partition(":")[0] for one in played for words in one.wrong)
    missed = [
        f"the planted bug {name!r} was not found in {within} seeds" for name, (took, _) in found.items() if not took
    ]
    slowest = max((one.heals_ms for one in played), default=0)
    lines = [
        f"{len(played)} seeds of {steps} steps, {sum(one.printed for one in played)} sales printed, "
        f"{sum(one.extinct for one in played)} of them on no disk any more",
        f"all at rest at most {slowest / 1000:g} s after healing, no new sale",
        *(f"{name}: found after {took} seeds ({words[:90]})" for name, (took, words) in found.items() if took),
        f"planted bugs found {len(found) - len(missed)} of {len(found)}",
        ", ".join(f"{kind} {kinds[kind]}" for kind in ("lost", "doubled", "forged", "wedged", "differs")),
        *missed,
        *wrong[:10],
    ]
    return Report(ok=not wrong and not missed, lines=lines)
