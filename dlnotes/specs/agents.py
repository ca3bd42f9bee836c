"""Networks of agents that play: a deep Q-network, and the autoencoder that dreams its world."""

from dlnotes.specs.blocks import conv_relu
from dlnotes.specs.layers import (
    Activation,
    ConvTranspose,
    Flatten,
    Linear,
    MaxPool,
    Reshape,
    Sample,
)
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain, Parallel, Part

MNIH = (
    "Mnih and others, Human-level control through deep reinforcement learning, Nature 518, 2015 "
    "(the sizes of 2013, arXiv:1312.5602, were 16, 32 and 256), in the form of note 000 for Flappy "
    "Bird"
)
HA = "Ha, Schmidhuber, World models, 2018 (arXiv:1803.10122), appendix A.1"
LATENT = 32
CODE = 1024


@network("dqn")
def dqn() -> Network:
    """Flappy Bird's deep Q-network: four frames in, the worth of two moves out (note 000)."""
    body = Chain(
        *(*conv_relu(32, 8, stride=4, padding="same"), MaxPool(2, padding="same")),
        *conv_relu(64, 4, stride=2, padding="same"),
        *conv_relu(64, 3, padding="same"),
        *(Flatten(), Linear(512), Activation("relu"), Linear(2)),
    )
    published = Published(898_722, "concepts.yml (dqn)", by_hand=True)
    title = "Flappy-Bird DQN"
    return Network("dqn", title, (4, 80, 80), body, 2015, MNIH, published=published)


def vae_maps() -> tuple[Part, ...]:
    """Return the encoder's convolutions, all of stride 2: (3, 64, 64) to (1024,).

    Returns
    -------
    tuple of Part

    Examples
    --------
    >>> len(vae_maps())
    9
    """
    convolutions = (conv_relu(width, 4, stride=2) for width in (32, 64, 128, 256))
    return (*(part for pair in convolutions for part in pair), Flatten())


def vae_code() -> Parallel:
    """Return the two dense layers side by side: mean and log variance.

    Returns
    -------
    Parallel

    Examples
    --------
    >>> vae_code().join
    'tuple'
    """
    heads = (Linear(LATENT, name=name) for name in ("mean", "log_variance"))
    return Parallel(*heads, join="tuple", name="code")


def vae_picture() -> tuple[Part, ...]:
    """Return the decoder, transposed convolutions of stride 2: (32,) to (3, 64, 64).

    Returns
    -------
    tuple of Part

    Examples
    --------
    >>> vae_picture()[-1].function
    'sigmoid'
    """
    parts: list[Part] = [Linear(CODE), Reshape((CODE, 1, 1))]
    for channels, kernel in ((128, 5), (64, 5), (32, 6)):
        parts += [ConvTranspose(channels, kernel, 2), Activation("relu")]
    return (*parts, ConvTranspose(3, 6, 2), Activation("sigmoid"))


@network("vae")
def vae() -> Network:
    """World Models' variational autoencoder (Ha, Schmidhuber 2018)."""
    encoder = Chain(*vae_maps(), vae_code(), name="encoder")
    body = Chain(encoder, Sample(name="sample"), Chain(*vae_picture(), name="decoder"))
    published = Published(4_348_547, "concepts.yml (vae-shapes)", by_hand=True)
    title = "World-Models VAE"
    return Network("vae", title, (3, 64, 64), body, 2018, HA, published=published)


@network("vae-encoder")
def vae_encoder() -> Network:
    """Its encoder alone: a picture to mean and log variance (Ha, Schmidhuber 2018)."""
    body = Chain(*vae_maps(), vae_code())
    return Network("vae-encoder", "World-Models VAE, encoder", (3, 64, 64), body, 2018, HA)


@network("vae-decoder")
def vae_decoder() -> Network:
    """Its decoder alone: a code to a picture (Ha, Schmidhuber 2018)."""
    body = Chain(*vae_picture())
    return Network("vae-decoder", "World-Models VAE, decoder", (LATENT,), body, 2018, HA)
