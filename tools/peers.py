"""What the methods cost in PyTorch: the other side of the benchmark Methods, which starts this script.

    python tools/peers.py export resnet18 resnet18.pt    # a network with random weights, traced
    python tools/peers.py serve                          # answers Methods, line by line

Needs PyTorch 2.x and torchvision. Three contenders run the methods on the same network and images:

plain    about ten lines of PyTorch per method, written from its paper: what it costs at least
captum   Captum, if it is installed
gradcam  pytorch-grad-cam, if it is installed

`serve` reads one request per line and answers each with one line; a word never contains a blank,
but the path at the end of a line may.

export NETWORK FILE          writes the traced network
open NETWORK LAYER SHAPE FILE    the layer of Grad-CAM; the batch, 1x3x224x224 for instance, whose
                             float32 values are in the file; answers with versions and contenders
run CONTENDER OPERATION SECONDS  runs it once at least, until the time is over; answers with the
                             milliseconds of each run, or nothing where there is no such method
map CONTENDER OPERATION FILE     writes its heatmaps as float32, (image, class, row, column)
"""

import copy
import sys
import time

import numpy as np
import torch
from torch import nn

CLASSES = 10
STEPS = 50
PATCH = 16
SAMPLES = 100
CELLS = 7
PASS = 8  # how many variants of an image go through the network at once


def models():
    """torchvision's models; they need none of its C++ operators, which another PyTorch's build may lack."""
    try:
        import torchvision.models
    except (RuntimeError, OSError):
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for name in ["nms", "qnms", "roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool", "deform_conv2d"]:
            for declared in (name, f"_{name}_backward"):
                library.define(f"{declared}(Tensor input) -> Tensor")
        models.library = library  # it lives as long as its declarations
        import torchvision.models
    return torchvision.models


def build(name):
    """A network of torchvision with random weights, always the same."""
    torch.manual_seed(1)
    network = getattr(models(), name)(weights=None)
    # Batch normalisation learns what it normalises, so that activations are neither tiny nor huge.
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        network.train()(torch.randn(8, 3, 224, 224))
    return network.eval().requires_grad_(False)


def scaled(maps):
    """Scales each of the maps (..., row, column) to [0, 1]."""
    low, high = maps.amin((-2, -1), keepdim=True), maps.amax((-2, -1), keepdim=True)
    return ((maps - low) / (high - low + 1e-8)).numpy()


def of_gradients(gradients):
    return scaled(gradients.abs().amax(1))[:, None]


def of_cams(cams):
    """Class activation maps keep what is above zero, and are divided by their maximum."""
    cams = cams.clamp_min(0)
    return (cams / (cams.amax((-2, -1), keepdim=True) + 1e-8)).numpy()


class Plain:
    """The methods in PyTorch itself."""

    def __init__(self, network, layer, batch):
        self.network, self.batch = network, batch
        self.layer = network.get_submodule(layer)

    def forward(self):
        with torch.inference_mode():
            return self.network(self.batch).numpy()

    def saliency(self):
        """K. Simonyan et al., 2013."""
        return of_gradients(self.gradient(self.network, self.batch))

    @staticmethod
    def gradient(network, batch):
        x = batch.detach().requires_grad_()
        return torch.autograd.grad(network(x)[:, 0].sum(), x)[0]

    def grad_cam(self, classes=1):
        """R. Selvaraju et al., 2016. The graph begins at the layer, since no weight requires a gradient."""
        kept = []

        def keep(module, inputs, output):
            kept.append(output.requires_grad_())

        handle = self.layer.register_forward_hook(keep)
        try:
            outputs = self.network(self.batch)
        finally:
            handle.remove()
        cams = []
        for c in range(classes):
            gradient = torch.autograd.grad(outputs[:, c].sum(), kept[0], retain_graph=c + 1 < classes)[0]
            cams.append((gradient.mean((2, 3), keepdim=True) * kept[0].detach()).sum(1))
        return of_cams(torch.stack(cams, 1))

    def grad_cam_ten(self):
        return self.grad_cam(CLASSES)

    def guided(self):
        """J. Springenberg et al., 2014."""
        if not hasattr(self, "guided_network"):
            self.guided_network = guide(copy.deepcopy(self.network))
        original = nn.functional.relu
        nn.functional.relu = lambda x, inplace=False: GuidedReLU.apply(x)
        try:
            return of_gradients(self.gradient(self.guided_network, self.batch))
        finally:
            nn.functional.relu = original

    def integrated_gradients(self):
        """M. Sundararajan et al., 2017; baseline 0, trapezoids."""
        maps = []
        for image in self.batch:
            total = torch.zeros_like(image)
            for alphas in torch.linspace(0, 1, STEPS + 1).split(PASS):
                gradients = self.gradient(self.network, alphas[:, None, None, None] * image)
                weights = torch.where((alphas == 0) | (alphas == 1), 0.5, 1) / STEPS
                total += torch.tensordot(weights, gradients, 1)
            maps.append((image * total).sum(0))
        return scaled(torch.stack(maps))[:, None]

    def occlusion(self):
        """M. Zeiler, R. Fergus, 2013; patches of 16 x 16, side by side, covered with 0."""
        height, width = self.batch.shape[2:]
        maps = []
        for image in self.batch:
            corners = [(y, x) for y in range(0, height, PATCH) for x in range(0, width, PATCH)]
            drops = torch.empty(height, width)
            with torch.inference_mode():
                whole = self.network(image[None])[0, 0]
                for start in range(0, len(corners), PASS):
                    part = corners[start : start + PASS]
                    covered = image.repeat(len(part), 1, 1, 1)
                    for i, (y, x) in enumerate(part):
                        covered[i, :, y : y + PATCH, x : x + PATCH] = 0
                    for (y, x), score in zip(part, self.network(covered)[:, 0]):
                        drops[y : y + PATCH, x : x + PATCH] = whole - score
            maps.append(drops)
        return scaled(torch.stack(maps))[:, None]

    def lime(self):
        """M. Ribeiro et al., 2016; superpixels are squares, filled with 0."""
        height, width = self.batch.shape[2:]
        rows = torch.arange(height) * CELLS // height
        columns = torch.arange(width) * CELLS // width
        cells = rows[:, None] * CELLS + columns
        on = torch.randint(2, (SAMPLES, CELLS * CELLS), generator=torch.Generator().manual_seed(0)).float()
        on[0] = 1
        distance = 1 - on.mean(1).sqrt()
        proximity = torch.exp(-(distance**2) / 0.25**2).sqrt()
        maps = []
        for image in self.batch:
            with torch.inference_mode():
                scores = [self.network(image * part[:, cells][:, None])[:, 0] for part in on.split(PASS)]
            rest = on - proximity @ on / proximity.sum()
            scores = torch.cat(scores) - proximity @ torch.cat(scores) / proximity.sum()
            squares = rest.T @ (proximity[:, None] * rest) + torch.eye(on.shape[1])
            weights = torch.linalg.solve(squares, rest.T @ (proximity * scores))
            maps.append(weights[cells])
        return scaled(torch.stack(maps))[:, None]


class GuidedReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.clamp_min(0)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(gradient.clamp_min(0), y, 0)


class GuidedReLU6(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(0, 6)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return torch.ops.aten.hardtanh_backward(gradient.clamp_min(0), x, 0, 6)


class Rectifier(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.forward = function.apply


def guide(network):
    """Replaces the rectifiers of a network."""
    for module in network.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU):
                setattr(module, name, Rectifier(GuidedReLU))
            elif isinstance(child, nn.ReLU6):
                setattr(module, name, Rectifier(GuidedReLU6))
    return network


class Captum:
    """The methods of Captum."""

    def __init__(self, network, layer, batch):
        from captum import attr

        self.attr, self.network, self.batch = attr, network, batch
        self.layer = network.get_submodule(layer)

    def saliency(self):
        return scaled(self.attr.Saliency(self.network).attribute(self.batch.requires_grad_(), 0).amax(1).detach())[:, None]

    def grad_cam(self, classes=1):
        method = self.attr.LayerGradCam(self.network, self.layer)
        cams = [method.attribute(self.batch.requires_grad_(), c)[:, 0] for c in range(classes)]
        return of_cams(torch.stack(cams, 1).detach())

    def grad_cam_ten(self):
        return self.grad_cam(CLASSES)

    def guided(self):
        method = self.attr.GuidedBackprop(self.network)
        return of_gradients(method.attribute(self.batch.requires_grad_(), 0).detach())

    def integrated_gradients(self):
        method = self.attr.IntegratedGradients(self.network)
        parts = [
            method.attribute(image[None], 0, 0, n_steps=STEPS, method="riemann_trapezoid", internal_batch_size=PASS)
            for image in self.batch.detach()
        ]
        return scaled(torch.cat(parts).sum(1).detach())[:, None]

    def occlusion(self):
        window = (self.batch.shape[1], PATCH, PATCH)
        with torch.no_grad():
            drops = self.attr.Occlusion(self.network).attribute(
                self.batch.detach(), window, window, 0, 0, perturbations_per_eval=PASS
            )
        return scaled(drops[:, 0])[:, None]


class GradCam:
    """The class activation maps of pytorch-grad-cam; they have the size of the image."""

    def __init__(self, network, layer, batch):
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        self.method, self.target, self.batch = GradCAM(network, [network.get_submodule(layer)]), ClassifierOutputTarget, batch

    def grad_cam(self, classes=1):
        maps = [self.method(self.batch.requires_grad_(), [self.target(c)] * len(self.batch)) for c in range(classes)]
        return np.stack(maps, 1)

    def grad_cam_ten(self):
        return self.grad_cam(CLASSES)


class Server:
    """Keeps what is open between requests."""

    def __init__(self):
        self.contenders = {}

    def export(self, network, file):
        with torch.no_grad():
            torch.jit.trace(build(network), torch.randn(1, 3, 224, 224)).save(file)
        return "ok"

    def open(self, name, layer, shape, file):
        shape = [int(size) for size in shape.split("x")]
        batch = torch.from_numpy(np.fromfile(file, "<f4").reshape(shape))
        self.contenders, versions = {}, [f"torch={torch.__version__}", f"threads={torch.get_num_threads()}"]
        for contender, package in [(Plain, None), (Captum, "captum"), (GradCam, "pytorch_grad_cam")]:
            try:
                opened = contender(build(name), layer, batch.clone())
            except ImportError:
                continue
            if package:
                versions.append(f"{package}={getattr(sys.modules[package], '__version__', 'unknown')}")
            self.contenders[contender.__name__.lower()] = opened
        return " ".join(versions + list(self.contenders))

    def run(self, contender, operation, seconds):
        method, times = getattr(self.contenders[contender], operation, None), []
        while method and sum(times) <= float(seconds) * 1000:
            start = time.perf_counter()
            method()
            times.append((time.perf_counter() - start) * 1000)
        return " ".join(f"{ms:.3f}" for ms in times)

    def map(self, contender, operation, file):
        getattr(self.contenders[contender], operation)().astype("<f4").tofile(file)
        return "ok"

    def serve(self):
        answers, sys.stdout = sys.stdout, sys.stderr
        for line in sys.stdin:
            request, _, rest = line.rstrip("\n").partition(" ")
            words = {"export": 1, "open": 3, "run": 2, "map": 2}[request]
            try:
                answer = getattr(self, request)(*rest.split(" ", words))
            except Exception as failure:
                answer = f"error {type(failure).__name__}: {failure}".replace("\n", " ")
            print(answer, file=answers, flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        Server().serve()
    elif len(sys.argv) == 4 and sys.argv[1] == "export":
        Server().export(*sys.argv[2:])
    else:
        sys.exit(__doc__)
