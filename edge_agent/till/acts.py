"""What a cashier does with a sale beyond scanning: prices, discounts, voids, held sales, unknown codes, ages."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from edge_agent.errors import BadInput
from edge_agent.rules.age import born, latest_birth, years_old
from edge_agent.rules.day import local
from edge_agent.rules.sale import Article
from edge_agent.till.allow import allowed
from edge_agent.till.ask import AskView, Question
from edge_agent.till.desk import percent_of, price_of, weight_of
from edge_agent.till.figures import written
from edge_agent.till.speech import say
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.counter.selling import Scanned
    from edge_agent.till.front import Front
    from edge_agent.till.sale import SaleView

REASONS = {"1": "damaged", "2": "short date", "3": "as on the shelf", "4": "other"}
FOR_GOOD = "9"
NEW_PRICE = "new price"
ONE_PERCENT = 100


class Acts:
    """Acts on the sale of one till, on the screen's thread; what has to be asked first is asked over the sale."""

    def __init__(self, till: "Front", view: "SaleView") -> None:
        self._till, self._view, self._desk = till, view, view.desk

    # Prices and discounts.

    def discount(self, text: str) -> None:
        """`n %`: off the marked line."""
        percent = percent_of(text)
        _ = self._desk.marked
        self._free(percent, lambda _: self._desk.discount(percent))

    def discount_all(self, text: str) -> None:
        """Off the whole sale."""
        percent = percent_of(text)
        self._free(percent, lambda _: self._desk.discount_all(percent))

    def ask_discount(self) -> None:
        """Where there is no % key."""
        words = [
            say("{name}: how many per cent off?", name=self._desk.marked.name),
            "% or Enter: off this line.  /: off the whole sale.",
        ]
        keys = {"/": self.discount_all, "%": self.discount}
        self._ask(words, self.discount, keys=keys, hints=(("n Enter", "off the line"), ("n /", "off the whole sale")))

    def price(self, text: str) -> None:
        """`n /`: another unit price for the marked line, with its reason."""
        line, price = self._desk.marked, price_of(text, self._desk.decimals)
        if line.fixed is not None:
            raise BadInput(say("{name}: its price is on its label", name=line.name))
        index, shown = self._desk.selected, written(price, self._desk.decimals)
        reasons = "   ".join(f"{digit} {say(why)}" for digit, why in REASONS.items())
        words = [
            say(
                "{name}: {shown} for {price}. Why?",
                name=line.name,
                shown=shown,
                price=written(line.price, self._desk.decimals),
            ),
            "",
            reasons,
        ]
        words += [say("{digit} its price from now on, in every sale", digit=FOR_GOOD)]

        def set_it(digit: str, by: str) -> None:
            if self._desk.sale.lines[index : index + 1] != (line,):
                raise BadInput("the sale has changed meanwhile: mark the line again")
            reason = NEW_PRICE if digit == FOR_GOOD else REASONS[digit]
            self._desk.selling.set_price(index, price, reason, by)
            self._desk.note = f"{shown}: {say(reason)}"
            if digit == FOR_GOOD:
                self._after(self._till.shop.items.set_price(line.sku, price, by or self._till.by))

        def why(digit: str) -> None:
            if digit not in REASONS and digit != FOR_GOOD:
                raise BadInput("which of these? press its digit")
            allowed(self._till, "price_for_good" if digit == FOR_GOOD else "price", lambda by: set_it(digit, by))

        hints = (("1 2 3 4", "the reason"), (FOR_GOOD, "for good"))
        self._ask(words, why, choices="".join(REASONS) + FOR_GOOD, hints=hints)

    # Taking off.

    def ask_void_sale(self) -> None:
        """F5 twice: the whole sale, with a manager's word where the shop asks for it."""
        if not self._desk.sale.lines and self._desk.sale:
            self._desk.next_customer()
            return
        if not self._desk.sale:
            raise BadInput("there is no sale to void: the next scan begins one")

        def void(by: str) -> None:
            sale, totalled = self._desk.sale, self._desk.totalled
            if not sale.lines:
                return
            self._desk.next_customer()
            self._desk.note = say("voided: {total}", total=written(sale.total, self._desk.decimals))
            self._after(self._till.shop.voids.sale(sale, by, self._till.by, after_subtotal=totalled))

        total = written(self._desk.sale.total, self._desk.decimals)
        words = [say("Void the whole sale of {total}?", total=total), "Enter: yes.  Esc or 00 Enter: no."]
        self._ask(words, lambda _: allowed(self._till, "void_sale", void), sure=True)

    # Held sales.

    def hold(self) -> None:
        """F3: the sale is set aside; the next customer may come."""
        sale = self._desk.sale
        future = self._till.shop.holding.hold(sale, self._till.by)
        self._desk.next_customer()
        self._desk.note = "holding the sale"

        def held(done: "Future[int]") -> None:
            error = done.exception()
            if error is not None:
                self._desk.selling.put_back(sale)
                self._desk.selected = len(self._desk.sale.lines) - 1
                self._till.stop(["THE SALE COULD NOT BE HELD", f"{said(error)}.", "It is on the counter again."])
                return
            self._desk.note = say("held as {number}: F3 brings it back", number=done.result())
            self._till.count_held()

        self._till.after(future, held)

    def recall(self, text: str) -> None:
        """`n F3`: the held sale of that ticket; an open sale must be held first."""
        if not text.isdigit():
            raise BadInput(say("{text} is not a ticket", text=text))
        if self._desk.sale.lines:
            raise BadInput("a sale is open: F3 holds it first")
        future = self._till.shop.holding.recall(int(text), self._till.by)

        def back(done: "Future[Any]") -> None:
            error = done.exception()
            if error is not None:
                self._desk.note = said(error)
                return
            self._desk.selling.put_back(done.result())
            self._desk.selected = len(self._desk.sale.lines) - 1
            from edge_agent.till.guest import show_customer

            show_customer(self._till)
            self._till.keep_sale(now=True)
            self._desk.note = say("ticket {number} goes on", number=int(text))
            self._till.count_held()

        self._till.after(future, back)

    # What a scan may need.

    def needed(self, found: "Scanned", *, typed: bool = False) -> None:
        """A scan that sold nothing yet: an unknown code, an age, or a price that must be typed."""
        if found.kind == "unknown":
            self._unknown(found.code, hidden=typed and self._may_be_pin(found.code))
        elif found.article is not None and found.kind == "needs age":
            self._age(found.code, found.article)
        elif found.article is not None and found.kind == "needs weight":
            self._weight(found.code, found.article)
        elif found.article is not None:
            self._open_price(found.article)

    def _may_be_pin(self, code: str) -> bool:
        """Digits that somebody may have typed for a PIN; whether they are one is not told."""
        from edge_agent.counter.people import PIN_DIGITS

        return code.isdigit() and len(code) in PIN_DIGITS and self._till.shop.staff.exists

    def _unknown(self, code: str, *, hidden: bool) -> None:
        decimals, qty = self._desk.decimals, self._desk.quantity

        def sell(text: str) -> None:
            name = say("Unknown item {code}", code=code)
            self._desk.sold(self._desk.selling.sell_unknown(code, price_of(text, decimals), qty, name))
            self._desk.note = "sold; match it later (00 Enter 36)"

        def add(text: str) -> None:
            if not text:
                raise BadInput("type its price, then +")
            price = price_of(text, decimals)
            allowed(self._till, "new_item", lambda by: self._add(code, price, by))

        words = [
            say("{code} is not known.", code="*" * len(code) if hidden else code),
            "Type its price: Enter sells it now, to be matched later;",
            "+ adds it to the catalogue for good.",
            "Esc or Enter alone: not sold, set the item aside.",
        ]
        hints = (("n Enter", "sell it now"), ("n +", "add it for good"))
        self._ask(words, sell, keys={"+": add}, hints=hints)
        self._till.app.bell()

    def _add(self, code: str, price: int, by: str) -> None:
        future = self._till.shop.items.add(code, say("New item {code}", code=code)[:40], price, by or self._till.by)

        def added(done: "Future[Any]") -> None:
            error = done.exception()
            if error is not None:
                self._till.stop([say("{code} was not added.", code=code), f"{said(error)}."])
            else:
                self._till.view.scanned(code)

        self._till.after(future, added)

    def _open_price(self, article: Article) -> None:
        def sell(text: str) -> None:
            price = price_of(text, self._desk.decimals)
            self._desk.sold(self._desk.selling.sell_at(article, price, self._desk.quantity))

        self._ask([say("{name}: type its price and Enter.", name=article.name)], sell)

    def _weight(self, code: str, article: Article) -> None:
        def sell(text: str) -> None:
            found = self._desk.selling.scan(code, weight_of(text))
            self._desk.sold(found.index)

        scale = self._till.shop.scale
        if scale is not None and scale.profile.unit == article.unit:
            from edge_agent.till.weigh import WeighView

            self._till.show(WeighView(self._till, article, scale, sell))
            return
        self._ask(
            [
                say("{name}, by the {unit}.", name=article.name, unit=article.unit),
                "Type its weight: 742 (grams) or 0.742, Enter.",
            ],
            sell,
        )

    def _age(self, code: str, article: Article) -> None:
        till, now = self._till, self._till.app.clock.now()
        today: date = local(now, till.status.zone).date()

        def answer(text: str) -> None:
            years = years_old(born(text, today), today)
            passed = years >= article.age
            till.shop.asked.age(article.sku, article.age, till.by, passed=passed)
            if passed:
                self._desk.selling.knows_age(article.age)
                self._view.scanned(code)
            else:
                till.stop(
                    [
                        say("{name} is not sold to anybody under {age}.", name=article.name, age=article.age),
                        "It is not in the sale.",
                    ]
                )

        def refuse(_: str = "") -> None:
            till.shop.asked.age(article.sku, article.age, till.by, passed=False)

        words = [
            say("{name}: from {age} years.", name=article.name, age=article.age),
            say("Born on or before {day:%d.%m.%Y}?", day=latest_birth(today, article.age)),
            "Type the date of birth, ddmmyy Enter, or scan it.",
            "Esc or -: refused, not in the sale.",
        ]
        self._ask(words, answer, keys={"-": refuse}, left=refuse, scans=True)

    # How acts are asked for.

    def _ask(self, words: list[str], then: Callable[[str], None], **how: Any) -> None:
        self._till.show(AskView(self._till, Question(words, then, **how)))

    def _free(self, percent: int, then: Callable[[str], None]) -> None:
        """A discount that anybody may give, or that needs its right."""
        if percent > self._till.shop.approvals.rights.free_percent * ONE_PERCENT:
            allowed(self._till, "discount", then)
        else:
            then("")

    def _after(self, future: "Future[Any]") -> None:
        """Nothing waits for it; what fails stops out loud."""

        def done(one: "Future[Any]") -> None:
            error = one.exception()
            if error is not None:
                self._till.stop(["That was not stored.", f"{said(error)}."])

        self._till.after(future, done)
