# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The names by which the agents of nodes work together: which key may write which of them, by
nsupdate with a fabric's keys; instances that are assigned to nodes, and taken over by them; leases
that are shorter than others; declarations of 60 KiB."""

import pytest

import dso
import leases
import updates
import wire
from leases import fabric
from updates import lookup, send
from waiting import wait_for

WEB, LEADER, RUNS = "web-1._http._tcp", "_leader._cluster", "_runs.n2.nodes"
ZONE = leases.ZONE + "n1.nodes A 192.0.2.1\nn2.nodes A 192.0.2.2\nn3.nodes A 192.0.2.3\n"
LEASE = "{minimum: 1}\nservice-view: {enable: yes}"
FENCED = "belongs to key n2.keys.lab.cloud."


@pytest.fixture
def served(make_weftd):
    weftd, key = fabric(make_weftd, ZONE, LEASE)
    return weftd.start(), key


def nsupdate(served, name, line):
    """The RCODE that nsupdate shows for "update add" or "update delete"; owner and target are below
    the zone."""
    weftd, key = served
    key(name)
    weftd.key_path = weftd.folder / f"{name}.key"
    words = line.split()
    for at in [2] + [len(words) - 1] * (words[4:5] in (["PTR"], ["SRV"])):
        words[at] += ".lab.cloud."
    done = weftd.nsupdate(" ".join(words), check=False)
    return done.stderr.strip().removeprefix("update failed: ") or "NOERROR"


def ok(served, name, lines, lease=None):
    weftd, key = served
    reply = send(weftd, updates=lines, key=key(name), lease=lease)
    assert reply.rcode == "NOERROR", (name, lines, reply)
    return reply


def instance(inc, node, lease_of=WEB):
    """What an agent registers: it replaces SRV and TXT."""
    return [f"{lease_of} 0 ANY SRV", f"{lease_of} 0 ANY TXT",
            f"{lease_of} 60 IN SRV 0 0 80 {node}.nodes", f"{lease_of} 60 IN TXT inc={inc}"]


def late(served, name, lines, lease=None):
    """The reply to an update that is refused."""
    weftd, key = served
    reply = send(weftd, updates=lines, key=key(name), lease=lease)
    assert reply.rcode == "YXDOMAIN", (name, lines, reply)
    return reply.why


# ---- rights ----

# In this order: key, line of nsupdate, RCODE.
RIGHTS = [
    ("n1", "update add n1.nodes 60 TXT state=up boot=7", "NOERROR"),
    ("n2", "update add n1.nodes 60 TXT state=dead", "REFUSED"),
    ("n1", "update add web._names.n1.nodes 60 TXT by=web-1", "NOERROR"),
    ("n2", "update add web._names.n1.nodes 60 TXT by=web-1", "REFUSED"),
    ("n2", "update delete web._names.n1.nodes", "REFUSED"),
    ("n1", f"update add {RUNS} 60 PTR {WEB}", "REFUSED"),
    ("n2", f"update add {RUNS} 60 PTR {WEB}", "REFUSED"),
    ("admin", f"update add {RUNS} 60 PTR {WEB}", "NOERROR"),
    ("n2", f"update delete {RUNS}", "REFUSED"),
    ("n1", f"update add _spec.{WEB} 60 TXT {{}}", "REFUSED"),
    ("admin", f"update add _spec.{WEB} 60 TXT {{}}", "NOERROR"),
    ("n1", f"update delete _spec.{WEB}", "REFUSED"),
    ("n1", "update add http._schemas 60 TXT {}", "REFUSED"),
    ("admin", "update add http._schemas 60 TXT {}", "NOERROR"),
    ("n1", "update add _rules._cluster 60 TXT {}", "REFUSED"),
    ("admin", "update add _rules._cluster 60 TXT {}", "NOERROR"),
    ("n2", f"update add {WEB} 60 SRV 0 0 80 n2.nodes", "NOERROR"),
    ("n2", f"update add _uses.{WEB} 60 PTR db-1._pg._tcp", "NOERROR"),
    ("n1", f"update add _uses.{WEB} 60 PTR db-1._pg._tcp", "YXDOMAIN"),
    ("n1", "update add _uses.db-1._pg._tcp 60 PTR x._y._tcp", "REFUSED"),
    ("n1", "update add disk-7._resources 60 TXT by=web-1", "NOERROR"),
    ("n2", "update add disk-7._resources 60 TXT by=web-1", "YXDOMAIN"),
    ("n2", "update delete disk-7._resources", "YXDOMAIN"),
    ("n1", "update delete disk-7._resources", "NOERROR"),
    ("n2", "update add disk-7._resources 60 TXT by=web-1", "NOERROR"),
    ("n1", "update add d._resources 60 TXT node=n1 shared=yes", "NOERROR"),
    ("n2", "update add d._resources 60 TXT node=n1 x shared=yes", "REFUSED"),
    ("n2", "update add d._resources 60 TXT node=n2 shared=yes", "NOERROR"),
    ("n1", "update delete d._resources", "YXDOMAIN"),
    ("n2", "update delete d._resources TXT node=n2 shared=yes", "NOERROR"),
    ("n2", "update delete d._resources TXT node=n1 shared=yes", "YXDOMAIN"),
    ("n1", "update delete d._resources", "NOERROR"),
    ("n1", "update add 4711._sessions 60 TXT of=web-1", "NOERROR"),
    ("n2", "update add 4711._sessions 60 TXT of=web-1", "YXDOMAIN"),
    ("n1", "update add 1-1._events._cluster 60 TXT node=n2 what=x", "REFUSED"),
    ("n2", "update add 1-1._events._cluster 60 TXT era=1 node=n2", "NOERROR"),
    ("n1", "update add 1-1._events._cluster 60 TXT node=n1", "YXDOMAIN"),
    ("n1", f"update add {LEADER} 60 TXT node=n1", "REFUSED"),      # without a lease
    ("n1", "update add _other._cluster 60 TXT x", "REFUSED"),
]


def test_each_key_writes_what_is_its_to_write(served):
    for name, line, rcode in RIGHTS:
        assert (line, nsupdate(served, name, line)) == (line, rcode), name


def test_the_leader_assigns_and_writes_history_while_it_leads(served):
    weftd, key = served
    ok(served, "n1", [f"{LEADER} 5 IN TXT node=n1 term=1"], lease=1)
    assert late(served, "n2", [f"{LEADER} 5 IN TXT node=n2 term=2"], lease=1).endswith(
        "is another node's until its lease ends")
    assert nsupdate(served, "n1", f"update add {RUNS} 60 PTR {WEB}") == "NOERROR"
    ok(served, "n1", ["1-1._events._cluster 60 IN TXT era=1 n=1 node=n3 what=node-dead"])
    wait_for(lambda: not lookup(weftd, f"{LEADER}.lab.cloud", "TXT"), "the end of the leadership")
    assert nsupdate(served, "n1", f"update delete {RUNS}") == "REFUSED"
    ok(served, "n2", [f"{LEADER} 5 IN TXT node=n2 term=2"], lease=60)
    assert nsupdate(served, "n2", "update delete 1-1._events._cluster") == "NOERROR"
    assert nsupdate(served, "n2", f"update delete {RUNS}") == "NOERROR"


def test_of_two_that_would_lead_one_does(served):
    """With prerequisites, as agents do it: the loser sees what is there."""
    weftd, key = served
    rcodes = [send(weftd, [f"{LEADER} 0 NONE TXT"], [f"{LEADER} 5 IN TXT node={n}"], key=key(n),
                   lease=60).rcode for n in ("n1", "n2")]
    assert rcodes == ["NOERROR", "YXRRSET"]
    again = send(weftd, [f"{LEADER} 0 IN TXT node=n1"], [f"{LEADER} 5 IN TXT node=n1"],
                 key=key("n1"), lease=60)
    assert again.rcode == "NOERROR"


# ---- assigned instances ----

def test_an_assigned_instance_moves_to_its_node(served):
    weftd, key = served
    ok(served, "n1", instance(1, "n1"), lease=30)
    assert late(served, "n2", instance(2, "n2"), lease=30).endswith(
        "belongs to key n1.keys.lab.cloud.")
    assert nsupdate(served, "admin", f"update add {RUNS} 60 PTR {WEB}") == "NOERROR"
    # A worker answers the owner's refresh until then, and not afterwards.
    for _ in range(3):
        ok(served, "n1", instance(1, "n1"), lease=30)
    assert late(served, "n3", instance(2, "n3"), lease=30).endswith(
        "belongs to key n1.keys.lab.cloud.")
    assert late(served, "n2", instance(1, "n2"), lease=30).endswith(
        "and only a higher inc= takes it over")
    ok(served, "n2", instance(2, "n2"), lease=30)
    for _ in range(2):
        assert late(served, "n1", instance(1, "n1"), lease=30).endswith(FENCED)
    assert lookup(weftd, f"{WEB}.lab.cloud", "SRV") == {"60 0 0 80 n2.nodes.lab.cloud."}
    assert lookup(weftd, "_http._tcp.lab.cloud", "PTR") == {
        f"10 {WEB}.lab.cloud.", "10 static._http._tcp.lab.cloud."}
    assert weftd.weft("zone", "check", "lab.cloud").returncode == 0


def test_the_lease_of_the_owner_before_ends_without_a_trace(served):
    weftd, key = served
    ok(served, "n1", [*instance(1, "n1"), f"_uses.{WEB} 60 IN PTR db-1._pg._tcp"], lease=2)
    ok(served, "admin", [f"{RUNS} 60 IN PTR {WEB}"])
    ok(served, "n2", instance(2, "n2"), lease=600)
    assert lookup(weftd, f"_uses.{WEB}.lab.cloud", "PTR") == set()
    # n1's mark is in the same lease rule, and ends later than n1's lease of the instance did.
    ok(served, "n1", ["mark._names.n1.nodes 60 IN TXT x"], lease=2)
    wait_for(lambda: not lookup(weftd, "mark._names.n1.nodes.lab.cloud", "TXT"), "n1's leases")
    assert lookup(weftd, f"{WEB}.lab.cloud", "SRV") == {"60 0 0 80 n2.nodes.lab.cloud."}
    assert [lease["key"] for lease in weftd.json("lease", "list")] == ["n2.keys.lab.cloud."]


def test_what_is_assigned_is_known_after_a_crash(served):
    weftd, key = served
    ok(served, "admin", [f"{RUNS} 60 IN PTR {WEB}"])
    weftd.kill()
    weftd.start()
    assert late(served, "n3", instance(1, "n3"), lease=30).endswith("is assigned to another node")
    ok(served, "n2", instance(1, "n2"), lease=30)


def test_of_three_that_register_it_with_the_same_inc_one_does(served):
    weftd, key = served
    ok(served, "admin", [f"{RUNS} 60 IN PTR {WEB}", f"_runs.n3.nodes 60 IN PTR {WEB}",
                         f"_runs.n1.nodes 60 IN PTR {WEB}"])
    ok(served, "n1", instance(1, "n1"), lease=30)
    for inc in range(2, 40):
        sent = {}
        with wire.udp_socket(weftd.where) as sock:
            for name in ("n1", "n2", "n3"):
                data, _ = updates.signed(instance(inc, name), key=key(name), lease=30)
                sent[data[:2]] = name
                sock.send(data)
            rcodes = {}
            for _ in sent:
                data = sock.recv(4096)
                rcodes[sent[data[:2]]] = data[3] & 15
        winner, = [name for name, rcode in rcodes.items() if rcode == 0]
        assert lookup(weftd, f"{WEB}.lab.cloud", "SRV") == {f"60 0 0 80 {winner}.nodes.lab.cloud."}
    assert weftd.weft("zone", "check", "lab.cloud").returncode == 0


def test_what_the_first_zone_file_assigns_counts(make_weftd):
    weftd, key = fabric(make_weftd, ZONE + f"{RUNS} PTR {WEB}\n", LEASE)
    served = weftd.start(), key
    assert late(served, "n3", instance(1, "n3"), lease=30).endswith("is assigned to another node")
    ok(served, "n2", instance(1, "n2"), lease=30)


def test_what_the_zone_file_assigns_counts_too(served):
    weftd, key = served
    weftd.zone(ZONE.replace(" 1 3600", " 2 3600") + f"{RUNS} PTR {WEB}\n")
    assert weftd.weft("zone", "reload", "lab.cloud").returncode == 0
    wait_for(lambda: lookup(weftd, f"{RUNS}.lab.cloud", "PTR"), "the zone file's records")
    assert late(served, "n3", instance(1, "n3"), lease=30).endswith("is assigned to another node")
    ok(served, "n2", instance(1, "n2"), lease=30)


# ---- leases, quotas, what is shown ----

def test_the_least_lease_of_a_leader_and_of_a_node_is_their_own(make_weftd):
    weftd, key = fabric(make_weftd, ZONE, "{minimum: 20}")
    served = weftd.start(), key
    for lines, granted in (([f"{LEADER} 5 IN TXT node=n1"], 1),
                           (["n1.nodes 5 IN TXT state=up"], 3),
                           (["web._names.n1.nodes 5 IN TXT x"], 20),
                           (["n1.nodes 5 IN TXT state=up", *instance(1, "n1")], 20)):
        assert ok(served, "n1", lines, lease=1).lease == (granted,), lines


def test_these_names_count_for_the_quota_of_their_key(make_weftd):
    weftd, key = fabric(make_weftd, ZONE, LEASE + "\nquota: {records: 5}")
    served = weftd.start(), key
    for name in ("a._resources", "b._sessions", "c._names.n1.nodes", "1-1._events._cluster"):
        ok(served, "n1", [f"{name} 60 IN TXT node=n1"])
    full = send(weftd, updates=["d._resources 60 IN TXT node=n1"], key=key("n1"))
    assert (full.rcode, full.why) == ("REFUSED", "quota of n1.keys.lab.cloud: 5 records")
    shown = [u for u in weftd.json("key", "usage") if u["key"] == "n1.keys.lab.cloud."]
    assert (shown[0]["instances"], shown[0]["records"]) == (0, 5)     # with its address
    ok(served, "n1", ["a._resources 0 ANY ANY"])
    ok(served, "n1", ["d._resources 60 IN TXT node=n1"])


def test_a_key_has_room_for_the_events_of_its_node_and_no_more(make_weftd):
    """With the default quota 10,000 events are half of it; the other keys are not affected."""
    weftd, key = fabric(make_weftd, ZONE, LEASE)
    served = weftd.start(), key
    sent, rcode = 0, "NOERROR"
    while rcode == "NOERROR":
        lines = [f"7-{sent + i}._events._cluster 60 IN TXT era=7 n={sent + i} node=n1"
                 for i in range(1, 401)]
        reply = send(weftd, updates=lines, key=key("n1"), tcp=True)
        rcode, sent = reply.rcode, sent + 400
    assert 10000 <= sent <= 20400
    assert (rcode, reply.why) == ("REFUSED", "quota of n1.keys.lab.cloud: 20000 records")
    ok(served, "n2", ["8-1._events._cluster 60 IN TXT era=8 n=1 node=n2"])
    # One that makes way for it is there.
    ok(served, "n1", [f"7-{n}._events._cluster 0 ANY ANY" for n in (1, 2)] +
       ["7-99999._events._cluster 60 IN TXT era=7 n=99999 node=n1"])


def test_the_service_view_does_not_take_them_for_services(served):
    weftd, key = served
    ok(served, "n1", instance(1, "n1"), lease=600)
    ok(served, "admin", [f"_spec.{WEB} 60 IN TXT {{}}", f"{RUNS} 60 IN PTR {WEB}",
                         "_spec.api-1._api._tcp 60 IN TXT {}", "http._schemas 60 IN TXT {}"])
    ok(served, "n1", [f"_uses.{WEB} 60 IN PTR api-1._api._tcp",
                      "web._names.n1.nodes 60 IN TXT x"], lease=600)
    assert lookup(weftd, "_services._dns-sd._udp.lab.cloud", "PTR") == {"10 _http._tcp.lab.cloud."}
    assert lookup(weftd, "_api._tcp.lab.cloud", "PTR") == set()
    assert {row["instance"] for row in weftd.json("service", "list")["services"]} == {
        "static._http._tcp.lab.cloud.", f"{WEB}.lab.cloud."}
    names = {lease["name"] for lease in weftd.json("lease", "list", "--node", "n1")}
    assert names == {f"{WEB}.lab.cloud.", "web._names.n1.nodes.lab.cloud."}
    assert weftd.weft("zone", "check", "lab.cloud").returncode == 0


# ---- large declarations ----

def declare(weftd, nstrings):
    """Writes a declaration by nsupdate. Returns it as dig shows it."""
    shown = " ".join(f'"{n:04}{"x" * 246}"' for n in range(nstrings))
    weftd.nsupdate(f"update delete _spec.{WEB}.lab.cloud TXT",
                   f"update add _spec.{WEB}.lab.cloud 60 TXT {shown}")
    return shown


def test_a_large_declaration_is_written_read_and_transferred(served):
    """No PUSH message may hold more than 16,382 octets (RFC 8765 section 6.3.1)."""
    weftd, key = served
    key("admin")
    weftd.key_path = weftd.folder / "admin.key"
    with dso.open_tcp(weftd.where).begin() as client:
        client.rules.large.add(f"_spec.{WEB}.lab.cloud.")
        number = client.subscribe(f"_spec.{WEB}.lab.cloud.", "TXT")
        declare(weftd, 64)
        wait_for(lambda: client.receive() and client.records(number), "the record")
        shown = declare(weftd, 240)
        assert client.keepalive().rcode == 0
        assert [c.what for c in client.rules.pushes[-1]] == ["rrset"]
    assert weftd.dig(f"_spec.{WEB}.lab.cloud", "TXT", "+tcp", "+short").strip() == shown
    _, records = updates.transferred(weftd)
    (_, rdata), = records[f"_spec.{WEB}.lab.cloud."]
    assert len(rdata) == 240 * 251
    assert nsupdate(served, "admin", f"update delete _spec.{WEB}") == "NOERROR"
