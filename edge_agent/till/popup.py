"""Pop-ups: in the shop pack for one and go there; there count who comes by, open and pack boxes, and come back."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from edge_agent.errors import DropshelfError
from edge_agent.rules.popup import Tally as Done
from edge_agent.rules.popup import share, transfer_of
from edge_agent.till.ask import AskView, Question
from edge_agent.till.box import BoxView
from edge_agent.till.figures import quantity, written
from edge_agent.till.paint import PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.tally import TallyLine
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.journal.views.popups import Coming
    from edge_agent.till.front import Front
    from edge_agent.wire.events.popups import PopUpSet

CLOSES = "9"


class PopUpView(View):
    """What can be done depends on where this till stands; it is read anew after each act."""

    title = "pop-ups"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._here: PopUpSet | None = None
        self._near: list[PopUpSet] = []
        self._boxes: list[Coming] = []
        self._done = Done()
        self.look()

    def look(self, note: str = "") -> None:
        """Read where this till stands and what waits; `note` is what was just done."""
        from edge_agent.counter.popups import near

        memory, self.note = self.till.shop.reading, note
        here = memory.popup_here()
        self._here = memory.popup(here.popup) if here else None
        self._near = near(memory, self.till.app.clock.now())
        self._done = memory.tally_here()
        self._boxes = memory.boxes("popup", here.popup) if here else memory.boxes("shop")

    # Scans and keys.

    def scanned(self, code: str) -> None:
        transfer = transfer_of(code)
        if transfer:
            self.attempt(lambda: self._open_box(transfer))
        else:
            super().scanned(code)

    def typed(self, char: str) -> None:
        if char.isdigit():
            super().typed(char)
        elif char == "/":
            self.attempt(lambda: self._open_box(""))
        elif self._here and char in "+*":
            number = int(self.take_entry() or 1)
            self.attempt(lambda: self._visitors(number if char == "+" else 0, 0 if char == "+" else number))
        elif self._here and char == "-":
            self._pack(self._here.popup, self._left())
        elif char == "*":
            text = self.take_entry()
            self.attempt(lambda: self._pack(self._chosen(text).popup, ()))
        elif char == "+":
            self._after(self.till.shop.popups.plan(say("Pop-up"), self.till.by), say("planned for today"))

    def pressed(self, key: str) -> None:
        if key == "enter":
            self._enter(self.take_entry())
        elif key == "f8":
            self._print_links()
        else:
            super().pressed(key)

    def _enter(self, text: str) -> None:
        if text == MENU_CODE:
            self.till.open_menu()
        elif transfer_of(text):
            self.scanned(text)
        elif not text:
            self.till.sell()
        elif self._here and text == CLOSES:
            self._ask_close()
        elif not self._here:
            self.attempt(lambda: self._go(self._chosen(text)))

    def _print_links(self) -> None:
        """Where this till stands, else of the pop-up whose number was typed."""
        from edge_agent.counter.popups import print_links

        def act() -> None:
            popup = self._here or self._chosen(self.take_entry())
            number = print_links(self.till.shop.paper, self.till.shop.reading, popup.popup)
            self.note = say("{name}: {number} QR codes are printed", name=popup.name, number=number)

        self.attempt(act)

    def _chosen(self, text: str) -> "PopUpSet":
        place = int(text or 1)
        if not 1 <= place <= len(self._near):
            raise DropshelfError(say("there is no {number} in this list", number=text or "1"))
        return self._near[place - 1]

    def _go(self, popup: "PopUpSet") -> None:
        self._after(self.till.shop.popups.open(popup.popup, self.till.by), say("{name} is open", name=popup.name))

    def _ask_close(self) -> None:
        left = sum(self._done.there.values())
        assert self._here is not None
        words = [say("Close {name} and go back to the shop?", name=self._here.name)]
        if left > 0:
            words += [say("{pieces} should still be here: - packs a box first.", pieces=quantity(left))]
            words += ["What is not sent back is told to the owner as missing."]

        def close(_: str) -> None:
            self._after(self.till.shop.popups.close(self.till.by), say("this till is back in the shop"))

        self.till.show(AskView(self.till, Question([*words, "Enter: yes.  Esc or 00 Enter: no."], close, sure=True)))

    def _visitors(self, passed: int, stayed: int) -> None:
        self._after(self.till.shop.popups.visitors(passed, stayed, self.till.by), "")

    def _open_box(self, transfer: str) -> None:
        memory = self.till.shop.reading
        box = memory.box(transfer) if transfer else next(iter(self._boxes), None)
        if box is None and not transfer:
            raise DropshelfError(say("no box is on its way here: scan its slip"))
        whose = box.popup if box else self._here.popup if self._here else self._only()
        names = memory.names(sku for sku, _ in box.lines) if box else {}
        lines = [TallyLine(sku, names.get(sku, sku), qty, ordered=qty) for sku, qty in box.lines] if box else []
        self.till.show(BoxView(self.till, self, whose, lines, opened=box.transfer if box else transfer))

    def _only(self) -> str:
        """Whose a box is that this till never heard of: the pop-up that is near."""
        return self._chosen("1").popup

    def _pack(self, popup: str, lines: "list[TallyLine] | tuple[()]") -> None:
        self.till.show(BoxView(self.till, self, popup, lines))

    def _left(self) -> list[TallyLine]:
        there = {sku: qty for sku, qty in sorted(self._done.there.items()) if qty > 0}
        names = self.till.shop.reading.names(there)
        return [TallyLine(sku, names.get(sku, sku), qty, ordered=qty) for sku, qty in there.items()]

    def _after(self, future: "Future[Any]", words: str) -> None:
        def done(one: "Future[Any]") -> None:
            error = one.exception()
            self.look(said(error) if error is not None else words)

        self.till.after(future, done)

    # Drawing.

    def keys(self) -> list[Key]:
        if self._here:
            return [
                ("+", "visitor"),
                ("*", "stayed"),
                ("/", "open box"),
                ("-", "pack back"),
                ("9 Enter", "close"),
                ("Esc", "sell"),
            ]
        return [
            ("n Enter", "go there"),
            ("n *", "pack a box"),
            ("/", "open box"),
            ("+", "one of today"),
            ("Esc", "back"),
        ]

    def all_keys(self) -> list[Key]:
        if self._here:
            return [
                ("+", "one more came by; n + n of them (F10 in the sale)"),
                ("*", "one of them stayed a minute or longer (F11 in the sale)"),
                ("/", "open the box that came; or scan its slip"),
                ("-", "pack what goes back: all that should be here"),
                ("F8", "print its QR codes, made on the owner's page"),
                ("9 Enter", "close, back to the shop"),
                ("a scan", "sells"),
                ("Esc  Enter", "back to the sale"),
            ]
        return [
            ("n Enter", "this till stands at pop-up n from now on"),
            ("n *", "pack a box for pop-up n"),
            ("/", "open a box that came back; or scan its slip"),
            ("n F8", "print the QR codes of pop-up n, made on the owner's page"),
            ("+", "a pop-up of today that nobody planned"),
            ("Esc  Enter", "back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        lines = self._there() if self._here else self._planned()
        title = self._here.name if self._here else say("POP-UPS")
        rows = [row(width, (fit(f"    {text}", width), PLAIN)) for text in lines]
        bands.lines.put([heading(width, title), row(width), *rows][: bands.height])
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _planned(self) -> list[str]:
        from datetime import date

        rows = [
            f"{place:>2}  {date.fromordinal(one.first_day):%d.%m.}  {one.name}"
            for place, one in enumerate(self._near, start=1)
        ]
        return [
            *(rows or [say("No pop-up is planned. The owner plans them; + opens one of today.")]),
            "",
            *self._waiting(),
        ]

    def _there(self) -> list[str]:
        done = self._done
        bought = share(done.orders, done.passed)
        part = f"{100 * bought.value:.1f} % ({100 * bought.low:.1f}-{100 * bought.high:.1f})" if bought else "-"
        return [
            say("Taken          {amount:>12}", amount=written(done.takings, self.till.decimals)),
            say("Sales          {number:>12}", number=done.orders),
            say("Visitors       {number:>12}", number=done.passed),
            say("Stayed         {number:>12}", number=done.stayed),
            say("Bought         {part:>12}", part=part),
            say("Pieces here    {pieces:>12}", pieces=quantity(sum(done.there.values()))),
            "",
            *self._waiting(),
        ]

    def _waiting(self) -> list[str]:
        return [say("{number} on the way here: / opens it", number=say("a box")) for _ in self._boxes[:1]]
