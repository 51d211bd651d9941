# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""`weft watch` and `weft subscribe` at real servers: weftd, which pushes, BIND, NSD and Knot, which
are polled; and how they behave on a terminal, in a pipe and with wrong options."""

import json
import os
import pty
import select
import signal
import subprocess
import time

import pytest

import differ_peers
import leases
import netns
import push_server
import services
import updates
from conftest import WEFT
from loopback import free_address, free_port
from waiting import LIMIT_S, freeze, wait_for

ZONE = leases.SOA + "ns A 127.0.0.1\nn1.nodes A 192.0.2.1\nn2.nodes A 192.0.2.2\n" \
    "n2.nodes AAAA 2001:db8::2\n"
TYPE = "_http._tcp.lab.cloud"
WEB = f"web-1.{TYPE}"


@pytest.fixture
def served(make_weftd):
    """A started weftd whose zone has a service view, and the key n1."""
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    weftd.start()
    return weftd, key("n1")


@pytest.fixture
def follow():
    """Starts a client; it is gone after the test."""
    followers = []

    def start(*args, at=None, **more):
        where = [] if at is None else ["--server", f"{at[0]}@{at[1]}"]
        followers.append(push_server.Follower(*args, *where, **more))
        return followers[-1]

    yield start
    for follower in followers:
        follower.kill()


def send(served, *lines, **more):
    weftd, key = served
    assert updates.send(weftd, updates=list(lines), key=key, **more).rcode == "NOERROR"


def register(served, name, port=8080, node="n1.nodes", txt="path=/"):
    send(served, f"{name}.{TYPE}. 0 ANY SRV", f"{name}.{TYPE}. 0 ANY TXT",
         f"{name}.{TYPE}. 60 IN SRV 0 0 {port} {node}.lab.cloud.",
         f"{name}.{TYPE}. 60 IN TXT {txt}")


def run(*args, env=None, **more):
    return subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S,
                          env={**os.environ, **(env or {})}, **more)


def shown(line):
    """What matters of an instance's line."""
    return (line["event"], line["name"], line["target"], line["port"], line["addresses"],
            line["state"], line["txt"])


# ---- weftd ----

def test_instances_come_change_and_go_as_they_are_pushed(served, follow):
    weftd, _ = served
    register(served, "web-1")
    follower = follow("watch", TYPE, at=weftd.where)
    assert follower.state("push")["server"] == "@".join(map(str, weftd.where))
    first = follower.change()
    assert first.pop("time").endswith("Z")
    assert first == {
        "event": "add", "instance": f"{WEB}.", "name": "web-1", "type": "_http._tcp",
        "domain": "lab.cloud.", "target": "n1.nodes.lab.cloud.", "port": 8080, "priority": 0,
        "weight": 0, "addresses": ["192.0.2.1"], "state": "up", "txt": {"path": "/"}}
    register(served, "web-2", 80, "n2.nodes", "a b=c=d")
    second = follower.change()
    second["addresses"].sort()      # they are in the order in which to try them, on this host
    assert shown(second) == ("add", "web-2", "n2.nodes.lab.cloud.", 80,
                             ["192.0.2.2", "2001:db8::2"], "up", {"a": True, "b": "c=d"})
    register(served, "web-1", 8080, "n2.nodes")
    moved = follower.change()
    moved["addresses"].sort()
    assert shown(moved)[:5] == ("change", "web-1", "n2.nodes.lab.cloud.", 8080,
                                ["192.0.2.2", "2001:db8::2"])
    assert moved["changed"] == ["srv", "addresses"]
    register(served, "web-1", 8080, "n2.nodes", "path=/new")
    assert follower.change()["changed"] == ["txt"]
    send(served, f"web-2.{TYPE}. 0 ANY ANY")
    gone = follower.change()
    assert shown(gone)[:3] == ("remove", "web-2", "n2.nodes.lab.cloud.")
    weftd.weft("drain", f"{WEB}.")
    drained = follower.change()
    assert (drained["event"], drained["name"], drained["state"]) == ("change", "web-1", "draining")
    weftd.weft("undrain", f"{WEB}.")
    back = follower.change()
    assert (back["event"], back["name"], back["state"]) == ("change", "web-1", "up")
    register(served, "web-1", 8080, "n2.nodes", "id=7")
    assert not follower.change()["moved"]
    register(served, "web-1", 8081, "n2.nodes", "id=7")
    assert follower.change()["moved"]
    assert follower.stop() == (0, "")


def test_people_see_where_an_instance_has_moved_from(served, follow):
    weftd, _ = served
    register(served, "web-1", txt="id=7")
    follower = follow("watch", TYPE, at=weftd.where, as_json=False)
    assert follower.line().endswith("192.0.2.1  state=up id=7")
    register(served, "web-1", 8081, "n2.nodes", "id=7")
    line = follower.line()
    assert " ~ web-1  " in line
    assert line.endswith("state=up id=7  moved from n1.nodes.lab.cloud:8080")


def test_an_instance_is_followed_by_its_name(served, follow):
    weftd, _ = served
    follower = follow("watch", "WEB-1._http._tcp", "-d", "lab.cloud", at=weftd.where)
    follower.state("push")
    register(served, "web-1")
    assert shown(follower.change())[:2] == ("add", "WEB-1")
    register(served, "web-1", txt="state=draining")
    line = follower.change()
    assert (line["event"], line["state"], line["txt"]) == ("change", "draining",
                                                           {"state": "draining"})
    send(served, f"{WEB}. 0 ANY ANY")
    assert follower.change()["event"] == "remove"


def test_a_subtype_and_a_name_with_a_blank(served, follow):
    weftd, _ = served
    follower = follow("watch", f"_printer._sub.{TYPE}", at=weftd.where)
    follower.state("push")
    name = "My\\032printer\\;1"
    register(served, name)
    send(served, f"_printer._sub.{TYPE}. 60 IN PTR {name}.{TYPE}.")
    line = follower.change()
    assert (line["name"], line["instance"]) == ("My printer;1", f"{name}.{TYPE}.")


def test_a_lease_that_ends_is_a_removal(served, follow):
    weftd, key = served
    follower = follow("watch", TYPE, at=weftd.where)
    follower.state("push")
    assert updates.send(weftd, updates=[f"{WEB}. 60 IN SRV 0 0 80 n1.nodes.lab.cloud.",
                                        f"{WEB}. 60 IN TXT a=b"],
                        key=key, lease=2).rcode == "NOERROR"
    assert follower.change()["event"] == "add"
    assert follower.change()["event"] == "remove"


def test_a_restart_by_force_loses_nothing_and_shows_only_what_has_changed(served, follow):
    weftd, _ = served
    for i in range(5):
        register(served, f"web-{i}", 8000 + i)
    follower = follow("watch", TYPE, at=weftd.where)
    assert {follower.change()["name"] for _ in range(5)} == {f"web-{i}" for i in range(5)}
    process = follower.process
    weftd.kill()
    follower.state("lost")
    freeze(process.pid)     # what happens now happens while it is away
    weftd.start()
    send(served, f"web-0.{TYPE}. 0 ANY ANY")
    register(served, "web-1", 9001)
    register(served, "web-9", 8009)
    process.send_signal(signal.SIGCONT)
    # While a session is set up it asks, too: what comes first depends on the machine.
    found, states = set(), set()
    while len(found) < 3 or "push" not in states:
        line = follower.line()
        if line["event"] == "state":
            states.add(line["state"])
        else:
            found.add((line["event"], line["name"], line["port"]))
    assert found == {("remove", "web-0", 8000), ("change", "web-1", 9001), ("add", "web-9", 8009)}
    send(served, f"web-2.{TYPE}. 0 ANY ANY")
    assert shown(follower.change())[:2] == ("remove", "web-2")


def test_what_weftd_holds_is_complete_for_many_instances(served):
    weftd, _ = served
    for first in range(0, 600, 100):
        send(served, *[f"inst-{i}.{TYPE}. 60 IN {rdata}" for i in range(first, first + 100)
                       for rdata in (f"SRV 0 0 {1000 + i} n1.nodes.lab.cloud.", f"TXT i={i}")])
    done = run("watch", TYPE, "--once", "--json", "--server", "@".join(map(str, weftd.where)))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    ports = {line["port"] for line in lines if line["event"] == "add"}
    assert (done.returncode, done.stderr) == (0, "")
    assert ports == set(range(1000, 1600))


def test_by_tls_the_fabric_is_trusted_by_file_and_by_key(make_weftd):
    weftd, _ = leases.fabric(make_weftd, zone=ZONE)
    port = free_port(weftd.address)
    weftd.conf.write_text(weftd.conf.read_text().replace(
        "  workers: 2", f'  workers: 2\n  listen-tls: ["{weftd.address}@{port}"]'))
    weftd.start()
    fabric = weftd.folder / "lab.cloud.fabric"
    key = weftd.json("fabric", "show", "-f", str(fabric))["public"]
    ask = ["subscribe", "n1.nodes.lab.cloud", "A", "--once", "--server", f"{weftd.address}@{port}"]
    # Each of these means TLS, on the loopback, too.
    pin = weftd.json("fabric", "cert", "--ca", "-f", str(fabric))["pin"]
    assert pin != key
    for trust in (["-f", str(fabric)], ["--tls-pin", key], ["--tls-pin", pin], ["--insecure"]):
        done = run(*ask, *trust, "-t", "30")
        assert (done.returncode, done.stderr) == (0, ""), trust
        assert done.stdout == "+ n1.nodes.lab.cloud.\t60\tIN\tA\t192.0.2.1\n"
    other = "A" * 43 + "="
    for trust in (["--tls-pin", other], ["--tls"],
                  ["-f", str(fabric), "--tls-name", "no.lab.cloud"]):
        done = run(*ask, *trust, "-t", "2")
        assert done.returncode == 3 and done.stdout == "", trust
        assert "no answer: the certificate is not trusted: " in done.stderr


def test_a_certificate_of_the_fabric_is_presented(make_weftd):
    weftd, _ = leases.fabric(make_weftd, zone=ZONE)
    port = free_port(weftd.address)
    weftd.conf.write_text(weftd.conf.read_text().replace(
        "  workers: 2", f'  workers: 2\n  listen-tls: ["{weftd.address}@{port}"]\n'
        "  tls: {client-certificates: required}"))
    weftd.start()
    ca, one = weftd.folder / "ca.pem", weftd.folder / "n1.pem"
    fabric = str(weftd.folder / "lab.cloud.fabric")
    weftd.weft("fabric", "cert", "--ca", "-f", fabric, "-o", str(ca))
    weftd.weft("fabric", "cert", "-f", fabric, "-o", str(one), "n1")
    ask = ["subscribe", "n1.nodes.lab.cloud", "A", "--once", "--tls", "--tls-ca", str(ca),
           "--server", f"{weftd.address}@{port}"]
    done = run(*ask, "--tls-certificate", str(one))
    assert (done.returncode, done.stderr) == (0, "") and "192.0.2.1" in done.stdout
    done = run(*ask, "-t", "3")
    assert done.returncode == 3 and "certificate required" in done.stderr


def test_a_server_is_found_by_soa_and_srv(make_weftd, follow):
    weftd, _ = leases.fabric(make_weftd, zone=ZONE)
    port = free_port(weftd.address)
    records = f"\n_dns-push-tls._tcp SRV 0 0 {port} push\npush A {weftd.address}\n"
    zone = weftd.folder / "lab.cloud.zone"
    zone.write_text(zone.read_text() + records)
    weftd.conf.write_text(weftd.conf.read_text().replace(
        "  workers: 2", f'  workers: 2\n  listen-tls: ["{weftd.address}@{port}"]'))
    weftd.start()
    fabric = weftd.folder / "lab.cloud.fabric"
    follower = follow("subscribe", "n1.nodes.lab.cloud", "A", "-f", str(fabric),
                      env={"WEFT_REGISTRY": "@".join(map(str, weftd.where))})
    line = follower.line()
    assert (line["event"], line["name"]) == ("state", "lab.cloud."), line
    while line["event"] == "state" and line["state"] != "push":
        line = follower.line()
    assert line["server"] == f"{weftd.address}@{port}"
    assert follower.change()["rdata"] == "192.0.2.1"


def conf_write(folder, *lines):
    path = folder / "client.conf"
    path.write_text("".join(line + "\n" for line in lines))
    return str(path)


@pytest.mark.parametrize("command", [["watch", "_http._tcp"], ["subscribe", f"{WEB}.", "SRV"]])
def test_registries_domain_and_trust_are_those_of_client_conf(make_weftd, follow, tmp_path, command):
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    port = free_port(weftd.address)
    weftd.conf.write_text(weftd.conf.read_text().replace(
        "  workers: 2", f'  workers: 2\n  listen-tls: ["{weftd.address}@{port}"]'))
    weftd.start()
    register((weftd, key("n1")), "web-1")
    public = weftd.json("fabric", "show", "-f", str(weftd.folder / "lab.cloud.fabric"))["public"]
    conf = conf_write(tmp_path, f'registry: "tls://{weftd.address}@{port}"', "domain: lab.cloud",
                      f'public-key: "{public}"')
    follower = follow(*command, "-c", conf)
    assert follower.state("push")["server"] == f"{weftd.address}@{port}"
    assert follower.change()["event"] == "add"
    assert follower.stop() == (0, "")
    wrong = conf_write(tmp_path, f'registry: "tls://{weftd.address}@{port}"',
                       f'public-key: "{"A" * 43}="')
    done = run("subscribe", f"{WEB}.", "SRV", "--once", "-t", "2", "-c", wrong)
    assert done.returncode == 3 and "not trusted" in done.stderr
    done = run(*command, "--once", "-d", "lab.cloud", "-c", wrong, "--tls-pin", public)
    assert (done.returncode, done.stderr) == (0, "") and "8080" in done.stdout
    done = run(*command, "-c", conf_write(tmp_path, "registri: x"))
    assert done.returncode == 2 and "client.conf:1: " in done.stderr


def test_registries_may_have_names_and_are_followed_when_one_ends(make_weftd, follow):
    first, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    second, second_key = leases.fabric(lambda: make_weftd("second"), zone=ZONE,
                                       lease=services.options())
    for weftd, of in ((first, key), (second, second_key)):
        weftd.start()
        register((weftd, of("n1")), "web-1")
    where = [f"tcp://{weftd.address}@{weftd.port}" for weftd in (first, second)]
    follower = follow("watch", TYPE, "--registry", ",".join(where))
    pushes = follower.state("push")["server"]
    assert follower.change()["event"] == "add"
    at_first = pushes == f"{first.address}@{first.port}"
    (first if at_first else second).kill()
    rest = (second, second_key) if at_first else (first, key)
    follower.state("lost")
    assert follower.state("push")["server"] == f"{rest[0].address}@{rest[0].port}"
    register((rest[0], rest[1]("n1")), "web-2")
    assert follower.change()["name"] == "web-2"
    assert follower.stop() == (0, "")
    done = run("watch", TYPE, "--once", "--registry", f"localhost@{rest[0].port}", "-t", "1")
    assert done.returncode == 3         # it listens at another address of the loopback
    assert "localhost" not in done.stdout


# ---- servers that do not push ----

@pytest.mark.parametrize("name", ["nsd", "bind", "knot"])
def test_a_server_without_push_is_polled_by_ttl(tmp_path, follow, name):
    if name in differ_peers.missing():
        pytest.skip(f"needs {name}")
    text = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 1\n@ NS ns\nns A 127.0.0.1\n" \
        "n1.nodes A 192.0.2.1\n_http._tcp 1 PTR web-1._http._tcp\n" \
        "web-1._http._tcp 1 SRV 0 0 80 n1.nodes\nweb-1._http._tcp TXT a=b\n"
    path = tmp_path / "lab.cloud.zone"
    path.write_text("$ORIGIN lab.cloud.\n" + text)
    peer = differ_peers.Peer(name, tmp_path / name, [("lab.cloud", str(path))])
    try:
        peer.wait()
        follower = follow("watch", TYPE, at=peer.where)
        line = follower.state("poll")
        assert line["why"] and line["retry"] is not None
        assert shown(follower.change()) == ("add", "web-1", "n1.nodes.lab.cloud.", 80,
                                            ["192.0.2.1"], "up", {"a": "b"})
        path.write_text(path.read_text().replace("SRV 0 0 80", "SRV 0 0 81").replace(
            "hostmaster 1", "hostmaster 2"))
        peer.process.send_signal(signal.SIGHUP)
        assert follower.change()["port"] == 81
        status, errors = follower.stop()
        assert (status, errors) == (0, "")
        done = run("subscribe", "none.lab.cloud", "A", "--once", "--server",
                   "@".join(map(str, peer.where)))
        assert done.returncode == 1 and done.stderr.count("polling by TTL") == 1
    finally:
        peer.stop()


def test_push_is_used_as_soon_as_there_is_a_server_for_it(served, follow):
    weftd, _ = served
    follower = follow("subscribe", "n1.nodes.lab.cloud", "A",
                      at=(weftd.address, free_port(weftd.address)))
    assert "refused" in follower.state("unreached")["why"]
    port = int(follower.process.args[-1].split("@")[1])
    weftd.conf.write_text(weftd.conf.read_text().replace(
        "listen: [", f'listen: ["{weftd.address}@{port}", '))
    weftd.stop()
    weftd.start()
    follower.state("push")
    assert follower.change()["rdata"] == "192.0.2.1"


# ---- a cable that is cut ----

@pytest.mark.limit(200)
def test_a_server_behind_a_cut_cable_is_found_again(make_weftd, follow):
    pair = netns.Pair()
    try:
        with pair.there.inside():
            weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options(),
                                       server=f'dso-plain: ["{netns.HERE}"]')
            weftd.conf.write_text(weftd.conf.read_text().replace(
                "listen: [", f'listen: ["{netns.THERE}@53", '))
            weftd.start()
            served = weftd, key("n1")
            register(served, "web-1")
        with pair.here.inside():
            follower = follow("watch", TYPE, "--plain", "--keepalive", "10",
                              at=(netns.THERE, 53))
        assert shown(follower.change())[:2] == ("add", "web-1")
        pair.set_down()
        with pair.there.inside():
            register(served, "web-2")
            send(served, f"web-1.{TYPE}. 0 ANY ANY")
        follower.state("lost")
        pair.set_down(False)
        follower.state("push")
        found = {shown(follower.change())[:2] for _ in range(2)}
        assert found == {("add", "web-2"), ("remove", "web-1")}
        with pair.there.inside():
            assert weftd.stop() == 0
    finally:
        pair.close()


# ---- the command line ----

def test_once_prints_what_there_is(served):
    weftd, _ = served
    where = ["--server", "@".join(map(str, weftd.where))]
    register(served, "web-1", txt="state=starting b=1")
    done = run("subscribe", WEB, "ANY", "--once", *where)
    assert done.returncode == 0 and sorted(done.stdout.splitlines()) == [
        f'+ {WEB}.\t60\tIN\tSRV\t0 0 8080 n1.nodes.lab.cloud.',
        f'+ {WEB}.\t60\tIN\tTXT\t"state=starting" "b=1"']
    done = run("watch", WEB, "--once", *where)
    when, line = done.stdout.split(" ", 1)
    assert len(when) == 8 and line == \
        "+ web-1  _http._tcp  n1.nodes.lab.cloud:8080  192.0.2.1  state=starting b=1\n"
    for args in (["watch", "_none._tcp.lab.cloud"], ["watch", f"none.{TYPE}"],
                 ["subscribe", WEB, "A"]):
        done = run(*args, "--once", *where)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", ""), args


def test_count_and_timeout_end_it(served):
    weftd, _ = served
    where = ["--server", "@".join(map(str, weftd.where))]
    for name in "abc":
        register(served, name)
    done = run("watch", TYPE, "--count", "2", *where)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2
    done = run("watch", TYPE, "-t", "1", *where)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 3
    done = run("watch", TYPE, "-t", "1", "--count", "4", *where)
    assert done.returncode == 1 and "3 of 4 changes came in time" in done.stderr


def test_without_a_server_it_says_so_and_ends_with_3():
    address, port = free_address()
    done = run("watch", TYPE, "--once", "-t", "2", "--server", f"{address}@{port}")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no answer in time" in done.stderr and "Connection refused" in done.stderr
    done = run("watch", TYPE, "--once", "-t", "2", env={"WEFT_REGISTRY": f"{address}@{port}"})
    assert done.returncode == 3 and "the resolvers do not answer" in done.stderr


def test_the_end_of_the_reader_ends_it(served):
    weftd, _ = served
    register(served, "web-1")
    command = f"{WEFT} watch {TYPE} --server {weftd.address}@{weftd.port}"
    done = subprocess.run(["sh", "-c", f"{command} | head -1"], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert (done.returncode, done.stderr) == (0, "") and "web-1" in done.stdout


def test_a_reader_that_does_not_read_gets_the_difference_later(served, follow):
    weftd, _ = served
    follower = follow("watch", TYPE, at=weftd.where)
    follower.state("push")
    size = 200
    for i in range(120):
        register(served, f"w{i}", txt=" ".join(f"k{n}={'x' * size}" for n in range(5)))
    pipe = follower.process.stdout.fileno()
    wait_for(lambda: select.select([pipe], [], [], 0)[0], "a full pipe")
    for i in range(100):
        send(served, f"w{i}.{TYPE}. 0 ANY ANY")
    state = {}
    while sorted(state) != sorted(f"w{i}" for i in range(100, 120)):
        line = follower.change()
        if line["event"] == "remove":
            del state[line["name"]]
        else:
            state[line["name"]] = line["port"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_cleanly(served, follow, number):
    weftd, _ = served
    follower = follow("watch", TYPE, at=weftd.where)
    follower.state("push")
    assert follower.stop(number) == (0, "")


def on_terminal(*args, env=None):
    """What is written to a terminal until the end."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvpe(WEFT, [WEFT, *args], {**os.environ, "TERM": "xterm", **(env or {})})
    text, end = b"", time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        try:
            text += os.read(fd, 65536)
        except OSError:
            break
    os.close(fd)
    os.waitpid(pid, 0)
    return text.decode()


def test_a_terminal_gets_colours_unless_it_does_not_want_them(served):
    weftd, _ = served
    register(served, "web-1")
    args = ["watch", TYPE, "--once", "--server", "@".join(map(str, weftd.where))]
    assert "\033[32m" in on_terminal(*args) and "\033[0m" in on_terminal(*args)
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\033" not in on_terminal(*args, env=env)
    assert "\033" not in on_terminal(*args, "--json")


@pytest.mark.parametrize("args, message", [
    (["watch"], "usage: weft watch TYPE|NAME"),
    (["subscribe", "a"], "usage: weft subscribe NAME TYPE"),
    (["subscribe", "a", "NONE"], 'invalid type "NONE"'),
    (["subscribe", "a", "AXFR"], 'invalid type "AXFR"'),
    (["watch", "a..b."], 'invalid name "a..b."'),
    (["watch", "_http._tcp.", "-d", "a..b"], 'invalid domain "a..b"'),
    (["watch", "a.", "--count", "0"], 'invalid --count "0"'),
    (["watch", "a.", "--count", "-1"], 'invalid --count "-1"'),
    (["watch", "a.", "--keepalive", "9"], 'invalid --keepalive "9"'),
    (["watch", "a.", "--server", "127.0.0.1@x"], 'invalid port "x"'),
    (["watch", "a.", "--server", "127.0.0.1", "--port", "65536"], 'invalid port "65536"'),
    (["watch", "a.", "--server", ""], 'invalid server ""'),
    (["watch", "a.", "--port", "53"], "--port needs --server"),
    (["watch", "a.", "--plain"], "--plain needs --server"),
    (["watch", "a.", "--server", "::1", "--plain", "--tls"], "exclude each other"),
    (["watch", "a.", "--server", "::1", "--registry", "::1"], "exclude each other"),
    (["watch", "a.", "--registry", "::1@x"], 'invalid registry "::1@x"'),
    (["watch", "a.", "--server", "::1", "--tls-pin", "AAAA"], 'invalid public key'),
    (["watch", "a.", "--server", "::1", "--tls-key", "x"], "--tls-key needs --tls-certificate"),
    (["watch", "a.", "--state-dir", "x"], "does not take --state-dir"),
    (["status", "--server", "::1"], "does not take --server"),
    (["status", "-d", "x"], "does not take -d"),
])
def test_wrong_usage_is_told(args, message):
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_without_standard_output_it_ends(make_weftd):
    """The socket does not become the standard output."""
    weftd, _ = leases.fabric(make_weftd, zone=ZONE)
    weftd.start()
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", WEFT, "subscribe", "n1.nodes.lab.cloud", "A",
         "--once", "--server", f"{weftd.address}@{weftd.port}"],
        stderr=subprocess.PIPE, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 1 and "standard output" in done.stderr


def test_files_that_cannot_be_read_are_named(tmp_path):
    for option in ("--tls-ca", "-f", "--tls-certificate"):
        done = run("watch", "a.", "--server", "::1", option, str(tmp_path / "none"))
        assert done.returncode == 2 and str(tmp_path / "none") in done.stderr, option
    done = run("watch", "a.", env={"WEFT_REGISTRY": "ns..lab"})
    assert done.returncode == 2 and 'WEFT_REGISTRY: invalid registry "ns..lab"' in done.stderr


def test_completion_knows_the_options_and_types():
    def offered(*words):
        done = run("--complete", *words)
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert "watch" in offered("wa") and "subscribe" in offered("sub")
    assert {"--server", "--domain", "--once", "--tls-ca"} <= set(offered("watch", "--"))
    assert "--state-dir" not in offered("watch", "--")
    assert "--server" not in offered("status", "--")
    assert {"SRV", "TXT"} <= set(offered("subscribe", "a", ""))
    assert offered("watch", "--tls-ca", "") == [":files"]
