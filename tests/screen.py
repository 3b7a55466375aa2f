"""Golden screens: what a person sees at the till, kept as text files; UPDATE_SCREENS=1 writes them anew."""

import os
from pathlib import Path

from edge_agent.rules.forecast import Forecast
from edge_agent.rules.order import Heading, proposal
from edge_agent.rules.plan import OpeningHours
from edge_agent.rules.reorder import Policy, Snapshot, Terms, decide
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.shelf import LONDON, at
from tests.shop import BREAD, CHOCOLATE, MILK, SHOP, TUESDAY_14, open_journal

ITEMS = tuple(item.model_copy(update={"supplier": "Northside"}) for item in (MILK, BREAD, CHOCOLATE))
"""Their supplier has no calendar here: the till decides nothing by itself, and what is shown is what was recorded."""
SCREENS = Path(__file__).parent / "screens"
SETTINGS = """[shop]
name = "Corner Shop"
address = ["1 High Street", "Hastings"]
vat_number = "GB 123 4567 89"
receipt_words = ["Thank you"]
mon = "09:00-19:00"
tue = "09:00-19:00"
wed = "09:00-19:00"
thu = "09:00-19:00"
fri = "09:00-19:00"
sat = "09:00-19:00"
sun = "10:00-16:00"

[till]
name = "Till 1"
staff = "Ana"
"""


def matches(screen: str, name: str) -> None:
    """The screen is the golden file's, cell for cell."""
    file = SCREENS / f"{name}.txt"
    if os.environ.get("UPDATE_SCREENS") == "1":
        file.write_text(screen, encoding="utf-8")
    assert screen == file.read_text(encoding="utf-8"), f"tests/screens/{file.name}: UPDATE_SCREENS=1 writes it anew"


def stocked(folder: Path, *more: ReorderDecided, settings: str = SETTINGS) -> Path:
    """A shop in `folder` with the cast, settings, counted stock and the given orders; no till is open."""
    journal = open_journal(folder, (SHOP, *ITEMS, _counted(), *more))
    journal.close()
    (folder / "data" / "settings.toml").write_text(settings, encoding="utf-8")
    return folder


def _counted() -> StockCounted:
    shelf = (("milk", 18_000), ("bread", 9_000), ("choc", 31_000))
    return StockCounted(lines=tuple(CountedLine(sku=sku, counted=qty, expected=0) for sku, qty in shelf), saw={})


def decided(*selling: tuple[str, int, int, int]) -> ReorderDecided:
    """An order to Northside as the device decides it on Tuesday; of each SKU: price, on hand, a day's mean."""
    policy = Policy(OpeningHours(LONDON, SHOP.hours), floor=SHOP.reorder_floor)
    moment = at("2026-03-03T14:00")
    found = [
        decide(
            Snapshot(sku, on_hand, counted=True, terms=Terms(6_000, price * 6 * 7 // 10, price, 0)),
            policy,
            Forecast(sku, TUESDAY_14, 739_678, (mean,) * 21, (*[0] * 9, *[1000] * 10, *[0] * 5), 1400, "base", ""),
            moment,
        )
        for sku, price, on_hand, mean in selling
    ]
    return proposal(found, policy, moment, Heading("shop", "Northside", 1, {}, trusted=True))


ORDER = (("milk", 185, 18_000, 9_000), ("bread", 340, 9_000, 6_000))
