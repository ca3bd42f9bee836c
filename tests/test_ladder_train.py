"""The engine: members, seeds, shifted images, the choice of the epoch, votes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlnotes import torch_models
from dlnotes.ladder import rungs
from dlnotes.ladder._engine import committee, train
from dlnotes.ladder._engine.batches import SHIFTS, Batches
from dlnotes.ladder._engine.choice import Choice, classes_of, logits
from dlnotes.ladder._engine.members import Members
from dlnotes.ladder._engine.outcome import Votes
from dlnotes.ladder._engine.train import Run
from ladder_cases import IMAGES, small_data, small_network, small_rung

DATA = small_data()


def run(seeds=(0,), recipe="modern", **changes):
    """Train a small rung, without leaving anything behind."""
    one = Run(small_rung(**changes), recipe, seeds, DATA)
    one.train()
    one.finish()
    return one


def values(one, member=0):
    return one.net.member(member)


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


# ---- members


@pytest.mark.parametrize("name", ["1", "2", "4", "7"])
def test_a_member_is_the_module_that_torch_models_makes(name):
    network = rungs.get(name).spec
    net = Members(network, [3, 4]).eval()
    x = torch.rand(2, 5, 1, 28, 28)
    for j in range(2):
        module = torch_models.build(network)
        module.load_state_dict(net.member(j))
        torch.testing.assert_close(net(x)[j], module.eval()(x[j]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("recipe", ["modern", "faithful"])
def test_members_trained_together_are_those_trained_apart(recipe):
    together = run((2, 5, 3), recipe, expanded=True, epochs=2)
    for j, seed in enumerate((2, 5, 3)):
        apart = run((seed,), recipe, expanded=True, epochs=2)
        for name, value in values(apart).items():
            torch.testing.assert_close(values(together, j)[name], value, rtol=1e-3, atol=1e-4)
        (alone,), (_, _, _) = apart.finish(), together.finish()
        one = together.finish()[j]
        assert (one.seed, one.epoch, one.parameters) == (seed, alone.epoch, alone.parameters)
        assert one.history == pytest.approx(alone.history, abs=2 / 300)


def test_members_know_nothing_of_each_other():
    first, second = run((1, 2)), run((1, 9))
    assert same(values(first), values(second))
    assert not same(values(first, 1), values(second, 1))


def test_members_need_a_seed():
    with pytest.raises(ValueError, match="no seed was given; give one for each member"):
        Members(small_network(), [])


# ---- seeds


def test_the_same_seed_gives_the_same_bits_and_another_one_others():
    first, again, other = run((4,)), run((4,)), run((5,))
    assert same(values(first), values(again))
    assert first.finish()[0].history == again.finish()[0].history
    assert not same(values(first), values(other))


def test_the_seed_alone_decides_not_what_was_drawn_before():
    torch.manual_seed(0)
    first = run((4,))
    torch.manual_seed(1)
    torch.rand(100)
    assert same(values(first), values(run((4,))))


def test_the_settings_of_a_thread_are_given_back():
    before = torch.get_num_threads()
    run()
    assert torch.get_num_threads() == before


# ---- images


def test_expanded_data_are_the_images_shifted_as_the_origin_shifts_them():
    batches = Batches(DATA.train_images[:7], DATA.train_labels[:7], expanded=True)
    images, labels = batches.take(torch.arange(35))
    assert SHIFTS == ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
    for j, image in enumerate(DATA.train_images[:7, 0]):
        expected = [image]
        # expand_mnist.py: roll by d along an axis, then empty the row or column that came around
        for d, axis, index in [(1, 0, 0), (-1, 0, 27), (1, 1, 0), (-1, 1, 27)]:
            moved = np.roll(image, d, axis)
            moved[(index, slice(None)) if axis == 0 else (slice(None), index)] = 0
            expected.append(moved)
        np.testing.assert_array_equal(images[5 * j : 5 * j + 5, 0], expected)
        assert set(labels[5 * j : 5 * j + 5].tolist()) == {DATA.train_labels[j]}


def test_shifted_images_are_not_copied_in_advance():
    batches = Batches(DATA.train_images, DATA.train_labels, expanded=True)
    assert batches.windows.untyped_storage().nbytes() == IMAGES * 30 * 30 * 4


def test_orders_are_permutations_mixed_as_the_recipe_says():
    batches = Batches(DATA.train_images, DATA.train_labels, expanded=True)
    orders = {
        how: [batches.order(3, epoch, how) for epoch in (0, 1)] for how in ("file", "once", "epoch")
    }
    for first, second in orders.values():
        assert first.sort().values.tolist() == second.sort().values.tolist() == list(range(5 * 203))
    equal = {how: torch.equal(*pair) for how, pair in orders.items()}
    assert equal == {"file": True, "once": True, "epoch": False}
    assert orders["file"][0].tolist() == list(range(5 * 203))
    assert orders["once"][0].tolist() != list(range(5 * 203))


def test_every_image_needs_a_label():
    with pytest.raises(ValueError, match="got 203 images and 200 labels"):
        Batches(DATA.train_images, DATA.train_labels[:200])


# ---- choosing


def test_the_epoch_with_the_best_validation_is_kept_the_later_of_equals():
    net = Members(small_network(), [0, 1])
    choice = Choice(net)
    labels, kept = torch.zeros(10, dtype=torch.int64), []
    for epoch, found in enumerate([[0.5, 0.7], [0.9, 0.6], [0.9, 0.7], [0.8, 0.1]]):
        for value in net.parameters():
            value.data.fill_(epoch)
        classes = [
            [0] * round(10 * share) + [epoch + 1] * round(10 - 10 * share) for share in found
        ]
        choice.offer(torch.tensor(classes, dtype=torch.uint8), labels)
        kept.append(list(choice.epoch))
    assert kept == [[1, 1], [2, 1], [3, 3], [3, 3]]
    assert choice.accuracy == [0.9, 0.7]
    assert [classes.sum().item() for classes in choice.classes] == [3, 3 * 3]
    choice.restore()
    assert all((value == 2).all() for value in net.parameters())


def test_the_outcome_is_that_of_the_chosen_epoch():
    one = run((0,), epochs=5, rate=0.3)
    (outcome,) = one.finish()
    assert outcome.validation == max(outcome.history) == outcome.history[outcome.epoch - 1]
    module = torch_models.build(one.rung.spec).eval()
    module.load_state_dict(one.net.member(0))
    for images, labels, accuracy in [
        (DATA.validation_images, DATA.validation_labels, outcome.validation),
        (DATA.test_images, train.load_test_labels("digits"), outcome.test),
    ]:
        classes = module(torch.from_numpy(images)).argmax(1).numpy()
        assert (classes == labels).mean() == pytest.approx(accuracy, abs=1e-12)
    assert np.array_equal(classes, outcome.answers.test)
    right = outcome.answers.validation == DATA.validation_labels
    assert right.mean() == pytest.approx(outcome.validation, abs=1e-12)
    assert same(outcome.network, one.net.member(0))
    assert outcome.votes is None


def test_the_loss_of_an_epoch_is_the_mean_of_its_steps():
    one, other = (Run(small_rung(epochs=2), "modern", [0, 1], DATA) for _ in "12")
    one.train()
    sums = torch.zeros(2)
    while other.step < other.epoch_steps - 1:
        other.advance(1)
    sums = other.losses.clone()
    other.advance(1)
    curve = [outcome.losses for outcome in one.finish()]
    assert [len(losses) for losses in curve] == [2, 2]
    for losses, some in zip(curve, (sums / other.epoch_steps).tolist(), strict=True):
        assert some < losses[0] < some + 3 / other.epoch_steps
        assert losses[1] < losses[0]


def test_all_commits_and_devices_that_had_a_part_are_told(tmp_path):
    first = Run(small_rung(), "modern", [0], DATA, folder=tmp_path)
    first.commits, first.devices = ["a" * 40], ["a processor"]
    first.advance(7)
    first.checkpoint.write(first.state())
    second = Run(small_rung(), "modern", [0], DATA, folder=tmp_path)
    here = second.commits[0], second.devices[0]
    second.train()
    (outcome,) = second.finish()
    assert outcome.commits == ("a" * 40, here[0])
    assert outcome.devices == ("a processor", here[1])


def test_the_test_labels_are_loaded_once_and_at_the_end(monkeypatch):
    loads = []

    def labels(name):
        assert one.step == one.steps, "the test labels were touched before the end"
        loads.append(name)
        return np.zeros(300, np.int64)

    monkeypatch.setattr(train, "load_test_labels", labels)
    one = Run(small_rung(), "modern", [0], DATA)
    with pytest.raises(train.TrainingError, match=r"step 0 of 30.*call train\(\) first"):
        one.finish()
    one.train()
    assert loads == []
    assert not hasattr(DATA, "test_labels")
    assert one.finish() == one.finish()
    assert loads == ["digits"]


# ---- votes


def test_the_majority_decides_and_where_it_is_tied_the_mean_probability():
    net = Members(small_network(dropout=False), range(5))
    with torch.no_grad():
        given = logits(net, torch.from_numpy(DATA.test_images))
    votes = [Votes(classes_of(one)[None], one.softmax(-1).half()[None]) for one in given]
    (found,) = committee.count(votes)
    tied_now = 0
    for place, classes in enumerate(given.argmax(-1).T):
        counts = torch.bincount(classes, minlength=10)
        tied = (counts == counts.max()).nonzero().flatten()
        mean = given[:, place].softmax(-1).half().float().mean(0)
        assert found[place] == tied[mean[tied].argmax()]
        tied_now += len(tied) > 1
    assert 0 < tied_now < len(found)


def test_votes_are_kept_of_each_epoch_where_they_are_asked_for():
    one = run((0, 1), asked=True)
    for outcome in one.finish():
        classes, chances = outcome.votes.classes, outcome.votes.probabilities
        images = len(DATA.validation_labels)
        assert classes.shape == (3, images + len(DATA.test_images))
        right = (classes[:, :images] == torch.from_numpy(DATA.validation_labels)).sum(1)
        assert (right / images).tolist() == pytest.approx(outcome.history)
        chosen = classes[outcome.epoch - 1].numpy()
        assert np.array_equal(chosen[:images], outcome.answers.validation)
        assert np.array_equal(chosen[images:], outcome.answers.test)
        assert (chances.float().argmax(-1) == classes).double().mean() > 0.99
        torch.testing.assert_close(
            chances.float().sum(-1), torch.ones(classes.shape), atol=0.01, rtol=0
        )
    assert not same(values(one, 0), values(one, 1))


# ---- devices


@pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a CUDA device; test_ladder_launches pretends one"
)
def test_a_gpu_gives_the_numbers_of_the_processor():
    rung = small_rung(dropout=False, expanded=True)
    runs = [Run(rung, "modern", [0, 1], DATA, device=d) for d in ("cpu", "cuda")]
    for one in runs:
        one.train()
    first, second = (one.finish() for one in runs)
    for one, other in zip(first, second, strict=True):
        assert other.history == pytest.approx(one.history, abs=5 / 300)


def test_a_batch_larger_than_the_data_becomes_the_data():
    few = replace(DATA, train_images=DATA.train_images[:8], train_labels=DATA.train_labels[:8])
    one = Run(small_rung(), "modern", [0], few)
    assert (one.batch, one.epoch_steps, one.steps) == (8, 1, 3)
