# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weftd's answers compared with those of BIND, NSD and Knot, which load the same zone files."""

import os

import dns.rdatatype
import pytest

import differ_peers as peers
import differ_rules as rules
import differ_wire as wire
import differ_zones as zones
from differ_wire import RD, TC

# WORLDS=first-seed:count makes other random worlds, or more.
FIRST, COUNT = (int(part) for part in os.environ.get("WORLDS", "1:40").split(":"))
SHOWN = 20


class Server:
    """One of the servers and its answers, asked again by TCP where they did not fit."""

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
    """All servers with the same zones, and what was found."""

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
            for ours, question in zip(answers, questions):
                for fault in rules.faults(self.zones, ours, *question):
                    self.tell(world, question, f"{fault}\n{rules.as_answer(ours, self.zones)}")
            for peer in self.others:
                for ours, theirs, question in zip(answers, peer.ask(questions), questions):
                    difference = self.judge.difference(ours, peer, theirs, *question)
                    if difference:
                        self.tell(world, question, difference)
        return self.found

    def tell(self, world, question, what):
        qname, rdtype = question
        self.found.append(f"{world.name}: {wire.text(qname)} "
                          f"{dns.rdatatype.to_text(dns.rdatatype.RdataType.make(rdtype))}: {what}")


def check(worlds, make_weftd, tmp_path):
    """Starts weftd and the peers with the worlds' zones and compares all answers."""
    weftd = make_weftd()
    files = [(name, str(weftd.zone(text, name))) for world in worlds for name, text in world.zones]
    weftd.configure({name: "" for name, _ in files}, "udp-payload: 4096")
    started = []
    try:
        for name in peers.PROGRAMS:
            started.append(peers.Peer(name, tmp_path / name, files))
        weftd.start()
        for peer in started:
            peer.wait()
        others = [Server(peer.name, peer.where) for peer in started]
        refused = {peer.name: peer.refused() for peer in started}
        for name, names in refused.items():
            assert len(names) <= len(files) // 20, f"{name} does not load {sorted(names)}"
        field = Field(worlds, Server("weftd", (weftd.address, weftd.port)), others, refused)
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
