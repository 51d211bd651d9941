# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""At the limit of connections a client that has many loses one, not a client that has few."""

import contextlib
import socket

from waiting import wait_for
from wire import NOERROR, ask_on, is_closed


NAME = "ns.lab.cloud."


def dial(weftd, source):
    sock = socket.socket()
    sock.settimeout(20)
    sock.bind((source, 0))
    sock.connect(weftd.where)
    return sock


def test_the_client_with_most_connections_loses_one(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(server="workers: 1\ntcp: {connections: 20, idle-timeout: 600}").start()
    with contextlib.ExitStack() as stack:
        few = [stack.enter_context(dial(weftd, f"127.0.0.{i}")) for i in (2, 2, 3)]
        for sock in few:
            assert ask_on(sock, NAME).rcode == NOERROR
        for _ in range(60):
            many = stack.enter_context(dial(weftd, "127.0.0.9"))
            assert ask_on(many, NAME).rcode == NOERROR
        wait_for(lambda: weftd.count("tcp-evicted") == 43, "evictions")
        assert weftd.count("tcp-connections") == 20
        for sock in few:    # idle for longer than all others, and open
            assert ask_on(sock, NAME).rcode == NOERROR
        assert not is_closed(many, 0.1)
