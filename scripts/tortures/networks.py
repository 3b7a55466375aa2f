"""Two networks of their own joined by one wire, which can be cut: nothing in them reaches this machine or the world."""

import subprocess
from collections.abc import Sequence
from typing import Literal

from edge_agent.errors import Unreachable

Side = Literal["cloud", "till"]
Cut = Literal["down", "blackhole", "narrow"]
SIDES: tuple[Side, ...] = ("cloud", "till")
CUTS: tuple[Cut, ...] = ("down", "blackhole", "narrow")
"""The link is down; the way to the other side swallows every packet; no packet above 576 bytes passes."""
ADDRESS: dict[Side, str] = {"cloud": "10.0.0.1", "till": "10.0.0.2"}
NARROW, WIDE = "576", "1500"
KEEPER = ("sh", "-c", "echo kept; exec cat")
"""It keeps a network for as long as its input is open, so that none is left behind, however the rig ends."""
APART = ("unshare", "--user", "--map-root-user", "--net")


class Networks:
    """The cloud's network and the till's. Unreachable, with the machine's own words, where it may make none."""

    def __init__(self, apart: Sequence[str] = APART) -> None:
        self._keepers: dict[Side, subprocess.Popen[str]] = {}
        try:
            self._keep("cloud", *apart)
            self._keep("till", *self.inside("cloud"), "unshare", "--net")
            self._join()
        except BaseException:
            self.close()
            raise

    def _keep(self, side: Side, *words: str) -> None:
        pipe = subprocess.PIPE
        try:
            keeper = subprocess.Popen([*words, *KEEPER], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        except OSError as error:
            raise Unreachable(f"this machine makes no networks of its own: {error}") from error
        self._keepers[side] = keeper
        assert keeper.stdout, "it is a pipe"
        assert keeper.stderr, "it is a pipe"
        if keeper.stdout.readline() != "kept\n":
            raise Unreachable(f"this machine makes no networks of its own: {keeper.stderr.read().strip()}")

    def _join(self) -> None:
        till = str(self._keepers["till"].pid)
        self._ip("cloud", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", till)
        for side in SIDES:
            self._ip(side, "addr", "add", f"{ADDRESS[side]}/30", "dev", "wire")
            self._ip(side, "link", "set", "lo", "up")
            self._ip(side, "link", "set", "wire", "up")

    def inside(self, side: Side) -> tuple[str, ...]:
        """What stands before a command so that it runs in this network, no longer than the rig."""
        enter = ("nsenter", "--preserve-credentials", "-U", "-n", "-t", str(self._keepers[side].pid))
        return (*enter, "setpriv", "--pdeathsig", "KILL")

    def _ip(self, side: Side, *words: str) -> None:
        done = subprocess.run([*self.inside(side), "ip", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unreachable(f"ip {' '.join(words)}: {done.stderr.strip()}")

    def cut(self, how: Cut, side: Side) -> None:
        """Cut the wire at one end."""
        self._ip(side, *self._words(how, side, cut=True))

    def heal(self, how: Cut, side: Side) -> None:
        """Undo that cut."""
        self._ip(side, *self._words(how, side, cut=False))

    def _words(self, how: Cut, side: Side, *, cut: bool) -> tuple[str, ...]:
        other = ADDRESS["till" if side == "cloud" else "cloud"]
        match how:
            case "down":
                return ("link", "set", "wire", "down" if cut else "up")
            case "blackhole":
                return ("route", "add" if cut else "del", "blackhole", f"{other}/32")
            case "narrow":
                return ("link", "set", "wire", "mtu", NARROW if cut else WIDE)

    def close(self) -> None:
        """Let both networks go, and the wire with them."""
        for keeper in self._keepers.values():
            keeper.communicate()
