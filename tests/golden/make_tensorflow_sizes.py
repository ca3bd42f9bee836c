"""Record TensorFlow's and Keras's sizes in tensorflow_sizes.json.

TensorFlow is no requirement of this project: install tensorflow-cpu in an environment of its own
and run `TF_ENABLE_ONEDNN_OPTS=0 python make_tensorflow_sizes.py` there (oneDNN aborts on some sizes
that TensorFlow itself takes). The tests read the record only.
"""

import itertools
import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def conv(n, k, s, d, padding):
    """Return output size, zeros before, zeros after (read off one-hot kernels); None: refused."""
    x = tf.reshape(tf.range(1.0, n + 1), (1, n, 1))
    eye = tf.reshape(tf.eye(k), (k, 1, k))  # one kernel for each entry
    try:
        y = tf.nn.conv1d(x, eye, s, padding, dilations=d).numpy()[0]  # (out, k)
    except (tf.errors.InvalidArgumentError, ValueError):
        return None
    if len(y) == 0:
        return None
    first, last = np.flatnonzero(y[0]), np.flatnonzero(y[-1])
    if not (len(first) and len(last)):
        return [len(y), None, None]
    # the first entry that meets the input at row j puts j - 1 - entry * d on the padding
    before = int(first[0] * d - (y[0, first[0]] - 1))
    after = int((k - 1 - last[-1]) * d - (n - y[-1, last[-1]]))
    return [len(y), before, after]


def pool(n, k, s, padding):
    y = tf.nn.max_pool1d(tf.ones((1, n, 1)), k, s, padding)
    return y.shape[1] or None


def transpose(n, k, s, padding):
    """Return every output size that is accepted, with the values for input 1..n, kernel 1..k."""
    x = tf.reshape(tf.range(1.0, n + 1), (1, n, 1))
    w = tf.reshape(tf.range(1.0, k + 1), (k, 1, 1))
    legal = {}
    for out in range(1, n * s + k + s + 2):
        try:
            y = tf.nn.conv1d_transpose(x, w, (1, out, 1), s, padding)
        except (tf.errors.InvalidArgumentError, ValueError):
            continue
        legal[out] = [int(value) for value in y.numpy().ravel()]
    return legal


def keras_transpose(n, k, s, d, padding, extra):
    try:
        layer = keras.layers.Conv2DTranspose(
            1, (k, 1), (s, 1), padding, None if extra is None else (extra, 0), dilation_rate=(d, 1)
        )
        return layer.compute_output_shape((1, n, 1, 1))[1]
    except ValueError:
        return None


def record_of_sizes():
    sizes, kernels, strides = (1, 2, 3, 5, 6, 7, 13), (1, 2, 3, 4, 5, 6), (1, 2, 3, 4, 5)
    return {
        "made_with": f"tensorflow {tf.__version__}, keras {keras.__version__}",
        "conv": [
            [*row, conv(*row, "SAME"), conv(*row, "VALID")]
            for row in itertools.product(sizes, kernels, strides, (1, 2))
            if row[2] == 1 or row[3] == 1
        ],
        "pool": [
            [*row, pool(*row, "SAME"), pool(*row, "VALID") if row[1] <= row[0] else None]
            for row in itertools.product(sizes, kernels, strides)
        ],
        "transpose": [
            [*row, transpose(*row)]
            for row in itertools.product((1, 2, 4), (1, 2, 3, 4, 5), (1, 2, 3), ("SAME", "VALID"))
        ],
        "keras": [
            [*row, keras_transpose(*row)]
            for row in itertools.product(
                (1, 2, 5), (1, 2, 3, 4, 5), (1, 2, 3), (1, 2), ("valid", "same"), (None, 0, 1, 2)
            )
        ],
    }


def main():
    record = record_of_sizes()
    parts = [f'"made_with": {json.dumps(record.pop("made_with"))}']
    for name, rows in record.items():
        lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        parts.append(f'"{name}": [\n{lines}\n]')
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    Path(__file__).with_name("tensorflow_sizes.json").write_text(text)


if __name__ == "__main__":
    main()
