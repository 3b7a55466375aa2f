"""A disk that refuses: SQLite's own writes and syncs in this process fail from a chosen one on, whole or in part."""

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import apsw

_WRITE = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64, use_errno=True
)


@dataclass
class Fault:
    """From the n-th write on (counted from 0), `times` writes end in `error`; `part` of a thousand gets through.
    With `syncs` the same of syncs."""

    at: int
    times: int
    error: int = errno.ENOSPC
    part: int = 0
    syncs: bool = False
    seen: int = 0

    def hits(self, *, sync: bool = False) -> bool:
        """Whether the next write (or sync) fails."""
        if sync != self.syncs:
            return False
        self.seen += 1
        return self.at < self.seen <= self.at + self.times


class SyncedFile(apsw.VFSFile):
    """A file of the real disk whose syncs may fail. SQLite says the same of a full and of a broken disk here."""

    def __init__(self, name: "apsw.URIFilename | str | None", flags: list[int], disk: "BadDisk") -> None:
        super().__init__("unix", name, flags)
        self._disk = disk

    def xSync(self, flags: int) -> None:  # noqa: N802 - the disk's own word
        fault = self._disk.fault
        if fault is None or not fault.hits(sync=True):
            super().xSync(flags)
            return
        if fault.part:
            super().xSync(flags)
        raise apsw.exception_for(apsw.SQLITE_IOERR_FSYNC)


class SyncedDisk(apsw.VFS):
    """Opens every file as one whose syncs may fail, for all who do not choose another disk."""

    def __init__(self, disk: "BadDisk") -> None:
        self._disk = disk
        super().__init__("bad syncs", "unix", makedefault=True)

    def xOpen(self, name: "apsw.URIFilename | str | None", flags: list[int]) -> SyncedFile:  # noqa: N802
        return SyncedFile(name, flags, self._disk)


class BadDisk:
    """SQLite's writes and the syncs of files that it opens from now on, with a fault among them; `with` puts the real
    ones back."""

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self._vfs = apsw.VFS("bad disk", "unix")
        real = self._vfs.xGetSystemCall("pwrite64")
        assert real, "this SQLite writes with pwrite64"
        self._real, self._ours = _WRITE(real), _WRITE(self._write)

    def _write(self, fd: int, data: int, size: int, at: int) -> int:
        fault = self.fault
        if fault is None or not fault.hits():
            return int(self._real(fd, data, size, at))
        kept = size * fault.part // 1000
        if kept:
            # What gets through does, and the error comes after it: a write that failed may still be there.
            self._real(fd, data, kept, at)
        ctypes.set_errno(fault.error)
        return -1

    @contextmanager
    def writes(self) -> Iterator["BadDisk"]:
        """SQLite writes through this disk."""
        self._vfs.xSetSystemCall("pwrite64", ctypes.cast(self._ours, ctypes.c_void_p).value or 0)
        synced = SyncedDisk(self)
        try:
            yield self
        finally:
            self.fault = None
            synced.unregister()
            self._vfs.xSetSystemCall("pwrite64", 0)
            self._vfs.unregister()


def words(error: int) -> str:
    """The error as people say it."""
    return os.strerror(error)
