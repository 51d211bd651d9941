# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Agents while their registry is away, and when it comes back, also without what it knew; nodes whose
services move from one to the other."""

import os
import signal

from agents import TYPE, lab, make_lab, owner, service      # noqa: F401 (fixtures)
from waiting import freeze, wait_for


def names(n):
    return [f"s{i}" for i in range(n)]


def test_services_go_on_while_the_registry_is_away(lab):
    lab.apply(*(service(name, on=["n1"]) for name in names(5)))
    for name in names(5):
        lab.wait(f"{name}-1")
    lab.agents[0].wait_equal()
    lab.weftd.kill()
    shown = lab.agents[0].instances()
    os.kill(shown["s0-1"]["pid"], signal.SIGKILL)
    inc = lab.agents[0].wait("s0-1", inc=shown["s0-1"]["inc"] + 1)["inc"]
    now = lab.agents[0].instances()
    assert all(now[f"{name}-1"]["pid"] == shown[f"{name}-1"]["pid"] for name in names(5)[1:])
    lab.weftd.start()
    lab.wait("s0-1", inc=str(inc))
    lab.agents[0].wait_equal()
    wait_for(lambda: "restarted" in lab.whats("s0-1"), "what happened meanwhile")


def test_all_is_registered_again_when_the_registry_has_lost_it(make_lab):
    """The leases end while weftd runs and no agent reaches it: its address is another one's."""
    made = make_lab()
    agent = made.node("n1", lease=3).start()
    made.apply(*(service(name, on=["n1"]) for name in names(3)))
    for name in names(3):
        made.wait(f"{name}-1")
    before = agent.instances()
    freeze(agent.process.pid)
    made.wait_gone(*(f"{name}-1" for name in names(3)))
    wait_for(lambda: not made.lookup("n1.nodes", "A"), "the end of the node")
    agent.process.send_signal(signal.SIGCONT)
    for name in names(3):
        seen = made.wait(f"{name}-1")
        assert seen["inc"] == str(before[f"{name}-1"]["inc"])
    made.wait_event("s0-1", "started")
    assert made.lookup("n1.nodes", "A") == [agent.address]
    agent.wait_equal()
    assert {label: row["pid"] for label, row in agent.instances().items()} == {
        label: row["pid"] for label, row in before.items()}


def test_a_service_moves_by_hand(lab):
    other = lab.node("n2").start()
    lab.apply(service(fence="lease"))
    lab.place("web-1", "n1")
    first = lab.wait("web-1", node="n1")
    inc = int(first["inc"])
    for node in ("n2", "n1"):
        lab.place("web-1", node)
        inc = lab.wait_later("web-1", inc, node=node)
        seen = lab.instance("web-1")
        assert seen["target"] == f"{node}.nodes.lab.cloud." and seen["id"] == first["id"]
        wait_for(lambda: len(lab.processes().get("web-1", [])) == 1, "one process")
    for agent in (lab.agents[0], other):
        agent.wait_equal()
    assert not lab.twice()


def test_what_a_dead_node_ran_waits_for_its_lease(make_lab):
    made = make_lab()
    first, second = made.node("n1", lease=4), made.node("n2", lease=4)
    first.start()
    second.start()
    made.apply(service(fence="lease"))
    made.place("web-1", "n1")
    inc = int(made.wait("web-1", node="n1")["inc"])
    first.kill()
    pid, = made.processes()["web-1"]
    os.kill(pid, signal.SIGKILL)
    made.place("web-1", "n2")
    second.wait("web-1", "assigned", cause="fence")
    seen = made.wait("web-1", node="n2")
    assert int(seen["inc"]) > inc
    second.wait_equal()
    # The dead one comes back, and leaves alone what is the other's now.
    first.start()
    first.wait_equal()
    assert not made.twice(), first.log()[-3000:]
    assert made.instance("web-1")["node"] == "n2"
    assert len(made.processes()["web-1"]) == 1


def test_nobody_waits_without_a_fence(make_lab):
    made = make_lab()
    first, second = made.node("n1", lease=60).start(), made.node("n2", lease=60).start()
    made.apply(service(fence="none"))
    made.place("web-1", "n1")
    inc = int(made.wait("web-1", node="n1")["inc"])
    first.kill()
    for pid in made.processes()["web-1"]:
        os.kill(pid, signal.SIGKILL)
    made.place("web-1", "n2")
    assert int(made.wait("web-1", node="n2")["inc"]) > inc
    second.wait_equal()


def test_what_is_assigned_to_nobody_does_not_run(lab):
    lab.apply(service(on=["n1"]))
    inc = int(lab.wait("web-1")["inc"])
    lab.place("web-1", None)
    lab.wait_gone("web-1")
    wait_for(lambda: not lab.processes(), "nothing that runs")
    lab.place("web-1", "n1")
    lab.wait_later("web-1", inc)


def test_a_hundred_services_are_there_again(make_lab):
    made = make_lab()
    agent = made.node("n1").start()
    made.apply(service("sleeper", on=["n1"], count=100, name_resource="none", port=None, check=None,
                       run=["/bin/sleep", "100000"]))
    wanted = [f"sleeper-{i}" for i in range(1, 101)]
    for label in wanted:
        made.wait(label)
    agent.wait_equal()
    before = {label: (row["pid"], row["inc"]) for label, row in agent.instances().items()}
    made.weftd.kill()
    agent.kill()
    agent.start()
    made.weftd.start()
    for label in wanted:
        made.wait(label, inc=str(before[label][1]))
    assert {label: (row["pid"], row["inc"]) for label, row in agent.instances().items()} == before
    agent.wait_equal()
    made.delete("sleeper")
    made.wait_gone(*wanted)
    agent.wait_equal()
