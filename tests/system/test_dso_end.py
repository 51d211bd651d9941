# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""How a server ends DSO sessions (RFC 8490 section 6.6): Retry Delay messages at shutdown and
reconfiguration, and nothing after them."""

import signal

import pytest

import dso
from services import reconfigure
from pushing import TRANSPORTS, begin, change, connect, follow, prepare
from waiting import LIMIT_S, attempts
from wire import NOERROR, REFUSED, SERVFAIL


def terminate(weftd):
    weftd.process.send_signal(signal.SIGTERM)


def no_more(client):
    """Whether nothing but the end follows."""
    return client.is_ended()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_at_shutdown_each_session_is_told_when_to_come_back(make_weftd, transport):
    """Clients that close at once do not hold weftd up; their delays differ."""
    weftd = prepare(make_weftd(), tls=transport == "tls").start()
    clients = [begin(weftd, transport) for _ in range(12)]
    for client in clients[::2]:
        client.subscribe("ns.lab.cloud.", "A")
    terminate(weftd)
    told = [client.until_retry() for client in clients]
    for client in clients:
        client.close()
    assert {found.rcode for found in told} == {NOERROR}
    assert len({found.delay_ms for found in told}) > 1
    assert weftd.process.wait(LIMIT_S) == 0


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_only_sessions_are_told(make_weftd, transport):
    """A client that has not shown that it knows DSO is sent no DSO message (section 5.1)."""
    weftd = prepare(make_weftd(), tls=transport == "tls").start()
    silent, asking, failed, session = (connect(weftd, transport) for _ in range(4))
    assert asking.query("ns.lab.cloud.").rcode == NOERROR
    assert failed.request(dso.message(5, dso.tlv(dso.UNKNOWN))).rcode == dso.DSOTYPENI
    session.begin()
    terminate(weftd)
    session.until_retry()
    session.close()
    assert all(no_more(client) for client in (silent, asking, failed))
    assert weftd.process.wait(LIMIT_S) == 0


def test_what_was_pushed_before_a_retry_delay_arrives(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()
    with begin(weftd) as client:
        follow(client, ("u.lab.cloud.", "TXT"))
        for n in range(20):
            serial = change(weftd, f"u 60 IN TXT {n}")
        terminate(weftd)
        client.until_retry()
        assert client.serial(client.soa) == serial
    assert weftd.process.wait(LIMIT_S) == 0


def test_a_killed_server_says_nothing(make_weftd):
    weftd = prepare(make_weftd()).start()
    clients = [begin(weftd, transport) for transport in TRANSPORTS]
    weftd.kill()
    assert all(no_more(client) for client in clients)


# ---- reconfiguration ----

def test_sessions_over_tcp_are_for_the_addresses_of_the_configuration(make_weftd):
    """Elsewhere DSO is not supported (section 5.1.1), and all else works."""
    weftd = prepare(make_weftd(), "dso-plain: [192.0.2.0/24]").start()
    with connect(weftd, "tcp") as client:
        assert client.request(dso.keepalive(5)).rcode not in (NOERROR, dso.DSOTYPENI)
        assert client.query("ns.lab.cloud.").rcode == NOERROR
        found = client.request(dso.subscribe(6, "ns.lab.cloud.", "A"))
        assert found.rcode not in (NOERROR, dso.DSOTYPENI)
        assert not client.rules.is_established
    for transport in set(TRANSPORTS) - {"tcp"}:
        with begin(weftd, transport) as client:
            assert client.keepalive().rcode == NOERROR


def test_sessions_that_are_not_allowed_any_more_end(make_weftd):
    weftd = prepare(make_weftd(), "dso-plain: [127.0.0.0/8]").start()
    with begin(weftd, "tcp") as plain, begin(weftd, TRANSPORTS[-1], source="127.9.0.1") as other:
        plain.subscribe("ns.lab.cloud.", "A")
        reconfigure(weftd, ("dso-plain: [127.0.0.0/8]", "dso-plain: [127.9.0.0/16]"))
        assert plain.until_retry().rcode in (REFUSED, NOERROR)
        assert other.keepalive().rcode == NOERROR


def test_a_reload_ends_no_session(make_weftd):
    weftd = prepare(make_weftd()).start()
    clients = [follow(begin(weftd, transport), ("u.lab.cloud.", "A")) for transport in TRANSPORTS]
    for _ in range(3):
        weftd.weft("reload")
    serial = change(weftd, "u 60 IN A 192.0.2.1")
    for client in clients:
        client.until_serial(client.soa, serial)
        assert client.keepalive().rcode == NOERROR
        client.close()


def test_new_timeouts_are_told(make_weftd):
    """By a Keepalive message of the server, or with the next one of the client (section 7.1)."""
    weftd = prepare(make_weftd(), "dso: {inactivity-timeout: 100, keepalive-interval: 1000}",
                    tls=False).start()
    with begin(weftd) as client:
        client.subscribe("ns.lab.cloud.", "A")
        inactivity_ms, interval_ms = client.keepalive(3600000, 3600000).timeouts
        reconfigure(weftd, ("inactivity-timeout: 100", "inactivity-timeout: 50"))
        for _ in attempts("new timeouts"):
            found = client.keepalive(3600000, 3600000).timeouts
            if found != (inactivity_ms, interval_ms):
                break
        assert found[0] < inactivity_ms and found[1] == interval_ms


# ---- limits ----

def refused(weftd, **more):
    """How a session over a limit is refused: by an RCODE or a Retry Delay message."""
    with connect(weftd, "tcp", **more) as client:
        try:
            found = client.request(dso.keepalive(5))
            if found.rcode == NOERROR:
                found = client.until_retry()
        except dso.ENDED:
            return "end"
        assert found.rcode in (SERVFAIL, REFUSED)
        return "retry" if found.delay_ms is not None else "refused"


@pytest.mark.parametrize("limit", ["sessions: 3", "sessions-per-client: 3"])
def test_sessions_are_limited(make_weftd, limit):
    weftd = prepare(make_weftd(), f"dso: {{{limit}}}", tls=False).start()
    clients = [begin(weftd) for _ in range(3)]
    for client in clients:      # a session without a subscription may be ended for a new one
        client.subscribe("ns.lab.cloud.", "A")
    assert refused(weftd) in ("retry", "refused", "end")
    for client in clients:
        assert client.keepalive().rcode == NOERROR
    if "per-client" in limit:
        with begin(weftd, source="127.0.0.9") as other:
            assert other.keepalive().rcode == NOERROR
    clients.pop().close()
    for _ in attempts("room for a session"):
        with connect(weftd, "tcp") as client:
            try:
                if [client.keepalive().rcode for _ in range(2)] == [NOERROR] * 2:
                    break
            except dso.ENDED:
                pass
    for client in clients:
        client.close()
