"""The shadow: a model that was taken is judged on the shop's own evenings before it speaks, and while it does."""

import hashlib
import logging
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edge_agent.clock import Clock
from edge_agent.demand.child import Child
from edge_agent.demand.messages import shop_to_plain
from edge_agent.demand.series import ShopHistory
from edge_agent.errors import Unreachable
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.models import KnownModel
from edge_agent.lineup import Bench
from edge_agent.renewal import shop_history
from edge_agent.rules.day import DAY_MS
from edge_agent.signals import calm
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.models import Fault, ModelActivated, ModelJudged, ModelSetAside

log = logging.getLogger(__name__)
TRIAL_SECONDS = 900.0
AGAIN_MS = 7 * DAY_MS
"""A model in the shadow, and the one in use, are judged so often."""
NAMED_MS = 90 * DAY_MS
"""So long a decision's own model is kept for `why`."""
SKUS = 800
SUMS = 100
"""With fewer forecasts judged, the verdict would be chance."""
BETTER = 0.999
"""Less is chance, and no reason to change."""
MUCH_WORSE, MUCH_WORSE_THAN_BASE = 1.01, 1.02
LESS_COVERED = 0.02
_HIGH = 3
"""Where the .9, .95 and .99 quantiles begin among those that are judged."""


@dataclass(frozen=True)
class Trial:
    """One model's day in court: losses of the base, of itself, and of what else would speak; coverage of the latter two
    at the high quantiles."""

    evenings: int
    sums: int
    base: float
    own: float
    other: float
    covered: float
    covered_other: float

    @property
    def earns(self) -> bool:
        """Better than what speaks now, no worse than the base, and keeping its promises as well."""
        keeps = self.covered >= self.covered_other - LESS_COVERED
        return self.own <= self.other * BETTER and self.own <= self.base and keeps

    @property
    def fails(self) -> bool:
        """Clearly worse than what else would speak, or than the base."""
        return self.own > self.other * MUCH_WORSE or self.own > self.base * MUCH_WORSE_THAN_BASE


class Shadow:
    """One per till; `tick` does what is due. `changed` is told when another model has the place."""

    def __init__(self, journal: Journal, clock: Clock, bench: Bench, changed: Callable[[], None]) -> None:
        self._journal, self._clock, self._bench, self._changed = journal, clock, bench, changed
        self._put_off: dict[str, int] = {}
        self._tidied = 0

    def tick(self) -> None:
        """Judge what is due, then throw away files that nobody needs, once a day."""
        with self._journal.reading() as memory:
            now = self._clock.now()
            for model in (memory.model_in("shadow"), memory.model_in("in_use")):
                if model is not None and self._is_due(memory, model, now):
                    self._judge(memory, model, now)
            if now // DAY_MS != self._tidied:
                self._tidied = now // DAY_MS
                self._tidy(memory, now)

    def _is_due(self, memory: Reading, model: KnownModel, now: int) -> bool:
        """The newest alone may earn the place; only what is here and of our features can be tried."""
        if model.state == "shadow" and any(one.version > model.version for one in memory.models()):
            return False
        judged = model.judged_at and 0 <= now - model.judged_at < AGAIN_MS
        put_off = 0 <= now - self._put_off.get(model.sha256, now + 1) < DAY_MS
        return not judged and not put_off and self._bench.sound(model)

    def _judge(self, memory: Reading, model: KnownModel, now: int) -> None:
        current = memory.model_in("in_use")
        second = self._bench.second(memory)
        other = current.sha256 if current and model.state == "shadow" and self._bench.sound(current) else second
        trial = self._tried(memory, model, other, now)
        if isinstance(trial, str):
            self._say([_aside(model, "failed", trial, other)])
        elif trial is None:
            self._put_off[model.sha256] = now
        elif model.state == "shadow":
            self._say(self._verdict(model, trial, other))
        else:
            words = f"Its loss of {trial.own:.4f} is worse than {trial.other:.4f} of the one before."
            good = _judged(model, trial, other, better=not trial.fails)
            self._say([good, _aside(model, "worse", words, other)] if trial.fails else [good])

    def _verdict(self, model: KnownModel, trial: Trial, other: str) -> list[Contract]:
        found: list[Contract] = [_judged(model, trial, other, better=trial.earns)]
        if trial.earns:
            found.append(ModelActivated(version=model.version, sha256=model.sha256, before=other))
        return found

    def _say(self, bodies: list[Contract]) -> None:
        self._journal.record(lambda _: [Draft(body) for body in bodies]).result()
        for body in bodies:
            log.info("a model was looked at", extra={"kind": type(body).__name__, **body.model_dump(exclude={"words"})})
        if any(isinstance(body, ModelActivated | ModelSetAside) for body in bodies):
            self._changed()

    def _tried(self, memory: Reading, model: KnownModel, other: str, now: int) -> Trial | str | None:
        """The trial; why the model can't be tried; None when the shop's evenings can't tell yet."""
        shop = _some(calm(memory, shop_history(memory, now), memory.learnt()))
        files = [self._bench.shelf.path(one) for one in (model.sha256, other) if one]
        answer = _asked(files, {"shop": shop_to_plain(shop), "taught_until": model.taught_until})
        verdicts = answer["verdicts"] if answer else []
        if not verdicts or verdicts[0].get("sums", 0) < SUMS or math.isnan(verdicts[0]["loss"]):
            return None
        base, own = verdicts[:2]
        if "error" in own:
            return str(own["error"])
        rival = verdicts[2] if len(verdicts) > 2 and "error" not in verdicts[2] else base
        return Trial(
            evenings=answer["evenings"] if answer else 0,
            sums=own["sums"],
            base=base["loss"],
            own=own["loss"],
            other=rival["loss"],
            covered=_high(own),
            covered_other=_high(rival),
        )

    def _tidy(self, memory: Reading, now: int) -> None:
        offer = memory.model_offer()
        kept = {one.sha256 for one in memory.models() if one.state in ("in_use", "before", "shadow")}
        kept |= memory.models_named(now - NAMED_MS) | {self._bench.shipped_name()}
        gone = self._bench.shelf.keep(kept | {offer.sha256 if offer else ""}, offer.sha256 if offer else "")
        if gone:
            log.info("model files that nothing names any more were deleted", extra={"models": gone})


def _asked(files: list[Path], question: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of a process of its own; None when it does not come, whatever the reason: nothing was judged then."""
    child = Child(files[0], (sys.executable, "-m", "edge_agent.demand.trial", *map(str, files)))
    try:
        return child.ask(question, TRIAL_SECONDS)
    except (Unreachable, OSError) as error:
        log.warning("a model could not be tried: %s", error)
        return None
    finally:
        child.close()


def _some(shop: ShopHistory) -> ShopHistory:
    """A large shop's sample, the same every time."""
    if len(shop.skus) <= SKUS:
        return shop
    ranked = sorted(shop.skus, key=lambda sku: hashlib.sha256(sku.encode()).digest())[:SKUS]
    return replace(shop, skus={sku: shop.skus[sku] for sku in sorted(ranked)})


def _high(verdict: dict[str, Any]) -> float:
    shares = verdict["coverage"][_HIGH:]
    return float(sum(shares) / len(shares))


def _judged(model: KnownModel, trial: Trial, other: str, *, better: bool) -> ModelJudged:
    return ModelJudged(
        sha256=model.sha256,
        before=other,
        evenings=trial.evenings,
        sums=trial.sums,
        loss=round(1e6 * trial.own),
        loss_before=round(1e6 * trial.other),
        loss_base=round(1e6 * trial.base),
        better=better,
    )


def _aside(model: KnownModel, why: Fault, words: str, instead: str) -> ModelSetAside:
    return ModelSetAside(version=model.version, sha256=model.sha256, why=why, words=words[:200], instead=instead)
