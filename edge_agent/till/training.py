"""Practice at the till: the same screens on a shop of its own, marked in the second row of each; a key ends it."""

from typing import TYPE_CHECKING

from edge_agent.journal.log import Draft
from edge_agent.till.allow import allowed
from edge_agent.till.connect import findable
from edge_agent.till.desk import Desk
from edge_agent.till.sale import SaleView
from edge_agent.till.speech import say
from edge_agent.till.words import said
from edge_agent.wire.events.staff import TrainingBegun, TrainingEnded

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.opening import OpenTill
    from edge_agent.till.front import Front


class Training:
    """Puts the shop of practice in the place of the real one, and back; on the screen's thread."""

    def __init__(self, till: "Front") -> None:
        self._till = till
        self._real: tuple[OpenTill, SaleView] | None = None
        self._busy = False

    def turn(self) -> None:
        """Begin, or end. Never with a sale on the real counter."""
        from edge_agent.till.paid import PaidView

        till = self._till
        if self._busy:
            return
        if isinstance(till.view, PaidView):
            till.sell()
        if self._real is not None:
            self._end(*self._real)
        elif till.view is not till.sale:
            till.view.refused(say("practice begins in the sale: Esc first"))
        elif till.sale.desk.sale.lines:
            till.view.refused(say("a sale is open: F3 holds it first"))
        else:
            till.sale.try_(lambda: allowed(till, "training", lambda _: self._begin()))

    def _begin(self) -> None:
        from edge_agent.practice import open_practice

        self._busy, real = True, self._till.shop
        self._till.sale.desk.note = say("the shop of practice is being made")
        self._till.app.work(lambda: open_practice(real), self._begun)

    def _begun(self, done: "Future[OpenTill]") -> None:
        self._busy, till = False, self._till
        error = done.exception()
        if error is not None:
            till.stop([say("PRACTICE IS NOT POSSIBLE"), f"{said(error)}."])
            return
        if till.view is not till.sale or till.sale.desk.sale.lines:
            till.app.work(lambda: self._throw_away(done.result()), lambda _: None)
            return
        shop = done.result()
        self._real = till.shop, till.sale
        by = till.by
        till.shop.journal.record(lambda _: [Draft(TrainingBegun(), by)])
        till.app.work(shop.finder.make, findable)
        till.status.training, till.status_stale = True, True
        till.sell_in(shop, SaleView(till, Desk(shop.selling, till.decimals)))

    def _end(self, shop: "OpenTill", sale: SaleView) -> None:
        practised, self._real = self._till.shop, None
        self._till.status.training, self._till.status_stale = False, True
        self._till.sell_in(shop, sale)
        by = self._till.by

        def ended(done: "Future[int]") -> None:
            sales = done.result() if done.exception() is None else 0
            shop.journal.record(lambda _: [Draft(TrainingEnded(sales=sales), by)])

        self._till.app.work(lambda: self._throw_away(practised), ended)
        sale.desk.note = say("practice is over: this is the real sale")

    def _throw_away(self, practised: "OpenTill") -> int:
        from edge_agent.practice import end_practice

        return end_practice(practised)
