# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Nodes that register services in all states, refresh, change, remove and report them, and try to
take those of others, and an operator who drains them. They know exactly whose each name must be
after a crash, how long its lease must still run, and which records the registry must have made.

Time is the time for which weftd ran, from just before its start until just after its end: the lease
clock is never ahead of it. Each name has one update in flight at a time, so after a crash its state
is the one that was acknowledged last, or the one in flight."""

import collections
import json
import random
import socket
import subprocess
import threading
import time

import leases
import service_model
import updates
import wire
from conftest import WEFT
from waiting import LIMIT_S, attempts, wait_for

ZONE = "svc.cloud"
ZONE_TEXT = "$ORIGIN svc.cloud.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n" \
            "ns A 127.0.0.1\n"
RULE = service_model.Rule(srv_max=8, reports=1, then="withdraw", panic="none")
OPTIONS = "update: {fabric: svc.cloud}\nlease: {minimum: 1}\ntransfer: {address: [127.0.0.0/8]}\n" \
          f"service-view: {{enable: yes, srv-max: {RULE.srv_max}}}\n" \
          f"suspect: {{reports: {RULE.reports}, within: 1h, then: {RULE.then}, panic: {RULE.panic}}}"
FABRIC = "fabric:\n  - {name: svc.cloud, key-file: svc.cloud.fabric}\n"
KIND = "_http._tcp"
# By number of the registration. No state is `draining`, so that a drain cannot be mistaken for it.
STATES = ("up", "up", "starting", "up", "failed")
SHORT_S = 3
GRACE_MOST_S = 60
SRV, PTR, TXT = 33, 12, 16

# What is at a name: the number in its records, the key that registered it, the lease that was
# requested, how long the name is kept, whether it is drained, and the number of the report by which
# it is suspect, or 0.
State = collections.namedtuple("State", "generation key lease kept is_drained report")
NOTHING = State(0, None, None, None, False, 0)


class Clock:
    """The time for which weftd ran."""

    def __init__(self):
        self.before, self.started = 0.0, None

    def start(self):
        self.started = time.monotonic()

    def stop(self):
        self.before, self.started = self.now(), None

    def now(self):
        return self.before + (0 if self.started is None else time.monotonic() - self.started)


class Service:
    def __init__(self, name, is_short):
        self.name, self.is_short = name, is_short
        self.full = f"{name}.{KIND}.{ZONE}."
        self.subtype = f"_s{name[-1]}._sub.{KIND}"
        self.acked, self.sent, self.newest = NOTHING, None, 0
        self.newest_report = 0
        self.since = 0.0            # when the lease of `acked` began, at the earliest
        self.is_left_alone = False  # so that its lease ends

    def lines(self, state):
        """The lines of the update that leads to the state."""
        if state.key is None:
            return leases.gone(self.name)
        return [*leases.service(self.name, port=state.generation, txt=txt_of(state.generation)),
                f"{self.subtype} 60 IN PTR {self.name}.{KIND}"]

    def looks(self, state):
        """What clients see of the service: number, owner, the strings of its TXT, the owners of
        PTRs to it."""
        if state.generation == 0:
            return 0, state.key, None, set()
        is_browsed = is_up(state.generation) and not state.is_drained and not state.report
        where = {f"{kind}.{ZONE}." for kind in (KIND, self.subtype)} if is_browsed else set()
        said = f"{state.generation} state=draining" if state.is_drained else txt_of(state.generation)
        return state.generation, state.key, set(said.split()), where

    def has_reports(self, state, report):
        """Whether the report is the expected one: a registration by the owner removes reports."""
        if state.report == 0 and state.generation != 0:
            return report == 0 or report != self.acked.report
        return state.report in (0, report)

    def ends(self):
        """The moment before which the service must be there."""
        return self.since + SHORT_S if self.is_short else float("inf")


class Nodes:
    """The keys n1 and n2, and threads that write with them; n3 only looks."""

    def __init__(self, weftd, seed):
        leases.weft(weftd, "fabric", "init", ZONE)
        self.keys = {name: leases.issue(weftd, name, ZONE) for name in ("n1", "n2", "n3")}
        self.services = [Service(f"long{i}", False) for i in range(12)]
        self.services += [Service(f"short{i}", True) for i in range(12)]
        self.clock, self.wrong, self.nacked, self.seed = Clock(), [], 0, seed
        self.stopping, self.threads = threading.Event(), []
        self.control = str(weftd.socket)

    def start(self, weftd):
        self.stopping.clear()
        self.threads = [threading.Thread(target=self._write, args=(weftd, self.services[i::3], i),
                                         daemon=True) for i in range(3)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Stops the threads, after weftd has ended."""
        self.clock.stop()
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _write(self, weftd, services, number):
        chance = random.Random(f"{self.seed} {number} {self.nacked}")
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.2)
            sock.connect(weftd.where)
            while not self.stopping.is_set():
                one = chance.choice(services)
                if one.sent is None and not one.is_left_alone:
                    self._change(sock, one, chance)

    def _change(self, sock, one, chance):
        """Makes one change and records its outcome."""
        state = next_state(one, chance)
        if state.is_drained != one.acked.is_drained and state.generation != 0:
            self._drain(one, state)
        elif state.report not in (0, one.acked.report):
            self._report(sock, one, state)
        else:
            self._update(sock, one, state, chance)

    def _drain(self, one, state):
        one.sent = state
        done = subprocess.run([WEFT, "-s", self.control, "drain" if state.is_drained else "undrain",
                               one.full], capture_output=True, timeout=LIMIT_S)
        if done.returncode == 0:
            self._succeed(one, state, one.since)

    def _report(self, sock, one, state):
        one.sent = state
        try:
            rcode = self._ask(sock, "n3", [f"_suspect.{one.name}.{KIND} 30 IN TXT {state.report}"], None)
        except OSError:
            return
        if rcode != "NOERROR":
            self.wrong.append((one.name, one.acked, state, rcode))
        self._succeed(one, state, one.since)

    def _succeed(self, one, state, since):
        one.acked, one.sent, one.since = state, None, since
        self.nacked += 1

    def _update(self, sock, one, state, chance):
        is_theft = one.acked.key is not None and state.key not in (None, one.acked.key)
        signer = state.key or one.acked.key
        at = self.clock.now()
        one.sent = None if is_theft else state
        try:
            rcode = self._ask(sock, signer, one.lines(state), state.lease)
        except OSError:
            return              # weftd is gone, the update in flight
        expected = "YXDOMAIN" if is_theft and self.clock.now() < one.ends() else "NOERROR"
        if is_theft and rcode == "NOERROR" and expected != rcode:
            self.wrong.append((one.name, one.acked, state, rcode))
        if is_theft:
            return
        if rcode != expected:
            self.wrong.append((one.name, one.acked, state, rcode))
        self._succeed(one, state, at)
        one.is_left_alone = one.is_short and chance.random() < 0.1

    def _ask(self, sock, key, lines, lease):
        message, _ = updates.signed(lines, key=self.keys[key], below=f"{ZONE}.", zone=ZONE, lease=lease)
        sock.send(message)
        for _ in attempts("answer to the update"):
            answer = sock.recv(65535)
            if answer[:2] == message[:2]:
                return updates.Reply(answer).rcode

    # ---- what is there ----

    def check(self, weftd):
        """Compares the zone with what it must be; what was found is the state from now on."""
        _, records = updates.transferred(weftd, ZONE)
        now = self.clock.now()
        running = {(entry["name"], entry["kind"]): entry
                   for entry in json.loads(weftd.weft("--json", "lease", "list", ZONE).stdout)}
        assert self.wrong == []
        for one in self.services:
            self._settle(one, self._found(weftd, one, records), running, now)
        service_model.check(weftd, f"{ZONE}.", RULE,
                            suspects={one.full: 1 for one in self.services if one.acked.report},
                            owners={one.full: self.owner(weftd, one) for one in self.services})

    def _found(self, weftd, one, records):
        """What clients see of the service, and its report. All of its records must be there, or
        none."""
        there = dict(records.get(one.full, set()))
        where = {owner for owner, found in records.items() if (PTR, wire.name(one.full)) in found}
        owner = self.owner(weftd, one)
        report = int(dict(records.get(f"_suspect.{one.full}", {(TXT, b"\0010")}))[TXT][1:])
        assert set(there) in ({SRV, TXT}, set()), (one.full, there)
        if not there:
            return (0, owner, None, where), report
        generation = int.from_bytes(there[SRV][4:6], "big")
        return (generation, owner, txt_strings(there[TXT]), where), report

    def owner(self, weftd, one):
        """The node that owns the name, or None: an update by another key that would change nothing
        is refused with the owner's name."""
        reply = updates.send(weftd, updates=[f"{one.name}.{KIND} 0 NONE TXT nosuch"],
                             key=self.keys["n3"], below=f"{ZONE}.", zone=ZONE)
        if reply.rcode == "NOERROR":
            return None
        assert reply.rcode == "YXDOMAIN", reply
        return reply.why.rsplit("key ", 1)[1].split(".")[0]

    def _settle(self, one, seen, running, now):
        found, report = seen
        if one.is_short and now >= one.ends():
            # The lease may have ended, also between the transfer and the list of leases.
            if found[0] == 0 or (one.full, "records") not in running:
                one.acked, one.sent, one.is_left_alone = NOTHING, None, False
                return
        expected = [state for state in (one.acked, one.sent) if state is not None]
        states = [state for state in expected if one.looks(state) == found
                  and one.has_reports(state, report) and fits(one.full, state, running)]
        assert states, (one.full, "found", seen, "acknowledged", one.acked, "in flight", one.sent,
                        [entry for (name, _), entry in running.items() if name == one.full])
        if states[-1] is one.sent:
            one.since = min(one.since, now) if one.acked[:4] == one.sent[:4] else now
        one.acked, one.sent = states[-1], None
        entry = running.get((one.full, "records"))
        if entry is not None:
            granted = entry["granted"]
            least = granted - (now - one.since) - 2
            assert least <= entry["left"] <= granted + min(granted / 3, GRACE_MOST_S) + 1, entry

    def wait_for_ends(self, weftd):
        """Waits until the short leases have ended; no others may."""
        def are_gone():
            _, records = updates.transferred(weftd, ZONE)
            return not any(one.full in records for one in self.services if one.is_short)
        wait_for(are_gone, "end of the short leases", SHORT_S + 1 + 1 + LIMIT_S / 4)
        for one in self.services:
            if one.is_short:
                one.acked = NOTHING
        self.check(weftd)


def state_of(generation):
    return STATES[generation % len(STATES)]


def is_up(generation):
    return state_of(generation) == "up"


def txt_of(generation):
    return f"{generation} state={state_of(generation)}"


def txt_strings(octets):
    found = set()
    while octets:
        found.add(octets[1:1 + octets[0]].decode())
        octets = octets[1 + octets[0]:]
    return found


def next_state(one, chance):
    """The next state to request: a registration, a refresh, a change, a removal or a theft; for a
    service that does not end by itself also a drain or a report."""
    lease = SHORT_S if one.is_short else chance.choice([None, 1000, (500, 2000)])
    kept = one.acked.kept
    if isinstance(lease, tuple):
        kept = lease[1]
    elif lease is not None and kept is not None:
        kept = lease    # the 4-byte form has one number for both
    fresh = State(one.newest + 1, chance.choice(["n1", "n2"]), lease, kept, one.acked.is_drained, 0)
    dice, other = chance.random(), chance.random()
    if one.acked.key is None:
        state = fresh
    elif not one.is_short and other < 0.05:
        state = one.acked._replace(is_drained=not one.acked.is_drained)
    elif not one.is_short and other < 0.2 and one.acked.report == 0:
        one.newest_report += 1
        state = one.acked._replace(report=one.newest_report)
    elif dice < 0.4:
        state = one.acked._replace(report=0)
    elif dice < 0.7:
        state = fresh._replace(key=one.acked.key)
    elif dice < 0.85 and not one.is_short:
        state = NOTHING
    else:
        state = fresh._replace(key="n1" if one.acked.key == "n2" else "n2")
    one.newest = max(one.newest, state.generation)
    return state


def fits(name, state, running):
    """Whether the running leases are those of the state."""
    granted = [running[name, kind]["granted"] if (name, kind) in running else None
               for kind in ("records", "name")]
    lease = state.lease[0] if isinstance(state.lease, tuple) else state.lease
    return granted == [lease, state.kept]
