"""Chapter 30: sixty of MNIST's test images that the networks of the ladder misread, as pictures.

Which they are follows from the records: forty drawn at random from those that most networks of
rung 1 misread, and the twenty that the networks of all higher rungs misread most often, as far as
these are recorded. Pixels are sixteen shades, a hexadecimal digit each. The images are MNIST's
(DLNOTES_DATA names a folder that has them).
"""

import sys

import numpy as np

from benchmarks.experiments import main
from dlnotes import data
from dlnotes.ladder import records, rungs
from dlnotes.ladder.running import BOOK_RECORDS

SETTINGS = {"pictures": {"seed": 0, "drawn": 40, "hardest": 20}}
TINY = {"pictures": {"drawn": 3, "hardest": 2, "pretended": True}}

SOURCE = (
    "test images of MNIST, as published by Y. LeCun, C. Cortes and C. J. C. Burges, 1998; "
    "copyright Y. LeCun and C. Cortes, licence CC BY-SA 3.0"
)


def pictures(seed, drawn, hardest, pretended=False):
    """Return places, labels and pixels of the chosen images, the random ones first."""
    rng = np.random.default_rng(seed)
    source = data.load("digits" if pretended else "mnist")
    labels = data.load_test_labels(source.name)
    if pretended:  # the trial has other images, and networks that answer at random
        first, higher = rng.random((2, 5, len(labels))) < 0.2
    else:
        first, higher = misread(labels)
    some = rng.choice(np.flatnonzero(first.mean(0) > 0.5), drawn, replace=False)
    often = np.where(np.isin(np.arange(len(labels)), some), -1.0, higher.mean(0))
    most = np.argsort(-often, kind="stable")[:hardest]
    places = [*map(int, np.sort(some)), *map(int, np.sort(most))]
    return {
        "source": SOURCE,
        "places": places,
        "labels": [int(labels[place]) for place in places],
        "pixels": [shades(source.test_images[place]) for place in places],
    }


def misread(labels):
    """Return which images the networks of rung 1 misread, and the higher ones; today's recipe."""
    first, higher = [], []
    for record in filter(records.is_current, records.read(BOOK_RECORDS)):
        if record.recipe == "modern" and rungs.get(record.rung).concept.startswith("ladder"):
            found = records.answers(BOOK_RECORDS, record).test != labels
            (first if record.rung == "1" else higher).append(found)
    return np.array(first), np.array(higher)


def shades(image):
    """Return the ink of an image as a text, row by row, from 0 to f."""
    return "".join(f"{round(15 * float(ink)):x}" for ink in np.ravel(image))


if __name__ == "__main__":
    main(sys.modules[__name__])
