# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A session as tshark(1) decodes it: an implementation of RFC 8490 that others wrote must find in
each message what dso.py finds, and nothing malformed."""

import shutil
import signal
import struct
import subprocess

import pytest

import dso
from pushing import begin, change, follow, fresh, prepare
from waiting import LIMIT_S
from wire import NOERROR, frame

FIELDS = ["dns.id", "dns.flags.opcode", "dns.flags.response", "dns.flags.rcode",
          "dns.dso.tlv.type", "dns.dso.tlv.length", "dns.dso.tlv.keepalive.inactivity",
          "dns.dso.tlv.keepalive.interval", "dns.dso.tlv.retrydelay.retrydelay", "dns.length",
          "_ws.malformed"]
RAW_IP = 101        # the link type of packets that begin with an IP header
PORT = 53

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark")


def packet(data, is_sent, sequence):
    """An IPv4 packet with a TCP segment; `sequence` are the bytes that each side has sent."""
    ports = (40000, PORT) if is_sent else (PORT, 40000)
    addresses = b"\x7f\0\0\2" + b"\x7f\0\0\1" if is_sent else b"\x7f\0\0\1" + b"\x7f\0\0\2"
    mine, other = sequence[is_sent], sequence[not is_sent]
    tcp = struct.pack("!HHIIBBHHH", *ports, mine + 1, other + 1, 5 << 4, 0x18, 65535, 0, 0)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0)
    return ip + addresses + tcp + data


def write_capture(path, log):
    """A capture of the messages of a client, each in segments of at most 60,000 bytes."""
    packets, sequence = [], {True: 0, False: 0}
    for is_sent, data in log:
        stream = frame(data)
        for at in range(0, len(stream), 60000):
            piece = stream[at:at + 60000]
            packets.append(packet(piece, is_sent, sequence))
            sequence[is_sent] += len(piece)
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, RAW_IP))
        for number, each in enumerate(packets):
            file.write(struct.pack("=IIII", 1, number, len(each), len(each)) + each)


def decode(path):
    """The fields of each packet that has messages, each a list of texts."""
    command = ["tshark", "-r", str(path), "-d", f"tcp.port=={PORT},dns", "-Y", "dns",
               "-T", "fields", *[part for field in FIELDS for part in ("-e", field)]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=True)
    return [dict(zip(FIELDS, [cell.split(",") if cell else [] for cell in line.split("\t")]))
            for line in done.stdout.splitlines()]


def numbers(cells):
    return [int(cell, 0) for cell in cells]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """The messages of one session: all kinds, from its first to the Retry Delay message."""
    from conftest import Weftd
    weftd = prepare(Weftd(tmp_path_factory.mktemp("decoded")), tls=False).start()
    with begin(weftd) as client:
        client.keepalive(1000, 20000, dso.tlv(dso.UNKNOWN, b"more"))
        assert client.request(dso.message(9, dso.tlv(dso.UNKNOWN, b"abc"))).rcode == dso.DSOTYPENI
        client.refused("example.com.", "A")
        owner = fresh()
        number = follow(client, (owner, "ANY"), (owner, "A")).soa
        for n in range(20):
            serial = change(weftd, *[f"{owner} 60 IN A 192.0.2.{m}" for m in range(n + 1)])
            client.until_serial(number, serial)
        change(weftd, f"{owner} 0 NONE A 192.0.2.1")
        serial = change(weftd, f"{owner} 0 ANY ANY")
        client.until_serial(number, serial)
        assert client.query("ns.lab.cloud.").rcode == NOERROR
        client.unsubscribe(number)
        client.send(dso.reconfirm("ns.lab.cloud.", "A", b"\x7f\0\0\1"))
        client.settle()
        weftd.process.send_signal(signal.SIGTERM)
        client.until_retry()
    assert weftd.process.wait(LIMIT_S) == 0
    return client.log


@pytest.fixture(scope="module")
def decoded(log, tmp_path_factory):
    path = tmp_path_factory.mktemp("capture") / "session.pcap"
    write_capture(path, log)
    return decode(path)


def test_each_message_is_found_and_none_is_malformed(log, decoded):
    """But for a response without TLVs, which tshark does not know and RFC 8490 permits (section
    5.4.2)."""
    assert len(decoded) == len(log)
    assert [packet["dns.length"] for packet in decoded] == [[str(len(data))] for _, data in log]
    malformed = {packet["dns.length"][0] for packet in decoded if packet["_ws.malformed"]}
    assert malformed <= {str(dso.HEADER)}


def test_headers_are_as_sent(log, decoded):
    for (_, data), found in zip(log, decoded):
        number, flags = struct.unpack_from("!HH", data)
        assert numbers(found["dns.id"]) == [number]
        assert numbers(found["dns.flags.opcode"]) == [flags >> 11 & 15]
        if flags >> 15:
            assert numbers(found["dns.flags.rcode"]) == [flags & 15]


def test_tlvs_are_as_sent(log, decoded):
    kinds = set()
    for (_, data), found in zip(log, decoded):
        if dso.is_dso(data):
            message = dso.parse(data)
            assert numbers(found["dns.dso.tlv.type"]) == [tlv.kind for tlv in message.tlvs]
            assert numbers(found["dns.dso.tlv.length"]) == [len(tlv.data) for tlv in message.tlvs]
            kinds.update(tlv.kind for tlv in message.tlvs)
    assert kinds >= {dso.KEEPALIVE, dso.RETRY_DELAY, dso.SUBSCRIBE, dso.PUSH, dso.UNSUBSCRIBE}


def test_timeouts_and_delays_are_as_sent(log, decoded):
    for (_, data), found in zip(log, decoded):
        if not dso.is_dso(data):
            continue
        message = dso.parse(data)
        if message.find(dso.KEEPALIVE):
            assert (numbers(found["dns.dso.tlv.keepalive.inactivity"]),
                    numbers(found["dns.dso.tlv.keepalive.interval"])) \
                == ([message.timeouts[0]], [message.timeouts[1]])
        if message.delay_ms is not None:
            assert numbers(found["dns.dso.tlv.retrydelay.retrydelay"]) == [message.delay_ms]
