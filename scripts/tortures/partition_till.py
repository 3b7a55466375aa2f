"""The till at the end of a wire that is cut: a real process that sells while its shop is open, and syncs meanwhile."""

import random
import sys
import time
from pathlib import Path

from edge_agent.clock import SystemClock
from edge_agent.opening import open_till
from edge_agent.sync.loop import SyncLoop
from scripts.tortures.cashier import sell
from scripts.tortures.saying import say

OPEN = "open"
"""The file in the till's folder that says that the shop is open."""
PAUSE_S = 0.05


def main(folder: str, seed: str) -> None:
    """Sell whenever the shop is open; `begin open` and `end open` say when that is. Pauses are a real till's."""
    chance, data = random.Random(seed), Path(folder)
    till = open_till(data, SystemClock())
    codes = [code for item in till.reading.items() for code in item.codes[:1]]
    SyncLoop(till.journal, till.data, boot=till.boot, chance=random.Random(f"{seed}.pauses").random).start()
    say("ready")
    number = 0
    while True:
        if (data / OPEN).exists():
            say("begin", OPEN)
            while (data / OPEN).exists():
                number += 1
                sell(till, codes, chance, str(number))
                time.sleep(PAUSE_S * chance.random())
            say("end", OPEN)
        time.sleep(PAUSE_S / 5)


if __name__ == "__main__":
    main(*sys.argv[1:])
