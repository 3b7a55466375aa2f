"""The four cash amounts that are offered with one key each: the next notes up, those first that this shop is given."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence

from edge_agent.rules.cash import notes_of
from edge_agent.rules.sale import Tendered

REMEMBERED = 500
OFFERED = 4


class Quick:
    """Learns by which note the customers of a shop round up; what was learnt long ago is forgotten."""

    def __init__(self, currency: str, decimals: int) -> None:
        self._notes = notes_of(currency, decimals)
        self._seen: deque[int] = deque(maxlen=REMEMBERED)
        self._times: Counter[int] = Counter()

    def learn(self, given: Iterable[tuple[int, int]]) -> None:
        """From (due, given) of sales that were paid in cash."""
        for due, amount in given:
            note = next((note for note in self._notes if -(-due // note) * note == amount), 0)
            if not note or amount <= due:
                continue
            if len(self._seen) == REMEMBERED:
                self._times[self._seen[0]] -= 1
            self._seen.append(note)
            self._times[note] += 1

    def note(self, due: int, tenders: Sequence[Tendered]) -> None:
        """From one sale as it is paid."""
        if len(tenders) == 1 and tenders[0].kind == "cash":
            self.learn([(due, tenders[0].amount)])

    def suggested(self, due: int) -> tuple[int, ...]:
        """Up to four amounts above what is due, smallest first."""
        likely: dict[int, int] = {}
        for note in self._notes:
            amount = -(-due // note) * note
            if amount > due:
                likely[amount] = likely.get(amount, 0) + self._times[note]
        best = sorted(likely, key=lambda amount: (-likely[amount], amount))[:OFFERED]
        return tuple(sorted(best))
