# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A captured update that is sent again gets its old answer and does nothing; the same for a refresh,
whichever transport it comes by. What may be a replay is BADTIME."""

import time

import pytest

import leases
import services
import updates
from waiting import wait_for

BADTIME = 18
HOST = "n1.nodes"
CLEAR = f"{HOST} 0 ANY A"


@pytest.fixture
def served(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=leases.SOA + "ns A 127.0.0.1\n", lease=services.options())
    return weftd.start(), key("n1")


def signed(key, lines, when=None, fudge_s=300, lease=None):
    """A signed update as octets, and its MAC."""
    message = updates.update(updates=[updates.record(line) for line in lines],
                             additional=[updates.opt(lease=lease)])
    return key.sign(message, when=when, fudge_s=fudge_s)


def send(weftd, key, message, tcp=False):
    octets, mac = message
    return updates.Reply(updates.exchange(weftd, octets, tcp=tcp), key, mac)


def addresses(weftd):
    return sorted(text.split()[1] for text in updates.lookup(weftd, f"{HOST}.lab.cloud", "A"))


@pytest.mark.parametrize("tcp", [False, True])
def test_a_deregistered_service_does_not_come_back(served, tcp):
    weftd, key = served
    web = f"{services.WEB} 60 IN SRV 0 0 80 {HOST}.lab.cloud."
    first = signed(key, [CLEAR, f"{HOST} 60 IN A 10.0.0.1", web])
    assert send(weftd, key, first).rcode == "NOERROR"
    moved = signed(key, [CLEAR, f"{HOST} 60 IN A 10.0.0.2", f"{services.WEB} 0 ANY ANY"])
    assert send(weftd, key, moved).rcode == "NOERROR"
    again = send(weftd, key, first, tcp)
    assert again.rcode == "NOERROR" and "came before" in again.why
    assert addresses(weftd) == ["10.0.0.2"]
    assert not updates.lookup(weftd, f"{services.WEB}.lab.cloud", "SRV")
    assert weftd.count("updates-repeated") == 1


def test_a_retransmission_gets_the_old_answer(served):
    weftd, key = served
    refused = signed(key, ["n2.nodes 60 IN A 10.0.0.1"])
    first = send(weftd, key, refused)
    assert first.rcode == "REFUSED"
    assert send(weftd, key, refused).rcode == "REFUSED"
    granted = signed(key, [f"{HOST} 60 IN A 10.0.0.1"], lease=(30, 60))
    first = send(weftd, key, granted)
    assert first.rcode == "NOERROR" and first.lease is not None
    assert send(weftd, key, granted).lease == first.lease


def test_clients_of_one_key_may_differ_by_seconds(served):
    weftd, key = served
    start = int(time.time())
    for i, behind in enumerate([-2, 0, -1, 2, 0, -2]):
        # None is signed before the start, or has come before.
        when = max(start + behind + 3, start)
        assert send(weftd, key, signed(key, [CLEAR, f"{HOST} 60 IN A 10.0.1.{i}"], when)).rcode \
            == "NOERROR"
        assert addresses(weftd) == [f"10.0.1.{i}"]


def test_a_replayed_refresh_keeps_no_lease(served):
    weftd, key = served
    lines = [f"{services.WEB} 60 IN SRV 0 0 80 {HOST}.lab.cloud."]
    once = signed(key, lines, lease=2)
    assert send(weftd, key, once).rcode == "NOERROR"
    # A refresh that a worker answers itself: signed anew, and then replayed as well.
    refresh = signed(key, lines, lease=2)
    assert send(weftd, key, refresh).rcode == "NOERROR"

    def ended():
        for message in (once, refresh):
            assert send(weftd, key, message).rcode == "NOERROR"
        return not updates.lookup(weftd, f"{services.WEB}.lab.cloud", "SRV")
    wait_for(ended, "end of the lease")


def test_the_fudge_has_a_bound(served):
    weftd, key = served
    late = send(weftd, key, signed(key, [f"{HOST} 60 IN A 10.0.0.4"], int(time.time()) - 400, 65535))
    assert late.rcode == "NOTAUTH" and late.tsig.error == BADTIME
    assert "fudge is 300 s" in late.why
    assert addresses(weftd) == []


def test_a_restart_takes_nothing_from_before(served):
    """Not even from the second in which it was."""
    weftd, key = served
    add = signed(key, [f"{HOST} 60 IN A 10.0.0.5"])
    assert send(weftd, key, add).rcode == "NOERROR"
    assert send(weftd, key, signed(key, [CLEAR])).rcode == "NOERROR"
    weftd.kill()
    weftd.start()
    again = send(weftd, key, add)
    assert again.rcode == "NOTAUTH" and again.tsig.error == BADTIME
    assert addresses(weftd) == []
    assert weftd.count("updates-old") == 1
    assert send(weftd, key, signed(key, [f"{HOST} 60 IN A 10.0.0.6"])).rcode == "NOERROR"


def test_a_restart_takes_nothing_of_a_fast_clock(served):
    """The time signed has not come yet, and the update was done; the key signs on."""
    weftd, key = served
    now = int(time.time())
    add = signed(key, [f"{HOST} 60 IN A 10.0.0.5"], when=now + 250)
    refresh = signed(key, [f"{services.WEB} 60 IN SRV 0 0 80 {HOST}.lab.cloud."], when=now + 240,
                     lease=2)
    assert send(weftd, key, add).rcode == "NOERROR"
    assert send(weftd, key, refresh).rcode == "NOERROR"
    assert send(weftd, key, signed(key, [CLEAR], when=now + 251)).rcode == "NOERROR"
    for _ in range(2):
        weftd.kill()
        weftd.start()
        for message in (add, refresh):
            again = send(weftd, key, message)
            assert again.rcode == "NOTAUTH" and again.tsig.error == BADTIME
        assert addresses(weftd) == []
    assert send(weftd, key, signed(key, [f"{HOST} 60 IN A 10.0.0.6"], when=now + 252)).rcode \
        == "NOERROR"


def test_a_retransmission_over_a_restart_is_done(served):
    """What was signed after the last commit cannot have been done."""
    weftd, key = served
    assert send(weftd, key, signed(key, [f"{HOST} 60 IN A 10.0.0.7"])).rcode == "NOERROR"
    second = int(time.time())
    wait_for(lambda: int(time.time()) > second, "next second")
    late = signed(key, [f"{HOST} 60 IN A 10.0.0.8"])
    weftd.kill()
    weftd.start()
    assert send(weftd, key, late).rcode == "NOERROR"
    assert addresses(weftd) == ["10.0.0.7", "10.0.0.8"]


def test_a_clock_that_is_a_second_fast_is_taken_after_a_restart(served):
    """So are those that agree: a second may begin for the client before it does for weftd."""
    weftd, key = served
    ahead = int(time.time()) + 1
    assert send(weftd, key, signed(key, [f"{HOST} 60 IN A 10.0.0.9"], when=ahead)).rcode == "NOERROR"
    weftd.kill()
    weftd.start()
    assert send(weftd, key, signed(key, [CLEAR])).rcode == "NOERROR"
