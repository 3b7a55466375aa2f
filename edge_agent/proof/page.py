"""What the comparison says, for the owner: a few lines of text, and a page that stands alone with its charts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from statistics import fmean

from edge_agent.proof.contest import Entry
from edge_agent.proof.owner import Compared
from edge_agent.proof.rules import COVER

WIDTH, HEIGHT, LEFT, FOOT, TOP = 440, 190, 56, 24, 14
STYLE = """
:root{color-scheme:light dark;--paper:#f7f6f3;--sheet:#fff;--ink:#1b1a18;--soft:#63605a;--line:#e3e0d9;
--go:#0d5f4b;--old:#b4690e}
@media(prefers-color-scheme:dark){:root{--paper:#131312;--sheet:#1d1c1b;--ink:#efece6;--soft:#a8a39a;
--line:#34322f;--go:#7fd1b5;--old:#f3b36c}}
body{font:100%/1.5 Roboto,system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:46rem;
margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .25rem}h2{font-size:1.0625rem;margin:0 0 .5rem}p{
margin:.25rem 0}
section{background:var(--sheet);border:1px solid var(--line);border-radius:14px;padding:1rem;margin-top:1rem}
.soft,figcaption{color:var(--soft);font-size:.9375rem}figure{margin:0}svg{width:100%;height:auto;
display:block}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:right;
padding:.4rem .25rem;border-top:1px solid var(--line)}
th:first-child,td:first-child{text-align:left;font-weight:400}thead th{border:0;color:var(--soft);
font-weight:600}
.ours{color:var(--go);font-weight:600}.old{color:var(--old);font-weight:600}.big{font-size:2rem;
font-weight:650;line-height:1.2}
path{fill:none;stroke-width:2.5}path.o{stroke:var(--go)}path.t{stroke:var(--old);stroke-dasharray:7 4}path.g{
stroke:var(--line);stroke-width:1}
text{font-size:13px;fill:var(--soft)}text.o{fill:var(--go)}text.t{fill:var(--old)}
"""


def money(minor: float) -> str:
    """Whole units of the shop's money, in thousands."""
    return f"{minor / 100:,.0f}"


def today_words(found: Compared) -> str:
    """The rule of today and how it was set."""
    said = f"{found.today.value:g} times what sold on average, for the days until the order after this one comes"
    average = "the last 28 days" if found.today.rule == COVER.name else "28 days once, before it all"
    best = "" if found.asked.times is not None else ", as it would have served best in the eight weeks before"
    return f"{found.today.rule}: up to {said} ({average}){best}"


def rows(found: Compared) -> list[tuple[str, str, str]]:
    """(what, today, ours)."""
    pair = found.today.tally, found.ours.tally
    figures = [
        ("Lost sales (margin)", [money(one.lost_cost) for one in pair]),
        ("Thrown away (cost)", [money(one.waste_cost) for one in pair]),
        ("Tied up in stock on an average evening", [money(one.mean_stock) for one in pair]),
        ("Cost of that stock (1 % a day)", [money(one.holding_cost) for one in pair]),
        ("Together", [money(one.total) for one in pair]),
        ("Pieces asked for and not there", [f"{one.lost_share:.1%}" for one in pair]),
        ("Pieces thrown away, of those asked for", [f"{one.wasted_share:.1%}" for one in pair]),
        ("Orders sent", [str(one.orders) for one in pair]),
    ]
    return [(what, today, ours) for what, (today, ours) in figures]


def verdict(found: Compared) -> str:
    """One sentence."""
    today, ours = found.today.tally.total, found.ours.tally.total
    if today <= 0.0:
        return "Nothing was lost, wasted or tied up under either rule."
    share = 1.0 - ours / today
    return f"Ours would have cost {abs(share):.0%} {'less' if share >= 0 else 'more'} than today's rule."


def remarks(found: Compared) -> list[str]:
    """What the comparison rests on."""
    said = [
        f"Today's rule is taken as {today_words(found)}.",
        f"An order each {found.asked.every} evenings, delivered next morning; {found.skus} items; {found.days} days.",
        "Only days that lie before each decision were used for it; each rule was set on the eight weeks before.",
        "What was sold is taken for what was wanted: sales that the shop lost then are in neither column.",
    ]
    if not found.priced:
        said.append("No prices were given: every piece counts 10.00, with the same margin.")
    return said


def text(found: Compared) -> str:
    """For the terminal."""
    lines = [f"{found.period}", verdict(found), "", f"{'':42}{'today':>12}{'ours':>12}"]
    lines += [f"{what:42}{today:>12}{ours:>12}" for what, today, ours in rows(found)]
    return "\n".join([*lines, "", *remarks(found)])


def page(found: Compared, title: str) -> str:
    """One HTML file: no script, nothing from anywhere else."""
    table = "".join(
        f'<tr><td>{escape(what)}</td><td class="old">{today}</td><td class="ours">{ours}</td></tr>'
        for what, today, ours in rows(found)
    )
    charts = "".join(_chart(found, place, name) for place, name in enumerate(CHARTS))
    said = "".join(f"<p>{escape(one)}</p>" for one in remarks(found))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f'<h1>{escape(title)}</h1><p class="soft">{found.period}</p>'
        f'<section><p class="big">{verdict(found)}</p></section>'
        f"<section><h2>What would have been lost, thrown away and tied up</h2><table><thead><tr><th></th>"
        f"<th>today</th><th>ours</th></tr></thead><tbody>{table}</tbody></table></section>{charts}"
        f'<section class="soft"><h2>What this rests on</h2>{said}</section></main></body></html>\n'
    )


STOCK = "Tied up in stock, mean of seven evenings"
CHARTS = ("Lost sales, summed up", "Thrown away, summed up", STOCK)


def _chart(found: Compared, place: int, name: str) -> str:
    today, ours = (_series(one, place) for one in (found.today, found.ours))
    top = max(1.0, *today, *ours)
    if max(*today, *ours) <= 0.0:
        return ""
    ends = [_y(today[-1], top), _y(ours[-1], top)]
    if abs(ends[0] - ends[1]) < 15:
        ends[0 if ends[0] < ends[1] else 1] -= 15 - abs(ends[0] - ends[1])
    label = f"{name}: today's rule ends at {money(today[-1])}, ours at {money(ours[-1])}."
    grid = "".join(
        f'<path class="g" d="M{LEFT} {_y(top * part, top):g}H{WIDTH - 52}"/>'
        f'<text x="{LEFT - 8}" y="{_y(top * part, top) + 4:g}" text-anchor="end">{money(top * part)}</text>'
        for part in (0.0, 0.5, 1.0)
    )
    drawn = (
        f'<path class="t" d="{_path(today, top)}"/><path class="o" d="{_path(ours, top)}"/>'
        f'<text class="t" x="{WIDTH - 46}" y="{ends[0] + 4:g}">today</text>'
        f'<text class="o" x="{WIDTH - 46}" y="{ends[1] + 4:g}">ours</text>'
    )
    first, _, last = found.period.partition(" to ")
    days = (
        f'<text x="{LEFT}" y="{HEIGHT - 4}">{first}</text>'
        f'<text x="{WIDTH - 52}" y="{HEIGHT - 4}" text-anchor="end">{last}</text>'
    )
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{grid}{drawn}{days}</svg>'
    return f"<section><figure><h2>{name}</h2>{svg}<figcaption>{escape(label)}</figcaption></figure></section>"


def _series(entry: Entry, place: int) -> list[float]:
    """Sums as they are; the stock, which goes up and down with each delivery, as a mean of seven evenings."""
    values = [evening[place] for evening in entry.tally.evenings]
    if place < CHARTS.index(STOCK):
        return values
    return [fmean(values[max(0, at - 6) : at + 1]) for at in range(len(values))]


def _path(values: Sequence[float], top: float) -> str:
    step = (WIDTH - 52 - LEFT) / max(1, len(values) - 1)
    return "M" + "L".join(f"{LEFT + step * place:.1f} {_y(value, top):.1f}" for place, value in enumerate(values))


def _y(value: float, top: float) -> float:
    return HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * value / top


def as_json(found: Compared) -> dict[str, object]:
    """For programs: both rules' figures."""

    def plain(entry: Entry) -> dict[str, object]:
        return entry.as_json(max(1.0, found.today.tally.total))

    return {"period": found.period, "skus": found.skus, "today": plain(found.today), "ours": plain(found.ours)}
