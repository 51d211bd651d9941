# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The processes of a declared service: what it leaves behind, what it reports, where its output goes."""

import os
import pathlib
import signal
import socket
import subprocess
import threading

import pytest

from agents import PYTHON, WEFT, lab, make_lab, owner, service   # noqa: F401 (fixtures)
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
    refused, is_over = [], threading.Event()

    def connect():
        while not is_over.is_set():
            try:
                socket.create_connection(where, timeout=30).close()
            except OSError as fault:
                refused.append(fault)

    thread = threading.Thread(target=connect)
    thread.start()
    try:
        for _ in range(6):
            os.kill(shown["pid"], signal.SIGKILL)
            shown = agent.wait("web-1", inc=shown["inc"] + 1)
    finally:
        is_over.set()
        thread.join()
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
