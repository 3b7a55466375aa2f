"""What the till says: one till speaks one language, its shop's."""

from edge_agent.rules.tongue import pointed_in, said_in, say_in


class _Spoken:
    language = "en"


def speak(language: str) -> None:
    """Called when the shop is known."""
    _Spoken.language = language


def spoken() -> str:
    """The language that is spoken."""
    return _Spoken.language


def say(text: str, /, **fields: object) -> str:
    """The text in the shop's language, its {fields} filled in."""
    return say_in(_Spoken.language, text, **fields)


def told(words: str) -> str:
    """The words of an error, which knows no language, in the shop's."""
    return said_in(_Spoken.language, words)


def pointed(figure: str) -> str:
    """A figure with the language's mark before its decimals."""
    return pointed_in(_Spoken.language, figure)
