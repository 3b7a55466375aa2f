"""Keeps the process small: one heap for all threads, and memory given back after work that needed much at once."""

import contextlib
import ctypes

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
_LARGE, _LEFT_OVER = 128 * 1024, 256 * 1024


def one_heap() -> None:
    """One heap for all threads; to be called before they start. Elsewhere than on glibc nothing happens.

    glibc gives every thread that allocates a heap of its own and keeps what each once needed: on a till with ten
    threads that take turns this is some 10 MB that nobody uses. It also learns from the first large block that is freed
    to put the next ones into the heap, where what lies behind them keeps their room: large blocks go back at once here.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 1)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, _LEFT_OVER)


def give_back() -> None:
    """Return free memory to the system; some milliseconds, during which other threads wait to allocate."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
