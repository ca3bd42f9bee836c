"""Pooling to a fixed number of outputs, whatever the size of the input, and its way back."""

from collections.abc import Sequence

from dlnotes.functional._arrays import Array, require_room
from dlnotes.functional.pool._largest import argmaxima, maxima, pass_back
from dlnotes.functional.pool._reading import require_images, require_upstream
from dlnotes.functional.pool._sums import averages, spread
from dlnotes.functional.pool._windows import Windows, adaptive

Sizes = int | Sequence[int | None]


def adaptive_avg_pool2d(x: Array, output_size: Sizes) -> Array:
    r"""Average an image to a fixed number of outputs.

    .. math::
        y_{ncpq} = \frac{1}{|A_p|\,|B_q|} \sum_{h \in A_p,\, w \in B_q} x_{nchw},
        \qquad A_p = \Big[ \Big\lfloor \frac{p H}{P} \Big\rfloor,\;
            \Big\lceil \frac{(p + 1) H}{P} \Big\rceil \Big)

    and :math:`B_q` likewise along W. The windows cover every pixel; where P does not divide H,
    neighbours overlap.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; N may be 0.
    output_size : int or (int, int)
        P and Q; None in a tuple keeps the input's size.

    Returns
    -------
    ndarray, shape (N, C, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError
        If x is no array of float32 or float64, or a size is no int.
    ValueError
        If x has not 4 axes, an axis other than N is empty, or a size is below 1 or above 65536.

    References
    ----------
    Concepts spp, gap; ``torch.nn.functional.adaptive_avg_pool2d``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> adaptive_avg_pool2d(x, (1, 2)).tolist()
    [[[[2.0, 3.0]]]]
    """
    return averages(x, _read("adaptive_avg_pool2d", 2, x, output_size))


def adaptive_avg_pool2d_backward(dy: Array, x: Array, output_size: Sizes) -> Array:
    r"""Return the gradient of `adaptive_avg_pool2d`: each window shares its gradient out equally.

    .. math:: dx_{nchw} = \sum_{p,q} \frac{dy_{ncpq}}{|A_p|\,|B_q|}\, [\,h \in A_p,\, w \in B_q\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, H, W)
        Input of the forward pass; its shape is what counts.
    output_size : int or (int, int)
        As in `adaptive_avg_pool2d`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept spp.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> adaptive_avg_pool2d_backward(np.array([[[[3.0, 6.0]]]]), x, (1, 2)).tolist()
    [[[[1.0, 1.0, 3.0, 2.0, 2.0]]]]
    """
    windows = _read("adaptive_avg_pool2d_backward", 2, x, output_size)
    require_upstream("adaptive_avg_pool2d_backward", dy, x, windows)
    return spread(dy, windows)


def adaptive_max_pool2d(x: Array, output_size: Sizes) -> Array:
    r"""Keep the largest value of each of a fixed number of windows.

    .. math:: y_{ncpq} = \max_{h \in A_p,\, w \in B_q} x_{nchw}

    with the windows of `adaptive_avg_pool2d`.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; N may be 0.
    output_size : int or (int, int)
        P and Q; None in a tuple keeps the input's size.

    Returns
    -------
    ndarray, shape (N, C, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.

    References
    ----------
    Concept spp; ``torch.nn.functional.adaptive_max_pool2d``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> adaptive_max_pool2d(x, (1, 2)).tolist()
    [[[[3.0, 6.0]]]]
    """
    return maxima(x, _read("adaptive_max_pool2d", 2, x, output_size))


def adaptive_max_pool2d_with_indices(x: Array, output_size: Sizes) -> tuple[Array, Array]:
    r"""Return what `adaptive_max_pool2d` does, and where each maximum stands.

    .. math::
        \text{indices}_{ncpq} = hW + w
            \text{ for } (h, w) = \operatorname{argmax}_{A_p \times B_q} x_{nchw}

    Parameters
    ----------
    x, output_size
        As in `adaptive_max_pool2d`.

    Returns
    -------
    y : ndarray, shape (N, C, P, Q)
    indices : ndarray of int64, shape (N, C, P, Q)
        Places in the input, chosen and counted as in `max_pool2d_with_indices`.

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.

    References
    ----------
    ``torch.nn.functional.adaptive_max_pool2d_with_indices``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> y, indices = adaptive_max_pool2d_with_indices(x, (1, 2))
    >>> indices.tolist()
    [[[[2, 3]]]]
    """
    return argmaxima(x, _read("adaptive_max_pool2d_with_indices", 2, x, output_size))


def adaptive_max_pool2d_backward(
    dy: Array, x: Array, output_size: Sizes, *, indices: Array | None = None
) -> Array:
    r"""Return the gradient of `adaptive_max_pool2d`: what each maximum passes back to its place.

    .. math:: dx_{nchw} = \sum_{p,q} dy_{ncpq}\, [\,hW + w = \text{indices}_{ncpq}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x, output_size
        As in `adaptive_max_pool2d`.
    indices : ndarray of int64, shape (N, C, P, Q), optional
        What `adaptive_max_pool2d_with_indices` returned, if it was kept.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`, and if dy or the indices do not fit the output.

    References
    ----------
    Concept spp.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> adaptive_max_pool2d_backward(np.array([[[[3.0, 6.0]]]]), x, (1, 2)).tolist()
    [[[[0.0, 0.0, 3.0, 6.0, 0.0]]]]
    """
    windows = _read("adaptive_max_pool2d_backward", 2, x, output_size)
    return pass_back("adaptive_max_pool2d_backward", dy, x, windows, indices)


def adaptive_avg_pool1d(x: Array, output_size: Sizes) -> Array:
    r"""Average a sequence to a fixed number of outputs: `adaptive_avg_pool2d` with one axis.

    .. math::
        y_{ncq} = \frac{1}{|B_q|} \sum_{t \in B_q} x_{nct}, \qquad B_q = \Big[ \Big\lfloor
            \frac{q T}{Q} \Big\rfloor,\; \Big\lceil \frac{(q + 1) T}{Q} \Big\rceil \Big)

    Parameters
    ----------
    x : ndarray, shape (N, C, T)
        Sequences; N may be 0.
    output_size : int or (int,)
        Q; None in a tuple keeps the input's size.

    Returns
    -------
    ndarray, shape (N, C, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.

    References
    ----------
    Concepts spp; ``torch.nn.functional.adaptive_avg_pool1d``.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_avg_pool1d(np.array([[[1.0, 2.0, 3.0, 6.0, 0.0]]]), 2).tolist()
    [[[2.0, 3.0]]]
    """
    return averages(x, _read("adaptive_avg_pool1d", 1, x, output_size))


def adaptive_avg_pool1d_backward(dy: Array, x: Array, output_size: Sizes) -> Array:
    r"""Return the gradient of `adaptive_avg_pool1d`: each window shares its gradient out equally.

    .. math:: dx_{nct} = \sum_q \frac{dy_{ncq}}{|A_q|}\, [\,t \in A_q\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, T)
        Input of the forward pass; its shape is what counts.
    output_size : int or (int,)
        As in `adaptive_avg_pool1d`.

    Returns
    -------
    ndarray, shape (N, C, T)

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool1d`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept spp.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[1.0, 2.0, 3.0, 6.0, 0.0]]])
    >>> adaptive_avg_pool1d_backward(np.array([[[3.0, 6.0]]]), x, 2).tolist()
    [[[1.0, 1.0, 3.0, 2.0, 2.0]]]
    """
    windows = _read("adaptive_avg_pool1d_backward", 1, x, output_size)
    require_upstream("adaptive_avg_pool1d_backward", dy, x, windows)
    return spread(dy, windows)


def adaptive_max_pool1d(x: Array, output_size: Sizes) -> Array:
    r"""Keep the largest value of each of a fixed number of windows of a sequence.

    .. math:: y_{ncq} = \max_{t \in B_q} x_{nct}

    with the windows of `adaptive_avg_pool1d`.

    Parameters
    ----------
    x : ndarray, shape (N, C, T)
        Sequences; N may be 0.
    output_size : int or (int,)
        Q; None in a tuple keeps the input's size.

    Returns
    -------
    ndarray, shape (N, C, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.

    References
    ----------
    Concept spp; ``torch.nn.functional.adaptive_max_pool1d``.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_max_pool1d(np.array([[[1.0, 2.0, 3.0, 6.0, 0.0]]]), 2).tolist()
    [[[3.0, 6.0]]]
    """
    return maxima(x, _read("adaptive_max_pool1d", 1, x, output_size))


def adaptive_max_pool1d_with_indices(x: Array, output_size: Sizes) -> tuple[Array, Array]:
    r"""Return what `adaptive_max_pool1d` does, and where each maximum stands.

    .. math:: \text{indices}_{ncq} = \operatorname{argmax}_{t \in A_q} x_{nct}

    Parameters
    ----------
    x, output_size
        As in `adaptive_max_pool1d`.

    Returns
    -------
    y : ndarray, shape (N, C, Q)
    indices : ndarray of int64, shape (N, C, Q)
        Places in the input, chosen and counted as in `max_pool1d_with_indices`.

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.

    References
    ----------
    ``torch.nn.functional.adaptive_max_pool1d_with_indices``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[1.0, 2.0, 3.0, 6.0, 0.0]]])
    >>> y, indices = adaptive_max_pool1d_with_indices(x, 2)
    >>> indices.tolist()
    [[[2, 3]]]
    """
    return argmaxima(x, _read("adaptive_max_pool1d_with_indices", 1, x, output_size))


def adaptive_max_pool1d_backward(
    dy: Array, x: Array, output_size: Sizes, *, indices: Array | None = None
) -> Array:
    r"""Return the gradient of `adaptive_max_pool1d`: what each maximum passes back to its place.

    .. math:: dx_{nct} = \sum_q dy_{ncq}\, [\,t = \text{indices}_{ncq}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, Q)
        Upstream gradient.
    x, output_size
        As in `adaptive_max_pool1d`.
    indices : ndarray of int64, shape (N, C, Q), optional
        What `adaptive_max_pool1d_with_indices` returned, if it was kept.

    Returns
    -------
    ndarray, shape (N, C, T)

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`, and if dy or the indices do not fit the output.

    References
    ----------
    Concept spp.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[1.0, 2.0, 3.0, 6.0, 0.0]]])
    >>> adaptive_max_pool1d_backward(np.array([[[3.0, 6.0]]]), x, 2).tolist()
    [[[0.0, 0.0, 3.0, 6.0, 0.0]]]
    """
    windows = _read("adaptive_max_pool1d_backward", 1, x, output_size)
    return pass_back("adaptive_max_pool1d_backward", dy, x, windows, indices)


def adaptive_avg_pool3d(x: Array, output_size: Sizes) -> Array:
    r"""Average a volume to a fixed number of outputs: `adaptive_avg_pool2d` with three axes.

    .. math::
        y_{ncopq} = \frac{1}{|A_o|\,|B_p|\,|C_q|}
            \sum_{t \in A_o,\, h \in B_p,\, w \in C_q} x_{ncthw}

    with the windows of `adaptive_avg_pool2d` along each axis.

    Parameters
    ----------
    x : ndarray, shape (N, C, T, H, W)
        Volumes; N may be 0.
    output_size : int or (int, int, int)
        O, P and Q; None in a tuple keeps the input's size.

    Returns
    -------
    ndarray, shape (N, C, O, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.

    References
    ----------
    Concepts spp; ``torch.nn.functional.adaptive_avg_pool3d``.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_avg_pool3d(np.zeros((2, 3, 5, 7, 11)), (2, 3, 4)).shape
    (2, 3, 2, 3, 4)
    """
    return averages(x, _read("adaptive_avg_pool3d", 3, x, output_size))


def adaptive_avg_pool3d_backward(dy: Array, x: Array, output_size: Sizes) -> Array:
    r"""Return the gradient of `adaptive_avg_pool3d`: each window shares its gradient out equally.

    .. math:: dx_{ncthw} = \sum_{o,p,q} \frac{dy_{ncopq}}{|A_o|\,|B_p|\,|C_q|}\,
        [\,t \in A_o,\, h \in B_p,\, w \in C_q\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, O, P, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, T, H, W)
        Input of the forward pass; its shape is what counts.
    output_size : int or (int, int, int)
        As in `adaptive_avg_pool3d`.

    Returns
    -------
    ndarray, shape (N, C, T, H, W)

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool3d`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept spp.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.zeros((2, 3, 5, 7, 11))
    >>> adaptive_avg_pool3d_backward(np.ones((2, 3, 2, 3, 4)), x, (2, 3, 4)).shape
    (2, 3, 5, 7, 11)
    """
    windows = _read("adaptive_avg_pool3d_backward", 3, x, output_size)
    require_upstream("adaptive_avg_pool3d_backward", dy, x, windows)
    return spread(dy, windows)


def adaptive_max_pool3d(x: Array, output_size: Sizes) -> Array:
    r"""Keep the largest value of each of a fixed number of windows of a volume.

    .. math:: y_{ncopq} = \max_{t \in A_o,\, h \in B_p,\, w \in C_q} x_{ncthw}

    with the windows of `adaptive_avg_pool2d` along each axis.

    Parameters
    ----------
    x : ndarray, shape (N, C, T, H, W)
        Volumes; N may be 0.
    output_size : int or (int, int, int)
        O, P and Q; None in a tuple keeps the input's size.

    Returns
    -------
    ndarray, shape (N, C, O, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.

    References
    ----------
    Concept spp; ``torch.nn.functional.adaptive_max_pool3d``.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_max_pool3d(np.zeros((2, 3, 5, 7, 11)), (2, 3, 4)).shape
    (2, 3, 2, 3, 4)
    """
    return maxima(x, _read("adaptive_max_pool3d", 3, x, output_size))


def adaptive_max_pool3d_with_indices(x: Array, output_size: Sizes) -> tuple[Array, Array]:
    r"""Return what `adaptive_max_pool3d` does, and where each maximum stands.

    .. math:: \text{indices}_{ncopq} = (tH + h)W + w
        \text{ for } (t, h, w) = \operatorname{argmax}_{A_o \times B_p \times C_q} x_{ncthw}

    Parameters
    ----------
    x, output_size
        As in `adaptive_max_pool3d`.

    Returns
    -------
    y : ndarray, shape (N, C, O, P, Q)
    indices : ndarray of int64, shape (N, C, O, P, Q)
        Places in the input, chosen and counted as in `max_pool3d_with_indices`.

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.

    References
    ----------
    ``torch.nn.functional.adaptive_max_pool3d_with_indices``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.zeros((2, 3, 5, 7, 11))
    >>> y, indices = adaptive_max_pool3d_with_indices(x, (2, 3, 4))
    >>> indices[0, 0, 1, 0].tolist()
    [154, 156, 159, 162]
    """
    return argmaxima(x, _read("adaptive_max_pool3d_with_indices", 3, x, output_size))


def adaptive_max_pool3d_backward(
    dy: Array, x: Array, output_size: Sizes, *, indices: Array | None = None
) -> Array:
    r"""Return the gradient of `adaptive_max_pool3d`: what each maximum passes back to its place.

    .. math:: dx_{ncthw} = \sum_{o,p,q} dy_{ncopq}\, [\,(tH + h)W + w = \text{indices}_{ncopq}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, O, P, Q)
        Upstream gradient.
    x, output_size
        As in `adaptive_max_pool3d`.
    indices : ndarray of int64, shape (N, C, O, P, Q), optional
        What `adaptive_max_pool3d_with_indices` returned, if it was kept.

    Returns
    -------
    ndarray, shape (N, C, T, H, W)

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`, and if dy or the indices do not fit the output.

    References
    ----------
    Concept spp.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.zeros((2, 3, 5, 7, 11))
    >>> adaptive_max_pool3d_backward(np.ones((2, 3, 2, 3, 4)), x, (2, 3, 4)).shape
    (2, 3, 5, 7, 11)
    """
    windows = _read("adaptive_max_pool3d_backward", 3, x, output_size)
    return pass_back("adaptive_max_pool3d_backward", dy, x, windows, indices)


def _read(caller: str, dims: int, x: Array, output_size: Sizes) -> tuple[Windows, ...]:
    """Check the arguments of an adaptive pooling, and return its windows."""
    require_images(caller, dims, x)
    windows = adaptive(caller, x.shape[2:], output_size)
    require_room(caller, (*x.shape[:2], *(w.out for w in windows)), output_size=output_size)
    return windows
