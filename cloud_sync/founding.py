"""Founding a cloud: its database, the stamp of it, and the first tenants and shops."""

import secrets
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from cloud_sync.database import Database, open_database
from cloud_sync.migrations import Moved, has_tables, migrate, refuse_other
from cloud_sync.migrations.wall import let_serve
from cloud_sync.published import announce
from cloud_sync.service import stamp
from cloud_sync.settings import Settings
from cloud_sync.signing import ensure_key
from cloud_sync.tables.house import Shop, Stamp, Tenant
from edge_agent.errors import BadInput, Broken, NotKnown
from edge_agent.rules.text import clean_name

DECIMALS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3, "TND": 3}


@dataclass(frozen=True)
class NewShop:
    """A shop to be made: its name, IANA zone and ISO currency."""

    name: str
    zone: str
    currency: str


def found(settings: Settings, shop: NewShop, *, now: int) -> Shop:
    """Make folder, database and shop; a database that is there is kept and gets one more shop. BadInput if off."""
    checked = _checked(shop)
    settings.data.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.owner_url).service()
    try:
        _with_tables(database, settings)
        with database.writing() as session:
            _stamped(session)
            ensure_key(session, settings.data)
            tenant = _tenant(session, checked.name, now)
            return _shop(session, tenant, checked, now)
    finally:
        database.close()


def opened(settings: Settings, url: str = "") -> Database:
    """The database of a founded cloud, for the service's own work, by `url` if it is reached by another role; NotKnown
    when there is none, Broken when it is not at our newest revision."""
    refuse_missing(settings)
    database = open_database(url or settings.database_url).service()
    try:
        with database.reading() as session:
            refuse_other(session.connection())
            stamp(session, "generation")
    except SQLAlchemyError as error:
        database.close()
        raise Broken(f"{settings.database_url.split('@')[-1]} holds no cloud; make it with cloud-sync init") from error
    except Broken:
        database.close()
        raise
    return database


def refuse_missing(settings: Settings) -> None:
    """NotKnown when no cloud was made in the folder; whether one is behind a URL shows when it is opened."""
    if not settings.database and not (settings.data / "cloud.db").exists():
        raise NotKnown(f"there is no cloud in {settings.data}; make it with cloud-sync init")


def _with_tables(database: Database, settings: Settings) -> None:
    """A new database gets its tables; one that is there must be as this program needs it."""
    with database.engine.connect() as connection:
        there = has_tables(connection)
        if there:
            refuse_other(connection)
    if not there:
        migrate_for(settings, database)


def migrate_for(settings: Settings, database: Database, to: str = "") -> Moved:
    """Move the tables as their owner, and let the role that serves at those that are new."""
    moved = migrate(database, to)
    if settings.database_owner:
        with database.engine.begin() as connection:
            let_serve(connection, settings.database)
    return moved


def shop_named(session: Session, name: str = "") -> Shop:
    """The shop of that name or id, or the only one; NotKnown lists what there is."""
    shops = session.exec(select(Shop)).all()
    fits = [shop for shop in shops if name in ("", shop.name, shop.shop)]
    if len(fits) != 1:
        there = ", ".join(sorted(shop.name for shop in shops)) or "none"
        raise NotKnown(f"name one shop with --shop; there are: {there}")
    return fits[0]


def _checked(shop: NewShop) -> NewShop:
    name = clean_name(shop.name)
    if not name:
        raise BadInput("--shop: the shop needs a name")
    try:
        ZoneInfo(shop.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"--zone: there is no time zone {shop.zone!r}; an example is Europe/London") from error
    if len(shop.currency) != 3 or not (shop.currency.isascii() and shop.currency.isupper()):
        raise BadInput(f"--currency: {shop.currency!r} is no ISO code; an example is GBP")
    return NewShop(name, shop.zone, shop.currency)


def _stamped(session: Session) -> None:
    for name, value in (("generation", secrets.token_hex(8)), ("audience", secrets.token_hex(16))):
        if session.get(Stamp, name) is None:
            session.add(Stamp(name=name, value=value))


def _tenant(session: Session, name: str, now: int) -> Tenant:
    """The one tenant of this installation, made with its first shop."""
    tenant = session.exec(select(Tenant)).first() or Tenant(tenant=secrets.token_hex(8), name=name, made_at=now)
    session.add(tenant)
    session.flush()
    return tenant


def _shop(session: Session, tenant: Tenant, shop: NewShop, now: int) -> Shop:
    if session.exec(select(Shop).where(Shop.tenant == tenant.tenant, Shop.name == shop.name)).first():
        raise BadInput(f"--shop: {shop.name} is there already")
    row = Shop(
        tenant=tenant.tenant,
        shop=secrets.token_hex(8),
        name=shop.name,
        zone=shop.zone,
        currency=shop.currency,
        decimals=DECIMALS.get(shop.currency, 2),
        made_at=now,
    )
    session.add(row)
    session.flush()
    announce(session, row, None, now)
    return row
