"""The till's model files, each named by the SHA-256 of its bytes; what is fetched lies beside until it is whole."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Collection
from pathlib import Path

FOLDER = "models"
ROOM_BYTES = 300_000_000
"""With less left on the disk no model is fetched: the shop's sales need it more."""


class Shelf:
    """The folder `models/` of a till's data. Errors of the disk are OSError."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def path(self, sha256: str) -> Path:
        """Where the file of that hash lies, if it is here."""
        return self._folder / f"{sha256}.onnx"

    def holds(self, sha256: str) -> bool:
        """True when the file is here and is what its name says."""
        return _hash(self.path(sha256)) == sha256

    def put(self, file: Path) -> str:
        """Keep a copy of a file; its hash."""
        data = file.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.holds(sha256):
            self._part(sha256).unlink(missing_ok=True)
            self.add(sha256, data)
            self.finish(sha256)
        return sha256

    def fetched(self, sha256: str) -> int:
        """How many bytes of a file that is being fetched are here."""
        with contextlib.suppress(FileNotFoundError):
            return self._part(sha256).stat().st_size
        return 0

    def has_room(self) -> bool:
        """False when the disk is too full for a model."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._folder).free >= ROOM_BYTES

    def add(self, sha256: str, data: bytes) -> None:
        """Write the next bytes of a file, durably."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._part(sha256).open("ab") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())

    def finish(self, sha256: str) -> bool:
        """The file is whole: it takes its place, or is thrown away (False) when it is not what its name says."""
        part = self._part(sha256)
        if _hash(part) != sha256:
            part.unlink(missing_ok=True)
            return False
        part.replace(self.path(sha256))
        return True

    def give_up(self, sha256: str) -> None:
        """Throw away what was fetched of a file."""
        self._part(sha256).unlink(missing_ok=True)

    def keep(self, wanted: Collection[str], fetching: str = "") -> list[str]:
        """Throw away every file that is not wanted; the hashes of those that went."""
        gone = [file for file in self._folder.glob("*.onnx") if file.stem not in wanted]
        for file in (*gone, *(part for part in self._folder.glob("*.part") if part.stem != fetching)):
            file.unlink(missing_ok=True)
        return sorted(file.stem for file in gone)

    def _part(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"


def _hash(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
