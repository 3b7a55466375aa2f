"""A disk that loses its power: what was synced is there; of the rest nothing, a beginning, any part, torn sectors."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.tortures.recorded import NOT_DURABLE, Op

SECTOR = 512
MODES = ("nothing", "beginning", "part", "torn", "torn", "everything")


@dataclass
class _Inode:
    """A file's bytes that are on the disk, and what waits in the cache: (moment, op)."""

    safe: bytearray
    waiting: list[tuple[int, Op]] = field(default_factory=list)


class Disk:
    """One folder on a disk with a cache. `name` -> file as the process sees it, and as the disk has it."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._seen = {name: _Inode(bytearray(data)) for name, data in files.items()}
        self._safe = dict(self._seen)
        self._names: list[tuple[int, Op, _Inode | None]] = []

    def apply(self, moment: int, op: Op) -> None:
        """The next act of the process."""
        match op.kind:
            case "create" if op.file not in self._seen:
                self._seen[op.file] = _Inode(bytearray())
                self._names.append((moment, op, self._seen[op.file]))
            case "rename":
                self._seen[op.to] = self._seen.pop(op.file)
                self._names.append((moment, op, self._seen[op.to]))
            case "unlink":
                self._names.append((moment, op, self._seen.pop(op.file)))
            case "write" | "cut":
                self._seen[op.file].waiting.append((moment, op))
            case "sync":
                self._sync(op)

    def _sync(self, op: Op) -> None:
        """The file's bytes, and with them all names so far: file systems with a journal keep names in order."""
        inode = self._seen.get(op.file)
        if inode is not None:
            _write(inode.safe, [one for moment, one in inode.waiting if moment < op.begun])
            inode.waiting = [(moment, one) for moment, one in inode.waiting if moment >= op.begun]
        _rename(self._safe, [one for one in self._names if one[0] < op.begun])
        self._names = [one for one in self._names if one[0] >= op.begun]

    def waits(self) -> bool:
        """Whether a cut of the power could lose anything now."""
        return bool(self._names) or any(inode.waiting for inode in self._safe.values())

    def crash(self, chance: random.Random, mode: str) -> dict[str, bytes]:
        """What is found when the power is back."""
        names = dict(self._safe)
        keep = {"nothing": 0, "everything": len(self._names)}.get(mode, chance.randint(0, len(self._names)))
        _rename(names, self._names[:keep])
        return {name: _survived(inode, chance, mode) for name, inode in names.items()}


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder that a disk keeps, by its name inside it."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(NOT_DURABLE)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def lay_down(files: dict[str, bytes], folder: Path) -> None:
    """A folder that holds these files and nothing else of a journal."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("journal.db*"):
        old.unlink()
    for name, data in files.items():
        if "/" in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def _survived(inode: _Inode, chance: random.Random, mode: str) -> bytes:
    if not inode.waiting or mode == "nothing":
        return bytes(inode.safe)
    content = bytearray(inode.safe)
    waiting = [op for _, op in inode.waiting]
    keeping: dict[str, Callable[[], list[Op]]] = {
        "everything": lambda: waiting,
        "beginning": lambda: waiting[: chance.randint(0, len(waiting))],
        "part": lambda: [op for op in waiting if chance.random() < 0.5],
        "torn": lambda: [piece for op in waiting for piece in _torn(op, chance)],
    }
    _write(content, keeping[mode]())
    return bytes(content)


def _torn(op: Op, chance: random.Random) -> list[Op]:
    """The sectors of a write, each there or not; one write in three is whole, one is lost."""
    kind = chance.randrange(3)
    if kind == 0 or op.kind != "write":
        return [op] if kind else []
    if kind == 1:
        return [op]
    first = -(op.at % SECTOR)
    pieces = [(max(start, 0), start + SECTOR) for start in range(first, len(op.data), SECTOR)]
    return [Op("write", op.file, op.at + a, op.data[a:b]) for a, b in pieces if chance.random() < 0.5]


def _write(content: bytearray, ops: list[Op]) -> None:
    for op in ops:
        size = op.at + len(op.data)
        if op.kind == "cut":
            del content[op.at :]
        if len(content) < size:
            content.extend(bytes(size - len(content)))
        content[op.at : size] = op.data


def _rename(names: dict[str, _Inode], ops: list[tuple[int, Op, _Inode | None]]) -> None:
    for _, op, inode in ops:
        if op.kind == "create" and inode is not None:
            names[op.file] = inode
        elif op.kind == "rename" and inode is not None:
            names.pop(op.file, None)
            names[op.to] = inode
        else:
            names.pop(op.file, None)
