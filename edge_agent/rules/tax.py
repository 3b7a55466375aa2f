"""Tax in or on top of totals: once per receipt and rate, then allocated to lines by largest remainder."""

from collections.abc import Mapping, Sequence

from edge_agent.rules.money import divided


def tax_in(gross: int, rate: int) -> int:
    """VAT in a tax-inclusive amount: gross x rate / (10,000 + rate), half away from zero; `rate` is in basis points."""
    return divided(gross * rate, 10_000 + rate)


def tax_on(net: int, rate: int) -> int:
    """Tax on top of a net amount: net x rate / 10,000, half away from zero."""
    return divided(net * rate, 10_000)


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
    totals = {rate: (gross, tax_in(gross, rate)) for rate, gross in _sums(lines)}
    return totals, _shares(lines, {rate: tax for rate, (_, tax) in totals.items()})


def on_top(lines: Sequence[tuple[int, int]]) -> tuple[dict[int, tuple[int, int]], list[int]]:
    """From (net, rate) lines: {rate: (gross, tax)} of the receipt and each line's share of the tax."""
    taxes = {rate: tax_on(net, rate) for rate, net in _sums(lines)}
    return {rate: (net + taxes[rate], taxes[rate]) for rate, net in _sums(lines)}, _shares(lines, taxes)


def _sums(lines: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    sums: dict[int, int] = {}
    for amount, rate in lines:
        sums[rate] = sums.get(rate, 0) + amount
    return sorted(sums.items(), reverse=True)


def _shares(lines: Sequence[tuple[int, int]], taxes: Mapping[int, int]) -> list[int]:
    shares = [0] * len(lines)
    for rate, tax in taxes.items():
        places = [i for i, line in enumerate(lines) if line[1] == rate]
        for place, share in zip(places, allocate(tax, [lines[i][0] for i in places]), strict=True):
            shares[place] = share
    return shares
