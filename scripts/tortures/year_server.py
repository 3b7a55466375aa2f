"""The cloud of the year: the real `cloud-sync serve` on a scripted clock."""

import os

from cloud_sync.commands import main as command


def main(folder: str, port: str, clock: str) -> None:
    """Serve the cloud of `folder` until it is killed."""
    os.environ["DROPSHELF_CLOCK"] = clock
    command(["serve", "--port", port, "--data", folder])
