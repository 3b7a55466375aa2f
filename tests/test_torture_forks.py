"""Processes that several threads fork end as they ended, whoever asks."""

import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

from scripts.tortures import forks


def test_many_threads_hear_how_their_processes_ended() -> None:
    forking = get_context("forkserver")

    def fork(code: int) -> int | None:
        process = forking.Process(target=time.sleep, args=(0,)) if code == 0 else forking.Process(target=_ends_with_3)
        forks.begin(process)
        return forks.ended(process)

    codes = [0, 3] * 40
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(fork, codes)) == codes


def _ends_with_3() -> None:
    raise SystemExit(3)
