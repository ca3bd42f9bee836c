"""A small release in MNIST's form, made on the spot, and mirrors that serve it or fail to."""

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from dlnotes.data.fetching import PublishedFile
from dlnotes.data.mnist import Release

TRAIN, VALIDATION, TEST, SIDE = 40, 9, 3, 28


def idx(array: np.ndarray) -> bytes:
    """An array of unsigned bytes in the idx format, compressed."""
    header = bytes([0, 0, 8, array.ndim])
    sizes = b"".join(int(axis).to_bytes(4, "big") for axis in array.shape)
    return gzip.compress(header + sizes + array.astype(np.uint8).tobytes(), mtime=0)


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    count = TRAIN + VALIDATION
    return {
        "test_images": rng.integers(0, 256, (TEST, SIDE, SIDE)),
        "test_labels": rng.integers(0, 10, TEST),
        "train_images": rng.integers(0, 256, (count, SIDE, SIDE)),
        "train_labels": rng.integers(0, 10, count),
    }


def contents() -> dict[str, bytes]:
    """The files by name."""
    return {f"{part}.gz": idx(array) for part, array in arrays().items()}


def published(name: str, content: bytes) -> PublishedFile:
    md5, sha256 = hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()
    return PublishedFile(name, len(content), md5, sha256)


def release(*mirrors: str) -> Release:
    files = {name.removesuffix(".gz"): published(name, c) for name, c in contents().items()}
    return Release(
        "small", mirrors, **files, train=TRAIN, validation=VALIDATION, test=TEST, side=SIDE
    )


Answer = Callable[[str, str], tuple[int, bytes, int]]
"""From a file's name and the wanted range to status, body, and the length that is promised."""


class Mirror:
    """A server on loopback; `asked` lists names and ranges, `encodings` what may be packed how."""

    def __init__(
        self, server: ThreadingHTTPServer, asked: list[tuple[str, str]], encodings: list[str]
    ) -> None:
        self.address = f"http://127.0.0.1:{server.server_port}/"
        self.asked, self.encodings = asked, encodings


@contextmanager
def mirror(answer: Answer) -> Iterator[Mirror]:
    """Serve what `answer` gives until the block ends."""
    asked, encodings = list[tuple[str, str]](), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, wanted = self.path.lstrip("/"), self.headers.get("Range", "")
            asked.append((name, wanted))
            encodings.append(self.headers.get("Accept-Encoding", ""))
            status, body, promised = answer(name, wanted)
            self.send_response(status)
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Mirror(server, asked, encodings)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def whole(name: str, wanted: str) -> tuple[int, bytes, int]:
    """Give the file, or the range of it that is wanted."""
    start = int(wanted.removeprefix("bytes=").removesuffix("-") or 0)
    body = contents()[name][start:]
    return (206 if start else 200), body, len(body)


def wrong(name: str, wanted: str) -> tuple[int, bytes, int]:
    """Give a file of the right size with one byte changed, whatever range is wanted."""
    body = contents()[name]
    changed = body[:-1] + bytes([body[-1] ^ 1])
    return 200, changed, len(changed)


def broken_off(name: str, wanted: str) -> tuple[int, bytes, int]:
    """Promise what `whole` gives, and close after half of it."""
    status, body, promised = whole(name, wanted)
    return status, body[: len(body) // 2], promised


def missing(name: str, wanted: str) -> tuple[int, bytes, int]:
    return 404, b"", 0
