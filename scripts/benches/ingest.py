"""Ingest on PostgreSQL through the real door, against a bare COPY of the same rows; and lines that are sent again."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from edge_agent.sync.batch import pack
from edge_agent.sync.http import LINES
from scripts.benches import Figure, median, pairs, ratio_of
from scripts.benches.journal import five_lines
from scripts.cloud_ import founded, server
from scripts.postgres_ import Postgres, postgres
from tests.cloud import Cloud, FakeTill

BATCH = 500
BATCHES = 20
ROUNDS = 5
TYPES = ("text", "text", "int8", "text", "text", "bytea", "bytea", "int8")
FILL = "COPY bare (tenant, journal, seq, id, kind, hash, line, received_at) FROM STDIN (FORMAT BINARY)"
BARE = """CREATE TABLE bare (tenant varchar(32), journal varchar(32), seq bigint, id varchar(16), kind varchar(64),
    hash bytea, line bytea, received_at bigint, PRIMARY KEY (tenant, journal, seq))"""


def measure(folder: Path) -> list[Figure]:
    """Two figures: events a second at batches of 500, each durable, signed and chained; and the same sent again."""
    with (
        postgres() as machine,
        founded(folder, machine.url(machine.new_database())) as (service, shop),
        server(folder, service.settings.database) as (url, _pid),
        _copying(machine) as copies,
    ):
        till = FakeTill(Cloud(url, service, shop, folder / "clock"))
        till.open()
        bare = partial(_copied, copies, till)
        _pushed(till), bare()
        first = pairs(lambda: _pushed(till), bare, rounds=ROUNDS)
        again = [(_again(till), ours) for ours, _ in first]
        till.close()
    return [
        _figure("ingest at 500 a batch, PostgreSQL", first, "COPY, commit a batch", 0.18, 0.25),
        _figure("the same batches sent again", again, "the first time", 3, 5),
    ]


def _figure(name: str, measured: list[tuple[float, float]], reference: str, bound: float, aim: float) -> Figure:
    ratio, spread = ratio_of(measured)
    value = median([ours for ours, _ in measured])
    return Figure(name, value, "ev/s", reference, ratio, bound, aim, spread, higher_is_better=True)


def _pushed(till: FakeTill) -> float:
    """Events a second of new batches, one after the other, each acknowledged; they are packed and signed before."""
    chance, first = random.Random(len(till.lines)), len(till.lines) + 1
    for number in range(BATCHES * BATCH):
        till.says("sale_completed", five_lines(chance).model_copy(update={"receipt": first + number}).model_dump())
    return _sent(till, first)


def _again(till: FakeTill) -> float:
    """The same for the batches that were sent last."""
    return _sent(till, len(till.lines) - BATCHES * BATCH + 1)


def _sent(till: FakeTill, first: int) -> float:
    packed = [_packed(till, seq) for seq in range(first, first + BATCHES * BATCH, BATCH)]
    began = time.perf_counter()
    for one in packed:
        answer = till.http.post("/v1/push", content=one, headers=dict(LINES))
        assert answer.status_code == 200, answer.text
    return BATCHES * BATCH / (time.perf_counter() - began)


def _packed(till: FakeTill, first: int) -> bytes:
    """A batch as a real till packs it."""
    lines, behind = till.lines[first - 1 : first + BATCH - 1], till.hashes[first - 1].hex()
    sign = till.keys().signed
    return pack(lines, journal=till.journal, session=till.session, first=first, behind=behind, sign=sign).body


@contextmanager
def _copying(machine: Postgres) -> Iterator[psycopg.Connection]:
    """A connection to a database that holds nothing but the bare table, with its key."""
    with machine.connect(machine.new_database()) as connection:
        connection.execute(BARE)
        connection.autocommit = False
        yield connection


def _copied(connection: psycopg.Connection, till: FakeTill) -> float:
    """Events a second when the rows of those batches are copied by the driver, commit by commit, and nothing else."""
    rows = [_row(till, seq) for seq in range(len(till.lines) - BATCHES * BATCH + 1, len(till.lines) + 1)]
    began = time.perf_counter()
    for start in range(0, len(rows), BATCH):
        with connection.cursor() as cursor, cursor.copy(FILL) as copy:
            copy.set_types(TYPES)
            for row in rows[start : start + BATCH]:
                copy.write_row(row)
        connection.commit()
    return len(rows) / (time.perf_counter() - began)


def _row(till: FakeTill, seq: int) -> tuple[str, str, int, str, str, bytes, bytes, int]:
    line, hash_ = till.lines[seq - 1], till.hashes[seq]
    return till.paired.tenant, till.journal, seq, f"{seq:016x}", "sale_completed", hash_, line, 0
