"""An order on the owner's page: reasons and what-ifs, approve, edit, reject, and what was changed meanwhile."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from cloud_sync.tables.events import OrderCommand
from edge_agent.rules.record import what_if
from edge_agent.wire.events.orders import OrderOutcome
from edge_agent.wire.events.stock import ReceivedLine, StockReceived
from tests.owner_shop import BAKEHOUSE, GOODS, Scene, at_work, order, says
from tests.page_text import form_of, words


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The scene for tests that only look."""
    with at_work(tmp_path_factory.mktemp("owner")) as scene:
        yield scene


def test_an_order_shows_its_reasons_and_the_tills_own_table(scene: Scene) -> None:
    proposed = scene.order("north")
    with scene.owner() as browser:
        answer = browser.get(f"/orders/{proposed.order}")
    assert "If you skip this delivery: 100 % chance to run out before Tue." in words(answer)
    for line in proposed.lines:
        table = [(row.packs, row.cost) for row in what_if(line)]
        for packs, cost in table:
            assert f'<tr data-row="{packs}" data-cost="{cost}"' in answer.text
    assert "Next 72 hours Sells Left At least Tue 14-17 1.7 13 10 Tue 17-19 1.1 12 9 Wed 09-12 1.9 10 6" in words(
        answer
    )


def test_what_would_most_likely_run_out_stands_first(scene: Scene) -> None:
    with scene.owner() as browser:
        said = words(browser.get(f"/orders/{scene.order('north').order}"))
    places = [said.index(name) for name in ("Oat milk", "Washing-up liquid", "Milk chocolate")]
    assert places == sorted(places)


def test_goods_that_came_short_are_said_with_what_was_ordered(fresh: Scene) -> None:
    proposed = fresh.order("bake")
    with fresh.owner() as browser:
        at = f"/orders/{proposed.order}"
        browser.post(f"{at}/approve", data=form_of(browser.get(at)))
        lines = [ReceivedLine(sku=one.sku, qty=one.qty - 1000, ordered=one.qty, expires=None) for one in proposed.lines]
        says(fresh.till, StockReceived(order=proposed.order, supplier="bake", lines=tuple(lines)))
        fresh.till.sends()
        said = words(browser.get(at))
        assert "Received; approved by Ann, 14:00 today." in said
        assert "15 of 16 came." in said
        assert "received; approved 14:00 today" in words(browser.get("/orders"))


def test_goods_that_came_damaged_are_told_apart_and_are_to_be_claimed(fresh: Scene) -> None:
    proposed = fresh.order("bake")
    with fresh.owner() as browser:
        at = f"/orders/{proposed.order}"
        browser.post(f"{at}/approve", data=form_of(browser.get(at)))
        first, *rest = proposed.lines
        lines = [ReceivedLine(sku=first.sku, qty=first.qty - 3000, ordered=first.qty, expires=None, damaged=2000)]
        lines += [ReceivedLine(sku=one.sku, qty=one.qty, ordered=one.qty, expires=None) for one in rest]
        says(fresh.till, StockReceived(order=proposed.order, supplier="bake", lines=tuple(lines)))
        fresh.till.sends()
        said = words(browser.get(at))
    whole = first.qty // 1000
    assert f"{whole - 1} of {whole} came. 2 damaged: claim it from the supplier, only the rest is in stock." in said
    assert said.count("damaged") == 1


def test_approving_with_other_packs_is_recorded_published_and_shown(fresh: Scene) -> None:
    key = fresh.order("north").order
    with fresh.owner() as browser:
        form = form_of(browser.get(f"/orders/{key}"))
        sku = fresh.order("north").lines[0].sku
        form["packs.0"] = str(int(form["packs.0"]) + 1)
        answer = browser.post(f"/orders/{key}/approve", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{key}?done=1")
        said = words(browser.get(answer.headers["location"]))
        assert "Approved, edited by Ann, 14:00 today" in said
        assert "Northside approved, edited" in words(browser.get("/orders"))
        assert "1 order to approve" in words(browser.get("/"))
    told = next(entry["body"] for entry in fresh.till.feed() if entry["kind"] == "order_outcome")
    packs = {line.sku: line.packs for line in OrderOutcome.model_validate(told).lines}
    assert packs[sku] == int(form["packs.0"])


def test_approved_goods_count_against_running_out_from_the_moment_they_come(fresh: Scene) -> None:
    with fresh.owner() as browser:
        for supplier in ("north", "bake"):
            key = fresh.order(supplier).order
            browser.post(f"/orders/{key}/approve", data=form_of(browser.get(f"/orders/{key}")))
        said = words(browser.get("/"))
    assert "Oat milk 1 l 6 left, more comes Thu 08:00 tomorrow" in said
    assert "Eggs, free range, 6" not in said, "they last until the delivery"


def test_rejecting_takes_one_of_the_reasons(fresh: Scene) -> None:
    key = fresh.order("bake").order
    with fresh.owner() as browser:
        form = form_of(browser.get(f"/orders/{key}"))
        assert browser.post(f"/orders/{key}/reject", data=form).status_code == 422
        assert browser.post(f"/orders/{key}/reject", data={**form, "reason": "Too much"}).status_code == 303
        assert "Rejected by Ann, 14:00 today: Too much" in words(browser.get(f"/orders/{key}"))


def test_a_form_that_saw_an_older_proposal_changes_nothing_and_shows_the_new_one(fresh: Scene) -> None:
    key = fresh.order("bake").order
    with fresh.owner() as browser:
        form = form_of(browser.get(f"/orders/{key}"))
        fewer = [good for good in GOODS if good.supplier == "bake"][:1]
        says(fresh.till, order(BAKEHOUSE, fewer, revision=2))
        fresh.till.sends()
        for command in ("approve", "packs", "reject"):
            answer = browser.post(f"/orders/{key}/{command}", data={**form, "reason": "Too much"})
            assert answer.status_code == 409
            assert "The till has changed this order meanwhile" in words(answer)
            assert "Cinnamon bun" not in words(answer)
    assert commands(fresh) == 0


def test_what_was_approved_once_is_not_approved_twice(fresh: Scene) -> None:
    key = fresh.order("north").order
    with fresh.owner() as browser:
        form = form_of(browser.get(f"/orders/{key}"))
        first, second = (browser.post(f"/orders/{key}/approve", data=form) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "approved already" in words(second)
    assert commands(fresh) == 1


def test_after_the_cut_off_an_order_can_be_read_but_not_approved(fresh: Scene) -> None:
    key = fresh.order("north").order
    fresh.cloud.set_clock(fresh.order("north").cutoff_at - 1)
    with fresh.owner() as browser:
        form = form_of(browser.get(f"/orders/{key}"))
        fresh.cloud.set_clock(fresh.order("north").cutoff_at)
        assert browser.post(f"/orders/{key}/approve", data=form).status_code == 409
        page = browser.get(f"/orders/{key}")
    assert "can't be approved any more" in words(page) or "Ran out of time" in words(page)
    assert "Approve £" not in words(page)


def test_plus_and_minus_without_script_walk_along_the_tills_table(scene: Scene) -> None:
    key = scene.order("north").order
    with scene.owner() as browser:
        form = form_of(browser.get(f"/orders/{key}"))
        table = what_if(scene.order("north").lines[1])
        more = browser.post(f"/orders/{key}/packs", data={**form, "more": "1"})
        assert form_of(more)["packs.1"] == str(int(form["packs.1"]) + 1)
        walked = form_of(more)
        for _ in range(len(table)):
            walked = form_of(browser.post(f"/orders/{key}/packs", data={**walked, "less": "1"}))
        assert walked["packs.1"] == str(table[0].packs)
    assert commands(scene) == 0


def test_packs_that_the_till_has_not_worked_out_are_refused(scene: Scene) -> None:
    key = scene.order("north").order
    with scene.owner() as browser:
        form = form_of(browser.get(f"/orders/{key}"))
        for packs in ("-1", "9999", "1.5", "", "many", "٣"):
            answer = browser.post(f"/orders/{key}/approve", data={**form, "packs.0": packs})
            assert answer.status_code == 422, packs
    assert commands(scene) == 0


def test_a_decision_that_can_not_be_read_is_said_and_hides_nothing_else(fresh: Scene) -> None:
    proposed = fresh.order("bake")
    odd = [
        proposed.lines[0].model_copy(update={"decision": {}}),
        proposed.lines[1].model_copy(update={"decision": {**proposed.lines[1].decision, "means": "many"}}),
        proposed.lines[1].model_copy(update={"sku": "none", "packs": 0, "qty": 0, "cost": 0}),
    ]
    says(fresh.till, proposed.model_copy(update={"lines": tuple(odd), "revision": 2, "saw": {"a" * 32: 9}}))
    fresh.till.sends()
    with fresh.owner() as browser:
        said = words(browser.get(f"/orders/{proposed.order}"))
        assert said.count("The till's reasons for this line can't be read here.") == 2
        assert "Approve £" in said
        assert "Oat milk 1 l" in words(browser.get("/"))


def commands(scene: Scene) -> int:
    with scene.cloud.reading() as session:
        return len(session.exec(select(OrderCommand)).all())
