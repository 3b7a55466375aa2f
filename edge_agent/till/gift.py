"""A gift card: what is on it, more onto it, or a new one."""

from concurrent.futures import Future
from typing import TYPE_CHECKING

from edge_agent.rules.refund import Onto
from edge_agent.rules.stored import Card, card_of
from edge_agent.till.allow import allowed
from edge_agent.till.ask import AskView, Question
from edge_agent.till.figures import written
from edge_agent.till.guest import load_card, sell_card, today
from edge_agent.till.paint import BOLD, PLAIN, row
from edge_agent.till.returns import Unproven
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.counter.refunding import GivenBack
    from edge_agent.till.front import Front


class GiftView(View):
    """Without a card an amount sells a new one; with one it is put onto that."""

    title = "a gift card"

    def __init__(self, till: "Front", card: Card | None = None) -> None:
        super().__init__(till)
        self._card, self._busy = card, False

    def _ask_out(self, by: str) -> None:
        """Money leaves by more than one key: who allowed it has said yes, who may do it alone is asked."""
        assert self._card is not None
        if by:
            self._pay_out()
            return
        words = [
            say("Pay out in cash what this till put onto card {tail}?", tail=self._card.tail),
            "Enter: yes.  Esc or 00 Enter: no.",
        ]
        self.till.show(AskView(self.till, Question(words, lambda _: self._pay_out(), sure=True)))

    def _pay_out(self) -> None:
        """What is on the card in cash: it was sold or loaded by mistake."""
        assert self._card is not None
        onto = Onto(self._card.account, self._card.tail)
        self._busy = True
        self.till.after(self.till.shop.refunding.pay_out(onto, self.till.by), self._paid_out)

    def _paid_out(self, done: "Future[GivenBack]") -> None:
        from edge_agent.till.refunded import RefundedView

        self._busy, error = False, done.exception()
        if error is not None:
            self.till.show(self)
            self.note = said(error)
        else:
            self.till.show(RefundedView(self.till, done.result(), Unproven()))

    def scanned(self, code: str) -> None:
        if self._busy:
            return
        card = card_of(code)
        if card is not None and card.kind == "gift":
            self._card, self.note = card, ""
        else:
            super().scanned(code)

    def typed(self, char: str) -> None:
        if self._busy:
            return
        if char == "-" and self._card and not self.entry:
            self.attempt(lambda: allowed(self.till, "refund_without_receipt", self._ask_out))
        elif char.isdigit() or char in ".,":
            super().typed("." if char == "," else char)

    def pressed(self, key: str) -> None:
        if self._busy:
            return
        if key == "enter":
            self._enter(self.take_entry())
        else:
            super().pressed(key)

    def _enter(self, text: str) -> None:
        if text == MENU_CODE:
            self.till.open_menu()
        elif card_of(text) is not None:
            self.scanned(text)
        elif not text:
            self.till.sell()
        else:
            self.attempt(lambda: self._load(text))

    def _load(self, text: str) -> None:
        if self._card:
            load_card(self.till, self._card, text)
        else:
            sell_card(self.till, text)
        self.till.sell()

    def keys(self) -> list[Key]:
        out = [("-", "pay out")] if self._card else []
        return [
            ("n Enter", "put n onto it" if self._card else "a new one of n"),
            ("scan", "what is on it"),
            *out,
            ("Esc", "back"),
        ]

    def all_keys(self) -> list[Key]:
        return [
            ("a gift card", "what is on it"),
            ("n Enter", "n onto the card that is shown; with none a new card of n, printed when it is paid"),
            ("-", "what this till put onto the card that is shown, in cash: it was sold by mistake"),
            ("Enter  Esc", "back to the sale"),
            ("a scan", "of anything else sells"),
        ]

    def _rows(self, width: int) -> list[str]:
        if self._card is None:
            return ["Scan a card to see what is on it.", "", "Type an amount and Enter: a new card of it."]
        known = self.till.shop.reading.standing(self._card.account, today(self.till))
        if known is None:
            return [
                say("Card {tail}", tail=self._card.tail),
                "",
                "This till has not heard of it. The cloud must tell of it first.",
            ]
        may = self.till.shop.stored.spendable(self.till.shop.reading, self._card.account, today(self.till))
        decimals, on_it = self.till.decimals, max(known.balance, 0)
        rows = [
            say("Card {tail}", tail=self._card.tail),
            "",
            say("On it          {on_it:>12}", on_it=written(on_it, decimals)),
        ]
        if may < on_it:
            rows.append(
                say("Can pay now    {may:>12}   (the rest when the cloud is there)", may=written(may, decimals))
            )
        return rows

    def draw(self, bands: Bands) -> None:
        width = bands.width
        rows = [
            row(width, (f"    {text}", BOLD if not place else PLAIN)) for place, text in enumerate(self._rows(width))
        ]
        bands.lines.put([heading(width, "GIFT CARD"), row(width), *rows])
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
