"""Timing two functions side by side, so that a busy machine slows both."""

import gc
from collections.abc import Callable, Sequence
from time import get_clock_info, perf_counter, thread_time

# What one thread costs is its processor time; what others do to it in between is not. Where the
# system counts that too coarsely, the wall clock has to do.
FINE = get_clock_info("thread_time").resolution <= 1e-6
clock = thread_time if FINE else perf_counter
CLOCK = "processor time of the thread" if FINE else "wall time"


def best_times(
    functions: Sequence[Callable[[], object]],
    *,
    seconds: float,
    least: int = 20,
) -> list[float]:
    """Return the shortest time of each function, in seconds.

    The functions take turns, each round in the other order, for about `seconds` and at least
    `least` rounds. The shortest time is what the work costs; what lies above it comes from
    something else on the machine.
    """
    best = [float("inf")] * len(functions)
    order = list(enumerate(functions))
    for _, function in order * 2:
        function()  # warm: caches, memory, code paths
    gc.collect()
    gc.disable()
    try:
        rounds, end = 0, perf_counter() + seconds
        while rounds < least or perf_counter() < end:
            for j, function in order:
                start = clock()
                function()
                best[j] = min(best[j], clock() - start)
            order.reverse()
            rounds += 1
    finally:
        gc.enable()
    return best
