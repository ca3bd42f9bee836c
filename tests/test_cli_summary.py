"""`dlnotes summary` and `dlnotes list` from end to end."""

import csv
import io
import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from dlnotes import counting, specs
from dlnotes.cli import make_app

MODEL = """
import warnings
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.dense = nn.Conv2d(3, 8, 3), nn.Linear(8, 4)

    def forward(self, x):
        return self.dense(self.conv(x).mean((2, 3)))

def broken():
    raise KeyError("weights")

class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense, self.words = nn.Linear(3, 4), nn.Embedding(7, 4)

    def forward(self, x, words):
        return self.dense(x) + self.words(words).mean(1)

made = Net()
warnings.simplefilter("ignore")
scripted = torch.jit.script(nn.Linear(3, 4))
number = 3
"""
SPEC = """
from dlnotes.specs import Chain, Conv, Flatten, Linear, Network

body = Chain(Conv(4, 3), Flatten(), Linear(10))
net = Network("net", "My network", (1, 8, 8), body)

def make():
    return net
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a model and a description in it."""
    (tmp_path / "some_model.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "some_spec.py").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in ("some_model", "some_spec"):
        sys.modules.pop(name, None)


def dlnotes(*words, code=0):
    """What the command prints, or, where it is refused, the one line on the error output."""
    done = CliRunner().invoke(make_app(), list(map(str, words)), prog_name="dlnotes")
    assert done.exit_code == code, (done.output, done.exception)
    if code == 0:
        assert done.stderr == ""
        return done.stdout.rstrip("\n")
    assert done.stdout == ""
    assert done.stderr.startswith("dlnotes: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


# ---- by name -------------------------------------------------------------------------------------


def test_formats_are_those_of_the_table():
    table = counting.table(specs.get("mnist-conv"), convention=["mac", "flop"])
    words = ("summary", "mnist-conv", "--convention", "mac", "--convention", "flop", "--format")
    assert dlnotes(*words, "csv") == table.to_csv()
    published = str(counting.compare(specs.get("mnist-conv")))
    assert dlnotes(*words, "markdown") == f"{table.to_markdown()}\n- {published}"
    assert dlnotes(*words, "table") == f"{table}\n{published}"
    record = json.loads(dlnotes(*words, "json"))
    assert record.pop("notes") == [published]
    assert record | {"notes": []} == json.loads(table.to_json())


def test_the_published_total_stands_beside_ours():
    assert "Published: 138,357,544 parameters (torchv" in dlnotes("summary", "vgg16")
    text = dlnotes("summary", "mnist-conv")
    assert "By hand: 289,630 parameters (concepts.yml); counted: 289,630, equal." in text
    assert "By hand" not in dlnotes("summary", "mnist-conv", "--input", "1x32x32")


def test_input_depth_dtype_and_all_conventions():
    rows = list(csv.DictReader(io.StringIO(dlnotes(
        "summary", "MNIST_conv", "--input", "1×32×32", "--depth", 1, "--dtype", "float16",
        "--convention", "all", "--format", "csv",
    ))))  # fmt: skip
    assert rows[0]["output"] == "20x28x28"
    assert int(rows[0]["bytes"]) == 2 * 20 * 28 * 28
    assert set(counting.CONVENTIONS) <= set(rows[0])


def test_refusals_of_options():
    assert "did you mean mnist-conv" in dlnotes("summary", "mnist-con", code=2)
    assert "--input needs whole numbers" in dlnotes(
        "summary", "mnist-conv", "--input", "1by2", code=2
    )
    assert "did you mean flop" in dlnotes("summary", "mnist-conv", "--convention", "flops", code=2)
    assert "no size is known of dtype 'float31'" in dlnotes(
        "summary", "mnist-conv", "--dtype", "float31", code=2
    )
    assert "conv1, Conv on input (1, 4, 4)" in dlnotes(
        "summary", "mnist-conv", "--input", "1x4x4", code=2
    )


# ---- from the reader's own files -----------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["some_spec.py:net", "some_spec.py:make", "some_spec:net", "some_spec:make"]
)
def test_a_description_in_python(folder, target):
    record = json.loads(dlnotes("summary", target, "--format", "json"))
    assert record["title"] == "My network"
    assert record["totals"]["trainable"] == 4 * 10 + (4 * 36 + 1) * 10
    assert record["totals"]["mac"] == 36 * 4 * 9 + 1440


def test_a_part_needs_an_input(folder):
    assert "add --input" in dlnotes("summary", "some_spec.py:body", code=2)
    text = dlnotes("summary", "some_spec.py:body", "--input", "2x8x8", "--format", "json")
    assert json.loads(text)["totals"]["trainable"] == 4 * 19 + 1450


@pytest.mark.parametrize("target", ["some_model:Net", "some_model.py:Net", "some_model.py:made"])
def test_a_module_of_pytorch(folder, target):
    record = json.loads(dlnotes("summary", target, "--input", "3x9x9", "--format", "json"))
    assert record["totals"]["trainable"] == 8 * 28 + 9 * 4
    assert record["totals"]["mac"] == 49 * 8 * 27 + 32
    assert any("Not counted" in note for note in record["notes"])


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("some_model:Net", "add --input"),
        ("some_model:Nett", "there is no 'Nett'; did you mean Net?"),
        ("some_model:broken", "some_model:broken() failed: KeyError: 'weights'"),
        ("some_model.py:number", "is no network; got int"),
        ("some_model.py", "write some_model.py:name"),
        ("some_modell:Net", "there is no module some_modell"),
        ("none.py:Net", "there is no file none.py"),
        ("none.yaml", "there is no network called 'none.yaml'"),
    ],
)
def test_refusals_of_targets(folder, target, says):
    assert says in dlnotes("summary", target, code=2)


def test_several_inputs_and_their_dtypes(folder):
    words = ("summary", "some_model:Two", "--input", "3", "--input", "6:int64", "--format", "json")
    record = json.loads(dlnotes(*words))
    assert (record["input"], record["totals"]["mac"]) == ([[3], [6]], 12)
    assert "did you mean int64" in dlnotes(
        "summary", "some_model:Two", "--input", "6:int63", code=2
    )
    assert "give --input a shape alone" in dlnotes("summary", "dqn", "--input", "4:int64", code=2)


def test_a_scripted_module_is_refused_in_a_line(folder):
    assert "give the module that it was made from" in dlnotes(
        "summary", "some_model:scripted", "--input", "3", code=2
    )


def test_files_that_do_not_run(folder):
    (folder / "crooked.py").write_text("def f(:\n", encoding="utf-8")
    assert "crooked.py does not run: SyntaxError" in dlnotes("summary", "crooked.py:f", code=2)
    (folder / "lacking.py").write_text("import surely_not_there\n", encoding="utf-8")
    for target in ("lacking.py:f", "lacking:f"):
        assert "does not run: ModuleNotFoundError" in dlnotes("summary", target, code=2)
    wrong = dlnotes("summary", "some_model:Net", "--input", "5x9x9", code=2)
    assert "Net does not run on an input of shape (1, 5, 9, 9)" in wrong


def test_a_file_may_print_define_and_leave(folder):
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    text += "print('hello')\n@dataclass\nclass Size:\n    n: int = 4\n"
    text += "from dlnotes.specs import Linear\nnet = Linear(Size().n)\n"
    (folder / "talking.py").write_text(text, encoding="utf-8")
    words = ["summary", "talking.py:net", "--input", "3", "--format", "json"]
    done = CliRunner().invoke(make_app(), words)
    assert done.exit_code == 0
    assert done.stderr == "hello\n"
    assert json.loads(done.stdout)["totals"]["trainable"] == 16
    (folder / "leaving.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    for target in ("leaving.py:net", "leaving:net"):
        assert "does not run: SystemExit: 0" in dlnotes("summary", target, code=2)


# ---- lists ---------------------------------------------------------------------------------------


def test_the_list_has_every_network():
    lines = dlnotes("list").splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(specs.names())
    rows = json.loads(dlnotes("list", "--format", "json"))
    assert [row["input"] for row in rows][2] == "1x28x28"


def test_totals_equal_what_is_published():
    rows = list(csv.DictReader(io.StringIO(dlnotes("list", "--totals", "--format", "csv"))))
    assert [row["name"] for row in rows] == list(specs.names())
    compared = [row for row in rows if row["published"] or row["by hand"]]
    assert len(compared) >= 20
    for row in compared:
        assert {row["published"], row["by hand"]} == {row["counted"], ""}, row
        assert row["verdict"] == "equal"
        assert row["source"]
    by_hand = {row["name"] for row in rows if row["by hand"]}
    assert {"deepface", "dqn", "googlenet", "gru", "lenet5", "vae"} < by_hand
    assert not by_hand & {"lenet5-1998", "mnist-notes", "resnet50", "vgg16", "xception"}


def test_conventions_are_listed():
    lines = dlnotes("list", "--conventions", "--format", "markdown").splitlines()
    assert [line.split()[1] for line in lines[2:]] == list(counting.CONVENTIONS)
    assert len({line.count("|") for line in lines}) == 1


def test_help_comes_without_pytorch():
    code = (
        "import sys; from typer.testing import CliRunner; from dlnotes.cli import make_app\n"
        "done = CliRunner().invoke(make_app(), ['--help']); print(done.stdout)\n"
        "print(*({'torch', 'yaml', 'numpy', 'matplotlib'} & set(sys.modules)), 'loaded')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"summary", "shape", "list", "ladder"} <= set(re.findall(r"\w+", done.stdout))
    assert done.stdout.splitlines()[-1].split() == ["loaded"]


def test_without_typer_the_command_says_so_in_a_line():
    code = "import sys; sys.modules['typer'] = None; from dlnotes.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    told = "dlnotes: the command dlnotes needs typer, which is not installed; "
    assert done.stderr == f'{told}pip install "dlnotes[cli]"\n'


# ---- what the pages show -------------------------------------------------------------------------


def test_the_page_s_commands_hold(root, tmp_path, monkeypatch):
    page = (root / "book" / "api" / "cli.md").read_text(encoding="utf-8")
    lines = "".join(re.findall(r"^```sh\n(.+?)^```", page, re.M | re.S)).splitlines()
    words = [line.partition("#")[0].split()[1:] for line in lines]
    own = [w for w in words if w and w[0] in ("summary", "list", "shape")]
    assert len(own) >= 12
    (tmp_path / "my_nets.py").write_text("from dlnotes.specs import get\nsmall = get('dqn')\n")
    (tmp_path / "my_package").mkdir()
    (tmp_path / "my_package" / "models.py").write_text(
        "from torch import nn\ndef Net():\n    return nn.Conv2d(3, 8, 7, stride=2)\n"
        "def Words():\n    return nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 2))\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for command in own:
        assert dlnotes(*command)


def test_the_page_has_every_convention(root):
    text = (root / "book" / "api" / "counting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \|", text, re.M)
    assert rows == [(rule.name, rule.unit) for rule in counting.CONVENTIONS.values()]
