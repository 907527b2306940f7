"""Writes the TorchScript fixtures of the PyTorch engine's tests, with reference values.

Run with PyTorch 2.x and NumPy:

    python tools/torchscript_fixtures.py aucmedi-xai-engines/aucmedi-xai-engine-pytorch/src/test/resources/torchscript [NAME...]

With names, only those fixtures are written. Every network is tiny and has fixed random weights. The references come from eager PyTorch: gradients from autograd, layers
from forward hooks, guided and deconvnet gradients from rectifiers that are replaced while the network runs.
"""

import copy
import sys
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode


class Functional(nn.Module):
    """Rectifiers as functions, in place or not, one result ignored."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(2, 4, 3, padding=1)
        self.b = nn.Conv2d(4, 4, 3, padding=1)
        self.c = nn.Linear(4, 3)

    def forward(self, x):
        x = F.relu(self.a(x), inplace=True)
        y = self.b(x)
        F.relu_(y)  # the result is y itself
        y = y + x
        return self.c(torch.relu(y - 0.1).mean([2, 3]))


class Clipped(nn.Module):
    """Everything that clips at zero, and nonlinearities that no rule applies to."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(2, 4, 3)
        self.act = nn.ReLU6()
        self.b = nn.Conv2d(4, 4, 1)
        self.hard = nn.Hardtanh(0.0, 2.0)
        self.soft = nn.Hardtanh(-1.0, 1.0)
        self.c = nn.Conv2d(4, 4, 1)
        self.leaky = nn.LeakyReLU(0.1, inplace=True)
        self.elu = nn.ELU()
        self.silu = nn.SiLU()
        self.gelu = nn.GELU()
        self.d = nn.Linear(4, 3)

    def forward(self, x):
        x = self.act(10 * self.a(x))
        x = self.soft(self.hard(self.b(x)))
        x = torch.clamp(self.c(x), min=0, max=4)
        x = self.leaky(self.c(x) - 0.2)
        x = torch.clamp_min(self.c(x), 0.0)
        x = self.elu(self.silu(self.gelu(self.c(x))))
        return torch.softmax(self.d(x.mean([2, 3])), 1)


class Joined(nn.Module):
    """Concatenations and sums that several rectifiers follow, as in DenseNet and MobileNetV2."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 4, 3, padding=1)
        self.grow = nn.ModuleList(nn.Conv2d(width, 2, 3, padding=1) for width in (4, 6, 8))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in (4, 6, 8))
        self.narrow = nn.Conv2d(10, 4, 1)
        self.wide = nn.ModuleList(nn.Conv2d(4, 8, 1) for _ in range(3))
        self.back = nn.ModuleList(nn.Conv2d(8, 4, 1) for _ in range(3))
        self.act = nn.ReLU6(inplace=True)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.stem(x)
        for grow, norm in zip(self.grow, self.norms):
            x = torch.cat([x, grow(F.relu(norm(x)))], 1)
        x = F.avg_pool2d(F.max_pool2d(self.narrow(x), 3, 1), 2)
        for wide, back in zip(self.wide, self.back):
            x = x + back(self.act(4 * wide(x)))
        return self.head(x.mean([2, 3]))


class Pair(nn.Module):
    """Gives two tensors."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x) -> Tuple[torch.Tensor, torch.Tensor]:
        y = self.relu(self.conv(x))
        return y, y * 2


class Nested(nn.Module):
    """Modules that give tuples, are used twice, or are called from elsewhere; a second output."""

    def __init__(self):
        super().__init__()
        self.pair = Pair()
        self.body = nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2)
        )
        self.step = nn.Conv2d(4, 4, 3, padding=1)
        self.act = nn.ReLU()
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(4, 3)
        nn.init.uniform_(self.body[1].weight, 0.5, 1.5)
        nn.init.uniform_(self.body[1].running_mean, -0.5, 0.5)
        nn.init.uniform_(self.body[1].running_var, 0.5, 1.5)

    def forward(self, x):
        a, b = self.pair(x)
        x = self.body(self.pair.relu(a - 0.1) + b)
        x = self.act(self.step(x) + x)
        x = self.act(self.step(x) + x)
        pooled = self.drop(F.adaptive_avg_pool2d(x, 1).flatten(1))
        return self.head(pooled), pooled


def twice(x, inplace: bool):
    if inplace:
        x = F.relu(x - 0.05, inplace=True)
    else:
        x = F.relu(x)
    return F.relu(x - 0.1)


class Script(nn.Module):
    """What only scripting keeps: branches, loops, own functions, early returns."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(2, 2, 3, padding=1) for _ in range(3)])
        self.head = nn.Linear(2, 3)
        self.scale: Dict[str, float] = {"(a, \"b\") torch.relu(": 1.5}

    def forward(self, x, skip: bool = False):
        outputs: List[torch.Tensor] = []
        for i, layer in enumerate(self.layers):
            x = twice(layer(x), i == 1)
            outputs.append(x)
        if skip:
            return self.head(x.mean([2, 3]))
        total = outputs[0]
        for output in outputs[1:]:
            total = torch.relu(total - 0.5 * output) + output
        return self.head(total.mean([2, 3])) * self.scale["(a, \"b\") torch.relu("]


class SameConv(nn.Conv2d):
    """Pads its input as TensorFlow does, then convolves: timm's Conv2dSame."""

    def forward(self, x):
        h, w = x.size(2), x.size(3)
        bottom = max((-(h // -2) - 1) * 2 + 3 - h, 0)
        right = max((-(w // -2) - 1) * 2 + 3 - w, 0)
        return F.conv2d(F.pad(x, [0, right, 0, bottom]), self.weight, self.bias, 2)


class NamedConv(nn.Conv2d):
    """A convolution with another name: torchvision's Conv3DSimple."""


class StandardConv(nn.Conv2d):
    """A convolution with standardized weights, as in big transfer networks."""

    def forward(self, x):
        weight = F.batch_norm(self.weight.reshape(1, self.out_channels, -1), None, None, training=True)
        return F.conv2d(x, weight.reshape_as(self.weight), self.bias, padding=1)


class LayerNorm2d(nn.LayerNorm):
    """Normalizes the channels of an image: torchvision's and timm's LayerNorm2d."""

    def forward(self, x):
        return F.layer_norm(x.permute(0, 2, 3, 1), [4], self.weight, self.bias, self.eps).permute(0, 3, 1, 2)


class Norm(nn.BatchNorm2d):
    """A subclass of a norm."""


class Pool(nn.MaxPool2d):
    """Pads, then pools: timm's MaxPool2dSame."""

    def forward(self, x):
        return F.max_pool2d(F.pad(x, [0, 1, 0, 1], value=-1e9), 2, 2)


class Squash(nn.Module):
    """An activation of one's own."""

    def forward(self, x):
        return x * torch.sigmoid(1.5 * x)


class Dense(nn.Linear):
    """A subclass of a fully connected layer."""


class ConvAct(nn.Conv2d):
    """Two layers in one: neither a convolution nor an activation."""

    def forward(self, x):
        return F.relu(F.conv2d(x, self.weight, self.bias))


class Kinds(nn.Module):
    """Layers whose classes' names do not tell what they compute."""

    def __init__(self):
        super().__init__()
        self.named = NamedConv(2, 4, 3, padding=1)
        self.norm = Norm(4)
        self.same = SameConv(4, 4, 3)
        self.squash = Squash()
        self.standard = StandardConv(4, 4, 3)
        self.layer_norm = LayerNorm2d(4)
        self.pool = Pool(2)
        self.two = ConvAct(4, 4, 1)
        self.dense = Dense(4, 3)

    def forward(self, x):
        x = self.squash(self.same(self.norm(self.named(x))))
        x = self.two(self.pool(self.layer_norm(self.standard(x))))
        return self.dense(x.mean([2, 3]))


class Small(nn.Module):
    """A network for element types: what it computes is the same in all of them, up to rounding."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(2, 4, 3, padding=1)
        self.act = nn.ReLU()
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.act(self.a(x)).mean([2, 3]))


class Probabilities(Small):
    def forward(self, x):
        return super().forward(x).softmax(1)


class Largest(nn.Module):
    """A module of integers."""

    def forward(self, x):
        return x.argmax(1)


class Fixed(Small):
    """Takes one image at a time, since a trace keeps the 1 of view."""

    def __init__(self):
        super().__init__()
        self.largest = Largest()

    def forward(self, x):
        pooled = self.act(self.a(x)).mean([2, 3])
        logits = self.head(pooled.view(1, 4))
        return logits + 0 * self.largest(logits).unsqueeze(1)


class Several(NamedTuple):
    features: torch.Tensor
    aux: Optional[torch.Tensor]
    logits: torch.Tensor
    probs: torch.Tensor


class NamedOutputs(nn.Module):
    """A named tuple with the features first and a place that is empty in evaluation mode."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x) -> Several:
        features = self.network.act(self.network.a(x)).mean([2, 3])
        logits = self.network.head(features)
        return Several(features, features if self.training else None, logits, logits.softmax(1))


class DictOutputs(NamedOutputs):
    """The same as a dictionary."""

    def forward(self, x) -> Dict[str, torch.Tensor]:
        features = self.network.act(self.network.a(x)).mean([2, 3])
        logits = self.network.head(features)
        return {"features": features, "logits": logits, "probs": logits.softmax(1)}


class NestedOutputs(NamedOutputs):
    """The same as nested tuples."""

    def forward(self, x) -> Tuple[Tuple[torch.Tensor, int], Tuple[torch.Tensor, torch.Tensor]]:
        features = self.network.act(self.network.a(x)).mean([2, 3])
        logits = self.network.head(features)
        return (features, 7), (logits, logits.softmax(1))


class Static(nn.Module):
    """Statically quantized."""

    def __init__(self, network):
        super().__init__()
        self.quant = torch.ao.quantization.QuantStub()
        self.network = network
        self.dequant = torch.ao.quantization.DeQuantStub()

    def forward(self, x):
        x = self.network.act(self.network.a(self.quant(x)))
        return self.dequant(self.network.head(x.mean([2, 3])))


class Attention(nn.Module):
    """A transformer encoder, which PyTorch fuses where no gradient is wanted."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(2, 8, 3, 3)
        layer = nn.TransformerEncoderLayer(8, 2, 8, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.encoder(self.patches(x).flatten(2).transpose(1, 2)).mean(1))


class Foldable(nn.Module):
    """Five convolutions before batch normalisations, of every kind that may be folded; takes images of any size."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU())
        self.depthwise = nn.Conv2d(4, 4, 3, padding="same", groups=4)
        self.norm = nn.BatchNorm2d(4, eps=0.01)
        self.block = nn.Sequential(nn.Conv2d(4, 6, (1, 3), stride=2, groups=2), nn.BatchNorm2d(6))
        self.twice = nn.Sequential(nn.Conv2d(6, 6, 1), nn.BatchNorm2d(6), nn.SiLU())
        self.row = nn.Conv1d(6, 4, 3, padding=2, dilation=2)
        self.row_norm = nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.stem(x)
        y = self.depthwise(x)
        y = self.norm(y)
        y = self.block(torch.relu(y) + x)
        # Both calls of the convolution are before its normalisation.
        y = self.twice(self.twice(y))
        return self.head(self.row_norm(self.row(y.mean(2))).mean(2))


class Untied(nn.Module):
    """Batch normalisations that look foldable, but are not."""

    def __init__(self):
        super().__init__()
        self.shared = nn.Conv2d(2, 2, 3, padding=1)
        self.shared_norm = nn.BatchNorm2d(2)
        self.used = nn.Conv2d(2, 4, 3, padding=1)
        self.used_norm = nn.BatchNorm2d(4)
        self.first = nn.Conv2d(4, 4, 1)
        self.second = nn.Conv2d(4, 4, 1)
        self.norm_of_two = nn.BatchNorm2d(4)
        self.tied = nn.Conv2d(4, 4, 1)
        self.tied_norm = nn.BatchNorm2d(4)
        self.tied_too = nn.Conv2d(4, 4, 1)
        self.tied_too_norm = nn.BatchNorm2d(4)
        self.tied_too.weight = self.tied.weight
        self.looked_at = nn.Conv2d(4, 4, 1)
        self.looked_at_norm = nn.BatchNorm2d(4)
        self.plain = nn.Conv2d(4, 4, 1)
        self.plain_norm = nn.BatchNorm2d(4, affine=False)
        self.moving = nn.Conv2d(4, 4, 1)
        self.moving_norm = nn.BatchNorm2d(4, track_running_stats=False)
        self.transposed = nn.ConvTranspose2d(4, 4, 2)
        self.transposed_norm = nn.BatchNorm2d(4)
        self.standard = StandardConv(4, 4, 3)
        self.standard_norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.shared_norm(self.shared(self.shared(x)))
        y = self.used(x)
        y = self.used_norm(y) + 0.1 * y
        y = self.norm_of_two(self.first(y)) - self.norm_of_two(self.second(y))
        y = self.tied_norm(self.tied(y)) + self.tied_too_norm(self.tied_too(y))
        y = self.looked_at_norm(self.looked_at(y)) * self.looked_at.weight.mean()
        y = torch.relu(self.plain_norm(self.plain(y)))
        y = self.moving_norm(self.moving(y))
        y = self.standard_norm(self.standard(self.transposed_norm(self.transposed(y))))
        return self.head(y.mean([2, 3]))


class Rule(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, ceiling, guided):
        ctx.save_for_backward(x)
        ctx.ceiling, ctx.guided = ceiling, guided
        return x.clamp(0, ceiling)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        dx = dy * (dy > 0)
        if ctx.guided:
            dx = dx * (x > 0) * (x < ctx.ceiling)
        return dx, None, None


class Rectifiers(TorchFunctionMode):
    """Replaces every rectifier while it is active, and counts them."""

    def __init__(self, guided):
        super().__init__()
        self.guided, self.count = guided, 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "")
        bounds = None
        if name in ("relu", "relu_"):
            bounds = (0, float("inf"))
        elif name == "relu6":
            bounds = (0, 6)
        elif name == "hardtanh":
            bounds = (kwargs.get("min_val", args[1] if len(args) > 1 else -1), kwargs.get("max_val", args[2] if len(args) > 2 else 1))
        elif name in ("clamp", "clamp_min"):
            bounds = (kwargs.get("min", args[1] if len(args) > 1 else None), kwargs.get("max", float("inf")))
        if bounds is None or bounds[0] != 0:
            return function(*args, **kwargs)
        with torch._C.DisableTorchFunction():
            self.count += 1
            x = args[0]
            inplace = name.endswith("_") or kwargs.get("inplace", len(args) > 1 and args[1] is True)
            y = Rule.apply(x.clone(), bounds[1], self.guided)
            return x.copy_(y) if inplace else y


def first(output):
    return output[0] if isinstance(output, tuple) else output


def references(model, x, seed, first=first, modules=None):
    def gradient(run):
        leaf = x.clone().requires_grad_()
        y = first(run(leaf + 0))
        return y.detach(), torch.autograd.grad(y, leaf, seed)[0]

    result = {"x": x, "seed": seed}
    result["y"], result["inputGradients"] = gradient(model)
    for rule, guided in (("guided", True), ("deconvnet", False)):
        with Rectifiers(guided) as mode:
            result[rule + "Gradients"] = gradient(model)[1]
        result["rectifiers"] = torch.tensor(float(mode.count))

    outputs = {}
    names = {module: name for name, module in reversed(list((modules or model).named_modules())) if name}

    def hook(module, inputs, output):
        if isinstance(output, torch.Tensor) and output.is_floating_point():
            outputs.pop(names[module], None)
            outputs[names[module]] = output

    handles = [module.register_forward_hook(hook) for module in names]
    y = first(model(x.clone().requires_grad_() + 0))
    for handle in handles:
        handle.remove()
    for name, output in outputs.items():
        result[name + "/activation"] = output
        result[name + "/gradient"] = torch.autograd.grad(y, output, seed, retain_graph=True)[0]
    return result, list(outputs)


def save_references(folder, name, values, order):
    np.savez(folder / f"{name}.npz", **{key: value.detach().float().numpy() for key, value in values.items()})
    (folder / f"{name}.layers").write_text("\n".join(order) + "\n")


def types(folder):
    """The same network in other types, with references of that type."""
    torch.manual_seed(7)
    model = Probabilities().eval()
    x, seed = torch.randn(2, 2, 6, 5), torch.randn(2, 3)
    for name, kind in (("half", torch.half), ("bfloat16", torch.bfloat16), ("double", torch.double)):
        typed, sent = copy.deepcopy(model).to(kind), x.to(kind)
        save_references(folder, name, *references(typed, sent, seed.to(kind)))
        torch.jit.trace(typed, sent).save(str(folder / f"{name}_traced.pt"))
    model = Small().eval().requires_grad_(False)  # its outputs are bfloat16
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        values, order = references(model, x, seed.bfloat16())
        save_references(folder, "autocast", values, order)
        with torch.no_grad():
            torch.jit.trace(model, x).save(str(folder / "autocast_traced.pt"))


def outputs(folder):
    """Several outputs, with references for two of them."""
    torch.manual_seed(7)
    network = Small().eval()
    x, seed = torch.randn(2, 2, 6, 5), torch.randn(2, 3)
    for name, place in (("logits", 2), ("probs", 3)):
        values, order = references(NamedOutputs(network).eval(), x, seed, lambda output: output[place])
        save_references(folder, name, values, order)
    torch.jit.script(NamedOutputs(network).eval()).save(str(folder / "named_scripted.pt"))
    torch.jit.script(NestedOutputs(network).eval()).save(str(folder / "tuples_scripted.pt"))
    torch.jit.trace(DictOutputs(network).eval(), x, strict=False).save(str(folder / "dict_traced.pt"))


def fixed(folder):
    torch.manual_seed(7)
    network = Fixed().eval()
    x, seed = torch.randn(2, 2, 6, 5), torch.randn(2, 3)
    save_references(folder, "fixed", *references(super(Fixed, network).forward, x, seed, modules=network))
    torch.jit.trace(network, x[:1]).save(str(folder / "fixed_traced.pt"))


def refused(folder):
    """Files that predict but have no gradients."""
    torch.manual_seed(7)
    network, x = Small().eval(), torch.randn(2, 2, 6, 5)
    dynamic = torch.ao.quantization.quantize_dynamic(copy.deepcopy(network), {nn.Linear}, dtype=torch.qint8)
    torch.jit.script(dynamic).save(str(folder / "dynamic_scripted.pt"))
    static = Static(copy.deepcopy(network)).eval()
    static.qconfig = torch.ao.quantization.get_default_qconfig("fbgemm")
    torch.ao.quantization.prepare(static, inplace=True)
    static(x)
    torch.jit.trace(torch.ao.quantization.convert(static), x).save(str(folder / "static_traced.pt"))
    with torch.no_grad():
        torch.jit.trace(Attention().eval(), x).save(str(folder / "fastpath_traced.pt"))


def folding(folder):
    """Batch normalisations with statistics that matter, after convolutions."""
    torch.manual_seed(7)
    for name, network in (("foldable", Foldable()), ("untied", Untied())):
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.affine:
                nn.init.uniform_(module.weight, 0.5, 2)
                nn.init.uniform_(module.bias, -1, 1)
        x = torch.randn(8, 2, 12, 9)
        network(x)
        network.eval()
        torch.jit.script(network).save(str(folder / f"{name}_scripted.pt"))
        torch.jit.trace(network, x[:2]).save(str(folder / f"{name}_traced.pt"))


def main(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for group in (types, outputs, fixed, refused, folding):
        if not names or group.__name__ in names:
            group(folder)
    for name, network, traced in (
        ("functional", Functional, True),
        ("clipped", Clipped, True),
        ("joined", Joined, True),
        ("nested", Nested, True),
        ("script", Script, False),
        ("kinds", Kinds, True),
    ):
        if names and name not in names:
            continue
        torch.manual_seed(7)
        model = network().eval()
        x, seed = torch.randn(2, 2, 6, 5), torch.randn(2, 3)
        values, order = references(model, x, seed)
        save_references(folder, name, values, order)
        scripted = torch.jit.script(model)
        scripted.save(str(folder / f"{name}_scripted.pt"))
        if traced:
            torch.jit.trace(model, x).save(str(folder / f"{name}_traced.pt"))
        if name == "functional":
            torch.jit.freeze(scripted).save(str(folder / "frozen.pt"))
            torch.jit.optimize_for_inference(scripted).save(str(folder / "optimized.pt"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
