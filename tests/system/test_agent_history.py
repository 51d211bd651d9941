# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The history of a node in the zone: in order, without a gap, through deaths of agent and registry,
and no longer than it may be."""

import os
import signal

from agents import TYPE, lab, make_lab, owner, service      # noqa: F401 (fixtures)
from waiting import wait_for


def numbers(lab, node="n1"):
    """By era the numbers of a node's events."""
    eras = {}
    for event in lab.events(node=node):
        eras.setdefault(event["era"], []).append(int(event["n"]))
    return {era: sorted(found) for era, found in eras.items()}


def die(lab, label):
    """Has the instance die, and waits for the next one."""
    shown = lab.agents[0].wait(label)
    os.kill(shown["pid"], signal.SIGKILL)
    wait_for(lambda: lab.agents[0].wait(label)["inc"] > shown["inc"], "the next incarnation")


def test_events_that_wait_for_the_registry_are_written_in_order(lab):
    lab.apply(service(on=["n1"]))
    inc = int(lab.wait("web-1")["inc"])
    lab.agents[0].wait_equal()
    lab.weftd.kill()
    for _ in range(5):
        die(lab, "web-1")
    lab.weftd.start()
    lab.wait_later("web-1", inc + 4)
    wait_for(lambda: lab.whats("web-1").count("restarted") == 5, "five restarts")
    (era, found), = numbers(lab).items()
    assert found == list(range(1, len(found) + 1))
    times = [float(e["t"]) for e in sorted(lab.events(node="n1"), key=lambda e: int(e["n"]))]
    assert times == sorted(times)


def test_events_survive_the_death_of_the_agent(lab):
    lab.apply(service(on=["n1"]))
    lab.wait("web-1")
    lab.agents[0].wait_equal()
    lab.weftd.kill()
    die(lab, "web-1")
    for _ in range(3):
        lab.agents[0].kill()
        lab.agents[0].start()
    lab.weftd.start()
    lab.wait_event("web-1", "restarted")
    (_, found), = numbers(lab).items()
    assert found == list(range(1, len(found) + 1))


def test_the_oldest_events_are_removed(make_lab):
    made = make_lab()
    agent = made.node("n1", more="history: {keep: 100}").start()
    made.apply(service(on=["n1"], count=40, name_resource="none", port=None, check=None,
                       run=["/bin/sleep", "100000"]))
    for i in range(1, 41):
        made.wait(f"web-{i}")
    wait_for(lambda: len(made.events(node="n1")) == 100, "the bound")
    made.delete("web")
    made.wait_gone(*(f"web-{i}" for i in range(1, 41)))
    agent.wait_equal()
    wait_for(lambda: made.whats().count("stopped") == 40, "all ends")
    (_, found), = numbers(made).items()
    assert len(found) == 100 and found == list(range(found[0], found[0] + 100))


def test_a_node_without_its_file_begins_an_era(lab):
    lab.apply(service(on=["n1"]))
    lab.wait_event("web-1", "started")
    lab.agents[0].kill()
    before = len(lab.events(node="n1"))
    for path in lab.agents[0].state.rglob("history"):
        path.unlink()
    lab.agents[0].start()
    os.kill(lab.agents[0].wait("web-1")["pid"], signal.SIGKILL)
    lab.wait_event("web-1", "restarted")
    eras = numbers(lab)
    assert len(eras) == 2
    assert sum(map(len, eras.values())) > before
    assert all(found == list(range(1, len(found) + 1)) for found in eras.values())


def test_each_node_has_an_era_of_its_own(lab):
    lab.node("n2").start()
    lab.apply(service("a", on=["n1"]), service("b", on=["n2"]))
    lab.wait_event("a-1", "started")
    lab.wait_event("b-1", "started")
    assert not set(numbers(lab, "n1")) & set(numbers(lab, "n2"))
    assert {e["node"] for e in lab.events("b-1")} == {"n2"}


def test_history_can_be_filtered(lab):
    lab.node("n2").start()
    lab.apply(service("a", on=["n1"]), service("b", on=["n2"]))
    lab.wait_event("a-1", "started")
    lab.wait_event("b-1", "started")
    of = lab.weft("history", "--of", owner("a-1")).stdout
    assert "a-1" in of and "b-1" not in of
    node = lab.weft("history", "--node", "n2").stdout
    assert "b-1" in node and "a-1" not in node
