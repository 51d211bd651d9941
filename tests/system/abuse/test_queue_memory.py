# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Updates that wait are bounded by the memory that they take, in all and by key. What finds no room
is answered, over UDP too."""

import leases
import syncs
import updates
import wire
from waiting import wait_for

MIB = 1 << 20
TOLD = "too many updates are waiting: try again later"


def fat(key):
    """An update of some 60 kB that changes nothing: its prerequisite does not hold."""
    rdata = "\\#" + ("ff" + "78" * 255) * 230
    return updates.signed([f"n1.nodes 60 IN TXT {rdata}"], ["nope 0 ANY ANY"], key=key)


def test_a_full_queue_is_told_over_udp_and_tcp(make_weftd):
    weftd, key = leases.fabric(make_weftd,
                               server="workers: 1\nupdate-queue: {size: 4M, size-per-key: 1M}")
    weftd.start()
    n1, n2 = key("n1"), key("n2")
    macs = {}

    def another():
        data, mac = fat(n1)
        macs[data[:2]] = mac
        return data

    with syncs.slow(weftd, 5), wire.udp_socket(weftd.where) as sock:
        before = weftd.rss_bytes()
        sock.send(updates.signed(["n1.nodes 60 IN TXT x"], key=n1)[0])
        wait_for(lambda: weftd.count("queue-bytes") > 0, "update on its way to the disk")
        answer = None
        sock.settimeout(0.01)
        for _ in range(200):
            sock.send(another())
            try:
                answer = sock.recv(65535)
                break
            except TimeoutError:
                pass
        reply = updates.Reply(answer, n1, macs[answer[:2]])
        assert (reply.rcode, reply.why) == ("SERVFAIL", TOLD)
        data, mac = fat(n1)
        reply = updates.Reply(updates.exchange(weftd, data, tcp=True), n1, mac)
        assert (reply.rcode, reply.why) == ("SERVFAIL", TOLD)
        assert weftd.count("queue-bytes") <= MIB
        assert weftd.count("queue-refused") >= 2
        assert weftd.rss_bytes() - before < 32 * MIB
        # Another key has room.
        assert updates.send(weftd, updates=["n2.nodes 60 IN TXT x"], key=n2).rcode == "NOERROR"
    wait_for(lambda: weftd.count("queue-bytes") == 0, "empty queue")
    assert updates.send(weftd, updates=["n1.nodes 60 IN TXT y"], key=n1).rcode == "NOERROR"
