# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Whatever happens while an agent changes what it registers: in the end there is what it wants."""

import random
import re
import signal

import pytest

import leases
import services
from registering import PROGRAM
from test_registration import ADDRESS, TYPE, lookup, start  # noqa: F401
from test_registration_agent import late  # noqa: F401
from updates import send
from waiting import freeze, let_pass, wait_for

SEEDS = (1, 2, 12)
STEPS, INSTANCES, CLAIMS = 60, 12, 4
STATES = ("assigned", "preparing", "starting", "up", "draining", "stopped", "failed")

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="tests/client/registering is not built")


class Chaos:
    """A host that has things registered, what it wants of them, and what befalls the registry."""

    def __init__(self, weftd, admin, host, dice):
        self.weftd, self.admin, self.host, self.dice = weftd, admin, host, dice
        self.wanted, self.number = {}, 0

    def options(self, name):
        if "_names" in name:
            self.number += 1
            self.wanted[name] = {"by": name.split(".")[0], "pid": str(self.number)}
            pairs = "|".join(f"{key}={value}" for key, value in self.wanted[name].items())
            return ["claim", "eager", "lease=2", f"txt={pairs}"]
        inc, state = self.dice.choice((0, 0, 1)), self.dice.choice(STATES)
        uses = self.dice.sample(range(4), self.dice.randrange(3))
        before = self.wanted.get(name, {"inc": "1"})
        one = {"node": "n1", "id": name.split(".")[0], "inc": str(int(before["inc"]) + inc)}
        if state != "up":
            one["state"] = state
        one["uses"] = sorted(f"u-{i}._pg._tcp.lab.cloud." for i in uses)
        self.wanted[name] = one
        return [ADDRESS, "eager", "lease=2", "txt=node=n1", f"inc={one['inc']}", f"state={state}",
                *[f"uses={','.join(one['uses'])}"] * bool(uses)]

    def change(self):
        name = self.dice.choice(list(self.wanted))
        self.host.tell("change", name, *self.options(name))

    def freeze(self):
        freeze(self.weftd.process.pid)
        let_pass(self.dice.random())
        self.weftd.process.send_signal(signal.SIGCONT)

    def restart(self):
        self.weftd.stop(self.dice.choice((signal.SIGTERM, signal.SIGKILL)))
        for _ in range(self.dice.randrange(4)):
            self.change()
        let_pass(self.dice.random())
        self.weftd.start()
        if self.dice.random() < 0.5:
            self.host.tell("hurry")

    def forget(self):
        """The administrator removes what is there."""
        owner = self.dice.choice(list(self.wanted)).removesuffix(".lab.cloud")
        send(self.weftd, updates=[f"{owner} 0 ANY ANY"], key=self.admin)

    def step(self):
        self.dice.choices((self.change, self.freeze, self.restart, self.forget),
                          (20, 2, 1, 3))[0]()

    def found(self):
        """What is registered, in the form of what is wanted."""
        found = {}
        for name, wanted in self.wanted.items():
            owner = name.removesuffix(".lab.cloud")
            texts = services.lookup(self.weftd, owner, "TXT")
            found[name] = dict(pair.split("=", 1) for text in texts
                               for pair in re.findall(r'"([^"]*)"', text))
            if "uses" in wanted:
                found[name]["uses"] = sorted(services.lookup(self.weftd, f"_uses.{owner}", "PTR"))
        return found


@pytest.mark.parametrize("seed", SEEDS)
def test_in_the_end_there_is_what_is_wanted(late, start, seed):  # noqa: F811
    weftd, key = late
    chaos = Chaos(weftd.start(), key("admin"), start(late), random.Random(seed))
    names = [f"i-{i}.{TYPE}.lab.cloud" for i in range(INSTANCES)]
    names += [f"c-{i}._names.n1.nodes.lab.cloud" for i in range(CLAIMS)]
    for name in names:
        chaos.host.tell("new", name, *chaos.options(name))
    for _ in range(STEPS):
        chaos.step()
        let_pass(chaos.dice.random() / 20)
    chaos.host.tell("hurry")
    wait_for(lambda: chaos.found() == chaos.wanted, "what is wanted")
    for name in names:
        chaos.host.tell("end", name)
        chaos.host.expect("ended", name)
    assert lookup(late, TYPE, "PTR") == []
    assert {name: services.lookup(weftd, name.removesuffix(".lab.cloud"), "ANY")
            for name in names} == dict.fromkeys(names, [])
    assert not [line for line in chaos.host.kept if line.startswith("error")]
