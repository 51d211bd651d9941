# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS Push against a model: random updates, and subscribers with random subscriptions. At each
serial, each subscriber must know what a query finds at this serial: one PUSH for a commit, no
change lost, none pushed twice. SEED repeats a run."""

import os
import random
import threading

import pytest

import dso
import updates
from pushing import TRANSPORTS, begin, differences, follow, prepare, serials, zone_records
from waiting import attempts, let_pass, wait_for
from wire import ANY, IN

SEED = int(os.environ.get("SEED", random.randrange(10**6)))
NUPDATES, NSUBSCRIPTIONS = 400, 500
OWNERS = ["a", "b", "c", "*.a", "x.a", "*", "B.a"]
TYPES = ["A", "AAAA", "TXT", "SRV", "CNAME", "PTR", "TYPE65280", "APL"]
RDATA = {"A": "192.0.2.{}", "AAAA": "2001:db8::{}", "TXT": "t{}", "SRV": "0 0 {} ns",
         "CNAME": "c{}", "PTR": "p{}.x", "TYPE65280": "\\#0{}", "APL": "1:192.0.2.{}/32"}


def random_line(chance):
    owner, rdtype = chance.choice(OWNERS), chance.choice(TYPES)
    rdata = RDATA[rdtype].format(chance.randrange(1, 5))
    add = f"{owner} {chance.choice([5, 60])} IN {rdtype} {rdata}"
    return chance.choice([add, add, add, f"{owner} 0 NONE {rdtype} {rdata}",
                          f"{owner} 0 ANY {rdtype}", f"{owner} 0 ANY ANY"])


def random_subscription(chance):
    owner = chance.choice(OWNERS)
    owner = owner.upper() if chance.randrange(3) == 0 else owner
    return (f"{owner}.lab.cloud.", chance.choice([*TYPES, "ANY", "ANY"]),
            chance.choice([IN, IN, IN, ANY]))


class History:
    """Random updates, one after the other, and the zone at each serial. Each update is one serial
    at most."""

    def __init__(self, weftd, chance):
        self.weftd, self.chance = weftd, chance
        self.first, zone = zone_records(weftd)
        self.zones = {self.first: zone}
        self.nsent = 0

    @property
    def latest(self):
        """The latest serial that the zone can have now."""
        return self.first + self.nsent

    def step(self):
        lines = [random_line(self.chance) for _ in range(self.chance.choice([1, 1, 2, 3, 8]))]
        self.nsent += 1
        updates.send(self.weftd, updates=lines)
        serial, zone = zone_records(self.weftd)
        self.zones[serial] = zone

    def at(self, serial):
        return wait_for(lambda: self.zones.get(serial), f"serial {serial}", every_s=0.0005)


class Subscriber:
    """A client that is compared with the history at each serial that is pushed to it."""

    def __init__(self, client, history):
        self.client, self.history = follow(client), history
        self.first_serials = {}     # message ID: from this serial on its records must be right

    def randomize(self, chance):
        """Subscribes, or ends a subscription, without waiting."""
        rules = self.client.rules
        asked = [one for _, _, one in rules.asked.values() if one is not None]
        others = [number for number in rules.active if number != self.client.soa]
        if others and chance.randrange(3) == 0:
            self.client.unsubscribe(chance.choice(others))
            return
        wanted = random_subscription(chance)
        have = {one.what for one in [*rules.active.values(), *asked]}
        if dso.Subscription(*wanted).what not in have:
            self.client.ask_subscribe(*wanted)

    def receive(self):
        """Receives a message. Initial records are those of a version that the changes that follow
        may not have reached yet, but not of one that did not exist when they came."""
        found = self.client.receive()
        if found.is_response:
            self.first_serials[found.number] = self.history.latest
        elif found.primary == dso.PUSH:
            self.check()

    def check(self):
        """What a subscription covers that began with a later version is not looked at."""
        rules, serial = self.client.rules, self.client.serial(self.client.soa)
        if rules.asked:
            return
        later = [one for number, one in rules.active.items()
                 if self.first_serials.get(number, 0) >= serial]
        wrong = [(number, key, *ttls) for number, key, *ttls
                 in differences(self.client, self.history.at(serial))
                 if not any(one.covers(key[0], key[2], key[1]) for one in later)]
        assert not wrong, f"seed {SEED}: serial {serial}: {wrong}"

    def finish(self):
        """Receives up to the last version, which all must know."""
        serial, zone = zone_records(self.history.weftd)
        for _ in attempts("last version"):
            if self.client.serial(self.client.soa) == serial and not self.client.rules.asked:
                break
            self.receive()
        self.client.settle()
        assert differences(self.client, zone) == [], f"seed {SEED}"
        self.ask()
        told = serials(self.client)
        assert set(told) == {one for one in self.history.zones if one >= told[0]}, f"seed {SEED}"
        assert told == sorted(set(told)), f"seed {SEED}"

    def ask(self):
        """Each set that is there must be what a query finds."""
        for one in self.client.rules.active.values():
            if not one.records or one.rdtype == ANY or one.rdclass == ANY:
                continue
            answer = self.client.query(one.owner, one.rdtype).answer
            found = {(r.owner, r.rdclass, r.rdtype, r.rdata): r.ttl
                     for r in answer if r.owner == one.owner}
            assert found == one.records, f"seed {SEED}"


@pytest.fixture(params=TRANSPORTS)
def begun(request, make_weftd):
    """The history of a zone, and a function that makes subscribers."""
    weftd = prepare(make_weftd(), tls=request.param == "tls").start()
    history, made = History(weftd, random.Random(SEED)), []

    def subscriber():
        made.append(Subscriber(begin(weftd, request.param), history))
        return made[-1]

    yield history, subscriber
    for one in made:
        one.client.close()


def test_subscribers_know_each_version(begun):
    history, subscriber = begun
    chance = random.Random(SEED + 1)
    subscribers = [subscriber() for _ in range(8)]
    for one in subscribers:
        wanted = {dso.Subscription(*each).what: each
                  for each in (random_subscription(chance) for _ in range(6))}
        for each in wanted.values():
            one.client.subscribe(*each)
        one.client.settle()
    for _ in range(NUPDATES):
        history.step()
    for one in subscribers:
        one.finish()


def test_no_change_is_lost_while_others_subscribe(begun):
    """Subscriptions come and go while the zone changes."""
    history, subscriber = begun
    chance = random.Random(SEED + 2)
    subscribers = [subscriber() for _ in range(6)]
    end = threading.Event()

    def run():
        for _ in attempts("end of the subscriptions"):
            history.step()
            if end.is_set():
                return

    updater = threading.Thread(target=run)
    updater.start()
    try:
        for _ in range(NSUBSCRIPTIONS):
            chance.choice(subscribers).randomize(chance)
            for one in subscribers:
                while one.client.is_ready():
                    one.receive()
            let_pass(0.0005)
    finally:
        end.set()
        updater.join()
    for one in subscribers:
        one.finish()
