"""All tables; `PROJECTIONS` are those that are computed and can be made again, the rest is truth."""

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
    SQLModel.metadata.create_all(database.engine)


__all__ = ["PROJECTIONS", "TRUTH", "create_tables"]
