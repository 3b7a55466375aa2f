"""A year of real receipts through two tills, cloud, receiving and counts, under power cuts; judged from paper alone.

A seed picks receipts, days and cuts; a cut falls into real processes, so that what it tears, and with it some counts,
differs from run to run. What is judged does not.
"""

import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from edge_agent.rules.day import moment
from scripts.demo_shop.moved import ZONE, Sold, moved_receipts, receipts_of
from scripts.house_ import SHOP_FILES
from scripts.tortures import Report
from scripts.tortures.lives import Life, prepare
from scripts.tortures.memory import in_memory
from scripts.tortures.year_shop import Post, Sent, YearShop

SUMMARY = "twelve months of real receipts, power cuts, a month offline, a clone, a restored cloud: judged from paper"
FULL = {"days": 365, "cuts": 200}
SHORT = {"days": 14, "cuts": 8}

LAST_DAY = date(2026, 6, 30)
JUDGE = Path(__file__).with_name("year_judge.py")
OPENS, CLOSES = 6 * 60 + 45, 22 * 60 + 30
SILENT_S = 300.0
"""A till that says nothing for so long has come to a stop, whatever else the machine is busy with."""
CLONED_DAYS = 3
COUNTED = 10
FETCHED = 24
HISTORY_DAYS = 56
"""What the shop remembers of the time before, where there is such a time, so that it orders from the first day."""


@dataclass
class Course:
    """The days (counted from 0) on which something besides selling happens."""

    offline: range
    cloned: range
    copied: int
    restored: int

    @classmethod
    def of(cls, days: int) -> "Course":
        """A month offline (less in a shorter run), then a clone, then a cloud that is put back."""
        length = min(30, max(days // 6, 1))
        first = days // 6
        cloned = range(first + length + days // 10, first + length + days // 10 + min(CLONED_DAYS, max(days // 5, 1)))
        copied = min(cloned.stop + days // 6, days - 2)
        return cls(range(first, first + length), cloned, copied, copied + 1)


@dataclass
class Told:
    """What the rig saw."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def run(folder: Path, *, seed: int, days: int, cuts: int) -> Report:
    """Play the year, then call the judge as anybody would."""
    prepare()
    # A cut is a kill: what the kernel was given it keeps, on a disk or in memory.
    with in_memory(folder) as place:
        year = Year(place, seed, days, cuts)
        try:
            return _judged(year, days)
        finally:
            shutil.copytree(year.shop.evidence, folder / "evidence", dirs_exist_ok=True)


def _judged(year: "Year", days: int) -> Report:
    for day in range(days):
        year.play(day)
    year.shop.hand_over()
    year.told.done["events"] = year.shop.prove()
    judged = subprocess.run(
        [sys.executable, "-I", str(JUDGE), str(year.shop.evidence)], capture_output=True, text=True, check=False
    )
    said = (judged.stdout + judged.stderr).strip().splitlines()
    done, ok = year.told.done, judged.returncode == 0 and not year.told.wrong
    return Report(ok, [
        f"{days} days, {done['paid']} sales said to be paid, {done['events']} events",
        f"{done['cuts']} power cuts ({done['cloud_cuts']} in the cloud), {done['offline']} days of a till offline, "
        f"{done['cloned']} days of a cloned card, {done['restored']} cloud put back",
        f"{done['sent']} orders sent, {done['deliveries']} deliveries ({done['without']} taken without their order), "
        f"{done['counts']} counts",
        "every chain valid, views and projections equal their rebuild",
        *(f"judge: {line}" for line in said[:20]), *year.told.wrong[:10],
    ])  # fmt: skip


class Year:
    """Day after day: morning's goods, both tills at once, evening's count, approvals and orders."""

    def __init__(self, folder: Path, seed: int, days: int, cuts: int) -> None:
        self.chance, self.told, self.course = random.Random(seed), Told(), Course.of(days)
        self.days = days
        self.first = LAST_DAY - timedelta(days=days - 1)
        self.rows = _by_day(moved_receipts(LAST_DAY))
        self.shop = YearShop(folder, self.at(0, 6 * 60), tills=2)
        before = [self.first - timedelta(days=past) for past in range(HISTORY_DAYS, 0, -1)]
        self.shop.remember([row for past in before for row in self.rows.get(past, [])])
        self.codes = {sku: row["codes"].split()[0] for sku, row in self.shop.items.items()}
        self.shelf: Counter[str] = Counter()
        self.coming: list[Sent] = []
        for place, post in enumerate(self.shop.posts):
            # The first brings the catalogue, the second fetches it.
            self._ended(post.live({**self._script(0, place), "online": True, "renew": False}))
            self.shop.counted()
        self.cuts = Counter(self.chance.choices(range(days), k=cuts))

    def at(self, day: int, minute: int) -> int:
        """UTC milliseconds of a minute of a day."""
        return moment((self.first + timedelta(days=day)).toordinal(), minute, ZONE.key)

    def play(self, day: int) -> None:
        """One day from the first delivery to the last order."""
        if day == self.course.cloned.start:
            self.shop.clone(self.shop.posts[1])
        selling = self.shop.posts if day in self.course.cloned else self.shop.posts[:2]
        self.told.done["offline"] += day in self.course.offline
        self.told.done["cloned"] += day in self.course.cloned
        scripts = [self._script(day, place) for place in range(len(selling))]
        self._goods(day, scripts)
        self._receipts(day, scripts)
        if day == self.course.restored:
            self.shop.put_cloud_back()
            self.told.done["restored"] += 1
        self.shop.clock.set(self.at(day, OPENS))
        cuts = [self.chance.randrange(len(selling)) for _ in range(self.cuts[day])]
        with ThreadPoolExecutor(len(selling)) as pool:
            for done in [pool.submit(self._live, post, script, cuts.count(place), random.Random(self.chance.random()))
                         for place, (post, script) in enumerate(zip(selling, scripts, strict=True))]:  # fmt: skip
                done.result()
        self._evening(day, selling)

    def _script(self, day: int, place: int) -> dict[str, Any]:
        online = not (place == 1 and day in self.course.offline)
        return {"online": online, "at": self.at(day, OPENS), "renew": day % 7 == 0, "steps": []}

    def _goods(self, day: int, scripts: list[dict[str, Any]]) -> None:
        """What came this morning: opening stock on the first day, then orders, now and then with a piece missing."""
        arrived: list[tuple[str, str, list[tuple[str, int]]]] = []
        if day == 0:
            lines = (SHOP_FILES / "stock.csv").read_text(encoding="utf-8").split()[1:]
            arrived.append(("", "", [(sku, int(qty)) for sku, qty in (line.split(",") for line in lines)]))
        due = [one for one in self.coming if one.arrives_at <= self.at(day, CLOSES)]
        self.coming = [one for one in self.coming if one not in due]
        for one in due:
            short = self.chance.random() < 0.1
            came = [(sku, pieces - (short and place == 0)) for place, (sku, pieces) in enumerate(one.lines)]
            arrived.append((one.key, one.number, [line for line in came if line[1]]))
        if short_of := [(sku, FETCHED - pieces) for sku, pieces in sorted(self.shelf.items()) if pieces < 0]:
            # The real receipts do not wait for our orders: what they would find sold out is fetched from a market.
            arrived.append(("", "", short_of))
        for number, (key, order, came) in enumerate(arrived):
            self.shop.deliver(order, came)
            self.shelf.update(dict(came))
            place = 0 if day in self.course.offline else self.chance.randrange(2)
            step = {
                "act": "receive",
                "token": f"d{day}.{number}",
                "at": self.at(day, OPENS),
                "order": key,
                "lines": came,
            }
            scripts[place]["steps"].append(step)
            self.told.done["deliveries"] += 1

    def _receipts(self, day: int, scripts: list[dict[str, Any]]) -> None:
        """The day's real receipts, each at one of the tills."""
        today = self.first + timedelta(days=day)
        for number, receipt in enumerate(receipts_of(self.rows.get(today, []), today)):
            lines = [[self.codes[line.sku], line.qty // 1000] for line in receipt]
            at = int(receipt[0].at.timestamp() * 1000)
            tender = "card" if number % 3 == 0 else "cash"
            step = {"act": "sale", "token": f"s{day}.{number}", "at": at, "lines": lines, "tender": tender}
            self.chance.choice(scripts)["steps"].append(step)
            self.shelf.subtract({line.sku: line.qty // 1000 for line in receipt})

    def _live(self, post: Post, script: dict[str, Any], cuts: int, chance: random.Random) -> None:
        """A till's day, with power cuts, each some time after another sale or while it starts; then to its end."""
        for _ in range(cuts):
            self._cut(post.live(script), chance.randrange(max(len(script["steps"]) // 2, 1)), chance.uniform(0, 0.02))
        self._ended(post.live(script))

    def _cut(self, life: Life, sales: int, after: float) -> None:
        _wait_for(life, lambda: len(_paid(life)) >= sales or _over(life))
        time.sleep(after)
        if _over(life):
            self._ended(life)
            return
        life.kill()
        self._note(life)
        self.told.done["cuts"] += 1

    def _ended(self, life: Life) -> None:
        _wait_for(life, lambda: _over(life))
        life.end()
        self._note(life)

    def _note(self, life: Life) -> None:
        self.told.done["paid"] += len(_paid(life))
        self.told.done["without"] += sum(line.startswith("without ") for _, line in life.lines)
        self.told.wrong += [line for _, line in life.lines if line.startswith("differs ")]

    def _evening(self, day: int, selling: list[Post]) -> None:
        """Everybody hears of everybody; a count on Sundays; then the orders."""
        self.shop.clock.set(self.at(day, CLOSES))
        if self.cuts[day] and self.chance.random() < 0.3:
            self.shop.cut_cloud()
            self.told.done["cuts"] += 1
            self.told.done["cloud_cuts"] += 1
        special = day in self.course.cloned or day in (self.course.restored, self.days - 1)
        for _ in range(2 if special else day % 7 == 6):
            self.shop.counted()
            for place, post in enumerate(selling):
                self._ended(post.live(self._quiet(day, place)))
        if day % 7 == 6 and day not in self.course.offline and max(self.shelf.values()) >= 0:
            self._count(day, selling[0])
        self.shop.counted()
        sent = self.shop.order(self.at(day, CLOSES))
        self.told.done["sent"] += len(sent)
        self.coming += sent
        if day == self.course.copied:
            self.shop.copy_cloud()

    def _quiet(self, day: int, place: int) -> dict[str, Any]:
        return {**self._script(day, place), "at": self.at(day, CLOSES - 20), "renew": False}

    def _count(self, day: int, post: Post) -> None:
        there = [(sku, pieces) for sku, pieces in sorted(self.shelf.items()) if pieces >= 0]
        lines = self.chance.sample(there, min(COUNTED, len(there)))
        step = {"act": "count", "token": f"c{day}", "at": self.at(day, CLOSES - 20), "lines": lines}
        self._ended(post.live({**self._quiet(day, 0), "steps": [step]}))
        self.told.done["counts"] += 1


def _by_day(rows: list[Sold]) -> dict[date, list[Sold]]:
    days: dict[date, list[Sold]] = {}
    for row in rows:
        days.setdefault(row.at.date(), []).append(row)
    return days


def _wait_for(life: Life, holds: Callable[[], bool]) -> None:
    """Wait as long as the till says something: slow is not stuck. SystemExit when it falls silent."""

    def stirs(heard: int) -> bool:
        return holds() or len(life.lines) > heard

    while not holds():
        if not life.wait_for(partial(stirs, len(life.lines)), SILENT_S):
            raise SystemExit(f"a till has fallen silent in its day: {life.lines[-3:]}")


def _paid(life: Life) -> list[str]:
    return [line for _, line in life.lines if line.startswith("paid ")]


def _over(life: Life) -> bool:
    return life.deaf or any(line == "done" for _, line in life.lines[-1:])
