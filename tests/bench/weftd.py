# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A weftd of a bench's own, and what it costs. Importing this also makes the modules of tests/system
importable."""

import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))

from loopback import free_port
from waiting import LIMIT_S, wait_for

ZONE = """\
$ORIGIN lab.cloud.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 5
@ NS ns
ns A 127.0.0.1
n1.nodes A 127.0.0.1
"""


class Weftd:
    """A weftd in a folder of its own."""

    def __init__(self, build, folder, *, keys, workers, zone=ZONE, server="", view="", more="",
                 cpu=None):
        """`server` and `view` are further options of the server and of the zone, `more` follows them;
        `cpu` is the CPU that it runs on."""
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
            f"state-dir: state, control: weftd.sock, log: {{level: warning}}{server}}}\n"
            "fabric: {name: lab.cloud, key-file: lab.cloud.fabric}\n"
            "zone: {name: lab.cloud, file: lab.cloud.zone, "
            f"update: {{fabric: lab.cloud}}{view}}}\n{more}")
        pin = [] if cpu is None else ["taskset", "-c", str(cpu)]
        self.process = subprocess.Popen([*pin, build / "weftd", "-c", "weftd.conf"], cwd=folder)
        wait_for(lambda: self.run("status", check=False).returncode == 0, "weftd that answers", 10)

    def run(self, *args, check=True):
        return subprocess.run([self.weft, "-s", "weftd.sock", *args], cwd=self.folder, check=check,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=LIMIT_S)

    def key(self, name):
        text = self.run("key", "issue", name).stdout
        return " ".join(re.findall(r'key "([^"]+)"|secret "([^"]+)"', text)[i][i]
                        for i in (0, 1)) + "\n"

    def stats(self):
        return json.loads(self.run("--json", "stats").stdout)

    def cpu_s(self):
        """The CPU time of all threads, as the scheduler counts it."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def threads_cpu_s(self):
        """The CPU time of each thread: by NAME/NUMBER, since threads may share a name."""
        found = {}
        for task in sorted(pathlib.Path(f"/proc/{self.process.pid}/task").iterdir(),
                           key=lambda task: int(task.name)):
            name = (task / "comm").read_text().strip()
            found[f"{name}/{len(found)}"] = int((task / "schedstat").read_text().split()[0]) / 1e9
        return found

    def memory_mib(self):
        """Memory without the page cache's: the files of the store are mapped."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        self.process.terminate()
        return self.process.wait(LIMIT_S)
