"""Writes small ONNX classifiers whose inputs, outputs or versions are unusual, with what ONNX Runtime computes for them, for the tests of
aucmedi-xai-importer-onnx.

    python tools/onnx_fixtures.py FOLDER

needs onnx and onnxruntime. NAME.onnx is a file; cases.npz holds NAME_x and NAME_y of each.
"""
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(5)
KERNEL = (rng.normal(size=(8, 3, 3, 3)) * .2).astype('f4')
BIAS, DENSE, OFFSET = rng.normal(size=8).astype('f4') * .1, rng.normal(size=(8, 3)).astype('f4'), rng.normal(size=3).astype('f4')
WEIGHTS = {'kernel': KERNEL, 'bias': BIAS, 'dense': DENSE, 'offset': OFFSET}


def value(name, shape, element=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, element, shape)


def network(start='x', end='y', last='Softmax'):
    """Convolution, ReLU, mean, dense layer, activation."""
    node = helper.make_node
    return [node('Conv', [start, 'kernel', 'bias'], ['c'], name='conv', pads=[1, 1, 1, 1]), node('Relu', ['c'], ['a'], name='relu'),
            node('GlobalAveragePool', ['a'], ['p'], name='mean'), node('Flatten', ['p'], ['f'], name='flat'),
            node('Gemm', ['f', 'dense', 'offset'], ['z'], name='fc'), node(last, ['z'], [end], name='last')]


def last_to_second(start='x'):
    return helper.make_node('Transpose', [start], ['t'], perm=[0, 3, 1, 2], name='axes')


def main(folder):
    os.makedirs(folder, exist_ok=True)
    results = {}

    def write(name, inputs, nodes, outputs, shape, weights=(), version=9, external=False, explained='y', integers=False):
        tensors = [numpy_helper.from_array(array, key) for key, array in {**WEIGHTS, **dict(weights)}.items()]
        model = helper.make_model(helper.make_graph(nodes, 'g', inputs, outputs, tensors), opset_imports=[helper.make_opsetid('', 17)])
        model.ir_version = version
        path = os.path.join(folder, name + '.onnx')
        if external:
            onnx.save_model(model, path, save_as_external_data=True, all_tensors_to_one_file=True, location=name + '.onnx.data', size_threshold=0)
        else:
            onnx.save_model(model, path)
        x = rng.integers(0, 256, shape).astype('uint8') if integers else rng.normal(size=shape).astype('f4')
        feeds = {i.name: x if i.name == 'x' else np.zeros((shape[0], 3), 'f4') for i in inputs}
        model.ir_version = min(version, 9)  # A version tells how the file is laid out, not what it computes.
        session = onnxruntime.InferenceSession(path if external else model.SerializeToString())
        y = session.run([explained], feeds)[0]
        results[name + '_x'], results[name + '_y'] = x.astype('f4'), y.reshape(y.shape[:2])

    first, scores = value('x', ['N', 3, 8, 8]), [value('y', ['N', 3])]
    write('plain', [first], network(), scores, (2, 3, 8, 8))
    write('version11', [first], network(), scores, (2, 3, 8, 8), version=11)
    write('version13', [first], network(), scores, (2, 3, 8, 8), version=13)
    write('external', [first], network(), scores, (2, 3, 8, 8), external=True)
    write('batch4', [value('x', [4, 3, 8, 8])], network(), [value('y', [4, 3])], (4, 3, 8, 8))
    write('channels_last', [value('x', ['N', 8, 8, 3])], [last_to_second()] + network('t'), scores, (2, 8, 8, 3))
    write('all_open', [value('x', ['N', 'H', 'W', 'C'])], [last_to_second()] + network('t'), scores, (2, 8, 8, 3))
    write('channels13', [value('x', ['N', 8, 8, 13])], [last_to_second()] + network('t'), scores, (2, 8, 8, 13), {'kernel': rng.normal(size=(8, 13, 3, 3)).astype('f4')}.items())
    write('uint8', [value('x', ['N', 8, 8, 3], TensorProto.UINT8)],
          [helper.make_node('Cast', ['x'], ['xf'], to=TensorProto.FLOAT), helper.make_node('Div', ['xf', 'most'], ['xs']), last_to_second('xs')] + network('t'), scores,
          (2, 8, 8, 3), {'most': np.array(255, 'f4')}.items(), integers=True)
    pooled = [helper.make_node('Conv', ['x', 'kernel', 'bias'], ['c'], name='conv', pads=[1, 1, 1, 1]), helper.make_node('Relu', ['c'], ['a'], name='relu'),
              helper.make_node('Conv', ['a', 'point', 'offset'], ['d'], name='head'), helper.make_node('GlobalAveragePool', ['d'], ['p'], name='mean'),
              helper.make_node('Softmax', ['p'], ['y'], name='last', axis=1)]
    write('four_axes', [first], pooled, [value('y', ['N', 3, 1, 1])], (2, 3, 8, 8), {'point': DENSE.T.reshape(3, 8, 1, 1).copy()}.items())
    label = helper.make_node('ArgMax', ['y'], ['label'], axis=1, keepdims=0)
    write('label_first', [first], network() + [label], [value('label', ['N'], TensorProto.INT64)] + scores, (2, 3, 8, 8))
    write('features_first', [first], network(), [value('f', ['N', 8])] + scores, (2, 3, 8, 8))
    write('one_unit', [first], network(last='Sigmoid'), [value('y', ['N', 1])], (2, 3, 8, 8), {'dense': DENSE[:, :1].copy(), 'offset': OFFSET[:1].copy()}.items())
    write('two_inputs', [first, value('m', ['N', 3])], network(end='s') + [helper.make_node('Add', ['s', 'm'], ['y'])], scores, (2, 3, 8, 8))
    np.savez_compressed(os.path.join(folder, 'cases.npz'), **results)


if __name__ == '__main__':
    main(sys.argv[1])
