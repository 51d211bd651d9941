# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What weft shows and does of a node by its running weft-agentd: the states of instances, what an
operator asks for, outputs, and the comparison with the zone."""

import json
import os
import subprocess
import threading

import pytest

from agents import lab, make_lab, service   # noqa: F401 (fixtures)
from conftest import WEFT
from waiting import LIMIT_S, wait_for

TICK, IDLE = "tick-1._tick._tcp", "idle-1._idle._tcp"


@pytest.fixture
def node(lab):
    """The agent of n1, with two services that are up, one of which uses the other."""
    tick = service("tick", type="_tick._tcp", on=["n1"], check=None, port=4000, restart=None,
                   run=["sh", "-c", "echo began $WEFT_INC; exec sleep 1000"])
    idle = service("idle", type="_idle._tcp", on=["n1"], check=None, port=None, restart=None,
                   run=["sleep", "1000"], uses=["tick"])
    lab.apply(tick, idle)
    agent = lab.agents[0]
    agent.wait("tick-1")
    agent.wait("idle-1")
    agent.wait_equal()
    return agent


def test_the_instances_of_a_node_are_shown(node):
    tick = node.shown("tick-1")
    lines = node.service("status").stdout.splitlines()
    assert lines[0].split()[:3] == ["instance", "state", "pid"] and len(lines) == 3
    shown = node.service("status", "tick-1").stdout
    assert str(tick["pid"]) in shown and "_tick._tcp" in shown
    assert json.loads(node.weft("agent", "status", json_output=True).stdout)["states"] == {"up": 2}
    assert "n1" in node.weft("agent", "status").stdout


def test_what_runs_is_what_the_zone_has(node):
    assert "2 instances, all as in the zone" in node.weft("agent", "check").stdout
    found = json.loads(node.weft("agent", "check", json_output=True).stdout)
    assert found["differences"] == [] and found["instances"] == 2


def test_what_somebody_changes_in_the_zone_differs(node):
    node.lab.update(f"web._names.n1.nodes 5 IN TXT by={IDLE}",
                    "ghost._x._tcp 5 IN SRV 0 0 1 n1.nodes", "ghost._x._tcp 5 IN TXT node=n1")
    done = node.weft("agent", "check", check=False)
    assert (done.returncode, done.stdout.splitlines()) == (1, [
        "ghost._x._tcp: is registered for n1, but the agent does not have it",
        f"web._names.n1.nodes: is held by {IDLE}, which does not run here with it"])


def test_an_operator_stops_starts_and_restarts(node):
    node.service("stop", "tick-1")
    assert node.shown("tick-1")["state"] == "stopped"
    node.service("start", "tick-1")
    inc = node.shown("tick-1")["inc"]
    node.service("restart", f"tick-1@{inc}")
    assert node.shown("tick-1")["inc"] == inc + 1
    node.service("restart", f"tick-1@{inc}")    # somebody was faster: nothing is done
    assert node.shown("tick-1")["inc"] == inc + 1
    done = node.service("start", "web-9", check=False)
    assert done.returncode == 1 and "web-9" in done.stderr


def test_outputs_are_shown_and_followed(node):
    inc = node.shown("tick-1")["inc"]
    wait_for(lambda: f"began {inc}\n" in node.service("log", "tick-1").stdout, "the output")
    process = subprocess.Popen([WEFT, "service", "log", "-f", "tick-1"], text=True,
                               stdout=subprocess.PIPE,
                               env=node.lab.environment | {"WEFT_AGENT_SOCKET": str(node.socket)})
    try:
        lines = []
        threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")),
                         daemon=True).start()
        wait_for(lambda: f"began {inc}\n" in lines, "what was written before")
        node.service("restart", "tick-1")
        wait_for(lambda: f"began {inc + 1}\n" in lines, "what is written now")
    finally:
        process.kill()
        process.wait(LIMIT_S)


def test_what_runs_is_in_list_graph_and_history(node):
    listed = json.loads(node.lab.weft("-j", "service", "list", "--node", "n1").stdout)["services"]
    assert {s["instance"]: (s["state"], s["why"]) for s in listed} == {
        TICK: ("up", None), IDLE: ("up", None)}
    graph = json.loads(node.lab.weft("-j", "graph").stdout)
    edges = {(e["from"], e["relation"], e["to"]) for e in graph["edges"]}
    assert {("n1.nodes", "runs", TICK), (IDLE, "uses", TICK),
            (TICK, "holds", "tick._names.n1.nodes")} <= edges
    assert graph["cycles"] == []
    events = json.loads(node.lab.weft("-j", "history", "--of", "tick-1").stdout)
    assert events and {(e["node"], e["of"]) for e in events} == {("n1", TICK)}
    shown = json.loads(node.lab.weft("-j", "service", "show", "tick-1").stdout)
    assert shown["users"] == [IDLE] and shown["names"] == ["tick"]


def test_an_agent_that_leaves_is_not_reached_any_more(node):
    shown = node.shown("tick-1")
    pid = shown["pid"]
    node.weft("agent", "leave")
    assert node.process.wait(LIMIT_S) == 0
    done = node.service("status", check=False)
    assert done.returncode == 3 and "no weft-agentd answers" in done.stderr
    os.kill(pid, 0)
    node.start()
    assert node.wait("tick-1", pid=pid)["inc"] == shown["inc"]
    node.wait_equal()
