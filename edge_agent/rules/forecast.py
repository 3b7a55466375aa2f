"""What the device expects to sell: one stored forecast per SKU, in integers, summed over any interval by `decide`."""

from dataclasses import dataclass

FALLBACK = "fallback"
"""The forecaster's name where the base speaks because the model that should has failed."""


@dataclass(frozen=True)
class Factor:
    """What moves the demand of some days: `parts[i]` is its factor on local day `first_day + i`, in millionths.

    `kind` is `trend` or `count` (a signal of `value` against `usual`, both in thousandths, told on ordinal `day` by
    `source`), `closed` (the factor is 0), or the kind of a local event, whose factor was learnt from `seen` like it.
    """

    kind: str
    name: str
    source: str
    day: int
    first_day: int
    parts: tuple[int, ...]
    value: int = 0
    usual: int = 0
    seen: int = 0


@dataclass(frozen=True)
class Forecast:
    """Expected demand of one SKU in one shop.

    `day_means[i]` is the mean demand of local day `start_day + i` in milli-units (0 on closed days);
    `hour_shares` are 24 integers, the share of a day's demand that falls in each local hour, in 1/10,000 (sum 10,000);
    the variance of any sum is `mean x phi`, `phi_milli` = 1000 x phi (>= 1000: negative binomial, at 1000 Poisson),
    both in whole pieces. `start_day` is a proleptic ordinal of the shop's local date (`date.toordinal()`).
    """

    sku: str
    made_at: int
    start_day: int
    day_means: tuple[int, ...]
    hour_shares: tuple[int, ...]
    phi_milli: int
    forecaster: str
    """`onnx` (the model's mix), `base` (there is no model), `new` (its own few sales), or FALLBACK."""
    model: str
    """SHA-256 of the model file in hex, empty for the base."""
    factors: tuple[Factor, ...] = ()
    """What moved `day_means` on some of its days (`rules.factor` applies and clips them); none: nothing did."""
    plain: tuple[int, ...] = ()
    """`day_means` as they were before `factors`; empty without any."""
    mix: tuple[int, ...] = ()
    """What corrections of the base had earned when it was made, in thousandths: for the first day ahead, the next two
    and the rest the weight of the model, that of the shop's own lean, the level, and the spread over 1, 3 and 7 days.
    Empty: the base alone."""
