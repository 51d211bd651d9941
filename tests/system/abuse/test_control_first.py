# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""While the registry is busy, weftd answers weft, takes a revocation at once, and ends no lease whose
refresh waits."""

import threading
import time

import pytest

import leases
import services
import syncs
import updates
import wire
from loopback import wait_until_read
from waiting import wait_for

SLOW_S = 3
AT_ONCE_S = SLOW_S / 2


def timed(run, *args):
    start = time.monotonic()
    run(*args)
    return time.monotonic() - start


def pipelined(sock, key, count, owner):
    """Sends updates without waiting for their answers. Returns what is needed to read these."""
    asked = [updates.signed([f"{owner} 60 IN TXT value-{number}"], key=key)
             for number in range(count)]
    sock.sendall(b"".join(wire.frame(data) for data, _ in asked))
    return [mac for _, mac in asked]


def replies(sock, key, macs):
    return [updates.Reply(wire.read_frame(sock), key, mac) for mac in macs]


def wait_for_queue(weftd, nbytes):
    wait_for(lambda: weftd.count("queue-bytes") >= nbytes, "updates in the queue")
    return weftd.count("queue-bytes")


def test_weft_is_answered_while_the_disk_hangs(make_weftd):
    weftd, key = leases.fabric(make_weftd)
    weftd.start()
    n1 = key("n1")
    with syncs.slow(weftd, SLOW_S), wire.connect(weftd.where) as sock:
        macs = pipelined(sock, n1, 1, "n1.nodes")
        wait_for_queue(weftd, 1)
        for command in (["status"], ["stats"], ["zone", "status"], ["key", "list"]):
            assert timed(weftd.weft, *command) < AT_ONCE_S, command
        # A command that needs the registry waits for it, the others do not wait for that.
        waiting = threading.Thread(target=weftd.weft, args=("lease", "list"))
        waiting.start()
        assert timed(weftd.weft, "status") < AT_ONCE_S
        assert timed(updates.lookup, weftd, "ns.lab.cloud", "A") < AT_ONCE_S
        assert [reply.rcode for reply in replies(sock, n1, macs)] == ["NOERROR"]
        waiting.join()


def test_updates_that_wait_are_refused_once_their_key_is_revoked(make_weftd):
    weftd, key = leases.fabric(make_weftd)
    weftd.start()
    n1, n2 = key("n1"), key("n2")
    with syncs.slow(weftd, SLOW_S), wire.connect(weftd.where) as sock:
        macs = pipelined(sock, n1, 1, "n1.nodes")
        one = wait_for_queue(weftd, 1)
        macs += pipelined(sock, n1, 5, "n1.nodes")
        wait_for_queue(weftd, 6 * one)
        revoking = threading.Thread(target=weftd.weft, args=("key", "revoke", "n1"))
        revoking.start()
        # The workers go by it before it is on the disk.
        wait_for(lambda: weftd.json("key", "list"), "revocation")
        late = updates.signed(["n1.nodes 60 IN TXT late"], key=n1)[0]
        assert updates.Reply(updates.exchange(weftd, late, timeout_s=AT_ONCE_S)).rcode == "NOTAUTH"
        first, *rest = replies(sock, n1, macs)
        revoking.join()
    assert first.rcode == "NOERROR"
    assert {reply.rcode for reply in rest} == {"REFUSED"}
    assert rest[0].why == "the key has been revoked"
    assert updates.send(weftd, updates=["n2.nodes 60 IN TXT x"], key=n2).rcode == "NOERROR"


def test_a_lease_does_not_end_while_its_refresh_waits(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE, lease=services.options())
    weftd.start()
    n1, n2 = key("n1"), key("n2")
    soa = ["@ 0 ANY SOA"]    # a prerequisite: the registrar itself has to do the refresh
    lines = leases.service("web")
    assert updates.send(weftd, soa, lines, key=n2, lease=2).rcode == "NOERROR"
    with syncs.slow(weftd, SLOW_S), wire.connect(weftd.where) as sock:
        macs = pipelined(sock, n1, 1, "n1.nodes")
        wait_for_queue(weftd, 1)
        assert updates.send(weftd, soa, lines, key=n2, lease=600).rcode == "NOERROR"
        assert replies(sock, n1, macs)[0].rcode == "NOERROR"
    assert "lease-ended name=web" not in weftd.log()
    assert leases.is_there(weftd, "web")


@pytest.mark.unsanitized    # a leak sanitizer fails in a traced process
def test_a_stop_does_not_wait_for_all_that_is_queued(make_weftd):
    weftd, key = leases.fabric(make_weftd)
    weftd.start()
    n1 = key("n1")
    with syncs.slow(weftd, 1), wire.connect(weftd.where) as sock:
        macs = pipelined(sock, n1, 1, "n1.nodes")
        wait_for_queue(weftd, 1)
        macs += pipelined(sock, n1, 300, "n1.nodes")
        wait_until_read(sock)
        assert weftd.stop() == 0
        rcodes = {reply.rcode for reply in replies(sock, n1, macs)}
    assert rcodes <= {"NOERROR", "SERVFAIL"}
