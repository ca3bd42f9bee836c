"""The networks of the MNIST ladder (note 001, section 5.23.2) and of note 002.

The output of each is one logit a class; softmax belongs to the loss. Dropout stands before the
layers whose inputs it drops, as in the origin (Nielsen, network3.py).
"""

from dlnotes.specs.layers import Activation, Conv, Dropout, Flatten, Linear, MaxPool
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain, Part

INPUT = (1, 28, 28)
CLASSES = 10
SOURCE = "note 001, section 5.23.2; Nielsen, Neural Networks and Deep Learning, chapter 6"


def hidden(units: int, function: str, dropout: bool = False) -> tuple[Part, ...]:
    """Return a hidden dense layer."""
    layer = (Linear(units), Activation(function))
    return (Dropout(0.5), *layer) if dropout else layer


def conv_pool(kernels: int, function: str) -> tuple[Part, ...]:
    """Return a convolution with 5x5 kernels, max-pooling 2x2, and the activation after it.

    The origin pools before it activates; with a monotone function the order makes no difference.
    """
    return (Conv(kernels, 5), MaxPool(2), Activation(function))


def ladder(
    name: str,
    title: str,
    convolutions: tuple[int, ...],
    dense: tuple[int, ...],
    function: str,
    *,
    dropout: bool = False,
    concept: str,
    parameters: int = 0,
) -> Network:
    """Return a network of the ladder: conv-pool layers, dense layers, ten logits."""
    parts = [part for kernels in convolutions for part in conv_pool(kernels, function)]
    parts.append(Flatten())
    parts += [part for units in dense for part in hidden(units, function, dropout)]
    parts += [Dropout(0.5)] if dropout else []
    body = Chain(*parts, Linear(CLASSES))
    source = f"{SOURCE}; concept {concept}"
    published = Published(parameters, "concepts.yml", by_hand=True) if parameters else None
    return Network(name, title, INPUT, body, 2015, source, published=published)


@network("mnist-dense-300")
def mnist_dense_300() -> Network:
    """Note 002: one hidden layer of 300."""
    return ladder(
        "mnist-dense-300", "One hidden layer of 300", (), (300,), "relu", concept="depth-efficiency"
    )


@network("mnist-dense-150-150")
def mnist_dense_150_150() -> Network:
    """Note 002: two hidden layers with 300 units together."""
    return ladder(
        "mnist-dense-150-150",
        "Two hidden layers of 150",
        (),
        (150, 150),
        "relu",
        concept="depth-efficiency",
    )


@network("mnist-dense")
def mnist_dense() -> Network:
    """Rung 1: one hidden layer of 100 sigmoid units."""
    return ladder(
        "mnist-dense", "Dense 100", (), (100,), "sigmoid", concept="ladder-1", parameters=79_510
    )


@network("mnist-conv")
def mnist_conv() -> Network:
    """Rung 2: one conv-pool layer of 20 kernels."""
    return ladder(
        "mnist-conv",
        "One conv-pool",
        (20,),
        (100,),
        "sigmoid",
        concept="ladder-2",
        parameters=289_630,
    )


@network("mnist-conv-conv")
def mnist_conv_conv() -> Network:
    """Rung 3: a second conv-pool layer of 40 kernels."""
    return ladder(
        "mnist-conv-conv",
        "Two conv-pool",
        (20, 40),
        (100,),
        "sigmoid",
        concept="ladder-3",
        parameters=85_670,
    )


@network("mnist-relu")
def mnist_relu() -> Network:
    """Rungs 4 and 5: rectified linear units."""
    return ladder(
        "mnist-relu",
        "Two conv-pool, ReLU",
        (20, 40),
        (100,),
        "relu",
        concept="ladder-4",
        parameters=85_670,
    )


@network("mnist-relu-300")
def mnist_relu_300() -> Network:
    """Rung 6a: a dense layer of 300."""
    return ladder("mnist-relu-300", "Dense 300", (20, 40), (300,), "relu", concept="ladder-6")


@network("mnist-relu-1000")
def mnist_relu_1000() -> Network:
    """Rung 6b: a dense layer of 1000."""
    return ladder("mnist-relu-1000", "Dense 1000", (20, 40), (1000,), "relu", concept="ladder-6")


@network("mnist-relu-100-100")
def mnist_relu_100_100() -> Network:
    """Rung 6c: two dense layers of 100."""
    return ladder(
        "mnist-relu-100-100", "Dense 100 twice", (20, 40), (100, 100), "relu", concept="ladder-6"
    )


@network("mnist-dropout")
def mnist_dropout() -> Network:
    """Rungs 7 and 8: two dense layers of 1000 with dropout."""
    return ladder(
        "mnist-dropout",
        "Dense 1000 twice, dropout",
        (20, 40),
        (1000, 1000),
        "relu",
        dropout=True,
        concept="ladder-7",
        parameters=1_672_570,
    )
