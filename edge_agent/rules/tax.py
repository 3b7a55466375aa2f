"""VAT from tax-inclusive totals: once per receipt and rate, then allocated to lines by largest remainder."""

from collections.abc import Sequence

from edge_agent.rules.money import divided


def tax_in(gross: int, rate: int) -> int:
    """VAT in a tax-inclusive amount: gross x rate / (10,000 + rate), half away from zero; `rate` is in basis points."""
    return divided(gross * rate, 10_000 + rate)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights` so that the parts sum to it exactly (largest remainder, first wins)."""
    whole = sum(weights)
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))] if weights else []
    shares = [divmod(total * weight, whole) for weight in weights]
    parts = [part for part, _ in shares]
    # A negative whole turns the order of the remainders round.
    order = sorted(range(len(shares)), key=lambda i: -abs(shares[i][1]))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def by_rate(lines: Sequence[tuple[int, int]]) -> tuple[dict[int, tuple[int, int]], list[int]]:
    """From (gross, rate) lines: {rate: (gross, tax)} of the receipt and each line's share of the tax."""
    grosses: dict[int, int] = {}
    for gross, rate in lines:
        grosses[rate] = grosses.get(rate, 0) + gross
    totals = {rate: (gross, tax_in(gross, rate)) for rate, gross in sorted(grosses.items(), reverse=True)}
    shares = [0] * len(lines)
    for rate, (_, tax) in totals.items():
        places = [i for i, line in enumerate(lines) if line[1] == rate]
        for place, share in zip(places, allocate(tax, [lines[i][0] for i in places]), strict=True):
            shares[place] = share
    return totals, shares
