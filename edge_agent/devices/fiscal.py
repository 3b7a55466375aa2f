"""The fiscal device as a port: it signs what is begun and finished at the counter; here the one behind a TCP socket."""

import json
import socket
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from edge_agent.errors import BadInput, Unreachable

LONGEST_ANSWER = 8 * 1024


@dataclass(frozen=True)
class Started:
    """The device has begun a transaction: its number, and when (UTC ms by its own clock)."""

    transaction: int
    at: int


@dataclass(frozen=True)
class Finished:
    """The device's signature of a transaction, the count of its signatures, and when it was made."""

    counter: int
    at: int
    serial: str
    algorithm: str
    signature: str
    public_key: str


class FiscalDevice(Protocol):
    """Every call ends; Unreachable when the device does not answer, or says that it cannot."""

    def look(self) -> str:
        """The device's serial number."""
        ...

    def start(self) -> Started:
        """Begin a transaction; several may be open."""
        ...

    def finish(self, transaction: int, kind: str, data: str) -> Finished:
        """Sign `data` of the sort `kind`, and end the transaction."""
        ...

    def close(self) -> None:
        """Let go of the wire; a later call opens it again."""
        ...


class MissingDevice:
    """A device that the settings name wrongly: it is asked, and answers why it cannot."""

    def __init__(self, why: str) -> None:
        self._why = why

    def look(self) -> str:
        self._fail()

    def start(self) -> Started:
        self._fail()

    def finish(self, transaction: int, kind: str, data: str) -> Finished:
        self._fail()

    def close(self) -> None:
        """Nothing is held."""

    def _fail(self) -> NoReturn:
        raise Unreachable(self._why)


class SocketDevice:
    """One question and one answer a line of JSON over TCP; any doubt about an answer closes the wire."""

    def __init__(self, host: str, port: int, answer_s: float) -> None:
        self._address, self._answer_s = (host, port), answer_s
        self._socket: socket.socket | None = None

    def look(self) -> str:
        return str(self._ask({"do": "look"}, "serial")["serial"])

    def start(self) -> Started:
        said = self._ask({"do": "start"}, "transaction", "at")
        return Started(int(said["transaction"]), int(said["at"]))

    def finish(self, transaction: int, kind: str, data: str) -> Finished:
        words = ("counter", "at", "serial", "algorithm", "signature", "public_key")
        said = self._ask({"do": "finish", "transaction": transaction, "kind": kind, "data": data}, *words)
        counter, at, *texts = (said[word] for word in words)
        return Finished(int(counter), int(at), *map(str, texts))

    def close(self) -> None:
        held, self._socket = self._socket, None
        if held is not None:
            held.close()

    def _ask(self, question: dict[str, object], *words: str) -> dict[str, Any]:
        try:
            return _checked(self._said(question), words)
        except (OSError, ValueError) as error:
            self.close()
            why = "no answer" if isinstance(error, TimeoutError) else getattr(error, "strerror", None) or "bad answer"
            raise Unreachable(str(why)) from error

    def _said(self, question: dict[str, object]) -> Any:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=self._answer_s)
        self._socket.settimeout(self._answer_s)
        self._socket.sendall(json.dumps(question).encode() + b"\n")
        line = b""
        while not line.endswith(b"\n"):
            more = self._socket.recv(4096)
            if not more:
                raise ConnectionResetError(0, "hung up")
            line += more
            if len(line) > LONGEST_ANSWER:
                raise ValueError("an answer without an end")
        return json.loads(line)


def _checked(said: Any, words: tuple[str, ...]) -> dict[str, Any]:
    """An answer with everything that was asked for; Unreachable with the device's own words where it says that it
    cannot, ValueError for what is no answer."""
    if not isinstance(said, dict):
        raise ValueError("no object")
    if said.get("error"):
        raise Unreachable(str(said["error"])[:100])
    if any(not isinstance(said.get(word), int | str) for word in words):
        raise ValueError("an answer with holes")
    return said


def device_at(address: str, answer_s: float) -> SocketDevice:
    """The device at `host:port`; BadInput for what is no address."""
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdigit() and 0 < int(port) < 65536):
        raise BadInput(f"fiscal address {address!r}: write it as host:port")
    return SocketDevice(host, int(port), answer_s)
