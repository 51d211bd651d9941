# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Agents that are killed at any moment, and nodes that are booted: the id of the boot is another one,
and nothing runs that the last agent has started."""

import contextlib
import os
import random
import shlex
import shutil
import signal
import subprocess
import time
import uuid

import pytest

from agents import AGENTD, lab, make_lab, owner, service      # noqa: F401 (fixtures)
from waiting import wait_for

KILLS = int(os.environ.get("WEFT_TEST_KILLS", "12"))
BOOT_ID = "/proc/sys/kernel/random/boot_id"


def boot(agent):
    """Starts the agent in a boot of its own: as a node does that was switched off, all of whose
    processes and files of the run folder are gone."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs mount namespaces")
    agent.kill()
    for pids in agent.lab.processes().values():
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not agent.lab.processes(), "nothing that runs")
    shutil.rmtree(agent.folder / "run", ignore_errors=True)
    (agent.folder / "boot").write_text(f"{uuid.uuid4()}\n")
    command = (f"mount --bind {shlex.quote(str(agent.folder / 'boot'))} {BOOT_ID} && "
               f"exec {shlex.quote(AGENTD)} -c {shlex.quote(str(agent.conf))}")
    nready = agent.log().count(" ready")
    with open(agent.log_path, "ab") as log:
        agent.process = subprocess.Popen(["unshare", "-m", "sh", "-c", command], stdout=log, stderr=log,
                                         stdin=subprocess.DEVNULL, cwd=agent.folder)
    wait_for(lambda: agent.log().count(" ready") > nready, "ready agent")


def test_a_booted_node_runs_what_is_assigned_to_it_and_nothing_else(lab):
    """Meanwhile c was taken from it; b had failed, which a boot forgets; d was stopped by an operator."""
    agent = lab.agents[0]
    specs = [service(name, restart={"times": 1, "within": 60, "backoff": [0, 0]}) for name in "abcd"]
    (lab.lives / "b-1.do").write_text("exit 3")
    lab.apply(*specs)
    for name in "abcd":
        lab.place(f"{name}-1", "n1")
    numbers = {name: lab.wait(f"{name}-1")["inc"] for name in "acd"}
    agent.wait("b-1", "failed", wait=None)
    agent.service("stop", owner("d-1"))
    age = int(lab.text("n1.nodes")["age"])
    agent.kill()
    lab.place("c-1", None)
    (lab.lives / "b-1.do").unlink()
    boot(agent)
    for name in "ab":
        lab.wait(f"{name}-1")
    assert lab.inc("a-1") > int(numbers["a"])
    wait_for(lambda: int(lab.text("n1.nodes").get("age", 0)) == age + 1, "the next appearance")
    assert lab.text("n1.nodes")["boot"] == (agent.folder / "boot").read_text().strip()
    lab.wait_gone("c-1")
    agent.wait("d-1", "stopped")
    assert set(lab.processes()) == {"a-1", "b-1"}
    assert lab.starts("a-1")[-1]["restore"] == "1"
    agent.wait_equal()


def test_a_booted_node_waits_for_a_registry_unless_nothing_is_fenced(lab):
    agent = lab.agents[0]
    lab.apply(service("a", on=["n1"]), service("b", on=["n1"], fence="none"))
    first = {name: int(lab.wait(f"{name}-1")["inc"]) for name in "ab"}
    agent.wait_equal()
    lab.weftd.kill()
    boot(agent)
    agent.wait("b-1")
    agent.wait("a-1", "assigned", cause="zone")
    assert len(lab.starts("a-1")) == 1
    lab.weftd.start()
    for name in "ab":
        lab.wait_later(f"{name}-1", first[name])
    agent.wait_equal()


def test_an_agent_may_be_killed_at_any_moment(lab):
    """Also while it starts, adopts, and restarts what has died. A service that nobody kills is the
    same process all the time, and nothing of it is registered anew."""
    seed = int(os.environ.get("WEFT_TEST_SEED", "14"))
    dice, agent = random.Random(seed), lab.agents[0]
    lab.apply(service("calm", on=["n1"]), *(service(f"s{n}", on=["n1"]) for n in range(4)))
    calm = lab.wait("calm-1")
    pid, = lab.processes()["calm-1"]
    for _ in range(KILLS):
        victims = lab.processes()
        for label in dice.sample(sorted(victims), min(2, len(victims))):
            if label != "calm-1":
                for victim in victims[label]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(victim, signal.SIGKILL)
        time.sleep(dice.random() * 0.15)
        agent.kill()
        agent.spawn()
        time.sleep(dice.random() * 0.3)
    for n in range(4):
        lab.wait(f"s{n}-1")
    agent.wait_equal()
    assert lab.processes()["calm-1"] == [pid] and lab.wait("calm-1") == calm, (seed, agent.log())
    assert all(len(found) == 1 for found in lab.processes().values()), (seed, lab.processes())
    for label in lab.processes():
        given = [int(line["inc"]) for line in lab.starts(label)]
        assert given == sorted(set(given)), (seed, label, given)
    assert len(lab.events("calm-1", "started")) == 1
