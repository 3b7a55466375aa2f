"""The reorder screen: what runs out, what is proposed and what became of it, and why, in sentences and in sums."""

from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.till.board import Risk, state_words, worth
from edge_agent.till.figures import quantity
from edge_agent.till.paint import ACCENT, BOLD, PLAIN, WARN, fit, row, rule
from edge_agent.till.speech import say
from edge_agent.till.stop import wrap
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import count, moment

if TYPE_CHECKING:
    from edge_agent.till.front import Front

BAR_CELLS = 10
TALL = 28
STATE_CELLS = 14
FIXED_CELLS = 3 + 6 + 2 + BAR_CELLS + 2 + 6 + 2 + 12
LEAST_LIST = 3
MOVES = {"up": -1, "down": 1, "home": -10_000, "end": 10_000}
SCROLLS = {"pageup": -6, "pagedown": 6}
PAD = {"8": "up", "2": "down", "9": "pageup", "3": "pagedown", "5": "enter"}


def bar(left: int, sells: int, width: int = BAR_CELLS) -> str:
    """What is left against what will sell: `[####......]`; full when it lasts."""
    if sells <= 0:
        return "[" + "#" * width + "]"
    filled = min(max(left, 0) * width // sells, width)
    return "[" + "#" * filled + "." * (width - filled) + "]"


PAGES = ("the reason", "the next 72 hours", "the arithmetic")


class ReordersView(View):
    """One row an item at risk; the selected row tells its reason. Enter turns to its plan, its arithmetic, and back."""

    title = "the orders"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._selected = 0
        self._page_shown, self._more = 0, False
        self._scroll = 0
        till.read_board()

    @property
    def _rows(self) -> tuple[Risk, ...]:
        return self.till.board.rows if self.till.board else ()

    def typed(self, char: str) -> None:
        """8, 2, 9 and 3 move as on a number pad, 5 turns; 00 leads to the menu."""
        if char == "0" or self.entry:
            super().typed(char)
        elif char in PAD:
            self.pressed(PAD[char])

    def pressed(self, key: str) -> None:
        if key in MOVES:
            self._selected = min(max(self._selected + MOVES[key], 0), max(len(self._rows) - 1, 0))
            self._scroll = 0
        elif key in SCROLLS:
            self._scroll += SCROLLS[key]
        elif key == "enter" and self.take_entry() == MENU_CODE:
            self.till.open_menu()
        elif key == "enter":
            self._page_shown, self._scroll = (self._page_shown + 1) % len(PAGES), 0
        elif key == "insert":
            self.till.sell()
        else:
            super().pressed(key)

    def keys(self) -> list[Key]:
        turn = PAGES[(self._page_shown + 1) % len(PAGES)]
        return [("Up Down", "another item"), ("Enter", turn), ("Esc", "back to the sale"), ("scan", "sells")]

    def all_keys(self) -> list[Key]:
        return [
            ("Up Down", "another item (8 and 2 on a number pad)"),
            ("Enter", "the reason, the next 72 hours, the arithmetic (5 on a number pad)"),
            ("PgUp PgDn", "more of them (9 and 3 on a number pad)"),
            ("Esc  Ins", "back to the sale"),
            ("a scan", "goes to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width, height = bands.width, bands.height
        if not self._rows:
            said = "reading the orders" if self.till.board is None else "Nothing is to be ordered now."
            bands.lines.put([heading(width, "ORDERS"), row(width), row(width, (f"  {say(said)}", PLAIN))])
        else:
            bands.lines.put(self._page(width, height))
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self._said())])
        bands.foot.put(foot_rows(width, self._coming(), self.keys()))

    def _said(self) -> str:
        more = ", PgDn (3) shows the rest of the reason" if self._more else ""
        return count(len(self._rows), "item") + say(more) if self._rows else ""

    def _coming(self) -> str:
        if not self._rows:
            return ""
        risk = self._rows[self._selected]
        cutoff = moment(risk.cutoff_at, self.till.app.clock.now(), self.till.status.zone)
        return say(
            "order {number} to {supplier}, before {cutoff}, {worth} at risk",
            number=risk.number,
            supplier=risk.supplier,
            cutoff=cutoff,
            worth=worth(risk, self.till.decimals),
        )

    def _page(self, width: int, height: int) -> list[Strip]:
        """The list, and under it the selected row's reason; a tall screen goes on with its plan and its sums."""
        told = self._reason(width - 4, whole=height >= TALL)
        listed = self._list(width, max(height - 1 - len(told), min(len(self._rows) + 1, LEAST_LIST)))
        room = max(height - len(listed) - 1, 1)
        self._scroll = max(0, min(self._scroll, len(told) - room))
        self._more = len(told) > self._scroll + room
        shown = told[self._scroll : self._scroll + room]
        return [*listed, rule(width), *(row(width, (f"  {text}", PLAIN)) for text in shown)]

    def _reason(self, width: int, *, whole: bool) -> list[str]:
        self._selected = min(self._selected, len(self._rows) - 1)
        risk = self._rows[self._selected]
        pages = (risk.sentences, risk.plan, risk.arithmetic)
        rest = [text for page in pages[1:] for text in ("", *page)]
        texts = (*risk.sentences, *rest) if whole and not self._page_shown else pages[self._page_shown]
        why_not = [say("The owner says: {why_not}", why_not=risk.why_not)] if risk.why_not else []
        return [part for text in (*why_not, *texts) for part in wrap(text, width)]

    def _list(self, width: int, room: int) -> list[Strip]:
        top = max(0, min(self._selected - room // 2, len(self._rows) - (room - 1)))
        page = self._rows[top : top + room - 1]
        names = max(width - FIXED_CELLS - STATE_CELLS, 10)
        demand, comes = fit(say("of demand"), BAR_CELLS + 2), fit(say("comes"), 11)
        head = f"   {fit(say('item'), names)}{say('left'):>6}  {demand}{say('order'):>6}  {comes} {say('state')}"
        return [heading(width, head[1:]), *(self._row(risk, names, width, top + i) for i, risk in enumerate(page))]

    def _row(self, risk: Risk, names: int, width: int, place: int) -> Strip:
        now, zone = self.till.app.clock.now(), self.till.status.zone
        chosen = place == self._selected
        style = BOLD if chosen else PLAIN
        accent = WARN if risk.left < risk.sells and risk.state in ("proposed", "held", "rejected") else ACCENT
        state = state_words(risk)
        return row(
            width,
            (" > " if chosen else "   ", style),
            (fit(risk.name, names), style),
            (fit(quantity(risk.left), 6, right=True) + "  ", style),
            (bar(risk.left, risk.sells), accent),
            (fit(quantity(risk.qty), 6, right=True) + "  ", style),
            (fit(moment(risk.arrives_at, now, zone), 11) + " ", style),
            (fit(state, max(width - FIXED_CELLS - names, 0)), style),
        )
