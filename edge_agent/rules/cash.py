"""The drawer's cash: coins and notes by currency, what a count comes to, what stays and what goes to the bank."""

from collections.abc import Mapping

from edge_agent.errors import BadInput
from edge_agent.rules.money import divided

SERIES = (1, 2, 5)
PIECES: dict[str, tuple[int, ...]] = {
    "GBP": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000),
    "EUR": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000),
    "USD": (1, 5, 10, 25, 100, 200, 500, 1_000, 2_000, 5_000, 10_000),
    "CHF": (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 100_000),
    "JPY": (1, 5, 10, 50, 100, 500, 1_000, 2_000, 5_000, 10_000),
    "KWD": (5, 10, 20, 50, 100, 250, 500, 1_000, 5_000, 10_000, 20_000),
}
"""Coins and notes in minor units, the smallest first."""
MOST_PIECES = 9_999


def pieces_of(currency: str, decimals: int) -> tuple[int, ...]:
    """Coins and notes of a currency; of one that is not listed 1, 2, 5 ... up to 500 units."""
    known = PIECES.get(currency)
    if known:
        return known
    return tuple(one * 10**power for power in range(decimals + 3) for one in SERIES)


def notes_of(currency: str, decimals: int) -> tuple[int, ...]:
    """The coins and notes to which customers round up: 1, 5, 10 ... from the currency's unit on."""
    least = 100 if decimals == 0 else 10**decimals
    return tuple(
        one for one in pieces_of(currency, decimals) if one >= least and (str(one)[0] in "15" or one == 20 * least)
    )


def rounded(amount: int, step: int) -> int:
    """The nearest amount that can be paid in cash where `step` is the smallest coin; half away from zero."""
    return divided(amount, step) * step if step > 1 else amount


def counted(pieces: Mapping[int, int]) -> int:
    """What {value: how many} comes to; BadInput for a number of pieces that no drawer holds."""
    for value, many in pieces.items():
        if not 0 <= many <= MOST_PIECES:
            raise BadInput(f"{many} pieces of {value} are no count: type it again")
    return sum(value * many for value, many in pieces.items())


def kept(pieces: Mapping[int, int], target: int) -> dict[int, int]:
    """Which pieces stay as the next float: small ones first, never more than `target`; the rest goes to the bank."""
    stays, left = dict[int, int](), target
    for value in sorted(pieces):
        many = min(pieces[value], left // value)
        if many:
            stays[value] = many
            left -= many * value
    return stays
