"""The work of a row over two processes, one for each of two cores."""

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

LANES = 2


@contextmanager
def lanes(first: Callable[[], object] | None = None) -> Iterator[ProcessPoolExecutor]:
    """Two processes, each of which does `first`, that have imported what this one has.

    One that has threads is not forked but begun anew: a lock that another thread holds stays held in a fork.
    """
    how = "fork" if threading.active_count() == 1 else "spawn"
    with ProcessPoolExecutor(LANES, mp_context=get_context(how), initializer=partial(_begin, first)) as pool:
        yield pool


def _begin(first: Callable[[], object] | None) -> None:
    # What the programs hold for good is looked through by no collection: a twentieth of a row's time.
    gc.collect()
    gc.freeze()
    if first is not None:
        first()
