"""Reprints: a copy of a receipt is counted in the journal before it is printed, and says which copy it is."""

from concurrent.futures import Future

from edge_agent.counter.paper import Paper
from edge_agent.errors import NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.wire.events.shift import ReceiptReprinted


class Reprints:
    """Records and prints copies."""

    def __init__(self, journal: Journal, paper: Paper) -> None:
        self._journal, self._paper = journal, paper

    def reprint(self, number: int = 0, by: str = "") -> "Future[ReceiptReprinted]":
        """Print a copy of that receipt (0: the last one); NotKnown when there is none."""
        printed: Future[ReceiptReprinted] = Future()

        def compose(memory: Reading) -> list[Draft]:
            found = memory.receipt(number) if number else memory.last_receipt()
            if found is None:
                raise NotKnown(f"there is no receipt {number}" if number else "there is no receipt yet")
            body = ReceiptReprinted(receipt=found.number, copy_number=memory.copies(found.number) + 1)
            return [Draft(body, by)]

        self._journal.record(compose).add_done_callback(lambda done: self._print(done, printed))
        return printed

    def _print(self, done: "Future[tuple[Recorded, ...]]", printed: "Future[ReceiptReprinted]") -> None:
        error = done.exception()
        if error is not None:
            printed.set_exception(error)
            return
        body = done.result()[0].body
        assert isinstance(body, ReceiptReprinted)
        self._paper.reprint(body.receipt, body.copy_number)
        printed.set_result(body)
