# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""mDNS messages (RFC 6762): those that a LAN has carried, and a peer that sends what it likes,
without a daemon."""

import socket
import struct

import wire
from lan_hosts import recorded
from wire import Malformed, name

GROUP, PORT = "224.0.0.251", 5353
A, PTR, TXT, SRV, AAAA = 1, 12, 16, 33, 28
UNIQUE = 0x8001         # class IN with the bit that has others' records flushed
RESPONSE = 0x8400
LAYOUTS = {PTR: (0, 1, True), SRV: (6, 1, True)}


def records(payload):
    """The records of a response, from all sections: (owner, type, class, TTL, rdata). None of a
    query or of what is not a message."""
    try:
        _, flags, nquestions, *counts = struct.unpack_from("!HHHHHH", payload)
        if not flags & 0x8000:
            return []
        at, found = 12, []
        for _ in range(nquestions):
            at = wire.read_name(payload, at)[1] + 4
        for _ in range(sum(counts)):
            owner, at = wire.read_name(payload, at)
            rdtype, rdclass, ttl, count = struct.unpack_from("!HHIH", payload, at)
            at += 10
            rdata = wire.read_rdata(payload, at, count, rdtype, LAYOUTS)
            found.append((owner.lower(), rdtype, rdclass, ttl, rdata))
            at += count
        return found
    except (IndexError, struct.error, Malformed):
        return []


def sent(path, source=None):
    """The records of all mDNS responses in a pcap file, or of those from an IPv4 address."""
    for _, from_port, to_port, address, payload in recorded(path):
        if from_port == to_port == PORT and source in (None, address):
            yield from records(payload)


def goodbyes(path, instance):
    """How many records with TTL 0 were sent that take an instance away: its PTR or SRV."""
    wanted = instance.to_wire() if hasattr(instance, "to_wire") else name(instance)
    wanted = wanted.lower()
    return sum(ttl == 0 and (rdtype == PTR and rdata.lower() == wanted or
                             rdtype == SRV and owner == wanted)
               for owner, rdtype, _, ttl, rdata in sent(path))


def txt(*strings):
    """The rdata of a TXT record."""
    return b"".join(bytes([len(s)]) + s for s in (s.encode() for s in strings)) or b"\0"


def service(label, kind, port=80, target="peer.local", address="10.99.0.200", ttl=120, strings=()):
    """The records of a service, its type and its host, in wire form. `kind` as in `_http._tcp`."""
    label = label.encode() if isinstance(label, str) else label
    of_type = name(f"{kind}.local")
    instance = bytes([len(label)]) + label + of_type

    def one(owner, rdtype, rdclass, rdata):
        return owner + struct.pack("!HHIH", rdtype, rdclass, ttl, len(rdata)) + rdata

    return [one(name("_services._dns-sd._udp.local"), PTR, 1, of_type),
            one(of_type, PTR, 1, instance),
            one(instance, SRV, UNIQUE, struct.pack("!HHH", 0, 0, port) + name(target)),
            one(instance, TXT, UNIQUE, txt(*strings)),
            one(name(target), A, UNIQUE, socket.inet_aton(address))]


class Peer:
    """Sends from port 5353 of a host, and answers nothing."""

    def __init__(self, host):
        with host.inside():
            self.sock = socket.socket(type=socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        self.sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                             socket.inet_aton(host.address))
        self.sock.bind(("", PORT))

    def send(self, payload):
        self.sock.sendto(payload, (GROUP, PORT))

    def announce(self, answers):
        """Sends records, as many in a message as fit."""
        while answers:
            chosen, nbytes = [], 12
            while answers and (not chosen or nbytes + len(answers[0]) < 1400):
                nbytes += len(answers[0])
                chosen.append(answers[0])
                answers = answers[1:]
            self.send(struct.pack("!HHHHHH", 0, RESPONSE, 0, len(chosen), 0, 0) + b"".join(chosen))

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
