# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The tours and the program in README.md, typed command by command: the output must be what the page
shows."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest

import bridging
from conftest import WEFTD
from installing import CC, installed, listener    # noqa: F401: a fixture
from typed import Shell
from waiting import LIMIT_S, wait_for

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))

# Output with a time differs; commands that begin like these are compared.
VARYING = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|^\d\d:\d\d:\d\d ")
EXACT = ("dig", "weft watch", "weft resolve", "weft register", "weft zone", "weft drain", "weft undrain", "nsupdate")
READY = re.compile(r"start: ready (zones=\d+ records=\d+)")


def typed(heading):
    """The commands of a section, with their here-documents, and the output that the page shows."""
    text = (SRC / "README.md").read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
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


def before_the_log(lines):
    """The output of the command itself, which precedes lines of weftd's log."""
    for i, line in enumerate(lines):
        if " info registry: " in line:
            return lines[:i]
    return lines


def test_the_tour_is_true(tmp_path):
    shell = Shell(tmp_path)
    commands = typed("A tour of five minutes")
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
        shell.close()


class LanShell:
    """The shell that tests/lan starts: all is typed into one process, like by hand."""

    def __init__(self, folder):
        self.log = folder / "log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["bash"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                text=True, bufsize=1, env={**kept, "HOME": str(folder), "LC_ALL": "C.UTF-8"})

    def run(self, command):
        """Returns the lines that it prints. What a job prints later is in the log."""
        if command.endswith("bash"):        # another shell, which ends the first one with itself
            command = f"exec {command}"
        if command.endswith("&"):
            command = f"{command.removesuffix('&')} >&2 &"
        self.process.stdin.write(command + (
            "\n" if command.startswith("exec") else "\necho done\n"))
        if command.startswith("exec"):
            return []
        lines = []
        while (line := self.process.stdout.readline()) not in ("done\n", ""):
            lines.append(line.rstrip())
        return lines

    def close(self):
        """The end of its input is the end of the shell, and so of the LAN."""
        self.process.stdin.close()
        self.process.wait(LIMIT_S)
        self.process.stdout.close()


@bridging.needs()
@pytest.mark.parametrize("heading", ["A tour of the LAN", "A tour of two nodes"])
def test_the_tours_of_several_hosts_are_true(tmp_path, heading):
    """Each line that the page shows of a command is printed, sooner or later: a LAN takes its time."""
    shell = LanShell(tmp_path)
    commands = typed(heading)
    assert len(commands) > 8
    varying = re.compile(r"(weft-bridge=[a-z.]+/)[0-9a-f]+|\b1\d{12}\b")      # ids, incarnations

    def alike(line):
        return varying.sub(lambda found: found[1] or "", line)

    try:
        for command, lines in commands:
            if command.startswith("W="):
                command = f"W={SRC}; PATH={pathlib.Path(WEFTD).parent}:$PATH"
            shown = {alike(line) for line in lines if line != "..." and
                     " info " not in line and not line.startswith("public ")}

            is_job, ready = command.endswith("&"), [line for line in lines if " start: " in line]
            if is_job:
                nbytes = len(shell.log.read_text())
                shell.run(command)
                shown |= {line.partition(" start: ")[2].partition(" records=")[0] for line in ready}

            def is_printed():
                if is_job:                                                  # noqa: B023
                    printed = shell.log.read_text()[nbytes:]                # noqa: B023
                    return all(line in printed for line in shown)           # noqa: B023
                printed = shell.run(command)                                # noqa: B023
                return shown <= {alike(line) for line in printed}           # noqa: B023

            wait_for(is_printed, f"output of {command}: {shown}", every_s=0.2)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{shell.log.read_text()}") from None
    finally:
        shell.close()


def test_the_program_is_true(tmp_path, make_weftd, installed):
    weftd, shell = make_weftd(), Shell(tmp_path)
    weftd.zone("$ORIGIN lab.cloud.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 10\n@ NS ns\n"
               f"ns A {weftd.address}\nn1.nodes A {weftd.address}\n"
               "_http._tcp PTR web-1._http._tcp\nweb-1._http._tcp SRV 0 0 8080 n1.nodes\n")
    weftd.configure().start()
    # By its path: the program is compiled by a script that is called cc.
    flags = shlex.join([shutil.which(CC[0]), *CC[1:], *installed.sanitizers()])
    (tmp_path / "cc").write_text(f'#!/bin/sh\nexec {flags} "$@"\n')
    (tmp_path / "cc").chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{shell.env['PATH']}"
    shell.env = {**installed.env(PATH=path, XDG_CONFIG_HOME=str(tmp_path)), "LC_ALL": "C.UTF-8"}
    shell.address, shell.port = weftd.where
    commands = typed("In a program")
    assert len(commands) == 5
    with listener(weftd.address, 8080):
        for command, lines in commands:
            assert shell.run(shell.adapt(command)) == lines, command
