"""Samples at the till: one given away with a code on paper, texts only for who agrees apart from it, and every stop."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from edge_agent.counter.drops import check_border
from edge_agent.counter.paper import Paper, Sign
from edge_agent.counter.people import People
from edge_agent.counter.popups import today
from edge_agent.counter.signing import holds
from edge_agent.errors import BadInput, NotAllowed, NotKnown
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.follow_up import Due
from edge_agent.rules.sample import Code, code_of, number_of, printed, signed_text
from edge_agent.rules.sample_paper import Slip, rows, text_of
from edge_agent.rules.texting import Text
from edge_agent.settings import SamplesSettings
from edge_agent.wire.events.samples import SampleGiven, TextsAgreed, TextSent, TextsStopped

KEPT_MS = 60 * 86_400_000
"""A number is forgotten so long after its last sample."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS texted(
    sample TEXT PRIMARY KEY, contact TEXT NOT NULL, mark TEXT NOT NULL, keep_until INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""
PHONE_DIGITS = range(7, 16)
MOST_PIECES = 9_000
PUBLIC, PRIVATE = "texts.public", "texts.sealed"


@dataclass(frozen=True)
class Handed:
    """A sample that is durable: what events name it by, and the number of its code."""

    sample: str
    number: str


class Samples:
    """Each act is one transaction. Numbers lie in `people.db`, sealed to a key of which this till holds the closed half
    alone: the owner's passphrase opens it for sending. Without such a key nobody is asked for a number."""

    def __init__(
        self, journal: Journal, data: Path, people: People, paper: Paper, sign: Sign, settings: SamplesSettings
    ) -> None:
        self._journal, self._people, self._paper, self._sign = journal, people, paper, sign
        self._keys, self._settings = data / "keys", settings

    # Giving.

    def give(self, sku: str, qty: int, by: str = "") -> "Future[Handed]":
        """Give so much of an item away: it leaves the stock, nothing is taken, a slip with its code is printed.
        NotKnown, BadInput: nothing is changed."""
        number = number_of(int.from_bytes(os.urandom(16)))
        code = code_of(number)
        assert code is not None, "a number that is made reads as a code"
        handed: Future[Handed] = Future()

        def compose(memory: Reading) -> list[Draft]:
            return [Draft(self._given(memory, code.sample, sku, qty), by)]

        def done(stored: "Future[tuple[Recorded, ...]]") -> None:
            error = stored.exception()
            if error is not None:
                handed.set_exception(error)
                return
            body = stored.result()[0].body
            assert isinstance(body, SampleGiven)
            self._print(number, body)
            handed.set_result(Handed(code.sample, number))

        self._journal.record(compose).add_done_callback(done)
        return handed

    def _given(self, memory: Reading, sample: str, sku: str, qty: int) -> SampleGiven:
        item = memory.item(sku)
        if item is None:
            raise NotKnown(f"{sku} is not in the catalogue: scan another item")
        if not 0 < qty <= MOST_PIECES:
            raise BadInput("that is no quantity for a sample: such as 1, then *")
        drop = memory.drop_of(sku, self._journal.act_at)
        if drop is not None:
            check_border(drop)
        if item.limited and memory.may_sell(sku) < qty:
            raise BadInput(f"{item.name}: this till has none left to give; scan another item")
        day, here = today(memory, self._journal.act_at), memory.popup_here()
        return SampleGiven(
            sample=sample,
            sku=sku,
            qty=qty,
            day=day,
            expires=day + self._settings.days,
            percent=self._settings.percent * 100,
            popup=here.popup if here else "",
        )

    def _print(self, number: str, body: SampleGiven) -> None:
        signature = self._sign(signed_text(number, body.expires, body.percent).encode())[1]
        with self._journal.reading() as memory:
            shop, names = memory.shop(), memory.names([body.sku])
        slip = Slip(
            shop_lines=(shop.name, *shop.address) if shop else (),
            item=names.get(body.sku, body.sku),
            percent=body.percent,
            expires=body.expires,
            number=number,
            qr=printed(number, body.expires, body.percent, signature),
            language=shop.language if shop else "en",
        )
        self._paper.print_report(f"sample-{body.sample}", rows(slip))

    # Its code.

    def worth(self, memory: Reading, code: Code) -> int:
        """Basis points that a code takes off a purchase now. BadInput: it is used, too old, or nobody's. One that
        this till never heard of holds by the signature of a till of the shop."""
        known, day = memory.sample(code.sample), today(memory, self._journal.clock.now())
        if memory.sample_used(code.sample):
            raise BadInput("that sample's code was used already")
        if known is None and not (code.signed and self._is_ours(memory, code)):
            raise BadInput("this till has not heard of that code: scan the QR code of the slip")
        expires, percent = (known.expires, known.percent) if known else (code.expires, code.percent)
        if day > expires and self._journal.clock.quality() != "floor":
            raise BadInput("that sample's code is too old: sell without it")
        return percent

    def _is_ours(self, memory: Reading, code: Code) -> bool:
        own = self._sign(b"")[0]
        return any(holds(key, code.signature, code.text) for key in (own, *memory.trusted_keys()))

    # Texts.

    @property
    def asks(self) -> str:
        """The words to which somebody agrees; empty while the owner has made no key: then nobody is asked."""
        return self._settings.wording if (self._keys / PUBLIC).exists() else ""

    def agree(self, handed: Handed, phone: str, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """Somebody gave a number and agreed. The number is sealed before anything is recorded. BadInput for what is no
        number, or while texts are off."""
        if not self.asks:
            raise BadInput("texts are off until the owner makes a key (edge-agent samples key)")
        number = normal(phone, self._settings.dial)
        now = self._journal.clock.now()
        with self._journal.reading() as memory:
            mark = mark_of(number, shop_words(memory)[0])
        from edge_agent.counter import sealed_box

        contact = self._contact(mark)
        plain = json.dumps([number, handed.number]).encode()
        box = sealed_box.seal(bytes.fromhex((self._keys / PUBLIC).read_text()), plain, handed.sample.encode())
        with self._people.opened() as db:
            db.execute(SCHEMA)
            row = (handed.sample, contact, mark, now + KEPT_MS, box)
            db.execute("REPLACE INTO texted VALUES(?, ?, ?, ?, ?)", row)
        agreed = TextsAgreed(contact=contact, sample=handed.sample, mark=mark, wording=self._settings.wording_version)
        return self._journal.record(lambda _: [Draft(agreed, by)])

    def _contact(self, mark: str) -> str:
        """Who is known by that mark here already, else somebody new."""
        with self._people.opened() as db:
            db.execute(SCHEMA)
            row = db.execute("SELECT contact FROM texted WHERE mark = ? LIMIT 1", (mark,)).fetchone()
        return str(row[0]) if row else random_id()

    def stop(self, phone: str, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """No more texts to that number, from any till of the shop; what is kept of it here is forgotten."""
        number = normal(phone, self._settings.dial)
        with self._journal.reading() as memory:
            marks = [mark_of(number, word) for word in shop_words(memory)]
        with self._people.opened() as db:
            db.execute(SCHEMA)
            db.executemany("DELETE FROM texted WHERE mark = ?", [(mark,) for mark in marks])
        return self._journal.record(lambda _: [Draft(TextsStopped(mark=mark), by) for mark in marks])

    def forget_due(self, now: int) -> int:
        """Forget the numbers whose time has come; returns how many."""
        if not self._people.exists:
            return 0
        with self._people.opened() as db:
            db.execute(SCHEMA)
            return len(db.execute("DELETE FROM texted WHERE keep_until <= ? RETURNING sample", (now,)).fetchall())

    # Sending.

    def make_key(self, passphrase: str) -> None:
        """Turn texts on: from now on numbers are sealed to this key. BadInput when there is one: what it sealed would
        be lost."""
        from edge_agent.counter import sealed_box
        from edge_agent.sync.keys import write_secret

        if (self._keys / PRIVATE).exists():
            raise BadInput("there is a key already; only its passphrase opens what it sealed")
        private, public = sealed_box.pair()
        write_secret(self._keys / PRIVATE, sealed_box.lock(private, passphrase, os.urandom(16)).hex())
        write_secret(self._keys / PUBLIC, public.hex())

    def send(self, passphrase: str) -> list[Text]:
        """All texts that may leave at this moment; see `take`."""
        return self.take(self.opened(passphrase))

    def take(self, private: bytes, most: int | None = None, by: str = "") -> list[Text]:
        """The texts that may leave at this moment, `most` at most, each recorded as sent before it is handed out. Who
        agreed, who stopped and the hour are looked at inside the same act. `private` is what `opened` gave."""
        if self._journal.clock.quality() == "floor":
            raise BadInput("this till does not know the time: nothing leaves in what may be the night")
        found: list[tuple[Due, bytes]] = []

        def compose(memory: Reading) -> list[Draft]:
            shop = memory.shop()
            due = memory.texts().due(self._journal.act_at, shop.zone if shop else "UTC")
            found[:] = [(one, box) for one in due if (box := self._box(one.sample))][:most]
            return [Draft(TextSent(contact=one.contact, sample=one.sample, step=one.step), by) for one, _ in found]

        self._journal.record(compose).result()
        with self._journal.reading() as memory:
            return [self._text(memory, one, box, private) for one, box in found]

    def opened(self, passphrase: str) -> bytes:
        """The key that opens what was sealed; NotAllowed for another passphrase."""
        from edge_agent.counter import sealed_box

        try:
            locked = bytes.fromhex((self._keys / PRIVATE).read_text())
        except FileNotFoundError:
            raise BadInput("texts are off until the owner makes a key (edge-agent samples key)") from None
        private = sealed_box.unlock(locked, passphrase)
        if private is None:
            raise NotAllowed("that is not the passphrase of the key for texts")
        return private

    def _box(self, sample: str) -> bytes:
        if not self._people.exists:
            return b""
        with self._people.opened() as db:
            db.execute(SCHEMA)
            row = db.execute("SELECT sealed FROM texted WHERE sample = ?", (sample,)).fetchone()
        return bytes(row[0]) if row else b""

    def _text(self, memory: Reading, due: Due, box: bytes, private: bytes) -> Text:
        from edge_agent.counter import sealed_box

        phone, number = json.loads(sealed_box.open_box(private, box, due.sample.encode()))
        known, shop = memory.sample(due.sample), memory.shop()
        assert known is not None, "a text is about a sample that is known"
        item = memory.names([known.sku]).get(known.sku, known.sku)
        wordings: Sequence[str] = (self._settings.text_0, self._settings.text_3, self._settings.text_7)
        template = wordings[(0, 3, 7).index(due.step)]
        name = shop.name if shop else ""
        words = text_of(template, shop=name, item=item, code=number, known=known)
        return Text(phone, words, f"{due.sample}-{due.step}")


def normal(phone: str, dial: str) -> str:
    """A number as it is dialled from anywhere, "+447700900123"; `dial` takes the place of a leading 0. BadInput."""
    digits = "".join(sign for sign in phone if sign.isdecimal() and sign.isascii())
    if phone.strip().startswith("+"):
        found = digits
    elif digits.startswith("00"):
        found = digits[2:]
    else:
        found = dial.lstrip("+") + digits.removeprefix("0")
    if len(found) not in PHONE_DIGITS or any(sign not in "+0123456789 -/()." for sign in phone.strip()):
        raise BadInput("that is no phone number: type it again, or Esc")
    return f"+{found}"


def mark_of(number: str, word: str) -> str:
    """What a number is known by in this shop: slow on purpose, some 50 ms."""
    from edge_agent.counter import sealed_box

    return sealed_box.slow_hash(number.encode(), b"texts:" + word.encode()).hex()


def shop_words(memory: Reading) -> list[str]:
    """What marks are made with: the shop's id once it is paired; for what was agreed before, the journals'."""
    paired = memory.paired()
    journals = [memory.journal_id(), *(journal for journal, _ in memory.elders())]
    return [*([paired.shop] if paired else []), *journals]
