"""The bill of materials names everything that a lock lets in, and nothing else."""

import json
import subprocess
import sys

import pytest

from scripts.sbom import ROOT, bill, components


@pytest.mark.parametrize("extra", ["agent", "cloud", "train"])
def test_every_pin_of_a_lock_is_a_component_with_the_hashes_that_the_lock_lets_in(extra: str) -> None:
    lock = (ROOT / "requirements" / f"{extra}.txt").read_text()
    made = bill(extra)
    assert len(made["components"]) == lock.count("==") - lock.count(" == '") - lock.count(" === ")
    files = [one for part in made["components"] for one in part["properties"] if one["name"].endswith("sha256")]
    assert len(files) == lock.count("--hash=sha256:")
    assert all(any(one["name"].endswith("sha256") for one in part["properties"]) for part in made["components"])
    refs = [part["bom-ref"] for part in made["components"]]
    assert len(set(refs)) == len(refs)
    assert made["dependencies"][0]["dependsOn"] == refs


def test_a_pin_of_one_platform_says_so() -> None:
    (part,) = components("colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "a" * 64 + "\n")
    assert (part["name"], part["version"], part["purl"]) == ("colorama", "0.4.6", "pkg:pypi/colorama@0.4.6")
    assert part["properties"][0] == {"name": "dropshelf:only-if", "value": "sys_platform == 'win32'"}


def test_it_is_printed_as_cyclonedx() -> None:
    said = subprocess.run([sys.executable, str(ROOT / "scripts" / "sbom.py"), "cloud"], capture_output=True, check=True)
    made = json.loads(said.stdout)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert {"fastapi", "argon2-cffi", "segno"} <= {part["name"] for part in made["components"]}
