"""The ninety days' experiment: each step done when the records show it, then a verdict by the ranges of the figures."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud_sync import experiments, popups
from cloud_sync.hubs.book import Shelf
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.before_after import BeforeAfter, DaySold, Span
from edge_agent.rules.experiment import Facts, check, next_step, steps, verdict
from edge_agent.rules.hub import Held, Point, Rounds, Tariff
from edge_agent.rules.imports_hubs import HubCard, Told
from edge_agent.wire.events.drops import ClosedPart, DropClosed
from edge_agent.wire.events.experiments import ExperimentSet
from edge_agent.wire.events.popups import PopUpClosed, PopUpOpened, PopUpSet
from tests.owner_shop import GOODS, TODAY, Scene, at_work, sale, says
from tests.page_text import hidden, words
from tests.shop import TUESDAY_14
from tests.test_pages_drops import FORM, HOUR

PLAN = ExperimentSet(
    experiment="e", name="Tea for a season", product="Tea", skus=("tea", "choc", "soap"), first_day=10, last_day=99
)
ALL = Facts(priced=3, at_hub=3, decided=4, known_days=80, drops=3, drop_pieces=90, popups=1, popup_sales=15)


def test_a_step_is_done_by_what_was_recorded_and_by_nothing_else() -> None:
    assert [one.done for one in steps(PLAN, Facts())] == [False] * 6
    assert next_step(steps(PLAN, Facts())) == "product"
    assert all(one.done for one in steps(PLAN, ALL))
    assert next_step(steps(PLAN, ALL)) is None
    two = Facts(priced=2, at_hub=3, decided=1, known_days=1, drops=1, popups=1)
    assert [one.name for one in steps(PLAN, two) if not one.done] == ["product", "event"]


def span(value: int, *, back: int = 0, under: int = 0) -> Span:
    days = tuple(DaySold(10, 10 * (value + 5 * (day % 2))) for day in range(28))
    return Span(1, 28, days, 900_000, back * 1000, under, 28)


@pytest.mark.parametrize(
    ("after", "sum_"),
    [
        (span(2_297), "better"),
        (span(2_094), "open"),
        (span(1_900), "worse"),
        (span(2_297, back=200), "open"),
        (span(2_094, under=20), "worse"),
    ],
)
def test_the_verdict_is_better_when_one_figure_is_and_none_is_worse(after: Span, sum_: str) -> None:
    found = verdict(PLAN, BeforeAfter(span(2_094), after), steps(PLAN, ALL), today=100)
    assert (found.sum, found.whole) == (sum_, True)
    early = verdict(PLAN, BeforeAfter(span(2_094), after), steps(PLAN, ALL), today=99)
    assert not early.whole
    assert not verdict(PLAN, BeforeAfter(span(2_094), after), steps(PLAN, Facts()), today=100).whole


def test_of_two_experiments_on_the_same_days_the_second_is_refused() -> None:
    with pytest.raises(BadInput, match="Tea for a season runs"):
        check(PLAN.model_copy(update={"experiment": "f", "first_day": 99, "last_day": 120}), [PLAN])
    check(PLAN.model_copy(update={"experiment": "f", "first_day": 100, "last_day": 189}), [PLAN])
    with pytest.raises(BadInput, match="90 days at most"):
        check(PLAN.model_copy(update={"last_day": 100}), [])
    with pytest.raises(BadInput, match="twice"):
        check(PLAN.model_copy(update={"skus": ("tea", "tea")}), [])


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[tuple[httpx.Client, Scene]]:
    with at_work(tmp_path, away=False) as scene, scene.owner() as browser:
        yield browser, scene


def sends(browser: httpx.Client, to: str, form: dict[str, str]) -> httpx.Response:
    token = hidden(browser.get("/cash"), "csrf")
    return browser.post(to, data={"csrf": token, **form}, follow_redirects=True)


BEGIN = {"name": "Tea for a season", "product": "Tea", "sku1": "tea", "sku2": "choc", "date": "2026-03-03"}


def test_the_page_leads_from_a_product_to_a_verdict_as_things_happen(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    assert "Begin one" in words(browser.get("/experiment"))
    assert sends(browser, "/experiment", {**BEGIN, "sku1": "", "sku2": ""}).status_code == 422
    assert sends(browser, "/experiment", {**BEGIN, "date": "2027-03-03"}).status_code == 422
    begun = words(sends(browser, "/experiment", BEGIN))
    assert "Tue 3 Mar 2026 to Sun 31 May 2026; day 1 of 90." in begun
    # The scene's tills have decided two orders today already.
    assert "2 of 6 steps done" in begun
    assert "One product and its variants 2 of 2 have a price and a cost in the catalogue done" in begun
    assert "A hub that has them it has told its stock of 0 of 2 next" in begun
    assert sends(browser, "/experiment", BEGIN).status_code == 422
    _hub(scene)
    sends(browser, "/cash/entry", {"kind": "balance", "date": "2026-03-03", "amount": "9000.00"})
    path = str(sends(browser, "/drops/plan", {**FORM, "start": "2026-03-03T16:00", "end": "2026-03-03T20:00"}).url.path)
    parts = [ClosedPart(sku=sku, sold=9_000, back=0, left=0, last_at=TUESDAY_14 + 3 * HOUR) for sku in ("tea", "choc")]
    name = path.rsplit("/", maxsplit=1)[-1]
    _event(scene)
    says(scene.till, DropClosed(drop=name, journal="a" * 32, parts=tuple(parts), hours=(1, 1, 1, 1)))
    scene.till.sends()
    scene.cloud.set_clock(TUESDAY_14 + 24 * HOUR)
    with scene.owner() as later:
        said = words(later.get("/experiment"))
        assert "6 of 6 steps done" in said
        assert "1 drop closed, 18 pieces sold done" in said
        assert "1 pop-up there and back, 1 sale there done" in said
        assert "So far" in said
        assert "Average order value" in said
        assert "Before and after Tue 3 Mar 2026" in words(later.get("/before-after"))
    scene.cloud.set_clock(TUESDAY_14 + 91 * 24 * HOUR)
    with scene.owner() as last:
        said = words(last.get("/experiment"))
        assert "over." in said
        assert "The verdict" in said
        assert "Begin one" in said


def _hub(scene: Scene) -> None:
    card = HubCard(
        "north-hub", "North hub", Point(51_600_000, 0), "files", "", Rounds(900, 1), Tariff(), 1_000, 20_000, 9, 231, 45
    )
    with scene.cloud.database.writing() as session:
        shelf = Shelf(session, scene.cloud.shop.tenant, scene.cloud.shop.shop)
        shelf.put(card, by="Ann", at=TUESDAY_14)
        session.flush()
        shelf.take("north-hub", Told(stock=(Held("tea", 40, 0, 0), Held("choc", 9, 0, 0))), TODAY, TUESDAY_14)


def _event(scene: Scene) -> None:
    where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
    market = PopUpSet(popup="p", name="Market", kind="market", first_day=TODAY, last_day=TODAY, attendance=0)
    with scene.cloud.database.writing() as session:
        popups.plan(session, **where, popup=market, at=TUESDAY_14)
    says(scene.till, PopUpOpened(popup="p"), sale(TODAY, 990, GOODS[6]), PopUpClosed(popup="p", left=()))


def test_an_experiment_that_is_ended_has_its_last_day_today_and_an_unknown_one_is_not_there(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, scene = owner
    sends(browser, "/experiment", BEGIN)
    where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
    with scene.cloud.reading() as session:
        (one,) = experiments.experiments(session, **where)
        with pytest.raises(NotKnown):
            experiments.experiment(session, **where, named="none")
    ended = words(sends(browser, "/experiment/end", {"experiment": one.experiment}))
    assert "Tue 3 Mar 2026 to Tue 3 Mar 2026" in ended
    assert "End it today" in ended
    scene.cloud.set_clock(TUESDAY_14 + 24 * HOUR)
    with scene.owner() as later:
        assert "Begin one" in words(later.get("/experiment"))
