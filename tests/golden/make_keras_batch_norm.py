"""Record what Keras's batch normalization gives in keras_batch_norm.json.

Keras is no requirement of this project: install it with TensorFlow in an environment of its own
and run `python make_keras_batch_norm.py` there. The tests read the record only.
"""

import json
from pathlib import Path

import keras
import numpy as np


def record(shape, **options):
    """Train on two batches with Keras, then use the layer on the first."""
    rng = np.random.default_rng(3)
    batches = 2.0 + 3.0 * rng.standard_normal((2, *shape))
    gamma, beta = rng.standard_normal((2, shape[1]))
    layer = keras.layers.BatchNormalization(axis=1, **options)
    layer.build(shape)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    steps = []
    for x in batches:
        y = np.asarray(layer(x, training=True))
        averages = [np.asarray(a).tolist() for a in (layer.moving_mean, layer.moving_variance)]
        steps.append({"y": y.tolist(), "mean": averages[0], "var": averages[1]})
    return {
        "options": options,
        "x": batches.tolist(),
        "gamma": gamma.tolist(),
        "beta": beta.tolist(),
        "training": steps,
        "use": np.asarray(layer(batches[0], training=False)).tolist(),
    }


if __name__ == "__main__":
    keras.backend.set_floatx("float64")
    cases = [
        record((5, 3)),
        record((3, 2, 2, 3)),
        record((4, 3), momentum=0.9, epsilon=0.01),
    ]
    content = {"keras": keras.__version__, "cases": cases}
    path = Path(__file__).with_name("keras_batch_norm.json")
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")
