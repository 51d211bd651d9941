# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The processes of a declared service: what it leaves behind, what it reports, where its output goes."""

import os
import pathlib
import pwd
import signal
import subprocess

import pytest

from agents import PYTHON, WEFT, connecting, lab, make_lab, owner, service   # noqa: F401 (fixtures)
from waiting import wait_for

PLACE = {"port": None, "check": None, "on": ["n1"]}
GROUPS = pathlib.Path("/sys/fs/cgroup/unified")


def program(code, **options):
    return service(**{**PLACE, "run": [PYTHON, "-S", "-E", "-c", code], **options})


STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            break
        os._exit(0)
with open(os.environ["LIVES"] + "/pids.list", "a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(100000)
"""


@pytest.mark.parametrize("group", ["none", "weft-test"])
def test_nothing_of_a_stopped_service_survives(make_lab, group):
    if group != "none" and not os.access(GROUPS, os.W_OK):
        pytest.skip("no control groups")
    lab = make_lab()
    agent = lab.node("n1")
    agent.conf.write_text(agent.conf.read_text().replace("cgroup: none", f"cgroup: {group}"))
    agent.start()
    lab.apply(program(STUBBORN, environment={"LIVES": str(lab.lives)}, stop={"timeout": 0.3}))
    pids = lab.lives / "pids.list"
    wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 3, "daemons")
    lab.delete("web")
    lab.wait_gone("web-1")
    assert [pid for pid in pids.read_text().split() if pathlib.Path("/proc", pid).exists()] == []


def test_a_socket_of_the_agent_refuses_nobody_while_its_service_is_killed(lab):
    lab.apply(service(on=["n1"], listen="agent"))
    agent = lab.agents[0]
    shown, where = agent.wait("web-1"), (agent.address, lab.wait("web-1")["srv_port"])
    with connecting(where) as refused:
        for _ in range(6):
            os.kill(shown["pid"], signal.SIGKILL)
            shown = agent.wait("web-1", inc=shown["inc"] + 1)
    assert not refused


NOTIFY = """
import os, socket, time
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    path = os.environ["NOTIFY_SOCKET"]
    s.connect("\\0" + path[1:] if path[0] == "@" else path)
    s.send(b"STATUS=warm")
    s.send(b"READY=1")
    s.send(b"WATCHDOG_USEC=300000")
    while not os.path.exists(os.environ["LIVES"] + "/quiet.now"):
        s.send(b"WATCHDOG=1")
        time.sleep(0.05)
    time.sleep(100000)
"""


def test_a_service_that_is_silent_to_its_watchdog_is_started_anew(lab):
    lab.apply(program(NOTIFY, environment={"LIVES": str(lab.lives)}))
    inc = lab.agents[0].wait("web-1")["inc"]
    (lab.lives / "quiet.now").touch()
    wait_for(lambda: lab.agents[0].shown("web-1")["inc"] > inc, "another incarnation")
    lab.wait_event("web-1", "failed", why="watchdog")


REPORTS = """
import os, socket, sys, time
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    path = os.environ["NOTIFY_SOCKET"]
    s.connect("\\0" + path[1:] if path[0] == "@" else path)
    s.send(b"READY=1")
    seen = ""
    while True:
        with open(os.environ["FOLDER"] + "/message") as file:
            message = file.read()
        if message != seen:
            s.send(message.encode())
            seen = message
        time.sleep(0.02)
"""


def test_what_a_service_reports_of_itself_is_shown(lab):
    message = lab.folder / "message"

    def report(text):
        message.with_suffix(".new").write_text(text)
        os.replace(message.with_suffix(".new"), message)

    report("STATUS=12 clients")
    lab.apply(program(REPORTS, environment={"FOLDER": str(lab.folder)}))
    agent = lab.agents[0]
    agent.wait("web-1", status="12 clients")
    assert "12 clients" in agent.service("status", "web-1").stdout
    for text, shown in (("RELOADING=1", "reloading"), ("READY=1", None), ("STATUS=new", "new"),
                        ("RELOADING=1\nSTATUS=reading", "reading"), ("STOPPING=1", "stopping")):
        report(text)
        agent.wait("web-1", status=shown)
    agent.service("stop", "web-1")
    agent.wait("web-1", "stopped", status=None)


def test_a_service_that_is_not_up_shows_what_its_check_finds(lab):
    lab.apply(program("import time; time.sleep(100000)",
                      check={"exec": ["/bin/sh", "-c", "echo database down; exit 2"],
                             "interval": 0.1}))
    shown = lab.agents[0].wait("web-1", "starting",
                               reason="check: exit status 2: database down")
    assert lab.wait("web-1", "starting", why=shown["reason"])
    assert "database down" in lab.agents[0].service("status").stdout


def test_a_preparation_that_fails_is_tried_again_when_an_operator_asks(lab):
    there = lab.folder / "there"
    lab.apply(program("import time; time.sleep(100000)",
                      prepare=[["/bin/true"], ["/bin/sh", "-c", f"echo not yet; test -e {there}"]]))
    agent = lab.agents[0]
    reason = "prepare: step 2 (/bin/sh): exit status 1: not yet"
    assert agent.wait("web-1", "failed")["reason"] == reason
    lab.wait("web-1", "failed", why=reason)
    assert reason in agent.service("start", "web-1", check=False).stderr
    there.touch()
    agent.service("start", "web-1")
    agent.wait("web-1")


def test_a_secret_that_is_missing_is_named_and_read_when_it_is_there(lab):
    secret = lab.folder / "secret"
    lab.apply(program("import os, time; print(os.environ['WORD'], flush=True); time.sleep(100000)",
                      secret={"WORD": str(secret)}))
    agent = lab.agents[0]
    shown = agent.wait("web-1", "failed")
    assert str(secret) in shown["reason"] and "No such file" in shown["reason"]
    secret.write_text("open sesame\n")
    agent.service("start", "web-1")
    log = pathlib.Path(agent.wait("web-1")["log"])
    wait_for(lambda: log.read_text() == "open sesame\n", "the secret")


def limits_of(pid):
    lines = pathlib.Path("/proc", str(pid), "limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:].split()[:2] for line in lines}


def test_files_and_core_are_limited(lab):
    lab.apply(program("import time; time.sleep(100000)", limits={"files": 77, "core": "4K"}),
              service("other", **PLACE, run=["/bin/sleep", "100000"]))
    agent = lab.agents[0]
    limits = limits_of(agent.wait("web-1")["pid"])
    assert limits["Max open files"] == ["77", "77"]
    assert limits["Max core file size"] == ["4096", "4096"]
    limits = limits_of(agent.wait("other-1")["pid"])
    assert limits["Max open files"][0] == "1024" and int(limits["Max open files"][1]) >= 1024
    assert limits["Max core file size"] == ["0", "0"]


def test_output_to_none_has_no_file(lab):
    lab.apply(program("import time; print('lost', flush=True); time.sleep(100000)",
                      output={"to": "none"}))
    shown = lab.agents[0].wait("web-1")
    assert shown["log"] is None
    assert [os.readlink(f"/proc/{shown['pid']}/fd/{fd}") for fd in (1, 2)] == ["/dev/null"] * 2
    log = lab.agents[0].service("log", "web-1", check=False)
    assert log.returncode == 1 and "web-1 has no file of output" in log.stderr
    assert not list((lab.agents[0].state / "log").glob("web-1*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="not root")
def test_a_user_has_all_of_its_groups(lab):
    user = next((u for u in pwd.getpwall()
                 if u.pw_uid != 0 and len(os.getgrouplist(u.pw_name, u.pw_gid)) > 1), None)
    if user is None:
        pytest.skip("no user has several groups")
    agent = lab.agents[0]
    for path in [agent.state, *agent.state.parents]:
        if path.stat().st_uid == 0 and len(path.parts) > 2:
            path.chmod(path.stat().st_mode | 0o011)
    lab.apply(program("import time; time.sleep(100000)", user=user.pw_name))
    pid = agent.wait("web-1")["pid"]
    status = dict(line.split(":\t", 1) for line in
                  pathlib.Path("/proc", str(pid), "status").read_text().splitlines())
    assert status["Uid"].split() == [str(user.pw_uid)] * 4
    assert status["Gid"].split() == [str(user.pw_gid)] * 4
    assert ({int(group) for group in status["Groups"].split()}
            == set(os.getgrouplist(user.pw_name, user.pw_gid)))


def test_the_output_is_followed_across_rotations(lab):
    code = ("import time\nn = 0\nwhile True:\n    n += 1\n"
            "    print(f'line {n} ' + 'x' * 200, flush=True)\n    time.sleep(0.002)\n")
    lab.apply(program(code, output={"size": "64K", "keep": 2}))
    agent = lab.agents[0]
    log = pathlib.Path(agent.wait("web-1")["log"])
    environment = lab.environment | {"WEFT_AGENT_SOCKET": str(agent.socket)}
    follow = subprocess.Popen([WEFT, "service", "log", "-f", owner("web-1")], env=environment,
                              stdout=subprocess.PIPE, text=True)
    try:
        last, rest = 0, 500   # lines that follow the rotation
        while rest:
            number = int(follow.stdout.readline().split()[1])
            assert number > last
            last, rest = number, rest - log.with_name(log.name + ".1").exists()
    finally:
        follow.kill()
        follow.wait()
        follow.stdout.close()
    assert not log.with_name(log.name + ".3").exists()


def test_two_hundred_instances_have_ports_of_their_own(lab):
    lab.apply(service(count=200, name_resource="none", on=["n1"], check=None,
                      run=["/bin/sleep", "100000"]))
    agent = lab.agents[0]

    def rows():
        return [row for row in agent.instances().values() if row["state"] == "up"]

    wait_for(lambda: len(rows()) == 200, "200 instances", every_s=0.2)
    ports = {row["label"]: row["port"] for row in rows()}
    assert len(set(ports.values())) == 200
    agent.kill()
    agent.start()
    wait_for(lambda: len(rows()) == 200, "200 instances", every_s=0.2)
    assert {row["label"]: row["port"] for row in rows()} == ports
