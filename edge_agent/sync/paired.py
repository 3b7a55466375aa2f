"""Whether a till is paired: where its pairing lies, told without loading what signs for it."""

from pathlib import Path

FOLDER = "keys"


def pairing_file(data: Path) -> Path:
    """What the cloud gave at pairing."""
    return data / FOLDER / "cloud.json"


def is_paired(data: Path) -> bool:
    """True for a till that belongs to a cloud, reachable or not."""
    return pairing_file(data).exists()
