# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Registrations on a network that loses answers, and at registries of other makers."""

import socket
import threading

import pytest

import leases
import services
from loopback import free_address
from registering import PROGRAM, Host
from test_registration import ADDRESS, TYPE, WEB, register, text

ZONE = leases.SOA + "ns A 127.0.0.1\n"

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="tests/client/registering is not built")


class Relay:
    """Passes datagrams to a server, and its answers back, but for as many answers to updates as are
    to be lost."""

    def __init__(self, to):
        self.where, self.to = free_address(), to
        self.losses = self.lost = self.passed = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(self.where)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                asked, whence = self.socket.recvfrom(65535)
                if not asked:
                    return
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
                    there.settimeout(2)
                    there.sendto(asked, self.to)
                    answer = there.recv(65535)
            except OSError:
                continue
            is_success = answer[2] >> 3 & 15 == 5 and answer[3] & 15 == 0
            if is_success and self.lost < self.losses:
                self.lost += 1
                continue
            self.passed += 1
            self.socket.sendto(answer, whence)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"", self.where)


@pytest.fixture
def lossy(make_weftd):
    """A started weftd, and a relay before it."""
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    key("n1"), key("n2")
    relay = Relay(weftd.start().where)
    yield weftd, relay
    relay.close()


def test_an_answer_that_is_lost_is_not_another_hosts(lossy):
    weftd, relay = lossy
    host = Host([relay.where], weftd.folder / "n1.key")
    register(host, WEB, "lease=2")
    first = host.show(WEB)[2]
    other = Host([weftd.where], weftd.folder / "n1.key")
    assert other.do("remove", WEB)[0] == 0
    relay.losses = 1  # of the new registration, which is made
    host.expect("lost", WEB)
    host.expect("done", WEB)
    assert relay.lost == 1
    assert host.show(WEB)[2] > first
    assert text((weftd,))["inc"] == str(host.show(WEB)[2])
    assert not any(line.startswith("failed") for line in host.kept)
    assert [h.quit() for h in (host, other)] == [0, 0]


def test_answers_that_are_lost_are_asked_for_again(lossy):
    weftd, relay = lossy
    host = Host([relay.where], weftd.folder / "n1.key")
    relay.losses = 2
    register(host)
    relay.losses = 3
    host.tell("change", WEB, ADDRESS, "port=81", "state=draining")
    host.tell("end", WEB)
    host.expect("ended", WEB)
    assert services.lookup(weftd, f"web-1.{TYPE}", "ANY") == []
    assert host.quit() == 0
