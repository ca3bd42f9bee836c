"""Make tests/golden/counting_*.json: what PyTorch says of every layer of a few networks.

python -m tests.golden.make_counting
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import torch  # noqa: E402

from counting_oracle import measured  # noqa: E402
from dlnotes import specs  # noqa: E402

NAMES = (
    "mnist-conv-conv", "lenet5-1998", "lenet5", "alexnet", "googlenet-sides", "resnet50",
    "resnet50-keras", "xception", "mobilenet", "dqn", "vae", "deepface", "fcn-8s", "text-cnn",
    "lstm", "lstm-keras", "gru",
)  # fmt: skip


def main() -> None:
    """Write a file for each network, one layer a line."""
    for name in NAMES:
        rows = measured(specs.get(name))
        lines = ",\n  ".join(f"{json.dumps(path)}: {json.dumps(row)}" for path, row in rows.items())
        text = f'{{\n "torch": "{torch.__version__}",\n "layers": {{\n  {lines}\n }}\n}}\n'
        (HERE / f"counting_{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
