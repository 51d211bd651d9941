# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the tests of the LAN bridge share: weftds on hosts of a LAN (lan_hosts), and what other hosts
see there by avahi-browse, publish by avahi-publish, and ask for."""

import collections
import contextlib
import os
import re
import select
import subprocess
import time
import typing

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

import lan_hosts
from conftest import WEFTD, Weftd, find
from waiting import LIMIT_S, wait_for

HTTP, IPP = "_http._tcp", "_ipp._tcp"
LABELS = ["Büro – Drucker №7", "a.b.c", "two  words", "x" * 63, "ü" * 31, 'quo"te\\back;semi', "CaSe",
          "emoji 🖨", " leading"]
ZONE = """\
$ORIGIN lab.cloud.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 5
@ NS ns
ns A 10.99.0.1
n1.nodes A 10.99.0.101
n1.nodes AAAA fd99::101
n2.nodes A 10.99.0.102
"""
OPTIONS = ("update: {key: bench}\nservice-view: {enable: yes}\n"
           "transfer: {address: [10.99.0.0/16]}\nlease: {default: 3600, minimum: 1}")
RULE = "  - {zone: lab.cloud, advertise: ['*'], discover: ['*'], into: lan.lab.cloud}\n"


def needs():
    """Skips tests on machines that cannot make a LAN, or have no bridge."""
    lacking = lan_hosts.missing()
    if not lacking:
        done = subprocess.run(["ldd", WEFTD], capture_output=True, check=False)
        lacking = "" if b"avahi" in done.stdout else "a build with Avahi's library"
    return pytest.mark.skipif(lacking != "", reason=f"needs {lacking}")


class OnHost(Weftd):
    """A weftd on a host of a LAN, at port 53 of its IPv4 address."""

    def __init__(self, folder, host):
        super().__init__(folder)
        self.on = self.host = host
        self.address, self.port = host.address, 53


class LanWeftd(OnHost):
    """One that serves a zone, with what tests of the bridge ask and register."""

    def __init__(self, folder, host, zone=ZONE, name="lab.cloud"):
        folder.mkdir(exist_ok=True)
        super().__init__(folder, host)
        self.zone_name = name
        # Nodes of different zones have the same names, and other addresses.
        self.zone(zone if name == "lab.cloud" else
                  zone.replace("lab.cloud", name).replace("0.101", "0.151"), name)

    def bridge(self, rules=RULE, zones=None, server=""):
        """Configures it with rules of the bridge."""
        return self.configure(zones or {self.zone_name: OPTIONS}, server,
                              f"mdns:\n{rules}" if rules else "")

    def ask(self, owner, rdtype):
        """The answers to a question, as text without TTL, sorted; {"NXDOMAIN"} etc. are []."""
        return [rr.to_text() for rr in self.lookup(owner, rdtype)[0]]

    def lookup(self, owner, rdtype):
        """The records that answer, and their TTL."""
        owner = dns.name.from_text(owner) if isinstance(owner, str) else owner
        query = dns.message.make_query(owner, rdtype, use_edns=0, payload=1232)
        with self.host.inside():
            answer, _ = dns.query.udp_with_fallback(query, self.address, LIMIT_S)
        assert answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN), answer
        wanted = dns.rdatatype.from_text(rdtype)
        found = [rrset for rrset in answer.answer if rrset.rdtype == wanted]
        return (sorted(rr for rrset in found for rr in rrset),
                min([rrset.ttl for rrset in found], default=None))

    def instances(self, kind, below="lan.lab.cloud"):
        """The names of the instances of a type, as bytes."""
        return {rr.target.labels[0] for rr in self.lookup(f"{kind}.{below}", "PTR")[0]}

    def register(self, label, kind=HTTP, port=80, node="n1.nodes", txt='"a=b"', subtypes=()):
        zone = self.zone_name
        owner = instance(label, f"{kind}.{zone}").to_text()
        lines = [f"update delete {owner} SRV", f"update delete {owner} TXT",
                 f"update add {owner} 60 SRV 0 0 {port} {node}.{zone}.",
                 f"update add {owner} 60 TXT {txt}"]
        lines += [f"update add {subtype}._sub.{kind}.{zone}. 60 PTR {owner}"
                  for subtype in subtypes]
        self.nsupdate(*lines, zone=zone)

    def remove(self, label, kind=HTTP):
        owner = instance(label, f"{kind}.{self.zone_name}").to_text()
        self.nsupdate(f"update delete {owner}", zone=self.zone_name)

    def dump(self):
        return self.weft("zone", "dump", self.zone_name).stdout

    def serial(self):
        return self.lookup(self.zone_name, "SOA")[0][0].serial

    def bridge_count(self, name):
        """A figure of `weft bridge status`."""
        found = find(self.json("bridge", "status"), name)
        assert found is not None, name
        return found


@contextlib.contextmanager
def serving(folder, host, rules=RULE, zone=ZONE, server="", zones=None, name="lab.cloud"):
    """A weftd with a bridge, on a host, for a zone of that name."""
    weftd = LanWeftd(folder, host, zone, name)
    weftd.bridge(rules, zones, server).start()
    try:
        yield weftd
        if weftd.is_running():
            assert not weftd.wrong_views()
            assert weftd.stop() == 0, weftd.log()
        assert "Sanitizer" not in weftd.log(), weftd.log()
    finally:
        if weftd.is_running():
            weftd.kill()


def instance(label, below):
    """The name of an instance: its label may hold anything."""
    label = label.encode() if isinstance(label, str) else label
    return dns.name.Name((label,)) + dns.name.from_text(below)


# ---- what other hosts see ----

class Seen(typing.NamedTuple):
    """A service as avahi-browse shows it, for one interface and address family."""
    interface: str
    family: str
    name: bytes
    host: str = ""
    address: str = ""
    port: int = 0
    txt: tuple = ()

    @property
    def own_txt(self):
        """Without the bridge's marker."""
        return tuple(part for part in self.txt if not part.startswith("weft-bridge="))


def _unescape(text):
    return re.sub(rb"\\(\d\d\d|.)", lambda m: bytes([int(m[1])]) if len(m[1]) == 3 else m[1],
                  text.encode("utf-8", "surrogateescape"))


def _parse(line):
    fields = line.split(";", 9)
    seen = Seen(fields[1], fields[2], _unescape(fields[3]))
    if fields[0] == "=":
        txt = reversed(re.findall(r'"((?:[^"\\]|\\.)*)"', fields[9]))     # it shows the last first
        seen = seen._replace(host=fields[6], address=fields[7], port=int(fields[8]),
                             txt=tuple(_unescape(part).decode("utf-8", "replace") for part in txt))
    return fields[0], seen


class Watch:
    """An avahi-browse that runs on, and what it has seen. It costs nothing to look, while a new one
    takes a second until it knows what is there."""

    def __init__(self, host, kind):
        self.host, self.kind, self.process = host, kind, None
        self.lines, self.seen = b"", collections.Counter()

    def _begin(self):
        if self.process is not None:
            self.process.stdout.close()
            self.process.wait(LIMIT_S)
        self.lines, self.seen = b"", collections.Counter()
        self.process = self.host.Popen(["avahi-browse", "-pk", self.kind], bufsize=0,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        os.set_blocking(self.process.stdout.fileno(), False)
        # One that ends when it knows all that there is for now: then this one does so, too.
        return self.host.run(["avahi-browse", "-pkt", self.kind], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, timeout=LIMIT_S, check=False).returncode == 0

    def _read(self):
        """Takes what it has printed. Returns whether it still runs."""
        while True:
            chunk = self.process.stdout.read(65536)
            if not chunk:
                return chunk is None
            *lines, self.lines = (self.lines + chunk).split(b"\n")
            for line in lines:
                sign, seen = _parse(line.decode("utf-8", "surrogateescape"))
                self.seen[seen] += 1 if sign == "+" else -1

    def now(self):
        """What it sees now: {Seen: times}."""
        if self.process is None or not self._read():
            wait_for(self._begin, f"avahi-browse on {self.host.name}")
            self._read()
        return +self.seen


def watch(host, kind):
    """The Watch of a host for a type."""
    if not hasattr(host, "watches"):
        host.watches = {}
    if kind not in host.watches:
        host.watches[kind] = Watch(host, kind)
    return host.watches[kind]


def names(host, kind):
    """The names that a host finds of a type, each as often as it is reported for an interface and
    family: sorted."""
    found = collections.Counter()
    for seen, times in watch(host, kind).now().items():
        # What a daemon lost by a collision it keeps at its own loopback, until the TTL ends.
        if seen.interface != "lo":
            found[seen.name] = max(found[seen.name], times)
    return sorted(found.elements())


def browse(host, kind, is_enough=lambda _: False, limit_s=1):
    """What a host resolves of a type within a time, or until one is enough: that is the last then."""
    process, found, rest = host.Popen(["avahi-browse", "-rpk", kind], bufsize=0,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL), [], b""
    end = time.monotonic() + limit_s
    try:
        while select.select([process.stdout], [], [], max(0, end - time.monotonic()))[0]:
            chunk = process.stdout.read(65536)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                sign, seen = _parse(line.decode("utf-8", "surrogateescape"))
                if sign != "=" or seen.interface == "lo":
                    continue
                found.append(seen)
                if is_enough(seen):
                    return found
        return found
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _matches(seen, label, expected):
    return seen.name == label and all(
        set(value) <= set(seen.txt) if key == "txt" else getattr(seen, key) == value
        for key, value in expected.items())


def wait_seen(host, label, kind=HTTP, /, **expected):
    """Waits until a host finds an instance with these properties (`txt`: these strings at least).
    Returns it."""
    label, last = label.encode() if isinstance(label, str) else label, []

    def is_it(seen):
        return _matches(seen, label, expected)

    def found():
        last[:] = browse(host, kind, is_it)
        return last[-1] if last and is_it(last[-1]) else None

    try:
        return wait_for(found, f"{label} on the LAN")
    except AssertionError as error:
        raise AssertionError(f"{error}; expected {expected}, seen: {last}") from None


def wait_names(host, expected, kind=HTTP):
    """Waits until the names of a type that a host finds are these, and each is there once for its
    interface and family."""
    expected = sorted({name.encode() if isinstance(name, str) else name for name in expected})
    last = []

    def are_right():
        last[:] = names(host, kind)
        return last == expected

    try:
        wait_for(are_right, f"{expected} on the LAN")
    except AssertionError as error:
        raise AssertionError(f"{error}; seen: {last}") from None


def wait_gone(host, label, kind=HTTP):
    label = label.encode() if isinstance(label, str) else label
    wait_for(lambda: label not in names(host, kind), f"end of {label} on the LAN")


# ---- what other hosts publish ----

@contextlib.contextmanager
def published(host, label, kind=HTTP, port=80, *txt, subtypes=(), address=None, target=None,
              is_awaited=True):
    """avahi-publish on a host, within the context. Yields the process once the service is
    established, if that is awaited; `address` and `target` are of a further host, whose name it
    publishes, too."""
    stack = contextlib.ExitStack()
    with stack:
        if address is not None:
            stack.enter_context(_publishing(host, "-a", "-R", target, address))
        more = [f"--subtype={subtype}._sub.{kind}" for subtype in subtypes]
        more += [f"--host={target}"] if target is not None else []
        yield stack.enter_context(
            _publishing(host, "-s", *more, "--", label, kind, str(port), *txt,
                        is_awaited=is_awaited))


@contextlib.contextmanager
def _publishing(host, *args, is_awaited=True):
    process = host.Popen(["avahi-publish", *args], stdout=subprocess.PIPE, text=True,
                         stderr=subprocess.STDOUT, bufsize=1, errors="surrogateescape")
    try:
        lines = []
        while is_awaited and not (lines and lines[-1].startswith("Established")):
            lines.append(process.stdout.readline())
            assert lines[-1], lines
        yield process
    finally:
        process.terminate()
        process.wait(LIMIT_S)
        process.stdout.close()
