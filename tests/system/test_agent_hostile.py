# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the zone and services can do to an agent: it goes on, and so do the other instances."""

import json
import pathlib
import re

from agents import PYTHON, TYPE, lab, make_lab, owner, service  # noqa: F401
from waiting import wait_for

NAMES = ["x/y._http._tcp", r"\046\046/\046\046/etc/x._http._tcp", r"\046\046._http._tcp", r"a\.b._http._tcp",
         f"{chr(92)}255" * 63 + "._http._tcp", "a" * 63 + "._http._tcp", r"\000._http._tcp",
         r"new\010line._http._tcp", r"%n%s%s._http._tcp", "web-9", "n1.nodes", "_runs.n1.nodes",
         "WEB-1._HTTP._TCP", "web-1._http._tcp.other.zone.", "_spec.web-1._http._tcp", r"\092._http._tcp",
         "-rf._http._tcp", "node._http._tcp", "lock._http._tcp"]


def strings(data):
    """The text of a TXT record of any octets."""
    return " ".join('"' + "".join(f"\\{c:03d}" for c in data[i:i + 250]) + '"'
                    for i in range(0, len(data), 250)) or '""'


def good(lab, node):
    lab.apply(service(on=["n1"]))
    return node.wait("web-1")["pid"]


def still(lab, node, pid):
    """The agent runs, and so does what ran; something new starts."""
    assert node.is_running(), node.log()[-4000:]
    web, = (row for row in node.ask("service status")["instances"]
            if row["instance"] == owner("web-1") + ".lab.cloud")
    assert (web["state"], web["pid"]) == ("up", pid)
    lab.apply(service("fresh", on=["n1"]), name="fresh.yaml")
    node.wait("fresh-1")


def test_names_of_any_octets_harm_nothing(lab):
    node, = lab.agents
    pid = good(lab, node)
    spec = json.dumps({"name": "x", "type": TYPE, "run": ["/bin/sleep", "1000"]}).encode()
    for name in NAMES:
        lab.update(f"_runs.n1.nodes 5 IN PTR {name}")
        if not name.endswith(".") and len(name) < 250:
            lab.update(f"_spec.{name} 5 IN TXT {strings(spec)}")
    still(lab, node, pid)
    assert "is not written" not in node.log()
    assert sorted(path.name for path in (node.state / "instances").iterdir()) == [
        f"{owner(label)}{suffix}" for label in ("fresh-1", "web-1") for suffix in ("", ".json")]


def bad_specs():
    deep = b'{"name":"web","type":"_http._tcp","run":["a"],"parameters":' + b'{"a":' * 8000 + b"1" + b"}" * 8001
    return [b"", b"\0" * 300, bytes(range(256)) * 4, b"[" * 60000, b'{"name":' * 7000, deep,
            b'{"name":"web","name":"web"}', b"null", b"1e999999999", b'"' + b"\\ud800" * 5000 + b'"',
            b"\xff\xfe{\0}\0", b"{" + b'"a":1,' * 9000 + b'"b":2}',
            json.dumps(service() | {"text": {"k" * 300: "v"}}).encode(),
            json.dumps(service() | {"environment": {"LD_PRELOAD\nX": "a\0b"}}).encode(),
            json.dumps(service() | {"folder": "../../../../tmp", "user": "nobody\n"}).encode(),
            json.dumps(service() | {"name-resource": "../../x"}).encode(),
            json.dumps(service() | {"ocf": "../../../tmp:../x", "run": None}).encode(),
            json.dumps(service() | {"ocf": "heartbeat:../../../../bin/sh", "run": None}).encode(),
            json.dumps(service() | {"unit": "../../x.service --now", "run": None}).encode(),
            json.dumps(service() | {"schema": "../../x"}).encode(),
            json.dumps(service() | {"stop": {"timeout": 1e300}}).encode(),
            json.dumps(service() | {"check": {"interval": 1e-300, "timeout": 1e-300, "tcp": 1}}).encode(),
            json.dumps(service() | {"check": {"http": "/ HTTP/1.1\r\nX: y", "interval": 0.1}}).encode()]


def test_declarations_of_any_octets_harm_nothing(lab):
    node, = lab.agents
    pid = good(lab, node)
    for number, spec in enumerate(bad_specs()):
        label = f"bad{number}-1"
        name = spec.replace(b'"web"', f'"bad{number}"'.encode())
        lab.update(f"_runs.n1.nodes 5 IN PTR {owner(label)}", f"_spec.{owner(label)} 5 IN TXT {strings(name)}")
    still(lab, node, pid)
    for label, row in node.instances().items():
        assert label in ("web-1", "fresh-1", "bad22-1") or row["reason"].startswith("cannot start: "), row


def test_what_flaps_is_followed_to_its_end(lab):
    node, = lab.agents
    pid = good(lab, node)
    for n in range(100):
        lab.declare_by_hand("flap-1", service("flap", text={"n": str(n)}, check=None, port=None,
                                              run=["/bin/sleep", "1000"]), node="n1")
    for _ in range(50):
        lab.update(f"_runs.n1.nodes 0 NONE PTR {owner('flap-1')}")
        lab.update(f"_runs.n1.nodes 5 IN PTR {owner('flap-1')}")
    lab.wait("flap-1", n="99")
    still(lab, node, pid)
    node.wait_equal()


def test_an_agent_with_more_names_than_it_can_run_goes_on(lab):
    node, = lab.agents
    pid = good(lab, node)
    for first in range(0, 900, 100):
        lab.update(*[f"_runs.n1.nodes 5 IN PTR {owner(f'many{n}-1')}" for n in range(first, first + 100)])
    still(lab, node, pid)
    wait_for(lambda: len(node.instances()) == 902, "all of them")


def test_a_pattern_that_takes_for_ever_is_given_up(lab):
    node, = lab.agents
    pid = good(lab, node)
    slow = {"type": "string", "pattern": "^(([a-z]+)+)+$"}
    schema = {"properties": {"parameters": {"properties": {"a": slow}}}}
    lab.update(f"slow._schemas 5 IN TXT {strings(json.dumps(schema).encode())}")
    spec = service("slow", schema="slow", parameters={"a": "a" * 5000 + "!"})
    lab.declare_by_hand("slow-1", spec, node="n1")
    node.wait("slow-1", "failed",
              reason="cannot start: by its schema: /parameters/a: the pattern for this takes too long")
    still(lab, node, pid)


HOSTILE = """
import fcntl, os, socket, sys, time
if os.path.exists("fifo"):
    time.sleep(1000)
here = os.getcwd()
for target in ("/etc", "/"):
    os.symlink(target, f"{here}/link{target.count('/')}{len(target)}")
os.mkfifo("fifo")
os.makedirs("deep/" + "/".join("d" * 60))
fcntl.flock(1, fcntl.LOCK_EX)
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.connect(os.environ["NOTIFY_SOCKET"])
notify.settimeout(0.01)
end = time.monotonic() + 2
while time.monotonic() < end:
    os.write(1, b"\\x1b[31mflood\\n" * 1000)
    for text in (b"STATUS=" + b"x" * 4000, b"MAINPID=1", b"MAINPID=0", b"WATCHDOG_USEC=99999999999", b"\\0" * 4000):
        try:
            notify.send(text)
        except OSError:
            pass
    try:
        if os.fork() == 0:
            os.setsid()
            time.sleep(1000)
    except OSError:
        pass
os.ftruncate(1, 1 << 40)
open("over", "w").close()
time.sleep(1000)
"""


def test_a_hostile_service_harms_no_other(lab):
    node, = lab.agents
    for folder in [*node.folder.parents][:-2]:
        folder.chmod(folder.stat().st_mode | 0o111)
    pid = good(lab, node)
    lab.apply(service("bad", on=["n1"], run=[PYTHON, "-c", HOSTILE], check=None, user="nobody",
                      limits={"processes": 200}, output={"to": "file", "size": "64K", "keep": 2}), name="bad.yaml")
    wait_for(lambda: (node.folder / "state" / "instances" / owner("bad-1") / "over").exists(), "its work")
    still(lab, node, pid)
    assert node.shown("bad-1")["pid"] not in (0, 1)
    node.service("log", "bad-1")
    lab.delete("bad")
    wait_for(lambda: "bad-1" not in node.instances(), "end")
    wait_for(lambda: not (node.folder / "state" / "instances" / owner("bad-1")).exists(), "removal")
    assert pathlib.Path("/etc/passwd").exists()
    assert "bad-1" not in lab.processes()


def test_a_secret_is_in_no_file_no_record_and_no_command(lab):
    node, = lab.agents
    secret = node.folder / "secret"
    secret.write_text("open sesame\n")
    secret.chmod(0o600)
    lab.apply(service(on=["n1"], secret={"WORD": str(secret)}))
    pid = node.wait("web-1")["pid"]
    assert lab.ask("web-1")["WORD"] == "open sesame"
    written = [path for path in node.folder.rglob("*")
               if path.is_file() and path != secret and b"open sesame" in path.read_bytes()]
    assert not written
    assert b"open sesame" not in b"".join(rdata for records in lab.records().values() for _, rdata in records)
    for each in (pid, node.process.pid):
        assert b"open sesame" not in pathlib.Path(f"/proc/{each}/cmdline").read_bytes()
        limits = pathlib.Path(f"/proc/{each}/limits").read_text()
        assert re.search(r"Max core file size +0 ", limits), limits
    for path in node.state.rglob("*"):
        assert path.lstat().st_mode & 0o022 == 0, path


def test_an_instance_with_the_last_inc_can_be_taken_over(lab):
    """By the node that it is assigned to, and started again there."""
    node, = lab.agents
    lab.update("n2.nodes 5 IN A 127.0.0.1", key="n2")
    lab.update(f"{owner('web-1')} 5 IN SRV 0 0 80 n2.nodes",
               f"{owner('web-1')} 5 IN TXT inc=999999999999999999 node=n2", key="n2", lease=3)
    lab.apply(service(on=["n1"]))
    inc = node.wait("web-1")["inc"]
    lab.wait("web-1", node="n1", inc=str(inc))
    node.service("restart", "web-1")
    lab.wait_next("web-1", inc, node="n1")
