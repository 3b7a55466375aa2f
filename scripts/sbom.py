"""Writes a bill of materials (CycloneDX 1.6, JSON) of what an install of an extra brings: `scripts/sbom.py cloud`."""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: *; *([^\\]+?))? *\\?$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(extra: str) -> dict[str, Any]:
    """The bill of one lock file: what it pins, under which condition, and which files it lets in.

    A lock names several files a version (one a platform); their hashes stand as properties, because none of them alone
    is the component's.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    own = {"type": "application", "name": project["name"], "version": project["version"], "bom-ref": "dropshelf"}
    parts = components((ROOT / "requirements" / f"{extra}.txt").read_text())
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own, "properties": [{"name": "dropshelf:extra", "value": extra}]},
        "components": parts,
        "dependencies": [{"ref": "dropshelf", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def components(lock: str) -> list[dict[str, Any]]:
    """One for each pin of a lock file."""
    found: list[dict[str, Any]] = []
    for line in lock.splitlines():
        if pin := PIN.match(line):
            found.append(_component(*pin.groups()))
        elif (file := HASH.search(line)) and found:
            found[-1]["properties"].append({"name": "dropshelf:locked-sha256", "value": file[1]})
    return found


def _component(name: str, version: str, condition: str | None) -> dict[str, Any]:
    address = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    held = [{"name": "dropshelf:only-if", "value": condition}] if condition else []
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": address,
        "bom-ref": address,
        "properties": held,
    }


def main() -> None:
    """Print the bill of an extra: agent, cloud or train."""
    if len(sys.argv) != 2 or sys.argv[1] not in ("agent", "cloud", "train"):
        raise SystemExit("scripts/sbom.py agent | cloud | train")
    print(json.dumps(bill(sys.argv[1]), indent=1))


if __name__ == "__main__":
    main()
