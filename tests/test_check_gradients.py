"""The checks of gradients pass on what is right and fail on every planted bug."""

import numpy as np
import pytest

from dlnotes import check


def line(capsys):
    return capsys.readouterr().out


# ---- a small operation and its planted bugs


def affine(x, w, b=None, *, scale=1.0):
    """y = scale * x @ w + b."""
    y = scale * (x @ w)
    return y if b is None else y + b


def affine_backward(dy, x, w, b=None, *, scale=1.0):
    return scale * (dy @ w.T), scale * (x.T @ dy), None if b is None else dy.sum(axis=0)


def bug_sign(dy, x, w, b=None, **options):
    dx, dw, db = affine_backward(dy, x, w, b, **options)
    return dx, -dw, db


def bug_option_forgotten(dy, x, w, b=None, *, scale=1.0):
    return affine_backward(dy, x, w, b)


def bug_uniform_dy(dy, x, w, b=None, **options):  # right only for an all-equal gradient
    return affine_backward(np.full_like(dy, dy.mean()), x, w, b, **options)


def bug_one_element(dy, x, w, b=None, **options):
    dx, dw, db = affine_backward(dy, x, w, b, **options)
    dx[1, 2] *= 1.001
    return dx, dw, db


def bug_mean_bias(dy, x, w, b=None, **options):
    dx, dw, db = affine_backward(dy, x, w, b, **options)
    return dx, dw, db / len(dy)


def bug_nan(dy, x, w, b=None, **options):
    dx, dw, db = affine_backward(dy, x, w, b, **options)
    return dx * np.nan, dw, db


BUGS = [bug_sign, bug_option_forgotten, bug_uniform_dy, bug_one_element, bug_mean_bias, bug_nan]


def torch_affine(x, w, b=None, *, scale=1.0):
    y = scale * (x @ w)
    return y if b is None else y + b


def gradient(backward, *inputs, **kw):
    check.gradient_check(affine, backward, *inputs, elements=None, **kw)


def adjoint(backward, *inputs, **kw):
    check.adjoint_check(affine, backward, *inputs, **kw)


def pytorch(backward, *inputs, **kw):
    check.against_torch(affine, backward, torch_affine, *inputs, **kw)


ORACLES = [gradient, adjoint, pytorch]


@pytest.fixture
def inputs():
    rng = np.random.default_rng(5)
    return [rng.standard_normal(shape) for shape in [(5, 3), (3, 2), (2,)]]


@pytest.mark.parametrize("oracle", ORACLES)
def test_oracles_pass_on_the_right_gradient(oracle, inputs, capsys):
    oracle(affine_backward, *inputs, options={"scale": 1.7})
    oracle(affine_backward, inputs[0], inputs[1], None)
    assert len(line(capsys).splitlines()) == 2


def test_oracles_print_the_same_line_everywhere(inputs, capsys):
    gradient(affine_backward, *inputs)
    adjoint(affine_backward, *inputs)
    pytorch(affine_backward, *inputs, label="linear")
    pytorch(None, *inputs)
    assert line(capsys).splitlines() == [
        "✓ affine: gradients of 3 inputs agree with central differences to 1e-6",
        "✓ affine: gradients of 3 inputs are the adjoint to 1e-10",
        "✓ linear: output (5, 2) and 3 gradients agree with PyTorch to 1e-10",
        "✓ affine: output (5, 2) agrees with PyTorch to 1e-10",
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bug", BUGS)
@pytest.mark.parametrize("oracle", ORACLES)
def test_oracles_catch_every_planted_bug(oracle, bug, seed, inputs):
    with pytest.raises(check.Mismatch, match=r"gradient of input \d"):
        oracle(bug, *inputs, options={"scale": 1.7}, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("oracle", ORACLES)
def test_oracles_hold_shape_and_dtype(oracle, inputs):
    def wrong_shape(dy, *a):
        dx, dw, db = affine_backward(dy, *a)
        return dx, dw.T, db

    def wrong_dtype(dy, *a):
        dx, dw, db = affine_backward(dy, *a)
        return dx, dw.astype(np.float32), db

    with pytest.raises(check.Mismatch, match=r"input 1 has shape \(2, 3\) float64.*\(3, 2\)"):
        oracle(wrong_shape, *inputs)
    with pytest.raises(check.Mismatch, match=r"input 1 has shape .* float32.* float64"):
        oracle(wrong_dtype, *inputs)


@pytest.mark.parametrize("oracle", ORACLES)
def test_oracles_want_a_gradient_for_each_floating_input(oracle, inputs):
    with pytest.raises(TypeError, match="returned 2 gradients for 3 floating inputs"):
        oracle(lambda *a: affine_backward(*a)[:2], *inputs)


@pytest.mark.parametrize("oracle", [gradient, adjoint])
def test_differences_refuse_float32(oracle, inputs):
    with pytest.raises(TypeError, match=r"input 1 is float32.*astype\(np.float64\)"):
        oracle(affine_backward, inputs[0], inputs[1].astype(np.float32))


def test_gradient_check_names_input_element_and_both_values(inputs):
    with pytest.raises(check.Mismatch, match=r"gradient of input 0 at \(1, 2\) is wrong"):
        gradient(bug_one_element, *inputs)
    with pytest.raises(check.Mismatch, match="input 0 along a random direction"):
        check.gradient_check(affine, bug_one_element, *inputs, elements=0)


def test_gradient_check_takes_integers_and_single_gradients():
    def pick(x, index):
        return x[np.arange(len(x)), index] ** 2

    def pick_backward(dy, x, index):
        dx = np.zeros_like(x)
        rows = np.arange(len(x))
        dx[rows, index] = 2 * dy * x[rows, index]
        return dx

    x, index = np.random.default_rng(0).standard_normal((5, 3)), np.array([0, 2, 1, 1, 0])
    check.gradient_check(pick, pick_backward, x, index)
    with pytest.raises(check.Mismatch):
        check.gradient_check(pick, lambda *a: pick_backward(*a) / 2, x, index)


def test_gradient_check_sees_a_gradient_that_should_be_zero():
    def zero(x):
        return np.ones(3) + 0 * x

    check.gradient_check(zero, lambda dy, x: np.zeros_like(x), np.ones(3))
    with pytest.raises(check.Mismatch):
        check.gradient_check(zero, lambda dy, x: np.full_like(x, 1e-6), np.ones(3))


def test_gradient_check_takes_empty_inputs():
    check.gradient_check(np.negative, lambda dy, x: -dy, np.zeros((0, 3)))


def test_adjoint_check_wants_a_jvp_for_what_is_not_affine():
    x = np.random.default_rng(0).standard_normal((5, 3))
    with pytest.raises(ValueError, match=r"tanh is not affine in input 0.*give jvp"):
        check.adjoint_check(np.tanh, lambda dy, x: dy, x)

    def jvp(inputs, position, v):
        return v * (1 - np.tanh(inputs[position]) ** 2)

    check.adjoint_check(np.tanh, lambda dy, x: dy * (1 - np.tanh(x) ** 2), x, jvp=jvp)
    with pytest.raises(check.Mismatch, match="is not the adjoint"):
        check.adjoint_check(np.tanh, lambda dy, x: dy * (1 - np.tanh(x)), x, jvp=jvp)


def test_against_torch_catches_wrong_outputs(inputs):
    def shifted(x, w, b=None):
        return affine(x, w, b) + 1e-6

    def single(x, w, b=None):
        return affine(x, w, b).astype(np.float32)

    def transposed(x, w, b=None):
        return affine(x, w, b).T

    for wrong, text in [
        (shifted, "output: 10 of 10 values differ"),
        (single, "output: dtypes differ; got float32, want float64"),
        (transposed, r"output: shapes differ; got \(2, 5\), want \(5, 2\)"),
    ]:
        with pytest.raises(check.Mismatch, match=text):
            check.against_torch(wrong, None, torch_affine, *inputs)
    with pytest.raises(check.Mismatch, match="output: shapes differ"):
        check.against_torch(transposed, lambda dy, *a: a, torch_affine, *inputs)


def test_against_torch_catches_changed_inputs(inputs):
    def greedy(x, w, b=None):
        y = affine(x, w, b)
        x *= 2
        return y

    with pytest.raises(check.Mismatch, match="input 0 was changed"):
        check.against_torch(greedy, None, torch_affine, *inputs)


def test_against_torch_compares_float32_and_other_option_names(inputs, capsys):
    single = [a.astype(np.float32) for a in inputs]
    pytorch(affine_backward, *single, rtol=1e-4, atol=1e-5)
    check.against_torch(
        affine,
        affine_backward,
        lambda x, w, b, *, alpha: alpha * (x @ w) + b,
        *inputs,
        options={"scale": 2.0},
        torch_options={"alpha": 2.0},
    )
    assert "to 0.0001" in line(capsys)


def test_against_torch_reads_views(inputs):
    x, w, b = inputs
    pytorch(affine_backward, x[::-1, ::-1], w[::-1], b[::-1])
    pytorch(affine_backward, np.asfortranarray(x), w, b)
