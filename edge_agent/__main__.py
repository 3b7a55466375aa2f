"""`python -m edge_agent` is the command `edge-agent`."""

import sys

from edge_agent.commands import main

if __name__ == "__main__":
    sys.exit(main())
