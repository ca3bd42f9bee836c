"""What all optimisers share: their parameters, the checks of a step, and weight decay."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dlnotes._arguments import as_float, require_numbers
from dlnotes.optim._reading import as_sequence, is_plain

Array = NDArray[Any]


class Optimizer:
    r"""A rule that changes parameters in place, given their gradients.

    With weight decay λ the gradient becomes (L2)

    .. math:: g \leftarrow g + \lambda\, p

    Parameters
    ----------
    params : sequence of floating arrays
        Of any shapes; they are kept, not copied, and `step` writes into them.
    lr : float
        The learning rate η; the attribute may be changed between steps.
    weight_decay : float
        The λ of the formula.

    Attributes
    ----------
    params : tuple of ndarray
    state : tuple of dict
        What the rule remembers of each parameter: arrays of its shape by name, and ``"step"``,
        how often it was changed.

    Raises
    ------
    TypeError
        If a parameter is no floating array.
    ValueError
        If there is none, two share memory, one is read-only, or an option is out of range.

    Notes
    -----
    A rule of one's own is a subclass with an `update` method. Options that `option_names` names
    are read anew at each step, so that they may be changed between steps.
    """

    option_names: ClassVar[tuple[str, ...]] = ("lr", "weight_decay")

    def __init__(
        self,
        params: Sequence[Array],
        *,
        lr: float,
        weight_decay: float = 0.0,
    ) -> None:
        self.params = _read_params(type(self).__name__, params)
        self.lr = lr
        self.weight_decay = weight_decay
        self.state: tuple[dict[str, Any], ...] = tuple({"step": 0} for _ in self.params)
        self.require(lr=lr, weight_decay=weight_decay)

    @np.errstate(all="ignore")  # PyTorch overflows without a word; the next loss tells
    def step(self, grads: Sequence[Array | None]) -> None:
        """Change every parameter in place by one step.

        Parameters
        ----------
        grads : sequence of (ndarray or None)
            One for each parameter, of its shape and dtype, and left unchanged. A parameter
            whose gradient is None is passed over, its weight decay and its state too.

        Raises
        ------
        ValueError
            If there are not as many gradients as parameters, a shape differs, or an option was
            set out of range.
        TypeError
            If a gradient is no array or its dtype differs, or an option was set to no number.
        """
        self.read_options()
        grads = as_sequence(f"{type(self).__name__}.step", "grads", grads)
        self._require_fit(grads)
        for p, g, state in zip(self.params, grads, self.state, strict=True):
            if g is None:
                continue
            state["step"] += 1
            self.update(p, self.decay(p, g) if self.weight_decay else g, state)

    def decay(self, p: Array, g: Array) -> Array:
        """Return the gradient with that of the penalty; `AdamW` shrinks the parameter instead.

        Parameters
        ----------
        p, g : ndarray
            Parameter and gradient; g is only read.

        Returns
        -------
        ndarray
        """
        return g + self.weight_decay * p

    def update(self, p: Array, g: Array, state: dict[str, Any]) -> None:
        """Change one parameter in place: what a rule of one's own defines.

        Parameters
        ----------
        p, g : ndarray
            Parameter and gradient, of one shape; g is only read.
        state : dict
            What the rule remembers of this parameter; ``state["step"]`` counts from 1.
        """
        raise NotImplementedError(f"{type(self).__name__}: a rule defines update(p, g, state)")

    def read_options(self) -> None:
        """Hold the options to their ranges, as they are now, and make floats of them.

        Raises
        ------
        TypeError, ValueError
            As `require`.
        """
        for name in self.option_names:
            value = getattr(self, name)
            if type(value) is not float or not 0 <= value < np.inf:  # seldom: each step asks
                self.require(**{name: value})
                setattr(self, name, as_float(value))

    def require(self, *, below: float = np.inf, **options: float) -> None:
        """Hold options to 0 ≤ option < below.

        Parameters
        ----------
        below : float
            What they must not reach.
        **options : float
            By name.

        Raises
        ------
        TypeError
            If one is no number.
        ValueError
            If one is out of range or NaN.
        """
        require_numbers(type(self).__name__, **options)
        for name, value in options.items():
            if not 0 <= as_float(value) < below:
                end = "" if below == np.inf else f" and below {below:g}"
                raise ValueError(
                    f"{type(self).__name__}: {name} must be finite, not negative{end}; got "
                    f"{name}={value!r}; PyTorch's defaults are the defaults here"
                )

    def _require_fit(self, grads: Sequence[Array | None]) -> None:
        """Hold gradients to the number, shapes and dtypes of the parameters."""
        name = f"{type(self).__name__}.step"
        if len(grads) != len(self.params):
            raise ValueError(
                f"{name}: each parameter needs a gradient; got {len(grads)} for "
                f"{len(self.params)} parameters; give None for one that stays as it is"
            )
        for i, (p, g) in enumerate(zip(self.params, grads, strict=True)):
            if g is None:
                continue
            if not is_plain(g) or g.dtype != p.dtype:
                kind = g.dtype if is_plain(g) else type(g).__name__
                raise TypeError(
                    f"{name}: gradient {i} must be an array of its parameter's dtype; got {kind} "
                    f"for {p.dtype}; use np.asarray(g, dtype=p.dtype)"
                )
            if g.shape != p.shape:
                raise ValueError(
                    f"{name}: gradient {i} must have its parameter's shape; got {g.shape} for "
                    f"{p.shape}; give ∂L/∂p, in the order of the parameters"
                )


def slot(state: dict[str, Any], name: str, like: Array) -> Array:
    """Return an array that a rule remembers, zeros at the first step.

    Parameters
    ----------
    state : dict
        What is remembered of one parameter.
    name : str
    like : ndarray
        The parameter, whose shape and dtype the array has.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> slot({}, "momentum", np.ones((2, 3))).shape
    (2, 3)
    """
    if name not in state:
        state[name] = np.zeros_like(like)
    found: Array = state[name]
    return found


def _read_params(name: str, params: Sequence[Array]) -> tuple[Array, ...]:
    """Read the parameters: floating arrays, writable, and none of them twice."""
    arrays = as_sequence(name, "params", params)
    for i, p in enumerate(arrays):
        if not is_plain(p) or p.dtype.kind != "f":
            kind = p.dtype if is_plain(p) else type(p).__name__
            raise TypeError(
                f"{name}: a parameter must be a floating array, to be changed in place; got {kind} "
                f"as parameter {i}; use np.array(value, dtype=np.float64)"
            )
        if not p.flags.writeable or any(np.shares_memory(p, q) for q in arrays[:i]):
            raise ValueError(
                f"{name}: each parameter needs memory of its own to write to; got a read-only or "
                f"shared array of shape {p.shape} as parameter {i}; name each once, or copy it"
            )
    if not arrays:
        raise ValueError(f"{name}: nothing to train; got no parameters; give a list of arrays")
    return arrays
