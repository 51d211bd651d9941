# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft browse, resolve, register, unregister, drain and suspect at a real weftd."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios

import pytest

import updates
from conftest import WEFT
from loopback import free_address
from serving import TYPE, Registry, run, source_folder
from waiting import LIMIT_S, wait_for


@pytest.fixture
def registry(make_weftd):
    return Registry(make_weftd)


@pytest.fixture
def start(registry):
    """Starts commands that go on; they are gone after the test."""
    started = []

    def begin(*args, **more):
        started.append(registry.start(*args, **more))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate(timeout=LIMIT_S)


def stop(process, number=signal.SIGTERM):
    process.send_signal(number)
    output, errors = process.communicate(timeout=LIMIT_S)
    return process.returncode, output, errors


def srv(registry, name="web-1"):
    return list(updates.lookup(registry.weftd, f"{name}.{TYPE}", "SRV"))


# ---- resolve ----

def test_resolve_shows_instances_in_their_order(registry):
    registry.register("web-2", 81, "192.0.2.2", "n2", "path=/two flag", priority=10)
    registry.register("web-1", 80, "192.0.2.1", weight=5)
    done = registry.weft("resolve", TYPE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == """\
name   host                port  addresses  priority  weight  state  txt
web-1  n1.nodes.lab.cloud    80  192.0.2.1         0       5  up     path=/
web-2  n2.nodes.lab.cloud    81  192.0.2.2        10       0  up     path=/two flag
"""


def test_resolve_in_json(registry):
    registry.register("My\\032web", 80, "192.0.2.1", txt="path=/ flag")
    found = registry.json("resolve", "_http._tcp", "-d", "lab.cloud")
    one = found["instances"][0]
    assert found["name"] == "_http._tcp" and found["stale"] is False
    assert one.pop("ttl") > 0
    assert one == {"instance": f"My\\032web.{TYPE}.", "name": "My web", "type": "_http._tcp",
                   "domain": "lab.cloud.", "target": "n1.nodes.lab.cloud.", "port": 80,
                   "priority": 0, "weight": 0, "addresses": ["192.0.2.1"], "state": "up",
                   "txt": {"path": "/", "flag": True}, "stale": False}


def test_an_instance_and_hosts_with_a_port_are_resolved(registry):
    registry.register("web-1", 80, "192.0.2.1")
    assert registry.json("resolve", f"web-1.{TYPE}")["instances"][0]["port"] == 80
    host = registry.json("resolve", "n1.nodes.lab.cloud:5432")["instances"][0]
    assert (host["addresses"], host["port"]) == (["192.0.2.1"], 5432)
    for literal, address in ("[::1]:80", "::1"), ("192.0.2.9:80", "192.0.2.9"):
        found = registry.json("resolve", literal)["instances"][0]
        assert (found["addresses"], found["port"]) == ([address], 80)
        assert address in registry.weft("resolve", literal).stdout


def test_what_is_not_there_fails_with_1(registry):
    done = registry.weft("resolve", TYPE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"weft: {TYPE}: ") and "weft browse -a" in done.stderr
    done = registry.weft("-j", "resolve", TYPE)
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert (answer["ok"], answer["code"]) == (False, "WEFT_E_NOT_FOUND")
    done = registry.weft("-j", "resolve", b"\xff." + TYPE.encode(), errors="replace")
    assert done.returncode == 1 and json.loads(done.stdout)["name"] == f"\\255.{TYPE}"


@pytest.mark.parametrize("args", [["resolve", TYPE], ["browse", TYPE, "-t"], ["browse"],
                                  ["browse", "-at"], ["connect", TYPE],
                                  ["export", "env", TYPE]])
def test_a_registry_that_does_not_answer_is_3(registry, args):
    registry.weftd.stop()
    done = registry.weft(*args, "--timeout", "1")
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert done.stderr.startswith("weft: ")
    done = registry.weft("-j", *args, "--timeout", "1")
    assert done.returncode == 3 and json.loads(done.stdout)["code"] == "WEFT_E_NO_REGISTRY"


@pytest.mark.parametrize("args", [["resolve", "_http._tcp"], ["browse", "_http._tcp"], ["browse"],
                                  ["browse", "-a"], ["connect", "_http._tcp"],
                                  ["export", "env", "_http._tcp"],
                                  ["export", "env", "_http._tcp", "--follow", "-o", "file"],
                                  ["register", "web", "_http._tcp", "80"],
                                  ["unregister", "web._http._tcp"]])
def test_a_registry_that_does_not_serve_the_domain_is_1(registry, args):
    done = registry.weft("-j", *args, "--domain", "example.org", "--timeout", "2")
    assert done.returncode == 1, done.stderr
    assert "does the registry serve this domain" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["code"] == "WEFT_E_REFUSED"


def test_the_options_name_registry_and_domain(registry):
    registry.register("web-1", 80, "192.0.2.1")
    none = {"WEFT_REGISTRY": ""}
    done = registry.weft("resolve", "_http._tcp", "--registry", registry.where, "--domain",
                         "lab.cloud", env=none)
    assert done.returncode == 0 and "web-1" in done.stdout
    conf = registry.folder / "client.conf"
    conf.write_text(f"registry: {registry.where}\ndomain: lab.cloud\n")
    assert registry.weft("resolve", "_http._tcp", "-c", str(conf), env=none).returncode == 0
    conf.write_text("registry: [a\n")
    done = registry.weft("resolve", "_http._tcp", "-c", str(conf), env=none)
    assert done.returncode == 2 and f"{conf}:" in done.stderr


def test_verbose_names_the_registry(registry):
    registry.register("web-1", 80, "192.0.2.1")
    done = registry.weft("resolve", TYPE, "-v")
    assert f"registry {registry.where} by " in done.stderr and "WEFT_REGISTRY" in done.stderr


@pytest.mark.parametrize("args,complaint", [
    (["resolve"], "usage: weft resolve TYPE|NAME"),
    (["resolve", "a", "b"], "usage: weft resolve"),
    (["resolve", "a" * 64 + "._http._tcp"], ""),
    (["resolve", "a", "-a"], "does not take -a"),
    (["browse", "-a", TYPE], "not both"),
    (["register", "web", "_http._tcp"], "usage: weft register NAME TYPE PORT"),
    (["register", "web", "_http._tcp", "many"], "invalid port \"many\""),
    (["register", "web", "_http._tcp", "0"], "expected a number from 1 to 65535"),
    (["register", "web", "_http", "80"], "\"_http\" is not a service type"),
    (["register", "web", "_http._tcp", "80", "-a", "n1"], "invalid address \"n1\""),
    (["register", "web", "_http._tcp", "80", "=x"], "a key is not empty"),
    (["register", "web", "_http._tcp", "80", "state=up"], "is set by libweft"),
    (["register", "web", "_http._tcp", "80", "a=" + 254 * "x"], "more than 255 octets"),
    (["register", "web", "_http._tcp", "80", "--host", "192.0.2.1"], "given by --address"),
    (["register", "web", "_http._tcp", "80", "--weight", "70000"], "invalid weight"),
    (["register", "web", "_http._tcp", "80", "--"], "no command after --"),
    (["connect", TYPE, "--"], "no command after --"),
    (["export", "bogus", TYPE], "unknown format bogus: expected one of hosts"),
    (["export", "hosts", TYPE, "--follow"], "--follow needs a file"),
    (["export", "hosts", TYPE, "--run", "x"], "--run needs --follow"),
    (["export", "nginx", TYPE, "--name", ""], "--name is empty"),
    (["resolve", TYPE, "--registry", "::::"], ""),
])
def test_wrong_usage_is_2(registry, args, complaint):
    done = registry.weft(*args, "-d", "lab.cloud") if "--" not in args else registry.weft(*args)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert complaint in done.stderr


# ---- browse ----

def test_browse_lists_the_types(registry):
    registry.register("web-1", 80, "192.0.2.1")
    registry.register("odd", 81, "192.0.2.1", kind="_odd._udp.lab.cloud")
    done = registry.weft("browse", "-d", "lab.cloud")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^_http\._tcp +Web Site +lab\.cloud\.$", done.stdout, re.M)
    assert re.search(r"^_odd\._udp +_odd\._udp +lab\.cloud\.$", done.stdout, re.M)
    types = registry.json("browse", "-d", "lab.cloud")
    assert {"type": "_http._tcp", "for": "Web Site", "domain": "lab.cloud."} in types


def test_browse_with_the_letters_of_avahi_browse(registry):
    registry.register("web-1", 80, "192.0.2.1", txt="path=/")
    registry.register("b\\195\\188ro", 631, "192.0.2.1", kind="_ipp._tcp.lab.cloud", txt='"a=x y"')
    done = registry.weft("browse", "-atpk", "-d", "lab.cloud")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("+;-;-;web-1;_http._tcp;lab.cloud\n"
                           "+;-;-;b\\195\\188ro;_ipp._tcp;lab.cloud\n")
    done = registry.weft("browse", "-rtp", "_ipp._tcp", "-d", "lab.cloud")
    assert done.stdout == ("=;-;IPv4;b\\195\\188ro;Internet Printer;lab.cloud;n1.nodes.lab.cloud;"
                           "192.0.2.1;631;\"a=x y\"\n")
    done = registry.weft("browse", "-art", "-d", "lab.cloud")
    assert "= büro " in done.stdout and "   port = [631]\n" in done.stdout
    assert [one["name"] for one in registry.json("browse", "-at", "-d", "lab.cloud")] == \
        ["web-1", "büro"]


def test_browse_without_t_follows(registry, start):
    registry.register("web-1", 80, "192.0.2.1")
    process = start("browse", TYPE, "-pk")
    assert process.stdout.readline() == "+;-;-;web-1;_http._tcp;lab.cloud\n"
    registry.register("web-2", 81, "192.0.2.1")
    assert process.stdout.readline() == "+;-;-;web-2;_http._tcp;lab.cloud\n"
    registry.remove("web-1")
    assert process.stdout.readline() == "-;-;-;web-1;_http._tcp;lab.cloud\n"
    assert stop(process, signal.SIGINT) == (0, "", "")


def test_browse_follows_in_json(registry, start):
    registry.register("web-1", 80, "192.0.2.1")
    process = start("-j", "browse", TYPE)

    def event():
        line = json.loads(process.stdout.readline())
        return line["event"], line.get("name"), line.get("port")

    assert event() == ("add", "web-1", 80)
    assert event()[0] == "current"
    registry.register("web-1", 82, "192.0.2.1")
    assert event() == ("change", "web-1", 82)
    assert stop(process)[0] == 0


@pytest.mark.parametrize("args", [["browse", TYPE], ["register", "w", TYPE, "80"]])
def test_a_reader_that_goes_ends_browse_quietly(registry, start, args):
    registry.register("web-1", 80, "192.0.2.1")
    process = start(*args)
    process.stdout.readline()
    if args[0] == "register":   # goes on: it does not write for a reader
        process.stdout.close()
        process.stdout = None
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_S) == 0
        return
    process.stdout.close()
    process.stdout = None
    assert process.wait(LIMIT_S) == 0
    assert process.stderr.read() == ""


@pytest.mark.parametrize("args", [["resolve", TYPE], ["browse", "-t", TYPE], ["browse", TYPE],
                                  ["export", "hosts", TYPE], ["browse"], ["-j", "browse", TYPE]])
def test_output_that_cannot_be_written_is_a_failure(registry, args):
    registry.register("web-1", 80, "192.0.2.1")
    with open("/dev/full", "w") as full:
        done = subprocess.run([WEFT, *args, "-d", "lab.cloud"], stdout=full, text=True,
                              stderr=subprocess.PIPE, timeout=LIMIT_S,
                              env={**os.environ, **registry.env})
    assert done.returncode == 1 and "cannot write" in done.stderr


# ---- a terminal ----

def on_terminal(columns, *args, env):
    """The output of weft on a terminal with that many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([WEFT, *args], stdout=follower, stderr=subprocess.DEVNULL,
                          env={**os.environ, **env}) as process:
        os.close(follower)
        output = b""
        while True:
            try:
                data = os.read(leader, 65536)
            except OSError:
                break
            if not data:
                break
            output += data
        process.wait(LIMIT_S)
    os.close(leader)
    return output.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [80, 40, 20])
def test_a_table_fits_the_terminal(registry, columns):
    registry.register("web-1", 8443, "192.0.2.1", txt="path=/a/very/long/path")
    output = on_terminal(columns, "resolve", TYPE, env=registry.env)
    assert "web-1" in output
    assert all(len(line) <= columns for line in output.splitlines()), output
    assert re.search(r"\b8443\b", output)    # the port is never cut
    assert ("…" in output) == (columns == 80)
    assert "path=/a/very/long/path" in output.replace("\n", "").replace(" ", "") or columns == 80


def test_control_characters_do_not_reach_the_terminal(registry):
    registry.register("a\\027b", 80, "192.0.2.1", txt="bad=\\027[31m")
    for args in ["resolve", TYPE], ["browse", "-rt", TYPE], ["browse", "-rtp", TYPE], \
            ["export", "nginx", TYPE], ["export", "env", TYPE], ["export", "haproxy", TYPE]:
        output = on_terminal(80, *args, env=registry.env)
        assert "a" in output and "\x1b" not in output, args


@pytest.mark.parametrize("args,shown", [
    (["resolve", TYPE], "asking {}@{} ..."), (["browse"], "asking {}@{} ..."),
    (["unregister", f"web-1.{TYPE}"], "waiting for a registry ..."),
    (["suspect", f"web-1.{TYPE}"], "waiting for a registry ..."),
])
def test_a_silent_registry_is_waited_for_on_a_terminal(registry, args, shown):
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        where = free_address()
        silent.bind(where)
        leader, follower = pty.openpty()
        with subprocess.Popen([WEFT, *args, "--timeout", "3"], stderr=follower,
                              env={**os.environ, **registry.env,
                                   "WEFT_REGISTRY": f"{where[0]}@{where[1]}"}) as process:
            output = ""
            while shown.format(*where) not in output:
                assert select.select([leader], [], [], LIMIT_S)[0], output
                output += os.read(leader, 4096).decode()
            assert process.wait(LIMIT_S) == 3
        os.close(leader)
        os.close(follower)


# ---- register ----

def test_register_stays_and_removes(registry, start):
    process = start("register", "web-1", TYPE, "8080", "path=/", "flag", "--address", "192.0.2.7",
                    "--priority", "3", "--weight", "7", "--lease", "30")
    line = process.stdout.readline()
    assert line == f"web-1.{TYPE}.: registered, lease 30s\n"
    found = registry.json("resolve", TYPE)["instances"][0]
    assert (found["name"], found["port"], found["priority"], found["weight"],
            found["addresses"]) == ("web-1", 8080, 3, 7, ["192.0.2.7"])
    assert found["txt"]["path"] == "/" and found["txt"]["flag"] is True
    status, output, errors = stop(process)
    assert (status, output, errors) == (0, f"web-1.{TYPE}.: removed\n", "")
    assert srv(registry) == []


def test_register_in_json_and_quietly(registry, start):
    process = start("-j", "register", "web-1", TYPE, "80", "--address", "192.0.2.7")
    line = json.loads(process.stdout.readline())
    assert (line["event"], line["name"]) == ("registered", f"web-1.{TYPE}.")
    status, output, _ = stop(process)
    assert status == 0 and json.loads(output)["event"] == "removed"
    process = start("register", "-q", "web-1", TYPE, "80", "--address", "192.0.2.7")
    wait_for(lambda: srv(registry), "registration")
    assert stop(process) == (0, "", "")


def test_a_name_of_another_key_is_refused_or_renamed(registry, start):
    registry.register("web-1", 80, "192.0.2.1")
    registry.key("n2")
    other = {"WEFT_KEY_FILE": str(registry.folder / "n2.key")}
    args = ["register", "web-1", TYPE, "80", "--address", "192.0.2.7"]
    done = registry.weft(*args, env=other)
    assert done.returncode == 1 and "--rename" in done.stderr
    process = start(*args, "--rename", env=other)
    assert "web-1" in process.stdout.readline()
    names = {one["name"] for one in registry.json("resolve", TYPE)["instances"]}
    assert names == {"web-1", "web-1 (2)"}
    assert stop(process)[0] == 0


def test_without_a_key_register_says_what_to_do(registry):
    done = registry.weft("register", "web-1", TYPE, "80", env={"WEFT_KEY_FILE": ""})
    assert done.returncode == 1 and "--key-file" in done.stderr


def test_register_waits_for_a_registry_that_is_down(registry, start):
    registry.weftd.stop()
    done = registry.weft("register", "web-1", TYPE, "80", "--timeout", "1", "--address", "192.0.2.7")
    assert done.returncode == 3
    process = start("register", "web-1", TYPE, "80", "--address", "192.0.2.7")
    registry.weftd.start()
    assert "registered" in process.stdout.readline()
    assert stop(process)[0] == 0


def test_a_command_is_registered_while_it_runs(registry, start):
    process = start("register", "web-1", TYPE, "80", "--address", "192.0.2.7", "--", "sh", "-c",
                    'echo "$WEFT_NAME"; read line; exit 7', stdin=subprocess.PIPE)
    assert process.stdout.readline() == f"web-1.{TYPE}.\n"
    assert srv(registry) != []
    output, errors = process.communicate("go\n", timeout=LIMIT_S)
    assert (process.returncode, output) == (7, "")
    assert f"web-1.{TYPE}.: registered" in errors
    assert srv(registry) == []


def test_signals_are_forwarded_and_remove_at_once(registry, start):
    process = start("register", "web-1", TYPE, "80", "--address", "192.0.2.7", "--", "sh", "-c",
                    'trap "echo usr1" USR1; trap "echo term; read line; exit 3" TERM; echo ready; '
                    'while :; do read line; done', stdin=subprocess.PIPE)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGUSR1)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "usr1\n"
    process.send_signal(signal.SIGTERM)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "term\n"
    wait_for(lambda: srv(registry) == [], "removal while the command ends")
    process.communicate("\n", timeout=LIMIT_S)
    assert process.returncode == 3


def test_a_command_that_a_signal_ends_or_that_is_missing(registry):
    register = ["register", "web-1", TYPE, "80", "--address", "192.0.2.7", "--"]
    assert registry.weft(*register, "sh", "-c", "kill -KILL $$").returncode == 128 + 9
    assert registry.weft(*register, "/nowhere/program").returncode == 127
    assert registry.weft(*register, str(registry.folder)).returncode == 126
    assert srv(registry) == []


def test_a_command_starts_without_a_registry(registry):
    registry.weftd.stop()
    done = registry.weft("register", "web-1", TYPE, "80", "--timeout", "1", "--", "echo", "runs")
    assert (done.returncode, done.stdout) == (0, "runs\n")


def ignoring(number):
    return lambda: signal.signal(number, signal.SIG_IGN)


def test_the_end_of_a_command_is_seen_where_it_is_ignored(registry):
    done = registry.weft("register", "web-1", TYPE, "80", "--host", "n1", "--", "sh", "-c", "exit 5",
                         preexec_fn=ignoring(signal.SIGCHLD))
    assert done.returncode == 5, done.stderr


def test_a_hangup_that_nohup_ignores_ends_nothing(registry, start):
    process = start("register", "web-1", TYPE, "80", "--address", "192.0.2.7",
                    preexec_fn=ignoring(signal.SIGHUP))
    assert "registered" in process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    for _ in range(5):    # longer than removing takes
        assert registry.weft("resolve", f"web-1.{TYPE}").returncode == 0
    assert process.poll() is None
    status, output, _ = stop(process)
    assert status == 0 and "removed" in output


def test_node_register(registry, start):
    process = start("node", "register", "n1", "--address", "192.0.2.8", "-d", "lab.cloud")
    assert process.stdout.readline().startswith("n1.nodes.lab.cloud.: registered")
    assert registry.json("resolve", "n1.nodes.lab.cloud:1")["instances"][0]["addresses"] == \
        ["192.0.2.8"]
    assert stop(process)[0] == 0
    assert registry.weft("resolve", "n1.nodes.lab.cloud:1").returncode == 1


# ---- changes ----

def test_unregister(registry):
    registry.register("web-1", 80, "192.0.2.1")
    done = registry.weft("unregister", f"web-1.{TYPE}")
    assert (done.returncode, done.stdout) == (0, f"web-1.{TYPE}: unregistered\n"), done.stderr
    assert srv(registry) == []
    assert registry.weft("unregister", f"web-1.{TYPE}").returncode == 1


def test_drain_and_undrain_by_update(registry):
    registry.register("web-1", 80, "192.0.2.1")
    name = f"web-1.{TYPE}"
    assert registry.weft("drain", name, "--registry", registry.where).returncode == 0
    assert "state=draining" in str(updates.lookup(registry.weftd, name, "TXT"))
    assert registry.weft("undrain", name, "--registry", registry.where).returncode == 0
    assert "state=draining" not in str(updates.lookup(registry.weftd, name, "TXT"))
    done = registry.weft("drain", name, "--wait", "--registry", registry.where)
    assert done.returncode == 2 and "control socket" in done.stderr
    assert "drained" in registry.weftd.weft("drain", name).stdout


def test_suspect_hides_an_instance(registry):
    registry.register("web-1", 80, "192.0.2.1")
    registry.register("web-2", 80, "192.0.2.1")
    done = registry.weft("suspect", f"web-1.{TYPE}", "--why", "no answer")
    assert done.returncode == 0, done.stderr
    shown = registry.weftd.json("service", "show", f"web-1.{TYPE}")
    assert "suspect" in json.dumps(shown)


@pytest.mark.parametrize("command", [["suspect"], ["unregister"], ["drain"], ["undrain"]])
def test_a_change_of_what_is_not_there_is_a_failure(registry, command):
    registry.register("web-1", 80, "192.0.2.1")
    done = registry.weft("-j", *command, f"wbe-1.{TYPE}", "--registry", registry.where)
    assert done.returncode == 1 and "weft browse" in done.stderr
    assert json.loads(done.stdout)["code"] == "WEFT_E_NOT_FOUND"


# ---- the pages ----

def pages():
    return "\n".join(path.read_text() for path in sorted((source_folder() / "man").glob("*.1")))


def test_every_command_and_option_of_the_help_is_in_a_page():
    text, help_text = pages(), run("--help").stdout
    commands, options = help_text.split("\n\n")[1:3]
    for name in re.findall(r"^  ([a-z-]+(?: [a-z]+)?)(?= )", commands, re.M):
        assert re.search(rf"^\.(It|Nm weft|Nm) (Ic )?{name}\b|^\.Ic weft {name}\b|"
                         rf"^\.Nm weft.*\b{name}\b", text, re.M), name
    for name in re.findall(r"--([a-z-]+)", "\n".join(
            line for line in options.splitlines() if re.match(r"  (-|    --)", line))):
        assert re.search(rf"Fl -{name}\b", text), name


def test_every_option_of_the_page_is_taken_by_a_command():
    text = (source_folder() / "man/weft-service.1").read_text()
    help_text = run("--help").stdout
    for name in re.findall(r"^\.It (?:Fl . , )?Fl -([a-z-]+)", text, re.M):
        assert f"--{name}" in help_text, name
    for command in "browse", "resolve", "connect", "register", "export":
        assert run("help", command).returncode == 0
