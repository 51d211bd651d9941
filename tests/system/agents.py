# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A fabric whose services run: a weftd, agents of several nodes on this machine, and a small service
(agent_service.py) that records each of its lives.

Each node has addresses, folders and a control socket of its own. What a test leaves behind, agents
or processes of their services, is ended by the fixture, which fails for an agent that has ended by
itself."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading

import pytest

import leases
import updates
from conftest import WEFT, WEFTD
from loopback import free_address
from waiting import LIMIT_S, wait_for

AGENTD = str(pathlib.Path(WEFTD).with_name("weft-agentd"))
SERVICE = pathlib.Path(__file__).with_name("agent_service.py")
PYTHON = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
LEASE = "{minimum: 1}\nservice-view: {enable: yes}"
TYPE = "_http._tcp"


def service(name="web", **options):
    """The declaration of a service that runs agent_service.py; options with _ for -, None removes
    one."""
    spec = {"name": name, "type": TYPE, "port": "auto", "run": [PYTHON, "-S", "-E", str(SERVICE)],
            "check": {"http": "/", "interval": 0.1, "timeout": 5}, "stop": {"timeout": 5},
            "restart": {"times": 1000, "within": 60, "backoff": [0.02, 0.1]}}
    spec |= {key.replace("_", "-"): value for key, value in options.items()}
    return {key: value for key, value in spec.items() if value is not None}


def owner(label, kind=TYPE):
    return f"{label}.{kind}"


@contextlib.contextmanager
def connecting(where):
    """Connects to the address all the time. Gives a list of what was refused."""
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
        yield refused
    finally:
        is_over.set()
        thread.join()


class Agent:
    """One node: its weft-agentd, its configuration."""

    def __init__(self, lab, node, lease=10, more=""):
        self.lab, self.node = lab, node
        self.folder = lab.folder / node
        self.folder.mkdir()
        self.address = free_address()[0]
        self.socket, self.conf = self.folder / "agent.sock", self.folder / "agentd.conf"
        self.log_path, self.state = self.folder / "agent.log", self.folder / "state"
        self.process, self.is_sound = None, True
        (self.folder / "address").write_text(self.address)
        lab.key(node)
        shutil.copy(lab.weftd.folder / f"{node}.key", self.folder / f"{node}.key")
        (self.folder / f"{node}.key").chmod(0o600)
        self.configure(lease, more)

    def configure(self, lease=10, more="", address=None):
        host, port = self.lab.weftd.where
        self.conf.write_text("\n".join([
            "agent:", f"  node: {self.node}", "  fabric: lab.cloud", f'  registry: ["{host}@{port}"]',
            f"  key-file: {self.node}.key", "  state-dir: state", "  run-dir: run",
            "  control: agent.sock", f"  address: {address or f'[{self.address}]'}",
            "  cgroup: none", f"  lease: {lease}", "  log: {level: debug}", more, ""]))

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def spawn(self):
        """Starts weft-agentd without waiting."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([AGENTD, "-c", str(self.conf)], stderr=log, stdout=log,
                                            stdin=subprocess.DEVNULL, cwd=self.folder)
        return self

    def start(self):
        before = self.log().count(" ready")
        self.spawn()
        wait_for(lambda: self.log().count(" ready") > before or self.process.poll() is not None,
                 "ready agent")
        assert self.process.poll() is None, self.log()
        return self

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, number=signal.SIGTERM):
        """Sends the signal and waits for the end. Returns the exit status."""
        if self.is_running():
            self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    def kill(self):
        return self.stop(signal.SIGKILL)

    def weft(self, *args, check=True, json_output=False):
        """A command to the agent's control socket."""
        command = [WEFT, *(["--json"] if json_output else []), *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S,
                              env=self.lab.environment | {"WEFT_AGENT_SOCKET": str(self.socket)})
        assert not check or done.returncode == 0, (args, done.returncode, done.stderr, done.stdout)
        return done

    def service(self, *args, **more):
        return self.weft("service", *args, **more)

    def ask(self, command, *args):
        """The result of a command of the control socket, without weft; fails for an error."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(LIMIT_S)
            client.connect(str(self.socket))
            client.sendall(json.dumps({"command": command, "args": list(args)}).encode() + b"\n")
            answer = json.loads(client.makefile().readline())
        assert answer["ok"], (command, args, answer)
        return answer["result"]

    def instances(self):
        """What the agent shows of its instances, by label."""
        return {row["label"]: row for row in self.ask("service status")["instances"]}

    def shown(self, label):
        return self.instances().get(label, {})

    def wait(self, label, state="up", **wanted):
        """Waits until the agent shows the instance in a state. Returns what it shows."""
        wanted = {"state": state, **wanted}
        seen = {}

        def look():
            seen.clear()
            seen.update(self.shown(label))
            return seen if all(seen.get(k) == v for k, v in wanted.items()) else None

        try:
            return dict(wait_for(look, f"{label} with {wanted}"))
        except AssertionError as fault:
            raise AssertionError(
                f"{label}: wanted {wanted}, is {seen}; {fault}\n{self.log()[-4000:]}") from None

    def check(self):
        """The differences that `weft agent check` finds between agent and zone."""
        done = self.weft("agent", "check", check=False)
        return done.stdout.strip() + done.stderr.strip() if done.returncode != 0 else ""

    def wait_equal(self):
        """Waits until the zone equals what runs."""
        last = []

        def look():
            last[:] = [self.check()]
            return last == [""]

        try:
            wait_for(look, "zone that equals what runs", every_s=0.1)
        except AssertionError:
            raise AssertionError(f"{self.node}: {last}\n{self.log()[-4000:]}") from None


class Lab:
    """A fabric: its weftd, its nodes, and what its services have recorded."""

    def __init__(self, make_weftd, folder, zone=leases.ZONE, lease=LEASE, server=""):
        self.weftd, self.key = leases.fabric(make_weftd, zone, lease, server=server)
        self.folder, self.agents = folder / "nodes", []
        self.folder.mkdir()
        self.lives = folder / "lives"
        self.lives.mkdir()
        self.lives.chmod(0o777)
        self.key("admin")
        host, port = self.weftd.where
        self.environment = {"PATH": os.environ["PATH"], "WEFT_REGISTRY": f"{host}@{port}",
                            "WEFT_KEY_FILE": str(self.weftd.folder / "admin.key")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def node(self, name, **more):
        """An agent that is not started."""
        self.agents.append(Agent(self, name, **more))
        return self.agents[-1]

    # ---- declaring ----

    def weft(self, *args, check=True, text=None):
        """A command to the registry, with the administrator's key."""
        done = subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S,
                              env=self.environment, input=text)
        assert not check or done.returncode == 0, (args, done.returncode, done.stderr, done.stdout)
        return done

    def file(self, *services, name="lab.yaml", **more):
        """A file of declarations, whose services know the folder of lives."""
        for spec in services:
            if str(SERVICE) in spec.get("run", []):
                spec.setdefault("environment", {}).setdefault("LIVES", str(self.lives))
        path = self.folder / name
        path.write_text(json.dumps({**more, "service": list(services)}))
        return str(path)

    def apply(self, *services, options=("--yes",), check=True, **more):
        return self.weft("apply", *options, self.file(*services, **more), check=check)

    def delete(self, *names):
        return self.weft("delete", *names)

    def place(self, label, node, kind=TYPE):
        """Has a node run the instance, and no other; `node` None: nobody."""
        where = [node] if node else ["--none"]
        return self.weft("place", f"{label}.{kind}", *where)

    def update(self, *lines, key="admin", lease=None):
        reply = updates.send(self.weftd, updates=lines, key=self.key(key), lease=lease, tcp=True)
        assert reply.rcode == "NOERROR", (lines, reply)

    def declare_by_hand(self, label, spec, node=None, kind=TYPE):
        """As nsupdate does it: the record `_spec`, and the assignment to a node."""
        text = spec if isinstance(spec, str) else json.dumps(spec)
        quoted = [f'"{part}"' for part in
                  (re.sub(r'(["\\])', r"\\\1", text[i:i + 250]) for i in range(0, len(text), 250))]
        lines = [f"_spec.{label}.{kind} 0 ANY TXT", f"_spec.{label}.{kind} 5 IN TXT {' '.join(quoted)}"]
        lines += [f"_runs.{node}.nodes 5 IN PTR {label}.{kind}"] if node else []
        self.update(*lines)

    # ---- looking ----

    def lookup(self, name, rdtype):
        """The rdata at a name of the zone, without TTL."""
        return sorted(text.partition(" ")[2]
                      for text in updates.lookup(self.weftd, f"{name}.lab.cloud", rdtype))

    def text(self, name):
        """The keys of the TXT record at a name; {} without one."""
        for rdata in self.lookup(name, "TXT"):
            pairs = re.findall(r'"((?:[^"\\]|\\.)*)"', rdata)
            return dict(pair.partition("=")[::2] for pair in pairs)
        return {}

    def instance(self, label, kind=TYPE):
        """The keys of a registered instance, and `target` and `srv_port`; {} if it is not there."""
        srv = self.lookup(f"{label}.{kind}", "SRV")
        found = self.text(f"{label}.{kind}") if srv else {}
        if not found:
            return {}
        _, weight, port, target = srv[0].split()
        return {"state": "up", **found, "srv_port": int(port), "target": target, "weight": int(weight)}

    def wait(self, label, state="up", kind=TYPE, **wanted):
        """Waits until an instance is registered so. Returns its keys."""
        wanted, seen = {"state": state, **wanted}, {}

        def look():
            seen.clear()
            seen.update(self.instance(label, kind))
            return seen if all(seen.get(k) == v for k, v in wanted.items()) and seen else None

        try:
            return dict(wait_for(look, f"{label} with {wanted}"))
        except AssertionError:
            logs = "".join(f"\n== {a.node}\n{a.log()[-3000:]}" for a in self.agents)
            raise AssertionError(f"{label}: wanted {wanted}, is {seen}{logs}") from None

    def inc(self, label):
        """The registered incarnation, 0 without one."""
        return int(self.instance(label).get("inc", 0))

    def wait_next(self, label, inc, **wanted):
        """Waits until the instance is registered as the incarnation after `inc`. Returns that."""
        self.wait(label, inc=str(inc + 1), **wanted)
        return inc + 1

    def wait_later(self, label, inc, **wanted):
        """Waits until the instance is registered as a later incarnation than `inc`. Returns that."""
        wait_for(lambda: self.inc(label) > inc, f"an incarnation of {label} after {inc}")
        return int(self.wait(label, **wanted)["inc"])

    def wait_gone(self, *labels, kind=TYPE):
        for label in labels:
            wait_for(lambda: not self.lookup(f"{label}.{kind}", "SRV"), f"end of {label}")

    def records(self):
        """All owners of the zone with their records."""
        return updates.transferred(self.weftd)[1]

    def events(self, of=None, what=None, node=None):
        """The history, oldest first, as dictionaries."""
        found = []
        for name, records in self.records().items():
            if "._events._cluster." not in name:
                continue
            (_, rdata), = records
            pairs, at = {}, 0
            while at < len(rdata):
                one = rdata[at + 1:at + 1 + rdata[at]].decode(errors="replace")
                key, _, pairs[key] = one.partition("=")
                at += 1 + rdata[at]
            assert name.startswith(f"{pairs['era']}-{pairs['n']}._events."), (name, pairs)
            found.append(pairs)
        found.sort(key=lambda e: (float(e["t"]), int(e["era"]), int(e["n"])))
        return [e for e in found if (of is None or e.get("of") == owner(of)) and
                (what is None or e["what"] == what) and (node is None or e["node"] == node)]

    def whats(self, of=None):
        return [event["what"] for event in self.events(of)]

    def wait_event(self, of, what, **wanted):
        def look():
            return [e for e in self.events(of, what)
                    if all(v in e.get(k, "") for k, v in wanted.items())]

        try:
            return wait_for(look, f"event {what} of {of}")[-1]
        except AssertionError:
            raise AssertionError((of, what, wanted, self.events(of))) from None

    # ---- what the services recorded ----

    def life(self, label):
        """The lines that an instance has written: dictionaries."""
        path = self.lives / label
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def starts(self, label):
        return [line for line in self.life(label) if line["what"] == "start"]

    def twice(self):
        """Where two processes of an instance ran at once."""
        return [path.name for path in self.lives.iterdir() if "." not in path.name and
                any(line["what"] == "twice" for line in self.life(path.name))]

    def processes(self):
        """Process ids of all services, by label."""
        found = {}
        for path in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if not path.name.isdigit():
                    continue
                environ = (path / "environ").read_bytes()
                if f"LIVES={self.lives}\0".encode() not in environ + b"\0":
                    continue
                label = re.search(rb"WEFT_NAME=([^\0]*)", environ)
                found.setdefault(label[1].decode() if label else "", []).append(int(path.name))
        return found

    def ask(self, label):
        """What the instance answers at its registered port: its environment."""
        seen = self.instance(label)
        address, = self.lookup(seen["target"].removesuffix(".lab.cloud."), "A")
        with socket.create_connection((address, seen["srv_port"]), LIMIT_S) as sock:
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            data = b""
            while part := sock.recv(65536):
                data += part
        return json.loads(data.partition(b"\r\n\r\n")[2])

    def close(self):
        """Ends everything. Returns what is wrong."""
        wrong = []
        for agent in self.agents:
            if agent.process is None:
                continue
            status = agent.process.poll()
            if status is not None and status not in (0, -signal.SIGKILL) and agent.is_sound:
                wrong.append((agent.node, status, agent.log()[-3000:]))
        for agent in self.agents:
            if agent.is_running():
                agent.process.send_signal(signal.SIGTERM)
        for agent in self.agents:
            if agent.process is None:
                continue
            try:
                if agent.process.wait(LIMIT_S) not in (0, -signal.SIGKILL) and agent.is_sound:
                    wrong.append((agent.node, agent.process.returncode, agent.log()[-3000:]))
            except subprocess.TimeoutExpired:
                wrong.append((agent.node, "does not end", agent.log()[-3000:]))
                agent.kill()
            if "Sanitizer" in agent.log() or "runtime error" in agent.log():
                wrong.append((agent.node, agent.log()[-6000:]))
        for pids in self.processes().values():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        return wrong


@pytest.fixture
def make_lab(make_weftd, tmp_path):
    """Makes a lab whose weftd runs; the function takes what Lab takes."""
    made = []

    def make(**more):
        made.append(Lab(make_weftd, tmp_path, **more))
        made[-1].weftd.start()
        return made[-1]

    yield make
    wrong = [fault for lab in made for fault in lab.close()]
    assert not wrong, wrong
    for lab in made:
        assert not lab.twice(), [lab.life(label) for label in lab.twice()]


@pytest.fixture
def lab(make_lab):
    """A lab with a node that runs, n1."""
    made = make_lab()
    made.node("n1").start()
    return made
