# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""One key that keeps the registry busy waits for itself."""

import leases
import syncs
import updates
import wire
from waiting import wait_for

FLOOD = 2000


def flood(sock, key, count):
    """Sends updates without waiting for their answers."""
    sock.sendall(b"".join(
        wire.frame(updates.signed(["n1.nodes 0 ANY TXT", f"n1.nodes 60 IN TXT value-{number}"],
                                  key=key)[0]) for number in range(count)))


def test_another_key_does_not_wait_for_what_one_key_has_queued(make_weftd):
    weftd, key = leases.fabric(make_weftd, server="workers: 1")
    weftd.start()
    n1, n2 = key("n1"), key("n2")
    with syncs.slow(weftd, 1), wire.connect(weftd.where) as sock:
        flood(sock, n1, 1)
        wait_for(lambda: weftd.count("queue-bytes") > 0, "first update")
        one = weftd.count("queue-bytes")
        flood(sock, n1, FLOOD)
        wait_for(lambda: weftd.count("queue-bytes") > one * FLOOD / 2, "full queue")
        assert updates.send(weftd, updates=["n2.nodes 60 IN TXT x"], key=n2).rcode == "NOERROR"
        # The key's own updates are for the most part still waiting.
        assert weftd.count("queue-bytes") > one * FLOOD / 4


def test_the_failure_of_one_request_fails_no_other(make_weftd):
    weftd, key = leases.fabric(make_weftd, server="workers: 1")
    weftd.start()
    n1, n2 = key("n1"), key("n2")
    big = "\\#" + ("ff" + "78" * 255) * 230
    grown = "NOERROR"
    with wire.connect(weftd.where) as sock, wire.connect(weftd.where) as honest:
        for number in range(40):
            lines = [f"a._x._tcp 60 IN TXT {big[:-4]}{number:04x}"]
            if number == 0:
                lines.append("a._x._tcp 60 IN SRV 0 0 80 n1.nodes")
            poison, mac = updates.signed(lines, key=n1, lease=7200)
            fine, fine_mac = updates.signed([f"n2.nodes 60 IN TXT value-{number}"], key=n2)
            sock.sendall(wire.frame(poison))
            honest.sendall(wire.frame(fine))
            assert updates.Reply(wire.read_frame(honest), n2, fine_mac).rcode == "NOERROR"
            grown = updates.Reply(wire.read_frame(sock), n1, mac).rcode
            assert grown in ("NOERROR", "REFUSED", "SERVFAIL")
    assert grown != "NOERROR"
