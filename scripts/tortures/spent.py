"""Processor seconds of a process and of all that it began: a busy machine changes them little."""

import os
from pathlib import Path

PARENT, SPENT = 0, slice(10, 14)
"""Places behind a process's name and state in Linux's `stat`: who began it; its own user and system ticks and those of
what it began and has ended."""


def spent_s(pid: int) -> float:
    """The seconds of this process, of those that it began and of those that these began."""
    told = {int(file.parent.name): fields for file in Path("/proc").glob("[0-9]*/stat") if (fields := _fields(file))}
    mine, ticks = [pid], 0
    while mine:
        one = mine.pop()
        ticks += sum(map(int, told[one][SPENT])) if one in told else 0
        mine += [other for other, fields in told.items() if int(fields[PARENT]) == one]
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(file: Path) -> list[str]:
    """What stands behind the name, which may hold spaces; empty for a process that has ended meanwhile."""
    try:
        return file.read_text().rpartition(")")[2].split()[1:]
    except OSError:
        return []
