"""Who stands at the till: sign-on, change of cashier, lock; a shop in which nobody signs on notices none of it."""

import logging
from typing import TYPE_CHECKING

from edge_agent.errors import DropshelfError
from edge_agent.till.lock import LockView
from edge_agent.till.new_pin import choose
from edge_agent.till.speech import say
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.counter.people import Person
    from edge_agent.till.front import Front

log = logging.getLogger(__name__)
MINUTE_MS = 60_000


class Cashiers:
    """On the screen's thread; PINs are looked up off it. Who stands there is written down in the real journal, at
    practice too."""

    def __init__(self, till: "Front") -> None:
        self._till, self._lets = till, till.shop.approvals
        self._asked = False
        self._touched = till.app.clock.now()

    def begin(self) -> None:
        """Behind the first picture: ask who sells, where people sign on. Where that cannot be told the till sells."""
        if self._till.shop.staff.exists:
            self._till.lock = lock = LockView(self._till, self._sign_on)
            lock.look()
            self._till.app.work(self._lets.signs_on, self._begun)

    def _begun(self, done: "Future[bool]") -> None:
        error, lock = done.exception(), self._till.lock
        self._asked = error is None and done.result()
        if error is not None:
            log.warning("who works here cannot be read", extra={"why": said(error)})
            self._till.status.devices["people"] = ("fault", said(error))
        if not self._asked:
            self._unlock()
            return
        self._stands("", "")
        if lock is not None:
            lock.looked()

    def _unlock(self) -> None:
        lock, self._till.lock = self._till.lock, None
        for code in lock.waiting if lock else []:
            self._till.scanned(code)

    def lock(self, *, idle: bool = False) -> None:
        """Nobody sells until somebody signs on; the sale stays."""
        if not self._asked:
            self._till.app.work(self._lets.signs_on, self._ask)
            return
        self._lets.locked(self._till.by, idle=idle)
        self._stands("", "")
        self._till.lock = LockView(self._till, self._sign_on)

    def _ask(self, done: "Future[bool]") -> None:
        """People may have been given their PINs since the till was opened."""
        self._asked = done.exception() is None and done.result()
        if self._asked and self._till.lock is None:
            self.lock()
        elif not self._asked:
            self._till.view.refused("no cashier has a PIN or badge yet: 00 Enter 42 gives them")

    def badge(self, code: str) -> None:
        """A badge that was scanned anywhere: from here on it is they who sell."""
        if not self._asked:
            self._till.app.work(self._lets.signs_on, lambda done: self._badge_first(done, code))
        else:
            self._sign_on(code)

    def _badge_first(self, done: "Future[bool]", code: str) -> None:
        self._asked = done.exception() is None and done.result()
        if self._asked:
            self._sign_on(code)
        else:
            self._till.view.refused("no cashier has a PIN or badge yet: 00 Enter 42 gives them")

    def _sign_on(self, word: str) -> None:
        before = self._till.by
        self._till.app.work(lambda: self._lets.sign_on(word, before), lambda done: self._signed_on(done, word))

    def _signed_on(self, done: "Future[Person]", word: str) -> None:
        from edge_agent.counter.approval import OwnersCode

        error, lock = done.exception(), self._till.lock
        if error is None:
            self._take(done.result())
        elif isinstance(error, OwnersCode):
            self._choose_pin(word, error.person)
        elif lock is not None:
            lock.looked(said(error))
        elif isinstance(error, DropshelfError):
            self._till.view.refused(said(error))
        else:
            self._till.stop([said(error)])

    def _choose_pin(self, word: str, person: "Person") -> None:
        """The owner's code at the lock: the question takes the lock's place until it is answered or left."""
        lock, self._till.lock = self._till.lock, None
        waiting = lock.waiting if lock else []

        def put_back() -> None:
            self._till.lock = fresh = LockView(self._till, self._sign_on)
            fresh.waiting.extend(waiting)

        def chosen(pin: str) -> None:
            put_back()
            if self._till.lock is not None:
                self._till.lock.look()
            self._sign_on(pin)

        choose(self._till, word, person, chosen, put_back)

    def _take(self, person: "Person") -> None:
        changed = person.id != self._till.by
        desk = self._till.sale.desk
        self._stands(person.id, person.name)
        if changed and self._till.settings.people.switch == "hold" and desk.sale.lines and self._is_selling():
            self._till.sale.try_(self._till.sale.acts.hold)
        elif self._is_selling() and (changed or not desk.note) and not self._till.sale.loud:
            desk.note = say("{name} sells", name=person.name)
        self._unlock()

    def _is_selling(self) -> bool:
        return self._till.view is self._till.sale

    def _stands(self, id_: str, name: str) -> None:
        self._till.by = self._till.proven = id_
        self._till.status.staff, self._till.status_stale = name, True
        self.touched()

    def touched(self) -> None:
        """Somebody is there."""
        self._touched = self._till.app.clock.now()

    def look_around(self) -> None:
        """Once a second: a till that nobody has touched for a while is locked."""
        minutes, now = self._till.settings.people.lock_minutes, self._till.app.clock.now()
        self._touched = min(self._touched, now)
        if self._asked and self._till.proven and minutes > 0 and now - self._touched >= minutes * MINUTE_MS:
            self.lock(idle=True)
