# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Instances, hosts and registries of a LAN that die and come back in an order that a seed decides,
while a program connects all the time: as long as one of each lives, it sees no error; and in the end
what it watches is what the registries have."""

import random

import pytest

from failover import TYPE, find, instances_of, make_world, reply    # noqa: F401: a fixture
from waiting import wait_for

STEPS, CONNECTS = 60, 3


class Chaos:
    """What may go wrong next; never with the last registry or the last instance."""

    def __init__(self, world, draw):
        self.world, self.draw, self.inc = world, draw, 1
        self.is_gone = {host: False for host in world.hosts}

    def alive(self):
        return [i for i in self.world.instances if i.is_running() and not self.is_gone[i.host]]

    def registries(self):
        return [weftd for weftd in self.world.registries if weftd.is_running()]

    def register(self, instance):
        """Those that are gone hear of it when they are back."""
        self.inc += 1
        self.world.register(instance.label, instance.port, instance.host, ttl=2,
                            txt=f"id={instance.label} inc={self.inc}", to=self.registries())

    def kill_instance(self):
        if len(self.alive()) > 1:
            self.draw.choice(self.alive()).kill()

    def start_instance(self):
        dead = [i for i in self.world.instances if not i.is_running()]
        if dead:
            self.draw.choice(dead).start()

    def vanish(self):
        host = self.draw.choice(self.world.hosts)
        if any(i.host is not host for i in self.alive()):
            self.is_gone[host] = True
            host.vanish()

    def come_back(self):
        for host in self.world.hosts:
            if self.is_gone[host]:
                self.is_gone[host] = False
                host.vanish(False)

    def kill_registry(self):
        if len(self.registries()) > 1:
            self.draw.choice(self.registries()).kill()

    def start_registry(self):
        for weftd in self.world.registries:
            if not weftd.is_running():
                self.world.start(weftd)
                for instance in self.world.instances:
                    self.register(instance)

    def move(self):
        """An instance goes to another host: a new process, then one UPDATE, then the old one ends."""
        old = self.draw.choice(self.alive())
        hosts = [host for host in self.world.hosts if not self.is_gone[host]]
        new = self.world.instance(old.name, self.draw.choice(hosts))
        new.label = old.label
        self.world.instances.remove(old)
        self.register(new)
        old.kill()

    def step(self):
        self.draw.choice([self.kill_instance, self.start_instance, self.vanish, self.come_back,
                          self.kill_registry, self.start_registry, self.move])()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_client_sees_no_error_while_one_of_each_lives(make_world, seed):
    world = make_world(nhosts=3, nregistries=2)
    chaos = Chaos(world, random.Random(seed))
    for n in range(6):
        instance = world.instance(f"web-{n}", world.hosts[n % 3])
        instance.label = f"web-{n}"
        chaos.register(instance)
    caller, watcher = world.caller(), world.caller()
    watcher.send(f"watch {TYPE}")
    watcher.wait("current")
    for _ in range(STEPS):
        chaos.step()
        for _ in range(CONNECTS):
            reply(caller, f"connect {TYPE} 20000")
        reply(caller, f"sticky {seed} {TYPE} 20000")
    assert not caller.passed("error") and not caller.passed("silent")

    # All is well again.
    chaos.come_back()
    chaos.start_registry()
    expected = {f"{i.label}.{TYPE}.": (i.port, i.host.address) for i in world.instances}
    wait_for(lambda: {name: (i.port, i.addresses[0]) for name, i in instances_of(watcher).items()
                      if i.addresses} == expected, "a watch that has all")
    wait_for(lambda: {i.name: (i.port, i.addresses[0]) for i in find(caller)} == expected,
             "a look-up that finds all")
