"""What all layers share: what they keep between the passes, their arrays by name, their mode."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from dlnotes.functional._arrays import require_floats, require_shape
from dlnotes.functional._options import quietly

Array = NDArray[Any]


class Layer:
    """A layer: a forward pass, a backward pass, and the arrays that it learns.

    `forward` keeps references to its arguments, not copies: they must not be changed before the
    backward pass. `backward` uses them once, **adds** to the gradients of the parameters and
    returns the gradient of the input.

    Attributes
    ----------
    training : bool
        Whether the layer behaves as in training (dropout, batch normalization); set by `train`
        and `eval`.
    trainable : bool
        Whether the parameters are learned; set by `freeze` and `unfreeze`.
    grads : dict of ndarray
        Gradients of the layer's own parameters by name, as far as there are any.
    watch : callable or None
        Called with the layer's output after each forward pass, to look at it on the way.

    Notes
    -----
    A layer of one's own sets `parameter_names` and `buffer_names`, makes attributes of these
    names, and defines `forward` (which calls `keep`) and `backward` (which calls `kept`).
    """

    parameter_names: tuple[str, ...] = ()
    buffer_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.training = True
        self.trainable = True
        self.grads: dict[str, Array] = {}
        self.watch: Callable[[Any], None] | None = None
        self._kept: Any = None

    def __call__(self, x: Any, **options: Any) -> Any:
        """Run the forward pass."""
        y = self.forward(x, **options)
        if self.watch is not None:
            self.watch(y)
        return y

    def forward(self, x: Any) -> Any:
        """Return the layer's output, and keep what the backward pass needs.

        Parameters
        ----------
        x : ndarray
            Input; the class says which shapes.

        Returns
        -------
        ndarray
        """
        raise NotImplementedError(f"{type(self).__name__}: a layer defines forward(x)")

    def backward(self, dy: Any) -> Any:
        """Add to the parameters' gradients, and return the gradient of the input.

        Parameters
        ----------
        dy : ndarray
            Upstream gradient, the output's shape and dtype.

        Returns
        -------
        ndarray
            The input's shape; None where the input consists of integers.

        Raises
        ------
        ValueError
            If there was no forward pass since the last backward pass.
        """
        raise NotImplementedError(f"{type(self).__name__}: a layer defines backward(dy)")

    def backward_parameters(self, dy: Any) -> None:
        """Add to the parameters' gradients, as `backward`, for an input that needs no gradient.

        Where a layer can leave the gradient of the input out, it does: the first layer of a
        network often costs the most.

        Parameters
        ----------
        dy : ndarray
            Upstream gradient, the output's shape and dtype.

        Raises
        ------
        TypeError, ValueError
            As `backward`.
        """
        self.backward(dy)

    # ---- between the passes

    def keep(self, *values: Any) -> None:
        """Keep values for the backward pass, in place of those kept before."""
        self._kept = values

    def kept(self) -> Any:
        """Return what `forward` kept; `forget` it when the backward pass succeeded."""
        if self._kept is None:
            name = type(self).__name__
            raise ValueError(
                f"{name}: each backward pass needs a forward pass of its own; got backward without "
                f"one, or for the second time; call forward(x) before each backward(dy)"
            )
        return self._kept

    def forget(self) -> None:
        """Let go of what was kept, here and in the layers inside, and so of its memory."""
        for _, layer in self.named_layers():
            layer._kept = None

    @quietly
    def accumulate(self, gradients: Any) -> None:
        """Add gradients of the parameters, in the order of `parameter_names`; None is no change."""
        if not self.trainable:
            return
        for name, gradient in zip(self.parameter_names, gradients, strict=True):
            if gradient is not None and getattr(self, name) is not None:
                if name in self.grads:
                    self.grads[name] += gradient
                else:
                    self.grads[name] = gradient

    # ---- the tree

    def children(self) -> Mapping[str, "Layer"]:
        """Return the layers directly inside, by name; a leaf has none."""
        return {}

    def named_layers(self, path: str = "") -> Iterator[tuple[str, "Layer"]]:
        """Yield this layer and all inside it, each with its path, in the order of the forward pass.

        Parameters
        ----------
        path : str
            What stands before the names.

        Yields
        ------
        (str, Layer)
            Paths as PyTorch writes them, for example ``"0.body.weight"`` without the last word.
        """
        yield path, self
        for name, child in self.children().items():
            yield from child.named_layers(f"{path}.{name}" if path else name)

    def _named(self, attribute: str) -> Iterator[tuple[str, Array]]:
        """Yield the arrays that a class attribute names, of every layer."""
        for path, layer in self.named_layers():
            for name in getattr(layer, attribute):
                if (array := getattr(layer, name)) is not None:
                    yield (f"{path}.{name}" if path else name), array

    def named_parameters(self) -> Iterator[tuple[str, Array]]:
        """Yield every parameter with its path, the frozen ones too.

        Yields
        ------
        (str, ndarray)
            The array itself: writing into it changes the layer.
        """
        return self._named("parameter_names")

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """Yield what layers remember beside their parameters, such as running averages.

        Yields
        ------
        (str, ndarray)
        """
        return self._named("buffer_names")

    def _learned(self) -> Iterator[tuple["Layer", str]]:
        """Yield (layer, name) of the parameters that are learned."""
        for _, layer in self.named_layers():
            if layer.trainable:
                for name in layer.parameter_names:
                    if getattr(layer, name) is not None:
                        yield layer, name

    def parameters(self) -> list[Array]:
        """Return the parameters that are learned, for an optimizer.

        Returns
        -------
        list of ndarray
            The arrays themselves, which an optimizer changes in place.
        """
        return [getattr(layer, name) for layer, name in self._learned()]

    def gradients(self) -> list[Array | None]:
        """Return the gradients in the order of `parameters`.

        Returns
        -------
        list of (ndarray or None)
            None where no backward pass has come by since `zero_grad`.
        """
        return [layer.grads.get(name) for layer, name in self._learned()]

    def zero_grad(self) -> Self:
        """Start the gradients anew, here and inside.

        Returns
        -------
        Layer
            This layer.
        """
        for _, layer in self.named_layers():
            layer.grads = {}
        return self

    # ---- mode

    def train(self, mode: bool = True) -> Self:
        """Behave as in training, here and inside.

        Parameters
        ----------
        mode : bool
            False is `eval`.

        Returns
        -------
        Layer
            This layer.

        Raises
        ------
        TypeError
            If the mode is no bool.
        """
        if not isinstance(mode, bool):
            raise TypeError(
                f"{type(self).__name__}: a mode is True or False; got mode={mode!r}; "
                "use train() or eval()"
            )
        for _, layer in self.named_layers():
            layer.training = mode
        return self

    def eval(self) -> Self:
        """Behave as in use, here and inside: no dropout, running averages.

        Returns
        -------
        Layer
            This layer.
        """
        return self.train(False)

    def freeze(self) -> Self:
        """Learn nothing more: no gradients, and nothing for an optimizer, here and inside.

        Returns
        -------
        Layer
            This layer.
        """
        return self._set_trainable(False)

    def unfreeze(self) -> Self:
        """Learn again, here and inside.

        Returns
        -------
        Layer
            This layer.
        """
        return self._set_trainable(True)

    def _set_trainable(self, trainable: bool) -> Self:
        """Mark this layer and those inside."""
        for _, layer in self.named_layers():
            layer.trainable = trainable
            layer.grads = {}
        return self

    # ---- all arrays at once

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all parameters and buffers by PyTorch's names.

        Returns
        -------
        dict of ndarray
        """
        arrays = [pair for _, layer in self.named_layers() for pair in layer._own(_)]
        return {name: array.copy() for name, array in arrays}

    def _own(self, path: str) -> Iterator[tuple[str, Array]]:
        """Yield the parameters and buffers of this layer alone."""
        for name in self.parameter_names + self.buffer_names:
            if (array := getattr(self, name)) is not None:
                yield (f"{path}.{name}" if path else name), array

    def load_state_dict(self, state: Mapping[str, Array]) -> Self:
        """Copy arrays into the parameters and buffers of the same names.

        Parameters
        ----------
        state : mapping of str to ndarray
            As `state_dict` gives it: every name, shape and dtype must fit. Either everything is
            loaded or nothing.

        Returns
        -------
        Layer
            This layer.

        Raises
        ------
        TypeError
            If the state is no mapping of arrays, or a dtype differs.
        ValueError
            If names are missing or unknown, or a shape differs.
        """
        own = {pair[0]: pair[1] for path, layer in self.named_layers() for pair in layer._own(path)}
        require_state("load_state_dict", own, state)
        for name, array in own.items():
            array[...] = state[name]
        return self

    def __repr__(self) -> str:
        """Write the call that makes the layer, without what stands at its default."""
        from dlnotes.layers._writing import written

        return written(self)


def require_alike(caller: str, dy: object, x: object) -> None:
    """Hold the upstream gradient of what passes unchanged to the shape and dtype of an array."""
    if isinstance(x, np.ndarray) and x.dtype in (np.float32, np.float64):
        require_floats(caller, x=x, dy=dy)
        require_shape(caller, "…", x.shape, dy=dy, x=x)  # type: ignore[arg-type]


def require_state(caller: str, own: Mapping[str, Array], state: object) -> None:
    """Hold a state to the names, shapes and dtypes of a layer's own arrays."""
    if not isinstance(state, Mapping):
        raise TypeError(
            f"{caller}: a state is a mapping of names to arrays; got {type(state).__name__}; "
            "give what state_dict() returned"
        )
    missing, unknown = [n for n in own if n not in state], [n for n in state if n not in own]
    if missing or unknown:
        raise ValueError(
            f"{caller}: the state does not fit: {_some('missing', missing)}"
            f"{_some('unknown', unknown)}got {len(state)} arrays for {len(own)}; "
            "load the state of a network with the same layers"
        )
    for name, array in own.items():
        _require_fit(caller, name, array, state[name])


def _require_fit(caller: str, name: str, array: Array, given: object) -> None:
    """Hold one array to the shape and dtype of the one that it replaces."""
    if not isinstance(given, np.ndarray):
        raise TypeError(
            f"{caller}: {name} is no array; got {type(given).__name__}; give a plain NumPy array, "
            "for a tensor its .detach().numpy()"
        )
    if given.shape != array.shape:
        raise ValueError(
            f"{caller}: {name} has shape {array.shape} in the layer; got {given.shape}; "
            "load the state of a network with the same sizes"
        )
    if given.dtype != array.dtype:
        raise TypeError(
            f"{caller}: {name} has dtype {array.dtype} in the layer; got {given.dtype}; "
            f"use .astype(np.{array.dtype}), or make the layers with dtype=np.{given.dtype}"
        )


def _some(kind: str, names: list[Any]) -> str:
    """Name a few of the names, for a message."""
    if not names:
        return ""
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"{kind} {', '.join(map(str, names[:4]))}{more}; "
