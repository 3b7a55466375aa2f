"""Events of card payments: what is asked of a terminal, before it is asked, and what it said. No card data, ever."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, EventId

CardResult = Literal["approved", "declined", "unknown"]


class CardAsked(Contract):
    """The terminal is about to be asked for `amount`; `attempt` is a random id."""

    attempt: EventId
    amount: Annotated[int, Field(strict=True, ge=1)]


class CardAnswered(Contract):
    """What came of an attempt. Of an `unknown` one it is not known whether money was taken: nothing more is charged
    until somebody has looked at the terminal and a second answer says so."""

    attempt: EventId
    result: CardResult


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("card_asked", 1): CardAsked,
    ("card_answered", 1): CardAnswered,
}
