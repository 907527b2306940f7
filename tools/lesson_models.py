#!/usr/bin/env python3
"""Draws the images, trains the networks and writes the files that the lessons of aucmedi-xai-examples read.

    python tools/lesson_models.py aucmedi-xai-examples

needs torch, tensorflow with keras 3, onnx, nibabel and pillow, and takes a few minutes. It writes the folder `lessons`, and what
PyTorch and TensorFlow compute for the same images into `src/test/resources/org/aucmedi/xai/examples/lessons`.

Everything is drawn and trained here, from fixed seeds; nothing is taken from elsewhere.
"""
import collections
import io
import json
import os
import pathlib
import shutil
import struct
import sys
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import nibabel
import numpy as np
import onnx
import tensorflow as tf
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from tensorflow.core.protobuf import saved_model_pb2
from torch import nn

SIZE = 64
FINDINGS = ["lesion", "vacuole", "debris"]
torch.set_num_threads(1)


# ---- images


def outline(rng, cx, cy, radius, roughness):
    """How far inside a wavering circle each pixel lies; negative outside."""
    y, x = np.mgrid[:SIZE, :SIZE]
    angle = np.arctan2(y - cy, x - cx)
    waver = np.sin(2 * angle + rng.uniform(0, 7)) + 0.7 * np.sin(3 * angle + rng.uniform(0, 7))
    return radius * (1 + roughness * waver) - np.hypot(x - cx, y - cy)


def cell(rng, lesion, vacuole, debris, pigment):
    """A cell with its nucleus; a lesion is rust-coloured and granular, a vacuole bright, and debris dark and outside. Pigment, which is no finding, is
    rust-coloured and smooth, so colour alone does not give a lesion away. Returns pixels and the masks of the findings."""
    stain = rng.uniform(-7, 7, 3)
    rgb = np.array([236.0, 222, 228]) + stain + np.zeros((SIZE, SIZE, 3))
    masks = np.zeros((3, SIZE, SIZE), bool)

    def paint(depth, colour, softness, grain):
        cover = np.clip(0.5 + depth / (2 * softness), 0, 1)[..., None]
        value = np.array(colour) + stain + rng.uniform(-grain, grain, (SIZE, SIZE, 1))
        rgb[:] += cover * (value - rgb)

    cx, cy = SIZE / 2 + rng.uniform(-5, 5, 2)
    body = outline(rng, cx, cy, rng.uniform(19, 23), 0.05)
    paint(body, [168, 108, 156], 1.2, 0)
    paint(body - 2, [212, 164, 196], 1.5, 6)
    turn = rng.uniform(0, 2 * np.pi)

    def inside(angle, low, high, radius, roughness):
        distance = rng.uniform(low, high)
        return outline(rng, cx + distance * np.cos(angle), cy + distance * np.sin(angle), radius, roughness)

    paint(inside(turn, 4, 8, rng.uniform(5.5, 7.5), 0.1), [118, 72, 150], 1.5, 8)
    spots = [(lesion, [176, 104, 52], 40), (vacuole, [242, 236, 246], 3), (pigment, [176, 104, 52], 3)]
    for finding, (there, colour, grain), angle in zip(range(3), spots, rng.permutation([1.6, 3.14, -1.6])):
        if there:
            depth = inside(turn + angle + rng.uniform(-0.2, 0.2), 10, 13, rng.uniform(4.2, 5.2), 0.2)
            paint(depth, colour, 1, grain)
            if finding < 2:
                masks[finding] = depth > 0
    if debris:
        for _ in range(rng.integers(3, 7)):
            depth = inside(rng.uniform(0, 2 * np.pi), 28, 38, rng.uniform(1.2, 2.4), 0.2)
            paint(depth, [96, 92, 98], 0.8, 6)
            masks[2] |= depth > 0
    noise = 1.5 * rng.normal(size=rgb.shape)
    return np.rint(np.clip(rgb + noise, 0, 255)).astype(np.uint8), masks


def cells(seed, count, pigment=0.5):
    """Images, with each finding in half of them."""
    rng = np.random.default_rng(seed)
    drawn = rng.random((count, 4)) < (0.5, 0.5, 0.5, pigment)
    return np.stack([cell(rng, *row)[0] for row in drawn]), drawn[:, :3].astype(np.float32)


SPACING = (4.0, 1.0, 1.0)  # z, y, x in millimetres
VOLUME = (12, 40, 40)


def volume(rng, lesion):
    """A head of soft tissue with bright vessels along z; a lesion is a brighter ball of 10 to 14 mm. Returns voxels and the ball's centre in voxels."""
    z, y, x = np.mgrid[: VOLUME[0], : VOLUME[1], : VOLUME[2]]
    head = ((z - 5.5) / 6.5) ** 2 + ((y - 19.5) / 17) ** 2 + ((x - 19.5) / 15) ** 2 < 1
    voxels = 300.0 * head
    for _ in range(2):
        vy, vx = rng.uniform(12, 27, 2)
        voxels[head & (np.hypot(y - vy, x - vx) < 1.6)] = 700
    centre = np.array([rng.uniform(3, 8), rng.uniform(12, 27), rng.uniform(12, 27)])
    if lesion:
        away = np.sqrt(sum((s * (axis - c)) ** 2 for s, axis, c in zip(SPACING, (z, y, x), centre)))
        voxels[head & (away < rng.uniform(5, 7))] = 1000
    return np.rint(voxels + 25 * rng.normal(size=VOLUME)).astype(np.int16), centre


# ---- preparation, as the lessons do it


def tf_mode(pixels):
    return pixels.astype(np.float32) / 127.5 - 1


def z_score(pixels):
    x = pixels.astype(np.float32)
    axes = tuple(range(1, x.ndim))
    return (x - x.mean(axes, keepdims=True)) / x.std(axes, keepdims=True)


def resampled(voxels):
    """Voxels of 4 x 2 x 2 mm, with the first where it is: every second one."""
    return voxels[:, :, ::2, ::2]


def channels_first(x):
    return torch.tensor(np.moveaxis(x, -1, 1).copy())


# ---- networks


def convolutional(outputs, last, pool=nn.AvgPool2d, filters=(8, 16, 16), hidden=0):
    """Convolution, ReLU and pooling, twice or more; the mean over all positions; a dense layer."""
    layers = collections.OrderedDict()
    channels = 3
    for i, count in enumerate(filters, 1):
        layers["conv%d" % i] = nn.Conv2d(channels, count, 3, padding=1)
        layers["relu%d" % i] = nn.ReLU()
        if i < len(filters) or hidden:
            layers["pool%d" % i] = pool(2)
        channels = count
    layers["mean"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    if hidden:
        layers["dense"] = nn.Linear(channels, hidden)
        layers["relu"] = nn.ReLU()
        channels = hidden
    layers["scores"] = nn.Linear(channels, outputs)
    layers["probabilities"] = last
    return nn.Sequential(layers)


def volumetric():
    return nn.Sequential(collections.OrderedDict(
        conv1=nn.Conv3d(1, 6, 3, padding=1), relu1=nn.ReLU(), conv2=nn.Conv3d(6, 8, 3, padding=1), relu2=nn.ReLU(),
        pool=nn.AvgPool3d((1, 2, 2)), conv3=nn.Conv3d(8, 8, 3, padding=1), relu3=nn.ReLU(), mean=nn.AdaptiveAvgPool3d(1),
        flatten=nn.Flatten(), scores=nn.Linear(8, 2), probabilities=nn.Softmax(1)))


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.weights = nn.Softmax(-1)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        attended = self.weights(q @ k.transpose(-2, -1) / (d // self.heads) ** 0.5) @ v
        return self.out(attended.transpose(1, 2).reshape(n, t, d))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """Patches of 8 x 8 pixels, so 64 tokens, and the class token; two blocks."""

    def __init__(self, dim=20, heads=2):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, 8, stride=8)
        self.class_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.positions = nn.Parameter(0.02 * torch.randn(1, 65, dim))
        self.blocks = nn.Sequential(Block(dim, heads), Block(dim, heads))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, 2)
        self.probabilities = nn.Softmax(1)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.probabilities(self.head(self.norm(self.blocks(x))[:, 0]))


def train(network, x, y, epochs, rate):
    """With the cross entropy of probabilities: of classes for softmax, of each unit for sigmoid. Labels are 0.03 and 0.97, so that no output saturates."""
    with torch.no_grad():
        for name, layer in network.named_children():
            if name == "scores":
                layer.weight *= 10  # A finding fills a hundredth of an image, and so of the mean.
    labels = torch.stack([1 - y, y], 1) if y.ndim == 1 else y
    labels = 0.03 + 0.94 * labels
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    steps = epochs * (len(x) // 32)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for step in range(steps):
        chosen = torch.randint(0, len(x), (32,))
        p = network(x[chosen]).clamp(1e-6, 1 - 1e-6)
        loss = nn.functional.binary_cross_entropy(p, labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def accuracy(network, x, y):
    with torch.no_grad():
        p = network(x)
    return float(((p.argmax(1) == y) if y.ndim == 1 else ((p > 0.5) == (y > 0.5))).float().mean())


# ---- files


def torchscript(network, example, file):
    """Traced, without the records of the machine it was traced on, which are most of such a file."""
    data = io.BytesIO()
    torch.jit.save(torch.jit.trace(network, example), data)
    with zipfile.ZipFile(data) as traced, zipfile.ZipFile(file, "w") as archive:
        for name in traced.namelist():
            if not name.endswith(".debug_pkl"):
                archive.writestr(zipfile.ZipInfo(name), traced.read(name))


def keras_twin(network, shape, dropout=0):
    layers = [keras.Input(shape, name="image")]
    for name, layer in network.named_children():
        if isinstance(layer, nn.Conv2d):
            layers.append(keras.layers.Conv2D(layer.out_channels, 3, padding="same", name=name))
        elif isinstance(layer, nn.ReLU):
            layers.append(keras.layers.ReLU(name=name))
        elif isinstance(layer, nn.AvgPool2d):
            layers.append(keras.layers.AveragePooling2D(2, name=name))
        elif isinstance(layer, nn.MaxPool2d):
            layers.append(keras.layers.MaxPooling2D(2, name=name))
        elif isinstance(layer, nn.AdaptiveAvgPool2d):
            layers.append(keras.layers.GlobalAveragePooling2D(name=name))
        elif isinstance(layer, nn.Linear):
            if name == "scores" and dropout:
                layers.append(keras.layers.Dropout(dropout, name="dropout"))
            layers.append(keras.layers.Dense(layer.out_features, name=name))
        elif isinstance(layer, nn.Softmax):
            layers.append(keras.layers.Softmax(name=name))
    model = keras.Sequential(layers)
    for name, layer in network.named_children():
        if isinstance(layer, nn.Conv2d):
            model.get_layer(name).set_weights([layer.weight.detach().permute(2, 3, 1, 0).numpy(), layer.bias.detach().numpy()])
        elif isinstance(layer, nn.Linear):
            model.get_layer(name).set_weights([layer.weight.detach().T.numpy(), layer.bias.detach().numpy()])
    return model


def savedmodel(model, folder):
    """Without what only a retraining in Python needs."""
    shutil.rmtree(folder, ignore_errors=True)
    model.export(str(folder), verbose=False)
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    for graph in saved.meta_graphs:
        graph.ClearField("object_graph_def")
        graph.meta_info_def.ClearField("stripped_op_list")
        for function in graph.graph_def.library.function:
            function.attr.pop("_input_shapes", None)
            for node in function.node_def:
                node.ClearField("experimental_debug_info")
                node.attr.pop("_output_shapes", None)
        for node in graph.graph_def.node:
            node.ClearField("experimental_debug_info")
            node.attr.pop("_output_shapes", None)
    (folder / "saved_model.pb").write_bytes(saved.SerializeToString(deterministic=True))
    (folder / "fingerprint.pb").unlink(missing_ok=True)
    shutil.rmtree(folder / "assets", ignore_errors=True)


def onnx_file(network, file):
    nodes, weights, before = [], [], "image"
    outputs = None
    for name, layer in network.named_children():
        reads = [before]
        if hasattr(layer, "weight"):
            weights += [numpy_helper.from_array(layer.weight.detach().numpy(), name + ".weight"), numpy_helper.from_array(layer.bias.detach().numpy(), name + ".bias")]
            reads += [name + ".weight", name + ".bias"]
        kind, attributes = {
            nn.Conv2d: ("Conv", dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1])), nn.ReLU: ("Relu", {}), nn.AvgPool2d: ("AveragePool", dict(kernel_shape=[2, 2], strides=[2, 2])),
            nn.AdaptiveAvgPool2d: ("GlobalAveragePool", {}), nn.Flatten: ("Flatten", {}), nn.Linear: ("Gemm", dict(transB=1)), nn.Softmax: ("Softmax", dict(axis=1)),
            nn.Sigmoid: ("Sigmoid", {})}[type(layer)]
        nodes.append(helper.make_node(kind, reads, [name], name=name, **attributes))
        outputs = layer.out_features if isinstance(layer, nn.Linear) else outputs
        before = name
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "lesson", [value("image", ["N", 3, SIZE, SIZE])], [value(before, ["N", outputs])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save_model(model, str(file))


def mxnet_symbol(network, folder, name):
    nodes, weights, before = [dict(op="null", name="data", inputs=[])], [], 0

    def node(op, key, reads, **attributes):
        made = dict(op=op, name=key, inputs=[[i, 0, 0] for i in reads])
        nodes.append({**made, "attrs": attributes} if attributes else made)
        return len(nodes) - 1

    for key, layer in network.named_children():
        reads = [before]
        if hasattr(layer, "weight"):
            for part in ["weight", "bias"]:
                weights.append(("arg:%s_%s" % (key, part), getattr(layer, part).detach().numpy()))
                reads.append(node("null", "%s_%s" % (key, part), []))
        if isinstance(layer, nn.Conv2d):
            before = node("Convolution", key, reads, kernel="(3, 3)", pad="(1, 1)", num_filter=str(layer.out_channels))
        elif isinstance(layer, nn.ReLU):
            before = node("Activation", key, reads, act_type="relu")
        elif isinstance(layer, nn.AvgPool2d):
            before = node("Pooling", key, reads, kernel="(2, 2)", stride="(2, 2)", pool_type="avg")
        elif isinstance(layer, nn.AdaptiveAvgPool2d):
            before = node("Pooling", key, reads, kernel="(1, 1)", global_pool="True", pool_type="avg")
        elif isinstance(layer, nn.Flatten):
            before = node("Flatten", key, reads)
        elif isinstance(layer, nn.Linear):
            before = node("FullyConnected", key, reads, num_hidden=str(layer.out_features))
        else:
            before = node("softmax", key, reads, axis="-1")
    variables = [i for i, made in enumerate(nodes) if made["op"] == "null"]
    graph = dict(nodes=nodes, arg_nodes=variables, heads=[[before, 0, 0]], attrs=dict(mxnet_version=["int", 10900]))
    (folder / (name + "-symbol.json")).write_text(json.dumps(graph) + "\n")
    # Version 2, dense, the shape, on the CPU, float32.
    params = struct.pack("<QQQ", 0x112, 0, len(weights))
    for _, values in weights:
        params += struct.pack("<Iii%dqiiI" % values.ndim, 0xF993FAC9, 0, values.ndim, *values.shape, 1, 0, 0) + values.astype("<f4").tobytes()
    params += struct.pack("<Q", len(weights))
    for key, _ in weights:
        params += struct.pack("<Q", len(key)) + key.encode()
    (folder / (name + "-0000.params")).write_bytes(params)


def grad_cam(network, layer, x, index):
    """The paper's Grad-CAM of a logit, from PyTorch's autograd: after ReLU, divided by the maximum. The logits of a softmax are centred."""
    kept = {}
    handle = dict(network.named_children())[layer].register_forward_hook(lambda module, read, made: kept.setdefault("a", made))
    logits = network[:-1](x)
    handle.remove()
    gradient = torch.autograd.grad(logits[0, index] - logits.mean(), kept["a"])[0]
    axes = tuple(range(2, gradient.ndim))
    cam = (gradient.mean(axes, keepdim=True) * kept["a"]).sum(1)[0].clamp(min=0)
    return (cam / cam.max()).detach().numpy()


def aucmedi_grad_cam(model, x, index, layer):
    """AUCMEDI's Grad-CAM, with TensorFlow: the weighted sum, scaled to [0, 1] by its extremes."""
    tapped = keras.Model(model.inputs, [model.get_layer(layer).output, model.outputs[0]])
    with tf.GradientTape() as tape:
        activations, p = tapped(tf.constant(x))
        score = p[:, index]
    gradient = tape.gradient(score, activations)[0].numpy()
    cam = (activations[0].numpy() * gradient.mean((0, 1))).sum(-1)
    return (cam - cam.min()) / (cam.max() - cam.min() + 1e-8)


def picture(pixels, file):
    Image.fromarray(pixels).save(file, optimize=True)


def main(module):
    folder = module / "lessons"
    expected = module / "src/test/resources/org/aucmedi/xai/examples/lessons"
    for made in [folder / "images", folder / "aucmedi", expected]:
        made.mkdir(parents=True, exist_ok=True)

    def expect(name, values):
        np.save(expected / (name + ".npy"), values.astype(np.float32))

    # Images to explain, none of them seen in training.
    rng = np.random.default_rng(77)
    shown = {"lesion": (1, 0, 1, 1), "healthy": (0, 1, 1, 1), "lesion-and-vacuole": (1, 1, 0, 0)}
    drawn = {}
    for name, findings in shown.items():
        pixels, masks = cell(rng, *findings)
        drawn[name] = pixels[None]
        picture(pixels, folder / "images" / (name + ".png"))
        for finding, mask in zip(FINDINGS[:2], masks):
            if mask.any():
                picture(255 * mask.astype(np.uint8), folder / "images" / ("%s.%s-mask.png" % (name, finding)))

    pixels, labels = cells(1, 1600)
    test_pixels, test_labels = cells(2, 400)
    x, test_x = channels_first(tf_mode(pixels)), channels_first(tf_mode(test_pixels))
    y, test_y = torch.tensor(labels), torch.tensor(test_labels)
    example = x[:1]

    def report(name, network, inputs, truth):
        print("%s: %.1f %% of unseen images right" % (name, 100 * accuracy(network, inputs, truth)), flush=True)

    torch.manual_seed(1)
    network = train(convolutional(2, nn.Softmax(1)), x, y[:, 0], 20, 1e-2)
    report("cells", network, test_x, test_y[:, 0])
    torchscript(network, example, folder / "cells.pt")
    onnx_file(network, folder / "cells.onnx")
    mxnet_symbol(network, folder, "cells")
    twin = keras_twin(network, (SIZE, SIZE, 3))
    twin.save(folder / "cells.keras")
    savedmodel(twin, folder / "cells_savedmodel")
    with torch.no_grad():
        difference = np.abs(twin(tf_mode(test_pixels)).numpy() - network(test_x).numpy()).max()
    assert difference < 1e-5, difference
    # What the lesson on model files compares with.
    np.save(folder / "cells.gradcam.npy", grad_cam(network, "conv3", channels_first(tf_mode(drawn["lesion"])), 1))

    torch.manual_seed(2)
    z, test_z = channels_first(z_score(pixels)), channels_first(z_score(test_pixels))
    network = train(convolutional(2, nn.Softmax(1), nn.MaxPool2d, hidden=16), z, y[:, 0], 20, 1e-2)
    report("aucmedi", network, test_z, test_y[:, 0])
    twin = keras_twin(network, (SIZE, SIZE, 3), 0.4)
    twin.save(folder / "aucmedi" / "model.last.keras")
    (folder / "aucmedi" / "meta.training.json").write_text(json.dumps({
        "path_imagedir": "training", "path_modeldir": "model", "path_gt": None, "analysis": "minimal", "ohe": False, "three_dim": False,
        "shape_3D": [128, 128, 128], "epochs": 20, "batch_size": 32, "workers": 1, "metalearner": "mean", "architecture": "Vanilla",
        "interface": "directory", "multi_label": False, "class_names": ["healthy", "lesion"]}, indent=1) + "\n")
    expect("aucmedi.gradcam", aucmedi_grad_cam(twin, z_score(drawn["lesion"]), 1, "pool3"))
    expect("aucmedi.predictions", twin(z_score(drawn["lesion"])).numpy())

    torch.manual_seed(3)
    network = train(convolutional(1, nn.Sigmoid()), x, y[:, :1], 25, 2e-2)
    report("lesion", network, test_x, test_y[:, :1])
    onnx_file(network, folder / "lesion.onnx")
    expect("lesion.probability", network(channels_first(tf_mode(drawn["lesion"]))).detach().numpy())

    # Without pigment: so small a transformer learns colours, not textures, and several findings are more to learn.
    plain, findings = cells(4, 1600, 0)
    test_plain, test_findings = cells(5, 400, 0)
    torch.manual_seed(5)
    network = train(VisionTransformer(), channels_first(tf_mode(plain)), torch.tensor(findings[:, 0]), 40, 4e-3)
    report("vit", network, channels_first(tf_mode(test_plain)), torch.tensor(test_findings[:, 0]))
    torchscript(network, example, folder / "vit.pt")
    expect("vit.probabilities", network(channels_first(tf_mode(drawn["lesion-and-vacuole"]))).detach().numpy())

    torch.manual_seed(3)
    network = train(convolutional(3, nn.Sigmoid()), channels_first(tf_mode(plain)), torch.tensor(findings), 30, 1e-2)
    report("findings", network, channels_first(tf_mode(test_plain)), torch.tensor(test_findings))
    torchscript(network, example, folder / "findings.pt")
    expect("findings.probabilities", network(channels_first(tf_mode(drawn["lesion-and-vacuole"]))).detach().numpy())

    torch.manual_seed(6)
    rng = np.random.default_rng(3)
    truth = rng.random(500) < 0.5
    voxels = np.stack([volume(rng, lesion)[0] for lesion in truth])
    v = torch.tensor(z_score(resampled(voxels)))[:, None]
    t = torch.tensor(truth.astype(np.float32))
    network = train(volumetric(), v[:400], t[:400], 20, 2e-2)
    report("volume", network, v[400:], t[400:])
    torchscript(network, v[:1], folder / "volume.pt")
    voxels, _ = volume(np.random.default_rng(11), True)
    # x, y, z of the patient, towards the right, anterior and superior in NIfTI.
    affine = np.diag([-SPACING[2], -SPACING[1], SPACING[0], 1.0])
    affine[:3, 3] = [20, 25, -24]
    nibabel.save(nibabel.Nifti1Image(voxels.transpose(2, 1, 0), affine), folder / "volume.nii.gz")
    expect("volume.gradcam", grad_cam(network, "conv3", torch.tensor(z_score(resampled(voxels[None])))[:, None], 1))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
