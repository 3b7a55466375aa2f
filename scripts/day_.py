"""A shop's day as a script that a shopkeeper can read; the grammar stands in `tests/days/GRAMMAR.md`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.demo_shop.moved import Sold

LINE = re.compile(
    r"(?:\+(?P<day>\d+)\s+)?(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s+(?P<verb>\w+)\s*(?P<rest>.*)"
)
VERBS = {
    "scan": 1,
    "quantity": 1,
    "void": 0,
    "discount": 1,
    "price": 2,
    "unknown": 2,
    "match": 2,
    "hold": 0,
    "recall": 1,
    "asked": 1,
    "pay": 1,
    "cloud": 1,
    "printer": 1,
    "scanner": 1,
    "sync": 0,
    "approve": 0,
    "receive": 1,
    "count": 2,
    "adjust": 3,
    "expect": 2,
}
"""Each verb and the least number of words that it needs."""


class ScriptError(ValueError):
    """A line of a script that is off; names its number."""


@dataclass(frozen=True)
class Step:
    """One line: `second` of local time counted from the script's first midnight, the verb and its words."""

    line: int
    second: int
    verb: str
    words: tuple[str, ...]

    @property
    def clock(self) -> str:
        """As the cashier's watch shows it."""
        minutes = self.second % 86_400 // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse(text: str) -> list[Step]:
    """The steps of a script; ScriptError names the first line that is off, or that goes back in time."""
    steps: list[Step] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if line:
            step = _step(number, line)
            if steps and step.second < steps[-1].second:
                raise ScriptError(f"line {number}: time goes back from {steps[-1].clock} to {step.clock}")
            steps.append(step)
    return steps


def _step(number: int, line: str) -> Step:
    found = LINE.fullmatch(line)
    if not found:
        raise ScriptError(f"line {number}: {line!r} is not like `07:31 scan 0400010297436`")
    verb, words = found["verb"], tuple(found["rest"].split())
    if verb not in VERBS:
        raise ScriptError(f"line {number}: {verb} is not known; known are {', '.join(VERBS)}")
    if len(words) < VERBS[verb]:
        raise ScriptError(f"line {number}: {verb} needs {VERBS[verb]} word(s)")
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    return Step(number, int(found["day"] or 0) * 86_400 + hour * 3600 + minute * 60 + second, verb, words)


def load(path: Path) -> list[Step]:
    """The steps of a script file."""
    return parse(path.read_text(encoding="utf-8"))


def of_receipts(receipts: Sequence[Sequence[Sold]], codes: dict[str, str]) -> Iterator[Step]:
    """The real receipts of one day as steps: each line scanned, every third receipt paid by card, the rest in cash."""
    for number, receipt in enumerate(receipts, 1):
        at = receipt[0].at
        second = at.hour * 3600 + at.minute * 60 + at.second
        for line in receipt:
            if line.qty > 1000:
                yield Step(0, second, "quantity", (str(line.qty // 1000),))
            yield Step(0, second, "scan", (codes[line.sku],))
        yield Step(0, second, "pay", ("card",) if number % 3 == 0 else ("cash",))
