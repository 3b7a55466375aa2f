"""Samples: an item is scanned and given away with a code; then, and never as a condition, a number for texts."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from edge_agent.till.ask import AskView, Question
from edge_agent.till.figures import quantity
from edge_agent.till.paint import PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.tally import quantity_of
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.counter.samples import Handed
    from edge_agent.till.front import Front

PIECE = 1000
CODE_DIGITS = 6
YES, NO = "1", "2"


class SampleView(View):
    """A scan gives one piece away; a number typed before it is how many (or how much)."""

    title = "samples"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._qty = PIECE
        self._given: list[str] = []

    def scanned(self, code: str) -> None:
        article = self.till.shop.selling.look_up(code)
        if article is None:
            self.till.stop([say("{code} is not known.", code=code), "It is not on this list: set the item aside."])
            return
        qty, self._qty = self._qty, PIECE
        future = self.till.shop.samples.give(article.sku, qty, self.till.by)
        self.till.after(future, lambda done: self._handed(done, f"{quantity(qty)}  {article.name}"))

    def _handed(self, done: "Future[Handed]", what: str) -> None:
        error = done.exception()
        if error is not None:
            self.note = said(error)
            return
        self._given.append(what)
        self.note = self.till.printed(say("given, its slip is printed"))
        if self.till.shop.samples.asks:
            self._ask_number(done.result())

    def _ask_number(self, handed: "Handed") -> None:
        words = [
            "The sample is given either way.",
            "A number for texts about it? Type it and Enter.",
            "Enter alone: none.",
        ]
        self.till.show(AskView(self.till, Question(words, lambda text: self._ask_consent(handed, text))))

    def _ask_consent(self, handed: "Handed", phone: str) -> None:
        """Its own question, in the owner's words."""
        from edge_agent.counter.samples import normal

        normal(phone, self.till.shop.settings.samples.dial)

        def answer(digit: str) -> None:
            if digit == YES:
                self._after(self.till.shop.samples.agree(handed, phone, self.till.by), say("agreed: texts may come"))
            else:
                self.note = say("no texts, nothing is kept")

        words = [say("Ask: {words}", words=self.till.shop.samples.asks), "", "1 agrees   2 does not: nothing is kept"]
        self.till.show(AskView(self.till, Question(words, answer, choices=YES + NO)))

    def typed(self, char: str) -> None:
        if char == "*" and self.entry:
            self.attempt(self._set_quantity)
        elif char == "-":
            self._ask_stop()
        elif char.isdigit() or char == ".":
            super().typed(char)

    def _set_quantity(self) -> None:
        self._qty = quantity_of(self.take_entry())
        self.note = say("{quantity} of what is scanned next", quantity=quantity(self._qty))

    def _ask_stop(self) -> None:
        words = ["No more texts, from any till of the shop.", "Type the number and Enter."]

        def stop(phone: str) -> None:
            self._after(self.till.shop.samples.stop(phone, self.till.by), say("stopped: nothing more leaves"))

        self.till.show(AskView(self.till, Question(words, stop)))

    def pressed(self, key: str) -> None:
        if key == "enter":
            self._enter(self.take_entry())
        else:
            super().pressed(key)

    def _enter(self, text: str) -> None:
        if text == MENU_CODE:
            self.till.open_menu()
        elif len(text) >= CODE_DIGITS:
            self.scanned(text)
        elif not text:
            self.till.sell()
        else:
            self.note = say("{text} is no code of an item", text=text)

    def _after(self, future: "Future[Any]", words: str) -> None:
        def done(one: "Future[Any]") -> None:
            error = one.exception()
            self.note = said(error) if error is not None else words

        self.till.after(future, done)

    def keys(self) -> list[Key]:
        return [("scan", "give it away"), ("n *", "how many"), ("-", "stop texts"), ("Esc", "sell")]

    def all_keys(self) -> list[Key]:
        return [
            ("a scan", "given away: it leaves the stock, its slip with a code is printed"),
            ("n *", "so many (or so much) of what is scanned next"),
            ("-", "somebody says stop: no more texts to that number"),
            ("Esc  Enter", "back to the sale; there a scan of the slip takes its discount"),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        lines = self._given[-(bands.height - 3) :] or [say("Scan what is given away.")]
        texts = say("Texts are on: a number is asked for, and needs its own yes.")
        lines = [*lines, "", texts if self.till.shop.samples.asks else say("Texts are off.")]
        rows = [row(width, (fit(f"    {text}", width), PLAIN)) for text in lines]
        bands.lines.put([heading(width, "SAMPLES"), row(width), *rows][: bands.height])
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
