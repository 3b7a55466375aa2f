"""Takes pictures of every room: the owner's page on a phone, the till's screens, a receipt. `pictures.py FOLDER`."""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.browser_ import Browser, browser
from scripts.venv_ import enter

PHONE, SMALL, DESK = (390, 844), (320, 640), (1280, 800)
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


def owner_pages(folder: Path) -> None:
    """On a phone, light and dark: sign-in, today, an order. Today also small, at a desk, and with a till away."""
    from tests.owner_shop import Scene, at_work

    def take(tab: Browser, scene: Scene, *, dark: bool) -> None:
        look = "dark" if dark else "light"
        tab.screen(*PHONE, dark=dark)
        for name, path in {"today": "/", "order": f"/orders/{scene.order('north').order}"}.items():
            tab.go(scene.cloud.url + path)
            tab.picture(folder / f"owner_{name}_{look}.png")
        tab.go(f"{scene.cloud.url}/orders/{scene.order('north').order}")
        tab.says("document.querySelector('.line details').open = true")
        tab.says("document.querySelector('.line details').scrollIntoView()")
        tab.picture(folder / f"owner_order_why_{look}.png")

    def sign_in(tab: Browser, scene: Scene) -> None:
        with scene.owner() as owner:
            tab.cookie(scene.cloud.url, "dropshelf", owner.cookies["dropshelf"])

    with tempfile.TemporaryDirectory() as place, browser() as tab:
        with at_work(Path(place) / "well", away=False) as scene:
            tab.screen(*PHONE)
            tab.go(scene.cloud.url + "/sign-in")
            tab.picture(folder / "owner_sign_in_light.png")
            sign_in(tab, scene)
            for dark in (False, True):
                take(tab, scene, dark=dark)
            for name, size in (("small", SMALL), ("desk", DESK)):
                tab.screen(*size)
                tab.go(scene.cloud.url + "/")
                tab.picture(folder / f"owner_today_{name}.png")
        with at_work(Path(place) / "away") as scene:
            tab.screen(*PHONE)
            sign_in(tab, scene)
            tab.go(scene.cloud.url + "/")
            tab.picture(folder / "owner_today_till_away.png")


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
