"""How long the till waits for the cloud, in seconds; apart from `http`, which is heavy to load."""

from dataclasses import dataclass

from edge_agent.wire.limits import REQUEST_SECONDS


@dataclass(frozen=True)
class Patience:
    """To connect, for the next bytes (either way), and for a whole request."""

    connect_s: float = 5.0
    bytes_s: float = 20.0
    whole_s: float = REQUEST_SECONDS


USUAL = Patience()
