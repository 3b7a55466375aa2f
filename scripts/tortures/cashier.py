"""The victim: a real till process whose cashier sells without end, and says each sale only once it is paid."""

import random
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from edge_agent.clock import SystemClock
from edge_agent.devices.wires import TcpWire
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.sale import Tendered
from edge_agent.sync.http import Door
from edge_agent.sync.loop import SyncLoop
from scripts.tortures.saying import say, told

QUIET = "quiet"
"""The life of a till that sells nothing: what it holds must reach the cloud all the same."""
MOST_PAUSE_S = 0.02


def sell(till: OpenTill, codes: Sequence[str], chance: random.Random, token: str) -> None:
    """One sale of one to eight scans. The word `paid` follows the payment's future, as at the counter."""
    say("sell", token)
    for code in chance.choices(codes, k=chance.randint(1, 8)):
        till.selling.scan(code, 1000 * chance.choice((1, 1, 1, 2)))
    sale = till.selling.sale
    tender = Tendered(chance.choice(("cash", "card")), sale.total)
    paid = till.paying.pay(sale, [tender], by=token).result()
    till.selling.clear()
    say("paid", token, paid.receipt, paid.seq, paid.hash.hex())


def main(folder: str, life: str, seed: str) -> None:
    """Open the till of `folder`, sync and sell; now and then the model and the jobs start beside it as well."""
    chance = random.Random(int(seed))
    Door.push = told("upload", Door.push)  # type: ignore[method-assign]
    TcpWire.write = told("print", TcpWire.write)  # type: ignore[method-assign]
    till = open_till(Path(folder), SystemClock())
    if life == QUIET:
        _sync(till, chance)
        threading.Event().wait()
    codes = [code for item in till.reading.items() for code in item.codes[:1]]
    sell(till, codes, chance, f"{life}.0")
    _work(till, chance, whole=int(life) % 16 == 3)
    for number in range(1, 1_000_000):
        sell(till, codes, chance, f"{life}.{number}")
        if chance.random() < 0.1:
            told("decide", till.replenish.settled)(0.1)
        if chance.random() < 0.3:
            time.sleep(chance.uniform(0, 0.004))


def _work(till: OpenTill, chance: random.Random, *, whole: bool) -> None:
    """What goes on beside selling; `whole`: everything that a till does, else orders and sync."""
    if whole:
        threading.Thread(target=till.start_work, daemon=True).start()
        return
    till.replenish.start()
    _sync(till, chance)


def _sync(till: OpenTill, chance: random.Random) -> None:
    """As the till does, with short pauses after a failure: a life is over before a real one has passed."""
    SyncLoop(till.journal, till.data, boot=till.boot, chance=lambda: MOST_PAUSE_S * chance.random()).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
