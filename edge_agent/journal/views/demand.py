"""View: what was sold, by SKU and business day, and by weekday and hour over the whole shop: the forecast's food."""

from collections.abc import Iterator
from datetime import date, timedelta

import apsw

from edge_agent.rules.day import HOUR_MS, local
from edge_agent.rules.forecast import Forecast
from edge_agent.wire.envelope import Contract, Event
from edge_agent.wire.events.catalogue import HistoryImported, ShopSet
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS demand_day(
    sku TEXT NOT NULL, day INTEGER NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(sku, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS demand_hour(
    weekday INTEGER NOT NULL, hour INTEGER NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(weekday, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS imported(source TEXT NOT NULL, part INTEGER NOT NULL, PRIMARY KEY(source, part))
STRICT, WITHOUT ROWID;
"""
TABLES = ("demand_day", "demand_hour", "imported")

DAY = "INSERT INTO demand_day VALUES(?, ?, ?) ON CONFLICT(sku, day) DO UPDATE SET qty = qty + excluded.qty"
HOUR = "INSERT INTO demand_hour VALUES(?, ?, ?) ON CONFLICT(weekday, hour) DO UPDATE SET qty = qty + excluded.qty"


def apply(db: apsw.Connection, event: Event, body: Contract) -> None:
    match body:
        case SaleCompleted():
            zone, _ = _zone(db)
            when = local(event.at, zone)
            db.executemany(DAY, [(line.sku, body.day, line.qty) for line in body.lines])
            db.execute(HOUR, (when.weekday(), when.hour, sum(line.qty for line in body.lines)))
        case HistoryImported():
            _import(db, body)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """Demand has one author: the shop."""


def _zone(db: apsw.Connection) -> tuple[str, int]:
    row = db.execute("SELECT body FROM shop").fetchone()
    if not row:
        return "UTC", 0
    shop = ShopSet.model_validate_json(row[0])
    return shop.zone, shop.day_closes


def _import(db: apsw.Connection, body: HistoryImported) -> None:
    if db.execute("SELECT 1 FROM imported WHERE source = ? AND part = ?", (body.source, body.part)).fetchone():
        return
    db.execute("INSERT INTO imported VALUES(?, ?)", (body.source, body.part))
    zone, closes = _zone(db)
    places: dict[int, tuple[int, int, int]] = {}
    for hour in {hour for hour, _, _ in body.rows}:
        when = local(hour * HOUR_MS, zone)
        shifted = when if body.daily else when - timedelta(minutes=closes)
        places[hour] = (date.toordinal(shifted.date()), when.weekday(), when.hour)
    db.executemany(DAY, [(sku, places[hour][0], qty) for hour, sku, qty in body.rows])
    if not body.daily:
        db.executemany(HOUR, [(*places[hour][1:], qty) for hour, _, qty in body.rows])


class DemandReads:
    """What is asked of the sales history and of the stored forecasts."""

    db: apsw.Connection

    def demand_days(self, sku: str, first_day: int = 0) -> list[tuple[int, int]]:
        """(ordinal business day, milli-units) in order of days; days without a sale have no row."""
        sql = "SELECT day, qty FROM demand_day WHERE sku = ? AND day >= ? ORDER BY day"
        return [(int(day), int(qty)) for day, qty in self.db.execute(sql, (sku, first_day))]

    def all_demand_days(self, first_day: int = 0) -> Iterator[tuple[str, int, int]]:
        """(sku, ordinal business day, milli-units) in order of SKU and day."""
        sql = "SELECT sku, day, qty FROM demand_day WHERE day >= ? ORDER BY sku, day"
        for sku, day, qty in self.db.execute(sql, (first_day,)):
            yield str(sku), int(day), int(qty)

    def hour_profile(self) -> list[list[int]]:
        """`[weekday][hour]` milli-units sold over the whole shop (Monday first)."""
        table = [[0] * 24 for _ in range(7)]
        for weekday, hour, qty in self.db.execute("SELECT weekday, hour, qty FROM demand_hour"):
            table[weekday][hour] = qty
        return table

    def has_imported(self, source: str) -> bool:
        """True when a file of this SHA-256 has been imported."""
        return bool(self.db.execute("SELECT 1 FROM imported WHERE source = ?", (source,)).fetchone())

    def forecast(self, sku: str) -> Forecast | None:
        """The stored forecast of a SKU, if one was made."""
        row = self.db.execute("SELECT * FROM forecast WHERE sku = ?", (sku,)).fetchone()
        return _forecast(row) if row else None

    def forecasts(self) -> Iterator[Forecast]:
        """All stored forecasts in the order of SKUs."""
        for row in self.db.execute("SELECT * FROM forecast ORDER BY sku"):
            yield _forecast(row)


def _forecast(row: tuple[object, ...]) -> Forecast:
    sku, made_at, start_day, means, shares, phi, forecaster, model = row
    numbers = [tuple(int(part) for part in str(text).split()) for text in (means, shares)]
    return Forecast(
        sku=str(sku),
        made_at=int(str(made_at)),
        start_day=int(str(start_day)),
        day_means=numbers[0],
        hour_shares=numbers[1],
        phi_milli=int(str(phi)),
        forecaster=str(forecaster),
        model=str(model),
    )


STORE = "REPLACE INTO forecast VALUES(?, ?, ?, ?, ?, ?, ?, ?)"


def stored(forecast: Forecast) -> tuple[object, ...]:
    """The row of a forecast."""
    means = " ".join(map(str, forecast.day_means))
    shares = " ".join(map(str, forecast.hour_shares))
    start = (forecast.sku, forecast.made_at, forecast.start_day, means, shares)
    return (*start, forecast.phi_milli, forecast.forecaster, forecast.model)
