"""Scanners over real wires: every suffix, half codes, unplug and replug, and the grabbed keyboard device."""

import os
import struct
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.devices.input_source import EVENT, InputSource, Keys
from edge_agent.devices.scanner import ScannerThread, Source
from edge_agent.devices.serial_source import SerialSource
from edge_agent.rules.suffix import Cutter
from tests.ptys import Pty
from tests.told import Told

SUFFIXES = [b"\r", b"\n", b"\r\n", b"\r\r", b"\t"]
CODES = ["5012345678900", "4011", "]E04006381333931", "0104006381333931\x1d10LOT"]
ENTER, SHIFT, NEVER = 28, 42, 30.0


class Reading:
    """Scanners that are reading, and what they told."""

    def __init__(self) -> None:
        self.told = Told()
        self.scanners: list[ScannerThread] = []

    def start(self, source: Source, silence_ms: int = 0) -> ScannerThread:
        scanner = ScannerThread(source, self.told.code, self.told.state, silence_ms=silence_ms)
        self.scanners.append(scanner)
        scanner.start()
        return scanner


@pytest.fixture
def reading() -> Iterator[Reading]:
    made = Reading()
    yield made
    for scanner in made.scanners:
        scanner.close()


@pytest.fixture
def pty(tmp_path: Path) -> Iterator[Pty]:
    with Pty(tmp_path / "scanner") as made:
        yield made


def plugged(reading: Reading, pty: Pty, silence_ms: int = 0) -> Told:
    """A serial scanner that is open."""
    reading.start(SerialSource(str(pty.path)), silence_ms)
    reading.told.until(lambda: reading.told.last("scanner") == ("ok", ""))
    return reading.told


@pytest.mark.parametrize("suffix", SUFFIXES, ids=repr)
def test_every_suffix_ends_a_code_and_is_never_one_itself(reading: Reading, pty: Pty, suffix: bytes) -> None:
    told = plugged(reading, pty)
    for code in CODES:
        pty.send(code.encode() + suffix)
    pty.send(suffix + b"end" + suffix)
    told.until(lambda: told.codes[-1:] == ["end"])
    assert told.codes == [*CODES, "end"]


def test_a_hundred_codes_at_once_all_come_in_order(reading: Reading, pty: Pty) -> None:
    told = plugged(reading, pty)
    codes = [f"{number:013d}" for number in range(100)]
    pty.send("".join(code + "\r" for code in codes).encode())
    told.until(lambda: len(told.codes) == 100)
    assert told.codes == codes


def test_half_a_code_waits_for_its_suffix(reading: Reading, pty: Pty) -> None:
    told = plugged(reading, pty)
    pty.send(b"501234")
    time.sleep(0.3)
    assert told.codes == []
    pty.send(b"5678900\r\n")
    told.until(lambda: told.codes == ["5012345678900"])


def test_a_scanner_without_a_suffix_ends_its_code_by_silence(reading: Reading, pty: Pty) -> None:
    told = plugged(reading, pty, silence_ms=150)
    pty.send(b"5012345678900")
    told.until(lambda: told.codes == ["5012345678900"])


@pytest.mark.parametrize("rubbish", [b"A" * 129, b"\x1b[A12", b"12\xff34", b"\x00\x01"], ids=repr)
def test_what_is_no_code_is_dropped_and_said(reading: Reading, pty: Pty, rubbish: bytes) -> None:
    told = plugged(reading, pty)
    pty.send(rubbish + b"\r")
    told.until(lambda: told.last("scanner") == ("fault", "sent something that is no code"))
    pty.send(b"4011\r")
    told.until(lambda: told.last("scanner") == ("ok", ""))
    assert told.codes == ["4011"]


def test_unplug_in_the_middle_of_a_code_is_told_and_the_half_is_forgotten(reading: Reading, pty: Pty) -> None:
    told = plugged(reading, pty)
    pty.send(b"50123")
    time.sleep(0.1)
    pty.unplug()
    told.until(lambda: (told.last("scanner") or ("", ""))[0] == "gone")
    pty.plug()
    told.until(lambda: told.last("scanner") == ("ok", ""), NEVER)
    pty.send(b"4011\r")
    told.until(lambda: told.codes == ["4011"])
    assert [state for _, state, _ in told.states] == ["ok", "gone", "ok"]


def test_a_scanner_plugged_in_late_is_found(reading: Reading, tmp_path: Path) -> None:
    pty = Pty(tmp_path / "scanner")
    reading.start(SerialSource(str(pty.path)))
    told = reading.told
    told.until(lambda: (told.last("scanner") or ("", ""))[0] == "gone")
    with pty:
        told.until(lambda: told.last("scanner") == ("ok", ""), NEVER)
        pty.send(b"4011\r")
        told.until(lambda: told.codes == ["4011"])


def key(code: int, value: int, kind: int = 1) -> bytes:
    return struct.pack("llHHi", 0, 0, kind, code, value)


def pressed(*codes: int) -> bytes:
    """Each key down, held a little (auto-repeat) and up, with the kernel's end marks between."""
    return b"".join(key(code, 1) + key(0, 0, 0) + key(code, 2) + key(code, 0) for code in codes)


def test_a_grabbed_keyboard_device_gives_codes_not_keys(reading: Reading, tmp_path: Path) -> None:
    path = tmp_path / "event-kbd"
    os.mkfifo(path)
    reading.start(InputSource(str(path), grab=False))
    told = reading.told
    told.until(lambda: told.last("scanner") == ("ok", ""))
    with path.open("wb", buffering=0) as device:
        events = pressed(2, 11, 3, ENTER) + key(SHIFT, 1) + pressed(30) + key(SHIFT, 0) + pressed(12, 82, ENTER)
        device.write(events[:31])
        device.write(events[31:])
        told.until(lambda: len(told.codes) == 2)
    assert told.codes == ["102", "A-0"]
    told.until(lambda: (told.last("scanner") or ("", ""))[0] == "gone")


def test_a_device_that_cannot_be_grabbed_is_not_read(reading: Reading, tmp_path: Path) -> None:
    path = tmp_path / "no-input-device"
    path.write_bytes(pressed(2, ENTER))
    reading.start(InputSource(str(path)))
    reading.told.until(lambda: (reading.told.last("scanner") or ("", ""))[0] == "gone")
    assert reading.told.codes == []


def test_events_lost_by_the_kernel_spoil_the_code_that_they_belong_to() -> None:
    keys, cutter = Keys(), Cutter()
    stream = pressed(2, 3) + key(3, 0, 0) + pressed(4, ENTER) + pressed(5, ENTER)
    typed = "".join(keys.typed(stream[at : at + EVENT.size]) for at in range(0, len(stream), EVENT.size))
    cut = cutter.feed(typed.encode())
    assert (cut.codes, cut.dropped) == (("4",), 1)


PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128)


@given(
    scans=st.lists(st.tuples(PRINTABLE, st.sampled_from(SUFFIXES))),
    cuts=st.lists(st.integers(0, 2000)),
)
def test_codes_come_out_the_same_however_the_bytes_are_cut(scans: list[tuple[str, bytes]], cuts: list[int]) -> None:
    stream = b"".join(code.encode() + suffix for code, suffix in scans)
    cutter = Cutter()
    codes: list[str] = []
    places = [0, *sorted(place for place in cuts if place < len(stream)), len(stream)]
    for start, end in pairwise(places):
        codes += cutter.feed(stream[start:end]).codes
    assert codes == [code for code, _ in scans]
    assert not cutter.holds


@given(st.binary(max_size=600))
def test_no_bytes_at_all_give_anything_but_readable_codes(noise: bytes) -> None:
    cut = Cutter().feed(noise + b"\r")
    assert all(0 < len(code) <= 128 and code.strip() for code in cut.codes)
    assert all(sign.isprintable() or sign == "\x1d" for code in cut.codes for sign in code)
