"""The key that signs models: made once for a cloud, its private half in a file of its owner alone, its public half in
the database, from where every till gets it at pairing."""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlmodel import Session

from cloud_sync.service import stamp
from cloud_sync.tables.house import Stamp
from edge_agent.errors import Broken, NotAllowed
from edge_agent.wire.events.models import ModelPublished, signed_model

STAMP = "model_key"


def key_file(data: Path) -> Path:
    """Where the private half lies, unless its keeper puts it elsewhere."""
    return data / "keys" / "model.key"


def public_key(session: Session) -> str:
    """The public half in hex; empty where this cloud has no key yet."""
    row = session.get(Stamp, STAMP)
    return row.value if row else ""


def ensure_key(session: Session, data: Path) -> None:
    """Make the key of a cloud that has none. The file comes first: a stop in between leaves it to be used again."""
    if public_key(session):
        return
    file = key_file(data)
    private = _read(file) if file.exists() else Ed25519PrivateKey.generate()
    if not file.exists():
        _write_secret(file, private.private_bytes_raw().hex())
    session.add(Stamp(name=STAMP, value=private.public_key().public_bytes_raw().hex()))


def sign(session: Session, file: Path, model: ModelPublished) -> ModelPublished:
    """The model with its signature; NotAllowed when the key in `file` is not the one that the tills have pinned."""
    if not file.is_file():
        raise NotAllowed(f"the key that signs models is not at {file}; name it with --key")
    private = _read(file)
    if private.public_key().public_bytes_raw().hex() != public_key(session):
        raise NotAllowed(f"the key in {file} is another than the tills have pinned at pairing; they would refuse")
    signature = private.sign(signed_model(stamp(session, "audience"), model)).hex()
    return model.model_copy(update={"signature": signature})


def holds(model: ModelPublished, *, audience: str, key: str) -> bool:
    """True when the signature of a model is this key's, for this audience."""
    with contextlib.suppress(ValueError, InvalidSignature):
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(model.signature), signed_model(audience, model))
        return True
    return False


def _read(file: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text().strip()))
    except (OSError, ValueError) as error:
        raise Broken(f"{file} holds no key that signs models") from error


def _write_secret(file: Path, text: str) -> None:
    """0600 from the first byte, whole or not at all, durable."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
