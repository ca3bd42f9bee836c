"""A ladder in small: few images of few classes of ink, and networks that train in a blink."""

from dataclasses import replace

from dlnotes.data import load
from dlnotes.ladder.recipes import DIGITS, ORIGIN, TODAY
from dlnotes.ladder.rungs import Rung
from dlnotes.specs import Activation, Chain, Conv, Dropout, Flatten, Linear, MaxPool, Network

IMAGES = 203  # leaves a remainder in every batch below


def conv_pool(kernels, size):
    return Conv(kernels, size), MaxPool(2), Activation("relu")


def small_network(*, dropout=True):
    """Two conv-pool layers with unlike kernels, two dense layers, dropout before each of them."""
    drop = (Dropout(0.5),) if dropout else ()
    dense = (*drop, Linear(11), Activation("relu"), *drop, Linear(10))
    body = Chain(*conv_pool(3, 5), *conv_pool(4, (3, 5)), Flatten(), *dense)
    return Network("small", "Small", (1, 28, 28), body)


def small_rung(*, dropout=True, expanded=False, asked=False, **changes):
    """A rung whose recipes see the data three times, in batches of 20."""
    usual = {"epochs": 3, "batch": 20}
    return Rung(
        name="small",
        title="small",
        network=small_network(dropout=dropout),
        published=0.5,
        faithful=replace(ORIGIN, **(usual | {"rate": 0.03, "penalty": 0.1} | changes)),
        modern=replace(TODAY, **(usual | changes)),
        digits=DIGITS,
        expanded=expanded,
        asked=asked,
    )


def small_data(images=IMAGES):
    """The first digits of scikit-learn's."""
    whole = load("digits")
    return replace(
        whole, train_images=whole.train_images[:images], train_labels=whole.train_labels[:images]
    )
