# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the tests of weft's commands for services share: a registry, a key file, instances that
listen, and running weft."""

import json
import os
import pathlib
import socket
import subprocess
import threading

import leases
import services
import updates
from conftest import WEFT
from loopback import free_address
from waiting import LIMIT_S

TYPE = "_http._tcp.lab.cloud"
ZONE = leases.SOA + "ns A 127.0.0.1\n"


class Registry:
    """A started weftd with a service view. What tests do not register by weft, the key of its node
    does."""

    def __init__(self, make_weftd):
        self.weftd, self.key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
        self.weftd.start()
        self.key("n1")
        self.owners = {}
        self.folder = self.weftd.folder
        self.where = f"{self.weftd.address}@{self.weftd.port}"
        self.env = {"WEFT_REGISTRY": self.where, "WEFT_KEY_FILE": str(self.folder / "n1.key"),
                    "XDG_CONFIG_HOME": str(self.folder), "HOME": str(self.folder)}

    def send(self, node, *lines):
        assert updates.send(self.weftd, updates=list(lines), key=self.key(node)).rcode == "NOERROR"

    def register(self, name, port, address="127.0.0.1", node="n1", txt="path=/", priority=0,
                 weight=0, kind=TYPE):
        """Registers an instance, by its name in the form of zone files."""
        self.owners[name] = node
        self.send(node, f"{node}.nodes.lab.cloud. 0 ANY ANY",
                  f"{node}.nodes.lab.cloud. 60 IN {'AAAA' if ':' in address else 'A'} {address}",
                  f"{name}.{kind}. 0 ANY SRV", f"{name}.{kind}. 0 ANY TXT",
                  f"{name}.{kind}. 60 IN SRV {priority} {weight} {port} {node}.nodes.lab.cloud.",
                  f"{name}.{kind}. 60 IN TXT {txt}")

    def remove(self, name, kind=TYPE):
        self.send(self.owners[name], f"{name}.{kind}. 0 ANY ANY")

    def weft(self, *args, env=None, **more):
        return run(*args, env={**self.env, **(env or {})}, **more)

    def json(self, *args, **more):
        done = self.weft("-j", *args, **more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *args, env=None, **more):
        """Starts a command that goes on."""
        more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more}
        return subprocess.Popen([WEFT, *args], env={**os.environ, **self.env, **(env or {})},
                                **more)


def run(*args, env=None, **more):
    more = {"input": "", "text": True, **more}
    return subprocess.run([WEFT, *args], capture_output=True, timeout=LIMIT_S,
                          env={**os.environ, **(env or {})}, **more)


class Listener(threading.Thread):
    """A TCP service: sends its name, and then back what it gets, to the end."""

    def __init__(self, name, address=None):
        super().__init__(daemon=True)
        self.name_, self.accepted = name, 0
        self.socket = socket.socket()
        self.where = address or free_address()
        self.socket.bind(self.where)
        self.socket.listen()
        self.start()

    def run(self):
        while True:
            try:
                peer = self.socket.accept()[0]
            except OSError:
                return
            self.accepted += 1
            try:
                self.serve(peer)
            except ConnectionError:
                pass

    def serve(self, peer):
        with peer:
            peer.settimeout(LIMIT_S)
            peer.sendall(f"{self.name_}\n".encode())
            while data := peer.recv(65536):
                peer.sendall(data)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def source_folder():
    return pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))
