"""Purchase orders in the cloud: which proposal holds, what the owner commands, and what the tills are told."""

import json
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import httpx
import pytest

from cloud_sync.ingest.verify import verify
from cloud_sync.orders import By, Conflict, approve, expire_due, listed, order_of, reject, version_of
from cloud_sync.projections.orders import lines_of
from cloud_sync.sending import claim_next
from cloud_sync.tables.orders import Order
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.order import rank
from tests.cloud import EMAIL, TLS, Cloud, FakeTill, proposal
from tests.shop import TUESDAY_14

ORDER = "0" * 64
ANN = By("ann", "Ann")
pytestmark = pytest.mark.both


@pytest.fixture
def till(cloud: Cloud) -> Iterator[FakeTill]:
    till = FakeTill(cloud)
    till.says("reorder_decided", proposal())
    till.sends()
    yield till
    till.close()


def order(cloud: Cloud) -> Order:
    with cloud.reading() as session:
        return order_of(session, tenant=cloud.shop.tenant, order=ORDER)


def packs(cloud: Cloud) -> dict[str, int | None]:
    with cloud.reading() as session:
        return {line.sku: line.approved_packs for line in lines_of(session, order(cloud))}


def approves(cloud: Cloud, *, version: str = "", at: int = TUESDAY_14, packs: dict[str, int] | None = None) -> Order:
    seen = version or version_of(order(cloud))
    with cloud.database.writing() as session:
        return approve(session, tenant=cloud.shop.tenant, order=ORDER, version=seen, by=ANN, now=at, packs=packs)


def outcomes(till: FakeTill) -> list[dict[str, Any]]:
    return [dict(entry["body"]) for entry in till.feed() if entry["kind"] == "order_outcome"]  # type: ignore[call-overload]


def test_a_proposal_waits_for_the_owner_with_its_lines(till: FakeTill) -> None:
    with till.cloud.reading() as session:
        (waiting,) = listed(session, tenant=till.cloud.shop.tenant, shop=till.cloud.shop.shop)
        lines = [(line.sku, line.packs, line.approved_packs) for line in lines_of(session, waiting)]
    assert (waiting.state, waiting.value, waiting.cutoff_at) == ("proposed", 5187, TUESDAY_14 + 3_600_000)
    assert lines == [("milk", 3, None), ("bread", 2, None)]


def test_an_approval_is_one_command_and_one_entry_of_the_feed(till: FakeTill) -> None:
    approves(till.cloud)
    stands = order(till.cloud)
    assert (stands.state, stands.version, stands.by, stands.edited) == ("approved", 1, "Ann", False)
    (told,) = outcomes(till)
    assert (told["state"], told["by"], told["version"], told["revision"]) == ("approved", "Ann", 1, 1)
    assert told["lines"] == [
        {"sku": "milk", "packs": 3, "qty": 18_000},
        {"sku": "bread", "packs": 2, "qty": 12_000},
    ]


def test_edited_packs_are_ordered_and_a_line_of_none_is_left_out(till: FakeTill) -> None:
    approves(till.cloud, packs={"milk": 5, "bread": 0})
    assert order(till.cloud).edited
    assert packs(till.cloud) == {"milk": 5, "bread": 0}
    assert outcomes(till)[0]["lines"] == [{"sku": "milk", "packs": 5, "qty": 30_000}]


def test_a_rejection_says_why(till: FakeTill) -> None:
    with till.cloud.database.writing() as session:
        seen = version_of(order(till.cloud))
        args: dict[str, Any] = {"tenant": till.cloud.shop.tenant, "order": ORDER, "by": ANN, "now": TUESDAY_14}
        reject(session, version=seen, reason="too much", **args)
    assert order(till.cloud).state == "rejected"
    assert [(told["state"], told["reason"]) for told in outcomes(till)] == [("rejected", "too much")]


def test_a_command_on_what_changed_meanwhile_is_a_conflict_and_changes_nothing(till: FakeTill) -> None:
    seen = version_of(order(till.cloud))
    till.says("reorder_decided", proposal(revision=2, saw={"a" * 32: 2}))
    till.sends()
    with pytest.raises(Conflict) as said:
        approves(till.cloud, version=seen)
    assert said.value.order.revision == 2
    assert order(till.cloud).state == "proposed"
    assert outcomes(till) == []


def test_an_order_is_decided_once(till: FakeTill) -> None:
    approves(till.cloud)
    with pytest.raises(Conflict, match="approved already"):
        approves(till.cloud, packs={"milk": 9})
    assert len(outcomes(till)) == 1
    assert packs(till.cloud)["milk"] == 3


@pytest.mark.parametrize("chosen", [{"eggs": 1}, {"milk": -1}, {"milk": 0, "bread": 0}, {"milk": 1_000_000}], ids=str)
def test_packs_that_make_no_order_are_refused_by_name(till: FakeTill, chosen: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        approves(till.cloud, packs=chosen)
    assert order(till.cloud).state == "proposed"


def test_after_the_cutoff_an_open_order_expires_and_the_tills_are_told_once(till: FakeTill) -> None:
    late = TUESDAY_14 + 3_600_000
    with pytest.raises(Conflict, match="cut-off"):
        approves(till.cloud, at=late)
    assert expire_due(till.cloud.database, late - 1) == 0
    expire_due(till.cloud.database, late)
    expire_due(till.cloud.database, late)
    assert order(till.cloud).state == "expired"
    assert [told["state"] for told in outcomes(till)] == ["expired"]


def test_an_approved_order_does_not_expire_and_goods_close_it(till: FakeTill) -> None:
    approves(till.cloud)
    expire_due(till.cloud.database, TUESDAY_14 + 86_400_000)
    assert order(till.cloud).state == "approved"
    line = {"sku": "milk", "qty": 17_000, "ordered": 18_000, "expires": None}
    till.says("stock_received", {"order": ORDER, "supplier": "north", "lines": [line]})
    till.sends()
    assert order(till.cloud).state == "received"
    assert packs(till.cloud)["milk"] == 3


def test_a_later_revision_cannot_touch_what_was_approved(till: FakeTill) -> None:
    approves(till.cloud, packs={"milk": 4})
    till.says("reorder_decided", proposal(revision=2, saw={"a" * 32: 9}, state="withdrawn", lines=[], value=0))
    till.sends()
    assert order(till.cloud).state == "approved"


def test_a_withdrawn_order_is_not_to_be_approved(till: FakeTill) -> None:
    till.says("reorder_decided", proposal(revision=2, saw={"a" * 32: 2}, state="withdrawn", lines=[], value=0))
    till.sends()
    with pytest.raises(Conflict, match="withdrawn"):
        approves(till.cloud)


def test_the_proposal_that_saw_more_holds_whichever_comes_first(cloud: Cloud) -> None:
    one, other = FakeTill(cloud, "a" * 32), FakeTill(cloud, "b" * 32)
    other.says("reorder_decided", proposal(revision=1, saw={"a" * 32: 5, "b" * 32: 9}, value=1))
    one.says("reorder_decided", proposal(revision=4, saw={"a" * 32: 5, "b" * 32: 2}, value=2))
    other.sends()
    one.sends()
    assert order(cloud).value == 1
    ranks = [rank({"a": 5, "b": 9}, 1, "b", 1), rank({"a": 5, "b": 2}, 4, "a", 1), rank({"a": 5, "b": 2}, 3, "a", 0)]
    assert {max(some) for some in permutations(ranks)} == {ranks[0]}
    one.close()
    other.close()


def test_another_tenants_order_is_not_there(till: FakeTill) -> None:
    stranger = till.cloud.another()
    with pytest.raises(NotKnown):
        order(stranger)


def test_orders_come_out_of_a_rebuild_as_they_stand(till: FakeTill) -> None:
    till.says("reorder_decided", proposal(order="1" * 64, saw={"a" * 32: 2}))
    till.says("reorder_decided", proposal(order="2" * 64, saw={"a" * 32: 3}))
    till.sends()
    approves(till.cloud, packs={"milk": 1})
    expire_due(till.cloud.database, TUESDAY_14 + 3_600_000)
    line = {"sku": "milk", "qty": 6_000, "ordered": 6_000, "expires": None}
    till.says("stock_received", {"order": ORDER, "supplier": "north", "lines": [line]})
    till.sends()
    assert verify(till.cloud.database).rows["purchase_order"] >= 3


@pytest.fixture
def browser(till: FakeTill) -> Iterator[httpx.Client]:
    password = till.cloud.owner(f"{till.cloud.shop.tenant}{EMAIL}")
    with httpx.Client(base_url=till.cloud.url, trust_env=False, verify=TLS) as http:
        asked = {"email": f"{till.cloud.shop.tenant}{EMAIL}", "password": password}
        http.headers["X-CSRF-Token"] = http.post("/v1/owner/sign-in", json=asked).json()["csrf"]
        yield http


def test_an_owner_approves_over_http(till: FakeTill, browser: httpx.Client) -> None:
    (waiting,) = browser.get("/v1/owner/orders").json()["orders"]
    assert waiting["lines"][0]["packs"] == 3
    asked = {"version": waiting["version"], "packs": {"milk": 4}}
    done = browser.post(f"/v1/owner/orders/{ORDER}/approve", json=asked)
    assert (done.status_code, done.json()["state"], done.json()["edited"]) == (200, "approved", True)
    again = browser.post(f"/v1/owner/orders/{ORDER}/reject", json={"version": waiting["version"]})
    assert (again.status_code, again.json()["order"]["state"]) == (409, "approved")
    assert browser.get("/v1/owner/orders").json() == {"orders": []}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-CSRF-Token": "wrong"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Cookie": ""}, 401),
    ],
)
def test_no_other_site_gives_a_command(
    till: FakeTill, browser: httpx.Client, headers: dict[str, str], status: int
) -> None:
    asked = {"version": version_of(order(till.cloud))}
    answer = browser.post(f"/v1/owner/orders/{ORDER}/approve", json=asked, headers=headers)
    assert answer.status_code == status
    assert order(till.cloud).state == "proposed"


def test_unknown_fields_and_wrong_values_are_refused(till: FakeTill, browser: httpx.Client) -> None:
    seen = version_of(order(till.cloud))
    for asked in ({"version": seen, "tenant": "x"}, {"version": seen, "packs": {"milk": "many"}}, {}):
        answer = browser.post(f"/v1/owner/orders/{ORDER}/approve", content=json.dumps(asked))
        assert answer.status_code == 422
    assert browser.post(f"/v1/owner/orders/{'f' * 64}/approve", json={"version": seen}).status_code == 404
    assert order(till.cloud).state == "proposed"


def test_what_was_approved_is_sent_though_a_till_that_was_away_withdraws_its_lines_later(till: FakeTill) -> None:
    approves(till.cloud, packs={"milk": 5})
    later = proposal(revision=2, saw={"a" * 32: 9}, state="withdrawn", lines=[], value=0)
    till.says("reorder_decided", later)
    till.sends()
    claims = iter(lambda: claim_next(till.cloud.database, "w", TUESDAY_14), None)
    assert till.cloud.shop.tenant in [claim.tenant for claim in claims]
    sent = outcomes(till)[-1]
    assert sent["state"] == "sent"
    assert sent["lines"] == [{"sku": "milk", "packs": 5, "qty": 30_000}, {"sku": "bread", "packs": 2, "qty": 12_000}]


def test_the_page_shows_the_lines_that_were_approved_whatever_is_proposed_later(till: FakeTill) -> None:
    approves(till.cloud, packs={"milk": 5})
    eggs = {"sku": "eggs", "packs": 9, "qty": 54_000, "cost": 900, "decision": {}}
    till.says("reorder_decided", proposal(revision=2, saw={"a" * 32: 9}, lines=[eggs], value=900))
    till.sends()
    assert packs(till.cloud) == {"milk": 5, "bread": 2}
    stands = order(till.cloud)
    assert (stands.revision, stands.edited, stands.value) == (1, True, 5187)
    assert verify(till.cloud.database).rows["purchase_order_line"] >= 2
