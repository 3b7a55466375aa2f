"""The payment screen: what is still due, four likely amounts, exact cash on Enter, and the card."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Literal

from textual.strip import Strip

from edge_agent.counter.cards import refuse_undecided
from edge_agent.devices.card import BesideTerminal
from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules.cash import rounded
from edge_agent.rules.money import read
from edge_agent.rules.sale import Tendered
from edge_agent.rules.stored import Card, card_of
from edge_agent.till.digits import big
from edge_agent.till.figures import written
from edge_agent.till.paint import ACCENT, BOLD, PLAIN, fit, row, sides
from edge_agent.till.sale import SIDE_CELLS, SaleView, framed
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import count, said
from edge_agent.wire.events.cards import CardResult

if TYPE_CHECKING:
    from edge_agent.counter.paying import Paid
    from edge_agent.journal.views.cards import Attempt
    from edge_agent.till.front import Front

TENDER_KEYS = "/*-+"
MOST_DIGITS = 7
"""More digits than this are a code that went astray, not money."""


def too_much(amount: int, due: int, decimals: int) -> bool:
    """True for an amount that nobody hands over for this: a slip of the finger, or a code read as money."""
    most: int = 10 * due + 500 * 10**decimals
    return amount > most


def cash_typed(text: str, due: int, decimals: int) -> int:
    """Typed cash in minor units: "2000" and "20.00" are 20.00; so is "20" when 0.20 would not pay. BadInput if none."""
    if not text.isdigit():
        return read(text, decimals)
    amount = int(text)
    return amount * 10**decimals if len(text) <= decimals and amount < due else amount


class PayView(View):
    """Paying keeps the sale's lines and turns the right side; the completing Enter waits until the key is at rest."""

    title = "the payment"

    def __init__(self, till: "Front", sale: SaleView) -> None:
        super().__init__(till)
        self._sale = sale
        self._given: list[Tendered] = self._in_goods()
        self._ready: list[Tendered] | None = None
        self._busy = False
        self._because: int | None = None
        self.waiting: list[str] = []

    def _in_goods(self) -> list[Tendered]:
        """What was paid elsewhere and what comes back in exchange pays first, as far as it goes."""
        credit, sale = self._sale.desk.credit, self._sale.desk.sale
        there = min(sale.prepaid, max(sale.total, 0))
        used = min(credit.total, sale.total - there) if credit else 0
        prepaid = [Tendered("channel", there)] if there else []
        return [*prepaid, Tendered("exchange", used)] if used > 0 else prepaid

    @property
    def due(self) -> int:
        """Minor units that are still to be paid."""
        return self._sale.desk.sale.to_pay - sum(tender.amount for tender in self._given)

    @property
    def cash_due(self) -> int:
        """The same in coins and notes."""
        return rounded(self.due, self._sale.desk.sale.terms.step)

    @property
    def _on_card(self) -> bool:
        """True once a part was taken from a card: that can't be taken back here."""
        return any(tender.kind == "card" for tender in self._given)

    def scanned(self, code: str) -> None:
        """A gift card pays; one more item: back to the sale; while the sale is being stored it waits for the next."""
        self._ready = None
        card = None if self._busy else card_of(code)
        if card is not None:
            self._with_card(card)
        elif self._busy or self._on_card:
            self.waiting.append(code)
        else:
            self.till.sell().scanned(code)
            self._unbooked()

    def _unbooked(self) -> None:
        """Cash that was typed is not booked when the payment is left for one more item."""
        cash = sum(tender.amount for tender in self._given if tender.kind == "cash")
        if cash and not self._sale.desk.note:
            amount = written(cash, self._sale.desk.decimals)
            self._sale.say(
                say("the {amount} in cash are not booked: type them again when paying", amount=amount), loud=True
            )

    def _with_card(self, card: Card) -> None:
        """All that is on a gift card, as far as it is due; a customer's card makes the sale theirs."""
        from edge_agent.till.guest import attach, paid_with

        self.note = ""
        try:
            if card.kind == "customer":
                attach(self.till, card)
            else:
                tender, self.note = paid_with(self.till, card, self.due, self._given)
                self._given.append(tender)
        except DropshelfError as error:
            self.note = said(error)

    def _with_points(self) -> None:
        """All the points of the customer that may pay for the goods."""
        from edge_agent.till.guest import points_for

        try:
            self._given.append(points_for(self.till, self._sale.desk.sale, self.due, self._given))
        except DropshelfError as error:
            self.note = said(error)

    def typed(self, char: str) -> None:
        self._ready = None
        if self._busy:
            return
        if char in TENDER_KEYS and not self.entry:
            self._suggested(TENDER_KEYS.index(char))
        elif char.isdigit() or (char in ".," and "." not in self.entry):
            super().typed("." if char == "," else char)

    def pressed(self, key: str) -> None:
        self._ready = None
        if self._busy:
            return
        self.note = ""
        if key == "enter":
            self._enter()
        elif key == "f9":
            self.card()
        elif key == "f6":
            self._with_points()
        elif key == "f12":
            self.ask_terminal()
        elif key == "escape" and self._on_card and not self.entry:
            self.note = "a part is on the card already: pay the rest"
        elif key == "escape" and self._given != self._in_goods() and not self.entry:
            self._given = self._in_goods()
        else:
            super().pressed(key)

    def enter_rested(self, *, single: bool) -> None:
        ready, self._ready = self._ready, None
        if ready is not None and single:
            self._complete(ready)
        elif ready is not None:
            self.note = "Enter was held or sent twice: nothing is paid. Press it once"

    def exact(self) -> None:
        """What is still due, in cash, done."""
        if not self._busy:
            self._complete([*self._given, Tendered("cash", self.cash_due)] if self.due else self._given)

    def card(self) -> None:
        """The rest, or what was typed, by card: as the terminal beside the till has taken it, or as it is asked now."""
        self._card(ask=not isinstance(self.till.shop.terminal, BesideTerminal))

    def ask_terminal(self) -> None:
        """The same, noted before the terminal is asked; one that is undecided is decided first."""
        undecided = self.till.shop.reading.undecided()
        if undecided is not None and not self._busy:
            self._wait_for(undecided)
        else:
            self._card(ask=True)

    def _card(self, *, ask: bool) -> None:
        if self._busy:
            return
        try:
            refuse_undecided(self.till.shop.reading)
            amount = self._card_amount()
        except DropshelfError as error:
            self.note = said(error)
            return
        if not ask:
            self._card_taken(amount)
            return
        self._busy = True
        self.till.after(self.till.shop.cards.ask(amount, self.till.by), self._asked)

    def _card_amount(self) -> int:
        text, decimals = self.take_entry(), self._sale.desk.decimals
        if len(text.replace(".", "")) > MOST_DIGITS:
            raise BadInput(say("{text} is a code, not money: scan it in the sale (Esc)", text=text))
        amount = cash_typed(text, self.due, decimals) if text else self.due
        if not 0 < amount <= self.due:
            raise BadInput("a card pays no more than what is due: type less, then F9")
        return amount

    def _asked(self, future: "Future[Attempt]") -> None:
        error = future.exception()
        if error is not None:
            self._busy, self.note = False, said(error)
            return
        attempt, terminal = future.result(), self.till.shop.terminal
        charge = self.till.app.work
        charge(lambda: terminal.charge(attempt.attempt, attempt.amount), lambda done: self._charged(done, attempt))

    def _charged(self, done: "Future[CardResult | None]", attempt: "Attempt") -> None:
        """The terminal's own answer, or none: one that failed in the middle may have taken the money."""
        result = "unknown" if done.exception() else done.result()
        if result is None:
            self._wait_for(attempt)
            return
        future = self.till.shop.cards.answer(attempt.attempt, result, self.till.by)
        self.till.after(future, lambda answered: self._answered_card(answered, result, attempt))

    def _answered_card(self, done: "Future[int]", result: "CardResult", attempt: "Attempt") -> None:
        error = done.exception()
        if error is not None:
            self._busy, self.note = False, said(error)
        else:
            self._told(result, done.result(), attempt)

    def _wait_for(self, attempt: "Attempt") -> None:
        from edge_agent.till.card import CardView

        def told(result: "CardResult", seq: int) -> None:
            self.till.show(self)
            self._told(result, seq, attempt)

        self._busy = True
        self.till.show(CardView(self.till, attempt, told, self.waiting))

    def _told(self, result: "CardResult", seq: int, attempt: "Attempt") -> None:
        self._busy = False
        if result == "approved":
            self._because = seq
            self._card_taken(min(attempt.amount, self.due))
        elif result == "declined":
            self.note = "the card was declined: nothing was taken"
        else:
            self.note = "nobody knows whether it was taken: look at the terminal, then F12"

    def _card_taken(self, amount: int) -> None:
        taken = [*self._given, Tendered("card", amount)]
        if amount < self.due:
            self._given = taken
            self._sale.desk.taken += amount
            self.till.keep_sale(now=True)
            self.note = say("{amount} by card, the rest is due", amount=written(amount, self._sale.desk.decimals))
        else:
            self._complete(taken)

    def _enter(self) -> None:
        if self.entry == MENU_CODE:
            self.till.sell()
            return
        if card_of(self.entry) is not None:
            self.scanned(self.take_entry())
            return
        if not self.entry:
            self._ready = [*self._given, Tendered("cash", self.cash_due)] if self.due else self._given
            return
        try:
            self._typed_cash(self.take_entry())
        except DropshelfError as error:
            self.note = said(error)

    def _typed_cash(self, text: str) -> None:
        decimals = self._sale.desk.decimals
        if len(text.replace(".", "")) > MOST_DIGITS:
            raise BadInput(say("{text} is a code, not money: scan it in the sale (Esc)", text=text))
        amount = cash_typed(text, self.cash_due, decimals)
        if amount <= 0 or too_much(amount, self.cash_due, decimals):
            raise BadInput(
                say(
                    "{amount} for {cash_due} can't be right",
                    amount=written(amount, decimals),
                    cash_due=written(self.cash_due, decimals),
                )
            )
        given = Tendered("cash", amount)
        if amount < self.cash_due:
            self._given.append(given)
            self.note = say("{amount} taken, the rest is due", amount=written(amount, decimals))
        else:
            self._ready = [*self._given, given]

    def _suggested(self, place: int) -> None:
        amounts = self._amounts()
        if place < len(amounts):
            self._complete([*self._given, Tendered("cash", amounts[place])])

    def _amounts(self) -> tuple[int, ...]:
        return self.till.quick.suggested(self.cash_due)

    def _complete(self, tenders: list[Tendered]) -> None:
        self._busy, self.entry, self.note = True, "", ""
        try:
            future = self.till.store_sale(self._sale.desk.sale, tenders, self._because)
        except DropshelfError as error:
            self._failed(error)
            return
        self.till.after(future, self._answered)

    def _answered(self, future: "Future[Paid]") -> None:
        error = future.exception()
        if error is None:
            self.till.paid(future.result(), self.waiting)
        else:
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        self._busy = False
        waiting, self.waiting = self.waiting, []
        words = ["THE SALE WAS NOT STORED", f"{said(error)}.", "Nothing was paid, no receipt exists. Then pay again."]
        self.till.stop(words, waiting)

    def keys(self) -> list[Key]:
        decimals = self._sale.desk.decimals
        notes = [(key, written(a, decimals)) for key, a in zip(TENDER_KEYS, self._amounts(), strict=False)]
        points = [("F6", "points")] if self._sale.desk.sale.customer else []
        return [("Enter", "exact" if self.due else "done"), *notes, ("F9", "card"), *points, ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("Enter", "exact cash, done"),
            ("/ * - +", "cash: one of the four amounts shown"),
            ("n Enter", "cash received: 2000 or 20.00; less than is due leaves the rest open"),
            ("F9", "card: all that is due, as the terminal has taken it, done; n F9: n of it"),
            ("F12", "card, noted before the terminal is asked; then its answer in one key"),
            ("F6", "the customer's points pay, as many as there are and fit"),
            ("a gift card", "pays what is on it, as far as it is due; Enter then: the rest in cash, done"),
            ("Esc", "clears what was typed, then takes cash, cards and points back, then back to the sale"),
            ("00 Enter", "back to the sale"),
            ("a scan", "one more item: back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        desk = self._sale.desk
        self._sale.draw_lines(bands, self._panel(bands.height))
        due = fit(written(self.due, desk.decimals), 15, right=True)
        coins = written(self.cash_due, desk.decimals)
        words = say("cash {coins}    due  ", coins=coins) if self.cash_due != self.due else say("due  ")
        under = sides(bands.width, [], [(words, BOLD), (due, BOLD), ("  ", PLAIN)])
        bands.totals.put(self._sale.total_rows(bands.width, under))
        note = self.note or ("storing the sale" if self._busy else self._cash_words())
        bands.entry.put([entry_row(bands.width, self.entry, note, loud=bool(self.note))])
        waits = (
            say("{number} waiting for the next sale", number=count(len(self.waiting), "scan"))
            if self.waiting
            else self.till.order_line()[0]
        )
        bands.foot.put(foot_rows(bands.width, waits, self.keys()))

    def _cash_words(self) -> str:
        """What a typed amount will be taken as, before Enter takes it."""
        decimals = self._sale.desk.decimals
        try:
            return (
                say("cash {amount}", amount=written(cash_typed(self.entry, self.cash_due, decimals), decimals))
                if self.entry
                else ""
            )
        except DropshelfError:
            return ""

    def _panel(self, height: int) -> list[Strip]:
        decimals = self._sale.desk.decimals
        amounts = [f"{key} {written(a, decimals):>10}" for key, a in zip(TENDER_KEYS, self._amounts(), strict=False)]
        amounts += [""] * (4 - len(amounts))
        choices = [f"{amounts[0]:<18}{amounts[1]}", f"{amounts[2]:<18}{amounts[3]}"]
        after = ["", *choices, "", "Enter exact        F9 card" if self.due else "Enter done"]
        return figure_panel("TO PAY", written(self.due, decimals), after, height)


def figure_panel(
    title: str, figure: str, after: list[str], height: int, kind: Literal["due", "change"] = "due"
) -> list[Strip]:
    """The one big figure of this moment with a title over it and rows of text under it."""
    width = SIDE_CELLS - 3
    digits = big(figure, width - 2)
    style = ACCENT if kind == "due" else BOLD
    rows = [row(width, (say(title), BOLD)), row(width), *(row(width, (text, style)) for text in digits)]
    rows += [row(width, (fit(say(text), width), PLAIN)) for text in after]
    return framed(rows, height, SIDE_CELLS)
