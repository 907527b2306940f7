#!/usr/bin/env python3
"""Writes the models of the self-test of `doctor`, one for each engine, with nothing but Python.

Each takes a grey image of 2x2 pixels, x = (x1, x2, x3, x4), and has the outputs (s, -s): on
PyTorch s = x1^2 + x2^2 + x3^2 + x4^2, on the others s = 1 x1 + 2 x2 + 3 x3 + 4 x4. So the image
(1, 2, 3, 4) gives (30, -30), and the gradient of s is (2, 4, 6, 8) and (1, 2, 3, 4).

    python3 tools/self_test_models.py aucmedi-xai-cli/src/main/resources/org/aucmedi/xai/cli/selftest
"""
import json
import pathlib
import struct
import sys
import zipfile

WEIGHTS = [1, 2, 3, 4]


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    """A field of a protobuf message: a number, a text or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def floats(values):
    return struct.pack("<%df" % len(values), *values)


def torchscript():
    code = """\
class Net(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def forward(self: __torch__.Net,
    x: Tensor) -> Tensor:
    s = torch.sum(torch.flatten(torch.mul(x, x), 1), [1], True)
    return torch.cat([s, torch.neg(s)], 1)
"""
    pickle = b"\x80\x02c__torch__\nNet\n)\x81}X\x08\x00\x00\x00training\x89sb."
    return [("data.pkl", pickle), ("code/__torch__.py", code.encode()),
            ("constants.pkl", b"\x80\x02)."), ("version", b"3\n")]


def onnx():
    def node(op, inputs, output, attributes=b""):
        return b"".join(field(1, i) for i in inputs) + field(2, output) + field(4, op) + attributes

    def value(name, shape):
        sizes = b"".join(field(1, field(1, n) if n > 0 else field(2, "any")) for n in shape)
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, sizes)))

    weight = (field(1, 4) + field(1, 2) + field(2, 1) + field(8, "w")
              + field(9, floats([v for w in WEIGHTS for v in (w, -w)])))
    graph = (field(1, node("Flatten", ["x"], "flat")) + field(1, node("MatMul", ["flat", "w"], "y"))
             + field(2, "self-test") + field(5, weight) + field(11, value("x", [-1, 1, 2, 2]))
             + field(12, value("y", [-1, 2])))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


def savedmodel():
    FLOAT, INT = field(6, 1), field(6, 3)

    def node(op, name, inputs, attributes):
        return (field(1, name) + field(2, op) + b"".join(field(3, i) for i in inputs)
                + b"".join(field(5, field(1, k) + field(2, v)) for k, v in attributes.items()))

    def shape(sizes):
        return b"".join(field(2, field(1, n)) for n in sizes)

    def tensor(dtype, sizes, content):
        return field(8, field(1, dtype) + field(2, shape(sizes)) + field(4, content))

    kernel = floats([v for w in WEIGHTS for v in (w, -w)])
    graph = b"".join(field(1, n) for n in [
        node("Placeholder", "x", [], {"dtype": FLOAT, "shape": field(7, shape([-1, 2, 2, 1]))}),
        node("Const", "sizes", [], {"dtype": INT, "value": tensor(3, [2], struct.pack("<2i", -1, 4))}),
        node("Reshape", "flat", ["x", "sizes"], {"T": FLOAT, "Tshape": INT}),
        node("Const", "kernel", [], {"dtype": FLOAT, "value": tensor(1, [4, 2], kernel)}),
        node("MatMul", "y", ["flat", "kernel"], {"T": FLOAT}),
    ]) + field(4, field(1, 1882))

    def info(name, sizes):
        return field(1, name + ":0") + field(2, 1) + field(3, shape(sizes))

    signature = (field(1, field(1, "x") + field(2, info("x", [-1, 2, 2, 1])))
                 + field(2, field(1, "y") + field(2, info("y", [-1, 2])))
                 + field(3, "tensorflow/serving/predict"))
    meta = (field(1, field(4, "serve")) + field(2, graph)
            + field(5, field(1, "serving_default") + field(2, signature)))
    return field(1, 1) + field(2, meta)


def symbol():
    def node(op, name, inputs, **attributes):
        made = {"op": op, "name": name, "inputs": [[i, 0, 0] for i in inputs]}
        return {**made, "attrs": attributes} if attributes else made

    graph = {
        "nodes": [node("null", "data", []), node("null", "w", []), node("Flatten", "flat", [0]),
                  node("FullyConnected", "y", [2, 1], num_hidden="2", no_bias="True")],
        "arg_nodes": [0, 1], "heads": [[3, 0, 0]], "attrs": {"mxnet_version": ["int", 10900]},
    }
    # Version 2, dense, the shape, on the CPU, float32.
    weight = struct.pack("<IiiqqiiI", 0xF993FAC9, 0, 2, 2, 4, 1, 0, 0)
    weight += floats(WEIGHTS + [-w for w in WEIGHTS])
    name = b"arg:w"
    params = struct.pack("<QQQ", 0x112, 0, 1) + weight + struct.pack("<QQ", 1, len(name)) + name
    return json.dumps(graph, indent=1) + "\n", params


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "pytorch.pt", "w") as archive:
        for name, content in torchscript():
            archive.writestr(zipfile.ZipInfo("net/" + name), content)
    (folder / "onnxruntime.onnx").write_bytes(onnx())
    (folder / "tensorflow.pb").write_bytes(savedmodel())
    graph, params = symbol()
    (folder / "mxnet-symbol.json").write_text(graph)
    (folder / "mxnet-0000.params").write_bytes(params)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
