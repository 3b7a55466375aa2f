"""kill -9 of till, cloud and both at random moments of a day of selling: what was said to be paid is there, once."""

import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts.tortures import Report
from scripts.tortures.judge import judge
from scripts.tortures.kill9_shop import KilledShop
from scripts.tortures.kill9_tally import Tally, together
from scripts.tortures.lives import PATIENCE_S, Life, prepare

SUMMARY = "kill -9 of till, cloud and both at random moments of a day of selling"
FULL = {"kills": 2000}
SHORT = {"kills": 20}
KILLS_A_SHOP = 250
CASHIER = "scripts.tortures.cashier"
VICTIMS = ("both", "till", "cloud", "both", "till", "cloud", "till")
AIMS = {
    "till": ("sale", "print", "upload", "decide") * 4 + ("",),
    "cloud": ("ingest", "project", "feed", "ingest", "project") * 3 + ("",),
    "both": ("sale", "print", "upload", "ingest", "project") * 3 + ("",),
}
"""What a kill waits for; nothing: any moment."""
WORK = ("sale", "print", "upload", "decide", "ingest", "project", "feed")
AIMED_S = 0.25


@dataclass(frozen=True)
class Kill:
    """One kill: of whom, aimed at what, how long after that; `starting`: so long after the till's process began."""

    number: int
    victim: str
    aim: str
    after: float
    starting: bool
    cold: bool


def run(folder: Path, *, seed: int, kills: int) -> Report:
    """The row of the fault matrix: two shops at a time, one for each of two cores."""
    prepare()
    shops = -(-kills // KILLS_A_SHOP)
    shares = [kills // shops + (number < kills % shops) for number in range(shops)]
    with ThreadPoolExecutor(2) as pool:
        played = pool.map(lambda n: play(folder / f"shop{n}", kills=shares[n], seed=f"{seed}.{n}"), range(shops))
        tally = together(played)
    return Report(tally.ok, tally.lines())


def play(folder: Path, *, kills: int, seed: str, cashier: str = CASHIER) -> Tally:
    """One shop under so many kills: its till alone before it is paired, then till, cloud and both."""
    shop, tally = KilledShop(folder, seed, cashier), Tally()
    alone = kills // 5
    for kill in planned(kills, alone, random.Random(seed)):
        if kill.number == alone:
            shop.pair()
        _live(shop, kill, tally)
        if kill.number % max(kills // 4, 1) == 0:
            tally.yardsticks.append(yardstick())
            _prove(shop, tally, kill)
    return _judged(shop, tally)


def planned(kills: int, alone: int, chance: random.Random) -> list[Kill]:
    """The kills of one shop; one in ten hits a till that starts, one life in twenty starts cold."""
    return [
        _plan(number, "till" if number < alone else VICTIMS[number % len(VICTIMS)], chance) for number in range(kills)
    ]


def _plan(number: int, victim: str, chance: random.Random) -> Kill:
    cold, starting = number % 40 in (0, 9), number % 10 == 9 and victim != "cloud"
    longest = (0.6 if cold else 0.03) if starting else chance.choice((0.002, 0.02, 0.08))
    return Kill(number, victim, chance.choice(AIMS[victim]), chance.uniform(0, longest), starting, cold)


def _live(shop: KilledShop, kill: Kill, tally: Tally) -> None:
    """Start who is dead, wait for the moment, kill, and note what was hit."""
    tally.cold += shop.start(kill.number, cold=kill.cold)
    if shop.paired and kill.number % 4 == 0:
        shop.approve()
    assert shop.till
    if not kill.starting:
        _sells(shop.till, kill)
        victims = [life for life in shop.victims(kill.victim) if life]
        _in_the_middle(shop, victims, kill)
    else:
        time.sleep(kill.after)
    dead = shop.kill(kill.victim)
    tally.kills[kill.victim if shop.paired else "till alone"] += 1
    found = shop.under_way(dead)
    tally.hits.update(found or {"between"})
    _note(tally, dead)


def _sells(till: Life, kill: Kill) -> None:
    if not till.wait_for(lambda: till.sellable() is not None, PATIENCE_S):
        raise SystemExit(
            f"the till did not sell within {PATIENCE_S:.0f} s before kill {kill.number}: {till.lines[-3:]}"
        )


def _in_the_middle(shop: KilledShop, victims: list[Life], kill: Kill) -> None:
    """Let the day go on for a while; then, with an aim, wait until one of them is in the middle of that, or of
    anything when it does not come to that now."""
    time.sleep(kill.after)
    if kill.aim:
        _until(shop, victims, {kill.aim}, AIMED_S)
        time.sleep(kill.after / 50)
        _until(shop, victims, set(WORK), AIMED_S)


def _until(shop: KilledShop, victims: list[Life], wanted: set[str], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not wanted & shop.under_way(victims) and time.monotonic() < deadline:
        victims[0].wait_for(lambda: bool(wanted & shop.under_way(victims)), 0.003)


def _note(tally: Tally, dead: list[Life]) -> None:
    for life in dead:
        tally.said += life.said()
        began, answers = life.sellable(), life.first("begin ingest")
        tally.sellable += [] if began is None else [began]
        tally.answers += [] if answers is None else [answers]


def _prove(shop: KilledShop, tally: Tally, kill: Kill) -> None:
    """Chains, views and projections of whoever is dead, as the kill left it."""
    if kill.victim in ("till", "both"):
        shop.prove_till()
    if shop.paired and kill.victim in ("cloud", "both"):
        shop.prove_cloud()
    tally.proofs += 1


def _judged(shop: KilledShop, tally: Tally) -> Tally:
    _note(tally, shop.kill("both"))
    tally.healed.append(shop.heal())
    tally.proofs += 1
    tally.events += shop.prove_till() + shop.prove_cloud()
    tills, clouds = shop.kept_by_till(), shop.kept_by_cloud()
    paper = shop.printer.receipts()
    tally.verdicts += [judge(tally.said, set(paper), kept) for kept in (tills, clouds)]
    tally.wrong += shop.differences()
    tally.feed, tally.orders = shop.feed_entries(), shop.decisions()
    tally.sales = len(tills)
    tally.reprints = len(paper) - len(set(paper))
    tally.no_paper = len({one.receipt for one in tally.said} - set(paper) - shop.waiting_for_paper())
    shutil.rmtree(shop.folder)
    return tally


def yardstick() -> float:
    """Seconds of `import textual.app` in a fresh process."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.monotonic() - began
