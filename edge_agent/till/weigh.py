"""A weighed item with a scale beside the till: what lies on it is sold as soon as it stands still, or typed by hand."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge_agent.errors import DropshelfError
from edge_agent.till.ask import AskView, Question
from edge_agent.till.speech import say
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.devices.scale import Scale
    from edge_agent.rules.sale import Article
    from edge_agent.rules.scale import Weighed
    from edge_agent.till.front import Front


def words_of(state: str) -> str:
    """What the scale's state means to who stands there."""
    return {
        "empty": say("Nothing lies on the scale."),
        "moving": say("The scale moves still."),
        "under": say("The scale is below nought: take all off, set it to zero."),
        "over": say("That is too much for the scale."),
    }.get(state, say("The scale says nothing that can be read."))


class WeighView(AskView):
    """Asks the scale again and again while it is shown, one question at a time, off the screen's thread."""

    def __init__(self, till: "Front", article: "Article", scale: "Scale", sell: Callable[[str], None]) -> None:
        self._words = [say("{name}, by the {unit}.", name=article.name, unit=article.unit), say("The scale is asked.")]
        self._words.append("Or type its weight: 742 (grams) or 0.742, Enter.")
        super().__init__(till, Question(self._words, sell))
        self._scale, self._sell = scale, sell
        self._look()

    def _look(self) -> None:
        self.till.app.work(self._scale.weigh, self._weighed)

    def _weighed(self, done: "Future[Weighed]") -> None:
        if self.till.view is not self:
            return
        error = done.exception()
        if isinstance(error, DropshelfError):
            # It is typed; asking on would only take the words away that say why.
            self._words[1] = said(error)
        elif error is not None:
            self._words[1] = words_of("unknown")
        elif done.result().state == "stable" and not self.entry:
            self._answer(self._sell, str(done.result().milli))
        else:
            self._words[1] = words_of(done.result().state) if not self.entry else ""
            self._look()
