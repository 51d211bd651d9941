# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The change of each option has the consequence for a running instance that weft-spec(5) states."""

import copy
import os
import pathlib
import re

from agents import lab, make_lab, service   # noqa: F401 (fixtures)
from loopback import free_address
from waiting import wait_for

MAN = pathlib.Path(os.environ["SRCDIR"]) / "man/weft-spec.5"

# Options of another form than `run`, of the owner's name, and of what is not an option of its own here.
ELSEWHERE = {"name", "type", "ocf", "unit", "machine.start", "machine.stop", "machine.check",
             "machine.recycle", "check.ocf", "uses.type"}


def stated():
    """The options of the page, with what a change of each does."""
    text = MAN.read_text().partition(".Ss Options")[2].partition(".Ss Variables")[0]
    found = re.findall(r"^\.It Ic (\S+)\n(?:(?!\.It Ic).*\n)*?Change: ([a-z ]+)\.$", text, re.M)
    assert len(found) == text.count("Change: "), found
    return dict(found)


def changes(tmp_path):
    """The changes, one after the other: each option, and what becomes of the declaration."""
    secret = tmp_path / "secret"
    secret.write_text("value\n")

    def put(path, value):
        def change(spec):
            *outer, last = path
            for key in outer:
                spec = spec.setdefault(key, {})
            spec[last] = value
        return change

    def check(**new):
        def change(spec):
            for kind in ("http", "tcp", "exec"):
                spec["check"].pop(kind, None)
            spec["check"] |= new
        return change

    simple = {
        "schema": "any", "count": 2, "on": ["n1", "n2"], "prefer": ["n2"], "avoid": ["other"],
        "name-resource": "of-its-own", "version": "2", "prepare": [["/bin/true"]],
        "parameters": {"a": 1}, "reload": "signal HUP", "user": "root", "folder": str(tmp_path),
        "secret": {"S": str(secret)}, "limits.memory": "1G", "limits.processes": 1000,
        "limits.files": 2000, "limits.core": "1M", "output.to": "none", "output.size": "1M",
        "output.keep": 5, "port": free_address()[1], "listen": "agent", "ttl": 20, "priority": 1,
        "weight": 5, "text": {"path": "/x"}, "check.interval": 0.2, "check.timeout": 4,
        "check.rise": 2, "check.fall": 4, "stop.signal": "INT", "stop.timeout": 6,
        "restart.times": 900, "restart.within": 50, "restart.backoff": [0.03, 0.2], "lost": "fail",
        "fence": "none"}
    done = [(option, put(option.split("."), value)) for option, value in simple.items()]
    done.insert(5, ("environment", lambda spec: spec["environment"].update(X="1")))
    done.insert(6, ("run", lambda spec: spec["run"].append("more")))
    return done + [
        ("parameters", put(["parameters"], {"a": 2})),
        ("uses.name", put(["uses"], [{"name": "db"}])),
        ("uses.on-change", put(["uses"], [{"name": "db", "on-change": "restart"}])),
        ("resources.name", put(["resources"], [{"name": "disk"}])),
        ("resources.exclusive", put(["resources"], [{"name": "disk", "exclusive": "yes"}])),
        ("state.save", put(["state"], {"save": ["/bin/true"], "load": ["/bin/cat"]})),
        ("state.load", put(["state", "load"], ["/bin/true"])),
        ("check.http", check(http="/x")), ("check.tcp", check(tcp="auto")),
        ("check.exec", check(exec=["/bin/true"]))]


def test_each_change_does_what_the_page_states(lab, tmp_path):
    says, agent, wrong, tried = stated(), lab.agents[0], [], set()
    more = {"schema": {"any": {"type": "object"}}}
    db = service("db", on=["n1"])
    spec = service(on=["n1"], name_resource="none")
    lab.apply(spec, db, **more)
    agent.wait("web-1"), agent.wait("db-1")
    for option, change in changes(tmp_path):
        before, nevents = agent.wait("web-1"), len(lab.events("web-1", "configured"))
        wanted = "reload" if option == "parameters" and option in tried else says[option]
        change(spec)
        tried.add(option)
        lab.apply(copy.deepcopy(spec), copy.deepcopy(db), **more)
        try:
            why = wait_for(lambda: lab.events("web-1", "configured")[nevents:], option, 10)[-1]["why"]
            if wanted == "restart":
                wait_for(lambda: agent.shown("web-1")["inc"] > before["inc"], option, 10)
            now = agent.wait("web-1")
            if not why.endswith(f": {wanted}") or (wanted != "restart" and now["pid"] != before["pid"]):
                wrong.append((option, wanted, why))
        except AssertionError as fault:
            wrong.append((option, wanted, str(fault)[:300]))
    assert not wrong
    assert set(says) - tried == ELSEWHERE
    seen = lab.wait("web-1", path="/x", weight=5)
    assert seen["path"] == "/x" and lab.lookup("web-1._http._tcp", "SRV")[0].startswith("1 5 ")


def test_a_new_version_is_prepared_once(lab):
    agent, prepared, go = lab.agents[0], lab.folder / "prepared", lab.folder / "go"

    def version(name):
        return service(on=["n1"], version=name, prepare=[
            ["/bin/sh", "-c", f"echo {name} >>{prepared}; until [ -e {go} ]; do sleep 0.05; done"]])

    go.touch()
    lab.apply(version("1"))
    agent.wait("web-1", ver="1")
    go.unlink()
    lab.apply(version("2"))
    wait_for(lambda: prepared.read_text().split()[-1] == "2", "preparation of the second")
    assert agent.shown("web-1")["state"] == "preparing"
    # Another declaration ends the preparation that is not finished.
    lab.apply(version("3"))
    wait_for(lambda: prepared.read_text().split()[-1] == "3", "preparation of the third")
    go.touch()
    agent.wait("web-1", ver="3")
    assert prepared.read_text().split() == ["1", "2", "3"]
