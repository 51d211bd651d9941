# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What was answered SERVFAIL never comes back; where nobody can know that, there is no answer."""

import pytest

import leases
import syncs
import updates
import wire

NAME = "n1.nodes"


def value(number):
    return [f"{NAME} 0 ANY TXT", f"{NAME} 60 IN TXT value-{number}"]


def values(weftd):
    return [line.split()[1].strip('"') for line in updates.lookup(weftd, f"{NAME}.lab.cloud", "TXT")]


def ask(weftd, key, number, timeout_s):
    """The RCODE of the update, or None without an answer."""
    data, mac = updates.signed(value(number), key=key)
    answer = wire.exchange(weftd.where, data, timeout_s)
    return None if answer is None else updates.Reply(answer, key, mac).rcode


@pytest.mark.parametrize("end", ["crash", "recovery"])
def test_what_was_refused_does_not_come_back(make_weftd, end):
    weftd, key = leases.fabric(make_weftd)
    weftd.start()
    n1 = key("n1")
    assert [ask(weftd, n1, number, 60) for number in range(3)] == ["NOERROR"] * 3
    with syncs.broken(weftd):
        assert ask(weftd, n1, 3, 3) is None
        refused = [ask(weftd, n1, number, 60) for number in range(4, 8)]
        assert refused == ["SERVFAIL"] * 4
        assert values(weftd) == ["value-2"]
        assert weftd.count("updates-unanswered") == 1
        if end == "crash":
            weftd.kill()
    if end == "crash":
        weftd.start()
        assert values(weftd) in (["value-2"], ["value-3"])
    else:
        assert values(weftd) == ["value-2"]
    assert ask(weftd, n1, 8, 60) == "NOERROR"
    weftd.kill()
    weftd.start()
    assert values(weftd) == ["value-8"]
    assert "nobody can know" in weftd.log()


def test_a_connection_without_an_answer_is_closed(make_weftd):
    weftd, key = leases.fabric(make_weftd)
    weftd.start()
    n1 = key("n1")
    with syncs.broken(weftd), wire.connect(weftd.where) as sock:
        sock.sendall(wire.frame(updates.signed(value(1), key=n1)[0]))
        assert wire.is_closed(sock, 60)
    assert weftd.is_running()
    assert ask(weftd, n1, 2, 60) == "NOERROR"
