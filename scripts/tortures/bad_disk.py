"""A disk that refuses: SQLite's own writes in this process fail from a chosen one on, whole or in part."""

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
    """From the n-th write on (counted from 0), `times` writes end in `error`; `part` of a thousand gets through."""

    at: int
    times: int
    error: int = errno.ENOSPC
    part: int = 0
    seen: int = 0

    def hits(self) -> bool:
        """Whether the next write fails."""
        self.seen += 1
        return self.at < self.seen <= self.at + self.times


class BadDisk:
    """SQLite's writes, with a fault among them; `with` puts the real ones back."""

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
        try:
            yield self
        finally:
            self.fault = None
            self._vfs.xSetSystemCall("pwrite64", 0)
            self._vfs.unregister()


def words(error: int) -> str:
    """The error as people say it."""
    return os.strerror(error)
