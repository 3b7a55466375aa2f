"""The service's threads share one heap, so that none keeps what another could use."""

import subprocess
import sys

import pytest

PROGRAM = """
import threading
from cloud_sync.heap import one_heap
{first}
kept, held = [], threading.Barrier(9)
def needs() -> None:
    kept.append([bytes(5_000 + number) for number in range(100)])
    held.wait(30)
for _ in range(8):
    threading.Thread(target=needs).start()
held.wait(30)
with open("/proc/self/maps") as maps:
    spans = [line.split()[:2] for line in maps]
ends = [[int(end, 16) for end in span.split("-")] for span, may in spans if may == "---p"]
print(sum(end - begin > 32 << 20 for begin, end in ends))
"""


def heaps_beside(first: str) -> int:
    """How many heaps threads have that are not the process's own: each is set aside with much room behind it."""
    told = subprocess.run([sys.executable, "-c", PROGRAM.format(first=first)], check=True, capture_output=True)
    return int(told.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has more than one")
def test_threads_that_need_much_at_once_share_one_heap() -> None:
    if heaps_beside("") == 0:
        pytest.skip("this system has one heap anyway")
    assert heaps_beside("one_heap()") == 0
