"""All tables; `PROJECTIONS` are those that are computed and can be made again, the rest is truth."""

from functools import cache

from sqlalchemy import make_url
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

from cloud_sync.database import Database
from cloud_sync.tables import (
    accounts,
    alerts,
    backups,
    cash,
    catalogue,
    drawer,
    events,
    figures,
    fleet,
    house,
    hubs,
    imports,
    news,
    orders,
    people,
    post,
    purchases,
    reservations,
    returns,
    stored,
)

PROJECTIONS: tuple[type[SQLModel], ...] = (
    figures.Position,
    figures.Stock,
    figures.StockByJournal,
    figures.Takings,
    figures.TakingsRate,
    figures.DemandDay,
    drawer.DrawerDay,
    drawer.Closing,
    stored.StoredBalance,
    returns.ReturnDay,
    returns.DepositDay,
    catalogue.Entry,
    catalogue.Change,
    orders.Order,
    orders.OrderLineRow,
    orders.OrderReceipt,
    fleet.TillModel,
)

TRUTH: tuple[type[SQLModel], ...] = (
    house.Stamp,
    house.Tenant,
    house.Shop,
    accounts.Owner,
    accounts.RecoveryCode,
    people.Deed,
    accounts.Device,
    accounts.Retired,
    events.JournalRow,
    events.RawEvent,
    events.Quarantine,
    events.FeedRow,
    events.OrderCommand,
    orders.Sending,
    post.Message,
    post.SupplierChannel,
    alerts.AlertRow,
    alerts.AlertChoice,
    alerts.AlertHook,
    alerts.AlertDigest,
    cash.CashEntry,
    purchases.PurchaseInvoice,
    purchases.PayoutRule,
    hubs.ShopPlace,
    hubs.Hub,
    hubs.HubStock,
    hubs.HubDayRow,
    hubs.HubOrder,
    hubs.HubCharge,
    reservations.Channel,
    reservations.Reservation,
    reservations.ReservedLineRow,
    imports.ImportFile,
    news.NewsRow,
    reservations.Market,
    reservations.DropPage,
    reservations.Waiting,
    backups.Backup,
    backups.Safe,
    backups.Answered,
    backups.Resumed,
    fleet.Candidate,
    fleet.PublishedModel,
)


def create_tables(database: Database) -> None:
    """Make them all in a scratch database; one that is kept gets them from `migrations`."""
    with database.engine.begin() as connection:
        for statement in _made_of(database.engine.url.drivername):
            connection.exec_driver_sql(statement)


@cache
def _made_of(driver: str) -> tuple[str, ...]:
    """What makes them, in a database's own words: written once a process."""
    words = make_url(f"{driver}://").get_dialect()()
    tables = SQLModel.metadata.sorted_tables
    made = [str(CreateTable(table).compile(dialect=words)) for table in tables]
    indexes = (index for table in tables for index in sorted(table.indexes, key=lambda one: str(one.name)))
    return (*made, *(str(CreateIndex(index).compile(dialect=words)) for index in indexes))


__all__ = ["PROJECTIONS", "TRUTH", "create_tables"]
