"""`close` and `shows` pass on what is right, fail on what is not, and say where."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from dlnotes import _files, check
from dlnotes.check import catalogue

CATALOGUE = """
- id: sizes
  title: Sizes
  show:
    output: [[1, 2], [3, 4]]
    name: relu
    ratio: 0.50
    large: 1.5e+3
    mixed: [3, 0.731, valid]
    flag: true
- id: empty
  title: Nothing to show
  show: {}
"""


# ---- close


def line(capsys):
    return capsys.readouterr().out


def test_close_prints_the_tolerance_met_never_the_difference(capsys):
    check.close(np.array([1.0, 2.0]), [1.0 + 1e-13, 2.0], label="forward")
    assert line(capsys) == "✓ forward: agree to 1e-10, shape (2,)\n"


@pytest.mark.parametrize(
    ("rtol", "atol", "text"),
    [(1e-6, 0, "agree to 1e-6"), (0, 1e-8, "agree to 1e-8 absolute"), (1e-3, 0, "agree to 0.001")],
)
def test_close_names_the_tolerance(capsys, rtol, atol, text):
    check.close(2.0, 2.0, rtol=rtol, atol=atol)
    assert line(capsys) == f"✓ {text}, shape ()\n"


def test_close_says_no_tick_where_nothing_was_compared(capsys):
    check.close([], np.zeros(0), label="empty")
    assert line(capsys) == "empty: nothing to compare, shape (0,)\n"


def test_close_compares_integers_exactly(capsys):
    check.close(np.arange(3), torch.arange(3), label="index")
    assert line(capsys) == "✓ index: equal, shape (3,)\n"
    big = 10**17  # as floats, and within a tolerance, these two would be equal
    with pytest.raises(check.Mismatch, match=f"got {big + 1}, want {big}"):
        check.close(np.array([big + 1]), np.array([big]))


def test_close_takes_tensors_that_need_gradients():
    check.close(np.ones((2, 3)), torch.ones(2, 3, dtype=torch.float64, requires_grad=True))


def test_close_lets_lists_take_the_others_kind():
    check.close(np.array([1.0, 2.0]), [1, 2])
    check.close([1.0], np.array([1]))


def test_close_names_the_largest_difference_its_index_and_both_values():
    want = np.zeros((2, 3))
    got = want.copy()
    got[0, 1], got[1, 2] = 0.25, -0.5
    with pytest.raises(check.Mismatch) as caught:
        check.close(got, want, label="dx")
    text = str(caught.value)
    assert text.startswith("dx: 2 of 6 values differ by more than rtol=1e-10, atol=1e-12")
    assert text.endswith("the largest difference is 0.5 at index (1, 2): got -0.5, want 0.0")


@pytest.mark.parametrize(
    ("got", "want", "text"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), r"shapes differ; got \(2, 3\), want \(3, 2\)"),
        (np.zeros(1), np.zeros(()), r"shapes differ; got \(1,\), want \(\)"),
        (np.zeros(2), np.zeros(2, dtype=int), "kinds differ; got float64, want int64"),
        (np.zeros(2), np.zeros(2, dtype=bool), "kinds differ; got float64, want bool"),
        ([1.0, np.nan], [1.0, np.nan], r"1 of 2 values differ.*nan at index \(1,\)"),
        ([np.nan, 5.0], [0.0, 0.0], r"2 of 2.*at index \(0,\): got nan, want 0.0"),
        ([np.inf], [1.0], r"1 of 1.*got inf, want 1.0"),
        ([np.inf], [-np.inf], r"1 of 1.*got inf, want -inf"),
        ([1], [2], r"1 of 1.*got 1, want 2"),
        ([1.0 + 1e-9], [1.0], r"1 of 1"),
        (np.float32([1 + 1e-6]), np.float64([1]), "float32 carries about 7 digits"),
    ],
)
def test_close_fails(got, want, text):
    with pytest.raises(check.Mismatch, match=text):
        check.close(got, want)


def test_close_accepts_equal_infinities_and_nothing():
    check.close([np.inf, -np.inf], [np.inf, -np.inf])
    check.close(np.zeros((0, 3)), np.zeros((0, 3)))


def test_close_refuses_what_is_no_number():
    with pytest.raises(TypeError, match=r"values are <U3, not numbers; got str 'abc'"):
        check.close("abc", [1])
    with pytest.raises(ValueError, match="inhomogeneous"):
        check.close([[1], [1, 2]], [1])


# ---- shows


@pytest.fixture
def sizes(tmp_path, monkeypatch):
    (tmp_path / "book").mkdir()
    path = tmp_path / "book" / "concepts.yml"
    path.write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(catalogue, "_find", lambda: path)
    return path


def test_shows_passes_and_prints_one_line(sizes, capsys):
    check.shows("sizes", output=np.array([[1.0, 2.0], [3.0, 4.0]]), name="relu")
    assert line(capsys) == "✓ sizes: as in the catalogue: output, name\n"
    check.shows("sizes", output=torch.tensor([[1, 2], [3, 4]]), ratio=np.float32(0.5), flag=True)
    check.shows("sizes", output=((1, 2), (3, 4)), mixed=(3, 0.73149, "valid"), large=1500.04)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("output", [[1, 2], [3, 5]]),
        ("output", [[1, 2, 3, 4]]),
        ("output", [1, 2, 3, 4]),
        ("output", [[1, 2], [3, 4.0000001]]),
        ("output", 1),
        ("output", np.full((2, 2), np.nan)),
        ("name", "Relu"),
        ("name", 3),
        ("ratio", 0.51),
        ("ratio", 0.4949),  # two decimals are given: 0.49
        ("ratio", "0.50"),
        ("ratio", None),
        ("ratio", np.nan),
        ("mixed", [3, 0.7316, "valid"]),
        ("flag", 1),
        ("flag", False),
        ("large", 1600.0),
    ],
)
def test_shows_fails(sizes, key, value):
    with pytest.raises(check.Mismatch, match=f"concept 'sizes', {key}: got .*, want "):
        check.shows("sizes", **{key: value})


def test_shows_names_concept_key_and_both_values(sizes):
    with pytest.raises(check.Mismatch) as caught:
        check.shows("sizes", ratio=0.625)
    assert str(caught.value) == "shows: concept 'sizes', ratio: got 0.625, want 0.50"


def test_shows_rounds_to_the_decimals_as_written(sizes):
    check.shows("sizes", ratio=0.5049)  # 0.50 in the catalogue has two decimals, not one
    with pytest.raises(check.Mismatch):
        check.shows("sizes", ratio=0.53)


def test_shows_names_the_nearest_concept_and_key(sizes):
    with pytest.raises(ValueError, match="no concept 'size'; nearest concepts: sizes"):
        check.shows("size", output=1)
    with pytest.raises(ValueError, match="'sizes' has no key 'outputs'; nearest keys: output"):
        check.shows("sizes", outputs=1)
    with pytest.raises(ValueError, match="'empty' has no key 'n'; nearest keys: it has no keys"):
        check.shows("empty", n=1)


def test_shows_refuses_to_check_nothing(sizes):
    with pytest.raises(ValueError, match=r"no value to check.*keys: output, name, ratio"):
        check.shows("sizes")


def test_shows_sees_an_edit_of_the_catalogue(sizes):
    check.shows("sizes", name="relu")
    sizes.write_text(CATALOGUE.replace("name: relu", "name: gelu!"), encoding="utf-8")
    check.shows("sizes", name="gelu!")


def test_shows_finds_the_catalogue_of_this_book():
    check.shows("emboss-pixel", without_flip=-8, with_flip=np.float64(8))
    with pytest.raises(check.Mismatch, match="emboss-pixel"):
        check.shows("emboss-pixel", without_flip=8)


def test_shows_takes_the_packaged_catalogue_and_says_when_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "PACKAGE", tmp_path / "dlnotes")
    with pytest.raises(FileNotFoundError, match=r"no book/concepts.yml.*or install dlnotes again"):
        check.shows("sizes", name="relu")
    (tmp_path / "dlnotes" / "_book").mkdir(parents=True)
    (tmp_path / "dlnotes" / "_book" / "concepts.yml").write_text(CATALOGUE, encoding="utf-8")
    check.shows("sizes", name="relu")


# ---- the package


def test_importing_the_checks_loads_numpy_alone():
    code = (
        "import sys, dlnotes.check; "
        "print(sorted({'torch', 'yaml', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr
