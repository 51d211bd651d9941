# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The service manager's end of the socket on which a service reports its state (sd_notify(3))."""

import socket

from waiting import LIMIT_S, attempts


class Manager:
    """A service manager for one weftd: NOTIFY_SOCKET is set for the programs that start from now
    on."""

    def __init__(self, weftd, monkeypatch):
        path = str(weftd.folder / "notify")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        self.sock.settimeout(LIMIT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def receive(self):
        """The next report."""
        return self.sock.recv(4096).decode()

    def wait_for(self, text):
        """Reads reports up to the first that contains the text."""
        for _ in attempts(text):
            if text in self.receive():
                return

    def next_state(self):
        """The next report of a state, without the other lines of it."""
        for _ in attempts("report of a state"):
            states = [line for line in self.receive().splitlines()
                      if not line.startswith(("STATUS", "MONOTONIC"))]
            if states:
                return " ".join(states)
