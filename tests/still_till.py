"""The program `edge-agent` with nothing running beside the sale: a screen shows only what its test has put there."""

import sys

from edge_agent.commands import main
from edge_agent.opening import OpenTill


def _nothing(self: OpenTill) -> None:
    """No forecasts, orders, sync or jobs."""


if __name__ == "__main__":
    OpenTill.start_work = _nothing  # type: ignore[method-assign]
    sys.exit(main())
