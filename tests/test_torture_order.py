"""The fault matrix's row of orders: each is sent once whoever decides, and the rig finds it when one is not."""

from pathlib import Path

import pytest

from edge_agent.rules import order as rules
from scripts.tortures import order

SEED = "5.0"
DAYS = 3


def test_a_shop_of_several_tills_orders_each_thing_once_by_cloud_and_by_hand(tmp_path: Path) -> None:
    told = order.one_shop(tmp_path / "shop", SEED, DAYS)
    assert told.wrong == []
    assert (told.per_key, told.sent_most) == (1, 1)
    assert all(told.done[what] for what in ("contested", "approved", "claims", "slips", "refused")), told.done


def test_a_key_that_is_another_at_each_decision_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments, stable = iter(range(1_000_000)), rules.order_key

    def unstable(*, shop: str, supplier: str, cycle: int, purpose: str = "") -> str:
        return stable(shop=shop, supplier=f"{supplier} {next(moments)}", cycle=cycle, purpose=purpose)

    monkeypatch.setattr(rules, "order_key", unstable)
    told = order.one_shop(tmp_path / "shop", SEED, 1)
    assert told.done["doubled"], told.done


def test_a_cloud_that_sends_what_a_till_orders_by_hand_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cloud_sync import sending

    monkeypatch.setattr(sending, "why_not", lambda _session, _order: "")
    told = order.one_shop(tmp_path / "shop", SEED, DAYS)
    assert any("was sent 2 times" in words for words in told.wrong), told.wrong
