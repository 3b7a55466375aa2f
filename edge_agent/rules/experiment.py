"""The ninety days' experiment: which of its steps are done, by what the tills, the hub and the account showed.

Nobody ticks a step off. Each looks at what was recorded from the first day on, but the product, which may be older.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edge_agent.errors import BadInput
from edge_agent.rules.before_after import BeforeAfter, Said, said
from edge_agent.wire.events.experiments import ExperimentSet

DAYS = 90
VARIANTS = 3
Name = Literal["product", "hub", "rule", "float", "drop", "event"]


@dataclass(frozen=True)
class Facts:
    """What was recorded: SKUs of the product that have a price and a cost, those of which a hub has told its stock,
    orders that tills decided, days on which the account is known, drops of the product that tills closed with the
    pieces that they sold, pop-ups that a till opened and closed with the sales made there."""

    priced: int = 0
    at_hub: int = 0
    decided: int = 0
    known_days: int = 0
    drops: int = 0
    drop_pieces: int = 0
    popups: int = 0
    popup_sales: int = 0


@dataclass(frozen=True)
class Step:
    """A step, and whether what was recorded shows it."""

    name: Name
    done: bool


def steps(plan: ExperimentSet, facts: Facts) -> tuple[Step, ...]:
    """In the order in which they are best taken."""
    whole = len(plan.skus)
    return (
        Step("product", facts.priced == whole),
        Step("hub", facts.at_hub == whole),
        Step("rule", facts.decided > 0),
        Step("float", facts.known_days > 0),
        Step("drop", facts.drops > 0),
        Step("event", facts.popups > 0 and facts.popup_sales > 0),
    )


def next_step(found: Sequence[Step]) -> Name | None:
    """The first that is not done; None when all are."""
    return next((one.name for one in found if not one.done), None)


@dataclass(frozen=True)
class Verdict:
    """What the three figures say. `whole`: all days are over and all steps were taken; before that it may turn."""

    order_value: Said
    returned: Said
    below_float: Said
    whole: bool

    @property
    def sum(self) -> Said:
        """Better when one figure is and none is worse, worse the other way round, else open."""
        every = {self.order_value, self.returned, self.below_float} - {"open"}
        return every.pop() if len(every) == 1 else "open"


def verdict(plan: ExperimentSet, figures: BeforeAfter, found: Sequence[Step], today: int) -> Verdict:
    """By the ranges of the figures."""
    return Verdict(
        said(figures.order_value, more_is_better=True),
        said(figures.returned, more_is_better=False),
        said(figures.below_float, more_is_better=False),
        today > plan.last_day and all(one.done for one in found),
    )


def check(plan: ExperimentSet, others: Sequence[ExperimentSet]) -> None:
    """BadInput when its days are none, a SKU stands there twice, or another one runs on these days."""
    if not 0 <= plan.last_day - plan.first_day < DAYS:
        raise BadInput(f"an experiment lasts {DAYS} days at most, and one at least")
    if len(set(plan.skus)) < len(plan.skus):
        raise BadInput("a SKU stands there twice")
    for other in others:
        apart = other.last_day < plan.first_day or plan.last_day < other.first_day
        if other.experiment != plan.experiment and not apart:
            raise BadInput(f"{other.name} runs on some of these days: end it first")
