# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A weftd of a bench's own, and what it costs."""

import json
import pathlib
import re
import socket
import subprocess
import sys
import time

ZONE = """\
$ORIGIN lab.cloud.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 5
@ NS ns
ns A 127.0.0.1
n1.nodes A 127.0.0.1
"""


def free_port():
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]


class Weftd:
    """A weftd in a folder of its own."""

    def __init__(self, build, folder, *, keys, workers, zone=ZONE, view="", more="", cpu=None):
        """`view` goes to the zone's configuration, `more` behind it; `cpu` is what it runs on."""
        build = pathlib.Path(build).resolve()
        self.weft = build / "weft"
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        (self.folder / "state").mkdir()
        (self.folder / "lab.cloud.zone").write_text(zone)
        self.run("fabric", "init", "lab.cloud")
        (self.folder / "keys").write_text("".join(self.key(f"n{i}") for i in range(keys)))
        (self.folder / "weftd.conf").write_text(
            f"server: {{listen: 127.0.0.1@{self.port}, workers: {workers}, "
            "state-dir: state, control: weftd.sock, log: {level: warning}}\n"
            "fabric: {name: lab.cloud, key-file: lab.cloud.fabric}\n"
            "zone: {name: lab.cloud, file: lab.cloud.zone, "
            f"update: {{fabric: lab.cloud}}{view}}}\n{more}")
        pin = [] if cpu is None else ["taskset", "-c", str(cpu)]
        self.process = subprocess.Popen([*pin, build / "weftd", "-c", "weftd.conf"], cwd=folder)
        for _ in range(200):
            if self.run("status", check=False).returncode == 0:
                return
            time.sleep(0.05)
        sys.exit("weftd does not start")

    def run(self, *args, check=True):
        return subprocess.run([self.weft, "-s", "weftd.sock", *args], cwd=self.folder, check=check,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def key(self, name):
        text = self.run("key", "issue", name).stdout
        return " ".join(re.findall(r'key "([^"]+)"|secret "([^"]+)"', text)[i][i]
                        for i in (0, 1)) + "\n"

    def stats(self):
        return json.loads(self.run("--json", "stats").stdout)

    def cpu_s(self):
        """Of all threads, as the scheduler counts it."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def threads_cpu_s(self):
        """The same for each thread: by its name, and its number where others have that too."""
        found = {}
        for task in sorted(pathlib.Path(f"/proc/{self.process.pid}/task").iterdir(),
                           key=lambda task: int(task.name)):
            name = (task / "comm").read_text().strip()
            found[f"{name}/{len(found)}"] = int((task / "schedstat").read_text().split()[0]) / 1e9
        return found

    def memory_mib(self):
        """Without what is shared with the page cache: the files of the store are mapped."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)
