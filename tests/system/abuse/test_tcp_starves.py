# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Stream clients that keep a worker busy: what others wait for.

The bounds are wide: one slice of a worker is some 0.1 ms, and without slices 150 busy connections
took 300 ms."""

import contextlib
import select
import socket
import statistics
import struct
import threading
import time

from conftest import ZONE
from waiting import attempts, wait_for
from wire import ask_on, connect, exchange, frame, query

NPTRS = 2500
BIG = "".join(f"_b._tcp PTR i{i}._b._tcp\n" for i in range(NPTRS))
NAME = "ns.lab.cloud."
CONNECTIONS = 150
PIPELINED = 20
MEDIAN_S = 0.1


class Greedy:
    """A client that pipelines queries with answers of 64 KiB on many connections, and reads."""

    def __init__(self, where, source, count=CONNECTIONS):
        self.question = frame(query("_b._tcp.lab.cloud.", "PTR"))
        self.socks = []
        for _ in range(count):
            sock = socket.socket()
            sock.bind((source, 0))
            sock.connect(where)
            sock.setblocking(False)
            self.socks.append(sock)
        self.is_over = False
        self.nread = 0
        self.thread = threading.Thread(target=self.run)

    def run(self):
        poll, owed = select.epoll(), {}
        for sock in self.socks:
            poll.register(sock, select.EPOLLIN)
            sock.send(self.question * PIPELINED)
            owed[sock.fileno()] = (sock, 0)
        while not self.is_over:
            for fd, _ in poll.poll(0.1):
                sock, count = owed[fd]
                with contextlib.suppress(OSError):
                    got = len(sock.recv(1 << 20))
                    self.nread += got
                    count += got
                    if count > 40000:
                        sock.send(self.question * (count // 40000))
                        count %= 40000
                owed[fd] = sock, count

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
        for sock in self.socks:
            sock.close()


def serve(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + BIG)
    return weftd.configure(server="workers: 1").start()


def timed(asks):
    begun = time.monotonic()
    asks()
    return time.monotonic() - begun


def test_udp_is_served_while_streams_keep_the_worker_busy(make_weftd):
    weftd = serve(make_weftd)
    with Greedy(weftd.where, "127.0.0.2") as greedy:
        wait_for(lambda: greedy.nread > 4 << 20, "octets read")
        times = [timed(lambda: exchange(weftd.where, query(NAME))) for _ in range(50)]
        assert statistics.median(times) < MEDIAN_S, times


def test_a_stream_client_is_served_while_others_keep_the_worker_busy(make_weftd):
    weftd = serve(make_weftd)
    with Greedy(weftd.where, "127.0.0.2") as greedy, connect(weftd.where) as sock:
        wait_for(lambda: greedy.nread > 4 << 20, "octets read")
        times = [timed(lambda: ask_on(sock, NAME)) for _ in range(50)]
        assert statistics.median(times) < MEDIAN_S, times


def test_connections_that_come_and_go_do_not_keep_datagrams_waiting(make_weftd):
    weftd = serve(make_weftd)
    times = []
    for _ in range(20):
        socks = [connect(weftd.where) for _ in range(100)]
        times.append(timed(lambda: exchange(weftd.where, query(NAME))))
        for sock in socks:
            # A reset, so that no port waits for the end of its connection.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
    assert statistics.median(times) < MEDIAN_S, times
    wait_for(lambda: weftd.count("tcp-connections") == 0, "closed connections")


def test_all_of_65536_pipelined_queries_are_answered(make_weftd):
    weftd = serve(make_weftd)
    message = frame(query(NAME))
    with connect(weftd.where) as sock, connect(weftd.where) as other:
        writer = threading.Thread(target=sock.sendall, args=(message * 65536,))
        writer.start()
        want, got = None, 0
        for _ in attempts("answers"):
            got += len(sock.recv(1 << 20))
            if want is None:
                want = 65536 * (2 + len(exchange(weftd.where, query(NAME))))
                assert timed(lambda: ask_on(other, NAME)) < 20 * MEDIAN_S
            if got == want:
                break
        writer.join()
