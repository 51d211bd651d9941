# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A disk that is slow or broken: strace(1) changes what fdatasync(2) does in a running weftd, from
one moment to another."""

import contextlib
import pathlib
import shutil
import subprocess

import pytest

from waiting import LIMIT_S, wait_for


def _is_traced(pid):
    """Whether a tracer is attached to all threads of the process."""
    statuses = [path.read_text() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")]
    return all("TracerPid:\t0\n" not in status for status in statuses)


@contextlib.contextmanager
def _changed(weftd, how):
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    pid = weftd.process.pid
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(pid),
                               "-e", "trace=fdatasync", "-e", f"inject=fdatasync:{how}"],
                              stderr=subprocess.PIPE)
    try:
        wait_for(lambda: tracer.poll() is not None or _is_traced(pid), "tracer")
        if tracer.poll() is not None:
            pytest.skip(f"cannot trace: {tracer.stderr.read().decode()}")
        yield
    finally:
        tracer.terminate()
        tracer.wait(LIMIT_S)


def slow(weftd, seconds):
    """Within this context each sync takes the time longer."""
    return _changed(weftd, f"delay_enter={int(seconds * 1000000)}")


def broken(weftd):
    """Within this context each sync fails."""
    return _changed(weftd, "error=EIO")
