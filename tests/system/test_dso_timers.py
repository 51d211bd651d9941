# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The two timers of a DSO session (RFC 8490 sections 6.2 to 6.5): which client is delinquent, when,
and which never is. weftd's clocks run faster than the test's."""

import glob
import select
import time

import pytest

import dso
import wire
from pushing import TRANSPORTS, begin, change, connect, prepare
from waiting import LIMIT_S, attempts, let_pass

FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
RATE = 16               # seconds of weftd in a second of the test
OWNER = "u.lab.cloud."

pytestmark = [pytest.mark.skipif(not FAKETIME, reason="needs faketime"), pytest.mark.unsanitized]


@pytest.fixture
def fast(make_weftd, monkeypatch):
    """Makes a weftd whose clocks run RATE times as fast."""
    def make(server, tls=False):
        weftd = prepare(make_weftd(), server, tls=tls)
        monkeypatch.setenv("LD_PRELOAD", FAKETIME[0])
        monkeypatch.setenv("FAKETIME", f"+0 x{RATE}")
        monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "0")
        weftd.start()
        for name in ("LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC"):
            monkeypatch.delenv(name)
        return weftd
    return make


class Watched:
    """A session, what it does meanwhile, and when it was ended: in seconds of weftd since it was
    made by `begin`, which sends the last message that counts."""

    def __init__(self, begin, every_s=None, act=None):
        self.begun = time.monotonic()
        self.client, self.every_s, self.act = begin(), every_s, act
        self.acted = time.monotonic()
        self.end_s, self.is_reset, self.longest_s = None, False, 0

    def turn(self):
        if self.end_s is not None:
            return
        now = time.monotonic()
        if self.act is not None and (now - self.acted) * RATE >= self.every_s:
            self.longest_s = max(self.longest_s, (now - self.acted) * RATE)
            self.acted = now
            try:
                self.act(self)
            except dso.ENDED:
                pass
        try:
            while self.client.is_ready():
                self.client.receive()
        except dso.ENDED as end:
            self.end_s = (time.monotonic() - self.begun) * RATE
            self.is_reset = isinstance(end, ConnectionResetError)


def watch(*watched, seconds=0):
    """Lets the sessions live until those without an act have ended, and for so long."""
    begun = time.monotonic()
    for _ in attempts("end of the sessions"):
        for one in watched:
            one.turn()
        late = (time.monotonic() - begun) * RATE
        if late >= seconds and all(one.end_s is not None for one in watched if one.act is None):
            return
        select.select([one.client.sock for one in watched if one.end_s is None], [], [], 0.01)
        let_pass(0.005)


def delinquent_s(client):
    """When a session that does nothing is delinquent (section 6.4.1), and when one without messages
    is (section 6.5.1)."""
    inactivity_ms, interval_ms = client.rules.timeouts
    return max(5, 2 * inactivity_ms / 1000), 2 * interval_ms / 1000


def test_sessions_that_are_delinquent_are_aborted_and_others_are_not(fast):
    weftd = fast("dso: {inactivity-timeout: 1, keepalive-interval: 10}")

    def established():
        client = connect(weftd, "tcp")
        assert client.keepalive(1000, 10000).timeouts[1] == 10000
        return client

    def subscribed(owner="quiet.lab.cloud."):
        client = established()
        client.subscribe(owner, "TXT")
        return client

    def keep_alive(one):
        number = dso.next_id()
        one.client.rules.sent(number, dso.KEEPALIVE)
        one.client.send(dso.keepalive(number, 1000, 10000))

    names = iter(range(1000))
    watched = {
        "idle": Watched(established),
        "maintained": Watched(established, 1, keep_alive),
        "subscribed": Watched(subscribed, 5, keep_alive),
        "asking": Watched(established, 1,
                          lambda one: one.client.send(wire.query("ns.lab.cloud.", 1, 5))),
        "lazy": Watched(subscribed),
        "told": Watched(lambda: subscribed(OWNER), 4,
                        lambda _: change(weftd, f"{OWNER} 60 IN TXT {next(names)}")),
    }
    watch(*watched.values(), seconds=30)
    inactive_s, silent_s = delinquent_s(watched["idle"].client)
    # Keepalive messages do not make a session active.
    for name in ("idle", "maintained"):
        assert watched[name].end_s is not None and watched[name].end_s >= inactive_s, name
        assert watched[name].is_reset, name
    # A subscription does, but without messages nobody knows whether the client is there.
    assert watched["lazy"].end_s >= silent_s and watched["lazy"].is_reset
    for name, limit_s in (("subscribed", silent_s), ("asking", inactive_s), ("told", silent_s)):
        if watched[name].longest_s < limit_s / 2:
            assert watched[name].end_s is None, (name, watched[name].end_s)
    for one in watched.values():
        one.client.close()


def test_the_timeouts_are_15_seconds_where_none_were_asked_for(fast):
    weftd = fast("")

    def subscribed():
        client = connect(weftd, "tcp")
        client.subscribe("quiet.lab.cloud.", "A")
        return client

    def unsubscribed():
        client = subscribed()
        client.unsubscribe(next(iter(client.rules.active)))
        return client

    watched = [Watched(subscribed), Watched(unsubscribed)]
    watch(*watched)
    assert all(one.end_s >= 30 and one.is_reset for one in watched)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_after_a_retry_delay_nothing_is_answered_and_five_seconds_are_left(fast, transport):
    """What is under way to the server is ignored silently (section 6.6.1.1)."""
    weftd = fast("", transport == "tls")
    with begin(weftd, transport) as client:
        weftd.process.terminate()
        client.until_retry()
        client.send(wire.query("ns.lab.cloud.", 1, 7), dso.keepalive(8),
                    dso.subscribe(9, "ns.lab.cloud.", "A"))
        assert client.is_ended()
    assert weftd.process.wait(LIMIT_S) == 0
