"""Pop-ups at the till: open and close one, goods there and back in boxes, and who comes by."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

from edge_agent.counter.paper import Paper
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.popups import Here
from edge_agent.rules.day import business_day
from edge_agent.rules.money import quantity
from edge_agent.rules.popup import box_code
from edge_agent.rules.row import Row
from edge_agent.wire.events.popups import (
    CameLine,
    LeftLine,
    PopUpClosed,
    PopUpOpened,
    PopUpSet,
    SentLine,
    StockCame,
    StockSent,
    VisitorsCounted,
)
from edge_agent.wire.events.signals import LocalEventAdded

KIND = "pop-up"
SHOWN_DAYS = 14
MOST_AT_ONCE = 999
Lines = Sequence[tuple[str, int]]
"""(SKU, milli-units)."""


class PopUps:
    """Records what happens at and around a pop-up; each act is one transaction. `ids` names boxes and pop-ups."""

    def __init__(self, journal: Journal, ids: "Callable[[], str]") -> None:
        self._journal, self._ids = journal, ids

    def plan(self, name: str, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """A pop-up of today that nobody planned; it stands on the calendar, so that its kind is learnt of."""
        popup = self._ids()

        def compose(memory: Reading) -> list[Draft]:
            day = today(memory, self._journal.clock.now())
            said = PopUpSet(popup=popup, name=name, kind=KIND, first_day=day, last_day=day, attendance=0)
            return [Draft(said, by), Draft(on_calendar(said), by)]

        return self._journal.record(compose)

    def open(self, popup: str, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """This till stands there from now on. NotKnown, BadInput: nothing is changed."""

        def compose(memory: Reading) -> list[Draft]:
            if memory.popup_here():
                raise BadInput("this till is at a pop-up already: close that first (9 Enter)")
            _planned(memory, popup)
            return [Draft(PopUpOpened(popup=popup), by)]

        return self._journal.record(compose)

    def close(self, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """Back in the shop. What should still be there after the boxes were sent is not, and leaves the stock."""

        def compose(memory: Reading) -> list[Draft]:
            here = _here(memory)
            there = memory.tally_here().there
            left = tuple(LeftLine(sku=sku, qty=qty) for sku, qty in sorted(there.items()) if qty)
            return [Draft(PopUpClosed(popup=here.popup, left=left), by)]

        return self._journal.record(compose)

    def send(self, popup: str, lines: Lines, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """A box leaves: from the pop-up where this till stands for the shop, else from the shop for that pop-up. Of a
        limited item no more than this till may sell, which goes along."""
        transfer = self._ids()

        def compose(memory: Reading) -> list[Draft]:
            here = memory.popup_here()
            _planned(memory, popup)
            if here and here.popup != popup:
                raise BadInput("this till is at another pop-up: close that first (00 Enter 45, 9)")
            _check(memory, lines)
            sent = tuple(SentLine(sku=sku, qty=qty) for sku, qty in lines if qty)
            if not sent:
                raise BadInput("nothing is in the box: scan what goes along")
            box = StockSent(transfer=transfer, popup=popup, to="shop" if here else "popup", lines=sent)
            return [Draft(box, by)]

        return self._journal.record(compose)

    def receive(
        self, transfer: str, came: Mapping[str, int], by: str = "", popup: str = ""
    ) -> "Future[tuple[Recorded, ...]]":
        """A box is opened where this till stands. One that this till never heard of is taken as it is: `popup` is then
        whose it was, and the cloud compares when it has heard both ends."""

        def compose(memory: Reading) -> list[Draft]:
            here, box = memory.popup_here(), memory.box(transfer)
            place = "popup" if here else "shop"
            whose = box.popup if box else here.popup if here else popup
            if box and (box.place != place or (here and here.popup != box.popup)):
                raise BadInput("that box is for another place: open it there. Esc")
            _planned(memory, whose)
            sent = dict(box.lines) if box else {}
            lines = tuple(
                CameLine(sku=sku, sent=sent.get(sku, 0), came=came.get(sku, 0)) for sku in sorted({*sent, *came})
            )
            if not lines:
                raise BadInput("nothing was scanned: scan an item first")
            for sku in came:
                if memory.item(sku) is None:
                    raise NotKnown(f"{sku} is not in the catalogue: scan another item")
            return [Draft(StockCame(transfer=transfer, popup=whose, to=place, lines=lines), by)]

        return self._journal.record(compose)

    def visitors(self, passed: int, stayed: int, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """So many came by; so many of those counted stayed a minute or longer."""
        if not 0 <= passed <= MOST_AT_ONCE or not 0 <= stayed <= MOST_AT_ONCE:
            raise BadInput(f"at most {MOST_AT_ONCE} at once: type fewer")

        def compose(memory: Reading) -> list[Draft]:
            here, tally = _here(memory), memory.tally_here()
            if tally.stayed + stayed > tally.passed + passed:
                raise BadInput("more would have stayed than came by: F10 counts who came by")
            return [Draft(VisitorsCounted(popup=here.popup, passed=passed, stayed=stayed), by)]

        return self._journal.record(compose)


def print_slip(paper: Paper, memory: Reading, box: StockSent) -> None:
    """What is in the box, and its number as bars, to lie in it: so a till that never heard of it can open it."""
    planned, names = memory.popup(box.popup), memory.names(line.sku for line in box.lines)
    rows = (
        Row(planned.name if planned else box.popup, centred=True, bold=True, big=True),
        Row(),
        *(Row(names.get(line.sku, line.sku), quantity(line.qty)) for line in box.lines),
        Row(),
        Row(bars=box_code(box.transfer)),
    )
    paper.print_report(f"box-{box.transfer}", rows)


def print_links(paper: Paper, memory: Reading, popup: str) -> int:
    """Each short link of a pop-up as a sheet of its own: a QR code and the address under it; how many there are."""
    planned, links = memory.popup(popup), memory.popup_links(popup)
    for number, (name, url) in enumerate(links):
        rows = (
            Row(planned.name if planned else popup, centred=True, bold=True),
            Row(name, centred=True, bold=True, big=True),
            Row(),
            Row(qr=url),
            Row(url.partition("//")[2], centred=True),
        )
        paper.print_report(f"link-{popup}-{number}", rows)
    return len(links)


def on_calendar(popup: PopUpSet) -> LocalEventAdded:
    """The pop-up as the calendar of local events has it."""
    return LocalEventAdded(
        name=popup.name,
        kind=popup.kind,
        about="",
        first_day=popup.first_day,
        last_day=popup.last_day,
        attendance=popup.attendance,
        distance=0,
        source="pop-up",
        called_off=popup.called_off,
    )


def today(memory: Reading, now: int) -> int:
    """The business day as an ordinal."""
    shop = memory.shop()
    return business_day(now, shop.zone, shop.day_closes) if shop else business_day(now, "UTC", 0)


def near(memory: Reading, now: int) -> list[PopUpSet]:
    """Pop-ups of today and the next two weeks."""
    day = today(memory, now)
    return memory.popups(day, day + SHOWN_DAYS)


def _here(memory: Reading) -> Here:
    here = memory.popup_here()
    if here is None:
        raise BadInput("this till is in the shop, not at a pop-up: 00 Enter 45 goes there")
    return here


def _planned(memory: Reading, popup: str) -> PopUpSet:
    found = memory.popup(popup)
    if found is None:
        raise NotKnown("there is no such pop-up: Esc, then choose again")
    if found.called_off:
        raise BadInput(f"{found.name} is called off: Esc, then choose another")
    return found


def _check(memory: Reading, lines: Lines) -> None:
    for sku, qty in lines:
        item = memory.item(sku)
        if item is None:
            raise NotKnown(f"{sku} is not in the catalogue: scan another item")
        most = memory.may_sell(sku)
        if item.limited and qty > most:
            raise BadInput(f"{item.name} is shared with other tills: at most {most // 1000} may go along, - takes off")
