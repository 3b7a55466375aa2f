"""Eleven known methods that forecast one series at a time; the twelfth, LightGBM, learns from the whole shop (boosted).

Each takes a SKU's daily pieces from its first sale to the evening, zeros included, and gives seven daily means; those
with intervals of their own also give the quantiles of the sums over each horizon.
"""

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge_agent.demand.features import Floats
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.metrics import LEVELS
from edge_agent.demand.series import WEEK

LONGEST = 730
"""The slow methods see the last two years of a longer series."""
WEEKS_OF_WEEKDAYS = 8
ROLLED_DAYS = 56
PATHS = 400
_NUMBA = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Answer:
    """Seven daily means; `own` are the method's own quantiles of the sums (horizons, levels), where it has any."""

    means: Floats
    own: Floats | None = None


@dataclass(frozen=True)
class Peer:
    """One method: `dresses` are the ways in which its quantiles are made (see `dressing`); the best counts."""

    name: str
    answer: Callable[[Floats], Answer]
    dresses: tuple[str, ...] = ("nb",)
    slow: bool = False


def seasonal_naive(series: Floats) -> Answer:
    """The last week again."""
    week = np.zeros(WEEK)
    week[max(0, WEEK - len(series)) :] = series[-WEEK:]
    return Answer(week)


def mean_28(series: Floats) -> Answer:
    """The mean of the last 28 days."""
    return Answer(np.full(WEEK, series[-28:].mean()))


def same_weekdays(series: Floats) -> Answer:
    """What the same stretch of the week sold in each of the last eight weeks."""
    weeks = max(1, min(WEEKS_OF_WEEKDAYS, len(series) // WEEK))
    padded = np.concatenate([np.zeros(max(0, WEEK * weeks - len(series))), series])[-WEEK * weeks :]
    grid = padded.reshape(weeks, WEEK)
    sums = [grid[:, :horizon].sum(axis=1) for horizon in HORIZONS]
    return Answer(grid.mean(axis=0), _empirical(sums))


def rolling(series: Floats) -> Answer:
    """The sums of every stretch of the horizon's length within the last 56 days."""
    recent = series[-ROLLED_DAYS:]
    sums = [np.convolve(recent, np.ones(min(horizon, len(recent))), "valid") for horizon in HORIZONS]
    return Answer(np.full(WEEK, recent.mean()), _empirical(sums))


def _empirical(sums: list[Floats]) -> Floats:
    return np.stack([np.quantile(one, LEVELS, method="inverted_cdf") for one in sums])


def _library(name: str, **words: Any) -> Callable[[Floats], Answer]:
    """A method of statsforecast; the series' own mean where it refuses (too short, constant)."""

    def answer(series: Floats) -> Answer:
        fitted = _fitted(name, words, series)
        return Answer(_cleaned(fitted.predict(WEEK)["mean"], series)) if fitted else mean_28(series)

    return answer


def _fitted(name: str, words: Mapping[str, Any], series: Floats) -> Any:
    for variable in _NUMBA:
        os.environ.setdefault(variable, "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsforecast import models

        try:
            return getattr(models, name)(**words).fit(series[-LONGEST:])
        except Exception:  # noqa: BLE001  (it raises bare Exceptions for series that it cannot fit)
            return None


def _cleaned(means: Any, series: Floats) -> Floats:
    usual = float(series[-28:].mean())
    cleaned: Floats = np.nan_to_num(np.clip(np.asarray(means, dtype=np.float64), 0.0, None), nan=usual, posinf=usual)
    return cleaned


def autoets(series: Floats) -> Answer:
    """AutoETS with a season of a week; its own intervals of the sums come from simulated paths."""
    fitted = _fitted("AutoETS", {"season_length": WEEK}, series)
    if fitted is None:
        return mean_28(series)
    means = _cleaned(fitted.predict(WEEK)["mean"], series)
    try:
        paths = np.nan_to_num(np.asarray(fitted.simulate(h=WEEK, n_paths=PATHS, seed=1)))
    except Exception:  # noqa: BLE001  (as above)
        return Answer(means)
    sums = [np.quantile(paths[:, :horizon].sum(axis=1), LEVELS) for horizon in HORIZONS]
    return Answer(means, np.clip(np.stack(sums), 0.0, None))


def autotheta(series: Floats) -> Answer:
    """AutoTheta with a season of a week; its own daily intervals, taken as independent, give those of the sums."""
    fitted = _fitted("AutoTheta", {"season_length": WEEK}, series)
    if fitted is None:
        return mean_28(series)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = fitted.predict(WEEK, level=[80])
    means = _cleaned(told["mean"], series)
    deviations = np.nan_to_num((np.asarray(told["hi-80"]) - np.asarray(told["lo-80"])) / (2 * _Z_80))
    sums = [means[:horizon].sum() + _NORMAL * np.sqrt((deviations[:horizon] ** 2).sum()) for horizon in HORIZONS]
    return Answer(means, np.clip(np.stack(sums), 0.0, None))


_Z_80 = 1.2815515655446004
_NORMAL = np.array([-_Z_80, 0.0, 0.8416212335729143, _Z_80, 1.6448536269514722, 2.3263478740408408])

PEERS = (
    Peer("seasonal naive", seasonal_naive),
    Peer("28-day mean + Poisson", mean_28, ("poisson",)),
    Peer("28-day mean + NB", mean_28),
    Peer("same weekday, 8 weeks", same_weekdays, ("own", "nb")),
    Peer("rolling, 56 days", rolling, ("own", "nb")),
    Peer("Croston-SBA", _library("CrostonSBA"), ("nb", "conformal")),
    Peer("TSB", _library("TSB", alpha_d=0.1, alpha_p=0.1), ("nb", "conformal")),
    Peer("ADIDA", _library("ADIDA"), ("nb", "conformal")),
    Peer("IMAPA", _library("IMAPA"), ("nb", "conformal")),
    Peer("AutoETS", autoets, ("nb", "own", "conformal"), slow=True),
    Peer("AutoTheta", autotheta, ("nb", "own", "conformal"), slow=True),
)
LIGHTGBM = "LightGBM quantile"
