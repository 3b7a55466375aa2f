"""Where the program's version and the files that come with it lie: in the installed wheel, else in the checkout."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def model_file() -> Path | None:
    """The demand model that came with the program; None when there is none."""
    for folder in (_HERE / "_data" / "models", _HERE.parent / "models"):
        if (folder / "demand.onnx").is_file():
            return folder / "demand.onnx"
    return None


def firmware_configs() -> Path:
    """The folder of device profiles and system files: scanners/, printers/, systemd/, udev/."""
    installed = _HERE / "_data" / "firmware_configs"
    return installed if installed.is_dir() else _HERE.parent / "firmware_configs"


def program_version() -> str:
    """The installed version; a plain checkout says `0+checkout`."""
    try:
        return version("dropshelf")
    except PackageNotFoundError:
        return "0+checkout"
