# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""An agent is never the reason for an outage: killed and started again it takes over what runs,
without a restart, and without a change of what is registered; also after an upgrade in place, and
with files that are damaged."""

import os
import random
import signal

import pytest

import dso
from agents import TYPE, lab, make_lab, owner, service      # noqa: F401 (fixtures)
from waiting import wait_for

NAMES = ("a", "b", "c")


@pytest.fixture
def running(lab):
    """Three services that run on n1, and their process ids."""
    lab.apply(*(service(name, on=["n1"], resources=[{"name": f"disk-{name}", "exclusive": "yes"}])
                for name in NAMES))
    for name in NAMES:
        lab.wait(f"{name}-1")
    lab.agents[0].wait_equal()
    return lab, pids(lab)


@pytest.fixture
def numbers(running):
    """The incarnations of the three."""
    return {name: running[0].inc(f"{name}-1") for name in NAMES}


def pids(lab):
    return {label: row["pid"] for label, row in lab.agents[0].instances().items()}


def assert_untouched(lab, before):
    for name in NAMES:
        shown = lab.agents[0].wait(f"{name}-1")
        started, = lab.starts(f"{name}-1")
        assert (shown["pid"], str(shown["inc"])) == (before[f"{name}-1"], started["inc"])
        assert lab.instance(f"{name}-1")["inc"] == started["inc"]
    lab.agents[0].wait_equal()


class Watch:
    """Subscriptions to all that is registered for the instances: what changes is recorded."""

    def __init__(self, lab):
        self.client = dso.open_tcp(lab.weftd.where).begin()
        self.numbers = {}
        for name in NAMES:
            for what, rdtype in ((f"{name}-1.{TYPE}", "SRV"), (f"{name}-1.{TYPE}", "TXT"),
                                 (f"{name}._names.n1.nodes", "TXT"), (f"disk-{name}._resources", "TXT")):
                self.numbers[what, rdtype] = self.client.subscribe(f"{what}.lab.cloud.", rdtype)
        for what, number in self.numbers.items():
            wait_for(lambda number=number: self.client.records(number) or
                     (self.client.receive() and False), f"{what}")
        self.before = self.state()

    def state(self):
        return {what: self.client.records(number) for what, number in self.numbers.items()}

    def changes(self):
        """What is not as it was at the beginning."""
        self.client.keepalive()
        now = self.state()
        return {what: (self.before[what], now[what]) for what in now if now[what] != self.before[what]}


def serials_of(lab, names):
    """The instances' records as the zone has them."""
    records = lab.records()
    return {name: sorted(records.get(f"{name}.lab.cloud.", set())) for name in names}


def test_a_killed_agent_is_followed_by_one_that_adopts(running):
    lab, before = running
    names = [f"{name}-1.{TYPE}" for name in NAMES] + [f"disk-{name}._resources" for name in NAMES]
    records = serials_of(lab, names)
    for _ in range(3):
        lab.agents[0].kill()
        assert {pid for found in lab.processes().values() for pid in found} == set(before.values())
        lab.agents[0].start()
        assert_untouched(lab, before)
        assert serials_of(lab, names) == records
    assert len(lab.events("a-1", "started")) == 1


def test_what_dies_while_the_agent_is_away_is_started(running, numbers):
    lab, before = running
    lab.agents[0].kill()
    os.kill(before["b-1"], signal.SIGKILL)
    lab.agents[0].start()
    lab.wait_later("b-1", numbers["b"])
    assert lab.starts("b-1")[-1]["restore"] == "1"
    now = pids(lab)
    assert (now["a-1"], now["c-1"]) == (before["a-1"], before["c-1"])
    lab.agents[0].wait_equal()


def test_what_changes_while_the_agent_is_away_is_done(running, numbers):
    lab, before = running
    lab.agents[0].kill()
    lab.apply(service("a", on=["n1"], text={"new": "1"}, resources=[{"name": "disk-a", "exclusive": "yes"}]),
              service("b", on=["n1"], environment={"NEW": "1"}), options=("--prune", "--yes"))
    lab.agents[0].start()
    assert lab.wait("a-1", new="1")["inc"] == str(numbers["a"])
    lab.wait_next("b-1", numbers["b"])
    lab.wait_gone("c-1")
    wait_for(lambda: "c-1" not in lab.processes(), "the end of c-1")
    assert pids(lab)["a-1"] == before["a-1"]
    lab.agents[0].wait_equal()


def test_it_adopts_before_a_registry_answers(running):
    lab, before = running
    lab.agents[0].kill()
    lab.weftd.kill()
    lab.agents[0].start()
    for name in NAMES:
        assert lab.agents[0].wait(f"{name}-1")["pid"] == before[f"{name}-1"]
    lab.weftd.start()
    assert_untouched(lab, before)


def test_services_that_were_left_are_taken_over(running):
    lab, before = running
    assert lab.agents[0].stop(signal.SIGUSR2) == 0
    assert {pid for found in lab.processes().values() for pid in found} == set(before.values())
    assert lab.instance("a-1")["state"] == "up"
    lab.agents[0].start()
    assert_untouched(lab, before)


def test_an_upgrade_in_place_changes_nothing(running):
    lab, before = running
    agent = lab.agents[0]
    pid, nready = agent.process.pid, agent.log().count(" ready")
    done = agent.weft("agent", "upgrade", check=False)
    if done.returncode == 2:
        pytest.skip("no upgrade in place")
    wait_for(lambda: agent.log().count(" ready") > nready, "ready again")
    assert agent.process.pid == pid and agent.is_running()
    assert_untouched(lab, before)


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "remove"])
def test_damaged_files_do_not_harm_what_runs(running, harm):
    """Each file of the state folder and of the run folder, one after the other. What is lost may be
    restarted, but never runs twice."""
    lab, before = running
    agent, dice = lab.agents[0], random.Random(7)
    files = sorted(path for folder in (agent.state, agent.folder / "run") for path in folder.rglob("*")
                   if path.is_file() and "/log/" not in str(path))
    assert files
    for path in dice.sample(files, min(len(files), 8)):
        agent.kill()
        if not path.exists():
            agent.start()
            continue
        data = bytearray(path.read_bytes())
        if harm == "remove":
            path.unlink()
        elif harm == "empty":
            path.write_bytes(b"")
        elif data:
            at = dice.randrange(len(data))
            if harm == "cut":
                data = data[:at]
            else:
                data[at] ^= 1 << dice.randrange(8)
            path.write_bytes(bytes(data))
        agent.start()
        for name in NAMES:
            lab.wait(f"{name}-1")
        agent.wait_equal()
    assert not lab.twice()
    assert all(len(found) == 1 for found in lab.processes().values())


def test_a_node_that_was_switched_off_runs_its_services_again(running, numbers):
    lab, before = running
    lab.agents[0].kill()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not lab.processes(), "nothing that runs")
    lab.agents[0].start()
    for name in NAMES:
        lab.wait_later(f"{name}-1", numbers[name])
    lab.agents[0].wait_equal()


def test_two_agents_of_a_folder_do_not_run(running):
    lab, _ = running
    agent = lab.agents[0]
    first = agent.process
    second = agent.spawn().process
    assert second.wait(60) == 1
    agent.process = first
    assert agent.is_running()
