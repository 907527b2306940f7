"""tf.keras 2 from its sources, which have no public API folder: the few names that the other scripts need, as tf.keras."""
import os
import sys
import types

os.environ['TF_USE_LEGACY_KERAS'] = '1'
import tf_keras
from tf_keras import activations, applications, layers, models
from tf_keras.saving import object_registration

API = 'tf_keras.api._v2.keras'
keras = types.ModuleType(API)
keras.__version__ = tf_keras.__version__
keras.layers, keras.models, keras.activations, keras.applications = layers, models, activations, applications
keras.Model, keras.Sequential = tf_keras.Model, tf_keras.Sequential
keras.utils = types.ModuleType(API + '.utils')
keras.utils.register_keras_serializable = object_registration.register_keras_serializable
for name in ('tf_keras.api', 'tf_keras.api._v2'):
    sys.modules[name] = types.ModuleType(name)
sys.modules[API] = keras
