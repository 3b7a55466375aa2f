"""The victim of the power cuts: a real till that sells, takes the feed and decides; what it says follows the disk."""

import os
import random
import re
import sys
from pathlib import Path

from edge_agent.clock import FileClock
from edge_agent.journal import writer
from edge_agent.opening import open_till
from edge_agent.rules.sale import Tendered
from edge_agent.wire.messages import FeedEntry
from tests.shop import BREAD, CAST, CHOCOLATE, MILK, TUESDAY_14, item, record

MORE = [item(f"sku{number}", f"Item {number}", 100 + number, 2000, f"0500000000{number:03d}") for number in range(24)]
CODES = [one.codes[0] for one in (MILK, BREAD, CHOCOLATE, *MORE)]
SETTINGS = '[printer]\nmodel = "generic-80mm"\nwire = "file"\naddress = "{paper}"\n'


def say(*words: object) -> None:
    """One line, in one write."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def set_journal(synchronous: str, page: int, checkpoint: int) -> None:
    """The journal's own settings with these in their place."""
    for name, value in (("synchronous", synchronous), ("page_size", str(page))):
        fresh, times = re.subn(rf"{name}=\w+", f"{name}={value}", writer.PRAGMAS)  # type: ignore[attr-defined]
        assert times == 1, f"the journal says nothing of {name}"
        writer.PRAGMAS = fresh  # type: ignore[attr-defined]
    writer.LOG_PAGES = checkpoint


def stock(data: Path) -> None:
    """The shop before it sells; recorded by nobody."""
    data.mkdir(parents=True)
    (data / "settings.toml").write_text(SETTINGS.format(paper=data.parent / "paper"), encoding="utf-8")
    clock = FileClock(data.parent / "clock")
    clock.set(TUESDAY_14)
    till = open_till(data, clock)
    record(till.journal, *CAST, *MORE)
    till.close()


def sell(data: Path, sales: int, chance: random.Random) -> None:
    """A day in short: sales, prices from the feed, decisions beside them."""
    till = open_till(data, FileClock(data.parent / "clock"))
    till.replenish.start()
    cursor = till.reading.mark().feed
    for number in range(sales):
        for code in chance.choices(CODES, k=chance.randint(1, 6)):
            till.selling.scan(code, 1000)
        sale = till.selling.sale
        paid = till.paying.pay(sale, [Tendered("cash", sale.total)], by=f"{number}").result()
        till.selling.clear()
        say("paid", paid.seq, paid.hash.hex())
        if number % 7 == 6:
            entries = [entry(cursor + place, chance) for place in (1, 2)]
            cursor = till.journal.take_feed("g1", entries).result()
            say("fed", cursor)
        if chance.random() < 0.1:
            till.replenish.settled(0.1)
    till.close()


def entry(cursor: int, chance: random.Random) -> FeedEntry:
    """A price from the cloud."""
    dearer = chance.choice(MORE).model_copy(update={"price": chance.randint(100, 900)})
    return FeedEntry(cursor=cursor, kind="item_set", v=1, at=TUESDAY_14, body=dearer.model_dump())


def main(do: str, data: str, synchronous: str, page: str, checkpoint: str, sales: str, seed: str) -> None:
    """`stock` or `sell` in the folder, with the journal set so."""
    set_journal(synchronous, int(page), int(checkpoint))
    if do == "stock":
        stock(Path(data))
    else:
        sell(Path(data), int(sales), random.Random(int(seed)))


if __name__ == "__main__":
    main(*sys.argv[1:])
