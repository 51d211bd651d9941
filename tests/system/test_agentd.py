# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft-agentd as a program: its command line, its control socket as scripts use it, signals, the
service manager, an upgrade in place, and where its node is seen."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from agents import AGENTD, Lab, lab, make_lab, owner, service      # noqa: F401 (fixtures)
from netns import HERE, THERE, pair      # noqa: F401 (fixture)
from waiting import LIMIT_S, wait_for

WEB = owner("web-1")
EXAMPLE = os.path.join(os.environ.get("SRCDIR", "../.."), "zones/weft-agentd.conf")


def agentd(*args):
    return subprocess.run([AGENTD, *map(str, args)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=LIMIT_S)


def ask(agent, command, *args):
    """The result of a command of the control socket, and the file that more can be read from."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(LIMIT_S)
    sock.connect(str(agent.socket))
    file = sock.makefile("rwb")
    file.write(json.dumps({"command": command, "args": args}).encode() + b"\n")
    file.flush()
    return json.loads(file.readline()), file


def result(agent, command, *args):
    reply, _ = ask(agent, command, *args)
    assert reply["ok"], reply
    return reply["result"]


def error(agent, command, *args):
    reply, _ = ask(agent, command, *args)
    assert not reply["ok"], reply
    return reply["error"]


def shown(agent, label="web-1"):
    """What the agent shows of an instance; {} if it has none of that label."""
    rows = result(agent, "service status")["instances"]
    return next((row for row in rows if row["label"] == label), {})


def wait_shown(agent, state, label="web-1"):
    return wait_for(lambda: (row := shown(agent, label)).get("state") == state and row,
                    f"{label} that is {state}")


# ---- the command line ----

def test_usage_and_version():
    assert agentd("-V").stdout.startswith("weft-agentd ")
    assert "--options" in agentd("-h").stdout
    for args in (["--nothing"], ["word"]):
        done = agentd(*args)
        assert done.returncode == 2 and "Usage" in done.stderr
    assert "agent.lease " in agentd("--options").stdout


def test_the_example_is_valid(make_lab):
    made = make_lab()
    made.key("n1")
    shutil.copy(EXAMPLE, made.weftd.folder / "weft-agentd.conf")
    (made.weftd.folder / "n1.key").chmod(0o600)
    done = agentd("-t", "-c", made.weftd.folder / "weft-agentd.conf")
    assert (done.returncode, done.stderr.replace("warning: this user is not root", "")) == (0, "")


def test_all_errors_are_reported_with_their_lines(tmp_path):
    path = tmp_path / "agent.conf"
    path.write_text("agent:\n  node: a..b\n  lease: 0\n  adress: seen\n  interface: eth0\n"
                    "  address: [192.0.2.1]\nhistory: {keep: many}\n")
    done = agentd("-t", "-c", path)
    assert done.returncode == 1
    for line in (2, 3, 4, 6, 7):
        assert f"{path}:{line}:" in done.stderr
    assert "address" in done.stderr     # what was meant by line 4
    done = agentd("-t", "-c", tmp_path / "nothing.conf")
    assert done.returncode == 1 and "nothing.conf" in done.stderr


def test_a_file_in_the_place_of_the_socket_is_left_alone(make_lab):
    agent = make_lab().node("n1")
    agent.socket.write_text("precious")
    agent.is_sound = False
    assert agent.spawn().process.wait(LIMIT_S) == 1
    assert "start-failed" in agent.log()
    assert agent.socket.read_text() == "precious"


def test_a_second_agent_of_a_folder_does_not_start(lab):
    done = agentd("-c", lab.agents[0].conf)
    assert done.returncode == 1 and "start-failed" in done.stderr
    assert lab.agents[0].is_running()


# ---- the control socket ----

def test_the_socket_describes_its_commands(lab):
    described = {row["command"]: row for row in result(lab.agents[0], "help")}
    assert {"agent status", "service restart", "service log"} <= set(described)
    assert all(row["help"] for row in described.values())


def test_the_agent_and_its_instances_are_shown(lab):
    lab.apply(service(on=["n1"]))
    lab.wait("web-1", node="n1")
    agent = lab.agents[0]
    found = wait_for(lambda: (found := result(agent, "agent status"))["registered"] and
                     found["states"] == {"up": 1} and found, "registered node")
    assert (found["node"], found["zone"], found["state"]) == ("n1", "lab.cloud", "up")
    assert found["addresses"] == [agent.address] and found["current"]
    assert found["pid"] == agent.process.pid
    for name in ("web-1", WEB, f"{WEB}.lab.cloud"):
        row, = result(agent, "service status", name)["instances"]
        assert (row["instance"], row["label"], row["type"]) == (f"{WEB}.lab.cloud", "web-1",
                                                                "_http._tcp")
        assert row["state"] == "up" and row["inc"] > 0 and row["wanted"]
        assert row["pid"] in lab.processes()["web-1"] and row["port"] > 0
        assert os.path.isdir(row["folder"]) and os.path.isabs(row["folder"])
    assert result(agent, "service status")["instances"] == [row]


def test_an_unknown_instance_changes_nothing(lab):
    lab.apply(service(on=["n1"]))
    agent = lab.agents[0]
    before = wait_shown(agent, "up")
    for command in ("start", "stop", "restart", "check"):
        assert "nothing" in error(agent, f"service {command}", "web-1", "nothing")
    assert "INSTANCE@INC" in error(agent, "service restart", "web-1@one")
    assert "lines" in error(agent, "service log", "web-1", "many")
    assert "usage" in error(agent, "service start")
    assert shown(agent) == before


def test_stop_answers_when_it_has_stopped_and_start_when_it_is_up(lab):
    lab.apply(service(on=["n1"]))
    lab.wait("web-1", node="n1")
    agent = lab.agents[0]
    row, = result(agent, "service stop", "web-1")["instances"]
    assert (row["state"], row["pid"], row["wanted"]) == ("stopped", 0, False)
    assert not lab.processes()
    row, = result(agent, "service start", "web-1")["instances"]
    assert (row["state"], row["wanted"]) == ("up", True)
    now, = result(agent, "service restart", "web-1")["instances"]
    assert now["state"] == "up" and now["inc"] > row["inc"]
    row, = result(agent, "service restart", f"web-1@{row['inc']}")["instances"]
    assert (row["state"], row["inc"]) == ("up", now["inc"])


def test_what_cannot_start_is_answered_with_its_reason(lab):
    lab.apply(service("needy", on=["n1"], uses=[{"name": "db", "type": "_db._tcp"}]),
              options=("--yes", "--force"))
    wait_for(lambda: shown(lab.agents[0], "needy-1").get("cause") == "uses", "reason to wait")
    row, = result(lab.agents[0], "service start", "needy-1")["instances"]
    assert row["state"] == "assigned" and "db" in row["reason"]


def test_the_output_is_shown_and_followed(lab):
    # $$ in a declaration is a $.
    script = 'printf "caf\\303\\251 \\377\\n"; echo two; kill -STOP $$$$; echo three; exec sleep 3600'
    lab.apply(service(on=["n1"], run=["/bin/sh", "-c", script], check=None))
    agent = lab.agents[0]
    pid = wait_for(lambda: shown(agent).get("pid"), "process")

    def lines(*args):
        return result(agent, "service log", "web-1", *args)["lines"]

    wait_for(lambda: lines() == ["caf\u00e9 \ufffd", "two"], "output")
    assert lines("1") == ["two"] and lines("0") == []
    reply, file = ask(agent, "service log", "web-1", "1", "follow")
    assert reply["result"] is None and file.readline() == b"two\n"
    os.kill(pid, signal.SIGCONT)
    assert file.readline() == b"three\n"


def test_the_level_of_the_log_can_be_changed(lab):
    agent = lab.agents[0]
    assert result(agent, "agent log", "error") is None
    assert "warning" in error(agent, "agent log", "loud")


# ---- reload ----

def test_a_reload_names_what_it_takes_and_what_it_cannot(lab):
    agent = lab.agents[0]
    text = agent.conf.read_text()
    assert result(agent, "agent reload") == {"changed": [], "restart": []}
    agent.conf.write_text(text.replace("lease: 10", "lease: 30").replace("node: n1", "node: n2"))
    for _ in range(2):      # what needs a restart is named until there is one
        took = result(agent, "agent reload")
        assert took["restart"] == ["agent.node"]
    assert result(agent, "agent status")["node"] == "n1"
    agent.conf.write_text(text + "history: {keep: 1}\n")
    line = text.count("\n") + 1
    assert re.match(rf"{agent.conf}:{line}: keep", error(agent, "agent reload"))
    agent.conf.write_text(text)
    agent.process.send_signal(signal.SIGHUP)
    wait_for(lambda: agent.log().count("reloaded") >= 4, "reload")


# ---- ends ----

def test_an_upgrade_in_place_is_not_noticed_by_services(lab):
    lab.apply(service(on=["n1"]))
    before = lab.wait("web-1", node="n1")
    agent, pids = lab.agents[0], lab.processes()
    serial = lab.weftd.dig("lab.cloud", "SOA").split()[2]
    assert result(agent, "agent upgrade") is None
    wait_for(lambda: agent.log().count(" ready ") == 2, "new program")
    wait_shown(agent, "up")
    assert agent.is_running() and lab.processes() == pids and lab.instance("web-1") == before
    assert "how=upgrade" in agent.log() and int(serial) > 0
    lab.delete("web")
    lab.wait_gone("web-1")


def test_a_program_that_would_not_start_replaces_nothing(lab):
    agent = lab.agents[0]
    text = agent.conf.read_text()
    agent.conf.write_text(text.replace("lease: 10", "lease: none"))
    assert f"{agent.conf}:" in error(agent, "agent upgrade")
    agent.conf.write_text(text)
    assert result(agent, "agent status")["pid"] == agent.process.pid
    assert result(agent, "agent upgrade") is None


def test_a_signal_during_an_upgrade_is_not_lost(make_lab):
    agent = make_lab().node("n1")
    for _ in range(10):
        agent.start()
        assert result(agent, "agent upgrade") is None
        assert agent.stop(signal.SIGTERM) == 0


def test_to_leave_is_to_leave_everything(lab):
    lab.apply(service(on=["n1"]))
    before = lab.wait("web-1", node="n1")
    agent, pids = lab.agents[0], lab.processes()
    assert agent.stop(signal.SIGUSR2) == 0
    assert lab.processes() == pids and lab.instance("web-1") == before
    agent.start()
    wait_shown(agent, "up")
    assert lab.processes() == pids and lab.instance("web-1") == before
    assert result(agent, "agent leave") is None
    assert agent.process.wait(LIMIT_S) == 0 and lab.processes() == pids


def test_to_stop_is_to_stop_everything(lab):
    lab.apply(service(on=["n1"]), service("two", on=["n1"]))
    lab.wait("web-1", node="n1")
    lab.wait("two-1", node="n1")
    agent = lab.agents[0]
    assert result(agent, "agent stop") is None
    assert agent.process.wait(LIMIT_S) == 0
    assert not lab.processes() and not lab.instance("web-1") and not lab.instance("two-1")
    assert not agent.socket.exists()


def test_a_second_signal_ends_an_agent_whose_service_does_not_stop(lab):
    lab.apply(service(on=["n1"], stop={"timeout": 3600},
                      run=["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"], check=None))
    agent = lab.agents[0]
    pid = wait_for(lambda: shown(agent).get("pid"), "process")
    agent.process.send_signal(signal.SIGTERM)
    wait_shown(agent, "draining")
    assert agent.stop(signal.SIGUSR2) == 0
    os.kill(pid, 0)
    os.kill(pid, signal.SIGKILL)


def test_the_service_manager_is_notified(make_lab, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(LIMIT_S)
        sock.bind(str(tmp_path / "notify"))
        agent = make_lab().node("n1")
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        agent.start()

        def receive(word):
            return wait_for(lambda: (text := sock.recv(4096).decode()).startswith(word) and text,
                            word)

        assert "STATUS=node n1" in receive("READY=1")
        receive("WATCHDOG=1")
        agent.process.send_signal(signal.SIGHUP)
        receive("RELOADING=1")
        receive("READY=1")
        agent.process.send_signal(signal.SIGTERM)
        receive("STOPPING=1")
        assert agent.process.wait(LIMIT_S) == 0


# ---- addresses ----

@pytest.fixture
def apart(make_weftd, pair, tmp_path):
    """A lab whose registry is on the host `there`, and the second address of the host `here`, from
    which what is sent to the registry comes."""
    def make():
        weftd = make_weftd()
        weftd.address = THERE
        return weftd

    other = HERE.rsplit(".", 1)[0] + ".50"
    pair.here.ip("addr", "add", f"{other}/24", "dev", "cable")
    pair.here.ip("route", "replace", THERE, "dev", "cable", "src", other)
    made = Lab(make, tmp_path)
    with pair.there.inside():
        made.weftd.start()
    yield made, other
    wrong = made.close()
    assert not wrong, wrong


def node_addresses(made, pair):
    with pair.there.inside():
        return made.lookup("n1.nodes", "A")


def test_a_node_has_the_address_from_which_it_is_seen(apart, pair):
    made, other = apart
    with pair.here.inside():
        agent = made.node("n1")
        agent.configure(address="seen")
        agent.start()
    wait_for(lambda: node_addresses(made, pair) == [other], "address")
    pair.here.ip("addr", "del", f"{other}/24", "dev", "cable")      # and so the route
    wait_for(lambda: node_addresses(made, pair) == [HERE], "other address")


def test_a_node_has_the_addresses_of_its_interface(apart, pair):
    made, other = apart
    with pair.here.inside():
        agent = made.node("n1")
        agent.conf.write_text(agent.conf.read_text().replace(f"address: [{agent.address}]",
                                                             "interface: cable"))
        agent.start()
    wait_for(lambda: node_addresses(made, pair) == sorted([HERE, other]), "addresses")
    pair.here.ip("addr", "del", f"{other}/24", "dev", "cable")
    wait_for(lambda: node_addresses(made, pair) == [HERE], "the other one alone")
