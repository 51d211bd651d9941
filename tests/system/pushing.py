# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the tests of DSO, Push and TLS share: a weftd with a listener for TLS, sessions by either
transport, and ways of cutting a stream into pieces."""

import contextlib
import itertools
import pathlib

import dso
import leases
import updates
import wire
from conftest import WEFTD, Weftd
from dso import UNKNOWN, Message, keepalive, message, tlv
from loopback import free_port, wait_until_read
from wire import NOERROR, frame, query

ZONE = leases.SOA + """\
ns A 127.0.0.1
n1.nodes A 192.0.2.1
n2.nodes A 192.0.2.2
*.wild TXT star
"""
OPEN = "update: {key: bench}\ntransfer: {address: [127.0.0.0/8]}"
TRANSPORTS = ["tcp", "tls"]
FABRIC = "fabric:\n  - {name: lab.cloud, key-file: lab.cloud.fabric}\n"

_names = itertools.count(1)


def fresh(stem="x"):
    """A name of the zone that no other test uses."""
    return f"{stem}{next(_names)}.lab.cloud."


def prepare(weftd, server="", zones=None, zone=ZONE, tls=True, more=FABRIC):
    """Configures a weftd with a fabric and, if `tls`, a listener for TLS at weftd.tls."""
    leases.weft(weftd, "fabric", "init", "lab.cloud")
    weftd.zone(zone)
    if tls:
        weftd.tls = weftd.address, free_port(weftd.address)
        server = f'listen-tls: ["{weftd.address}@{weftd.tls[1]}"]\n{server}'
    return weftd.configure(zones or {"lab.cloud": OPEN}, server.strip(), more)


@contextlib.contextmanager
def serving(folder, *args, **more):
    """A weftd that runs within the context, for the tests of a whole file."""
    weftd = prepare(Weftd(folder), *args, **more).start()
    try:
        yield weftd
        assert weftd.stop() == 0 and "Sanitizer" not in weftd.log(), weftd.log()
    finally:
        if weftd.is_running():
            weftd.kill()


def certificate(weftd, name):
    """A certificate of the fabric with its key, in one file, whose path is returned."""
    path = weftd.folder / f"{name}.pem"
    path.write_text(leases.weft(weftd, "fabric", "cert", "lab.cloud.fabric", name))
    return str(path)


def connect(weftd, transport, **more):
    """A client whose session is not established."""
    if transport == "tls":
        return dso.open_tls(weftd.tls, **more)
    return dso.open_tcp(weftd.where, **more)


def begin(weftd, transport="tcp", **more):
    """A client whose session is established."""
    return connect(weftd, transport, **more).begin()


def goes_on(client):
    """Whether the session works: nothing else is sent before the answers."""
    assert client.keepalive().rcode == NOERROR
    assert client.query("ns.lab.cloud.").rcode == NOERROR
    return True


def drip(client, data):
    """Sends a message byte by byte: each byte is a TCP segment, or a TLS record. Length and header
    are also read byte by byte."""
    for at, byte in enumerate(frame(data)):
        client.sock.sendall(bytes([byte]))
        if at < 20:
            wait_until_read(client.sock, 0.001)


def has_grown(weftd, before, nbytes):
    """Whether weftd takes `nbytes` more memory than before. With a sanitizer nobody can know."""
    program = pathlib.Path(WEFTD).read_bytes()
    is_sanitized = b"__asan_init" in program or b"__tsan_init" in program
    return not is_sanitized and weftd.rss_bytes() - before > nbytes


def change(weftd, *lines, **more):
    """A signed update, which must succeed. Returns the serial that the zone has then."""
    reply = updates.send(weftd, updates=lines, **more)
    assert reply.rcode == "NOERROR", reply
    return updates.serial(weftd)


def zone_records(weftd, zone="lab.cloud"):
    """The serial of the zone and its records, {key: TTL} as dso.Subscription has them, by AXFR."""
    records = {}
    with wire.connect(weftd.where) as sock:
        sock.sendall(frame(wire.query(zone, "AXFR", updates.next_id())))
        nsoas = 0
        while nsoas < 2:
            for found in wire.parse(wire.read_frame(sock)).answer:
                nsoas += found.rdtype == dso.SOA
                records[found.owner, found.rdclass, found.rdtype, found.rdata] = found.ttl
                if found.rdtype == dso.SOA:
                    serial = int.from_bytes(found.rdata[-20:-16], "big")
    return serial, records


# ---- subscribers that know which version they have ----

def follow(client, *wanted):
    """Subscribes the zone's SOA, then each of `wanted`: (name, type, class). Returns the client."""
    client.soa = client.subscribe("lab.cloud.", "SOA")
    for each in wanted:
        client.subscribe(*each)
    client.settle()
    return client


def differences(client, zone):
    """What subscriptions do not know, or know wrongly, of the zone's records."""
    wrong = []
    for number, one in client.rules.active.items():
        expected = one.select(zone)
        wrong += [(number, key, one.records.get(key), expected.get(key))
                  for key in {*one.records, *expected} if one.records.get(key) != expected.get(key)]
    return wrong


def agree(client, weftd):
    """Waits until a client that follows the zone knows its current version. Each subscription must
    then have the records that the zone has."""
    serial, zone = zone_records(weftd)
    client.until_serial(client.soa, serial)
    assert differences(client, zone) == []
    return serial


def pushed(client, weftd, before=None):
    """The pushes since `before` of them, without the changes of the SOA; the client agrees."""
    agree(client, weftd)
    return [[change for change in changes if change.rdtype != dso.SOA]
            for changes in client.rules.pushes[before:]]


def serials(client):
    """The serials that were pushed to a client which follows the zone, one in each PUSH. A PUSH
    without a serial has the initial records of a subscription."""
    told = []
    for changes in client.rules.pushes:
        added = [one for one in changes if one.rdtype == dso.SOA and one.what == "add"]
        assert len(added) <= 1, "two commits in a PUSH"
        if added:
            told.append(int.from_bytes(added[0].rdata[-20:-16], "big"))
        else:
            assert {one.what for one in changes} == {"add"}
    return told


# ---- messages of all kinds on one session ----

def mixed(first, count, with_transfers=True):
    """Messages of all kinds and their IDs: (those of DSO requests, those of others)."""
    data, requests, others = [], [], []
    for number in range(first, first + 5 * count, 5):
        data += [keepalive(number), query("ns.lab.cloud.", 1, number + 1),
                 updates.signed([f"m{number} 60 IN A 192.0.2.1"], number=number + 2)[0],
                 message(number + 3, tlv(UNKNOWN))]
        requests += [number, number + 3]
        others += [number + 1, number + 2]
        if with_transfers:
            data.append(query("lab.cloud.", 252, number + 4))
            others.append(number + 4)
    return data, requests, others


def take(client, requests, others):
    """Receives until all is answered: each DSO request once, a transfer up to its second SOA."""
    requests, others, soas = set(requests), set(others), {}
    while requests or others:
        found = client.receive()
        if isinstance(found, Message):
            if found.is_response:
                requests.remove(found.number)
            continue
        answer = wire.parse(found)
        if answer.question and answer.question[1] == 252:
            soas.setdefault(answer.number, 0)
            soas[answer.number] += sum(r.rdtype == 6 for r in answer.answer)
            if soas[answer.number] < 2:
                continue
        others.remove(answer.number)
        assert answer.rcode == NOERROR
