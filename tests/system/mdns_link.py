# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A host in a namespace of its own, with its own resolv.conf; and a local link on which an Avahi
daemon of its own announces services."""

import os
import pathlib
import shutil
import subprocess

import pytest

import netns
from waiting import LIMIT_S, wait_for


@pytest.fixture
def host():
    """A namespace of its own, in which resolv.conf and port 53 are the test's."""
    made = netns.Host()
    etc = pathlib.Path("/etc/netns") / made.name
    etc.mkdir(parents=True)
    made.etc = etc
    yield made
    made.close()
    shutil.rmtree(etc)


def inside(host):
    return ["ip", "netns", "exec", host.name]


BUS = """<busconfig><type>system</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow receive_sender="*" eavesdrop="true"/></policy>
</busconfig>"""

DAEMON = """[server]
host-name=registry
use-ipv4=yes
use-ipv6=no
allow-interfaces=lan
enable-dbus=yes
[publish]
publish-hinfo=no
publish-workstation=no
"""

SERVICE = """<?xml version="1.0"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group><name>{name}</name><service><type>{type}</type><port>{port}</port>{txt}</service>
</service-group>"""


def needs_avahi(program):
    """Skips a test unless the daemons are there, and the program has Avahi's library."""
    return pytest.mark.skipif(
        any(shutil.which(name) is None for name in ("avahi-daemon", "dbus-daemon", "dbus-send"))
        or b"avahi" not in subprocess.run(["ldd", program], capture_output=True, check=False).stdout,
        reason="needs avahi-daemon and dbus-daemon, and a build with Avahi's library")


class Lan:
    """A namespace with a D-Bus and an Avahi daemon of its own, and a cable to nowhere."""

    def __init__(self, host, folder):
        self.folder, self.processes = folder, []
        self.bus = f"unix:path={folder}/bus"
        host.ip("link", "add", "lan", "type", "veth", "peer", "name", "nowhere")
        host.ip("addr", "add", "10.98.0.1/24", "brd", "+", "dev", "lan")
        for link in ("lan", "nowhere"):
            host.ip("link", "set", link, "up")
        host.ip("route", "add", "224.0.0.0/4", "dev", "lan")
        (folder / "bus.conf").write_text(BUS.format(folder=folder))
        (folder / "avahi.conf").write_text(DAEMON)
        self.start("dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile")
        wait_for((folder / "bus").exists, "the bus")
        self.host, self.services = host, folder / "services"
        self.services.mkdir()

    def run(self):
        """Starts the daemon. It has its socket and services below /run and /etc: these are its
        own."""
        self.start(*inside(self.host), "unshare", "-m", "sh", "-c",
                   "mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon && "
                   f"mount --bind {self.services} /etc/avahi/services && exec avahi-daemon "
                   f"-f {self.folder}/avahi.conf --no-drop-root --no-chroot --no-rlimits")
        wait_for(self.is_running, "the Avahi daemon")
        return self

    def announce(self, name, type, port, *txt):
        """Has the daemon, which must not run yet, announce a service at 10.98.0.1."""
        text = "".join(f"<txt-record>{part}</txt-record>" for part in txt)
        (self.services / f"{name}.service").write_text(
            SERVICE.format(name=name, type=type, port=port, txt=text))

    def start(self, *command):
        with open(self.folder / "log", "a") as log:
            self.processes.append(subprocess.Popen(
                command, env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.bus}, stdout=log,
                stderr=log, stdin=subprocess.DEVNULL))

    def is_running(self):
        done = subprocess.run(
            ["dbus-send", "--system", "--print-reply=literal", "--reply-timeout=1000",
             "--dest=org.freedesktop.Avahi", "/", "org.freedesktop.Avahi.Server.GetState"],
            env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.bus}, capture_output=True, check=False)
        return b"int32 2" in done.stdout

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(LIMIT_S)


@pytest.fixture
def lan(host, tmp_path):
    made = Lan(host, tmp_path)
    yield made
    made.close()
