"""Tasks on this machine and on a real Dask cluster: nothing is lost and nothing is kept twice."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from cluster_tasks import Task, began, cluster, until, work
from dlnotes.ladder._engine import cluster as cluster_module
from dlnotes.ladder._engine.cluster import ClusterError, Failure, perform


class Kept(dict):
    """Results by name; keeping one twice is an error."""

    def __call__(self, task, result):
        assert task.name not in self
        self[task.name] = result


@pytest.fixture
def traces(tmp_path):
    folder = tmp_path / "traces"
    folder.mkdir()
    return folder


def tasks(folder, count, kind="square"):
    return [Task(name, str(folder), kind) for name in range(count)]


def squares(count):
    return {name: name**2 for name in range(count)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_done_once(traces, jobs):
    kept = Kept()
    assert perform(tasks(traces, 5), work, kept, jobs=jobs) == ()
    assert kept == squares(5)
    assert [name for name, _ in began(traces)] == list(range(5))
    processes = {process for _, process in began(traces)}
    assert (os.getpid() in processes) is (jobs == 1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_that_fails_leaves_the_others_alone(traces, jobs):
    bad = Task(7, str(traces), "fails")
    kept = Kept()
    failures = perform([bad, *tasks(traces, 3)], work, kept, jobs=jobs)
    assert failures == (Failure(bad, "OSError: task 7 has no disk"),)
    assert kept == squares(3)


def test_no_tasks_need_nobody():
    assert perform([], work, Kept()) == ()
    assert perform([], work, Kept(), scheduler="tcp://127.0.0.1:1") == ()


def test_a_killed_process_of_this_machine_is_named(traces):
    kept = Kept()
    first, killer = Task(1, str(traces)), Task(2, str(traces), "kills")
    with pytest.raises(ClusterError, match=r"^perform: a process .* killed.*; got jobs=2:") as e:
        perform([first, killer, *tasks(traces, 1, "slow")], work, kept, jobs=2)
    assert str(e.value).endswith("do the same again, with fewer jobs if memory is short")


def test_processes_end_when_their_parent_is_killed(traces, root):
    code = "import sys; from test_ladder_cluster import *; perform(tasks(sys.argv[1], 2, 'waits'), "
    process = subprocess.Popen(
        [sys.executable, "-c", code + "work, Kept(), jobs=2)", str(traces)],
        cwd=root / "tests",
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
    )
    until(lambda: len(began(traces)) == 2)
    process.kill()
    process.communicate(timeout=20)  # the pipe is closed when the last of them has ended


def test_an_error_in_keeping_stops_everything(traces):
    def keep(task, result):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        perform(tasks(traces, 4), work, keep, jobs=2)


@pytest.mark.parametrize("jobs", [0, -1])
def test_jobs_are_positive(jobs):
    with pytest.raises(ValueError, match=f"jobs must be positive; got jobs={jobs}; pass jobs=1"):
        perform([], work, Kept(), jobs=jobs)


def test_a_cluster_does_every_task_when_a_worker_is_killed_in_the_middle(tmp_path, traces):
    kept, count = Kept(), 7
    with cluster(tmp_path, workers=2) as both:
        victim = both.workers[0]

        def beginnings_of_victim():
            return sum(process == victim.pid for _, process in began(traces))

        def kill_in_the_middle():
            until(lambda: kept)
            before = beginnings_of_victim()
            until(lambda: beginnings_of_victim() > before)
            victim.send_signal(signal.SIGKILL)

        killer = threading.Thread(target=kill_in_the_middle)
        killer.start()
        some = [*tasks(traces, count, "slow"), Task(90, str(traces), "fails")]
        failures = perform(some, work, kept, scheduler=both.address)
        killer.join()
        assert victim.wait() == -signal.SIGKILL
        assert [failure.task.name for failure in failures] == [90]
        assert kept == squares(count)
        beginnings = began(traces)
        assert len(beginnings) > count + 1  # what the victim had was begun again
        assert {process for _, process in beginnings} == {w.pid for w in both.workers}


def test_a_task_that_kills_its_workers_is_given_up_and_told(tmp_path, traces):
    kept, bad = Kept(), Task(5, str(traces), "kills")
    with cluster(tmp_path, workers=2, forgiven=0) as both:
        (failure,) = perform([bad], work, kept, scheduler=both.address)
        assert perform(tasks(traces, 3), work, kept, scheduler=both.address) == ()
        here = os.getpid()
    assert failure.task == bad
    assert failure.reason.startswith("KilledWorker: ")
    assert kept == squares(3)
    assert here not in {process for _, process in began(traces)}


def test_it_is_said_that_no_worker_is_left(tmp_path, traces, monkeypatch, capfd):
    monkeypatch.setattr(cluster_module, "WATCH_SECONDS", 0.1)
    kept = Kept()
    with cluster(tmp_path, workers=1) as few:

        def kill_and_help():
            until(lambda: began(traces))
            few.workers[0].send_signal(signal.SIGKILL)
            until(lambda: told.append(capfd.readouterr().err) or "no Dask worker" in told[-1])
            few.add_workers(1)

        told = []
        helper = threading.Thread(target=kill_and_help)
        helper.start()
        assert perform(tasks(traces, 3, "slow"), work, kept, scheduler=few.address) == ()
        helper.join()
    assert kept == squares(3)
    assert "dlnotes: no Dask worker is left; waiting for one: dask worker ADDRESS" in told[-1]


def test_a_scheduler_that_is_not_there_is_told_within_seconds(traces, monkeypatch):
    assert cluster_module.CONNECT_SECONDS <= 10
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        start = time.monotonic()
        with pytest.raises(ClusterError, match=r"^perform: no Dask scheduler answers") as e:
            perform(tasks(traces, 1), work, Kept(), scheduler=address)
    assert time.monotonic() - start < 5
    assert f"got scheduler='{address}': " in str(e.value)


def test_somebody_else_at_the_address_is_told(traces, monkeypatch):
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ClusterError, match=r"^perform: no Dask .*: TimeoutError; start"):
            perform(tasks(traces, 1), work, Kept(), scheduler=address)


@pytest.mark.parametrize("address", ["carrier://pigeon:1", "tcp://127.0.0.1", "nonsense", ""])
def test_an_address_that_is_none_is_told(traces, address):
    with pytest.raises(ClusterError, match=f"got scheduler={address!r}: "):
        perform(tasks(traces, 1), work, Kept(), scheduler=address)


def test_a_scheduler_without_workers_and_one_that_dies_are_told(tmp_path, traces, monkeypatch):
    monkeypatch.setattr(cluster_module, "WORKER_SECONDS", 0.2)
    message = r"no workers after 0\.2 s; got scheduler='tcp://.*'; start .*: dask worker ADDRESS"
    with cluster(tmp_path, workers=0) as few:
        with pytest.raises(ClusterError, match=message):
            perform(tasks(traces, 1), work, Kept(), scheduler=few.address)
        few.add_workers(1)
        with pytest.raises(ClusterError, match=r": there is a Worker, and no scheduler; start one"):
            perform(tasks(traces, 1), work, Kept(), scheduler=few.line("worker", "worker at: "))

        def kill_in_the_middle():
            until(lambda: began(traces))
            shown.append(logger.isEnabledFor(logging.ERROR))
            few.scheduler.kill()

        logger, shown = logging.getLogger("distributed.client"), []
        killer = threading.Thread(target=kill_in_the_middle)
        killer.start()
        failures = perform(tasks(traces, 3, "waits"), work, Kept(), scheduler=few.address)
        killer.join()
    assert shown == [False], "a broken connection would be told by a trace of Dask, too"
    assert logger.isEnabledFor(logging.ERROR)
    assert [failure.task.name for failure in failures] == [0, 1, 2]
