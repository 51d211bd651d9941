# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What weft shows of a fabric by its zone: services declared, assigned and registered; the resource
graph; the history. Services are declared by weft apply, and registered as agents do it, by update."""

import json
import os
import re
import socket
import struct
import subprocess
import threading

import pytest

import leases
import updates
from conftest import WEFT
from loopback import free_port
from waiting import LIMIT_S, wait_for

WEB, DB = "web-1._http._tcp", "db-1._db._tcp"
DECLARED = """\
service:
  - name: web
    type: _http._tcp
    count: 2
    run: [httpd]
    port: auto
    uses: [db]
    on: [n1]
    name-resource: none
  - name: db
    type: _db._tcp
    run: [dbd]
    port: 5432
    version: "15"
"""


class Lab:
    """A registry with a fabric, and weft as its administrator calls it."""

    def __init__(self, make_weftd, options="update: {fabric: lab.cloud}\nlease: {minimum: 1}"):
        self.weftd, self.key = leases.fabric(make_weftd)
        self.weftd.configure({"lab.cloud": options},
                             more="fabric:\n  - {name: lab.cloud, key-file: lab.cloud.fabric}\n")
        self.key("admin")
        self.environment = {"WEFT_REGISTRY": "{}@{}".format(*self.weftd.where),
                            "WEFT_KEY_FILE": str(self.weftd.folder / "admin.key"),
                            "HOME": str(self.weftd.folder), "PATH": os.environ["PATH"]}
        self.environment |= {name: value for name, value in os.environ.items() if "SAN_" in name}

    def start(self):
        self.weftd.start()
        return self

    def weft(self, *args, status=0, **more):
        done = subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S,
                              cwd=self.weftd.folder, stdin=subprocess.DEVNULL,
                              env={**self.environment, **more})
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *args):
        return json.loads(self.weft("-j", *args).stdout)

    def apply(self, text=DECLARED):
        (self.weftd.folder / "lab.yaml").write_text(text)
        self.weft("apply", "--yes", "lab.yaml")

    def update(self, *lines, key="admin"):
        reply = updates.send(self.weftd, updates=list(lines), key=self.key(key))
        assert reply.rcode == "NOERROR", reply

    def node(self, node, address):
        self.update(f"{node}.nodes 5 IN A {address}",
                    f"{node}.nodes 5 IN TXT state=up boot=b age=1", key=node)

    def instance(self, name, node, port, state="up", inc=1, more=""):
        self.update(f"{name} 0 ANY SRV", f"{name} 0 ANY TXT",
                    f"{name} 5 IN SRV 0 0 {port} {node}.nodes",
                    f"{name} 5 IN TXT id={name} inc={inc} state={state} node={node} {more}",
                    key=node)

    def services(self, *args):
        return {s["instance"]: s for s in self.json("service", "list", *args)["services"]}


@pytest.fixture
def lab(make_weftd):
    return Lab(make_weftd).start()


@pytest.fixture
def running(lab):
    """web-1 runs on n1 and uses db-1, which n2 runs but is not to; web-2 does not run."""
    lab.apply()
    lab.node("n1", "192.0.2.1")
    lab.node("n2", "192.0.2.2")
    lab.instance(DB, "n2", 5432)
    lab.instance(WEB, "n1", 8080, more="ver=1 cfg=abc")
    lab.update(f"web._names.n1.nodes 5 IN TXT by={WEB} pid=12 boot=b",
               f"_uses.{WEB} 5 IN PTR {DB}", key="n1")
    return lab


# ---- the transfer ----

def test_the_administrators_key_is_enough_to_read_a_fabric(lab):
    assert lab.services() == {"static._http._tcp": lab.services()["static._http._tcp"]}


def test_a_key_that_may_not_read_the_zone_is_told_the_option(lab):
    lab.key("n1")
    done = lab.weft("service", "list", status=1, WEFT_KEY_FILE=str(lab.weftd.folder / "n1.key"))
    assert "n1.keys.lab.cloud:" in done.stderr and "zone.transfer.key" in done.stderr


def test_without_a_key_the_message_names_the_ways_to_give_one(lab):
    del lab.environment["WEFT_KEY_FILE"]
    done = lab.weft("graph", "-d", "lab.cloud", status=1)
    assert "WEFT_KEY_FILE" in done.stderr and "--key-file" in done.stderr


def test_without_key_and_zone_the_message_names_both(lab):
    done = lab.weft("-j", "graph", status=2, WEFT_KEY_FILE="")
    error, = json.loads(done.stdout)["errors"]
    assert "--key-file" in error and "--domain" in error, error


def test_a_zone_that_the_registry_does_not_have_is_no_matter_of_permission(lab):
    error = lab.weft("service", "list", "other.zone", status=1).stderr
    assert "zone.transfer.key" not in error and "NOTAUTH" in error, error


def test_each_service_has_the_same_members(running):
    rows = running.json("service", "list")["services"]
    assert {row["registered"] for row in rows} == {True, False}
    assert len({tuple(sorted(row)) for row in rows}) == 1, rows


def test_a_registry_that_is_not_there_is_not_reached(lab):
    lab.environment["WEFT_REGISTRY"] = f"127.0.0.1@{free_port()}"
    done = lab.weft("history", status=3)
    assert "Connection refused" in done.stderr


def test_the_next_registry_is_asked_if_one_does_not_answer(lab):
    lab.environment["WEFT_REGISTRY"] = (f"127.0.0.1@{free_port()},"
                                        + lab.environment["WEFT_REGISTRY"])
    assert lab.services()


def test_a_zone_of_many_messages_is_read_whole(lab):
    for at in range(0, 400, 50):
        lab.update(*[f"n{i}.nodes 5 IN TXT boot={'x' * 200}" for i in range(at, at + 50)])
    graph = lab.json("graph")
    assert sum(v["kind"] == "node" for v in graph["vertices"]) == 400


class Forger(threading.Thread):
    """Between weft and the registry: changes an octet of the answer, or answers itself."""

    def __init__(self, to, change):
        super().__init__(daemon=True)
        self.to, self.change = to, change
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.start()

    @property
    def where(self):
        return "127.0.0.1@{}".format(self.listener.getsockname()[1])

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self.serve(client)

    def serve(self, client):
        def exactly(s, n):
            octets = b""
            while len(octets) < n:
                more = s.recv(n - len(octets))
                if not more:
                    raise EOFError
                octets += more
            return octets

        def message(s):
            return exactly(s, struct.unpack("!H", exactly(s, 2))[0])

        with socket.create_connection(self.to, LIMIT_S) as server:
            query = message(client)
            server.sendall(struct.pack("!H", len(query)) + query)
            for number in range(1000):
                try:
                    server.settimeout(1)
                    answer = self.change(number, message(server))
                    for octets in answer:
                        client.sendall(struct.pack("!H", len(octets)) + octets)
                except (EOFError, OSError):
                    return


def forged(lab, change):
    forger = Forger(lab.weftd.where, change)
    lab.environment["WEFT_REGISTRY"] = forger.where
    done = lab.weft("-t", "3", "graph", status=1)
    forger.listener.close()
    return done.stderr


def test_a_forged_octet_of_any_message_is_noticed(lab):
    for at in range(0, 400, 50):
        lab.update(*[f"n{i}.nodes 5 IN TXT boot={'x' * 200}" for i in range(at, at + 50)])
    for which in (0, 2):
        def change(number, octets, which=which):
            return [octets if number != which else octets.replace(b"xxx", b"xyx", 1)]
        assert "signature" in forged(lab, change)


def test_a_message_that_is_left_out_is_noticed(lab):
    for at in range(0, 400, 50):
        lab.update(*[f"n{i}.nodes 5 IN TXT boot={'x' * 200}" for i in range(at, at + 50)])
    assert "signature" in forged(lab, lambda number, octets: [] if number == 1 else [octets])


@pytest.mark.parametrize("change", [
    lambda number, octets: [octets[:12]],
    lambda number, octets: [octets[:40]],
    lambda number, octets: [b"\0" * 12],
    lambda number, octets: [b"x"],
    lambda number, octets: [octets[:2] + b"\x80\x00" + octets[4:]],
])
def test_what_is_not_a_transfer_is_refused(lab, change):
    assert "cannot be read" in forged(lab, change)


# ---- service list, service show ----

def test_services_are_declared_assigned_and_registered(running):
    services = running.services()
    assert {name: (s["state"], s["node"], s["declared"], s["registered"])
            for name, s in services.items() if s["declared"]} == {
        WEB: ("up", "n1", True, True),
        "web-2._http._tcp": ("assigned", "n1", True, False),
        DB: ("up", "n2", True, True)}
    assert services[WEB]["cfg"] == "abc" and services[WEB]["port"] == 8080
    assert services["static._http._tcp"]["why"] is None
    assert services[DB]["why"] == "is registered, but not assigned"


def test_services_are_listed_by_node_type_and_state(running):
    assert set(running.services("--node", "n2")) == {DB}
    assert set(running.services("--type", "_db._tcp")) == {DB}
    assert set(running.services("--type", "_db")) == {DB}
    assert set(running.services("--state", "assigned")) == {"web-2._http._tcp"}
    assert running.weft("service", "list").stdout.splitlines()[0].split()[:3] == \
        ["instance", "state", "node"]


def test_a_service_that_two_nodes_are_to_run_is_pointed_out(running):
    running.update(f"_runs.n2.nodes 5 IN PTR {WEB}")
    assert running.services()[WEB]["why"] == "is assigned to n1 and n2"


def test_a_bad_declaration_is_shown_with_what_is_wrong(lab):
    lab.update('_spec.x-1._x._tcp 5 IN TXT "{\\"name\\":\\"x\\",\\"type\\":\\"_x._tcp\\",'
               '\\"run\\":[\\"x\\"],\\"prot\\":1}"')
    assert "prot" in lab.services()["x-1._x._tcp"]["why"]


def test_all_there_is_of_an_instance_is_shown(running):
    running.update(f"7-1._events._cluster 5 IN TXT era=7 n=1 t=1700000000.5 node=n1 what=up of={WEB}")
    shown = running.json("service", "show", "web-1")
    assert shown["names"] == ["web"] and shown["uses"] == [DB]
    assert shown["spec"]["port"] == "auto"
    assert [e["what"] for e in shown["events"]] == ["up"]
    assert running.json("service", "show", "db-1")["users"] == [WEB]
    text = running.weft("service", "show", f"{WEB}.lab.cloud").stdout
    assert '"port": "auto"' in text and "2023-11-14T22:13:20.500Z" in text


def test_a_label_of_two_instances_wants_its_type(running):
    running.instance("web-1._ipp._tcp", "n1", 631)
    assert "2 instances" in running.weft("service", "show", "web-1", status=1).stderr
    assert running.json("service", "show", "web-1._ipp._tcp")["port"] == 631
    assert "no instance" in running.weft("service", "show", "web-9", status=1).stderr


def test_by_the_socket_weftd_is_asked_as_before(running):
    done = subprocess.run([WEFT, "-j", "-s", str(running.weftd.socket), "service", "list"],
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert {"key", "left"} <= set(json.loads(done.stdout)["services"][0])
    # Nothing names a registry: the socket that is there.
    more = {"WEFT_SOCKET": str(running.weftd.socket), "WEFT_REGISTRY": ""}
    assert "left" in running.weft("-j", "service", "list", **more).stdout


# ---- graph ----

def edges(graph):
    return {(e["from"], e["relation"], e["to"]) for e in graph["edges"]}


def test_the_graph_has_nodes_services_and_what_they_use(running):
    graph = running.json("graph")
    assert {("n1.nodes", "runs", WEB), ("n1.nodes", "runs", "web-2._http._tcp"),
            ("n2.nodes", "runs", DB), (WEB, "uses", DB), (WEB, "holds", "web._names.n1.nodes"),
            ("web-2._http._tcp", "uses", "service db._db._tcp")} <= edges(graph)
    assert graph["cycles"] == [] and not any(v["missing"] for v in graph["vertices"])
    text = running.weft("graph").stdout
    assert re.search(r"├─ n1  up  192\.0\.2\.1\n│  ├─ web-1\._http\._tcp  up :8080\n"
                     r"│  │  ├─ uses db-1\._db\._tcp  up, on n2\n"
                     r"│  │  └─ holds web\._names\.n1\.nodes\n"
                     r"│  └─ web-2\._http\._tcp  assigned\n│     └─ uses db  up\n", text), text


def test_what_is_used_but_not_there_is_marked(running):
    running.apply(DECLARED + "  - {name: cron, type: _cron._udp, run: [c], "
                             "uses: [{name: mail, type: _smtp._tcp}]}\n")
    running.update(f"_uses.{DB} 5 IN PTR gone-1._x._tcp")
    graph = running.json("graph")
    assert {v["id"] for v in graph["vertices"] if v["missing"]} == \
        {"gone-1._x._tcp", "service mail._smtp._tcp"}
    text = running.weft("graph").stdout
    assert "uses gone-1._x._tcp  MISSING" in text and "uses mail  MISSING" in text
    assert "not assigned\n   └─ cron-1._cron._udp  declared" in text


def test_cycles_are_found(running):
    running.update(f"_uses.{DB} 5 IN PTR {WEB}")
    assert running.json("graph")["cycles"] == [[DB, WEB]]
    assert f"cycle: {DB} -> {WEB} -> {DB}\n" in running.weft("graph").stdout


def test_the_graph_is_text_for_dot(running):
    text = running.weft("graph", "--dot").stdout
    assert text.startswith("digraph fabric {\n") and text.endswith("}\n")
    assert f'"{WEB}" -> "{DB}" [label=uses];' in text


def test_names_of_a_stranger_control_no_terminal(lab):
    lab.update('_spec.\\027c-1._x._tcp 5 IN TXT "\\027[31m"',
               'n1.nodes 5 IN TXT "state=\\027[31m"',
               '1-1._events._cluster 5 IN TXT "what=\\027[31m" t=1')
    for args in (["graph"], ["graph", "--dot"], ["history"], ["service", "list"]):
        assert "\x1b" not in lab.weft(*args).stdout


# ---- history ----

def event(era, n, t, node, what, of, why=""):
    return (f'{era}-{n}._events._cluster 5 IN TXT era={era} n={n} t={t} node={node} what={what} '
            f'of={of} "why={why}"')


def test_history_is_in_the_order_of_time(lab):
    lab.update(event(2, 1, "1700000002.001", "n2", "started", DB),
               event(1, 10, "1700000003", "n1", "failed", WEB, "exit status 1"),
               event(1, 9, "1700000001.5", "n1", "started", WEB))
    events = lab.json("history")
    assert [(e["node"], e["what"]) for e in events] == \
        [("n1", "started"), ("n2", "started"), ("n1", "failed")]
    assert events[2]["time"] == "2023-11-14T22:13:23.000Z" and events[2]["why"] == "exit status 1"
    assert [e["what"] for e in lab.json("history", "--of", "web-1", "--node", "n1")] == \
        ["started", "failed"]
    assert [e["n"] for e in lab.json("history", "--since", "2023-11-14T22:13:22Z")] == [1, 10]
    assert lab.json("history", "--since", "1h") == []
    assert "exit status 1" in lab.weft("history").stdout


def test_history_is_followed(lab):
    lab.update(event(1, 1, 1700000001, "n1", "started", WEB))
    process = subprocess.Popen([WEFT, "-j", "history", "-f", "-t", "60"], text=True,
                               stdout=subprocess.PIPE, env=lab.environment, cwd=lab.weftd.folder)
    try:
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")),
                                  daemon=True)
        reader.start()
        wait_for(lambda: len(lines) == 1, "the event that was there")
        lab.update(event(1, 2, 1700000002, "n1", "failed", WEB),
                   event(1, 3, 1700000003, "n1", "restarted", WEB))
        wait_for(lambda: len(lines) == 3, "the next events")
        lab.update(event(9, 1, 1700000004, "n2", "began", DB))
        wait_for(lambda: len(lines) == 4, "the event of a new era")
        assert [json.loads(line)["what"] for line in lines] == \
            ["started", "failed", "restarted", "began"]
    finally:
        process.kill()
        process.wait(LIMIT_S)


# ---- the agent's socket ----

@pytest.mark.parametrize("args", [["service", "status"], ["service", "start", "web-1"],
                                  ["service", "log", "-f", "web-1"], ["agent", "status"],
                                  ["agent", "check"]])
def test_without_an_agent_nothing_is_reached(lab, args):
    path = str(lab.weftd.folder / "agent.sock")
    done = lab.weft(*args, status=3, WEFT_AGENT_SOCKET=path)
    assert f"no weft-agentd answers at {path}" in done.stderr
    assert path in lab.weft("--agent-socket", path, *args, status=3).stderr


def test_the_socket_is_that_of_the_agents_configuration(lab):
    (lab.weftd.folder / "agentd.conf").write_text("agent: {node: n1, control: ours.sock}\n")
    done = lab.weft("-c", str(lab.weftd.folder / "agentd.conf"), "agent", "status", status=3)
    assert str(lab.weftd.folder / "ours.sock") in done.stderr
