# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A weftd with DNS Push, and processes of the load of tests/bench/push."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys

from weftd import ZONE, Weftd

from loopback import free_port
from waiting import LIMIT_S

VIEW = ", service-view: {enable: yes}"
MANY = 1000000


def cpus():
    """A CPU for weftd and one for the load; None twice if there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[:2] if len(usable) > 1 else (None, None)


@contextlib.contextmanager
def serve(build, folder, workers=1, server=None, zone=ZONE):
    """A weftd with TLS and without limits for one client, unless `server` has other options. That of
    all subscriptions stays: its default decides how much memory an index takes."""
    tls_port = free_port()
    if server is None:
        server = (f", tcp: {{connections: {MANY}, connections-per-client: {MANY}}}"
                  f", dso: {{sessions: {MANY}, sessions-per-client: {MANY}}}"
                  f", push: {{subscriptions-per-session: 65535, "
                  f"subscriptions-per-client: {MANY}}}")
    weftd = Weftd(build, folder, keys=4, workers=workers, zone=zone, view=VIEW,
                  cpu=cpus()[0] if workers == 1 else None,
                  server=f", listen-tls: 127.0.0.1@{tls_port}{server}")
    weftd.tls_port = tls_port
    try:
        yield weftd
    finally:
        for process in Load.all:
            process.kill()
            process.wait(LIMIT_S)
        Load.all.clear()
        weftd.stop()


class Load:
    """A process of the load, which prints a line and waits until `go` lets it continue."""

    all = []

    def __init__(self, args, weftd, mode, *more, cpu=1):
        """`cpu` is 0 for the CPU of weftd, 1 for the other."""
        pin = [] if cpus()[cpu] is None else ["taskset", "-c", str(cpus()[cpu])]
        more = list(map(str, more))
        port = weftd.tls_port if "-t" in more else weftd.port
        self.process = subprocess.Popen(
            [*pin, pathlib.Path(args.build).resolve() / "tests/bench/push/push", "-a", "127.0.0.1",
             "-p", str(weftd.port), "-P", str(port), "-z", "lab.cloud", "-k",
             weftd.folder / "keys", "-v", *more, mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.all.append(self.process)

    def expect(self, word):
        """The words after `word`, with which the next line must begin."""
        found = self.process.stdout.readline().split()
        if found[:1] != [word]:
            sys.exit(f"the load did not get to `{word}`: {' '.join(found)}")
        return found[1:]

    def go(self):
        self.process.stdin.write("\n")

    def go_after(self, word):
        self.expect(word)
        self.go()

    def result(self):
        text = self.process.stdout.readline()
        if not text:
            sys.exit("the load has failed")
        return json.loads(text)
