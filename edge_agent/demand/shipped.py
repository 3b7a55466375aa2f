"""What came with the program: the demand model that speaks until a cloud has published a better one, and the priors."""

import json
import logging
from functools import lru_cache

from edge_agent.places import model_file, priors_file

from .priors import NEUTRAL, Priors, priors_from

__all__ = ["model_file", "shipped_priors"]

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def shipped_priors() -> Priors:
    """What other shops foretell of a young one; without the file, or with a broken one, nothing."""
    file = priors_file()
    if file is None:
        return NEUTRAL
    try:
        return priors_from(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the priors that came with the program cannot be read: %s", error)
        return NEUTRAL
