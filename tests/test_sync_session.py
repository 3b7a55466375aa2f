"""The protocol without a network: what is sent next, and a toy world that loses, doubles, delays and restores."""

from dataclasses import dataclass, field, replace

from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge_agent.sync import session as protocol
from edge_agent.sync.session import Fetch, Open, Own, Pull, Push, Rest, Talk, Wait, next_step
from edge_agent.wire.envelope import link
from edge_agent.wire.messages import Ack, FeedPage, Limits, Refusal, Session

JOURNAL = "a" * 32
LIMITS = Limits(batch_events=3, batch_bytes=1_000, spread_s=0, idle_s=30)


def said(ack: int = 0, *, number: int = 1, hash_: str = "", generation: str = "g") -> Session:
    return Session(
        session=number, ack=ack, ack_hash=hash_ or chain(ack), safe=0, generation=generation, limits=LIMITS, time=0
    )


def chain(seq: int, branch: str = "") -> str:
    """The chain's hash of a journal whose line n is `n` (of `branch`)."""
    previous = bytes(32)
    for place in range(1, seq + 1):
        previous = link(previous, f"{branch}{place}".encode())
    return previous.hex()


def own(head: int, *, generation: str = "g", feed: int = 0) -> Own:
    return Own(JOURNAL, head, generation, feed)


def ack(to: int, received: int, *, session: int = 1) -> Ack:
    return Ack(journal=JOURNAL, session=session, to=to, head_hash=chain(to), received=received, safe=0)


def in_session(head: int, at: int = 0) -> Talk:
    return protocol.opened(Talk(), own(head), said(at), chain(at))


def test_the_first_step_is_a_session() -> None:
    assert next_step(Talk(), own(5), 0.5) == Open()


def test_what_the_cloud_lacks_is_pushed_in_batches_of_its_limit() -> None:
    talk = in_session(5)
    assert next_step(talk, own(5), 0) == Push(1, 3)
    talk = protocol.pushed(talk, own(5), (3, chain(3)), ack(3, 3))
    assert next_step(talk, own(5), 0) == Push(4, 5)


def test_the_feed_follows_the_push_and_then_there_is_rest() -> None:
    talk = in_session(2, at=2)
    assert next_step(talk, own(2, feed=7), 0) == Pull(7, "g")
    talk = protocol.pulled(talk, FeedPage(generation="g", entries=(), head=7))
    assert next_step(talk, own(2, feed=7), 0) == Rest(30)
    assert next_step(talk, own(3, feed=7), 0) == Push(3, 3)


def test_a_feed_of_another_generation_is_taken_from_the_start() -> None:
    assert next_step(in_session(0), own(0, generation="old", feed=7), 0) == Pull(0, "g")


def test_a_cloud_set_back_is_obeyed_and_sent_everything_again() -> None:
    talk = protocol.failed(in_session(9, at=9), "gone")
    again = protocol.opened(talk, own(9), said(4, number=2), chain(4))
    assert next_step(protocol.waited(again), own(9), 0) == Push(5, 7)


def test_an_answer_that_does_not_echo_what_was_sent_is_no_answer() -> None:
    talk, sent = in_session(5), (3, chain(3))
    for wrong in (
        ack(2, 2),
        ack(3, 3, session=2),
        ack(3, 3).model_copy(update={"journal": "b" * 32}),
        ack(3, 3).model_copy(update={"head_hash": chain(4)}),
        ack(3, 2),
        ack(3, 6),
    ):
        after = protocol.pushed(talk, own(5), sent, wrong)
        assert after.session is None
        assert after.ack == 0
        assert after.words


def test_a_till_set_back_behind_the_cloud_fetches_its_own_events_and_goes_on_behind_them() -> None:
    talk = protocol.opened(Talk(), own(3), said(5), None)
    assert next_step(talk, own(3), 0.5) == Fetch(3)
    talk = protocol.fetched(talk, own(3), chain(5))
    assert next_step(talk, own(5), 0.5) == Pull(0, "g")
    assert next_step(talk, own(6), 0.5) == Push(6, 6)


def test_journals_that_went_before_are_offered_once_all_else_is_done_and_the_session_is_opened_anew() -> None:
    talk = replace(in_session(2, at=2), feed_due=False)
    mine = replace(own(2), elders=True)
    assert next_step(talk, mine, 0) == protocol.Offer()
    assert next_step(talk, replace(mine, head=3), 0) == Push(3, 3)
    assert next_step(protocol.offered(talk), own(2), 0) == Open()
    assert next_step(protocol.disowned(talk, "j0"), own(2), 0) == protocol.Branch("fork", "j0")


def test_a_till_set_back_whose_events_do_not_lead_to_the_clouds_says_so_and_goes_on_in_a_new_journal() -> None:
    talk = protocol.fetched(protocol.opened(Talk(), own(3), said(5), None), own(3), chain(5, "x"))
    assert talk.session is None
    assert "set back" in talk.words
    assert next_step(talk, own(3), 0.99) == protocol.Branch("restored")
    assert isinstance(next_step(protocol.branched(talk), own(1), 0.99), Open)


def test_a_journal_that_somebody_else_goes_on_with_is_left_to_them_and_that_is_said() -> None:
    talk = protocol.opened(Talk(), own(5), said(3, hash_=chain(3, "x")), chain(3))
    assert talk.session is None
    assert "Another till" in talk.words
    assert next_step(talk, own(5), 0.5) == protocol.Branch("fork")


def test_a_fork_that_is_only_a_damaged_batch_is_tried_again() -> None:
    talk = in_session(5, at=2)
    damaged = protocol.refused(talk, Refusal(error="FORK", ack=2, hash=chain(2)), chain(2))
    forked = protocol.refused(talk, Refusal(error="FORK", ack=2, hash=chain(2, "x")), chain(2))
    assert damaged.branch is None
    assert forked.branch == "fork"


def test_too_long_a_batch_is_halved_until_it_is_one_event() -> None:
    talk = in_session(9)
    sizes = []
    while talk.session is not None:
        step = next_step(talk, own(9), 0)
        assert isinstance(step, Push)
        sizes.append(step.last - step.first + 1)
        talk = protocol.refused(talk, Refusal(error="SIZE"), None)
    assert sizes == [3, 1]


def test_each_failure_waits_longer_up_to_five_minutes_and_success_forgets_them() -> None:
    talk, longest = Talk(), []
    for _ in range(12):
        talk = protocol.failed(talk, "gone")
        step = next_step(talk, own(1), 1.0)
        assert isinstance(step, Wait)
        longest.append(step.seconds)
        assert next_step(talk, own(1), 0.0) == Wait(0.0)
        talk = protocol.waited(talk)
    assert longest[:4] == [2, 4, 8, 16]
    assert longest[-1] == 300
    assert protocol.opened(talk, own(1), said(), chain(0)).failures == 0


def test_what_the_cloud_asks_to_wait_is_waited_at_least() -> None:
    talk = protocol.refused(in_session(1), Refusal(error="BUSY"), None, wait_s=40)
    step = next_step(talk, own(1), 0.0)
    assert step == Wait(40)


def test_a_refused_till_asks_again_only_now_and_then() -> None:
    for word in ("REVOKED", "SIGNATURE"):
        talk = protocol.refused(in_session(1), Refusal.model_validate({"error": word}), None)
        assert talk.failures >= 9
        assert talk.words


@dataclass
class ToyCloud:
    """The cloud by the book: sessions fence, overlaps are compared, gaps refused; it can be set back to a backup."""

    lines: list[bytes] = field(default_factory=list)
    session: int = 0
    generation: int = 0

    def hash(self, seq: int) -> str:
        previous = bytes(32)
        for line in self.lines[:seq]:
            previous = link(previous, line)
        return previous.hex()

    def open(self) -> Session:
        self.session += 1
        seq = len(self.lines)
        return said(seq, number=self.session, hash_=self.hash(seq), generation=str(self.generation))

    def push(self, session: int, first: int, lines: list[bytes], head: str) -> Ack | Refusal:
        if session != self.session:
            return Refusal(error="FENCED")
        if first > len(self.lines) + 1:
            return Refusal(error="GAP", ack=len(self.lines), hash=self.hash(len(self.lines)))
        fresh = len(self.lines) - first + 1
        assert self.lines[first - 1 :] == lines[:fresh], "the same seq with another line"
        self.lines += lines[fresh:]
        to = first + len(lines) - 1
        return Ack(journal=JOURNAL, session=session, to=to, head_hash=head, received=len(self.lines), safe=0)


@dataclass
class Sent:
    """A push on its way."""

    session: int
    first: int
    lines: list[bytes]
    head: str


class Network(RuleBasedStateMachine):
    """A till and a cloud with a network that loses questions and answers, doubles and delays questions."""

    late = Bundle("late")

    @initialize()
    def begin(self) -> None:
        self.cloud, self.talk, self.lines = ToyCloud(), Talk(), [b"1"]

    def own(self) -> Own:
        return Own(JOURNAL, len(self.lines), str(self.cloud.generation), 0)

    def own_hash(self, seq: int) -> str | None:
        return chain(seq) if seq <= len(self.lines) else None

    def push_of(self, step: Push) -> Sent:
        assert self.talk.session is not None
        return Sent(self.talk.session.session, step.first, self.lines[step.first - 1 : step.last], chain(step.last))

    def step(self, fate: str) -> Sent | None:
        """One turn of the loop; `fate` is `well`, `question lost` or `answer lost`. Gives the push, if it was one."""
        self.talk = protocol.waited(self.talk)
        step = next_step(self.talk, self.own(), 0.0)
        sent = self.push_of(step) if isinstance(step, Push) else None
        if fate == "question lost" and not isinstance(step, Rest):
            self.talk = protocol.failed(self.talk, "lost")
            return sent
        answered = self.asked(step, sent)
        self.talk = answered if fate == "well" or isinstance(step, Rest) else protocol.failed(self.talk, "lost")
        return sent

    def asked(self, step: protocol.Step, sent: Sent | None) -> Talk:
        match step:
            case Open():
                answer = self.cloud.open()
                return protocol.opened(self.talk, self.own(), answer, self.own_hash(answer.ack))
            case Pull():
                page = FeedPage(generation=str(self.cloud.generation), entries=(), head=0)
                return protocol.pulled(self.talk, page)
            case _ if sent is not None:
                return self.told(sent, self.cloud.push(sent.session, sent.first, sent.lines, sent.head))
        return self.talk

    def told(self, sent: Sent, answer: Ack | Refusal) -> Talk:
        if isinstance(answer, Refusal):
            return protocol.refused(self.talk, answer, self.own_hash(answer.ack))
        return protocol.pushed(self.talk, self.own(), (sent.first + len(sent.lines) - 1, sent.head), answer)

    @rule()
    def sells(self) -> None:
        self.lines.append(str(len(self.lines) + 1).encode())

    @rule(target=late, fate=st.sampled_from(["well", "question lost", "answer lost"]))
    def turns(self, fate: str) -> Sent | None:
        return self.step(fate)

    @rule(sent=late)
    def an_old_question_arrives_now(self, sent: Sent | None) -> None:
        if sent is not None:
            self.cloud.push(sent.session, sent.first, sent.lines, sent.head)

    @rule()
    def the_till_restarts(self) -> None:
        self.talk = Talk()

    @precondition(lambda self: self.cloud.lines)
    @rule(kept=st.integers(0, 5))
    def the_cloud_is_restored_from_a_backup(self, kept: int) -> None:
        self.cloud = replace(
            self.cloud,
            lines=self.cloud.lines[:kept],
            generation=self.cloud.generation + 1,
            session=self.cloud.session + 1,
        )

    @invariant()
    def the_cloud_holds_a_prefix_of_the_journal(self) -> None:
        assert self.cloud.lines == self.lines[: len(self.cloud.lines)]

    def teardown(self) -> None:
        """After the fault is healed, everything arrives with no new sale."""
        if not hasattr(self, "cloud"):
            return
        for _ in range(len(self.lines) + 5):
            self.step("well")
        assert self.cloud.lines == self.lines
        assert isinstance(next_step(self.talk, self.own(), 0.0), Rest)


TestNetwork = Network.TestCase
TestNetwork.settings = examples(max_examples=60, stateful_step_count=40)
