"""Away from the processor: convolutions as batched products, evaluation in bounded parts."""

import pytest
import torch
from torch.nn import functional as F

from dlnotes.ladder._engine import choice, settings
from dlnotes.ladder._engine.choice import classes_of, logits
from dlnotes.ladder._engine.members import Members
from dlnotes.ladder._engine.products import convolve
from ladder_cases import small_data, small_network

IMAGES = torch.from_numpy(small_data().test_images)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("batch", [1, 4])
def test_products_are_the_convolutions_of_each_member_with_their_gradients(members, batch):
    torch.manual_seed(0)
    shapes = (members, batch, 2, 9, 7), (members, 5, 2, 4, 3), (members, 5)
    given = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    dy = torch.randn(members, batch, 5, 6, 5, dtype=torch.float64)
    x, weight, bias = given
    found = convolve(*(one.flatten(0, 1) for one in given), members).unflatten(0, (members, -1))
    expected = torch.stack([F.conv2d(x[m], weight[m], bias[m]) for m in range(members)])
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)
    ours, theirs = (torch.autograd.grad(y, given, dy) for y in (found, expected))
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


def test_members_answer_alike_in_both_layouts():
    x = torch.rand(3, 6, 1, 28, 28)
    here, there = (Members(small_network(), [3, 4, 5]) for _ in range(2))
    there.on_processor = False
    torch.testing.assert_close(there(x, 7), here(x, 7), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("most", "part"), [(choice.MOST, 250), (120, 30), (1, 1)])
def test_many_networks_see_fewer_images_at_a_time(monkeypatch, most, part):
    net, seen = Members(small_network(), range(4)), []
    net.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[1]))
    expected = classes_of(logits(net, IMAGES[:60]))
    monkeypatch.setattr(choice, "MOST", most)
    seen.clear()
    assert torch.equal(classes_of(logits(net, IMAGES[:60])), expected)
    assert seen == [min(60, part)] * (60 // min(60, part))


def test_full_float32_is_asked_for_and_given_back():
    convolutions, products = torch.backends.cudnn.conv, torch.backends.cuda.matmul
    before = convolutions.fp32_precision, products.fp32_precision
    products.fp32_precision = "tf32"  # by the newer of two names, which do not mix
    try:
        with settings.steady(torch.device("cuda")):
            assert (convolutions.fp32_precision, products.fp32_precision) == ("ieee", "ieee")
        assert (convolutions.fp32_precision, products.fp32_precision) == (before[0], "tf32")
        with settings.steady(torch.device("cpu")):  # what it does not use, it does not touch
            assert (convolutions.fp32_precision, products.fp32_precision) == (before[0], "tf32")
    finally:
        products.fp32_precision = before[1]
