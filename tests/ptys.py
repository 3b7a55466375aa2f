"""A real pseudo terminal as a serial device that can be plugged, unplugged and plugged in again under one path."""

import os
import select
import time
import tty
from pathlib import Path
from typing import Self


class Pty:
    """The far end of a serial cable; `path` is a link to the device, as udev's by-path links are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._far = self._near = -1
        self.heard = bytearray()

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def plug(self) -> None:
        """A new device with a new number under the same path."""
        self._far, near = os.openpty()
        tty.setraw(near)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(near))
        os.close(near)

    def unplug(self) -> None:
        """The device goes away: whoever has it open gets EIO."""
        self.path.unlink(missing_ok=True)
        if self._far >= 0:
            os.close(self._far)
            self._far = -1

    def send(self, data: bytes) -> None:
        os.write(self._far, data)

    def hear(self, count: int, seconds: float = 10) -> bytes:
        """Collect until `count` bytes came in all; what came."""
        ends = time.monotonic() + seconds
        while len(self.heard) < count and (left := ends - time.monotonic()) > 0:
            if select.select([self._far], [], [], left)[0]:
                try:
                    self.heard += os.read(self._far, 4096)
                except OSError:
                    time.sleep(0.02)  # nobody has it open yet
        return bytes(self.heard)
