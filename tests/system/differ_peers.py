# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The servers that weftd's answers are compared with: BIND, NSD and Knot, each in a folder of its
own on a loopback address of its own, answering in full (EDNS payload 4096, no limits)."""

import os
import shutil
import signal
import subprocess

import dns.name

import wire
from loopback import free_address, free_port
from waiting import LIMIT_S, wait_for

NAMED = """\
options {{
	directory "{folder}"; pid-file none; session-keyfile none; lock-file none;
	listen-on port {port} {{ {address}; }}; listen-on-v6 {{ none; }};
	recursion no; dnssec-validation no; notify no; minimal-responses yes; minimal-any no;
	empty-zones-enable no; check-integrity no; check-names primary ignore; check-mx ignore;
	check-mx-cname ignore; check-srv-cname ignore; check-sibling no; check-dup-records ignore;
	check-wildcard no; zero-no-soa-ttl no; allow-query {{ any; }};
	max-udp-size 4096; edns-udp-size 4096;
	managed-keys-directory "{folder}";
}};
controls {{ }};
"""
NSD = """\
server:
	server-count: 1
	ip-address: {address}@{port}
	username: ""
	zonesdir: "{folder}"
	database: ""
	pidfile: ""
	xfrdfile: "{folder}/xfrd.state"
	xfrdir: "{folder}"
	zonelistfile: "{folder}/zone.list"
	ipv4-edns-size: 4096
	refuse-any: no
	rrl-ratelimit: 0
remote-control:
	control-enable: no
"""
KNOT = """\
server:
    rundir: "{folder}"
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 2
    udp-max-payload: 4096
log:
  - target: stderr
    any: warning
database:
    storage: "{folder}"
template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
    journal-content: none
    semantic-checks: off
zone:
"""


def named_conf(zones, values):
    return NAMED.format(**values) + "".join(
        f'zone "{name}" {{ type primary; file "{path}"; }};\n' for name, path in zones)


def nsd_conf(zones, values):
    return NSD.format(**values) + "".join(
        f'zone:\n\tname: "{name}"\n\tzonefile: "{path}"\n' for name, path in zones)


def knot_conf(zones, values):
    return KNOT.format(**values) + "".join(
        f'  - domain: "{name}"\n    file: "{path}"\n' for name, path in zones)


PROGRAMS = {
    "bind": (named_conf, lambda conf: ["named", "-n", "1", "-g", "-c", conf]),
    "nsd": (nsd_conf, lambda conf: ["nsd", "-d", "-c", conf]),
    "knot": (knot_conf, lambda conf: ["knotd", "-c", conf]),
}
COMMANDS = {"bind": "named", "nsd": "nsd", "knot": "knotd"}
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def missing():
    """The peers that are not installed."""
    return [name for name, command in COMMANDS.items() if not shutil.which(command, path=PATH)]


class Peer:
    """One running peer that serves zone files."""

    def __init__(self, name, folder, zones):
        """`zones` are (name, path of the file)."""
        self.name = name
        self.folder = folder
        # named listens only on addresses that an interface has.
        self.where = ("127.0.0.1", free_port()) if name == "bind" else free_address()
        self.zones = zones
        make_conf, make_command = PROGRAMS[name]
        folder.mkdir()
        conf = folder / "conf"
        conf.write_text(make_conf(zones, {"folder": folder, "address": self.where[0],
                                          "port": self.where[1]}))
        self.log_path = folder / "log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(make_command(str(conf)), stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, cwd=folder,
                                            env={**os.environ, "PATH": PATH},
                                            start_new_session=True)

    def is_ready(self):
        assert self.process.poll() is None, self.log_path.read_text(errors="replace")[-4000:]
        try:
            data = wire.exchange(self.where, wire.query(self.zones[-1][0], "SOA"), 0.3)
        except ConnectionRefusedError:
            return False
        return data is not None and wire.parse(data).rcode == wire.NOERROR

    def wait(self):
        wait_for(self.is_ready, f"answer of {self.name}", 120)
        return self

    def refused(self):
        """The zones that it did not load."""
        queries = [wire.query(dns.name.from_text(name).to_wire(), "SOA") for name, _ in self.zones]
        answers = wire.ask_many(self.where, queries)
        return {name for (name, _), data in zip(self.zones, answers)
                if wire.parse(data).rcode != wire.NOERROR}

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(LIMIT_S)
