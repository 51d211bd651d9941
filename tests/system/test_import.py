# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft import: what real servers, BIND and Knot, were configured with and have written becomes a
configuration that weftd serves; what has no equivalent is named with file and line."""

import contextlib
import shutil
import subprocess

import pytest

from conftest import SECRET, WEFT, WEFTD, Weftd
from loopback import free_address, free_port
from waiting import LIMIT_S, wait_for

ZONE = """\
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 10
@ NS ns
ns A 127.0.0.1
"""
SECRET2 = "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItMSE="

NAMED = """\
options {
	directory "%(folder)s";
	listen-on port %(port)d { %(address)s; };
	listen-on-v6 { none; };
	pid-file none;
	recursion no; dnssec-validation no;		// a comment
	session-keyfile none;
	allow-transfer { key full; 10.1.0.0/16; };
};
include "more.conf";
/* A comment of
   two lines; { */
acl hosts { 10.0.0.0/8; 192.0.2.1; };
controls { inet %(address)s port %(control)d allow { any; } keys { full; }; };
zone "lab.cloud" IN {
	type primary;
	file "lab.cloud.zone";
	update-policy {
		grant full zonesub ANY;
		grant host subdomain h.lab.cloud. A AAAA TXT;
		grant host tcp-self . PTR;
	};
};
zone "two.cloud" { type master; file "two.cloud.zone"; allow-update { key host; hosts; };
	allow-transfer { none; }; notify no; };
zone "raw.cloud" { type primary; file "raw.cloud.zone"; masterfile-format raw; };
zone "other.cloud" { type secondary; primaries { 192.0.2.7; }; file "other"; };
"""

# The lines that the import of it must name, and words of the reasons.
NAMED_LEFT = {"named.conf:6:": "recursion", "named.conf:7:": "session-keyfile",
              "named.conf:15:": "by a key or from an address", "named.conf:21:": "tcp-self", "named.conf:13:": "by address",
              "named.conf:25:": "NOTIFY", "named.conf:26:": "masterfile-format",
              "named.conf:27:": "type secondary", "raw.cloud.zone:1:": "named-compilezone"}


def keys():
    return "".join(f'key "{name}" {{ algorithm hmac-sha256; secret "{secret}"; }};\n'
                   for name, secret in (("full", SECRET), ("host", SECRET2)))


def key_file(folder, name):
    path = folder / f"{name}.key"
    path.write_text(next(line for line in keys().splitlines() if f'"{name}"' in line) + "\n")
    return path


def nsupdate(folder, where, zone, key, line):
    text = f"server {where[0]} {where[1]}\nzone {zone}\nupdate add {line}\nsend\n"
    return subprocess.run(["nsupdate", "-k", str(key_file(folder, key))], input=text,
                          capture_output=True, text=True, timeout=LIMIT_S).stderr


def dig(where, *args):
    return subprocess.run(["dig", f"@{where[0]}", "-p", str(where[1]), "+short", "+time=2", "+tries=1",
                           *args], capture_output=True, text=True, timeout=LIMIT_S).stdout


@contextlib.contextmanager
def running(command, where, folder):
    """A server that answers for lab.cloud; it is killed at the end."""
    with open(folder / "server.log", "ab") as log, \
            subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process:
        try:
            wait_for(lambda: process.poll() is not None or dig(where, "lab.cloud", "SOA").startswith("ns"),
                     "server")
            assert process.poll() is None, (folder / "server.log").read_text()
            yield process
        finally:
            process.kill()


def imported(kind, conf, folder, *args):
    """Imports into the folder. Returns what was named as left out."""
    done = subprocess.run([WEFT, "import", kind, str(conf), "-o", str(folder), *args],
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    return done.stderr


@contextlib.contextmanager
def served(folder):
    """A weftd with the configuration that was imported into the folder, on an address of its own."""
    weftd = Weftd.__new__(Weftd)
    weftd.folder, weftd.conf = folder, folder / "weftd.conf"
    weftd.address, weftd.port = free_address()
    weftd.socket, weftd.log_path, weftd.is_sound = folder / "weftd.sock", folder / "log", False
    (folder / "state").mkdir()
    lines = weftd.conf.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("  listen:"))
    lines[at] = (f'  listen: ["{weftd.address}@{weftd.port}"]\n  state-dir: state\n'
                 "  control: weftd.sock\n  workers: 1")
    weftd.conf.write_text("\n".join(lines) + "\n")
    weftd.start()
    try:
        yield weftd
    finally:
        assert weftd.stop() == 0


def check_keys(old, weftd):
    """The keys may what they could before."""
    def change(*args):
        return nsupdate(old, weftd.where, *args)

    assert change("lab.cloud", "full", "a.lab.cloud 60 A 10.0.0.9") == ""
    assert change("lab.cloud", "host", "x.h.lab.cloud 60 A 10.0.0.8") == ""
    assert "REFUSED" in change("lab.cloud", "host", "b.lab.cloud 60 A 10.0.0.9")
    assert "REFUSED" in change("lab.cloud", "host", "x.h.lab.cloud 60 MX 1 a.lab.cloud.")
    assert change("two.cloud", "host", "b.two.cloud 60 A 10.0.0.9") == ""
    assert "REFUSED" in change("two.cloud", "full", "c.two.cloud 60 A 10.0.0.9")
    transfer = dig(weftd.where, "-k", str(key_file(old, "full")), "lab.cloud", "AXFR")
    assert "10.0.0.9" in transfer
    assert "10.0.0.9" not in dig(weftd.where, "-k", str(key_file(old, "full")), "two.cloud", "AXFR")


@pytest.mark.skipif(shutil.which("named") is None, reason="named is not installed")
def test_bind_is_imported_with_all_that_it_has(tmp_path):
    old, new = tmp_path / "bind", tmp_path / "weft"
    old.mkdir(mode=0o755)
    new.mkdir()
    # named listens only on addresses that an interface has.
    where, control = ("127.0.0.1", free_port()), free_port()
    for name in ("lab.cloud", "two.cloud", "raw.text"):
        (old / f"{name}.zone").write_text(ZONE)
    subprocess.run(["named-compilezone", "-F", "raw", "-o", str(old / "raw.cloud.zone"), "raw.cloud",
                    str(old / "raw.text.zone")], check=True, capture_output=True, timeout=LIMIT_S)
    (old / "more.conf").write_text(keys())
    conf = old / "named.conf"
    conf.write_text(NAMED % {"folder": old, "address": where[0], "port": where[1],
                             "control": control})
    real = old / "real.conf"    # nothing is fetched
    real.write_text("".join(line for line in conf.read_text().splitlines(True)
                            if "secondary" not in line))
    with running(["named", "-n", "1", "-g", "-c", str(real)], where, old):
        assert nsupdate(old, where, "lab.cloud", "full", "new.lab.cloud 60 A 10.0.0.1") == ""
        assert dig(where, "new.lab.cloud", "A") == "10.0.0.1\n"
        wait_for((old / "lab.cloud.zone.jnl").exists, "journal")
        left = imported("bind", conf, new)
        for place, why in NAMED_LEFT.items():
            assert any(place in line and why in line for line in left.splitlines()), (place, why, left)
        assert "lab.cloud.zone.jnl is BIND's journal" in left and "rndc sync -clean" in left
        # This is what the message asks for. Then the journal is gone, and the zone file is complete.
        subprocess.run(["rndc", "-s", where[0], "-p", str(control), "-k", str(key_file(old, "full")),
                        "sync", "-clean"], check=True, capture_output=True, timeout=LIMIT_S)
        wait_for(lambda: "new" in (old / "lab.cloud.zone").read_text(), "complete zone file")
    done = subprocess.run([WEFT, "import", "bind", str(conf), "-o", str(new)], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode == 1 and "--force" in done.stderr
    assert "journal" not in imported("bind", conf, new, "--force")
    assert (new / "weftd.conf").stat().st_mode & 0o777 == 0o600
    # The raw file is all that keeps it from being served as it is.
    done = subprocess.run([WEFTD, "-t", "-c", str(new / "weftd.conf")], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "raw format" in done.stderr
    shutil.copy(old / "raw.text.zone", old / "raw.cloud.zone")
    with served(new) as weftd:
        assert weftd.dig("new.lab.cloud", "A") == "10.0.0.1\n"
        check_keys(old, weftd)


KNOT = """\
# A comment.
server:
    rundir: "%(folder)s"
    listen: [ %(address)s@%(port)d ]
database:
    storage: "%(folder)s"
key:
  - id: full
    algorithm: hmac-sha256
    secret: %(secret)s
  - id: host
    algorithm: hmac-sha256
    secret: %(secret2)s
acl:
  - id: all
    key: full
    action: [update, transfer]
  - id: hosts
    key: host
    action: update
    update-type: [A, AAAA, TXT]
    update-owner: name
    update-owner-name: h
  - id: two
    key: host
    action: update
  - id: near
    address: 127.0.0.0/8
    action: update
template:
  - id: default
    storage: "%(folder)s"
    file: "%%s.zone"
    zonefile-sync: -1
zone:
  - domain: lab.cloud
    acl: [all, hosts]
  - domain: two.cloud
    acl: [two, near]
include: more.conf
"""
KNOT_LEFT = {"knot.conf:3:": "rundir", "knot.conf:27:": "by address", "knot.conf:5:": "database",
             "knot.conf:34:": "zonefile-sync", "more.conf:2:": "secondary", "knot.conf:36:": "Knot's journal"}


@pytest.mark.skipif(shutil.which("knotd") is None, reason="knotd is not installed")
def test_knot_is_imported_with_all_that_it_has(tmp_path):
    old, new = tmp_path / "knot", tmp_path / "weft"
    old.mkdir()
    new.mkdir()
    where = free_address()
    for name in ("lab.cloud", "two.cloud"):
        (old / f"{name}.zone").write_text(ZONE)
    (old / "more.conf").write_text("zone:\n  - domain: other.cloud\n    master: away\n"
                                   "remote:\n  - id: away\n    address: 192.0.2.7\n")
    conf = old / "knot.conf"
    conf.write_text(KNOT % {"folder": old, "address": where[0], "port": where[1], "secret": SECRET,
                            "secret2": SECRET2})
    real = old / "real.conf"    # Knot reads remotes before the zones that use them
    real.write_text(conf.read_text().replace("include: more.conf\n", ""))
    with running(["knotd", "-c", str(real)], where, old):
        assert nsupdate(old, where, "lab.cloud", "full", "new.lab.cloud 60 A 10.0.0.1") == ""
        assert dig(where, "new.lab.cloud", "A") == "10.0.0.1\n"
        assert "new" not in (old / "lab.cloud.zone").read_text()
        left = imported("knot", conf, new)
        for place, why in KNOT_LEFT.items():
            assert any(place in line and why in line for line in left.splitlines()), (place, why, left)
        subprocess.run(["knotc", "-c", str(real), "-s", str(old / "knot.sock"), "-b", "-f", "zone-flush"],
                       check=True, capture_output=True, timeout=LIMIT_S)
    assert "new" in (old / "lab.cloud.zone").read_text()
    with served(new) as weftd:
        assert weftd.dig("new.lab.cloud", "A") == "10.0.0.1\n"
        check_keys(old, weftd)


# ---- without a server ----

@pytest.mark.parametrize("acls, keys, addresses, named", [
    ("both", True, True, False), ("[both, key]", True, False, True), ("[key, address]", True, False, True),
    ("address", False, True, False), ("key", True, False, False), ("[no, key]", False, False, True),
])
def test_transfers_of_knot_are_never_wider(tmp_path, acls, keys, addresses, named):
    (tmp_path / "z.cloud.zone").write_text(ZONE)
    (tmp_path / "conf").write_text(
        "acl:\n  - id: both\n    key: k\n    address: 10.0.0.0/8\n    action: transfer\n"
        "  - id: key\n    key: l\n    action: transfer\n"
        "  - id: address\n    address: 192.0.2.0/24\n    action: transfer\n"
        "  - id: no\n    address: 192.0.2.0/24\n    action: transfer\n    deny: on\n"
        f"zone:\n  - domain: z.cloud\n    storage: {tmp_path}\n    acl: {acls}\n")
    done = subprocess.run([WEFT, "import", "knot", str(tmp_path / "conf")], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert (" key: " in done.stdout, "address: " in done.stdout, done.stderr != "") == (keys, addresses, named)


def import_text(tmp_path, text, kind="bind"):
    path = tmp_path / "conf"
    path.write_text(text)
    return subprocess.run([WEFT, "import", kind, str(path)], capture_output=True, text=True,
                          timeout=LIMIT_S)


@pytest.mark.parametrize("kind, text, says", [
    ("bind", "options {", "conf:1: a block does not end"),
    ("bind", 'key "a\n', "does not end"),
    ("bind", "options { }; }\n", "closes nothing"),
    ("bind", "{" * 100, "too deep"),
    ("bind", 'include "conf";\n', "too deep"),
    ("bind", "", "no statements"),
    ("knot", "server\n", "conf:1: not an option with a colon"),
    ("knot", "  listen: a\n", "outside of a section"),
    ("knot", "server:\n  listen: [a, b\n", "conf:2: a list does not end"),
    ("knot", "include: conf\n", "too deep"),
    ("knot", "", "no sections"),
])
def test_what_is_not_understood_is_an_error_with_its_line(tmp_path, kind, text, says):
    done = import_text(tmp_path, text, kind)
    assert done.returncode == 1 and says in done.stderr, done.stderr
    assert done.stdout == ""


def test_a_zone_without_a_name_is_left_out(tmp_path):
    done = import_text(tmp_path, 'acl:\n  - id: a\n    action: update\n    key: k\n    update-owner: zone\n'
                                 'zone:\n  - domain: ""\n    acl: a\n', "knot")
    assert done.returncode == 0 and "zone:" not in done.stdout
    assert "conf:7: a zone without a domain is left out" in done.stderr


def test_nothing_is_permitted_that_was_denied(tmp_path):
    (tmp_path / "z").write_text(ZONE)
    done = import_text(tmp_path, 'zone "z.cloud" { type primary; file "z"; update-policy {\n'
                                 "grant a zonesub A;\ndeny b krb5-self . A;\ngrant * zonesub A; };\n"
                                 "allow-transfer { key k; !10.0.0.1; any; }; };\n")
    assert done.returncode == 0
    assert '"grant a zonesub A"' in done.stdout and "zonesub" not in done.stdout.replace("a zonesub", "")
    assert "conf:3:" in done.stderr and "conf:4:" in done.stderr and "exclusion" in done.stderr
    assert "0.0.0.0" not in done.stdout


def test_short_prefixes_are_completed_and_an_unknown_algorithm_is_named(tmp_path):
    (tmp_path / "z").write_text(ZONE)
    done = import_text(tmp_path, 'key old { algorithm hmac-md5; secret "AAAA"; };\n'
                                 'zone "z.cloud" { type primary; file "z"; allow-transfer {\n'
                                 "10/8; 172.16/12; 192.168.7/24; 10.1.2.3; fd00::/8; }; };\n")
    assert "conf:1: key old: weftd does not have hmac-md5" in done.stderr
    assert ('address: ["10.0.0.0/8", "172.16.0.0/12", "192.168.7.0/24", "10.1.2.3", "fd00::/8"]'
            in done.stdout)


def test_a_view_and_a_local_policy_are_named(tmp_path):
    (tmp_path / "z").write_text(ZONE)
    done = import_text(tmp_path, 'view "inside" { match-clients { any; };\nzone "z.cloud" { type primary;'
                                 ' file "z";\nupdate-policy local; dnssec-policy default; }; };\n')
    assert '- name: "z.cloud"' in done.stdout
    assert "conf:1: view inside" in done.stderr
    assert "conf:3: zone z.cloud: update-policy local" in done.stderr
    assert "dnssec-policy: weftd does not sign" in done.stderr


def test_scripts_get_json(tmp_path):
    (tmp_path / "z").write_text(ZONE)
    path = tmp_path / "conf"
    path.write_text('zone "z.cloud" { type primary; file "z"; };\nserver 192.0.2.1 { };\n')
    done = subprocess.run([WEFT, "-j", "import", "bind", str(path)], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0 and done.stderr == ""
    assert '"zones": 1' in done.stdout and "conf:2: server is left out" in done.stdout
