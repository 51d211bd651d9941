# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Leases (RFC 9664): what is granted, what a lease holds, when it ends, and how restarts and clock
changes affect it."""

import glob
import itertools
import threading
import time

import dns.edns
import dns.message
import dns.query
import dns.rcode
import pytest

import updates
from leases import SOA, ZONE, fabric, gone, is_there, open_zone, register, service
from updates import lookup, send, serial, signed, transferred
from waiting import LIMIT_S, let_pass, wait_for
from wire import connect, frame, read_frame

LATE_S = 1.5    # how long after its end a lease may still be seen on a busy machine
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
_numbers = itertools.count(1)
KEY_DATA = "\\#0200030f010203"


@pytest.fixture
def served(make_weftd):
    """A weftd whose zone the key `bench` may change, with leases of 1 s and more."""
    return open_zone(make_weftd).start()


def has(weftd, *names, rdtype="A"):
    """Whether each name has a record of the type."""
    return [bool(lookup(weftd, f"{name}.lab.cloud", rdtype)) for name in names]


def ends(weftd, limit_s=20, **what):
    """Waits until each of what=(name, type) is gone. Returns the time of each (time.monotonic)."""
    found = {}

    def look():
        for label, (name, rdtype) in what.items():
            if label not in found and not lookup(weftd, f"{name}.lab.cloud", rdtype):
                found[label] = time.monotonic()
        return len(found) == len(what)

    wait_for(look, f"end of the leases {what}", limit_s)
    return found


def put(weftd, *lines, lease=None, **more):
    reply = send(weftd, updates=lines, lease=lease, **more)
    assert reply.rcode == "NOERROR", reply
    return reply


def leased(weftd):
    """The names of the zone that have a lease."""
    return {row["name"].removesuffix(".lab.cloud.") for row in weftd.json("lease", "list")}


def repeat_for_2_s(weftd, act):
    """Calls `act` again and again until a lease of 2 s has ended: past the end of every lease of 1
    s that it does not move. The serial grows by 2 for the lease itself."""
    put(weftd, "witness 60 IN A 10.0.0.1", lease=2)

    def has_ended():
        act()
        return has(weftd, "witness") == [False]

    wait_for(has_ended, "end of 2 s")


def commits(weftd):
    return weftd.json("stats")["store"]["commits"]


def wait_for_tick(weftd, **more):
    """Waits for a tick of the registrar: all that was refreshed before is durable then. It is seen
    by a refresh, which a tick writes down. The serial grows by 1."""
    line = f"tick{next(_numbers)} 60 IN A 10.0.0.1"
    put(weftd, line, lease=1000, **more)
    before = commits(weftd)
    put(weftd, line, lease=1000, **more)
    wait_for(lambda: commits(weftd) > before, "tick")


# ---- what is granted ----

MOST = 2**32 - 1
GRANTS = [
    ("{}", 0, 30), ("{}", 29, 30), ("{}", 30, 30), ("{}", 31, 31), ("{}", 7200, 7200),
    ("{}", 7201, 7200), ("{}", MOST, 7200),
    ("{}", (0, 0), (30, 30)), ("{}", (100, 200), (100, 200)), ("{}", (200, 100), (200, 200)),
    ("{}", (100, 1209600), (100, 1209600)), ("{}", (100, 1209601), (100, 1209600)),
    ("{}", (MOST, MOST), (7200, 1209600)),
    ("{minimum: 5, maximum: 10, key-maximum: 20}", 1, 5),
    ("{minimum: 5, maximum: 10, key-maximum: 20}", 11, 10),
    ("{minimum: 5, maximum: 10, key-maximum: 20}", (1, 1), (5, 5)),
    ("{minimum: 5, maximum: 10, key-maximum: 20}", (20, 30), (10, 20)),
    ("{minimum: 5, maximum: 10, key-maximum: 20}", (7, 15), (7, 15)),
    ("{default: 60}", 100, 100), ("{default: 60}", (40, 50), (40, 50)),
]


@pytest.mark.parametrize("rule", sorted({row[0] for row in GRANTS}))
def test_the_reply_has_the_granted_lease_in_the_requested_form(make_weftd, rule):
    weftd = open_zone(make_weftd, lease=rule).start()
    for _, asked, granted in (row for row in GRANTS if row[0] == rule):
        expected = granted if isinstance(granted, tuple) else (granted,)
        for tcp in (False, True):
            assert put(weftd, "x 60 IN A 10.0.0.1", lease=asked, tcp=tcp).lease == expected, asked
    assert put(weftd, "x 60 IN A 10.0.0.1").lease is None


def test_leases_are_granted_under_every_policy(make_weftd):
    servers = []
    for number, rule in enumerate(("{fabric: lab.cloud}", "{key: n1.keys.lab.cloud}",
                                   '{policy: ["grant *.keys.lab.cloud. zonesub ANY"]}')):
        weftd, key = fabric(lambda name=number: make_weftd(str(name)), update=rule)
        weftd.start()
        assert register(weftd, key("n1"), "web", lease=(1, 2)).lease == (1, 2)
        servers.append(weftd)
    for weftd in servers:
        wait_for(lambda one=weftd: not is_there(one, "web"), "end of the lease")


def test_an_option_of_another_length_is_malformed(served):
    before = serial(served)
    for octets in (0, 1, 3, 5, 7, 9, 12, 16):
        # RFC 6891 section 6.1.1: the only valid answer.
        message, _ = signed(["x 60 IN A 10.0.0.1"], lease=bytes(octets))
        reply = updates.Reply(updates.exchange(served, message))
        assert reply.rcode == "FORMERR", octets
    assert serial(served) == before


def test_what_is_refused_is_granted_no_lease(served):
    for prerequisite, key, rcode in (("nope 0 ANY A", updates.BENCH, "NXRRSET"),
                                     ("ns 0 NONE A", updates.BENCH, "YXRRSET")):
        reply = send(served, [prerequisite], ["x 60 IN A 10.0.0.1"], key=key, lease=100)
        assert (reply.rcode, reply.lease) == (rcode, None)
    reply = send(served, [], ["x 60 IN A 10.0.0.1"], key=None, lease=100)
    assert (reply.rcode, reply.lease) == ("REFUSED", None)


def test_a_query_with_the_option_is_a_query(served):
    query = dns.message.make_query("ns.lab.cloud", "A", use_edns=0,
                                   options=[dns.edns.GenericOption(2, b"\0\0\0\x1e")])
    answer = dns.query.udp(query, served.address, port=served.port, timeout=LIMIT_S)
    assert answer.rcode() == 0 and answer.answer and not answer.options


def test_dnspython_registers_and_reads_the_lease(served):
    message = dns.message.from_wire(updates.update(
        updates=[updates.record("x 60 IN A 10.0.0.1")]))
    message.use_edns(0, options=[dns.edns.GenericOption(2, b"\0\0\0\1\0\0\0\2")])
    message.use_tsig(updates.BENCH.dns)
    reply = dns.query.tcp(message, served.address, port=served.port, timeout=LIMIT_S)
    assert reply.rcode() == dns.rcode.NOERROR
    assert [(o.otype, o.to_wire()) for o in reply.options] == [(2, b"\0\0\0\1\0\0\0\2")]
    ends(served, x=("x", "A"))


def test_updates_that_ask_for_nothing_get_the_default_lease(make_weftd):
    weftd = open_zone(make_weftd, lease="{minimum: 1, default: 1}").start()
    start = time.monotonic()
    weftd.nsupdate("update add x.lab.cloud 60 A 10.0.0.1")
    assert put(weftd, "y 60 IN A 10.0.0.1", lease=1000).lease == (1000,)
    assert weftd.dig("x.lab.cloud", "A") == "10.0.0.1\n"
    assert start + 1 <= ends(weftd, x=("x", "A"))["x"] <= time.monotonic() + LATE_S
    assert has(weftd, "y") == [True]
    # Records that are registered again without the option get the default lease.
    put(weftd, "y 60 IN A 10.0.0.1")
    ends(weftd, y=("y", "A"))


# ---- what a lease holds ----

def test_a_lease_ends_as_one_change_and_on_time(served):
    static = transferred(served)[1]
    start = time.monotonic()
    register(served, updates.BENCH, "web", lease=1)
    said = time.monotonic()
    before = serial(served)
    seen = ends(served, srv=("web._http._tcp", "SRV"), txt=("web._http._tcp", "TXT"),
                ptr=("_http._tcp", "PTR"))
    assert start + 1 <= min(seen.values()) and max(seen.values()) <= said + 1 + LATE_S
    found, records = transferred(served)
    assert found == before + 1
    static.pop("lab.cloud."), records.pop("lab.cloud.")
    assert records == static


def test_hundreds_of_leases_end_in_few_changes(served):
    """One, unless the machine is so slow that a tick is cut short."""
    lines = [f"h{i} 60 IN A 10.0.{i // 250}.{i % 250}" for i in range(300)]
    lines += [line for i in range(100) for line in service(f"s{i}")]
    before = serial(served)
    put(served, *lines, lease=1, tcp=True)
    assert serial(served) == before + 1
    ends(served, h=("h0", "A"), s=("s99._http._tcp", "SRV"), ptr=("_http._tcp", "PTR"))
    left = {"lab.cloud.", "ns.lab.cloud.", "static._http._tcp.lab.cloud."}
    wait_for(lambda: set(transferred(served)[1]) == left, "end of all leases")
    assert before + 2 <= serial(served) <= before + 40


def test_records_of_any_type_are_leased_each_name_for_itself(served):
    start = time.monotonic()
    put(served, "a 60 IN A 10.0.0.1", "b 60 IN AAAA 2001:db8::1", "c 60 IN TYPE65280 \\#0102",
        "d 60 IN CNAME ns", "e 60 IN MX 10 ns", "deep.er.f 60 IN TXT x", "* 60 IN TXT star",
        "@ 60 IN TXT apex", lease=1)
    while time.monotonic() < start + 1.6:
        put(served, "a 60 IN A 10.0.0.1", lease=1)
    assert has(served, "a") == [True]
    # Each name has a lease of its own: a refresh of one extends no other.
    for name, rdtype in (("b", "AAAA"), ("c", "TYPE65280"), ("d", "CNAME"), ("e", "MX"),
                         ("deep.er.f", "TXT"), ("nothing", "TXT")):
        assert not lookup(served, f"{name}.lab.cloud", rdtype), name
    assert not lookup(served, "lab.cloud", "TXT")
    ends(served, a=("a", "A"))


def test_an_update_of_a_part_moves_the_whole_lease(served):
    register(served, updates.BENCH, "web", lease=1)
    sent = []

    def update_txt():
        sent.append(time.monotonic())
        put(served, "web._http._tcp 0 ANY TXT", f"web._http._tcp 60 IN TXT {len(sent)}", lease=1)
        assert is_there(served, "web")

    repeat_for_2_s(served, update_txt)
    before, last = serial(served), time.monotonic()
    wait_for(lambda: not is_there(served, "web"), "end of the lease")
    assert sent[-1] + 1 <= time.monotonic() <= last + 1 + LATE_S
    assert serial(served) == before + 1


def test_the_last_update_sets_the_length_of_the_lease(served):
    register(served, updates.BENCH, "long", lease=1)
    register(served, updates.BENCH, "long", lease=1000)
    register(served, updates.BENCH, "short", lease=1000)
    register(served, updates.BENCH, "short", lease=1)
    wait_for(lambda: not is_there(served, "short"), "end of the lease")
    assert is_there(served, "long")


def test_a_node_lives_as_long_as_one_of_the_services_that_named_it(served):
    node = ["n1.nodes 60 IN A 10.0.0.1", "n1.nodes 60 IN AAAA 2001:db8::1"]
    put(served, *service("one"), *node, lease=1)
    put(served, *service("two"), *node, lease=2)
    put(served, *service("three"), lease=1)
    start = time.monotonic()
    wait_for(lambda: not is_there(served, "one"), "end of the first lease")
    assert lookup(served, "n1.nodes.lab.cloud", "A") == {"60 10.0.0.1"}
    wait_for(lambda: not is_there(served, "two"), "end of the second lease")
    assert time.monotonic() >= start + 1.5
    assert has(served, "n1.nodes") == [False] and has(served, "n1.nodes", rdtype="AAAA") == [False]


def test_services_of_one_update_share_its_other_records(served):
    put(served, *service("one"), *service("two"), "n1.nodes 60 IN A 10.0.0.1", lease=1)
    repeat_for_2_s(served, lambda: register(served, updates.BENCH, "two", lease=1))
    assert not is_there(served, "one") and is_there(served, "two")
    assert has(served, "n1.nodes") == [True]
    wait_for(lambda: not is_there(served, "two"), "end of the second lease")
    assert has(served, "n1.nodes") == [False]


def test_a_lease_takes_nothing_with_it_that_was_not_leased(make_weftd):
    weftd = open_zone(make_weftd, SOA + "ns A 127.0.0.1\nweb._http._tcp TXT file\nx TXT file\n"
                                        "_http._tcp PTR static._http._tcp\n").start()
    put(weftd, "web._http._tcp 60 IN A 10.0.0.1", "x 60 IN A 10.0.0.1")
    put(weftd, "web._http._tcp 60 IN SRV 0 0 80 ns", "web._http._tcp 60 IN TXT leased",
        "_http._tcp 60 IN PTR web._http._tcp", "x 60 IN TXT leased", "x 60 IN A 10.0.0.2", lease=1)
    ends(weftd, srv=("web._http._tcp", "SRV"))
    assert lookup(weftd, "web._http._tcp.lab.cloud", "TXT") == {'60 "file"'}
    assert lookup(weftd, "web._http._tcp.lab.cloud", "A") == {"60 10.0.0.1"}
    assert lookup(weftd, "_http._tcp.lab.cloud", "PTR") == {"60 static._http._tcp.lab.cloud."}
    assert lookup(weftd, "x.lab.cloud", "TXT") == {'60 "file"'}
    assert lookup(weftd, "x.lab.cloud", "A") == {"60 10.0.0.1"}


def test_the_8_byte_form_keeps_the_keys_longer(served):
    put(served, *service("eight"), f"eight._http._tcp 60 IN KEY {KEY_DATA}",
        f"node 60 IN KEY {KEY_DATA}", "node 60 IN A 10.0.0.1", lease=(1, 2))
    put(served, *service("four"), f"four._http._tcp 60 IN KEY {KEY_DATA}", lease=1)
    start = time.monotonic()
    seen = ends(served, eight=("eight._http._tcp", "SRV"), four=("four._http._tcp", "SRV"),
                node=("node", "A"), four_key=("four._http._tcp", "KEY"))
    assert max(seen.values()) <= start + 1 + 0.8
    assert has(served, "eight._http._tcp", "node", rdtype="KEY") == [True, True]
    seen = ends(served, eight=("eight._http._tcp", "KEY"), node=("node", "KEY"))
    assert start + 1.9 <= min(seen.values()) and max(seen.values()) <= start + 2 + LATE_S


# ---- records that lose their lease ----

def test_records_registered_again_without_a_lease_stay(served):
    """Whichever lease held the records, and also after kill -9."""
    node = "n1.nodes 60 IN A 10.0.0.1"
    lines = [line for i in range(4) for line in service(f"s{i}")]
    put(served, node, "n1.nodes 60 IN TXT x", lease=1)
    for i in range(4):
        put(served, *service(f"s{i}"), node, lease=1)
    put(served, "part 60 IN A 10.0.0.1", "part 60 IN TXT x", lease=1)
    put(served, "mixed._http._tcp 60 IN SRV 0 0 80 Ns.lab.cloud.", lease=1)
    put(served, node, *lines[:5], "part 60 IN A 10.0.0.1",
        "MIXED._http._TCP 60 IN SRV 0 0 80 nS.LAB.cloud.")
    served.kill()
    served.start()
    ends(served, part=("part", "TXT"), node=("n1.nodes", "TXT"),
         **{f"s{i}": (f"s{i}._http._tcp", "SRV") for i in (1, 2, 3)})
    wait_for(lambda: leased(served) == set(), "end of all leases")
    assert has(served, "n1.nodes", "part") == [True, True]
    assert is_there(served, "s0")
    assert has(served, "mixed._http._tcp", rdtype="SRV") == [True]


def test_records_removed_and_added_again_have_nothing_of_the_old_lease(served):
    for name in ("stays", "long", "gone"):
        put(served, f"{name} 60 IN A 10.0.0.1", f"{name} 60 IN TXT x", lease=1)
    put(served, "stays 0 ANY ANY", "long 0 ANY ANY", "gone 0 ANY A")
    put(served, "stays 60 IN A 10.0.0.1")
    put(served, "long 60 IN A 10.0.0.1", lease=1000)
    ends(served, gone=("gone", "TXT"))
    wait_for(lambda: leased(served) == {"long"}, "end of the other leases")
    assert has(served, "stays", "long", "gone") == [True, True, False]


@pytest.mark.parametrize("more", ["", "y A 10.0.0.1\n"])
def test_records_in_the_zones_file_lose_their_lease(served, more):
    """Also if the file has nothing else that is new, so that the zone does not change."""
    put(served, "x 60 IN A 10.0.0.1", "x 60 IN TXT x", lease=1)
    served.zone(ZONE + "x A 10.0.0.1\n" + more)
    served.weft("reload")
    served.kill()
    served.start()
    ends(served, x=("x", "TXT"))
    wait_for(lambda: leased(served) == set(), "end of all leases")
    assert has(served, "x") == [True]


def test_an_update_that_only_removes_makes_no_lease(served):
    put(served, "x 60 IN A 10.0.0.1", "x 60 IN TXT x", lease=1)
    before = serial(served)
    assert put(served, "x 0 ANY TXT", "y 0 ANY ANY", lease=(5, 10)).lease == (5, 10)
    assert serial(served) == before + 1
    ends(served, x=("x", "A"))      # the lease of x was not moved
    assert put(served, "x 0 ANY ANY", lease=1).lease == (1,)
    assert serial(served) == before + 2


# ---- refreshes ----

def test_a_refresh_changes_no_serial_and_is_not_stored_by_itself(served):
    names = [f"s{i}" for i in range(4)]
    for name in names:
        register(served, updates.BENCH, name, lease=100)
    before, stored, start = serial(served), commits(served), time.monotonic()
    for i in range(400):
        reply = register(served, updates.BENCH, names[i % 4], lease=100)
        assert reply.lease == (100,)
    took = time.monotonic() - start
    assert serial(served) == before
    assert commits(served) - stored <= took / 0.1 + 3, "stored one by one"


def test_refreshes_keep_a_lease_and_nothing_else_does(served):
    register(served, updates.BENCH, "web", lease=1)
    register(served, updates.BENCH, "left", lease=1)
    before = serial(served)

    def refresh():
        register(served, updates.BENCH, "web", lease=1)
        send(served, ["web._http._tcp 0 ANY SRV"], ["other 0 ANY A"])

    repeat_for_2_s(served, refresh)
    last = time.monotonic()
    assert is_there(served, "web") and not is_there(served, "left")
    # One for the end of `left`, two for those 2 s.
    assert serial(served) == before + 1 + 2
    wait_for(lambda: not is_there(served, "web"), "end of the lease")
    assert last + 0.7 <= time.monotonic() <= last + 1 + LATE_S


def test_a_refresh_restores_removed_records(served):
    """Also after the same records were a refresh several times."""
    def refresh():
        message, mac = signed(service("web"), lease=1)
        return updates.Reply(updates.exchange(served, message), updates.BENCH, mac)

    for text in ("web._http._tcp 0 ANY TXT", "web._http._tcp 0 ANY ANY", "_http._tcp 0 ANY PTR",
                 "_http._tcp 0 NONE PTR web._http._tcp", "web._http._tcp 0 NONE TXT a=b",
                 "web._http._tcp 30 IN SRV 0 0 80 ns", "web._http._tcp 60 IN TXT other"):
        for _ in range(3):
            assert refresh().rcode == "NOERROR"
        before = serial(served)
        put(served, text)
        assert serial(served) == before + 1
        assert refresh().lease == (1,)
        assert serial(served) == before + 2, text
        assert is_there(served, "web"), text
        assert lookup(served, "web._http._tcp.lab.cloud", "TXT") == {'60 "a=b"'}, text
        assert lookup(served, "web._http._tcp.lab.cloud", "SRV") == \
            {"60 0 0 80 ns.lab.cloud."}, text
    # All records are leased again.
    wait_for(lambda: not is_there(served, "web"), "end of the lease")
    assert refresh().rcode == "NOERROR" and is_there(served, "web")
    wait_for(lambda: not is_there(served, "web"), "end of the lease")


def pipelined(weftd, groups, lease):
    """Sends updates one after the other, so that a batch has many. The first of each group has the
    lease."""
    sent = [signed(lines, lease=lease if is_first else None)
            for group in groups for is_first, lines in zip((True, False), group)]
    with connect(weftd.where, LIMIT_S) as sock:
        sock.sendall(b"".join(frame(message) for message, _ in sent))
        for _, mac in sent:
            assert updates.Reply(read_frame(sock), updates.BENCH, mac).rcode == "NOERROR"


@pytest.mark.parametrize("end", ["all", "PTR"])
def test_a_refresh_restores_records_removed_right_after_one(served, end):
    names = [f"s{i}" for i in range(40)]

    def refresh():
        for name in names:
            register(served, updates.BENCH, name, lease=100)

    refresh()
    pipelined(served, [(service(name), gone(name) if end == "all" else gone(name)[1:])
                       for name in names], 100)
    for _ in range(3):
        refresh()
        assert all(is_there(served, name) for name in names)
    assert len(served.json("lease", "list")) == len(names)


def test_a_refresh_leases_again_what_was_made_permanent(served):
    for _ in range(3):
        register(served, updates.BENCH, "web", lease=1)
    put(served, "web._http._tcp 60 IN TXT a=b")
    register(served, updates.BENCH, "web", lease=1)
    wait_for(lambda: not is_there(served, "web"), "end of the lease")


def test_a_refresh_is_refused_when_the_update_would_be(make_weftd):
    """The refresh is refused if the name has another owner, the key is revoked or the prerequisite
    fails."""
    weftd, key = fabric(make_weftd)
    weftd.start()

    def ask(name, who, prerequisites=()):
        return send(weftd, prerequisites, service(name), key=key(who), lease=1000)

    for _ in range(3):
        assert ask("web", "n1").rcode == "NOERROR"
        assert ask("api", "n1", ["ns 0 ANY A"]).rcode == "NOERROR"
    assert ask("web", "n2").rcode == "YXDOMAIN"
    assert send(weftd, [], ["web._http._tcp 0 ANY ANY"], key=key("n1")).rcode == "NOERROR"
    assert ask("web", "n2").rcode == "NOERROR"
    for _ in range(2):
        assert ask("web", "n1").rcode == "YXDOMAIN"
        assert ask("web", "n2").rcode == "NOERROR"
    assert send(weftd, [], ["ns 0 ANY A"], key=key("admin")).rcode == "NOERROR"
    assert ask("api", "n1", ["ns 0 ANY A"]).rcode == "NXRRSET"
    weftd.weft("key", "revoke", "n2")
    message, _ = signed(service("web"), key=key("n2"), lease=1000)
    assert updates.Reply(updates.exchange(weftd, message)).rcode == "NOTAUTH"


def test_one_refresh_of_several_services_puts_them_on_one_schedule(served):
    names = ["one", "two", "three"]
    for name in names:
        register(served, updates.BENCH, name, lease=1)
        let_pass(0.1)       # so that the three would end in different ticks
    lines = [line for name in names for line in service(name)]
    before = serial(served)
    repeat_for_2_s(served, lambda: put(served, *lines, lease=1))
    before += 2     # for those 2 s
    assert serial(served) == before
    assert all(is_there(served, name) for name in names)
    ends(served, **{name: (f"{name}._http._tcp", "SRV") for name in names})
    assert serial(served) == before + 1


# ---- restarts ----

def test_leases_have_what_they_had_left_and_a_grace_after_an_outage_longer_than_they_are(
        make_weftd):
    """The first two servers have the default grace, a third of the lease, the third has none. One
    name was refreshed right before the outage, one is permanent."""
    made = [(make_weftd, end, rule) for end, rule in (
        ("stop", "{minimum: 1}"), ("kill", "{minimum: 1}"), ("kill", "{minimum: 1, grace: 0}"))]
    lease, servers, since, left = 4, [], {}, {}

    def lease_out(weftd, name):
        since[weftd, name] = time.monotonic()
        register(weftd, updates.BENCH, name, lease=lease)

    for number, (make, end, rule) in enumerate(made):
        weftd = open_zone(lambda name=number: make(str(name)), lease=rule).start()
        for name in ("web", "fresh"):
            lease_out(weftd, name)
        register(weftd, updates.BENCH, "perm")
        servers.append((weftd, end, rule))
    put(weftd, "second 60 IN A 10.0.0.1", lease=1)
    ends(weftd, second=("second", "A"))
    for weftd, end, _ in servers:
        lease_out(weftd, "fresh")
    for weftd, end, _ in servers:
        wait_for_tick(weftd)
    for weftd, end, _ in servers:
        for name in ("web", "fresh"):
            left[weftd, name] = lease - (time.monotonic() - since[weftd, name])
        getattr(weftd, end)()
    let_pass(lease)
    started = {}
    for weftd, _, _ in servers:
        started[weftd] = time.monotonic()
        weftd.start()
        assert all(is_there(weftd, name) for name in ("web", "fresh", "perm"))
    seen = {}
    looking = [threading.Thread(target=lambda one=weftd: seen.update({one: ends(
        one, web=("web._http._tcp", "SRV"), fresh=("fresh._http._tcp", "SRV"))}))
               for weftd, _, _ in servers]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join()
    for weftd, end, rule in servers:
        grace = 0 if "grace" in rule else lease / 3
        # After kill -9 the lease clock can be a second late: no lease ends early, but some a little
        # late.
        late = LATE_S + (1 if end == "kill" else 0)
        for name in ("web", "fresh"):
            after, due = seen[weftd][name] - started[weftd], left[weftd, name] + grace
            assert due - 0.3 <= after <= due + late, (end, rule, name, after)
        assert is_there(weftd, "perm")


def test_many_restarts_do_not_add_up(make_weftd):
    weftd = open_zone(make_weftd, lease="{minimum: 1, grace: 1}").start()
    put(weftd, "x 60 IN A 10.0.0.1", lease=1)
    for end in ("kill", "stop", "kill", "stop"):
        getattr(weftd, end)()
        weftd.start()
    start = time.monotonic()
    assert has(weftd, "x") == [True]
    assert ends(weftd, x=("x", "A"))["x"] <= start + 1 + 1 + LATE_S


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_has_ended_stays_so_and_what_is_permanent_stays_so_after_a_restart(served, end):
    put(served, "ended 60 IN A 10.0.0.1", lease=1)
    put(served, "moved 60 IN A 10.0.0.1", "part 60 IN A 10.0.0.1", "part 60 IN TXT x", lease=1)
    put(served, "moved 60 IN A 10.0.0.1", lease=1000)
    put(served, "part 60 IN A 10.0.0.1")
    ends(served, ended=("ended", "A"), part=("part", "TXT"))
    before = serial(served)
    served.weft("zone", "checkpoint")
    getattr(served, end)()
    served.start()
    assert leased(served) == {"moved"}
    wait_for_tick(served)
    assert serial(served) == before + 1     # of the tick's own lease
    assert has(served, "ended", "moved", "part") == [False, True, True]


# ---- clocks ----

def fake_clock(weftd, monkeypatch, fakes_monotonic):
    """Starts weftd with a clock that can be set. Returns the function that shifts it by seconds."""
    path = weftd.folder / "clock"
    path.write_text("+0")
    monkeypatch.setenv("LD_PRELOAD", FAKETIME[0])
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(path))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "0" if fakes_monotonic else "1")
    weftd.start()
    for name in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE",
                 "FAKETIME_DONT_FAKE_MONOTONIC"):
        monkeypatch.delenv(name)

    def step(seconds):
        new = path.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.rename(path)

    return step


DAY_S = 86400
needs_faketime = pytest.mark.skipif(not FAKETIME, reason="needs faketime")


def when(shift_s):
    return int(time.time()) + shift_s


@needs_faketime
@pytest.mark.unsanitized
def test_a_wall_clock_that_is_set_ends_no_lease(make_weftd, monkeypatch):
    weftd = open_zone(make_weftd)
    step = fake_clock(weftd, monkeypatch, fakes_monotonic=False)
    register(weftd, updates.BENCH, "web", lease=100)
    for shift in (DAY_S, 0, -DAY_S, 0):
        step(shift)
        # Signatures use the wall clock, so they show that it was set.
        if shift != 0:
            message, _ = signed(["x 0 ANY A"])
            assert updates.Reply(updates.exchange(weftd, message)).rcode == "NOTAUTH"
        assert register(weftd, updates.BENCH, f"at{shift}", lease=100, when=when(shift)).lease
        wait_for_tick(weftd, when=when(shift))
        assert is_there(weftd, "web") and is_there(weftd, f"at{shift}")
    put(weftd, "x 60 IN A 10.0.0.1", lease=1)
    step(-DAY_S)
    ends(weftd, x=("x", "A"))       # a wall clock that was set keeps no lease alive
    assert weftd.stop() == 0


@needs_faketime
@pytest.mark.unsanitized
def test_leases_follow_the_steady_clock_and_weftd_survives_its_jumps(make_weftd, monkeypatch):
    weftd = open_zone(make_weftd)
    step = fake_clock(weftd, monkeypatch, fakes_monotonic=True)
    register(weftd, updates.BENCH, "web", lease=100)
    register(weftd, updates.BENCH, "perm")
    step(DAY_S)
    # A steady clock never jumps; if it did, leases would end with it.
    register(weftd, updates.BENCH, "x", when=when(DAY_S))
    wait_for(lambda: not is_there(weftd, "web"), "end of the lease")
    assert is_there(weftd, "perm")
    step(0)
    assert register(weftd, updates.BENCH, "web", lease=100).lease == (100,)
    assert is_there(weftd, "web") and is_there(weftd, "perm")
    weftd.kill()
    weftd.start()
    assert is_there(weftd, "web") and is_there(weftd, "perm")
    assert weftd.stop() == 0
