"""One simulated world: tills of one shop and a cloud, every fault that the seed says, and then the healing."""

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

from edge_agent.errors import Unreachable
from edge_agent.journal.log import Draft, Recorded
from edge_agent.sync.connection import Answer
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.stock import ReceivedLine, StockAdjusted, StockReceived
from edge_agent.wire.messages import Ack
from scripts.tortures.sim_cloud import AUDIENCE, SHOP, STRANGER, TENANT, Cloud, Copy, words_of
from scripts.tortures.sim_forgery import attack, tampered
from scripts.tortures.sim_goods import CARD, SomethingNewer, deep, item, odd, sale
from scripts.tortures.sim_hand import Call, Numbers, Time, WorldClock
from scripts.tortures.sim_ledger import Ledger
from scripts.tortures.sim_till import Disk, Name, Till, named

STARTS_AT = 1_772_546_400_000
SKUS = ("milk", "bread")
HEALS_MS = 30_000
MOST_TILLS = 4
MOST_HEAL_STEPS = 2_000


class World:
    """Plays `steps` actions of a seed. The same seed plays the same world, byte for byte."""

    def __init__(self, folder: Path, seed: str, *, tills: int | None = None) -> None:
        self.folder, self.seed = folder, seed
        self.chance = random.Random(seed)
        self.time = Time(STARTS_AT)
        self.numbers, self.ledger = Numbers(), Ledger()
        self.trace: list[str] = []
        self.flying: list[tuple[Till, Call]] = []
        self.disks: list[tuple[Name, Disk]] = []
        self.copies: list[Copy] = []
        self.cloud = Cloud(WorldClock(self.time))
        self.tills: list[Till] = []
        self.forger = random.Random(f"{seed} forger")
        stranger = named("stranger", self.chance)
        self.stranger = stranger
        self.cloud.enrol("stranger", _public(stranger), "stranger-secret", tenant=STRANGER)
        for _ in range(tills or self.chance.choice((1, 2, 2, 3))):
            self._add_till()

    def _add_till(self) -> None:
        name = named(f"till{len(self.tills) + 1}", self.chance)
        self.cloud.enrol(name.device, _public(name), f"{name.name}-secret")
        till = self._seat(name)
        till.put()
        self._on(till)
        first = [CARD, *(item(sku, 100) for sku in SKUS)] if not self.tills else []
        paired = DevicePaired(tenant=TENANT, shop=SHOP, device=name.device, audience=AUDIENCE, catalogue_to=len(first))
        self.tills.append(till)
        self._recorded(till.record(*(Draft(body) for body in (*first, paired))))

    def _seat(self, name: Name) -> Till:
        own = random.Random(self.chance.getrandbits(64))
        folder = self.folder / f"place{len(self.tills)}"
        return Till(folder, name, WorldClock(self.time), own, self.numbers)

    def close(self) -> None:
        """The end of the world."""
        for till in self.tills:
            till.cut()
        self.cloud.close()

    def note(self, *words: object) -> None:
        """One line of the trace; bytes go in by their digest."""
        said = [hashlib.sha256(word).hexdigest() if isinstance(word, bytes) else str(word) for word in words]
        self.trace.append(" ".join(said))

    def play(self, steps: int) -> None:
        """So many actions, each picked by the seed."""
        acts = self.chance.choices(
            [act for act, _ in ACTIONS.values()], [often for _, often in ACTIONS.values()], k=steps
        )
        for act in acts:
            self.time.now += self.chance.randint(1, 400)
            act(self)

    # What people do.

    def sell(self) -> None:
        till, sku, pieces = self._any(), self.chance.choice(SKUS), self.chance.randint(1, 3)
        try:
            (done,) = till.compose(lambda memory: sale(memory.next_receipt(), sku, pieces))
        except Unreachable:
            self.note("not sold", till.name.name)
            return
        self._recorded((done,))
        self.ledger.printed[done.event.id] = 100 * pieces
        self.note("sold", till.name.name, done.line)

    def move(self) -> None:
        sku, qty = self.chance.choice(SKUS), self.chance.randint(1, 9) * 1000
        came = ReceivedLine(sku=sku, qty=qty, ordered=None, expires=None)
        body = StockReceived(order="", supplier="", lines=(came,))
        self._records(self.chance.choice([body, StockAdjusted(sku=sku, qty=-qty, reason="waste")]))

    def poison(self) -> None:
        done = self._records(self.chance.choice([odd(), deep(), SomethingNewer(words="x")]))
        self.ledger.odd |= {one.event.id for one in done}

    def reprice(self) -> None:
        self._records(item(self.chance.choice(SKUS), self.chance.randint(50, 300)))

    def _records(self, body: Contract) -> tuple[Recorded, ...]:
        till = self._any()
        try:
            done = till.record(Draft(body))
        except Unreachable:
            self.note("not recorded", till.name.name)
            return ()
        self._recorded(done)
        self.note("recorded", till.name.name, done[-1].line)
        return done

    def publish(self) -> None:
        try:
            self.cloud.publish(item(self.chance.choice(SKUS), self.chance.randint(50, 300)))
        except Exception as error:  # noqa: BLE001 - a failing disk; the owner sees that it did not work
            self.note("not published", type(error).__name__)
        self.note("published")

    def _recorded(self, done: tuple[Recorded, ...]) -> None:
        for one in done:
            self.ledger.known[one.event.id] = one

    # What the network does.

    def turn(self) -> None:
        """A till's sync takes one step, if it has one to take."""
        ready = [till for till in self.tills if till.may_go_on()]
        if not ready:
            self.time.now += self.chance.randint(1, 3000)
            return
        self._step(self.chance.choice(ready))

    def _step(self, till: Till) -> None:
        call = till.call
        if call is not None:
            self.note("hears", till.name.name, call.number, words_of(call.answer))
            if call.answer is not None and call.answer.status == 200:
                till.heard.append((call.path, call.answer))
        till.go_on()
        if till.hand.error is not None:
            raise till.hand.error
        self._asked(till)

    def _asked(self, till: Till) -> None:
        asked = till.call
        if asked is not None:
            self.flying.append((till, asked))
            self.note("asks", till.name.name, asked.number, asked.path, asked.content, sorted(asked.params.items()))
        else:
            self.note("rests", till.name.name, till.due - self.time.now)

    def deliver(self) -> None:
        """Any request on its way comes to the cloud, late ones too."""
        if self.flying:
            self._deliver(self.chance.randrange(len(self.flying)))

    def _deliver(self, place: int, *, again: bool = False) -> Answer:
        till, call = self.flying[place] if again else self.flying.pop(place)
        answer = self.cloud.answer(call)
        self.note("answers", call.number, answer.status, answer.body)
        if call.path == "/v1/push" and answer.status == 200:
            self.ledger.note_promise(Ack.model_validate_json(answer.body), self.cloud.hash_at)
        if not again and till.call is call and not call.answered:
            call.answer, call.answered = answer, True
        return answer

    def twice(self) -> None:
        """A request comes to the cloud and will come once more."""
        if self.flying:
            self._deliver(self.chance.randrange(len(self.flying)), again=True)

    def lose(self) -> None:
        """A request or its answer is lost, and the till knows so much alone."""
        waiting = [till for till in self.tills if till.call is not None]
        if not waiting:
            return
        till = self.chance.choice(waiting)
        call = till.call
        assert call is not None, "it waits for an answer"
        call.answer, call.answered = None, True
        if self.chance.random() < 0.5:
            self.flying = [one for one in self.flying if one[1] is not call]
        self.note("lost", call.number)

    def other_answer(self) -> None:
        """Instead of its answer the till gets an old one, a sign-in page, or the word that too many ask."""
        waiting = [till for till in self.tills if till.call is not None]
        if not waiting:
            return
        till = self.chance.choice(waiting)
        call = till.call
        assert call is not None, "it waits for an answer"
        old = [answer for path, answer in till.heard if path == call.path and path != "/v1/feed"]
        page = Answer(200, "text/html", b"<html>Sign in</html>", "")
        busy = Answer(503, "application/json", b'{"error":"BUSY","words":"later"}', "2")
        call.answer, call.answered = self.chance.choice([*old[-4:], page, busy]), True  # type: ignore[assignment]
        self.note("other answer", call.number, words_of(call.answer))

    def tamper(self) -> None:
        """A line of a batch on its way is changed, and its header with it."""
        pushes = [call for _, call in self.flying if call.path == "/v1/push"]
        if pushes:
            call = self.forger.choice(pushes)
            call.content = tampered(call.content, self.forger, self.cloud.hash_at)
            self.note("tampered", call.number, call.content)

    def strange(self) -> None:
        """A till of another tenant says that a journal of ours is its own."""
        journal = self._any().journal.id
        for call in attack(self.stranger.keys, journal, self.numbers, self.cloud.answer):
            self.note("stranger", call.path, call.content)

    # What clocks and disks do.

    def count(self) -> None:
        self.note("counted", self.cloud.count())

    def jump(self) -> None:
        clock = self.chance.choice([self.cloud.clock, *(till.clock for till in self.tills)])
        clock.wrong = self.chance.choice([0, 0, -3_600_000, 3_600_000, -STARTS_AT, 10 * 365 * 86_400_000, -5_000])
        clock.trusted = self.chance.random() < 0.7
        self.note("clock", clock.wrong)

    def crash(self) -> None:
        till = self._any()
        self._off(till)
        self._on(till)
        self.note("started", till.name.name, till.journal.id)

    def _on(self, till: Till) -> None:
        till.start()
        self._asked(till)

    def _off(self, till: Till) -> None:
        """The power goes; what is on its way may still arrive."""
        till.cut()
        self.note("off", till.name.name)

    def back_up(self) -> None:
        till = self._any()
        self.disks = [*self.disks[-3:], (till.name, till.disk())]
        self.note("backed up", till.name.name)

    def put_back(self) -> None:
        """A till's folder becomes an older copy of it: with the marker of today, with its old one, or with none."""
        till = self._any()
        copies = [disk for name, disk in self.disks if name is till.name]
        if not copies:
            return
        disk, today = self.chance.choice(copies), till.disk()
        marker = self.chance.choice([today.marker, today.marker, disk.marker, None])
        self._off(till)
        till.put(Disk(disk.database, marker))
        self._on(till)
        self._what_is_gone()
        self.note("put back", till.name.name, till.journal.id)

    def clone(self) -> None:
        if len(self.tills) >= MOST_TILLS:
            return
        old = self._any()
        till = self._seat(old.name)
        till.put(old.disk())
        self._on(till)
        self.tills.append(till)
        self.note("cloned", old.name.name, till.journal.id)

    def back_up_cloud(self) -> None:
        self.copies = [*self.copies[-2:], self.cloud.copy()]
        self.note("cloud backed up")

    def restore_cloud(self) -> None:
        if self.copies:
            self.cloud.restore(self.chance.choice(self.copies))
            self._what_is_gone()
            self.note("cloud restored", self.cloud.restores)

    def break_disk(self) -> None:
        """A commit will fail, at a till or in the cloud."""
        if self.chance.random() < 0.5:
            self.cloud.refuses_commits = 1
        else:
            self._any().breaks_next_commit()
        self.note("a commit will fail")

    def _what_is_gone(self) -> None:
        self.ledger.extinct |= self.ledger.printed.keys()
        self._what_came_back()

    def _what_came_back(self) -> None:
        """A copy that was put back, or a request that came late, may hold what nobody else had any more."""
        self.ledger.extinct -= self.cloud.sales().union(*(till.sales() for till in self.tills))

    def _any(self) -> Till:
        return self.chance.choice(self.tills)

    # And then all is well.

    def heal(self) -> int:
        """No fault and nothing new: until every till rests and has looked; the virtual milliseconds it took."""
        self.note("heals")
        self.cloud.refuses_commits = 0
        began = self.time.now
        for _ in range(MOST_HEAL_STEPS):
            if self.time.now - began > HEALS_MS:
                break
            if not self._heal_step():
                break
        self._what_came_back()
        return self.time.now - began

    def _heal_step(self) -> bool:
        """Deliver what flies, let who can go on, count; else let time pass. False when everybody rests."""
        if self.flying:
            self._deliver(0)
            return True
        for till in self.tills:
            if till.may_go_on():
                self._step(till)
                return True
        if self.cloud.count():
            return True
        if self._all_rest():
            return False
        self.time.now = max(self.time.now + 1, min(till.due for till in self.tills))
        return True

    def _all_rest(self) -> bool:
        """Everybody has nothing to send and has taken the whole feed."""
        return all(self.rests(till) for till in self.tills)

    def rests(self, till: Till) -> bool:
        """True when a till is in the middle of nothing, all is well, and it has the feed to its head."""
        state, mark = till.loop.state(), till.memory.mark()
        head, generation = self.feed_head()
        resting = till.call is None and state.online and not state.words and state.waiting == 0
        return resting and (mark.generation, mark.feed) >= (generation, head)

    def feed_head(self) -> tuple[int, str]:
        from cloud_sync.feed import head_of
        from cloud_sync.service import stamp

        with self.cloud.database.reading() as session:
            return head_of(session, TENANT, SHOP), stamp(session, "generation")


def _public(name: Name) -> str:
    return name.keys.private.public_key().public_bytes_raw().hex()


Action = Callable[[World], None]
ACTIONS: dict[str, tuple[Action, float]] = {
    "sell": (World.sell, 40),
    "turn": (World.turn, 24),
    "deliver": (World.deliver, 13),
    "count": (World.count, 2.5),
    "move": (World.move, 2),
    "poison": (World.poison, 1),
    "reprice": (World.reprice, 0.7),
    "publish": (World.publish, 1),
    "twice": (World.twice, 1.5),
    "lose": (World.lose, 2),
    "other_answer": (World.other_answer, 1.5),
    "tamper": (World.tamper, 0.7),
    "strange": (World.strange, 0.3),
    "jump": (World.jump, 1.5),
    "crash": (World.crash, 1),
    "back_up": (World.back_up, 0.7),
    "put_back": (World.put_back, 0.5),
    "clone": (World.clone, 0.15),
    "back_up_cloud": (World.back_up_cloud, 0.5),
    "restore_cloud": (World.restore_cloud, 0.4),
    "break_disk": (World.break_disk, 1),
}
