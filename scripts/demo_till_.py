"""The demo with its screen: everything is made once in `demo-data`, then the till opens in this terminal."""

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path

from scripts.demo_shop.moved import moved_receipts
from scripts.house_ import OWNER, House, shop_settings


def with_screen(folder: Path) -> int:
    """Make or find the demo's house, tell the owner's address and password, open the till; 0 when it is left."""
    house = House(folder, None)
    note = folder / "owner.json"
    if note.exists():
        kept = json.loads(note.read_text(encoding="utf-8"))
        house.use_port(int(kept["port"]))
        house.password = str(kept["password"])
        house.command("cloud_sync", "migrate")
        house.cloud_up()
    else:
        _make(house, note)
    print(f"\nThe owner's page: {house.url}\n  sign in as {OWNER} with the one-time password {house.password}")
    print(f"Codes to scan stand in {Path('scripts/demo_shop/items.csv')}; type one and press Enter.")
    print("F1 shows all keys. Leave the till by its menu: 00, Enter.\n")
    try:
        input("Enter opens the till. ")
        return subprocess.call(house.line("edge_agent", "till"), env=house.environment())
    except (EOFError, KeyboardInterrupt):
        return 0
    finally:
        house.close()


def _make(house: House, note: Path) -> None:
    print("making the demo shop with twelve months of real sales ...", flush=True)
    yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011 - the demo lives on this machine's day
    house.found_cloud()
    house.stock_the_shop(moved_receipts(yesterday), shop_settings('[till]\nname = "Till 1"\nstaff = "Ana"'))
    house.pair()
    note.write_text(json.dumps({"port": house.port, "password": house.password}), encoding="utf-8")
