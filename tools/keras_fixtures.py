"""Writes the Keras files that the tests of aucmedi-xai-importer-keras read, with what Keras computes for them.

    python tools/keras_fixtures.py FOLDER

needs tensorflow, keras 3 and h5py. `layers.keras` and `volume_layers.keras` have layers that no network of keras.applications
has; `nested_calls.keras` calls a nested model twice. The `keras2_*.h5` files are such models in the dialect of tf.keras 2.4 to
2.15, written here by hand: nested lists as inbound nodes, batch_input_shape, TFOpLambda, weights by names that end with :0, and
the weights of an optimizer. Each NAME.npz holds x, y, class and gradient = d sum(y[:, class]) / dx.
"""
import json
import os
import sys
import zipfile

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'
import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L, ops

rng = np.random.default_rng(12)


def randomize(model):
    """Weights and statistics that all matter, none of them zero or one."""
    for variable in model.variables:
        if 'float' not in str(variable.dtype):
            continue
        shape, name = tuple(variable.shape), variable.name
        if 'variance' in name:
            value = rng.uniform(.5, 1.5, shape)
        elif 'gamma' in name or 'scale' in name:
            value = rng.uniform(.6, 1.4, shape)
        else:
            fan = max(1, int(np.prod(shape[:-1])))
            value = rng.normal(0, 1, shape) * (1.2 / np.sqrt(fan) if len(shape) > 1 else .3)
        variable.assign(value.astype('float32'))


def reference(model, folder, name, shape, images=2):
    x = rng.normal(0, 1, (images,) + shape).astype('float32')
    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        y = model(tensor, training=False)
        y = y[0] if isinstance(y, (list, tuple)) else y
        target = tf.reduce_sum(y[:, 1])
    gradient = tape.gradient(target, tensor).numpy()
    np.savez_compressed(os.path.join(folder, name + '.npz'), x=x, y=y.numpy(), gradient=gradient, **{'class': np.int64(1)})


def sized(x, channels=3, name=None):
    """A branch's contribution: few numbers, so that all branches matter about equally."""
    x = L.GlobalAveragePooling2D()(x) if len(x.shape) == 4 else x
    return L.Dense(channels, name=name)(x)


def layers():
    i = keras.Input((13, 10, 4), name='image')
    o = []
    conv = L.Conv2D(6, (3, 2), padding='same', strides=(2, 3), activation='elu', name='same_stride')(i)
    o += [sized(L.Softmax(axis=-1)(conv))]
    o += [sized(L.Conv2D(4, (2, 4), dilation_rate=(2, 1), padding='same', groups=2, activation='softsign')(i))]
    o += [sized(L.DepthwiseConv2D((4, 3), strides=2, depth_multiplier=2, padding='same', activation='mish')(i))]
    o += [sized(L.SeparableConv2D(5, 3, strides=2, depth_multiplier=2, padding='same', use_bias=False, activation='selu')(i))]
    for k, (kernel, stride, pad, out, dil) in enumerate([
            ((3, 4), 2, 'same', None, 1), ((2, 3), 3, 'same', None, 1), (2, 3, 'valid', None, 1), (3, 2, 'same', 1, 1),
            (3, 2, 'valid', 1, 1)]):
        t = L.Conv2DTranspose(3, kernel, strides=stride, padding=pad, output_padding=out, dilation_rate=dil, activation='tanh', name='up%d' % k)(i)
        # Not the mean alone: the position of the border matters.
        o += [sized(L.MaxPooling2D(3, strides=2, padding='same')(t))]
    o += [sized(L.AveragePooling2D((2, 3), strides=1, padding='same', name='average_one_side')(i))]
    o += [sized(L.AveragePooling2D(3, strides=2, padding='same')(L.ReLU(negative_slope=.2, max_value=None)(i)))]
    o += [sized(L.ReLU(max_value=1.5)(i)), sized(L.ReLU(threshold=.5)(i))]
    o += [sized(L.PReLU()(i)), sized(L.LeakyReLU(negative_slope=.3)(i))]
    o += [sized(L.Conv2D(3, 1, activation=L.ReLU(max_value=.7), name='layer_as_activation')(i))]
    o += [sized(L.Conv2D(3, 1, activation=L.LeakyReLU(negative_slope=.4))(i))]
    for name in ['hard_sigmoid', 'hard_silu', 'gelu', 'log_softmax', 'exponential', 'leaky_relu', 'relu6', 'softplus', 'silu', 'celu', 'log_sigmoid',
                 'hard_tanh', 'tanh_shrink']:
        o += [sized(L.Activation(name)(i))]
    o += [sized(L.LayerNormalization(axis=[1, 2, 3])(i)), sized(L.LayerNormalization(axis=-1, scale=False)(i))]
    o += [sized(L.Activation('tanh')(L.GroupNormalization(groups=2)(i))), sized(L.Activation('tanh')(L.GroupNormalization(groups=-1)(i)))]
    o += [sized(L.RMSNormalization()(i)), sized(L.UnitNormalization()(i)), sized(L.BatchNormalization(center=False)(i)), sized(L.BatchNormalization(axis=1)(i))]
    o += [sized(L.Normalization(mean=[.1, .2, .3, .4], variance=[1., 2., 3., 4.])(i)), sized(L.Normalization(axis=-1)(i)),
          sized(L.Normalization(mean=.5, variance=2., invert=True)(i)), sized(L.Rescaling([.1, .2, .3, .4], offset=[1., 2., 3., 4.])(i))]
    o += [sized(L.Resizing(7, 15)(i)), sized(L.Resizing(9, 4, interpolation='nearest')(i)), sized(L.CenterCrop(8, 5)(i))]
    o += [sized(L.UpSampling2D((1, 3))(i)), sized(L.Cropping2D(((1, 2), (0, 3)))(i)), sized(L.ZeroPadding2D(((3, 0), (1, 2)))(i))]
    a, b = L.Conv2D(4, 1)(i), L.Conv2D(4, 1)(i)
    o += [sized(L.Average()([a, b, i])), sized(L.Maximum()([a, b])), sized(L.Minimum()([a, b])), sized(L.Multiply()([a, b, i])), sized(L.Subtract()([a, b]))]
    o += [sized(L.Concatenate(axis=1)([a, b])), sized(L.Add()([a, L.GlobalAveragePooling2D(keepdims=True)(b)]))]
    o += [sized(L.Multiply()([a, L.GlobalMaxPooling2D()(b)])), L.Dot(1)([sized(a), sized(b)])]
    t = L.Reshape((-1, 4))(L.MaxPooling2D(4)(i))
    o += [sized(L.Flatten()(t)), sized(L.Flatten()(L.Permute((2, 1))(t))), sized(L.Flatten()(L.RepeatVector(3)(sized(a))))]
    o += [sized(L.GlobalAveragePooling1D()(L.Conv1D(5, 3, padding='causal', dilation_rate=2)(t))), sized(L.GlobalMaxPooling1D()(L.MaxPooling1D(2, padding='same')(t)))]
    o += [sized(L.GlobalAveragePooling1D()(L.Conv1DTranspose(3, 3, strides=2, padding='same')(t)))]
    o += [sized(L.Flatten()(L.SeparableConv1D(3, 2, padding='same')(t))), sized(L.Flatten()(L.AveragePooling1D(2, strides=1, padding='same')(t)))]
    u = L.Conv1D(6, 1)(t)
    o += [sized(L.Flatten()(L.MultiHeadAttention(2, 3, value_dim=4, output_shape=5, use_bias=False)(t, u)))]
    o += [sized(L.Flatten()(L.MultiHeadAttention(2, 3)(t, key=t, value=u)))]
    o += [sized(L.Flatten()(L.Attention()([t, L.Conv1D(4, 1)(t)])))]
    positions = L.Embedding(6, 4, name='positions')(ops.arange(6))
    o += [sized(L.Flatten()(t + positions))]
    o += [sized(1.5 - a), sized(2. / (3. + ops.abs(a))), sized(a * b - i), sized(a ** 2), sized(ops.concatenate([a, b], axis=2)), sized(ops.mean(a, axis=[1, 2])),
          sized(ops.max(a, axis=1, keepdims=True)), sized(ops.transpose(a, (0, 2, 1, 3))), sized(ops.reshape(a, (-1, 5, 26, 4))), sized(ops.relu(a)), sized(ops.sigmoid(-a)),
          sized(a * np.linspace(.5, 1.5, 10, dtype='float32').reshape(1, 10, 1)), sized(ops.sqrt(ops.square(a) + 1.)),
          sized(ops.expand_dims(ops.sum(a, axis=-1), -1)), sized(ops.softmax(a, axis=1)), sized(ops.exp(ops.minimum(a, .5))), sized(ops.maximum(a, b))]
    x = L.Concatenate()(o)
    return keras.Model(i, L.Dense(3, activation='softmax')(L.Dropout(.5)(x)), name='layers')


def more_layers():
    """Indexing, wrappers, dense layers over any axes, embeddings, and rectifiers with every setting."""
    i = keras.Input((6, 5, 4), name='image')
    flat = lambda x: L.Dense(3)(L.Flatten()(x))
    o = [flat(i[:, 0]), flat(i[:, -1, 1:4]), flat(i[:, ::2, 1:, None]), flat(i[..., -2]), flat(i[:, 1:-1, :, ::3]), flat(i[:, None, 2])]
    o += [flat(L.EinsumDense('abcd,de->abce', (6, 5, 3), activation='tanh', bias_axes='e')(i))]
    heads = L.EinsumDense('abcd,def->abcef', (6, 5, 2, 3), bias_axes='ef', name='to_heads')(i)
    o += [flat(heads), flat(L.EinsumDense('abcef,efg->abcg', (6, 5, 4), bias_axes='g')(heads)), flat(L.EinsumDense('abcef,efg->abcg', (6, 5, 4), bias_axes='g', name='from_heads')(heads))]
    o += [flat(L.EinsumDense('...x,xy->...y', 3, bias_axes='y')(i)), flat(L.EinsumDense('abc,bde->ade', (2, 3))(i[:, 1])), flat(L.EinsumDense('abcd,be->aecd', (7, 5, 4), bias_axes='e')(i)),
          flat(L.EinsumDense('ab...,bc->ac...', 3, bias_axes='c')(i))]
    o += [flat(L.TimeDistributed(L.Dense(3, activation='relu'))(i)), flat(L.TimeDistributed(L.SeparableConv1D(3, 2, padding='same'))(i)), flat(L.TimeDistributed(L.BatchNormalization())(i)),
          flat(L.TimeDistributed(L.Conv2D(2, 3, padding='same', activation='relu'))(i[..., None]))]
    t = i[:, 2]
    o += [flat(L.Attention(use_scale=True)([t, L.Dense(4)(t)])), flat(L.Attention(use_scale=True)([t, L.Dense(5)(t), L.Dense(4)(t)]))]
    o += [flat(L.Embedding(7, 3)(ops.argmax(i, axis=1))), flat(L.Embedding(9, 4)(ops.sigmoid(i) * 9.) + i[..., None])]
    o += [flat(L.LayerNormalization(axis=axis)(i)) for axis in (1, 2, [1, 2], [-1, 1], [2, 3])] + [flat(L.LayerNormalization(axis=1, center=False)(i)), flat(L.LayerNormalization(axis=[1], scale=False)(i))]
    o += [flat(L.ReLU(max_value=most, negative_slope=slope, threshold=threshold)(i))
          for most, slope, threshold in ((1.2, 0, .4), (1.2, .3, 0), (None, .3, .4), (1.2, .3, .4), (None, 0, .4), (None, .3, 0), (1.2, 0, 0))]
    o += [flat(ops.gelu(i)), flat(ops.gelu(i, approximate=False))]
    return keras.Model(i, L.Dense(3, activation='softmax')(L.Concatenate()(o)), name='more_layers')


def volume_layers():
    i = keras.Input((7, 6, 5, 2), name='volume')
    o = []
    gap = L.GlobalAveragePooling3D
    o += [gap()(L.Conv3D(3, (3, 2, 1), strides=(2, 1, 2), padding='same', activation='tanh')(i))]
    o += [gap()(L.MaxPooling3D(3, padding='same')(L.Conv3DTranspose(2, 3, strides=2, padding='same')(i)))]
    o += [gap()(L.AveragePooling3D((2, 3, 2), strides=1, padding='same')(i)), L.GlobalMaxPooling3D()(i)]
    o += [gap()(L.Activation('relu')(L.UpSampling3D((1, 2, 2))(L.Cropping3D(((1, 0), (0, 2), (1, 1)))(i))))]
    o += [gap()(L.ZeroPadding3D(((1, 0), (0, 2), (1, 1)))(L.BatchNormalization()(i)))]
    return keras.Model(i, L.Dense(3)(L.Concatenate()(o)), name='volume_layers')


def nested_calls():
    """A functional model that is called twice, inside one that is nested itself; a frozen layer in it."""
    j = keras.Input((None, None, 3), name='inner')
    k = L.Conv2D(4, 3, padding='same', strides=2, name='conv')(j)
    k = L.BatchNormalization(name='bn')(k)
    backbone = keras.Model(j, L.Activation('relu', name='relu')(k), name='backbone')
    m = keras.Input((12, 12, 3), name='middle')
    n = L.Conv2D(3, 1, name='conv')(m)
    wrapper = keras.Model(m, L.Add(name='both')([backbone(n), backbone(m)]), name='wrapper')
    i = keras.Input((12, 12, 3), name='image')
    x = wrapper(i)
    head = keras.Sequential([L.Flatten(name='flat'), L.Dense(3, name='dense')], name='head')
    backbone.get_layer('conv').trainable = False
    return keras.Model(i, head(x), name='nested_calls')


# ---- the dialect of Keras 2



def plain(value):
    if isinstance(value, dict) and value.get('class_name') == 'DTypePolicy':
        return 'float32'
    return value


def old_config(layer):
    config = {key: plain(value) for key, value in layer.get_config().items()}
    for key in ('build_config', 'registered_name', 'optional', 'quantization_config', 'synchronized', 'renorm', 'renorm_clipping', 'renorm_momentum'):
        config.pop(key, None)
    if 'batch_shape' in config:
        config['batch_input_shape'] = config.pop('batch_shape')
    if isinstance(layer, L.BatchNormalization):
        config['axis'] = [layer.axis if layer.axis >= 0 else 3]
    if isinstance(layer, L.LeakyReLU):
        config['alpha'] = config.pop('negative_slope')
    if 'hard2' in str(config.get('activation')):
        config['activation'] = 'hard_sigmoid'
    return config


def hard2(x):
    """hard_sigmoid of Keras 2."""
    return ops.clip(.2 * x + .5, 0., 1.)


FUNCTIONS = {'Add': '__operators__.add', 'Multiply': 'math.multiply', 'Subtract': 'math.subtract', 'TrueDivide': 'math.truediv', 'Relu': 'nn.relu', 'Mean': 'math.reduce_mean'}


def old_functional(model, nested=(), offset=True):
    names = {id(op): op.name for op in model.operations}
    mine = {id(node): True for op in model.operations for node in op._inbound_nodes}
    used = {}
    for depth in model._nodes_by_depth.values():
        for node in depth:
            used.setdefault(id(node.operation), []).append(node)
    for nodes in used.values():
        nodes.sort(key=lambda node: node.operation._inbound_nodes.index(node))

    def ref(tensor):
        op, _, index = tensor._keras_history
        node = [k for k, n in enumerate(used[id(op)]) if any(t is tensor for t in n.output_tensors)][0]
        # A nested functional model has a call of its own before all others.
        return [names[id(op)], node + (1 if isinstance(op, keras.Model) and not isinstance(op, keras.Sequential) else 0), index]

    out = []
    for op in model.operations:
        entry = {'name': op.name, 'inbound_nodes': []}
        if isinstance(op, keras.Sequential):
            entry.update(class_name='Sequential', config=old_sequential(op))
        elif isinstance(op, keras.Model):
            entry.update(class_name='Functional', config=old_functional(op))
        elif isinstance(op, keras.layers.Layer):
            entry.update(class_name=type(op).__name__, config=old_config(op))
        else:
            entry.update(class_name='TFOpLambda', config={'name': op.name, 'trainable': True, 'dtype': 'float32', 'function': FUNCTIONS[type(op).__name__]})
        for node in used[id(op)]:
            if isinstance(op, L.InputLayer):
                continue
            args = node.arguments.args
            if entry['class_name'] == 'TFOpLambda':
                values = [ref(a) if hasattr(a, '_keras_history') else a for a in args]
                if entry['config']['function'] == 'math.reduce_mean':
                    extra = {'axis': list(op.axis), 'keepdims': op.keepdims, 'name': None}
                elif len(values) > 1:
                    extra = {'y': values[1], 'name': None}
                else:
                    extra = {'name': None}
                first = values[0] + [extra] if isinstance(values[0], list) else ['_CONSTANT_VALUE', -1, values[0], extra]
                entry['inbound_nodes'].append(first if len(values) == 1 else [first])
            else:
                flat = [t for a in args for t in (a if isinstance(a, (list, tuple)) else [a])]
                entry['inbound_nodes'].append([ref(t) + [{}] for t in flat])
        out.append(entry)
    return {'name': model.name, 'trainable': True, 'layers': out, 'input_layers': [ref(t) for t in model.inputs], 'output_layers': [ref(t) for t in model.outputs]}


def old_sequential(model):
    out = []
    for layer in model.layers:
        out.append({'class_name': type(layer).__name__, 'config': old_config(layer)})
    return {'name': model.name, 'layers': [{'class_name': 'InputLayer', 'config': {'batch_input_shape': [None] + list(model.input_shape[1:]), 'dtype': 'float32', 'sparse': False,
            'ragged': False, 'name': model.name + '_input'}}] + out}


def write_keras2(model, path, version, renamed=None):
    config = old_sequential(model) if isinstance(model, keras.Sequential) else old_functional(model)
    with h5py.File(path, 'w') as f:
        f.attrs['keras_version'], f.attrs['backend'] = version, 'tensorflow'
        f.attrs['model_config'] = json.dumps({'class_name': 'Sequential' if isinstance(model, keras.Sequential) else 'Functional', 'config': config}).encode()
        f.attrs['training_config'] = json.dumps({'loss': 'categorical_crossentropy'}).encode()
        group = f.create_group('model_weights')
        group.attrs['layer_names'] = [layer.name.encode() for layer in model.layers]
        group.attrs['keras_version'], group.attrs['backend'] = version.encode(), b'tensorflow'
        for layer in model.layers:
            own = group.create_group(layer.name)
            weights = [w for w in layer.trainable_weights + layer.non_trainable_weights if 'seed' not in w.path]
            names = ['/'.join(w.path.split('/')[-2:]) + ':0' for w in weights]
            if renamed:
                names = [renamed(name) for name in names]
            own.attrs['weight_names'] = [name.encode() for name in names]
            for name, weight in zip(names, weights):
                own.create_dataset(name, data=np.array(weight), **({'compression': 'gzip', 'shuffle': True} if version == '2.13.1' and weight.shape.rank else {}))
        optimizer = f.create_group('optimizer_weights')
        optimizer.attrs['weight_names'] = [b'Adam/iter:0', b'Adam/stem/kernel/m:0']
        optimizer.create_dataset('Adam/iter:0', data=np.int64(7))
        optimizer.create_dataset('Adam/stem/kernel/m:0', data=np.zeros((3, 3), 'f4'))


def keras2_functional():
    """What MobileNetV3 of tf.keras 2.4 has: arithmetic as layers, hard_sigmoid of Keras 2, a shared layer."""
    i = keras.Input((14, 14, 3), name='input_1')
    x = L.Conv2D(6, 3, strides=2, padding='same', use_bias=False, name='stem_conv')(i)
    x = L.BatchNormalization(name='stem_bn')(x)
    gate = ops.relu(x + 3.) * (1 / 6.)
    x = L.Multiply(name='hard_swish')([x, gate])
    twin = L.DepthwiseConv2D(3, padding='same', name='twin')
    x = L.Add(name='add')([twin(x), twin(L.LeakyReLU(negative_slope=.2, name='leaky')(x))])
    x = 1. - x
    x = L.Activation(hard2, name='gate')(x)
    x = ops.mean(x, axis=[1, 2], keepdims=False)
    return keras.Model(i, L.Dense(3, activation='softmax', name='predictions')(x), name='model')


def keras2_transfer():
    """A backbone in a functional model, as in transfer learning, half of it frozen."""
    j = keras.Input((12, 12, 3), name='input_1')
    k = L.Conv2D(4, 3, padding='same', name='block1_conv')(j)
    k = L.BatchNormalization(name='block1_bn')(k)
    k = L.ReLU(name='block1_relu')(k)
    k = L.Conv2D(4, 3, padding='same', name='block2_conv')(k)
    k = L.BatchNormalization(name='block2_bn')(k)
    backbone = keras.Model(j, k, name='backbone')
    backbone.get_layer('block1_conv').trainable = False
    backbone.get_layer('block1_bn').trainable = False
    i = keras.Input((12, 12, 3), name='input_2')
    x = L.Rescaling(.5, offset=-.1, name='rescaling')(i)
    x = backbone(x)
    x = L.GlobalAveragePooling2D(name='gap')(x)
    return keras.Model(i, L.Dense(3, name='dense')(x), name='model_1')


def keras2_sequential():
    return keras.Sequential([keras.Input((9, 9, 2)), L.SeparableConv2D(5, 3, padding='same', activation='relu', name='separable'), L.MaxPooling2D(2, padding='same', name='pool'),
                             L.Flatten(name='flatten'), L.Dropout(.5, name='dropout'), L.Dense(3, activation='sigmoid', name='dense')], name='sequential')


def deflate(path):
    """Keras stores, other tools that pack a .keras file deflate."""
    with zipfile.ZipFile(path) as z:
        entries = [(name, z.read(name)) for name in z.namelist()]
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, content in entries:
            z.writestr(name, content)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for make, shape in ((layers, (13, 10, 4)), (volume_layers, (7, 6, 5, 2)), (nested_calls, (12, 12, 3))):
        model = make()
        randomize(model)
        model.save(os.path.join(folder, make.__name__ + '.keras'))
        deflate(os.path.join(folder, make.__name__ + '.keras'))
        if make is not nested_calls:  # Two layers in it have one name, which Keras cannot save there.
            model.save(os.path.join(folder, make.__name__ + '.h5'))
        # As the file has it: the statistics of Normalization are in its configuration.
        reference(keras.saving.load_model(os.path.join(folder, make.__name__ + '.keras')), folder, make.__name__, shape)
    model = nested_calls()
    randomize(model)
    with open(os.path.join(folder, 'apart.json'), 'w') as f:
        f.write(model.to_json())
    model.save_weights(os.path.join(folder, 'apart.weights.h5'))
    reference(model, folder, 'apart', (12, 12, 3), 1)
    for make, shape, version, renamed in ((keras2_functional, (14, 14, 3), '2.4.0', None), (keras2_transfer, (12, 12, 3), '2.13.1', None),
                                          (keras2_sequential, (9, 9, 2), '2.15.0', None)):
        model = make()
        randomize(model)
        write_keras2(model, os.path.join(folder, make.__name__ + '.h5'), version, renamed)
        reference(model, folder, make.__name__, shape)
    # In one session with another such model, TensorFlow 1 gave names a number.
    model = keras2_transfer()
    randomize(model)
    write_keras2(model, os.path.join(folder, 'keras2_numbered.h5'), '2.2.4', lambda name: name.replace('/', '_1/', 1))
    reference(model, folder, 'keras2_numbered', (12, 12, 3), 1)
    model = more_layers()
    randomize(model)
    for ending in ('.keras', '.h5'):
        model.save(os.path.join(folder, 'more_layers' + ending))
    deflate(os.path.join(folder, 'more_layers.keras'))
    reference(model, folder, 'more_layers', (6, 5, 4))


if __name__ == '__main__':
    main(sys.argv[1])
