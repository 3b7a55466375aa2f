"""The cloud of the row `journey`: the real `cloud-sync serve` with a mail server and a webhook on loopback."""

import os
from pathlib import Path

from cloud_sync.clock import FileClock
from cloud_sync.commands import main as command
from cloud_sync.database import Database
from cloud_sync.post import outbox
from cloud_sync.post.outbox import Taken
from cloud_sync.post.worker import Postman

LOOKS_EVERY_S = 0.1
"""The postman looks this often: a day of the row is a second."""


def main(folder: str, port: str, clock: str, mail_port: str, forgets: str) -> None:
    """Serve the cloud of `folder` until it is killed; `forgets` plants a postman that takes no answer for no."""
    with (Path(folder) / "server.log").open("ab") as log:
        os.dup2(log.fileno(), 2)
    said = {"HOST": "127.0.0.1", "PORT": mail_port, "SECURITY": "none", "FROM": "orders@shop.example"}
    os.environ.update({f"DROPSHELF_CLOUD_MAIL_{name}": value for name, value in said.items()})
    os.environ["DROPSHELF_CLOUD_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
    os.environ["DROPSHELF_CLOCK"] = clock
    defaults = Postman.__init__.__kwdefaults__
    assert defaults is not None
    defaults["every_s"] = LOOKS_EVERY_S
    if int(forgets):
        _forget(FileClock(Path(clock)))
    command(["serve", "--port", port, "--data", folder])


def _forget(clock: FileClock) -> None:
    """The planted fault."""

    def note(database: Database, taken: Taken, problem: str) -> bool:
        return outbox.note_refused(database, taken, problem, clock.now(), again=True)

    setattr(outbox, "note_unknown", note)  # noqa: B010 - a function takes another one's place


if __name__ == "__main__":
    raise SystemExit("scripts/torture.py journey starts it")
