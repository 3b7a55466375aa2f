"""A sample at the till, by a scripted cashier: given away, a number with its own yes, its code in the sale."""

from pathlib import Path

from edge_agent.clock import FileClock
from edge_agent.opening import OpenTill
from edge_agent.settings import parse
from tests.pty_rig import ENTER
from tests.screen import SETTINGS, matches, stocked
from tests.shop import TUESDAY_14
from tests.test_till_money import MILK, Cashier
from tests.test_till_popups import menu

PASS = "correct horse battery"


def test_a_sample_is_given_away_and_a_number_is_asked_for_apart_from_it(tmp_path: Path) -> None:
    stocked(tmp_path)
    clock = FileClock(tmp_path / "clock")
    clock.set(TUESDAY_14)
    opened = OpenTill(tmp_path / "data", clock, parse(SETTINGS))
    opened.samples.make_key(PASS)
    number = opened.samples.give("milk", 1000).result().number
    opened.close()
    till = Cashier(tmp_path)
    menu(till, "46")
    till.terminal.wait("SAMPLES", "needs its own yes")
    till.terminal.scan(MILK)
    matches(till.terminal.wait("The sample is given either way."), "till_sample")
    till.press(*"07700900123", ENTER)
    till.terminal.wait("Ask: May we text you three times", "1 agrees")
    till.press("2")
    till.terminal.wait("no texts, nothing is kept")
    till.terminal.scan(MILK)
    till.terminal.wait("A number for texts")
    till.press(*"07700900123", ENTER)
    till.terminal.wait("1 agrees")
    till.press("1")
    till.terminal.wait("agreed: texts may come")
    till.terminal.scan(MILK)
    till.terminal.wait("A number for texts")
    till.press(ENTER)
    till.terminal.wait("given, its slip is printed")
    till.press("-")
    till.terminal.wait("No more texts")
    till.press(*"07700900123", ENTER)
    till.terminal.wait("stopped: nothing more leaves")
    till.press(ENTER)
    till.terminal.scan(number)
    till.terminal.wait("scan what is bought first")
    till.terminal.scan(MILK)
    till.terminal.wait("1.85")
    till.terminal.scan(number)
    till.terminal.wait("the sample's code takes 10 % off", "1.66")
    till.press(ENTER, ENTER)
    till.terminal.wait("receipt 000001")
    assert len(till.events("sample_given")) == 4
    assert [event.body["wording"] for event in till.events("texts_agreed")] == ["1"]
    assert till.events("texts_stopped")[0].body["mark"] == till.events("texts_agreed")[0].body["mark"]
    assert till.events("sale_completed")[0].body["sample"] == till.events("sample_given")[0].body["sample"]
    assert till.terminal.close() == 0
    till.reading.close()
