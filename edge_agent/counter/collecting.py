"""Reservations at the counter: what a code keeps for its customer comes into the sale at its price, once."""

from collections.abc import Sequence
from dataclasses import replace

from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.reading import Reading
from edge_agent.rules.money import line_total
from edge_agent.rules.sale import Article, Sale, add
from edge_agent.wire.events.reservations import ReservationSet

MOST = 10
"""Reservations of one sale."""


def wanted(memory: Reading, mark: str) -> ReservationSet:
    """The reservation of a code that was scanned, offline as well. NotKnown where this till never heard of it; BadInput
    for one that was handed over or is kept no longer."""
    found = memory.reservation(mark)
    if found is None:
        raise NotKnown("this till has not heard of that reservation: scan it again when the cloud answers")
    if found.state == "handed":
        raise BadInput(f"reservation {found.number} was handed over already")
    if found.state == "released":
        raise BadInput(f"reservation {found.number} is kept no longer: sell what is left")
    return found


def goods(memory: Reading, body: ReservationSet, at: int) -> list[Article]:
    """What it keeps, line by line, at the prices that were agreed; NotKnown for what is not in the catalogue here."""
    found = []
    for line in body.lines:
        article = memory.article(line.sku, at)
        if article is None:
            raise NotKnown(f"{line.sku} is not in the catalogue")
        found.append(replace(article, price=line.price))
    return found


def collected(sale: Sale, body: ReservationSet, goods: Sequence[Article]) -> Sale:
    """The sale with a reservation's goods. BadInput for one that is in it already."""
    if body.reservation in sale.collected:
        raise BadInput(f"reservation {body.number} is in this sale already")
    if len(sale.collected) >= MOST:
        raise BadInput("no more reservations in one sale: pay it first")
    for article, line in zip(goods, body.lines, strict=True):
        sale = add(sale, article, line.qty)
    paid = sum(line_total(line.price, line.qty) for line in body.lines) if body.paid else 0
    return replace(sale, collected=(*sale.collected, body.reservation), prepaid=sale.prepaid + paid)


def not_collected(memory: Reading, sale: Sale) -> None:
    """BadInput when one of the sale's reservations was handed over meanwhile; asked inside the act that records it."""
    for mark in sale.collected:
        if memory.was_collected(mark):
            raise BadInput("that reservation was handed over already")
