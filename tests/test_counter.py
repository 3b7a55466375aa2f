"""The counter: what a cashier or a script can do, durable before any paper."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.counter.paper import Paper
from edge_agent.counter.paying import Paying
from edge_agent.counter.selling import Selling
from edge_agent.counter.signing import signer
from edge_agent.counter.stock import Came, StockRoom
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.log import Journal
from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.sale import Tendered
from edge_agent.wire.events.orders import OrderOutcome, OutcomeLine
from edge_agent.wire.events.stock import StockReceived
from edge_agent.wire.messages import FeedEntry
from tests.shop import TUESDAY_14, open_journal, record, sold

PROFILE = PrinterProfile("test", 48, 576, (("cp858", 19),))


class Shop:
    """A counter with a spool that keeps its jobs in memory."""

    profile = PROFILE

    def __init__(self, folder: Path) -> None:
        self.journal: Journal = open_journal(folder)
        self.clock = FileClock(folder / "clock")
        self.jobs: list[tuple[str, bytes, int]] = []
        self.reading = self.journal.reading()
        paper = Paper(self, "Till 1", self.journal.reading, folder / "handed", signer(folder / "data"))
        self.selling, self.paying = Selling(self.reading, self.clock), Paying(self.journal, paper.after)
        self.paper, self.stock = paper, StockRoom(self.journal)

    def print_job(self, job_id: str, data: bytes) -> None:
        """Note with each job how many receipts were durable for another connection at that moment."""
        with self.journal.reading() as other:
            self.jobs.append((job_id, data, other.next_receipt() - 1))

    def kick_drawer(self) -> None:
        self.print_job("drawer", b"")

    def close(self) -> None:
        self.reading.close()
        self.journal.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path)
    yield opened
    opened.close()


def test_a_scan_is_found_by_its_code_and_a_plu_by_its_number(shop: Shop) -> None:
    for code in ("04000000000013", "milk"):
        assert shop.selling.scan(code).kind == "added"
    assert [line.qty for line in shop.selling.sale.lines] == [2000]


def test_an_unknown_code_changes_nothing(shop: Shop) -> None:
    shop.selling.scan("milk")
    before = shop.selling.sale
    assert shop.selling.scan("5012345678900").kind == "unknown"
    assert shop.selling.scan("  ").kind == "unknown"
    assert shop.selling.sale == before


def test_a_payment_cards_number_is_no_unknown_code(shop: Shop) -> None:
    with pytest.raises(BadInput, match="payment card"):
        shop.selling.scan("4111111111111111")
    assert shop.selling.scan("4111111111111112").kind == "unknown"
    assert not shop.selling.sale.lines


def test_a_sale_is_durable_before_drawer_and_receipt(shop: Shop) -> None:
    shop.selling.scan("milk", 2000)
    shop.selling.scan("choc")
    paid = shop.paying.pay(shop.selling.sale, [Tendered("cash", 1000)], by="ana").result()
    assert (paid.receipt, paid.total, paid.change) == (1, 499, 501)
    assert [(job, durable) for job, _, durable in shop.jobs] == [("drawer", 1), ("00000001-receipt", 1)]
    text = shop.jobs[1][1]
    assert b"Milk chocolate 100 g" in text
    assert b"000001" in text


def test_a_card_sale_leaves_the_drawer_shut(shop: Shop) -> None:
    shop.selling.scan("bread")
    shop.paying.pay(shop.selling.sale, [Tendered("card", 340)]).result()
    assert [job for job, _, _ in shop.jobs] == ["00000001-receipt"]


def test_what_does_not_cover_the_total_is_no_sale(shop: Shop) -> None:
    shop.selling.scan("bread")
    with pytest.raises(BadInput, match="still due"):
        shop.paying.pay(shop.selling.sale, [Tendered("cash", 339)])
    with pytest.raises(BadInput, match="nothing to pay"):
        shop.paying.pay(type(shop.selling.sale)(), [Tendered("cash", 0)])
    assert shop.reading.next_receipt() == 1


def test_a_broken_spool_still_says_paid_since_the_sale_is_stored(shop: Shop) -> None:
    broken = Paying(shop.journal, lambda *_: 1 / 0)  # type: ignore[arg-type]
    shop.selling.scan("bread")
    assert broken.pay(shop.selling.sale, [Tendered("card", 340)]).result().receipt == 1


def test_a_reprint_is_marked_and_changes_no_figure(shop: Shop) -> None:
    shop.selling.scan("bread")
    shop.paying.pay(shop.selling.sale, [Tendered("cash", 340)]).result()
    assert shop.paper.reprint(1)
    assert not shop.paper.reprint(2)
    assert b"COPY" in shop.jobs[-1][1]
    assert shop.reading.takings(739_678).total == 340


def test_a_sale_stored_just_before_a_stop_gets_its_receipt_at_the_next_start(shop: Shop) -> None:
    shop.selling.scan("bread")
    shop.paying.pay(shop.selling.sale, [Tendered("cash", 340)]).result()
    unheard = Paying(shop.journal, lambda *_: None)
    unheard.pay(shop.selling.sale, [Tendered("cash", 340)]).result()
    assert shop.paper.catch_up() == [2]
    assert (shop.jobs[-1][0], b"COPY" in shop.jobs[-1][1]) == ("00000002-copy", True)
    assert shop.paper.catch_up() == []


def test_a_till_that_never_printed_catches_nothing_up(shop: Shop) -> None:
    record(shop.journal, sold(1, "milk"))
    assert shop.paper.catch_up() == []


def order(shop: Shop, state: str = "approved") -> str:
    """An approved order of 24 milk and 6 bread, made by the feed after its proposal."""
    key = "5e" * 32
    with_lines = (OutcomeLine(sku="milk", packs=4, qty=24_000), OutcomeLine(sku="bread", packs=1, qty=6000))
    body = OrderOutcome(
        order=key, number="N-7", revision=1, version=1, state="approved", by="owner", reason="", lines=with_lines
    )
    assert state == "approved"
    proposal = "INSERT INTO purchase VALUES(?, 'N-7', 'north', 1, 1, 0, 'proposed', 1, 0, 0, 0, 0, '', '', '{}')"
    shop.journal._writer.act(lambda db: db.execute(proposal, (key,)) and None).result()
    entry = FeedEntry(cursor=1, kind="order_outcome", v=1, at=TUESDAY_14, body=body.model_dump())
    shop.journal.take_feed("g", [entry]).result()
    return key


def test_goods_as_ordered_close_their_order(shop: Shop) -> None:
    key = order(shop)
    assert [coming.qty for coming in shop.reading.incoming("milk")] == [24_000]
    approved = shop.reading.order(key)
    assert approved is not None
    assert approved.value == 4 * 777 + 1428
    shop.stock.receive_as_ordered("N-7").result()
    assert (shop.reading.stock("milk").on_hand, shop.reading.stock("bread").on_hand) == (24_000, 6000)
    assert shop.reading.incoming("milk") == []
    known = shop.reading.order(key)
    assert known is not None
    assert known.state == "received"


def test_what_came_short_or_not_at_all_is_told_line_by_line(shop: Shop) -> None:
    order(shop)
    done = shop.stock.receive([Came("milk", 23_000, 739_700), Came("choc", 1000)], order="N-7").result()[0]
    assert isinstance(done.body, StockReceived)
    lines = {line.sku: (line.qty, line.ordered, line.expires) for line in done.body.lines}
    assert lines == {"milk": (23_000, 24_000, 739_700), "bread": (0, 6000, None), "choc": (1000, None, None)}
    assert shop.reading.expiries("milk") == [(739_700, 23_000)]
    with pytest.raises(BadInput, match="N-7 is received"):
        shop.stock.receive_as_ordered("N-7").result()


def test_a_count_while_selling_keeps_what_is_sold_after_it(shop: Shop) -> None:
    record(shop.journal, sold(1, "milk"))
    shop.stock.count([("milk", 18_000)]).result()
    record(shop.journal, sold(2, "milk"))
    assert shop.reading.stock("milk").on_hand == 17_000


def test_waste_takes_off_and_found_adds(shop: Shop) -> None:
    shop.stock.adjust("milk", 2000, "found").result()
    shop.stock.adjust("milk", 500, "waste").result()
    assert shop.reading.stock("milk").on_hand == 1500


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda stock: stock.count([("nobody", 1000)]).result(), NotKnown),
        (lambda stock: stock.count([("milk", 1), ("milk", 2)]).result(), BadInput),
        (lambda stock: stock.adjust("milk", 0, "waste").result(), BadInput),
        (lambda stock: stock.receive([]).result(), BadInput),
        (lambda stock: stock.receive([Came("milk", 1)], order="no-such").result(), NotKnown),
    ],
)
def test_odd_stock_acts_are_refused_and_change_nothing(shop: Shop, act: object, error: type[Exception]) -> None:
    head = shop.reading.head()
    with pytest.raises(error):
        act(shop.stock)  # type: ignore[operator]
    assert shop.reading.head() == head
