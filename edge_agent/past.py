"""A past decision's forecast made again: the memory as it was then, folded from the journal, and the model by its hash.

What the forecaster had learnt is from the first moment of its business day, or from a start of the till on that day:
the one whose hours of the day are the recorded ones.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from edge_agent.demand.child import ChildForecaster, worker
from edge_agent.demand.forecasting import BaseForecaster
from edge_agent.demand.habits import Habits, hour_shares
from edge_agent.errors import NotKnown
from edge_agent.journal.fold import fold_all, lay_out
from edge_agent.journal.reading import Reading
from edge_agent.places import model_file
from edge_agent.renewal import shop_history
from edge_agent.rules.day import business_day, moment
from edge_agent.rules.factor import with_factors
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.plan import cut
from edge_agent.rules.signal import Learnt
from edge_agent.shelf import Shelf
from edge_agent.signals import calm, learn
from edge_agent.snapshots import forecast_of

NEWCOMER = "new"
NEAR_ENOUGH = 1e-6
OPEN = 3
"""Memories of the past that stay folded: a long journal's takes seconds to fold, and room."""
# What is named without its schema is looked up among the temporary ones first.
HIDE_WHAT_CAME_LATER = """
CREATE TEMP TABLE bound(seq INTEGER, cursor INTEGER);
CREATE TEMP VIEW journal AS SELECT * FROM main.journal WHERE seq <= (SELECT bound.seq FROM bound);
CREATE TEMP VIEW feed AS SELECT * FROM main.feed WHERE cursor <= (SELECT bound.cursor FROM bound);
"""


@dataclass(frozen=True)
class Again:
    """How far the forecast that was made again is from the recorded one, at most, as a share of it; `words` say why
    it could not be made (None then)."""

    apart: float | None
    words: str = ""

    @property
    def same(self) -> bool:
        return self.apart is not None and self.apart <= NEAR_ENOUGH


class Past:
    """The past of one till, asked for forecasts of recorded decisions; what was worked out for one serves the next.

    `otherwise`: the model answers by its runtime's other code paths (no optimisation of its graph, two threads), as
    another processor might. Used by one thread, within `with`.
    """

    def __init__(self, data: Path, *, otherwise: bool = False) -> None:
        self._data, self._otherwise = data, otherwise
        self._open: dict[tuple[int, int], tuple[Reading, AbstractContextManager[Reading]]] = {}
        self._forecasters: dict[str, BaseForecaster | ChildForecaster] = {}
        self._learnt: dict[tuple[int, int, str], tuple[Habits, Learnt]] = {}

    def __enter__(self) -> "Past":
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._forget()
        for one in self._forecasters.values():
            if isinstance(one, ChildForecaster):
                one.close()

    def made_again(self, seq: int, recorded: Forecast) -> Again:
        """Make the forecast of a decision (own event `seq`) again, and hold it against what was recorded."""
        plain = with_factors(recorded, ())
        if plain.forecaster == NEWCOMER:
            memory = self._memory(plain.made_at, seq - 1)
            shop = memory.shop()
            assert shop is not None, "who decided had a shop"
            return _apart(forecast_of(memory, plain.sku, shop, plain.made_at), plain)
        apart: list[Again] = []
        try:
            for learnt_at in self._learnt_at(plain, seq):
                again = self._forecast(plain, seq, learnt_at)
                apart.append(_apart(again, plain) if again else Again(None, "the model did not answer"))
                if apart[-1].same:
                    break
        except NotKnown as error:
            return Again(None, error.message)
        known = [one for one in apart if one.apart is not None]
        return min(known, key=lambda one: one.apart or 0.0) if known else apart[-1]

    def _forecast(self, recorded: Forecast, seq: int, learnt_at: int) -> Forecast | None:
        sku, at = recorded.sku, recorded.made_at
        forecaster = self._forecaster(recorded.model)
        habits, learnt = self._habits(learnt_at, seq, recorded.model)
        memory = self._memory(at, seq - 1)
        history = calm(memory, shop_history(memory, at, [sku]), learnt)
        found = forecaster.forecast(history, habits, [sku], at).get(sku)
        return found if found and found.model == recorded.model else None

    def _habits(self, learnt_at: int, seq: int, model: str) -> tuple[Habits, Learnt]:
        """What the forecaster had learnt from the shop as it was then."""
        key = (learnt_at, seq, model)
        if key not in self._learnt:
            memory = self._memory(learnt_at, seq - 1)
            history = shop_history(memory, learnt_at)
            learnt = learn(memory, history)
            self._learnt[key] = self._forecaster(model).learn(calm(memory, history, learnt)), learnt
        return self._learnt[key]

    def _learnt_at(self, recorded: Forecast, seq: int) -> list[int]:
        """When the forecaster may have learnt: at the day's begin, at a start of the till, with the forecast; those
        by whose hours of the day it was made, or all where there are none."""
        with Reading.open(self._data / "journal.db") as memory:
            shop = memory.shop()
            zone, closes = (shop.zone, shop.day_closes) if shop else ("UTC", 0)
            begin = moment(business_day(recorded.made_at, zone, closes), closes, zone)
            boots = [event.at for event in memory.events("booted") if event.seq < seq]
        all_of_them = [begin, *(at for at in boots if begin < at < recorded.made_at), recorded.made_at]
        alike = [at for at in all_of_them if self._hours(at, seq) == recorded.hour_shares]
        return alike or all_of_them

    def _hours(self, at: int, seq: int) -> tuple[int, ...]:
        return hour_shares(shop_history(self._memory(at, seq - 1), at, ()))

    def _forecaster(self, model: str) -> BaseForecaster | ChildForecaster:
        """Who spoke: the base, or the model's file of that hash; NotKnown when it is not here any more."""
        if model not in self._forecasters:
            self._forecasters[model] = self._started(model) if model else BaseForecaster()
        return self._forecasters[model]

    def _started(self, model: str) -> ChildForecaster:
        shelf, shipped = Shelf(self._data), model_file()
        file = shelf.path(model) if shelf.holds(model) else shipped
        if file is None:
            raise NotKnown(f"the model {model[:8]} is not here any more")
        return ChildForecaster(file, command=worker(file, otherwise=self._otherwise), sha256=model)

    def _memory(self, at: int, last: int) -> Reading:
        """As `as_of`; the last OPEN ones stay."""
        key = (at, last)
        if key not in self._open:
            while len(self._open) >= OPEN:
                self._forget()
            context = as_of(self._data, at, last)
            self._open[key] = context.__enter__(), context
        else:
            self._open[key] = self._open.pop(key)
        return self._open[key][0]

    def _forget(self) -> None:
        _, context = self._open.pop(next(iter(self._open)))
        context.__exit__(None, None, None)


def made_again(data: Path, seq: int, recorded: Forecast) -> Again:
    """One forecast alone."""
    with Past(data) as past:
        return past.made_again(seq, recorded)


@contextmanager
def as_of(data: Path, at: int, last: int) -> Iterator[Reading]:
    """The memory as it was at a moment (UTC ms), after own event `last` at most, folded anew beside the till's own."""
    truth = apsw.Connection(str(data / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    fresh = apsw.Connection(":memory:")
    try:
        bound = _cut(truth, at, last)
        truth.execute(HIDE_WHAT_CAME_LATER)
        truth.execute("INSERT INTO bound VALUES(?, ?)", bound)
        lay_out(fresh)
        fold_all(truth, fresh)
        yield Reading(fresh)
    finally:
        fresh.close()
        truth.close()


def _cut(truth: apsw.Connection, at: int, last: int) -> tuple[int, int]:
    """The last own event by then, and the feed's cursor that it had seen."""
    sql = """SELECT seq, CAST(line AS TEXT) ->> 'feed' FROM main.journal
             WHERE seq <= ? AND CAST(line AS TEXT) ->> 'at' <= ? ORDER BY seq DESC LIMIT 1"""
    row = truth.execute(sql, (last, at)).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _apart(again: Forecast, recorded: Forecast) -> Again:
    """The greatest distance of any number, as a share of the recorded one."""
    last = recorded.start_day + len(recorded.day_means) - 1
    same_days = cut(again, recorded.start_day, last)
    ours = (*same_days.day_means, same_days.phi_milli, *same_days.hour_shares)
    theirs = (*recorded.day_means, recorded.phi_milli, *recorded.hour_shares)
    if len(ours) != len(theirs):
        return Again(None, "it is of other days")
    return Again(max(abs(one - other) / max(1, abs(other)) for one, other in zip(ours, theirs, strict=True)))
