"""Writes a ResNet with random weights as a model file, for measuring.

Run with PyTorch 2.x (and onnx for .onnx):

    python tools/resnet.py 18 1000 resnet18_scripted.pt
    python tools/resnet.py 18 1000 resnet18_traced.pt
    python tools/resnet.py 50 1000 resnet50_scripted.pt
    python tools/resnet.py 18 10 resnet18.onnx

The networks are those of K. He et al., Deep Residual Learning for Image Recognition, 2015, table 1: depth 18 with basic blocks has 45 MB of weights,
depth 50 with bottlenecks 98 MB. They take images of 3 x 224 x 224 and give logits.
"""

import sys

import torch
from torch import nn

DEPTHS = {18: ("basic", [2, 2, 2, 2]), 34: ("basic", [3, 4, 6, 3]), 50: ("bottleneck", [3, 4, 6, 3])}


class Block(nn.Module):
    """A residual block; a bottleneck widens its output four times and has its stride in the middle."""

    def __init__(self, kind: str, inputs: int, width: int, stride: int):
        super().__init__()
        outputs = width if kind == "basic" else 4 * width
        shapes = (
            [(inputs, width, 3, stride), (width, width, 3, 1)]
            if kind == "basic"
            else [(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]
        )
        layers = []
        for a, b, kernel, step in shapes:
            layers += [nn.Conv2d(a, b, kernel, step, kernel // 2, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
        self.branch = nn.Sequential(*layers[:-1])
        self.shortcut = (
            nn.Identity()
            if stride == 1 and inputs == outputs
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        )
        self.relu = nn.ReLU()
        self.outputs = outputs

    def forward(self, x):
        return self.relu(self.branch(x) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, depth: int, classes: int):
        super().__init__()
        kind, counts = DEPTHS[depth]
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        )
        stages, inputs = [], 64
        for stage, count in enumerate(counts):
            blocks = []
            for i in range(count):
                block = Block(kind, inputs, 64 << stage, 2 if stage > 0 and i == 0 else 1)
                blocks.append(block)
                inputs = block.outputs
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.Sequential(*stages)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.head(torch.flatten(self.pool(self.stages(self.stem(x))), 1))


def main(depth: int, classes: int, path: str):
    torch.manual_seed(1)
    network = ResNet(depth, classes).eval()
    example = torch.randn(1, 3, 224, 224)
    if path.endswith(".onnx"):
        torch.onnx.export(network, (example,), path, dynamo=False, input_names=["input"], output_names=["output"],
                          dynamic_axes={"input": {0: "N"}, "output": {0: "N"}})
    else:
        with torch.no_grad():
            module = torch.jit.trace(network, example) if "traced" in path else torch.jit.script(network)
        module.save(path)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
