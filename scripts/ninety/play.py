"""The whole of it: weeks before, ninety days, and at each week's end everything beside the books."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from edge_agent.journal.rebuild import verify
from edge_agent.rules.money import written
from scripts.hub_ import SILENT, hub
from scripts.ninety.course import AT_HUB, STEPS, Course
from scripts.ninety.judge import differences
from scripts.ninety.shop import NinetyShop
from scripts.tortures import Report
from scripts.tortures.memory import in_memory

FIRST = date(2026, 1, 5).toordinal()
"""A Monday."""
DAYS = 90
FULL = {"before": 13, "weeks": 13}
SHORT = {"before": 1, "weeks": 3}
FAILS_EVERY = 7
"""Of the hub's answers every so many is lost."""


def run(folder: Path, *, seed: int, before: int, weeks: int, planted: bool = False) -> Report:
    """Play so many weeks of both, one at least; `planted`: a sale that no till made is in the books, to be found."""
    starts = FIRST + 7 * before
    with (
        in_memory(folder) as place,
        hub(stock=dict(AT_HUB), faults=lambda number: SILENT if number % FAILS_EVERY == 3 else None) as box,
    ):
        shop = NinetyShop(place / "shop", FIRST)
        try:
            course = Course(shop, box, seed, FIRST, starts, weeks)
            lines = list(_weeks(course, before + weeks, planted=planted))
            lines += [
                f"{till.data.name}: {verify(till.reading.db).head.seq} events, every view equal its rebuild"
                for till in shop.tills
            ]
        finally:
            shop.close()
    done = course.done
    counts = (
        f"{done['sales']} sales, {done['returns']} returns, {done['orders']} orders, {done['deliveries']} deliveries"
    )
    more = f"{done['samples']} samples, {len(course.hub_orders)} orders at the hub, {done['sold out']} came for nothing"
    return Report(not course.wrong, [counts, more, *course.told, *lines, *course.wrong[:20]])


def _weeks(course: Course, weeks: int, *, planted: bool) -> Iterator[str]:
    """A line a week; what differs is noted."""
    for week in range(weeks):
        monday = FIRST + 7 * week
        for day in range(monday, monday + 7):
            course.play(day)
        if planted and week == weeks - 1:
            course.books.sells(monday, [("tea", 1)], "cash")
        yield _end(course, monday + 6, week + 1)
    last = course.starts + DAYS
    if FIRST + 7 * weeks > last:
        course.at(last, 12 * 60)
        _, words = course.shop.owner.page("/experiment")
        if "The verdict" not in words:
            course.wrong.append(f"ninety days are over, and the page says {words[100:400]}")
        yield words[words.index("The verdict") :][:130] if "The verdict" in words else "no verdict"


def _end(course: Course, sunday: int, number: int) -> str:
    course.at(sunday + 1, 6 * 60)
    course.pays(sunday + 1)
    course.shop.settle()
    found = differences(course.shop, course.books, course.first, sunday)
    found += _pages(course, sunday)
    course.wrong += [f"week {number}: {one}" for one in found]
    balance = course.books.bank(sunday)
    course.entry("balance", sunday, balance)
    _, words = course.shop.owner.page("/cash")
    if f"was £{balance / 100:,.2f}." not in words:
        course.wrong.append(f"week {number}: the page of cash does not say {written(balance)}")
    taken = sum(one.total for day, one in course.books.days.items() if sunday - 7 < day <= sunday)
    verdict = "equal" if not found else f"{len(found)} differences"
    return f"week {number:2}: {written(taken)} taken, {written(balance)} in the bank: {verdict}"


def _pages(course: Course, sunday: int) -> Iterator[str]:
    """The page of the experiment: its steps, and the figures before and after."""
    if sunday < course.starts:
        return
    _, words = course.shop.owner.page("/experiment")
    if f"{course.steps()} of {STEPS} steps done" not in words:
        yield f"{course.steps()} steps are done, the page says {words[150:420]}"
    last = min(sunday, course.starts + DAYS - 1)
    before, after = _average(course, course.starts - DAYS, course.starts - 1), _average(course, course.starts, last)
    if f"£{before[0]}" not in words or f"then £{after[0]}" not in words:
        yield f"average orders of {before[0]} and {after[0]} do not stand on the page"
    if f"{before[1]} sales before, {after[1]} after" not in words:
        yield f"{before[1]} and {after[1]} sales do not stand on the page"
    pieces, back = (
        [sum(many for day, many in one.items() if first <= day <= end) for first, end in _spans(course, last)]
        for one in (course.books.pieces, course.books.returned)
    )
    if f"{back[0]} of {pieces[0]} before, {back[1]} of {pieces[1]} after" not in words:
        yield f"returns of {back} among {pieces} do not stand on the page"


def _spans(course: Course, last: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (course.starts - DAYS, course.starts - 1), (course.starts, last)


def _average(course: Course, first: int, last: int) -> tuple[str, int]:
    mine = [one for day, one in course.books.days.items() if first <= day <= last]
    many = sum(one.receipts for one in mine)
    return written(round(sum(one.sold for one in mine) / many)), many
