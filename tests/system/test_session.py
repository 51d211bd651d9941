# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DSO sessions (RFC 8490): how they are established, kept, limited and ended, and what else goes on
on their connections."""

import contextlib
import signal
import socket
import ssl
import subprocess

import pytest

import pushing
import wire
from sessions import (DSOTYPENI, INFINITE, KEEPALIVE, NOTAUTH, PADDING, RETRY_DELAY, SUBSCRIBE,
                      Session, keepalive, message, parse, tlv)
from updates import BENCH, Reply, signed
from waiting import wait_for
from wire import FORMERR, NOERROR, NOTIMP, REFUSED, SERVFAIL, frame, read_frame

EDNS_KEEPALIVE, EDNS_PADDING = 11, 12
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


def test_sessions_may_end_while_they_are_listed(weftd):
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(Session(weftd.where)) for _ in range(300)]
        for session in sessions:
            session.keep()
        for some in (sessions[i::6] for i in range(6)):
            for session in some:
                session.sock.close()
            clients = [one["client"] for one in weftd.json("sessions")]
            assert len(set(clients)) == len(clients)
    wait_for(lambda: weftd.json("sessions") == [], "the end of all sessions")


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


# ---- where it is not served ----

def test_without_tls_the_network_must_be_permitted(tuned):
    weftd = tuned("dso-plain: [192.0.2.0/24]")
    with Session(weftd.where) as session:
        got = session.ask(1, keepalive())
        assert got.rcode == NOTIMP and not got.tlvs
        assert wire.ask_on(session.sock, "ns.lab.cloud.").rcode == NOERROR
        assert weftd.count("dso-refused") == 1 and weftd.count("dso-started") == 0
        session.send(message(0, tlv(UNKNOWN)))
        assert session.is_aborted()


# ---- limits ----

def established(weftd, stack, count):
    sessions = []
    for _ in range(count):
        sessions.append(stack.enter_context(Session(weftd.where)))
        sessions[-1].keep()
    return sessions


@pytest.mark.parametrize("limit", ["sessions", "sessions-per-client"])
def test_at_the_limit_a_client_is_to_come_back_later(tuned, limit):
    weftd = tuned(f"workers: 1\ndso: {{{limit}: 2}}")
    with contextlib.ExitStack() as stack:
        first, _ = established(weftd, stack, 2)
        third = stack.enter_context(Session(weftd.where))
        third.keep()
        rcode, delay_ms = third.retry_delay()
        assert rcode == SERVFAIL and 60000 <= delay_ms < 120000
        third.send(message(9, keepalive()), query())
        third.sock.shutdown(socket.SHUT_WR)
        assert third.is_ended()
        assert weftd.count("dso-sessions") == 2 and weftd.count("dso-refused") == 1
        first.sock.close()
        wait_for(lambda: weftd.count("dso-sessions") == 1, "the end of the first session")
        fourth = stack.enter_context(Session(weftd.where))
        fourth.keep()
        fourth.keep(2)


def subscribe(owner):
    return tlv(SUBSCRIBE, wire.name(owner) + b"\0\1\0\1")


def test_at_the_limit_a_first_subscription_is_an_error(tuned):
    weftd = tuned("workers: 1\ndso: {sessions: 1}")
    with Session(weftd.where) as first, Session(weftd.where) as second:
        first.keep()
        got = second.ask(1, subscribe("ns.lab.cloud."))
        (kind, data), = got.tlvs
        assert got.rcode == SERVFAIL and kind == RETRY_DELAY
        assert 60000 <= int.from_bytes(data, "big") < 120000
        assert wire.ask_on(second.sock, "ns.lab.cloud.").rcode == NOERROR
        first.sock.close()
        wait_for(lambda: weftd.count("dso-sessions") == 0, "the end of the first session")
        assert second.ask(2, subscribe("x.example.")).rcode == NOTAUTH
        assert weftd.count("dso-sessions") == 0
        assert second.ask(3, subscribe("ns.lab.cloud.")).rcode == NOERROR
        assert (weftd.count("dso-sessions"), weftd.count("dso-started")) == (1, 2)


def test_a_session_with_subscriptions_is_not_inactive(tuned):
    weftd = tuned("workers: 1\ndso: {sessions: 2}")
    with contextlib.ExitStack() as stack:
        watching, idle = established(weftd, stack, 2)
        watching.keep(2, 0, 3600000)
        assert watching.ask(3, subscribe("ns.lab.cloud.")).rcode == NOERROR
        watching.read()     # the record
        idle.keep(2, 0, 3600000)
        assert idle.is_aborted()
        watching.keep(4, 0, 3600000)


def test_at_the_limit_an_inactive_session_makes_room(tuned):
    weftd = tuned("workers: 1\ndso: {sessions: 2}")
    with contextlib.ExitStack() as stack:
        first, _ = established(weftd, stack, 2)

        def has_room():
            with Session(weftd.where) as session:
                session.keep()
            return weftd.count("dso-overload") == 1

        wait_for(has_room, "the end of the first session")
        assert first.retry_delay()[0] == SERVFAIL


def test_connections_do_not_drive_out_sessions_nor_the_reverse(tuned):
    weftd = tuned("workers: 1\ntcp: {connections: 3, connections-per-client: 3}\n"
                  "dso: {sessions: 5}")
    with contextlib.ExitStack() as stack:
        sessions = established(weftd, stack, 5)
        plain = [stack.enter_context(Session(weftd.where)) for _ in range(20)]
        wait_for(lambda: weftd.count("tcp-evicted") == 17, "evictions")
        assert wire.ask_on(plain[-1].sock, "ns.lab.cloud.").rcode == NOERROR
        for session in sessions:
            session.keep(2)


def test_a_session_is_kept_longer_than_an_idle_connection(tuned):
    weftd = tuned("tcp: {idle-timeout: 1}")
    with Session(weftd.where) as session, wire.connect(weftd.where) as plain:
        session.keep()
        assert wire.is_closed(plain, 20)
        session.keep(2)


# ---- the end ----

def test_an_inactive_session_is_aborted_after_five_seconds(weftd):
    with Session(weftd.where) as session:
        session.keep(1, 0, 10000)
        assert session.is_aborted()
    wait_for(lambda: weftd.count("dso-inactive") == 1, "the end of the session")


def test_when_weftd_stops_clients_come_back_at_different_times(tuned):
    weftd = tuned("dso: {retry-delay: 7}")
    with contextlib.ExitStack() as stack:
        sessions = established(weftd, stack, 100)
        weftd.process.send_signal(signal.SIGTERM)
        ends = [session.retry_delay() for session in sessions]
        for session in sessions:
            session.send(query())
        for session in sessions:
            session.sock.shutdown(socket.SHUT_WR)
            assert session.is_ended()
        assert weftd.process.wait(20) == 0
    assert {rcode for rcode, _ in ends} == {NOERROR}
    assert len({delay_ms for _, delay_ms in ends}) > 50
    assert all(7000 <= delay_ms < 14000 for _, delay_ms in ends)


def test_a_client_that_does_not_close_is_aborted(weftd):
    with Session(weftd.where) as session:
        session.keep()
        weftd.process.send_signal(signal.SIGTERM)
        session.retry_delay()
        assert session.is_aborted()
        assert weftd.process.wait(20) == 0


def test_updates_under_way_are_answered_before_the_end(weftd):
    count = 200
    with Session(weftd.where) as session:
        session.keep()
        session.send(*(signed([f"u{n} 60 IN A 192.0.2.1"], number=n + 1)[0]
                       for n in range(count)))
        read_frame(session.sock)
        weftd.process.send_signal(signal.SIGTERM)
        nanswers = 1
        while True:
            data = read_frame(session.sock)
            if data[:2] == b"\0\0":
                break
            nanswers += 1
        session.sock.shutdown(socket.SHUT_WR)
        assert session.is_ended()
        assert weftd.process.wait(20) == 0
    assert nanswers <= count
    weftd.start()
    found = sum(bool(wire.ask(weftd.where, f"u{n}.lab.cloud.").answer) for n in range(count))
    assert found == nanswers


# ---- reload ----

def test_changed_timeouts_are_sent_to_clients_that_asked(weftd):
    with Session(weftd.where) as session, Session(weftd.where) as modest:
        session.keep(1, 20000, 7200000)
        modest.keep(1, 100, 10000)
        weftd.configure(server="dso: {inactivity-timeout: never, keepalive-interval: 20}")
        weftd.weft("reload")
        got = session.read()
        assert not got.is_response and got.number == 0
        assert got.tlvs == [(KEEPALIVE, keepalive(20000, 20000)[4:])]
        assert modest.keep(2, 100, 10000) == (100, 10000)


def test_a_session_that_is_not_permitted_any_more_is_ended(weftd):
    with Session(weftd.where) as session:
        session.keep()
        weftd.configure(server="dso-plain: []")
        weftd.weft("reload")
        rcode, delay_ms = session.retry_delay()
        assert rcode == REFUSED and 5000 <= delay_ms < 10000
    wait_for(lambda: weftd.count("dso-changed") == 1, "the end of the session")


# ---- TLS ----

@pytest.fixture
def secret(make_weftd):
    """A weftd with a listener for TLS, at weftd.tls, which alone serves DSO."""
    return pushing.prepare(make_weftd(), "dso-plain: []", tls=True).start()


@contextlib.contextmanager
def dial_tls(weftd, certificate=None, key=None):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key)
    with socket.create_connection(weftd.tls, timeout=20) as sock:
        yield Session(context.wrap_socket(sock, suppress_ragged_eofs=False))


def test_responses_are_padded_over_tls(secret):
    with dial_tls(secret) as session:
        for number, asked in enumerate([keepalive(), tlv(UNKNOWN)], 1):
            session.send(message(number, asked, tlv(PADDING, b"x")))
            data = read_frame(session.sock)
            assert len(data) == 468
            kind, padding = parse(data).tlvs[-1]
            assert kind == PADDING and not any(padding)
        assert session.ask(9, keepalive()).tlvs[-1][0] == KEEPALIVE


def test_answers_to_padded_queries_are_padded_over_tls_only(secret):
    padded = wire.opt_record(options=[(EDNS_PADDING, bytes(20))])
    asked = query(opt=padded)
    with dial_tls(secret) as session:
        session.send(asked)
        assert len(read_frame(session.sock)) == 468
        update, mac = signed(["p 60 IN A 192.0.2.1"])
        session.send(update)
        assert len(read_frame(session.sock)) < 468
        session.send(query())
        assert len(read_frame(session.sock)) < 468
        session.send(wire.query("none.lab.cloud.", "A", 3, opt=padded))
        assert len(read_frame(session.sock)) == 468
    assert len(wire.exchange_tcp(secret.where, asked)) < 468
    assert len(wire.exchange(secret.where, asked)) < 468


def test_edns_keepalive_is_answered_over_tls(secret):
    opt = wire.opt_record(options=[(EDNS_KEEPALIVE, b"")])
    with dial_tls(secret) as session:
        assert wire.ask_on(session.sock, "ns.lab.cloud.", opt=opt).option(EDNS_KEEPALIVE)


def test_over_tls_no_network_has_to_be_permitted(secret):
    with dial_tls(secret) as session, Session(secret.where) as plain:
        session.keep()
        assert plain.ask(1, keepalive()).rcode == NOTIMP
        secret.process.send_signal(signal.SIGTERM)
        assert session.retry_delay()[0] == NOERROR
        session.sock.close()
        assert secret.process.wait(20) == 0


def test_a_session_without_a_certificate_is_ended_when_one_becomes_required(secret):
    key, certificate = secret.folder / "ca.key", secret.folder / "ca.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=x",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)

    def require(word):
        options = f"tls: {{client-certificates: {word}, client-ca: ca.pem}}\ndso-plain: []"
        listen = f'listen-tls: ["{secret.tls[0]}@{secret.tls[1]}"]'
        secret.configure({"lab.cloud": pushing.OPEN}, f"{listen}\n{options}", pushing.FABRIC)
        secret.weft("reload")

    require("optional")
    with dial_tls(secret) as unknown, dial_tls(secret, certificate, key) as known:
        unknown.keep()
        known.keep()
        require("required")
        assert unknown.retry_delay()[0] == REFUSED
        known.keep(2)
