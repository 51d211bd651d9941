# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The tour in README.md, typed command by command: the output must be what the page shows."""

import os
import pathlib
import re

from typed import Shell
from waiting import LIMIT_S, wait_for

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))

# Output with a time differs; commands that begin like these are compared.
VARYING = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|^\d\d:\d\d:\d\d ")
EXACT = ("dig", "weft watch", "weft zone", "weft drain", "weft undrain", "nsupdate")
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
        shell.close()
