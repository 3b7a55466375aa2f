"""Events of the people at the till: who signs on, who allows what, wrong PINs, practice. Ids alone, never a name."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.selling import Person

How = Literal["pin", "badge"]
Act = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]


class SignedOn(Contract):
    """From here on it is this person (the envelope's `by`) who sells; `before` stood there until then."""

    how: How
    before: Person


class TillLocked(Contract):
    """Nobody sells until somebody signs on: by a key, or because nobody touched the till."""

    how: Literal["key", "idle"]


class ActApproved(Contract):
    """Somebody who has the right (`approved`) allowed one act to who stands at the till (the envelope's `by`)."""

    act: Act
    how: How
    approved: Person


class PinRefused(Contract):
    """A PIN or badge that is nobody's, or of nobody with the right: the `wrong`th in a row; the till waits `wait`
    seconds."""

    how: How
    act: Act | Literal[""]
    wrong: Count
    wait: Count


class TrainingBegun(Contract):
    """Practice begins, in a memory of its own: nothing that is done there is in this journal."""


class TrainingEnded(Contract):
    """Back from practice: so many sales were practised."""

    sales: Count


class StaffCode(Contract):
    """Feed entry: at the till `device` a code of the owner's page (argon2id in `hashed`) holds once, until `until`: who
    types it gives `person` a new PIN; an empty person is the first manager of a till that has none."""

    device: Annotated[str, Field(max_length=32)]
    person: Person
    hashed: Annotated[str, Field(max_length=200)]
    until: Count


class StaffCodeUsed(Contract):
    """The owner's code for this person was typed, and the PIN chosen; `code` is made of its hash: it holds no more."""

    person: Person
    code: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("signed_on", 1): SignedOn,
    ("till_locked", 1): TillLocked,
    ("act_approved", 1): ActApproved,
    ("pin_refused", 1): PinRefused,
    ("staff_code", 1): StaffCode,
    ("staff_code_used", 1): StaffCodeUsed,
    ("training_begun", 1): TrainingBegun,
    ("training_ended", 1): TrainingEnded,
}
