# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Clients that ask for transfers and do not read them, or do not wait for them."""

import contextlib
import socket

import updates
from conftest import ZONE
from waiting import LIMIT_S, wait_for
from wire import NOERROR, SERVFAIL, connect, frame, is_closed, parse, query, read_frame

# 4 MB: more than kernel and weftd buffer for a connection whose client does not read.
TEXT = " ".join('"' + "x" * 250 + '"' for _ in range(8))
LARGE = ZONE + "".join(f"t{i} TXT {TEXT}\n" for i in range(2000))
AXFR = frame(query("lab.cloud.", "AXFR"))


def serve(make_weftd, options):
    weftd = make_weftd()
    weftd.zone(LARGE)
    weftd.configure({"lab.cloud": "update: {key: bench}\ntransfer: {address: [127.0.0.0/8]}"},
                    f"workers: 1\ntransfer: {{{options}}}")
    return weftd.start()


def ask_slowly(weftd, source):
    """A connection that asks for a transfer and has a small window."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    sock.settimeout(LIMIT_S)
    sock.bind((source, 0))
    sock.connect(weftd.where)
    sock.sendall(AXFR)
    return sock


def transfer(weftd):
    """A whole transfer; how many SOAs it had."""
    nsoas = 0
    with connect(weftd.where) as sock:
        sock.sendall(AXFR)
        while nsoas < 2:
            message = parse(read_frame(sock))
            assert message.rcode == NOERROR
            nsoas += sum(record.rdtype == 6 for record in message.answer)
    return nsoas


def test_slow_readers_do_not_keep_others_from_a_transfer(make_weftd):
    weftd = serve(make_weftd, "wait: 3600")
    with contextlib.ExitStack() as stack:
        for number in range(80):    # 20 at each of four addresses
            stack.enter_context(ask_slowly(weftd, f"127.0.0.{10 + number % 4}"))
        wait_for(lambda: weftd.count("transfers") == 64, "transfers")
        assert transfer(weftd) == 2


def test_a_full_worker_takes_from_the_client_that_has_most(make_weftd):
    weftd = serve(make_weftd, "at-once: 4, per-client: 4, wait: 3600")
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(ask_slowly(weftd, "127.0.0.10"))
        wait_for(lambda: weftd.count("transfers") == 4, "transfers")
        assert transfer(weftd) == 2
    assert weftd.count("transfers-ended") == 1


def test_a_waiting_client_gets_an_answer_in_the_end(make_weftd):
    weftd = serve(make_weftd, "per-client: 1, wait: 1")
    with ask_slowly(weftd, "127.0.0.10"):
        wait_for(lambda: weftd.count("transfers") == 1, "transfer")
        with ask_slowly(weftd, "127.0.0.10") as waiting:
            answer = parse(read_frame(waiting))
            assert answer.rcode == SERVFAIL and not answer.answer
            waiting.sendall(frame(query("ns.lab.cloud.")))
            assert parse(read_frame(waiting)).rcode == NOERROR
    assert weftd.count("transfers-refused") == 1


def test_waiting_clients_that_close_are_forgotten(make_weftd):
    weftd = serve(make_weftd, "per-client: 1, wait: 3600")
    with ask_slowly(weftd, "127.0.0.10"):
        wait_for(lambda: weftd.count("transfers") == 1, "transfer")
        for sock in [ask_slowly(weftd, "127.0.0.10") for _ in range(100)]:
            sock.close()
        wait_for(lambda: weftd.count("tcp-connections") == 1, "end of the connections", 20)
        assert weftd.count("transfers") == 1


def test_a_transfer_that_is_too_slow_is_ended(make_weftd):
    weftd = serve(make_weftd, "least-rate: 100000")
    with ask_slowly(weftd, "127.0.0.10") as sock:
        def drips():
            """Reads, but slowly: less than the least rate."""
            with contextlib.suppress(OSError):
                sock.recv(2000)
            return weftd.count("transfers-ended") == 1

        wait_for(drips, "end of the transfer", every_s=0.2)
        wait_for(lambda: weftd.count("tcp-connections") == 0, "end of the connection")


def test_an_old_version_is_not_held_for_long(make_weftd):
    weftd = serve(make_weftd, "hold: 1, least-rate: 0")
    with ask_slowly(weftd, "127.0.0.10") as sock:
        wait_for(lambda: weftd.count("transfers") == 1, "transfer")
        assert not is_closed(sock, 0.1) and weftd.count("transfers-ended") == 0
        updates.send(weftd, updates=["a 60 IN A 192.0.2.1"])
        wait_for(lambda: weftd.count("transfers-ended") == 1, "end of the transfer")
