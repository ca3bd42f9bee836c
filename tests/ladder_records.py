"""Records for tests: made by rule, each with its own numbers."""

from dlnotes.ladder.records import Record


def record(rung: str = "1", recipe: str = "modern", seed: int = 0, **changes: object) -> Record:
    values: dict[str, object] = {
        "rung": rung,
        "recipe": recipe,
        "seed": seed,
        "validation": 0.978,
        "test": 0.9771,
        "test_images": 10_000,
        "epoch": 3,
        "epochs": 5,
        "parameters": 79_510,
        "seconds": 12.25,
        "data": "mnist",
        "data_sha256": "ab" * 32,
        "device": "a processor, 2 cores",
        "threads": 1,
        "versions": {"python": "3.11.7", "numpy": "2.4.6", "torch": "2.13.0"},
        "commit": "0" * 40,
        "command": "dlnotes ladder run --rungs 1",
        "date": "2026-01-02",
    }
    return Record(**{**values, **changes})
