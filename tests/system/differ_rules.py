# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What may differ between valid answers, rule by rule, and what is wrong with an answer.

Most of an answer has one valid form: its RCODE, its AA bit, the records of its answer and its
authority section. The rules below are all that is left out of the comparison, each with its reason.
The additional section is not compared; it is checked against the zone files."""

import collections

import dns.zone

import wire
from wire import AA, NOERROR, QR, RA, RD, TC, YXDOMAIN

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, DNAME, DS = 1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 43
SVCB, HTTPS, ANY = 64, 65, 255
LINKS = 5       # Knot follows no more CNAMEs, others have other limits; no RFC has a number


class ZoneData:
    """The records of a zone file, to find what an answer should have added."""

    def __init__(self, origin, text):
        self.origin = wire.name(origin)
        self.nodes = collections.defaultdict(lambda: collections.defaultdict(set))
        loaded = dns.zone.from_text(text, origin=origin, relativize=False, check_origin=False)
        for owner, ttl, rdata in loaded.iterate_rdatas():
            data = rdata.to_wire()
            rdtype = int(rdata.rdtype)
            owner = owner.to_wire().lower()
            self.nodes[owner][rdtype].add(wire.Record(
                owner, rdtype, 1, ttl, wire.read_rdata(data, 0, len(data), rdtype)))

    def cut(self, name):
        """The delegation or the DNAME that hides a name, or None."""
        found, above = None, name
        while above is not None and above != self.origin:
            types = self.nodes.get(above, ())
            if NS in types or (DNAME in types and above != name):
                found = above
            above = wire.parent(above)
        if DNAME in self.nodes.get(self.origin, ()) and name != self.origin:
            found = self.origin
        return found

    def addresses(self, name, glue_too=False):
        """The address records of a name that an answer may add."""
        if not wire.is_under(name, self.origin) or name not in self.nodes:
            return set()
        cut = self.cut(name)
        if cut is not None and not (glue_too and NS in self.nodes[cut]):
            return set()
        return set().union(*(self.nodes[name].get(rdtype, ()) for rdtype in (A, AAAA)))


class Zones:
    """The zones of all worlds."""

    def __init__(self, worlds):
        self.zones = {}
        for world in worlds:
            for origin, text in world.zones:
                data = ZoneData(origin, text)
                self.zones[data.origin] = data
        self.shared = set()
        for data in self.zones.values():
            self.find_shared(data)

    def of(self, name):
        """The zone with the longest match, or None."""
        while name is not None and name not in self.zones:
            name = wire.parent(name)
        return self.zones.get(name)

    def asked(self, name, rdtype):
        """The zone that is asked: for DS at an apex the one above (RFC 4035 section 3.1.4.1)."""
        if rdtype == DS and name in self.zones and name[0]:
            return self.of(wire.parent(name)) or self.of(name)
        return self.of(name)

    def find_shared(self, child):
        """Finds the zones that NSD cannot tell apart.

        NSD has one tree for all zones. What a zone has below the apex of another exists in that one
        too, and an apex and the names on the way to it exist in the zone above."""
        above = wire.parent(child.origin)
        upper = self.of(above) if above is not None else None
        if upper is None:
            return
        if child.origin not in upper.nodes:
            self.shared |= {upper.origin, child.origin}
        if any(wire.is_under(wire.parent(name), child.origin) for name in upper.nodes
               if name != b"\0"):
            self.shared.add(child.origin)

    def is_in_shared(self, name):
        zone = self.of(name)
        return zone is not None and zone.origin in self.shared


def without_serial(record):
    """The record as it is compared: a zone that was made by updates has another serial."""
    if record.rdtype != SOA:
        return record
    return record._replace(rdata=record.rdata[:-20] + bytes(4) + record.rdata[-16:])


class Answer:
    """An answer in the form in which it is compared."""

    def __init__(self, rcode, is_authoritative, answer, authority):
        self.rcode = rcode
        self.is_authoritative = is_authoritative
        self.answer = frozenset(map(without_serial, answer))
        self.authority = frozenset(map(without_serial, authority))

    def __eq__(self, other):
        return (self.rcode, self.is_authoritative, self.answer, self.authority) \
            == (other.rcode, other.is_authoritative, other.answer, other.authority)

    def __str__(self):
        lines = [f"rcode {self.rcode}{' aa' if self.is_authoritative else ''}"]
        for word, records in (("an", self.answer), ("ns", self.authority)):
            lines += [f"    {word} {record}" for record in sorted(records)]
        return "\n".join(lines)


def walk(message, qname, rdtype):
    """The names of a chain in the answer section: the question's name and the targets of its
    CNAMEs."""
    names, targets = [qname], {r.owner: r.rdata for r in message.answer if r.rdtype == CNAME}
    if rdtype in (CNAME, ANY):
        return names
    while names[-1] in targets and targets[names[-1]] not in names:
        names.append(targets[names[-1]])
    return names


def has_loop(message, names):
    return any(r.rdtype == CNAME and r.owner == names[-1] and r.rdata in names
               for r in message.answer)


def as_answer(message, zones):
    # RFC 1034 section 4.3.2 lets a positive answer go without the NS set of its zone's apex.
    authority = [r for r in message.authority if not (r.rdtype == NS and r.owner in zones.zones
                                                      and message.has(AA) and message.answer)]
    # Knot adds the SOA to YXDOMAIN, as if it were a negative answer; RFC 6672 section 2.2 does not.
    if message.rcode == YXDOMAIN:
        authority = []
    return Answer(message.rcode, message.has(AA), message.answer, authority)


class Judge:
    """Compares answers of weftd with those of a peer."""

    def __init__(self, zones, refused):
        """`refused` maps names of peers to the zones that they did not load."""
        self.zones = zones
        self.refused = {peer: {wire.name(zone) for zone in found}
                        for peer, found in refused.items()}

    def is_left_out(self, peer, message, qname, rdtype):
        """Whether a peer cannot be compared for this question."""
        for name in [qname, *walk(message, qname, rdtype)]:
            above = wire.parent(name) if rdtype == DS and name != b"\0" else name
            for zone in (self.zones.of(name), self.zones.of(above)):
                if zone and zone.origin in self.refused[peer.name]:
                    return True
            if peer.name == "nsd" and (self.zones.is_in_shared(name)
                                       or self.zones.is_in_shared(above)):
                return True
        return False

    def complete(self, peer, message, qname, rdtype):
        """The peer's answer, its chain followed into our other zones.

        BIND and Knot follow no CNAME into another zone, NSD does by way of its one tree. RFC 1034
        section 4.3.2 step 3a goes back to step 1, which finds the zone anew. So the peer's answer
        is cut where its chain leaves a zone, and the peer is asked what it has there."""
        whole = as_answer(message, self.zones)
        names = walk(message, qname, rdtype)
        zone = self.zones.asked(qname, rdtype)
        for place, name in enumerate(names[1:], 1):
            next_zone = self.zones.asked(name, rdtype)
            if next_zone is zone:
                continue
            chain = [r for r in message.answer if r.owner in names[:place]
                     or (r.rdtype == DNAME and any(r.owner != n and wire.is_under(n, r.owner)
                                                   for n in names[:place]))]
            if next_zone is None:
                return Answer(NOERROR, whole.is_authoritative, chain, [])
            return self.joined(peer, whole, chain, names[:place + 1], rdtype)
        return whole

    def joined(self, peer, whole, chain, names, rdtype):
        if len(names) > 2 * LINKS:
            return Answer(NOERROR, whole.is_authoritative, chain, [])
        message = peer.ask_one(names[-1], rdtype)
        if set(walk(message, names[-1], rdtype)[1:]) & set(names):
            return Answer(NOERROR, whole.is_authoritative, [*chain, *message.answer], [])
        rest = self.complete(peer, message, names[-1], rdtype)
        return Answer(rest.rcode, whole.is_authoritative, [*chain, *rest.answer], rest.authority)

    def difference(self, ours, peer, theirs, qname, rdtype):
        """What differs, as text, or None."""
        qname = qname.lower()
        if self.is_left_out(peer, ours, qname, rdtype):
            return None
        mine, other = as_answer(ours, self.zones), self.complete(peer, theirs, qname, rdtype)
        if mine == other:
            return None
        names = walk(ours, qname, rdtype)
        # BIND answers a loop with SERVFAIL, others with NOERROR; RFC 1034 is silent.
        if has_loop(ours, names) and mine.answer == other.answer:
            return None
        if len(names) > LINKS and (mine.answer <= other.answer or other.answer <= mine.answer):
            return None
        if rdtype == ANY and self.is_right_any(mine, other):
            return None
        return f"weftd {mine}\n{peer.name} {other}"

    @staticmethod
    def is_right_any(mine, other):
        """RFC 8482 section 4.1: one of the sets is enough. Knot uses that too at an apex; NSD and
        Knot follow the CNAME that a DNAME made, BIND does not."""
        sets = {(r.owner, r.rdtype) for r in mine.answer}
        whole = {r for r in other.answer if (r.owner, r.rdtype) in sets}
        is_dname = any(r.rdtype == DNAME for r in mine.answer)
        return mine.is_authoritative == other.is_authoritative and bool(mine.answer) \
            and (mine.rcode == other.rcode or is_dname) \
            and (mine.answer == whole or len({r.rdtype for r in other.answer}) == 1)


# ---- our own answers -----------------------------------------------------------------------------

TARGETS = {NS: 0, MX: 2, SRV: 6, SVCB: 2, HTTPS: 2}


def target_of(record):
    """The name whose addresses should come with a record, or None."""
    if record.rdtype not in TARGETS:
        return None
    target, _ = wire.read_name(record.rdata, TARGETS[record.rdtype], False)
    if record.rdtype in (SVCB, HTTPS) and target == b"\0" and record.rdata[:2] != b"\0\0":
        return record.owner         # RFC 9460 section 2.5.2
    return target


def wanted_of(zones, message):
    """The additional records that are required, and those that are also allowed."""
    required, allowed = set(), set()
    for record in message.answer:
        zone, target = zones.of(record.owner), target_of(record)
        if target is not None:
            required |= zone.addresses(target)
            allowed |= zone.addresses(target, glue_too=True)
            if record.rdtype in (SVCB, HTTPS) and target in zone.nodes and not zone.cut(target):
                allowed |= zone.nodes[target].get(record.rdtype, set())
        if record.rdtype == PTR and wire.is_under(record.rdata, zone.origin) \
                and record.rdata in zone.nodes and not zone.cut(record.rdata):
            node = zone.nodes[record.rdata]     # RFC 6763 section 12.1
            for rdtype in (SRV, TXT):
                if SRV in node:
                    required |= node.get(rdtype, set())
            for srv in node.get(SRV, ()):
                required |= zone.addresses(target_of(srv))
    for record in message.authority:
        zone = zones.of(wire.parent(record.owner) or record.owner)
        if record.rdtype == NS and zone:
            addresses = zone.addresses(record.rdata, glue_too=True)
            allowed |= addresses
            if wire.is_under(record.rdata, record.owner):
                required |= addresses       # RFC 9471
    return required - set(message.answer), allowed


def is_whole(records):
    """Whether no record occurs twice and all records of a set have one TTL."""
    ttls = collections.defaultdict(set)
    for record in records:
        ttls[record.owner, record.rdtype].add(record.ttl)
    return len(set(records)) == len(records) and all(len(found) == 1 for found in ttls.values())


def faults(zones, message, qname, rdtype):
    """What is wrong with an answer of ours, independent of the peers; a list of texts."""
    found = []
    if message.question != (qname, rdtype, 1):
        found.append("the question is not echoed as it came")
    if message.flags & (QR | RD | RA | TC) != QR | RD or message.flags & 0x0070:
        found.append(f"flags {message.flags:04x}")
    if not is_whole([*message.answer, *message.authority, *message.additional]):
        found.append("records twice, or TTLs differ in a set")
    required, allowed = wanted_of(zones, message)
    have = set(message.additional)
    if message.rcode == NOERROR and required - have:
        found.append("additional without " + ", ".join(map(str, sorted(required - have))))
    if have - required - allowed:
        found.append("additional with " + ", ".join(map(str, sorted(have - required - allowed))))
    return found
