"""What the device expects to sell: one stored forecast per SKU, in integers, summed over any interval by `decide`."""

from dataclasses import dataclass


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
    """`base` or `onnx`."""
    model: str
    """SHA-256 of the model file in hex, empty for the base."""
