"""Networks as modules of PyTorch, made from their descriptions in `dlnotes.specs`."""

from dlnotes._extras import require

require("torch", extra="torch", feature="dlnotes.torch_models")

from dlnotes.torch_models.build import build, build_part, with_side_outputs  # noqa: E402

__all__ = ["build", "build_part", "with_side_outputs"]
