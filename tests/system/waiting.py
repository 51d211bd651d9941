# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Waiting for a condition, always with a deadline. Needs only the standard library: the benches use
it too.

No other file of the tests sleeps. A test names the condition it waits for; `let_pass` is for the
few tests that have none to look at."""

import contextlib
import os
import pathlib
import signal
import time

LIMIT_S = 60


def wait_for(condition, what, limit_s=LIMIT_S, every_s=0.02):
    """Calls `condition` until it returns something true, and returns that. Fails after `limit_s`,
    naming `what`."""
    for _ in attempts(what, limit_s):
        found = condition()
        if found:
            return found
        time.sleep(every_s)


def attempts(what, limit_s=LIMIT_S):
    """The bound of a loop that ends by itself: yields 0, 1, 2 and so on, and fails after `limit_s`,
    naming `what`. It cannot interrupt a call that blocks: sockets in the loop need a timeout."""
    number, end = 0, time.monotonic() + limit_s
    while True:
        yield number
        number += 1
        assert time.monotonic() < end, f"no {what} after {limit_s} s"


def freeze(pid):
    """Stops a process until SIGCONT. The signal takes a moment to reach threads that run."""
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: thread_states(pid) <= {"T", "t"}, f"stop of process {pid}")


def thread_states(pid):
    """The states of a process' threads, as letters; one that ends meanwhile has none."""
    states = set()
    for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            states.add(stat.read_text().rpartition(")")[2].split()[0])
    return states


def let_pass(seconds):
    """Sleeps. Only for tests in which nothing can be seen until the time has passed."""
    time.sleep(seconds)
