"""The row of the owner's journey: a real browser, a real till, failing suppliers and restarts; each order once."""

import re
from pathlib import Path

import pytest

from scripts import hook_, smtp_
from scripts.browser_ import chromium
from scripts.tortures import journey, journey_shop

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium")


def test_orders_are_decided_in_a_browser_with_and_without_script_and_come_to_the_shelf(tmp_path: Path) -> None:
    report = journey.run(tmp_path, seed=1, faults=3, suppliers=3)
    assert report.ok, report.lines
    assert report.lines[0].startswith("2 days (1 with script, 1 without)"), report.lines
    assert not {"0 approved", "0 edited", "0 rejected", "0 codes"} & set(re.findall(r"\b0 \w+", report.lines[0]))
    assert "0 of them twice, 0 lost" in report.lines[2], report.lines


@pytest.mark.long
def test_a_postman_that_takes_no_answer_for_no_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journey_shop, "MAIL_FAULTS", ({"end": smtp_.TAKEN_SILENTLY},))
    monkeypatch.setattr(journey_shop, "HOOK_FAULTS", (hook_.TAKEN_SILENTLY,))
    report = journey.run(tmp_path, seed=2, faults=4, suppliers=3, forgets=1)
    assert not report.ok
    assert any("arrived 2 times" in line for line in report.lines), report.lines
