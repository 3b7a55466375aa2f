"""The service put together: `create_app(settings, clock)`; nothing happens at import."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from cloud_sync import health, market_door, owners, owners_signals, tills
from cloud_sync.alerts.herald import Herald
from cloud_sync.cash_rooms import CashRooms
from cloud_sync.clock import Clock
from cloud_sync.database import open_database
from cloud_sync.doors import Doors
from cloud_sync.ingest.body import BodyLimit
from cloud_sync.ingest.gate import Admission, Gate
from cloud_sync.ingest.worker import Projector
from cloud_sync.lapsing import Lapsing
from cloud_sync.news.courier import Courier
from cloud_sync.pages.kept_fresh import Fresh
from cloud_sync.pages.live import Watch
from cloud_sync.pages.site import register
from cloud_sync.post.ways import ways_of
from cloud_sync.post.worker import Postman
from cloud_sync.rounds import Rounds
from cloud_sync.service import Service
from cloud_sync.settings import Settings


def create_app(settings: Settings, clock: Clock) -> FastAPI:
    """The application; its threads run from start to end. The database must exist already.

    Rooms find the service at `request.app.state.service` (see `service_of`). No schema or docs page is public.
    """
    database = open_database(settings.database_url)
    gate = Gate(settings.pushes_at_once, settings.tills_per_s)
    projector = Projector(database, clock, gate=gate)
    ways = ways_of(settings)
    postman = Postman(database, clock, ways, secrets.token_hex(8))
    herald = Herald(database, clock, ways, gate=gate)
    lapsing = Lapsing(database, clock, ways, settings)
    rooms = CashRooms(database, clock, gate=gate)
    courier = Courier(database, clock, ways)
    watch = Watch(database)
    threads: tuple[Rounds, ...] = (projector, postman, herald, lapsing, rooms, courier, watch)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        for one in threads:
            one.start()
        yield
        for one in reversed(threads):
            one.stop()
        database.close()

    app = FastAPI(title="Dropshelf", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = Service(settings, clock, database, projector.came_in, gate)
    app.state.projector = projector
    app.state.postman = postman
    app.state.herald = herald
    app.state.courier = courier
    app.state.watch = watch
    app.state.lapsing = lapsing
    app.state.fresh = Fresh()
    for room in (health, tills, owners, owners_signals, market_door):
        app.include_router(room.router)
    app.add_middleware(Doors, doors=tills.KNOCKED_AT)
    app.add_middleware(BodyLimit)
    # Added last, asked first: who is not admitted is answered before a byte of the body is read.
    app.add_middleware(Admission, gate=gate)
    register(app)
    return app
