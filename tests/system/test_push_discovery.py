# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""How clients find the server of DNS Push for a zone (RFC 8765 section 6.1)."""

import struct

import pytest

import dso
import wire
from pushing import begin, prepare, serving
from wire import name

TYPE, A = "_http._tcp.lab.cloud.", 1
SRV = "_dns-push-tls._tcp.lab.cloud."


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("discovery"), tls=True) as weftd:
        yield weftd


def test_an_srv_names_the_listener(shared):
    answer = wire.ask(shared.where, SRV, "SRV")
    srv, = answer.answer
    port, = struct.unpack_from("!H", srv.rdata, 4)
    assert answer.has(wire.AA) and port == shared.tls[1]
    target = wire.text(srv.rdata[6:])
    assert [r for r in wire.ask(shared.where, target, "A").answer if r.rdtype == A]


def test_the_srv_is_found_as_a_client_finds_it(shared):
    """SOA of the closest zone, then the SRV, then the session: over the session itself, too."""
    with begin(shared, "tls") as client:
        soa, = client.query(TYPE, "SOA").authority
        assert (soa.owner, soa.rdtype) == (name("lab.cloud."), dso.SOA)
        answer = client.query(SRV, "SRV")
        assert answer.has(wire.AA) and len(answer.answer) == 1
        number = client.subscribe(SRV, "SRV")
        assert client.until_records(number, 1)


def test_there_is_no_srv_without_a_listener(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()
    assert wire.ask(weftd.where, SRV, "SRV").answer == []
