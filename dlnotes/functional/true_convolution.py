"""Convolution in the strict sense: the kernel is turned by 180 degrees first."""

import numpy as np

from dlnotes.functional import _core
from dlnotes.functional._arrays import Array, described, require_axes, require_floats
from dlnotes.functional._geometry import read_conv
from dlnotes.functional._options import as_choice, quietly

MODES = ("full", "same", "valid")


@quietly
def convolve2d(x: Array, w: Array, mode: str = "full") -> Array:
    r"""Convolve an image with a kernel, in the sense of mathematics and signal processing.

    .. math:: y_{pq} = \sum_{r,s} w_{rs}\, x_{p-r,\,q-s}

    The kernel runs backwards through the image, so this is `conv2d` with the kernel turned by
    180 degrees. Then convolution is commutative and associative; cross-correlation is neither.

    Parameters
    ----------
    x : ndarray, shape (H, W)
        One image, one channel.
    w : ndarray, shape (R, S)
        Kernel.
    mode : {'full', 'same', 'valid'}
        Which part of the result to return: every place where the two overlap, (H + R - 1,
        W + S - 1); its middle of x's size; or only where the kernel lies inside, (H - R + 1,
        W - S + 1).

    Returns
    -------
    ndarray, shape (P, Q)

    Raises
    ------
    TypeError
        If the arrays are not both float32 or both float64.
    ValueError
        If one is no matrix, the mode is unknown, or 'valid' leaves nothing.

    References
    ----------
    Concepts true-convolution, full-same-valid; ``scipy.signal.convolve2d``.

    Examples
    --------
    >>> x = np.arange(1.0, 10.0).reshape(3, 3)
    >>> w = np.array([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]])
    >>> convolve2d(x, w, "same").astype(int)[0].tolist()
    [-13, -20, -17]
    """
    require_floats("convolve2d", x=x, w=w)
    require_axes("convolve2d", "HW", x=x)
    require_axes("convolve2d", "RS", w=w)
    if 0 in w.shape or 0 in x.shape:
        raise ValueError(
            f"convolve2d: an array is empty; got {described(x=x, w=w)}; give at least one value"
        )
    as_choice("convolve2d", "mode", mode, MODES)
    pads = {
        "full": tuple((k - 1, k - 1) for k in w.shape),
        "same": tuple((k // 2, (k - 1) // 2) for k in w.shape),
        "valid": tuple((0, 0) for k in w.shape),
    }
    image, kernel = x[None, None], np.flip(w)[None, None]  # (1, 1, H, W), (1, 1, R, S)
    g = read_conv("convolve2d", 2, image, kernel, None, 1, pads[mode], 1, 1)
    return _core.forward(image, kernel, None, g)[0, 0]
