"""The file of records: added whole or not at all, never lost, never doubled, never overwritten."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlnotes.ladder.record import from_line, to_line
from dlnotes.ladder.records import Record, RecordsError, done, read, repair
from ladder_records import add, record

words = st.text(min_size=1, max_size=20)
shares = st.floats(0, 1)


@settings(max_examples=40)
@given(rung=words, seed=st.integers(0), share=shares, seconds=st.floats(0, 1e9), device=words)
def test_a_line_gives_the_record_back(rung, seed, share, seconds, device):
    one = record(rung, "modern", seed, validation=share, seconds=seconds, devices=(device,))
    line = to_line(one)
    assert from_line(line) == one
    assert line.count(b"\n") == 1
    assert line.splitlines(keepends=True) == [line]
    assert json.loads(line)["seed"] == seed


def test_records_are_read_in_the_order_of_their_adding(tmp_path):
    path = tmp_path / "new" / "ladder.jsonl"
    some = [record("2", seed=1), record("1"), record("1", "faithful"), record("1", seed=1)]
    assert [add(path, one) for one in some] == [(one,) for one in some]
    assert read(path) == tuple(some)
    assert done(path) == {one.key for one in some}
    assert read(str(path)) == read(path)


def test_a_run_is_recorded_once_and_the_first_stands(tmp_path):
    path = tmp_path / "ladder.jsonl"
    add(path, record(test=0.5))
    before = path.read_bytes()
    assert add(path, record(test=0.6)) == ()
    assert path.read_bytes() == before


def test_records_that_belong_together_are_added_in_one_step(tmp_path):
    path = tmp_path / "ladder.jsonl"
    add(path, record(seed=1))
    some = [record(seed=seed) for seed in (0, 1, 2, 2)]
    assert add(path, *some) == (some[0], some[2])
    assert [one.seed for one in read(path)] == [1, 0, 2]
    before = path.read_bytes()
    with pytest.raises(RecordsError, match="other data do not belong there"):
        add(path, record(seed=3), record(seed=4, data="digits"))
    assert path.read_bytes() == before


def test_earlier_lines_keep_their_bytes(tmp_path):
    path = tmp_path / "ladder.jsonl"
    odd = json.dumps(json.loads(to_line(record())), indent=None, separators=(" , ", " :  "))
    add(path, record())
    path.write_bytes(odd.encode() + b"\n")
    add(path, record(seed=1))
    assert path.read_bytes() == odd.encode() + b"\n" + to_line(record(seed=1))


def test_a_file_that_is_not_there_has_no_records_and_is_not_made(tmp_path):
    assert read(tmp_path / "none.jsonl") == ()
    assert repair(tmp_path / "none.jsonl") is None
    assert list(tmp_path.iterdir()) == []


# ---- damage --------------------------------------------------------------------------------------

GOOD = to_line(record()) + to_line(record(seed=1))


@settings(max_examples=40)
@given(cut=st.integers(1, len(to_line(record(seed=2)))))
def test_a_file_cut_in_the_middle_of_its_last_line_is_told_and_kept(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "ladder.jsonl"
    add(path, *(record(seed=seed) for seed in range(3)))
    path.write_bytes(damaged := GOOD + to_line(record(seed=2))[:-cut])
    if damaged == GOOD:
        assert len(read(path)) == 2
        return
    for call in (lambda: read(path), lambda: add(path, record(seed=3)), lambda: done(path)):
        with pytest.raises(RecordsError, match=r"^read: line 3 of .* is no record") as e:
            call()
        assert "nothing was changed; `dlnotes ladder repair` moves" in str(e.value)
    assert path.read_bytes() == damaged
    aside = repair(path)
    if cut == 1:  # the newline alone was missing
        assert aside is None
        assert path.read_bytes() == damaged + b"\n"
    else:
        assert path.read_bytes() == GOOD
        assert aside.read_bytes() == damaged[len(GOOD) :]
    assert add(path, record(seed=3))
    assert len(read(path)) == 3 + (cut == 1)


FIELDS = json.loads(to_line(record(seed=5)))
LINES = {
    "no JSON": (b"rubbish\n", "no whole JSON object"),
    "no UTF-8": (b'{"rung": "\xff"}\n', "no whole JSON object"),
    "a list": (b"[1, 2]\n", "it is no JSON object but list"),
    "an empty line": (b"\n", "no whole JSON object"),
    "a field missing": (
        json.dumps({k: v for k, v in FIELDS.items() if k != "epoch"}).encode() + b"\n",
        "missing epoch; unknown none",
    ),
    "a field too many": (
        json.dumps(FIELDS | {"luck": 7}).encode() + b"\n",
        "missing none; unknown luck",
    ),
    "percent": (
        json.dumps(FIELDS | {"test": 97.8}).encode() + b"\n",
        r"test must be a float from 0 to 1; got test=97\.8",
    ),
    "brackets without end": (b"[" * 10**5 + b"\n", "no whole JSON object"),
    "NaN": (
        json.dumps(FIELDS | {"test": float("nan")}).encode() + b"\n",
        "test must be a float from 0 to 1; got test=nan",
    ),
    "another figure": (
        json.dumps(FIELDS | {"test": 0.5}).encode() + b"\n",
        r"rung 1, modern, seed 5: its test is 0\.5, and the share of its right answers is 0\.9771",
    ),
    "another validation": (
        json.dumps(FIELDS | {"validation": 0.98, "history": [0, 0, 0, 0.1, 0.98]})
        .replace("[0, 0, 0,", "[0.0, 0.0, 0.0,")
        .encode()
        + b"\n",
        r"its validation is 0\.98, and the share of its right answers is 0\.978",
    ),
    "other images": (
        json.dumps(FIELDS | {"test_images": 100}).encode() + b"\n",
        "its test_images is 100, and there are answers to 10000 and labels of 10000",
    ),
    "no answers": (to_line(record(seed=6)), r"the file of its answers .*1-modern-6-.* is missing"),
    "an early form": (
        json.dumps({k: v for k, v in FIELDS.items() if k != "form"}).encode() + b"\n",
        "it is of an early form, written by another version of dlnotes; this one has form 2",
    ),
    "a later form": (
        json.dumps(FIELDS | {"form": 3}).encode() + b"\n",
        "it is of form 3, written by another version",
    ),
}


@pytest.mark.parametrize("kind", LINES)
def test_a_damaged_line_is_told_with_its_number(tmp_path, kind):
    line, reason = LINES[kind]
    path = tmp_path / "ladder.jsonl"
    add(path, record(), record(seed=1), record(seed=5))
    path.write_bytes(to_line(record()) + line + to_line(record(seed=1)))
    with pytest.raises(RecordsError, match=f"line 2 of .* is no record: .*{reason}"):
        read(path)
    aside = repair(path)
    assert path.read_bytes() == GOOD
    assert aside.read_bytes() == line
    assert repair(path) is None


def test_a_run_that_stands_twice_is_told_and_the_second_moved_away(tmp_path):
    path = tmp_path / "ladder.jsonl"
    add(path, record(), record(seed=1))
    second = to_line(replace(record(seed=1), seconds=9.0))
    path.write_bytes(GOOD + second)
    with pytest.raises(RecordsError, match=r"lines 2 and 3 of .* are of one run; got \('1', 'mod"):
        add(path, record(seed=9))
    assert repair(path).read_bytes() == second
    assert path.read_bytes() == GOOD


def test_other_data_do_not_enter(tmp_path):
    path = tmp_path / "ladder.jsonl"
    add(path, record())
    before = path.read_bytes()
    for other in (record(seed=1, data="digits"), record(seed=1, data_sha256="cd" * 32)):
        with pytest.raises(RecordsError, match=r"holds runs on mnist \(abababababab…\)"):
            add(path, other)
    assert path.read_bytes() == before


def test_a_link_leads_to_the_file_and_stays_a_link(tmp_path):
    path, link = tmp_path / "here" / "ladder.jsonl", tmp_path / "link.jsonl"
    add(path, record())
    link.symlink_to(path)
    add(link, record(seed=1))
    add(path, record(seed=2))
    assert link.is_symlink()
    assert [one.seed for one in read(path)] == [0, 1, 2]
    path.write_bytes(path.read_bytes() + b"rubbish")
    assert repair(link).parent == path.parent
    assert read(path) == read(link)
    assert {one.name for one in tmp_path.iterdir()} == {"here", "link.jsonl"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rung", ""),
        ("recipe", None),
        ("seed", -1),
        ("seed", True),
        ("seed", 0.0),
        ("validation", 97.8),
        ("test", 1),
        ("test", float("nan")),
        ("epoch", 0),
        ("seconds", float("inf")),
        ("seconds", -1.0),
        ("data_sha256", "ab"),
        ("commits", ("main",)),
        ("commits", ()),
        ("devices", ["a list"]),
        ("group", (0, -1)),
        ("digest", "ab"),
        ("history", (0.5,)),
        ("history", (0.0, 0.0, 0.0, 0.99, 0.978)),
        ("history", (0.978, 0.0, 0.0, 0.0, 0.0)),
        ("losses", (1.0, 0.5, 0.25, 0.125, float("nan"))),
        ("versions", {}),
        ("versions", "3"),
    ],
)
def test_a_record_of_nothing_is_refused(field, value):
    with pytest.raises(RecordsError, match=rf"^Record: {field} must be .*; got {field}=.*; pass "):
        record(**{field: value})


def test_the_epoch_is_the_last_of_the_best():
    for epoch in (1, 4, 6):
        with pytest.raises(RecordsError, match=rf"whose last best is 0\.978 of epoch={epoch}; got"):
            record(epoch=epoch)
    assert record(history=(0.978,) * 5).epoch == 5


# ---- several at once, a full disk, a kill --------------------------------------------------------


def test_threads_that_add_at_once_lose_and_double_nothing(tmp_path):
    path = tmp_path / "ladder.jsonl"
    some = [record(seed=seed % 10) for seed in range(30)]
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda one: add(path, one), some))
    assert sum(map(len, added)) == 10
    assert sorted(one.seed for one in read(path)) == list(range(10))


ADDER = """
import sys
sys.path[:0] = ["tests"]
from ladder_records import add, record
for seed in range(int(sys.argv[2]), int(sys.argv[3])):
    add(sys.argv[1], record(seed=seed))
    print(seed, flush=True)
"""


def start(root, path, first, end, code=ADDER):
    command = [sys.executable, "-c", code, str(path), str(first), str(end)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=root, **pipes)


def test_processes_that_add_at_once_lose_and_double_nothing(root, tmp_path):
    path = tmp_path / "ladder.jsonl"
    both = [start(root, path, 0, 25), start(root, path, 15, 40)]
    for process in both:
        _, error = process.communicate(timeout=60)
        assert (process.returncode, error) == (0, "")
    assert sorted(one.seed for one in read(path)) == list(range(40))


def test_a_kill_at_any_moment_leaves_whole_lines(root, tmp_path):
    path = tmp_path / "ladder.jsonl"
    first = 0
    for _ in range(4):
        process = start(root, path, first, 10**6)
        told = [process.stdout.readline() for _ in range(12)]
        process.kill()  # somewhere in the thirteenth
        rest, _ = process.communicate(timeout=60)
        last = int((told + rest.splitlines())[-1])
        seeds = [one.seed for one in read(path)]
        assert seeds in (list(range(last + 1)), list(range(last + 2)))
        first = len(seeds)


FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n" + ADDER


def test_a_full_disk_is_told_and_earlier_lines_stand(root, tmp_path):
    path = tmp_path / "ladder.jsonl"
    process = start(root, path, 0, 10, code=FULL)
    told, error = process.communicate(timeout=60)
    assert process.returncode == 1
    last = error.splitlines()[-1]
    assert "RecordsError: records: cannot write" in last
    assert "its lines are as they were; got [Errno 27] File too large; free space" in last
    assert [one.seed for one in read(path)] == [int(word) for word in told.split()]
    assert len(read(path)) >= 2
    assert add(path, record(seed=99))
    assert {p.name for p in tmp_path.iterdir()} == {"ladder", "ladder.jsonl", "ladder.jsonl.lock"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordsError, match=r"records: cannot lock .*, and its lines are"):
        add(tmp_path / "file" / "ladder.jsonl", record())
    with pytest.raises(RecordsError, match="records: cannot read"):
        read(tmp_path)


# ---- what stands in the project ------------------------------------------------------------------


def test_the_books_records_are_whole_and_of_mnist(root):
    some = read(root / "book" / "results" / "ladder.jsonl")
    assert {one.data for one in some} <= {"mnist"}
    assert len({one.data_sha256 for one in some}) <= 1
    assert all(isinstance(one, Record) for one in some)
    assert all(one.test_images == 10_000 for one in some)
