"""The wire from the keyboard: reads the terminal in its own thread and gives the app whole codes, texts and keys."""

import os
import re
import selectors
import time
from codecs import getincrementaldecoder
from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from edge_agent.rules.wedge import Code, Heard, Text, Wedge
from edge_agent.till.enter_run import EnterRun
from edge_agent.till.messages import EnterRested, HungUp, Pressed, Scanned, Typed

ENDINGS = {"enter": "enter", "ctrl+j": "line feed", "tab": "tab"}
PLAIN_ENDINGS = {"\r": "enter", "\n": "line feed", "\t": "tab"}
PASTE_BEGINS = "\x1b[200~"
SEQUENCE = re.compile(r"\x1b\[200~.*?\x1b\[201~|\x1b(?:\[(?!200~)[0-?]*[ -/]*[@-~]|O.)", re.DOTALL)
"""A key's whole sequence, or a whole paste."""
SEPARATORS = "\x1c\x1d\x1e\x1f"
"""What a two-dimensional code may hold between its fields; no key of the till."""
READ_BYTES = 64 * 1024
LONGEST_WAIT = 0.1
ESCAPE = "\x1b"
LONE_ESCAPE = re.compile(ESCAPE + r"(?![\[\]OP])")
"""An Escape that begins no key's sequence: there are no Alt keys here, and Esc right before a scan leaves it whole."""
ESCAPE_SECONDS = 0.05


class TillDriver(LinuxDriver):
    """Holds printable keys in the input thread until they are a code or a text: ONE message for each.

    Every key goes the same way and in one order; none reaches Textual's bindings, so no key quits by itself.
    """

    wedge: Wedge
    enters: EnterRun
    _at: float
    _parser: XTermParser
    _escape_at: float | None
    _open: str

    def _sigtstp_application(self, *_: object) -> None:
        """A till is not put to sleep by a key or a signal: there would be no one to sell."""

    def _sigcont_application(self, *_: object) -> None:
        """A process that was stopped from outside goes on where it was, with the one input thread that it has."""

    def process_message(self, message: Message) -> None:
        """Runs in the input thread; keys and pastes become the till's own messages, the rest goes on as it is."""
        if isinstance(message, events.Key):
            self._tell(self._hear(message))
        elif isinstance(message, events.Paste):
            self._tell(self.wedge.pasted(message.text))
        elif not isinstance(message, events.AppFocus | events.AppBlur):
            super().process_message(message)

    def run_input_thread(self) -> None:
        """Read until the app leaves; a terminal that is gone ends the app, an odd byte does not."""
        self.wedge, self.enters = Wedge(prefix=getattr(self._app, "wedge_prefix", "")), EnterRun()
        self._parser, self._escape_at, self._open = XTermParser(), None, ""
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                # A process that was stopped wakes up with its patience spent: only a second look proves silence.
                ready = selector.select(self._patience()) or selector.select(0)
                self._at = time.monotonic()
                if ready:
                    data = self._read()
                    if not data:
                        self._app.post_message(HungUp())
                        return
                    self._take(decode(data))
                else:
                    self._tell(self.wedge.quiet(self._at))
                    self._rest_escape()
                self._pass(self._parser.tick())
                self._tell_rest()

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, READ_BYTES)
        except OSError:  # the terminal has hung up
            return b""

    def _take(self, text: str) -> None:
        """Parse what was read. An Escape at its end waits for what follows: a key's sequence, or nothing."""
        if self._escape_at is not None:
            text, self._escape_at = ESCAPE + text, None
        if text.endswith(ESCAPE):
            text, self._escape_at = text[:-1], self._at
        first, *rest = LONE_ESCAPE.split(text)
        self._parse(first)
        for part in rest:
            self.process_message(events.Key("escape", ESCAPE))
            self._parse(part)

    def _parse(self, text: str) -> None:
        """Plain characters need no parser unless it is in the middle of a sequence or of a paste."""
        if not self._open and ESCAPE not in text:
            self._tell_plain(text)
            return
        self._open = SEQUENCE.sub("", self._open + text)
        if PASTE_BEGINS not in self._open and ESCAPE not in self._open:
            self._open = ""
        self._pass(self._parser.feed(text))

    def _tell_plain(self, text: str) -> None:
        for char in text:
            if char in PLAIN_ENDINGS:
                self._tell(self.wedge.ending(PLAIN_ENDINGS[char], self._at))
            elif char.isprintable() or char in SEPARATORS:
                self._tell(self.wedge.character(char, self._at))
            else:
                self._pass(self._parser.feed(char))

    def _rest_escape(self) -> None:
        if self._escape_at is not None and self._at >= self._escape_at + ESCAPE_SECONDS:
            self._escape_at = None
            self.process_message(events.Key("escape", ESCAPE))

    def _patience(self) -> float:
        """Seconds until something held is due."""
        escape = None if self._escape_at is None else self._escape_at + ESCAPE_SECONDS
        dues = [due for due in (self.wedge.due, self.enters.due, escape) if due is not None]
        return min(LONGEST_WAIT, max(min(dues) - time.monotonic() + 0.001, 0)) if dues else LONGEST_WAIT

    def _pass(self, found: Iterable[Message]) -> None:
        for message in found:
            self.process_message(message)

    def _hear(self, key: events.Key) -> list[Heard]:
        char = key.character or ""
        if key.key in ENDINGS:
            return self.wedge.ending(ENDINGS[key.key], self._at)
        if len(char) == 1 and (char.isprintable() or char in SEPARATORS):
            return self.wedge.character(char, self._at)
        return self.wedge.key(key.key)

    def _tell(self, heard: Iterable[Heard]) -> None:
        for what in heard:
            if isinstance(what, Code):
                self._app.post_message(Scanned(what.text))
            elif isinstance(what, Text):
                self._app.post_message(Typed(what.text))
            elif what.key != "enter" or self.enters.press(self._at):
                self._app.post_message(Pressed(what.key))

    def _tell_rest(self) -> None:
        single = self.enters.rest(self._at)
        if single is not None:
            self._app.post_message(EnterRested(single=single))
