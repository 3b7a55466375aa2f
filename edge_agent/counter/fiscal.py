"""The fiscal device at the counter signs what is stored, behind the sale; while it fails, sales go on and are marked.

A thread of its own asks the device, writes its word down (one event a receipt: signed, or failed and why), and only
then hands the receipt to paper. What failed is never signed afterwards: a signature of later would say a wrong time.
While the device is away nobody waits for it; it is looked for every few seconds, and signs from the next receipt on.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable

from edge_agent.devices.fiscal import Finished, FiscalDevice, Started
from edge_agent.devices.state import BackOff, OnState, Teller
from edge_agent.errors import BadInput, DropshelfError, Unreachable
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.fiscal import RECEIPT, Answer, given_up_text, signed_text
from edge_agent.rules.fiscal_profile import FiscalProfile
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.fiscal import FiscalDeviceSet, FiscalFailed, FiscalSigned
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted

log = logging.getLogger(__name__)

Then = Callable[[Answer], None]
GIVEN_UP = ("sale_voided", "sale_held")
"""What ends a sale that was begun, without a receipt."""
STOPPED = "the till stopped before it was signed"
NAME = "fiscal device"


class Fiscal:
    """One device of one till. Every public call returns at once but `open`, which is for the start, and `close`."""

    def __init__(self, journal: Journal, device: FiscalDevice, profile: FiscalProfile, told: OnState) -> None:
        self.profile = profile
        self._journal, self._device, self._teller = journal, device, Teller(NAME, told)
        self._acts: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._begun: Started | None = None
        self._why, self._back_off, self._look_at = "", BackOff(), 0.0
        self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)

    def open(self) -> None:
        """Write down since when this device signs, and what was sold before a stop and never signed; then begin."""
        name_device(self._journal, self.profile.model)
        self._journal.record(_left_behind).result()
        self._journal.listen(self._heard)
        self._acts.put(self._look)
        self._thread.start()

    def begin(self) -> None:
        """The first line of a sale was rung up."""
        self._acts.put(self._begin)

    def sign(self, recorded: Recorded, shop: ShopSet | None, then: Then) -> None:
        """Have a stored sale or refund signed; `then` hears the answer, on the device's thread, once it is stored."""
        self._acts.put(lambda: self._sign(recorded, shop.decimals if shop else 2, then))

    def close(self) -> None:
        """Finish what is asked, and let the device go."""
        if self._thread.is_alive():
            self._acts.put(None)
            self._thread.join(timeout=10 + 2 * self.profile.answer_s)
        self._device.close()

    def _heard(self, done: tuple[Recorded, ...]) -> None:
        if any(one.event.kind in GIVEN_UP for one in done):
            self._acts.put(self._give_up)

    def _run(self) -> None:
        while True:
            act = self._next()
            if act is None:
                return
            try:
                act()
            except Exception:
                log.exception("the fiscal device's thread goes on")

    def _next(self) -> Callable[[], None] | None:
        """What was asked for; of a device that is away, from time to time whether it is back."""
        wait = self._look_at - time.monotonic()
        if self._why and wait <= 0:
            return self._look
        try:
            return self._acts.get(timeout=wait if self._why else None)
        except queue.Empty:
            return self._look

    def _look(self) -> None:
        try:
            self._device.look()
        except Unreachable as lost:
            self._lose(lost.message)
        else:
            self._why = ""
            self._back_off.reset()
            self._teller.tell("ok")

    def _lose(self, why: str) -> None:
        self._why, self._begun = why, None
        self._look_at = time.monotonic() + self._back_off.wait()
        self._teller.tell("fault", why)

    def _begin(self) -> None:
        if self._begun is not None:
            # Its lines were all taken off again: the new sale is another one.
            self._give_up()
        if self._why:
            return
        try:
            self._begun = self._device.start()
        except Unreachable as lost:
            self._lose(lost.message)

    def _give_up(self) -> None:
        begun, self._begun = self._begun, None
        if begun is None:
            return
        with self._journal.reading() as memory:
            shop = memory.shop()
        text = given_up_text(shop.decimals if shop else 2)
        try:
            ended = self._device.finish(begun.transaction, RECEIPT, text)
        except Unreachable as lost:
            self._lose(lost.message)
        else:
            self._journal.record(lambda _: [Draft(_signed(0, begun, ended, text))])

    def _sign(self, recorded: Recorded, decimals: int, then: Then) -> None:
        body, event = recorded.body, recorded.event
        assert isinstance(body, SaleCompleted | RefundMade)
        answer = self._answer(body, decimals)
        try:
            self._journal.record(lambda _: [Draft(answer, event.by, event.seq)]).result()
        except (DropshelfError, OSError) as error:
            # What is not stored was not signed: at the next start it is marked as failed.
            log.warning("the fiscal device's word cannot be kept", extra={"error": str(error)})
            answer = FiscalFailed(receipt=body.receipt, why=STOPPED)
        then(answer)

    def _answer(self, body: SaleCompleted | RefundMade, decimals: int) -> Answer:
        begun = None
        if isinstance(body, SaleCompleted):
            begun, self._begun = self._begun, None
        if self._why:
            return FiscalFailed(receipt=body.receipt, why=self._why[:120])
        try:
            text = signed_text(body, self.profile.rates, decimals)
            started = begun or self._device.start()
            ended = self._device.finish(started.transaction, RECEIPT, text)
            self._teller.tell("ok")
            return _signed(body.receipt, started, ended, text)
        except BadInput as error:
            self._teller.tell("fault", error.message)
            self._begun = begun
            self._give_up()
            return FiscalFailed(receipt=body.receipt, why=error.message[:120])
        except Unreachable as lost:
            self._lose(lost.message)
            return FiscalFailed(receipt=body.receipt, why=lost.message[:120])


def _signed(receipt: int, begun: Started, ended: Finished, text: str) -> FiscalSigned:
    return FiscalSigned(
        receipt=receipt,
        serial=ended.serial,
        transaction=begun.transaction,
        counter=ended.counter,
        began=begun.at,
        ended=ended.at,
        kind=RECEIPT,
        data=text,
        algorithm=ended.algorithm,
        signature=ended.signature,
        public_key=ended.public_key,
    )


def name_device(journal: Journal, model: str) -> None:
    """Write down which device signs from the next receipt on, where that has changed; empty for none."""

    def compose(memory: Reading) -> list[Draft]:
        if memory.fiscal_device() == model:
            return []
        return [Draft(FiscalDeviceSet(model=model, first=memory.next_receipt()))]

    with journal.reading() as memory:
        known = memory.fiscal_device()
    if known != model:
        journal.record(compose).result()


def _left_behind(memory: Reading) -> list[Draft]:
    bodies: list[Contract] = [FiscalFailed(receipt=number, why=STOPPED) for number in memory.fiscal_owed()]
    return [Draft(body) for body in bodies]
