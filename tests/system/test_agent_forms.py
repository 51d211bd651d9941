# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What is not a program of its own, by a real agent: resource agents of Debian's resource-agents and
one that the test makes, units of systemd, virtual machines by their commands."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import urllib.request

import pytest

from agents import lab, make_lab, owner, service   # noqa: F401 (fixtures)
from loopback import free_address
from waiting import wait_for

AGENTS = pathlib.Path("/usr/lib/ocf/resource.d")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
APACHE = shutil.which("apache2", path="/usr/sbin:/usr/bin")
POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
PLACE = {"port": None, "check": None, "on": ["n1"]}

needs_agents = pytest.mark.skipif(not (AGENTS / "heartbeat").exists() or os.geteuid() != 0,
                                  reason="no resource-agents, or not root")

STATES = """#!/bin/sh
# A resource whose state is a file: running, and what a test writes into it.
case $1 in
meta-data)
	cat <<END
<?xml version="1.0"?>
<resource-agent name="states"><version>1.1</version>
<parameters><parameter name="folder" required="1"><content type="string"/></parameter></parameters>
<actions><action name="start" timeout="20"/><action name="stop" timeout="20"/>
<action name="monitor" timeout="20" interval="1"/><action name="meta-data" timeout="5"/>
<action name="validate-all" timeout="20"/></actions></resource-agent>
END
	exit 0 ;;
esac
f=$OCF_RESKEY_folder
echo "$1" >>"$f/calls"
if [ -f "$f/$1.hangs" ]; then
	echo $$ >"$f/hanging"
	sleep 100000
fi
if [ -f "$f/$1" ]; then echo "$1 by order" >&2; exit "$(cat "$f/$1")"; fi
case $1 in
start) touch "$f/running" ;;
stop) rm -f "$f/running" ;;
monitor) [ -f "$f/running" ] || exit 7 ;;
validate-all) ;;
*) exit 3 ;;
esac
"""


@pytest.fixture
def states(tmp_path):
    """A resource agent of the test, and the folder that its resource has."""
    provider = AGENTS / f"weft-test-{os.getpid()}-{os.urandom(4).hex()}"
    provider.mkdir()
    (provider / "states").write_text(STATES)
    (provider / "states").chmod(0o755)
    folder = tmp_path / "states"
    folder.mkdir()
    yield f"{provider.name}:states", folder
    shutil.rmtree(provider)


def ocf(name, parameters=None, **options):
    return service(**{**PLACE, "run": None, "ocf": name, "parameters": parameters or {}} | options)


def calls(folder, action):
    path = folder / "calls"
    return path.read_text().split().count(action) if path.exists() else 0


# ---- a resource agent's exit codes ----

@needs_agents
def test_a_degraded_resource_has_less_weight(lab, states):
    name, folder = states
    lab.apply(ocf(name, {"folder": str(folder)}, port=8080, weight=80,
                  check={"ocf": "yes", "interval": 0.1}))
    inc = lab.wait("web-1", weight=80)["inc"]
    (folder / "monitor").write_text("190\n")
    lab.wait("web-1", weight=20, inc=inc)
    lab.wait_event("web-1", "degraded")
    (folder / "monitor").unlink()
    lab.wait("web-1", weight=80, inc=inc)
    lab.wait_event("web-1", "recovered")


@needs_agents
@pytest.mark.parametrize("status,reason", [(2, "argument"), (3, "implement"), (4, "perm"),
                                           (5, "install"), (6, "config")])
def test_a_hard_error_of_a_start_is_not_tried_again(lab, states, status, reason):
    name, folder = states
    (folder / "start").write_text(f"{status}\n")
    lab.apply(ocf(name, {"folder": str(folder)}, restart={"backoff": [0.02, 0.05], "times": 50}))
    shown = lab.agents[0].wait("web-1", "failed")
    assert reason in shown["reason"].lower() and "start by order" in shown["reason"]
    assert calls(folder, "start") == 1


@needs_agents
def test_a_soft_error_of_a_start_is_tried_again(lab, states):
    name, folder = states
    (folder / "start").write_text("1\n")
    lab.apply(ocf(name, {"folder": str(folder)}, restart={"backoff": [0.02, 0.05], "times": 50}))
    wait_for(lambda: calls(folder, "start") > 2, "starts")
    (folder / "start").unlink()
    lab.agents[0].wait("web-1")


@needs_agents
def test_what_runs_already_is_adopted_by_its_monitor(lab, states):
    name, folder = states
    (folder / "running").touch()
    lab.apply(ocf(name, {"folder": str(folder)}))
    inc = lab.agents[0].wait("web-1")["inc"]
    assert calls(folder, "start") == 0 and calls(folder, "validate-all") == 1
    agent = lab.agents[0]
    agent.kill()
    agent.start()
    assert agent.wait("web-1")["inc"] == inc
    assert calls(folder, "start") == calls(folder, "stop") == 0


@needs_agents
def test_a_refused_configuration_is_not_started(lab, states):
    name, folder = states
    (folder / "validate-all").write_text("6\n")
    lab.apply(ocf(name, {"folder": str(folder)}))
    shown = lab.agents[0].wait("web-1", "failed")
    assert "validate-all" in shown["reason"] and "by order" in shown["reason"]
    assert calls(folder, "start") == 0
    lab.wait_event("web-1", "cannot-start", why="validate-all")


@needs_agents
def test_a_stop_that_fails_leaves_it_to_the_operator(lab, states):
    name, folder = states
    lab.apply(ocf(name, {"folder": str(folder)}))
    agent = lab.agents[0]
    agent.wait("web-1")
    (folder / "stop").write_text("1\n")
    assert "stop by order" in agent.service("stop", owner("web-1"), check=False).stderr
    assert "stop" in agent.wait("web-1", "failed")["reason"]
    assert lab.text("web._names.n1.nodes")["by"].startswith(owner("web-1"))
    (folder / "stop").unlink()
    agent.service("start", owner("web-1"))
    agent.wait("web-1")


@needs_agents
def test_a_failed_monitor_is_a_restart(lab, states):
    name, folder = states
    lab.apply(ocf(name, {"folder": str(folder)}, check={"ocf": "yes", "interval": 0.1, "fall": 2}))
    inc = lab.agents[0].wait("web-1")["inc"]
    (folder / "running").unlink()
    lab.wait_next("web-1", inc)
    lab.wait_event("web-1", "restarted")
    assert calls(folder, "start") == 2


def lives(path):
    """Whether the process runs whose number is in the file."""
    pid = path.read_text().strip()
    stat = pathlib.Path("/proc", pid, "stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@needs_agents
@pytest.mark.parametrize("how", ["agent", "operator", "withdrawal"])
def test_a_stop_does_not_wait_for_a_start_that_hangs(lab, states, how):
    name, folder = states
    path = AGENTS / name.replace(":", "/")
    path.write_text(STATES.replace('"start" timeout="20"', '"start" timeout="100000"'))
    (folder / "start.hangs").touch()
    lab.apply(ocf(name, {"folder": str(folder)}, stop={"timeout": 0.3}))
    wait_for((folder / "hanging").exists, "start that hangs")
    agent = lab.agents[0]
    agent.wait("web-1", "starting")
    if how == "agent":
        assert agent.stop() == 0
    elif how == "operator":
        agent.service("stop", owner("web-1"))
        agent.wait("web-1", "stopped")
    else:
        lab.delete("web")
    if how != "operator":
        lab.wait_gone("web-1")
    assert calls(folder, "stop") == calls(folder, "start") == 1
    assert not lives(folder / "hanging")


@needs_agents
def test_the_end_of_the_agent_does_not_wait_for_what_is_loaded(lab, states):
    name, folder = states
    path = AGENTS / name.replace(":", "/")
    path.write_text(STATES.replace('"validate-all" timeout="20"', '"validate-all" timeout="100000"'))
    lab.apply(ocf(name, {"folder": str(folder)}, stop={"timeout": 0.3}))
    agent = lab.agents[0]
    agent.wait("web-1")
    (folder / "validate-all.hangs").touch()
    lab.apply(ocf(name, {"folder": str(folder)}, stop={"timeout": 0.3}, version="2"))
    wait_for((folder / "hanging").exists, "validate-all that hangs")
    assert agent.stop() == 0
    assert calls(folder, "stop") == 1 and not lives(folder / "hanging")
    (folder / "hanging").unlink()
    agent.start()
    wait_for((folder / "hanging").exists, "validate-all that hangs")
    assert agent.stop() == 0


@needs_agents
def test_actions_have_the_environment_and_the_secrets(lab, states, tmp_path):
    name, folder = states
    secret = tmp_path / "password"
    secret.write_text("open sesame\n")
    path = AGENTS / name.replace(":", "/")
    path.write_text(STATES.replace("start) ", 'start) echo "$COLOUR, $WORD, $PWD" >"$f/said"; '))
    lab.apply(ocf(name, {"folder": str(folder)}, environment={"COLOUR": "red"},
                  secret={"WORD": str(secret)}))
    lab.agents[0].wait("web-1")
    assert (folder / "said").read_text() == "red, open sesame, /\n"


@pytest.mark.parametrize("options,line", [
    ({"user": "nobody"}, "user has no effect on a resource agent"),
    ({"folder": "x"}, "folder has no effect on a resource agent"),
    ({"limits": {"files": 9}}, "limits.files has no effect on a resource agent"),
    ({"output": {"to": "journal"}}, "output.to: journal has no effect on a resource agent")])
def test_an_option_that_an_agent_does_not_heed_is_refused(lab, options, line):
    done = lab.apply(ocf("heartbeat:Dummy", **options), check=False)
    assert done.returncode == 1 and line in done.stderr
    assert "lab.yaml:" in done.stderr.split(line)[0].splitlines()[-1]


# ---- agents of resource-agents ----

@needs_agents
def test_the_agent_anything_runs_a_program(lab, tmp_path):
    pidfile = tmp_path / "pid"
    lab.apply(ocf("heartbeat:anything", {"binfile": "/bin/sleep", "cmdline_options": "100000",
                                         "pidfile": str(pidfile)},
                  check={"ocf": "yes", "interval": 0.1, "fall": 1},
                  restart={"backoff": [0.02, 0.05]}))
    agent = lab.agents[0]
    agent.wait("web-1")
    pid = int(pidfile.read_text())
    agent.kill()
    agent.start()
    inc = agent.wait("web-1")["inc"]
    assert int(pidfile.read_text()) == pid
    os.kill(pid, signal.SIGKILL)
    agent.wait("web-1", inc=inc + 1)
    pid = int(pidfile.read_text())
    lab.delete("web")
    lab.wait_gone("web-1")
    wait_for(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "end")


def get(address, port):
    with contextlib.suppress(OSError):
        return urllib.request.urlopen(f"http://{address}:{port}/", timeout=5).read()
    return None


@needs_agents
@pytest.mark.skipif(NGINX is None, reason="no nginx")
def test_the_agent_nginx_runs_nginx(lab, tmp_path):
    (tmp_path / "page").mkdir()
    (tmp_path / "page/index.html").write_text("served")
    tmp_path.chmod(0o755)
    conf, (address, port) = tmp_path / "nginx.conf", free_address()
    conf.write_text(f"user root;\npid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/error.log;\n"
                    "worker_processes 1;\nevents {}\n"
                    "http {\naccess_log off;\nserver {\n"
                    f"listen {address}:{port};\nroot {tmp_path}/page;\n}}\n}}\n")
    parameters = {"configfile": str(conf), "httpd": NGINX, "port": str(port),
                  "status10url": f"http://{address}:{port}/", "status10regex": "served"}
    lab.apply(ocf("heartbeat:nginx", {**parameters, "configfile": f"{conf}.no"}))
    agent = lab.agents[0]
    assert f"{conf}.no" in agent.wait("web-1", "failed")["reason"]
    lab.apply(ocf("heartbeat:nginx", parameters, check={"ocf": "yes", "interval": 0.5}))
    agent.wait("web-1")
    assert get(address, port) == b"served"
    lab.delete("web")
    lab.wait_gone("web-1")
    assert get(address, port) is None


@needs_agents
@pytest.mark.skipif(APACHE is None, reason="no apache2")
def test_the_agent_apache_runs_apache(lab, tmp_path):
    (tmp_path / "index.html").write_text("served")
    for path in (tmp_path, *tmp_path.parents):
        if str(path).startswith(str(tmp_path.parent.parent)):
            path.chmod(path.stat().st_mode | 0o055)
    conf, (address, port) = tmp_path / "apache.conf", free_address()
    modules = "/usr/lib/apache2/modules"
    conf.write_text(f"ServerRoot {tmp_path}\nServerName {address}\nPidFile {tmp_path}/apache.pid\n"
                    f"Listen {address}:{port}\nErrorLog {tmp_path}/error.log\nDocumentRoot {tmp_path}\n"
                    f"LoadModule mpm_event_module {modules}/mod_mpm_event.so\n"
                    f"LoadModule authz_core_module {modules}/mod_authz_core.so\n"
                    f"LoadModule dir_module {modules}/mod_dir.so\n"
                    f"LoadModule status_module {modules}/mod_status.so\n"
                    "User www-data\nGroup www-data\n"
                    "<Location /server-status>\nSetHandler server-status\n</Location>\n")
    lab.apply(ocf("heartbeat:apache",
                  {"configfile": str(conf), "httpd": APACHE, "port": str(port),
                   "statusurl": f"http://{address}:{port}/server-status"},
                  check={"ocf": "yes", "interval": 0.5}))
    agent = lab.agents[0]
    inc = agent.wait("web-1")["inc"]
    assert get(address, port) == b"served"
    agent.kill()
    agent.start()
    assert agent.wait("web-1")["inc"] == inc
    agent.service("stop", owner("web-1"))
    agent.wait("web-1", "stopped")
    assert get(address, port) is None


@needs_agents
def test_the_agent_IPaddr2_holds_an_address(lab):
    address = f"127.{os.getpid() % 200 + 10}.{os.urandom(1)[0]}.9"
    lab.apply(ocf("heartbeat:IPaddr2", {"ip": address, "nic": "lo", "cidr_netmask": "32"},
                  check={"ocf": "yes", "interval": 0.2, "fall": 1}, restart={"backoff": [0.02, 0.05]}))
    agent = lab.agents[0]

    def is_there():
        return address in subprocess.run(["ip", "-4", "addr", "show", "lo"], capture_output=True,
                                         text=True).stdout

    inc = agent.wait("web-1")["inc"]
    assert is_there()
    subprocess.run(["ip", "addr", "del", f"{address}/32", "dev", "lo"], check=True)
    agent.wait("web-1", inc=inc + 1)
    assert is_there()
    lab.delete("web")
    lab.wait_gone("web-1")
    assert not is_there()


@needs_agents
@pytest.mark.skipif(shutil.which("modprobe", path="/usr/sbin:/sbin") is None, reason="no modprobe")
def test_the_agent_Filesystem_mounts(lab, tmp_path):
    (tmp_path / "from").mkdir()
    (tmp_path / "from/file").write_text("there")
    (tmp_path / "to").mkdir()
    lab.apply(ocf("heartbeat:Filesystem",
                  {"device": str(tmp_path / "from"), "directory": str(tmp_path / "to"),
                   "fstype": "none", "options": "bind"}))
    lab.agents[0].wait("web-1")
    assert (tmp_path / "to/file").read_text() == "there"
    lab.delete("web")
    lab.wait_gone("web-1")
    assert not (tmp_path / "to/file").exists()


@needs_agents
def test_the_agent_symlink_links(lab, tmp_path):
    link = tmp_path / "link"
    lab.apply(ocf("heartbeat:symlink", {"link": str(link), "target": "/etc/hosts"}))
    lab.agents[0].wait("web-1")
    assert os.readlink(link) == "/etc/hosts"
    lab.agents[0].stop()
    assert not link.is_symlink()


@needs_agents
@pytest.mark.skipif(not POSTGRES, reason="no postgresql")
def test_the_agent_pgsql_runs_postgresql(lab, tmp_path):
    data, port = tmp_path / "data", free_address()[1]
    for path in (tmp_path, *tmp_path.parents):
        if str(path).startswith(str(tmp_path.parent.parent)):
            path.chmod(path.stat().st_mode | 0o055)
    log = tmp_path / "log"
    data.mkdir()
    log.touch()
    for path in (data, log):
        shutil.chown(path, "postgres", "postgres")
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    subprocess.run([*as_user, POSTGRES[-1].with_name("initdb"), "-D", data], check=True, cwd="/",
                   stdout=subprocess.DEVNULL)
    run = tmp_path / "run"
    run.mkdir()
    shutil.chown(run, "postgres", "postgres")
    with open(data / "postgresql.conf", "a") as conf:
        conf.write(f"unix_socket_directories = '{run}'\n")
    lab.apply(ocf("heartbeat:pgsql", {"pgctl": str(POSTGRES[-1]), "pgdata": str(data),
                                      "pgport": str(port), "socketdir": str(run),
                                      "psql": str(POSTGRES[-1].with_name("psql")),
                                      "logfile": str(log)},
                  check={"ocf": "yes", "interval": 1}))
    agent = lab.agents[0]
    agent.wait("web-1")
    socket.create_connection(("127.0.0.1", port), 5).close()
    agent.service("stop", owner("web-1"))
    agent.wait("web-1", "stopped")
    assert not (data / "postmaster.pid").exists()


# ---- units of systemd ----

@pytest.mark.skipif(pathlib.Path("/run/systemd/system").exists(), reason="systemd is here")
def test_without_systemd_a_unit_fails_with_that_reason(lab):
    lab.apply(service(**{**PLACE, "run": None, "unit": "nginx.service"}))
    assert "there is no systemd on this machine" in lab.agents[0].wait("web-1", "failed")["reason"]
    lab.wait_event("web-1", "cannot-start", why="no systemd")
    assert lab.agents[0].process.poll() is None


# ---- machines ----

MACHINE = """#!/bin/sh
# A virtual machine: a process, its pid file, and a file in which it is unresponsive.
cd "$2" || exit 9
echo "$1" >>calls
case $1 in
start) setsid sleep 100000 >/dev/null 2>&1 & echo $! >pid ;;
stop) [ ! -f pid ] || kill -9 "$(cat pid)"; rm -f pid ;;
check) [ -f pid ] && kill -0 "$(cat pid)" && [ ! -f hung ] ;;
recycle) kill -9 "$(cat pid)"; rm -f hung; setsid sleep 100000 >/dev/null 2>&1 & echo $! >pid ;;
esac
"""


@pytest.fixture
def machine(tmp_path):
    """The commands of a virtual machine, and its folder."""
    folder, script = tmp_path / "machine", tmp_path / "vm"
    folder.mkdir()
    script.write_text(MACHINE)
    script.chmod(0o755)
    yield lambda *verbs: {verb: [str(script), verb, str(folder)] for verb in verbs}, folder
    if (folder / "pid").exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((folder / "pid").read_text()), signal.SIGKILL)


def machine_service(commands, **options):
    return service(**{**PLACE, "run": None, "machine": commands,
                      "check": {"interval": 0.1, "fall": 2}, **options})


def test_a_machine_is_started_checked_and_stopped(lab, machine):
    commands, folder = machine
    lab.apply(machine_service(commands("start", "stop", "check")))
    agent = lab.agents[0]
    inc = agent.wait("web-1")["inc"]
    pid = (folder / "pid").read_text()
    agent.kill()
    agent.start()
    agent.wait("web-1", inc=inc)
    assert (folder / "pid").read_text() == pid and calls(folder, "start") == 1
    os.kill(int(pid), signal.SIGKILL)
    agent.wait("web-1", inc=inc + 1)
    assert calls(folder, "start") == 2
    lab.delete("web")
    lab.wait_gone("web-1")
    assert not (folder / "pid").exists()


def test_a_machine_without_a_check_is_not_waited_for(lab, machine):
    lab.apply(machine_service(machine[0]("start", "stop")))
    lab.agents[0].wait("web-1")
    done = lab.agents[0].service("check", owner("web-1"), check=False)
    assert done.returncode != 0
    assert "web-1._http._tcp has no check" in done.stderr


def test_the_end_of_the_agent_does_not_wait_for_a_machine_that_hangs(lab, machine):
    commands, folder = machine
    hanging = ["/bin/sh", "-c", f"echo $$ >{folder}/hanging; sleep 100000"]
    lab.apply(machine_service(commands("stop", "check") | {"start": hanging}, stop={"timeout": 0.3}))
    wait_for((folder / "hanging").exists, "start that hangs")
    assert lab.agents[0].stop() == 0
    assert calls(folder, "stop") == 1 and not lives(folder / "hanging")


def test_an_unresponsive_machine_is_recycled(lab, machine):
    commands, folder = machine
    lab.apply(machine_service(commands("start", "stop", "check", "recycle")))
    agent = lab.agents[0]
    inc = agent.wait("web-1")["inc"]
    (folder / "hung").touch()
    agent.wait("web-1", inc=inc + 1)
    assert (calls(folder, "start"), calls(folder, "recycle"), calls(folder, "stop")) == (1, 1, 0)
    lab.wait_event("web-1", "restarted")


def test_a_machine_that_runs_already_is_not_started(lab, machine):
    commands, folder = machine
    subprocess.run(commands("start")["start"], check=True)
    lab.apply(machine_service(commands("start", "stop", "check")))
    lab.agents[0].wait("web-1")
    assert calls(folder, "start") == 1
