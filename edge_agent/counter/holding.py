"""Sales that wait: set aside under a ticket's number, durable, and gone on with later, also after a restart."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, replace
from typing import TypeVar

from edge_agent.counter.shop import terms_of
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.log import Compose, Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.bundle import Component
from edge_agent.rules.sale import Line, Override, Read, Sale
from edge_agent.wire.events.selling import SaleHeld, SaleRecalled

Answer = TypeVar("Answer")


class Holding:
    """Each act is one transaction; its future gives the answer once it is durable."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def hold(self, sale: Sale, by: str = "") -> "Future[int]":
        """Set a sale aside; its ticket. BadInput for an empty one."""
        if not sale.lines:
            raise BadInput("there is no sale to hold: the next scan begins one")
        if sale.loads:
            raise BadInput("a gift card is in this sale: take it off first (0 F6)")
        if sale.sample:
            raise BadInput("a sample's code is in this sale: Enter pays it, F5 twice voids it")
        if sale.collected:
            raise BadInput("a reservation is in this sale: Enter pays it, F5 twice voids it")

        def compose(memory: Reading) -> list[Draft]:
            return [Draft(SaleHeld.model_validate(held_words(sale, memory.free_ticket())), by)]

        return self._answered(compose, _ticket)

    def recall(self, ticket: int, by: str = "") -> "Future[Sale]":
        """The held sale of this ticket, which waits no more. The future fails with NotKnown when there is none."""
        found: list[Sale] = []

        def compose(memory: Reading) -> list[Draft]:
            held = next((one for one, _ in memory.held() if one.ticket == ticket), None)
            if held is None:
                raise NotKnown(f"no sale is held as {ticket}: F3 lists those that are")
            found[:] = [replace(sale_of(held), terms=terms_of(memory.shop()))]
            return [Draft(SaleRecalled(ticket=ticket), by)]

        return self._answered(compose, lambda _: found[0])

    def _answered(self, compose: Compose, answer: Callable[[Recorded], Answer]) -> "Future[Answer]":
        done: Future[Answer] = Future()

        def finish(stored: "Future[tuple[Recorded, ...]]") -> None:
            error = stored.exception()
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(answer(stored.result()[0]))

        self._journal.record(compose).add_done_callback(finish)
        return done


def _ticket(recorded: Recorded) -> int:
    assert isinstance(recorded.body, SaleHeld)
    return recorded.body.ticket


def held_words(sale: Sale, ticket: int) -> dict[str, object]:
    """What an event says of a sale that waits."""
    of = {"percent": sale.percent, "cards": sale.cards, "age": sale.age, "customer": sale.customer}
    return {"ticket": ticket, "lines": tuple(_line_words(line) for line in sale.lines), "total": sale.total, **of}


def _line_words(line: Line) -> dict[str, object]:
    hand = line.override
    return {
        "sku": line.sku,
        "name": line.name,
        "price": line.price,
        "rate": line.rate,
        "qty": line.qty,
        "limited": line.limited,
        "unit": line.unit,
        "deposit": line.deposit,
        "fixed": line.fixed,
        "percent": line.percent,
        "was": hand.was if hand else None,
        "reason": hand.reason if hand else "",
        "approved": hand.approved if hand else "",
        "code": line.read.code,
        "lot": line.read.lot,
        "serial": line.read.serial,
        "parts": tuple(asdict(part) for part in line.parts),
    }


def sale_of(held: SaleHeld) -> Sale:
    """The sale as it was set aside, at the prices of then; promotions are found again."""
    lines = tuple(
        Line(
            one.sku,
            one.name,
            one.price,
            one.rate,
            one.qty,
            one.limited,
            one.unit,
            one.deposit,
            one.fixed,
            one.percent,
            None if one.was is None else Override(one.was, one.reason, one.approved),
            Read(one.code, one.lot, one.serial),
            parts=tuple(Component(**part.model_dump()) for part in one.parts),
        )
        for one in held.lines
    )
    return Sale(lines, held.percent, held.cards, held.age, customer=held.customer)
