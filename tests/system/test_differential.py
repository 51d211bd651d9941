# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weftd's answers compared with those of BIND, NSD and Knot, which load the same zone files."""

import os

import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update
import dns.zone
import pytest

import differ_peers as peers
import differ_rules as rules
import differ_zones as zones
import wire
from conftest import SECRET
from wire import RD, TC

# WORLDS=first-seed:count makes other random worlds, or more.
FIRST, COUNT = (int(part) for part in os.environ.get("WORLDS", "1:40").split(":"))
SHOWN = 20
KEY = dns.tsig.Key("bench", SECRET, "hmac-sha256")


class Server:
    """One of the servers and its answers; truncated ones are asked again by TCP."""

    def __init__(self, name, where):
        self.name = name
        self.where = where

    def ask(self, questions):
        """The parsed answers; questions are (name, type), both as in a message."""
        queries = [wire.query(qname, rdtype, flags=RD, opt=wire.opt_record(4096))
                   for qname, rdtype in questions]
        answers = [data for at in range(0, len(queries), 60000)
                   for data in wire.ask_many(self.where, queries[at:at + 60000])]
        return [self.parse(data, question) for data, question in zip(answers, questions)]

    def parse(self, data, question):
        qname, rdtype = question
        try:
            message = wire.parse(data)
            if message.has(TC):
                message = wire.ask_tcp(self.where, qname, rdtype, flags=RD,
                                       opt=wire.opt_record(4096))
        except wire.Malformed as wrong:
            raise AssertionError(f"{self.name}: {wire.text(qname)} {rdtype}: {wrong}") from None
        return message

    def ask_one(self, qname, rdtype):
        return self.ask([(qname, rdtype)])[0]


class Field:
    """All servers with the same zones, and the differences found."""

    def __init__(self, worlds, ours, others, refused):
        self.worlds = worlds
        self.ours = ours
        self.others = others
        self.zones = rules.Zones(worlds)
        self.judge = rules.Judge(self.zones, refused)
        self.found = []

    def compare(self):
        """Asks everything; returns what is wrong, as texts."""
        for world in self.worlds:
            questions = [(qname, int(dns.rdatatype.from_text(rdtype)))
                         for qname, rdtype in world.questions]
            answers = self.ours.ask(questions)
            self.compare_again(world, questions, answers)
            for ours, question in zip(answers, questions):
                for fault in rules.faults(self.zones, ours, *question):
                    self.tell(world, question, f"{fault}\n{rules.as_answer(ours, self.zones)}")
            for peer in self.others:
                for ours, theirs, question in zip(answers, peer.ask(questions), questions):
                    difference = self.judge.difference(ours, peer, theirs, *question)
                    if difference:
                        self.tell(world, question, difference)
        return self.found

    def compare_again(self, world, questions, answers):
        """Asks weftd again in another case: an answer from the cache must equal the first one."""
        again = self.ours.ask([(qname.swapcase(), rdtype) for qname, rdtype in questions])
        for first, second, question in zip(answers, again, questions):
            if rules.as_answer(first, self.zones) != rules.as_answer(second, self.zones) \
                    or set(first.additional) != set(second.additional):
                self.tell(world, question, f"asked again {rules.as_answer(second, self.zones)}")

    def tell(self, world, question, what):
        qname, rdtype = question
        self.found.append(f"{world.name}: {wire.text(qname)} "
                          f"{dns.rdatatype.to_text(dns.rdatatype.RdataType.make(rdtype))}: {what}")


class Updater:
    """Brings zones of weftd to their records by updates instead of files."""

    def __init__(self, weftd, worlds):
        self.weftd = weftd
        self.ours = Server("weftd", weftd.where)
        self.worlds = worlds

    def send(self, update):
        answer = dns.query.tcp(update, self.weftd.address, 20, self.weftd.port)
        assert answer.rcode() == dns.rcode.NOERROR, f"{update}\n{answer}"

    def records(self, origin, text):
        """The records except those of the skeleton."""
        loaded = dns.zone.from_text(text, origin=origin, relativize=False, check_origin=False)
        has = set(zones.skeleton(text).splitlines())
        return [(owner, ttl, rdata) for owner, ttl, rdata in loaded.iterate_rdatas()
                if rdata.rdtype != dns.rdatatype.SOA
                and not (rdata.rdtype == dns.rdatatype.NS and owner == loaded.origin)
                and f"{owner} {ttl} IN {dns.rdatatype.to_text(rdata.rdtype)} {rdata}" not in has]

    def change(self, origin, records, do):
        """Adds or deletes the records, a few in each update."""
        for at in range(0, len(records), 5):
            update = dns.update.UpdateMessage(origin, keyring=KEY)
            for owner, ttl, rdata in records[at:at + 5]:
                do(update, owner, ttl, rdata)
            self.send(update)

    def run(self):
        """Brings the zones to their records, by way of other records that are removed again."""
        for world in self.worlds:
            questions = [(qname, int(dns.rdatatype.from_text(rdtype)))
                         for qname, rdtype in world.questions]
            for origin, text in world.zones:
                seed = int(world.name[1:].split(".")[0])
                other = self.records(origin, zones.another(seed, origin))
                self.change(origin, other, lambda u, owner, ttl, rdata: u.add(owner, ttl, rdata))
                self.ours.ask(questions)
                self.change(origin, other, lambda u, owner, ttl, rdata: u.delete(owner, rdata))
                self.ours.ask(questions)
            for origin, text in world.zones:
                self.change(origin, self.records(origin, text),
                            lambda u, owner, ttl, rdata: u.add(owner, ttl, rdata))


def check(worlds, make_weftd, tmp_path, by_update=False):
    """Starts weftd and the peers with the worlds' zones and compares all answers."""
    weftd = make_weftd()
    own_file = zones.skeleton if by_update else str
    files = []
    for world in worlds:
        for name, text in world.zones:
            weftd.zone(own_file(text), name)
            path = tmp_path / f"{name}.zone"
            path.write_text(text)
            files.append((name, str(path)))
    weftd.configure({name: "update: {key: bench}" for name, _ in files}, "udp-payload: 4096")
    started = []
    try:
        for name in peers.PROGRAMS:
            started.append(peers.Peer(name, tmp_path / name, files))
        weftd.start()
        if by_update:
            Updater(weftd, worlds).run()
        for peer in started:
            peer.wait()
        others = [Server(peer.name, peer.where) for peer in started]
        refused = {peer.name: peer.refused() for peer in started}
        for name, names in refused.items():
            assert len(names) <= len(files) // 20, f"{name} does not load {sorted(names)}"
        field = Field(worlds, Server("weftd", weftd.where), others, refused)
        found = field.compare()
    finally:
        for peer in started:
            peer.stop()
    assert not found, "\n".join([f"{len(found)} differences", *found[:SHOWN]])


pytestmark = pytest.mark.skipif(bool(peers.missing()), reason=f"without {peers.missing()}")


def test_zones_by_hand_are_answered_as_by_others(make_weftd, tmp_path):
    check(zones.hands(), make_weftd, tmp_path)


def test_the_root_zone_is_answered_as_by_others(make_weftd, tmp_path):
    check([zones.root()], make_weftd, tmp_path)


def test_random_zones_are_answered_as_by_others(make_weftd, tmp_path):
    check(zones.randoms(FIRST, COUNT), make_weftd, tmp_path)


def test_zones_made_by_updates_are_answered_as_by_others(make_weftd, tmp_path):
    check(zones.randoms(FIRST + 5000, max(COUNT // 2, 1)), make_weftd, tmp_path, by_update=True)
