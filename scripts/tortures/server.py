"""The other victim: the real `cloud-sync serve`, which says when it takes lines in, counts them and gives the feed."""

import sys

from cloud_sync import tills
from cloud_sync.commands import main as command
from cloud_sync.ingest import worker
from scripts.tortures.saying import told


def main(folder: str, port: str, *more: str) -> None:
    """Serve the cloud of `folder` until it is killed."""
    for module, act, what in ((tills, "receive", "ingest"), (tills, "page", "feed"), (worker, "project", "project")):
        setattr(module, act, told(what, getattr(module, act)))
    command(["serve", "--port", port, "--data", folder, *more])


if __name__ == "__main__":
    main(*sys.argv[1:])
