# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Runs a program of tests/client that prints a line for each event until its standard input ends."""

import os
import pathlib
import select
import subprocess
import time

from waiting import LIMIT_S

FOLDER = pathlib.Path(os.environ.get("BUILDDIR", ".")) / "tests/client"


class LineClient:
    """A program that runs; its lines are read as they come."""

    def __init__(self, program, *args):
        self.process = subprocess.Popen([FOLDER / program, *map(str, args)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.left = b""

    def line(self, limit_s=LIMIT_S):
        """The next line; None if there is none within the limit."""
        end = time.monotonic() + limit_s
        while b"\n" not in self.left:
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return None
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, f"it has ended: {self.process.wait()}"
            self.left += data
        line, self.left = self.left.split(b"\n", 1)
        return line.decode()

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(LIMIT_S) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()
