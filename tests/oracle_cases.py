"""One representative call of every operation that has a backward pass, and PyTorch's equal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as tF

import dlnotes.functional as F
import recurrent_oracle
import test_lenet as lenet
from bad_input import to_tensor
from oracles import apart, normal
from test_activation import torch_log_softmax, torch_softmax, torch_step
from test_center_crop import torch_crop
from test_conv_separable import torch_depthwise, torch_separable
from test_conv_transpose import torch_tf
from test_conv_true import torch_true
from test_dropout import torch_dropout
from test_local import torch_local
from test_loss_penalties import torch_activity, torch_l1, torch_l2
from test_pool_fixed_size import torch_pyramid
from test_vae import torch_sample

RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Case:
    """A call: the arrays that have gradients, what follows them, and the options.

    `affine` says that the operation is affine in each of the arrays on its own.
    """

    name: str
    arrays: tuple[Any, ...]
    after: tuple[Any, ...]
    options: Mapping[str, Any]
    torch_function: Callable[..., Any]
    affine: bool

    def forward(self, *arrays: Any) -> Any:
        """Run the operation here; where it returns several results, the values alone."""
        y = getattr(F, self.name)(*arrays, *self.after, **self.options)
        if isinstance(y, F.BatchNorm | F.RecurrentResult):
            return y.y
        return y[0] if isinstance(y, tuple) else y

    def backward(self, dy: Any, *arrays: Any) -> Any:
        """Run its backward pass; what is None has no gradient here."""
        if f"{self.name}_backward" not in F.__all__:
            backward = getattr(F, self.name.replace("_with_indices", "_backward"))
            return backward(dy, *arrays, *self.after, **self.options)
        found = getattr(F, f"{self.name}_backward")(dy, *arrays, *self.after, **self.options)
        return tuple(a for a in found if a is not None) if isinstance(found, tuple) else found

    def pytorch(self, *tensors: Any) -> Any:
        """Run PyTorch's operation."""
        options = {name: to_tensor(value) for name, value in self.options.items()}
        return self.torch_function(*tensors, *map(to_tensor, self.after), **options)


CASES: dict[str, Case] = {}


def add(name, *arrays, after=(), pytorch=None, affine=False, **options):
    """Enter a case; PyTorch's function has the same name unless another one is given."""
    CASES[name] = Case(name, arrays, after, options, pytorch or getattr(tF, name), affine)


def draw(*shape):
    """Draw standard normal values."""
    return normal(RNG, shape)


def batch_norm(x, gamma, beta, training):
    """PyTorch's batch normalization, whose arguments stand in another order."""
    return tF.batch_norm(x, None, None, gamma, beta, training)


def global_pool(kind):
    """PyTorch's adaptive pooling to one number a channel."""
    return lambda x: getattr(tF, f"adaptive_{kind}_pool2d")(x, 1).flatten(1)


def recurrent_outputs(name):
    """PyTorch's recurrent layer, its outputs alone."""
    return lambda *tensors, **options: recurrent_oracle.FUNCTIONS[name](*tensors, **options)[0]


def rrelu(x, slopes, training):
    """The definition: PyTorch's own draws its slopes and does not tell them."""
    return torch.where(x >= 0, x, slopes * x)


# ---- activations and dropout

for _name in ("relu", "relu6", "elu", "leaky_relu", "sigmoid", "tanh"):
    add(_name, apart(RNG, (5, 7)))
add("step", apart(RNG, (5, 7)), pytorch=torch_step, at_zero=0.5)
add("prelu", apart(RNG, (2, 3, 5)), draw(3))
add("rrelu", apart(RNG, (5, 7)), pytorch=rrelu, slopes=RNG.uniform(0.1, 0.4, (5, 7)), training=True)
add("softmax", draw(5, 7, 3), pytorch=torch_softmax, axis=1)
add("log_softmax", draw(5, 7, 3), pytorch=torch_log_softmax, axis=1)
_mask = RNG.random((5, 7)) < 0.7
add("dropout", draw(5, 7), pytorch=torch_dropout, affine=True, mask=_mask, p=0.3)

# ---- losses and penalties

_labels, _shares = RNG.integers(0, 3, (2, 5)), RNG.uniform(0, 1, (5, 7))
_categorical = {"weight": RNG.uniform(0.2, 3, 3), "ignore_index": 1}
add("mse_loss", draw(5, 7), after=(draw(5, 7),))
add(
    "binary_cross_entropy_with_logits",
    draw(5, 7),
    after=(_shares,),
    pos_weight=RNG.uniform(0.5, 2, 7),
)
add("cross_entropy", draw(2, 3, 5), after=(_labels,), **_categorical, label_smoothing=0.1)
add("l1_penalty", apart(RNG, (5, 7)), pytorch=torch_l1, strength=0.3)
add("l2_penalty", apart(RNG, (5, 7)), pytorch=torch_l2, strength=0.3)
add("activity_penalty", apart(RNG, (5, 7)), pytorch=torch_activity, l1=0.3, l2=0.7)

# ---- what LeNet-5, AlexNet, FCN and VAEs need beside the usual

add("scaled_tanh", draw(5, 7), pytorch=lenet.torch_scaled_tanh)
_scaled = {"affine": True, "kernel_size": 2}
add("scaled_avg_pool2d", draw(2, 3, 7, 6), draw(3), draw(3), pytorch=lenet.pool, **_scaled)
_table = {"affine": True, "table": lenet.TABLE}
add("table_conv2d", draw(2, 3, 7, 6), draw(6, 3, 2), draw(4), pytorch=lenet.torch_table, **_table)
add("radial_basis", draw(4, 5), draw(3, 5), pytorch=lenet.torch_radial)
add("local_response_norm", draw(2, 7, 3), size=5, alpha=0.7, k=2.0)
add("center_crop", draw(2, 3, 7, 6), pytorch=torch_crop, affine=True, size=(4, 3))
add("sample_normal", draw(4, 5), draw(4, 5), draw(4, 5), pytorch=torch_sample)

# ---- linear, convolutions, normalization

_strided = {"stride": 2, "padding": 1}
add("linear", draw(5, 7), draw(3, 7), draw(3), affine=True)
for _dims in (1, 2, 3):
    _sizes, _kernel = (7, 5, 6)[:_dims], (3, 2, 4)[:_dims]
    _x, _b = draw(2, 4, *_sizes), draw(6)
    _options = {**_strided, "groups": 2, "affine": True}
    add(f"conv{_dims}d", _x, draw(6, 2, *_kernel), _b, **_options, dilation=1)
    add(f"conv_transpose{_dims}d", _x, draw(4, 3, *_kernel), _b, **_options, output_padding=1)
add("convolve2d", draw(7, 5), draw(3, 2), pytorch=torch_true, affine=True, mode="same")
_windows = {"stride": 2, "padding": 1, "affine": True}
add("im2col", draw(2, 3, 7, 6), after=((3, 2),), pytorch=tF.unfold, **_windows)
add("col2im", draw(2, 18, 16), after=((7, 6), (3, 2)), pytorch=tF.fold, **_windows)
_x, _w, _mix = draw(2, 3, 7, 5), draw(6, 1, 3, 2), draw(5, 6, 1, 1)
add("depthwise_conv2d", _x, _w, draw(6), pytorch=torch_depthwise, affine=True, **_strided)
add("separable_conv2d", _x, _w, _mix, draw(5), pytorch=torch_separable, affine=True, **_strided)
_w, _b = draw(5, 4, 3, 3, 3, 2), draw(5, 4, 3)
add("local_conv2d", draw(2, 3, 7, 5), _w, _b, pytorch=torch_local, affine=True, **_strided)
_tf = {"stride": 2, "output_shape": (7, 10), "pytorch": torch_tf, "affine": True}
add("conv_transpose2d_tf", draw(2, 4, 4, 5), draw(4, 3, 3, 2), draw(3), **_tf)
add("batch_norm", draw(5, 3, 7), draw(3), draw(3), pytorch=batch_norm, training=True)

# ---- recurrent layers

for _name, _gates, _states in (("rnn", 1, 1), ("lstm", 4, 2), ("gru", 3, 1)):
    _rows, _first = 5 * _gates, [draw(2, 3, 5) for _ in range(_states)]
    _weights = draw(2, _rows, 2), draw(2, _rows, 5), draw(2, _rows), draw(2, _rows)
    add(
        _name,
        draw(7, 3, 2),
        *(*_weights, *_first),
        pytorch=recurrent_outputs(_name),
        bidirectional=True,
        lengths=(3, 7, 4),
    )

# ---- pooling and up-sampling

for _dims in (1, 2, 3):
    _x = apart(RNG, (2, 3, *(7, 5, 6)[:_dims]))
    add(f"max_pool{_dims}d", _x, after=(3,), **_strided)
    add(f"avg_pool{_dims}d", _x, after=(3,), affine=True, **_strided, count_include_pad=False)
    if _dims < 3:
        add(f"adaptive_avg_pool{_dims}d", _x, after=(3,), affine=True)
    if _dims == 2:
        add("adaptive_max_pool2d", _x, after=(3,))
_x = apart(RNG, (2, 3, 7, 5))
add("max_pool2d_with_indices", _x, after=(3,), pytorch=tF.max_pool2d, **_strided)
_small, _at = F.max_pool2d_with_indices(_x, 2)
add("max_unpool2d", _small, after=(_at, 2), affine=True, output_size=_x.shape[2:])
add("global_max_pool", _x, pytorch=global_pool("max"))
add("global_avg_pool", _x, pytorch=global_pool("avg"), affine=True)
add("spatial_pyramid_pool", _x, after=((3, 2, 1),), pytorch=torch_pyramid, mode="max")
add("interpolate", _x, affine=True, size=(11, 13), mode="bilinear", align_corners=True)
add("kronecker", _x, draw(3, 2), pytorch=torch.kron, affine=True)
add("pixel_shuffle", draw(2, 12, 5, 7), after=(2,), affine=True)
