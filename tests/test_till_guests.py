"""Customers and gift cards at the till, by a scripted cashier on a real terminal, each act with its keys counted."""

from collections.abc import Iterator

import pytest

from edge_agent.counter.customers import Customers
from edge_agent.counter.gifts import Gifts
from edge_agent.counter.people import People
from edge_agent.journal.rebuild import verify
from edge_agent.rules.stored import number_of
from tests.pty_rig import ENTER, ESCAPE, F9
from tests.screen import SETTINGS, matches, stocked
from tests.shop import TUESDAY_14, seeded_ids
from tests.test_till_money import BREAD, F4, MILK, Cashier

F6 = "\x1b[17~"
BUDGET = {
    "customer by their card": 0,
    "customer by three letters": 5,
    "a new customer": 2,
    "points pay, the rest in cash": 3,
    "what they bought": 2,
    "gift card sold": 3,
    "gift card pays all": 1,
    "gift card loaded": 3,
    "refund as credit": 4,
    "gift card paid out": 2,
}
"""The most keys that an act may take, without scans, typed amounts and names."""
POINTS = SETTINGS + "\n[points]\na_unit = 10\nworth = 1\n"


class Host(Cashier):
    """A cashier who knows what the till has printed on cards."""

    def within(self, act: str) -> None:
        keys, self.keys = self.keys, 0
        assert keys <= BUDGET[act], f"{act} took {keys} keys, its budget is {BUDGET[act]}"

    def card(self) -> str:
        """The number of the gift card that was sold last."""
        sold = [one for event in self.events("sale_completed") for one in event.body["tenders"]]
        account = [one for one in sold if one["kind"] == "gift_sold"][-1]["account"]
        return Gifts(People(self.data, seeded_ids()), lambda: 0).number(account)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = stocked(tmp_path_factory.mktemp("guests"), settings=POINTS)
    Customers(People(folder / "data", seeded_ids()), lambda: 7).add("Ana Lima", "07700 900123", now=TUESDAY_14)
    host = Host(folder)
    yield host
    assert host.terminal.close() == 0
    assert verify(host.reading.db).head.seq > 0
    host.reading.close()


@pytest.fixture
def host(opened: Host) -> Iterator[Host]:
    opened.keys = 0
    yield opened
    opened.terminal.keys(ESCAPE, ESCAPE, ESCAPE)
    opened.terminal.until(lambda text: "  PAID " in text or "TOTAL           0.00" in text)


def paid(host: Host, *words: str) -> None:
    host.terminal.wait("CHANGE", "  PAID ", *words)


def test_a_customers_card_makes_the_sale_theirs_and_their_points_pay(host: Host) -> None:
    host.terminal.scan(number_of("customer", 7))
    host.terminal.wait("Ana Lima, 0 points")
    host.within("customer by their card")
    host.terminal.scan(MILK)
    host.terminal.wait("Oat milk", "1 line, 1 item, Ana Lima, 0 points")
    host.press(ENTER, ENTER)
    paid(host, "10 points")
    host.keys = 0
    host.press(F6, *"lim", ENTER)
    matches(host.terminal.wait("Ana Lima, 10 points"), "till_customer")
    host.within("customer by three letters")
    host.terminal.scan(BREAD)
    host.terminal.wait("Sourdough")
    host.press(ENTER)
    host.terminal.wait("TO PAY")
    host.press(F6)
    host.terminal.wait("3.30")
    host.press(ENTER)
    paid(host, "30 points")
    host.within("points pay, the rest in cash")


def test_a_new_customer_is_added_and_shows_what_they_bought(host: Host) -> None:
    host.terminal.scan(MILK)
    host.terminal.wait("Oat milk")
    host.press(F6)
    host.terminal.wait("CUSTOMERS", "Ana Lima")
    host.amount("Ben Ode 0456")
    host.press(ENTER)
    host.terminal.wait("Ben Ode, 0 points")
    host.within("a new customer")
    host.press(F9)
    paid(host, "10 points")
    host.press(F6)
    host.amount("0456")
    host.terminal.wait("Ben Ode", without=["Ana Lima"])
    host.keys = 1
    host.press(F6)
    matches(host.terminal.wait("BOUGHT LAST", "Oat milk"), "till_customers")
    host.within("what they bought")


def test_a_gift_card_is_sold_pays_and_is_loaded(host: Host) -> None:
    host.amount("2000")
    host.press(F6)
    host.terminal.wait("a new gift card of 20.00", "TOTAL          20.00")
    host.press(ENTER, ENTER)
    paid(host, "20.00")
    host.within("gift card sold")
    card = host.card()
    host.terminal.scan(MILK)
    host.terminal.wait("> ", "Oat milk")
    host.terminal.scan(card)
    matches(host.terminal.wait("pays 1.85, 18.15 stays on it").replace(card[-4:], "1234"), "till_gift_pays")
    host.press(ENTER)
    paid(host, f"card {card[-4:]}: 18.15")
    host.within("gift card pays all")
    number = host.events("sale_completed")[-1].body["receipt"]
    host.terminal.scan(card)
    matches(host.terminal.wait("GIFT CARD", "18.15").replace(card[-4:], "1234"), "till_gift")
    host.amount("1000")
    host.press(ENTER)
    host.terminal.wait("TOTAL          10.00")
    host.press(ENTER, ENTER)
    paid(host, f"card {card[-4:]}: 28.15")
    host.within("gift card loaded")
    host.press(F4)
    host.terminal.scan(host.code(number))
    host.terminal.wait("REFUND OF RECEIPT")
    host.terminal.scan(MILK)
    host.terminal.wait("give back 1.85 onto the gift card", without=["in cash"])
    host.press(ESCAPE, ESCAPE)


def test_a_card_that_was_sold_by_mistake_is_paid_out(host: Host) -> None:
    host.amount("500")
    host.press(F6, ENTER, ENTER)
    paid(host)
    host.terminal.scan(host.card())
    host.terminal.wait("GIFT CARD", "5.00")
    host.keys = 0
    host.press("-")
    host.terminal.wait("Pay out in cash what this till put onto card")
    host.press(ENTER)
    host.terminal.wait("GIVE BACK", "5.00", "in cash")
    host.within("gift card paid out")


def test_a_refund_goes_onto_a_new_card_as_credit(host: Host) -> None:
    host.terminal.scan(MILK)
    host.terminal.wait("> ", "Oat milk")
    host.press(F9)
    paid(host)
    host.keys = 0
    number = host.events("sale_completed")[-1].body["receipt"]
    host.press(F4)
    host.terminal.scan(host.code(number))
    host.terminal.wait("REFUND OF RECEIPT")
    host.terminal.scan(MILK)
    host.terminal.wait("1.85")
    host.press(F9)
    host.terminal.wait("give back in cash")
    host.press(F9)
    host.terminal.wait("as credit onto a new gift card")
    host.press(ENTER)
    host.terminal.wait("GIVE BACK", "as credit")
    host.within("refund as credit")
    (tender,) = host.events("refund_made")[-1].body["tenders"]
    assert (tender["kind"], tender["amount"], tender["left"]) == ("gift_sold", -185, 185)


def test_no_name_phone_or_number_is_in_journal_logs_or_screens_files(host: Host) -> None:
    words = [word.encode() for word in ("Lima", "900123", "Ben Ode", host.card(), number_of("customer", 7))]
    files = [file for file in host.data.rglob("*") if file.is_file()]
    assert len(files) > 3
    assert not [file.name for file in files if any(word in file.read_bytes() for word in words)]
