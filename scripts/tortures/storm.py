"""Tills by the thousand come back at once, each with a day to tell: real server, PostgreSQL, none lost or doubled."""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import SQLModel

from cloud_sync.accounts.codes import digest
from cloud_sync.service import Service, stamp
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.house import Shop, Tenant
from scripts.cloud_ import founded, server
from scripts.postgres_ import Postgres, postgres
from scripts.tortures import Report
from scripts.tortures.spent import spent_s
from scripts.tortures.storm_tills import Enrolled, Told, journal_of
from scripts.venv_ import ROOT

SUMMARY = "Thousands of tills come back at once with 100 events each: spread, admitted by turns, none lost or doubled."
FULL = {"tills": 5_000}
SHORT = {"tills": 200}
EVENTS = 100
MOST_S, MOST_P99_S, MOST_MIB, MOST_TRIES = 45.0, 0.5, 256.0, 1.5
STORED = """SELECT count(*), count(DISTINCT (tenant, journal, id)), count(DISTINCT (tenant, journal)) FROM raw_event"""
OTHER = "SELECT count(*) FROM raw_event WHERE seq = %s AND NOT (line = %s AND hash = %s)"
HEADS = "SELECT count(*) FROM journal WHERE seq = %s AND hash = %s"


@dataclass(frozen=True)
class Verdict:
    """How many events are lost, doubled, or not as they were sent; how many journals do not end where they should."""

    lost: int
    doubled: int
    other: int
    heads: int

    @property
    def ok(self) -> bool:
        return not (self.lost or self.doubled or self.other or self.heads)


def run(folder: Path, *, seed: int, tills: int) -> Report:
    """The storm: 45 s at most, 99 of 100 requests within 500 ms, the server within 256 MiB, 1.5 tries a till."""
    with postgres({"max_connections": "100"}) as machine:
        name = machine.new_database()
        with founded(folder, machine.url(name)) as (service, _shop), server(folder, machine.url(name)) as (url, pid):
            enrolled = enrol(service, tills)
            spent = [_spent(pid, machine)]
            told = play(url, seed, enrolled, ready=lambda: spent.append(_spent(pid, machine)))
            peak = _peak_mib(pid)
            spent.append(_spent(pid, machine))
        with machine.connect(name) as connection:
            verdict = judge(connection, tills, EVENTS)
    took = sorted(told.took)
    p99, tries = took[len(took) * 99 // 100], 1 + (told.refused + told.failed) / tills
    # A small storm is over before a server is warm, on whatever else the machine does: what is stored judges it.
    quick = told.seconds <= MOST_S and p99 <= MOST_P99_S and peak <= MOST_MIB and tries <= MOST_TRIES
    lines = [
        f"{tills} tills with {EVENTS} events each in {told.seconds:.1f} s (<= {MOST_S:g}), over {told.spread_s} s",
        f"admitted requests {len(took)}, p50 {took[len(took) // 2] * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms (<= 500)",
        f"tries a till {tries:.2f} (<= {MOST_TRIES:g}): {told.refused} told to come later, {told.failed} cut off",
        f"server peak {peak:.0f} MiB (<= {MOST_MIB:g})",
        f"processor of the storm: {_told(spent[1], spent[2])}, tills {told.processor_s:.1f} s",
        f"processor of the first sessions before it: {_told(spent[0], spent[1])}",
        f"lost {verdict.lost}, doubled {verdict.doubled}, not as sent {verdict.other}, wrong heads {verdict.heads}",
    ]
    return Report(ok=verdict.ok and (quick or tills < FULL["tills"]), lines=lines)


def _spent(pid: int, machine: Postgres) -> dict[str, float]:
    """Processor seconds of the server and of PostgreSQL."""
    return {"server": spent_s(pid), "PostgreSQL": spent_s(machine.pid)}


def _told(before: dict[str, float], after: dict[str, float]) -> str:
    return ", ".join(f"{who} {after[who] - before[who]:.1f} s" for who in after)


def enrol(service: Service, tills: int) -> list[Enrolled]:
    """So many tenants with one shop and one till each, as if paired."""
    enrolled: list[Enrolled] = []
    rows: dict[type[SQLModel], list[SQLModel]] = {Tenant: [], Shop: [], Device: []}
    with service.database.service().writing() as session:
        audience = stamp(session, "audience")
        for number in range(tills):
            name, credential, key = f"{number:08x}", secrets.token_urlsafe(16), Ed25519PrivateKey.generate()
            shop = Shop(tenant=name, shop=name, name="Shop", zone="Europe/London", currency="GBP", made_at=0)
            device = Device(
                tenant=name,
                device=name,
                shop=name,
                till="Till",
                public_key=key.public_key().public_bytes_raw().hex(),
                credential_hash=digest(credential),
                paired_at=0,
            )
            for row in (Tenant(tenant=name, name="Tenant", made_at=0), shop, device):
                rows[type(row)].append(row)
            enrolled.append(Enrolled(f"{number:032x}", credential, name, audience, key.private_bytes_raw().hex()))
        for several in rows.values():
            session.add_all(several)
            session.flush()
    return enrolled


def play(
    url: str, seed: int, enrolled: list[Enrolled], events: int = EVENTS, ready: Callable[[], None] = lambda: None
) -> Told:
    """The storm of these tills, in a process of its own; `ready` is called just before it."""
    command = [sys.executable, "-m", "scripts.tortures.storm_tills", url, str(seed), str(events)]
    tills = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with tills:
        assert tills.stdin is not None, "it is a pipe"
        assert tills.stdout is not None, "it is a pipe"
        tills.stdin.writelines(json.dumps(one.__dict__) + "\n" for one in enrolled)
        tills.stdin.write("\n")
        tills.stdin.flush()
        if tills.stdout.readline():
            ready()
        said, wrong = tills.communicate("go\n")
    if tills.returncode:
        raise RuntimeError(f"the tills ended: {wrong}")
    return Told(**json.loads(said))


def _peak_mib(pid: int) -> float:
    """The most memory that the server ever held."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def judge(connection: "psycopg.Connection", tills: int, events: int) -> Verdict:
    """What the database holds against what the tills were told is safe."""
    lines, hashes = journal_of(events)
    stored, different, _journals = connection.execute(STORED).fetchone() or (0, 0, 0)
    other = 0
    for seq, line in enumerate(lines, 1):
        (wrong,) = connection.execute(OTHER, (seq, line, hashes[seq])).fetchone() or (0,)
        other += wrong
    (right,) = connection.execute(HEADS, (events, hashes[events])).fetchone() or (0,)
    return Verdict(max(0, tills * events - different), stored - different, other, tills - right)
