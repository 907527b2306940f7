#!/usr/bin/env python3
"""Writes the SavedModels and the reference gradients of the TensorFlow engine's tests.

Usage: python3 tools/savedmodel_fixtures.py FOLDER

Needs TensorFlow 2.21 with Keras 3. FOLDER is src/test/resources/savedmodel of the engine's module.
The reference values are tf.GradientTape's; those of max-pooling over volumes have no ties.
"""

import os
import shutil
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.core.protobuf import saved_model_pb2

ROOT = sys.argv[1]


def guided(x):
    """A ReLU or ReLU6 whose backward pass is that of guided backpropagation."""

    def make(forward, high):
        @tf.custom_gradient
        def rectifier(x):
            def grad(dy):
                gate = tf.cast((x > 0) & (x < high), x.dtype)
                return tf.nn.relu(dy) * gate

            return forward(x), grad

        return rectifier

    return make(*x)


PLAIN = {"relu": tf.nn.relu, "relu6": tf.nn.relu6}
GUIDED = {"relu": guided((tf.nn.relu, np.inf)), "relu6": guided((tf.nn.relu6, 6.0))}


def randomise(variables, seed):
    """Gives every weight a value, also those that start as zeros or ones."""
    rng = np.random.default_rng(seed)
    for variable in variables:
        if "seed" in variable.name:
            continue
        value = rng.normal(0, 0.4, variable.shape)
        if "variance" in variable.name:
            value = 0.5 + np.abs(value)
        variable.assign(value.astype("float32"))


def strip(name):
    """Drops what only a retraining in Python needs; TensorFlow's runtime loads the rest alike."""
    path = os.path.join(ROOT, name, "saved_model.pb")
    model = saved_model_pb2.SavedModel()
    with open(path, "rb") as file:
        model.ParseFromString(file.read())
    for graph in model.meta_graphs:
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
    with open(path, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))
    fingerprint = os.path.join(ROOT, name, "fingerprint.pb")
    if os.path.exists(fingerprint):
        os.remove(fingerprint)


def export(name, model):
    folder = os.path.join(ROOT, name)
    shutil.rmtree(folder, ignore_errors=True)
    model.export(folder, verbose=False)
    strip(name)


def save(name, module, signatures):
    folder = os.path.join(ROOT, name)
    shutil.rmtree(folder, ignore_errors=True)
    tf.saved_model.save(module, folder, signatures)
    strip(name)


def gradient(f, x, seed):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = tf.reduce_sum(f(x) * seed)
    return tape.gradient(score, x).numpy()


def images(shape, seed):
    return np.random.default_rng(seed).normal(0, 1, shape).astype("float32")


def reference(name, **arrays):
    np.savez_compressed(os.path.join(ROOT, name + ".npz"), **arrays)


def residual_net():
    """Convolution, batch norm, ReLU6, depthwise, residual add, ReLU, dropout; as Keras 3 exports."""
    image = keras.Input((8, 10, 3))
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(image)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = skip = layers.ReLU(6.0, name="stem_relu6")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.Conv2D(4, 3, padding="same", dilation_rate=2, activation="relu", name="conv2d")(x)
    x = layers.Add(name="add")([x, skip])
    x = layers.ReLU(name="relu")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    x = layers.Dense(5, activation="relu", name="hidden")(x)
    x = layers.Dense(3, activation="softmax", name="classes")(x)
    model = keras.Model(image, x)
    randomise(model.variables, 1)
    export("residual", model)

    def run(x, act, start=None):
        layer = model.get_layer
        if start is None:
            x = act["relu6"](layer("stem_bn")(layer("stem")(x)))
            skip = x
            x = layer("depthwise")(x)
            conv = layer("conv2d")
            x = act["relu"](
                tf.nn.bias_add(tf.nn.conv2d(x, conv.kernel, 1, "SAME", dilations=2), conv.bias)
            )
            x = act["relu"](x + skip)
        x = layer("mean")(layer("pool")(x))
        x = act["relu"](x @ layer("hidden").kernel + layer("hidden").bias)
        return tf.nn.softmax(x @ layer("classes").kernel + layer("classes").bias)

    x = images((2, 8, 10, 3), 2)
    seed = images((2, 3), 3)
    tapped = keras.Model(model.inputs, [model.get_layer("relu").output])
    activation = tapped(x).numpy()
    assert np.allclose(run(x, PLAIN), model(x), atol=1e-6)
    reference(
        "residual",
        x=x,
        seed=seed,
        y=model(x).numpy(),
        gradient=gradient(lambda v: run(v, PLAIN), x, seed),
        guided=gradient(lambda v: run(v, GUIDED), x, seed),
        relu=activation,
        relu_gradient=gradient(lambda v: run(v, PLAIN, "relu"), activation, seed),
    )


def keras2_net():
    """Named as Keras 2 does: variables and nodes without numbers, a function per layer, fused norm."""

    class Net(tf.Module):
        def __init__(self):
            rng = np.random.default_rng(4)
            shapes = {
                "conv2d/kernel": (3, 3, 1, 3), "conv2d/bias": (3,),
                "conv2d_1/kernel": (3, 3, 3, 2), "conv2d_1/bias": (2,),
                "bn/gamma": (2,), "bn/beta": (2,), "bn/moving_mean": (2,), "bn/moving_variance": (2,),
                "dense/kernel": (2, 3), "dense/bias": (3,),
            }
            self.v = {}
            for name, shape in shapes.items():
                value = rng.normal(0, 0.5, shape).astype("float32")
                self.v[name] = tf.Variable(np.abs(value) if "var" in name else value, name=name)

        @tf.function
        def conv(self, x, kernel, bias, dilation):
            x = tf.nn.conv2d(x, kernel, 1, "SAME", dilations=dilation, name="Conv2D")
            return tf.nn.relu(tf.nn.bias_add(x, bias, name="BiasAdd"), name="Relu")

        def run(self, x):
            v = self.v
            with tf.name_scope("model"):
                with tf.name_scope("conv2d"):
                    x = self.conv(x, v["conv2d/kernel"], v["conv2d/bias"], 1)
                with tf.name_scope("max_pooling2d"):
                    x = tf.nn.max_pool2d(x, 2, 2, "SAME", name="MaxPool")
                with tf.name_scope("conv2d_1"):
                    x = self.conv(x, v["conv2d_1/kernel"], v["conv2d_1/bias"], [1, 2])
                with tf.name_scope("bn"):
                    x, *_ = tf.raw_ops.FusedBatchNormV3(
                        x=x, scale=v["bn/gamma"], offset=v["bn/beta"], mean=v["bn/moving_mean"],
                        variance=v["bn/moving_variance"], epsilon=1e-3, is_training=False,
                        name="FusedBatchNormV3")
                with tf.name_scope("global_average_pooling2d"):
                    x = tf.reduce_mean(x, [1, 2], name="Mean")
                with tf.name_scope("dense"):
                    x = tf.matmul(x, v["dense/kernel"], name="MatMul")
                    return tf.nn.bias_add(x, v["dense/bias"], name="BiasAdd")

    net = Net()
    spec = tf.TensorSpec((None, 6, 6, 1), tf.float32, name="image")
    save("keras2", net, {"only": tf.function(lambda image: {"scores": net.run(image)})
                         .get_concrete_function(spec)})
    x = images((2, 6, 6, 1), 5)
    seed = images((2, 3), 6)
    reference("keras2", x=x, seed=seed, y=net.run(tf.constant(x)).numpy(),
              gradient=gradient(net.run, x, seed))


def two_signatures():
    """Two entry points of the same kind, neither the default."""
    net = tf.Module()
    net.w = tf.Variable([[2.0, -1.0], [0.5, 1.0]], name="w")
    spec = tf.TensorSpec((None, 2), tf.float32, name="x")
    save("two", net, {
        "first": tf.function(lambda x: {"y": x @ net.w}).get_concrete_function(spec),
        "second": tf.function(lambda x: {"y": x @ net.w * 3.0}).get_concrete_function(spec),
    })


def without_gradient():
    """A morphological layer, which TensorFlow's C++ library has no gradient for."""
    net = tf.Module()
    rng = np.random.default_rng(7)
    net.kernel = tf.Variable(rng.normal(0, 1, (3, 3, 2, 2)).astype("float32"), name="conv/kernel")

    @tf.function(input_signature=[tf.TensorSpec((None, 6, 6, 2), tf.float32, name="x")])
    def run(x):
        with tf.name_scope("net"):
            with tf.name_scope("morphology"):
                x = tf.raw_ops.Dilation2D(
                    input=x, filter=tf.zeros((3, 3, 2)), strides=[1, 1, 1, 1],
                    rates=[1, 1, 1, 1], padding="SAME", name="Dilation2D")
            with tf.name_scope("conv"):
                x = tf.nn.conv2d(x, net.kernel, 1, "SAME", name="Conv2D")
            with tf.name_scope("mean"):
                return {"y": tf.reduce_mean(x, [1, 2], name="Mean")}

    save("nogradient", net, {"serving_default": run})


def equal_maxima():
    """A max-pooling over a volume whose values are all equal: the first one gets the gradient."""
    net = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec((None, 4, 4, 4, 1), tf.float32, name="x")])
    def run(x):
        x = tf.nn.max_pool3d(x, 2, 2, "VALID", name="pool")
        return {"y": tf.reshape(x, (-1, 8), name="flat")}

    save("ties", net, {"serving_default": run})


def half_precision():
    """Computes and answers in half precision, as networks with mixed precision do inside."""
    net = tf.Module()
    net.kernel = tf.Variable([[[[1.0, -2.0]]]], name="conv/kernel")

    @tf.function(input_signature=[tf.TensorSpec((None, 2, 2, 1), tf.float32, name="x")])
    def run(x):
        with tf.name_scope("conv"):
            x = tf.nn.conv2d(tf.cast(x, tf.float16), tf.cast(net.kernel, tf.float16), 1, "SAME")
        with tf.name_scope("relu"):
            x = tf.nn.relu(x)
        with tf.name_scope("mean"):
            return {"y": tf.reduce_mean(x, [1, 2])}

    save("half", net, {"serving_default": run})


def many_operations():
    """What image classifiers are made of, each a small step, in two and three dimensions."""
    image = keras.Input((8, 8, 3))
    x = layers.Rescaling(0.5, 0.1)(image)
    x = layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.1, 0.9, 1.3])(x)
    x = layers.ZeroPadding2D(((1, 0), (0, 1)))(x)
    x = layers.SeparableConv2D(4, 3, strides=2, padding="same", activation="leaky_relu")(x)
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="elu")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.Conv2D(4, 3, strides=2, groups=2, activation="selu")(x)
    x = layers.LayerNormalization()(x)
    x = layers.GroupNormalization(2)(x)
    x = layers.Concatenate()([layers.Activation(a)(x) for a in (
        "gelu", "silu", "softplus", "softsign", "tanh", "sigmoid", "hard_sigmoid", "mish",
        "exponential", "relu6")])
    x = layers.DepthwiseConv2D(3, dilation_rate=2, padding="same")(x)
    x = layers.Conv2D(6, 1, activation=lambda v: keras.activations.gelu(v, approximate=True))(x)
    squeeze = layers.Dense(6, activation="sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.Multiply()([x, squeeze])
    x = layers.AveragePooling2D(3, strides=2, padding="same")(x)
    x = layers.UpSampling2D(2, interpolation="nearest")(x)
    x = layers.Cropping2D(1)(x)
    x = layers.LeakyReLU(0.2)(layers.PReLU()(x))
    sequence = layers.Reshape((-1, 6))(x)
    sequence = layers.MultiHeadAttention(2, 3)(sequence, sequence)
    sequence = layers.Lambda(lambda v: keras.ops.split(v, 2, axis=1)[1])(sequence)
    sequence = layers.Maximum()([sequence, layers.Permute((1, 2))(sequence * 0.5)])
    x = layers.Concatenate()([layers.GlobalMaxPooling2D()(x), layers.Flatten()(sequence)])
    x = layers.UnitNormalization()(x)
    model = keras.Model(image, layers.Dense(4, activation="log_softmax")(x))
    randomise([v for v in model.variables if "normalization" not in v.path
               or "layer" in v.path or "group" in v.path], 8)
    check("operations2d", model, images((2, 8, 8, 3), 9), images((2, 4), 10))

    volume = keras.Input((6, 7, 8, 2))
    x = layers.Conv3D(4, 3, padding="same", activation="leaky_relu")(volume)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling3D(3, strides=2, padding="same")(x)
    x = layers.Conv3DTranspose(3, 3, strides=2, padding="same", activation="tanh")(x)
    x = layers.AveragePooling3D(2, padding="same")(x)
    x = layers.UpSampling3D((1, 2, 1))(x)
    x = layers.ZeroPadding3D(1)(x)
    x = layers.Conv3D(4, (1, 2, 3), strides=(1, 2, 1), groups=1)(x)
    x = layers.SpatialDropout3D(0.3)(x)
    x = layers.Concatenate()([layers.GlobalMaxPooling3D()(x), layers.GlobalAveragePooling3D()(x)])
    model = keras.Model(volume, layers.Dense(3)(x))
    randomise(model.variables, 11)
    check("operations3d", model, images((2, 6, 7, 8, 2), 12), images((2, 3), 13))


def check(name, model, x, seed):
    export(name, model)
    reference(name, x=x, seed=seed, y=model(x, training=False).numpy(),
              gradient=gradient(lambda v: model(v, training=False), x, seed))


os.makedirs(ROOT, exist_ok=True)
residual_net()
keras2_net()
two_signatures()
without_gradient()
equal_maxima()
half_precision()
many_operations()
