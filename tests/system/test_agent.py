# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""An agent against a registry, without weft(1): declarations and assignments are written by updates,
as nsupdate does it, and looked at as dig does; the control socket is asked as it is."""

import json
import os
import signal
import socket

import pytest

import updates
from agents import TYPE, Agent, make_lab, owner, service   # noqa: F401 (fixtures)
from waiting import LIMIT_S, wait_for


def ask(agent, command, *args):
    """The result of a command of the control socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        client.connect(str(agent.socket))
        client.sendall(json.dumps({"command": command, "args": args}).encode() + b"\n")
        data = b""
        while not data.endswith(b"\n") and (part := client.recv(1 << 20)):
            data += part
    answer = json.loads(data)
    assert "error" not in answer, answer
    return answer.get("result", answer)


def shown(agent, label):
    rows = ask(agent, "service status")["instances"]
    return {row["label"]: row for row in rows}.get(label, {})


@pytest.fixture
def lab(make_lab):
    made = make_lab()
    made.node("n1").start()
    return made


def declare(lab, label="web-1", node="n1", **options):
    spec = service(label.rpartition("-")[0], **options)
    spec.setdefault("environment", {})["LIVES"] = str(lab.lives)
    lab.declare_by_hand(label, spec, node, spec["type"])


def serial(lab):
    return lab.lookup("@", "SOA")


def place(lab, label, to, before=(), kind=TYPE):
    lines = [f"_runs.{node}.nodes 0 NONE PTR {label}.{kind}" for node in before]
    lab.update(*lines, *([f"_runs.{to}.nodes 5 IN PTR {label}.{kind}"] if to else []))


def test_a_declared_service_is_started_and_registered(lab):
    declare(lab, text={"path": "/"})
    seen = lab.wait("web-1")
    assert (seen["id"], seen["node"], seen["path"]) == ("web-1", "n1", "/")
    assert seen["target"] == "n1.nodes.lab.cloud."
    assert lab.ask("web-1")["WEFT_INC"] == seen["inc"]
    node = lab.text("n1.nodes")
    assert (node["state"], node["age"]) == ("up", "1")
    wait_for(lambda: lab.text("web._names.n1.nodes").get("pid"), "the process of the name")
    held = lab.text("web._names.n1.nodes")
    assert held["by"] == owner("web-1") and int(held["pid"]) in lab.processes()["web-1"]
    assert shown(lab.agents[0], "web-1")["state"] == "up"


def test_a_killed_service_is_the_next_incarnation(lab):
    declare(lab)
    inc = int(lab.wait("web-1")["inc"])
    for _ in range(3):
        os.kill(shown(lab.agents[0], "web-1")["pid"], signal.SIGKILL)
        inc = lab.wait_next("web-1", inc)
    assert [line["restore"] for line in lab.starts("web-1")] == ["0", "1", "1", "1"]
    lab.wait_event("web-1", "restarted")


def test_a_killed_agent_is_not_noticed(lab):
    agent = lab.agents[0]
    declare(lab)
    declare(lab, "db-1")
    lab.wait("web-1"), lab.wait("db-1")
    wait_for(lambda: len([e for e in lab.events() if e["what"] == "started"]) == 2, "events")
    before, records, inc = serial(lab), lab.records(), lab.inc("web-1")
    pids = lab.processes()
    agent.kill()
    agent.start()
    wait_for(lambda: shown(agent, "web-1").get("registered") and
             shown(agent, "db-1").get("registered") and ask(agent, "agent status")["registered"] and
             ask(agent, "agent status")["current"], "the adopted instances")
    assert lab.processes() == pids
    assert serial(lab) == before, [lab.records().keys() ^ records.keys(), lab.events()]
    os.kill(shown(agent, "web-1")["pid"], signal.SIGKILL)
    lab.wait_next("web-1", inc)


def test_an_instance_moves_by_hand(lab):
    lab.node("n2").start()
    declare(lab)
    inc = int(lab.wait("web-1", node="n1")["inc"])
    place(lab, "web-1", "n2", ["n1"])
    inc = lab.wait_later("web-1", inc, node="n2")
    assert len(lab.starts("web-1")) == 2
    wait_for(lambda: len(lab.processes().get("web-1", [])) == 1, "one process")
    assert lab.text("web._names.n1.nodes") == {}
    place(lab, "web-1", "n1", ["n2"])
    lab.wait_later("web-1", inc, node="n1")


def test_an_operator_s_stop_survives_the_agent(lab):
    agent = lab.agents[0]
    declare(lab)
    lab.wait("web-1")
    ask(agent, "service stop", "web-1")
    inc = int(lab.wait("web-1", "stopped")["inc"])
    assert "web-1" not in lab.processes()
    agent.kill()
    agent.start()
    wait_for(lambda: shown(agent, "web-1").get("registered"), "registered")
    assert shown(agent, "web-1")["state"] == "stopped"
    ask(agent, "service start", "web-1")
    lab.wait_later("web-1", inc)


def test_the_end_of_the_agent_is_the_end_of_its_services(lab):
    agent = lab.agents[0]
    declare(lab)
    inc = int(lab.wait("web-1")["inc"])
    assert agent.stop() == 0
    assert "web-1" not in lab.processes()
    assert lab.instance("web-1") == {} and lab.text("n1.nodes") == {}
    agent.start()
    lab.wait_later("web-1", inc)
    assert lab.text("n1.nodes")["age"] == "2"
