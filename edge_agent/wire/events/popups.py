"""Events and feed entries of pop-ups: a place for some days with its own till, stock there and back, who came by."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.catalogue import Label, Sku

Transfer = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Place = Literal["popup", "shop"]
MOST_LINES = 300


class PopUpSet(Contract):
    """A pop-up, whole (the newest word on `popup` holds): it stands from ordinal `first_day` to `last_day`.

    `kind` is the word under which the calendar learns what such days do (night market, fair); `attendance` is how many
    people are expected (0: nobody knows).
    """

    popup: Sku
    name: Label
    kind: Annotated[str, Field(min_length=1, max_length=32)]
    first_day: Count
    last_day: Count
    attendance: Count
    called_off: bool = False


class PopUpOpened(Contract):
    """This till stands at the pop-up from here on: what it does until it closes it is done there."""

    popup: Sku


class LeftLine(Contract):
    """Milli-units of a SKU that the till's own lines say are still there (below 0: more left than ever came)."""

    sku: Sku
    qty: Whole


class PopUpClosed(Contract):
    """This till leaves the pop-up. `left` should be there after all was sent back, and is not: it leaves the stock."""

    popup: Sku
    left: Annotated[tuple[LeftLine, ...], Field(max_length=MOST_LINES)]


class SentLine(Contract):
    """Milli-units of a SKU in the box."""

    sku: Sku
    qty: Annotated[int, Field(strict=True, ge=1)]


class StockSent(Contract):
    """Goods leave for the pop-up, or from there for the shop: they are on their way, and in no place's stock."""

    transfer: Transfer
    popup: Sku
    to: Place
    lines: Annotated[tuple[SentLine, ...], Field(min_length=1, max_length=MOST_LINES)]


class CameLine(Contract):
    """Milli-units of a SKU that the box should hold as far as this till knows, and that came."""

    sku: Sku
    sent: Count
    came: Count


class StockCame(Contract):
    """The box was opened at the other end; what is short was lost on the way, and the owner is told."""

    transfer: Transfer
    popup: Sku
    to: Place
    lines: Annotated[tuple[CameLine, ...], Field(min_length=1, max_length=MOST_LINES)]


class VisitorsCounted(Contract):
    """People at the pop-up: `passed` more came by, `stayed` more of those counted stayed a minute or longer."""

    popup: Sku
    passed: Count
    stayed: Count


class PopUpStands(Contract):
    """Feed entry: a journal stands at a pop-up from its line `first` (to `last`; 0: still), and what it has there: a
    part of the shop's stock. The newest word on (`journal`, `first`) holds."""

    popup: Sku
    journal: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    first: Count
    last: Count
    stock: tuple[tuple[Sku, Whole], ...]


class LinkSet(Contract):
    """Feed entry: a short link of a pop-up, to be printed as a QR code; the cloud counts who follows `url`."""

    link: Annotated[str, Field(pattern=r"^[0-9a-z]{7}$")]
    popup: Sku
    name: Label
    url: Annotated[str, Field(min_length=1, max_length=400)]


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("popup_set", 1): PopUpSet,
    ("popup_opened", 1): PopUpOpened,
    ("popup_closed", 1): PopUpClosed,
    ("stock_sent", 1): StockSent,
    ("stock_came", 1): StockCame,
    ("visitors_counted", 1): VisitorsCounted,
    ("popup_stands", 1): PopUpStands,
    ("link_set", 1): LinkSet,
}
