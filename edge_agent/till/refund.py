"""F4: a refund. The receipt is scanned, then what comes back; each line says where the goods go; Enter gives back."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules.barcode import RECEIPT
from edge_agent.rules.stored import card_of
from edge_agent.till.allow import allowed
from edge_agent.till.figures import quantity, written
from edge_agent.till.paint import BOLD, DIM, PLAIN, WARN, fit, row
from edge_agent.till.returns import GOES, WHYS, Returns, Unproven
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.counter.refunding import GivenBack, Original
    from edge_agent.rules.refund import Onto, Way
    from edge_agent.rules.stored import Card
    from edge_agent.till.front import Front

REASONS = {"1": "receipt lost", "2": "a gift", "3": "other"}
WHY_KEYS = dict(zip("123456", WHYS, strict=True))
EMPTIES = "empties"
MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "home": -10_000, "end": 10_000}
LONGEST_NUMBER = 8


class RefundView(View):
    """First the receipt (or none), then the lines. Nothing is stored before Enter on an empty entry is at rest."""

    title = "a refund"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._returns: Returns | None = None
        self._way: Way | None = None
        self._onto: Onto | None = None
        self._busy = self._store = self._asking = self._why = False

    # Scans and keys.

    def find(self, text: str) -> None:
        """The receipt of a typed number or a scanned code."""
        from edge_agent.counter.refunding import original, original_by_code

        memory = self.till.shop.reading
        if text.startswith(RECEIPT):
            self._take(original_by_code(memory, text))
        elif text.isdigit() and len(text) <= LONGEST_NUMBER:
            self._take(original(memory, int(text)))
        else:
            raise BadInput(say("{text} is no receipt: scan its code, or type its number", text=text))

    def _take(self, known: "Original") -> None:
        self._returns, self._way = Returns(known), known.way
        self.note = ""

    def scanned(self, code: str) -> None:
        self._store = False
        if self._busy:
            return
        self._try(lambda: self._scan(code))

    def _credit_to(self, card: "Card") -> None:
        """A gift card takes it as credit."""
        from edge_agent.rules.refund import Onto

        if card.kind != "gift" or isinstance(self._returns, Unproven):
            raise BadInput("credit goes onto a gift card, and needs the receipt: Esc, scan it")
        self._way, self._onto = "gift", Onto(card.account, card.tail)

    def _turn_way(self) -> None:
        """Cash, the card, a new gift card, and round again."""
        self.note = ""
        turn: dict[Way | None, Way] = {"card": "cash", "cash": "gift"}
        self._way, self._onto = turn.get(self._way, "card"), None

    def _scan(self, code: str) -> None:
        card = card_of(code)
        if card is not None and self._returns is not None:
            self._credit_to(card)
            return
        if self._returns is None or code.startswith(RECEIPT):
            self.find(code)
            return
        article = self.till.shop.selling.look_up(code)
        if article is None:
            raise BadInput(say("{code} is not known", code=code))
        self._returns.scan(article)

    def typed(self, char: str) -> None:
        self._store = False
        if self._busy:
            return
        if self._why:
            self._say_why(char)
        elif self._asking:
            if char in REASONS:
                self._give_unproved(REASONS[char])
        elif self._returns is None and char == "*" and not self.entry:
            self._returns, self._way = Unproven(), "cash"
            self.note = ""
        elif self._returns is not None and char == "+" and not self.entry:
            self._try(self._exchange)
        elif self._returns is not None and char in "*-/" and self._is_number():
            self._try(lambda: self._operate(char, self.take_entry()))
        else:
            super().typed(char)

    def _is_number(self) -> bool:
        return not self.entry or self.entry.replace(".", "", 1).isdigit()

    def _operate(self, char: str, text: str) -> None:
        assert self._returns is not None
        if char == "*":
            self._returns.set_qty(text) if text else self._returns.take_all()
        else:
            self._returns.send("damaged" if char == "-" else "supplier")

    def pressed(self, key: str) -> None:
        self._store = False
        if self._busy:
            return
        if self._returns and key in MOVES:
            self._returns.move(MOVES[key])
        elif self._returns and key in ("delete", "f5"):
            self._returns.drop()
        elif key == "enter":
            self._enter()
        elif key == "f9" and self._returns and not isinstance(self._returns, Unproven):
            self._turn_way()
        elif key == "f6" and self._returns and self._returns.backs():
            self._why, self.note = not self._why, ""
        elif key == "f8" and self._returns:
            self._try(self._returns.empty)
        elif key == "escape" and (self._asking or self._why):
            self._asking = self._why = False
        elif key == "escape" and self._returns and not self.entry:
            self._returns, self.note = None, ""
        else:
            super().pressed(key)

    def _say_why(self, char: str) -> None:
        if char in WHY_KEYS and self._returns:
            self._returns.say_why(WHY_KEYS[char])
            self._why = False

    def _enter(self) -> None:
        text = self.take_entry()
        if text == MENU_CODE:
            self.till.open_menu()
        elif text:
            self._try(lambda: self._scan(text))
        elif self._returns is not None:
            self._store = True

    def enter_rested(self, *, single: bool) -> None:
        wanted, self._store = self._store, False
        if wanted and single:
            self._try(self._give)

    # The act.

    def _give(self) -> None:
        assert self._returns is not None
        if isinstance(self._returns, Unproven):
            if self._returns.items() and self._returns.only_empties:
                self._give_unproved(EMPTIES)
            else:
                self._asking = bool(self._returns.chosen)
            return
        known, way = self._returns.known, self._way or "cash"
        backs, refunding = self._returns.backs(), self.till.shop.refunding

        def give(_: str) -> None:
            onto = self._onto or (self._new_card() if way == "gift" else None)
            self._stored_later(refunding.give_back(known, backs, way, self.till.by, onto))

        allowed(self.till, "refund", give)

    def _new_card(self) -> "Onto":
        from edge_agent.rules.refund import Onto

        card = self.till.shop.gifts.fresh()
        return Onto(card.account, card.tail, card.number)

    def _exchange(self) -> None:
        """What comes back pays for other goods: they are scanned now, and both are stored as one."""
        from edge_agent.counter.refunding import in_exchange

        assert self._returns is not None
        if isinstance(self._returns, Unproven):
            raise BadInput("an exchange needs the receipt: Esc, then scan it")
        credit = in_exchange(self._returns.known, self._returns.backs())
        total = written(credit.total, self.till.decimals)

        def take(_: str) -> None:
            desk = self.till.sell().desk
            desk.credit = credit
            desk.note = say("{total} comes back: scan what is taken instead", total=total)

        allowed(self.till, "refund", take)

    def _give_unproved(self, reason: str) -> None:
        self._asking = False
        returns = self._returns
        if isinstance(returns, Unproven):
            refunding, items = self.till.shop.refunding, returns.items()

            def give(_: str) -> None:
                self._stored_later(refunding.give_back_unproved(items, reason, self.till.by))

            right = "refund" if returns.only_empties else "refund_without_receipt"
            self._try(lambda: allowed(self.till, right, give))

    def _stored_later(self, future: "Future[GivenBack]") -> None:
        self._busy = True
        self.till.after(future, self._stored)

    def _stored(self, done: "Future[GivenBack]") -> None:
        self._busy = False
        error = done.exception()
        if error is None:
            from edge_agent.till.refunded import RefundedView

            assert self._returns is not None
            self.till.show(RefundedView(self.till, done.result(), self._returns))
        elif isinstance(error, DropshelfError) and not error.again:
            self.note = said(error)
        else:
            self.till.stop(["THE REFUND WAS NOT STORED", f"{said(error)}.", "Nothing was given back."])

    def _try(self, act: Callable[[], None]) -> None:
        self.note = ""
        try:
            act()
        except DropshelfError as error:
            self.note = said(error)
            self.till.app.bell()

    # Drawing.

    def keys(self) -> list[Key]:
        if self._why:
            return [(key, WHYS[why]) for key, why in WHY_KEYS.items()]
        if self._asking:
            return list(REASONS.items())
        if self._returns is None:
            return [("scan", "the receipt's code"), ("n Enter", "its number"), ("*", "no receipt"), ("Esc", "back")]
        proven = not isinstance(self._returns, Unproven)
        if not any(self._returns.chosen.values()):
            some = [("*", "all of it")] if proven else []
            return [("scan", "what comes back"), *some, ("Esc", "back"), ("F1", "all keys")]
        keys = [("Enter", "give back"), ("-", "damaged"), ("/", "supplier"), ("F6", "why")]
        more = [("+", "exchange"), ("F9", "how")] if proven else [("n *", "n of it"), ("F8", "empties")]
        return [*keys, *more, ("F1", "keys")]

    def all_keys(self) -> list[Key]:
        return [
            ("a scan", "the code on the receipt; then each item that comes back"),
            ("n Enter", "the receipt by its number; then an item by its code"),
            ("*", "without a receipt; then: everything that is left of this one"),
            ("n *", "n of the marked line"),
            ("Up Down", "mark another line"),
            ("-", "the marked line's goods are damaged; again: to be mended; again: back to the shelf"),
            ("/", "the marked line's goods go to the supplier; again: to the shelf"),
            ("+", "exchange: what comes back pays for what is scanned now"),
            ("Del  F5", "nothing of the marked line"),
            ("F6", "why the marked line comes back"),
            ("F8", "without a receipt: packaging alone, for its deposit"),
            ("F9", "onto the card, as credit on a new gift card, or in cash"),
            ("a gift card", "takes it as credit"),
            ("Enter", "give back, done"),
            ("Esc", "another receipt, then back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width, height = bands.width, bands.height
        bands.lines.put(self._rows(width)[:height] if self._returns is None else self._table(width, height))
        total = self._returns.total if self._returns else 0
        bands.totals.put(self._totals(width, total))
        asked = "why does it come back?" if self._why else "why without a receipt?" if self._asking else ""
        note = self.note or ("storing" if self._busy else asked)
        bands.entry.put([entry_row(width, self.entry, note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _totals(self, width: int, total: int) -> list[Strip]:
        from edge_agent.till.sale import total_rows

        onto = (
            say("as credit onto card {tail}", tail=self._onto.tail)
            if self._onto
            else say("as credit onto a new gift card")
        )
        way = {"cash": "in cash", "card": "onto the card", "exchange": "in goods", "gift": onto}[self._way or "cash"]
        if self._returns is None:
            words = "a refund"
        else:
            first, rest = self._first_back(total)
            words = say("give back {way}", way=", ".join([*first, *([say(way)] if rest or not first else [])]))
        return total_rows(width, words, written(-total, self.till.decimals))

    def _first_back(self, total: int) -> tuple[list[str], int]:
        """What goes back onto cards and as points because they paid, in words, and what is left of the total then."""
        from edge_agent.rules.refund import paid_with_back
        from edge_agent.till.refunded import WAYS

        if self._returns is None or isinstance(self._returns, Unproven) or total >= 0:
            return [], -total
        stored, rest = paid_with_back(total, self._returns.known.paid_with)
        return [f"{written(-one.amount, self.till.decimals)} {say(WAYS[one.kind])}" for one in stored], rest

    def _rows(self, width: int) -> list[Strip]:
        told = ["Scan the code on the receipt, or type its number and Enter.", "", "* without a receipt."]
        return [heading(width, "REFUND"), row(width), *(row(width, (f"    {say(text)}", PLAIN)) for text in told)]

    def _table(self, width: int, height: int) -> list[Strip]:
        assert self._returns is not None
        returns, names = self._returns, width - 46
        columns = f"{say('left'):>8}{say('back'):>8}  {say('goes to'):<12}{say('amount'):>11}"
        rows = [heading(width, f"{fit(returns.heading, names + 1)}{columns}")]
        top = max(0, returns.selected - height + 2)
        for place, line in enumerate(returns.lines()[top : top + height - 1], start=top):
            style = BOLD if place == returns.selected else PLAIN if line.left else DIM
            goes = say(GOES[line.goes]) if line.back else ""
            rows.append(
                row(
                    width,
                    ("> " if place == returns.selected else "  ", style),
                    (fit(f"{line.name}: {line.why}" if line.why else line.name, names), style),
                    (fit("" if isinstance(returns, Unproven) else quantity(line.left), 8, right=True), style),
                    (fit(quantity(line.back) if line.back else "", 8, right=True) + "  ", style),
                    (fit(goes, 12), WARN if line.back and line.goes != "shelf" else style),
                    (fit(written(-line.amount, self.till.decimals) if line.back else "", 11, right=True), style),
                )
            )
        return rows
