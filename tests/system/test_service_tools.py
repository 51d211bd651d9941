# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The service view with usual tools: nsupdate with a key, dig, dnspython."""

import dns.edns
import dns.query
import dns.rcode
import dns.update
import pytest

import leases
from waiting import LIMIT_S

ZONE = leases.SOA + "ns A 127.0.0.1\nn1.nodes A 192.0.2.1\nn2.nodes A 192.0.2.2\n"
ON = "{minimum: 1}\nservice-view: {enable: yes}"
WEB, TYPE = "web._http._tcp.lab.cloud.", "_http._tcp.lab.cloud."
PRINTER = "_printer._sub._http._tcp.lab.cloud."


@pytest.fixture
def served(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=ON)
    weftd.start()
    return weftd, key


def nsupdate(served, name, *lines):
    """Sends the lines as one update with the key of a node. Returns the errors of nsupdate."""
    weftd, key = served
    key(name)
    weftd.key_path = weftd.folder / f"{name}.key"
    return weftd.nsupdate(*lines, check=False).stderr


def srv(host, port=80):
    return [f"update delete {WEB} SRV", f"update add {WEB} 60 SRV 0 0 {port} {host}.nodes.lab.cloud."]


def txt(*strings):
    said = " ".join(f'"{s}"' for s in strings)
    return [f"update delete {WEB} TXT", f"update add {WEB} 60 TXT {said}"]


def test_what_nsupdate_registers_is_found_by_dig(served):
    weftd, _ = served
    assert nsupdate(served, "n1", *srv("n1"), *txt("path=/x"),
                    "update add n1.nodes.lab.cloud. 60 A 10.0.0.1") == ""
    assert weftd.dig(TYPE, "PTR") == f"{WEB}\n"
    assert weftd.dig(TYPE, "SRV") == "0 0 80 n1.nodes.lab.cloud.\n"
    assert weftd.dig(WEB, "SRV") == "0 0 80 n1.nodes.lab.cloud.\n"
    assert weftd.dig(WEB, "TXT") == '"path=/x"\n'
    assert weftd.dig("_services._dns-sd._udp.lab.cloud", "PTR") == f"{TYPE}\n"
    for browse in ("b", "db", "lb"):
        assert weftd.dig(f"{browse}._dns-sd._udp.lab.cloud", "PTR") == "lab.cloud.\n"
    assert nsupdate(served, "n1", f"update delete {WEB}") == ""
    for owner in (TYPE, "_services._dns-sd._udp.lab.cloud", "b._dns-sd._udp.lab.cloud"):
        assert weftd.dig(owner, "ANY", "+notcp", "+noall", "+answer") == "", owner
    assert "status: NXDOMAIN" in weftd.dig(TYPE, "PTR", "+comments")


def test_a_subtype_is_browsed_by_dig_while_its_instance_is_up(served):
    weftd, _ = served
    assert nsupdate(served, "n1", *srv("n1"), *txt("a=b"), f"update add {PRINTER} 60 PTR {WEB}") == ""
    assert weftd.dig(PRINTER, "PTR") == f"{WEB}\n"
    assert nsupdate(served, "n1", *txt("a=b", "state=draining")) == ""
    assert weftd.dig(PRINTER, "PTR") == weftd.dig(TYPE, "PTR") == weftd.dig(TYPE, "SRV") == ""
    assert weftd.dig(WEB, "SRV") == "0 0 80 n1.nodes.lab.cloud.\n"
    assert nsupdate(served, "n1", *txt("a=b", "state=up")) == ""
    assert weftd.dig(PRINTER, "PTR") == f"{WEB}\n"
    assert nsupdate(served, "n1", f"update delete {PRINTER} PTR {WEB}") == ""
    assert weftd.dig(PRINTER, "PTR") == ""
    assert weftd.dig(TYPE, "PTR") == f"{WEB}\n"


def test_two_hosts_of_one_type_are_both_found(served):
    weftd, _ = served
    for host in ("n1", "n2"):
        assert nsupdate(served, host, f"update add {host}.{TYPE} 60 SRV 0 0 80 {host}.nodes.lab.cloud.") == ""
    assert sorted(weftd.dig(TYPE, "PTR").split()) == [f"n1.{TYPE}", f"n2.{TYPE}"]
    assert sorted(weftd.dig(TYPE, "SRV").splitlines()) == ["0 0 80 n1.nodes.lab.cloud.",
                                                           "0 0 80 n2.nodes.lab.cloud."]


def test_with_a_prerequisite_a_host_cannot_take_back_what_has_moved(served):
    """As weft-services(7) shows it: the old host requires the record that it left, and that is no
    longer there."""
    weftd, _ = served
    assert nsupdate(served, "admin", *srv("n1")) == ""
    as_left = f"prereq yxrrset {WEB} SRV 0 0 80 n1.nodes.lab.cloud."
    assert nsupdate(served, "admin", as_left, *srv("n1")) == ""
    assert nsupdate(served, "admin", as_left, *srv("n2", 81)) == ""
    assert "update failed: NXRRSET" in nsupdate(served, "admin", as_left, *srv("n1"))
    assert weftd.dig(TYPE, "SRV") == "0 0 81 n2.nodes.lab.cloud.\n"
    assert weftd.dig(WEB, "SRV") == "0 0 81 n2.nodes.lab.cloud.\n"


def test_with_an_incarnation_a_host_cannot_take_back_what_has_moved(served):
    weftd, _ = served
    assert nsupdate(served, "n1", *srv("n1"), *txt("inc=1")) == ""
    assert nsupdate(served, "n1", *srv("n2", 81), *txt("inc=2")) == ""
    assert "update failed: YXRRSET" in nsupdate(served, "n1", *srv("n1"), *txt("inc=1"))
    assert weftd.dig(TYPE, "SRV") == "0 0 81 n2.nodes.lab.cloud.\n"
    # nsupdate sends no EDNS and gets no reason; the log has it.
    assert 'result=YXRRSET why="update 4: web._http._tcp.lab.cloud. TXT is of an earlier ' \
           'incarnation than the registered one"' in weftd.log()


def test_dnspython_registers_and_gets_reasons(served):
    weftd, key = served
    signer = key("n1").dns

    def register(inc):
        update = dns.update.UpdateMessage("lab.cloud", keyring=signer, keyname=signer.name,
                                          keyalgorithm=signer.algorithm)
        update.replace("web._http._tcp", 60, "SRV", "0 0 80 n1.nodes.lab.cloud.")
        update.replace("web._http._tcp", 60, "TXT", f"inc={inc}")
        update.use_edns(0, payload=1232)
        reply = dns.query.udp(update, weftd.address, port=weftd.port, timeout=LIMIT_S)
        return dns.rcode.to_text(reply.rcode()), [(o.code, o.text) for o in reply.options]

    assert register(7) == ("NOERROR", [])
    assert weftd.dig(TYPE, "PTR") == f"{WEB}\n"
    assert register(6) == ("YXRRSET", [(dns.edns.EDECode.OTHER, f"update 4: {WEB} TXT is of an earlier "
                                        "incarnation than the registered one")])
