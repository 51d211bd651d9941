# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Agents, services and the registry are killed at random, while services are declared, changed and
moved. There are never two processes of an instance, no declaration is lost, and in the end the zone
equals what runs.

WEFT_CRASH_ROUNDS=200 makes it long (tests/bench/agent/README.md); WEFT_CRASH_SEED repeats a run."""

import os
import random
import signal

import pytest

from agents import TYPE, make_lab, owner, service       # noqa: F401 (fixture)
from waiting import wait_for

ROUNDS = int(os.environ.get("WEFT_CRASH_ROUNDS", 12))
SEED = int(os.environ.get("WEFT_CRASH_SEED", 0)) or random.SystemRandom().randrange(1, 1 << 32)
CALM_EVERY = 4      # rounds, after which all must be well
NODES = ("n1", "n2")


class Storm:
    """What happens in the rounds. `place` is where each instance is to run, `version` what is declared."""

    def __init__(self, lab, dice):
        self.lab, self.dice = lab, dice
        self.done = []
        self.place = {"web-1": "n1", "web-2": "n2", "db-1": "n1", "front-1": "n2", "disk-1": "n1"}
        self.versions = dict.fromkeys(("web", "db", "front", "disk"), 0)

    def declarations(self):
        more = {"web": {"count": 2, "name_resource": "none"}, "front": {"uses": [{"name": "db", "type": TYPE,
                                                        "on-change": "signal HUP"}]},
                "disk": {"resources": [{"name": "disk-7", "exclusive": "yes"}]}, "db": {}}
        return [service(name, environment={"LIVES": str(self.lab.lives), "VERSION": str(version)},
                        fence="lease", **more[name]) for name, version in self.versions.items()]

    def note(self, *what):
        self.done.append(what)

    # ---- what happens ----

    def kill_agent(self):
        agent = self.dice.choice(self.lab.agents)
        self.note("kill agent", agent.node)
        agent.kill()

    def leave_agent(self):
        agent = self.dice.choice(self.lab.agents)
        self.note("leave", agent.node)
        if agent.is_running():
            agent.stop(signal.SIGUSR2)

    def kill_service(self):
        found = [(label, pid) for label, pids in self.lab.processes().items() for pid in pids]
        if found:
            label, pid = self.dice.choice(sorted(found))
            self.note("kill service", label, pid)
            self.kill(pid)

    def kill_node(self):
        """The agent, and all that runs on the node."""
        agent = self.dice.choice(self.lab.agents)
        self.note("kill node", agent.node)
        agent.kill()
        for label, pids in self.lab.processes().items():
            for pid in pids if self.is_on(pids, agent.node) else ():
                self.kill(pid)

    def kill_registry(self):
        self.note("kill registry")
        self.lab.weftd.kill()

    def move(self):
        label = self.dice.choice(sorted(self.place))
        self.place[label] = self.dice.choice(NODES)
        self.note("move", label, self.place[label])
        self.revive(self.lab.weftd)
        self.lab.place(label, self.place[label])

    def change(self):
        name = self.dice.choice(sorted(self.versions))
        self.versions[name] += 1
        self.note("change", name, self.versions[name])
        self.revive(self.lab.weftd)
        self.lab.apply(*self.declarations())

    # ---- how ----

    @staticmethod
    def kill(pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    @staticmethod
    def is_on(pids, node):
        for pid in pids:
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    return f"WEFT_NODE={node}\0".encode() in file.read()
            except OSError:
                continue
        return False

    @staticmethod
    def revive(program):
        if not program.is_running():
            program.start()

    def round(self):
        happenings = [self.kill_agent, self.kill_agent, self.kill_service, self.kill_service,
                      self.kill_node, self.kill_registry, self.move, self.change, self.leave_agent]
        for happening in self.dice.sample(happenings, self.dice.randint(1, 3)):
            happening()
        revived = [self.lab.weftd, *self.lab.agents]
        self.dice.shuffle(revived)
        for program in revived:
            self.revive(program)

    def is_as_declared(self, label):
        """What is not as it should be with an instance; "" if all is well."""
        seen, pids = self.lab.instance(label), self.lab.processes().get(label, [])
        if (seen.get("state"), seen.get("node")) != ("up", self.place[label]):
            return f"{label} is {seen}, not up on {self.place[label]}"
        if len(pids) != 1:
            return f"{label} has processes {pids}"
        env = self.lab.starts(label)[-1]["env"]
        if env["VERSION"] != str(self.versions[label[:-2]]) or env["WEFT_INC"] != seen["inc"]:
            return f"{label} runs as {env['VERSION']}, {env['WEFT_INC']}; zone has {seen['inc']}"
        return ""

    def logs(self):
        return "".join(f"\n== {agent.node}\n{agent.log()[-8000:]}" for agent in self.lab.agents)

    def calm(self):
        """Waits until all is as it was declared, and the zone equals what runs."""
        faults = []

        def look():
            faults[:] = [fault for label in self.place if (fault := self.is_as_declared(label))]
            faults[len(faults):] = [fault for agent in self.lab.agents if not faults
                                    for fault in [agent.check()] if fault]
            return not faults

        try:
            wait_for(look, "calm", every_s=0.1)
        except AssertionError:
            raise AssertionError(
                f"seed {SEED}: {faults}\nafter {self.done[-12:]}{self.logs()}") from None
        assert not self.lab.twice(), (SEED, self.done[-12:], self.lab.life(self.lab.twice()[0])[-6:])


@pytest.mark.limit(120 + 20 * ROUNDS)
def test_at_any_moment_there_is_one_of_each_instance_or_none(make_lab):
    lab, dice = make_lab(), random.Random(SEED)
    for node in NODES:
        lab.node(node, lease=5).start()
    storm = Storm(lab, dice)
    lab.apply(*storm.declarations())
    for label, node in storm.place.items():
        lab.place(label, node)
    storm.calm()
    specs = {name for name in lab.records() if name.startswith("_spec.")}
    for number in range(1, ROUNDS + 1):
        storm.round()
        if number % CALM_EVERY == 0 or number == ROUNDS:
            storm.calm()
    assert {name for name in lab.records() if name.startswith("_spec.")} == specs
    eras = {}
    for event in lab.events():
        eras.setdefault(event["era"], []).append(int(event["n"]))
    for found in eras.values():
        assert sorted(found) == list(range(min(found), max(found) + 1))
    for label in storm.place:
        lives = lab.starts(label)
        for before, after in zip(lives, lives[1:]):
            assert int(before["inc"]) < int(after["inc"]), (
                SEED, label, storm.done, [line | {"env": None} for line in lab.life(label)],
                lab.events(label), storm.logs())
