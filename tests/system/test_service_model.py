# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Registrations, changes, moves, drains of instances and nodes, reports, removals, ends of leases,
edits of the zone file, restarts and kill -9 at random: at any time the zones equal those of a model
that went through the same operations.

WEFT_MODEL_STEPS sets the number of operations; WEFT_MODEL_SEED repeats the seed that a failure
printed."""

import collections
import dataclasses
import os
import random

import pytest

import leases
import service_model
import services
import updates
from service_model import Instance, Rule, Srv
from waiting import LIMIT_S, wait_for
from wire import connect, frame, read_frame

STEPS = int(os.environ.get("WEFT_MODEL_STEPS", "600"))
SEED = int(os.environ.get("WEFT_MODEL_SEED", "0")) or random.randrange(1, 2**32)

ZONE = "lab.cloud."
BARE = leases.SOA + "ns A 127.0.0.1\n"
KINDS = [f"{kind}.{ZONE}" for kind in ("_http._tcp", "_https._tcp", "_ipp._tcp", "_x._udp",
                                       "_deep-er._tcp", "_y._tcp")]
KEYS = ["n1", "n2", "n3"]
NODES = [f"{key}.nodes.{ZONE}" for key in KEYS]
REVERSE = {zone: "transfer: {address: [127.0.0.0/8]}"
           for zone in ("0.10.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa")}
LONG_S, SHORT_S = 1000, 1
BATCH_MOST = 12
GOOD = {"NOERROR"}


@dataclasses.dataclass
class Registered:
    """An instance as the operations have left it."""

    instance: Instance          # in its own case
    key: str                    # the owner; None: the administrator
    txt: tuple = ()             # the owner's
    is_leased: bool = False
    is_drained: bool = False    # itself
    drained: set = dataclasses.field(default_factory=set)   # nodes, those of the model

    @property
    def is_node_drained(self):
        return any(srv.target in self.drained for srv in self.instance.srvs)

    def say(self, txt):
        """Sets the TXT of the instance, drained or not."""
        self.txt = self.instance.txt = tuple(txt)
        if self.is_drained or self.is_node_drained:
            kept = [s for s in txt if not s.lower().startswith("state=")]
            self.instance.txt = (*kept, "state=draining")

    @property
    def inc(self):
        said = [s[4:] for s in self.txt if s.startswith("inc=")]
        return int(said[0]) if said else None


def report_of(name):
    return f"_suspect.{name}"


def unordered(records):
    """The strings of a TXT, sorted: where among them weftd puts `state=` does not matter."""
    return {(owner, rdtype, service_model.strings(rdata) if rdtype == "TXT" else rdata)
            for owner, rdtype, rdata in records}


class Model:
    """The registered instances by full name, the addresses of nodes, the reports."""

    def __init__(self, rule):
        self.rule, self.names, self.nodes, self.drained = rule, {}, {}, set()
        self.reports = collections.defaultdict(dict)    # of an instance: key: text
        self.nsuspects = 0

    # Each operation changes the model. Returns the RCODEs of which one must be the answer.

    def register(self, key, name, srvs, txt, subtypes, is_leased):
        before = self.names.get(name)
        wrong = set()
        if before is not None and before.key != key:
            wrong.add("YXDOMAIN")
        new = Registered(Instance(name, set(srvs), (), set(subtypes), owner=key), key, (), is_leased,
                         drained=self.drained)
        new.is_drained = before is not None and before.is_drained
        new.say(txt)
        if None not in (before and before.inc, new.inc) and new.inc < before.inc:
            wrong.add("YXRRSET")
        if wrong:
            return wrong
        if before is not None:
            new.instance.subtypes |= before.instance.subtypes
            self.clear(before.instance)
        self.names[name] = new
        return GOOD

    def clear(self, instance):
        """The owner has registered the instance again, which removes reports."""
        if instance.suspect:
            instance.suspect = 0
            self.reports.pop(instance.name, None)

    def report(self, key, name, text):
        self.reports[name][key] = text
        one = self.names.get(name)
        if one is not None and len(self.reports[name]) >= self.rule.reports \
                and one.instance.srvs and not one.instance.suspect:
            self.nsuspects += 1
            one.instance.suspect = self.nsuspects
        return GOOD

    def take_back(self, key, name, whose):
        if whose not in self.reports[name]:
            return GOOD
        if whose != key:
            return {"REFUSED"}
        self.end_reports(name, whose)
        return GOOD

    def end_reports(self, name, *keys):
        for key in keys:
            del self.reports[name][key]
        one = self.names.get(name)
        if one is not None and not one.is_leased and not self.reports[name]:
            one.instance.suspect = 0

    def drain(self, name, is_drained):
        one = self.names[name]
        if is_drained or not one.is_node_drained:
            one.is_drained = is_drained
        one.say(one.txt)

    def drain_node(self, node, is_drained):
        (self.drained.add if is_drained else self.drained.discard)(node)
        for one in self.names.values():
            one.say(one.txt)

    def remove(self, key, name):
        before = self.names.get(name)
        if before is not None and before.key != key:
            return {"YXDOMAIN"}
        self.names.pop(name, None)
        return GOOD

    def remove_srv(self, key, name):
        before = self.names.get(name)
        if before is None or before.key != key:
            return GOOD if before is None else {"YXDOMAIN"}
        before.instance.srvs = set()
        before.say(before.txt)
        self._tidy(name)
        return GOOD

    def drop_subtype(self, key, name, subtype):
        before = self.names.get(name)
        if before is None or before.key != key:
            return GOOD if before is None else {"YXDOMAIN"}
        before.instance.subtypes.discard(subtype)
        return GOOD

    def address(self, key, node, address):
        if node != f"{key}.nodes.{ZONE}":
            return {"REFUSED"}
        self.nodes.pop(node, None)
        if address is not None:
            self.nodes[node] = address
        return GOOD

    def end(self, name):
        self.names.pop(name, None)

    def _tidy(self, name):
        one = self.names[name].instance
        if not one.srvs and not one.txt:
            self.end(name)

    # What must be there.

    def instances(self):
        return [one.instance for one in self.names.values()]

    def records(self):
        found = {(ZONE, "NS", f"ns.{ZONE}"), (f"ns.{ZONE}", "A", "127.0.0.1")}
        for one in self.instances():
            found |= {(one.name, "SRV", "%d %d %d %s" % srv) for srv in one.srvs}
            if one.txt:
                found.add((one.name, "TXT", " ".join(f'"{s}"' for s in one.txt)))
        found |= {(node, "AAAA" if ":" in address else "A", address)
                  for node, address in self.nodes.items()}
        found |= {(report_of(name), "TXT", f'"by={key}" "{text}"')
                  for name, by in self.reports.items() for key, text in by.items()}
        return found | service_model.view(ZONE, self.instances(), self.addresses(), self.rule)

    def addresses(self):
        return {f"ns.{ZONE}": ["127.0.0.1"], **{node: [a] for node, a in self.nodes.items()}}

    def pointers(self):
        return service_model.reverse_view(ZONE, self.instances(), self.addresses(), self.rule)

    def leased(self):
        return {name for name, one in self.names.items() if one.is_leased}

    def leases(self):
        return self.leased() | {report_of(name) for name, by in self.reports.items() if by}


class Driver:
    """Sends the same operations to weftd and to the model."""

    def __init__(self, weftd, key, chance, rule):
        self.weftd, self.key, self.chance, self.model = weftd, key, chance, Model(rule)
        self.queue = []         # updates that are sent together: key, octets, RCODEs, text
        self.trail = []         # the last operations, to print
        self.static = {}
        self.nsteps = 0

    # ---- updates ----

    def put(self, key, lines, expected, lease=None):
        message, mac = updates.signed(lines, key=self.key(key), below=ZONE, lease=lease)
        # The updates of one key keep their order.
        if self.queue and self.queue[-1][0] != self.key(key):
            self.flush()
        self.queue.append((self.key(key), message, mac, expected, f"{key} lease={lease} {lines}"))

    def flush(self):
        """Sends the queued updates on one connection: they are one batch, or few."""
        if not self.queue:
            return
        with connect(self.weftd.where, LIMIT_S) as sock:
            sock.sendall(b"".join(frame(message) for _, message, *_ in self.queue))
            for key, _, mac, expected, text in self.queue:
                reply = updates.Reply(read_frame(sock), key, mac)
                self.trail.append(f"{text} -> {reply}".replace("." + ZONE, ""))
                assert reply.rcode in expected, (text, reply, expected)
        self.queue = []

    def name(self):
        return f"i{self.chance.randrange(5)}.{self.chance.choice(KINDS)}"

    def a_key(self, name):
        """A key, mostly the owner's."""
        one = self.model.names.get(name)
        if one is None or one.key is None or self.chance.random() < 0.1:
            return self.chance.choice(KEYS)
        return one.key

    def txt(self):
        chance = self.chance
        txt = ["state=" + chance.choice(["up", "starting", "draining", "failed", "Draining"])] \
            if chance.random() < 0.4 else []
        txt += [f"inc={chance.randrange(4)}"] if chance.random() < 0.3 else []
        chance.shuffle(txt)
        return txt + [f"v={chance.randrange(3)}"]

    def register(self):
        chance, name = self.chance, self.name()
        key = self.a_key(name)
        srvs = {Srv(chance.randrange(3), chance.randrange(3), 8000 + chance.randrange(3),
                    chance.choice(NODES)) for _ in range(chance.choice([1, 1, 1, 2]))}
        kind = name.split(".", 1)[1]
        subtypes = {f"_s{i}._sub.{kind}" for i in range(3) if chance.random() < 0.25}
        txt = self.txt()
        is_leased = is_leased_name(name)
        lines = [f"{name} 0 ANY SRV", f"{name} 0 ANY TXT"]
        lines += [f"{name} 60 IN SRV %d %d %d %s" % srv for srv in sorted(srvs)]
        lines += [f"{name} 60 IN TXT {' '.join(txt)}"]
        lines += [f"{kind} 60 IN PTR {name}"] if chance.random() < 0.3 else []
        lines += [f"{subtype} 60 IN PTR {name}" for subtype in sorted(subtypes)]
        expected = self.model.register(key, name, srvs, txt, subtypes, is_leased)
        self.put(key, lines, expected, LONG_S if is_leased else None)
        if chance.random() < 0.3 and expected == GOOD:
            self.put(key, lines, expected, LONG_S if is_leased else None)   # a refresh

    def remove(self):
        name = self.name()
        key = self.a_key(name)
        lines = [f"{name} 0 ANY ANY"]
        if self.chance.random() < 0.3:
            lines += [f"{name.split('.', 1)[1]} 0 NONE PTR {name}"]
        self.put(key, lines, self.model.remove(key, name))

    def remove_srv(self):
        name = self.name()
        key = self.a_key(name)
        self.put(key, [f"{name} 0 ANY SRV"], self.model.remove_srv(key, name))

    def drop_subtype(self):
        name = self.name()
        key, subtype = self.a_key(name), f"_s{self.chance.randrange(3)}._sub.{name.split('.', 1)[1]}"
        self.put(key, [f"{subtype} 0 NONE PTR {name}"], self.model.drop_subtype(key, name, subtype))

    def take_the_pointer(self):
        """A record of the registry's that a client removes is there again at once."""
        name = self.name()
        one = self.model.names.get(name)
        if one is not None and one.key is not None:
            self.put(one.key, [f"{name.split('.', 1)[1]} 0 NONE PTR {name}"], GOOD)

    def address(self):
        node, key = self.chance.choice(NODES), self.chance.choice(KEYS)
        key = node.split(".")[0] if self.chance.random() < 0.9 else key
        address = self.chance.choice([None, "10.0.0.1", "10.0.0.2", "10.0.1.1", "2001:db8::1"])
        lines = [f"{node} 0 ANY ANY"]
        if address is not None:
            lines.append(f"{node} 60 IN {'AAAA' if ':' in address else 'A'} {address}")
        self.put(key, lines, self.model.address(key, node, address))

    def report(self):
        there = sorted(set(self.model.names) - set(self.static))
        name = self.chance.choice(there or [self.name()])
        key, text = self.chance.choice(KEYS), f"r{self.chance.randrange(3)}"
        self.put(key, [f"{report_of(name)} 30 IN TXT by={key} {text}"],
                 self.model.report(key, name, text), LONG_S if self.chance.random() < 0.3 else None)

    def take_back(self):
        reported = [(name, key) for name, by in self.model.reports.items() for key in by]
        if not reported:
            return
        name, whose = self.chance.choice(reported)
        text = self.model.reports[name][whose]
        key = self.chance.choice([whose, whose, *KEYS])
        self.put(key, [f"{report_of(name)} 0 NONE TXT by={whose} {text}"],
                 self.model.take_back(key, name, whose))

    # ---- other operations ----

    def drain(self):
        there = sorted(one.name for one in self.model.instances() if one.srvs)
        if there:
            self.flush()
            name = self.chance.choice(there)
            is_drained = self.chance.random() < 0.6
            command = "drain" if is_drained else "undrain"
            stays = not is_drained and self.model.names[name].is_node_drained
            assert self.weftd.weft(command, name, check=False).returncode == int(stays)
            self.trail.append(f"{command} {name}")
            self.model.drain(name, is_drained)

    def drain_node(self):
        self.flush()
        known = sorted(self.model.nodes.keys() | self.model.drained)
        if known:
            node = self.chance.choice(known)
            is_drained = node not in self.model.drained
            command = "drain" if is_drained else "undrain"
            if node in self.model.nodes or not is_drained:
                self.weftd.weft("node", command, node)
                self.trail.append(f"node {command} {node}")
                self.model.drain_node(node, is_drained)

    def expire_reports(self):
        """Lets the reports about some instance end."""
        reported = sorted(name for name, by in self.model.reports.items() if by)
        if not reported:
            return
        self.flush()
        name = self.chance.choice(reported)
        self.weftd.weft("lease", "drop", report_of(name))
        self.trail.append(f"lease drop {report_of(name)}")
        self.model.end_reports(name, *list(self.model.reports[name]))

    def drop_lease(self):
        leased = sorted(self.model.leased())
        if leased:
            self.flush()
            name = self.chance.choice(leased)
            self.weftd.weft("lease", "drop", name)
            self.trail.append(f"lease drop {name}")
            self.model.end(name)

    def expire(self):
        """Makes some leases short, and waits for their end."""
        leased = [name for name in sorted(self.model.leased())]
        if not leased:
            return
        self.flush()
        chosen = self.chance.sample(leased, min(len(leased), 3))
        self.trail.append(f"expire {chosen}")
        for name in chosen:
            one = self.model.names[name]
            lines = [f"{name} 60 IN SRV %d %d %d %s" % srv for srv in sorted(one.instance.srvs)]
            if one.txt:
                lines += [f"{name} 60 IN TXT {' '.join(one.txt)}"]
            self.put(one.key, lines, GOOD, SHORT_S)
            self.model.clear(one.instance)
            self.model.end(name)
        self.flush()
        wait_for(lambda: not any(updates.lookup(self.weftd, name, rdtype) for name in chosen
                                 for rdtype in ("SRV", "TXT")), "end of the leases")

    def edit(self):
        """Writes another zone file, with other instances."""
        self.flush()
        before, self.static, lines = self.static, {}, []
        for name in before:
            self.model.end(name)
        for name in (f"file{i}.{kind}" for i in range(2) for kind in KINDS[:3]):
            if self.chance.random() < 0.5:
                txt = self.txt()
                srv = Srv(self.chance.randrange(3), 0, 9000 + self.chance.randrange(2), NODES[0])
                subtypes = {f"_s0._sub.{name.split('.', 1)[1]}"} if self.chance.random() < 0.5 \
                    else set()
                one = Registered(Instance(name, {srv}, (), subtypes), None,
                                 drained=self.model.drained)
                one.is_drained = name in before and before[name].is_drained
                one.say(txt)
                self.static[name] = one
                lines += [f"{name} SRV %d %d %d %s" % srv, f"{name} TXT {' '.join(txt)}"]
                lines += [f"{subtype} PTR {name}" for subtype in subtypes]
        self.model.names.update(self.static)
        self.weftd.zone(leases.SOA + "ns A 127.0.0.1\n" + "\n".join(lines) + "\n")
        self.weftd.weft("zone", "reload")
        self.trail.append(f"file {lines}")

    def restart(self):
        self.flush()
        how = self.chance.choice(["kill", "kill", "stop"])
        if self.chance.random() < 0.3:
            self.weftd.weft("zone", "checkpoint")
        getattr(self.weftd, how)()
        self.weftd.start()
        self.trail.append(how)

    # ---- together ----

    def check(self):
        self.flush()
        found, pointers = service_model.transfer_together(self.weftd, ZONE, self.model.rule.reverse)
        wrong = service_model.difference(unordered(found), unordered(self.model.records()))
        wrong += service_model.difference(pointers, self.model.pointers())
        assert not wrong, wrong
        running = {row["name"] for row in self.weftd.json("lease", "list")}
        assert running == self.model.leases()
        self.weftd.weft("zone", "check", "lab.cloud")

    def step(self):
        chosen, = self.chance.choices(list(CHANCES), CHANCES.values())
        getattr(self, chosen)()
        self.nsteps += 1
        if len(self.queue) > self.chance.randrange(BATCH_MOST):
            self.flush()
        if self.chance.random() < 0.1:
            self.check()


CHANCES = {"register": 500, "remove": 120, "remove_srv": 20, "drop_subtype": 60,
           "take_the_pointer": 20, "address": 60, "drop_lease": 40, "expire": 2, "edit": 15,
           "restart": 12, "drain": 60, "drain_node": 15, "report": 200, "take_back": 30,
           "expire_reports": 20}


def is_leased_name(name):
    """Whether registrations of the name always have a lease, or never."""
    return name[1] in "024"


RULES = [Rule(then="demote"), Rule(srv_max=3, then="withdraw", panic="all"),
         Rule(srv_max=4, then="withdraw", panic="last"), Rule(then="withdraw", panic="none")]


@pytest.mark.limit(300 + STEPS // 5)
@pytest.mark.parametrize("number", range(len(RULES)))
def test_at_any_time_the_zone_is_that_of_the_model(make_weftd, number):
    rule = dataclasses.replace(RULES[number], reverse=tuple(f"{zone}." for zone in REVERSE))
    suspect = f"reports: {rule.reports}, within: 1h, then: {rule.then}, panic: {rule.panic}"
    weftd, key = leases.fabric(make_weftd, zone=BARE, others=REVERSE,
                               lease=services.options(f"srv-max: {rule.srv_max}", suspect))
    weftd.start()
    driver = Driver(weftd, key, random.Random(SEED + number), rule)
    try:
        while driver.nsteps < STEPS:
            driver.step()
        driver.check()
    except BaseException as error:
        raise AssertionError(f"WEFT_MODEL_SEED={SEED}, step {driver.nsteps}, after\n"
                             + "\n".join(driver.trail[-40:])) from error
