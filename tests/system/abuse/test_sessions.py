# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DSO sessions do not take from others: one client cannot have all of them, and one that does not
read what it asks for waits for itself only."""

import contextlib
import threading

import wire
from loopback import wait_until_stalled
from sessions import Session, keepalive, message
from waiting import wait_for
from wire import NOERROR, SERVFAIL, ask, ask_on, ask_tcp, frame

NAME = "ns.lab.cloud."


def start(make_weftd, server):
    weftd = make_weftd()
    weftd.zone()
    return weftd.configure(server=server).start()


def test_one_client_cannot_have_all_sessions(make_weftd):
    weftd = start(make_weftd, "workers: 1\ndso: {sessions: 60, sessions-per-client: 50}")
    with contextlib.ExitStack() as stack:
        greedy = [stack.enter_context(Session(weftd.where, "127.0.0.9")) for _ in range(300)]
        for session in greedy:
            session.keep()
        assert [session.retry_delay()[0] for session in greedy[50:]] == [SERVFAIL] * 250
        assert weftd.count("dso-sessions") == 50
        for n in range(2, 12):
            modest = stack.enter_context(Session(weftd.where, f"127.0.0.{n}" if n != 9 else None))
            modest.keep()
            modest.keep(2)
            assert ask_on(modest.sock, NAME).rcode == NOERROR
        assert weftd.count("dso-sessions") == 60
        assert ask(weftd.where, NAME).rcode == ask_tcp(weftd.where, NAME).rcode == NOERROR
        for session in greedy[:50]:
            session.keep(2)


def test_sessions_that_are_refused_do_not_last(make_weftd):
    weftd = start(make_weftd, "workers: 1\ndso: {sessions-per-client: 1}\n"
                              "tcp: {connections-per-client: 30}")
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Session(weftd.where))
        first.keep()
        for _ in range(200):
            stack.enter_context(Session(weftd.where)).send(message(1, keepalive()))
        wait_for(lambda: weftd.count("tcp-connections") <= 31, "evictions")
        first.keep(2)
        wait_for(lambda: weftd.count("tcp-connections") == 1, "the end of those that do not close")
        first.keep(3)


def test_a_session_that_does_not_read_waits_for_itself(make_weftd):
    count = 200000
    weftd = start(make_weftd, "workers: 1")
    with Session(weftd.where) as greedy, Session(weftd.where) as modest:
        greedy.keep()
        modest.keep()
        data = b"".join(frame(message(n % 65535 + 1, keepalive())) for n in range(count))
        sender = threading.Thread(target=greedy.sock.sendall, args=(data,))
        sender.start()
        wait_until_stalled(greedy.sock)
        modest.keep(2)
        assert ask(weftd.where, NAME).rcode == NOERROR
        for n in range(count):
            assert wire.read_frame(greedy.sock)[:4] == message(n % 65535 + 1, flags=0xb000)[:4]
        sender.join()
