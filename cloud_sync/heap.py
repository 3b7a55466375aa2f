"""One heap for all threads of the service."""

import contextlib
import ctypes

_ARENA_MAX = -8


def one_heap() -> None:
    """To be called before they start; elsewhere than on glibc nothing happens.

    glibc gives each thread a heap of its own, and what one of them once needed no other one gets. Here they take turns,
    and whichever is free makes the next page: 10 MB that nobody uses, and some more whenever a thread does for the
    first time what the others have done before.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
