"""Device profiles: all that we ship can be read, and a wrong word in one is named."""

from pathlib import Path

import pytest

from edge_agent.devices.profiles import models, printer_profile, printer_serial, scanner_profile
from edge_agent.errors import BadInput, NotKnown
from edge_agent.places import firmware_configs

PRINTER = """
feed_lines = 1
[width]
columns = 48
dots = 576
[code_pages]
cp437 = 0
[can]
cut = true
qr = true
answer = true
[drawer]
pin = 2
"""


def write(folder: Path, text: str) -> Path:
    (folder / "printers").mkdir()
    (folder / "printers" / "ours.toml").write_text(text)
    return folder


@pytest.mark.parametrize("model", models(firmware_configs(), "printers"))
def test_every_printer_that_we_ship_can_be_read(model: str) -> None:
    profile = printer_profile(firmware_configs(), model)
    assert profile.model == model
    assert profile.columns * 12 <= profile.dots
    assert printer_serial(firmware_configs(), model).baud >= 9600


@pytest.mark.parametrize("model", models(firmware_configs(), "scanners"))
def test_every_scanner_that_we_ship_can_be_read(model: str) -> None:
    assert scanner_profile(firmware_configs(), model).kind in {"serial", "input", "wedge"}


def test_what_is_shipped_is_what_was_promised() -> None:
    printers, scanners = (models(firmware_configs(), kind) for kind in ("printers", "scanners"))
    assert {"epson-tm-t20iii", "xprinter-xp-80t", "generic-80mm", "generic-58mm"} <= set(printers)
    assert {"generic-serial", "generic-wedge", "generic-input"} <= set(scanners)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("columns = 48", "colums = 48", "columns' is missing .is 'colums' meant"),
        ("[drawer]\npin = 2", "[drawr]\npin = 2", "'drawr' is no key here .nearest: 'drawer'"),
        ("pin = 2", "pin = 3", "pin is 2 or 5"),
        ("pin = 2", "pinn = 2", "'pinn' is no key here .nearest: 'pin'"),
        ("columns = 48", "columns = 4800", "'columns' is a whole number from 24 to 64"),
        ("columns = 48", "columns = true", "'columns' is a whole number"),
        ("cut = true", 'cut = "yes"', "'cut' is true or false"),
        ("cp437 = 0", "cp4444 = 0", "'cp4444' is not a one-byte code page"),
        ("cp437 = 0", "utf-16 = 0", "'utf-16' is not a one-byte code page"),
        ("cp437 = 0", "utf-8 = 0", "'utf-8' is not a one-byte code page"),
        ("cp437 = 0", "cp932 = 0", "'cp932' is not a one-byte code page"),
        ("cp437 = 0", "", "at least one code page"),
        ("[width]", "[width", "printers/ours.toml"),
    ],
)
def test_a_wrong_word_in_a_profile_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in PRINTER
    with pytest.raises(BadInput, match=said):
        printer_profile(write(tmp_path, PRINTER.replace(right, wrong)), "ours")


def test_a_right_profile_is_taken(tmp_path: Path) -> None:
    assert printer_profile(write(tmp_path, PRINTER), "ours").code_pages == (("cp437", 0),)


@pytest.mark.parametrize("model", ["epson-tm-t20", "../secrets", ""])
def test_a_model_that_is_not_there_is_refused_with_those_that_are(model: str) -> None:
    with pytest.raises(NotKnown, match=r"there are: .*epson-tm-t20iii"):
        printer_profile(firmware_configs(), model)
