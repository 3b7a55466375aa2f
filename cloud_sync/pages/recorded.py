"""Reads what a till recorded for a line of an order; what can't be read is said on the page and is never its end."""

from dataclasses import dataclass

from markupsafe import Markup

from cloud_sync.pages.chart import fan
from edge_agent.errors import Broken
from edge_agent.rules.dayparts import Part, outlook
from edge_agent.rules.packs import WhatIf
from edge_agent.rules.plan import OpeningHours
from edge_agent.rules.reasons import Names, sentences
from edge_agent.rules.record import decision_of, policy_of, what_if
from edge_agent.rules.reorder import Decision
from edge_agent.wire.events.reorder import OrderLine, ReorderDecided

UNREADABLE = (Broken, LookupError, ValueError, TypeError, ArithmeticError, AttributeError, AssertionError)
"""A line's decision is free-form data: whatever an odd one does to the rules that read it, the owner gets the rest."""

NO_CHART = Markup()
DRAWN_LINES = 40
PARTED_LINES = 20


@dataclass(frozen=True)
class Recorded:
    """A line's what-if table, its reasons as sentences, its chart, and the 72 hours after it was decided in parts of
    the day; all empty when it can't be read."""

    rows: tuple[WhatIf, ...] = ()
    reasons: tuple[str, ...] = ()
    chart: Markup = NO_CHART
    parts: tuple[Part, ...] = ()


def recorded(proposal: ReorderDecided, line: OrderLine, names: Names) -> Recorded:
    """What the till wrote down for this line; in a long order without the chart."""
    try:
        found, hours = read(proposal, line)
        lines = len(proposal.lines)
        chart = fan(found, hours) if lines <= DRAWN_LINES else NO_CHART
        parts = _parts(found, hours) if lines <= PARTED_LINES else ()
        return Recorded(what_if(line), sentences(proposal, line, names), chart, parts)
    except UNREADABLE:
        return Recorded()


def _parts(found: Decision, hours: OpeningHours) -> tuple[Part, ...]:
    """Without this order, as its chart."""
    snapshot = found.snapshot
    there = snapshot.on_hand - snapshot.reserved
    return outlook(there, snapshot.incoming, found.forecast, hours, found.moment.now).parts


def read(proposal: ReorderDecided, line: OrderLine) -> tuple[Decision, OpeningHours]:
    """The decision and the opening hours it was made for; one of UNREADABLE when they are not there."""
    assert proposal.basis is not None, "an order with lines has a basis"
    return decision_of(proposal, line), policy_of(proposal.basis).hours
