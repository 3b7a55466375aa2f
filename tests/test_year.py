"""The year's judge must be able to fail: another byte on paper, a lost receipt, a doubled order, a missing delivery."""

import ast
import shutil
import sys
from pathlib import Path

import pytest

from scripts.tortures import year, year_judge
from scripts.tortures.year_judge import judge


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two days leave behind: a clone, a till offline, a cloud put back, power cuts."""
    folder = tmp_path_factory.mktemp("year")
    report = year.run(folder, seed=1, days=2, cuts=3)
    assert report.ok, report.lines
    return folder / "evidence"


@pytest.fixture
def evidence(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "evidence"))


def roll(evidence: Path) -> Path:
    return evidence / "paper" / "till1.bin"


def test_what_two_days_left_is_in_order(evidence: Path) -> None:
    wrong, figures = judge(evidence)
    assert not wrong
    assert figures["receipts"] > 100
    assert figures["orders"] > 0


def test_one_changed_byte_of_an_amount_is_found(evidence: Path) -> None:
    paper = bytearray(roll(evidence).read_bytes())
    at = paper.index(b".", paper.index(b"TOTAL")) + 1
    paper[at] = ord("1") if paper[at] == ord("0") else ord("0")
    roll(evidence).write_bytes(paper)
    assert any("does not add up" in word for word in judge(evidence)[0])


def test_one_changed_letter_of_a_name_is_found_in_the_stock(evidence: Path) -> None:
    name = next(iter(next(iter(year_judge.paper_of(roll(evidence))[0].values())).sold))
    first = name.encode()[:4]
    roll(evidence).write_bytes(roll(evidence).read_bytes().replace(first, b"Xyz!", 1))
    assert any("has" in word and "paper" in word for word in judge(evidence)[0])


def test_a_receipt_that_never_came_out_is_found(evidence: Path) -> None:
    first, second, *rest = roll(evidence).read_bytes().split(b"\x1b@")
    roll(evidence).write_bytes(b"\x1b@".join([first, *rest]))
    wrong = judge(evidence)[0]
    assert any(word.startswith("tills, day") for word in wrong)
    assert any(word.startswith("cloud, day") for word in wrong)
    assert b"Receipt" in second


def test_a_drawer_that_opened_for_nobody_is_found(evidence: Path) -> None:
    slips, _ = year_judge.paper_of(roll(evidence))
    roll(evidence).write_bytes(roll(evidence).read_bytes() + b"\x1bp\x00\x19\x7d" * (len(slips) + 1))
    assert any("the drawer opened" in word for word in judge(evidence)[0])


def test_an_order_that_was_sent_twice_is_found(evidence: Path) -> None:
    order = min((evidence / "sent").glob("*.csv"))
    shutil.copy(order, evidence / "sent" / "99999.csv")
    assert any("was sent 2 times" in word for word in judge(evidence)[0])


def test_a_delivery_that_the_shop_did_not_record_is_found(evidence: Path) -> None:
    (evidence / "deliveries" / "99999.csv").write_text("order,sku,name,pieces\n,1001,Semi-skimmed milk 4 pt,6\n")
    assert any("the cloud has" in word for word in judge(evidence)[0])


def test_the_judge_knows_nothing_of_the_product_and_is_short() -> None:
    text = Path(year_judge.__file__).read_text()
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name for node in imported for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [])}
    names |= {alias.name for node in imported if isinstance(node, ast.Import) for alias in node.names}
    assert names <= sys.stdlib_module_names
    assert len(text.splitlines()) <= 200
