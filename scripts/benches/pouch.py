"""PouchDB 9 with its own server as a reference, where Node is there: installed once into a folder that git ignores."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_agent.wire.envelope import event_of
from scripts.venv_ import ROOT

PACKAGES = ("pouchdb@9.0.0", "express-pouchdb@4.2.0", "express@4")
FOLDER = ROOT / ".bench-node"
BATCH = 500
DRIVER = Path(__file__).with_name("pouch.mjs")


@dataclass(frozen=True)
class Pouch:
    """Node with the packages in place."""

    node: str

    def replicate(self, folder: Path, lines: Sequence[bytes]) -> float:
        """Documents a second: the same sales, each a document under its event's id, from one LevelDB to another."""
        folder.mkdir(parents=True)
        docs = [{"_id": event.id, **event.body} for event in map(event_of, lines)]
        (folder / "docs").write_text("\n".join(map(json.dumps, docs)), encoding="utf-8")
        line = [self.node, str(DRIVER), str(FOLDER), str(folder), str(folder / "docs"), str(BATCH)]
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            raise RuntimeError(f"PouchDB did not replicate: {done.stderr[-2000:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        shutil.rmtree(folder)
        if not said["ok"] or said["docs"] != len(lines) or said["adapter"] != "leveldb":
            raise RuntimeError(f"PouchDB did not replicate {len(lines)} sales: {said}")
        return len(lines) / float(said["seconds"])


def pouch() -> Pouch | str:
    """PouchDB ready to run, or why it is left out."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return "left out: there is no Node here"
    if not (FOLDER / "node_modules" / "express-pouchdb").is_dir():
        FOLDER.mkdir(exist_ok=True)
        line = [npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts=false"]
        done = subprocess.run([*line, "--prefix", str(FOLDER), *PACKAGES], capture_output=True, text=True, check=False)
        if done.returncode:
            return "left out: its packages could not be installed"
    return Pouch(node)
