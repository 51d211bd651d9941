# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A LAN of network namespaces: hosts on a bridge, each of which can vanish or be away for a while."""

import contextlib

import netns

NETWORK = "10.78.0"


class LanHost(netns.Host):
    """A host with one address on the LAN."""

    def __init__(self, lan, number):
        super().__init__()
        self.lan, self.number, self.address = lan, number, f"{NETWORK}.{number}"
        self.port = f"p{number}"
        lan.switch.ip("link", "add", self.port, "type", "veth", "peer", "name", "eth0", "netns",
                      self.name)
        lan.switch.ip("link", "set", self.port, "master", "lan", "up")
        self.ip("addr", "add", f"{self.address}/24", "dev", "eth0")
        self.ip("link", "set", "eth0", "up")

    def vanish(self, is_gone=True):
        """What is sent to it, or by it, is lost without a notice: as when its power fails."""
        self.lan.switch.ip("link", "set", self.port, "down" if is_gone else "up")


class Lan:
    """A switch and `n` hosts."""

    def __init__(self, n):
        self.hosts = []
        self.switch = netns.Host()
        try:
            self.switch.ip("link", "add", "lan", "type", "bridge")
            self.switch.ip("link", "set", "lan", "up")
            for number in range(1, n + 1):
                self.hosts.append(LanHost(self, number))
        except BaseException:
            self.close()
            raise

    def close(self):
        for host in self.hosts:
            host.close()
        self.switch.close()


@contextlib.contextmanager
def lan(n):
    made = Lan(n)
    try:
        yield made
    finally:
        made.close()
