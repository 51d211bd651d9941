# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Names that the registry makes have the case in which they were registered (RFC 6763 section 4.1.1,
RFC 1035 section 2.3.3)."""

import dns.message
import pytest

import leases
import updates
from services import BROWSE, TYPES, check, options

REVERSE = "2.0.192.in-addr.arpa"
INSTANCE, TYPE, NODE = "Kitchen-Printer", "_IPP._tcp", "N1.nodes"
SUBTYPE = f"_Universal._sub.{TYPE}"


@pytest.fixture
def served(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=leases.SOA + "ns A 127.0.0.1\n", others={REVERSE: ""},
                               lease=options())
    weftd.start()
    return weftd, key("n1")


def octets(weftd, owner, rdtype="PTR"):
    """The answer from the wire, names decompressed, in their own case."""
    query = dns.message.make_query(owner, rdtype)
    reply = dns.message.from_wire(updates.exchange(weftd, query.to_wire()))
    return reply, sorted(rr.target.to_text() for rrset in reply.answer for rr in rrset)


def assert_case(weftd):
    full = f"{INSTANCE}.{TYPE}.lab.cloud."
    for owner in (TYPE, SUBTYPE):
        assert octets(weftd, f"{owner}.lab.cloud")[1] == [full], owner
    assert octets(weftd, f"{TYPES}.lab.cloud")[1] == [f"{TYPE}.lab.cloud."]
    assert octets(weftd, f"{BROWSE[0]}.lab.cloud")[1] == ["lab.cloud."]
    assert octets(weftd, f"7.{REVERSE}")[1] == [f"{NODE}.lab.cloud."]
    assert octets(weftd, f"{TYPE}.lab.cloud", "SRV")[1] == [f"{NODE}.lab.cloud."]
    reply, _ = octets(weftd, f"{TYPE}.lab.cloud")
    assert {rrset.name.to_text() for rrset in reply.additional} <= {full, f"{NODE}.lab.cloud."}
    # Names that the question contains are compressed to it, in its case (RFC 1035 section 4.1.4).
    wire = updates.exchange(weftd, dns.message.make_query(f"{TYPE.lower()}.lab.cloud", "PTR").to_wire())
    assert INSTANCE.encode() in wire and INSTANCE.lower().encode() not in wire
    check(weftd)


@pytest.mark.parametrize("pointers", [[], [f"{TYPE} 60 IN PTR {INSTANCE}.{TYPE}"]])
def test_names_keep_their_capitals(served, pointers):
    weftd, key = served
    lines = [f"{NODE} 60 IN A 192.0.2.7", f"{INSTANCE}.{TYPE} 60 IN SRV 0 0 631 {NODE}",
             f"{INSTANCE}.{TYPE} 60 IN TXT a=b", f"{SUBTYPE} 60 IN PTR {INSTANCE}.{TYPE}", *pointers]
    assert updates.send(weftd, updates=lines, key=key).rcode == "NOERROR"
    assert_case(weftd)
    name = f"{INSTANCE}.{TYPE}.lab.cloud".lower()
    for _ in range(2):
        weftd.weft("drain", name)
        assert octets(weftd, f"{TYPE}.lab.cloud")[1] == []
        weftd.kill()
        weftd.start()
        weftd.weft("undrain", name)
        assert_case(weftd)
        weftd.kill()
        weftd.start()
        assert_case(weftd)
        weftd.weft("reload")
        assert_case(weftd)
    # A state in another case of the name changes nothing but the state.
    for state, count in (("starting", 0), ("up", 1)):
        lines = [f"{INSTANCE.lower()}.{TYPE} 0 ANY TXT", f"{INSTANCE}.{TYPE} 60 IN TXT state={state}"]
        assert updates.send(weftd, updates=lines, key=key).rcode == "NOERROR"
        assert len(octets(weftd, f"{TYPE}.lab.cloud")[1]) == count
    assert_case(weftd)
