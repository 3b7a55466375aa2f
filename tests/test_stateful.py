"""Tills and a cloud against a small model: in whatever order things are done, sales and goods are the model's."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import select

from cloud_sync.tables.figures import Stock, Takings
from edge_agent.wire.events import KIND_OF
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import StockAdjusted, StockReceived
from scripts.tortures.sim import _silence as silence
from scripts.tortures.sim_bugs import BUGS
from scripts.tortures.sim_cloud import TENANT
from scripts.tortures.sim_goods import NEWER
from scripts.tortures.sim_judge import judge
from scripts.tortures.sim_world import ACTIONS, World


class Model:
    """What must be in the cloud once all is well: every act that was said to be done, once."""

    def __init__(self) -> None:
        self.sold: dict[str, int] = {}
        self.moved: dict[str, dict[str, int]] = {}

    def hears(self, world: World) -> None:
        """Take up what the world did since it was asked last."""
        for uid, done in world.ledger.known.items():
            if uid in self.moved:
                continue
            self.moved[uid] = dict(self._goods(done.body))
            if isinstance(done.body, SaleCompleted):
                self.sold[uid] = done.body.total

    def _goods(self, body: object) -> Iterator[tuple[str, int]]:
        match body:
            case SaleCompleted() | StockReceived():
                sign = -1 if isinstance(body, SaleCompleted) else 1
                yield from ((line.sku, sign * line.qty) for line in body.lines)
            case StockAdjusted():
                yield body.sku, body.qty

    def forgets(self, gone: set[str]) -> None:
        """The only copies of these were on a disk that was put back."""
        for uid in gone:
            self.sold.pop(uid, None)
            self.moved.pop(uid, None)

    def stock(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for moves in self.moved.values():
            total.update(moves)
        return total


class TillsAndCloud(RuleBasedStateMachine):
    """Each rule is one act of a simulated world that runs the programs themselves; which till, and how much of it, is
    picked by the world's seed."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = ExitStack()

    @initialize(seed=st.integers(0, 2**20))
    def begin(self, seed: int) -> None:
        self.ends.enter_context(silence())
        self.ends.enter_context(patch.dict(KIND_OF, NEWER))
        folder = Path(self.ends.enter_context(TemporaryDirectory()))
        self.world, self.model = World(folder, f"stateful.{seed}"), Model()
        self.ends.callback(self.world.close)

    @invariant()
    def every_receipt_is_known(self) -> None:
        if hasattr(self, "world"):
            self.model.hears(self.world)
            assert set(self.world.ledger.printed) == set(self.model.sold)

    def teardown(self) -> None:
        with self.ends:
            if hasattr(self, "world"):
                self.world.heal()
                assert judge(self.world, whole=False) == []
                self.cloud_counts_what_the_model_does()

    def cloud_counts_what_the_model_does(self) -> None:
        self.model.hears(self.world)
        lost_disks = bool(self.world.ledger.extinct) or any("put back" in line for line in self.world.trace)
        self.model.forgets(self.world.ledger.extinct)
        with self.world.cloud.database.reading() as session:
            taken = session.exec(select(Takings).where(Takings.tenant == TENANT)).all()
            stock = {row.sku: row.on_hand for row in session.exec(select(Stock).where(Stock.tenant == TENANT))}
        assert sum(row.total for row in taken) == sum(self.model.sold.values())
        if not lost_disks:  # goods that moved on a lost disk are nobody's to know
            assert {sku: qty for sku, qty in stock.items() if qty} == {
                sku: qty for sku, qty in self.model.stock().items() if qty
            }


def _rule(name: str) -> Callable[[Any], None]:
    act, _ = ACTIONS[name]

    def play(self: TillsAndCloud, after: int) -> None:
        self.world.time.now += after
        act(self.world)

    play.__name__ = name
    return rule(after=st.integers(1, 400))(play)


for _name, (_, _often) in ACTIONS.items():
    # What is done often stands there often: rules are picked evenly.
    for _copy in range(max(1, round(_often / 4))):
        setattr(TillsAndCloud, f"{_name}_{_copy}", _rule(_name))


def plays(examples: int, steps: int, phases: Sequence[Phase] = tuple(Phase)) -> None:
    asked = settings(max_examples=examples, stateful_step_count=steps, deadline=None, phases=phases)
    run_state_machine_as_test(TillsAndCloud, settings=asked)


def test_whatever_is_done_in_whatever_order_the_cloud_counts_what_the_model_does() -> None:
    plays(8, 50)


@pytest.mark.long
def test_two_thousand_orders_of_fifty_acts() -> None:
    plays(2000, 50)


@pytest.mark.long
def test_a_till_that_notices_no_fork_is_found() -> None:
    with ExitStack() as stack:
        BUGS["the till notices no fork"](stack)
        stack.enter_context(pytest.raises(AssertionError))
        plays(100, 50, [Phase.generate])
