# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""How `weft subscribe` finds a server (RFC 8765 section 6.1), and how it asks resolvers, which are the
test's: question by question."""

import socket
import struct

import pytest

import push_server
import wire
from loopback import free_address
from push_server import A, AAAA, IN, SRV, notice, srv
from waiting import LIMIT_S
from wire import name

SOA, NXDOMAIN, SERVFAIL, REFUSED = 6, 3, 2, 5
HOST = "n1.nodes.lab.cloud"
PUSH = "_dns-push-tls._tcp.lab.cloud"
SOA_RDATA = name("ns.lab.cloud") + name("hostmaster.lab.cloud") + struct.pack(
    "!IIIII", 1, 3600, 600, 86400, 5)
ADDRESS = bytes([192, 0, 2, 1])
record = notice     # a record of a message and a change notification have the same form


class Resolver:
    """A DNS server over UDP and TCP that answers what the test wants."""

    def __init__(self):
        self.where = free_address()
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.bind(self.where)
        self.udp.settimeout(LIMIT_S)
        self.tcp = socket.create_server(self.where)
        self.tcp.settimeout(LIMIT_S)
        self.client = None

    def question(self):
        """Waits for a query, and returns its name and type as text and number."""
        self.query, self.client = self.udp.recvfrom(4096)
        return self._question()

    def question_by_tcp(self):
        self.client = self.tcp.accept()[0]
        self.client.settimeout(LIMIT_S)
        self.query = wire.read_frame(self.client)
        return self._question()

    def refuse_push(self):
        """Has no DNS Stateful Operations: where a zone has no servers, the resolver is tried, too."""
        session = push_server.Session(self.tcp.accept()[0])
        session.answer(session.read(), rcode=4)
        assert session.is_ended()

    def _question(self):
        message = wire.parse(self.query)
        assert message.has(wire.RD) and message.opt is not None
        return wire.text(message.question[0]).lower().rstrip("."), message.question[1]

    def answer(self, *answer, authority=(), additional=(), rcode=0, flags=0, number=None,
               question=None):
        qname, rdtype = self._question() if question is None else question
        number = struct.unpack_from("!H", self.query)[0] if number is None else number
        data = struct.pack("!HHHHHH", number, 0x8180 | flags | rcode, 1, len(answer),
                           len(authority), len(additional))
        data += name(qname) + struct.pack("!HH", rdtype, IN)
        data += b"".join([*answer, *authority, *additional])
        if isinstance(self.client, socket.socket):
            self.client.sendall(wire.frame(data))
            self.client.close()
        else:
            self.udp.sendto(data, self.client)

    def close(self):
        self.udp.close()
        self.tcp.close()

    @property
    def text(self):
        return "@".join(map(str, self.where))


@pytest.fixture
def resolver():
    one = Resolver()
    yield one
    one.close()


@pytest.fixture
def follow(resolver):
    followers = []

    def start(*args, registry=None):
        followers.append(push_server.Follower(
            "subscribe", *args, env={"WEFT_REGISTRY": registry or resolver.text}))
        return followers[-1]

    yield start
    for follower in followers:
        follower.kill()


def soa(owner):
    return record(owner, SOA, 60, SOA_RDATA)


def test_the_zone_is_found_label_by_label_and_servers_by_priority(resolver, follow):
    follow(HOST, "A")
    first, second = push_server.Server(), push_server.Server()
    assert resolver.question() == (HOST, SOA)
    resolver.answer(rcode=NXDOMAIN)
    assert resolver.question() == ("nodes.lab.cloud", SOA)
    resolver.answer(authority=[soa("example.com")])     # not above the name
    assert resolver.question() == ("lab.cloud", SOA)
    resolver.answer(soa("lab.cloud"))
    assert resolver.question() == (PUSH, SRV)
    resolver.answer(record(PUSH, SRV, 60, srv(second.where[1], "b.lab.cloud", 20)),
                    record(PUSH, SRV, 60, srv(853, ".", 5)),      # not offered there
                    record(PUSH, SRV, 60, srv(first.where[1], "a.lab.cloud", 10)))
    for host, server in (("a.lab.cloud", first), ("b.lab.cloud", second)):
        assert resolver.question() == (host, AAAA)
        resolver.answer(authority=[soa("lab.cloud")])
        assert resolver.question() == (host, A)
        resolver.answer(record(host, A, 60, socket.inet_aton(server.where[0])))
    for server in (first, second):
        session = server.accept()
        assert session.sock.recv(5)[0] == 22        # a TLS handshake
        session.reset()
        server.close()


def test_the_authority_section_is_a_short_cut_and_additional_addresses_are_used(resolver, follow):
    server = push_server.Server()
    follow(HOST, "A")
    resolver.question()
    resolver.answer(authority=[soa("lab.cloud")], rcode=NXDOMAIN)
    assert resolver.question() == (PUSH, SRV)
    resolver.answer(record(PUSH, SRV, 60, srv(server.where[1], "a.lab.cloud")),
                    additional=[record("a.lab.cloud", A, 60, socket.inet_aton(server.where[0]))])
    session = server.accept()
    hello = session.sock.recv(4096)
    assert b"a.lab.cloud" in hello and b"dot" in hello     # SNI and ALPN
    server.close()


def test_a_zone_without_servers_is_polled_at_the_resolver(resolver, follow):
    follower = follow(HOST, "A")
    resolver.question()
    resolver.answer(authority=[soa("lab.cloud")])
    resolver.question()
    resolver.answer(authority=[soa("lab.cloud")], rcode=NXDOMAIN)
    resolver.refuse_push()
    assert resolver.question() == (HOST, A)
    resolver.answer(record(HOST, A, 1, ADDRESS))
    line = follower.state("poll")
    assert (line["name"], line["server"]) == ("lab.cloud.", resolver.text)
    assert "no DNS Stateful Operations there" in line["why"]
    assert follower.change()["rdata"] == "192.0.2.1"
    seen = set()
    while (HOST, A) not in seen:        # and the zone is looked up again
        seen.add(resolver.question())
        if (HOST, A) in seen:
            resolver.answer(record(HOST, A, 0, ADDRESS), record(HOST, A, 9, bytes(4)))
        else:
            resolver.answer(authority=[soa("lab.cloud")])
    assert follower.change()["rdata"] == "0.0.0.0"      # the age of the other does not matter


def test_a_name_without_a_zone_is_polled(resolver, follow):
    follower = follow("lab.cloud", "A")
    assert resolver.question() == ("lab.cloud", SOA)
    resolver.answer(rcode=NXDOMAIN)
    resolver.refuse_push()
    assert resolver.question() == ("lab.cloud", A)
    resolver.answer(rcode=NXDOMAIN)
    assert follower.state("poll")["name"] == "lab.cloud."


def test_a_truncated_answer_is_asked_for_by_tcp(resolver, follow):
    follower = follow("lab.cloud", "A")
    resolver.question()
    resolver.answer(flags=wire.TC)
    assert resolver.question_by_tcp() == ("lab.cloud", SOA)
    resolver.answer(rcode=NXDOMAIN)
    resolver.refuse_push()
    assert resolver.question() == ("lab.cloud", A)
    resolver.answer(flags=wire.TC)
    assert resolver.question_by_tcp() == ("lab.cloud", A)
    resolver.answer(record("lab.cloud", A, 60, ADDRESS))
    assert follower.change()["rdata"] == "192.0.2.1"


def test_answers_to_other_questions_are_ignored(resolver, follow):
    follower = follow("lab.cloud", "A")
    resolver.question()
    resolver.answer(rcode=NXDOMAIN)
    resolver.question()
    number = struct.unpack_from("!H", resolver.query)[0]
    lie = record("lab.cloud", A, 60, bytes([6, 6, 6, 6]))
    resolver.answer(lie, number=number ^ 1)
    resolver.answer(lie, question=("lab.example", A))
    resolver.answer(lie, question=("lab.cloud", AAAA))
    resolver.udp.sendto(b"\0" * 11, resolver.client)
    resolver.answer(record("other.cloud", A, 60, bytes([6, 6, 6, 6])),
                    record("lab.cloud", A, 60, ADDRESS))
    assert follower.change()["rdata"] == "192.0.2.1"


@pytest.mark.parametrize("rcode", [SERVFAIL, REFUSED])
def test_a_resolver_that_refuses_is_passed_over(resolver, follow, rcode):
    second = Resolver()
    try:
        follower = follow("lab.cloud", "A", registry=f"{resolver.text},{second.text}")
        for _ in range(2):
            resolver.question()
            resolver.answer(rcode=rcode)
            second.question()
            second.answer(record("lab.cloud", A, 60, ADDRESS))
        assert follower.change()["rdata"] == "192.0.2.1"
    finally:
        second.close()


def test_a_resolver_that_is_silent_or_away_is_passed_over(resolver, follow):
    silent, away = Resolver(), Resolver()
    away.close()
    try:
        follower = follow("lab.cloud", "A",
                          registry=f"{away.text} {silent.text} {resolver.text}")
        for _ in range(2):
            resolver.question()
            resolver.answer(record("lab.cloud", A, 60, ADDRESS))
        assert follower.change()["rdata"] == "192.0.2.1"
    finally:
        silent.close()


def test_failed_polls_keep_what_is_known(resolver, follow):
    follower = follow("lab.cloud", "A")
    resolver.question()
    resolver.answer(rcode=NXDOMAIN)
    resolver.question()
    resolver.answer(record("lab.cloud", A, 0, ADDRESS))
    follower.change()
    for _ in range(2):
        assert resolver.question() == ("lab.cloud", A)
        resolver.answer(rcode=SERVFAIL)
    while resolver.question() != ("lab.cloud", A):
        resolver.answer(rcode=NXDOMAIN)
    resolver.answer(rcode=NXDOMAIN)
    assert follower.change()["event"] == "remove"
