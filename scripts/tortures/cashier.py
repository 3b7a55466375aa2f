"""The victim: a real till process whose cashier sells without end, and says each sale only once it is paid."""

import os
import random
import sys
import threading
import time
from pathlib import Path

from edge_agent.clock import SystemClock
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.sale import Tendered


def say(*words: object) -> None:
    """One line straight to the judge's pipe: what was written stays there when this process is killed."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def sell(till: OpenTill, codes: list[str], chance: random.Random, token: str) -> None:
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
    """Open the till of `folder` and sell; in every fourth life sync, jobs and the model start beside it as well."""
    chance = random.Random(int(seed))
    till = open_till(Path(folder), SystemClock())
    codes = [code for item in till.reading.items() for code in item.codes[:1]]
    sell(till, codes, chance, f"{life}.0")
    if int(life) % 4 == 3:
        threading.Thread(target=till.start_work, daemon=True).start()
    else:
        till.replenish.start()
    for number in range(1, 1_000_000):
        sell(till, codes, chance, f"{life}.{number}")
        if chance.random() < 0.15:
            say("deciding")
            till.replenish.settled(0.1)
            say("decided")
        if chance.random() < 0.3:
            time.sleep(chance.uniform(0, 0.004))


if __name__ == "__main__":
    main(*sys.argv[1:])
