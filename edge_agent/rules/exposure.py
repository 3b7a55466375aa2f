"""The share of a drop's demand that was seen until a moment: the shop's hourly curve laid over the drop's window."""

from collections.abc import Sequence
from dataclasses import dataclass

HOUR = 60
LEAST = 0.02
"""What sold out in a blink saw so much: less would say that demand has no end."""


@dataclass(frozen=True)
class Curve:
    """Weight of each clock hour that the window touches; it starts `late` minutes into the first, is `minutes` long."""

    hours: tuple[float, ...]
    late: int
    minutes: int

    def seen(self, minute: int) -> float:
        """The share of the whole window's demand that has come by `minute` of the window: 0 at its start, 1 at its
        end."""
        whole = self._until(self.minutes)
        return self._until(min(max(minute, 0), self.minutes)) / whole if whole else 0.0

    def exposure(self, sold_out: int | None) -> float:
        """The share that was seen by who sold out at that minute of the window (None: never)."""
        return 1.0 if sold_out is None else max(LEAST, self.seen(sold_out))

    def _until(self, minute: int) -> float:
        return self._of_clock(self.late + minute) - self._of_clock(self.late)

    def _of_clock(self, minute: int) -> float:
        whole, rest = divmod(minute, HOUR)
        part = self.hours[whole] * rest / HOUR if rest else 0.0
        return sum(self.hours[:whole]) + part


def curve(profile: Sequence[Sequence[int]], weekday: int, start: int, minutes: int) -> Curve:
    """Of a window of so many minutes that starts on a weekday (Monday 0) at minute `start` of the day; `profile` is
    what the shop sells by weekday and hour, and where it says nothing of these hours each counts the same."""
    first, count = start // HOUR, -(-(start % HOUR + minutes) // HOUR)
    places = [divmod(first + hour, 24) for hour in range(count)]
    hours = tuple(float(profile[(weekday + days) % 7][hour]) for days, hour in places)
    found = Curve(hours, start % HOUR, minutes)
    return found if found.seen(minutes) else Curve((1.0,) * count, start % HOUR, minutes)
