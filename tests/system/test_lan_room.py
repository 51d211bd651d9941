# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What is published and browsed by src/lan, with real Avahi daemons (tests/lan_tool)."""

import os
import pathlib
import signal
import socket
import subprocess
import threading

import pytest

import lan_hosts
from waiting import LIMIT_S, let_pass, wait_for

TOOL = pathlib.Path(os.environ.get("BUILDDIR", ".")).resolve() / "tests/lan_tool/lan_tool"

pytestmark = pytest.mark.skipif(
    lan_hosts.missing() != "" or not TOOL.exists(),
    reason=f"needs {lan_hosts.missing()} and a build with Avahi's library")

SERVICE = ("web._x._tcp.local|SRV|{port},h1.local", "web._x._tcp.local|TXT|a={txt}",
           "_x._tcp.local|PTR|web._x._tcp.local")


class Tool:
    """A lan_tool on a host, and the lines that it has printed."""

    def __init__(self, host, *interfaces):
        self.lines, self.times = [], []
        self.process = host.Popen([str(TOOL), *interfaces], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True, bufsize=1)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            at, _, text = line.rstrip().partition(" ")
            self.times.append(int(at) / 1e6)
            self.lines.append(text.rstrip())

    def put(self, *words):
        """Gives a command. Returns how many lines there were before it."""
        n = len(self.lines)
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        return n

    def wait(self, text, since=0):
        """Waits for a line that begins with a text. Returns its index."""
        def find():
            return [n for n, line in enumerate(self.lines) if n >= since and line.startswith(text)]
        try:
            return wait_for(find, f"line {text}")[0]
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.lines[since:][-30:]}") from None

    def stats(self):
        """Running, reconnects, clients, objects, refused, collisions."""
        n = self.wait("stats", self.put("stats"))
        return [int(word) for word in self.lines[n].split()[1:]]

    def publish(self, label, *records):
        return self.put("publish", label, *records)

    def established(self, label, *records):
        self.wait(f"group {label} established", self.publish(label, *records))

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
        status = self.process.wait(LIMIT_S)
        self.thread.join(LIMIT_S)
        self.process.stdout.close()
        return status


class World:
    def __init__(self, hosts=2, **more):
        self.lan, self.tools = lan_hosts.Lan(hosts, **more), []

    def tool(self, number, *interfaces):
        self.tools.append(Tool(self.lan.host(number), *interfaces))
        return self.tools[-1]

    def host(self, number):
        return self.lan.host(number)

    def close(self):
        for host in self.lan.hosts:
            host.avahi.thaw()
        statuses = [tool.close() for tool in self.tools]
        self.lan.close()
        assert not any(statuses), statuses


@pytest.fixture
def world():
    made = World()
    yield made
    made.close()


def address(text):
    return socket.inet_aton(text).hex()


def wire(*labels):
    """The name `labels`.local in hex."""
    return b"".join(bytes([len(label)]) + label for label in
                    [*(label.encode() for label in labels), b"local", b""]).hex()


def service(port=80, txt=1):
    return [record.format(port=port, txt=txt) for record in SERVICE]


def srv(port):
    return f"00000000{port:04x}" + wire("h1")


def test_what_one_host_publishes_the_other_has_until_it_is_freed(world):
    one, two = world.tool(1), world.tool(2)
    two.put("browse", "ptr", "_x._tcp.local", "PTR")
    two.put("browse", "srv", "web._x._tcp.local", "SRV")
    one.established("g", *service())
    two.wait("added ptr " + wire("web", "_x", "_tcp"))
    two.wait("added srv " + srv(80))
    two.wait("all ptr")
    n = one.put("free", "g")
    one.wait("freed", n)
    two.wait("removed ptr " + wire("web", "_x", "_tcp"))
    two.wait("removed srv")


def test_names_are_any_text(world):
    names = [r"Caf\195\169\032\.dots.\032and\092.", "x" * 63 + ".", r"\226\130\172" * 21 + "."]
    one, two = world.tool(1), world.tool(2)
    for n, name in enumerate(names):
        two.put("browse", f"b{n}", f"{name}_x._tcp.local", "TXT")
        one.established(f"g{n}", f"{name}_x._tcp.local|TXT|a={n}")
    for n in range(len(names)):
        two.wait(f"added b{n} 03{f'a={n}'.encode().hex()}")


def test_an_update_leaves_no_gap_and_no_probe(world):
    one, two = world.tool(1), world.tool(2)
    one.established("g", *service())
    two.put("browse", "srv", "web._x._tcp.local", "SRV")
    two.put("browse", "txt", "web._x._tcp.local", "TXT")
    two.put("browse", "ptr", "_x._tcp.local", "PTR")
    for label in ("srv", "txt", "ptr"):
        two.wait(f"added {label}")
    since = one.publish("g", *service(port=81, txt=2))
    done = one.wait("group g", since)
    assert one.lines[done] == "group g established"
    assert two.times[two.wait("added srv " + srv(81))] - one.times[done] < 1
    two.wait("removed srv " + srv(80))
    two.wait("removed txt 03" + b"a=1".hex())
    assert not any(line.startswith("removed ptr") for line in two.lines)


def test_no_address_that_stays_is_ever_withdrawn(world):
    one, two = world.tool(1), world.tool(2)
    a, b = "10.1.1.1", "10.1.1.2"
    world.lan.switches[0].record(world.lan.folder / "lan.pcap")
    one.established("h", f"h1.local|A|{a}")
    two.put("browse", "a", "h1.local", "A")
    two.wait("added a " + address(a))
    one.established("h", f"h1.local|A|{a}", f"h1.local|A|{b}", "h1.local|AAAA|fd99::9")
    two.wait("added a " + address(b))
    let_pass(2)     # what is flushed by mistake is gone after a second
    assert not any(line.startswith("removed") for line in two.lines), two.lines
    one.established("h", f"h1.local|A|{b}")
    two.wait("removed a " + address(a))
    let_pass(2)
    assert f"removed a {address(b)}" not in two.lines
    one.wait("freed", one.put("free", "h"))
    two.wait("removed a " + address(b))
    assert [line for line in two.lines if line.startswith(("added", "removed"))] == [
        "added a " + address(a), "added a " + address(b),
        "removed a " + address(a), "removed a " + address(b)]


def test_a_name_that_is_taken_is_a_collision_until_it_is_published_anew(world):
    one, two = world.tool(1), world.tool(2)
    two.established("theirs", "web._x._tcp.local|SRV|1,h2.local")
    since = one.publish("ours", *service())
    one.wait("group ours collision", since)
    assert one.stats()[3:] == [0, 0, 1]
    two.wait("freed", two.put("free", "theirs"))
    let_pass(1.2)   # a goodbye lingers for a second
    one.established("ours", *service())


def test_a_name_of_another_program_of_the_host_is_a_collision(world):
    one, other = world.tool(1), world.tool(1)
    other.established("theirs", "web._x._tcp.local|SRV|1,h2.local")
    one.wait("group ours collision", one.publish("ours", *service()))


def test_what_avahi_does_not_take_is_refused(world):
    one = world.tool(1)
    one.wait("group g refused Invalid DNS TTL", one.publish("g", "n.local|A|10.0.0.1|0"))
    one.wait("group g refused the name is not under local.",
             one.publish("g", "n.lab.cloud|A|10.0.0.1"))
    assert one.stats()[4] == 1
    one.established("g", "n.local|A|10.0.0.1")
    assert one.stats()[4] == 0
    one.wait("group g empty", one.publish("g"))
    assert one.stats()[3] == 0


@pytest.mark.parametrize("what", ["restart", "kill", "bus"])
def test_all_is_made_again_when_the_daemon_is_back(world, what):
    one, two, host = world.tool(1), world.tool(2), world.host(1)
    one.established("g", *service())
    one.put("browse", "theirs", "_y._tcp.local", "PTR")
    two.established("y", "_y._tcp.local|PTR|stays._y._tcp.local")
    two.established("z", "_y._tcp.local|PTR|goes._y._tcp.local")
    one.wait("added theirs " + wire("stays", "_y", "_tcp"))
    one.wait("added theirs " + wire("goes", "_y", "_tcp"))
    since = len(one.lines)
    host.avahi.kill() if what == "kill" else host.avahi.stop()
    if what == "bus":
        host.bus.stop()
    one.wait("daemon down", since)
    one.wait("group g waiting", since)
    two.wait("freed", two.put("free", "z"))
    if what == "bus":
        host.bus.start()
    host.avahi.start()
    one.wait("group g established", since)
    one.wait("removed theirs " + wire("goes", "_y", "_tcp"), since)
    assert not any(line.startswith(("added", "removed theirs " + wire("stays", "_y", "_tcp")))
                   for line in one.lines[since:])
    assert one.stats()[:2] == [1, 1]


def test_a_daemon_that_comes_late_is_waited_for(world):
    host = world.host(1)
    host.avahi.stop()
    host.bus.stop()
    one = world.tool(1)
    one.wait("group g waiting", one.publish("g", *service()))
    host.bus.start()
    host.avahi.start()
    one.wait("group g established")


def test_a_daemon_that_hangs_is_waited_for_and_can_be_left(world):
    one, host = world.tool(1), world.host(1)
    one.established("g", *service())
    host.avahi.freeze()
    since = one.publish("g", *service(port=81))
    let_pass(0.5)
    host.avahi.thaw()
    one.wait("group g established", since)
    host.avahi.freeze()
    one.publish("g", *service(port=82))
    one.publish("h", "n.local|A|10.0.0.1")
    let_pass(0.5)   # it is in a call that is not answered
    one.process.send_signal(signal.SIGUSR1)
    end = one.wait("ended")
    assert one.lines[one.wait("interrupted")] == "interrupted yes"
    assert one.times[end] - one.times[one.wait("interrupted")] < 3


def test_named_interfaces_are_followed(world):
    one, two, cable = world.tool(1, "eth0"), world.tool(2), world.host(1).interfaces[0]
    two.put("browse", "ptr", "_x._tcp.local", "PTR")
    one.put("browse", "ptr", "_x._tcp.local", "PTR")
    one.established("g", *service())
    two.wait("added ptr")
    one.wait("added ptr")
    since = len(one.lines)
    cable.delete()
    one.wait("group g waiting", since)
    one.wait("removed ptr", since)
    cable.create()
    one.wait("group g established", since)
    one.wait("added ptr", since)


HOSTILE = r'''
import os, socket, struct, sys
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.bind(("", 5353))
out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
def name(*labels):
    return b"".join(bytes([len(l)]) + l for l in labels) + b"\0"
def send(*records):
    out.sendto(struct.pack("!6H", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records),
               ("224.0.0.251", 5353))
def record(owner, type, rdata):
    return owner + struct.pack("!HHIH", type, 1, 120, len(rdata)) + rdata
kind = name(b"_x", b"_tcp", b"local")
host = name(b"n", b"local")
send(record(host, 1, b"abc"))
send(record(host, 16, b"\5abc"))
send(record(host, 33, b"\0\0\0"))
send(record(host, 16, b"\1a" * 600))
send(record(host, 1, b"good"))
for n in range(300):
    send(*(record(kind, 12, bytes([63]) + os.urandom(63) + kind) for _ in range(8)))
    odd = b"%03d%d.\\ \xc3\xa9\x01"
    send(*(record(kind, 12, name(odd % (n, m))[:-1] + kind) for m in range(8)))
'''


def test_hostile_peers_do_no_harm():
    world = World(1, bare=1)
    try:
        one, two = world.tool(1), world.host(2)
        for type in ("A", "TXT", "SRV"):
            one.put("browse", type, "n.local", type)
        one.put("browse", "ptr", "_x._tcp.local", "PTR")
        one.wait("all ptr")
        two.run(["/usr/bin/python3", "-c", HOSTILE], check=True)
        one.wait("added A " + b"good".hex())
        one.wait("added ptr")
        one.wait("added TXT " + (b"\1a" * 600).hex())
        assert not any(line.startswith(("added A 616263 ", "added SRV", "added TXT 05"))
                       for line in one.lines)
        since = one.put("each", "ptr")
        end = one.wait("end", since)
        # How many of them a busy Avahi has not dropped is its own matter.
        assert any(line.startswith("record ptr") for line in one.lines[since:end])
        assert one.stats()[:2] == [1, 0]
    finally:
        world.close()


def limited(**more):
    made = World(1)
    made.host(1).avahi.configure(server="\n".join(
        f"{name.replace('_', '-')}={value}" for name, value in more.items()))
    made.host(1).avahi.restart()
    return made


def test_groups_are_packed_into_as_many_clients_as_it_takes():
    world = limited(objects_per_client_max=20)
    try:
        one = world.tool(1)
        one.wait("all established", one.put("many", 50, "s", "_x._tcp.local"))
        assert one.stats()[2:5] == [3, 50, 0]
        one.wait("none", one.put("none", 50, "s"))
        wait_for(lambda: one.stats()[2:4] == [1, 0], "connections to be closed")
    finally:
        world.close()


def test_a_group_is_split_where_avahi_limits_its_entries():
    world = limited(entries_per_entry_group_max=4)
    try:
        one = world.tool(1)
        records = [f"n{i}.local|A|10.0.0.{i}" for i in range(1, 11)]
        one.established("g", *records)
        assert one.stats()[3] == 3
        one.established("g", *records[:2])
        assert one.stats()[3] <= 2
    finally:
        world.close()


def test_what_has_no_room_waits_for_it():
    world = limited(objects_per_client_max=2, clients_max=3)
    try:
        one = world.tool(1)
        for n in range(6):
            one.established(f"g{n}", f"n{n}.local|A|10.0.0.1")
        one.wait("group late no-room", one.publish("late", "late.local|A|10.0.0.1"))
        one.put("browse", "b", "_x._tcp.local", "PTR")
        one.wait("failed b")
        assert one.stats()[3:5] == [6, 2]
        one.put("free", "g3")
        one.put("free", "g4")
        one.wait("group late established")
        one.wait("all b")
        assert one.stats()[3:5] == [6, 0]
    finally:
        world.close()


def test_a_group_that_does_not_fit_whole_leaves_its_room_to_others():
    world = limited(objects_per_client_max=3, clients_max=1, entries_per_entry_group_max=2)
    try:
        one = world.tool(1)
        one.established("g", "n.local|A|10.0.0.1")
        one.wait("group big no-room", one.publish("big", *(f"b{n}.local|A|10.0.0.1"
                                                           for n in range(6))))
        one.established("h", "m.local|A|10.0.0.1")
        assert one.stats()[3:5] == [2, 1]
        one.put("free", "g")
        one.put("free", "h")
        one.wait("group big established")
        assert one.stats()[3:5] == [3, 0]
    finally:
        world.close()


def test_shared_records_of_two_groups(world):
    one, two = world.tool(1), world.tool(2)
    two.put("browse", "t", "_services._dns-sd._udp.local", "PTR")
    for label in "gh":
        one.established(label, f"{label}.local|A|10.0.0.1",
                        "_services._dns-sd._udp.local|PTR|_x._tcp.local")
    two.wait("added t")
    let_pass(6)
    one.wait("freed", one.put("free", "g"))
    let_pass(3)
    assert not any(line.startswith("removed") for line in two.lines), two.lines


def test_hundreds_of_groups_come_back(world):
    one, two = world.tool(1), world.tool(2)
    two.put("browse", "ptr", "_x._tcp.local", "PTR")
    one.wait("all established", one.put("many", 500, "s", "_x._tcp.local"))
    wait_for(lambda: sum(line.startswith("added ptr") for line in two.lines) == 500, "all services")
    since = len(one.lines)
    world.host(1).avahi.restart()
    one.wait("all established", since)
    assert one.stats()[3:5] == [500, 0]
