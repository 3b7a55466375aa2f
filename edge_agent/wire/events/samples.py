"""Events of samples: handed over with a single-use code, who agreed to texts, what was sent, who said stop."""

from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Sku

Sample = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
"""Made of the code's number, which stands in no event."""
Contact = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
"""A random id; the number behind it lies sealed on its till."""
Mark = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""What a number is known by when it says stop: a slow hash, so that nobody goes back from it to the number."""
Share = Annotated[int, Field(strict=True, ge=0, le=10_000)]


class SampleGiven(Contract):
    """So much of a SKU was given away on ordinal `day`: it leaves the stock and is no sale. The code takes `percent`
    (basis points) off one purchase until ordinal day `expires`. `popup` is where, if at one."""

    sample: Sample
    sku: Sku
    qty: Annotated[int, Field(strict=True, ge=1)]
    day: Count
    expires: Count
    percent: Share
    popup: Annotated[str, Field(max_length=64, exclude_if=not_)] = ""


class TextsAgreed(Contract):
    """Somebody gave a number and agreed, apart from the sample, to texts about it; `wording` is the words' version."""

    contact: Contact
    sample: Sample
    mark: Mark
    wording: Annotated[str, Field(min_length=1, max_length=64)]


class TextsStopped(Contract):
    """No more texts to that number, whoever has it: it holds against every agreement before it."""

    mark: Mark


class TextSent(Contract):
    """A text is handed to the owner's own tool for sending: recorded before, so that it leaves once at most."""

    contact: Contact
    sample: Sample
    step: Literal[0, 3, 7]


class SampleUsed(Contract):
    """Feed entry: a code was used on that ordinal day: no till takes it again."""

    sample: Sample
    day: Count


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("sample_given", 1): SampleGiven,
    ("texts_agreed", 1): TextsAgreed,
    ("texts_stopped", 1): TextsStopped,
    ("text_sent", 1): TextSent,
    ("sample_used", 1): SampleUsed,
}
