"""Networks for sequences: a convolution over words, and single recurrent layers."""

from dlnotes.specs.blocks import conv_relu
from dlnotes.specs.layers import Dropout, Embedding, Flatten, Linear, MaxPool, Recurrent, Transpose
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain, Parallel

KIM = "Kim, Convolutional neural networks for sentence classification, EMNLP 2014"
ELMAN = "Elman, Finding structure in time, Cognitive Science 14 (1990)"
HOCHREITER = (
    "Hochreiter, Schmidhuber, Long short-term memory, Neural Computation 9 (1997), with the "
    "forget gate of Gers, Schmidhuber, Cummins (2000)"
)
CHO = (
    "Cho and others, Learning phrase representations using RNN encoder-decoder for statistical "
    "machine translation, EMNLP 2014"
)
WORDS = 64
VOCABULARY = 18_765
STEPS, WIDTH, HIDDEN = 16, 4096, 256


@network("text-cnn")
def text_cnn() -> Network:
    """Three widths of convolution over words, the largest answer of each kernel (Kim 2014).

    The vocabulary is that of the paper's table 1 for MR; sentences are filled up to 64 words.
    """
    branches = (
        Chain(*conv_relu(100, h), MaxPool(WORDS - h + 1), Flatten(), name=f"words{h}")
        for h in (3, 4, 5)
    )
    body = Chain(
        *(Embedding(VOCABULARY, 300), Transpose()),
        Parallel(*branches, join="concat", name="windows"),
        *(Dropout(0.5), Linear(2)),
    )
    return Network("text-cnn", "Text CNN", (WORDS,), body, 2014, KIM)


def recurrent(
    name: str,
    title: str,
    layer: Recurrent,
    year: int,
    source: str,
    published: Published | None = None,
) -> Network:
    """Return one recurrent layer as a network: 16 steps of 4096 numbers to a state of 256.

    Parameters
    ----------
    name, title : str
        Of the network.
    layer : Recurrent
        Its only layer.
    year : int
        When the cell was published.
    source : str
        Where.
    published : Published, optional
        Its total.

    Returns
    -------
    Network

    Examples
    --------
    >>> recurrent("mine", "Mine", Recurrent("rnn", 8), 1990, ELMAN).input_shape
    (16, 4096)
    """
    return Network(name, title, (STEPS, WIDTH), Chain(layer), year, source, published=published)


@network("rnn")
def rnn() -> Network:
    """Plain recurrent layer, with PyTorch's two biases (Elman 1990)."""
    return recurrent("rnn", "RNN", Recurrent("rnn", HIDDEN), 1990, ELMAN)


@network("lstm")
def lstm() -> Network:
    """LSTM layer as PyTorch has it, with two biases a gate (Hochreiter, Schmidhuber 1997)."""
    published = Published(4_458_496, "PyTorch, concepts.yml (lstm)")
    return recurrent("lstm", "LSTM", Recurrent("lstm", HIDDEN), 1997, HOCHREITER, published)


@network("lstm-keras")
def lstm_keras() -> Network:
    """LSTM layer as Keras has it, with one bias a gate (Hochreiter, Schmidhuber 1997)."""
    published = Published(4_457_472, "Keras, concepts.yml (lstm)")
    layer = Recurrent("lstm", HIDDEN, biases=1)
    return recurrent("lstm-keras", "LSTM of Keras", layer, 1997, HOCHREITER, published)


@network("gru")
def gru() -> Network:
    """GRU layer as published: it resets before the product, one bias a gate (Cho 2014)."""
    published = Published(3_343_104, "concepts.yml (gru)", by_hand=True)
    layer = Recurrent("gru", HIDDEN, biases=1, reset_after=False)
    return recurrent("gru", "GRU", layer, 2014, CHO, published)


@network("gru-reset-after")
def gru_reset_after() -> Network:
    """GRU layer as Keras and PyTorch have it: it resets after the product (Cho 2014)."""
    published = Published(3_343_872, "Keras with reset_after, concepts.yml (gru)")
    layer = Recurrent("gru", HIDDEN)
    return recurrent("gru-reset-after", "GRU, reset after", layer, 2014, CHO, published)
