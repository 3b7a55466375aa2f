"""Secrets that are made of a key of the cloud itself, so that neither the database nor a backup holds them."""

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from edge_agent.errors import Broken


def secret_of(file: Path, *words: str | int) -> bytes:
    """The 32 bytes that belong to these words under the key in `file`, which is made at the first need."""
    if not file.exists():
        _make_key(file)
    try:
        key = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError) as error:
        raise Broken(f"{file} holds no key") from error
    return hmac.new(key, json.dumps(words).encode(), hashlib.sha256).digest()


def _make_key(file: Path) -> None:
    """Readable by its owner alone, whole or not at all; of two that make it at once, the first one's stays."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_hex(32))
        out.flush()
        os.fsync(out.fileno())
    with suppress(FileExistsError):
        os.link(fresh, file)
    fresh.unlink()
