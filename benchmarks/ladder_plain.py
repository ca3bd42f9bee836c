"""The training loop as tutorials write it, with the recipe and the results of the ladder's engine.

A `DataLoader` over a `TensorDataset`, a module run eagerly, images that lie as they come.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from dlnotes import torch_models
from dlnotes.data import Digits
from dlnotes.ladder import rungs
from dlnotes.ladder._engine.batches import Batches
from dlnotes.ladder._engine.members import Members


class Plain:
    """One network of a rung in training; images are not shifted, and epochs are not compared."""

    def __init__(
        self, rung: str, recipe: str, seed: int, data: Digits, *, device: str = "cpu"
    ) -> None:
        self.device = device
        self.recipe, self.seed, self.step = rungs.get(rung).recipe(recipe), seed, 0
        spec = rungs.get(rung).spec
        self.model = torch_models.build(spec).train()
        start = Members(spec, [seed], start=self.recipe.start)
        self.model.load_state_dict(start.member(0))
        self.model.to(device)
        self.orders = Batches(data.train_images, data.train_labels)
        images, labels = torch.from_numpy(data.train_images), torch.from_numpy(data.train_labels)
        self.data = TensorDataset(images, labels)
        self.epoch_steps = len(self.data) // self.recipe.batch
        self.optimizer = self._sgd()
        self.batches = self._epoch()

    def _sgd(self) -> torch.optim.Optimizer:
        """Return the optimiser, as PyTorch makes it by default."""
        named = list(self.model.named_parameters())
        decay = self.recipe.decay_over(self.epoch_steps)
        groups = [
            {"params": [p for n, p in named if n.endswith("weight")], "weight_decay": decay},
            {"params": [p for n, p in named if n.endswith("bias")]},
        ]
        momentum = self.recipe.momentum
        return torch.optim.SGD(groups, self.recipe.rate, momentum, nesterov=momentum > 0)

    def _epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Return the batches of the next epoch, in the engine's order."""
        epoch = self.step // self.epoch_steps
        order = self.orders.order(self.seed, epoch, self.recipe.order).tolist()
        return iter(DataLoader(self.data, self.recipe.batch, sampler=order, drop_last=True))

    def advance(self, steps: int) -> None:
        """Take so many steps."""
        for _ in range(steps):
            if self.step and self.step % self.epoch_steps == 0:
                self.batches = self._epoch()
            images, labels = next(self.batches)
            rate = self.recipe.rate_at(self.step, self.epoch_steps * self.recipe.epochs)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            images, labels = images.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad()
            F.cross_entropy(self.model(images), labels).backward()
            self.optimizer.step()
            self.step += 1
