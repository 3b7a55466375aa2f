"""A past decision's forecast made again: the memory as it was then, folded from the journal, and the model by its hash.

What the forecaster had learnt is from the first moment of its business day, or from a start of the till on that day:
the one whose hours of the day are the recorded ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from edge_agent.demand.child import ChildForecaster
from edge_agent.demand.forecasting import BaseForecaster
from edge_agent.errors import NotKnown
from edge_agent.journal.fold import fold_all, lay_out
from edge_agent.journal.reading import Reading
from edge_agent.places import model_file
from edge_agent.renewal import shop_history
from edge_agent.rules.day import business_day, moment
from edge_agent.rules.factor import with_factors
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.plan import cut
from edge_agent.shelf import Shelf
from edge_agent.signals import calm, learn
from edge_agent.snapshots import forecast_of

NEWCOMER = "new"
NEAR_ENOUGH = 1e-6
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


def made_again(data: Path, seq: int, recorded: Forecast) -> Again:
    """Make the forecast of a decision (own event `seq`) again from `data`, and hold it against what was recorded."""
    plain = with_factors(recorded, ())
    if plain.forecaster == NEWCOMER:
        with as_of(data, plain.made_at, seq - 1) as memory:
            shop = memory.shop()
            assert shop is not None, "who decided had a shop"
            return _apart(forecast_of(memory, plain.sku, shop, plain.made_at), plain)
    apart: list[Again] = []
    try:
        for learnt_at in _learnt_at(data, plain, seq):
            again = _forecast(data, plain, seq, learnt_at)
            apart.append(_apart(again, plain) if again else Again(None, "the model did not answer"))
            if apart[-1].same:
                break
    except NotKnown as error:
        return Again(None, error.message)
    known = [one for one in apart if one.apart is not None]
    return min(known, key=lambda one: one.apart or 0.0) if known else apart[-1]


def _forecast(data: Path, recorded: Forecast, seq: int, learnt_at: int) -> Forecast | None:
    sku, at = recorded.sku, recorded.made_at
    forecaster = _forecaster(data, recorded.model)
    try:
        with as_of(data, learnt_at, seq - 1) as memory:
            history = shop_history(memory, learnt_at)
            learnt = learn(memory, history)
            habits = forecaster.learn(calm(memory, history, learnt))
        with as_of(data, at, seq - 1) as memory:
            history = calm(memory, shop_history(memory, at, [sku]), learnt)
            found = forecaster.forecast(history, habits, [sku], at).get(sku)
        return found if found and found.model == recorded.model else None
    finally:
        if isinstance(forecaster, ChildForecaster):
            forecaster.close()


def _forecaster(data: Path, model: str) -> BaseForecaster | ChildForecaster:
    """Who spoke: the base, or the model's file of that hash; NotKnown when it is not here any more."""
    if not model:
        return BaseForecaster()
    shelf, shipped = Shelf(data), model_file()
    if shelf.holds(model):
        return ChildForecaster(shelf.path(model), sha256=model)
    if shipped is not None:
        return ChildForecaster(shipped, sha256=model)
    raise NotKnown(f"the model {model[:8]} is not here any more")


def _learnt_at(data: Path, recorded: Forecast, seq: int) -> Iterator[int]:
    """When the forecaster may have learnt: with the forecast, at the day's begin, at a start of the till."""
    yield recorded.made_at
    with Reading.open(data / "journal.db") as memory:
        shop = memory.shop()
        zone, closes = (shop.zone, shop.day_closes) if shop else ("UTC", 0)
        begin = moment(business_day(recorded.made_at, zone, closes), closes, zone)
        boots = [event.at for event in memory.events("booted") if event.seq < seq]
    yield begin
    yield from (at for at in boots if begin < at < recorded.made_at)


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
