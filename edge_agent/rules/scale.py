"""What a counter scale answers: a weight that stands still, or why there is none; never a nought for an error. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

State = Literal["stable", "empty", "moving", "under", "over", "unknown"]
ASK = b"W"
STX, CR = b"\x02", b"\r"
LONGEST = 32
_WEIGHT = re.compile(rb"\x02(\d{1,3})\.?(\d{3})\r")
_STATUS = re.compile(rb"\x02\?([\x00-\x7f])\r")
_MOVING, _OVER, _UNDER = 0x01, 0x02, 0x04


@dataclass(frozen=True)
class ScaleProfile:
    """A model of scale: its serial speed, 7 bits with `even` parity or 8 without, and the unit that it weighs in."""

    model: str
    baud: int
    even: bool
    unit: str


@dataclass(frozen=True)
class Weighed:
    """One answer; `milli` thousandths of the unit are above 0 where it is `stable`, and else 0."""

    state: State
    milli: int = 0


def read_answer(heard: bytes) -> Weighed | None:
    """What a Toledo 8217 said in answer to `ASK`; None while it is not whole. Noise before it is passed over."""
    begin = heard.find(STX)
    if begin < 0 or CR not in heard[begin:]:
        return Weighed("unknown") if len(heard) > LONGEST else None
    answer = heard[begin : heard.index(CR, begin) + 1]
    weight, status = _WEIGHT.fullmatch(answer), _STATUS.fullmatch(answer)
    if weight:
        milli = int(weight[1] + weight[2])
        return Weighed("stable", milli) if milli else Weighed("empty")
    return Weighed(_why(status[1][0])) if status else Weighed("unknown")


def _why(bits: int) -> State:
    if bits & _OVER:
        return "over"
    if bits & _UNDER:
        return "under"
    return "moving" if bits & _MOVING else "unknown"
