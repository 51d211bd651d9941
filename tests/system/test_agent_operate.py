# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What operators do with an agent: its configuration, its commands, the log of a service."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from agents import AGENTD, TYPE, lab, make_lab, owner, service      # noqa: F401 (fixtures)
from waiting import LIMIT_S, wait_for

WEB = owner("web-1")


def test_a_stopped_service_stays_stopped(lab):
    lab.apply(service(on=["n1"]))
    inc = int(lab.wait("web-1")["inc"])
    agent = lab.agents[0]
    agent.service("stop", WEB)
    agent.wait("web-1", "stopped")
    lab.wait("web-1", "stopped")
    assert not lab.processes()
    agent.wait_equal()
    agent.kill()
    agent.start()
    agent.wait("web-1", "stopped")
    lab.apply(service(on=["n1"], environment={"NEW": "1"}))
    agent.wait_equal()
    assert not lab.processes()
    agent.service("start", WEB)
    lab.wait_later("web-1", inc)
    assert lab.ask("web-1")["NEW"] == "1"


def test_a_restart_is_another_incarnation(lab):
    lab.apply(service(on=["n1"]))
    inc = int(lab.wait("web-1")["inc"])
    lab.agents[0].service("restart", WEB)
    lab.wait_next("web-1", inc)
    assert lab.agents[0].shown("web-1")["id"] == "web-1"
    assert len(lab.starts("web-1")) == 2


def test_many_who_saw_the_same_incarnation_cause_one_restart(lab):
    lab.apply(service(on=["n1"]))
    inc = int(lab.wait("web-1")["inc"])
    seen = f"{WEB}@{inc}"
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda _: lab.agents[0].service("restart", seen, check=False), range(20)))
    assert [d.returncode for d in done] == [0] * 20, [d.stderr for d in done]
    lab.wait_next("web-1", inc)
    lab.agents[0].service("restart", seen)
    assert len(lab.starts("web-1")) == 2
    assert lab.inc("web-1") == inc + 1


def test_commands_name_what_is_wrong(lab):
    agent = lab.agents[0]
    for args, status, text in ((("stop", "nothing._http._tcp"), 1, "nothing"),
                               (("start",), 2, ""), (("log", "nothing._http._tcp"), 1, "nothing")):
        done = agent.service(*args, check=False)
        assert done.returncode == status and text in done.stderr, (args, done)
    agent.stop()
    done = agent.service("status", check=False)
    assert done.returncode == 3 and "agent" in done.stderr


def test_the_output_of_a_service_is_shown(lab):
    lab.apply(service(on=["n1"]))
    lab.wait("web-1")
    wait_for(lambda: "web-1 starts as 1" in lab.agents[0].service("log", WEB).stdout, "the output")


def test_a_check_is_made_at_once(lab):
    lab.apply(service(on=["n1"], check={"http": "/", "interval": 3600, "timeout": 5, "fall": 1}))
    lab.wait("web-1")
    assert lab.agents[0].service("check", WEB).returncode == 0


def test_what_is_declared_and_what_runs_is_one_list(lab):
    lab.apply(service(on=["n1"]), service("other", on=["n9"]))
    lab.wait("web-1")
    listed = lab.weft("service", "list").stdout
    web, = [line for line in listed.splitlines() if "web-1" in line]
    other, = [line for line in listed.splitlines() if "other-1" in line]
    assert "up" in web and "n1" in web
    assert "up" not in other.split()


def test_the_agent_shows_itself(lab):
    shown = lab.agents[0].weft("agent", "status").stdout
    assert "n1" in shown and "lab.cloud" in shown


@pytest.mark.parametrize("line, wrong", [
    ("  lease: 1", "lease"), ("  colour: red", "colour"), ("  address: [nowhere]", "address"),
    ("  registry: [here@there]", "registry"), ("  key-file: nowhere.key", "nowhere.key")])
def test_a_bad_configuration_is_refused_with_its_line(make_lab, line, wrong):
    agent = make_lab().node("n1")
    key = line.split(":")[0] + ":"
    lines = [found for found in agent.conf.read_text().splitlines() if not found.startswith(key)]
    agent.conf.write_text("\n".join(lines[:1] + [line] + lines[1:]) + "\n")
    for args in (["-t"], []):
        done = subprocess.run([AGENTD, *args, "-c", agent.conf], capture_output=True, text=True,
                              timeout=LIMIT_S, stdin=subprocess.DEVNULL)
        assert done.returncode == 1
        assert f"{agent.conf}:2" in done.stderr + done.stdout and wrong in done.stderr + done.stdout


def test_a_good_configuration_is_good(make_lab):
    agent = make_lab().node("n1")
    done = subprocess.run([AGENTD, "-t", "-c", agent.conf], capture_output=True, text=True,
                          timeout=LIMIT_S, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr


def test_a_reload_takes_what_can_be_changed(lab):
    lab.apply(service(on=["n1"]))
    before = lab.wait("web-1")
    agent = lab.agents[0]
    agent.configure(lease=20, address="[127.0.0.77]")
    agent.weft("agent", "reload")
    wait_for(lambda: lab.lookup("n1.nodes", "A") == ["127.0.0.77"], "the new address")
    assert lab.instance("web-1") == before
    agent.conf.write_text("agent: {colour: red}\n")
    assert agent.weft("agent", "reload", check=False).returncode == 1
    assert lab.instance("web-1") == before and agent.is_running()


def test_the_registry_s_view_of_a_node_is_its_address(make_lab):
    made = make_lab()
    agent = made.node("n1")
    agent.configure(address="seen")
    agent.start()
    wait_for(lambda: made.lookup("n1.nodes", "A"), "the address")
    assert made.lookup("n1.nodes", "A")[0].startswith("127.")
