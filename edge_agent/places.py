"""Where the program's version and the files that come with it lie: in the installed wheel, else in the checkout."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def model_file() -> Path | None:
    """The demand model that came with the program; None when there is none."""
    return _of_models("demand.onnx")


def priors_file() -> Path | None:
    """What other shops foretell of a young one (`demand.priors`); None when it did not come with the program."""
    return _of_models("priors.json")


def _of_models(name: str) -> Path | None:
    folders = (_HERE / "_data" / "models", _HERE.parent / "models")
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


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
