# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Quotas by key: one key cannot fill the registry, what it has is counted exactly, and other keys do
not notice."""

import json
import signal

import pytest

import leases
import updates
import wire
from updates import lookup, send
from waiting import wait_for

OTHER = 0                       # the code of the extended error
KINDS = ["instances", "records", "octets", "leases", "reports"]
HTTP = "_http._tcp"


def served(make_weftd, quota="{instances: 5, records: 40, octets: 4K, leases: 12, reports: 2}",
           more="{minimum: 1}"):
    """A started weftd with a quota, and the function that returns its keys."""
    weftd, key = leases.fabric(make_weftd, lease=more + f"\nquota: {quota}")
    return weftd.start(), key


def usage(weftd, key="n1"):
    """What the key has: by kind; zeros if it is not listed."""
    rows = json.loads(weftd.weft("--json", "key", "usage", key).stdout)
    assert len(rows) <= 1 and all(row["zone"] == "lab.cloud." for row in rows)
    return {kind: rows[0][kind] if rows else 0 for kind in KINDS}


def in_zone(weftd, names):
    """The records and octets at names of the zone, as weft(7) counts them."""
    _, records = updates.transferred(weftd)
    found = [data for name in names for _, data in records.get(f"{name}.lab.cloud.", ())]
    return len(found), sum(12 + len(data) for data in found)


def put(weftd, key, names, lease=None, **more):
    """Registers instances in one update, by SRV and TXT."""
    lines = [f"{name}.{HTTP} 60 IN {text}" for name in names for text in ("SRV 0 0 80 n1.nodes", "TXT a=b")]
    return send(weftd, updates=lines, key=key, lease=lease, **more)


def assert_refused(reply, text):
    assert (reply.rcode, reply.ede, reply.why) == ("REFUSED", OTHER, text)


def test_a_key_stays_within_its_quota_of_instances(make_weftd):
    weftd, key = served(make_weftd)
    for i in range(5):
        assert put(weftd, key("n1"), [f"i{i}"]).rcode == "NOERROR"
    assert_refused(put(weftd, key("n1"), ["i5"]), "quota of n1.keys.lab.cloud: 5 instances")
    # Another key, and the administrator, are not concerned.
    assert put(weftd, key("n2"), ["other"]).rcode == "NOERROR"
    assert put(weftd, key("admin"), [f"a{i}" for i in range(9)]).rcode == "NOERROR"
    assert usage(weftd)["instances"] == 5 and usage(weftd, "admin")["instances"] == 9
    # What is registered is registered again, and makes room when it is removed.
    for i in range(5):
        assert leases.register(weftd, key("n1"), f"i{i}", lease=100).rcode == "NOERROR"
    assert send(weftd, updates=leases.gone("i0") + [f"i6.{HTTP} 60 IN SRV 0 0 80 n1.nodes"],
                key=key("n1")).rcode == "NOERROR"
    assert_refused(put(weftd, key("n1"), ["i7"]), "quota of n1.keys.lab.cloud: 5 instances")


@pytest.mark.parametrize("lines, what", [
    ([f"n1.nodes 60 IN A 10.0.0.{i}" for i in range(41)], "40 records"),
    ([f"web.{HTTP} 60 IN TXT {i}" for i in range(41)], "40 records"),
    ([f"n1.nodes 60 IN TYPE65280 \\#{'00' * 4090}"], "4096 octets"),
    ([f"i{i}.{HTTP} 60 IN SRV 0 0 80 n1.nodes" for i in range(6)], "5 instances"),
    ([f"_suspect.{n}.{HTTP} 60 IN TXT reason=timeout" for n in "abc"], "2 reports"),
])
def test_one_update_that_goes_over_is_refused_and_changes_nothing(make_weftd, lines, what):
    weftd, key = served(make_weftd)
    before = updates.transferred(weftd)
    assert_refused(send(weftd, updates=lines, key=key("n1"), lease=100, tcp=True),
                   f"quota of n1.keys.lab.cloud: {what}")
    assert updates.transferred(weftd) == before and usage(weftd) == dict.fromkeys(KINDS, 0)


def test_leases_are_counted(make_weftd):
    weftd, key = served(make_weftd, quota="{leases: 4}")
    # With a key lease an instance has two.
    for i in range(2):
        assert put(weftd, key("n1"), [f"i{i}"], lease=(100, 1000)).rcode == "NOERROR"
    assert usage(weftd)["leases"] == 4
    assert_refused(put(weftd, key("n1"), ["i2"], lease=100), "quota of n1.keys.lab.cloud: 4 leases")
    assert put(weftd, key("n1"), ["i2"]).rcode == "NOERROR"     # for ever: no lease
    assert put(weftd, key("n1"), ["i0"], lease=(100, 1000)).rcode == "NOERROR"
    assert weftd.weft("lease", "drop", f"i0.{HTTP}.lab.cloud").returncode == 0
    assert usage(weftd)["leases"] == 2
    assert put(weftd, key("n1"), ["i3"], lease=100).rcode == "NOERROR"


def register_much(weftd, key):
    """Instances, a node with its name for ACME, and reports, of the key n1."""
    for lines in ([f"n1.nodes 60 IN A 10.0.0.{i}" for i in range(3)]
                  + ["n1.nodes 60 IN AAAA 2001:db8::1", "_acme-challenge.n1.nodes 60 IN TXT x"],
                  leases.service("a"), leases.service("b"), [f"c.{HTTP} 60 IN SRV 0 0 1 n1.nodes"]):
        assert send(weftd, updates=lines, key=key("n1"), lease=(1000, 2000)).rcode == "NOERROR"
    report = [f"_suspect.static.{HTTP} 60 IN TXT reason=timeout"]
    assert send(weftd, updates=report, key=key("n1"), lease=1000).rcode == "NOERROR"


NAMES = ["n1.nodes", "_acme-challenge.n1.nodes"] + [f"{n}.{HTTP}" for n in ("a", "b", "c", "_suspect.static")]


def assert_exact(weftd):
    """What is counted is what the zone has."""
    used = usage(weftd)
    assert (used["records"], used["octets"]) == in_zone(weftd, NAMES)
    return used


def test_what_is_counted_is_what_the_zone_has_also_after_a_crash(make_weftd):
    weftd, key = served(make_weftd)
    register_much(weftd, key)
    used = assert_exact(weftd)
    assert (used["instances"], used["reports"]) == (3, 1)
    weftd.process.send_signal(signal.SIGKILL)
    weftd.process.wait()
    weftd.start()
    assert usage(weftd) == used
    # The administrator, the operator and the zone file change what the key has.
    assert weftd.weft("drain", f"a.{HTTP}.lab.cloud").returncode == 0
    assert_exact(weftd)
    assert send(weftd, updates=["n1.nodes 60 IN TXT admin"], key=key("admin")).rcode == "NOERROR"
    assert assert_exact(weftd)["records"] == used["records"] + 1
    weftd.zone(leases.ZONE.replace(" 1 3600", " 9 3600") + f"b.{HTTP} TXT more\nn1.nodes TXT file\n")
    assert weftd.weft("zone", "reload", "lab.cloud").returncode == 0
    assert assert_exact(weftd)["records"] == used["records"] + 3
    assert weftd.weft("lease", "drop", f"c.{HTTP}.lab.cloud").returncode == 0
    assert assert_exact(weftd)["instances"] == 2
    for name in ("a", "b"):
        assert send(weftd, updates=leases.gone(name), key=key("n1")).rcode == "NOERROR"
    assert send(weftd, updates=["n1.nodes 0 ANY ANY", "_acme-challenge.n1.nodes 0 ANY ANY",
                                f"_suspect.static.{HTTP} 0 ANY ANY"], key=key("n1")).rcode == "NOERROR"
    # The key leases of the node's two names go on.
    assert usage(weftd) == dict.fromkeys(KINDS, 0) | {"leases": 2}


def subtypes(name, numbers):
    return [f"_s{i:03}{'x' * 40}._sub.{HTTP} 60 IN PTR {name}.{HTTP}" for i in numbers]


def test_pointers_at_subtypes_are_records_of_their_instance(make_weftd):
    weftd, key = served(make_weftd)
    rdata = sum(1 + len(label) for label in f"i0.{HTTP}.lab.cloud".split(".")) + 1
    assert put(weftd, key("n1"), ["i0"]).rcode == "NOERROR"
    used = usage(weftd)
    for count in (10, 25, 32):
        assert send(weftd, updates=subtypes("i0", range(count)), key=key("n1"), lease=100).rcode == "NOERROR"
        assert usage(weftd)["records"] == used["records"] + count
        assert usage(weftd)["octets"] == used["octets"] + count * (12 + rdata)
    # 34 of 40: those of a second instance are too many, also while it is not live.
    for state in ("state=up", "state=starting"):
        lines = [f"i1.{HTTP} 60 IN SRV 0 0 80 n1.nodes", f"i1.{HTTP} 60 IN TXT {state}", *subtypes("i1", range(5))]
        assert_refused(send(weftd, updates=lines, key=key("n1")), "quota of n1.keys.lab.cloud: 40 records")
    assert send(weftd, updates=lines[:-1], key=key("n1")).rcode == "NOERROR"
    assert usage(weftd)["records"] == 40
    weftd.kill()
    weftd.start()
    assert usage(weftd)["records"] == 40
    assert send(weftd, updates=[subtypes("i1", [9])[0]], key=key("n1")).rcode == "REFUSED"
    assert weftd.weft("lease", "drop", f"i0.{HTTP}.lab.cloud").returncode == 0
    assert usage(weftd)["records"] == 40 - 32
    for name in ("i0", "i1"):
        assert send(weftd, updates=leases.gone(name), key=key("n1")).rcode == "NOERROR"
    assert usage(weftd)["records"] == usage(weftd)["octets"] == 0


def test_no_subtype_is_left_of_what_nobody_owns(make_weftd):
    weftd, key = served(make_weftd)
    for i in range(9):
        lines = [*subtypes(f"x{i}", range(20)), f"x{i}.{HTTP} 60 IN TXT a", f"x{i}.{HTTP} 0 ANY ANY"]
        assert send(weftd, updates=lines, key=key("n1")).rcode == "NOERROR"
    assert usage(weftd)["records"] == 0
    assert put(weftd, key("n1"), ["x3"]).rcode == "NOERROR"
    assert usage(weftd)["records"] == 2
    assert not lookup(weftd, subtypes("x3", [3])[0].split()[0] + ".lab.cloud", "PTR")


def test_what_ends_by_itself_is_taken_off(make_weftd):
    weftd, key = served(make_weftd)
    assert put(weftd, key("n1"), ["a", "b"], lease=1).rcode == "NOERROR"
    assert send(weftd, updates=["n1.nodes 60 IN A 10.0.0.1"], key=key("n1"), lease=1).rcode == "NOERROR"
    wait_for(lambda: usage(weftd) == dict.fromkeys(KINDS, 0), "the ends of all leases")


def test_removals_work_over_the_quota(make_weftd):
    weftd, key = served(make_weftd)
    for i in range(4):
        assert put(weftd, key("n1"), [f"i{i}"], lease=100).rcode == "NOERROR"
    text = weftd.conf.read_text()
    weftd.conf.write_text(text.replace("instances: 5", "instances: 2"))
    weftd.weft("reload")
    assert_refused(put(weftd, key("n1"), ["i9"]), "quota of n1.keys.lab.cloud: 2 instances")
    assert put(weftd, key("n1"), ["i0"], lease=100).rcode == "NOERROR"
    for i in range(4):
        assert send(weftd, updates=[f"i{i}.{HTTP} 0 ANY ANY"], key=key("n1")).rcode == "NOERROR"
    assert put(weftd, key("n1"), ["i9"]).rcode == "NOERROR"
    assert not lookup(weftd, f"i0.{HTTP}.lab.cloud", "SRV")


def test_key_usage_shows_the_quotas_beside(make_weftd):
    weftd, key = served(make_weftd, quota="{instances: 7, octets: 0}")
    assert put(weftd, key("n1"), ["a"]).rcode == "NOERROR"
    assert put(weftd, key("admin"), ["b"]).rcode == "NOERROR"
    rows = json.loads(weftd.weft("--json", "key", "usage").stdout)
    assert [row["key"] for row in rows] == ["admin.keys.lab.cloud.", "n1.keys.lab.cloud."]
    assert rows[0]["instances-max"] is None
    assert (rows[1]["instances"], rows[1]["instances-max"]) == (1, 7)
    assert (rows[1]["octets-max"], rows[1]["records-max"]) == (None, 20000)
    assert weftd.weft("key", "usage", "n1.keys.lab.cloud").stdout.splitlines()[1].startswith("n1.keys")
    assert weftd.weft("key", "usage", "nobody").stdout.strip() == ""


def test_a_key_that_may_change_anything_has_no_quota_unless_it_is_configured(make_weftd):
    weftd = leases.open_zone(make_weftd).start()
    for at in range(0, 3000, 750):
        lines = [f"i{at + i}.{HTTP} 60 IN SRV 0 0 80 ns" for i in range(750)]
        assert send(weftd, updates=lines, tcp=True).rcode == "NOERROR"
    weftd.conf.write_text(weftd.conf.read_text() + "    quota: {leases: 1}\n")
    weftd.weft("reload")
    assert send(weftd, updates=["a 60 IN A 10.0.0.1"], lease=100).rcode == "NOERROR"
    assert_refused(send(weftd, updates=["b 60 IN A 10.0.0.1"], lease=100), "quota of bench: 1 leases")


def test_an_update_that_only_applying_shows_to_be_over_is_refused_alone(make_weftd):
    """A delete after the add hides early what the update leaves; it is refused without harm to the
    updates of its batch."""
    weftd, key = served(make_weftd, quota="{instances: 1}")
    assert put(weftd, key("n1"), ["a"]).rcode == "NOERROR"
    before = weftd.count("refused-quota")
    hidden = [updates.signed([f"b.{HTTP} 60 IN SRV 0 0 80 n1.nodes", f"b.{HTTP} 0 ANY TXT"],
                             key=key("n1"), number=100 + i)[0] for i in range(20)]
    honest = [updates.signed([f"h{i}.{HTTP} 60 IN SRV 0 0 80 n2.nodes"], key=key("admin"),
                             number=i)[0] for i in range(20)]
    messages = [message for pair in zip(honest, hidden) for message in pair]
    with wire.connect(weftd.where) as sock:
        sock.sendall(b"".join(map(wire.frame, messages)))
        rcodes = [wire.read_frame(sock)[3] & 15 for _ in messages]
    assert sorted(rcodes) == [0] * 20 + [5] * 20
    assert weftd.count("refused-quota") == before + 20
    assert usage(weftd)["instances"] == 1 and usage(weftd, "admin")["instances"] == 20
    assert not lookup(weftd, f"b.{HTTP}.lab.cloud", "SRV")


def test_a_zone_that_leaves_its_fabric_has_no_nodes_to_count(make_weftd):
    weftd, key = served(make_weftd)
    assert send(weftd, updates=["n1.nodes 60 IN A 10.0.0.1"], key=key("n1")).rcode == "NOERROR"
    text = weftd.conf.read_text()
    for update, records in ("{key: bench}", 0), ("{fabric: lab.cloud}", 1):
        weftd.conf.write_text(text.replace("update: {fabric: lab.cloud}", f"update: {update}"))
        weftd.weft("reload")
        wait_for(lambda: usage(weftd)["records"] == records, f"{records} records")
