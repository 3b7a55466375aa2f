"""Making a candidate: lessons of the sampled shops, training behind the parity gate, the trial, and what is kept."""

import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from sqlmodel import Session

from cloud_sync.database import Database
from cloud_sync.fleet import Lessons, Settings, Trained, lessons, train
from cloud_sync.published import newest
from cloud_sync.retraining.shops import HELD_DAYS, LEAST_DAYS, Chosen, chosen_shops, history_of
from cloud_sync.retraining.trial import Outcome, ShopTrial, outcome, tried
from cloud_sync.tables.fleet import Candidate
from edge_agent.demand.backtest import judged_evenings
from edge_agent.demand.features import SCHEMA
from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ShopHistory
from edge_agent.demand.shipped import model_file
from edge_agent.errors import BadInput, Broken

MOST_ROWS = 240_000
"""All shops together; with 38 features this is 75 MB."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Sampling:
    """How much is looked at: shops at most, of those so many in the trial, the seed of every choice."""

    seed: int = 20260101
    shops: int = 200
    tried: int = 40


@dataclass(frozen=True)
class Made:
    """What was made: the converted model and its trial."""

    trained: Trained
    taught_until: int
    outcome: Outcome
    trials: tuple[ShopTrial, ...]
    in_use: str
    seed: int
    shops: int
    of: int

    def verdict(self) -> dict[str, object]:
        """As JSON: what is printed, and stored with the candidate."""
        return {
            "sha256": self.trained.sha256,
            "bytes": len(self.trained.onnx),
            "features": SCHEMA,
            "rows": self.trained.rows,
            "parity": self.trained.parity,
            "taught_until": self.taught_until,
            "in_use": self.in_use,
            "seed": self.seed,
            "shops": self.shops,
            "of": self.of,
            **asdict(self.outcome),
            "trials": [{**asdict(one), "ratio": one.ratio} for one in self.trials],
        }


def make(database: Database, sampling: Sampling, settings: Settings, say: Say) -> Made:
    """Train on the synced sales of the sampled shops and try the result. Nothing is stored yet.

    One shop's history is in memory at a time. BadInput when no shop has enough.
    """
    with database.service().reading() as session:
        shops, of = chosen_shops(session, most=sampling.shops, seed=sampling.seed)
        say(f"{len(shops)} of {of} shops, seed {sampling.seed}")
        taught, until = _lessons(session, shops, sampling, settings, say)
        trained = train(taught, settings)
        say(f"{trained.rows} rows, {len(trained.onnx)} bytes, parity {trained.parity:.1e}")
        trials, in_use = _trials(session, shops, trained, sampling, say)
    if not trials:
        raise BadInput(f"no shop has the {LEAST_DAYS} days of sales that it takes to judge a model")
    return Made(trained, until, outcome(trials), tuple(trials), in_use, sampling.seed, len(shops), of)


def keep(database: Database, made: Made, file: Path, now: int) -> None:
    """Write the candidate's file, and the verdict on it into the database."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".next")
    fresh.write_bytes(made.trained.onnx)
    fresh.replace(file)
    row = Candidate(
        sha256=made.trained.sha256,
        made_at=now,
        features=SCHEMA,
        taught_until=made.taught_until,
        better=made.outcome.better,
        verdict=json.dumps(made.verdict()).encode(),
    )
    with database.writing() as session:
        session.merge(row)


def _lessons(
    session: Session, shops: Sequence[Chosen], sampling: Sampling, settings: Settings, say: Say
) -> tuple[list[Lessons], int]:
    """What the shops that are not held out teach, up to their held days; and the last day that taught anything."""
    teachers = [shop for shop in shops if not shop.held_out]
    most = max(1_000, MOST_ROWS // max(1, len(teachers)))
    taught, until = [], 0
    for shop in teachers:
        history = history_of(session, shop, seed=sampling.seed)
        try:
            learnt = _first(lessons(history.as_of(history.today - HELD_DAYS), settings), most)
        except BadInput:
            say(f"{shop.name}: too little to learn from")
            continue
        taught.append(learnt)
        until = max(until, history.today - HELD_DAYS - 1)
        say(f"{shop.name}: {len(history.skus)} items, {len(learnt)} rows")
    if not taught:
        raise BadInput(f"no shop has the {LEAST_DAYS} days of sales that it takes to learn from")
    return taught, until


def _first(learnt: Lessons, most: int) -> Lessons:
    """They are in the order of a draw already."""
    return Lessons(**{one.name: getattr(learnt, one.name)[:most] for one in fields(learnt)})


def _trials(
    session: Session, shops: Sequence[Chosen], trained: Trained, sampling: Sampling, say: Say
) -> tuple[list[ShopTrial], str]:
    """Held-out shops first, then others up to the sampling's number."""
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        candidate = _loaded(folder / "candidate.onnx", trained.onnx)
        in_use = _in_use(session, folder)
        found = []
        for shop in sorted(shops, key=lambda one: not one.held_out)[: sampling.tried]:
            history = history_of(session, shop, seed=sampling.seed)
            if not _can_judge(history):
                continue
            one = tried(shop.name, history, (candidate, in_use), held_out=shop.held_out)
            found.append(one)
            kind = "held out" if shop.held_out else "its held weeks"
            say(f"{shop.name} ({kind}): base {one.base:.4f}, in use {one.in_use:.4f}, candidate {one.candidate:.4f}")
    return found, in_use.sha256 if in_use else ""


def _can_judge(shop: ShopHistory) -> bool:
    """True when all its judged evenings have something to forecast and came to something."""
    first = min((one.days[0] for one in shop.skus.values() if one.days), default=shop.today)
    evenings = judged_evenings(shop.today - 1)
    sold = any(one.sold_within(evenings[0], shop.today) for one in shop.skus.values())
    return sold and shop.today - first >= LEAST_DAYS


def _in_use(session: Session, folder: Path) -> DemandModel | None:
    """The newest published model, else the one shipped; None when this program makes other features than either."""
    row, shipped = newest(session), model_file()
    try:
        if row is not None:
            return _loaded(folder / "in_use.onnx", row.file)
        return DemandModel(shipped) if shipped else None
    except Broken:
        return None


def _loaded(file: Path, data: bytes) -> DemandModel:
    file.write_bytes(data)
    return DemandModel(file)
