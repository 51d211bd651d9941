# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What a node has to run (assign/assign.h) and where the services are that its own use
(depend/depend.h), at a real registry: tests/client/ordering prints both as they change."""

import json
import pathlib
import time
import typing

import pytest

import leases
import services
import updates
from client_lines import LineClient
from waiting import LIMIT_S, wait_for

ZONE = services.ZONE
RUNS, KIND = "_runs.n1.nodes", "_http._tcp"


class Order(typing.NamedTuple):
    label: str
    kind: str
    source: str         # saved, or zone
    change: str         # new, same, changed, none
    cfg: str
    ver: str
    port: int
    environment: str
    why: str


class Ordering(LineClient):
    """An agent's part that follows orders."""

    def __init__(self, *args):
        super().__init__("ordering", *args)
        self.started = self.lines_until("started")[:-1]

    def line(self, limit_s=LIMIT_S):
        """The next line, split; None if there is none within the limit."""
        line = super().line(limit_s)
        if line is None:
            return None
        fields = line.split("\t")
        if fields[0] == "order":
            return Order(*fields[1:7], int(fields[7]), *fields[8:])
        return tuple(fields)

    def lines_until(self, word):
        found = []
        while not found or found[-1] != (word,):
            found.append(self.line())
            assert found[-1] is not None, found
        return found

    def order(self):
        found = self.line()
        assert isinstance(found, Order), found
        return found

    def expect(self, *fields):
        assert self.line() == fields

    def is_quiet(self, seconds=0.3):
        found = self.line(seconds)
        assert found is None, found
        return True


@pytest.fixture
def ordering():
    made = []

    def start(*args):
        made.append(Ordering(*args))
        return made[-1]

    yield start
    for one in made:
        one.kill()


class Registry:
    """A registry of a fabric, and what an operator writes into its zone."""

    def __init__(self, make_weftd):
        self.weftd, self.key = leases.fabric(make_weftd, ZONE, services.options())
        self.weftd.start()

    @property
    def at(self):
        return "@".join(map(str, self.weftd.where))

    def send(self, *lines, by="admin"):
        reply = updates.send(self.weftd, updates=list(lines), key=self.key(by), tcp=True)
        assert reply.rcode == "NOERROR", reply

    def place(self, *labels, kind=KIND):
        self.send(*[f"{RUNS} 5 IN PTR {label}.{kind}" for label in labels])

    def withdraw(self, *labels, kind=KIND):
        self.send(*[f"{RUNS} 0 NONE PTR {label}.{kind}" for label in labels])

    def declare(self, label="web-1", **options):
        self.send(*declaration(label, **options))

    def register(self, label, port, node="n1", text="inc=1", kind=KIND, priority=0):
        owner = f"{label}.{kind}"
        self.send(f"{owner} 0 ANY SRV", f"{owner} 0 ANY TXT",
                  f"{owner} 60 IN SRV {priority} 0 {port} {node}.nodes", f"{owner} 60 IN TXT {text}")


@pytest.fixture
def folder(tmp_path):
    """For the copies of orders."""
    path = tmp_path / "orders"
    path.mkdir()
    return path


@pytest.fixture
def registry(make_weftd):
    return Registry(make_weftd)


def text_record(owner, value):
    """The update that makes the TXT record there this text."""
    value = value if isinstance(value, str) else json.dumps(value)
    parts = [value[i:i + 255] for i in range(0, len(value), 255)]
    words = " ".join('"%s"' % part.replace("\\", "\\\\").replace('"', '\\"') for part in parts)
    return [f"{owner} 0 ANY TXT", f"{owner} 5 IN TXT {words}"]


def declaration(label="web-1", kind=KIND, **options):
    return text_record(f"_spec.{label}.{kind}", {
        "name": label.rsplit("-", 1)[0], "type": kind, "run": ["/bin/sleep", "1000"], **options})


# ---- orders ----

def test_orders_come_change_and_go(registry, ordering, folder):
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    node.expect("current")
    registry.send(*declaration(port=8080), f"{RUNS} 5 IN PTR web-1.{KIND}")
    order = node.order()
    assert order[:4] == ("web-1", KIND, "zone", "new") and order.port == 8080 and order.why == ""
    assert len(order.cfg) == 16
    registry.declare(port=8081)
    changed = node.order()
    assert changed[2:4] == ("zone", "changed") and changed.port == 8081
    registry.declare(port=8081, check={"tcp": "port"})      # no restart: the same hash
    assert node.order().cfg == changed.cfg
    registry.declare(port=8081, check={"tcp": "port"})      # nothing
    registry.withdraw("web-1")
    node.expect("withdrawn", "web-1")
    assert node.is_quiet()
    node.stop()


def test_what_cannot_be_used_leaves_the_last_good_declaration_in_force(registry, ordering, folder):
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    node.expect("current")
    registry.place("web-1")
    order = node.order()
    assert order.change == "none" and order.why == "the zone has no _spec record"
    registry.declare(port=80)
    assert node.order()[2:4] == ("zone", "new")
    for value, why in (("{", "is not JSON"), ({"name": "web"}, "type"),
                       ({"name": "db", "type": KIND, "run": ["x"]}, "another service")):
        registry.send(*text_record(f"_spec.web-1.{KIND}", value))
        order = node.order()
        assert order.change == "same" and order.port == 80 and why in order.why
    registry.send(f"_spec.web-1.{KIND} 0 ANY TXT")
    assert "no _spec record" in node.order().why
    registry.send(f"_spec.web-1.{KIND} 5 IN TXT a", f"_spec.web-1.{KIND} 5 IN TXT b")
    assert "2 _spec records" in node.order().why
    registry.declare(port=80)
    order = node.order()
    assert order.change == "same" and order.why == ""
    registry.place("outside", kind="nodes")
    assert "not that of an instance" in node.order().why
    assert node.is_quiet()


def test_the_schema_of_a_declaration_is_followed(registry, ordering, folder):
    schema = {"properties": {"environment": {"properties": {"MODE": {"default": "slow"}}},
                             "parameters": {"properties": {"size": {"type": "integer"}}}}}
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    node.expect("current")
    registry.send(*declaration(schema="http", parameters={"size": 1}),
                  f"{RUNS} 5 IN PTR web-1.{KIND}")
    assert node.order().why == "its schema http cannot be used: the zone has no _schemas record"
    registry.send(*text_record("http._schemas", schema))
    first = node.order()
    assert first.change == "new" and first.environment == "MODE=slow" and first.why == ""
    schema["properties"]["environment"]["properties"]["MODE"]["default"] = "fast"
    registry.send(*text_record("http._schemas", schema))
    assert node.order().environment == "MODE=fast"
    schema["properties"]["environment"]["properties"]["MODE"]["default"] = "$NONE"
    registry.send(*text_record("http._schemas", schema))
    order = node.order()
    assert order.environment == "MODE=fast" and "with the schema's defaults" in order.why
    del schema["properties"]["environment"]
    schema["properties"]["parameters"]["properties"]["size"]["minimum"] = 2
    registry.send(*text_record("http._schemas", schema))
    order = node.order()
    assert order.environment == "MODE=fast"
    assert order.why.startswith("by its schema: /parameters/size: ")
    registry.send(*text_record("http._schemas", {"type": "nonsense"}))
    assert "it is not a schema: /type: " in node.order().why
    registry.declare()                  # without one
    order = node.order()
    assert order.change == "changed" and order.environment == "" and order.why == ""


def test_copies_are_known_before_a_registry_answers_and_nothing_flaps(registry, ordering, folder):
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    node.expect("current")
    for label in ("web-1", "db-1", "app-1"):
        registry.send(*declaration(label, port=80), f"{RUNS} 5 IN PTR {label}.{KIND}")
        node.order()
    node.kill()
    registry.weftd.kill()
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    assert {(o.label, o.source, o.change, o.port) for o in node.started} == {
        (label, "saved", "new", 80) for label in ("web-1", "db-1", "app-1")}
    assert node.is_quiet(1)
    registry.weftd.start()
    found = node.lines_until("current")
    assert {o[:4] for o in found[:-1]} == {
        (label, KIND, "zone", "same") for label in ("web-1", "db-1", "app-1")}
    # What has changed while the registry was away, and nothing else, is reported.
    registry.weftd.stop()
    assert node.is_quiet(1)
    registry.weftd.start()
    registry.withdraw("db-1")
    registry.declare("app-1", port=81)
    found = {node.line() for _ in range(2)}
    assert ("withdrawn", "db-1") in found
    assert [o.port for o in found if isinstance(o, Order)] == [81]
    node.kill()
    # What was withdrawn while the agent was away is known before the zone is current.
    registry.withdraw("web-1")
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    assert {o.label for o in node.started} == {"web-1", "app-1"}
    found = node.lines_until("current")
    assert found[0] == ("withdrawn", "web-1") and found[1].label == "app-1" and len(found) == 3
    assert [path.name for path in folder.glob("*.order")] == [f"app-1.{KIND}.lab.cloud.order"]


def test_a_damaged_copy_counts_as_none(registry, ordering, folder):
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    node.expect("current")
    for label in ("web-1", "db-1"):
        registry.send(*declaration(label, port=80), f"{RUNS} 5 IN PTR {label}.{KIND}")
        node.order()
    node.kill()
    path = folder / f"web-1.{KIND}.lab.cloud.order"
    path.write_bytes(path.read_bytes().replace(b"sleep", b"slEep"))
    (folder / "x.order").write_bytes(b"weft-order 1 ")
    (folder / "y.new").write_bytes(b"")
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    reports = [line for line in node.started if line[0] == "report"]
    assert sorted(pathlib.Path(line[1]).name for line in reports) == [path.name, "x.order"]
    assert all("damaged" in line[2] for line in reports)
    assert [o.label for o in node.started if isinstance(o, Order)] == ["db-1"]
    found = [o[:4] for o in node.lines_until("current")[:-1]]
    assert sorted(found) == [("db-1", KIND, "zone", "same"), ("web-1", KIND, "zone", "new")]
    assert path.exists() and len(list(folder.iterdir())) == 2


def test_an_unwritable_folder_is_reported_once(registry, ordering, folder):
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    node.expect("current")
    for number in range(1, 4):          # as a new file, a folder cannot be replaced
        (folder / f"web-{number}.{KIND}.lab.cloud.new").mkdir()
        registry.send(*declaration(f"web-{number}"), f"{RUNS} 5 IN PTR web-{number}.{KIND}")
    found = [node.line() for _ in range(4)]
    assert [line[0] for line in found if not isinstance(line, Order)] == ["report"]
    assert [line.label for line in found if isinstance(line, Order)] == ["web-1", "web-2", "web-3"]


def test_a_large_declaration_arrives_though_it_is_not_pushed(registry, ordering, folder):
    def large(mark, count):
        return declaration(environment={f"V{n:03}": f"{mark}{n:03}" + "x" * 240 for n in range(count)})

    node = ordering(registry.at, "lab.cloud", "n1", folder)
    node.expect("current")
    registry.send(*large("a", 230), f"{RUNS} 5 IN PTR web-1.{KIND}")
    begun = time.monotonic()
    assert node.order().environment.startswith("V000=a000x")
    registry.send(*large("b", 230))                     # another large one
    assert node.order().environment.startswith("V000=b000x")
    registry.send(*large("c", 2))                       # a small one
    assert node.order().environment.startswith("V000=c000x")
    registry.send(*large("d", 230))
    assert node.order().environment.startswith("V000=d000x")
    assert time.monotonic() - begun < 5                 # polling would take 7 s for each
    registry.send(f"_spec.web-1.{KIND} 0 ANY TXT")
    assert "no _spec record" in node.order().why
    assert node.is_quiet()
    node.kill()
    registry.send(*large("e", 230))
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    assert node.started[0].environment.startswith("V000=d000x")
    found = node.lines_until("current")
    assert len(found) == 2 and found[0].environment.startswith("V000=e000x")


def test_many_orders_are_all_there(registry, ordering, folder):
    labels = [f"web-{number}" for number in range(1, 401)]
    for at in range(0, len(labels), 50):
        registry.send(*[line for label in labels[at:at + 50] for line in declaration(label)])
    registry.place(*labels)
    node = ordering(registry.at, "lab.cloud", "n1", folder)
    found = node.lines_until("current")
    assert {o.label for o in found[:-1]} == set(labels) and len(found) == len(labels) + 1
    registry.withdraw(*labels[:200])
    assert {node.line() for _ in range(200)} == {("withdrawn", label) for label in labels[:200]}
    assert node.is_quiet()
    wait_for(lambda: len(list(folder.glob("*.order"))) == 200, "copies of what is left")


# ---- used services ----

def where(port, node=1):
    return f"192.0.2.{node}:{port}"


def test_a_used_service_is_followed(registry, ordering, folder):
    node = ordering(registry.at, "lab.cloud", "n1", "-", "db", "_pg._tcp")
    found = {node.line(), node.line()}
    assert ("current",) in found and ("uses", "db", "-", "-") in found
    registry.register("dbx-1", 1, kind="_pg._tcp")          # another service of the type
    registry.register("db-1", 5432, kind="_pg._tcp")
    node.expect("uses", "db", where(5432), "db-1._pg._tcp.lab.cloud.")
    registry.register("db-2", 5433, kind="_pg._tcp")        # the choice is kept
    registry.register("db-1", 5432, text="inc=1 a=b", kind="_pg._tcp")
    assert node.is_quiet()
    registry.register("db-1", 5432, text="inc=2", kind="_pg._tcp")
    node.expect("uses", "db", where(5432), "db-1._pg._tcp.lab.cloud.")
    registry.register("db-1", 5434, node="n3", text="inc=3", kind="_pg._tcp")
    node.expect("uses", "db", where(5434, 3), "db-1._pg._tcp.lab.cloud.")
    registry.register("db-1", 5434, node="n3", text="inc=3 state=failed", kind="_pg._tcp")
    node.expect("uses", "db", where(5433), "db-2._pg._tcp.lab.cloud.")
    registry.register("db-2", 5433, text="inc=1 state=draining", kind="_pg._tcp")
    assert node.is_quiet()                                  # there is no other one
    registry.register("db", 99, kind="_pg._tcp")
    node.expect("uses", "db", where(99), "db._pg._tcp.lab.cloud.")
    registry.send("db-2._pg._tcp 0 ANY ANY", "db._pg._tcp 0 ANY ANY")
    node.expect("uses", "db", "-", "-")
    assert node.is_quiet()
    node.stop()


def test_the_first_choice_is_by_priority_and_survives_the_registry(registry, ordering, folder):
    for number in range(1, 9):
        registry.register(f"db-{number}", 5000 + number, priority=10 - number)
    node = ordering(registry.at, "lab.cloud", "n1", "-", "db", KIND)
    found = {node.line(), node.line()}
    chosen = ("uses", "db", where(5008), f"db-8.{KIND}.lab.cloud.")
    assert found == {("current",), chosen}
    registry.weftd.kill()
    assert node.is_quiet(1)
    registry.weftd.start()
    registry.register("db-8", 5009)
    node.expect("uses", "db", where(5009), f"db-8.{KIND}.lab.cloud.")
