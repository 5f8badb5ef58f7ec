"""Small graphs that refine the masks of several passes, and models that have one."""

import hashlib

from onnx import TensorProto, helper

from tests.support.models import constant_masks, write_model

HOPS = [48, 64, 80]
PLANE = (8, 129)


def refine_graph(nodes, inputs=(4, 6), output=2, plane=PLANE, name="mask"):
    spectra, masks = (
        helper.make_tensor_value_info(key, TensorProto.FLOAT, (1, count, *plane))
        for key, count in zip(("spectra", "masks"), inputs, strict=True)
    )
    mask = helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, output, *plane))
    graph = helper.make_graph(nodes, "refine", [spectra, masks], [mask])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def pick_pass(number, name="mask"):
    """A graph that takes the masks of one pass."""
    starts, ends, axes = (
        helper.make_node("Constant", [], [key], value_ints=[value])
        for key, value in (("starts", 2 * number), ("ends", 2 * number + 2), ("axes", 1))
    )
    nodes = [starts, ends, axes, helper.make_node("Slice", ["masks", "starts", "ends", "axes"], [name])]
    return refine_graph(nodes, name=name)


def write_refined(folder, graph, net=None, **changes):
    data = graph if isinstance(graph, bytes) else graph.SerializeToString()
    digest = changes.pop("digest", hashlib.sha256(data).hexdigest())
    best = {"best__hops": HOPS, "best__name": "refine.onnx", "best__sha256": digest}
    target = write_model(folder, net or constant_masks([0.25, 0.75]), **(best | changes))
    (target / "refine.onnx").write_bytes(data)
    return target
