"""People at the till on a real terminal: sign-on, change of cashier and lock with their keys counted, and rights."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.accounts.passwords import hashed
from edge_agent.clock import FileClock
from edge_agent.counter.people import People
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.journal.reading import Reading
from edge_agent.rules.badge import badge_of
from edge_agent.till.lock import LockView
from edge_agent.wire.envelope import Event
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.staff import StaffCode
from edge_agent.wire.messages import FeedEntry
from tests.pty_rig import ENTER, ESCAPE, F5, F9, Terminal, till
from tests.screen import SETTINGS, matches, stocked
from tests.shop import TUESDAY_14, record

MILK, CHOCOLATE = "04000000000013", "04000000000037"
ANA_BADGE, SUE_BADGE = badge_of(b"ana badge 1"), badge_of(b"sue badge 1")
LOCK, TRAIN, F4, F7 = "\x0c", "\x14", "\x1bOS", "\x1b[18~"
BUDGET = {"sign on by PIN": 5, "sign on by badge": 0, "another cashier by badge": 0, "lock": 1}
"""The most keys; a scan is none, a PIN of four digits is four."""


class Staffed:
    """A till where Ana (a cashier) and Sue (a supervisor) sign on."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        stocked(folder, settings=settings)
        self.folder, people = folder, People(folder / "data", random_id)
        self.ana = people.add("Ana", now=TUESDAY_14).id
        self.sue = people.add("Sue", now=TUESDAY_14, role="supervisor").id
        people.set_pin(self.ana, "1111", TUESDAY_14)
        people.set_pin(self.sue, "2222", TUESDAY_14)
        people.set_badge(self.ana, ANA_BADGE, TUESDAY_14)
        people.set_badge(self.sue, SUE_BADGE, TUESDAY_14)
        self.terminal: Terminal = till(folder, ready="WHO SELLS?")
        self.reading = Reading.open(folder / "data" / "journal.db")
        self.keys = 0

    def press(self, *keys: str) -> None:
        self.terminal.keys(*keys)
        self.keys += len(keys)

    def within(self, act: str) -> None:
        keys, self.keys = self.keys, 0
        assert keys <= BUDGET[act], f"{act} took {keys} keys, its budget is {BUDGET[act]}"

    def last(self, kind: str) -> Event:
        """The newest of its kind; nobody at the till waits for it to be stored."""
        end = time.monotonic() + 5
        while not (found := list(self.reading.events(kind))):
            assert time.monotonic() < end, f"no {kind} was recorded"
            time.sleep(0.01)
        return found[-1]

    def close(self) -> None:
        assert self.terminal.close() == 0
        self.reading.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    opened = Staffed(tmp_path_factory.mktemp("people"))
    yield opened
    opened.close()


@pytest.fixture
def at(shared: Staffed) -> Iterator[Staffed]:
    """Ana stands at the till, nothing is on the counter."""
    # While the till looks who works here, its settings' cashier stands above, who is an Ana too.
    if "Till 1   Ana" not in (screen := shared.terminal.screen()) or "WHO SELLS?" in screen:
        shared.terminal.scan(ANA_BADGE)
        shared.terminal.wait("Till 1   Ana", without=["WHO SELLS?"])
    shared.keys = 0
    yield shared
    shared.terminal.keys(ESCAPE, ESCAPE, ESCAPE)
    if "TOTAL           0.00" not in shared.terminal.screen():
        shared.terminal.keys(F9)
        shared.terminal.wait("PAID")


def test_a_till_with_people_asks_who_sells_and_what_is_scanned_meanwhile_waits(shared: Staffed) -> None:
    terminal = shared.terminal
    matches(terminal.wait("WHO SELLS?", without=["looking"]), "till_lock")
    terminal.scan(MILK)
    terminal.wait("1 scan waiting", without=["Oat milk"])
    terminal.keys(*"9999", ENTER)
    terminal.wait("that PIN is nobody's")
    shared.press(*"1111", ENTER)
    terminal.wait("Till 1   Ana", "Oat milk", without=["WHO SELLS?"])
    shared.within("sign on by PIN")
    terminal.keys(F9)
    terminal.wait("PAID")
    assert shared.last("sale_completed").by == shared.ana
    assert (shared.last("pin_refused").body["wrong"], shared.last("signed_on").by) == (1, shared.ana)


def test_what_is_typed_and_refused_while_the_till_looks_who_works_here_is_not_lost() -> None:
    tried: list[str] = []
    lock = LockView(None, tried.append)  # type: ignore[arg-type]
    lock.look()
    lock.refused("this command is for the sale")
    lock.looked()
    assert lock.note == "this command is for the sale"
    lock.look()
    for key in "1111":
        lock.typed(key)
    lock.pressed("enter")
    assert tried == []
    lock.looked()
    assert tried == ["1111"]


def test_another_badge_changes_the_cashier_and_the_sale_goes_on(at: Staffed) -> None:
    at.terminal.scan(MILK)
    at.terminal.wait("Oat milk")
    at.terminal.scan(SUE_BADGE)
    at.terminal.wait("Till 1   Sue", "Oat milk", "Sue sells")
    at.within("another cashier by badge")
    at.terminal.keys(F9)
    at.terminal.wait("PAID")
    assert (at.last("sale_completed").by, at.last("signed_on").body["before"]) == (at.sue, at.ana)


def test_the_till_is_locked_by_one_key_in_the_middle_of_a_payment_and_goes_on_with_it(at: Staffed) -> None:
    at.terminal.scan(MILK)
    at.terminal.keys(ENTER)
    at.terminal.wait("TO PAY")
    at.press(LOCK)
    at.terminal.wait("WHO SELLS?", without=["Till 1   Ana"])
    at.within("lock")
    at.terminal.keys(F9, ENTER, ESCAPE)
    at.terminal.scan(ANA_BADGE)
    at.terminal.wait("TO PAY", "Till 1   Ana", without=["WHO SELLS?"])
    at.within("sign on by badge")
    at.terminal.keys(ESCAPE)
    assert at.last("till_locked").body == {"how": "key"}


def test_a_cashier_asks_a_supervisor_for_a_void_and_a_supervisor_does_not_ask(at: Staffed) -> None:
    at.terminal.scan(MILK)
    at.terminal.scan(CHOCOLATE)
    at.terminal.keys(ENTER, ESCAPE, F5, F5, ENTER)
    matches(at.terminal.wait("To void the whole sale", "the PIN of a supervisor"), "till_allow")
    at.terminal.keys(*"1111", ENTER)
    at.terminal.wait("Ana may not allow this", "To void the whole sale")
    at.terminal.scan(SUE_BADGE)
    at.terminal.wait("voided: 1.85", "Till 1   Ana")
    gone = at.last("sale_voided")
    assert (gone.by, gone.body["approved"], gone.body["after_subtotal"]) == (at.ana, at.sue, True)
    allowed = at.last("act_approved")
    assert (allowed.by, allowed.body) == (at.ana, {"act": "void_sale", "how": "badge", "approved": at.sue})
    at.terminal.scan(SUE_BADGE)
    at.terminal.scan(MILK)
    at.terminal.wait("Till 1   Sue", "Oat milk")
    at.terminal.keys(F5, F5)
    at.terminal.wait("there is no sale to void")


def test_cash_out_needs_a_supervisor_and_no_sale_does_not(at: Staffed) -> None:
    at.terminal.keys(*"500", F7, "1")
    at.terminal.wait("5.00 in: change money")
    at.terminal.keys(*"500", F7, "7")
    at.terminal.wait("For cash out of the drawer")
    at.terminal.keys(*"2222", ENTER)
    at.terminal.wait("5.00 out: expenses")
    at.terminal.keys(F7, "1")
    at.terminal.wait("no sale: change given")
    assert (at.last("cash_moved").by, at.last("act_approved").body["act"]) == (at.ana, "cash_out")


def test_a_supervisor_sees_who_did_what_and_each_cashiers_signals(at: Staffed) -> None:
    at.terminal.scan(MILK)
    at.terminal.keys(F9)
    at.terminal.wait("PAID")
    at.terminal.keys(*"00", ENTER, *"41", ENTER)
    at.terminal.wait("To see who did what")
    at.terminal.keys(*"2222", ENTER)
    at.terminal.wait("WHO DID WHAT, NEWEST FIRST", "was allowed by Sue", "Ana", "signed on")
    at.terminal.keys("*")
    at.terminal.wait("PER 100 SALES", "Ana", "Sue")


def test_a_till_that_nobody_touches_locks_itself_and_keeps_the_sale(at: Staffed) -> None:
    at.terminal.scan(MILK)
    at.terminal.wait("> ", "Oat milk", without=["PAID"])
    FileClock(at.folder / "clock").set(TUESDAY_14 + 11 * 60_000)
    at.terminal.wait("WHO SELLS?", seconds=20)
    at.terminal.keys(*"2222", ENTER)
    at.terminal.wait("Oat milk", "Till 1   Sue", without=["WHO SELLS?"])
    assert at.last("till_locked").body == {"how": "idle"}


@pytest.mark.long
def test_a_shop_may_hold_the_open_sale_when_somebody_else_signs_on(tmp_path: Path) -> None:
    staffed = Staffed(tmp_path, SETTINGS + '\n[people]\nswitch = "hold"\n')
    staffed.terminal.scan(ANA_BADGE)
    staffed.terminal.scan(MILK)
    staffed.terminal.wait("Oat milk", "Till 1   Ana")
    staffed.terminal.scan(SUE_BADGE)
    staffed.terminal.wait("Till 1   Sue", "held as 1", without=["Oat milk"])
    staffed.close()


@pytest.mark.long
def test_a_till_without_people_has_no_lock(tmp_path: Path) -> None:
    with till(stocked(tmp_path)) as terminal:
        terminal.keys(LOCK)
        terminal.wait("no cashier has a PIN or badge yet", without=["WHO SELLS?"])
        terminal.scan(ANA_BADGE)
        terminal.scan(MILK)
        terminal.wait("1 line, 1 item", without=["not known"])


def test_practice_is_marked_on_screen_and_paper_opens_no_drawer_and_leaves_nothing_behind(tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    printer = f'[printer]\nmodel = "generic-80mm"\nwire = "file"\naddress = "{paper}"\n'
    with till(stocked(tmp_path, settings=f"{SETTINGS}\n{printer}")) as terminal:
        terminal.scan(MILK)
        terminal.wait("Oat milk")
        terminal.keys(TRAIN)
        terminal.wait("a sale is open: F3 holds it first")
        terminal.keys(ENTER, ENTER)
        terminal.wait("PAID", "receipt 000001")
        terminal.keys(ESCAPE, TRAIN)
        terminal.wait("PRACTICE: nothing is sold, nothing is kept.")
        terminal.scan(CHOCOLATE)
        terminal.wait("Milk chocolate")
        terminal.keys(ENTER, ENTER)
        terminal.wait("CHANGE", "receipt 000001", "PRACTICE")
        terminal.keys(TRAIN)
        terminal.wait("practice is over: this is the real sale", without=["PRACTICE"])
        terminal.scan(MILK)
        terminal.wait("Oat milk", without=["CHANGE"])
        terminal.keys(F9)
        terminal.wait("PAID", "receipt 000002")
        with Reading.open(tmp_path / "data" / "journal.db") as memory:
            sold = [event.body["lines"][0]["sku"] for event in memory.events("sale_completed")]
            assert sold == ["milk", "milk"]
            assert [event.body for event in memory.events("training_begun", "training_ended")] == [{}, {"sales": 1}]
    jobs = {file.name: file.read_bytes() for file in paper.iterdir() if b"Receipt" in file.read_bytes()}
    assert sorted(b"PRACTICE" in printed for printed in jobs.values()) == [False, False, True]
    (marked,) = (printed for printed in jobs.values() if b"PRACTICE" in printed)
    assert (marked.count(b"PRACTICE"), b"nothing was sold" in marked) == (3, True)
    assert sum(b"\x1bp" in file.read_bytes() for file in paper.iterdir()) == 1
    assert not (tmp_path / "data" / "training").exists()


def test_a_shop_may_want_a_supervisor_for_each_refund_and_for_an_exchange_too(tmp_path: Path) -> None:
    staffed = Staffed(tmp_path, SETTINGS + '\n[rights]\nrefund = "supervisor"\n')
    terminal = staffed.terminal
    terminal.scan(ANA_BADGE)
    terminal.scan(MILK)
    terminal.wait("> ", "Oat milk", "Till 1   Ana")
    terminal.keys(F9)
    terminal.wait("receipt 000001")
    terminal.keys(ESCAPE, "1", F4)
    terminal.wait("REFUND OF RECEIPT 000001")
    terminal.scan(MILK)
    terminal.keys("+")
    terminal.wait("For a refund: the PIN of a supervisor")
    terminal.scan(SUE_BADGE)
    terminal.wait("1.85 comes back: scan what is taken instead", "Till 1   Ana")
    staffed.close()


def test_a_new_shop_makes_its_first_manager_who_adds_a_cashier_who_then_signs_on(tmp_path: Path) -> None:
    with till(stocked(tmp_path)) as terminal:
        terminal.keys(*"00", ENTER, *"42", ENTER)
        terminal.wait("The first manager of this till.")
        terminal.keys(*"Mia", ENTER)
        terminal.wait("A new PIN for Mia")
        terminal.keys(*"7777", ENTER)
        terminal.wait("The same PIN once more")
        terminal.keys(*"7777", ENTER)
        terminal.wait("WHO WORKS HERE", "Mia", "manager")
        terminal.keys("*")
        terminal.wait("last manager stays")
        terminal.keys("-")
        terminal.wait("Mia works here no more?")
        terminal.keys(ENTER)
        terminal.wait("last manager stays", "Mia", "manager")
        terminal.keys(*"Zoe", ENTER)
        terminal.wait("Zoe is added as a cashier", "Zoe", "cashier")
        terminal.keys("+", *"5555", ENTER)
        terminal.wait("The same PIN once more")
        terminal.keys(*"5555", ENTER)
        terminal.wait("Zoe has a new PIN")
        terminal.keys("/")
        shown = terminal.wait("the badge: DSBADGE", "PIN, badge")
        terminal.keys("*")
        terminal.wait("Zoe is a supervisor now")
        terminal.keys(ESCAPE, ESCAPE, LOCK)
        terminal.wait("WHO SELLS?")
        terminal.scan(re.findall(r"DSBADGE\w{16}", shown)[0])
        terminal.wait("Till 1   Zoe", without=["WHO SELLS?"])


def test_where_something_was_sold_nobody_makes_themselves_the_first_manager(tmp_path: Path) -> None:
    with till(stocked(tmp_path)) as terminal:
        terminal.scan(MILK)
        terminal.keys(F9)
        terminal.wait("PAID")
        terminal.keys(ENTER, *"00", ENTER, *"42", ENTER)
        terminal.wait("no manager yet")


def test_a_pin_that_is_typed_where_none_is_asked_for_is_not_shown(at: Staffed) -> None:
    terminal = at.terminal
    terminal.keys(*"1111", ENTER)
    assert "1111" not in terminal.wait("**** is not known.")
    terminal.keys(ESCAPE)
    terminal.wait(without=["is not known"])


def test_the_owners_code_at_the_lock_leads_to_a_new_pin_and_the_till_stays_locked_meanwhile(tmp_path: Path) -> None:
    stocked(tmp_path)
    people = People(tmp_path / "data", random_id)
    ana = people.add("Ana", now=TUESDAY_14).id
    people.set_pin(ana, "1111", TUESDAY_14)
    code = StaffCode(device="d", person=ana, hashed=hashed("12345678"), until=TUESDAY_14 + 86_400_000)
    journal = Journal.open(tmp_path / "data", FileClock(tmp_path / "clock"), random_id)
    record(journal, DevicePaired(tenant="t", shop="s", device="d", audience="a", catalogue_to=0))
    journal.take_feed("g", [FeedEntry(cursor=1, kind="staff_code", v=1, at=0, body=code.model_dump())]).result()
    journal.close()
    with till(tmp_path, ready="WHO SELLS?") as terminal:
        terminal.keys(*"12345678", ENTER)
        terminal.wait("A new PIN for Ana")
        terminal.keys(ESCAPE)
        terminal.wait("WHO SELLS?")
        terminal.keys(*"12345678", ENTER)
        terminal.wait("A new PIN for Ana")
        terminal.scan(MILK)
        terminal.wait("1 scan waiting")
        terminal.keys(*"2468", ENTER)
        assert "2468" not in terminal.wait("The same PIN once more")
        terminal.keys(*"2468", ENTER)
        terminal.wait("Till 1   Ana", "1.85", without=["WHO SELLS?"])
