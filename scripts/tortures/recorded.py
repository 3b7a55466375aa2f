"""What a process did to its folder, as the kernel saw it: every write, cut, sync, rename and unlink, in order.

strace is the witness: nothing that reaches the disk goes another way, so that the recording is whole.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,"
    "sync_file_range,rename,renameat,renameat2,unlink,unlinkat,link,linkat,lseek,copy_file_range,sendfile,mkdir"
)
UNDERSTOOD = frozenset(
    ("openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "unlink", "unlinkat", "lseek", "mkdir")
)
NOT_DURABLE = ("-shm",)
"""The index of the write-ahead log lives in memory only and is made anew after every crash."""

_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_HALF = re.compile(r"(\w+)\((.*) <unfinished \.\.\.>$")
_REST = re.compile(r"<\.\.\. (\w+) resumed>(.*)$")
_FD = re.compile(r"(\d+)<([^>]*)>")


@dataclass(frozen=True)
class Op:
    """One act on a file of the folder. `begun` of a sync: what was written before then is on the disk after it."""

    kind: str
    file: str
    at: int = 0
    data: bytes = b""
    to: str = ""
    begun: int = 0


@dataclass(frozen=True)
class _Call:
    name: str
    words: str
    result: int
    started: int
    ended: int


def record(command: list[str], folder: Path, env: dict[str, str]) -> list[tuple[int, Op]]:
    """Run a command under the witness; its acts on `folder`, each with its moment (`said` is a line on its stdout)."""
    log = folder.with_name(f"{folder.name}.strace")
    witness = ["strace", "-f", "-y", "-xx", "-s", "100000000", "-qq", "-e", f"trace={CALLS}", "-o", str(log)]
    subprocess.run([*witness, *command], check=True, env=env, stdout=subprocess.PIPE)
    ops = list(_Reader(folder).ops(log))
    log.unlink()
    return sorted(ops, key=lambda one: one[0])


class _Reader:
    """Reads the witness's lines for one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder.resolve()) + "/"
        self._place: dict[int, int] = {}

    def ops(self, log: Path) -> Iterator[tuple[int, Op]]:
        with log.open(encoding="ascii") as lines:
            for call in _calls(lines):
                if call.result >= 0:
                    yield from self._of(call)

    def _of(self, call: _Call) -> Iterator[tuple[int, Op]]:
        if call.name == "write" and call.words.startswith("1<"):
            yield call.started, Op("said", "", data=_bytes(call.words))
            return
        files = [name for name in self._named(call) if not name.endswith(NOT_DURABLE)]
        if not files:
            return
        if call.name not in UNDERSTOOD:
            raise RuntimeError(f"the witness saw {call.name} on {files[0]}, which is not understood")
        for op in self._acts(call, files):
            # A write counts from its first moment, whatever else from its last: the least that the disk owes.
            yield (call.started if call.name in ("write", "pwrite64", "ftruncate") else call.ended), op

    def _named(self, call: _Call) -> list[str]:
        """The files of the folder that a call names: by descriptor, or by path."""
        if call.name in ("openat", "rename", "unlink", "unlinkat", "mkdir", "link", "renameat", "renameat2", "creat"):
            paths = [_text(part) for part in re.findall(r'"([^"]*)"', call.words)]
        else:
            paths = [_text(part[1]) for part in _FD.findall(call.words.split('"')[0])]
        whole = [str(Path(path).absolute()) for path in paths]
        return [path.removeprefix(self._folder) for path in whole if f"{path}/".startswith(self._folder)]

    def _acts(self, call: _Call, files: list[str]) -> Iterator[Op]:
        name, file = call.name, files[0]
        match name:
            case "openat":
                self._place[call.result] = 0
                if "O_CREAT" in call.words:
                    yield Op("create", file)
                if "O_TRUNC" in call.words:
                    yield Op("cut", file, 0)
            case "pwrite64":
                yield Op("write", file, int(call.words.rsplit(", ", 1)[1]), _bytes(call.words)[: call.result])
            case "write":
                fd = int(call.words.split("<")[0])
                at = self._place[fd]
                self._place[fd] = at + call.result
                yield Op("write", file, at, _bytes(call.words)[: call.result])
            case "lseek":
                self._place[int(call.words.split("<")[0])] = call.result
            case "ftruncate":
                yield Op("cut", file, int(call.words.rsplit(", ", 1)[1]))
            case "fsync" | "fdatasync":
                yield Op("sync", file, begun=call.started)
            case "rename":
                yield Op("rename", file, to=files[1])
            case "unlink" | "unlinkat":
                yield Op("unlink", file)


def _calls(lines: Iterator[str]) -> Iterator[_Call]:
    """Whole calls, put together where the witness saw another thread in between."""
    halves: dict[str, tuple[int, str]] = {}
    for moment, line in enumerate(lines):
        pid, _, rest = line.rstrip("\n").partition(" ")
        rest = rest.strip()
        if half := _HALF.match(rest):
            halves[pid] = (moment, f"{half[1]}({half[2]}")
            continue
        started = moment
        if again := _REST.match(rest):
            started, begun = halves.pop(pid)
            rest = begun + again[2]
        if whole := _CALL.match(rest):
            yield _Call(whole[1], whole[2], int(whole[3]), started, moment)


def _text(hexes: str) -> str:
    return os.fsdecode(bytes.fromhex(hexes.replace("\\x", ""))) if "\\x" in hexes else hexes


def _bytes(words: str) -> bytes:
    """The data of a write: the only string in it."""
    return bytes.fromhex(words[words.index('"') + 1 : words.rindex('"')].replace("\\x", ""))
