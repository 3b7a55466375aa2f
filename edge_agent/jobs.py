"""When things happen by themselves: one ticker; what is due is read from rows and the clock, not from its memory."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

log = logging.getLogger(__name__)
TICK_SECONDS = 60


class Jobs:
    """Runs `acts` one after the other about once a minute, on a thread of its own; a failing one stops no other."""

    def __init__(self, acts: Sequence[tuple[str, Callable[[], Any]]]) -> None:
        self._acts = acts
        self._scheduler: Any = None

    def start(self) -> None:
        """Begin; the first round comes at once. The scheduler is loaded here, behind the first picture."""
        from apscheduler.schedulers.background import BackgroundScheduler
        from apscheduler.triggers.interval import IntervalTrigger

        self._scheduler = BackgroundScheduler(timezone="UTC")
        once_a_minute = IntervalTrigger(seconds=TICK_SECONDS, timezone="UTC")
        # Late or missed rounds collapse into one: a clock that jumps a year must not run half a million of them.
        calm = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self._scheduler.add_job(self.round, once_a_minute, **calm)
        self._scheduler.add_job(self.round, **calm)
        self._scheduler.start()

    def round(self) -> None:
        """One round of every act."""
        for name, act in self._acts:
            try:
                act()
            except Exception:
                log.exception("the job %s failed; it is tried again in a minute", name)

    def close(self) -> None:
        """End the ticker; a round under way is finished."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
