"""The first picture: the sale's layout while the shop's memory is being opened; scans that arrive already count."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from edge_agent.till.sale import total_rows
from edge_agent.till.speech import say
from edge_agent.till.stop import laid_over
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import count, said

if TYPE_CHECKING:
    from edge_agent.opening import OpenTill
    from edge_agent.till.front import Front


class WaitingView(View):
    """Opens the till's objects off the screen's thread, then hands what arrived meanwhile to the sale."""

    def __init__(self, till: "Front", opening: "Callable[[], OpenTill]") -> None:
        super().__init__(till)
        self._opening = opening
        self._early: list[tuple[str, str]] = []
        self._failed = ""

    def begin(self) -> None:
        """Start the opening; called behind the first paint."""
        self.till.app.work(self._opening, self._opened)

    def _opened(self, future: "Future[OpenTill]") -> None:
        error = future.exception()
        if error is not None:
            self._failed = said(error)
            return
        self.till.take(future.result())
        for how, what in self._early:
            if how == "scan":
                self.till.scanned(what)
            else:
                self.till.heard.typed(what)

    def scanned(self, code: str) -> None:
        self._early.append(("scan", code))

    def typed(self, char: str) -> None:
        self._early.append(("typed", char))

    def pressed(self, key: str) -> None:
        """Only a till that can't open listens: Esc leaves the program."""
        if self._failed and key == "escape":
            self.till.app.leave()

    def keys(self) -> list[Key]:
        return [("Esc", "leave the program")] if self._failed else []

    def draw(self, bands: Bands) -> None:
        words = ["THE TILL CAN'T OPEN", f"{self._failed}.", "Nothing is lost. Esc leaves the program."]
        bands.lines.put(laid_over([], words, bands.width, bands.height) if self._failed else [])
        bands.totals.put(total_rows(bands.width, "", ""))
        scans = sum(how == "scan" for how, _ in self._early)
        note = say("opening; {number} waiting", number=count(scans, "scan")) if scans else "opening"
        bands.entry.put([entry_row(bands.width, "", "" if self._failed else note)])
        bands.foot.put(foot_rows(bands.width, "", self.keys()))
