# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A host that registers: tests/client/registering, driven by lines."""

import os
import pathlib
import queue
import subprocess
import threading

from waiting import LIMIT_S

PROGRAM = pathlib.Path(os.environ.get("BUILDDIR", ".")) / "tests/client/registering"


class Host:
    """One running program. Events that are not waited for are kept."""

    def __init__(self, registries, key, *options):
        where = ",".join(f"{address}@{port}" for address, port in registries)
        self.process = subprocess.Popen([PROGRAM, where, str(key), *map(str, options)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        bufsize=1)
        self.lines, self.kept = queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def tell(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")

    def expect(self, *words):
        """Waits for an event that begins with the words. Returns the rest of its line."""
        start = " ".join(map(str, words))
        for line in self.kept:
            if line == start or line.startswith(start + " "):
                self.kept.remove(line)
                return line[len(start):].strip()
        while True:
            line = self.lines.get(timeout=LIMIT_S)
            assert line is not None, f"no {start}; {self.kept}"
            if line == start or line.startswith(start + " "):
                return line[len(start):].strip()
            self.kept.append(line)

    def do(self, *words):
        """Has a single change made. Returns its error and why."""
        self.tell(*words)
        error, why = self.expect("changed").split(" ", 1)
        return int(error), why

    def show(self, name):
        """The name that a registration has, its lease and its incarnation."""
        self.tell("show", name)
        name, lease, incarnation = self.expect("shown").rsplit(" ", 2)
        return name.removesuffix("."), int(lease), int(incarnation)

    def kill(self):
        self.process.kill()
        self.process.wait(LIMIT_S)
        self.process.stdout.close()

    def quit(self):
        """Has it end by itself. Returns the exit status."""
        self.process.stdin.close()
        return self.process.wait(LIMIT_S)
