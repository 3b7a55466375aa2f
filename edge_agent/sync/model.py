"""A model on its way to this till: looked at before a byte of it is fetched, then fetched part by part, then taken."""

import base64
import binascii
import logging
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge_agent.demand.schema import SCHEMA
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.shelf import Shelf
from edge_agent.wire.events.models import ModelPublished, ModelRefused, ModelTaken, Why, signed_model
from edge_agent.wire.limits import MODEL_BYTES
from edge_agent.wire.messages import ModelPart

log = logging.getLogger(__name__)
KEPT_S = 30.0
Fault = tuple[Why, str]


@dataclass(frozen=True)
class Judge:
    """What an offer is measured by: the pinned key (hex, empty: none), the cloud's audience, the newest version that
    was taken from it, and the time, if it can be trusted."""

    key: str
    audience: str
    newest: int
    now: int
    trusted: bool
    features: str = SCHEMA

    def fault(self, offer: ModelPublished) -> Fault | None:
        """Why the offer is refused; None when it may be fetched. The signature first: without it no word counts."""
        if not self._is_signed(offer):
            return "key", "It was not signed by the key that this till pinned at pairing."
        if offer.features != self.features:
            return "schema", f"It was made for features {offer.features}; this program makes {self.features}."
        if offer.version <= self.newest:
            return "older", f"It is version {offer.version}; this till has taken {self.newest} already."
        if self.trusted and self.now > offer.expires_at:
            return "expired", "Its offer has expired."
        if offer.length > MODEL_BYTES:
            return "longer", f"It has {offer.length} bytes; a model has at most {MODEL_BYTES}."
        return None

    def _is_signed(self, offer: ModelPublished) -> bool:
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            public.verify(bytes.fromhex(offer.signature), signed_model(self.audience, offer))
        except (ValueError, InvalidSignature):
            return False
        return True


class PartDoor(Protocol):
    """Where the bytes come from."""

    def model_part(self, *, sha256: str, after: int) -> ModelPart: ...


@dataclass(frozen=True)
class Bringing:
    """Takes one step at a time: `step` fetches one part, and goes on after any stop where the last one ended."""

    journal: Journal
    memory: Reading
    door: PartDoor
    shelf: Shelf
    key: str
    audience: str

    def step(self) -> bool:
        """One look or one part; True while there is more to do at once. A full disk waits, sales go first."""
        offer = self.memory.wanted_model(SCHEMA)
        if offer is None:
            return False
        if fault := self._judge().fault(offer):
            return self._refuse(offer, fault)
        try:
            return self.shelf.has_room() and self._fetch(offer)
        except OSError as error:
            log.warning("a model can't be kept: %s", error)
            return False

    def _judge(self) -> Judge:
        clock = self.journal.clock
        trusted = clock.quality() != "floor"
        return Judge(self.key, self.audience, self.memory.newest_model(), clock.now(), trusted)

    def _fetch(self, offer: ModelPublished) -> bool:
        if self.shelf.holds(offer.sha256):
            return self._take(offer)
        here = self.shelf.fetched(offer.sha256)
        if here < offer.length:
            part = _bytes_of(self.door.model_part(sha256=offer.sha256, after=here), offer, here)
            if not part:
                # The cloud has no more of it, or answers something else: asked again when the feed is.
                return False
            if here + len(part) > offer.length:
                return self._refuse(
                    offer, ("longer", f"There are more bytes than the {offer.length} that were signed.")
                )
            self.shelf.add(offer.sha256, part)
            here += len(part)
        if here < offer.length:
            return True
        if here > offer.length or not self.shelf.finish(offer.sha256):
            return self._refuse(offer, ("bytes", "Its bytes are not those that were signed."))
        return self._take(offer)

    def _take(self, offer: ModelPublished) -> bool:
        fields = offer.model_dump(include={"version", "sha256", "features", "taught_until"})
        self.journal.record(lambda _: [Draft(ModelTaken(**fields))]).result(KEPT_S)
        log.info("a model was taken and runs in the shadow", extra={"version": offer.version, "model": offer.sha256})
        return False

    def _refuse(self, offer: ModelPublished, fault: Fault) -> bool:
        why, words = fault
        self.shelf.give_up(offer.sha256)
        fields = offer.model_dump(include={"version", "sha256", "signature"})
        self.journal.record(lambda _: [Draft(ModelRefused(**fields, why=why, words=words))]).result(KEPT_S)
        log.warning("a model was refused: %s", words, extra={"version": offer.version, "why": why})
        return False


def _bytes_of(part: ModelPart, offer: ModelPublished, after: int) -> bytes:
    """What came; nothing when it does not belong to what was asked."""
    if (part.sha256, part.after) != (offer.sha256, after):
        return b""
    try:
        return base64.b64decode(part.data, validate=True)
    except binascii.Error:
        return b""
