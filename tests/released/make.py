"""Writes the data folders of today's program into tests/released/VERSION, once, at a release; never edited after that.

python -m tests.released.make VERSION
"""

import gzip
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from cloud_sync.migrations import at_revision
from edge_agent.commands import pair
from edge_agent.journal.log import Journal
from edge_agent.wire.envelope import Contract, event_of
from edge_agent.wire.events import body_class
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.cloud import Cloud, proposal, serving
from tests.growing_shop import history
from tests.paired import a_loop, reopened, until, words
from tests.released.expected import Expected
from tests.shop import open_journal, record, scripted_clock, sold

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "wire" / "v1"
KEPT = ("shift_opened", "sale_held", "signal_recorded", "local_event_added", "lost_demand_noted", "model_refused")


def golden(kind: str) -> Contract:
    """The body of a golden line."""
    event = event_of((GOLDEN / f"{kind}.json").read_bytes().rstrip(b"\n"))
    model = body_class(event.kind, event.v)
    assert model is not None
    return model.model_validate(event.body)


def lives(journal: Journal) -> None:
    """What a shop does in a day: counts, sells, decides, is told of events; a shift stays open and a sale held."""
    counted = tuple(CountedLine(sku=sku, counted=30_000, expected=0) for sku in ("milk", "bread"))
    record(journal, *history(20), StockCounted(lines=counted, saw={}), *map(golden, KEPT))
    record(journal, *[sold(number, "milk", "bread") for number in range(1, 8)])
    record(journal, ReorderDecided.model_validate(proposal()))


def made(folder: Path, cloud: Cloud) -> Expected:
    """A till that has sent its day, and then sold three times without the cloud."""
    open_journal(folder / "till").close()
    assert pair.run(words(folder, cloud.url, cloud.code())) == 0
    journal = reopened(folder)
    lives(journal)
    loop = a_loop(folder, journal)
    loop.start()
    until(lambda: loop.state().online and loop.state().waiting == 0, f"{loop.state()}")
    loop.stop()
    cloud.count()
    record(journal, *[sold(number, "choc") for number in range(8, 11)])
    with journal.reading() as memory, cloud.database.engine.connect() as connection:
        head, received = memory.head(), memory.mark().received
        found = Expected(
            journal.id, head.seq, head.hash.hex(), received, memory.next_receipt(), at_revision(connection)
        )
    journal.close()
    return found


def packed(source: Path, target: Path) -> None:
    """Compressed, the same bytes for the same file."""
    target.write_bytes(gzip.compress(source.read_bytes(), mtime=0))


def main(version: str) -> int:
    """Write them; a version that is there is left alone."""
    target = HERE / version
    target.mkdir()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["DROPSHELF_CLOCK"] = str(scripted_clock(folder / "till").path)
        with serving(folder) as cloud:
            expected = made(folder, cloud)
        packed(folder / "till" / "data" / "journal.db", target / "journal.db.gz")
        with closing(sqlite3.connect(folder / "cloud" / "cloud.db")) as whole:
            whole.execute("VACUUM INTO ?", (str(folder / "whole.db"),))
        packed(folder / "whole.db", target / "cloud.db.gz")
        shutil.copyfile(folder / "till" / "data" / "marker", target / "marker")
    (target / "expected.json").write_text(json.dumps(asdict(expected), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
