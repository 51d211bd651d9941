# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the processes of declared services are given, by a real agent: resource agents, secrets, users,
preparations, sockets, ports, folders (weft-spec(5), Processes)."""

import os
import pathlib
import pwd

import pytest

from agents import connecting, lab, make_lab, owner, service   # noqa: F401 (fixtures)
from waiting import wait_for

DUMMY = pathlib.Path("/usr/lib/ocf/resource.d/heartbeat/Dummy")


def folder(agent, label):
    found = [path for path in agent.state.rglob(owner(label)) if path.is_dir()]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.skipif(not DUMMY.exists(), reason="no resource-agents")
def test_a_resource_agent_is_started_and_stopped_with_its_parameters(lab, tmp_path):
    state = tmp_path / "dummy"
    lab.apply(service(run=None, port=None, check=None, ocf="heartbeat:Dummy", on=["n1"],
                      parameters={"state": str(state)}))
    lab.agents[0].wait("web-1")
    assert state.exists()
    lab.delete("web")
    lab.wait_gone("web-1")
    wait_for(lambda: not state.exists(), "stopped resource")


@pytest.mark.skipif(not DUMMY.exists(), reason="no resource-agents")
def test_a_bad_configuration_of_a_resource_is_refused_with_the_reason(lab):
    lab.apply(service(run=None, port=None, check=None, ocf="heartbeat:Dummy", on=["n1"],
                      parameters={"no_such": "1"}))
    wait_for(lambda: "has no parameter no_such" in str(lab.agents[0].shown("web-1")), "reason")
    assert lab.agents[0].shown("web-1")["state"] == "failed"


def test_a_secret_is_read_on_the_node_and_shown_nowhere(lab, tmp_path):
    secret = tmp_path / "secret"
    lab.apply(service(on=["n1"], secret={"TOKEN": str(secret)}))
    wait_for(lambda: f"secret TOKEN: {secret}: No such file" in str(lab.agents[0].shown("web-1")),
             "reason with the file")
    secret.write_text("only-for-the-service\n")
    lab.agents[0].service("start", owner("web-1"))
    lab.agents[0].wait("web-1")
    lab.wait("web-1")
    pid = lab.agents[0].shown("web-1")["pid"]
    assert b"TOKEN=only-for-the-service\0" in pathlib.Path(f"/proc/{pid}/environ").read_bytes()
    assert "only-for-the-service" not in lab.agents[0].log()
    assert "only-for-the-service" not in str(lab.lookup(f"_spec.{owner('web-1')}", "TXT"))


@pytest.mark.skipif(os.geteuid() != 0, reason="not root")
def test_a_user_owns_the_folder_in_which_it_is_prepared_once(lab, tmp_path):
    spec = {"run": ["/bin/sh", "-c", "id -un >user; exec sleep 1000"], "port": None, "check": None,
            "user": "nobody", "prepare": [["/bin/sh", "-c", "echo x >>prepared"]]}
    for path in (lab.folder, *lab.folder.parents):   # the folder of the tests is root's
        if path != pathlib.Path("/") and str(path).startswith(str(tmp_path.parent.parent)):
            path.chmod(path.stat().st_mode | 0o011)
    lab.agents[0].folder.chmod(0o711)
    lab.agents[0].state.chmod(0o711)
    lab.apply(service(on=["n1"], **spec))
    lab.agents[0].wait("web-1")
    own = folder(lab.agents[0], "web-1")
    wait_for(lambda: (own / "user").exists() and (own / "user").read_text() == "nobody\n", "user")
    st = own.stat()
    assert (st.st_uid, st.st_mode & 0o7777) == (pwd.getpwnam("nobody").pw_uid, 0o750)
    inc = lab.agents[0].shown("web-1")["inc"]
    lab.agents[0].service("restart", owner("web-1"))
    wait_for(lambda: lab.agents[0].shown("web-1")["inc"] > inc, "another incarnation")
    lab.agents[0].wait("web-1")
    assert (own / "prepared").read_text() == "x\n"


def test_a_socket_of_the_agent_takes_connections_during_a_restart(lab):
    lab.apply(service(on=["n1"], listen="agent"))
    lab.agents[0].wait("web-1")
    where = (lab.agents[0].address, lab.wait("web-1")["srv_port"])
    with connecting(where) as refused:
        for _ in range(3):
            inc = lab.agents[0].shown("web-1")["inc"]
            lab.agents[0].service("restart", owner("web-1"))
            wait_for(lambda: lab.agents[0].shown("web-1")["inc"] > inc, "another incarnation")
            lab.agents[0].wait("web-1")
    assert not refused


def test_a_port_is_kept_over_deaths_of_service_and_agent(lab):
    lab.apply(service(on=["n1"]))
    port = lab.wait("web-1")["srv_port"]
    assert 20000 <= port < 32000
    agent = lab.agents[0]
    shown = agent.wait("web-1")
    agent.kill()
    agent.start()
    assert agent.wait("web-1")["pid"] == shown["pid"]
    os.kill(shown["pid"], 9)
    wait_for(lambda: agent.shown("web-1")["inc"] > shown["inc"], "another incarnation")
    number = agent.wait("web-1")["inc"]
    assert lab.wait("web-1", inc=str(number))["srv_port"] == port


def test_of_what_is_withdrawn_only_the_log_remains(lab):
    lab.apply(service(run=["/bin/sh", "-c", "echo hello; mkdir -p a/b; exec sleep 1000"], port=None,
                      check=None, on=["n1"]))
    agent = lab.agents[0]
    log = pathlib.Path(agent.wait("web-1")["log"])
    own = folder(agent, "web-1")
    wait_for(lambda: log.read_text() == "hello\n" and (own / "a/b").exists(), "output")
    lab.delete("web")
    lab.wait_gone("web-1")
    wait_for(lambda: not [p for p in own.parent.iterdir() if not p.name.endswith(".log")],
             "removed folder")
    assert log.read_text() == "hello\n"
