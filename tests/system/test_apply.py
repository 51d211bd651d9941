# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft apply, delete and place: what they write to a zone, all of it or nothing; what they show;
what they refuse; and what happens when others change the zone at the same time."""

import json
import os
import re
import subprocess
import threading

import pytest

import leases
import updates
from conftest import WEFT
from leases import fabric, issue
from serving import source_folder
from waiting import LIMIT_S

ZONE = leases.SOA + "ns A 127.0.0.1\nn1.nodes A 192.0.2.1\nn2.nodes A 192.0.2.2\n"
WEB = """\
service:
  - name: web
    type: _http._tcp
    run: [/bin/web]
"""
PAIR = """\
service:
  - {name: web, type: _http._tcp, on: n1, run: [/bin/web], uses: [db]}
  - {name: db, type: _db._tcp, on: n2, run: [/bin/db]}
"""


class Declaring:
    """A weftd with a fabric's zone, and the commands as its administrator gives them."""

    def __init__(self, weftd, folder):
        self.weftd, self.folder = weftd, folder
        issue(weftd, "admin")

    def environment(self, key="admin"):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
        return {**kept, "WEFT_REGISTRY": "%s@%d" % self.weftd.where,
                "WEFT_KEY_FILE": str(self.weftd.folder / f"{key}.key")}

    def start(self, *args, key="admin"):
        return subprocess.Popen([WEFT, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, text=True, cwd=self.folder,
                                env=self.environment(key))

    def run(self, *args, key="admin", status=0):
        """The completed command; `stdout` and `stderr` are text."""
        done = subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S,
                              cwd=self.folder, stdin=subprocess.DEVNULL, env=self.environment(key))
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done

    def file(self, text, name="services.yaml"):
        (self.folder / name).write_text(text)
        return name

    def apply(self, text, *args, **more):
        return self.run("apply", *args, self.file(text), **more)

    def serial(self):
        return int(self.weftd.dig("lab.cloud", "SOA").split()[2])

    def records(self):
        """Owner, type and data of what is declared and assigned, sorted."""
        text = self.weftd.dig("lab.cloud", "AXFR", "+noall", "+answer", "+onesoa")
        found = [line.split(None, 4) for line in text.splitlines() if line[:1] not in (";", "")]
        return sorted((owner.removesuffix(".lab.cloud."), kind, data) for owner, _, _, kind, data in found
                      if re.search(r"^_spec\.|^_runs\.|\._schemas\.", owner))

    def owners(self):
        return [f"{owner} {data}" if kind == "PTR" else owner for owner, kind, data in self.records()]

    def spec(self, instance):
        """The declaration of an instance, from its TXT record."""
        text = self.weftd.dig("+tcp", "+short", f"_spec.{instance}.lab.cloud", "TXT")
        strings = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
        return json.loads(re.sub(r"\\(.)", r"\1", "".join(strings)))

    def update(self, *lines, **more):
        reply = updates.send(self.weftd, updates=list(lines), key=issue(self.weftd, "admin"), **more)
        assert reply.rcode == "NOERROR", reply


@pytest.fixture
def declaring(make_weftd, tmp_path):
    weftd, _ = fabric(make_weftd, ZONE)
    folder = tmp_path / "services"
    folder.mkdir()
    return Declaring(weftd.start(), folder)


# ---- what is written ----

def test_what_is_declared_is_in_the_zone_and_applying_it_again_changes_nothing(declaring):
    done = declaring.apply(PAIR)
    assert done.stdout.splitlines() == ["web-1 placed on n1", "service web _http._tcp created, 1 instance",
                                        "db-1 placed on n2", "service db _db._tcp created, 1 instance"]
    assert declaring.owners() == [
        "_runs.n1.nodes web-1._http._tcp.lab.cloud.", "_runs.n2.nodes db-1._db._tcp.lab.cloud.",
        "_spec.db-1._db._tcp", "_spec.web-1._http._tcp"]
    assert declaring.spec("web-1._http._tcp") == {
        "name": "web", "type": "_http._tcp", "on": ["n1"], "run": ["/bin/web"],
        "uses": [{"name": "db", "type": "_db._tcp"}]}
    serial = declaring.serial()
    assert declaring.apply(PAIR).stdout == "2 unchanged\n"
    assert declaring.serial() == serial


def test_the_example_is_declared_by_one_update(declaring):
    before = declaring.serial()
    example = source_folder() / "zones" / "lab.services.yaml"
    done = json.loads(declaring.run("apply", "-j", str(example)).stdout)
    assert done["updates"] == 1 and declaring.serial() == before + 1
    assert [(s["name"], s["action"], s["instances"]) for s in done["services"]] == [
        ("shop", "created", 2), ("db", "created", 1), ("metrics", "created", 3)]
    assert len(declaring.owners()) == 7


def test_a_change_writes_what_differs_and_shows_what_follows(declaring):
    declaring.apply(PAIR)
    changed = PAIR.replace("/bin/web]", "/bin/web2], count: 2, name-resource: none")
    done = json.loads(declaring.apply(changed, "-j").stdout)
    web, db = done["services"]
    assert (web["action"], web["consequence"], web["instances-before"], web["instances"]) == (
        "changed", "restart", 1, 2)
    assert {"path": "/run", "old": ["/bin/web"], "new": ["/bin/web2"],
            "consequence": "restart"} in web["differences"]
    assert db["action"] == "unchanged"
    assert done["places"] == [{"instance": "web-2", "type": "_http._tcp", "from": None, "to": "n1",
                               "action": "changed"}]
    declaring.apply(PAIR)
    assert declaring.owners()[0] == "_runs.n1.nodes web-1._http._tcp.lab.cloud."
    assert not any("web-2" in owner for owner in declaring.owners())


def test_a_dry_run_shows_the_difference_and_changes_nothing(declaring):
    declaring.apply(PAIR)
    serial, records = declaring.serial(), declaring.records()
    done = declaring.apply(PAIR.replace("/bin/web", "/bin/web2").replace("on: n2", "on: n1"), "--dry-run")
    lines = done.stdout.splitlines()
    assert "service web _http._tcp changed: restart" in lines
    assert '- run: ["/bin/web"]' in lines and '+ run: ["/bin/web2"]' in lines
    assert "  name: web" in lines and "db-1 moved from n2 to n1" in lines
    assert declaring.run("delete", "--dry-run", "web").stdout.startswith("service web _http._tcp deleted")
    assert declaring.run("place", "--dry-run", "--none", "web-1").stdout == "web-1 taken from n1\n"
    assert declaring.apply(PAIR, "--dry-run").stdout == "no differences\n"
    assert (declaring.serial(), declaring.records()) == (serial, records)


def test_prune_by_files_that_declare_nothing_is_a_mistake(declaring):
    declaring.apply(WEB)
    serial = declaring.serial()
    done = declaring.apply("service: []\n", "--prune", "--yes", status=1)
    assert "nothing is declared" in done.stderr and "--force" in done.stderr
    assert declaring.serial() == serial
    declaring.apply("service: []\n", "--prune", "--yes", "--force")
    assert declaring.owners() == []


def test_prune_asks_and_deletes_what_is_not_in_the_files(declaring):
    declaring.apply(PAIR + "schema: {old: {}}\n")
    done = declaring.apply(WEB, "--prune", status=2)
    assert "service db _db._tcp deleted" in done.stderr and "--yes" in done.stderr
    assert len(declaring.owners()) == 5
    done = declaring.apply(WEB, "--prune", "--yes")
    assert "service db _db._tcp deleted" in done.stdout and "schema old deleted" in done.stdout
    # web was placed, and still is.
    assert declaring.owners() == ["_runs.n1.nodes web-1._http._tcp.lab.cloud.", "_spec.web-1._http._tcp"]


def test_what_others_use_is_deleted_only_by_force(declaring):
    declaring.apply(PAIR)
    done = declaring.run("delete", "db", status=1)
    assert "service db is used by service web" in done.stderr and "--force" in done.stderr
    assert len(declaring.owners()) == 4
    declaring.run("delete", "--force", "db")
    assert declaring.owners() == ["_runs.n1.nodes web-1._http._tcp.lab.cloud.", "_spec.web-1._http._tcp"]
    declaring.run("delete", "_http._tcp.lab.cloud")
    assert declaring.owners() == []
    assert "no service is declared" in declaring.run("delete", "web", status=1).stderr


def test_an_instance_is_placed_moved_and_taken(declaring):
    declaring.apply(WEB)
    for args, shown, owners in [
            (["web-1", "n1"], "web-1 placed on n1\n", ["_runs.n1.nodes web-1._http._tcp.lab.cloud."]),
            (["web-1", "n1"], "web-1 already on n1\n", ["_runs.n1.nodes web-1._http._tcp.lab.cloud."]),
            (["web-1._http._tcp", "n2"], "web-1 moved from n1 to n2\n",
             ["_runs.n2.nodes web-1._http._tcp.lab.cloud."]),
            (["--none", "web-1"], "web-1 taken from n2\n", [])]:
        assert declaring.run("place", *args).stdout == shown
        assert [owner for owner in declaring.owners() if owner.startswith("_runs")] == owners
    done = declaring.run("place", "web-1", "n9")
    assert "node n9 is not registered" in done.stderr
    for args in [["web-1"], ["--none", "web-1", "n1"]]:
        declaring.run("place", *args, status=2)
    assert "weft apply" in declaring.run("place", "web-7", "n1", status=1).stderr


# ---- what is refused ----

def test_all_errors_come_at_once_and_nothing_is_written(declaring):
    before = declaring.serial()
    done = declaring.apply("""\
service:
  - {name: a, type: _a._tcp, run: [/bin/a], uses: [nobody]}
  - {name: b, type: _a._tcp, run: [/bin/b], schema: missing}
  - {name: c, type: _a._tcp, run: [/bin/c], uses: [d]}
  - {name: d, type: _a._tcp, run: [/bin/d], uses: [c]}
  - {name: good, type: _a._tcp, run: [/bin/e]}
""", status=1)
    lines = done.stderr.splitlines()
    assert [line.split(": ")[1] for line in lines] == [f"services.yaml:{n}" for n in (2, 3, 4)]
    assert "uses nobody" in lines[0] and "schema missing" in lines[1] and "c uses d uses c" in lines[2]
    assert declaring.serial() == before


@pytest.mark.parametrize("text, complaint", [
    ("service: {name: a, type: http, run: [x]}\n", "services.yaml:1"),
    ("service: {name: a\n", "services.yaml:"),
    ("service: [" * 200, "services.yaml"),
    ("service: {name: a, type: _a._tcp, run: [x], what: 1}\n", "what"),
    ("service: {name: a, type: _a._tcp, run: [x], environment: {K: \"-----BEGIN PRIVATE KEY-----\"}}\n",
     "private key"),
    ("service: &a [*a]\n", "services.yaml"),
    ("\x00\x01\xff", "services.yaml"),
])
def test_hostile_files_are_errors(declaring, text, complaint):
    before = declaring.serial()
    done = declaring.apply(text, status=1)
    assert complaint in done.stderr and "Sanitizer" not in done.stderr
    assert declaring.serial() == before


def test_no_secret_is_in_the_zone(declaring):
    secret = declaring.folder / "secret"
    secret.write_text("hunter2\n")
    done = declaring.apply(WEB + f"    secret: {{PASSWORD: {secret}}}\n    environment: {{API_TOKEN: abc}}\n")
    assert "services.yaml:6: warning:" in done.stderr
    assert declaring.spec("web-1._http._tcp")["secret"] == {"PASSWORD": str(secret)}
    assert "hunter2" not in str(declaring.records())


def test_a_schema_that_is_only_in_the_zone_checks_and_may_not_break_what_is_declared(declaring):
    schema = "schema: {http: {properties: {parameters: {properties: {port: {type: %s}}}}}}\n"
    declaring.apply(schema % "integer" + WEB + "    schema: http\n    parameters: {port: 80}\n")
    done = declaring.apply(WEB.replace("web", "shop") + "    schema: http\n    parameters: {port: x}\n",
                           status=1)
    assert "services.yaml:2: service shop: /parameters/port" in done.stderr
    done = declaring.apply(schema % "string", status=1)
    assert "service web, which is declared in the zone, would be invalid" in done.stderr
    assert "/parameters/port" in done.stderr
    declaring.apply(schema % "string" + WEB + "    schema: http\n    parameters: {port: \"80\"}\n")
    assert "schema http is used" in declaring.run("delete", "schema/http", status=1).stderr


def test_other_keys_are_refused_with_what_to_do(declaring):
    issue(declaring.weftd, "n1")
    done = declaring.apply(WEB, key="n1", status=1)
    assert "REFUSED" in done.stderr and "admin" in done.stderr
    assert declaring.owners() == []


def test_without_a_key_apply_says_what_to_do(declaring):
    done = declaring.run("apply", "--domain", "lab.cloud", declaring.file(WEB), key="missing", status=1)
    assert "missing.key" in done.stderr
    environment = declaring.environment()
    del environment["WEFT_KEY_FILE"]
    done = subprocess.run([WEFT, "apply", "--domain", "lab.cloud", "services.yaml"], env=environment,
                          cwd=declaring.folder, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 1 and "WEFT_KEY_FILE" in done.stderr


def test_a_registry_that_is_away_is_3(declaring):
    declaring.weftd.stop()
    assert declaring.run("apply", "-t", "1", declaring.file(WEB), status=3).stderr


def test_what_others_wrote_to_the_zone_does_not_reach_the_terminal_as_it_is(declaring):
    """Names and keys with control characters, a damaged declaration."""
    declaring.weftd.key_path = declaring.weftd.folder / "admin.key"
    declaring.weftd.nsupdate(
        r'update add _spec.\027[31mx-1._http._tcp.lab.cloud. 5 TXT "x"',
        r'update add _spec.bad-1._http._tcp.lab.cloud. 5 TXT "{\"name\": \"bad\""',
        r'update add _spec.odd-1._http._tcp.lab.cloud. 5 TXT '
        r'"{\"name\":\"odd\",\"parameters\":{\"\\u001b[31m\":\"\\u001b[32m\"},\"run\":[\"x\"],'
        r'\"type\":\"_http._tcp\"}"')
    shown = [declaring.apply(WEB, "--dry-run", "--prune"), declaring.run("place", "bad-1", "n1"),
             declaring.apply(WEB, "--prune", "--yes")]
    assert "odd" in shown[0].stdout and "deleted" in shown[2].stdout
    for done in shown:
        assert "\x1b" not in done.stdout + done.stderr
    assert declaring.owners() == ["_spec.web-1._http._tcp"]


# ---- large ----

def large(name, letter, nchars=63000):
    return (f"  - {{name: {name}, type: _http._tcp, on: n1, name-resource: none, run: [/bin/x], "
            f"parameters: {{x: \"{letter * nchars}\"}}}}\n")


def test_a_declaration_of_63000_characters_is_written_and_replaced(declaring):
    for letter in "ab":
        declaring.apply("service:\n" + large("big", letter))
        assert declaring.spec("big-1._http._tcp")["parameters"]["x"] == letter * 63000
    before = declaring.serial()
    assert declaring.apply("service:\n" + large("big", "b")).stdout == "1 unchanged\n"
    done = declaring.apply("service:\n" + large("big", "b", 64000), status=1)
    assert "services.yaml:2" in done.stderr and "63988 octets" in done.stderr
    assert declaring.serial() == before


def test_what_does_not_fit_one_update_is_sent_in_several(declaring):
    text = "service:\n" + "".join(large(f"s{i}", "a", 40000) for i in range(4))
    done = json.loads(declaring.apply(text, "-j").stdout)
    assert done["updates"] > 1 and len(declaring.owners()) == 8
    # Each declaration is replaced by a message of its own, with what was before.
    done = json.loads(declaring.apply(text.replace("aaa", "aab"), "-j").stdout)
    assert [s["action"] for s in done["services"]] == ["changed"] * 4
    assert json.loads(declaring.apply(text.replace("aaa", "aab"), "-j").stdout)["updates"] == 0
    assert declaring.run("delete", "_http._tcp").returncode == 0
    assert declaring.owners() == []


def test_a_refusal_in_the_middle_takes_back_what_was_sent(make_weftd, tmp_path):
    """The zone takes sets of eight records; one of nine instances is sent after its declarations."""
    weftd, _ = fabric(make_weftd, ZONE)
    weftd.conf.write_text(weftd.conf.read_text().replace("    lease:", "    limits: {records: 8}\n    lease:"))
    folder = tmp_path / "services"
    folder.mkdir()
    declaring = Declaring(weftd.start(), folder)
    declaring.apply("service:\n" + large("s0", "a", 40000))
    before = declaring.records()
    text = "service:\n" + "".join(large(f"s{i}", "b", 40000) for i in range(9))
    done = declaring.apply(text, status=1)
    assert "has not taken the update" in done.stderr and "was taken back" in done.stderr
    assert declaring.records() == before


def test_1000_services_are_declared_at_once(declaring):
    text = "service:\n" + "".join(
        f"  - {{name: s{i}, type: _http._tcp, on: m{i % 20}, run: [/bin/x, $WEFT_PORT], port: auto}}\n"
        for i in range(1000))
    done = json.loads(declaring.apply(text, "-j").stdout)
    assert len(done["services"]) == 1000 and done["updates"] < 20
    assert len(declaring.owners()) == 2000
    assert declaring.apply(text).stdout == "1000 unchanged\n"
    declaring.run("delete", "_http._tcp")
    assert declaring.owners() == []


# ---- at the same time ----

def test_two_that_apply_different_files_leave_one_of_both_whole(declaring):
    """Each file changes all services; whatever the order, the zone has those of one file."""
    files = []
    for name in "ab":
        text = "service:\n" + "".join(f"  - {{name: s{i}, type: _http._tcp, on: n1, name-resource: none, "
                                      f"run: [/bin/{name}]}}\n" for i in range(40))
        files.append(declaring.file(text, f"{name}.yaml"))
    for _ in range(10):
        both = [declaring.start("apply", file) for file in files]
        for process in both:
            process.communicate(timeout=LIMIT_S)
        assert [process.returncode for process in both] == [0, 0]
        found = {re.search(r"/bin/(.)", data)[1] for _, kind, data in declaring.records() if kind == "TXT"}
        assert len(found) == 1
    assert len(declaring.owners()) == 80


def test_two_that_place_an_instance_leave_it_on_one_node(declaring):
    declaring.apply(WEB)
    for _ in range(10):
        both = [declaring.start("place", "web-1", node) for node in ("n1", "n2")]
        for process in both:
            process.communicate(timeout=LIMIT_S)
        assert [process.returncode for process in both] == [0, 0]
        assert len([owner for owner in declaring.owners() if owner.startswith("_runs")]) == 1
        declaring.run("place", "--none", "web-1")


def test_a_zone_that_others_change_all_the_time_is_changed(declaring):
    """Large declarations, deletions and places require that the zone is as it was read."""
    is_over = threading.Event()
    key = issue(declaring.weftd, "admin")

    def disturb():
        n = 0
        while not is_over.wait(0.02):
            n += 1
            updates.send(declaring.weftd, updates=[f"x{n % 50}.nodes 60 IN A 192.0.2.{n % 250}"], key=key)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for letter in "abc":
            declaring.apply("service:\n" + large("big", letter, 50000))
            declaring.run("place", "--force", "big-1", "n2")
        declaring.run("delete", "big")
    finally:
        is_over.set()
        thread.join()
    assert declaring.owners() == []


# ---- completion ----

def test_names_of_the_zone_are_completed(declaring):
    declaring.apply(PAIR)
    for words, names in [(["delete", ""], {"web", "db", "_http._tcp", "_db._tcp"}),
                         (["place", "w"], {"web-1"}), (["place", "web-1", "n"], {"n1", "n2"})]:
        assert set(declaring.run("--complete", *words).stdout.split()) == names
    assert "--prune" in declaring.run("--complete", "apply", "--").stdout


def test_with_json_a_failure_has_all_its_errors(declaring):
    bad = WEB.replace("_http._tcp", "http") + "    prot: 80\n"
    answer = json.loads(declaring.apply(bad, "-j", status=1).stdout)
    assert answer["ok"] is False and answer["error"] == answer["errors"][0]
    assert [text.split(":")[:2] for text in answer["errors"]] == \
        [["services.yaml", "3"], ["services.yaml", "5"]], answer
    for command in (["delete", "nothing"], ["place", "nothing", "n1"]):
        assert json.loads(declaring.run(*command, "-j", status=1).stdout)["ok"] is False
