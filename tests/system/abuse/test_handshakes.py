# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""TLS handshakes that are never completed, or one after another: other clients are served."""

import contextlib
import socket
import ssl
import subprocess

import dso
import wire
from pushing import prepare
from waiting import LIMIT_S, attempts, wait_for
from wire import NOERROR

FOE, FRIEND = "127.0.0.66", "127.0.0.77"
MIB = 1 << 20


def serve(make_weftd, server=""):
    return prepare(make_weftd(), "workers: 1\n" + server, tls=True).start()


def hello():
    """The first flight of a handshake."""
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = dso.context().wrap_bio(inside, outside, server_hostname="127.0.0.1")
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outside.read()


def dial(weftd, source=FOE):
    sock = socket.socket()
    sock.bind((source, 0))
    sock.settimeout(20)
    sock.connect(weftd.tls)
    return sock


def is_served(weftd):
    """Whether a client of another address gets a handshake, a session and a subscription."""
    with dso.open_tls(weftd.tls, source=FRIEND) as client:
        client.begin()
        client.subscribe("ns.lab.cloud.", "A")
        return client.query("ns.lab.cloud.").rcode == NOERROR


def test_connections_without_a_handshake_shut_nobody_out(make_weftd):
    weftd = serve(make_weftd)
    before = weftd.rss_bytes()
    with contextlib.ExitStack() as stack:
        for _ in range(600):
            stack.enter_context(dial(weftd))
        assert is_served(weftd)
        assert weftd.rss_bytes() - before < 32 * MIB


def test_handshakes_that_stop_after_the_first_flight_shut_nobody_out(make_weftd):
    weftd = serve(make_weftd)
    before, flight = weftd.rss_bytes(), hello()
    with contextlib.ExitStack() as stack:
        for _ in range(600):
            with contextlib.suppress(OSError):
                stack.enter_context(dial(weftd)).sendall(flight)
        assert is_served(weftd)
        assert weftd.rss_bytes() - before < 96 * MIB


def test_many_addresses_that_stop_in_the_handshake_shut_nobody_out(make_weftd):
    weftd = serve(make_weftd)
    flight = hello()
    with contextlib.ExitStack() as stack:
        for i in range(600):
            with contextlib.suppress(OSError):
                stack.enter_context(dial(weftd, f"127.0.{1 + i // 250}.{1 + i % 250}")).sendall(flight)
        assert is_served(weftd)


def test_a_first_flight_byte_by_byte_is_given_up(make_weftd):
    weftd = serve(make_weftd, "tls: {handshake-timeout: 1}")
    flight = hello()
    with dial(weftd) as sock:
        sock.settimeout(0.1)
        with contextlib.suppress(ConnectionError):
            for number in attempts("end of the connection"):
                sock.sendall(flight[number % len(flight):][:1])
                with contextlib.suppress(TimeoutError):
                    if sock.recv(1000) == b"":
                        break
    assert is_served(weftd)


def test_what_is_not_tls_is_closed(make_weftd):
    weftd = serve(make_weftd)
    for data in (b"\0" * 600, b"GET / HTTP/1.1\r\n\r\n", wire.frame(wire.query("ns.lab.cloud.")),
                 b"\x16\x03\x01\xff\xff" + bytes(600), hello()[:-1] + b"\xff" * 60):
        with dial(weftd) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(20)
            with contextlib.suppress(ConnectionError):
                for _ in attempts("end of the connection"):
                    if sock.recv(1000) == b"":
                        break
    assert is_served(weftd)


def test_handshakes_one_after_another_shut_nobody_out(make_weftd):
    weftd = serve(make_weftd)
    for _ in range(100):
        dso.open_tls(weftd.tls, source=FOE).close()
    assert is_served(weftd)
    wait_for(lambda: weftd.count("tcp-connections") <= 1, "end of the connections")


def s_client(weftd, *args, stdin=""):
    return subprocess.run(["openssl", "s_client", "-connect", f"{weftd.tls[0]}:{weftd.tls[1]}",
                           "-alpn", "dot", *args], input=stdin, capture_output=True, text=True,
                          timeout=LIMIT_S)


def test_early_data_is_not_taken(make_weftd, tmp_path):
    weftd = serve(make_weftd)
    ticket, data = tmp_path / "ticket", tmp_path / "data"
    data.write_bytes(wire.frame(dso.subscribe(1, "ns.lab.cloud.", "A")))
    s_client(weftd, "-tls1_3", "-sess_out", str(ticket), "-ign_eof", stdin="")
    assert ticket.exists()
    done = s_client(weftd, "-tls1_3", "-sess_in", str(ticket), "-early_data", str(data))
    assert "Early data was accepted" not in done.stdout
    assert weftd.count("push-subscriptions") == 0
    assert is_served(weftd)


def test_renegotiation_is_refused(make_weftd):
    weftd = serve(make_weftd, "tls: {tls-1.2: yes}")
    done = s_client(weftd, "-tls1_2", stdin="R\n")
    assert "no renegotiation" in done.stdout + done.stderr or "RENEGOTIATING" in done.stdout
    assert is_served(weftd)
