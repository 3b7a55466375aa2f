"""A drop's report and its three sizes as plain lines, the same on the till's command and for the owner."""

from edge_agent.rules.drop_report import Proposal, Report
from edge_agent.rules.drop_window import told
from edge_agent.rules.money import written
from edge_agent.wire.events.drops import DropSet


def report_lines(found: Report, zone: str, decimals: int) -> list[str]:
    """What it came to: a line for all, then one a variant."""
    out = f"sold out {told(found.out_at, zone)}" if found.out_at else f"{found.left} left"
    earned = written(found.profit, decimals)
    head = f"{found.drop.name}: {found.sold} sold, {out}; {found.wanted} would have sold; profit {earned}"
    parts = []
    for part in found.parts:
        out = f"sold out {told(part.out_at, zone)}, saw {part.exposure:.0%} of the window" if part.out_at else ""
        parts.append(
            f"  {part.sku}: {part.sold} of {part.had} sold, {out or f'{part.left} left'}; wanted {part.wanted}"
        )
    return [head, *parts]


def size_lines(proposal: Proposal, drop: DropSet, decimals: int, *, again: bool = False) -> list[str]:
    """Three sizes, each with what it risks."""
    which = "the next one" if again else drop.name
    skus = [part.sku for part in drop.parts]
    lines = [f"sizes for {which}, of which a window is believed to want {proposal.demand.mean:.0f}:"]
    back, salable = proposal.coming.back, proposal.coming.again
    lines.append(f"  of 100 sold {back * 100:.1f} come back, and {salable:.0%} of these can be sold again")
    if proposal.sampled.demand:
        more, seen = proposal.sampled.demand.mean, proposal.sampled
        lines.append(f"  of it {more:.0f} by samples: {seen.share:.1%} of takers buy, {seen.reachable} can be reached")
    for one in proposal.candidates:
        parts = ", ".join(f"{sku} {pieces}" for sku, pieces in zip(skus, one.parts, strict=True))
        profit = written(round(one.profit), decimals)
        risks = f"{one.sells_out:.0%} to sell out, {one.left_over:.0f} left, profit {profit}"
        lines.append(f"  {one.name}: {one.pieces} ({parts}): {risks}")
    return lines
