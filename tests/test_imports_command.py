"""`edge-agent import`: what is recorded, what is left alone, and that a bad file leaves no trace."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.commands import main
from edge_agent.errors import BadInput
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import verify
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.limits import EVENT_BYTES
from scripts.demo_shop.moved import HERE, moved_receipts, receipts_of, write_sales
from tests.shop import TUESDAY_14, record, seeded_ids, sold

DAY = 24 * 3_600_000
ITEMS = "sku,name,price,cost,vat,codes,pack,supplier\n"
MILK = "milk,Oat milk 1 l,1.85,1.30,0,0400010297436,6,north\n"
BREAD = "bread,Sourdough,3.40,2.38,0,,4,north\n"
SUPPLIERS = "supplier,name,order_days,cutoff,lead_days\nnorth,Northside,Tue Fri,15:00,2\n"


class Shop:
    """A data folder on a scripted clock, and the command as a shop types it."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self.data, self._capture = folder, folder / "data", capture
        self.clock = FileClock(folder / "clock")
        self.clock.set(TUESDAY_14)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def load(self, kind: str, path: Path, *more: str, code: int = 0) -> str:
        assert main(["import", kind, str(path), "--data", str(self.data), *more]) == code
        said = self._capture.readouterr()
        return said.out if code == 0 else said.err

    def load_text(self, kind: str, text: str, *more: str, code: int = 0) -> str:
        return self.load(kind, self.write(f"{kind}.csv", text), *more, code=code)

    def memory(self) -> Reading:
        return Reading.open(self.data / "journal.db")

    def kinds(self) -> list[str]:
        with self.memory() as memory:
            return [event.kind for event in memory.events()]

    def journal(self) -> Journal:
        return Journal.open(self.data, self.clock, seeded_ids(9))


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    return Shop(tmp_path, capsys)


def test_three_hand_written_files_make_a_shop(shop: Shop) -> None:
    assert "2 new, 0 changed, 0 the same" in (said := shop.load_text("items", ITEMS + MILK + BREAD))
    assert "supplier north is not known yet" in said
    shop.load_text("suppliers", SUPPLIERS)
    shop.load_text("stock", "sku,qty\nmilk,12\nbread,0.5\n")
    assert shop.kinds() == ["genesis", "shop_set", "item_set", "item_set", "supplier_set", "stock_counted"]
    with shop.memory() as memory:
        article = memory.by_code("00400010297436", TUESDAY_14)
        assert article
        assert (article.sku, article.price) == ("milk", 185)
        assert (memory.stock("milk").on_hand, memory.stock("bread").on_hand) == (12_000, 500)
        assert memory.suppliers()["north"].order_days == (1, 4)
        verify(memory.db)


def test_the_same_file_again_changes_nothing(shop: Shop) -> None:
    files = {"items": ITEMS + MILK + BREAD, "suppliers": SUPPLIERS, "stock": "sku,qty\nmilk,12\nbread,0\n"}
    for kind, text in files.items():
        shop.load_text(kind, text)
    before = shop.kinds()
    shop.clock.set(TUESDAY_14 + 9 * DAY)
    for kind, text in files.items():
        assert "0 new, 0 changed" in (said := shop.load_text(kind, text))
        assert "events recorded: 0" in said
    assert shop.kinds() == before


def test_a_dry_run_says_the_same_and_records_nothing_not_even_a_folder(shop: Shop) -> None:
    said = json.loads(shop.load_text("items", ITEMS + MILK, "--dry-run", "--json"))
    assert (said["new"], said["events"], said["dry_run"]) == (1, 1, True)
    assert not shop.data.exists()
    shop.load_text("items", ITEMS + MILK)
    before = shop.kinds()
    assert "1 new, 0 changed, 1 the same" in shop.load_text("items", ITEMS + MILK + BREAD, "--dry-run")
    assert shop.kinds() == before


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("items", ITEMS + BREAD + "x,X,1.234,1,0,,1,\n", "items.csv, line 3, column price"),
        ("stock", "sku,qty\nmilk,1\nghost,1\n", "stock.csv, line 3, column sku: ghost is not in the catalogue"),
        ("suppliers", SUPPLIERS + "s,S,,15:00,2\n", "suppliers.csv, line 3, column order_days"),
        ("sales", "ts,sku,qty\n2026-03-01,milk,1\n2026-03-04,milk,1\n", "sales.csv, line 3, column ts"),
    ],
)
def test_a_bad_row_leaves_nothing_behind(shop: Shop, kind: str, text: str, words: str) -> None:
    shop.load_text("items", ITEMS + MILK)
    before = shop.kinds()
    assert words in shop.load_text(kind, text, code=1)
    assert shop.kinds() == before


def test_a_bad_first_file_begins_no_journal(shop: Shop) -> None:
    assert "did you mean supplier" in shop.load_text("items", ITEMS.replace("supplier", "suplier") + MILK, code=1)
    assert not shop.data.exists()


def test_a_missing_file_a_folder_and_a_folder_in_use_are_told_in_one_line(shop: Shop) -> None:
    assert "there is no file" in shop.load("items", shop.folder / "no.csv", code=1)
    assert "cannot be read" in shop.load("items", shop.folder, code=1)
    journal = shop.journal()
    assert "close that one first" in shop.load_text("items", ITEMS + MILK, code=1)
    assert "1 new" in shop.load_text("items", ITEMS + MILK, "--dry-run")
    journal.close()


def test_a_changed_price_starts_now_and_the_rest_of_the_item_at_once(shop: Shop) -> None:
    shop.load_text("items", ITEMS + MILK + BREAD)
    later = TUESDAY_14 + DAY
    shop.clock.set(later)
    assert "0 new, 2 changed" in shop.load_text(
        "items", ITEMS + MILK.replace("1.85", "1.95") + BREAD.replace("Sourdough", "Rye")
    )
    with shop.memory() as memory:
        prices = [article.price for at in (later - 1, later) if (article := memory.article("milk", at))]
        bread = memory.item("bread")
    assert prices == [185, 195]
    assert bread
    assert (bread.name, bread.from_at) == ("Rye", 0)


def test_a_code_of_another_item_is_refused_but_may_move_inside_one_file(shop: Shop) -> None:
    shop.load_text("items", ITEMS + MILK + BREAD)
    taken = BREAD.replace(",,", ",0400010297436,")
    assert "00400010297436 belongs to milk already" in shop.load_text("items", ITEMS + taken, code=1)
    assert "belongs to milk already" in shop.load_text("items", ITEMS + BREAD.replace(",,", ",milk,"), code=1)
    shop.load_text("items", ITEMS + taken + MILK.replace("0400010297436", ""))
    with shop.memory() as memory:
        article = memory.by_code("00400010297436", TUESDAY_14)
        assert article
        assert article.sku == "bread"
        verify(memory.db)


def test_a_changed_calendar_starts_after_the_open_cycle_and_a_changed_name_does_not_touch_it(shop: Shop) -> None:
    shop.load_text("suppliers", SUPPLIERS)
    shop.load_text("suppliers", SUPPLIERS.replace("Northside", "North Side"))
    with shop.memory() as memory:
        named = memory.suppliers()["north"]
    shop.load_text("suppliers", SUPPLIERS.replace("15:00", "16:00"))
    with shop.memory() as memory:
        moved = memory.suppliers()["north"]
    tuesday = date(2026, 3, 3).toordinal()
    assert (named.name, named.calendar, named.valid_from) == ("North Side", 1, tuesday)
    assert (moved.cutoff, moved.calendar, moved.valid_from) == (960, 2, tuesday + 1)


def test_a_recount_after_a_sale_is_recorded_against_what_was_expected(shop: Shop) -> None:
    shop.load_text("items", ITEMS + MILK)
    shop.load_text("stock", "sku,qty\nmilk,12\n")
    journal = shop.journal()
    record(journal, sold(1, "milk", qty=2000))
    journal.close()
    assert "0 new, 1 changed" in shop.load_text("stock", "sku,qty\nmilk,9\n")
    with shop.memory() as memory:
        assert memory.stock("milk").on_hand == 9_000
        counted = list(memory.events("stock_counted"))[-1]
    assert counted.body["lines"] == [{"sku": "milk", "counted": 9_000, "expected": 10_000}]


def test_the_same_sales_are_never_counted_twice_packed_or_not(shop: Shop) -> None:
    text = "ts,sku,qty\n2026-03-02T10:00,milk,3\n2026-03-02T10:30,milk,1\n2026-03-01,bread,2\n"
    shop.load_text("sales", text)
    packed = shop.write("again.csv.gz", gzip.compress(text.encode()))
    assert "imported before" in shop.load("sales", packed)
    with shop.memory() as memory:
        assert memory.demand_days("milk") == [(date(2026, 3, 2).toordinal(), 4_000)]
        assert memory.demand_days("bread") == [(date(2026, 3, 1).toordinal(), 2_000)]
        assert memory.hour_profile()[0][10] == 4_000
        assert memory.takings(date(2026, 3, 2).toordinal()).receipts == 0
        verify(memory.db)


def test_sales_that_overlap_known_days_are_refused_unless_both_are_true(shop: Shop) -> None:
    shop.load_text("sales", "ts,sku,qty\n2026-03-01,milk,3\n2026-03-02,milk,3\n")
    longer = "ts,sku,qty\n2026-03-02,milk,3\n2026-03-03,milk,1\n"
    refused = shop.load_text("sales", longer, code=1)
    assert "sales between 2026-03-02 and 2026-03-02 are known already (SKUs: 1)" in refused
    shop.load_text("sales", longer.replace("2026-03-02", "2026-02-28"))
    shop.load_text("sales", longer, "--on-top")
    with shop.memory() as memory:
        assert [qty for _, qty in memory.demand_days("milk")] == [3000, 3000, 6000, 2000]


def test_a_year_of_real_receipts_comes_in_whole_in_lines_that_the_wire_takes(shop: Shop) -> None:
    shop.data.mkdir()
    (shop.data / "settings.toml").write_bytes((HERE / "shop.toml").read_bytes())
    rows = moved_receipts(date(2026, 3, 2))[-20_000:]
    write_sales(rows, shop.folder / "sales.csv.gz")
    shop.load("items", HERE / "items.csv")
    shop.load("suppliers", HERE / "suppliers.csv")
    shop.load("stock", HERE / "stock.csv")
    shop.load("sales", shop.folder / "sales.csv.gz")
    with shop.memory() as memory:
        lines = memory.lines(1, memory.head().seq)
        history = [HistoryImported.model_validate(event.body) for event in memory.events("history_imported")]
        days = list(memory.all_demand_days())
        assert sum(1 for _ in memory.items()) == 162
        assert max(map(len, lines)) <= EVENT_BYTES
    assert [part.part for part in history] == list(range(1, len(history) + 1))
    assert sum(qty for _, _, qty in days) == sum(row.qty for row in rows)
    bananas = sum(line.qty for lines_ in receipts_of(rows, date(2026, 3, 1)) for line in lines_ if line.sku == "1052")
    assert (date(2026, 3, 1).toordinal(), bananas) in [(day, qty) for sku, day, qty in days if sku == "1052"]


def test_the_journal_still_refuses_what_does_not_fit_a_line(shop: Shop) -> None:
    journal = shop.journal()
    rows = tuple((hour, "x" * 60, 1000) for hour in range(2_000))
    body = HistoryImported(source="0" * 64, part=1, parts=1, daily=False, rows=rows)
    with pytest.raises(BadInput, match="a line holds"):
        journal.record(lambda _: [Draft(body)]).result()
    journal.close()
