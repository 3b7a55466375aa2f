"""The shop front: which screen is shown, and the acts that screens ask of the shop behind it."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from textual.strip import Strip

from edge_agent.rules.badge import is_badge
from edge_agent.rules.person import is_person
from edge_agent.rules.quick import Quick
from edge_agent.rules.sheet import is_command
from edge_agent.settings import Settings
from edge_agent.till.cashiers import Cashiers
from edge_agent.till.desk import Desk
from edge_agent.till.lock import LockView
from edge_agent.till.sale import SaleView
from edge_agent.till.speech import say
from edge_agent.till.status import Status
from edge_agent.till.stop import StopView
from edge_agent.till.view import Bands, View
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.counter.paying import Paid
    from edge_agent.opening import OpenTill
    from edge_agent.rules.sale import Line, Sale, Tendered
    from edge_agent.till.app import TillApp
    from edge_agent.till.board import Board
    from edge_agent.till.launches import Launches


class Front:
    """Lives on the screen's thread. `shop` is what stands behind the counter once it is open.

    `by` is the id of who sells; `proven` the same where a PIN or badge has shown it. A `lock` lies over the `view`.
    """

    shop: "OpenTill"
    view: View
    sale: SaleView

    def __init__(self, app: "TillApp", settings: Settings) -> None:
        self.app = app
        self.settings = settings
        shop, till = settings.shop, settings.till
        self.by = till.staff if is_person(till.staff) else ""
        self.proven = ""
        self.lock: LockView | None = None
        self.status = Status(shop.name, till.name, "" if self.by else till.staff, shop.zone)
        self.decimals = shop.decimals
        self.quick = Quick(shop.currency, shop.decimals)
        self.board: Board | None = None
        self.launches: Launches | None = None
        self.status_stale = True
        self._reading_board = self._board_again = False

    def begin(self) -> None:
        """Behind the first paint: open the shop's memory."""
        from edge_agent.till.waiting import WaitingView

        assert isinstance(self.view, WaitingView)
        self.view.begin()

    def take(self, shop: "OpenTill") -> None:
        """The shop is open: connect its devices and news, and sell."""
        from edge_agent.till.connect import connect
        from edge_agent.till.training import Training

        self.shop = shop
        self.app.clock = shop.clock
        self.cashiers = Cashiers(self)
        self.cashiers.begin()
        self.training = Training(self)
        self.sign = shop.sign
        connect(self)
        self.sell_in(shop, SaleView(self, Desk(shop.selling, self.decimals)))
        if shop.left:
            from edge_agent.till.left import left_words

            self.sale.say(left_words(shop.left, self.decimals), loud=True)

    def sell_in(self, shop: "OpenTill", sale: SaleView) -> None:
        """Sell at this till from now on."""
        self.shop, self.sale = shop, sale
        shop.selling.told_void = self._line_voided
        self.count_held()
        self.show(sale)

    def _line_voided(self, line: "Line", qty: int) -> None:
        self.shop.voids.line(line, qty, self.by, after_subtotal=self.sale.desk.totalled)

    def draw(self, bands: Bands) -> None:
        """The whole screen as it should be now."""
        if self.status_stale or not bands.status.rows:
            self.status_stale = False
            bands.status.put(self.status.rows(bands.width, self.app.clock.now()))
        self.heard.draw(bands)

    def look_around(self) -> None:
        """Once a second: what only time changes."""
        self.status_stale = True
        self.status.clock_sure = self.app.clock.quality() != "floor"
        if hasattr(self, "shop"):
            from edge_agent.till.connect import look_at_sync

            self.status.unprinted = len(self.shop.printer.waiting())

            look_at_sync(self)
            self.cashiers.look_around()
            self.keep_sale()

    def keep_sale(self, *, now: bool = False) -> None:
        """What is on the counter outlives the program."""
        kept = self.shop.unfinished
        if kept is not None:
            kept.exchange, kept.taken = self.sale.desk.credit is not None, self.sale.desk.taken
            write = kept.look(self.sale.desk.sale, now=now)
            if write:
                self.app.work(write, lambda _: None)

    # Who stands here.

    @property
    def heard(self) -> View:
        """What hears of keys and scans: the lock where there is one, else the screen."""
        return self.lock or self.view

    def scanned(self, code: str) -> None:
        """A scan: a badge says who sells, or is the answer to what is asked; a command of the sheet presses keys; all
        else is for the screen."""
        if is_command(code) and hasattr(self, "shop"):
            from edge_agent.till.sheet import obey

            obey(self, code)
        elif not is_badge(code) or not hasattr(self, "shop"):
            self.heard.scanned(code)
        elif self.heard.takes_badges:
            self.heard.badge(code)
        else:
            self.cashiers.badge(code)

    def seal(self, text: bytes) -> str:
        """This till's own signature, in practice too."""
        return self.sign(text)[1]

    def lock_till(self) -> None:
        """Nobody sells until somebody signs on."""
        if hasattr(self, "shop") and self.lock is None:
            self.cashiers.lock()

    def train(self) -> None:
        """Practice begins, or ends."""
        if hasattr(self, "shop") and self.lock is None:
            self.training.turn()

    def touched(self) -> None:
        """Somebody is there."""
        if hasattr(self, "shop"):
            self.cashiers.touched()

    # Which screen.

    def show(self, view: View) -> None:
        """This screen from now on. What the sale had said is old when it is left."""
        if hasattr(self, "sale") and self.view is self.sale and view is not self.sale:
            self.sale.say("")
        self.view = view

    def sell(self) -> SaleView:
        """Back to the sale, which is also the answer."""
        self.show(self.sale)
        return self.sale

    def open_payment(self) -> "View":
        """The payment of the sale on the counter."""
        from edge_agent.till.pay import PayView

        view = PayView(self, self.sale)
        self.sale.desk.totalled = True
        self.show(view)
        return view

    def pay_by_card(self) -> None:
        """F9 in the sale: all of it by card, done; or so much of it as was typed."""
        from edge_agent.till.pay import PayView

        if self.sale.desk.sale:
            view = self.open_payment()
            assert isinstance(view, PayView)
            view.entry = self.sale.take_entry()
            view.card()

    def open_card(self, code: str) -> None:
        """A gift card pays for the open sale, or shows what is on it; a customer's card makes the sale theirs."""
        from edge_agent.till.guest import open_card

        open_card(self, code)

    def open_screen(self, key: str) -> bool:
        """The screen that a key opens from anywhere; False when the key opens none."""
        from edge_agent.till.menu import SCREENS

        if key not in SCREENS:
            return False
        self.show(SCREENS[key](self, self.view))
        return True

    def open_menu(self) -> None:
        """The numbered menu of every screen."""
        from edge_agent.till.menu import MenuView

        self.show(MenuView(self, self.view))

    def stop(self, words: list[str], waiting: Sequence[str] = ()) -> None:
        """Stop out loud over the screen that is shown."""
        panel = StopView(self, self.view, words)
        panel.waiting.extend(waiting)
        self.show(panel)
        self.app.bell()

    def open_find(self, price: int | None = None, words: str = "") -> None:
        """Find an item by what is typed, or by a price; `words` are typed already."""
        from edge_agent.till.find import FindView

        self.show(FindView(self, price, words))

    def open_match(self) -> None:
        """The codes that were sold unknown."""
        from edge_agent.till.match import MatchView

        self.show(MatchView(self, self.shop.reading.unmatched()))

    def open_held(self) -> None:
        """The list of held sales."""
        from edge_agent.till.held import HeldView

        self.show(HeldView(self, self.shop.reading.held()))

    def count_held(self) -> None:
        """So many sales wait, as the status line says."""
        self.status.held, self.status_stale = self.shop.reading.held_count(), True

    # What screens ask of the shop.

    def store_sale(self, sale: "Sale", tenders: "Sequence[Tendered]", because: int | None = None) -> "Future[Paid]":
        """Record the sale; drawer and receipt follow by themselves after the commit."""
        if not self.status.training:
            self.quick.note(sale.to_pay, tenders)
        credit = self.sale.desk.credit
        if credit is None:
            return self.shop.paying.pay(sale, tenders, self.by, because)
        used = sum(tender.amount for tender in tenders if tender.kind == "exchange")
        back = self.shop.refunding.exchanged(credit, used)
        return self.shop.paying.pay(sale, tenders, self.by, because, back)

    def paid(self, paid: "Paid", waiting: Sequence[str]) -> None:
        """The sale is durable: show the change; what was scanned meanwhile begins the next sale."""
        from edge_agent.till.paid import PaidView

        finished = self.sale.desk.sale
        self.sale.desk.next_customer()
        self.show(PaidView(self, self.sale, finished, paid))
        for code in waiting:
            self.view.scanned(code)

    def printed(self, words: str) -> str:
        """What is said of a paper: it comes out later while the printer is away."""
        return say("{words} when the printer is back", words=words) if self.status.printer_away else words

    def after(self, future: "Future[Any]", then: "Any") -> None:
        """Call `then` with the future on the screen's thread when it is done."""
        self.app.when_done(future, then)

    def order_line(self) -> tuple[str, str]:
        """The line about a drop that is on or near, else about the most urgent order, and the key that explains it."""
        launched = self.launches.line(self.app.clock.now()) if self.launches else ""
        if launched:
            return launched, ""
        line = self.board.headline() if self.board else ""
        return line, "Ins why" if line else ""

    def orders_beside(self, width: int) -> list[Strip]:
        """The orders as they stand beside the sale on a wide screen."""
        from edge_agent.till.board import beside

        return beside(self.board, width, self.app.clock.now(), self.status.zone)

    def read_drops(self) -> None:
        """Read the drops anew, off the screen's thread."""
        self.app.work(self._load_drops, self._drops_read)

    def _load_drops(self) -> "Launches":
        from edge_agent.till.launches import load

        with self.shop.journal.reading() as memory:
            return load(memory, self.app.clock.now())

    def _drops_read(self, future: "Future[Launches]") -> None:
        error = future.exception()
        self.status.devices["drops"] = ("fault", said(error)) if error else ("ok", "")
        if not error:
            self.launches = future.result()

    def read_board(self) -> None:
        """Read the orders anew, off the screen's thread; several wishes at once are one reading."""
        if self._reading_board:
            self._board_again = True
            return
        self.status_stale = True
        self._reading_board = True
        self.app.work(self._load_board, self._board_read)

    def _load_board(self) -> "Board":
        from edge_agent.till.board import load

        with self.shop.journal.reading() as memory:
            return load(memory, self.app.clock.now(), self.decimals)

    def _board_read(self, future: "Future[Board]") -> None:
        self.status_stale = True
        self._reading_board = False
        error = future.exception()
        self.status.devices["orders"] = ("fault", said(error)) if error else ("ok", "")
        if not error:
            self.board = future.result()
        if self._board_again:
            self._board_again = False
            self.read_board()
