"""Make tests/golden/specs.json: what PyTorch says of every layer of every network.

python -m tests.golden.make_specs
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from counting_oracle import measured  # noqa: E402
from dlnotes import specs  # noqa: E402


def rows(name: str) -> list[str]:
    """Return a line a layer: its path, its kind, its output's sizes and the numbers it holds."""
    network = specs.get(name)
    kinds = {path: layer.kind for path, layer in specs.walk(network.body)}
    return [
        f"{path} {kinds[path]} {'x'.join(map(str, row['output']))} "
        f"{row['trainable']}+{row['fixed']}"
        for path, row in measured(network).items()
    ]


def main() -> None:
    """Write the file."""
    found = {name: rows(name) for name in specs.names()}
    text = json.dumps(found, indent=1)
    (HERE / "specs.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
