"""Models as a cloud might offer them: signed by its key or another, and altered in any way."""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.demand.schema import SCHEMA
from edge_agent.wire.events.models import ModelPublished, signed_model
from edge_agent.wire.messages import FeedEntry
from tests.shop import TUESDAY_14

SHIPPED = Path(__file__).parent.parent / "models" / "demand.onnx"
AUDIENCE = "cloud"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PINNED = KEY.public_key().public_bytes_raw().hex()


def offer(file: bytes, *, key: Ed25519PrivateKey = KEY, audience: str = AUDIENCE, **changed: object) -> ModelPublished:
    """A signed offer of a file; what is `changed` is signed so, unless the signature itself is."""
    fields: dict[str, object] = {
        "version": 2026030301,
        "sha256": hashlib.sha256(file).hexdigest(),
        "length": len(file),
        "features": SCHEMA,
        "taught_until": 0,
        "expires_at": TUESDAY_14 + 86_400_000,
        "signature": "0" * 128,
    }
    plain = ModelPublished.model_validate({**fields, **changed})
    return plain.model_copy(update={"signature": key.sign(signed_model(audience, plain)).hex()})


def entry(cursor: int, model: ModelPublished) -> FeedEntry:
    """The offer as the feed has it."""
    return FeedEntry(cursor=cursor, kind="model_published", v=1, at=TUESDAY_14, body=model.model_dump())


def constant_model(mean: float, phi: float = 1.0, *, schema: str = SCHEMA) -> bytes:
    """A real model file that corrects every forecast by the same two factors."""
    import onnx
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Shape", ["features"], ["shape"]),
        helper.make_node("Slice", ["shape", "zero", "one"], ["rows"]),
        helper.make_node("Concat", ["rows", "one"], ["column"], axis=0),
    ]
    whole = {"zero": 0, "one": 1}
    starts = [helper.make_tensor(name, TensorProto.INT64, [1], [value]) for name, value in whole.items()]
    for name, factor in (("mean_factor", mean), ("phi_factor", phi)):
        value = helper.make_tensor(f"{name}_value", TensorProto.FLOAT, [1], [factor])
        nodes.append(helper.make_node("ConstantOfShape", ["column"], [name], value=value))
    asked = helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, None])
    answers = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("mean_factor", "phi_factor")
    ]
    graph = helper.make_graph(nodes, "constant", [asked], answers, initializer=starts)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.helper.set_model_props(model, {"feature_schema": schema})
    return bytes(model.SerializeToString())
