"""View: what was sold, by SKU and business day, and by weekday and hour over the whole shop: the forecast's food."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

import apsw

from edge_agent.journal.views.sold import WAITING_DAYS, SoldReads, added_up, settles, zone_of
from edge_agent.rules.day import HOUR_MS, local
from edge_agent.rules.forecast import Forecast
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS demand_day(
    day INTEGER NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, imported INTEGER NOT NULL, PRIMARY KEY(day, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS demand_hour(
    weekday INTEGER NOT NULL, hour INTEGER NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(weekday, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS imported(source TEXT NOT NULL, part INTEGER NOT NULL, PRIMARY KEY(source, part))
STRICT, WITHOUT ROWID;
"""
TABLES = ("demand_day", "demand_hour", "imported")
FOLDS = (SaleCompleted, HistoryImported)

# By day first: what one day sells lies on neighbouring pages, so that a sale's commit writes few of them.
DAY = """
INSERT INTO demand_day VALUES(?, ?, ?, ?)
ON CONFLICT(day, sku) DO UPDATE SET qty = qty + excluded.qty, imported = imported + excluded.imported
"""
HOUR = "INSERT INTO demand_hour VALUES(?, ?, ?) ON CONFLICT(weekday, hour) DO UPDATE SET qty = qty + excluded.qty"


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if settles(body):
        sold = added_up(db)
        db.executemany(DAY, [(*key, qty, 0) for key, qty in sorted(sold.days.items())])
        db.executemany(HOUR, [(*key, qty) for key, qty in sorted(sold.hours.items())])
    elif isinstance(body, HistoryImported):
        _import(db, body)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """What was imported at another till; what others sold is `elsewhere`."""
    if isinstance(body, HistoryImported):
        _import(db, body)


def _import(db: apsw.Connection, body: HistoryImported) -> None:
    if db.execute("SELECT 1 FROM imported WHERE source = ? AND part = ?", (body.source, body.part)).fetchone():
        return
    db.execute("INSERT INTO imported VALUES(?, ?)", (body.source, body.part))
    zone, closes = zone_of(db)
    places: dict[int, tuple[int, int, int]] = {}
    for hour in {hour for hour, _, _ in body.rows}:
        when = local(hour * HOUR_MS, zone)
        shifted = when if body.daily else when - timedelta(minutes=closes)
        places[hour] = (date.toordinal(shifted.date()), when.weekday(), when.hour)
    db.executemany(DAY, [(places[hour][0], sku, qty, qty) for hour, sku, qty in body.rows])
    if not body.daily:
        db.executemany(HOUR, [(*places[hour][1:], qty) for hour, _, qty in body.rows])


# One look-up a day instead of a walk over all that was sold.
ONE_SKU = """
WITH RECURSIVE span(day, last) AS (
    SELECT max(?, (SELECT min(day) FROM demand_day)), (SELECT max(day) FROM demand_day)
    UNION ALL SELECT day + 1, last FROM span WHERE day < last
)
SELECT span.day, qty FROM span CROSS JOIN demand_day ON demand_day.day = span.day AND demand_day.sku = ?
"""
ONE_SKU_ELSEWHERE = ONE_SKU.replace("demand_day", "elsewhere_day")


PARTS = f"""
SELECT day, sku, qty FROM demand_day WHERE day >= ?1
UNION ALL SELECT day, sku, qty FROM elsewhere_day WHERE day >= ?1
UNION ALL {WAITING_DAYS}
"""
BY_DAY = f"{PARTS} ORDER BY day, sku"
SKUS = f"SELECT DISTINCT sku FROM ({PARTS}) GROUP BY day, sku HAVING sum(qty) <> 0"


STORED = "SELECT forecast.*, forecast_mix.mix FROM forecast LEFT JOIN forecast_mix USING(sku)"


class DemandReads(SoldReads):
    """What is asked of the sales history and of the stored forecasts."""

    def demand_days(self, sku: str, first_day: int = 0) -> list[tuple[int, int]]:
        """(ordinal business day, milli-units) in order of days; days without a sale have no row."""
        with self.db:
            waiting = {day: qty for (day, sold), qty in self.waiting().days.items() if sold == sku and day >= first_day}
            days = Counter({int(day): int(qty) for day, qty in self.db.execute(ONE_SKU, (first_day, sku))})
            days.update({int(day): int(qty) for day, qty in self.db.execute(ONE_SKU_ELSEWHERE, (first_day, sku))})
        days.update(waiting)
        return sorted((day, qty) for day, qty in days.items() if qty)

    def first_sold(self, sku: str, first_day: int) -> int | None:
        """The ordinal business day of its first sale from `first_day` on; None without any."""
        with self.db:
            found = [
                day for (day, sold), qty in self.waiting().days.items() if sold == sku and qty and day >= first_day
            ]
            for sql in (ONE_SKU, ONE_SKU_ELSEWHERE):
                found += [int(day) for day, _ in self.db.execute(f"{sql} WHERE qty LIMIT 1", (first_day, sku))]
        return min(found, default=None)

    def all_demand_days(self, first_day: int = 0) -> Iterator[tuple[str, int, int]]:
        """(sku, ordinal business day, milli-units) in order of day and SKU."""
        rows = self.db.execute(BY_DAY, (first_day,))
        for (day, sku), same in groupby(rows, key=lambda row: (int(row[0]), str(row[1]))):
            qty = sum(int(row[2]) for row in same)
            if qty:
                yield sku, day, qty

    def sold_since(self, first_day: int) -> set[str]:
        """The SKUs that sold on some business day from `first_day` on."""
        return {str(sku) for (sku,) in self.db.execute(SKUS, (first_day,))}

    def hour_profile(self) -> list[list[int]]:
        """`[weekday][hour]` milli-units sold over the whole shop (Monday first)."""
        table = [[0] * 24 for _ in range(7)]
        with self.db:
            for weekday, hour, qty in self.db.execute("SELECT weekday, hour, qty FROM demand_hour"):
                table[weekday][hour] = qty
            waiting = self.waiting().hours
        for (weekday, hour), qty in waiting.items():
            table[weekday][hour] += qty
        return table

    def has_imported(self, source: str) -> bool:
        """True when a file of this SHA-256 has been imported."""
        return bool(self.db.execute("SELECT 1 FROM imported WHERE source = ?", (source,)).fetchone())

    def forecast(self, sku: str) -> Forecast | None:
        """The stored forecast of a SKU, if one was made."""
        row = self.db.execute(f"{STORED} WHERE sku = ?", (sku,)).fetchone()
        return _forecast(row) if row else None

    def forecasts(self) -> Iterator[Forecast]:
        """All stored forecasts in the order of SKUs."""
        for row in self.db.execute(f"{STORED} ORDER BY sku"):
            yield _forecast(row)

    def expected_to_sell(self) -> set[str]:
        """The SKUs whose stored forecast is more than nothing on some day."""
        rows = self.db.execute("SELECT sku FROM forecast WHERE trim(day_means, '0 ') <> ''")
        return {str(sku) for (sku,) in rows}


def _forecast(row: tuple[object, ...]) -> Forecast:
    sku, made_at, start_day, means, shares, phi, forecaster, model, mix = row
    numbers = [tuple(int(part) for part in str(text or "").split()) for text in (means, shares, mix)]
    return Forecast(
        sku=str(sku),
        made_at=int(str(made_at)),
        start_day=int(str(start_day)),
        day_means=numbers[0],
        hour_shares=numbers[1],
        phi_milli=int(str(phi)),
        forecaster=str(forecaster),
        model=str(model),
        mix=numbers[2],
    )


@dataclass(frozen=True)
class Rows:
    """Forecasts as they are kept: what they say, and what they were mixed of."""

    said: list[tuple[object, ...]]
    mixed: list[tuple[str, str]]


def rows_of(forecasts: Iterable[Forecast]) -> Rows:
    """Off the thread that writes."""
    known = list(forecasts)
    return Rows([_said(one) for one in known], [(one.sku, _numbers(one.mix)) for one in known])


def store(db: apsw.Connection, rows: Rows) -> None:
    """Keep these in place of what was kept of their SKUs."""
    db.executemany("REPLACE INTO forecast VALUES(?, ?, ?, ?, ?, ?, ?, ?)", rows.said)
    db.executemany("REPLACE INTO forecast_mix VALUES(?, ?)", rows.mixed)


def _said(one: Forecast) -> tuple[object, ...]:
    start = (one.sku, one.made_at, one.start_day, _numbers(one.day_means), _numbers(one.hour_shares))
    return (*start, one.phi_milli, one.forecaster, one.model)


def _numbers(some: Iterable[int]) -> str:
    return " ".join(map(str, some))
