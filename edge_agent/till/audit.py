"""Menu 41: who did what, newest first, and each cashier's signals of the last four weeks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.counter.audit import Act, acts, signals
from edge_agent.rules.conduct import SIGNS, Conduct, odd
from edge_agent.till.allow import ACTS as QUESTIONS
from edge_agent.till.figures import written
from edge_agent.till.paint import BOLD, PLAIN, WARN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import moment, said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.till.front import Front

WEEKS_MS = 28 * 86_400_000
MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "home": -10_000, "end": 10_000}
Found = tuple[list[Act], list[Conduct], dict[str, str]]


class AuditView(View):
    """First the list; `*` turns to the signals and back."""

    title = "who did what"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._found: Found | None = None
        self._top, self._signs = 0, False
        till.app.work(self._look, self._looked)

    def _look(self) -> Found:
        shop, now = self.till.shop, self.till.shop.clock.now()
        names = {person.id: person.name for person in shop.staff.all(now)}
        with shop.journal.reading() as memory:
            return acts(memory), signals(memory, now - WEEKS_MS), names

    def _looked(self, done: "Future[Found]") -> None:
        error = done.exception()
        if error is None:
            self._found = done.result()
        else:
            self.note = said(error)

    def typed(self, char: str) -> None:
        if char == "*":
            self._signs = not self._signs
        elif char == "+":
            self._move(8)
        elif char.isdigit():
            super().typed(char)

    def pressed(self, key: str) -> None:
        if key in MOVES:
            self._move(MOVES[key])
        elif key == "enter" and self.take_entry() == MENU_CODE:
            self.till.open_menu()
        elif key != "enter":
            super().pressed(key)

    def _move(self, by: int) -> None:
        most = len(self._found[0]) - 1 if self._found else 0
        self._top = max(0, min(self._top + by, most))

    def keys(self) -> list[Key]:
        turn = say("the list") if self._signs else say("signals per cashier")
        return [("*", turn), ("PgDn", say("earlier")), ("Esc", say("back"))]

    def all_keys(self) -> list[Key]:
        return [
            ("*", say("the signals of each cashier in four weeks, and back to the list")),
            ("Up Down", say("later and earlier acts (PgUp PgDn; + on a number pad)")),
            ("Esc", say("back to the sale")),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        rows = [] if self._found is None else self._signals(width) if self._signs else self._list(width, bands.height)
        bands.lines.put(rows[: bands.height])
        bands.totals.put(self.till.sale.total_rows(width))
        note = self.note or ("" if self._found else say("looking"))
        bands.entry.put([entry_row(width, self.entry, note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _list(self, width: int, height: int) -> list[Strip]:
        assert self._found is not None
        listed, _, names = self._found
        zone, now = self.till.status.zone, self.till.app.clock.now()
        rows = [heading(width, say("WHO DID WHAT, NEWEST FIRST"))]
        for act in listed[self._top : self._top + height - 1]:
            words = told(act, names, self.till.decimals)
            style = WARN if act.kind in ("pin_refused", "sale_voided") else PLAIN
            when = fit(moment(act.at, now, zone), 15)
            rows.append(row(width, (f" {when}", PLAIN), (f"{fit(names.get(act.by, ''), 10)} ", BOLD), (words, style)))
        return rows

    def _signals(self, width: int) -> list[Strip]:
        assert self._found is not None
        _, found, names = self._found
        heads = [say("sales"), *(sign_word(sign) for sign in SIGNS)]
        title = f" {fit(say('PER 100 SALES'), 13)}" + "".join(fit(head, 8, right=True) for head in heads)
        rows = [heading(width, title)]
        for one in found:
            strange = odd(one, found)
            cells = [(fit(str(one.sales), 8, right=True), PLAIN)]
            cells += [
                (fit(_rate(one, sign, is_odd=sign in strange), 8, right=True), WARN if sign in strange else PLAIN)
                for sign in SIGNS
            ]
            rows.append(row(width, (f"  {fit(names.get(one.by, '-'), 13)}", BOLD), *cells))
        return [*rows, row(width), row(width, (f"  {say('! far more often than all the others together')}", PLAIN))]


def sign_word(sign: str) -> str:
    """A signal in at most seven letters."""
    return {
        "no_sales": say("drawer"),
        "voids_after_total": say("late v."),
        "sales_voided": say("s.void"),
        "lines_voided": say("l.void"),
        "refunds": say("refunds"),
        "prices_by_hand": say("prices"),
        "discounts": say("% given"),
    }[sign]


def _rate(one: Conduct, sign: str, *, is_odd: bool) -> str:
    rate = one.per_hundred(sign)
    return f"{'!' if is_odd else ''}{rate // 10}.{rate % 10}" if rate is not None else str(one.done[sign])


def told(act: Act, names: Mapping[str, str], decimals: int) -> str:
    """One act as a sentence."""
    body, kind = act.body, act.kind
    late = f" {say('after the total')}" if body.get("after_subtotal") else ""
    if kind == "sale_voided":
        return say("voided a sale of {amount}", amount=written(body["total"], decimals)) + late
    if kind == "line_voided":
        line = body["line"]
        return say("took off {name}, {amount}", name=line["name"][:24], amount=written(line["gross"], decimals)) + late
    if kind == "sale_completed":
        line = next(line for line in body["lines"] if "was" in line)
        prices = {"was": written(line["was"], decimals), "price": written(line["price"], decimals)}
        return say("{name}: {price} for {was}", name=line["name"][:24], **prices) + f" {say(line.get('reason', ''))}"
    if kind in ("refund_made", "cash_moved", "tender_moved"):
        return _money(kind, body, decimals)
    return _plain(kind, body, names)


def _money(kind: str, body: Mapping[str, object], decimals: int) -> str:
    amount = body["total"] if kind == "refund_made" else body["amount"]
    assert isinstance(amount, int)
    shown = written(abs(amount), decimals)
    if kind == "tender_moved":
        return say("corrected a tender: {amount}", amount=shown)
    if kind == "refund_made":
        of = body.get("of")
        words = say("of a receipt") if of else say("without a receipt")
        return say("gave back {amount} {of}", amount=shown, of=words)
    if body["what"] == "no_sale":
        return say("opened the drawer: {reason}", reason=say(str(body["reason"])))
    word = say("out") if body["what"] == "out" else say("in")
    return f"{shown} {word}: {say(str(body['reason']))}"


def _plain(kind: str, body: Mapping[str, object], names: Mapping[str, str]) -> str:
    approver = names.get(str(body.get("approved", "")), "?")
    question = QUESTIONS.get(str(body.get("act", "")), "")
    return {
        "receipt_reprinted": lambda: say("printed a copy of receipt {number}", number=body["receipt"]),
        "shift_opened": lambda: say("opened shift {number}", number=body["number"]),
        "shift_closed": lambda: say("closed shift {number}", number=body["number"]),
        "signed_on": lambda: say("signed on"),
        "till_locked": lambda: say("locked the till") if body["how"] == "key" else say("the till locked itself"),
        "act_approved": lambda: say("was allowed by {name}: {act}", name=approver, act=say(question)),
        "pin_refused": lambda: say("a wrong PIN or badge, number {number}", number=body["wrong"]),
        "staff_code_used": lambda: say("chose a PIN by the owner's code"),
        "training_begun": lambda: say("began to practise"),
        "training_ended": lambda: say("practised {number} sales", number=body["sales"]),
        "item_set": lambda: say("changed {name} in the catalogue", name=str(body["name"])[:30]),
    }[kind]()
