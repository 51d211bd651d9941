# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Response rate limiting: how many answers a prefix gets, slips, which clients are not limited."""

import select
import struct

import pytest

import updates
import wire
from loopback import free_address
from waiting import attempts, wait_for
from wire import NOERROR, TC

COOKIE = 10
BURST = 60
RATE = 10


def limited(make_weftd, more="", listen=()):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(server=f"rate-limit: {{responses-per-second: {RATE}, window: 1{more}}}")
    text = weftd.conf.read_text()
    shown = "".join(f'"{address}", ' for address in listen)
    weftd.conf.write_text(text.replace("listen: [", f"listen: [{shown}"))
    return weftd.start()


def burst(place, source, count=BURST, name="ns.lab.cloud.", rdtype="A", opt=b""):
    """Sends queries at once. Returns the answers, parsed."""
    got = []
    with wire.udp_socket(place, source) as sock:
        for number in range(count):
            sock.send(wire.query(name, rdtype, number=number, opt=opt))
        # Dropped answers never come, so the end is half a second without any.
        for _ in attempts("end of the answers"):
            if not select.select([sock], [], [], 0.5)[0]:
                break
            got.append(wire.parse(sock.recv(4096)))
    return got


def split(answers):
    """The whole answers, and the slips."""
    return [a for a in answers if not a.has(TC)], [a for a in answers if a.has(TC)]


def is_limited(whole):
    """Whether the number of whole answers is what a second allows, and what the burst's own time
    adds."""
    return RATE <= len(whole) <= 3 * RATE


def test_without_a_limit_all_is_answered(weftd):
    assert len(burst(weftd.where, "127.1.1.1", 200)) == 200


def test_what_is_over_the_limit_is_dropped_or_slips(make_weftd):
    weftd = limited(make_weftd)
    whole, slips = split(burst(weftd.where, "127.1.1.1"))
    assert is_limited(whole)
    over = BURST - len(whole)
    assert over // 2 - 1 <= len(slips) <= over // 2 + 1
    for slip in slips:
        assert slip.question == (wire.name("ns.lab.cloud."), 1, 1) and slip.rcode == NOERROR
        assert not slip.answer and not slip.authority and not slip.additional
    server = weftd.json("stats")["server"]
    assert server["rate-slipped"] == len(slips)
    assert server["rate-limited"] == over - len(slips)
    assert sum(server["rcodes"].values()) == server["responses-udp"] == len(whole) + len(slips)


def test_a_slip_of_a_signed_query_is_signed(make_weftd):
    weftd = limited(make_weftd, ", slip: 1")
    replies = []
    for _ in range(BURST):
        query, mac = updates.BENCH.sign(wire.query("ns.lab.cloud.", "A"))
        replies.append(updates.Reply(updates.exchange(weftd, query), updates.BENCH, mac))
    assert any(reply.flags & TC for reply in replies)


@pytest.mark.parametrize("slip,share", [(0, 0), (1, 1), (3, 3), (10, 10)])
def test_each_nth_answer_slips(make_weftd, slip, share):
    weftd = limited(make_weftd, f", slip: {slip}")
    whole, slips = split(burst(weftd.where, "127.1.1.1"))
    over = BURST - len(whole)
    assert is_limited(whole)
    assert abs(len(slips) - (over // share if share else 0)) <= 1


def test_errors_are_limited_as_well(make_weftd):
    """Whatever is asked with a forged source, its answers are limited."""
    weftd = limited(make_weftd, ", slip: 0")
    kinds = [("no.lab.cloud.", "A"), ("elsewhere.", "A"), ("lab.cloud.", "AXFR"), ("x.", "ANY")]
    for i, (name, rdtype) in enumerate(kinds):
        got = burst(weftd.where, f"127.2.{i}.1", name=name, rdtype=rdtype)
        assert is_limited(got), name


def test_an_honest_client_is_answered_by_tcp(make_weftd):
    weftd = limited(make_weftd, ", slip: 1")
    source = "127.1.1.1"
    burst(weftd.where, source)
    with wire.udp_socket(weftd.where, source) as sock:
        sock.settimeout(5)
        sock.send(wire.query("ns.lab.cloud.", "A"))
        sock.recv(4096)
    for _ in range(5 * RATE):
        assert wire.ask_tcp(weftd.where, "ns.lab.cloud.", "A").answer
    assert "127.0.0.1" in weftd.dig("ns.lab.cloud", "A", "+short")


def cookie_of(weftd, source):
    opt = wire.opt_record(options=[(COOKIE, b"client!!")])
    return wire.ask(weftd.where, "ns.lab.cloud.", "A", opt=opt, source=source).option(COOKIE)


def test_a_client_with_a_valid_cookie_is_not_limited(make_weftd):
    weftd = limited(make_weftd, ", slip: 0")
    source = "127.3.1.1"
    good = cookie_of(weftd, source)
    opt = wire.opt_record(options=[(COOKIE, good)])
    for _ in range(3):
        got = burst(weftd.where, source, opt=opt)
        assert len(got) == BURST and not split(got)[1]
    for bad in (good[:8], good[:16] + bytes(8), good):       # the last one: not from this address
        other = "127.3.2.1" if bad != good else "127.3.3.1"
        got = burst(weftd.where, other, opt=wire.opt_record(options=[(COOKIE, bad)]))
        assert len(got) < BURST, bad
    assert len(burst(weftd.where, source, opt=opt)) == BURST


def test_prefixes_are_limited_each_by_itself(make_weftd):
    weftd = limited(make_weftd, ", slip: 0")
    assert is_limited(burst(weftd.where, "127.4.1.1"))
    assert len(burst(weftd.where, "127.4.1.200", RATE)) < RATE      # of the same /24
    assert is_limited(burst(weftd.where, "127.4.2.1"))
    assert is_limited(burst(weftd.where, "127.5.1.1"))


@pytest.mark.parametrize("bits,one,other", [(32, "127.4.1.1", "127.4.1.2"),
                                            (16, "127.4.1.1", "127.5.1.1"),
                                            (25, "127.4.1.1", "127.4.1.129"),
                                            (1, "127.4.1.1", None)])
def test_the_length_of_prefixes_is_configured(make_weftd, bits, one, other):
    weftd = limited(make_weftd, f", slip: 0, ipv4-prefix: {bits}")
    assert is_limited(burst(weftd.where, one))
    if other:
        assert is_limited(burst(weftd.where, other))
    else:
        assert len(burst(weftd.where, "127.99.1.1", RATE)) < RATE


def test_exempt_prefixes_are_not_limited(make_weftd):
    _, port = free_address()
    weftd = limited(make_weftd, ', exempt: [127.6.0.0/16, 127.7.7.7/32, "::1/128"]',
                    [f"::1@{port}"])
    for source in ("127.6.0.1", "127.6.255.1", "127.7.7.7"):
        assert len(burst(weftd.where, source)) == BURST
    assert len(burst(("::1", port), "::1")) == BURST
    for source in ("127.7.7.8", "127.8.0.1"):
        assert len(burst(weftd.where, source)) < BURST


def test_ipv6_is_limited_too(make_weftd):
    _, port = free_address()
    weftd = limited(make_weftd, ", slip: 0", [f"::1@{port}"])
    assert is_limited(burst(("::1", port), "::1"))
    assert wire.ask(weftd.where, "ns.lab.cloud.", "A").answer


def test_credit_comes_back(make_weftd):
    weftd = limited(make_weftd, ", slip: 0")
    source = "127.9.1.1"
    burst(weftd.where, source)

    def answers():
        return wire.exchange(weftd.where, wire.query("ns.lab.cloud.", "A"), 0.3, source)
    wait_for(answers, "credit", 10)
    # A burst uses up the credit; 1.5 s later it must be whole again.
    wait_for(lambda: len(burst(weftd.where, source)) >= RATE, "credit of a second", 10, every_s=1.5)


def test_a_reload_changes_the_limit(make_weftd):
    weftd = limited(make_weftd, ", slip: 0")
    assert is_limited(burst(weftd.where, "127.9.1.1"))
    weftd.conf.write_text(weftd.conf.read_text().replace(f"second: {RATE}", "second: 0"))
    weftd.weft("reload")
    wait_for(lambda: len(burst(weftd.where, "127.9.1.1")) == BURST, "answers to all", 20)


def test_a_flood_from_many_prefixes_leaves_none_without_answer(make_weftd):
    """More prefixes than a bucket holds: each still gets its first answers."""
    weftd = limited(make_weftd)
    for i in range(1, 255, 2):
        data = wire.exchange(weftd.where, wire.query("ns.lab.cloud.", "A", number=i), 5,
                             f"127.{i % 90 + 1}.{i}.1")
        assert struct.unpack_from("!H", data)[0] == i and not wire.parse(data).has(TC)
