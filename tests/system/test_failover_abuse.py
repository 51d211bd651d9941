# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What a registry that lies can do to a program: cost it the time of one call and a bounded amount of
memory, and no more. With a second registry that is well, not even that call."""

import contextlib
import random
import struct
import threading
import time

import pytest

import push_server
import wire
from calling import Caller
from conftest import is_sanitized
from failover import rss_bytes
from test_find_watch import Registry as PushRegistry
from lying import A, CNAME, PTR, SRV, TXT, Answering, Registry, message, question, record, srv
from wire import frame, name

TYPE = "_http._tcp.lab.cloud."
DEADLINE_MS, SLACK_S = 2000, 8      # a busy machine, a sanitizer
MEMORY = 64 << 20
ANSWER_MAX = 65535


def full(query, make):
    """An answer of as many records as fit into 64 KiB; `make` returns the n-th one."""
    records, nbytes, n = [], len(query), 0
    while True:
        one = make(n)
        nbytes += len(one)
        if nbytes > ANSWER_MAX:
            return message(query, records)
        records.append(one)
        n += 1


class Large(Answering):
    """Every answer has 64 KiB of records of the type that was asked for, at the name."""

    def answer(self, query):
        _, owner, rdtype = question(query)
        rdata = {
            PTR: lambda n: name(f"i{n}.{TYPE}"),
            SRV: lambda n: srv(1000 + n, f"h{n}.lab.cloud."),
            TXT: lambda n: b"\xff" + f"k{n}=".encode().ljust(255, b"x"),
        }.get(rdtype, lambda n: struct.pack("!I", 0x7f000001 + n))
        return full(query, lambda n: record(owner, rdtype, rdata(n)))


class OtherQuestions(Answering):
    def answer(self, query):
        return message(query, [record("x.lab.cloud.", A, bytes(4))],
                       asked=name("x.lab.cloud.") + b"\0\1\0\1")


class WrongIds(Answering):
    """Guesses: a hundred answers with other ids."""

    def answer(self, query):
        right = int.from_bytes(query[:2], "big")
        return [message(query, number=struct.pack("!H", (right + n) % 65536))
                for n in range(1, 100)]


class Loops(Answering):
    """Each name is an alias of the next one, and the last one of the first."""

    def answer(self, query):
        _, owner, _ = question(query)
        records = [record(owner, CNAME, name("a0.lab.cloud."))]
        records += [record(f"a{n}.lab.cloud.", CNAME, name(f"a{(n + 1) % 20}.lab.cloud."))
                    for n in range(20)]
        return message(query, records)


class Aliases(Answering):
    """A chain that is longer with each question."""

    def answer(self, query):
        _, owner, _ = question(query)
        return message(query, [record(owner, CNAME, name(f"a{self.nasked}.lab.cloud."))])

    def stream(self, connection, query):
        self.nasked += 1
        super().stream(connection, query)


class Listing(Answering):
    """As many instances as 64 KiB hold, by compressed names, each with a host of its own."""

    def answer(self, query):
        _, owner, rdtype = question(query)
        if rdtype == PTR:
            # c00c is the question's name
            return full(query, lambda n: b"\xc0\x0c" + struct.pack("!HHIH", PTR, 1, 60, 8) +
                        b"\x05" + f"{n:05d}".encode() + b"\xc0\x0c")
        if rdtype == SRV:
            return message(query, [record(owner, SRV, struct.pack("!HHH", 0, 0, 9)
                                          + b"\x01h" + owner)])
        if rdtype == A:
            return message(query, [record(owner, A, bytes([127, 0, 0, 1]))])
        return message(query)


class Truncated(Answering):
    """TC by UDP, and by TCP, for ever."""

    def answer(self, query):
        return message(query, flags=wire.TC)


class OneBytePerSecond(Registry):
    """TC by UDP; by TCP an answer that does not come to its end."""

    def datagram(self, query, client):
        self.udp.sendto(message(query, flags=wire.TC), client)

    def stream(self, connection, query):
        for byte in frame(Large.answer(self, query)):
            connection.sendall(bytes([byte]))
            threading.Event().wait(1)
            if self.is_over:
                return


class Endless(Registry):
    """By TCP a stream of messages that nobody has asked for."""

    def datagram(self, query, client):
        self.udp.sendto(message(query, flags=wire.TC), client)

    def stream(self, connection, query):
        wrong = struct.pack("!H", int.from_bytes(query[:2], "big") ^ 1)
        data = frame(message(query, number=wrong)) * 1000
        while not self.is_over:
            connection.sendall(data)


class Garbage(Registry):
    """Octets at full speed: a thousand datagrams for one, and a stream without end."""

    draw = random.Random(12)

    def datagram(self, query, client):
        for n in range(1000):
            data = self.draw.randbytes(self.draw.randrange(1, 1200))
            self.udp.sendto(query[:12] + data if n % 2 else data, client)

    def stream(self, connection, query):
        data = self.draw.randbytes(1 << 16)
        while not self.is_over:
            connection.sendall(data)


class Silent(Registry):
    """Accepts connections and takes questions."""


class Echo(Answering):
    """Sends back what it gets."""

    def answer(self, query):
        return query


LIARS = [Large, OtherQuestions, WrongIds, Loops, Aliases, Listing, Truncated, OneBytePerSecond, Endless,
         Garbage, Silent, Echo]
# What finds something all the same: a listing of instances is not a lie by its form.
FOUND = {Large, Listing}


@contextlib.contextmanager
def bounded(caller):
    """What happens within costs a bounded amount of memory."""
    caller.send("echo begun")
    caller.wait("begun")
    before = rss_bytes(caller)
    yield
    if not is_sanitized():      # which keeps what is freed
        assert rss_bytes(caller) - before < MEMORY


def timed(caller, command, expected):
    """Does a command. Returns its event, which comes soon after its deadline."""
    start = time.monotonic()
    caller.send(f"{command} {DEADLINE_MS}")
    event = caller.wait(expected)
    assert time.monotonic() - start < DEADLINE_MS / 1000 + SLACK_S
    return event


@pytest.mark.parametrize("liar", LIARS)
def test_a_liar_costs_the_time_of_a_call_and_little_memory(liar):
    with liar() as registry, Caller("-r", registry.text, "-d", "lab.cloud") as caller:
        with bounded(caller):
            for name_ in ("_http._tcp", "web-1._http._tcp", "db.lab.cloud:80"):
                event = timed(caller, f"find {name_}", "found|error")
                if event.word == "error":
                    assert event.words[0] in ("WEFT_E_NO_REGISTRY", "WEFT_E_ANSWER",
                                              "WEFT_E_TIMEOUT", "WEFT_E_NOT_FOUND"), event
                    assert len(event.words) > 1, event
                else:
                    assert liar in FOUND, event
        # The program itself is well.
        caller.send("echo still there")
        caller.wait("still")


@pytest.mark.parametrize("liar", LIARS)
def test_connecting_by_a_liar_ends(liar):
    with liar() as registry, Caller("-r", registry.text, "-d", "lab.cloud") as caller:
        with bounded(caller):
            event = timed(caller, "connect _http._tcp", "error")
            assert event.words[0] in ("WEFT_E_NO_REGISTRY", "WEFT_E_ANSWER", "WEFT_E_TIMEOUT",
                                      "WEFT_E_NOT_FOUND", "WEFT_E_UNREACHABLE"), event
            assert len(event.text) < 1000


@pytest.mark.parametrize("liar", [liar for liar in LIARS if liar not in (*FOUND, Loops, Aliases)])
def test_the_answer_of_the_next_registry_is_used(make_weftd, liar):
    weftd = make_weftd()
    weftd.zone("$ORIGIN lab.cloud.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n"
               "ns A 127.0.0.1\n_http._tcp PTR web-1._http._tcp\n"
               "web-1._http._tcp SRV 0 0 80 ns\nweb-1._http._tcp TXT a=b\n")
    weftd.configure().start()
    with liar() as registry:
        registries = f"{registry.text} {weftd.address}@{weftd.port}"
        with Caller("-r", registries, "-d", "lab.cloud") as caller:
            for name_ in ("_http._tcp", "web-1._http._tcp", "ns:80"):
                caller.send(f"find {name_} 20000")
                assert caller.wait("found|error").text == "found 1", caller.events


@pytest.mark.parametrize("liar", LIARS)
def test_a_watch_at_a_liar_costs_little(liar):
    with liar() as registry, Caller("-r", registry.text, "-d", "lab.cloud") as caller:
        with bounded(caller):
            caller.send("watch _http._tcp", "watch web-1._http._tcp", "connector _http._tcp",
                        "wait 2500")
            caller.wait("waited")
        caller.send("unwatch", "echo unwatched")
        caller.wait("unwatched")


# ---- DNS Push ----



@pytest.fixture
def pushed():
    """A registry that pushes, and a caller that watches it."""
    registry = PushRegistry()
    with Caller("-r", registry.text, "-d", "lab.cloud") as caller:
        caller.send("watch _http._tcp")
        session = registry.session(interval_ms=10000)
        session.answer(session.subscription())
        with bounded(caller):
            yield caller, session
    registry.close()


def is_well(caller):
    caller.send("echo well")
    caller.wait("well")
    assert caller.process.poll() is None


def send_until_ended(session, data, most):
    """Sends until the client ends the session, or `most` octets. Returns how many were sent."""
    nbytes = 0
    with contextlib.suppress(OSError):
        while nbytes < most:
            session.sock.sendall(data)
            nbytes += len(data)
    return nbytes


def test_a_push_message_that_never_ends(pushed):
    caller, session = pushed
    session.sock.sendall(struct.pack("!H", 65535))
    session.sock.sendall(push_server.dso(0, struct.pack("!HH", push_server.PUSH, 65519)))
    session.sock.sendall(bytes(40000))
    is_well(caller)


def test_pushed_records_without_end(pushed):
    """Records of names that were not subscribed to, and of the one that was."""
    caller, session = pushed
    number = 0
    with contextlib.suppress(OSError):
        for _ in range(2500):
            notices = []
            for _ in range(200):
                number += 1
                notices.append(push_server.notice(TYPE, PTR, 60, name(f"i{number}.{TYPE}")))
            session.send(push_server.push(*notices))
    is_well(caller)


@pytest.mark.parametrize("data", [
    bytes(1 << 16), b"\xff" * (1 << 16), frame(push_server.push()) * 1000,
    frame(push_server.dso(0, push_server.tlv(push_server.KEEPALIVE, b"x"))),
    frame(push_server.dso(0, push_server.retry_delay(0))),
    frame(push_server.push(push_server.notice("x.lab.cloud.", A, 60, bytes(4)))) * 1000,
    frame(push_server.push(push_server.notice(TYPE, PTR, 60, b"\xc0\x00"))),
], ids=["zeros", "ones", "empty", "keepalive", "retry", "unasked", "pointer"])
def test_push_messages_that_make_no_sense(pushed, data):
    caller, session = pushed
    send_until_ended(session, data, 8 << 20)
    is_well(caller)


# ---- instances ----

def test_a_thousand_instances_that_refuse_end_in_one_error(make_weftd):
    weftd = make_weftd()
    weftd.zone("$ORIGIN lab.cloud.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n"
               "ns A 127.0.0.1\n" + "".join(
                   f"_http._tcp PTR w{n}._http._tcp\nw{n}._http._tcp SRV 0 0 9 ns\n"
                   f"w{n}._http._tcp TXT n={n}\n" for n in range(1000)))
    weftd.configure().start()
    with Caller("-r", f"{weftd.address}@{weftd.port}", "-d", "lab.cloud") as caller:
        with bounded(caller):
            start = time.monotonic()
            caller.send("repeat 3 0 connect _http._tcp 20000")
            for _ in range(3):
                error = caller.wait("error|connected")
                assert error.words[0] == "WEFT_E_UNREACHABLE" and len(error.text) < 1000
            assert time.monotonic() - start < 60
