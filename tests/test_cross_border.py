"""A drop that goes over a border waits for its checklist: nothing is sold or sampled until it is settled."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_sync import drops
from edge_agent.counter.drops import check
from edge_agent.counter.paper import Paper
from edge_agent.counter.people import People
from edge_agent.counter.samples import Samples
from edge_agent.errors import BadInput
from edge_agent.fittings import NoPrinter
from edge_agent.rules.cross_border import checklist, countries_of, held_back
from edge_agent.rules.sale import Article, Sale, add
from edge_agent.settings import SamplesSettings
from scripts.tortures.order_shop import SharedShop, Till
from tests.shop import CAST, TUESDAY_14, seeded_ids
from tests.test_drops import HOUR, MUGS, START, a_drop

NAMES = ("wording", "free", "allergens", "customs", "duty", "identifier", "gifts")


def names(home: str, *countries: str) -> list[str]:
    return [one.item for one in checklist(home, countries)]


def test_what_is_on_the_list_follows_from_where_it_goes() -> None:
    assert names("GB") == names("GB", "GB") == names("DE", "FR", "AT") == []
    assert names("GB", "DE") == list(NAMES)
    assert names("DE", "GB") == ["wording", "free", "allergens", "customs"]
    assert names("GB", "US") == ["wording", "free", "allergens", "customs", "gifts"]
    assert countries_of("de, FR fr") == ("DE", "FR")
    with pytest.raises(BadInput, match="no country"):
        countries_of("Germany")


def sells(till: Till) -> None:
    check(till.memory, add(Sale(), Article("mug-s", "Mug", 900, 2000, limited=True), 1000), till.office.clock)


def samples_of(till: Till, folder: Path) -> Samples:
    """The desk of samples at a till whose printer stands idle."""
    people, sign = People(folder, seeded_ids()), lambda _: ("", "")
    paper = Paper(NoPrinter(), "Till 2", till.journal.reading, folder / "handed", sign)
    return Samples(till.journal, folder, people, paper, sign, SamplesSettings())


def test_no_till_sells_it_until_every_point_is_settled_or_the_owner_says_why(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    shop = SharedShop(tmp_path, (*CAST, *MUGS), 2, at=TUESDAY_14, database=new_database())
    office = shop.office
    where = {"tenant": office.shop.tenant, "shop": office.shop.shop}

    def said(**changes: object) -> None:
        with office.database.writing() as session:
            told = {"named": "mugs-1", "at": shop.clock.now(), **where, "why": "", "checked": (), **changes}
            drops.confirm(session, **told)  # type: ignore[arg-type]
        shop.settle()

    with office.database.writing() as session:
        one = a_drop(home="GB", countries=("DE",), cap=0)
        drops.plan(session, **where, drop=one, at=shop.clock.now())
        with pytest.raises(BadInput, match="which country it is sold from"):
            drops.plan(session, **where, drop=a_drop(drop="x", countries=("DE",)), at=shop.clock.now())
    shop.settle()
    shop.clock.at = START + HOUR
    two = shop.tills[1]
    assert held_back(one) == "7 points of its checklist for DE are open"
    with pytest.raises(BadInput, match="7 points of its checklist for DE are open: Mugs"):
        sells(two)
    said(checked=NAMES[:-1])
    with pytest.raises(BadInput, match="1 points"):
        sells(two)
    with pytest.raises(BadInput, match="1 points"):
        samples_of(two, tmp_path).give("mug-s", 1000).result()
    said(checked=NAMES)
    sells(two)
    said(checked=(), why="Customs said by letter of 3 March")
    sells(two)
    with pytest.raises(BadInput, match="no point"):
        said(checked=("luck",))
    shop.close()
