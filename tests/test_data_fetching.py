"""Downloads from mirrors on loopback: dead, wrong, cut, and at last good; two at once."""

import os
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from dlnotes.data import DataError, load_mnist, load_mnist_test_labels
from dlnotes.data.fetching import cache_folder, fetch
from small_mnist import TRAIN, arrays, broken_off, contents, mirror, missing, release, whole, wrong


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, and no folder with the files."""
    monkeypatch.delenv("DLNOTES_DATA", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setenv("DLNOTES_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "small"


@pytest.fixture
def dead():
    """An address at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_the_first_good_mirror_wins(dead, cache):
    with mirror(wrong) as second, mirror(whole) as third, mirror(whole) as fourth:
        data = load_mnist(release(dead, second.address, third.address, fourth.address))
        labels = load_mnist_test_labels(release(third.address))
        again = load_mnist(release())
    given = arrays()
    ink = given["train_images"][:, np.newaxis] / 255
    np.testing.assert_allclose(data.train_images, ink[:TRAIN], rtol=1e-6)
    np.testing.assert_allclose(data.validation_images, ink[TRAIN:], rtol=1e-6)
    assert np.array_equal(data.train_labels, given["train_labels"][:TRAIN])
    assert np.array_equal(data.validation_labels, given["train_labels"][TRAIN:])
    assert np.array_equal(labels, given["test_labels"])
    assert np.array_equal(again.train_images, data.train_images)
    assert (data.train_images.dtype, labels.dtype) == (np.float32, np.int64)
    assert len(second.asked) == 3
    assert len(third.asked) == 4
    assert fourth.asked == []
    kept = {path.name for path in cache.iterdir() if path.suffix != ".lock"}
    assert kept == set(contents())


def test_the_test_labels_are_not_touched_with_the_images(cache):
    with mirror(whole) as good:
        load_mnist(release(good.address))
        assert "test_labels.gz" not in {name for name, _ in good.asked}


def test_a_download_that_broke_off_goes_on(cache):
    file = release().train_images
    part = cache / "train_images.gz.part"
    with mirror(broken_off) as cut, mirror(whole) as good:
        with pytest.raises(DataError, match=r"no mirror gave train_images\.gz: .*IncompleteRead"):
            fetch(file, (cut.address,), folder="small")
        first = part.stat().st_size
        assert fetch(file, (cut.address, good.address), folder="small") == contents()[file.name]
    # nearly half has come, then nearly half of the rest; a part of a buffer may be lost
    assert file.size // 3 < first <= file.size // 2
    assert cut.asked == [(file.name, ""), (file.name, f"bytes={first}-")]
    ((_, last),) = good.asked
    assert first < int(last.removeprefix("bytes=").removesuffix("-")) < file.size
    assert not part.exists()


@pytest.mark.parametrize(
    "begun", [b"", b"x" * 2000, b"x" * 10**5], ids=["empty", "other", "larger"]
)
def test_a_wrong_beginning_is_dropped(cache, begun):
    file = release().train_images
    cache.mkdir(parents=True)
    (cache / "train_images.gz.part").write_bytes(begun)
    with mirror(whole) as good:
        assert fetch(file, (good.address,), folder="small") == contents()[file.name]


def test_a_mirror_without_ranges_serves_a_begun_file(cache):
    file = release().train_images
    cache.mkdir(parents=True)
    (cache / "train_images.gz.part").write_bytes(contents()[file.name][:3000])
    with mirror(lambda name, wanted: whole(name, "")) as good:
        assert fetch(file, (good.address,), folder="small") == contents()[file.name]
    assert len(good.asked) == 2


def test_what_travels_is_not_packed_on_the_way(cache):
    """A server that packs what it sends would count the bytes of a range otherwise than we do."""
    file = release().train_images
    cache.mkdir(parents=True)
    (cache / "train_images.gz.part").write_bytes(contents()[file.name][:3000])
    with mirror(whole) as good:
        fetch(file, (good.address,), folder="small")
    assert good.encodings == ["identity"]


def test_an_answer_without_end_does_not_fill_the_disk(cache):
    file, largest = release().train_images, []

    def without_end(name, wanted):
        return 200, bytes(50 * file.size), 50 * file.size

    def unlink(path, unlink=Path.unlink):
        largest.append(path.stat().st_size)
        unlink(path)

    with mirror(without_end) as bad, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        with pytest.raises(DataError, match=f": more than {file.size} bytes came; got 1 mirrors"):
            fetch(file, (bad.address,), folder="small")
    assert file.size < largest[0] < 2 * file.size


def test_a_damaged_cache_is_fetched_anew(cache):
    file = release().train_labels
    cache.mkdir(parents=True)
    (cache / file.name).write_bytes(b"x" * file.size)
    with mirror(whole) as good:
        assert fetch(file, (good.address,), folder="small") == contents()[file.name]
    assert fetch(file, (), folder="small") == contents()[file.name]


def test_without_a_mirror_every_reason_and_a_remedy_is_named(dead, cache):
    with mirror(missing) as second, mirror(wrong) as third:
        mirrors = dead, second.address, third.address
        with pytest.raises(DataError) as caught:
            load_mnist(release(*mirrors))
    message = str(caught.value)
    assert message.startswith("fetch: no mirror gave train_images.gz: ")
    assert f"{dead}: ConnectionError: Failed to establish a new connection: [Errno 111]" in message
    assert "Connection refused" in message
    assert "404" in message
    wanted = release().train_images
    assert f"its md5 must be {wanted.md5} and is " in message
    assert message.endswith(
        "; got 3 mirrors; go online, or name a folder that has the file with DLNOTES_DATA, "
        'or use the digits that need no network: load("digits")'
    )
    assert {path.suffix for path in cache.iterdir()} <= {".lock"}


def test_the_sha256_is_checked_beside_the_md5(cache, monkeypatch, tmp_path):
    right = release().train_labels
    odd = type(right)(right.name, right.size, right.md5, "0" * 64)
    (tmp_path / right.name).write_bytes(contents()[right.name])
    monkeypatch.setenv("DLNOTES_DATA", str(tmp_path))
    with pytest.raises(DataError, match=f"its sha256 must be {'0' * 64} and is {right.sha256}"):
        fetch(odd, (), folder="small")


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (None, "it is not there"),
        (b"abc", r"its size must be \d+ bytes and is 3"),
        (contents()["train_images.gz"][:-1] + b"x", "its md5 must be [0-9a-f]{32} and is "),
    ],
)
def test_a_folder_of_ones_own_must_have_the_published_files(tmp_path, monkeypatch, content, flaw):
    monkeypatch.setenv("DLNOTES_DATA", str(tmp_path))
    for name, right in contents().items():
        (tmp_path / name).write_bytes(right)
    if content is None:
        (tmp_path / "train_images.gz").unlink()
    else:
        (tmp_path / "train_images.gz").write_bytes(content)
    with pytest.raises(DataError, match=rf"DLNOTES_DATA is not the published file: {flaw}") as e:
        load_mnist(release())
    assert str(e.value).endswith("put the file there, or unset DLNOTES_DATA to download it")


def test_a_folder_of_ones_own_that_is_none_is_told(tmp_path, monkeypatch):
    file = release().train_images
    (tmp_path / "file").write_text("no folder")
    (tmp_path / file.name).mkdir()
    for folder, reason in ((tmp_path / "file", "Not a directory"), (tmp_path, "Is a directory")):
        monkeypatch.setenv("DLNOTES_DATA", str(folder))
        wanted = rf"file: it cannot be read \({reason}\); got DLNOTES_DATA=.*; put the file there"
        with pytest.raises(DataError, match=wanted):
            fetch(file, (), folder="small")


def test_a_cache_that_is_no_folder_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("DLNOTES_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"Not a directory.*or another cache with DLNOTES_CACHE"):
        fetch(release().train_images, (), folder="small")


def test_a_folder_of_ones_own_needs_no_cache(tmp_path, monkeypatch, cache):
    monkeypatch.setenv("DLNOTES_DATA", str(tmp_path))
    for name, right in contents().items():
        (tmp_path / name).write_bytes(right)
    assert load_mnist(release()).name == "small"
    assert not cache.exists()


LOADER = """
import sys
sys.path[:0] = ["tests"]
from dlnotes.data import load_mnist
from small_mnist import release
print(len(load_mnist(release(sys.argv[1])).train_images))
"""


def start(code, *arguments, **more):
    command = [sys.executable, "-c", code, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes, **more)


def test_processes_that_want_the_same_fetch_it_once(root, cache):
    with mirror(whole) as good:
        both = [start(LOADER, good.address, cwd=root) for _ in range(2)]
        outputs = [process.communicate() for process in both]
    assert outputs == [(f"{TRAIN}\n", "")] * 2  # and no bar where there is no terminal
    assert sorted(name for name, _ in good.asked) == sorted(
        name for name in contents() if name != "test_labels.gz"
    )


def test_a_full_disk_is_named(root, cache):
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n" + LOADER
    with mirror(whole) as good:
        process = start(limited, good.address, cwd=root)
        _, error = process.communicate()
    assert process.returncode == 1
    last = error.splitlines()[-1]
    assert "fetch: cannot write" in last
    assert "File too large" in last
    assert last.endswith("with DLNOTES_DATA, or another cache with DLNOTES_CACHE")


def test_the_bar_is_drawn_on_a_terminal(root, cache):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with mirror(whole) as good:
        command = [sys.executable, "-c", LOADER, good.address]
        done = subprocess.run(
            command,
            cwd=root,
            stderr=theirs,
            capture_output=False,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    os.close(theirs)
    shown = b"".join(iter(partial(read_or_nothing, ours), b"")).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "train_images.gz" in shown
    assert "100%" in shown


def read_or_nothing(descriptor):
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux's way to say that the other side is closed
        return b""


def test_the_users_cache_is_taken_unless_another_is_named(monkeypatch):
    monkeypatch.delenv("DLNOTES_CACHE")
    assert cache_folder("a", "b").parts[-3:] == ("dlnotes", "a", "b")
