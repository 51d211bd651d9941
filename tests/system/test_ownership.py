# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The built-in policy for the keys of a fabric: which names a key may change, and which key owns a
name."""

import socket
import time

import pytest

import updates
from leases import ZONE, fabric, gone, is_there, register, service
from updates import Reply, lookup, send, serial, signed
from waiting import LIMIT_S, wait_for
from wire import connect, frame, read_frame

REFUSED, YXDOMAIN = 18, 0       # their codes of extended errors: Prohibited, Other

# ---- what a key may do ----

# The reason that follows owner and type in a refusal; "" is allowed.
ANOTHER, NO_NAME = "R is at the name of another node", "R is at a name that no node may change"
TYPE = "R is a type that only the administrator may change here"
ONLY_TXT = "R is at a name where a node may have TXT records only"
MAKE = "R is the registry's to make"
REPORT = "R a report is a TXT record"
NO_INSTANCE = "R points to no instance of this service in the zone"
UNREGISTERED = "R points to an instance that is not registered"
ADMIN, P_ADMIN = ("Y belongs to the zone's administrator",
                  "Y points to an instance that belongs to the zone's administrator")
N1, N2 = "Y belongs to key n1.keys.lab.cloud.", "Y belongs to key n2.keys.lab.cloud."
P_N1, P_N2 = (f"Y points to an instance that belongs to key {n}.keys.lab.cloud."
              for n in ("n1", "n2"))
KEY_DATA = "\\#0200030f010203"    # 512 3 15 AQID
WEB, API = "web._http._tcp", "api._http._tcp"

# Owner, type, rdata; the reason that n1 and n2 get for adding the record, deleting the record,
# deleting the RRset, deleting the name. One text for all four, or four.
TABLE = [
    # its node, nodes of others, names near nodes
    ("n1.nodes", "A", "10.0.0.9", "", ANOTHER),
    ("N1.NODES", "AAAA", "2001:db8::1", "", ANOTHER),
    ("n1.nodes", "TXT", "x", "", ANOTHER),
    ("n1.nodes", "TYPE65280", "\\#01", "", ANOTHER),
    ("n1.nodes", "SSHFP", "1 3 0102", "", ANOTHER),
    ("n1.nodes", "KEY", KEY_DATA, "", ANOTHER),
    ("n1.nodes", "SRV", "0 0 1 ns", "", ANOTHER),
    ("n1.nodes", "NS", "ns", (TYPE, TYPE, TYPE, ""), ANOTHER),
    ("n1.nodes", "CNAME", "ns", (TYPE, TYPE, TYPE, ""), ANOTHER),
    ("n1.nodes", "DNAME", "ns", (TYPE, TYPE, TYPE, ""), ANOTHER),
    ("n1.nodes", "DS", "1 15 2 " + "00" * 32, (TYPE, TYPE, TYPE, ""), ANOTHER),
    ("n1.nodes", "DNSKEY", "256 3 15 AQID", (TYPE, TYPE, TYPE, ""), ANOTHER),
    ("n1.nodes", "PTR", "ns", (TYPE, TYPE, TYPE, ""), ANOTHER),
    ("n2.nodes", "A", "10.0.0.9", ANOTHER, ""),
    ("n3.nodes", "A", "10.0.0.9", ANOTHER, ANOTHER),
    ("*.nodes", "A", "10.0.0.9", ANOTHER, ANOTHER),
    ("x.n1.nodes", "A", "10.0.0.9", ANOTHER, ANOTHER),
    # the name at which a node answers ACME
    ("_acme-challenge.n1.nodes", "TXT", "x", "", ANOTHER),
    ("_ACME-Challenge.N1.nodes", "TXT", "x", "", ANOTHER),
    ("_acme-challenge.n1.nodes", "A", "10.0.0.9", (ONLY_TXT, ONLY_TXT, ONLY_TXT, ""), ANOTHER),
    ("_acme-challenge.n1.nodes", "CNAME", "ns", (ONLY_TXT, ONLY_TXT, ONLY_TXT, ""), ANOTHER),
    ("_acme-challenge.x.n1.nodes", "TXT", "x", ANOTHER, ANOTHER),
    ("x._acme-challenge.n1.nodes", "TXT", "x", ANOTHER, ANOTHER),
    ("_acme-challenge.nodes", "TXT", "x", ANOTHER, ANOTHER),
    ("_acme-challenge", "TXT", "x", NO_NAME, NO_NAME),
    ("n1.x.nodes", "A", "10.0.0.9", ANOTHER, ANOTHER),
    ("n1.nodes.x", "A", "10.0.0.9", NO_NAME, NO_NAME),
    ("nodes", "TXT", "x", NO_NAME, NO_NAME),
    ("n1", "A", "10.0.0.9", NO_NAME, NO_NAME),
    # instances
    (WEB, "SRV", "0 0 81 n1.nodes", "", N1),
    (WEB, "TXT", "x", "", N1),
    (WEB, "TYPE65280", "\\#01", "", N1),
    (WEB, "CNAME", "ns", (TYPE, TYPE, TYPE, ""), N1),
    (WEB, "NS", "ns", (TYPE, TYPE, TYPE, ""), N1),
    ("WEB._HTTP._TCP", "SRV", "0 0 81 n1.nodes", "", N1),
    ("wEb._http._tcp", "TXT", "x", "", N1),
    (API, "SRV", "0 0 81 n1.nodes", N2, ""),
    (API, "KEY", KEY_DATA, N2, ""),
    ("free._http._tcp", "SRV", "0 0 81 n1.nodes", "", ""),
    ("free._ipp._udp", "TXT", "x", "", ""),
    ("free._http._tcp", "CNAME", "ns", (TYPE, TYPE, TYPE, ""), (TYPE, TYPE, TYPE, "")),
    ("static._http._tcp", "SRV", "0 0 81 n1.nodes", ADMIN, ADMIN),
    ("Static._http._tcp", "TXT", "x", ADMIN, ADMIN),
    ("*._http._tcp", "SRV", "0 0 81 n1.nodes", NO_NAME, NO_NAME),
    ("_x._http._tcp", "SRV", "0 0 81 n1.nodes", NO_NAME, NO_NAME),
    ("x.web._http._tcp", "TXT", "x", NO_NAME, NO_NAME),
    ("free._http._sctp", "SRV", "0 0 81 n1.nodes", NO_NAME, NO_NAME),
    ("free.http.tcp", "SRV", "0 0 81 n1.nodes", NO_NAME, NO_NAME),
    ("free._dns-sd._udp", "SRV", "0 0 81 n1.nodes", NO_NAME, NO_NAME),
    # service types and subtypes, which hold the PTRs of all nodes
    ("_http._tcp", "PTR", WEB, ("", "", P_N2, P_N2), (P_N1, P_N1, P_N1, P_N1)),
    ("_http._tcp", "PTR", API, (P_N2, P_N2, P_N2, P_N2), ("", "", P_N1, P_N1)),
    ("_HTTP._tcp", "PTR", "WEB._http._TCP", ("", "", P_N2, P_N2), (P_N1, P_N1, P_N1, P_N1)),
    ("_http._tcp", "PTR", "free._http._tcp", (UNREGISTERED, "", P_N2, P_N2),
     (UNREGISTERED, "", P_N1, P_N1)),
    ("_http._tcp", "PTR", "static._http._tcp", (P_ADMIN, P_ADMIN, P_N2, P_N2),
     (P_ADMIN, P_ADMIN, P_N1, P_N1)),
    ("_http._tcp", "PTR", "x._ipp._tcp", (NO_INSTANCE, NO_INSTANCE, P_N2, P_N2),
     (NO_INSTANCE, NO_INSTANCE, P_N1, P_N1)),
    ("_http._tcp", "PTR", "web._http._tcp.other.cloud.", (NO_INSTANCE, NO_INSTANCE, P_N2, P_N2),
     (NO_INSTANCE, NO_INSTANCE, P_N1, P_N1)),
    ("_http._tcp", "PTR", "ns", (NO_INSTANCE, NO_INSTANCE, P_N2, P_N2),
     (NO_INSTANCE, NO_INSTANCE, P_N1, P_N1)),
    ("_http._tcp", "TXT", "x", (MAKE, MAKE, MAKE, P_N2), (MAKE, MAKE, MAKE, P_N1)),
    ("_http._tcp", "SRV", "0 0 1 ns", (MAKE, MAKE, MAKE, P_N2), (MAKE, MAKE, MAKE, P_N1)),
    ("_one._sub._http._tcp", "PTR", WEB, "", (P_N1, P_N1, P_N1, P_N1)),
    ("_two._sub._http._tcp", "PTR", WEB, "", (P_N1, P_N1, "", "")),
    ("_one._sub._http._tcp", "PTR", API, (P_N2, P_N2, "", ""), ("", "", P_N1, P_N1)),
    ("_two._sub._http._tcp", "TXT", "x", (MAKE, MAKE, MAKE, ""), (MAKE, MAKE, MAKE, "")),
    ("a._one._sub._http._tcp", "PTR", WEB, NO_NAME, NO_NAME),
    ("_ipp._tcp", "PTR", WEB, (NO_INSTANCE, NO_INSTANCE, "", ""),
     (NO_INSTANCE, NO_INSTANCE, "", "")),
    ("_services._dns-sd._udp", "PTR", "_http._tcp", NO_NAME, NO_NAME),
    ("b._dns-sd._udp", "PTR", "@", NO_NAME, NO_NAME),
    ("_dns-sd._udp", "PTR", "ns", NO_NAME, NO_NAME),
    # reports
    ("_suspect.web._http._tcp", "TXT", "x", "", ""),
    ("_SUSPECT.api._http._tcp", "TXT", "x", "", ""),
    ("_suspect.web._http._tcp", "A", "10.0.0.9", (REPORT, REPORT, REPORT, ""),
     (REPORT, REPORT, REPORT, "")),
    ("_suspect._http._tcp", "TXT", "x", NO_NAME, NO_NAME),
    ("_suspect.n1.nodes", "TXT", "x", ANOTHER, ANOTHER),
    # everything else
    ("@", "TXT", "x", NO_NAME, NO_NAME),
    ("@", "A", "10.0.0.9", NO_NAME, NO_NAME),
    ("@", "NS", "n1.nodes", NO_NAME, NO_NAME),
    ("ns", "A", "10.0.0.9", NO_NAME, NO_NAME),
    ("new", "TXT", "x", NO_NAME, NO_NAME),
    ("*", "TXT", "x", NO_NAME, NO_NAME),
    ("n1.keys", "KEY", KEY_DATA, NO_NAME, NO_NAME),
    ("n1.keys", "TXT", "x", NO_NAME, NO_NAME),
    ("_http", "PTR", WEB, NO_NAME, NO_NAME),
    ("_cluster", "TXT", "x", NO_NAME, NO_NAME),
]
OPERATIONS = ["{0} 60 IN {1} {2}", "{0} 0 NONE {1} {2}", "{0} 0 ANY {1}", "{0} 0 ANY ANY"]


def told(owner, rdtype, why):
    """RCODE, code and text of the extended error that the short form stands for."""
    if why == "":
        return "NOERROR", None, ""
    full = "lab.cloud." if owner == "@" else f"{owner}.lab.cloud."
    return (*{"R": ("REFUSED", REFUSED), "Y": ("YXDOMAIN", YXDOMAIN)}[why[0]],
            f"update 1: {full} {rdtype}{why[2:]}")


# Names that only the administrator may change are unchanged.
KEPT = {"@", "ns", "static._http._tcp", "Static._http._tcp"}


def prepare(weftd, key):
    """The zone before each row of the table: a service and a node of each key, a subtype of n1's,
    and nothing of other rows."""
    owners = {row[0] for row in TABLE} - KEPT
    for lines, name in (
            ([f"{owner} 0 ANY ANY" for owner in sorted(owners)], "admin"),
            (service("web") + [f"_one._sub._http._tcp 60 IN PTR {WEB}",
                               "n1.nodes 60 IN A 10.0.0.1"], "n1"),
            (service("api") + ["n2.nodes 60 IN A 10.0.0.2"], "n2")):
        reply = send(weftd, updates=lines, key=key(name))
        assert reply.rcode == "NOERROR", reply


def rows():
    """Each row with each operation: owner, type, rdata, update, reasons for n1 and n2."""
    for owner, rdtype, rdata, *both in TABLE:
        for i, operation in enumerate(OPERATIONS):
            shown = "" if i == 3 else f"{rdtype} "
            yield (operation.format(owner, rdtype, rdata),
                   [told(owner, shown, why if isinstance(why, str) else why[i]) for why in both])


@pytest.fixture
def served(make_weftd):
    """A weftd with the built-in policy, and its keys."""
    weftd, key = fabric(make_weftd)
    weftd.start()
    return weftd, key


@pytest.mark.parametrize("number, name", [(0, "n1"), (1, "n2")])
def test_what_the_key_of_a_node_may_do(served, number, name):
    weftd, key = served
    wrong = []
    dirty = True
    for text, expected in rows():
        if dirty:
            prepare(weftd, key)
        before = serial(weftd)
        reply = send(weftd, updates=[text], key=key(name))
        found = reply.rcode, reply.ede, reply.why
        dirty = reply.rcode == "NOERROR"
        if found != expected[number]:
            wrong.append((text, found, expected[number]))
        if not dirty and serial(weftd) != before:
            wrong.append((text, "has changed the zone"))
    assert not wrong, "\n".join(map(str, wrong))



def test_the_administrator_may_do_anything_and_strangers_nothing(served):
    weftd, key = served
    stranger = updates.Key("n1.keys.lab.cloud.")    # the name is right, the secret is not
    elsewhere = updates.Key("n1.keys.other.cloud.")
    for text, _ in rows():
        before = serial(weftd)
        unsigned = send(weftd, updates=[text], key=None)
        assert unsigned.rcode == "REFUSED" and "must be signed" in unsigned.why, (text, unsigned)
        literal = send(weftd, updates=[text])
        assert literal.rcode == "REFUSED", (text, literal)
        assert serial(weftd) == before, text
    for wrong in (stranger, elsewhere):
        wire, _ = signed(["n1.nodes 60 IN A 10.0.0.1"], key=wrong)
        assert Reply(updates.exchange(weftd, wire)).rcode == "NOTAUTH"
    for text, _ in rows():
        reply = send(weftd, updates=[text], key=key("admin"))
        assert reply.rcode == "NOERROR", (text, reply)


def test_a_key_whose_name_only_begins_like_the_administrators_is_another(served):
    weftd, key = served
    for name in ("x.admin", "admin.x", "admins"):
        assert send(weftd, updates=["new 60 IN TXT x"], key=key(name)).rcode == "REFUSED", name
    assert send(weftd, updates=["new 60 IN TXT x"], key=key("admin")).rcode == "NOERROR"


def test_a_key_of_two_labels_has_the_node_of_the_same_two(served):
    weftd, key = served
    assert send(weftd, updates=["a.b.nodes 60 IN A 10.0.0.1"], key=key("a.b")).rcode == "NOERROR"
    for other in ("a.nodes", "b.nodes", "x.a.b.nodes", "b.a.nodes"):
        assert send(weftd, updates=[f"{other} 60 IN A 10.0.0.1"], key=key("a.b")).rcode == "REFUSED"


def test_one_record_that_is_not_allowed_refuses_the_whole_update(served):
    weftd, key = served
    register(weftd, key("n1"), "web")
    before = serial(weftd)
    reply = send(weftd, updates=[*service("api"), f"{WEB} 60 IN TXT mine"], key=key("n2"))
    assert (reply.rcode, reply.why) == (
        "YXDOMAIN", f"update 6: {WEB}.lab.cloud. TXT belongs to key n1.keys.lab.cloud.")
    assert serial(weftd) == before and not is_there(weftd, "api")
    register(weftd, key("n1"), "api")       # the refused updates did not take the name


def test_a_report_removes_only_reports(served):
    weftd, key = served
    name = "_suspect.web._http._tcp"
    assert send(weftd, updates=[f"{name} 60 IN TXT x", f"{name} 60 IN A 10.0.0.1"],
                key=key("admin")).rcode == "NOERROR"
    reply = send(weftd, updates=[f"{name} 0 ANY ANY"], key=key("n2"))
    assert (reply.rcode, reply.ede) == ("REFUSED", REFUSED), reply
    reply = send(weftd, updates=[f"{name} 0 ANY TXT"], key=key("n2"))
    assert (reply.rcode, reply.ede) == ("REFUSED", REFUSED), reply      # nor reports by others
    assert send(weftd, updates=[f"{name} 0 ANY TXT"], key=key("admin")).rcode == "NOERROR"
    assert lookup(weftd, f"{name}.lab.cloud", "A") == {"60 10.0.0.1"}


def test_nsupdate_registers_and_shows_the_owner_of_a_name(served):
    weftd, key = served

    def nsupdate(name, *lines):
        key(name)
        weftd.key_path = weftd.folder / f"{name}.key"
        return weftd.nsupdate(*lines, check=False)

    add = f"update add {WEB}.lab.cloud 60 SRV 0 0 80 n1.nodes.lab.cloud"
    assert nsupdate("n1", add, f"update add _http._tcp.lab.cloud 60 PTR {WEB}.lab.cloud",
                    "update add n1.nodes.lab.cloud 60 A 10.0.0.1").stderr == ""
    assert weftd.dig(f"{WEB}.lab.cloud", "SRV") == "0 0 80 n1.nodes.lab.cloud.\n"
    assert "update failed: YXDOMAIN" in nsupdate("n2", add).stderr
    assert "update failed: REFUSED" in nsupdate("n2", "update add new.lab.cloud 60 TXT x").stderr
    assert nsupdate("n1", f"update delete {WEB}.lab.cloud").stderr == ""
    assert nsupdate("n2", add).stderr == ""


# ---- first come, first served ----

def winners(weftd, names, replies):
    """For each name, one of two updates must have succeeded, and the records must be the winner's.
    Returns the winners."""
    found = []
    for name in names:
        rcodes = [replies[name, who].rcode for who in ("n1", "n2")]
        assert sorted(rcodes) == ["NOERROR", "YXDOMAIN"], (name, rcodes)
        winner = "n1" if rcodes[0] == "NOERROR" else "n2"
        srv = lookup(weftd, f"{name}._http._tcp.lab.cloud", "SRV")
        assert srv == {f"60 0 0 80 {winner}.nodes.lab.cloud."}
        assert f"key {winner}.keys.lab.cloud." in replies[name, "n1" if winner == "n2" else
                                                          "n2"].why
        found.append(winner)
    return found


def test_of_two_in_flight_on_one_connection_one_gets_the_name(served):
    """Keys take turns, so it need not be the first."""
    weftd, key = served
    names, sent, wires = [f"r{i}" for i in range(50)], {}, b""
    for i, name in enumerate(names):
        for who in ("n1", "n2") if i % 2 == 0 else ("n2", "n1"):
            wire, mac = signed(service(name, node=f"{who}.nodes"), key=key(who))
            sent[wire[:2]] = name, who, mac
            wires += frame(wire)
    replies = {}
    with connect(weftd.where, LIMIT_S) as sock:
        sock.sendall(wires)
        for _ in sent:
            wire = read_frame(sock)
            name, who, mac = sent[wire[:2]]
            replies[name, who] = Reply(wire, key(who), mac)
    winners(weftd, names, replies)


def test_of_two_in_flight_from_two_sockets_one_gets_the_name(served):
    weftd, key = served
    names, replies, sent = [f"r{i}" for i in range(50)], {}, {}
    socks = {}
    for who in ("n1", "n2"):
        socks[who] = socket.socket(type=socket.SOCK_DGRAM)
        socks[who].settimeout(LIMIT_S)
        socks[who].connect(weftd.where)
    for name in names:
        for who in ("n1", "n2"):
            wire, mac = signed(service(name, node=f"{who}.nodes"), key=key(who))
            sent[wire[:2]] = name, who, mac
            socks[who].send(wire)
    for who, sock in socks.items():
        for _ in names:
            wire = sock.recv(65535)
            name, _, mac = sent[wire[:2]]
            replies[name, who] = Reply(wire, key(who), mac)
        sock.close()
    winners(weftd, names, replies)


# ---- how long a key owns a name ----

def is_free(weftd, key, name="web"):
    """Whether n2 could register the name; changes nothing."""
    reply = send(weftd, updates=[f"{name}._http._tcp 60 IN TXT probe"], key=key("n2"))
    if reply.rcode == "YXDOMAIN":
        assert "belongs to key n1.keys.lab.cloud." in reply.why, reply
        return False
    assert reply.rcode == "NOERROR", reply
    assert send(weftd, updates=[f"{name}._http._tcp 0 ANY ANY"], key=key("n2")).rcode == "NOERROR"
    return True


def test_a_name_is_free_when_its_last_record_is_removed_and_not_before(served):
    weftd, key = served
    register(weftd, key("n1"), "web")
    for text, free in ((f"{WEB} 0 ANY SRV", False), (f"{WEB} 0 ANY TXT", True)):
        assert send(weftd, updates=[text], key=key("n1")).rcode == "NOERROR"
        assert is_free(weftd, key) is free, text
    for last in (f"{WEB} 0 ANY ANY", f"{WEB} 0 NONE TXT x"):
        send(weftd, updates=[f"{WEB} 60 IN TXT x"], key=key("n1"))
        assert not is_free(weftd, key)
        assert send(weftd, updates=[last], key=key("n1")).rcode == "NOERROR"
        assert is_free(weftd, key), last


def test_a_name_is_its_owners_through_all_that_the_owner_changes(served):
    weftd, key = served
    register(weftd, key("n1"), "web")
    for change in ([f"{WEB} 0 ANY SRV", f"{WEB} 60 IN SRV 0 0 81 n1.nodes"],    # another port
                   [f"{WEB} 0 ANY SRV", f"{WEB} 60 IN SRV 0 0 81 n2.nodes"],    # another node
                   [f"{WEB} 0 ANY ANY", f"{WEB} 60 IN SRV 0 0 82 n1.nodes"],    # all of it again
                   service("web", port=83), service("WEB", txt="c=d"),
                   ["n1.nodes 60 IN A 10.0.0.1"], ["n1.nodes 0 ANY A", "n1.nodes 60 IN A 10.0.0.9"],
                   ["n1.nodes 0 ANY ANY"], [f"{WEB} 0 ANY TXT"]):
        assert send(weftd, updates=change, key=key("n1")).rcode == "NOERROR", change
        assert not is_free(weftd, key), change


def test_what_the_administrator_adds_to_a_name_or_takes_away_does_not_make_it_his(served):
    weftd, key = served
    register(weftd, key("n1"), "web")
    for change in ([f"{WEB} 60 IN TXT x"], [f"{WEB} 0 ANY TXT"], [f"{WEB} 60 IN A 10.0.0.1"]):
        assert send(weftd, updates=change, key=key("admin")).rcode == "NOERROR"
        assert not is_free(weftd, key)
        register(weftd, key("n1"), "web")
    assert send(weftd, updates=[f"{WEB} 0 ANY ANY"], key=key("admin")).rcode == "NOERROR"
    assert is_free(weftd, key)


def test_what_the_administrators_key_registers_first_is_the_administrators(served):
    weftd, key = served
    register(weftd, key("admin"), "web")
    reply = register(weftd, key("n1"), "web", check=False)
    assert reply.rcode == "YXDOMAIN" and "belongs to key admin.keys.lab.cloud." in reply.why


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_owners_are_the_same_after_a_restart(served, end):
    weftd, key = served
    register(weftd, key("n1"), "web")
    register(weftd, key("n1"), "gone")
    assert send(weftd, updates=gone("gone"), key=key("n1")).rcode == "NOERROR"
    register(weftd, key("n1"), "kept", lease=(2, 1000))
    for _ in range(2):
        getattr(weftd, end)()
        weftd.start()
        assert not is_free(weftd, key)
        assert is_free(weftd, key, "gone")
        assert not is_free(weftd, key, "kept")
    register(weftd, key("n1"), "web", port=81)
    weftd.weft("zone", "checkpoint")
    getattr(weftd, end)()
    weftd.start()
    assert not is_free(weftd, key)
    assert is_free(weftd, key, "gone")
    wait_for(lambda: not is_there(weftd, "kept"), "end of the lease")
    assert not is_free(weftd, key, "kept")


def test_with_the_4_byte_form_the_name_is_free_when_the_lease_ends(served):
    weftd, key = served
    register(weftd, key("n1"), "web", lease=1)
    assert not is_free(weftd, key)
    wait_for(lambda: not is_there(weftd, "web"), "end of the lease")
    assert is_free(weftd, key)


def test_with_the_8_byte_form_the_name_is_free_when_the_key_lease_ends(served):
    weftd, key = served
    assert register(weftd, key("n1"), "web", lease=(1, 3)).lease == (1, 3)
    wait_for(lambda: not is_there(weftd, "web"), "end of the lease")
    assert not is_free(weftd, key)
    register(weftd, key("n1"), "web", lease=(1, 3), port=81)        # the owner comes back
    again = time.monotonic()
    wait_for(lambda: not is_there(weftd, "web"), "end of the lease")
    wait_for(lambda: is_free(weftd, key), "end of the key lease")
    assert again + 2.9 <= time.monotonic() <= again + 4.5


def test_a_name_that_is_removed_is_free_although_its_key_lease_runs(served):
    weftd, key = served
    register(weftd, key("n1"), "web", lease=(1000, 10000))
    assert send(weftd, updates=gone("web"), key=key("n1")).rcode == "NOERROR"
    assert is_free(weftd, key)
    register(weftd, key("n2"), "web", lease=(1000, 10000))
    reply = register(weftd, key("n1"), "web", check=False)
    assert reply.rcode == "YXDOMAIN" and "belongs to key n2.keys.lab.cloud." in reply.why
    weftd.kill()
    weftd.start()
    reply = register(weftd, key("n1"), "web", check=False)
    assert reply.rcode == "YXDOMAIN" and "belongs to key n2.keys.lab.cloud." in reply.why


def test_a_permanent_record_keeps_the_name_when_the_lease_ends(served):
    weftd, key = served
    assert send(weftd, updates=[f"{WEB} 60 IN TXT x"], key=key("n1")).rcode == "NOERROR"
    assert send(weftd, updates=[f"{WEB} 60 IN SRV 0 0 80 n1.nodes"], key=key("n1"),
                lease=1).rcode == "NOERROR"
    wait_for(lambda: not lookup(weftd, f"{WEB}.lab.cloud", "SRV"), "end of the lease")
    assert not is_free(weftd, key)


def test_a_revoked_keys_names_stay_its_until_the_administrator_removes_them(served):
    weftd, key = served
    register(weftd, key("n1"), "web")
    weftd.weft("key", "revoke", "n1")
    wire, _ = signed(service("web", port=81), key=key("n1"))
    assert Reply(updates.exchange(weftd, wire)).rcode == "NOTAUTH"
    assert not is_free(weftd, key)
    assert send(weftd, updates=gone("web"), key=key("admin")).rcode == "NOERROR"
    assert is_free(weftd, key)


def test_instances_of_the_zones_file_are_the_administrators(served):
    weftd, key = served
    register(weftd, key("n1"), "mine")
    weftd.zone(ZONE + "new._http._tcp SRV 0 0 80 ns\nmine._http._tcp TXT file\n")
    weftd.weft("reload")
    wait_for(lambda: lookup(weftd, "new._http._tcp.lab.cloud", "SRV"), "the new file")
    reply = register(weftd, key("n1"), "new", check=False)
    assert reply.rcode == "YXDOMAIN" and reply.why.endswith("belongs to the zone's administrator")
    register(weftd, key("n1"), "mine", port=81)
    assert not is_free(weftd, key, "mine")


def test_a_name_that_the_zones_file_leaves_empty_is_free(served):
    weftd, key = served
    send(weftd, updates=[f"{WEB} 60 IN TXT x", f"{WEB} 60 IN TXT y"], key=key("n1"))
    for lines, records in ((f"{WEB} TXT x\n", 2), ("", 1), (f"{WEB} TXT y\n", 1)):
        weftd.zone(ZONE + lines)
        weftd.weft("reload")
        wait_for(lambda n=records: len(lookup(weftd, f"{WEB}.lab.cloud", "TXT")) == n, "the file")
        assert not is_free(weftd, key)
    weftd.zone(ZONE)
    weftd.weft("reload")
    wait_for(lambda: not lookup(weftd, f"{WEB}.lab.cloud", "TXT"), "the file")
    assert is_free(weftd, key)
    weftd.kill()
    weftd.start()
    assert is_free(weftd, key)


def test_names_registered_under_another_policy_belong_to_the_administrator(make_weftd):
    weftd, key = fabric(make_weftd, update="{key: n1.keys.lab.cloud}")
    weftd.start()
    register(weftd, key("n1"), "web")
    weftd.conf.write_text(weftd.conf.read_text().replace("{key: n1.keys.lab.cloud}",
                                                         "{fabric: lab.cloud}"))
    weftd.weft("reload")
    reply = wait_for(lambda: send(weftd, updates=[f"{WEB} 60 IN TXT x"], key=key("n1")),
                     "an answer")
    assert reply.rcode == "YXDOMAIN" and reply.why.endswith("belongs to the zone's administrator")


def test_a_name_that_is_removed_under_another_policy_is_free(make_weftd):
    weftd, key = fabric(make_weftd)
    weftd.start()
    for name in ("web", "api"):
        register(weftd, key("n1"), name, lease=(1000, 2000) if name == "api" else None)
    ready = weftd.conf.read_text()
    weftd.conf.write_text(ready.replace("{fabric: lab.cloud}", "{key: bench}"))
    weftd.weft("reload")
    send(weftd, updates=gone("web") + gone("api"))
    assert not is_there(weftd, "web") and not is_there(weftd, "api")
    weftd.conf.write_text(ready)
    weftd.weft("reload")
    assert register(weftd, key("n2"), "web").rcode == "NOERROR"
    assert register(weftd, key("n2"), "api").rcode == "NOERROR"
