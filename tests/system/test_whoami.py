# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""_whoami: each client gets the address and the port from which weftd sees it, by each transport."""

import re
import socket
import ssl

import pytest

import dso
import pushing
import updates
import wire
from conftest import ZONE
from waiting import LIMIT_S
from wire import NXDOMAIN, NOERROR

NAME = "_whoami.lab.cloud."
OWN = "transfer: {address: [127.0.0.0/8]}"


def texts(message):
    """The strings of the only record of an answer, which must be a TXT with TTL 0."""
    assert (message.rcode, len(message.answer)) == (NOERROR, 1), message
    found, = message.answer
    assert found.ttl == 0 and message.has(wire.AA)
    data, strings = bytes(found.rdata), []
    while data:
        strings.append(data[1:1 + data[0]].decode())
        data = data[1 + data[0]:]
    return strings


def expected(sock):
    address, port = sock.getsockname()[:2]
    return [f"addr={address}", f"port={port}"]


def test_over_udp_and_tcp_each_client_gets_its_own(weftd):
    for source in ("127.0.0.1", "127.1.2.3"):
        for _ in range(2):
            with wire.udp_socket(weftd.where, source) as sock:
                sock.send(wire.query(NAME, 16, number=7))
                assert texts(wire.parse(sock.recv(4096))) == expected(sock)
    with wire.connect(weftd.where) as sock:
        for number in (1, 2):
            sock.sendall(wire.frame(wire.query(NAME.replace("w", "W"), 16, number=number)))
            assert texts(wire.parse(wire.read_frame(sock))) == expected(sock)


def test_over_tls(make_weftd):
    weftd = pushing.prepare(make_weftd()).start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(socket.create_connection(weftd.tls, LIMIT_S)) as sock:
        sock.sendall(wire.frame(wire.query(NAME, 16, number=1)))
        assert texts(wire.parse(wire.read_frame(sock))) == expected(sock)


def test_over_ipv6(make_weftd):
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
            port = probe.getsockname()[1]
    except OSError:
        pytest.skip("no IPv6 here")
    weftd = make_weftd()
    weftd.zone()
    weftd.configure()
    weftd.conf.write_text(weftd.conf.read_text().replace("listen: [", f'listen: ["::1@{port}", '))
    weftd.start()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.settimeout(LIMIT_S)
        sock.connect(("::1", port))
        sock.send(wire.query(NAME, 16, number=1))
        assert texts(wire.parse(sock.recv(4096))) == expected(sock)


def test_dig_shows_it(weftd):
    assert re.fullmatch(r'"addr=127\.[0-9.]+" "port=[0-9]+"\n', weftd.dig(NAME, "TXT"))
    shown = weftd.dig(NAME, "A", "+noall", "+comments", "+authority")
    assert "NOERROR" in shown and "ANSWER: 0, AUTHORITY: 1" in shown and "SOA" in shown
    assert "NXDOMAIN" in weftd.dig("x." + NAME, "TXT", "+comments")
    assert "NXDOMAIN" in weftd.dig("_whoami.ns.lab.cloud.", "TXT", "+comments")
    assert "REFUSED" in weftd.dig("_whoami.other.cloud.", "TXT", "+comments")


def test_a_zone_may_have_the_name_itself(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + '\n_whoami TXT "own"\n')
    weftd.configure().start()
    assert weftd.dig(NAME, "TXT") == '"own"\n'
    weftd.nsupdate(f"update delete {NAME}")
    assert "addr=" in weftd.dig(NAME, "TXT")
    weftd.nsupdate("check-names off", f"update add {NAME} 60 A 192.0.2.1")
    assert weftd.dig(NAME, "TXT") == ""


def test_transfers_updates_and_push_do_not_know_it(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure({"lab.cloud": f"update: {{key: bench}}\n{OWN}"}).start()
    assert NAME not in updates.transferred(weftd)[1]
    reply = updates.send(weftd, ["_whoami 0 ANY ANY"], ["x 60 IN TXT a"])
    assert reply.rcode == "NXDOMAIN"
    with dso.open_tcp(weftd.where).begin() as client:
        number = client.subscribe(NAME, "TXT")
        assert client.keepalive().rcode == NOERROR and not client.records(number)


def test_rate_limits_are_those_of_other_answers(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(server="rate-limit: {responses-per-second: 10, window: 1, slip: 1}").start()
    with wire.udp_socket(weftd.where, "127.1.1.1") as sock:
        for number in range(60):
            sock.send(wire.query(NAME, 16, number=number))
        answers = [wire.parse(sock.recv(4096)) for _ in range(60)]
    assert any(a.has(wire.TC) for a in answers) and NXDOMAIN not in {a.rcode for a in answers}
