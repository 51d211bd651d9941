# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS Push messages (RFC 8765) as octets, and the client's end of subscriptions."""

import itertools
import struct

import dns.rdata
import dns.rdatatype

import wire
from sessions import Session, message, tlv

SUBSCRIBE, PUSH, UNSUBSCRIBE, RECONFIRM = 0x40, 0x41, 0x42, 0x43
REMOVE, REMOVE_ALL = 0xffffffff, 0xfffffffe
MESSAGE_MAX = 16382
NOTAUTH = 9


def question(owner, rdtype="A", rdclass=wire.IN):
    number = rdtype if isinstance(rdtype, int) else dns.rdatatype.from_text(rdtype)
    return wire.name(owner) + struct.pack("!HH", number, rdclass)


def change(data, at):
    """One change of a message as text, and where it ends: `OWNER TTL TYPE RDATA`, `OWNER - TYPE
    RDATA`, `OWNER -- TYPE`."""
    owner, at = wire.read_name(data, at)
    rdtype, rdclass, ttl, count = struct.unpack_from("!HHIH", data, at)
    at += 10
    assert at + count <= len(data) and rdclass == wire.IN, data.hex()
    shown = f"{wire.text(owner)} {'--' if ttl == REMOVE_ALL else '-' if ttl == REMOVE else ttl} "
    shown += dns.rdatatype.to_text(rdtype)
    if ttl == REMOVE_ALL:
        assert count == 0
    else:
        assert rdtype != wire.ANY and (ttl == REMOVE or ttl < 1 << 31)
        shown += " " + dns.rdata.from_wire(rdclass, rdtype, data, at, count).to_text()
    return shown, at + count


def changes(data):
    """The changes of a PUSH message, which must have the form of RFC 8765 section 6.3.1."""
    number, flags, *counts = struct.unpack_from("!HH4H", data)
    kind, count = struct.unpack_from("!HH", data, 12)
    assert number == 0 and flags == 6 << 11 and counts == [0] * 4 and kind == PUSH, data.hex()
    assert len(data) <= MESSAGE_MAX and count == len(data) - 16 > 0
    found, at = [], 16
    while at < len(data):
        shown, at = change(data, at)
        found.append(shown)
    return found


class Client(Session):
    """A session with subscriptions."""

    def __init__(self, where, source=None):
        super().__init__(where, source)
        self.numbers = itertools.count(1)

    def try_to(self, owner, rdtype="A", rdclass=wire.IN):
        """The response to a SUBSCRIBE request."""
        return self.ask(next(self.numbers), tlv(SUBSCRIBE, question(owner, rdtype, rdclass)))

    def subscribe(self, owner, rdtype="A", rdclass=wire.IN):
        """The message ID of a subscription that is accepted."""
        got = self.try_to(owner, rdtype, rdclass)
        assert got.rcode == 0 and not got.tlvs, got
        return got.number

    def unsubscribe(self, number):
        self.send(message(0, tlv(UNSUBSCRIBE, struct.pack("!H", number))))

    def changes(self):
        """The changes of the next message, which must be a PUSH message."""
        return changes(wire.read_frame(self.sock))

    def is_quiet(self):
        """Whether no message comes before the response to a Keepalive."""
        self.keep(next(self.numbers))
        return True
