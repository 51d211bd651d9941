# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the tests of the recipes share: the recipe files, the programs that run with them, and
instances of a service that answer HTTP and keep their leases."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading

import leases
import updates
from loopback import free_address
from waiting import LIMIT_S, wait_for

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))
LEASE_S, REFRESH_S = 3, 0.5
TTL_S = 10              # of the service view, if nothing else is configured
ZONE = leases.SOA + "ns A 127.0.0.1\n"
VIEW = "{minimum: 1}\nservice-view: {enable: yes}"


def program(name):
    """The path of a program, also if only root has it in PATH; or None."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def recipe(name, *changes):
    """The recipe as it is shipped, with the changes that its page asks the user to make: pairs of texts,
    of which the first must be in the recipe."""
    text = (SRC / "contrib/recipes" / name).read_text()
    for old, new in changes:
        assert old in text, f"{name} has no {old}"
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def running(command, log):
    """Runs a program until the end of the block. It must not end by itself."""
    with open(log, "ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   cwd=log.parent)
    try:
        yield process
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()
        try:
            process.wait(LIMIT_S)
        finally:
            process.kill()


def get(address, port, path="/"):
    """The answer of an HTTP server: status, the instance that answered, body."""
    connection = http.client.HTTPConnection(address, port, timeout=LIMIT_S)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("X-Instance"), answer.read().decode()


def get_json(address, port, path):
    status, _, body = get(address, port, path)
    assert status == 200, body
    return json.loads(body)


def answering(address, port, count=8):
    """The set of what answers `count` requests: names of instances, or the status of an error."""
    try:
        answers = [get(address, port) for _ in range(count)]
    except ConnectionError:
        return set()
    return {name if status == 200 else status for status, name, _ in answers}


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers with the name of the instance in a header and a counter of requests as a metric."""

    def do_GET(self):
        self.server.asked += 1
        body = f"answers_total {self.server.asked}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Instance", self.server.name)
        self.end_headers()
        self.wfile.write(body)

    def handle(self):
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, *_):
        pass


class Instance:
    """An instance on a node of its own. It answers until the end of the test, also when it is no
    longer registered: that shows a program that has not noticed."""

    def __init__(self, weftd, key, name, kind, port):
        self.weftd, self.key, self.name, self.kind = weftd, key, name, kind
        self.lock, self.is_refreshed, self.lines = threading.Lock(), False, []
        self.http = http.server.ThreadingHTTPServer((free_address()[0], port), Answering)
        self.http.daemon_threads = True
        self.http.name, self.http.asked = name, 0
        self.address, self.port = self.http.server_address
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def send(self, lines, lease=None):
        reply = updates.send(self.weftd, updates=lines, key=self.key, lease=lease)
        assert reply.rcode == "NOERROR", reply

    def register(self, txt="a=b", has_address=False):
        """Registers the instance, from now on refreshed; with `has_address` also its address at its
        own name."""
        own, node = f"{self.name}.{self.kind}", f"{self.name}.nodes"
        with self.lock:
            self.lines = [f"{own} 0 ANY ANY", f"{own} 60 IN SRV 0 0 {self.port} {node}",
                          f"{own} 60 IN TXT {txt}", f"{node} 0 ANY A",
                          f"{node} 60 IN A {self.address}"]
            if has_address:
                self.lines.append(f"{own} 60 IN A {self.address}")
            self.send(self.lines, LEASE_S)
            self.is_refreshed = True
        return self

    def refresh(self):
        with self.lock, contextlib.suppress(ConnectionError):
            if self.is_refreshed:
                self.send(self.lines, LEASE_S)

    def remove(self):
        with self.lock:
            self.is_refreshed = False
            self.send([f"{self.name}.{self.kind} 0 ANY ANY", f"{self.name}.nodes 0 ANY ANY"])

    def die(self):
        """Stops refreshing, and waits for the end of the lease."""
        with self.lock:
            self.is_refreshed = False
        owner = f"{self.name}.{self.kind}.lab.cloud"
        wait_for(lambda: not updates.lookup(self.weftd, owner, "SRV"), f"end of {owner}")


class Fleet:
    """The instances of a test, refreshed by a thread, and their registry."""

    def __init__(self, weftd, key, kind="_http._tcp"):
        self.weftd, self.key, self.kind = weftd, key, kind
        self.instances = []
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.keep)
        self.thread.start()

    def keep(self):
        while not self.end.wait(REFRESH_S):
            for instance in list(self.instances):
                instance.refresh()

    def add(self, name, port=0, **more):
        """A new instance, registered."""
        instance = Instance(self.weftd, self.key(name), name, self.kind, port)
        self.instances.append(instance)
        return instance.register(**more)

    def close(self):
        self.end.set()
        self.thread.join()
        for instance in self.instances:
            instance.close()
