"""tf.keras 2 from its sources, which have no public API folder: the few names that the other scripts need, as tf.keras."""
import os,sys,types
os.environ['TF_USE_LEGACY_KERAS']='1'
import tf_keras
from tf_keras import layers, models, activations, applications, utils
from tf_keras.saving import object_registration
k=types.ModuleType('tf_keras.api._v2.keras')
k.layers,k.models,k.activations,k.applications=layers,models,activations,applications
k.utils=types.ModuleType('utils'); k.utils.register_keras_serializable=object_registration.register_keras_serializable
k.Model,k.Sequential=tf_keras.Model,tf_keras.Sequential
k.__version__=tf_keras.__version__
sys.modules['tf_keras.api']=types.ModuleType('tf_keras.api'); sys.modules['tf_keras.api._v2']=types.ModuleType('tf_keras.api._v2'); sys.modules['tf_keras.api._v2.keras']=k
