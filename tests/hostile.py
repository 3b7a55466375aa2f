"""Two hundred names that nobody means well: made from one seed, for every sink to survive."""

import random

SEED = 20_261
_EVIL = [
    "\x1b@", "\x1b[31m", "\x1b]0;title\x07", "\x1bp\x00\x19ú", "\x1dV\x00", "\x1d(k\x03\x001Q0",
    "\x10\x14\x01\x00\x05", "\x10\x04\x01", "\x1c.", "\x00", "\r", "\n", "\t", "\x7f", "\x9b31m", "\x85",
    "\u202e", "\u2066", "\u200b", "\ufeff", "[/]", "[bold red]", "[@click=app.quit]x[/]", "{{7*7}}",
    "<script>alert(1)</script>", "&amp;", "'; DROP TABLE items;--", "=cmd|' /C calc'!A0", "@SUM(1)", "+1",
    "-1", "%s%n", "../../etc/passwd", "e\u0301" * 9, "Z\u0300\u0301\u0302\u0303\u0304", "日本語", "العربية",
    "\U0001f95b", "\ud800", "\u2028", "€", "£", "Pão", "Łódź", "Ünïcödé", "Борщ", "{A{B", "]E0", "A" * 4000,
]  # fmt: skip
_PLAIN = ["Milk", "bread", "1 l", "", " ", "x"]


def hostile_names(count: int = 200, seed: int = SEED) -> list[str]:
    """Each piece alone, then mixtures of them."""
    dice = random.Random(seed)
    mixed = ["".join(dice.choices(_EVIL[:-1] + _PLAIN, k=dice.randint(2, 12))) for _ in range(count - len(_EVIL))]
    return [*_EVIL, *mixed]
