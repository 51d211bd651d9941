# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Incarnations: no number of an instance is given twice, and none below one that was given before,
wherever it runs and whatever is lost. And what has ended remains so for the agent that follows."""

import os
import shutil
import signal

import pytest

from agents import TYPE, lab, make_lab, owner, service      # noqa: F401 (fixtures)
from waiting import wait_for

WEB = owner("web-1")


def forget(agent):
    """Removes what the agent knows of its instances."""
    shutil.rmtree(agent.state / "kept", ignore_errors=True)


def assert_growing(lab, label):
    given = [int(line["inc"]) for line in lab.starts(label)]
    assert given == sorted(set(given)), given


def serial(lab):
    return lab.lookup("@", "SOA")


# ---- numbers ----

def test_a_number_is_not_given_again_when_it_was_assigned_to_nobody(lab):
    lab.apply(service())
    inc = 0
    for _ in range(3):
        lab.place("web-1", "n1")
        inc = lab.wait_later("web-1", inc)
        lab.place("web-1", None)
        lab.wait_gone("web-1")
        lab.agents[0].wait_equal()
        forget(lab.agents[0])
    assert_growing(lab, "web-1")


def test_a_number_is_not_given_again_when_everything_is_lost(make_lab):
    """Between the places the record is gone and both nodes have forgotten; deaths have raised the
    number."""
    made = make_lab()
    for name in ("n1", "n2"):
        made.node(name).start()
    made.apply(service(restart={"times": 1000, "within": 60, "backoff": [0, 0]}))
    inc = 0
    for number in range(4):
        agent = made.agents[number % 2]
        made.place("web-1", agent.node)
        inc = made.wait_later("web-1", inc, node=agent.node)
        for _ in range(5):
            os.kill(agent.wait("web-1", inc=inc)["pid"], signal.SIGKILL)
            inc = made.wait_next("web-1", inc)
        made.place("web-1", None)
        made.wait_gone("web-1")
        for each in made.agents:
            each.wait_equal()
            each.stop()
            if number % 2:
                forget(each)
            each.start()
    assert_growing(made, "web-1")


def test_an_old_file_is_not_gone_on_with(make_lab):
    """n1 has a number of its own, from before the instance ran elsewhere."""
    made = make_lab()
    first, second = made.node("n1").start(), made.node("n2").start()
    made.apply(service())
    made.place("web-1", "n1")
    inc = made.wait_later("web-1", 0, node="n1")
    made.place("web-1", "n2")
    inc = made.wait_later("web-1", inc, node="n2")
    made.place("web-1", None)
    made.wait_gone("web-1")
    made.place("web-1", "n1")
    made.wait_later("web-1", inc, node="n1")
    assert_growing(made, "web-1")


def test_a_node_that_comes_back_does_not_go_on_from_its_old_number(make_lab):
    """It is away until its lease has ended; meanwhile the instance runs elsewhere, and ends there."""
    made = make_lab()
    first, second = made.node("n1", lease=3).start(), made.node("n2", lease=3).start()
    made.apply(service(fence="lease"))
    made.place("web-1", "n1")
    inc = made.wait_later("web-1", 0, node="n1")
    first.kill()
    for pid in made.processes()["web-1"]:
        os.kill(pid, signal.SIGKILL)
    made.place("web-1", "n2")
    inc = made.wait_later("web-1", inc, node="n2")
    made.place("web-1", None)
    made.wait_gone("web-1")
    made.place("web-1", "n1")
    first.start()
    made.wait_later("web-1", inc, node="n1")
    first.wait_equal()
    assert_growing(made, "web-1")


def test_an_event_names_the_number_that_starts(lab):
    """Also after a pause, when the process has not begun yet. What is not there is left out."""
    lab.apply(service(on=["n1"], restart={"times": 9, "within": 60, "backoff": [0.3, 0.4]}))
    inc = int(lab.wait("web-1")["inc"])
    os.kill(lab.agents[0].wait("web-1")["pid"], signal.SIGKILL)
    lab.wait("web-1", "starting", inc=str(inc + 1))
    lab.wait("web-1", inc=str(inc + 1))
    lab.wait_event("web-1", "restarted", why=f"inc={inc + 1} cfg=")
    assert [e["why"] for e in lab.events("web-1", "starting")] == [f"inc={inc}", f"inc={inc + 1}"]
    assert not [e for e in lab.events("web-1") if e.get("why", "").rstrip().endswith("ver=")]


# ---- ends ----

@pytest.mark.parametrize("status, lost, state", [(3, None, "failed"), (65, "fail", "failed"),
                                                 (0, None, "stopped")])
def test_what_has_ended_remains_so(lab, status, lost, state):
    """The agent is killed, left and stopped: what gave up, what could not pick up its state and what
    was done is not started again, and nothing is registered anew; a start and a change start it."""
    (lab.lives / "web-1.do").write_text(f"exit {status}")
    spec = service(on=["n1"], restart={"times": 2, "within": 60, "backoff": [0, 0]}, lost=lost)
    lab.apply(spec)
    agent = lab.agents[0]
    agent.wait("web-1", state, wait=None)
    before = lab.wait("web-1", state)
    agent.wait_equal()
    nstarts, whats, count = len(lab.starts("web-1")), lab.whats("web-1"), serial(lab)
    reason = agent.shown("web-1")["reason"]
    for _ in range(2):
        agent.kill()
        agent.start()
        wait_for(lambda: agent.shown("web-1").get("registered"), "registered")
        agent.wait_equal()
        assert agent.shown("web-1")["state"] == state and agent.shown("web-1")["reason"] == reason
        assert lab.wait("web-1", state) == before
        assert serial(lab) == count
    agent.stop()
    agent.start()
    agent.wait("web-1", state)
    agent.wait_equal()
    assert len(lab.starts("web-1")) == nstarts
    assert lab.whats("web-1")[:len(whats)] == whats
    (lab.lives / "web-1.do").unlink()
    agent.service("start", WEB)
    lab.wait("web-1")
    assert_growing(lab, "web-1")


def test_a_changed_declaration_starts_what_had_failed_while_the_agent_is_away(lab):
    (lab.lives / "web-1.do").write_text("exit 3")
    restart = {"times": 1, "within": 60, "backoff": [0, 0]}
    lab.apply(service(on=["n1"], restart=restart))
    lab.agents[0].wait("web-1", "failed", wait=None)
    lab.agents[0].kill()
    (lab.lives / "web-1.do").unlink()
    lab.apply(service(on=["n1"], restart=restart, environment={"NEW": "1"}))
    lab.agents[0].start()
    lab.wait("web-1")


def test_files_of_what_is_long_gone_are_removed(lab):
    lab.apply(service(on=["n1"]))
    lab.wait("web-1")
    kept = lab.agents[0].state / "kept"
    old, young = kept / "old-1._http._tcp", kept / "young-1._http._tcp"
    for path in (old, young):
        shutil.copy(kept / WEB, path)
    lab.agents[0].kill()
    for path in (old, kept / WEB):
        os.utime(path, (1e9, 1e9))
    lab.agents[0].start()
    wait_for(lambda: not old.exists(), "the end of an old file")
    assert young.exists() and (kept / WEB).exists()


# ---- fences ----

def test_a_fence_command_has_the_node_to_be_fenced(make_lab, tmp_path):
    """The node that is gone is fenced by the command, once and before anything is started."""
    made = make_lab()
    first, second = made.node("n1", lease=60).start(), made.node("n2", lease=60).start()
    told = tmp_path / "told"
    script = ('echo "$WEFT_FENCE_NODE $WEFT_FENCE_INC $WEFT_NAME $WEFT_TYPE $$1" >> "$$0"; '
              f'test -e {tmp_path}/may')
    made.apply(service(fence={"exec": ["/bin/sh", "-c", script, str(told), "$WEFT_FENCE_NODE"]}))
    made.place("web-1", "n1")
    inc = made.wait_later("web-1", 0, node="n1")
    assert "WEFT_FENCE_NODE" not in made.ask("web-1")
    first.kill()
    for pid in made.processes()["web-1"]:
        os.kill(pid, signal.SIGKILL)
    made.place("web-1", "n2")
    wait_for(lambda: told.exists() and len(told.read_text().splitlines()) > 1, "it is tried again")
    assert len(made.starts("web-1")) == 1
    (tmp_path / "may").write_text("")
    made.wait_later("web-1", inc, node="n2")
    assert set(told.read_text().splitlines()) == {f"n1 {inc} web-1 {TYPE} n1"}
    assert "WEFT_FENCE_NODE" not in made.ask("web-1")
    second.wait_equal()
