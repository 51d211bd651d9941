# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the tests of the service view share: a zone that has one, services registered by SRV and TXT
alone, and what clients see of them by browsing."""

import leases
import updates

WEB, TYPE, SUBTYPE = "web._http._tcp", "_http._tcp", "_printer._sub._http._tcp"
TYPES, BROWSE = "_services._dns-sd._udp", [f"{b}._dns-sd._udp" for b in ("b", "db", "lb")]
NODES = "".join(f"n{i}.nodes A 192.0.2.{i}\n" for i in range(1, 10))
ZONE = leases.SOA + "ns A 127.0.0.1\n" + NODES


def options(rule="", suspect=None):
    """Options of a zone with a service view, to follow those of leases."""
    text = "{minimum: 1}\nservice-view: {enable: yes%s}" % (rule and f", {rule}")
    return text if suspect is None else f"{text}\nsuspect: {{{suspect}}}"


def new_served(make_weftd, rule="", suspect=None):
    """A started weftd whose zone has a service view, and the key n1."""
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=options(rule, suspect))
    weftd.start()
    return weftd, key("n1")


def lookup(weftd, owner, rdtype):
    """The rdata at a name of the zone, sorted."""
    return sorted(text.split(" ", 1)[1] for text in updates.lookup(weftd, f"{owner}.lab.cloud", rdtype))


def view(weftd, kind=TYPE):
    """The PTRs and SRVs at a type: names of instances, and (priority, port)."""
    ptrs = {p.split(".")[0] for p in lookup(weftd, kind, "PTR")}
    srvs = {(int(s.split()[0]), int(s.split()[2])) for s in lookup(weftd, kind, "SRV")}
    return ptrs, srvs


def check(weftd):
    assert weftd.weft("zone", "check", "lab.cloud").returncode == 0


def registration(name, port=80, priority=0, txt="a=b", kind=TYPE):
    """The update that registers a service by SRV and TXT alone."""
    return [f"{name}.{kind} 0 ANY SRV", f"{name}.{kind} 0 ANY TXT",
            f"{name}.{kind} 60 IN SRV {priority} 0 {port} n1.nodes", f"{name}.{kind} 60 IN TXT {txt}"]


def register(served, name, lease=None, **more):
    weftd, key = served
    reply = updates.send(weftd, updates=registration(name, **more), key=key, lease=lease)
    assert reply.rcode == "NOERROR", reply
    return reply


def remove(served, name, kind=TYPE):
    weftd, key = served
    assert updates.send(weftd, updates=[f"{name}.{kind} 0 ANY ANY"], key=key).rcode == "NOERROR"


def reconfigure(weftd, *changes):
    """Replaces texts in the configuration and reloads it."""
    text = weftd.conf.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    weftd.conf.write_text(text)
    weftd.weft("reload")
