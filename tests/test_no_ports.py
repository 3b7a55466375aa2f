"""A till opens no port: nobody on the shop's network can speak to it, also while it sells, syncs and asks its model."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.tables.events import RawEvent
from edge_agent.commands import pair
from tests.cloud import Cloud, serving
from tests.paired import until, words
from tests.pty_rig import till
from tests.shop import open_journal, scripted_clock

PROC = Path("/proc")
HEARS = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
"""The state of a socket that waits for whoever comes."""
pytestmark = pytest.mark.skipif(not (PROC / "net" / "tcp").exists(), reason="reads the kernel's list of sockets")


def family(process: int) -> set[int]:
    """A process and all that came of it."""
    parents = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, more = set[int](), {process}
    while more:
        found |= more
        more = {one for one, parent in parents.items() if parent in found} - found
    return found


def opened(process: int) -> set[str]:
    """What its open files are; one that closes meanwhile is none."""
    found = set[str]()
    with suppress(OSError):
        for file in (PROC / f"{process}" / "fd").iterdir():
            with suppress(OSError):
                found.add(str(file.readlink()))
    return found


def heard_at(process: int) -> set[str]:
    """The addresses at which a process or one of its children can be spoken to from elsewhere, or from this machine."""
    held = {name for one in family(process) for name in opened(one)}
    found = set()
    for kind, waits in HEARS.items():
        for line in (PROC / "net" / kind).read_text().splitlines()[1:]:
            _number, at, _peer, state, *_rest = cells = line.split()
            if state == waits and f"socket:[{cells[9]}]" in held:
                found.add(f"{kind} {at}")
    return found


def came(cloud: Cloud) -> bool:
    with cloud.reading() as session:
        return session.exec(select(RawEvent.seq)).first() is not None


def test_a_paired_till_at_work_waits_for_nobody_at_any_port(tmp_path: Path) -> None:
    scripted_clock(tmp_path / "till")
    open_journal(tmp_path / "till").close()
    with serving(tmp_path) as cloud:
        assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
        with till(tmp_path / "till", works=True) as running:
            until(lambda: came(cloud), "the till sends what it wrote")
            assert heard_at(running.process.pid) == set()
        assert any(one.startswith("tcp ") for one in heard_at(os.getpid())), "the cloud of this test is heard"
