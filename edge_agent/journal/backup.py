"""A till's backup: a proved copy of its memory and settings, sealed into one file; and putting it back.

Keys and the marker are never in it: a stolen stick is no till, and a copy does not know how far the till had come.
"""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from edge_agent.errors import BadInput, Broken, NotKnown
from edge_agent.journal.chain import Head, walk
from edge_agent.journal.marker import SetBack, note_set_back
from edge_agent.journal.reading import Reading
from edge_agent.journal.sealed import seal, unsealed

KEPT = ("journal.db", "settings.toml")


@dataclass(frozen=True)
class Copied:
    """The journal in a backup: its id, and how far it goes."""

    journal: str
    head: Head


def back_up(data: Path, file: Path, passphrase: str, random: bytes) -> Copied:
    """Copy beside a running till, prove the copy, seal it into `file`, and read that back before it gets its name."""
    if not file.parent.is_dir():
        raise BadInput(f"there is no folder {file.parent}")
    with _folder(data) as folder:
        copied = _copy(data, folder)
        with tarfile.open(folder / "all.tar", "w") as tar:
            for name in KEPT:
                if (folder / name).exists():
                    tar.add(folder / name, name)
        part = file.with_name(f"{file.name}.part")
        try:
            with (folder / "all.tar").open("rb") as plain, part.open("wb") as sealed:
                seal(plain, sealed, passphrase, random)
                sealed.flush()
                os.fsync(sealed.fileno())
            _read_back(folder / "all.tar", part, passphrase)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    return copied


def _copy(data: Path, folder: Path) -> Copied:
    with Reading.open(data / "journal.db") as memory:
        into = apsw.Connection(str(folder / "journal.db"))
        with into.backup("main", memory.db, "main") as copying:
            copying.step()
        into.execute("PRAGMA journal_mode=DELETE")
        into.close()
    if (data / "settings.toml").exists():
        shutil.copyfile(data / "settings.toml", folder / "settings.toml")
    return _proved(folder / "journal.db")


def _proved(file: Path) -> Copied:
    with Reading.open(file) as memory:
        try:
            return Copied(memory.journal_id(), walk(memory.db))
        except apsw.Error as error:
            raise Broken(f"the copy cannot be read: {error}") from error


def _read_back(plain: Path, sealed: Path, passphrase: str) -> None:
    with plain.open("rb") as ours, sealed.open("rb") as theirs:
        wanted, found = hashlib.file_digest(ours, "sha256"), hashlib.sha256()
        for chunk in unsealed(theirs, passphrase):
            found.update(chunk)
    if wanted.digest() != found.digest():
        raise Broken("the file does not hold what was written to it: use another stick")


def put_back(file: Path, data: Path, passphrase: str, *, next_receipt: int = 1) -> Copied:
    """Put a backup into an empty folder (made if absent). The till then gets what the backup lacks from the cloud when
    it is paired, or else goes on in a new journal, whose receipts begin at `next_receipt` at least."""
    if not file.is_file():
        raise NotKnown(f"there is no file {file}")
    data.mkdir(parents=True, exist_ok=True)
    if any(data.iterdir()):
        raise BadInput(f"{data} is not empty; a backup is put back into an empty folder")
    with _folder(data) as folder:
        with file.open("rb") as sealed, (folder / "all.tar").open("wb") as plain:
            for chunk in unsealed(sealed, passphrase):
                plain.write(chunk)
        _unpack(folder)
        copied = _proved(folder / "journal.db")
        note_set_back(data, SetBack(next_receipt=next_receipt))
        for name in reversed(KEPT):
            if (folder / name).exists():
                (folder / name).replace(data / name)
    return copied


def _unpack(folder: Path) -> None:
    """Only what a backup has, whatever a tar names; each as a plain file here."""
    try:
        with tarfile.open(folder / "all.tar") as tar:
            for name in KEPT:
                inner = tar.extractfile(name) if name in tar.getnames() else None
                if inner is not None:
                    with (folder / name).open("wb") as out:
                        shutil.copyfileobj(inner, out)
    except tarfile.TarError as error:
        raise Broken(f"the backup cannot be unpacked: {error}") from error


@contextmanager
def _folder(data: Path) -> Iterator[Path]:
    """A folder beside the till's own files, for its user alone: nothing plain is written to the stick."""
    with tempfile.TemporaryDirectory(dir=data, prefix=".backup-") as folder:
        yield Path(folder)
