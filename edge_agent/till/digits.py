"""Big figures in plain ASCII, three cells wide and five high, for the one number that matters now."""

HEIGHT = 5

_FORMS = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    ".": (" ", " ", " ", " ", "#"),
    ",": ("  ", "  ", "  ", " #", "# "),
    "-": ("   ", "   ", "###", "   ", "   "),
}


def big(figure: str, width: int) -> list[str]:
    """`figure` ("12.95") as five rows of text flush right in `width` cells; small when there is no room."""
    forms = [_FORMS[char] for char in figure]
    rows = [" ".join(form[y] for form in forms) for y in range(HEIGHT)]
    if len(rows[0]) > width:
        rows = ["", "", figure, "", ""]
    return [text.rjust(width) for text in rows]
