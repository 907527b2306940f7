"""Writes what FullGrad gives for the golden networks, computed by hand, for FullGradIT.

    python tools/fullgrad_reference.py GOLDEN aucmedi-xai-methods/src/test/resources/fullgrad

Needs PyTorch and NumPy. The networks are written out below, in double precision, with the weights of the TorchScript
files; whatever is added to the network's values is a tensor of the size of these values that autograd differentiates by.
A batch normalisation after a convolution is one layer with it. NAME.npz holds, for the first image and two classes:

* map: (2, spatial...), the sum over all layers and channels of psi;
* score, biases, not_drawn: (2), the logit, what all constants add to it, and what those of dense layers add.

`volume` is a small network of volumes with random weights, saved beside its file, which holds its input x too. Its
activations are not straight through zero: the tangent of each adds a constant.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F


class Net:
    """Keeps the constants that are added, spread over the values that they are added to."""

    def __init__(self, state):
        self.state = {name: value.detach().double() for name, value in state.items()}
        self.constants = []

    def plus(self, value, constant):
        shape = (1, -1) + (1,) * (value.dim() - 2)
        leaf = constant.reshape(shape).expand_as(value).clone().requires_grad_(True)
        self.constants.append(leaf)
        return value + leaf

    def conv(self, x, name, norm=None, **how):
        weight = self.state[name + '.weight']
        bias = self.state.get(name + '.bias', torch.zeros(len(weight), dtype=weight.dtype))
        if norm:
            s = {key: self.state[f'{norm}.{key}'] for key in ('weight', 'bias', 'running_mean', 'running_var')}
            scale = s['weight'] / torch.sqrt(s['running_var'] + 1e-3)
            bias = (bias - s['running_mean']) * scale + s['bias']
            weight = weight * scale.reshape((-1,) + (1,) * (weight.dim() - 1))
        apply = F.conv3d if weight.dim() == 5 else F.conv2d
        y = apply(x, weight, **how)
        return self.plus(y, bias)

    def activation(self, x, function):
        at = x.detach().requires_grad_(True)
        value = function(at)
        slope, = torch.autograd.grad(value.sum(), at)
        leaf = (value - slope * at).detach().requires_grad_(True)
        self.constants.append(leaf)
        return slope * x + leaf

    def dense(self, x, name):
        return self.plus(x @ self.state[name + '.weight'].T, self.state[name + '.bias'])


def vanilla(net, x):
    for i in (0, 3, 6, 9):
        x = F.max_pool2d(F.relu(net.conv(x, f'features.{i}', padding=1)), 2)
    return net.dense(net.dense(x.flatten(2).mean(2), 'fc'), 'preds')


def resmini(net, x):
    x = F.max_pool2d(F.relu(net.conv(x, 'stem.0', 'stem.1', padding=1)), 2)
    for block, projects in (('b0', False), ('b1', True)):
        y = F.relu(net.conv(x, block + '.conv1', block + '.bn1', padding=1))
        y = net.conv(y, block + '.dw', padding=1, groups=y.shape[1])
        y = net.conv(y, block + '.conv2', block + '.bn2')
        x = F.avg_pool2d(F.relu(y + (net.conv(x, block + '.proj') if projects else x)), 2)
    x = F.relu(net.conv(x, 'head', padding=1))
    return net.dense(F.relu(net.dense(x.permute(0, 2, 3, 1).flatten(1), 'fc1')), 'logits')


class Volume(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Conv3d(2, 4, 3, padding=1)
        self.norm = torch.nn.BatchNorm3d(4, eps=1e-3)
        self.b = torch.nn.Conv3d(4, 5, 3)
        self.preds = torch.nn.Linear(5, 3)
        for parameter in self.parameters():
            torch.nn.init.normal_(parameter, std=0.5)
        torch.nn.init.normal_(self.norm.running_mean)
        torch.nn.init.uniform_(self.norm.running_var, 0.2, 0.4)

    def forward(self, x):
        x = F.max_pool3d(F.relu6(self.norm(self.a(x * 3 + 0.5))), 2)
        return torch.softmax(self.preds(F.silu(self.b(x)).mean((2, 3, 4))), 1)


def volume(net, x):
    x = net.plus(x * 3, torch.full((2,), 0.5, dtype=x.dtype))
    x = net.activation(net.conv(x, 'a', 'norm', padding=1), F.relu6)
    x = net.activation(net.conv(F.max_pool3d(x, 2), 'b'), F.silu)
    return net.dense(x.mean((2, 3, 4)), 'preds')


def psi(part, size):
    part = part.abs()
    if part.max() == part.min():
        return torch.zeros(size, dtype=part.dtype)
    part = (part - part.min()) / (part.max() - part.min())
    mode = 'trilinear' if len(size) == 3 else 'bilinear'
    return F.interpolate(part, size=size, mode=mode, align_corners=False).sum(1)[0]


golden, folder = sys.argv[1:]
torch.manual_seed(3)
torch.jit.script(Volume().eval()).save(f'{folder}/volume.pt')
for name, forward in (('vanilla2d', vanilla), ('resmini', resmini), ('volume', volume)):
    own = name == 'volume'
    file = f'{folder}/volume.pt' if own else f'{golden}/models/{name}_scripted.pt'
    script = torch.jit.load(file, map_location='cpu').eval()
    if own:
        x = torch.randn(1, 2, 8, 10, 12)
    else:
        x = torch.tensor(np.moveaxis(np.load(f'{golden}/{name}_aucmedi.npz')['x'][:1], -1, 1))
    with torch.no_grad():
        output = script(x)
    arrays = {'x': x.numpy()} if own else {}
    x = x.double().requires_grad_(True)
    found = {key: [] for key in ('map', 'score', 'biases', 'not_drawn')}
    for c in range(2):
        net = Net(script.state_dict())
        logits = forward(net, x)
        given = logits if name == 'resmini' else logits.softmax(1)
        assert (given - output).abs().max() < 1e-5 * output.abs().max()
        gradients = torch.autograd.grad(logits[0, c], [x] + net.constants)
        parts = [(value * gradient).detach() for value, gradient in zip([x] + net.constants, gradients)]
        error = sum(part.sum() for part in parts) - logits[0, c]
        assert error.abs() < 1e-9, error
        size = tuple(x.shape[2:])
        found['map'].append(sum(psi(part, size) for part in parts if part.dim() == x.dim()))
        found['score'].append(logits[0, c].detach())
        found['biases'].append(sum(part.sum() for part in parts[1:]))
        found['not_drawn'].append(sum(part.sum() for part in parts[1:] if part.dim() != x.dim()))
    arrays.update({key: torch.stack(values).float().numpy() for key, values in found.items()})
    print(name, {key: values for key, values in arrays.items() if values.ndim == 1})
    np.savez_compressed(f'{folder}/{name}.npz', **arrays)
