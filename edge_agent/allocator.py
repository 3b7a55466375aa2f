"""Keeps the process small: one heap for all threads, and memory given back after work that needed much at once."""

import contextlib
import ctypes

_ARENA_MAX = -8


def one_heap() -> None:
    """One heap for all threads; to be called before they start. Elsewhere than on glibc nothing happens.

    glibc gives every thread that allocates a heap of its own and keeps what each once needed: on a till with ten
    threads that take turns this is some 10 MB that nobody uses.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Return free memory to the system; some milliseconds, during which other threads wait to allocate."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
