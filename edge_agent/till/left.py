"""What the till says of the sale that was on its counter when it stopped."""

from typing import TYPE_CHECKING

from edge_agent.till.figures import written
from edge_agent.till.speech import say

if TYPE_CHECKING:
    from edge_agent.counter.unfinished import Left


def left_words(left: "Left", decimals: int) -> str:
    """Where it is now, and the key that brings it back."""
    total = written(left.total, decimals)
    if left.ticket is None:
        return say("the till stopped in a sale of a card, or an exchange: nothing was stored")
    if left.taken:
        return say(
            "the till stopped in a sale of {total}, {taken} paid by card: F3, ticket {ticket}",
            total=total,
            taken=written(left.taken, decimals),
            ticket=left.ticket,
        )
    if left.more:
        return say(
            "the till stopped in a sale of {total}: F3, ticket {ticket}, without its card",
            total=total,
            ticket=left.ticket,
        )
    return say(
        "the till stopped in a sale of {total}: F3 brings it back, ticket {ticket}", total=total, ticket=left.ticket
    )
