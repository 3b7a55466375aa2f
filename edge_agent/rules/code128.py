"""Code 128 as widths of bars and gaps, for paper that a till's printer does not draw itself."""

from edge_agent.errors import BadInput

_PATTERNS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211"
    "221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113"
    "132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121"
    "312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211"
    "221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141"
    "114113114311411113411311113141114131311141411131211412211214211232"
)
START_B = 104
STOP = "2331112"
QUIET = 10
"""Modules that stay white on both sides."""


def widths(text: str) -> tuple[int, ...]:
    """Bar, gap, bar ... in modules, beginning and ending with a bar. BadInput for what has no sign in code set B."""
    if not (text and text.isascii() and text.isprintable()):
        raise BadInput("a barcode holds printable ASCII signs")
    values = [ord(char) - 32 for char in text]
    check = (START_B + sum(place * value for place, value in enumerate(values, start=1))) % 103
    signs = "".join(_PATTERNS[6 * value : 6 * value + 6] for value in (START_B, *values, check))
    return tuple(int(width) for width in signs + STOP)
