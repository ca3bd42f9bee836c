"""Convolution in the strict sense: the kernel is turned by 180 degrees first."""

import numpy as np

from dlnotes.functional._arrays import Array, described, require_axes, require_floats, require_shape
from dlnotes.functional._geometry import Geometry, read_conv
from dlnotes.functional._options import as_choice, quietly
from dlnotes.functional.conv import convolve, input_gradient, weight_gradient

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
    image, kernel, g = _read("convolve2d", x, w, mode)
    return convolve(image, kernel, None, g)[0, 0]


@quietly
def convolve2d_backward(dy: Array, x: Array, w: Array, mode: str = "full") -> tuple[Array, Array]:
    r"""Return the gradients of `convolve2d`.

    .. math:: dx_{hw} = \sum_{p,q} dy_{pq}\, w_{p-h,\,q-w}, \qquad
        dw_{rs} = \sum_{p,q} dy_{pq}\, x_{p-r,\,q-s}

    Both are cross-correlations: each turns the other factor once more.

    Parameters
    ----------
    dy : ndarray, shape (P, Q)
        Upstream gradient.
    x, w, mode
        As in `convolve2d`.

    Returns
    -------
    dx : ndarray, shape (H, W)
    dw : ndarray, shape (R, S)

    Raises
    ------
    TypeError, ValueError
        As `convolve2d`, and if dy has not the output's shape.

    References
    ----------
    Concepts true-convolution, conv-backward.

    Examples
    --------
    >>> dx, dw = convolve2d_backward(np.ones((5, 7)), np.ones((3, 4)), np.ones((3, 4)))
    >>> dx.shape, dw.shape
    ((3, 4), (3, 4))
    """
    image, kernel, g = _read("convolve2d_backward", x, w, mode)
    require_floats("convolve2d_backward", x=x, dy=dy)
    require_shape("convolve2d_backward", "PQ", g.out, dy=dy, x=x, w=w)
    upstream = dy[None, None]  # (1, 1, P, Q)
    dx = input_gradient(upstream, kernel, g)
    dw = weight_gradient(upstream, image, g)
    return dx[0, 0], np.array(np.flip(dw[0, 0]))


def _read(caller: str, x: Array, w: Array, mode: str) -> tuple[Array, Array, Geometry]:
    """Check the arguments; return one image and one turned kernel, and how they meet."""
    require_floats(caller, x=x, w=w)
    require_axes(caller, "HW", x=x)
    require_axes(caller, "RS", w=w)
    if 0 in w.shape or 0 in x.shape:
        raise ValueError(
            f"{caller}: an array is empty; got {described(x=x, w=w)}; give at least one value"
        )
    as_choice(caller, "mode", mode, MODES)
    pads = {
        "full": tuple((k - 1, k - 1) for k in w.shape),
        "same": tuple((k // 2, (k - 1) // 2) for k in w.shape),
        "valid": tuple((0, 0) for k in w.shape),
    }
    image, kernel = x[None, None], np.flip(w)[None, None]  # (1, 1, H, W), (1, 1, R, S)
    return image, kernel, read_conv(caller, 2, image, kernel, None, 1, pads[mode], 1, 1)
