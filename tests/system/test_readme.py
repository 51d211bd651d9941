# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The tour in README.md, typed command by command: the output must be what the page shows."""

import os
import pathlib
import re
import signal
import subprocess

from conftest import WEFT, WEFTD
from loopback import free_address
from waiting import LIMIT_S, wait_for

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))

# Output with a time differs; commands that begin like these are compared.
VARYING = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
EXACT = ("dig", "weft zone", "weft drain", "weft undrain", "nsupdate")
READY = re.compile(r"start: ready (zones=\d+ records=\d+)")


def tour():
    """The commands, with their here-documents, and the output that the page shows."""
    text = (SRC / "README.md").read_text()
    text = text[text.index("## A tour"):text.index("## In production")]
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    found = []
    while lines:
        line = lines.pop(0)
        if not line.startswith("$ "):
            found[-1][1].append(line)
            continue
        command = line[2:]
        if "<<'END'" in command:
            while not command.endswith("\nEND"):
                command += "\n" + lines.pop(0)
        found.append((command, []))
    return found


class Shell:
    """Runs the commands. weftd is a process of its own, since the tour kills it."""

    def __init__(self, folder):
        self.folder = folder
        self.weftd = None
        self.address, self.port = free_address()
        self.env = {**os.environ, "PATH": os.pathsep.join(
            [str(pathlib.Path(path).parent) for path in (WEFT, WEFTD)] + [os.environ["PATH"]])}

    def adapt(self, text):
        """The command with other ports, and leases that end sooner."""
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

    def run(self, command):
        if command == "weftd -c weftd.conf &":
            self.start()
        elif command.startswith("export "):
            name, value = command.removeprefix("export ").split("=")
            self.env[name] = value.replace("$PWD", str(self.folder))
        elif command == "kill -9 $!":
            self.weftd.send_signal(signal.SIGKILL)
            self.weftd.wait(LIMIT_S)
        else:
            done = subprocess.run(["bash", "-c", self.adapt(command)], cwd=self.folder,
                                  env=self.env, stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S)
            return done.stdout.splitlines()
        return []


def before_the_log(lines):
    """The output of the command itself, which precedes lines of weftd's log."""
    for i, line in enumerate(lines):
        if " info registry: " in line:
            return lines[:i]
    return lines


def test_the_tour_is_true(tmp_path):
    shell = Shell(tmp_path)
    commands = tour()
    assert len(commands) > 15
    try:
        for command, lines in commands:
            if "zone dump" in command:
                wait_for(lambda: "lease-ended" in shell.log(), "end of the lease")
            printed = shell.run(command)
            if command.startswith("weftd "):
                assert READY.findall(shell.log())[-1] == READY.search("\n".join(lines))[1]
            if command.startswith(EXACT):
                assert [VARYING.sub("", line) for line in printed] == \
                    [VARYING.sub("", line) for line in before_the_log(lines)], command
        assert shell.weftd.wait(LIMIT_S) == 0
    finally:
        if shell.weftd is not None:
            shell.weftd.kill()
            shell.weftd.wait(LIMIT_S)
