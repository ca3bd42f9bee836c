"""Checks that a notebook or a test can run: numbers, gradients, and agreement with PyTorch.

Each check prints one line when it passes, ``✓`` and what agrees, the same on every machine, and
raises `Mismatch` when it fails. A page of the book counts these lines.
"""

from dlnotes.check.catalogue import shows
from dlnotes.check.comparing import Mismatch, close
from dlnotes.check.derivatives import adjoint_check, gradient_check
from dlnotes.check.pytorch import against_torch

__all__ = ["Mismatch", "adjoint_check", "against_torch", "close", "gradient_check", "shows"]
