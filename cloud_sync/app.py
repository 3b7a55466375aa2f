"""The service put together: `create_app(settings, clock)`; nothing happens at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from cloud_sync import health, owners, tills
from cloud_sync.clock import Clock
from cloud_sync.database import open_database
from cloud_sync.ingest.body import BodyLimit
from cloud_sync.ingest.worker import Projector
from cloud_sync.pages.site import register
from cloud_sync.service import Service
from cloud_sync.settings import Settings


def create_app(settings: Settings, clock: Clock) -> FastAPI:
    """The application; its projector runs from start to end. The database must exist (`cloud-sync init`).

    Rooms find the service at `request.app.state.service` (see `service_of`). No schema or docs page is public.
    """
    database = open_database(settings.database_url)
    projector = Projector(database, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        projector.start()
        yield
        projector.stop()
        database.close()

    app = FastAPI(title="Dropshelf", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = Service(settings, clock, database, projector.wake)
    app.state.projector = projector
    for room in (health, tills, owners):
        app.include_router(room.router)
    app.add_middleware(BodyLimit)
    register(app)
    return app
