"""The owner's report: today's rule and ours on the shop's own sales, on a page that stands alone."""

import csv
import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from edge_agent.commands import main
from edge_agent.commands.histories import item_rows

LAST = date(2026, 2, 28).toordinal()


def sales(path: Path, days: int = 200, skus: int = 3) -> Path:
    rng = np.random.default_rng(6)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("ts", "sku", "qty"))
        for day in range(LAST - days + 1, LAST + 1):
            lively = 3 if date.fromordinal(day).weekday() >= 5 else 1
            writer.writerows(
                (date.fromordinal(day).isoformat(), f"s{i}", rng.poisson((2 + 3 * i) * lively)) for i in range(skus)
            )
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The page and its figures: four days' keeping, ordered each evening."""
    folder = tmp_path_factory.mktemp("report")
    items = folder / "items.csv"
    items.write_text("sku,price,cost,pack,shelf_life_days,vat\ns0,2.40,1.20,1,2,20\ns1,3.00,,2,,\ns2,1.00,0.60,1,4,\n")
    page = folder / "page.html"
    words = ["backtest", str(sales(folder / "<b>.csv")), "--items", str(items), "--every", "1", "--report", str(page)]
    assert main(words) == 0
    return page, page.read_text(encoding="utf-8")


def test_the_page_needs_nothing_but_itself(made: tuple[Path, str]) -> None:
    _, text = made
    assert "<script" not in text
    assert not re.search(r"(\b(src|href)=|url\()", text)
    assert text.count("<svg") == 3
    assert "<b>" not in text
    assert "default-src 'none'" in text


def test_each_chart_says_in_words_what_it_shows(made: tuple[Path, str]) -> None:
    labels = re.findall(r'role="img" aria-label="([^"]+)"', made[1])
    assert len(labels) == 3
    assert all("today&#x27;s rule ends at" in label and "ours at" in label for label in labels)


def test_the_figures_are_what_the_program_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    words = ["backtest", str(sales(tmp_path / "sales.csv")), "--report", str(page), "--times", "1.5", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["skus"] == 3
    assert found["today"]["parameter"] == 1.5
    assert found["ours"]["doubled"] == 0
    assert found["period"] == "2025-12-31 to 2026-02-28"
    assert f"{found['ours']['lost_cost'] / 100:,.0f}" in page.read_text(encoding="utf-8")
    assert "No prices were given" in page.read_text(encoding="utf-8")


def test_an_items_file_gives_money_packs_and_shelf_lives(tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("sku,price,cost,pack,shelf_life_days,vat\na,2.40,1.20,6,3,20\nb,,,,,\n")
    rows = item_rows(items)
    assert (rows["a"].price, rows["a"].cost, rows["a"].pack, rows["a"].life_days, rows["a"].rate) == (
        240,
        120,
        6,
        3,
        2000,
    )
    assert (rows["b"].price, rows["b"].cost, rows["b"].pack) == (None, None, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--report", "x.html"], "a fair comparison takes 168"),
        (["--report", "x.html", "--every", "0"], "--every lies within 1 and 28"),
        ([], "either --origins and --out, or --report"),
    ],
)
def test_what_cannot_be_compared_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["backtest", str(sales(tmp_path / "short.csv", days=90)), *words]) == 1
    assert said in capsys.readouterr().err
