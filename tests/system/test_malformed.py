# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Malformed messages: FORMERR, NOTIMP or silence, and weftd goes on."""

import contextlib
import itertools
import os
import random
import select
import socket
import struct

import pytest

import wire
from conftest import ZONE
from updates import BENCH, record, update
from waiting import attempts
from wire import FORMERR, NOERROR, NOTIMP, QR, RD, REFUSED

NOTZONE = 10
UPDATE = 5 << 11

RICH = ZONE + """\
*.wild TXT wild
ali CNAME ns
dn DNAME nodes
cut NS ns.cut
ns.cut A 127.0.0.3
_http._tcp PTR web._http._tcp
web._http._tcp SRV 0 0 80 n1.nodes
web._http._tcp TXT "id=1"
"""


@pytest.fixture
def weftd(make_weftd):
    """A weftd that must run through the whole test, and log no error."""
    server = make_weftd()
    server.zone(RICH)
    server.configure().start()
    pid = server.process.pid
    yield server
    assert server.is_running() and server.process.pid == pid
    for by in (wire.ask, wire.ask_tcp):
        assert by(server.where, "ns.lab.cloud.", "A").answer
    assert " error " not in server.log(), server.log()


def a_query():
    return wire.query("web._http._tcp.lab.cloud.", "SRV", number=4711, flags=RD,
                      opt=wire.opt_record(1232, options=[(3, b""), (10, b"client!!"),
                                                         (65001, b"abc")]))


def an_update(is_signed=True):
    prerequisites = ["ns 0 ANY A", "none 0 NONE ANY"]
    lines = ["new 60 IN SRV 0 0 80 n1.nodes", "old 0 ANY TXT"]
    message = update(list(map(record, prerequisites)), list(map(record, lines)))
    return signed(message) if is_signed else message


def signed(message):
    """Signs the message, however malformed it is."""
    return BENCH.sign(message)[0]


def send_all(weftd, messages, window=32):
    """Sends each message as a datagram. Returns the answers that come, as (message, answer).

    Each message has a socket of its own, by which its answer is found: message ids are not
    changed."""
    pairs, messages = [], iter(messages)
    while flying := {wire.udp_socket(weftd.where): message
                     for message in itertools.islice(messages, window)}:
        for sock, message in flying.items():
            sock.send(message)
        with wire.udp_socket(weftd.where) as last:
            # Another worker may answer the last message first: so the others get a little more
            # time.
            last.send(wire.query("ns.lab.cloud.", "A"))
            last.settimeout(10)
            last.recv(4096)
        while flying and (ready := select.select(list(flying), [], [], 0.05)[0]):
            for sock in ready:
                pairs.append((flying.pop(sock), sock.recv(65535)))
                sock.close()
        for sock in flying:
            sock.close()
    return pairs


def check(pairs, rcodes=None):
    """Checks what must hold for the answer to any message."""
    for message, answer in pairs:
        got = wire.parse(answer)
        assert len(message) >= 12, message.hex()
        number, flags = struct.unpack_from("!HH", message)
        assert not flags & QR, message.hex()
        assert got.number == number and got.has(QR), message.hex()
        assert got.flags & 0x7800 == flags & 0x7800 and got.flags & RD == flags & RD
        assert rcodes is None or got.rcode in rcodes, (message.hex(), got.rcode)


# ---- cut short -----------------------------------------------------------------------------------

@pytest.mark.parametrize("make", [a_query, an_update, lambda: an_update(False)],
                         ids=["query", "signed update", "update"])
def test_messages_cut_off_anywhere_are_format_errors(weftd, make):
    whole = make()
    pairs = send_all(weftd, [whole[:length] for length in range(len(whole))])
    check(pairs, {FORMERR})
    assert sorted(len(message) for message, _ in pairs) == list(range(12, len(whole)))
    assert "new" not in weftd.dig("AXFR", "lab.cloud") and not weftd.dig("new.lab.cloud", "SRV")


def test_octets_after_the_message_are_a_format_error(weftd):
    for make in (a_query, an_update):
        for tail in (b"\0", b"\0" * 11, b"x" * 500):
            pairs = send_all(weftd, [make() + tail])
            assert len(pairs) == 1
            check(pairs, {FORMERR})


def test_a_datagram_without_a_header_gets_no_answer(weftd):
    assert send_all(weftd, [b"", *(os.urandom(length) for length in range(12))]) == []


# ---- wrong counts --------------------------------------------------------------------------------

def test_wrong_counts_are_format_errors(weftd):
    plain = wire.query("ns.lab.cloud.", "A")
    messages = []
    for place in range(4):
        for count in (0, 1, 2, 3, 255, 256, 32767, 65535):
            counts = [1, 0, 0, 0]
            if counts[place] != count:
                counts[place] = count
                messages.append(plain[:4] + struct.pack("!4H", *counts) + plain[12:])
    pairs = send_all(weftd, messages)
    assert len(pairs) == len(messages)
    check(pairs, {FORMERR})


def test_wrong_counts_of_an_update_are_format_errors(weftd):
    whole = an_update(False)
    counts = struct.unpack_from("!4H", whole, 4)
    messages = []
    for place in range(4):
        for count in (0, 1, 5, 65535):
            if counts[place] != count:
                changed = list(counts)
                changed[place] = count
                messages.append(whole[:4] + struct.pack("!4H", *changed) + whole[12:])
    pairs = send_all(weftd, messages)
    assert len(pairs) == len(messages)
    # If one section is shorter and the next longer by as much, it is another valid update, which
    # needs a signature: it is refused.
    check(pairs, {FORMERR, REFUSED, NOTZONE})
    assert not weftd.dig("new.lab.cloud", "SRV")


def test_a_query_with_records_in_answer_or_authority_is_a_format_error(weftd):
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes(4)
    plain = wire.query("ns.lab.cloud.", "A")
    for counts in ((1, 1, 0, 0), (1, 0, 1, 0)):
        pairs = send_all(weftd, [plain[:4] + struct.pack("!4H", *counts) + plain[12:] + record])
        assert len(pairs) == 1
        check(pairs, {FORMERR})
    # Another record in the additional section is ignored.
    got = wire.parse(send_all(weftd, [plain[:4] + struct.pack("!4H", 1, 0, 0, 1) + plain[12:]
                                      + record])[0][1])
    assert got.rcode == NOERROR and got.answer


# ---- names ---------------------------------------------------------------------------------------

def pointer(to):
    return struct.pack("!H", 0xc000 | to)


# Functions of the offset of the name, where that matters.
BAD_NAMES = {
    "itself": pointer, "forward": lambda at: pointer(at + 2), "behind the end": b"\xff\xff",
    "into itself": lambda at: pointer(at + 1), "label and back": lambda at: b"\1a" + pointer(at),
    "to a pointer to itself": lambda at: pointer(at + 2) + pointer(at), "half a pointer": b"\xc0",
    "label type 01": b"\x41" + b"a" * 65 + b"\0", "label type 10": b"\x81" + b"a" * 65 + b"\0",
    "256 octets": (b"\x3f" + b"a" * 63) * 3 + b"\x3e" + b"a" * 62 + b"\1a" + b"\0",
    "far too long": (b"\x3f" + b"a" * 63) * 7 + b"\0", "many labels": b"\1a" * 200 + b"\0",
    "label behind the end": b"\x3fab", "without end": b"\3abc",
}


@pytest.mark.parametrize("make", BAD_NAMES.values(), ids=BAD_NAMES)
def test_bad_names_are_format_errors_wherever_they_stand(weftd, make):
    def bad(at):
        return make(at) if callable(make) else make
    tail = struct.pack("!HHIH", 1, 1, 60, 4) + bytes(4)
    plain, zone = wire.query("ns.lab.cloud.", "A"), wire.query("lab.cloud.", "SOA", flags=UPDATE)

    def counted(message, *counts):
        return message[:4] + struct.pack("!4H", 1, *counts) + message[12:]
    messages = [plain[:12] + bad(12) + plain[-4:], zone[:12] + bad(12) + zone[-4:],
                counted(plain, 0, 0, 1) + bad(len(plain)) + tail,
                counted(plain, 0, 0, 1) + bad(len(plain))]
    pairs = send_all(weftd, messages)
    assert len(pairs) == len(messages)
    check(pairs, {FORMERR})
    rdata = bad(len(zone) + 11)
    messages = [counted(zone, 1, 0, 0) + bad(len(zone)) + tail,
                counted(zone, 0, 1, 0) + bad(len(zone)) + tail,
                counted(zone, 0, 1, 0) + b"\0" + struct.pack("!HHIH", 5, 1, 60, len(rdata)) + rdata]
    pairs = send_all(weftd, messages)
    assert len(pairs) == len(messages)
    check(pairs, {FORMERR, REFUSED})    # an update that is refused anyway is not parsed further
    pairs = send_all(weftd, [signed(message) for message in messages])
    assert len(pairs) == len(messages)
    check(pairs, {FORMERR})


def test_signed_updates_with_bad_rdata_are_format_errors(weftd):
    """A key that may update everything still cannot add malformed records."""
    zone = wire.query("lab.cloud.", "SOA", flags=UPDATE, number=99)
    head = zone[:4] + struct.pack("!4H", 1, 0, 1, 0) + zone[12:]
    own = wire.name("bad.lab.cloud.")

    def put(rdtype, rdata, length=None):
        length = len(rdata) if length is None else length
        return signed(head + own + struct.pack("!HHIH", rdtype, 1, 60, length) + rdata)
    bad = [put(1, b""), put(1, b"abc"), put(1, b"abcde"), put(28, b"x" * 15), put(28, b"x" * 17),
           put(5, b""), put(5, b"\3abc"), put(5, b"\xc0\xff"), put(5, b"\0\0"), put(2, b"\1a"),
           put(15, b"\0"), put(15, b"\0\1"), put(15, b"\0\1\1a\0x"), put(33, b"\0\0\0\0\0"),
           put(33, b"\0\0\0\0\0\0"), put(16, b""), put(16, b"\5abc"), put(16, b"\3abc\1"),
           put(12, b"\xc0\x0c\0"), put(6, b"\0\0" + b"x" * 19), put(6, b"\0\0" + b"x" * 21),
           put(39, b"\1a"), put(64, b"\0\1"), put(65, b"\0\1\0\0\1\0\5x"),
           put(65, b"\0\1\0\0\3\0\2\0\1\0\1\0\1\2")]
    for message in bad:
        pairs = send_all(weftd, [message])
        assert len(pairs) == 1
        got = wire.parse(pairs[0][1])
        assert got.rcode == FORMERR, message.hex()
    assert not weftd.dig("bad.lab.cloud", "ANY")
    # A valid update shows that the signature was not the reason.
    assert wire.parse(send_all(weftd, [put(1, b"\1\2\3\4")])[0][1]).rcode == NOERROR
    assert weftd.dig("bad.lab.cloud", "A") == "1.2.3.4\n"


# ---- random and extreme messages -----------------------------------------------------------------

def mutated(rng, message):
    data = bytearray(message)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        kind = rng.random()
        place = rng.randrange(len(data))
        if kind < 0.5:
            data[place] = rng.choice([0, 1, 0x3f, 0x40, 0x80, 0xc0, 0xff, rng.randrange(256)])
        elif kind < 0.7:
            del data[place:place + rng.choice([1, 2, 10])]
        elif kind < 0.9:
            data[place:place] = rng.randbytes(rng.choice([1, 2, 10]))
        else:
            data[place:place + 2] = struct.pack("!H", rng.choice([0, 1, 0xc00c, 0xffff]))
        if not data:
            return b""
    return bytes(data)


def test_random_bytes_do_no_harm(weftd):
    rng = random.Random(1)
    messages = [rng.randbytes(rng.choice([12, 13, 17, 30, 100, 512, 1400])) for _ in range(1000)]
    messages += [struct.pack("!HHHHHH", i, rng.choice([0, RD, UPDATE]), 1, 0, 0, rng.randrange(3))
                 + rng.randbytes(rng.randrange(60)) for i in range(1000)]
    check(send_all(weftd, messages, 100))


def test_spoiled_queries_and_updates_do_no_harm(weftd):
    rng = random.Random(2)
    seeds = [a_query(), an_update(), an_update(False), wire.query("x.wild.lab.cloud.", "TXT"),
             wire.query("a.dn.lab.cloud.", "A"), wire.query("www.cut.lab.cloud.", "A"),
             wire.query("_http._tcp.lab.cloud.", "PTR", opt=wire.opt_record()),
             wire.query("version.bind.", "TXT", rdclass=3), wire.query("lab.cloud.", "AXFR")]
    messages = [mutated(rng, rng.choice(seeds)) for _ in range(4000)]
    check(send_all(weftd, [m for m in messages if m], 100))


def test_bad_messages_by_tcp_are_answered_and_the_connection_goes_on_or_ends(weftd):
    rng = random.Random(3)
    seeds = [a_query(), an_update(), wire.query("lab.cloud.", "AXFR")]
    for _ in range(60):
        with wire.connect(weftd.where, 10) as sock:
            for _ in range(20):
                message = mutated(rng, rng.choice(seeds))
                try:
                    sock.sendall(wire.frame(message))
                except (BrokenPipeError, ConnectionResetError):
                    break
            with contextlib.suppress(OSError):      # a fatal message of DSO: reset already
                sock.shutdown(socket.SHUT_WR)
            with pytest.raises((EOFError, ConnectionResetError)):
                for _ in attempts("end of the connection"):
                    wire.parse(wire.read_frame(sock))


def test_empty_and_tiny_tcp_messages_do_no_harm(weftd):
    for length in range(12):
        with wire.connect(weftd.where, 10) as sock:
            sock.sendall(wire.frame(bytes(length)))
            sock.shutdown(socket.SHUT_WR)
            assert sock.recv(100) == b""


def test_the_worst_of_many_options_and_records_is_answered_in_time(weftd):
    """64 KiB of small options and records in one message by TCP."""
    many = wire.opt_record(1232, options=[(65001, b"")] * 16000)
    got = wire.ask_tcp(weftd.where, "ns.lab.cloud.", "A", opt=many)
    assert got.answer and got.options() == []
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 0)
    got = wire.ask_tcp(weftd.where, "ns.lab.cloud.", "A", opt=record * 5000, nopts=5000)
    assert got.rcode in (NOERROR, FORMERR)
    deep = b"".join(b"\1a\xc0" + bytes([12]) for _ in range(5))
    got = wire.ask_tcp(weftd.where, "ns.lab.cloud.", "A", opt=deep, nopts=5)
    assert got.rcode == FORMERR


@pytest.mark.parametrize("opcode", [0, 1, 4, 5, 6])
def test_a_message_without_a_question_is_a_format_error_or_not_implemented(weftd, opcode):
    pairs = send_all(weftd, [struct.pack("!HHHHHH", 7, opcode << 11, 0, 0, 0, 0)])
    assert len(pairs) == 1
    check(pairs, {FORMERR} if opcode in (0, 5) else {FORMERR, NOTIMP})
