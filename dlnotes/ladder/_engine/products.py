"""Convolutions of several networks as one batched product, for accelerators."""

from __future__ import annotations

import torch
from torch import Tensor


def convolve(x: Tensor, weight: Tensor, bias: Tensor, members: int) -> Tensor:
    r"""Return the convolution of each member with its own kernels, without stride and padding.

    .. math:: y_{mnkpq} = b_{mk} + \sum_{crs} w_{mkcrs}\, x_{mnc,p+r,q+s}

    The windows of x are laid out as the rows of a matrix, (N P Q) times (C R S), and all members
    are multiplied at once. The libraries of accelerators are made for such products; their grouped
    convolutions are made for few groups or for groups of one channel, and a network of the ladder
    is neither.

    Parameters
    ----------
    x : Tensor, shape (M*N, C, H, W)
        A batch for each member.
    weight : Tensor, shape (M*K, C, R, S)
    bias : Tensor, shape (M*K,)
    members : int
        M, how many networks there are.

    Returns
    -------
    Tensor, shape (M*N, K, P, Q)
        With the channels innermost in memory.

    References
    ----------
    K. Chellapilla, S. Puri and P. Simard, *High performance convolutional neural networks for
    document processing*, 2006.

    Examples
    --------
    >>> x, w, b = torch.ones(6, 1, 28, 28), torch.ones(40, 1, 5, 5), torch.ones(40)
    >>> convolve(x, w, b, members=2).shape
    torch.Size([6, 20, 24, 24])
    """
    kernels = weight.unflatten(0, (members, -1)).flatten(2)  # (M, K, C*R*S)
    windows = x.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], 1)
    windows = windows.permute(0, 2, 3, 1, 4, 5)  # (M*N, P, Q, C, R, S)
    rows = windows.reshape(members, -1, kernels.shape[2])  # (M, N*P*Q, C*R*S)
    y = torch.baddbmm(bias.view(members, 1, -1), rows, kernels.transpose(1, 2))
    return y.view(*windows.shape[:3], -1).permute(0, 3, 1, 2)  # (M*N, K, P, Q)
