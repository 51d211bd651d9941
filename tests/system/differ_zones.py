# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Zones and questions for comparing servers: a set written by hand and any number made at random.

A world is a few zones that refer to each other and the questions about them. Worlds have names of
their own, so that one server serves all of them at once."""

import random

import dns.name
import dns.zone

TYPES = ["A", "AAAA", "NS", "CNAME", "DNAME", "MX", "TXT", "SRV", "PTR", "DS", "SOA", "HTTPS",
         "SVCB", "ANY", "TYPE65280", "NAPTR"]


class World:
    """Zones as (name, text) and questions as (name in wire form, type)."""

    def __init__(self, name, zones, questions):
        self.name = name
        self.zones = zones
        self.questions = questions


# ---- written by hand -----------------------------------------------------------------------------

HEAD = """\
@ 3600 SOA ns hostmaster 7 3600 600 86400 300
@ NS ns
ns A 192.0.2.1
ns AAAA 2001:db8::1
"""

# RFC 4592 section 2.2.1, with what its 3.3.1 and 4 add to it.
WILDCARDS = """\
* 3600 TXT "this is a wildcard"
* 3600 MX 10 host1
sub.* 3600 TXT "this is not a wildcard"
host1 3600 A 192.0.2.1
_ssh._tcp.host1 3600 SRV 0 0 22 host1
_ssh._tcp.host2 3600 SRV 0 0 22 host2
subdel 3600 NS ns.example.com.
subdel 3600 NS ns.example.net.
*.alias CNAME host1
*.away CNAME x.elsewhere.
*.chain CNAME a.alias
*.none CNAME nothing.host1
*.self CNAME a.self
*.ent A 192.0.2.2
a.b.ent A 192.0.2.3
*.*.star A 192.0.2.4
b.*.mid TXT "asterisk in the middle"
*.mid TXT "wildcard beside it"
*.a.below TXT deep
*.below TXT shallow
*.blocked TXT wild
child.blocked NS ns.child.blocked
ns.child.blocked A 192.0.2.5
*.target A 192.0.2.6
to-wild CNAME any.target
mx-wild MX 5 mail.target
"""

CHAINS = """\
one CNAME two
two CNAME three
three CNAME four
four A 192.0.2.4
four TXT end
loop1 CNAME loop2
loop2 CNAME loop3
loop3 CNAME loop1
self CNAME self
out CNAME www.elsewhere.
nx CNAME nothing
nx2 CNAME nx
nodata CNAME ent
x.ent A 192.0.2.9
todel CNAME host.del
del NS ns.del
del NS ns.other.
ns.del A 192.0.2.10
atdel CNAME del
across CNAME www.two.hand.
acrossnx CNAME none.two.hand.
acrossnodata CNAME two.hand.
back CNAME back.two.hand.
forth TXT "here again"
bounce CNAME bounce.two.hand.
toapex CNAME @
tochild CNAME www.child
tooccluded CNAME hidden.child
child NS ns.child
ns.child A 192.0.2.11
hidden.child A 192.0.2.12
c1 CNAME c2
c2 CNAME c3
c3 CNAME c4
c4 CNAME c5
c5 CNAME c6
c6 CNAME c7
c7 CNAME c8
c8 TXT "seven links"
"""

TWO = """\
www A 192.0.2.20
www AAAA 2001:db8::20
back CNAME forth.one.hand.
bounce CNAME bounce.one.hand.
dn DNAME one.hand.
"""

DNAMES = """\
d DNAME target
d TXT "beside the DNAME"
d A 192.0.2.30
target TXT "the target itself"
x.target A 192.0.2.31
y.target CNAME x.target
*.w.target TXT wild
sub.target NS ns.sub.target
ns.sub.target A 192.0.2.32
up DNAME @
other DNAME elsewhere.
across DNAME two.hand.
chain1 DNAME chain2
chain2 DNAME target
loop1 DNAME loop2
loop2 DNAME loop1
tod CNAME x.d
todn CNAME d
torot CNAME x.other
l.LONG DNAME LONG
big DNAME LONG
ent.deep.d2 DNAME target
nowhere DNAME missing
back DNAME hop
x.hop CNAME back
mx MX 10 d
mx MX 20 x.d
cut NS x.cut
cut NS d
x.cut A 192.0.2.33
root DNAME .
"""

APEX = """\
@ 3600 SOA ns.elsewhere. hostmaster 7 3600 600 86400 300
@ NS ns.elsewhere.
@ DNAME two.hand.
@ TXT "beside the DNAME"
"""

DELEGATIONS = """\
a NS ns.a
ns.a A 192.0.2.40
ns.a AAAA 2001:db8::40
b NS ns.a
b NS ns.b
ns.b A 192.0.2.41
c NS ns
d NS ns.out.
e NS ns.c
ns.c A 192.0.2.42
s DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
s NS ns.s
ns.s A 192.0.2.43
f NS a.b.c.f
a.b.c.f A 192.0.2.44
f A 192.0.2.45
f TXT "at the cut"
x.f TXT "below the cut"
y.f NS ns.y.f
ns.y.f A 192.0.2.46
x.ent NS ns.x.ent
ns.x.ent A 192.0.2.47
mx MX 10 ns.a
mx MX 20 ns
mx MX 30 mail.b
mail.b A 192.0.2.48
child NS ns.child
child DS 54321 13 2 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
ns.child A 192.0.2.49
w.c2 NS ns.c2
ns.c2 A 192.0.2.50
under CNAME www.a
wide.many NS n1.many
wide.many NS n2.many
wide.many NS n3.wide.many
n1.many A 192.0.2.51
n2.many AAAA 2001:db8::52
n3.wide.many A 192.0.2.53
"""

CHILD = """\
www A 192.0.2.60
up CNAME mx.cuts.hand.
host.deep A 192.0.2.61
"""

KINDS = """\
_http._tcp PTR web._http._tcp
web._http._tcp SRV 0 0 80 host
web._http._tcp TXT "path=/" "id=1"
host A 192.0.2.70
host AAAA 2001:db8::70
mx MX 10 host
mx MX 10 host.elsewhere.
srv SRV 1 2 3 host
srv SRV 1 2 3 .
srv SRV 1 2 3 ali
ali CNAME host
ptr PTR host
https HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.71
https A 192.0.2.72
alias HTTPS 0 host
selfish HTTPS 0 selfish
browse PTR one
one SRV 0 0 1 one
one TXT "instance and host"
one A 192.0.2.76
svcb SVCB 2 host port=53
unknown TYPE65280 \\# 4 deadbeef
empty TYPE65281 \\# 0
known TYPE1 \\# 4 c0000263
caa CAA 0 issue "ca.example"
naptr NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
hinfo HINFO "cpu" "os"
rp RP mbox.text text
sshfp SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
tlsa TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
uri URI 10 1 "https://www.example/"
MiXeD A 192.0.2.73
MiXeD TXT "Case Is Kept"
low CNAME mIxEd
a\\.b TXT "a dot in a label"
a\\\\b TXT "a backslash"
\\000\\255\\128 TXT "binary"
\\@ TXT "at"
sp\\032ace TXT "My Service\\"s name"
\\*.lit TXT "an asterisk all the same"
LABEL63 TXT "63 octets"
NAME255 TXT "255 octets"
long TXT LONGTEXT
ttl0 0 A 192.0.2.74
ttlmax 2147483647 A 192.0.2.75
ns2 NS ns
"""

ROOT = """\
. 86400 SOA a.root. b.root. 1 3600 600 86400 30
. NS a.root.
a.root. A 192.0.2.80
* TXT "wildcard of the root"
top NS ns.top
ns.top A 192.0.2.81
host.local-root TXT text
"""


def long_names():
    """Values for names that are too long to write in a zone: labels and names at their limits."""
    tail = len(dns.name.from_text("kinds.hand.").to_wire())
    labels = ["x" * 63] * ((255 - tail) // 64)
    rest = 255 - tail - 64 * len(labels)
    name255 = ".".join(["y" * (rest - 1), *labels]) if rest > 1 else ".".join(labels)
    long_text = " ".join(['"' + "t" * 200 + '"'] * 4)
    return {"LABEL63": "z" * 63, "NAME255": name255, "LONGTEXT": long_text,
            "LONG": ".".join(["q" * 60] * 3)}


def with_long_names(text):
    for word, long in long_names().items():
        text = text.replace(word, long)
    return text


def mutated(rng, name, origin):
    """A few names around a name: itself, names above and below it, wildcards, other case."""
    names = [name]
    while name != origin and len(names) < 4:
        name = name.parent()
        names.append(name)
    found = set(names)
    for at in names[:3]:
        for label in (b"a", b"*", b"x", b"nothing", b"sub", b"b", b"www"):
            try:
                found.add(dns.name.Name([label, *at.labels]))
                if rng.random() < 0.3:
                    found.add(dns.name.Name([b"x", label, *at.labels]))
            except dns.name.NameTooLong:
                pass
    return found


def with_any_case(rng, wire):
    """The name with letters of any case (the 0x20 trick)."""
    return bytes(octet ^ 0x20 if chr(octet).isalpha() and octet < 128 and rng.random() < 0.5
                 else octet for octet in wire)


def hand(name, zones, seed=1):
    """A world from zones by hand; `zones` are (name, text without the head)."""
    rng = random.Random(seed)
    made, names = [], set()
    for origin_text, body in zones:
        origin = dns.name.from_text(origin_text)
        head = "" if " SOA " in body else HEAD
        text = f"$ORIGIN {origin_text}\n$TTL 3600\n{head}{with_long_names(body)}"
        made.append((origin_text, text))
        loaded = dns.zone.from_text(text, origin=origin, relativize=False, check_origin=False)
        for owner in loaded.nodes:
            names |= mutated(rng, owner, origin)
    questions = [(with_any_case(rng, owner.to_wire()), rdtype)
                 for owner in sorted(names) for rdtype in sorted(rng.sample(TYPES, 6))]
    questions += [(owner.to_wire(), rdtype) for owner in sorted(names)
                  for rdtype in ("A", "TXT", "CNAME", "DS")]
    return World(name, made, questions)


def long_dnames():
    """Questions at both sides of the longest name that a DNAME may make (RFC 6672 section 2.2)."""
    target = dns.name.from_text(long_names()["LONG"] + ".dnames.hand.")
    owner = dns.name.from_text("big.dnames.hand.")
    found = []
    for length in range(1, 64):
        try:
            made = dns.name.Name([b"n" * length, *owner.labels]).to_wire()
        except dns.name.NameTooLong:
            continue
        found += [(made, rdtype) for rdtype in ("A", "CNAME")]
    assert len(target.to_wire()) < 255 < len(target.to_wire()) + 64
    return found


def hands():
    """The worlds by hand, all but the root zone."""
    dnames = hand("dnames", [("dnames.hand.", DNAMES), ("apex.hand.", APEX)])
    dnames.questions += long_dnames()
    return [hand("wildcards", [("wild.hand.", WILDCARDS)]),
            hand("chains", [("one.hand.", CHAINS), ("two.hand.", TWO)]),
            dnames,
            hand("delegations", [("cuts.hand.", DELEGATIONS), ("child.cuts.hand.", CHILD),
                                 ("undelegated.deep.cuts.hand.", CHILD)]),
            hand("kinds", [("kinds.hand.", KINDS)])]


def root():
    return hand("root", [(".", ROOT)])


# ---- made at random ------------------------------------------------------------------------------

LABELS = ["a", "b", "c", "*"]
WEIGHTS = {"A": 8, "AAAA": 3, "TXT": 6, "MX": 3, "SRV": 3, "NS": 6, "CNAME": 8, "DNAME": 3,
           "PTR": 2, "HTTPS": 1, "SVCB": 1, "TYPE65280": 1, "DS": 2}


class Maker:
    """Makes one random world."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.origin = f"w{seed}.random."
        self.apexes = [self.origin]
        if self.rng.random() < 0.5:
            self.apexes.append(f"x{seed}.random.")
        if self.rng.random() < 0.5:
            self.apexes.append(self.below(self.origin, 1, 2, wild=False))

    def below(self, above, least, most, wild=True):
        """A random name with some labels more than `above`."""
        labels = [self.rng.choice(LABELS if wild else LABELS[:3])
                  for _ in range(self.rng.randint(least, most))]
        return ".".join([*labels, above])

    def target(self):
        if self.rng.random() < 0.1:
            return self.rng.choice(["host.elsewhere.", "elsewhere.", "."])
        above = self.rng.choice(self.apexes + [self.apexes[0]] * 2)
        return self.below(above, 0, 3, wild=self.rng.random() < 0.2)

    def rdata(self, rdtype):
        rng, target = self.rng, self.target()
        return {"A": f"192.0.2.{rng.randrange(256)}", "AAAA": f"2001:db8::{rng.randrange(9999)}",
                "TXT": f'"{rng.randrange(9)}"', "MX": f"{rng.randrange(3)} {target}",
                "SRV": f"0 0 {rng.randrange(3)} {target}",
                "HTTPS": rng.choice([f"0 {target}", "1 . port=443", f"1 {target}"]),
                "SVCB": rng.choice([f"0 {target}", "1 . port=443", f"1 {target}"]),
                "TYPE65280": f"\\# 2 {rng.randrange(65536):04x}",
                "DS": f"{rng.randrange(65536)} 13 2 {'ab' * 32}"}.get(rdtype, target)

    @staticmethod
    def may_have(node, owner, rdtype, origin):
        """Whether a node may have a set of the type beside those it has."""
        if rdtype in node:
            return rdtype not in ("CNAME", "DNAME")
        if "CNAME" in node or (rdtype == "CNAME" and node):
            return False
        if rdtype == "CNAME":
            return owner != origin
        # RFC 4592 sections 4.2 and 4.4 leave open what wildcards with NS or DNAME mean.
        if rdtype in ("NS", "DNAME", "DS") and owner.startswith("*"):
            return False
        if rdtype == "DS":
            return "NS" in node and owner != origin
        if rdtype == "DNAME":       # RFC 6672 section 2.4
            return "NS" not in node or owner == origin
        return not (rdtype == "NS" and "DNAME" in node)

    @staticmethod
    def is_near_dname(nodes, owner, rdtype):
        """Whether a record would be below a DNAME: NSD and Knot do not load such a zone."""
        if rdtype == "DNAME" and any(name.endswith("." + owner) and node
                                     for name, node in nodes.items()):
            return True
        return any("DNAME" in node and owner.endswith("." + name) for name, node in nodes.items())

    def server(self, nodes, origin, target):
        """A target for NS: one in the zone gets an address, which weftd and BIND require."""
        if ("." + target).endswith("." + origin):
            node = nodes.setdefault(target, {})
            if "CNAME" in node or self.is_near_dname(nodes, target, "A"):
                return "ns.elsewhere."
            node.setdefault("A", (60, set()))[1].add(self.rdata("A"))
        return target

    def zone(self, origin):
        rng = self.rng
        in_zone = rng.random() < 0.7
        nodes = {origin: {"NS": (60, {f"ns.{origin}" if in_zone else "ns.elsewhere."})}}
        if in_zone:
            nodes[f"ns.{origin}"] = {"A": (60, {"192.0.2.254"})}
        for _ in range(rng.randint(2, 22)):
            owner = self.below(origin, 0 if rng.random() < 0.15 else 1, 3)
            rdtype = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if owner == origin and (rdtype == "NS" or (rdtype == "DNAME" and in_zone)):
                continue
            node = nodes.setdefault(owner, {})
            if self.may_have(node, owner, rdtype, origin) \
                    and not self.is_near_dname(nodes, owner, rdtype):
                ttl, _ = node.setdefault(rdtype, (rng.choice([0, 10, 60, 3600]), set()))
                for _ in range(1 if rdtype in ("CNAME", "DNAME") else rng.choice([1, 1, 1, 2, 3])):
                    data = self.rdata(rdtype)
                    if rdtype == "NS":
                        data = self.server(nodes, origin, data)
                    node[rdtype][1].add(data)
        ttl, negative = rng.choice([(60, 30), (10, 900), (5, 5)])
        lines = [f"{origin} {ttl} IN SOA ns.{origin} h.{origin} 1 2 3 4 {negative}"]
        for owner, node in nodes.items():
            for rdtype, (ttl, datas) in node.items():
                shown = owner.upper() if rng.random() < 0.1 else owner
                lines += [f"{shown} {ttl} IN {rdtype} {data}" for data in sorted(datas)]
        return origin, "\n".join(lines) + "\n", [name for name, node in nodes.items() if node]

    def question(self, owners):
        rng = self.rng
        name = rng.choice(owners)
        chance = rng.random()
        if chance < 0.25:
            name = name.split(".", 1)[1] if name not in self.apexes else name
        elif chance < 0.5:
            name = ".".join([rng.choice(LABELS + ["n"]), name])
        elif chance < 0.6:
            name = ".".join([rng.choice(LABELS), rng.choice(LABELS), name])
        elif chance < 0.75:
            name = self.below(rng.choice(self.apexes), 0, 3)
        if rng.random() < 0.15:
            name = "n." + name.split(".", 1)[1] if name not in self.apexes else name
        rdtype = rng.choices(TYPES, [8, 3, 4, 4, 2, 3, 5, 2, 2, 5, 2, 1, 1, 1, 1, 1])[0]
        return with_any_case(rng, dns.name.from_text(name).to_wire()), rdtype

    def world(self, nquestions):
        zones, owners = [], []
        for origin in dict.fromkeys(self.apexes):
            origin, text, names = self.zone(origin)
            zones.append((origin, text))
            owners += names
        asked = {(name.lower(), rdtype): (name, rdtype)
                 for name, rdtype in (self.question(owners) for _ in range(nquestions))}
        return World(self.origin, zones, list(asked.values()))


def skeleton(text):
    """Of a random zone's text: the SOA, the apex's NS set, the address of the zone's own server."""
    lines = [line.split() for line in text.splitlines()]
    origin = lines[0][0]
    kept = [line for line in lines if line[3] == "SOA" or line[0].lower() == f"ns.{origin}"
            or (line[3] == "NS" and line[0].lower() == origin)]
    return "".join(" ".join(line) + "\n" for line in kept)


def another(seed, origin):
    """The text of a zone of the same name with other records."""
    maker = Maker(seed)
    maker.rng = random.Random(f"another {seed} {origin}")
    return maker.zone(origin)[1]


def randoms(first, count, nquestions=100):
    return [Maker(seed).world(nquestions) for seed in range(first, first + count)]
