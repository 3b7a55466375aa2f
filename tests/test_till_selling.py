"""Selling at the till, by a scripted cashier on a real terminal: each act with its keys counted against a budget."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.counter.people import People
from edge_agent.journal.ids import random_id
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import verify
from edge_agent.wire.envelope import Event
from edge_agent.wire.events.sales import SaleCompleted
from tests.pty_rig import DELETE, ENTER, ESCAPE, F2, F3, F5, F9, Terminal, till
from tests.screen import ITEMS, SETTINGS, matches, stocked
from tests.shop import SHOP, TUESDAY_14, item, open_journal

MILK, BREAD, CHOCOLATE = "04000000000013", "04000000000020", "04000000000037"
BEER = item("beer", "Pale ale 0.5 l", 250, 2000, "04000000000044").model_copy(update={"age": 18, "deposit": 25})
FRUIT = item("7", "Fruit", 1, 0).model_copy(update={"asks": True})
UNKNOWN = "5012345678917"
BUDGET = {
    "cash, exact": 2,
    "cash by a note's key": 2,
    "card, exact": 1,
    "void of the marked line": 1,
    "six of the same, typed before the scan": 2,
    "six of the same, typed behind the scan": 2,
    "the last item once more": 1,
    "a number of four digits": 5,
    "10 % off a line": 3,
    "10 % off the whole sale": 4,
    "hold": 1,
    "recall": 2,
    "void of the whole sale": 3,
    "price check": 1,
    "price by hand with its reason": 4,
    "price for good": 5,
    "unknown code sold": 4,
    "unknown code added for good": 4,
    "find by three letters": 5,
    "find by price": 5,
    "asked for, not in stock": 5,
    "age by date of birth": 7,
    "match a sold code": 6,
    "price that is asked": 4,
}
"""The most keys that an act may take, behind its last scan; a manager's PIN apart."""


class Cashier:
    """Presses keys and counts them; a scan is none."""

    def __init__(self, folder: Path) -> None:
        self.terminal: Terminal = till(folder)
        self.reading = Reading.open(folder / "data" / "journal.db")
        self.keys = 0

    def press(self, *keys: str) -> None:
        self.terminal.keys(*keys)
        self.keys += len(keys)

    def within(self, act: str) -> None:
        """The keys since the last act were no more than its budget."""
        keys, self.keys = self.keys, 0
        assert keys <= BUDGET[act], f"{act} took {keys} keys, its budget is {BUDGET[act]}"

    def scan(self, code: str, *words: str) -> None:
        self.terminal.scan(code)
        self.terminal.wait(*words)

    def events(self, kind: str) -> list[Event]:
        return list(self.reading.events(kind))

    def last(self) -> SaleCompleted:
        return SaleCompleted.model_validate(self.events("sale_completed")[-1].body)

    def clear(self) -> None:
        """Give up what is open, so that the next test begins with an empty counter."""
        self.terminal.keys(ESCAPE, ESCAPE, ESCAPE)
        if "TOTAL           0.00" not in self.terminal.screen():
            self.terminal.keys(F9)
            self.terminal.wait("PAID")
        self.keys = 0


def opened(folder: Path) -> Cashier:
    journal = open_journal(folder, (SHOP, *ITEMS, BEER, FRUIT))
    journal.close()
    (folder / "data" / "settings.toml").write_text(SETTINGS)
    return Cashier(folder)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cashier]:
    cashier = opened(tmp_path_factory.mktemp("selling"))
    yield cashier
    assert cashier.terminal.close() == 0
    assert verify(cashier.reading.db).head.seq > 0
    cashier.reading.close()


@pytest.fixture
def cashier(shared: Cashier) -> Iterator[Cashier]:
    yield shared
    shared.clear()


def test_the_plain_sale(cashier: Cashier) -> None:
    cashier.scan(MILK, "1.85")
    cashier.press(ENTER, ENTER)
    cashier.terminal.wait("CHANGE", "0.00")
    cashier.within("cash, exact")
    cashier.scan(BREAD, "> ")
    cashier.press(ENTER, "/")
    cashier.terminal.wait("CHANGE", "0.60")
    cashier.within("cash by a note's key")
    cashier.scan(BREAD, "> ")
    cashier.press(F9)
    cashier.terminal.wait("CHANGE")
    cashier.within("card, exact")


def test_quantities(cashier: Cashier) -> None:
    cashier.press("6", "*")
    cashier.scan(MILK, "6 x", "11.10")
    cashier.within("six of the same, typed before the scan")
    cashier.scan(BREAD, "14.50")
    cashier.press("5", "+")
    cashier.terminal.wait("31.50")
    cashier.within("six of the same, typed behind the scan")
    cashier.press("*")
    cashier.terminal.wait("7 x")
    cashier.within("the last item once more")
    cashier.press(*"0004", ENTER)
    cashier.terminal.wait("0004 is not known")
    cashier.within("a number of four digits")


def test_a_line_that_is_taken_off_is_written_down(cashier: Cashier) -> None:
    before = len(cashier.events("line_voided"))
    cashier.scan(MILK, "1.85")
    cashier.scan(BREAD, "5.25")
    cashier.press(DELETE)
    cashier.terminal.wait("taken off: Sourdough", " 1.85")
    cashier.within("void of the marked line")
    cashier.terminal.until(lambda _: len(cashier.events("line_voided")) > before)
    voided = cashier.events("line_voided")[before:]
    assert [(one.body["line"]["sku"], one.body["line"]["gross"]) for one in voided] == [("bread", 340)]


def test_a_discount_on_a_line_and_on_all(cashier: Cashier) -> None:
    cashier.scan(MILK, "1.85")
    cashier.scan(BREAD, "5.25")
    cashier.press(*"10%")
    cashier.terminal.wait("10 % off", "-0.34", "4.91")
    cashier.within("10 % off a line")
    cashier.press(*"10%%")
    matches(cashier.terminal.wait("10 % off all", "4.72"), "till_discount")
    cashier.within("10 % off the whole sale")
    cashier.press(F9)
    cashier.terminal.wait("PAID")
    sale = cashier.last()
    assert (sale.total, [line.gross for line in sale.lines]) == (472, [166, 306])


def test_a_held_sale_waits_and_comes_back_also_after_a_restart(tmp_path: Path) -> None:
    cashier = opened(tmp_path)
    cashier.scan(MILK, "1.85")
    cashier.press(*"10%")
    cashier.keys = 0
    cashier.press(F3)
    cashier.terminal.wait("1 held", "held as 1", "TOTAL           0.00")
    cashier.within("hold")
    cashier.terminal.close()
    cashier.terminal = till(tmp_path)
    cashier.terminal.wait("1 held")
    cashier.press(F3, "1")
    cashier.terminal.wait("Oat milk", "10 % off", "1.66", without=["1 held"])
    cashier.within("recall")
    cashier.press(F9)
    cashier.terminal.wait("PAID", "1.66")
    cashier.terminal.close()
    cashier.reading.close()


def test_a_whole_sale_is_voided_by_two_keys_and_a_yes(cashier: Cashier) -> None:
    cashier.scan(MILK, "1.85")
    cashier.scan(BREAD, "5.25")
    cashier.press(F5, F5)
    cashier.terminal.wait("Void the whole sale of 1.85?")
    cashier.press(ENTER)
    cashier.terminal.wait("voided: 1.85", "TOTAL           0.00")
    cashier.within("void of the whole sale")
    cashier.terminal.until(lambda _: bool(cashier.events("sale_voided")))
    assert cashier.events("sale_voided")[-1].body["total"] == 185


def test_a_price_check_sells_nothing(cashier: Cashier) -> None:
    cashier.press("/")
    cashier.terminal.wait("price check")
    cashier.scan(BREAD, "Sourdough 800 g: 3.40", "TOTAL           0.00")
    cashier.within("price check")


def test_a_price_by_hand_says_why_and_what_it_was(cashier: Cashier) -> None:
    cashier.scan(CHOCOLATE, "1.29")
    cashier.press(*"99/")
    cashier.terminal.wait("0.99 for 1.29. Why?")
    cashier.press("1")
    cashier.terminal.wait("damaged: was 1.29", "TOTAL           0.99")
    cashier.within("price by hand with its reason")
    cashier.press(F9)
    cashier.terminal.wait("PAID")
    (line,) = cashier.last().lines
    assert (line.price, line.was, line.reason) == (99, 129, "damaged")


def test_a_price_for_good_holds_at_this_till_at_once(cashier: Cashier) -> None:
    cashier.scan(BREAD, "3.40")
    cashier.press(*"355/9")
    cashier.terminal.wait("new price: was 3.40", "TOTAL           3.55")
    cashier.within("price for good")
    cashier.press(F9)
    cashier.terminal.wait("PAID")
    cashier.scan(BREAD, "TOTAL           3.55")
    cashier.press(*"340/9")
    cashier.terminal.wait("TOTAL           3.40")

    def told() -> list[int]:
        return [event.body["price"] for event in cashier.events("item_set") if event.body["sku"] == "bread"]

    cashier.terminal.until(lambda _: told() == [340, 355, 340])


def test_an_unknown_code_is_sold_now_and_matched_later(cashier: Cashier) -> None:
    cashier.scan(UNKNOWN, "is not known")
    cashier.scan(MILK, "1 scan waiting")
    cashier.press(*"150", ENTER)
    cashier.terminal.wait(UNKNOWN, "1.50", "Oat milk", "3.35")
    cashier.within("unknown code sold")
    cashier.press(F9)
    cashier.terminal.wait("PAID")
    before = cashier.reading.stock("choc").on_hand
    cashier.keys = 0
    cashier.press(*"00", ENTER, *"36", ENTER)
    matches(cashier.terminal.wait("TO MATCH: 1 code", UNKNOWN), "till_match")
    cashier.within("match a sold code")
    cashier.scan(CHOCOLATE, "is Milk chocolate", "TO MATCH: nothing")
    assert cashier.reading.stock("choc").on_hand == before - 1000
    cashier.terminal.keys(ESCAPE, ESCAPE)
    cashier.scan(UNKNOWN, "Milk chocolate 100 g", "1.29")


def test_an_unknown_code_is_added_for_good(cashier: Cashier) -> None:
    cashier.scan("5000000000067", "is not known")
    cashier.press(*"149", "+")
    cashier.terminal.wait("New item 5000000000067", "TOTAL           1.49")
    cashier.within("unknown code added for good")
    added = cashier.reading.item("05000000000067")
    assert added is not None
    assert (added.price, added.rate) == (149, 2000)


def test_an_item_is_found_by_letters_and_by_price(cashier: Cashier) -> None:
    cashier.press(F2)
    cashier.terminal.wait("FIND", "in stock", without=["reading the catalogue"])
    cashier.press(*"sou")
    cashier.terminal.wait("> Sourdough", without=["Oat milk"])
    cashier.press(ENTER)
    cashier.terminal.wait("TOTAL           3.40")
    cashier.within("find by three letters")
    cashier.press(*"185", F2)
    cashier.terminal.wait("FIND at 1.85", "> Oat milk")
    cashier.press(ENTER)
    cashier.terminal.wait("TOTAL           5.25")
    cashier.within("find by price")


def test_what_was_asked_for_is_noted_in_one_key(cashier: Cashier) -> None:
    for letters in ("oat", "fig"):
        cashier.press(F2)
        cashier.terminal.wait("FIND", without=["reading the catalogue"])
        cashier.press(*letters, "-")
        cashier.terminal.wait("noted: asked for, not in stock")
        cashier.within("asked for, not in stock")
        cashier.terminal.keys(ESCAPE)
    cashier.terminal.until(lambda _: len(cashier.events("lost_demand_noted")) == 2)
    noted = [(event.body["sku"], event.body["asked"]) for event in cashier.events("lost_demand_noted")]
    assert noted == [("milk", ""), ("", "fig")]


def test_an_age_is_asked_once_a_sale_and_only_the_answer_is_kept(cashier: Cashier) -> None:
    cashier.scan("04000000000044", "from 18 years", "03.03.2008")
    cashier.press(*"040308", ENTER)
    cashier.terminal.wait("is not sold to anybody under 18")
    cashier.terminal.keys(ESCAPE)
    cashier.keys = 0
    cashier.scan("04000000000044", "from 18 years")
    cashier.press(*"030308", ENTER)
    cashier.terminal.wait("Pale ale", "deposit", "0.25", "TOTAL           2.75")
    cashier.within("age by date of birth")
    cashier.scan("04000000000044", "2 x", "TOTAL           5.50")
    cashier.terminal.until(lambda _: len(cashier.events("age_checked")) == 2)
    kept = [(event.body["passed"], sorted(event.body)) for event in cashier.events("age_checked")]
    assert kept == [(False, ["passed", "sku", "years"]), (True, ["passed", "sku", "years"])]


def test_a_department_asks_for_its_price(cashier: Cashier) -> None:
    cashier.terminal.keys("7", ENTER)
    cashier.terminal.wait("Fruit: type its price")
    cashier.press(*"230", ENTER)
    cashier.terminal.wait("Fruit", "TOTAL           2.30")
    cashier.within("price that is asked")


def test_a_price_by_hand_needs_a_managers_pin_where_there_are_managers(tmp_path: Path) -> None:
    folder = stocked(tmp_path)
    people = People(folder / "data", random_id)
    boss = people.add("Boss", now=TUESDAY_14, role="manager")
    people.set_pin(boss.id, "4711", TUESDAY_14)
    cashier = Cashier(folder)
    cashier.scan(CHOCOLATE, "1.29")
    cashier.press(*"99/", "2")
    cashier.terminal.wait("For a price by hand", "the PIN of a supervisor")
    cashier.terminal.keys(*"1234", ENTER)
    cashier.terminal.wait("that PIN is nobody's", "TOTAL           1.29", "the PIN of a supervisor")
    cashier.scan(MILK, "1 scan waiting")
    cashier.terminal.keys(*"4711", ENTER)
    cashier.terminal.wait("short date: was 1.29", "TOTAL           2.84")
    cashier.terminal.keys(*"10%", F9)
    cashier.terminal.wait("PAID")
    assert [line.approved for line in cashier.last().lines] == [boss.id, ""]
    cashier.terminal.close()
    cashier.reading.close()
