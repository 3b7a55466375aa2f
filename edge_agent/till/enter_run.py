"""Tells a pressed Enter from a held one, or from a scanner's doubled suffix, by time alone."""

from dataclasses import dataclass

ENTER_REST_SECONDS = 0.130
"""A held key repeats sooner than this; a person presses again later."""
HELD_REST_SECONDS = 0.400


@dataclass
class EnterRun:
    """Follows presses of Enter until they rest: one is a press, more are a held key or a doubled suffix."""

    _count: int = 0
    _last: float = 0.0

    def press(self, at: float) -> bool:
        """True when this Enter begins a run, and so counts as pressed."""
        self._count += 1
        self._last = at
        return self._count == 1

    @property
    def due(self) -> float | None:
        """When the run is over if no other Enter comes."""
        if not self._count:
            return None
        return self._last + (ENTER_REST_SECONDS if self._count == 1 else HELD_REST_SECONDS)

    def rest(self, now: float) -> bool | None:
        """None while the run goes on; then, once, whether it was a single press."""
        if self.due is None or now <= self.due:
            return None
        single = self._count == 1
        self._count = 0
        return single
