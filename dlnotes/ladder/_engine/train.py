"""The engine: trains a rung, chooses the epoch on validation, looks at the test labels once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dlnotes.data import Digits, load_test_labels
from dlnotes.ladder import rungs
from dlnotes.ladder._engine import provenance
from dlnotes.ladder._engine.batches import Batches
from dlnotes.ladder._engine.checkpoint import Checkpoint
from dlnotes.ladder._engine.choice import Choice, classes_of, logits
from dlnotes.ladder._engine.descent import Descent
from dlnotes.ladder._engine.members import Members
from dlnotes.ladder._engine.outcome import Outcome, Progress, Votes
from dlnotes.ladder._engine.settings import steady
from dlnotes.ladder.answers import Answers, right

__all__ = ["Outcome", "Progress", "Run", "TrainingError", "checkpoint_of"]

Report = Callable[[Progress], None]
_VOTES = ("classes", "probabilities")
LOOK = 50
"""Steps between two looks at the loss, the clock and the progress."""


class TrainingError(RuntimeError):
    """A training that cannot go on; the message says why and what to do."""


class Run:
    """A rung in training, with one seed or with several at once.

    The epoch is chosen by validation accuracy; of equal ones the later. A run that is killed goes
    on from its last state and ends with the same numbers. For several seeds the networks are
    trained as groups of one (`Members`), with the results that each has apart, up to rounding.

    Parameters
    ----------
    rung : str or Rung
        What is trained.
    recipe : str
        ``"faithful"`` or ``"modern"``.
    seeds : sequence of int
        One for each run.
    data : Digits
        Images and labels.
    device : str
        As PyTorch names it.
    folder : Path, optional
        Where states are kept; without one, nothing is left on disk.
    every : float
        Seconds between two states within an epoch; one is written after each epoch, too.
    threads : int
        Of the processor. Sums hang on it in their last bits; the book's records are of one.

    Examples
    --------
    >>> from dlnotes.data import load
    >>> Run("4", "modern", [0], load("digits")).epoch_steps
    23
    """

    def __init__(
        self,
        rung: str | rungs.Rung,
        recipe: str,
        seeds: Sequence[int],
        data: Digits,
        *,
        device: str = "cpu",
        folder: Path | None = None,
        every: float = 60.0,
        threads: int = 1,
    ) -> None:
        self.rung = rungs.get(rung) if isinstance(rung, str) else rung
        self.recipe, self.seeds, self.data = self.rung.recipe(recipe), list(seeds), data
        self.device, self.every, self.threads = torch.device(device), every, threads
        self.checkpoint = None
        if folder is not None:
            self.checkpoint = checkpoint_of(self.rung, recipe, seeds, data, folder, device, threads)
        self.net = Members(
            self.rung.spec,
            self.seeds,
            start=self.recipe.start,
            drop=self.recipe.drop,
            device=self.device,
            outer=self.recipe.momentum == 0,
        )
        self.batches = Batches(
            data.train_images, data.train_labels, expanded=self.rung.expanded, device=self.device
        )
        self.batch = min(self.recipe.batch, len(self.batches))
        self.epoch_steps = len(self.batches) // self.batch
        self.steps = self.epoch_steps * self.recipe.epochs
        self.decay = self.recipe.decay_over(self.epoch_steps)
        self.optimizer = Descent(
            self.net.weights(),
            self.net.biases(),
            momentum=self.recipe.momentum,
            decay=self.decay,
        )
        self.choice = Choice(self.net)
        self.losses = torch.zeros(self.net.count, device=self.device)
        self.curve: list[list[float]] = []  # the mean loss of each epoch
        self.votes: list[dict[str, Tensor]] = []  # of each epoch, if the rung is asked for them
        self.step, self.seconds = 0, 0.0
        self.commits, self.devices = [provenance.commit()], [provenance.device_words(device)]
        alone = self.device.type == "cpu" and threads == 1
        self._clock = thread_time if alone else perf_counter
        self._orders: tuple[int, Tensor] | None = None
        self._outcomes: tuple[Outcome, ...] | None = None

    def train(
        self, report: Report | None = None, *, waiting: Callable[[], None] = lambda: None
    ) -> None:
        """Train to the last epoch, from the last state if there is one.

        Parameters
        ----------
        report : callable, optional
            Called with a `Progress` every 50 steps.
        waiting : callable, optional
            Called once if another process has this run, before waiting for it.

        Raises
        ------
        TrainingError
            If the loss becomes infinite or no number.
        CheckpointError
            If the state cannot be written or read.
        """
        with steady(self.device, self.threads), self._held(waiting):
            began, first, saved = perf_counter(), self.step, perf_counter()
            while self.step < self.steps:
                self.advance()
                if report is not None:
                    report(self._progress(began, first))
                due = self.step % self.epoch_steps == 0 or perf_counter() - saved > self.every
                if self.checkpoint is not None and due:
                    self.checkpoint.write(self.state())
                    saved = perf_counter()

    @contextmanager
    def _held(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Have the run to ourselves, and go on from its state on disk, if there is one."""
        if self.checkpoint is None:
            yield
            return
        with self.checkpoint.held(waiting):
            state = self.checkpoint.read()
            if state is not None:
                self.load_state(state)
            yield

    def advance(self, steps: int = LOOK) -> None:
        """Take so many steps, or those to the end of the epoch and through validation.

        `train` does this to the end, and keeps states.

        Parameters
        ----------
        steps : int
            How many at most.
        """
        start = self._clock()
        epoch, done = divmod(self.step, self.epoch_steps)
        order = self._order(epoch)
        end = min(done + steps, self.epoch_steps)
        self.net.train()
        for index in range(done, end):
            self._one_step(order[:, index * self.batch : (index + 1) * self.batch])
        self._require_finite()
        if end == self.epoch_steps:
            self._validate()
        self.seconds += self._clock() - start

    def _order(self, epoch: int) -> Tensor:
        """Return the order of an epoch for each network, (M, n)."""
        if self._orders is None or self._orders[0] != epoch:
            how = self.recipe.order
            orders = [self.batches.order(seed, epoch, how) for seed in self.seeds]
            self._orders = epoch, torch.stack(orders)
        return self._orders[1]

    def _one_step(self, index: Tensor) -> None:
        """Take one step on the images at `index`, (M, N)."""
        rate = self.recipe.rate_at(self.step, self.steps)
        images, labels = self.batches.take(index)
        logits = self.net(images, self.step)  # (M, N, 10)
        each = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
        losses = each.view(labels.shape).mean(1)  # (M,)
        self.optimizer.zero_grad()
        losses.sum().backward()
        self.optimizer.step(rate)
        self.net.descend(rate, self.decay)
        self.losses += losses.detach()
        self.step += 1

    def _require_finite(self) -> None:
        """Stop where a loss is no number."""
        finite = self.losses.isfinite().tolist()
        broken = [str(seed) for seed, ok in zip(self.seeds, finite, strict=True) if not ok]
        if broken:
            raise TrainingError(
                f"train: the loss of rung {self.rung.name} ({self.recipe.name}) is no finite "
                f"number any more at step {self.step} of {self.steps}; got it for seed "
                f"{', '.join(broken)} with rate={self.recipe.rate:g}; lower the rate, and look "
                "for images whose values are not finite; nothing was recorded"
            )

    def _validate(self) -> None:
        """Measure validation accuracy, keep what is best by it, and the votes if they are asked."""
        self.curve.append((self.losses / self.epoch_steps).tolist())
        self.losses.zero_()
        found = logits(self.net, torch.from_numpy(self.data.validation_images))
        self.choice.offer(classes_of(found), torch.from_numpy(self.data.validation_labels))
        if self.rung.asked:
            tests = logits(self.net, torch.from_numpy(self.data.test_images))
            found = torch.cat([found, tests], 1)
            halves = found.softmax(-1).half()
            self.votes.append({"classes": classes_of(found), "probabilities": halves})

    def finish(
        self, test_labels: Callable[[], NDArray[np.int64]] | None = None
    ) -> tuple[Outcome, ...]:
        """Take the chosen networks, load the test labels, and say what each run came to.

        Parameters
        ----------
        test_labels : callable, optional
            Returns the labels, shape (N,); by default those of the data's name.

        Returns
        -------
        tuple of Outcome
            One a seed. A second call returns the same, and the labels are not read again.

        Raises
        ------
        TrainingError
            If the training has not ended.
        """
        if self._outcomes is None:
            if self.step < self.steps:
                raise TrainingError(
                    f"finish: rung {self.rung.name} is at step {self.step} of {self.steps}, and "
                    "the test labels are for the end alone; call train() first"
                )
            self.choice.restore()
            labels = load_test_labels(self.data.name) if test_labels is None else test_labels()
            with steady(self.device, self.threads):
                found = logits(self.net, torch.from_numpy(self.data.test_images))
            tests = classes_of(found).numpy()
            self._outcomes = tuple(
                self._outcome(run, tests[run], right(tests[run], labels))
                for run in range(len(self.seeds))
            )
        return self._outcomes

    def _outcome(self, run: int, classes: NDArray[np.uint8], test: float) -> Outcome:
        """Return the outcome of one run."""
        runs, choice = len(self.seeds), self.choice
        kept = {name: [one[name][run] for one in self.votes] for name in _VOTES}
        return Outcome(
            seed=self.seeds[run],
            group=tuple(self.seeds),
            validation=choice.accuracy[run],
            test=test,
            epoch=choice.epoch[run],
            epochs=self.recipe.epochs,
            history=tuple(accuracies[run] for accuracies in choice.history),
            losses=tuple(float(f"{losses[run]:.6g}") for losses in self.curve),
            parameters=sum(value.numel() for value in self.net.parameters()) // runs,
            seconds=self.seconds / runs,
            commits=tuple(self.commits),
            devices=tuple(self.devices),
            answers=Answers(choice.classes[run].numpy(), classes),
            network={name: value.cpu() for name, value in self.net.member(run).items()},
            votes=Votes(*(torch.stack(kept[name]) for name in _VOTES)) if self.votes else None,
        )

    def state(self) -> dict[str, Any]:
        """Return all that the next step hangs on, and the best so far."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "losses": self.losses,
            "curve": self.curve,
            "votes": self.votes,
            "commits": self.commits,
            "devices": self.devices,
            "net": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "choice": self.choice.state(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.step, self.seconds = state["step"], state["seconds"]
        self.losses.copy_(state["losses"])
        self.curve, self.votes = list(state["curve"]), list(state["votes"])
        for name in ("commits", "devices"):  # the earlier ones first
            setattr(self, name, list(dict.fromkeys([*state[name], *getattr(self, name)])))
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.choice.load_state(state["choice"])

    def _progress(self, began: float, first: int) -> Progress:
        """Return how far the training is."""
        passed = max(perf_counter() - began, 1e-9)
        bests = [best for best in self.choice.accuracy if best >= 0]
        return Progress(
            self.step,
            self.steps,
            self.step // self.epoch_steps,
            self.recipe.epochs,
            (self.step - first) / passed,
            sum(bests) / len(bests) if bests else 0.0,
        )


def checkpoint_of(
    rung: rungs.Rung,
    recipe: str,
    seeds: Sequence[int],
    data: Digits,
    folder: Path,
    device: str = "cpu",
    threads: int = 1,
) -> Checkpoint:
    """Return where the state of a run is kept.

    The name of the file hangs on all that the numbers hang on, so that a run never goes on from
    the state of another one, of other data, or of a recipe that has been changed since.
    """
    told = {
        "run": rungs.digest(rung, recipe),
        "seeds": list(seeds),
        "data": data.sha256,
        "device": torch.device(device).type,
        "threads": threads,
        "torch": str(torch.__version__),
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    some = "-".join(map(str, seeds[:20]))  # a name has 255 characters at most
    more = "-and-more" if len(seeds) > 20 else ""
    name = f"{rung.name}-{recipe}-{some}{more}-{digest}.pt"
    return Checkpoint(folder / name)
