"""The protocol, pure: what to send next, given what the journal holds and what the cloud last said; no I/O, no clock.

It is level-triggered: the next step follows from the head and the watermark alone, so that after any fault the same
question has the same answer and nothing needs to be remembered.
"""

from dataclasses import dataclass, replace
from typing import Literal

from edge_agent.wire.limits import IDLE_SYNC_SECONDS
from edge_agent.wire.messages import Ack, FeedPage, Refusal, Session

LONGEST_PAUSE_S = 300.0
Why = Literal["fork", "restored", "corrupt"]
NEEDS_A_PERSON = frozenset({"REVOKED", "SIGNATURE"})


@dataclass(frozen=True)
class Own:
    """What the journal holds: its id, the last seq, and how far the feed of which generation was taken.

    `elders`: there are journals before it that a cloud of this generation was not offered; `model`: the feed offers a
    model that was neither taken nor refused.
    """

    journal: str
    head: int
    generation: str
    feed: int
    elders: bool = False
    model: bool = False


@dataclass(frozen=True)
class Open:
    """Step: open a session."""


@dataclass(frozen=True)
class Push:
    """Step: send the events `first` .. `last` at most (fewer when they fill a batch before)."""

    first: int
    last: int


@dataclass(frozen=True)
class Pull:
    """Step: ask for the feed behind `after`."""

    after: int
    generation: str


@dataclass(frozen=True)
class Fetch:
    """Step: ask for this journal's own events behind `after`: the cloud has more of it than an old copy of it here."""

    after: int


@dataclass(frozen=True)
class Offer:
    """Step: offer the journals that went before this one: a restored cloud, or another, may lack them."""


@dataclass(frozen=True)
class Bring:
    """Step: bring the next part of the offered model; last of all, so that no sale waits for it."""


@dataclass(frozen=True)
class Rest:
    """Step: nothing to do for so long, unless something is recorded."""

    seconds: float


@dataclass(frozen=True)
class Wait:
    """Step: the cloud did not take the last step; come again after so long."""

    seconds: float


@dataclass(frozen=True)
class Branch:
    """Step: this journal's numbers belong to somebody else's lines by now, or a line of it is damaged; go on in a new
    one that names it. With an `elder` it is that one's numbers that are somebody else's."""

    reason: Why
    elder: str = ""


Step = Open | Push | Pull | Fetch | Offer | Bring | Rest | Wait | Branch


@dataclass(frozen=True)
class Talk:
    """Where the talk with the cloud stands. Made anew at each start of the program; nothing of it is stored.

    `ack` is what the cloud has by its last word in this session; `failures` counts steps that failed in a row, `pause`
    is what the cloud asked for, `spread` the seconds over which it wants returning tills to come; `words` say what is
    wrong, empty while all is well.
    """

    session: Session | None = None
    ack: int = 0
    feed_due: bool = True
    model_due: bool = True
    failures: int = 0
    waited: bool = True
    pause: float = 0.0
    spread: float = 0.0
    most: int = 0
    words: str = ""
    branch: Why | None = None
    elder: str = ""


def next_step(talk: Talk, own: Own, chance: float) -> Step:
    """What to do now; `chance` is a random number in [0, 1) for the pause after a failure (full jitter)."""
    if talk.branch is not None:
        return Branch(talk.branch, talk.elder)
    if not talk.waited:
        return Wait(_pause(talk, chance))
    if talk.session is None:
        return Open()
    if own.head != talk.ack:
        behind = own.head < talk.ack
        return Fetch(own.head) if behind else Push(talk.ack + 1, min(own.head, talk.ack + _most(talk)))
    if talk.feed_due:
        return Pull(own.feed if own.generation == talk.session.generation else 0, talk.session.generation)
    return _when_all_is_said(talk, own, float(talk.session.limits.idle_s or IDLE_SYNC_SECONDS))


def _when_all_is_said(talk: Talk, own: Own, idle_s: float) -> Step:
    if own.elders:
        return Offer()
    return Bring() if own.model and talk.model_due else Rest(idle_s)


def opened(talk: Talk, own: Own, said: Session, own_hash_at_ack: str | None) -> Talk:
    """The cloud opened a session. It may have less than before, and is obeyed; it must have what we wrote.

    It may have more, when this till was set back to an old copy and has recorded nothing since: that is fetched.
    `own_hash_at_ack` is our chain's hash at its `ack` (None: we have no such event).
    """
    if said.ack <= own.head and own_hash_at_ack != said.ack_hash:
        return _forked(talk, said.ack)
    spread = float(said.limits.spread_s)
    return replace(_well(talk), session=said, ack=said.ack, feed_due=True, most=0, spread=spread)


def pushed(talk: Talk, own: Own, sent: tuple[int, str], said: Ack) -> Talk:
    """The cloud answered a push up to `sent` (last seq, its hash); only an echo of that is an answer to it."""
    session = talk.session.session if talk.session else -1
    if (said.journal, said.session, said.to, said.head_hash) != (own.journal, session, *sent):
        return failed(talk, "The answer does not belong to what was sent.")
    if not sent[0] <= said.received <= own.head:
        return failed(talk, f"The answer says {said.received}, but {sent[0]} was sent of {own.head}.")
    return replace(_well(talk), ack=said.received)


def fetched(talk: Talk, own: Own, reached: str | None) -> Talk:
    """The journal's own events behind `own.head` came; `reached` is the chain's hash after them (None: they are no
    lines of a journal). Only what leads to the hash that the cloud said goes on from ours; else our last lines are
    others."""
    if talk.session is not None and reached == talk.session.ack_hash:
        return _well(talk)
    lost = f"The cloud's {talk.ack} events of this journal do not go on from the {own.head} here: it was set back."
    return replace(failed(talk, lost), branch="restored")


def pulled(talk: Talk, page: FeedPage) -> Talk:
    """A page of the feed came, and was kept; there is more when it did not reach the head."""
    if talk.session is None or page.generation != talk.session.generation:
        return failed(talk, "The feed is of another generation.")
    return replace(_well(talk), feed_due=not page.reached, model_due=True)


def offered(talk: Talk) -> Talk:
    """The cloud has what it lacked of the journals before; this one's session is opened anew."""
    return replace(_well(talk), session=None)


def disowned(talk: Talk, elder: str) -> Talk:
    """The cloud has another till's lines where a journal before this one had its own."""
    words = "Another till went on from a journal before this one, and the cloud has its lines."
    return replace(failed(talk, words), branch="fork", elder=elder)


def brought(talk: Talk, *, goes_on: bool) -> Talk:
    """A part of a model came, or (not `goes_on`) there is nothing to do about it until the feed is looked at again."""
    return replace(_well(talk), model_due=goes_on)


def refused(talk: Talk, said: Refusal, own_hash_at_ack: str | None, *, wait_s: float = 0.0) -> Talk:
    """The cloud said no. A new session finds out where it stands; only what needs a person is said to be so.

    `own_hash_at_ack` is our chain's hash at the refusal's `ack`.
    """
    if said.error == "SIZE" and _most(talk) > 1:
        return replace(talk, most=_most(talk) // 2)
    if said.error == "FORK" and own_hash_at_ack != said.hash:
        return _forked(talk, said.ack)
    if said.error in NEEDS_A_PERSON:
        return _halted(talk, f"The cloud refuses this till: {said.words}.")
    return failed(talk, f"The cloud said {said.error}: {said.words}.", wait_s=wait_s)


def failed(talk: Talk, words: str, *, wait_s: float = 0.0) -> Talk:
    """A step failed, whatever the reason: the session is thrown away, and the next try comes after a pause."""
    return replace(talk, session=None, failures=talk.failures + 1, waited=False, pause=wait_s, words=words)


def damaged(talk: Talk, words: str) -> Talk:
    """A line here is not what was written: the cloud would refuse it for ever."""
    return replace(failed(talk, words), branch="corrupt")


def branched(talk: Talk) -> Talk:
    """The new journal stands; the talk begins anew with it."""
    return Talk(words=f"{talk.words} This till goes on in a new journal.")


def waited(talk: Talk) -> Talk:
    """The pause is over."""
    return replace(talk, waited=True, pause=0.0)


def feed_due(talk: Talk) -> Talk:
    """It is time to look into the feed again."""
    return replace(talk, feed_due=True)


def _forked(talk: Talk, seq: int) -> Talk:
    words = f"Another till goes on from the same journal: event {seq} is not ours."
    return replace(failed(talk, words), branch="fork")


def _halted(talk: Talk, words: str) -> Talk:
    """What trying again can't mend: said plainly, and asked again only now and then."""
    return replace(failed(talk, words), failures=max(9, talk.failures + 1))


def _well(talk: Talk) -> Talk:
    return replace(talk, failures=0, words="", pause=0.0)


def _most(talk: Talk) -> int:
    assert talk.session is not None, "only a session has limits"
    return talk.most or max(1, talk.session.limits.batch_events)


def _pause(talk: Talk, chance: float) -> float:
    """Full jitter: anything up to 2^failures seconds, five minutes at the most; never less than the cloud asked for.

    Returning tills are spread as the cloud wished; one that it refused was told when to come.
    """
    spread = 0.0 if talk.pause else talk.spread
    return talk.pause + chance * max(spread, min(LONGEST_PAUSE_S, 2.0 ** min(talk.failures, 9)))
