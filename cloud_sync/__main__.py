"""`python -m cloud_sync` is the command `cloud-sync`."""

import sys

from cloud_sync.commands import main

if __name__ == "__main__":
    sys.exit(main())
