"""Menu 42: who works here: add, PIN, badge, role, retire; for whoever has the right."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.strip import Strip

from edge_agent.errors import BadInput
from edge_agent.rules.rights import ROLES
from edge_agent.rules.row import Row
from edge_agent.till.ask import AskView, Question
from edge_agent.till.paint import BOLD, DIM, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.counter.people import Person
    from edge_agent.till.front import Front

MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}


class StaffView(View):
    """The people of this till; what is changed holds at once, and is sealed in `people.db`."""

    title = "who works here"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._known: list[Person] = []
        self._selected, self._busy = 0, False
        self._read()

    # Keys.

    def typed(self, char: str) -> None:
        if self._busy:
            return
        acts: dict[str, Callable[[], None]] = {"*": self._role, "+": self._pin, "/": self._badge, "-": self._retire}
        if char in acts and not self.entry:
            self._try(acts[char])
        else:
            super().typed(char)

    def pressed(self, key: str) -> None:
        if key in MOVES:
            self._selected = min(max(self._selected + MOVES[key], 0), max(len(self._known) - 1, 0))
        elif key == "enter" and self.entry == MENU_CODE:
            self.till.open_menu()
        elif key == "enter" and self.entry and not self._busy:
            self._add(self.take_entry())
        elif key != "enter":
            super().pressed(key)

    # Acts.

    def _add(self, name: str) -> None:
        staff, now = self.till.shop.staff, self.till.shop.clock.now()
        if not any(char.isalpha() for char in name):
            self.note = "a name has letters; + gives the marked one a PIN"
            return
        self._work(lambda: staff.add(name, now=now), say("{name} is added as a cashier", name=name[:20]))

    def _role(self) -> None:
        person = self._marked()
        role = ROLES[(ROLES.index(person.role) + 1) % len(ROLES)]
        words = say("{name} is a {role} now", name=person.name[:20], role=say(role))
        self._work(lambda: self.till.shop.staff.set_role(person.id, role), words)

    def _pin(self) -> None:
        person = self._marked()

        def again(pin: str) -> None:
            self._ask("The same PIN once more and Enter.", lambda second: store(pin, second))

        def store(pin: str, second: str) -> None:
            if pin != second:
                raise BadInput("that was another PIN: type the same twice")
            staff, now = self.till.shop.staff, self.till.shop.clock.now()
            words = say("{name} has a new PIN", name=person.name[:20])
            self._work(lambda: staff.set_pin(person.id, pin, now), words)

        self._ask(say("A new PIN for {name}, 4 to 8 digits, and Enter.", name=person.name[:20]), again)

    def _ask(self, words: str, then: Callable[[str], None]) -> None:
        self.till.show(AskView(self.till, Question([words], then, secret=True)))

    def _badge(self) -> None:
        """A fresh badge on the receipt printer; without one its code is shown, once."""
        import os

        from edge_agent.fittings import NoPrinter
        from edge_agent.rules.badge import badge_of

        person, code, shop = self._marked(), badge_of(os.urandom(10)), self.till.shop
        prints = not isinstance(shop.printer, NoPrinter)

        def give() -> None:
            shop.staff.set_badge(person.id, code, shop.clock.now())
            if prints:
                rows = (Row(person.name, centred=True, bold=True, big=True), Row(), Row(qr=code))
                shop.paper.print_report(person.id, rows)

        printed = self.till.printed(say("the badge of {name} is printed", name=person.name[:20]))
        self._work(give, printed if prints else say("the badge: {code}", code=code))

    def _retire(self) -> None:
        person = self._marked()
        words = [say("{name} works here no more?", name=person.name[:20]), "Enter: yes.  Esc or 00 Enter: no."]
        done = say("{name} works here no more", name=person.name[:20])

        def retire(_: str) -> None:
            self._work(lambda: self.till.shop.staff.retire(person.id), done)

        self.till.show(AskView(self.till, Question(words, retire, sure=True)))

    def _marked(self) -> "Person":
        if not self._known:
            raise BadInput("nobody is known yet: type a name and Enter")
        return self._known[self._selected]

    def _try(self, act: Callable[[], None]) -> None:
        self.note = ""
        self.attempt(act)

    def _work(self, act: Callable[[], Any], words: str) -> None:
        """A PIN takes its time: off the screen's thread."""
        self._busy, self.note = True, ""
        self.till.app.work(act, lambda done: self._done(done, words))

    def _done(self, done: "Future[Any]", words: str) -> None:
        error = done.exception()
        self.note = words if error is None else said(error)
        self._read(done.result() if error is None else None)

    def _read(self, added: "Person | None" = None) -> None:
        """Read who is known. Who was added is marked, else who was marked before: a PIN must not reach another one."""
        shop, before = self.till.shop, self._known[self._selected : self._selected + 1]
        mark = added.id if added else before[0].id if before else ""
        self._busy = True
        self.till.app.work(lambda: shop.staff.all(shop.clock.now()), lambda done: self._taken(done, mark))

    def _taken(self, done: "Future[list[Person]]", mark: str) -> None:
        self._busy = False
        if done.exception() is None:
            self._known = done.result()
            ids = [one.id for one in self._known]
            self._selected = ids.index(mark) if mark in ids else 0
        else:
            self.note = said(done.exception() or Exception())

    # Drawing.

    def keys(self) -> list[Key]:
        if self.entry or not self._known:
            return [("name Enter", "a new cashier"), ("Esc", "back")]
        return [("name Enter", "new"), ("+", "PIN"), ("/", "badge"), ("*", "role"), ("-", "has left"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("name Enter", "somebody new, as a cashier"),
            ("Up Down", "mark somebody"),
            ("+", "a new PIN, typed twice"),
            ("/", "a new badge, printed (without a printer its code is shown)"),
            ("*", "the next role: cashier, supervisor, manager"),
            ("-", "works here no more: PIN and badge are void, the name stays"),
            ("Esc", "back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        rows = [heading(width, "WHO WORKS HERE")]
        top = max(0, self._selected - bands.height + 2)
        for place, person in enumerate(self._known[top : top + bands.height - 1], start=top):
            rows.append(self._row(person, width, chosen=place == self._selected))
        bands.lines.put(rows)
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note)])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _row(self, person: "Person", width: int, *, chosen: bool) -> Strip:
        style = DIM if person.retired else BOLD if chosen else PLAIN
        has = [say("PIN")] if person.pin else []
        has += [say("badge")] if person.badge else []
        has += [say("works here no more")] if person.retired else []
        cells = (
            ("> " if chosen else "  ", style),
            (fit(person.name, 24), style),
            (fit(person.id[:4], 6), DIM),
            (fit(say(person.role), 16), style),
        )
        return row(width, *cells, (", ".join(has), style))
