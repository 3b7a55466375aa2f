"""Events of a fiscal device: from which receipt on it signs, what it said of each, and when it failed."""

from typing import Annotated

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.sales import UNLESS_EMPTY

Number = Annotated[int, Field(strict=True, ge=1)]
Said = Annotated[str, Field(max_length=512)]


class FiscalDeviceSet(Contract):
    """From receipt `first` on the device of this `model` signs; an empty model: none any more."""

    model: Annotated[str, Field(max_length=32)]
    first: Number


class FiscalSigned(Contract):
    """What the device said of a receipt (the event's `because` is its sale or refund).

    `receipt` 0: of something begun at the counter and given up. `began` and `ended` are the device's own UTC ms,
    `data` of the sort `kind` is what it signed, `counter` counts its signatures, `serial` is its own.
    """

    receipt: Count
    serial: Annotated[str, Field(max_length=128)]
    transaction: Count
    counter: Count
    began: Count
    ended: Count
    kind: Annotated[str, Field(max_length=32)]
    data: Said
    algorithm: Annotated[str, Field(max_length=64)]
    signature: Said
    public_key: Annotated[Said, UNLESS_EMPTY] = ""


class FiscalFailed(Contract):
    """The device signed nothing of this receipt, and `why`; it is marked, and never signed afterwards."""

    receipt: Number
    why: Annotated[str, Field(max_length=120)]


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("fiscal_device_set", 1): FiscalDeviceSet,
    ("fiscal_signed", 1): FiscalSigned,
    ("fiscal_failed", 1): FiscalFailed,
}
