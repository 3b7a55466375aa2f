"""The systemd units and udev rules that come with the till."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge_agent.places import firmware_configs
from scripts import units
from tests.udev_rules import BadRuleError, Rule, rules

UDEV = firmware_configs() / "udev" / "60-dropshelf.rules"
USB_IDS = Path("/usr/lib/udev/hwdb.d/20-usb-vendor-model.hwdb")
UNITS = sorted((firmware_configs() / "systemd").glob("*.service"))


def named_devices() -> list[Rule]:
    return [rule for rule in rules(UDEV) if rule.value("ATTRS", "idVendor")]


def test_udev_would_read_every_rule() -> None:
    assert len(named_devices()) >= 16


@pytest.mark.parametrize(
    "bad",
    [
        'KERNEL=="lp*" SYMLINK+="printer"\n',
        'KERNEL=="lp*", SYMLINK+="printer",\n',
        'KERNEL="lp*"\n',
        'SYMLINK=="x", ATTRS=="y"\n',
        'GOTO="nowhere"\n',
        'LABEL="up"\nGOTO="up"\n',
        'KERNEL=="lp*\n',
    ],
)
def test_a_rule_that_udev_would_refuse_is_refused(bad: str, tmp_path: Path) -> None:
    (tmp_path / "bad.rules").write_text(bad)
    with pytest.raises(BadRuleError, match="line"):
        rules(tmp_path / "bad.rules")


@pytest.mark.parametrize("rule", named_devices(), ids=lambda rule: f"line {rule.line}")
def test_a_usb_id_is_in_the_known_list_or_names_its_source(rule: Rule) -> None:
    vendor, product = rule.value("ATTRS", "idVendor"), rule.value("ATTRS", "idProduct")
    assert re.fullmatch(r"[0-9a-f]{4}", vendor)
    assert re.fullmatch(r"[0-9a-f]{4}", product)
    known = f"usb:v{vendor.upper()}p{product.upper()}*" in USB_IDS.read_text()
    assert known or "Source:" in rule.comment


@pytest.mark.parametrize("rule", named_devices(), ids=lambda rule: f"line {rule.line}")
def test_a_device_is_open_to_its_group_and_to_nobody_else(rule: Rule) -> None:
    if rule.value("GOTO"):
        return
    assert rule.value("GROUP") in {"dialout", "input", "lp"}
    assert rule.value("MODE") == "0660"
    assert rule.value("SYMLINK").startswith("dropshelf/")


def test_both_ways_of_running_the_till_have_a_unit() -> None:
    assert [unit.name for unit in UNITS] == ["dropshelf-agent.service", "dropshelf-till@.service"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_restarts_for_ever_and_keeps_its_own_state(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    for wanted in ("Restart=always", "StartLimitIntervalSec=0", "StateDirectory=dropshelf", "MemoryMax=256M"):
        assert wanted in lines


def test_systemd_finds_a_misspelt_key_in_a_unit(tmp_path: Path) -> None:
    assert shutil.which("systemd-analyze"), "apt-get install systemd"
    wrong = tmp_path / "dropshelf-agent.service"
    wrong.write_text(UNITS[0].read_text().replace("Restart=always", "Restrat=always"))
    assert "Restrat" in units.verified(wrong)


def test_a_unit_without_its_hardening_is_over_the_limit(tmp_path: Path) -> None:
    soft = tmp_path / "dropshelf-agent.service"
    soft.write_text("[Service]\nExecStart=/bin/true\n")
    assert "exposure" in units.exposed(soft)


def test_the_users_file_is_one_that_systemd_takes(tmp_path: Path) -> None:
    file = firmware_configs() / "systemd" / "dropshelf.sysusers.conf"
    command = ["systemd-sysusers", f"--root={tmp_path}", "--dry-run", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "dropshelf" in done.stdout + done.stderr
