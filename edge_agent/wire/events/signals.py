"""Events and feed entries of what moves demand from outside: values of signals, and what is on the local calendar."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.limits import NAME_CHARACTERS

Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS)]
Source = Annotated[str, Field(max_length=NAME_CHARACTERS)]
About = Annotated[str, Field(max_length=64)]
EVENT_DAYS = 92


class SignalRecorded(Contract):
    """The value (in thousandths) of a signal at a time (UTC ms); a later word of the same name, time and `about` holds.

    A `trend` is held against the spread of its earlier values, a `count` against the usual one. `about` is a SKU, a
    group of SKUs or a category; empty: the whole shop.
    """

    name: Name
    kind: Literal["trend", "count"]
    about: About
    at: Count
    value: Count
    source: Source


class LocalEventAdded(Contract):
    """Something on the calendar from ordinal `first_day` to `last_day`; a later word of the same name and first day
    holds, and `called_off` takes it away.

    Of a `kind` (night market, holiday, promotion) the till learns what it does; `closed` closes the shop. `attendance`
    is how many people are expected, `distance` how far away it is in metres; 0: nobody knows.
    """

    name: Name
    kind: Annotated[str, Field(min_length=1, max_length=32)]
    about: About
    first_day: Count
    last_day: Count
    attendance: Count
    distance: Count
    source: Source
    called_off: bool = False


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("signal_recorded", 1): SignalRecorded,
    ("local_event_added", 1): LocalEventAdded,
}
