# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Changes as DNS Push codes them (RFC 8765 section 6.3): which records a subscription covers, and
that the records of a subscriber are those of the zone, commit by commit."""

import base64

import pytest

import dso
import wire
from dso import CNAME, Change
from pushing import (OPEN, TRANSPORTS, agree, begin, change, follow, fresh, pushed, serving,
                     zone_records)
from wire import ANY, IN, name

A, PTR, TXT, AAAA, SRV = 1, 12, 16, 28, 33
V4 = [bytes([192, 0, 2, n]) for n in range(100)]

LIMITS = "limits: {rrsets: 10000, records: 5000, name-size: 16M}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    zones = {"lab.cloud": f"{OPEN}\n{LIMITS}"}
    with serving(tmp_path_factory.mktemp("changes"), zones=zones) as weftd:
        yield weftd


@pytest.fixture(params=TRANSPORTS)
def client(request, shared):
    with begin(shared, request.param) as client:
        yield client


@pytest.fixture
def seen(shared, client):
    """Makes an update, and returns what is pushed of it: the changes of one PUSH."""
    def make(*lines):
        agree(client, shared)
        before = len(client.rules.pushes)
        change(shared, *lines)
        told = pushed(client, shared, before)
        assert len(told) <= 1, told
        return told[0] if told else []
    return make


def words(changes):
    """What each change is, and of which type."""
    return sorted((one.what, one.rdtype) for one in changes)


# ---- one PUSH for each commit ----

def test_one_push_has_all_that_concerns_a_session(client, seen):
    one, two, other = fresh(), fresh(), fresh()
    follow(client, (one, "A"), (two, "TXT"), (two, "AAAA"))
    found = seen(f"{one} 60 IN A 192.0.2.1", f"{one} 60 IN TXT x", f"{two} 60 IN TXT x",
                 f"{two} 60 IN AAAA ::1", f"{two} 60 IN A 192.0.2.1", f"{other} 60 IN A 192.0.2.1")
    assert sorted((wire.text(c.owner), c.rdtype) for c in found) \
        == sorted([(one, A), (two, TXT), (two, AAAA)])


def test_pushes_have_the_order_of_the_commits(shared, client):
    owner = fresh()
    follow(client, (owner, "TXT"))
    agree(client, shared)
    before = len(client.rules.pushes)
    for n in range(20):
        change(shared, f"{owner} 0 ANY TXT", f"{owner} 60 IN TXT {n}")
    told = pushed(client, shared, before)
    assert [c.rdata for changes in told for c in changes if c.what == "add"] \
        == [bytes([len(str(n))]) + str(n).encode() for n in range(20)]
    assert len(told) == 20


def test_a_commit_that_concerns_nobody_is_not_pushed(shared, client):
    owner, other = fresh(), fresh()
    client.subscribe(owner, "A")
    for n in range(5):
        change(shared, f"{other} 60 IN A 192.0.2.{n + 1}", f"{owner} 60 IN TXT {n}")
    change(shared, f"{owner} 60 IN A 192.0.2.1")
    assert len(client.until_push()) == 1 and len(client.rules.pushes) == 1


def test_an_update_that_changes_nothing_is_not_pushed(shared, client, seen):
    owner = fresh()
    follow(client, (owner, "ANY"))
    seen(f"{owner} 60 IN A 192.0.2.1")
    assert seen(f"{owner} 60 IN A 192.0.2.1") == []
    assert seen(f"{owner} 0 NONE A 192.0.2.9", f"{owner} 0 ANY TXT") == []
    assert seen(f"{owner} 0 ANY A", f"{owner} 60 IN A 192.0.2.1") == []
    assert seen(f"{owner} 60 IN TXT x", f"{owner} 0 ANY TXT") == []


def test_a_change_of_two_subscriptions_is_told_once(client, seen):
    """RFC 8765 section 6.3.1: only one PUSH message is sent."""
    owner = fresh()
    follow(client, (owner, "A"), (owner, "ANY"), (owner, "ANY", ANY), (owner, "A", ANY))
    found = seen(f"{owner} 60 IN A 192.0.2.1", f"{owner} 60 IN TXT x")
    assert words(found) == [("add", A), ("add", TXT)]
    assert words(seen(f"{owner} 0 ANY A")) == [("rrset", A)]


def test_the_initial_records_of_an_overlapping_subscription_are_all_told(shared, client):
    owner = fresh()
    change(shared, f"{owner} 60 IN A 192.0.2.1", f"{owner} 60 IN TXT x")
    follow(client, (owner, "A"), (owner, "ANY"))
    agree(client, shared)


# ---- removals ----

@pytest.fixture
def filled(shared, client):
    """A name with three A, two AAAA, SRV and TXT, and a client that follows all of it."""
    owner = fresh()
    change(shared, *[f"{owner} 60 IN A 192.0.2.{n}" for n in (1, 2, 3)], f"{owner} 60 IN AAAA ::1",
           f"{owner} 60 IN AAAA ::2", f"{owner} 60 IN SRV 0 0 80 ns", f"{owner} 60 IN TXT x")
    follow(client, (owner, "ANY"))
    return owner


def test_one_record_of_several_is_removed_individually(filled, seen):
    found, = seen(f"{filled} 0 NONE A 192.0.2.2")
    assert found == Change("remove", name(filled), A, IN, dso.REMOVED, V4[2])


def test_two_records_of_three_are_removed_individually(filled, seen):
    found = seen(f"{filled} 0 NONE A 192.0.2.1", f"{filled} 0 NONE A 192.0.2.2")
    assert words(found) == [("remove", A)] * 2


@pytest.mark.parametrize("lines", [["{} 0 ANY A"],
                                   [f"{{}} 0 NONE A 192.0.2.{n}" for n in (3, 1, 2)]])
def test_all_records_of_a_type_are_removed_at_once(filled, seen, lines):
    """SHOULD send one collective removal, not three individual ones."""
    assert words(seen(*[line.format(filled) for line in lines])) == [("rrset", A)]


@pytest.mark.parametrize("lines", [["{} 0 ANY ANY"],
                                   [f"{{}} 0 ANY {t}" for t in ("A", "TXT", "AAAA", "SRV")]])
def test_all_records_of_a_name_are_removed_at_once(filled, seen, lines):
    found, = seen(*[line.format(filled) for line in lines])
    assert found in (Change("class", name(filled), ANY, IN, dso.COLLECTIVE, b""),
                     Change("name", name(filled), 0, ANY, dso.COLLECTIVE, b""))


def test_a_typed_subscription_is_not_told_that_a_name_has_gone_that_has_not(shared, client, seen):
    owner = fresh()
    change(shared, f"{owner} 60 IN A 192.0.2.1", f"{owner} 60 IN TXT x")
    follow(client, (owner, "A"))
    agree(client, shared)
    found, = seen(f"{owner} 0 ANY A")
    assert found.what in ("rrset", "remove") and found.rdtype == A


def test_removal_of_a_name_reaches_a_typed_subscription(shared, client, seen):
    owner = fresh()
    change(shared, f"{owner} 60 IN A 192.0.2.1", f"{owner} 60 IN A 192.0.2.2",
           f"{owner} 60 IN TXT x")
    follow(client, (owner, "A"))
    found, = seen(f"{owner} 0 ANY ANY")
    assert found.what in ("rrset", "class", "name")


def test_some_types_of_a_name_are_removed_one_by_one(filled, seen):
    found = seen(f"{filled} 0 ANY A", f"{filled} 0 ANY TXT")
    assert words(found) == [("rrset", A), ("rrset", TXT)]


def test_what_is_replaced_is_removed_before_the_new_is_added(shared, filled, seen):
    found = seen(f"{filled} 0 ANY A", f"{filled} 60 IN A 192.0.2.3", f"{filled} 60 IN A 192.0.2.4")
    assert {c.rdata for c in found if c.what == "add"} in ({V4[4]}, {V4[3], V4[4]})
    found = seen(f"{filled} 0 ANY ANY", f"{filled} 60 IN A 192.0.2.9")
    assert {c.rdata for c in found if c.what == "add"} == {V4[9]}


def test_an_individual_removal_of_empty_rdata(shared, client, seen):
    owner = fresh()
    follow(client, (owner, "APL"))
    found = seen(f"{owner} 60 IN APL", f"{owner} 60 IN APL 1:192.0.2.0/24")
    assert words(found) == [("add", 42)] * 2
    found, = seen(f"{owner} 0 NONE APL")
    assert (found.what, found.rdata) == ("remove", b"")
    found, = seen(f"{owner} 0 ANY APL")
    assert found.what in ("rrset", "class")


# ---- TTLs ----

def test_a_change_of_the_ttl_is_told(client, seen):
    owner = fresh()
    follow(client, (owner, "A"))
    seen(f"{owner} 60 IN A 192.0.2.1", f"{owner} 60 IN A 192.0.2.2")
    found = seen(f"{owner} 90 IN A 192.0.2.1")
    assert {(c.rdata, c.ttl) for c in found if c.what == "add"} == {(V4[1], 90), (V4[2], 90)}


def test_a_new_record_may_change_the_ttl_of_the_others(client, seen):
    """An RRset has one TTL (RFC 2181 section 5.2)."""
    owner = fresh()
    follow(client, (owner, "A"))
    seen(f"{owner} 60 IN A 192.0.2.1")
    found = seen(f"{owner} 5 IN A 192.0.2.2")
    assert {(c.rdata, c.ttl) for c in found if c.what == "add"} == {(V4[1], 5), (V4[2], 5)}


@pytest.mark.parametrize("ttl", [0, 1, 0x7fffffff])
def test_ttls_are_those_of_the_zone(shared, client, seen, ttl):
    owner = fresh()
    follow(client, (owner, "A"))
    found, = seen(f"{owner} {ttl} IN A 192.0.2.1")
    assert (found.what, found.ttl) == ("add", list(c for k, c in zone_records(shared)[1].items()
                                                   if k[0] == name(owner))[0])


# ---- CNAME ----

def test_a_cname_answers_a_subscription_of_any_type(shared, client, seen):
    alias, target = fresh("alias"), fresh("target")
    change(shared, f"{alias} 60 IN CNAME {target}", f"{target} 60 IN A 192.0.2.1")
    follow(client, (alias, "A"), (alias, "ANY"))
    agree(client, shared)
    known = {key[2] for one in client.rules.active.values() for key in one.records}
    assert known == {dso.SOA, CNAME}
    assert seen(f"{target} 60 IN A 192.0.2.2") == []
    assert words(seen(f"{alias} 0 ANY CNAME"))[0][0] in ("rrset", "class", "remove")


def test_a_cname_that_comes_and_goes_is_told(client, seen):
    alias = fresh("alias")
    follow(client, (alias, "A"))
    seen(f"{alias} 60 IN A 192.0.2.1")
    found = seen(f"{alias} 0 ANY A", f"{alias} 60 IN CNAME ns")
    assert ("add", CNAME) in words(found) and len(found) == 2
    assert ("add", CNAME) in words(seen(f"{alias} 60 IN CNAME n1.nodes"))
    found = seen(f"{alias} 0 ANY CNAME", f"{alias} 60 IN A 192.0.2.2", f"{alias} 60 IN TXT x")
    assert ("add", A) in words(found) and ("add", TXT) not in words(found)


def test_a_subscription_of_cname_covers_nothing_else(client, seen):
    alias = fresh("alias")
    follow(client, (alias, "CNAME"))
    assert seen(f"{alias} 60 IN A 192.0.2.1", f"{alias} 60 IN TXT x") == []
    assert words(seen(f"{alias} 0 ANY ANY", f"{alias} 60 IN CNAME ns")) == [("add", CNAME)]


# ---- names ----

def test_a_wildcard_covers_a_literal_asterisk_only(shared, client, seen):
    """And a name that a wildcard would answer has no records (section 6.2.1)."""
    follow(client, ("*.wild.lab.cloud.", "TXT"), ("x.wild.lab.cloud.", "TXT"))
    agree(client, shared)
    assert [len(one.records) for one in client.rules.active.values()] == [1, 1, 0]
    found, = seen("y.wild 60 IN TXT y", "*.wild 60 IN TXT star2", "z.*.wild 60 IN TXT z")
    assert found.owner == name("*.wild.lab.cloud.")
    found, = seen("x.wild 60 IN TXT x")
    assert found.owner == name("x.wild.lab.cloud.")
    seen("x.wild 0 ANY TXT", "y.wild 0 ANY TXT", "*.wild 0 NONE TXT star2", "z.*.wild 0 ANY TXT")


def test_case_does_not_matter(client, seen):
    owner = fresh("case")
    follow(client, (owner.upper(), "A"))
    assert words(seen(f"{owner.title()} 60 IN A 192.0.2.1")) == [("add", A)]
    assert words(seen(f"{owner.swapcase()} 0 NONE A 192.0.2.1")) != []


@pytest.mark.parametrize("label", [
    "a\\.b", "\\000", "\\255\\192", "A-Z[\\]^_", "\\064\\091", "x y"])
def test_labels_may_have_any_bytes(client, seen, label):
    owner = f"{label}.{fresh()}".replace(" ", "\\032")
    follow(client, (owner, "A"))
    assert words(seen(f"{owner} 60 IN A 192.0.2.1")) == [("add", A)]
    seen(f"{owner} 0 ANY A")


def test_names_above_and_below_are_others(client, seen):
    owner = fresh()
    follow(client, (owner, "ANY"), (f"b.{owner}", "ANY"))
    found = seen(f"a.{owner} 60 IN A 192.0.2.1", f"a.b.{owner} 60 IN A 192.0.2.1",
                 f"b.{owner} 60 IN A 192.0.2.1")
    assert [c.owner for c in found] == [name(f"b.{owner}")]


def test_the_longest_name(client, seen):
    owner = ".".join(["x" * 63] * 3) + "." + "y" * 51 + ".lab.cloud."
    assert len(name(owner)) == 255
    follow(client, (owner, "A"))
    assert words(seen(f"{owner} 60 IN A 192.0.2.1")) == [("add", A)]
    seen(f"{owner} 0 ANY A")


# ---- ANY ----

@pytest.mark.parametrize("rdclass", [IN, ANY])
def test_any_is_all(client, seen, rdclass):
    owner = fresh()
    follow(client, (owner, "ANY", rdclass))
    types = ["A 192.0.2.1", "AAAA ::1", "TXT x", "SRV 0 0 80 ns", "PTR ns", "MX 1 ns",
             'NAPTR 1 1 a b "" ns', "SVCB 1 ns port=1", "HTTPS 1 ns", "CAA 0 issue x", "HINFO a b",
             "SSHFP 1 1 " + "ab" * 20, "TYPE65280 \\#abcd", "URI 1 1 x", "TLSA 1 1 1 " + "ab" * 32,
             "RP ns ns", "AFSDB 1 ns", "KX 1 ns", "RT 1 ns", "PX 1 ns ns", "APL 1:192.0.2.0/24"]
    lines = [f"{owner} 60 IN {one}" for one in types]
    found = seen(*lines)
    assert len(found) == len(lines) and {c.what for c in found} == {"add"}
    assert [c.what for c in seen(f"{owner} 0 ANY ANY")] in (["class"], ["name"])


def test_the_initial_records_are_all_too(shared, client):
    owner = fresh()
    change(shared, *[f"{owner} 60 IN TYPE{65280 + n} \\#00" for n in range(50)])
    follow(client, (owner, "ANY"), (owner, "ANY", ANY))
    agree(client, shared)


def test_the_apex(client, seen):
    follow(client, ("lab.cloud.", "ANY"), ("lab.cloud.", "NS"))
    assert words(seen("@ 60 IN TXT x")) == [("add", TXT)]
    assert words(seen("@ 0 ANY TXT")) == [("rrset", TXT)]


# ---- coding ----

def test_owner_names_are_compressed(shared, client):
    """Owners always, and names in rdata of the types of RFC 6762 section 18.14 (SHOULD)."""
    owner = fresh("long-name-of-a-type")
    change(shared, *[f"{owner} 60 IN PTR i{n}.{owner}" for n in range(50)],
           *[f"{owner} 60 IN SRV 0 0 {n} n1.nodes" for n in range(50)])
    number = client.subscribe(owner, "PTR")
    client.until_records(number, 50)
    ptr = len(client.log[-1][1])
    assert ptr <= 16 + len(name(owner)) + 50 * (2 + 10 + 6)
    number = client.subscribe(owner, "SRV")
    client.until_records(number, 50)
    srv = len(client.log[-1][1])
    assert srv <= 16 + len(name(owner)) + 20 + 50 * (2 + 10 + 6 + 2)


def test_changes_of_several_names_are_compressed(client, seen, shared):
    owners = [fresh("somewhat-longer-name") for _ in range(20)]
    follow(client, *[(owner, "A") for owner in owners])
    seen(*[f"{owner} 60 IN A 192.0.2.1" for owner in owners])
    assert len(client.log[-1][1]) < 20 * (max(map(len, owners)) - 6 + 2 + 14) + 200


def test_a_record_that_fits_no_push_does_no_harm(shared, client):
    """RFC 8765 has no way to tell of it: its RRset is removed instead."""
    owner, other = fresh(), fresh()
    big = " ".join(["x" * 250] * 100)
    change(shared, f"{owner} 60 IN TXT {big}", tcp=True)
    client.rules.large.add(wire.text(name(owner)))
    number = client.subscribe(other, "A")
    client.ask_subscribe(owner, "ANY")
    change(shared, f"{owner} 60 IN A 192.0.2.1", f"{other} 60 IN A 192.0.2.1")
    assert client.until_records(number, 1)
    assert [c.what for push in client.rules.pushes for c in push if c.rdtype == 16] == ["rrset"]
    change(shared, f"{owner} 0 ANY ANY")
    assert client.keepalive().rcode == 0


def test_keys_and_signatures_are_told_as_they_are(client, seen):
    """Types with names that must not be compressed, and names in upper case."""
    owner = fresh()
    follow(client, (owner, "ANY"))
    key = base64.b64encode(b"\0" * 32).decode()
    seen(f"{owner} 60 IN DNSKEY 256 3 15 {key}", f"{owner} 60 IN NAPTR 1 1 a b \"\" N1.Nodes",
         f"{owner} 60 IN SVCB 1 n1.nodes port=1")
