"""The model's questions about a whole shop on one evening: features, the base's answers, and what came since."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .base import WINDOW
from .dispersions import curve_of, dispersions
from .features import HORIZON_OF_KIND, KINDS, Evening, Floats, asked_features, common_features
from .habits import HORIZONS, Habits
from .lattices import Studies
from .series import WEEK, Opening

Picks = NDArray[np.intp]
ACTIVE_DAYS = 84


@dataclass(frozen=True)
class Rows:
    """One evening's questions: (skus x kinds) rows of features, kind by kind, and the base's answers by SKU.

    `base` (skus, 7) daily means ahead; `phi` (skus, horizons); `came` (skus, 7) what sold then, NaN on days that say
    nothing, and wholly NaN where the week has not come yet.
    """

    skus: tuple[str, ...]
    features: Floats
    base: Floats
    phi: Floats
    came: Floats


def past_rows(studies: Studies, ago: int) -> Rows:
    """All SKUs active on the evening `ago` >= 1 weeks back, with the week that came after it."""
    end = studies.sold.shape[1] - WEEK * ago
    picked: Picks = np.flatnonzero(studies.sold[:, max(0, end - ACTIVE_DAYS) : end].any(axis=1))
    ahead = slice(end, end + WEEK)
    came = np.where(studies.seen[:, ahead], studies.sold[:, ahead], np.nan)[picked]
    base = studies.weeks[ago] * studies.traded[ahead]
    curves = [curve_of(studies.misses(ago, h)) for h in range(len(HORIZONS))]
    return _rows(studies, ago, picked, base, curves, came)


def present_rows(studies: Studies, habits: Habits, opening: Opening) -> Rows:
    """The given SKUs, all of them, on the newest evening; days that the calendar calls closed expect nothing."""
    is_open = np.array([opening.minutes(studies.last + ahead) is not None for ahead in range(1, WEEK + 1)])
    base = studies.weeks[0] * is_open
    curves = [np.array(one) for one in habits.curves]
    return _rows(studies, 0, np.arange(len(studies.skus)), base, curves, np.full(base.shape, np.nan))


def _rows(studies: Studies, ago: int, picked: Picks, base: Floats, curves: Sequence[Floats], came: Floats) -> Rows:
    end = studies.sold.shape[1] - WEEK * ago
    window = slice(end - WINDOW, end)
    evening = Evening(studies.sold[picked, window], studies.seen[picked, window], studies.weeks[ago][picked])
    base = base[picked]
    phi = _phi(studies, ago, picked, base, curves)
    return Rows(tuple(studies.skus[i] for i in picked), _questions(evening, base, phi), base, phi, came)


def _phi(studies: Studies, ago: int, picked: Picks, base: Floats, curves: Sequence[Floats]) -> Floats:
    """(skus, horizons) from each horizon's misses by SKU, its curve, and the base's means."""
    columns = [
        dispersions(studies.misses(ago, h).of(picked), curves[h], base[:, :horizon].sum(axis=1))
        for h, horizon in enumerate(HORIZONS)
    ]
    return np.stack(columns, axis=1)


def _questions(evening: Evening, base: Floats, phi: Floats) -> Floats:
    common = common_features(evening)
    asked = [
        asked_features(evening, kind, base[:, kind[0] - 1 : kind[1]].sum(axis=1), phi[:, horizon])
        for kind, horizon in zip(KINDS, HORIZON_OF_KIND, strict=True)
    ]
    return np.concatenate([np.hstack([common, one]) for one in asked])
