"""The passphrase of a backup: from a file, from DROPSHELF_PASSPHRASE, or typed; never from the command's words."""

import getpass
import os
from pathlib import Path

from edge_agent.errors import BadInput

NAME = "DROPSHELF_PASSPHRASE"


def passphrase(file: Path | None, *, twice: bool = False) -> str:
    """The passphrase; typed `twice` when a mistyped one would lock a new backup."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").splitlines()[0]
        except (OSError, UnicodeDecodeError, IndexError) as error:
            raise BadInput(f"{file} has no passphrase in its first line") from error
    if given := os.environ.get(NAME):
        return given
    typed = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Again: ") != typed:
        raise BadInput("the passphrases differ")
    return typed
