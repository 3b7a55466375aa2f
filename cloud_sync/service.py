"""What every door of the service needs: settings, clock, database, and the bell that wakes the counting."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from fastapi import Request
from sqlmodel import Session

from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.ingest.gate import Gate
from cloud_sync.settings import Settings
from cloud_sync.tables.house import Stamp
from edge_agent.errors import Broken


@dataclass(frozen=True)
class Service:
    """One running cloud. `came_in` tells the projector that lines of a tenant's journal came in; it returns at once.
    `gate` counts the tills."""

    settings: Settings
    clock: Clock
    database: Database
    came_in: Callable[[str, str], None]
    gate: Gate = field(default_factory=Gate)

    @cached_property
    def audience(self) -> str:
        """What signatures name as this cloud; it never changes, a restored one has it too."""
        with self.database.reading() as session:
            return stamp(session, "audience")


def service_of(request: Request) -> Service:
    """The service behind a request (`create_app` puts it there); its database is about the rows of the tenant that the
    door has let in, and of nobody before."""
    service = request.app.state.service
    assert isinstance(service, Service)
    tenant = getattr(request.state, "tenant", "")
    return replace(service, database=service.database.of(tenant)) if tenant else service


def let_in(request: Request, tenant: str) -> None:
    """The door says whose request it is; from here on it sees that tenant's rows alone."""
    request.state.tenant = tenant


def address_of(request: Request) -> str:
    """Where a request comes from, for the rate limits."""
    return request.client.host if request.client else "unknown"


def stamp(session: Session, name: str) -> str:
    """What the database says of itself (`generation`, `audience`)."""
    row = session.get(Stamp, name)
    if row is None:
        raise Broken(f"the database has no {name}; make it with cloud-sync init")
    return row.value
