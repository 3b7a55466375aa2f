"""A till that is killed in the middle of a sale holds it at its next start and says so; none is offered twice."""

import dataclasses
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_agent.counter.holding import Holding, sale_of
from edge_agent.counter.paying import Paying
from edge_agent.counter.unfinished import FILE, PATIENCE, Left, Unfinished
from edge_agent.counter.voids import Voids
from edge_agent.journal.log import Journal
from edge_agent.opening import open_till
from edge_agent.rules.sale import Article, Load, Override, Read, Sale, Tendered, add
from tests.pty_rig import ENTER, F3, F9, till
from tests.screen import stocked
from tests.shop import open_journal, scripted_clock

MILK, BREAD = "04000000000013", "04000000000020"
OAT = Article("milk", "Oat milk 1 l", 185, 0)
CHEESE = Article("cheese", "Cheddar", 990, 2000, unit="kg", deposit=5, age=18)


def growing() -> Sale:
    """A sale with everything that a held one keeps."""
    sale = add(add(Sale(age=18, percent=1000, customer="a" * 16), OAT, 2000), CHEESE, 500, fixed=0, read=Read(lot="7"))
    by_hand = dataclasses.replace(sale.lines[0], override=Override(0, "short date", "boss"), percent=500)
    return dataclasses.replace(sale, lines=(by_hand, sale.lines[1]))


def keep(unfinished: Unfinished, sale: Sale) -> None:
    write = unfinished.look(sale, now=True)
    assert write is not None
    write()


def started(journal: Journal) -> Left | None:
    """What the next start finds: the file alone, as a killed program leaves it."""
    return Unfinished(journal.file.parent, journal).hold(Holding(journal))


def test_the_sale_on_the_counter_is_held_at_the_next_start_as_it_was(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sale = growing()
    keep(Unfinished(journal.file.parent, journal), sale)
    left = started(journal)
    assert left == Left(1, sale.total, more=False)
    with journal.reading() as memory:
        ((held, _),) = memory.held()
    assert sale_of(held).lines == sale.lines
    assert (held.percent, held.age, held.customer) == (1000, 18, "a" * 16)
    assert started(journal) is None
    journal.close()


def paid(journal: Journal, sale: Sale) -> None:
    Paying(journal, lambda *_: None).pay(sale, [Tendered("cash", sale.to_pay)]).result()


def held(journal: Journal, sale: Sale) -> None:
    Holding(journal).hold(sale).result()


def voided(journal: Journal, sale: Sale) -> None:
    Voids(journal).sale(sale).result()


@pytest.mark.parametrize("ends", [paid, held, voided])
def test_a_sale_that_ended_in_the_last_moment_is_not_offered_again(
    tmp_path: Path, ends: Callable[[Journal, Sale], None]
) -> None:
    journal = open_journal(tmp_path)
    sale = add(Sale(), OAT, 1000)
    keep(Unfinished(journal.file.parent, journal), sale)
    ends(journal, sale)
    assert started(journal) is None
    journal.close()


def test_a_sale_that_is_looked_at_between_its_commit_and_the_screen_is_not_offered_again(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    unfinished = Unfinished(journal.file.parent, journal)
    sale = add(Sale(), OAT, 1000)
    paid(journal, sale)
    keep(unfinished, sale)
    assert started(journal) is None
    unfinished.cleared()
    keep(unfinished, sale)
    assert started(journal) == Left(1, 185, more=False)
    journal.close()


def test_the_next_sale_is_kept_though_the_one_before_it_was_held_a_moment_later(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    unfinished = Unfinished(journal.file.parent, journal)
    unfinished.cleared()
    held(journal, add(Sale(), OAT, 1000))
    keep(unfinished, add(Sale(), OAT, 3000))
    assert started(journal) == Left(2, 555, more=False)
    journal.close()


def test_it_is_written_when_it_stands_still_or_has_grown_for_long_and_goes_with_the_sale(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    unfinished, file = Unfinished(journal.file.parent, journal), journal.file.parent / FILE
    sale = Sale()
    written = []
    for _ in range(2 * (PATIENCE + 1)):
        sale = add(sale, OAT, 1000)
        write = unfinished.look(sale)
        written.append(write is not None)
        if write:
            write()
    assert written == 2 * [*[False] * PATIENCE, True]
    assert unfinished.look(sale) is None
    sale = add(sale, OAT, 1000)
    assert unfinished.look(sale) is None
    write = unfinished.look(sale)
    assert write is not None
    write()
    assert file.exists()
    keep(unfinished, Sale())
    assert not file.exists()
    journal.close()


def test_what_was_to_be_written_and_was_not_is_written_at_the_end(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    unfinished = Unfinished(journal.file.parent, journal)
    sale = add(Sale(), OAT, 1000)
    assert unfinished.look(sale, now=True) is not None
    keep(unfinished, sale)
    assert unfinished.look(sale, now=True) is None
    assert started(journal) == Left(1, 185, more=False)
    journal.close()


def test_what_no_held_sale_has_is_said_to_be_missing(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    unfinished = Unfinished(journal.file.parent, journal)
    keep(unfinished, Sale(loads=(Load("a" * 16, "1234", 2000),)))
    assert started(journal) == Left(None, 0, more=True)
    unfinished.exchange = True
    keep(unfinished, add(Sale(), OAT, 1000))
    assert started(journal) == Left(1, 185, more=True)
    journal.close()


@pytest.mark.parametrize("content", [b"", b"{", b'{"journal": 1}', bytes(range(128, 192))])
def test_a_file_that_says_nothing_stops_no_start(tmp_path: Path, content: bytes) -> None:
    journal = open_journal(tmp_path)
    (journal.file.parent / FILE).write_bytes(content)
    assert started(journal) is None
    journal.close()


def test_a_till_that_is_stopped_keeps_the_open_sale_too(tmp_path: Path) -> None:
    folder = stocked(tmp_path)
    clock = scripted_clock(tmp_path)
    stopped = open_till(folder / "data", clock)
    assert (stopped.left, stopped.selling.scan(MILK).kind) == (None, "added")
    stopped.close()
    again = open_till(folder / "data", clock)
    assert again.left == Left(1, 185, more=False)
    again.close()
    third = open_till(folder / "data", clock)
    assert (third.left, third.reading.held_count()) == (None, 1)
    third.close()


def test_a_till_that_was_killed_holds_the_open_sale_and_says_so(tmp_path: Path) -> None:
    folder = stocked(tmp_path)
    with till(folder) as killed:
        killed.scan(MILK)
        killed.wait("1 line, 1 item")
        killed.scan(BREAD)
        killed.wait("2 lines, 2 items", "5.25")
        _seen(folder / "data" / FILE, "bread")
        killed.keys(ENTER, *"2.00", F9)
        killed.wait("2.00 by card, the rest is due")
        _seen(folder / "data" / FILE, '"taken": 200')
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait()
    with till(folder) as again:
        again.wait("the till stopped in a sale of 5.25, 2.00 paid by card: F3, ticket 1", "1 held")
        again.keys(F3)
        again.wait("HELD: 1 sale")
        again.keys(F3)
        again.wait("Oat milk 1 l", "Sourdough 800 g", "5.25", "ticket 1 goes on", without=["1 held"])


def _seen(file: Path, word: str) -> None:
    end = time.monotonic() + 20
    while not (file.exists() and word in file.read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    assert word in file.read_text()
