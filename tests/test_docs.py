"""What the pages promise: every command, setting, column and file that they name is really there."""

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from cloud_sync.commands import COMMANDS as CLOUD_COMMANDS
from cloud_sync.settings import Settings as CloudSettings
from edge_agent.commands import COMMANDS
from edge_agent.rules import imports
from edge_agent.rules.imports_promotions import PROMOTIONS
from edge_agent.settings import SECTIONS
from edge_agent.till.customers import CustomersView
from edge_agent.till.drawer import DrawerView
from edge_agent.till.find import FindView
from edge_agent.till.gift import GiftView
from edge_agent.till.held import HeldView
from edge_agent.till.match import MatchView
from edge_agent.till.pay import PayView
from edge_agent.till.refund import RefundView
from edge_agent.till.reorders import ReordersView
from edge_agent.till.sale import SaleView
from edge_agent.till.staff import StaffView
from edge_agent.till.stock import StockView
from edge_agent.till.view import View
from edge_agent.till.zcount import ZCountView
from tests.house import ROOT

PAGES = [ROOT / "README.md", ROOT / "firmware_configs" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def names_of(kind: type) -> list[str]:
    return [one.name for one in fields(kind)]


def stands(page: Path, where: str, wanted: str) -> None:
    """What the page shows at this place is `wanted`; UPDATE_SCREENS=1 writes it there."""
    text = page.read_text()
    (shown,) = re.findall(where, text, re.DOTALL)
    if os.environ.get("UPDATE_SCREENS"):
        page.write_text(text.replace(shown, wanted))
    else:
        assert shown == wanted, f"{page.name}: UPDATE_SCREENS=1 writes it anew"


@pages
def test_a_link_leads_to_a_file_that_is_there(page: Path) -> None:
    goals = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [goal for goal in goals if not (page.parent / goal).exists()] == []


def test_every_test_that_the_page_of_security_names_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    named = re.findall(r"`(test_\w+\.py)`: ((?:`test_\w+`(?:, )?)+)", text)
    assert len(named) > 30
    for file, tests in named:
        there = set(re.findall(r"^def (test_\w+)\(", (ROOT / "tests" / file).read_text(), re.MULTILINE))
        assert set(re.findall(r"test_\w+", tests)) <= there, file
    assert set(re.findall(r"`(test_\w+)`", text)) == {
        one for _, tests in named for one in re.findall(r"test_\w+", tests)
    }


@pages
def test_a_script_that_is_named_is_there(page: Path) -> None:
    named = set(re.findall(r"\b(scripts/\w+\.py|tests/\w+\.py|requirements/\w+\.txt)", page.read_text()))
    assert {name for name in named if not (ROOT / name).exists()} == set()


@pages
def test_a_command_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"\b(edge-agent|cloud-sync) ([a-z]+(?:-[a-z]+)*)", page.read_text()))
    known = {("edge-agent", name) for name in COMMANDS} | {("cloud-sync", name) for name in CLOUD_COMMANDS}
    assert named - known == set()


def test_the_installers_page_lists_every_section_and_key_of_the_settings() -> None:
    page = (ROOT / "docs" / "installer.md").read_text()
    for section, kind in SECTIONS.items():
        (row,) = re.findall(rf"^\| `\[{section}\]`.*$", page, re.MULTILINE)
        days = {"tue", "wed", "thu", "fri", "sat"} if section == "shop" else set()
        assert {name for name in names_of(kind) if f"`{name}`" not in row} == days


@pytest.mark.parametrize("kind", ["items", "suppliers", "promotions", "stock", "sales"])
def test_the_installers_page_lists_every_column_of_a_file(kind: str) -> None:
    page = (ROOT / "docs" / "installer.md").read_text()
    (row,) = re.findall(rf"^\| `edge-agent import {kind} FILE` \|(.*)\|(.*)\|$", page, re.MULTILINE)
    columns = PROMOTIONS if kind == "promotions" else getattr(imports, kind.upper())
    assert tuple(re.findall(r"`(\w+)`", row[0])) == columns.required
    assert tuple(re.findall(r"`(\w+)`", row[1])) == columns.optional


@pytest.mark.parametrize(
    ("mark", "view", "what"),
    [
        ("sale", SaleView, ""),
        ("pay", PayView, ""),
        ("refund", RefundView, ""),
        ("drawer", DrawerView, ""),
        ("zcount", ZCountView, ""),
        ("receive", StockView, "receive"),
        ("adjust", StockView, "adjust"),
        ("orders", ReordersView, ""),
        ("find", FindView, ""),
        ("held", HeldView, ""),
        ("staff", StaffView, ""),
        ("match", MatchView, ""),
        ("customers", CustomersView, ""),
        ("gift", GiftView, ""),
    ],
)
def test_the_cashiers_page_lists_every_key_as_the_till_does(mark: str, view: type[View], what: str) -> None:
    screen = view.__new__(view)
    screen._what = what  # type: ignore[attr-defined]
    rows = "\n".join(f"| `{key}` | {words} |" for key, words in screen.all_keys())
    stands(
        ROOT / "docs" / "cashier.md",
        rf"(?<=<!-- keys: {mark} -->\n\| key \| does \|\n\| --- \| --- \|\n).*?(?=\n\n|\n$)",
        rows,
    )


def test_the_installers_page_lists_every_setting_of_the_cloud() -> None:
    page = (ROOT / "docs" / "installer.md").read_text()
    assert [name for name in names_of(CloudSettings) if name != "data" and f"`{name}`" not in page] == []


def test_the_till_in_the_readme_is_the_till_as_tested() -> None:
    tested = (ROOT / "tests" / "screens" / "till_sale_80x24.txt").read_text().rstrip("\n")
    stands(ROOT / "README.md", r"(?<=```text\n).*?(?=\n```)", tested)
