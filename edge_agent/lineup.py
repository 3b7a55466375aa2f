"""Which forecaster speaks: the model that earned its place here, else the one before, else the one shipped, else the
base. A model that fails twice in a row gives its place up by itself."""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from edge_agent.demand.child import ChildForecaster, in_its_place
from edge_agent.demand.forecasting import BaseForecaster
from edge_agent.demand.habits import Habits
from edge_agent.demand.schema import SCHEMA
from edge_agent.demand.series import ShopHistory
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.models import KnownModel
from edge_agent.rules.forecast import Forecast
from edge_agent.shelf import Shelf
from edge_agent.wire.events.models import ModelSetAside

log = logging.getLogger(__name__)
FAILURES = 2


@dataclass(frozen=True)
class Bench:
    """The files that may speak: those on the shelf, and the one that came with the program (None: there is none)."""

    shelf: Shelf
    shipped: Path | None

    def sound(self, model: KnownModel | None) -> bool:
        """True when a taken model's file is here as it was signed, and takes the features that this program makes."""
        return model is not None and model.features == SCHEMA and self.shelf.holds(model.sha256)

    def shipped_name(self) -> str:
        """The hash of the shipped model, of which a copy is kept: past decisions name it after an update, too."""
        return self.shelf.put(self.shipped) if self.shipped else ""

    def second(self, memory: Reading) -> str:
        """What speaks where the one in use does not: the one before, else the one shipped, else none (empty)."""
        before = memory.model_in("before")
        return before.sha256 if before and self.sound(before) else self.shipped_name()


@dataclass(frozen=True)
class Speaker:
    """A child that speaks for one file; `model` is the row of a taken one, None for the shipped."""

    sha256: str
    child: ChildForecaster
    model: KnownModel | None


class Lineup:
    """The forecaster of a till. Calls come from one thread at a time; what it finds wrong it records."""

    def __init__(self, journal: Journal, bench: Bench, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._journal, self._bench, self._monotonic = journal, bench, monotonic
        self._base = BaseForecaster()
        self._speaker: Speaker | None = None

    def learn(self, shop: ShopHistory) -> Habits:
        """Whoever has the place learns; one that gives it up is followed by the next at once."""
        while (speaker := self._chosen()) is not None:
            habits = speaker.child.learn(shop)
            if not self._gave_up(speaker):
                return habits
        return self._base.learn(shop)

    def forecast(self, shop: ShopHistory, habits: Habits, skus: Collection[str], at: int) -> dict[str, Forecast]:
        """By the one that learnt; the base in its place where it has gone meanwhile."""
        speaker = self._speaker
        if speaker is None:
            found = self._base.forecast(shop, habits, skus, at)
            return in_its_place(found) if habits.model else found
        found = speaker.child.forecast(shop, habits, skus, at)
        self._gave_up(speaker)
        return found

    def close(self) -> None:
        """End the child and give its memory back."""
        if self._speaker is not None:
            self._speaker.child.close()
        self._speaker = None

    def _chosen(self) -> Speaker | None:
        with self._journal.reading() as memory:
            while (model := memory.model_in("in_use")) is not None and not self._bench.sound(model):
                why = "its file is not what was signed" if model.features == SCHEMA else "this program makes others"
                self._set_aside(memory, model, f"It can't be used any more: {why}.")
        return self._speaks(model) if model else self._speaks_shipped()

    def _speaks(self, model: KnownModel) -> Speaker:
        return self._with(model.sha256, self._bench.shelf.path(model.sha256), model)

    def _speaks_shipped(self) -> Speaker | None:
        shipped = self._bench.shipped
        if shipped is None:
            self.close()
            return None
        try:
            sha256 = self._bench.shipped_name()
            return self._with(sha256, self._bench.shelf.path(sha256), None)
        except OSError as error:
            log.warning("no copy of the shipped model can be kept: %s", error)
            return self._with("", shipped, None)

    def _with(self, sha256: str, file: Path, model: KnownModel | None) -> Speaker:
        if self._speaker is None or self._speaker.sha256 != sha256:
            self.close()
            self._speaker = Speaker(sha256, ChildForecaster(file, self._monotonic, sha256=sha256), model)
        return self._speaker

    def _gave_up(self, speaker: Speaker) -> bool:
        """True when a taken model failed once too often: it is set aside. The shipped one is tried for ever."""
        if speaker.model is None or speaker.child.failures < FAILURES:
            return False
        words = f"It failed {FAILURES} times in a row: {speaker.child.trouble}"
        with self._journal.reading() as memory:
            self._set_aside(memory, speaker.model, words)
        self.close()
        return True

    def _set_aside(self, memory: Reading, model: KnownModel, words: str) -> None:
        body = ModelSetAside(
            version=model.version,
            sha256=model.sha256,
            why="failed",
            words=words[:200],
            instead=self._bench.second(memory),
        )
        self._journal.record(lambda _: [Draft(body)]).result()
        log.warning("a model was set aside: %s", words, extra={"version": model.version, "instead": body.instead[:12]})
