"""Every chapter's experiments run in a tiny form, and the committed records are today's, whole."""

import json
from types import ModuleType

import numpy as np
import pytest

from benchmarks import experiments
from dlnotes import data
from dlnotes.data import records

CHAPTERS = experiments.chapters()
EXPERIMENTS = [
    (chapter, name) for chapter in CHAPTERS for name in experiments.load(chapter).SETTINGS
]


@pytest.mark.parametrize(("chapter", "name"), EXPERIMENTS)
def test_an_experiment_runs_in_its_tiny_form(chapter, name):
    module = experiments.load(chapter)
    numbers = experiments.run(module, name, tiny=True)
    recorded = data.record(chapter)["experiments"][name]["numbers"]
    assert set(numbers) == set(recorded), "the record holds other numbers; make it anew"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_committed_record_is_whole_and_of_todays_settings(chapter):
    module = experiments.load(chapter)
    assert set(module.TINY) == set(module.SETTINGS)
    assert experiments.problems(data.record(chapter), module) == []
    for part in data.record(chapter)["experiments"].values():
        assert set(part) == {
            "settings", "digest", "commit", "machine", "versions", "seconds", "numbers",
        }  # fmt: skip


def test_every_record_of_experiments_belongs_to_a_chapter(root):
    assert CHAPTERS
    planned = [path.stem for path in (root / "chapters").rglob("*.ipynb")]
    for path in sorted((root / "book" / "results").glob("*.json")):
        if "experiments" in json.loads(path.read_text(encoding="utf-8")):
            assert path.stem in CHAPTERS, f"{path.name}: no experiments write it"
    assert set(CHAPTERS) <= set(planned), "no chapter has this name"


@pytest.fixture
def module(tmp_path):
    """Two small experiments, as a module of a file that is called 99-trial.py."""
    made = ModuleType("trial")
    made.__file__ = str(tmp_path / "99-trial.py")
    made.SETTINGS = {"sums": {"upto": 4}, "halves": {"upto": 3}}
    made.TINY = {"sums": {"upto": 2}, "halves": {"upto": 1}}
    made.sums = lambda upto: {"sums": np.arange(upto).cumsum(), "one": (1 / 3, np.float32(2))}
    made.halves = lambda upto: {"halves": [n / 2 for n in range(upto)]}
    return made


@pytest.fixture
def written(module, tmp_path):
    experiments.main(module, ["--record"], tmp_path)
    return tmp_path / "99-trial.json"


def test_a_record_is_written_and_read_back(written, module, capsys):
    record = records.read_record(written)
    assert record["command"] == "python -m benchmarks.experiments.99-trial --record"
    assert record["experiments"]["sums"]["numbers"] == {"sums": [0, 1, 3, 6], "one": [0.333333, 2]}
    assert experiments.problems(record, module) == []
    first = written.read_bytes()
    experiments.main(module, ["halves", "--record"], written.parent)
    assert records.read_record(written)["experiments"].keys() == {"sums", "halves"}
    assert written.read_bytes() == first
    capsys.readouterr()
    experiments.main(module, ["sums", "--tiny"], written.parent)
    assert capsys.readouterr().out == 'sums, 0 s: {"sums": [0, 1], "one": [0.333333, 2.0]}\n'


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("0.333333", "0.25"), "is damaged: it is not as it was written"),
        (lambda text: text[: len(text) // 2], "is damaged: it is no JSON"),
        (lambda text: "[1, 2]", "is damaged: it holds a list, no object"),
    ],
)
def test_a_damaged_record_is_named(written, change, said):
    written.write_text(change(written.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(data.DataError, match=f"^record: book/results/99-trial.json {said}.*git ch"):
        records.read_record(written)


def test_an_outdated_record_is_named(written, module):
    module.SETTINGS = {"sums": {"upto": 5}, "thirds": {}}
    found = experiments.problems(records.read_record(written), module)
    assert [problem.partition(";")[0] for problem in found] == [
        "halves: recorded, and no experiment of today",
        "sums: outdated, its settings were {'upto': 4}",
        "thirds: not recorded",
    ]
    assert all("python -m benchmarks.experiments.99-trial --record" in line for line in found)


@pytest.mark.parametrize(
    ("words", "said"),
    [(["sum"], "no experiment ['sum']"), (["--tiny", "--record"], "makes no record")],
)
def test_a_wrong_command_is_told(module, tmp_path, capsys, words, said):
    with pytest.raises(SystemExit):
        experiments.main(module, words, tmp_path)
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_record_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(ValueError, match=r"no record 'conv_sped' in book/results; nearest: conv_"):
        data.record("conv_sped")
