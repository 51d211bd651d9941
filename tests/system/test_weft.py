# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The command line: usage, exit statuses, keys. Commands that ask a running weftd are in
test_control.py."""

import base64
import json
import pathlib
import select
import socket
import stat
import subprocess
import threading

import pytest

from conftest import WEFT
from waiting import LIMIT_S


def weft(*args):
    return subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=20)


def test_help_lists_every_command_and_succeeds():
    done = weft("--help")
    assert done.returncode == 0
    for command in ("status", "stats", "log LEVEL", "reload", "stop", "zone list", "zone status",
                    "zone reload", "zone dump", "zone checkpoint", "zone purge ZONE",
                    "key generate", "fabric init NAME",
                    "fabric show", "fabric export", "fabric rotate", "key issue NAME", "key revoke KEY",
                    "key restore KEY", "key list", "key usage [KEY]"):
        assert command in done.stdout


def test_version_is_one_line():
    done = weft("-V")
    assert done.returncode == 0
    assert done.stdout.startswith("weft ")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("args", [
    [], ["frobnicate"], ["zone"], ["zone", "frobnicate"], ["key", "generate"], ["log"],
    ["status", "more"], ["--frobnicate"], ["status", "-o", "file"],
    ["key", "generate", "a..b"], ["key", "generate", "a", "md4"],
])
def test_wrong_usage_ends_with_2_and_a_reason(args):
    done = weft(*args)
    assert done.returncode == 2
    assert done.stderr


def test_without_a_weftd_commands_end_with_1(tmp_path):
    done = weft("-s", str(tmp_path / "none.sock"), "status")
    assert done.returncode == 1
    assert "no weftd answers" in done.stderr


def test_a_bad_config_is_reported_with_its_line(tmp_path):
    conf = tmp_path / "weftd.conf"
    conf.write_text("server:\n  control: [a, b]\n")
    done = weft("-c", str(conf), "status")
    assert done.returncode == 1
    assert f"{conf}:2: control is a path, not a list" in done.stderr
    conf.write_text("server:\n  control: a: b\n")
    done = weft("-c", str(conf), "status")
    assert done.returncode == 1
    assert f"{conf}:2: syntax, column 13: " in done.stderr


@pytest.mark.parametrize("more", [
    "zone: [{name: a\n", "zone:\n\t- name: a\n", "include: nowhere.conf\n", "key: a: b\n",
    "zone:\n  - name: b\n    file: [0.0.0.0@53, ::@53]\n\nkey: {}\n", "...\n---\na: 1\n",
    "server: {update-queue: x}\n"])
def test_an_error_elsewhere_does_not_hide_the_socket(tmp_path, more):
    conf = tmp_path / "weftd.conf"
    conf.write_text(f"server:\n  control: {tmp_path}/none.sock\n  listen: ''\n{more}")
    done = weft("-c", str(conf), "status")
    assert (done.returncode, done.stderr) == (
        1, f"weft: no weftd answers at {tmp_path}/none.sock: No such file or directory\n")
    done = weft("-c", str(tmp_path / "none.conf"), "status")
    assert (done.returncode, done.stderr) == (
        1, f"weft: {tmp_path}/none.conf: cannot be read: No such file or directory\n")


def test_options_that_only_weftd_needs_are_not_read(tmp_path):
    """People who may use the socket need not be able to read the keys, nor mend the rest."""
    conf, part = tmp_path / "weftd.conf", tmp_path / "part.conf"
    part.write_text(f"server: {{wrokers: 1, control: {tmp_path}/none.sock}}\n")
    conf.write_text("include: part.conf\nkey: {secret-file: nowhere}\nzone: [{name: a..b}]\n")
    done = weft("-c", str(conf), "status")
    assert done.returncode == 1
    assert f"no weftd answers at {tmp_path}/none.sock" in done.stderr


@pytest.mark.parametrize("algorithm,nbytes", [
    ("hmac-sha1", 20), ("hmac-sha224", 28), ("hmac-sha256", 32), ("hmac-sha384", 48),
    ("hmac-sha512", 64)])
def test_a_generated_key_is_read_by_bind_and_has_the_length_of_its_hash(tmp_path, algorithm, nbytes):
    path = tmp_path / "one.key"
    assert weft("key", "generate", "one.lab.cloud", algorithm, "-o", str(path)).returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert f'key "one.lab.cloud" {{\n\talgorithm {algorithm};\n' in path.read_text()
    done = subprocess.run(["nsupdate", "-k", str(path)], input="", capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run(["named-checkconf", str(path)], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout
    secret = path.read_text().split('secret "')[1].split('"')[0]
    assert len(base64.b64decode(secret)) == nbytes


def test_two_keys_have_two_secrets_also_in_json():
    one, two = (json.loads(weft("key", "generate", "a", "--json").stdout) for _ in range(2))
    assert one["name"] == "a." and one["algorithm"] == "hmac-sha256"
    assert one["secret"] != two["secret"]


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    path = pathlib.Path(tmp_path / "one.key")
    path.write_text("precious")
    done = weft("key", "generate", "a", "-o", str(path))
    assert done.returncode == 1
    assert path.read_text() == "precious"


class Pretender(threading.Thread):
    """Answers one request on a control socket with a given answer."""

    def __init__(self, path, answer):
        super().__init__(daemon=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.settimeout(LIMIT_S)
        self.server.bind(str(path))
        self.server.listen()
        self.answer = answer
        self.start()

    def run(self):
        with self.server, self.server.accept()[0] as client:
            client.settimeout(LIMIT_S)
            self.request = json.loads(client.makefile().readline())
            if self.answer is not None:
                client.sendall(json.dumps(self.answer).encode() + b"\n")


def ask(tmp_path, answer, *args):
    path = tmp_path / "sock"
    pretender = Pretender(path, answer)
    done = weft("-s", str(path), *args)
    pretender.join(20)
    return done, pretender.request


def test_words_after_the_command_are_its_arguments(tmp_path):
    done, request = ask(tmp_path, {"ok": True, "result": None}, "zone", "reload", "a", "b")
    assert (done.returncode, done.stdout) == (0, "")
    assert request == {"command": "zone reload", "args": ["a", "b"]}


def test_values_are_shown_as_lines_and_tables(tmp_path):
    result = {"version": "0.1.0", "zones": 2, "idle": True, "names": ["a", "b"], "none": None,
              "types": {"A": 12, "SRV": 3},
              "zone": [{"name": "lab.cloud.", "serial": 7, "file": "x"},
                       {"name": "b.", "serial": 4294967295, "file": "lab.zone"}]}
    done, _ = ask(tmp_path, {"ok": True, "result": result}, "stats")
    assert done.stdout == """\
version  0.1.0
zones    2
idle     yes
names    a b
none     -
types:
  A    12
  SRV  3
zone:
  name            serial  file
  lab.cloud.           7  x
  b.          4294967295  lab.zone
"""


def test_json_is_the_answer_of_weftd(tmp_path):
    done, _ = ask(tmp_path, {"ok": True, "result": ["a.", "b."]}, "zone", "list", "--json")
    assert json.loads(done.stdout) == ["a.", "b."]


def test_a_failure_ends_with_1_and_its_reason(tmp_path):
    done, _ = ask(tmp_path, {"ok": False, "error": "no luck today"}, "stats")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "weft: no luck today\n")
    (tmp_path / "sock").unlink()
    done, _ = ask(tmp_path, {"ok": False, "error": "no luck today"}, "stats", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"ok": False, "error": "no luck today",
                                       "errors": ["no luck today"]}
    assert done.stdout.endswith("}\n")


def test_a_usage_ends_where_it_ends():
    assert weft("status", "more").stderr == "weft: usage: weft status\n"
    assert weft("log").stderr == "weft: usage: weft log LEVEL\n"
    assert weft("drain", *["i"] * 1001).stderr == "weft: drain takes at most 1000 names at once\n"


def test_a_group_of_commands_shows_its_own_usage():
    done = weft("zone")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: weft [OPTION...] zone COMMAND [ARGUMENT...]\n")
    names = {" ".join(line.split()[:2]) for line in done.stderr.splitlines()[2:]}
    assert {"zone list", "zone status", "zone purge"} <= names
    assert all(name.startswith("zone ") for name in names)
    for args in ["help", "zone"], ["zone", "--help"], ["--help", "zone"]:
        shown = weft(*args)
        assert (shown.returncode, shown.stdout) == (0, done.stderr)


def test_a_command_shows_its_own_usage():
    done = weft("zone", "dump", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: weft [OPTION...] zone dump ZONE\n\n  write a whole zone")
    assert "--output" in done.stdout and "--socket" in done.stdout
    assert "--passphrase" not in done.stdout and "zone list" not in done.stdout
    assert weft("help", "zone", "dump").stdout == done.stdout
    assert weft("help").stdout == weft("--help").stdout
    assert weft("help", "frobnicate").returncode == 2


@pytest.mark.parametrize("args,message", [
    (["lease", "extend", "n", "-5"], "-5 is negative, which no value may be"),
    (["lease", "extend", "n", "-55"], "-55 is negative, which no value may be"),
    (["lease", "extend", "n", "1x"], 'invalid duration "1x": expected seconds, or a number with '
     "one of the units s, m, h, d, w"),
    (["-t", "-5", "status"], 'invalid timeout "-5": expected seconds, or a number with one of the '
     "units s, m, h, d, w"),
    (["-t", "99w", "status"], 'invalid timeout "99w": it is from 0 to 1000000 seconds'),
    (["status", "-t"], "-t needs a value; see weft help"),
    (["--timeout"], "--timeout needs a value; see weft help"),
    (["--frobnicate", "status"], "unknown option --frobnicate; see weft help"),
    (["-jx", "status"], "unknown option -jx; see weft help"),
    (["zone", "frobnicate"], "unknown command zone frobnicate; see weft help"),
    (["zone", "purge", "a"], "zone purge cannot be undone: without a terminal to ask it needs "
     "--yes"),
])
def test_wrong_usage_is_named(args, message):
    done = subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S,
                          stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"weft: {message}\n")


def test_json_is_whole_without_a_result_and_without_a_weftd(tmp_path):
    done, _ = ask(tmp_path, {"ok": True, "result": None}, "reload", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"ok": True})
    done = weft("-s", str(tmp_path / "none.sock"), "--json", "status")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["ok"] is False and "no weftd answers" in answer["error"]
    assert done.stderr == f"weft: {answer['error']}\n"


@pytest.mark.parametrize("answer", [None, [], {"ok": 1}])
def test_an_answer_that_is_none_is_a_failure(tmp_path, answer):
    done, _ = ask(tmp_path, answer, "stats")
    assert done.returncode == 1
    assert done.stderr


@pytest.fixture
def silent(tmp_path):
    """The path of a control socket on which nothing is ever answered, and the listener."""
    path = str(tmp_path / "sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.settimeout(LIMIT_S)
        listener.bind(path)
        listener.listen(0)
        yield path, listener


def test_a_weftd_that_is_stuck_is_not_waited_for_without_end(silent):
    done = weft("-s", silent[0], "-t", "1", "status")
    assert done.returncode == 1
    assert "has not answered within 1 s" in done.stderr


def test_a_weftd_that_takes_no_connection_is_not_waited_for_without_end(silent):
    with socket.socket(socket.AF_UNIX) as first:
        first.connect(silent[0])
        done = weft("-s", silent[0], "--timeout=1", "status")
    assert done.returncode == 1
    assert "no weftd answers" in done.stderr and "timed out" in done.stderr


def test_a_weftd_that_dies_is_seen_at_once(silent):
    """Whether weftd had accepted the connection or not."""
    with subprocess.Popen([WEFT, "-s", silent[0], "-t", "0", "status"], stderr=subprocess.PIPE,
                          text=True) as process:
        taken, _ = silent[1].accept()
        taken.settimeout(LIMIT_S)
        assert taken.recv(1)
        with subprocess.Popen([WEFT, "-s", silent[0], "-t", "0", "status"],
                              stderr=subprocess.PIPE, text=True) as waiting:
            assert select.select([silent[1]], [], [], 20)[0]
            silent[1].close()
            assert waiting.communicate(timeout=20)[1]
            assert waiting.returncode == 1
        taken.close()
        assert "hung up" in process.communicate(timeout=20)[1]
        assert process.returncode == 1


@pytest.mark.parametrize("text", ["", "x", "-1", "1x", "99999999999999999999"])
def test_a_timeout_is_a_number_of_seconds(silent, text):
    assert weft("-s", silent[0], f"--timeout={text}", "status").returncode == 2
