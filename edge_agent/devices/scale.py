"""A counter scale on a serial port: asked for its weight when something is weighed, and only then."""

import os
import select
import termios
import time
from typing import TYPE_CHECKING

from edge_agent.devices.state import OnState, Teller
from edge_agent.errors import Unreachable
from edge_agent.rules.scale import ASK, ScaleProfile, Weighed, read_answer

if TYPE_CHECKING:
    from serial import Serial

BETWEEN_S = 0.2
"""So long a scale is left alone between two questions."""
ANSWER_S = 1.0


class Scale:
    """One scale on one port, for one thread at a time. `path` may be a link: it is resolved at each opening."""

    def __init__(self, path: str, profile: ScaleProfile, told: OnState) -> None:
        self.profile = profile
        self._path, self._teller = path, Teller("scale", told)
        self._port: Serial | None = None
        self._asked = 0.0

    def weigh(self) -> Weighed:
        """What lies on it; Unreachable when it does not answer. It takes up to a second: not the screen's thread's."""
        try:
            weighed = self._weigh()
        except (OSError, ValueError, termios.error) as lost:
            self.close()
            why = "no answer" if isinstance(lost, TimeoutError) else f"not at {self._path}"
            self._teller.tell("gone", why)
            raise Unreachable(f"scale: {why}") from lost
        self._teller.tell("ok")
        return weighed

    def close(self) -> None:
        """Let the port go; the next question opens it again."""
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def _weigh(self) -> Weighed:
        port = self._port = self._port or self._opened()
        time.sleep(max(0.0, self._asked + BETWEEN_S - time.monotonic()))
        port.reset_input_buffer()
        port.write(ASK)
        self._asked = time.monotonic()
        return self._answer(port.fileno())

    def _answer(self, port: int) -> Weighed:
        ends, heard = time.monotonic() + ANSWER_S, b""
        while (left := ends - time.monotonic()) > 0:
            if not select.select([port], [], [], left)[0]:
                break
            # Straight from the descriptor: readable and empty means unplugged.
            more = os.read(port, 256)
            if not more:
                raise OSError("unplugged")
            # Some ports hand the parity bit on.
            heard += bytes(byte & 0x7F for byte in more)
            answer = read_answer(heard)
            if answer is not None:
                return answer
        raise TimeoutError

    def _opened(self) -> "Serial":
        import serial

        even = self.profile.even
        bits, parity = (serial.SEVENBITS, serial.PARITY_EVEN) if even else (serial.EIGHTBITS, serial.PARITY_NONE)
        return serial.Serial(
            self._path,
            self.profile.baud,
            bytesize=bits,
            parity=parity,
            timeout=0,
            write_timeout=ANSWER_S,
            exclusive=True,
        )
