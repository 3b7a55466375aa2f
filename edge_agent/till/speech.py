"""What the till says: one till speaks one language, its shop's."""

from edge_agent.rules.tongue import say_in


class _Spoken:
    language = "en"


def speak(language: str) -> None:
    """Called when the shop is known."""
    _Spoken.language = language


def say(text: str, **fields: object) -> str:
    """The text in the shop's language, its {fields} filled in."""
    return say_in(_Spoken.language, text, **fields)
