# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The service view: the records that the registry makes of the instances that are registered."""

import dns.message
import dns.rdatatype
import pytest

import leases
from services import (BROWSE, SUBTYPE, TYPE, TYPES, WEB, ZONE, check, lookup, new_served, options,
                      reconfigure, register, registration, remove, view)
from updates import BENCH, exchange, send, serial
from updates import lookup as full_lookup
from waiting import wait_for


@pytest.fixture
def served(make_weftd):
    return new_served(make_weftd, "srv-max: 3")


def test_a_service_is_found_by_both_kinds_of_clients_in_one_version(served):
    weftd, _ = served
    before = serial(weftd)
    register(served, "web")
    assert serial(weftd) == before + 1
    assert view(weftd) == ({"web"}, {(0, 80)})
    assert lookup(weftd, TYPES, "PTR") == [f"{TYPE}.lab.cloud."]
    assert all(lookup(weftd, b, "PTR") == ["lab.cloud."] for b in BROWSE)
    check(weftd)
    remove(served, "web")
    assert view(weftd) == (set(), set())
    assert lookup(weftd, TYPES, "PTR") == []
    assert not any(lookup(weftd, b, "PTR") for b in BROWSE)
    check(weftd)


def test_records_that_a_client_adds_itself_are_not_doubled(served):
    weftd, key = served
    lines = registration("web") + [f"{TYPE} 60 IN PTR {WEB}", f"{SUBTYPE} 60 IN PTR {WEB}"]
    for _ in range(2):
        assert send(weftd, updates=lines, key=key).rcode == "NOERROR"
        assert lookup(weftd, TYPE, "PTR") == [f"{WEB}.lab.cloud."]
        assert lookup(weftd, SUBTYPE, "PTR") == [f"{WEB}.lab.cloud."]
    check(weftd)
    remove(served, "web")
    assert lookup(weftd, TYPE, "PTR") == lookup(weftd, SUBTYPE, "PTR") == []
    check(weftd)


@pytest.mark.parametrize("state", ["starting", "draining", "failed"])
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_instance_that_is_not_up_is_resolved_but_not_browsed(served, state, how):
    weftd, key = served
    register(served, "web")
    assert send(weftd, updates=[f"{SUBTYPE} 60 IN PTR {WEB}"], key=key).rcode == "NOERROR"
    register(served, "web", txt=f"state={state}")
    assert view(weftd) == (set(), set())
    assert lookup(weftd, SUBTYPE, "PTR") == []
    assert len(lookup(weftd, WEB, "SRV")) == 1
    weftd.kill() if how == "kill" else weftd.stop()
    weftd.start()
    check(weftd)
    register(served, "web", txt="STATE=up")
    assert view(weftd) == ({"web"}, {(0, 80)})
    assert lookup(weftd, SUBTYPE, "PTR") == [f"{WEB}.lab.cloud."]
    check(weftd)


def test_the_best_by_priority_are_at_the_type(served):
    weftd, _ = served
    for i, priority in enumerate((5, 4, 3, 2, 1)):
        register(served, f"w{i}", port=8000 + i, priority=priority)
    assert view(weftd)[1] == {(3, 8002), (2, 8003), (1, 8004)}
    remove(served, "w4")
    assert view(weftd)[1] == {(4, 8001), (3, 8002), (2, 8003)}
    register(served, "w0", port=8000, priority=0)
    assert view(weftd)[1] == {(0, 8000), (3, 8002), (2, 8003)}
    check(weftd)


def test_a_record_that_two_imply_stays_until_both_are_gone(served):
    weftd, _ = served
    register(served, "a")
    register(served, "b")
    remove(served, "a")
    assert view(weftd) == ({"b"}, {(0, 80)})
    remove(served, "b")
    assert view(weftd) == (set(), set())


def test_what_is_made_ends_with_the_lease(served):
    weftd, _ = served
    register(served, "web", lease=1)
    before = serial(weftd)
    wait_for(lambda: lookup(weftd, WEB, "SRV") == [], "end of the lease")
    assert view(weftd) == (set(), set())
    assert serial(weftd) == before + 1
    check(weftd)


@pytest.mark.parametrize("how", ["update", "lease", "file"])
def test_a_type_leaves_the_list_with_its_last_pointer(served, how):
    weftd, key = served
    lines = registration("web") + [f"{TYPE} 60 IN PTR {WEB}"]
    if how == "file":
        zone = leases.SOA + "ns A 127.0.0.1\n"
        weftd.zone(zone + f"{WEB} SRV 0 0 80 ns\n{TYPE} PTR {WEB}\n")
        weftd.weft("zone", "reload")
        assert lookup(weftd, TYPES, "PTR") == [f"{TYPE}.lab.cloud."]
        weftd.zone(zone)
        weftd.weft("zone", "reload")
    else:
        lease = 1 if how == "lease" else None
        assert send(weftd, updates=lines, key=key, lease=lease).rcode == "NOERROR"
        assert lookup(weftd, TYPES, "PTR") == [f"{TYPE}.lab.cloud."]
        if how == "update":
            assert send(weftd, updates=leases.gone("web"), key=key).rcode == "NOERROR"
        wait_for(lambda: lookup(weftd, WEB, "SRV") == [], "end of the lease")
    assert view(weftd) == (set(), set())
    assert not any(lookup(weftd, owner, "PTR") for owner in [TYPES, *BROWSE])
    check(weftd)


def test_a_pointer_that_another_lease_holds_goes_with_its_instance(served):
    weftd, key = served
    subtype = f"{SUBTYPE} 60 IN PTR {WEB}"
    for name, lines, lease in (("n1", registration("web") + [subtype], 1), ("admin", [subtype], 100)):
        signer = key if name == "n1" else leases.issue(weftd, name)
        assert send(weftd, updates=lines, key=signer, lease=lease).rcode == "NOERROR"
    wait_for(lambda: lookup(weftd, WEB, "SRV") == [], "end of the lease")
    assert lookup(weftd, SUBTYPE, "PTR") == []
    check(weftd)


def test_a_host_that_comes_back_cannot_take_its_service_back(served):
    weftd, key = served
    register(served, "web", txt="inc=7")
    before = serial(weftd)
    reply = send(weftd, updates=registration("web", port=81, txt="inc=6"), key=key)
    assert reply.rcode == "YXRRSET"
    assert "incarnation" in reply.why
    assert serial(weftd) == before
    for txt in ("inc=7", "inc=8", "a=b"):
        register(served, "web", txt=txt)


def test_services_of_the_zone_file_are_seen_and_follow_it(make_weftd):
    weftd, _ = leases.fabric(make_weftd, zone=leases.ZONE, lease=options("srv-max: 3"))
    weftd.start()
    assert view(weftd) == ({"static"}, {(0, 80)})
    weftd.zone(leases.SOA + "ns A 127.0.0.1\nother._http._tcp SRV 1 0 81 ns\n")
    weftd.weft("zone", "reload")
    assert view(weftd) == ({"other"}, {(1, 81)})
    check(weftd)


def test_a_set_that_outgrows_a_datagram_is_logged(served):
    weftd, _ = served
    told = [register(served, f"instance-{i:03}", port=1000 + i).why for i in range(60)]
    assert sum("no longer fits" in (why or "") for why in told) == 1
    assert len(view(weftd)[0]) == 60
    check(weftd)


def test_a_purged_zone_leaves_nothing(served):
    weftd, key = served
    register(served, "web")
    assert send(weftd, updates=[f"{SUBTYPE} 60 IN PTR {WEB}"], key=key).rcode == "NOERROR"
    before = weftd.conf.read_text()
    weftd.zone("$TTL 60\n@ SOA ns.lab.cloud. h 1 1 1 1 1\n@ NS ns.lab.cloud.\n", "other")
    weftd.configure({"other": ""})
    weftd.weft("reload")
    weftd.weft("zone", "purge", "--yes", "lab.cloud")
    weftd.conf.write_text(before)
    weftd.weft("reload")
    assert view(weftd) == (set(), set())
    register(served, "web")
    assert lookup(weftd, SUBTYPE, "PTR") == []
    remove(served, "web")
    assert view(weftd) == (set(), set())
    check(weftd)


def test_the_administrators_srvs_at_a_type_stay(make_weftd):
    """A last resort in the zone file, beside more instances than an answer has room for."""
    backup = "100 0 80 backup.lab.cloud."
    weftd, key = leases.fabric(make_weftd, zone=f"{ZONE}{TYPE} SRV 100 0 80 backup\n", lease=options("srv-max: 2"))
    weftd.start()
    served = weftd, key("n1")
    for i in range(3):
        register(served, f"w{i}", port=80 + i)
        assert backup in lookup(weftd, TYPE, "SRV")
        check(weftd)
    for i in range(3):
        remove(served, f"w{i}")
    for _ in range(2):
        assert full_lookup(weftd, f"{TYPE}.lab.cloud", "SRV") == {f"60 {backup}"}
        check(weftd)
        weftd.kill()
        weftd.start()


def test_nothing_is_made_beside_a_cname(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=f"{ZONE}{TYPE} CNAME x.example.\n", lease=options())
    weftd.start()
    register((weftd, key("n1")), "web")
    assert [lookup(weftd, TYPE, rdtype) for rdtype in ("CNAME", "PTR", "SRV")] == [["x.example."], [], []]
    assert len(lookup(weftd, WEB, "SRV")) == 1
    check(weftd)


def test_another_ttl_is_applied_by_a_reload(make_weftd):
    served = weftd, _ = new_served(make_weftd, "ttl: 10")
    register(served, "web")
    reconfigure(weftd, ("ttl: 10", "ttl: 33"))
    for owner, rdtype in ((TYPE, "PTR"), (TYPE, "SRV"), (TYPES, "PTR"), (BROWSE[0], "PTR")):
        assert [t.split()[0] for t in full_lookup(weftd, f"{owner}.lab.cloud", rdtype)] == ["33"], owner
    check(weftd)
    remove(served, "web")
    assert view(weftd) == (set(), set())


def test_a_service_that_is_declared_absent_is_not_browsed(served):
    """RFC 2782: the target is the root."""
    weftd, key = served
    assert send(weftd, updates=[f"{WEB} 60 IN SRV 0 0 0 ."], key=key).rcode == "NOERROR"
    assert view(weftd) == (set(), set())
    assert len(lookup(weftd, WEB, "SRV")) == 1
    register(served, "web")
    assert view(weftd) == ({"web"}, {(0, 80)})
    check(weftd)


def test_the_view_is_on_where_nodes_register_with_keys_of_a_fabric(make_weftd):
    for name, made, seen in (("fabric", leases.fabric(lambda: make_weftd("fabric"), zone=ZONE)[0], {"web"}),
                             ("key", leases.open_zone(lambda: make_weftd("key"), zone=ZONE), set())):
        made.start()
        signer = leases.issue(made, "n1") if name == "fabric" else BENCH
        assert send(made, updates=registration("web"), key=signer).rcode == "NOERROR"
        assert view(made)[0] == seen
        done = made.weft("zone", "check", "lab.cloud", check=False)
        assert (done.returncode == 0) == (name == "fabric")


def test_what_is_not_there_is_not_remembered_for_long(make_weftd):
    """The TTL of negative answers (RFC 2308 section 5)."""
    served = weftd, _ = new_served(make_weftd, "negative-ttl: 3")
    register(served, "web")
    for owner, rdtype in (("none._http._tcp.lab.cloud", "SRV"), (f"{WEB}.lab.cloud", "A")):
        answer = dns.message.from_wire(exchange(weftd, dns.message.make_query(owner, rdtype).to_wire()))
        assert [(rrset.rdtype, rrset.ttl) for rrset in answer.authority] == [(dns.rdatatype.SOA, 3)]
    reconfigure(weftd, ("negative-ttl: 3", "negative-ttl: 30"))
    answer = dns.message.from_wire(exchange(weftd, dns.message.make_query("x.lab.cloud", "A").to_wire()))
    assert answer.authority[0].ttl == 5     # the zone's own TTL is lower
