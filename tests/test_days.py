"""Whole days at the counter, played from the scripts in `tests/days` with a serial scanner and a TCP printer."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from edge_agent.journal.rebuild import verify
from edge_agent.opening import OpenTill, open_till
from scripts import day_
from scripts.player_ import Player, ScriptedScanner, StepFailedError, settings_tables
from scripts.printer_ import RecordingPrinter
from tests.shop import CAST, open_journal, scripted_clock

DAYS = Path(__file__).parent / "days"
TUESDAY = date(2026, 3, 3)


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    scanner, printer = ScriptedScanner(tmp_path / "scanner"), RecordingPrinter()
    open_journal(tmp_path, CAST).close()
    settings = "\n\n".join(settings_tables(scanner, printer))
    (tmp_path / "data" / "settings.toml").write_text(settings, encoding="utf-8")
    till: OpenTill = open_till(tmp_path / "data", scripted_clock(tmp_path, 0))
    till.replenish.start()
    yield Player(till, scripted_clock(tmp_path, 0), TUESDAY, scanner, printer)
    till.replenish.stop()
    till.close()
    printer.down()
    scanner.down()


@pytest.mark.parametrize("script", sorted(path.name for path in DAYS.glob("*.txt")))
def test_a_day_goes_as_its_script_says(player: Player, script: str) -> None:
    player.play(day_.load(DAYS / script))
    # Everything that is shown and added up is what the journal says: folded again, it is the same.
    verify(player.till.reading.db)


def test_a_day_that_goes_otherwise_stops_at_its_line(player: Player) -> None:
    with pytest.raises(StepFailedError, match=r"line 2, 09:01 expect: receipts is 0, not 1"):
        player.play(day_.parse("09:00 scan milk\n09:01 expect receipts 1"))
    with pytest.raises(StepFailedError, match="5012345678900 is not known"):
        player.play(day_.parse("09:02 scan 5012345678900"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9:00 scan x", "line 1: '9:00 scan x' is not like"),
        ("# none\n09:00 sing x", "line 2: sing is not known"),
        ("09:00 pay", "line 1: pay needs 1 word"),
        ("09:00 void\n08:59 void", "line 2: time goes back from 09:00 to 08:59"),
    ],
)
def test_a_script_that_is_off_is_named_by_its_line(text: str, words: str) -> None:
    with pytest.raises(day_.ScriptError) as refused:
        day_.parse(text)
    assert words in str(refused.value)


def test_the_next_day_comes_after_the_first() -> None:
    first, second = day_.parse("22:00 void\n+1 06:30 void")
    assert second.second - first.second == 8 * 3600 + 1800
    assert second.clock == "06:30"
