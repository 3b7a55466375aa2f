"""Gift cards' numbers: made here, sealed in `people.db`, so that a card can be printed again; no event holds one."""

from collections.abc import Callable

from edge_agent.counter.people import People
from edge_agent.rules.stored import Card, card_of, number_of

SCHEMA = "CREATE TABLE IF NOT EXISTS gift_card(id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;"


class Gifts:
    """The table `gift_card`. `secret` gives random bits for a number."""

    def __init__(self, people: People, secret: Callable[[], int]) -> None:
        self._people, self._secret = people, secret

    def fresh(self) -> Card:
        """A card that nobody has yet; its number is kept before it is sold."""
        card = card_of(number_of("gift", self._secret()))
        assert card is not None, "a number that is made reads as a card"
        sealed = self._people.seal(card.account, card.number.encode())
        with self._people.opened() as db:
            db.execute(SCHEMA)
            db.execute("INSERT INTO gift_card VALUES(?, ?)", (card.account, sealed))
        return card

    def number(self, account: str) -> str:
        """The number of a card that was made here; empty for another's."""
        if not self._people.exists:
            return ""
        with self._people.opened() as db:
            db.execute(SCHEMA)
            row = db.execute("SELECT sealed FROM gift_card WHERE id = ?", (account,)).fetchone()
        return self._people.unseal(account, row[0]).decode() if row else ""
