# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the service view of a zone must be, computed a second time in a simple way: instances in,
records out.

Each view is computed from nothing, by the rules of weft-services(7) and without anything from
weftd. The instances come from a model that went through the same operations as weftd, or from the
records of a zone."""

import collections
import dataclasses
import re

import dns.name
import dns.query
import dns.rdatatype
import dns.reversename

from waiting import LIMIT_S, attempts

DOWN = ("starting", "draining", "failed")
LAST_RESORT = 65535     # the priority of an instance that is demoted
LABEL = r"(?:[^._\\]|\\.)(?:[^.\\]|\\.)*"
KIND = r"_[^.]+\._(?:tcp|udp)"

Srv = collections.namedtuple("Srv", "priority weight port target")


@dataclasses.dataclass
class Instance:
    """An instance under its full name: its SRVs, the strings of its TXT, the names of its subtypes.
    `suspect` is 0, or a number that is higher the later the instance became suspect; `owner` is the
    key that registered it."""

    name: str
    srvs: set
    txt: tuple = ()
    subtypes: set = dataclasses.field(default_factory=set)
    suspect: int = 0
    owner: str = None

    @property
    def kind(self):
        return self.name.split(".", 1)[1]

    @property
    def state(self):
        said = [s.split("=", 1)[1].lower() for s in self.txt if s.lower().startswith("state=")]
        return said[0] if said else "up"

    @property
    def is_up(self):
        return bool(self.srvs) and self.state not in DOWN


@dataclasses.dataclass
class Rule:
    """`service-view:` and `suspect:` of a zone, and the available reverse zones."""

    srv_max: int = 64
    weight_scale: int = 1
    reports: int = 2
    then: str = "demote"
    panic: str = "all"
    reverse: tuple = ()


def live(instances, rule):
    """The instances of one type that are browsed: up, and not withdrawn."""
    up = [one for one in instances if one.is_up]
    if rule.then != "withdraw":
        return up
    trusted = [one for one in up if not one.suspect]
    if trusted or rule.panic == "none":
        return trusted
    return up if rule.panic == "all" else sorted(up, key=lambda one: one.suspect)[-1:]


def is_demoted(one, rule):
    return rule.then == "demote" and bool(one.suspect)


def srvs_at_type(instances, rule):
    """The SRVs that get a place: owners share them in rounds, in each of which every owner gets one
    for its best by priority, or among equals the one whose octets sort first."""
    owned = collections.defaultdict(set)
    for one in instances:
        owned[one.owner] |= {Srv(LAST_RESORT if is_demoted(one, rule) else srv.priority,
                                 min(srv.weight * rule.weight_scale, 65535), srv.port, srv.target)
                             for srv in one.srvs}

    def order(srv):
        return (*srv[:3], dns.name.from_text(srv.target).to_wire())

    found = set()
    for *_, srv in sorted((rank, order(srv), srv) for srvs in owned.values()
                          for rank, srv in enumerate(sorted(srvs, key=order))):
        if len(found | {srv}) > rule.srv_max:
            break
        found.add(srv)
    return found


def addressed(zone, instances, addresses):
    """The instances with those of their SRVs that have an address: `addresses` are those of the
    zone's names, name: {text}. No name of the zone is covered."""
    return [dataclasses.replace(one, srvs={srv for srv in one.srvs if addresses.get(srv.target)
                                           or not is_below(srv.target, zone)})
            for one in instances]


def view(zone, instances, addresses, rule):
    """The records that the registry must have made in the zone: owner, type, rdata as text."""
    records, kinds = set(), collections.defaultdict(list)
    for one in addressed(zone, instances, addresses):
        kinds[one.kind].append(one)
    for kind, group in kinds.items():
        browsed = live(group, rule)
        for one in browsed:
            records |= {(owner, "PTR", one.name) for owner in {kind} | one.subtypes}
        records |= {(kind, "SRV", "%d %d %d %s" % srv) for srv in srvs_at_type(browsed, rule)}
        if browsed:
            records.add((f"_services._dns-sd._udp.{zone}", "PTR", kind))
    if records:
        records |= {(f"{b}._dns-sd._udp.{zone}", "PTR", zone) for b in ("b", "db", "lb")}
    return records


def reverse_view(zone, instances, addresses, rule):
    """The PTRs in reverse zones."""
    kinds, records = collections.defaultdict(list), set()
    for one in addressed(zone, instances, addresses):
        kinds[one.kind].append(one)
    targets = {srv.target for group in kinds.values() for one in live(group, rule)
               for srv in one.srvs}
    for target in targets:
        for address in addresses.get(target, ()) if is_below(target, zone) else ():
            owner = dns.reversename.from_address(address).to_text()
            if any(is_below(owner, reverse) for reverse in rule.reverse):
                records.add((owner, "PTR", target))
    return records


# ---- the zone as it is ----

def is_below(name, zone):
    return name == zone or name.endswith("." + zone)


def transfer(weftd, zone):
    """All records of the zone by AXFR except its SOA: owner, type, rdata as text."""
    records = set()
    for message in dns.query.xfr(weftd.address, zone, port=weftd.port, timeout=LIMIT_S,
                                 relativize=False):
        records |= {(rrset.name.to_text().lower(), dns.rdatatype.to_text(rrset.rdtype),
                     rdata.to_text())
                    for rrset in message.answer for rdata in rrset}
    return {record for record in records if record[1] != "SOA"}


def transfer_together(weftd, zone, reverse):
    """All records of the zone, and the PTRs in the reverse zones at the same time."""
    for _ in attempts("zone and reverse zones at the same time"):
        records = transfer(weftd, zone)
        pointers = {record for other in reverse for record in transfer(weftd, other)
                    if record[1] == "PTR"}
        if not reverse or transfer(weftd, zone) == records:
            return records, pointers


def made(zone, records):
    """The records that only the registry makes."""
    ours = re.compile(rf"(_[^.]+\._sub\.)?{KIND}\.{re.escape(zone)}|"
                      rf"(_services|b|db|lb)\._dns-sd\._udp\.{re.escape(zone)}")
    return {record for record in records if ours.fullmatch(record[0])}


def strings(text):
    """The strings of a TXT record as a sorted set: their order does not matter here."""
    return tuple(sorted(re.findall(r'"((?:[^"\\]|\\.)*)"', text)))


def instances_of(zone, records, subtypes=None, suspects=None, owners=None):
    """The registered instances. What their records do not contain may be given by full name:
    subtypes (without them those in the zone count), which are suspect, and whose they are."""
    named = re.compile(rf"{LABEL}\.{KIND}\.{re.escape(zone)}")
    found = {}
    for owner, rdtype, rdata in sorted(records):
        if not named.fullmatch(owner) or owner.endswith(f"._dns-sd._udp.{zone}"):
            continue
        one = found.setdefault(owner, Instance(owner, set()))
        if rdtype == "SRV":
            priority, weight, port, target = rdata.split()
            one.srvs.add(Srv(int(priority), int(weight), int(port), target))
        if rdtype == "TXT":
            one.txt += strings(rdata)
    for one in found.values():
        one.suspect = (suspects or {}).get(one.name, 0)
        one.owner = (owners or {}).get(one.name)
        one.subtypes = set(subtypes.get(one.name, ())) if subtypes is not None else \
            {owner for owner, _, rdata in records if "._sub." in owner and rdata == one.name}
    return list(found.values())


def addresses_of(records):
    found = collections.defaultdict(set)
    for owner, rdtype, rdata in records:
        if rdtype in ("A", "AAAA"):
            found[owner].add(rdata)
    return found


def difference(found, expected):
    """The difference as readable text; empty if both are equal."""
    lines = [f"missing {owner} {rdtype} {rdata}\n" for owner, rdtype, rdata in sorted(expected - found)]
    return "".join(lines + [f"surplus {owner} {rdtype} {rdata}\n"
                            for owner, rdtype, rdata in sorted(found - expected)])


def check(weftd, zone, rule, **known):
    """Compares the service view of a zone with what its other records imply, also by weftd's own
    check. Returns all records."""
    records, pointers = transfer_together(weftd, zone, rule.reverse)
    instances = instances_of(zone, records, **known)
    addresses = addresses_of(records)
    wrong = difference(made(zone, records), view(zone, instances, addresses, rule))
    wrong += difference(pointers, reverse_view(zone, instances, addresses, rule))
    assert not wrong, wrong
    checked = weftd.weft("zone", "check", zone, check=False)
    assert checked.returncode == 0, checked.stderr
    return records
