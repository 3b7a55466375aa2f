"""Takes pictures of every room: owner's pages in each state, the till's screens, a receipt. `pictures.py FOLDER`."""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.browser_ import browser
from scripts.owner_pictures_ import owner_pages
from scripts.venv_ import enter

PHONE = (390, 844)
ROOMS = ("owner", "till", "receipt", "report")


def main() -> int:
    """The exit code: 0 when every room that was asked for has its pictures."""
    enter()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the PNG files go; made if it is not there")
    parser.add_argument("--only", choices=ROOMS, help="one room alone")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    rooms: dict[str, Callable[[Path], None]] = {
        "owner": owner_pages,
        "till": till_screens,
        "receipt": receipt,
        "report": report,
    }
    for name, take in rooms.items():
        if asked.only in (None, name):
            take(asked.folder)
    print("\n".join(str(file) for file in sorted(asked.folder.glob("*.png"))))
    return 0


def till_screens(folder: Path) -> None:
    """The real till on a terminal of 80x24 and of 120x40: selling, to pay, paid."""
    from scripts.paint_ import screen_of, terminal
    from tests.pty_rig import ENTER, Terminal, till
    from tests.screen import ORDER, decided, stocked
    from tests.test_till_screens import sell_three

    def take(running: Terminal, name: str, columns: int, rows: int) -> None:
        time.sleep(0.3)
        terminal(screen_of(bytes(running.raw), columns, rows), folder / f"till_{name}_{columns}x{rows}.png")

    for columns, rows in ((80, 24), (120, 40)):
        with tempfile.TemporaryDirectory() as place:
            shop = stocked(Path(place), decided(*ORDER))
            with till(shop, columns=columns, rows=rows) as running:
                sell_three(running)
                take(running, "sale", columns, rows)
                running.keys(ENTER)
                running.wait("due")
                take(running, "pay", columns, rows)
                running.keys("*")
                running.wait("CHANGE")
                take(running, "paid", columns, rows)


def receipt(folder: Path) -> None:
    """A receipt as the independent printer simulator prints it."""
    from edge_agent.rules.receipt import render
    from scripts.paint_ import framed
    from tests.emupos import emupos
    from tests.receipts import RECEIPT, T20

    with tempfile.TemporaryDirectory() as place, emupos(Path(place)) as printer:
        with socket.create_connection(("127.0.0.1", printer.port)) as wire:
            wire.sendall(render(RECEIPT, T20))
        printer.wait_for(1)
        framed(next(printer.folder.rglob("*.png")), folder / "receipt.png")


def report(folder: Path) -> None:
    """The owner's report of a back-test on the demo shop's sales, at a desk and on a phone in the dark."""
    from edge_agent.commands import main as edge_agent
    from scripts.venv_ import ROOT

    shop = ROOT / "scripts" / "demo_shop"
    with tempfile.TemporaryDirectory() as place, browser() as tab:
        page = Path(place) / "report.html"
        words = [str(shop / "receipts.csv.gz"), "--items", str(shop / "items.csv"), "--skus", "12"]
        edge_agent(["backtest", *words, "--report", str(page)])
        for name, size, dark in (("desk", (900, 800), False), ("phone", PHONE, True)):
            tab.screen(*size, dark=dark, scale=1)
            tab.go(page.as_uri())
            tab.picture(folder / f"report_{name}.png", whole=True)


if __name__ == "__main__":
    sys.exit(main())
