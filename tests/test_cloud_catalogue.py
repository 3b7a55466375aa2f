"""The catalogue in the cloud: the device writes it until pairing; after that its changes are folded field by field."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cloud_sync import catalogue, feed
from cloud_sync.catalogue import merge
from cloud_sync.ingest.verify import verify
from edge_agent.errors import NotKnown
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events import kind_of
from edge_agent.wire.events.catalogue import ItemSet
from tests.cloud import Cloud, FakeTill
from tests.shop import BREAD, CAST, MILK, SHOP, TUESDAY_14


@pytest.fixture
def first(cloud: Cloud) -> Iterator[FakeTill]:
    till = FakeTill(cloud, "a" * 32)
    for body in CAST:
        states(till, body)
    till.sends()
    yield till
    till.close()


@pytest.fixture
def second(first: FakeTill) -> Iterator[FakeTill]:
    till = FakeTill(first.cloud, "b" * 32)
    yield till
    till.close()


def states(till: FakeTill, body: Contract, *, feed: int = 0) -> None:
    kind, v = kind_of(body)
    till.says(kind, json.loads(body.model_dump_json()), v=v, feed=feed)


def head(cloud: Cloud) -> int:
    with cloud.reading() as session:
        return feed.head_of(session, cloud.shop.tenant, cloud.shop.shop)


def item(cloud: Cloud, sku: str = "milk") -> ItemSet:
    with cloud.reading() as session:
        return catalogue.item(session, tenant=cloud.shop.tenant, shop=cloud.shop.shop, sku=sku)


def sets(cloud: Cloud, item: ItemSet) -> int:
    with cloud.database.writing() as session:
        return catalogue.set_item(session, tenant=cloud.shop.tenant, shop=cloud.shop.shop, item=item, at=TUESDAY_14)


def folded(till: FakeTill) -> dict[str, dict[str, Any]]:
    """What a till that reads the feed from 0 holds of items."""
    entries = [dict(entry["body"]) for entry in till.feed() if entry["kind"] == "item_set"]  # type: ignore[call-overload]
    return {entry["sku"]: entry for entry in entries}


def test_what_a_till_wrote_before_pairing_is_the_catalogue(first: FakeTill) -> None:
    assert item(first.cloud) == MILK
    with first.cloud.reading() as session:
        place = {"tenant": first.cloud.shop.tenant, "shop": first.cloud.shop.shop}
        assert catalogue.shop_card(session, **place) == SHOP
        assert set(catalogue.items(session, **place)) == {"milk", "bread", "choc"}
        assert catalogue.names(session, **place, kind="supplier_set") == {"north": "Northside"}


def test_a_second_till_gets_the_whole_catalogue_from_the_feed(second: FakeTill) -> None:
    kinds = [entry["kind"] for entry in second.feed()]
    assert sorted(map(str, kinds)) == ["item_set", "item_set", "item_set", "shop_set", "supplier_set"]
    assert folded(second)["milk"] == json.loads(MILK.model_dump_json())


def test_the_author_is_not_sent_its_own_words_again(first: FakeTill) -> None:
    sent = first.feed()
    assert len(sent) == 1  # The last row is always sent, so that the cursor moves.
    assert sent[0]["cursor"] == head(first.cloud) == 5


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_pages_of_the_feed_lead_every_till_to_its_head(
    first: FakeTill, second: FakeTill, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "FEED_PAGE", rows)
    for till, least in ((first, 1), (second, 5)):
        cursors: list[int] = []
        while page := till.feed(cursors[-1] if cursors else 0):
            cursors += [int(str(entry["cursor"])) for entry in page]
        assert cursors[-1] == head(first.cloud)
        assert cursors == sorted(set(cursors))
        assert len(cursors) >= least


def test_a_change_made_in_the_cloud_goes_to_every_till(first: FakeTill, second: FakeTill) -> None:
    before = head(first.cloud)
    cursor = sets(first.cloud, MILK.model_copy(update={"price": 199}))
    assert cursor == before + 1
    for till in (first, second):
        (entry,) = till.feed(before)
        assert entry["body"]["price"] == 199  # type: ignore[index]


def test_a_tills_change_of_one_field_leaves_the_others_as_the_cloud_has_them(first: FakeTill) -> None:
    sets(first.cloud, MILK.model_copy(update={"name": "Oat milk"}))
    states(first, MILK.model_copy(update={"price": 210}))  # It has not seen the new name.
    first.sends()
    assert (item(first.cloud).name, item(first.cloud).price) == ("Oat milk", 210)
    assert folded(first)["milk"]["name"] == "Oat milk"


def test_the_author_hears_its_own_words_again_when_older_ones_are_still_on_their_way(first: FakeTill) -> None:
    seen = head(first.cloud)
    sets(first.cloud, MILK.model_copy(update={"name": "Oat milk"}))
    sets(first.cloud, MILK)
    states(first, MILK.model_copy(update={"price": 210}), feed=seen)
    first.sends()
    sets(first.cloud, BREAD.model_copy(update={"price": 1}))
    milk = [entry["body"] for entry in first.feed(seen)]
    prices = [body["price"] for body in milk if body["sku"] == "milk"]  # type: ignore[index]
    assert prices == [MILK.price, MILK.price, 210]


def test_a_newer_version_of_the_same_field_stands(first: FakeTill) -> None:
    sets(first.cloud, MILK.model_copy(update={"price": 199}))
    states(first, MILK.model_copy(update={"price": 210}))
    first.sends()
    assert item(first.cloud).price == 199


def test_a_till_that_had_seen_the_newer_version_changes_it(first: FakeTill) -> None:
    cursor = sets(first.cloud, MILK.model_copy(update={"price": 199}))
    states(first, MILK.model_copy(update={"price": 210}), feed=cursor)
    first.sends()
    assert item(first.cloud).price == 210


def test_a_till_may_change_the_same_field_twice_before_it_hears_of_the_first(first: FakeTill) -> None:
    for price in (190, 195):
        states(first, MILK.model_copy(update={"price": price}))
        first.sends()
    assert item(first.cloud).price == 195


def test_two_tills_come_to_the_same_item_whatever_they_said(first: FakeTill, second: FakeTill) -> None:
    seen = head(first.cloud)
    states(second, BREAD.model_copy(update={"name": "Rye 800 g"}), feed=seen)
    states(first, BREAD.model_copy(update={"price": 360}), feed=seen)
    second.sends()
    first.sends()
    assert (item(first.cloud, "bread").name, item(first.cloud, "bread").price) == ("Rye 800 g", 360)
    assert folded(first)["bread"] == folded(second)["bread"]


def test_saying_the_same_again_publishes_nothing(first: FakeTill) -> None:
    before = head(first.cloud)
    states(first, MILK)
    first.sends()
    assert head(first.cloud) == before


def test_a_new_item_from_a_till_is_everybodys(first: FakeTill, second: FakeTill) -> None:
    states(first, MILK.model_copy(update={"sku": "eggs", "name": "Six eggs", "codes": ()}))
    first.sends()
    assert folded(second)["eggs"]["name"] == "Six eggs"


def test_a_rebuild_decides_nothing_anew(first: FakeTill, second: FakeTill) -> None:
    test_a_tills_change_of_one_field_leaves_the_others_as_the_cloud_has_them(first)
    test_two_tills_come_to_the_same_item_whatever_they_said(first, second)
    before = head(first.cloud)
    verify(first.cloud.database)
    assert head(first.cloud) == before


def test_an_item_of_another_tenant_is_not_there(first: FakeTill) -> None:
    with pytest.raises(NotKnown):
        item(first.cloud.another())


def test_two_shops_of_one_owner_have_each_their_own_catalogue_and_journals(first: FakeTill) -> None:
    other = FakeTill(first.cloud.second_shop(), "c" * 32)
    assert other.feed() == []
    states(other, MILK.model_copy(update={"price": 999}))
    other.sends()
    assert item(first.cloud) == MILK
    assert item(other.cloud).price == 999
    assert [entry["cursor"] for entry in other.feed()] == [1]
    other.journal = first.journal
    with pytest.raises(AssertionError, match="FENCED"):
        other.open()
    other.close()


def test_a_hostile_name_is_clean_where_it_is_shown_and_verbatim_where_it_is_kept(first: FakeTill) -> None:
    name = "\x1b]0;x\x07Milk[/]\u202e\u009b<b>"
    states(first, MILK.model_copy(update={"name": name}), feed=head(first.cloud))
    first.sends()
    assert item(first.cloud).name == name
    with first.cloud.reading() as session:
        shown = catalogue.names(session, tenant=first.cloud.shop.tenant, shop=first.cloud.shop.shop)["milk"]
    assert shown == "]0;xMilk[/]<b>"


def test_merging_takes_exactly_what_was_changed_and_is_not_older() -> None:
    holds = {"name": "B", "price": 2}
    stamps: dict[str, list[int | str]] = {"name": [7, "x"], "price": [3, ""]}
    seen = {"name": "A", "price": 2}
    assert merge(holds, stamps, {"name": "A", "price": 5}, seen, 5, "me") == {"name": "B", "price": 5}
    assert merge(holds, stamps, {"name": "C", "price": 2}, seen, 5, "me") == {"name": "B", "price": 2}
    assert merge(holds, stamps, {"name": "C", "price": 2}, seen, 7, "me") == {"name": "C", "price": 2}
    assert merge(holds, stamps, {"name": "C", "price": 2}, seen, 5, "x") == {"name": "C", "price": 2}
    assert merge({}, {}, {"name": "A"}, {}, 0, "me") == {"name": "A"}
