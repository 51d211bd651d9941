# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A shell in which the commands of a page are typed."""

import os
import pathlib
import signal
import subprocess

from conftest import WEFT, WEFTD
from loopback import free_address
from waiting import LIMIT_S, wait_for


class Shell:
    """Runs commands in a folder; `status` is that of the last one. weftd is a process of its own,
    since the README's tour kills it."""

    def __init__(self, folder):
        self.folder = folder
        self.weftd = None
        self.status = 0
        self.address, self.port = free_address()
        self.env = {**os.environ, "PATH": os.pathsep.join(
            [str(pathlib.Path(path).parent) for path in (WEFT, WEFTD)] + [os.environ["PATH"]])}

    def adapt(self, text):
        """The command with a free address and port, and leases that end sooner."""
        text = text.replace("127.0.0.1@5300", f"{self.address}@{self.port}")
        text = text.replace("server 127.0.0.1 5300", f"server {self.address} {self.port}")
        text = text.replace("-p 5300 @127.0.0.1", f"-p {self.port} @{self.address}")
        return text.replace("{default: 30}", "{default: 6, minimum: 1}")

    def log(self):
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def start(self):
        before = self.log().count(" ready")
        with open(self.folder / "log", "ab") as log:
            self.weftd = subprocess.Popen([WEFTD, "-c", "weftd.conf"], stderr=log, cwd=self.folder)
        wait_for(lambda: self.log().count(" ready") > before, "ready weftd")

    def stop(self):
        self.weftd.terminate()
        assert self.weftd.wait(LIMIT_S) == 0

    def run(self, command):
        """Runs a command. Returns the lines that it prints."""
        self.status = 0
        if command == "weftd -c weftd.conf &":
            self.start()
        elif command.startswith("export "):
            name, value = command.removeprefix("export ").split("=")
            self.env[name] = self.adapt(value).replace("$PWD", str(self.folder))
        elif command == "kill -9 $!":
            self.weftd.send_signal(signal.SIGKILL)
            self.weftd.wait(LIMIT_S)
        else:
            done = subprocess.run(["bash", "-c", self.adapt(command)], cwd=self.folder,
                                  env=self.env, stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S)
            self.status = done.returncode
            return done.stdout.splitlines()
        return []

    def close(self):
        if self.weftd is not None:
            self.weftd.kill()
            self.weftd.wait(LIMIT_S)
