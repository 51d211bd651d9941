# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Runs tests/client/caller, a program that uses libweft: its words are at the top of caller.c.

    with Caller("-r", "127.0.0.1@53", "-d", "lab.cloud") as caller:
        caller.send("watch _http._tcp")
        event = caller.wait("added")          # event.words, event.us
    events = call(server, "find", "_http._tcp")"""

import collections
import os
import pathlib
import re
import subprocess
import threading

from waiting import LIMIT_S, wait_for

BUILD = pathlib.Path(os.environ.get("BUILDDIR", "."))
CALLER = BUILD / "tests/client/caller"

Event = collections.namedtuple("Event", "us word words text")
Instance = collections.namedtuple(
    "Instance", "name host port priority weight state id inc addresses txt")


def event_of(line):
    us, _, text = line.rstrip("\n").partition(" ")
    words = text.split(" ")
    return Event(int(us), words[0], words[1:], text)


def instance_of(words):
    """An instance from the words of an event, from its name on."""
    name, host, port, priority, weight, state, ident, inc, addresses, *txt = words
    return Instance(name, host, int(port), int(priority), int(weight), state, ident, int(inc),
                    [] if addresses == "-" else addresses.split(","),
                    dict((pair.partition("=")[0], pair.partition("=")[2]) for pair in txt))


def options(server, domain="lab.cloud", key=None):
    """The options for a weftd (conftest.Weftd)."""
    found = ["-r", f"{server.address}@{server.port}", "-d", domain]
    return [*found, "-k", str(key)] if key else found


def environment(**more):
    """Without what a user may have set; `more` is added; a value None leaves the name out."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
    env["XDG_CONFIG_HOME"] = "/nonexistent"
    return {**env, **{name: value for name, value in more.items() if value is not None}}


class Caller:
    """A caller that runs: commands go in, events come out. `prefix` is a command that runs it, such
    as `ip netns exec NAME`."""

    def __init__(self, *args, prefix=(), env=None):
        self.process = subprocess.Popen([*prefix, str(CALLER), *args], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=env or environment())
        self.events = []
        self.errors = []
        self.position = 0
        self.threads = [threading.Thread(target=self._read_events, daemon=True),
                        threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self.threads:
            thread.start()

    def _read_events(self):
        for line in self.process.stdout:
            self.events.append(event_of(line))

    def _read_errors(self):
        self.errors += self.process.stderr.readlines()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, *lines):
        for line in lines:
            self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait(self, word, pattern="", limit_s=LIMIT_S):
        """Waits for the next event with this word, or one of these (a|b), whose text has the
        pattern. Events before it are passed over: they remain in `events`."""
        expected = re.compile(rf"(?:{word})(?: |$)"), re.compile(pattern)

        def find():
            while self.position < len(self.events):
                event = self.events[self.position]
                self.position += 1
                if expected[0].match(event.text) and expected[1].search(event.text):
                    return event
            assert self.process.poll() is None, self.errors
            return None

        return wait_for(find, f"{word} {pattern} in {self.events[-20:]}", limit_s, 0.002)

    def passed(self, word):
        """The events so far with this word."""
        return [event for event in self.events if event.word == word]

    def end(self):
        """Ends it as its input's end does. Returns all events."""
        self.process.stdin.close()
        status = self.process.wait(LIMIT_S)
        for thread in self.threads:
            thread.join(LIMIT_S)
        assert status == 0 and not self.errors, (status, self.errors)
        return self.events

    def close(self):
        """Ends it, if it runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LIMIT_S)
        for thread in self.threads:
            thread.join(LIMIT_S)
        assert "Sanitizer" not in "".join(self.errors), self.errors


def call(args, *words, prefix=(), env=None):
    """Runs one command to its end. Returns its events."""
    done = subprocess.run([*prefix, str(CALLER), *args, *words], capture_output=True, text=True,
                          timeout=LIMIT_S, env=env or environment())
    assert done.returncode == 0 and not done.stderr, (done.returncode, done.stderr)
    return [event_of(line) for line in done.stdout.splitlines()]


def found(events):
    """The instances of the events of `find`."""
    return [instance_of(event.words) for event in events if event.word == "instance"]
