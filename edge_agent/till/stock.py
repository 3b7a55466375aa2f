"""The stock screen: goods in, a count, or waste, own use and found, each by scan and quantity."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from rich.style import Style
from textual.strip import Strip

from edge_agent.errors import DropshelfError
from edge_agent.rules.day import local
from edge_agent.rules.sale import Article
from edge_agent.till.figures import quantity
from edge_agent.till.paint import BOLD, DIM, PLAIN, WARN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.tally import Tally, TallyLine, quantity_of
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import count, moment, said

if TYPE_CHECKING:
    from edge_agent.journal.reading import Reading
    from edge_agent.till.front import Front

What = Literal["receive", "count", "adjust"]
TITLES: dict[What, str] = {
    "receive": "GOODS IN",
    "count": "COUNT",
    "adjust": "WASTE, OWN USE, FOUND",
}
NAMES: dict[What, str] = {"receive": "goods in", "count": "count", "adjust": "waste, own use, found"}
REASONS: dict[str, tuple[Literal["waste", "own_use", "found"], str]] = {
    "-": ("waste", "waste"),
    "*": ("own_use", "own use"),
    "+": ("found", "found"),
}
MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "home": -10_000, "end": 10_000}
COLUMN = 10
MOST_AT_ONCE = 200_000
"""More than two hundred pieces of waste, own use or found goods may be a date or a code: asked once more."""
CODE_DIGITS = 6
"""A typed number of at least this many digits is a code, not a quantity."""


@dataclass(frozen=True)
class Delivery:
    """An order that may arrive now."""

    key: str
    number: str
    supplier: str
    due: int
    lines: tuple[TallyLine, ...]


def deliveries(memory: "Reading") -> list[Delivery]:
    """Orders whose goods may come through the door, soonest first."""
    names = {key: one.name for key, one in memory.suppliers().items()}
    found = []
    for order in memory.orders(("approved", "sent", "proposed")):
        items = {line.sku: memory.item(line.sku) for line in order.lines}
        lines = tuple(
            TallyLine(line.sku, item.name if (item := items[line.sku]) else line.sku, line.qty, ordered=line.qty)
            for line in order.lines
            if line.qty
        )
        found.append(
            Delivery(order.key, order.number, names.get(order.supplier, order.supplier), order.arrives_at, lines)
        )
    return sorted(found, key=lambda one: one.due)


class StockView(View):
    """One plain screen for three acts. Nothing is stored before Enter on an empty entry has come to rest."""

    def __init__(self, till: "Front", what: What) -> None:
        super().__init__(till)
        self.title = say(NAMES[what])
        self._what = what
        self._tally = Tally()
        self._orders: list[Delivery] = []
        self._order: Delivery | None = None
        self._code_next = False
        self._book = self._busy = self._loud = False
        self._sure = ("", 0, "")
        if what == "receive":
            till.app.work(self._read_orders, self._orders_read)

    def _read_orders(self) -> list[Delivery]:
        with self.till.shop.journal.reading() as memory:
            return deliveries(memory)

    def _orders_read(self, future: "Future[list[Delivery]]") -> None:
        if future.exception() is None:
            self._orders = future.result()

    # Scans and keys.

    def scanned(self, code: str) -> None:
        self._book = False
        self._say("")
        article = self.till.shop.selling.look_up(code)
        if article is None:
            self.till.stop([say("{code} is not known.", code=code), "It is not on this list: set the item aside."])
            return
        self._tally.scan(article, expected=self._expected(article), adds=self._order is None)

    def _expected(self, article: Article) -> int:
        if self._what != "count":
            return 0
        with self.till.shop.journal.reading() as memory:
            on_hand: int = memory.here(article.sku)
        return on_hand

    def typed(self, char: str) -> None:
        self._book = False
        if char == "/" and self._what == "receive" and self.entry and self._is_number():
            self._try(lambda: self._tally.set_damaged(self.take_entry()))
        elif char == "/" and not self.entry:
            self._code_next = True
            self._say("type a code, then Enter")
        elif char in "*+-" and self._is_number():
            self._try(lambda: self._operate(char, self.take_entry()))
        else:
            super().typed(char)

    def _is_number(self) -> bool:
        return not self.entry or self.entry.replace(".", "", 1).isdigit()

    def _operate(self, char: str, text: str) -> None:
        if self._what == "adjust":
            self._adjust(char, text)
        elif char == "*":
            self._tally.set_expiry(text, self._today())
        else:
            self._tally.change((quantity_of(text) if text else 1000) * (1 if char == "+" else -1))

    def _today(self) -> date:
        return local(self.till.app.clock.now(), self.till.status.zone).date()

    def pressed(self, key: str) -> None:
        self._book = False
        if self._busy:
            return
        if key in MOVES:
            self._tally.move(MOVES[key])
        elif key in ("delete", "f5"):
            self._try(lambda: self._say(say("taken off: {name}", name=self._tally.drop())))
        elif key == "enter":
            self._enter()
        elif key == "escape" and self._tally.lines and not self.entry:
            self._tally, self._order = Tally(), None
            self._say("the list is cleared, nothing was stored")
        else:
            super().pressed(key)

    def _enter(self) -> None:
        text, code_next = self.take_entry(), self._code_next
        self._code_next = False
        if text == MENU_CODE:
            self.till.open_menu()
        elif not text and self._what == "adjust" and self._tally.lines:
            self._say("what became of it? - waste   * own use   + found", loud=True)
        elif not text:
            self._book = bool(self._tally.lines) and self._what != "adjust"
        elif code_next or not self._is_quantity(text):
            self.scanned(text)
        elif self._tally.selected >= 0:
            self._try(lambda: self._tally.set_qty(text))
        elif text.isdigit() and 0 < int(text) <= len(self._orders):
            self._choose(self._orders[int(text) - 1])
        elif self._tally.lines and self.till.shop.selling.look_up(text) is None:
            self._say("scan an item first", loud=True)
        else:
            self.scanned(text)

    def _is_quantity(self, text: str) -> bool:
        return len(text) < CODE_DIGITS and text.replace(".", "", 1).isdigit()

    def _choose(self, order: Delivery) -> None:
        self._order, self._tally = order, Tally(list(order.lines))
        self._say("Enter: all came as ordered. Short or over: scan it, type how many came")

    def enter_rested(self, *, single: bool) -> None:
        wanted, self._book = self._book, False
        if wanted and single:
            self._try(self._store)

    # Acts.

    def _store(self) -> None:
        from edge_agent.counter.stock import Came

        room, lines = self.till.shop.stock_room, self._tally.lines
        if self._what == "count":
            future = room.count([(line.sku, line.qty) for line in lines], self.till.by)
        else:
            came = [Came(line.sku, line.qty - line.damaged, line.expires, line.damaged) for line in lines]
            future = room.receive(came, order=self._order.key if self._order else "", by=self.till.by)
        self._stored_later(
            future,
            say("stored: {what}, {number}", what=say(NAMES[self._what]), number=count(len(lines), "line")),
        )

    def _adjust(self, char: str, text: str) -> None:
        if self._tally.selected < 0:
            self._say("scan an item first", loud=True)
            return
        line = self._tally.lines[self._tally.selected]
        qty = quantity_of(text) if text else line.qty
        if qty > MOST_AT_ONCE and self._sure != (line.sku, qty, char):
            self._sure, self.entry = (line.sku, qty, char), text
            self._say(
                say("{quantity} is a lot: {char} again if it is right", quantity=quantity(qty), char=char), loud=True
            )
            return
        reason, word = REASONS[char]
        future = self.till.shop.stock_room.adjust(line.sku, qty, reason, self.till.by)
        self._stored_later(
            future, say("stored: {quantity} {name}, {word}", quantity=quantity(qty), name=line.name, word=say(word))
        )

    def _stored_later(self, future: "Future[Any]", words: str) -> None:
        self._busy = True
        self.till.after(future, lambda done: self._stored(done, words))

    def _stored(self, future: "Future[Any]", words: str) -> None:
        self._busy = False
        error = future.exception()
        if error is not None:
            self.till.stop(
                [
                    say("{what}: NOTHING WAS STORED", what=say(TITLES[self._what])),
                    f"{said(error)}.",
                    "The list is still here.",
                ]
            )
            return
        self._tally, self._order = Tally(), None
        self._say(words)
        if self._what == "receive":
            self.till.app.work(self._read_orders, self._orders_read)

    def _try(self, act: Callable[[], None]) -> None:
        self._say("")
        try:
            act()
        except DropshelfError as error:
            self._say(said(error), loud=True)

    def _say(self, note: str, *, loud: bool = False) -> None:
        self.note, self._loud = note, loud

    # Drawing.

    def keys(self) -> list[Key]:
        if not self._tally.lines and self._orders:
            return [("scan", "without an order"), ("n Enter", "that order"), ("Esc", "back")]
        if not self._tally.lines:
            return [("scan", "an item"), ("/ n Enter", "an item by its code"), ("Esc", "back"), ("F1", "all keys")]
        if self._what == "adjust":
            return [("n -", "waste"), ("n *", "own use"), ("n +", "found"), ("Del", "off"), ("Esc", "clear")]
        keys = [("Enter", self._enter_words()), ("n Enter", "how many")]
        keys += [("n /", "damaged"), ("ddmm *", "expires")] if self._what == "receive" else [("+ -", "one")]
        return [*keys, ("Del", "off"), ("Esc", "clear")]

    def _enter_words(self) -> str:
        as_ordered = all(line.qty == line.ordered and not line.damaged for line in self._tally.lines)
        return "as ordered" if self._order and as_ordered else "store"

    def all_keys(self) -> list[Key]:
        if self._what == "adjust":
            return [
                ("a scan", "the item"),
                ("n -", "n are waste: stored at once"),
                ("n *", "n for own use: stored at once"),
                ("n +", "n were found: stored at once"),
                ("/ n Enter", "an item by its code"),
                ("Esc", "clear the list, then back to the sale"),
            ]
        came = self._what == "receive"
        order = [("n Enter", "on the first list: order n")] if came else []
        dates = [("ddmm *", "expiry date of the marked item, ddmmyy * with the year")] if came else []
        damaged = [("n /", "n of the marked item are damaged: not for the shelf")] if came else []
        return [
            (
                "a scan",
                "the item; again: one more (with an order: only marks it)" if came else "the item; again: one more",
            ),
            *order,
            ("Up Down", "mark another item"),
            ("n Enter", "so many of the marked item"),
            ("+ -", "more or less of the marked item"),
            *damaged,
            *dates,
            ("/ n Enter", "an item by its code"),
            ("Del  F5", "take the marked item off"),
            ("Enter", "store what is on the list"),
            ("Esc", "clear the list, then back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width, height = bands.width, bands.height
        chooses = self._what == "receive" and not self._tally.lines
        bands.lines.put(self._choices(width, height) if chooses else self._table(width, height))
        bands.totals.put(self.till.sale.total_rows(width))
        note = "storing" if self._busy else self.note
        bands.entry.put([entry_row(width, self.entry, note, loud=self._loud)])
        bands.foot.put(foot_rows(width, self._about(), self.keys()))

    def _about(self) -> str:
        if self._order:
            return say("order {number} from {supplier}", number=self._order.number, supplier=self._order.supplier)
        return f"{say(NAMES[self._what])}: {count(len(self._tally.lines), 'line')}" if self._tally.lines else ""

    def _choices(self, width: int, height: int) -> list[Strip]:
        rows = [
            heading(width, say("{what}: scan what came, or choose its order", what=say(TITLES[self._what]))),
            row(width),
        ]
        now, zone = self.till.app.clock.now(), self.till.status.zone
        for number, one in enumerate(self._orders[: height - 2], start=1):
            told = say(
                "{number}  {lines}, due {moment}",
                number=one.number,
                lines=count(len(one.lines), "line"),
                moment=moment(one.due, now, zone),
            )
            rows.append(row(width, (f"  {number:>3}  ", BOLD), (fit(one.supplier, 24), PLAIN), (f" {told}", PLAIN)))
        return rows

    def _table(self, width: int, height: int) -> list[Strip]:
        names = width - 4 - 3 * COLUMN
        words = {"receive": ("ordered", "expires", "came"), "count": ("till says", "", "counted")}
        columns = "".join(f"{say(word):>{COLUMN}}" for word in words.get(self._what, ("", "", "pieces")))
        top = max(0, self._tally.selected - height + 2)
        rows = [heading(width, f"{fit(say(TITLES[self._what]), names + 1)}{columns}")]
        for place, line in enumerate(self._tally.lines[top : top + height - 1], start=top):
            rows.append(self._row(line, names, width, chosen=place == self._tally.selected))
        return rows

    def _row(self, line: TallyLine, names: int, width: int, *, chosen: bool) -> Strip:
        style: Style = BOLD if chosen else PLAIN
        ordered = line.ordered if line.ordered is not None else line.expected
        first = quantity(ordered) if line.ordered is not None or self._what == "count" else ""
        expires = date.fromordinal(line.expires).strftime("%d.%m.%y") if line.expires else ""
        off = (line.ordered is not None or self._what == "count") and line.qty != ordered
        words = [say("short") if line.qty < ordered else say("over")] if off and self._what == "receive" else []
        words += [say("{number} damaged", number=quantity(line.damaged))] if line.damaged else []
        return row(
            width,
            ("> " if chosen else "  ", style),
            (fit("  ".join((line.name, *words)), names), style),
            (fit(first, COLUMN, right=True), DIM),
            (fit(expires, COLUMN, right=True), style),
            (fit(quantity(line.qty), COLUMN, right=True), WARN if off or line.damaged else style),
        )
