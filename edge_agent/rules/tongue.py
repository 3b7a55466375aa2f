"""What screen and paper say, in the shop's language: English stands where it is said, German in `german`."""

from edge_agent.rules.german import GERMAN


def say_in(language: str, text: str, **fields: object) -> str:
    """The text in that language, its {fields} filled in; what has no translation is said in English."""
    words = GERMAN.get(text, text) if language == "de" else text
    return words.format(**fields) if fields else words
