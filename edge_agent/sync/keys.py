"""The device's own key and what it got at pairing: two files in `keys/`, readable by their owner alone."""

import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from edge_agent.errors import Broken
from edge_agent.sync.paired import FOLDER, pairing_file
from edge_agent.wire.envelope import Contract
from edge_agent.wire.messages import BatchHeader, Paired, signed_bytes


class Pairing(Contract):
    """Where the cloud is, what it gave, and the file of its certificate authority (empty: the usual ones)."""

    url: str
    ca: str
    paired: Paired


@dataclass(frozen=True)
class Keys:
    """The pairing with the private key that signs for it; neither is ever logged."""

    pairing: Pairing
    private: Ed25519PrivateKey

    def signed(self, header: BatchHeader) -> BatchHeader:
        """The header with its signature."""
        paired = self.pairing.paired
        signature = self.private.sign(signed_bytes(paired.audience, paired.tenant, header))
        return header.model_copy(update={"signature": signature.hex()})


def load_keys(data: Path) -> Keys | None:
    """The keys of a paired till; None when it was never paired, Broken when a file is damaged."""
    files = _private_file(data), pairing_file(data)
    if not all(file.exists() for file in files):
        return None
    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(files[0].read_text()))
        return Keys(Pairing.model_validate_json(files[1].read_text()), private)
    except (ValueError, ValidationError) as error:
        raise Broken(f"a file in {data / FOLDER} is damaged; pair this till again") from error


def own_key(data: Path) -> Ed25519PrivateKey:
    """The device's private key, made at first use; it never leaves the device."""
    file = _private_file(data)
    if file.exists():
        with contextlib.suppress(ValueError):
            return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text()))
    private = Ed25519PrivateKey.generate()
    write_secret(file, private.private_bytes_raw().hex())
    return private


def save_pairing(data: Path, pairing: Pairing) -> None:
    """Keep what the cloud gave."""
    write_secret(pairing_file(data), json.dumps(pairing.model_dump()))


def _private_file(data: Path) -> Path:
    return data / FOLDER / "device.key"


def write_secret(file: Path, text: str) -> None:
    """Write a secret: 0600 from the first byte, whole or not at all, durable."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
