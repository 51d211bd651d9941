# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A host on the LAN that sends whatever it likes by mDNS does not harm the registry."""

import contextlib
import random
import socket
import struct

import bridging
import lan_hosts
from bridging import published, serving
from waiting import LIMIT_S, wait_for

pytestmark = bridging.needs()

RULE = bridging.RULE.replace("}", ", discover-max: 50}")
FIRST, HONEST = (f"{label}.{bridging.HTTP}.lan.lab.cloud" for label in ("first", "honest"))
A, PTR, TXT, SRV = 1, 12, 16, 33
USELESS = ("0.0.0.0", "127.0.0.1", "255.255.255.255", "224.0.0.1", "169.254.1.1")

# Sends the datagrams that it reads, each with its length before it, from port 5353 to the LAN.
SENDER = """import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5353))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
while head := sys.stdin.buffer.read(2):
    s.sendto(sys.stdin.buffer.read(struct.unpack("!H", head)[0]), ("224.0.0.251", 5353))
    time.sleep(0.0005)
"""


def name(*labels):
    return b"".join(bytes([len(label)]) + label for label in
                    [label if isinstance(label, bytes) else label.encode() for label in labels]) \
        + b"\0"


def record(owner, rdtype, rdata, ttl=120):
    return owner + struct.pack("!HHIH", rdtype, 1, ttl, len(rdata)) + rdata


def message(records):
    return struct.pack("!6H", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def service(label, target, rdtype="_http", text=b"\3x=1"):
    kind, full = name(rdtype, "_tcp", "local"), name(label, rdtype, "_tcp", "local")
    return message([record(name("_services", "_dns-sd", "_udp", "local"), PTR, kind),
                    record(kind, PTR, full), record(full, TXT, text),
                    record(full, SRV, struct.pack("!HHH", 0, 0, 80) + target)])


def datagrams():
    """What no honest host sends."""
    chance, evil = random.Random(7), name("evil", "local")
    made = [message([record(evil, A, socket.inet_aton("10.99.0.3"))])]
    targets = [name(), name("local"), name("lab", "cloud"), name("n1", "nodes", "lab", "cloud"),
               name("a b", "local"), name("a.b", "local"), name("*", "local"), name("\0", "local"),
               name("_http", "_tcp", "local"), name(*["x" * 60] * 4), name("nodes", "local")]
    made += [service(f"target {i}", target) for i, target in enumerate(targets)]
    for i, text in enumerate(USELESS):
        host = name(f"useless-{i}", "local")
        made += [service(f"address {i}", host), message([record(host, A, socket.inet_aton(text))])]
    labels = [b"\0", b"\x1b[2J", b"\xff\xfe", b"*", b"new\nline", b"web", b"WEB",
              b'"', b"\\", b"x" * 63]
    made += [service(label, evil) for label in labels]
    made += [service("mal", evil, text=text) for text in (b"", b"\xff", b"\5ab", b"\0" * 500)]
    made += [service("marked", evil, text=b"\x1aweft-bridge=lab.cloud./1234")]
    kind = name("_http", "_tcp", "local")
    made += [message([record(kind, PTR, name(f"flood-{i}", "_http", "_tcp", "local"))])
             for i in range(300)]
    made += [service(f"many-{i}", evil, f"_t{i}") for i in range(200)]
    for _ in range(300):
        broken = bytearray(chance.choice(made))
        for _ in range(4):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        made.append(bytes(broken))
    return made


def test_a_host_that_sends_anything_does_no_harm(tmp_path):
    with lan_hosts.Lan(2, bare=1) as network, \
            serving(tmp_path / "weftd", network.host(1), RULE) as weftd:
        with published(network.host(2), "first"), contextlib.ExitStack() as later:
            wait_for(lambda: weftd.ask(FIRST, "SRV"), "a service")
            network.host(3).run(["/usr/bin/python3", "-c", SENDER], check=True, timeout=LIMIT_S,
                                input=b"".join(struct.pack("!H", len(datagram)) + datagram
                                               for datagram in datagrams()))
            later.enter_context(published(network.host(2), "honest"))
            wait_for(lambda: weftd.ask(HONEST, "SRV"), "a service among what does not answer",
                     2 * LIMIT_S)
            assert weftd.ask(FIRST, "SRV") == ["0 0 80 host2.lan.lab.cloud."]
            assert any("does not answer" in (row["why"] or "") for row in weftd.json("bridge", "list"))
            wait_for(lambda: weftd.bridge_count("discovered") > 10, "some of it")
            wait_for(lambda: weftd.bridge_count("waiting") == 0, "all updates")
            assert weftd.bridge_count("discovered") <= 50
            zone = weftd.dump()
            assert ".local" not in zone
            for text in ("127.0.0.1", "169.254.1.1", "224.0.0.1", "255.255.255.255", "useless"):
                assert text not in zone
            assert all(char.isprintable() or char == "\n" for char in weftd.log())
            weftd.nsupdate("update add h.lab.cloud 60 TXT a")
            assert weftd.ask(HONEST, "SRV") == ["0 0 80 host2.lan.lab.cloud."]
        wait_for(lambda: not weftd.ask(HONEST, "SRV"), "its end")
