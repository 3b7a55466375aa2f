"""The demand model on its way to the tills: what the cloud offers, signed, and what a till did with it."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Schema = Annotated[str, Field(min_length=1, max_length=32)]
Version = Annotated[int, Field(strict=True, ge=1)]
Why = Literal["key", "schema", "older", "expired", "longer", "bytes"]
Fault = Literal["failed", "worse"]


class ModelPublished(Contract):
    """A model for every till (a feed entry): its file is asked for by `sha256` and has `length` bytes.

    `features` is the schema that it was made for; `taught_until` the last day (ordinal) whose sales taught it, so that
    a shop judges it by later ones; after `expires_at` it is not taken any more. Signed by the key that was pinned at
    pairing (`signed_model`).
    """

    version: Version
    sha256: Hash
    length: Annotated[int, Field(strict=True, ge=1)]
    features: Schema
    taught_until: Count
    expires_at: Count
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


def signed_model(audience: str, model: ModelPublished) -> bytes:
    """What a model's signature covers: all of it, and the audience of the cloud that publishes it."""
    numbers = (model.version, model.sha256, model.length, model.features, model.taught_until, model.expires_at)
    return "\n".join(["till-model/1", audience, *map(str, numbers)]).encode()


class ModelTaken(Contract):
    """A model was fetched and is what was signed; it runs in the shadow until this shop's weeks have judged it."""

    version: Version
    sha256: Hash
    features: Schema
    taught_until: Count


class ModelRefused(Contract):
    """An offered model was not taken: another key, features of another program, a version that is not newer, expired by
    a trusted clock, longer than it says or than a model may be, other bytes than were signed."""

    version: Version
    sha256: Hash
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
    why: Why
    words: Annotated[str, Field(max_length=200)]


class ModelJudged(Contract):
    """The back-test of a model in the shadow on this shop's last evenings: quantile losses in millionths.

    `before` is the model in use (empty: the base alone), `loss_base` the base's.
    """

    sha256: Hash
    before: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
    evenings: Count
    sums: Count
    loss: Count
    loss_before: Count
    loss_base: Count
    better: bool


class ModelActivated(Contract):
    """From here on this model speaks; the one `before` is kept until it has proven itself."""

    version: Count
    sha256: Hash
    before: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class ModelSetAside(Contract):
    """A model does not speak any more: it failed, or did worse here; `instead` does (empty: the base alone)."""

    version: Count
    sha256: Hash
    why: Fault
    words: Annotated[str, Field(max_length=200)]
    instead: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("model_published", 1): ModelPublished,
    ("model_taken", 1): ModelTaken,
    ("model_refused", 1): ModelRefused,
    ("model_judged", 1): ModelJudged,
    ("model_activated", 1): ModelActivated,
    ("model_set_aside", 1): ModelSetAside,
}
