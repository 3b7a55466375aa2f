"""The German words of the till, by their English ones: screens, people, keys, errors and paper."""

from collections.abc import Mapping

from edge_agent.rules.german_errors import ERRORS
from edge_agent.rules.german_keys import KEYS
from edge_agent.rules.german_paper import PAPER
from edge_agent.rules.german_people import PEOPLE
from edge_agent.rules.german_screens import SCREENS
from edge_agent.rules.german_trade import TRADE

GERMAN: Mapping[str, str] = {**PAPER, **ERRORS, **KEYS, **PEOPLE, **SCREENS, **TRADE}
