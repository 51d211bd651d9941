# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DSO sessions (RFC 8490): how they are established, kept, limited and ended, and what else goes on
on their connections."""

import contextlib
import signal
import socket

import pytest

import wire
from sessions import (DSOTYPENI, INFINITE, KEEPALIVE, PADDING, RETRY_DELAY, Session, keepalive,
                      message, tlv)
from updates import BENCH, Reply, signed
from waiting import wait_for
from wire import FORMERR, NOERROR, NOTIMP, REFUSED, SERVFAIL, frame, read_frame

EDNS_KEEPALIVE = 11
UNKNOWN = 0xf800


@pytest.fixture
def tuned(make_weftd):
    """Makes a weftd with further options of the server."""
    def make(server):
        weftd = make_weftd()
        weftd.zone()
        return weftd.configure(server=server).start()
    return make


def query(number=1, **more):
    return wire.query("ns.lab.cloud.", "A", number, **more)


# ---- establishment ----

def test_a_keepalive_establishes_a_session(weftd):
    with Session(weftd.where) as session:
        assert session.keep() == (15000, 3600000)
        wait_for(lambda: weftd.count("dso-sessions") == 1, "a session")
    wait_for(lambda: weftd.count("dso-closed") == 1, "the end of the session")
    assert weftd.count("dso-sessions") == 0 and weftd.count("dso-started") == 1


@pytest.mark.parametrize("asked, granted", [
    ((100, 100), (100, 10000)), ((0, 0), (0, 10000)), ((INFINITE, INFINITE), (15000, 3600000)),
    ((14999, 10001), (14999, 10001))])
def test_the_server_grants_what_it_permits(weftd, asked, granted):
    with Session(weftd.where) as session:
        assert session.keep(7, *asked) == granted


def test_an_unknown_type_establishes_nothing(weftd):
    with Session(weftd.where) as session:
        got = session.ask(1, tlv(UNKNOWN, b"abc"))
        assert got.rcode == DSOTYPENI and not got.tlvs
        assert wire.ask_on(session.sock, "ns.lab.cloud.").rcode == NOERROR
        assert weftd.count("dso-started") == 0
        session.keep(2)
        assert session.ask(3, tlv(UNKNOWN)).rcode == DSOTYPENI


def test_a_unidirectional_message_before_a_session_is_fatal(weftd):
    with Session(weftd.where) as session:
        session.send(message(0, tlv(UNKNOWN)))
        assert session.is_aborted()


FATAL = [message(0, keepalive()), message(0, tlv(UNKNOWN)), message(0, tlv(RETRY_DELAY, bytes(4))),
         message(5, tlv(RETRY_DELAY, bytes(4))), message(5, flags=0xb000),
         message(0, flags=0xb000), message(0), message(0, keepalive(), counts=(0, 0, 0, 1))]


@pytest.mark.parametrize("sent", FATAL, ids=lambda sent: sent.hex())
def test_fatal_errors_abort_the_connection(weftd, sent):
    with Session(weftd.where) as session:
        session.keep()
        session.send(query(1), sent, query(2))
        assert session.is_aborted()
    wait_for(lambda: weftd.count("dso-errors") == 1, "the error")
    assert weftd.count("dso-sessions") == 0


@pytest.mark.parametrize("counts", [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)])
def test_counts_are_a_format_error(weftd, counts):
    with Session(weftd.where) as session:
        session.keep()
        assert session.ask(2, keepalive(), counts=counts).rcode == FORMERR
        session.keep(3)


def test_messages_may_come_octet_by_octet(weftd):
    with Session(weftd.where) as session:
        session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in frame(message(1, keepalive())):
            session.sock.sendall(bytes([octet]))
        assert session.read().rcode == NOERROR


def test_over_udp_dso_is_not_implemented(weftd):
    got = wire.exchange(weftd.where, message(1, keepalive()))
    assert got is not None and int.from_bytes(got[2:4], "big") & 15 == NOTIMP


# ---- other messages on the connection ----

def test_queries_and_updates_go_on(weftd):
    with Session(weftd.where) as session:
        session.keep()
        assert len(wire.ask_on(session.sock, "ns.lab.cloud.").answer) == 1
        data, mac = signed(["a 60 IN A 192.0.2.1"])
        session.send(data)
        assert Reply(read_frame(session.sock), BENCH, mac).rcode == "NOERROR"
        assert len(wire.ask_on(session.sock, "a.lab.cloud.").answer) == 1
        session.keep(2)


def test_edns_keepalive_is_fatal_on_a_session_only(weftd):
    opt = wire.opt_record(options=[(EDNS_KEEPALIVE, b"")])
    with Session(weftd.where) as session:
        assert wire.ask_on(session.sock, "ns.lab.cloud.", opt=opt).rcode == NOERROR
        session.keep()
        session.send(query(opt=opt))
        assert session.is_aborted()


def test_responses_are_not_padded_without_tls(weftd):
    with Session(weftd.where) as session:
        got = session.ask(1, keepalive(), tlv(PADDING, bytes(100)))
        assert [kind for kind, _ in got.tlvs] == [KEEPALIVE]
