"""Signals per cashier: what is counted, what it comes to per hundred sales, and what is odd beside the others."""

import json
from pathlib import Path

import pytest

from edge_agent.commands import main
from edge_agent.counter.audit import acts, signals
from edge_agent.counter.people import People
from edge_agent.journal.log import Draft
from edge_agent.rules.conduct import odd
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, Tender
from edge_agent.wire.events.selling import LineVoided, SaleVoided, VoidedLine
from edge_agent.wire.events.shift import CashMoved
from edge_agent.wire.events.staff import TillLocked
from tests.shop import TUESDAY_14, open_journal, seeded_ids

LINE = VoidedLine(sku="milk", name="Oat milk 1 l", qty=1000, gross=185)
NO_SALE = CashMoved(what="no_sale", amount=0, reason="change given")


def sale(number: int, was: int | None = None) -> SaleCompleted:
    line = SoldLine(sku="milk", name="Oat milk 1 l", qty=1000, price=185, gross=185, rate=0, tax=0, was=was)
    paid = (Tender(kind="cash", amount=185, given=185),)
    return SaleCompleted(
        receipt=number, day=1, currency="GBP", lines=(line,), total=185, taxes=(), tenders=paid, change=0
    )


def test_signals_are_counted_per_cashier_and_odd_beside_all_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(tmp_path, ())
    people = People(tmp_path / "data", seeded_ids())
    ana, ben = people.add("Ana", now=TUESDAY_14).id, people.add("Ben", now=TUESDAY_14).id
    done: list[tuple[str, Contract]] = [(ana, sale(number)) for number in range(1, 21)]
    done += [(ben, sale(number, 199)) for number in range(21, 31)]
    done += [(ana, NO_SALE), *[(ben, NO_SALE)] * 6, (ana, LineVoided(line=LINE)), (ana, TillLocked(how="key"))]
    done += [(ben, SaleVoided(lines=(LINE,), total=185, approved=ana, after_subtotal=True))]
    journal.record(lambda _: [Draft(body, by) for by, body in done]).result()
    with journal.reading() as memory:
        found = signals(memory, 0)
        assert signals(memory, TUESDAY_14 + 1) == []
        listed = acts(memory)
    journal.close()
    first, second = found
    assert (first.by, first.sales, first.sold, first.done["no_sales"], first.done["lines_voided"]) == (
        ana,
        20,
        3700,
        1,
        1,
    )
    assert (second.done["voids_after_total"], second.done["sales_voided"], second.done["prices_by_hand"]) == (1, 1, 10)
    assert [one.per_hundred("no_sales") for one in found] == [50, 600]
    assert (odd(first, found), odd(second, found)) == ((), ("no_sales", "prices_by_hand"))
    assert [act.kind for act in listed[:4]] == ["sale_voided", "till_locked", "line_voided", "cash_moved"]
    assert sum(act.kind == "sale_completed" for act in listed) == 10
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    assert main(["people", "signals", "--json", "--data", str(tmp_path / "data")]) == 0
    told = {one["name"]: (one["done"]["no_sales"], one["odd"]) for one in json.loads(capsys.readouterr().out)}
    assert told == {"Ana": (1, []), "Ben": (6, ["no_sales", "prices_by_hand"])}
    assert main(["people", "signals", "--data", str(tmp_path / "data")]) == 0
    assert "! 6 (60.0)" in capsys.readouterr().out
