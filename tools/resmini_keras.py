"""Writes the golden network resmini as Keras files, with the weights of its other formats.

    python tools/resmini_keras.py GOLDEN_FOLDER

reads models/resmini_weights.npz, resmini_aucmedi.npz (inputs and predictions) and writes
models/resmini.keras (Keras 3) and models/resmini.h5 (the older format). Needs keras with
TensorFlow.
"""
import sys

import keras
import numpy as np
from keras import layers as L

folder = sys.argv[1]


def branch(x, name, filters):
    x = L.Conv2D(filters, 3, padding="same", use_bias=False, name=name + "_conv1")(x)
    x = L.BatchNormalization(name=name + "_bn1")(x)
    x = L.ReLU(name=name + "_relu1")(x)
    x = L.DepthwiseConv2D(3, padding="same", name=name + "_dw")(x)
    x = L.Conv2D(filters, 1, name=name + "_conv2")(x)
    return L.BatchNormalization(name=name + "_bn2")(x)


image = L.Input((40, 56, 3), name="image")
x = L.Conv2D(8, 3, padding="same", use_bias=False, name="stem_conv")(image)
x = L.BatchNormalization(name="stem_bn")(x)
x = L.Activation("relu", name="stem_relu")(x)
x = L.MaxPooling2D(name="stem_pool")(x)
x = L.Add(name="b0_add")([branch(x, "b0", 8), x])
x = L.ReLU(name="b0_out")(x)
x = L.AveragePooling2D(2, name="pool0")(x)
projected = L.Conv2D(16, 1, use_bias=False, name="b1_proj")(x)
x = L.Add(name="b1_add")([branch(x, "b1", 16), projected])
x = L.ReLU(name="b1_out")(x)
x = L.AveragePooling2D(2, name="pool1")(x)
x = L.Conv2D(24, 3, padding="same", name="head_conv")(x)
x = L.ReLU(name="head_relu")(x)
x = L.Flatten(name="flatten")(x)
x = L.Dropout(0.25, name="dropout")(x)
x = L.Dense(32, activation="relu", name="fc1")(x)
model = keras.Model(image, L.Dense(10, name="logits")(x), name="resmini")

weights = np.load(folder + "/models/resmini_weights.npz")
for layer in model.layers:
    own = [weights[key] for key in weights.files if key.split("/")[0] == layer.name]
    if own:
        layer.set_weights(own)

golden = np.load(folder + "/resmini_aucmedi.npz")
difference = np.abs(model.predict(golden["x"], verbose=0) - golden["y"]).max()
print("largest difference to the golden predictions:", difference)
assert difference < 1e-5
model.save(folder + "/models/resmini.keras")
model.save(folder + "/models/resmini.h5")
