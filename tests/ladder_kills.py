"""Train a small rung while it is killed again and again, and once in peace; print both as JSON.

Run as a program with a folder for the states. Each attempt is a process of its own, which kills
itself by SIGKILL at its moment, so that nothing can be tidied up.
"""

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

import torch

from dlnotes.ladder._engine import checkpoint, train
from ladder_cases import small_data, small_rung

RUNG = small_rung(expanded=True, batch=10, asked=True)
SEED = 7


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def at_call(number, function=lambda *arguments: None):
    """Return `function`, deadly on its `number`-th call."""
    calls = 0

    def called(*arguments, **options):
        nonlocal calls
        calls += 1
        if calls == number:
            die()
        return function(*arguments, **options)

    return called


def half_a_save(state, file):
    """Write half of a state, then die: what a killed write leaves."""
    file.write(bytes(500))
    file.flush()
    die()


class SpoiltPath(type(Path())):
    """A path whose replacement kills before it, or after it."""

    late = False

    def replace(self, target):
        if SpoiltPath.late:
            super().replace(target)
        die()


def in_replace(late):
    def spoil(run):
        SpoiltPath.late = late
        run.checkpoint.path = SpoiltPath(run.checkpoint.path)

    return spoil


def in_save(run):
    checkpoint.torch.save = half_a_save


def in_validation(run):
    train.logits = at_call(1)


MOMENTS = {
    "before the first state": {"look": 1},
    "while the first state is written": {"spoil": in_save},
    "before the first state takes its place": {"spoil": in_replace(False)},
    "after it took its place": {"spoil": in_replace(True)},
    "within the first epoch": {"look": 2},
    "while a later state is written": {"spoil": in_save},
    "in the first validation": {"spoil": in_validation},
    "in the second epoch": {"look": 3},
    "in the third": {"look": 3},
    "in the test": {"spoil": None, "finish": True},
}


DATA = small_data()


def attempt(folder, *, look=0, spoil=None, finish=False):
    """Go on with the run until it is killed, or to its end."""
    run = train.Run(RUNG, "modern", [SEED], DATA, folder=folder, every=0)
    if spoil:
        spoil(run)
    run.train(at_call(look))
    if finish:
        run.finish(die)
    (outcome,) = run.finish()
    votes = outcome.votes.classes, outcome.votes.probabilities
    values = [*run.net.state_dict().values(), *votes]
    digest = hashlib.sha256(b"".join(value.numpy().tobytes() for value in values))
    digest.update(outcome.answers.pack())
    curves = outcome.history, outcome.losses
    return [outcome.validation, outcome.test, outcome.epoch, *curves, digest.hexdigest()]


def killed(folder, moment):
    """Say whether an attempt in a process of its own died by SIGKILL."""
    child = os.fork()
    if child == 0:
        attempt(folder, **moment)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def main():
    torch.set_num_threads(1)
    train.Run(RUNG, "modern", [SEED], DATA)  # what is loaded on first use is loaded once for all
    folder = Path(sys.argv[1])
    deaths = {words: killed(folder / "killed", moment) for words, moment in MOMENTS.items()}
    left = sorted(path.name for path in (folder / "killed").iterdir())
    results = {"killed": attempt(folder / "killed"), "in peace": attempt(folder / "peace")}
    print(json.dumps({"deaths": deaths, "left": left} | results))


if __name__ == "__main__":
    main()
