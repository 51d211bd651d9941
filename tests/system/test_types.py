# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""zone.update.types: which keys of a fabric may register which service types."""

import pytest

import leases
import updates
from services import reconfigure

UPDATE = '{fabric: lab.cloud, types: {_http._tcp: [n1, n2.keys.lab.cloud], _ipp._tcp: []%s}}'
HTTP, IPP, X = "_http._tcp", "_ipp._tcp", "_x._udp"
HTTP_RULE = "types: _http._tcp: [n1.keys.lab.cloud., n2.keys.lab.cloud.]"
REFUSED = 18


def served(make_weftd, more=""):
    weftd, key = leases.fabric(make_weftd, update=UPDATE % more)
    return weftd.start(), key


def put(weftd, key, kind, name="web"):
    return updates.send(weftd, updates=[f"{name}.{kind} 60 IN SRV 0 0 80 n1.nodes"], key=key)


@pytest.mark.parametrize("more, kind, allowed, rule", [
    ("", HTTP, ["n1", "n2"], HTTP_RULE),
    ("", "_HTTP._TCP", ["n1", "n2"], HTTP_RULE),
    ("", IPP, [], "types: _ipp._tcp: []"),
    ("", X, ["n1", "n2", "n3"], None),
    (', "*": [n2]', X, ["n2"], "types: *: [n2.keys.lab.cloud.]"),
    (', "*": [n2]', HTTP, ["n1", "n2"], HTTP_RULE),
    (', "*": [n2]', IPP, [], "types: _ipp._tcp: []"),
])
def test_a_type_is_registered_by_the_keys_of_its_rule(make_weftd, more, kind, allowed, rule):
    weftd, key = served(make_weftd, more)
    for name in ("n1", "n2", "n3", "admin"):
        reply = put(weftd, key(name), kind, f"i{name}")
        if name in [*allowed, "admin"]:
            assert reply.rcode == "NOERROR", reply
            continue
        assert (reply.rcode, reply.ede) == ("REFUSED", REFUSED)
        why = f"update 1: i{name}.{kind}.lab.cloud. SRV is not yours: {rule}"
        assert reply.why.endswith("]") and reply.why == why


def test_a_key_that_lost_a_type_may_only_remove(make_weftd):
    weftd, key = leases.fabric(make_weftd, update=UPDATE % "")
    weftd.start()
    leases.register(weftd, key("n1"), "web", lease=100)
    subtype = "_a._sub._http._tcp"
    assert updates.send(weftd, updates=[f"{subtype} 60 IN PTR web.{HTTP}"], key=key("n1")).rcode == "NOERROR"
    reconfigure(weftd, ("_http._tcp: [n1,", "_http._tcp: [n9,"))
    # The refresh that a worker had learnt, the type's PTR and the subtype's are refused.
    for lines, lease in ((leases.service("web"), 100), ([f"{HTTP} 60 IN PTR web.{HTTP}"], None),
                         ([f"{subtype} 60 IN PTR web.{HTTP}"], None)):
        reply = updates.send(weftd, updates=lines, key=key("n1"), lease=lease)
        assert reply.rcode == "REFUSED" and "types: _http._tcp" in reply.why
    # Reports are open to every key, and what it has it may remove.
    assert updates.send(weftd, updates=[f"_suspect.web.{HTTP} 60 IN TXT x"], key=key("n3")).rcode == "NOERROR"
    assert updates.send(weftd, updates=[f"{subtype} 0 NONE PTR web.{HTTP}", *leases.gone("web")],
                        key=key("n1")).rcode == "NOERROR"
    assert not leases.is_there(weftd, "web")
