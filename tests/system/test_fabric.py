# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Fabric keys: generated, issued, accepted by weftd without a list, revoked, rotated."""

import base64
import datetime
import hashlib
import json
import os
import pty
import re
import select
import stat
import struct
import subprocess
import time

import dns.dnssec
import dns.rdata
import pytest

import updates
import wire
from conftest import WEFT
from waiting import LIMIT_S, attempts, wait_for

POLICY = 'update: {policy: ["grant *.keys.lab.cloud. zonesub A AAAA TXT"]}'


def weft(folder, *args, check=True, env=None):
    done = subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S, cwd=folder,
                          stdin=subprocess.DEVNULL, start_new_session=True,
                          env={**os.environ, **(env or {})})
    assert not check or done.returncode == 0, done.stderr
    return done


def fabric(weftd, name="lab.cloud", options="", issue=()):
    """A weftd with a fabric, and files NAME.key with keys of the fabric."""
    weft(weftd.folder, "fabric", "init", name)
    for key in issue:
        issued(weftd, key)
    more = f"fabric:\n  - {{name: {name}, key-file: {name}.fabric{options}}}\n"
    weftd.zone()
    return weftd.configure(zones={"lab.cloud": POLICY}, more=more)


def issued(weftd, name, *args, file="lab.cloud.fabric"):
    """Issues a key to NAME.key, and returns it."""
    path = weftd.folder / f"{name}.key"
    path.unlink(missing_ok=True)
    weft(weftd.folder, "key", "issue", name, "--fabric-file", file, "-o", str(path), *args)
    return read_key(path)


def read_key(path):
    found = re.match(r'key "([^"]+)" \{\n\talgorithm ([^;]+);\n\tsecret "([^"]+)";\n\};\n',
                     path.read_text())
    return updates.Key(found[1], found[3], found[2])


def nsupdate(weftd, key, *lines):
    """Updates with the key in NAME.key. Returns the errors of nsupdate, "" if there are none."""
    text = "\n".join([f"server {weftd.address} {weftd.port}", "zone lab.cloud", *lines, "send", ""])
    return subprocess.run(["nsupdate", "-k", str(weftd.folder / f"{key}.key")], input=text,
                          capture_output=True, text=True, timeout=LIMIT_S).stderr


def asked(weftd, key, algorithm=None):
    """The RCODE of an update signed with the key (a Key), the TSIG error, the reason."""
    reply = updates.Reply(updates.exchange(weftd, updates.signed(["x 60 IN TXT x"], key=key)[0]))
    return reply.rcode, reply.tsig.error if reply.tsig else None, reply.why


GOOD = ("NOERROR", 0, "")
BADSIG, BADKEY, BADTIME = 16, 17, 18


# ---- the file ----

def test_init_makes_a_file_for_the_owner_alone_and_never_over_another(tmp_path):
    shown = json.loads(weft(tmp_path, "--json", "fabric", "init", "lab.cloud").stdout)
    path = tmp_path / "lab.cloud.fabric"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert shown["name"] == "lab.cloud." and shown["epoch"] == 1 and shown["file"] == path.name
    before = path.read_text()
    done = weft(tmp_path, "fabric", "init", "lab.cloud", check=False)
    assert (done.returncode, "File exists" in done.stderr) == (1, True)
    assert path.read_text() == before
    assert sorted(os.listdir(tmp_path)) == ["lab.cloud.fabric"]


def test_files_in_a_folder_for_a_group_are_readable_by_this_group(tmp_path):
    group = 65534 if os.geteuid() == 0 else os.getegid()
    os.chown(tmp_path, -1, group)
    tmp_path.chmod(0o2750)
    weft(tmp_path, "fabric", "init", "lab.cloud")
    weft(tmp_path, "key", "issue", "n1", "-o", "n1.key")
    weft(tmp_path, "fabric", "rotate", "lab.cloud")
    for path in tmp_path.iterdir():
        assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_gid) == (0o640, group)
    tmp_path.chmod(0o2755)
    weft(tmp_path, "key", "issue", "n2", "-o", "n2.key")
    assert stat.S_IMODE((tmp_path / "n2.key").stat().st_mode) == 0o600


def test_show_has_the_public_half_as_key_and_dnskey_and_no_secret(tmp_path):
    weft(tmp_path, "fabric", "init", "lab.cloud")
    shown = json.loads(weft(tmp_path, "--json", "fabric", "show").stdout)
    public = shown["public"]
    assert len(base64.b64decode(public)) == 32
    assert shown["key"] == f"lab.cloud. 3600 IN KEY 0 3 15 {public}"
    assert shown["dnskey"] == f"lab.cloud. 3600 IN DNSKEY 257 3 15 {public}"
    dnskey = dns.rdata.from_text("IN", "DNSKEY", f"257 3 15 {public}")
    assert shown["key-tag"] == dns.dnssec.key_id(dnskey)
    assert abs(time.time() - time.mktime(time.strptime(shown["begun"], "%Y-%m-%dT%H:%M:%SZ"))
               + time.timezone) < 60
    secret = (tmp_path / "lab.cloud.fabric").read_text().split("secret plain ")[1].split()[0]
    exported = json.loads(weft(tmp_path, "--json", "fabric", "export").stdout)
    assert exported == {field: shown[field] for field in ("name", "key", "dnskey", "key-tag")}
    for command in (["show"], ["--json", "show"], ["export"]):
        *options, verb = command
        said = weft(tmp_path, *options, "fabric", verb, "lab.cloud")
        assert secret[44:] not in said.stdout + said.stderr
        assert public in said.stdout


def test_export_writes_records_that_other_programs_read(tmp_path):
    weft(tmp_path, "fabric", "init", "lab.cloud")
    weft(tmp_path, "fabric", "export", "--public", "lab.public")
    tag = json.loads(weft(tmp_path, "--json", "fabric", "show").stdout)["key-tag"]
    done = subprocess.run(["dnssec-dsfromkey", "-2", "-f", str(tmp_path / "lab.public"),
                           "lab.cloud"], capture_output=True, text=True, timeout=LIMIT_S)
    assert done.stdout.startswith(f"lab.cloud. IN DS {tag} 15 2 "), done.stderr


def test_a_sealed_file_asks_for_its_passphrase(tmp_path):
    (tmp_path / "right").write_text("correct horse\n")
    (tmp_path / "wrong").write_text("battery staple\n")
    weft(tmp_path, "fabric", "init", "lab.cloud", "--passphrase-file", "right")
    assert "secret argon2id " in (tmp_path / "lab.cloud.fabric").read_text()
    key = weft(tmp_path, "key", "issue", "n1", env={"WEFT_PASSPHRASE_FILE": "right"}).stdout
    assert weft(tmp_path, "key", "issue", "n1", "--passphrase-file", "right").stdout == key
    for args, why in (([], "no passphrase is given"),
                      (["--passphrase-file", "wrong"], "the passphrase is wrong"),
                      (["--passphrase-file", "none"], "none: No such file")):
        done = weft(tmp_path, "key", "issue", "n1", *args, check=False)
        assert (done.returncode, done.stdout) == (1, "") and why in done.stderr
    weft(tmp_path, "fabric", "rotate", "--passphrase-file", "right")
    assert "secret argon2id " in (tmp_path / "lab.cloud.fabric").read_text()
    assert "epoch         2" in weft(tmp_path, "fabric", "show").stdout


def typed(folder, lines, *args):
    """Runs weft at a terminal of its own and types one of the lines at each prompt. Returns the
    exit status and the terminal's output."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execv(WEFT, [WEFT, *args])
    shown, left = b"", list(lines)
    for _ in attempts("end of the program"):
        assert select.select([terminal], [], [], LIMIT_S)[0], shown
        try:
            shown += os.read(terminal, 1000)
        except OSError:
            break
        if left and shown.endswith(b": "):
            os.write(terminal, left.pop(0).encode() + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_a_passphrase_is_typed_twice_unseen_and_asked_for_again(tmp_path):
    status, shown = typed(tmp_path, ["one", "two"], "fabric", "init", "lab.cloud", "--passphrase")
    assert status == 1 and "the passphrases differ" in shown
    status, shown = typed(tmp_path, ["", ""], "fabric", "init", "lab.cloud", "--passphrase")
    assert status == 1 and "none was given" in shown
    assert os.listdir(tmp_path) == []
    status, shown = typed(tmp_path, ["s3same", "s3same"], "fabric", "init", "lab.cloud",
                          "--passphrase")
    assert status == 0 and "s3same" not in shown
    status, shown = typed(tmp_path, ["s3same"], "key", "issue", "n1")
    assert status == 0 and "s3same" not in shown and 'key "n1.keys.lab.cloud"' in shown
    status, shown = typed(tmp_path, ["another"], "key", "issue", "n1")
    assert status == 1 and "the passphrase is wrong" in shown


@pytest.mark.parametrize("change,why", [
    (lambda text: text.replace("epoch 1", "epoch 2"), "damaged"),
    (lambda text: text[:200], "cut short"),
    (lambda text: text.replace("weft-fabric 1", "weft-fabric 2"), "newer than this weft"),
    (lambda text: "key \"a\" {};\n", "not the file of a fabric"),
    (lambda text: "", "not the file of a fabric"),
])
def test_a_damaged_file_is_reported(tmp_path, change, why):
    weft(tmp_path, "fabric", "init", "lab.cloud")
    path = tmp_path / "lab.cloud.fabric"
    path.write_text(change(path.read_text()))
    for args in (["fabric", "show"], ["fabric", "rotate"], ["key", "issue", "n1"]):
        done = weft(tmp_path, *args, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert "lab.cloud.fabric" in done.stderr and why in done.stderr


def test_rotate_keeps_owner_and_mode_and_leaves_no_other_file(tmp_path):
    weft(tmp_path, "fabric", "init", "lab.cloud")
    path = tmp_path / "lab.cloud.fabric"
    path.chmod(0o640)
    os.chown(path, 65534, 65534) if os.getuid() == 0 else None
    before = path.stat()
    (tmp_path / "link").symlink_to(path.name)
    weft(tmp_path, "fabric", "rotate", "--file", "link")
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid,
                                                           before.st_gid)
    assert after.st_ino != before.st_ino and (tmp_path / "link").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["lab.cloud.fabric", "link"]


# ---- issuing ----

def test_the_key_is_derived_as_in_the_manual(tmp_path):
    weft(tmp_path, "fabric", "init", "lab.cloud")
    secret = (tmp_path / "lab.cloud.fabric").read_text().split("secret plain ")[1].split()[0]
    master = base64.b64decode(secret)[64:96]
    for algorithm, octets in (("hmac-sha256", 32), ("hmac-sha512", 64), ("hmac-sha384", 48),
                              ("hmac-sha224", 28), ("hmac-sha1", 20)):
        path = tmp_path / algorithm
        weft(tmp_path, "key", "issue", "N1", "--algorithm", algorithm, "-o", str(path))
        derived = hashlib.blake2b(
            b"weft fabric tsig v1\0" + struct.pack("!I", 1) + wire.name("n1.keys.lab.cloud")
            + wire.name(algorithm), digest_size=octets, key=master).digest()
        assert read_key(path).secret == base64.b64encode(derived).decode()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_way_to_write_the_name_is_the_same_key(tmp_path):
    weft(tmp_path, "fabric", "init", "lab.cloud")
    keys = {weft(tmp_path, "key", "issue", name).stdout
            for name in ("n1", "N1", "n1.keys.lab.cloud", "n1.keys.lab.cloud.",
                         "n1.KEYS.lab.cloud")}
    assert len(keys) == 1


@pytest.mark.parametrize("purpose,said", [
    ("nsupdate", "nsupdate -k"), ("external-dns", "--rfc2136-tsig-keyname=n1.keys.lab.cloud "),
    ("kea", '"key-name": "n1.keys.lab.cloud."'), ("acme.sh", "NSUPDATE_KEY="),
    ("certbot", "dns_rfc2136_name = n1.keys.lab.cloud."),
])
def test_hints_are_comments_of_a_key_file(tmp_path, purpose, said):
    weft(tmp_path, "fabric", "init", "lab.cloud")
    path = tmp_path / "n1.key"
    weft(tmp_path, "key", "issue", "n1", "--for", purpose, "-o", str(path))
    assert said in path.read_text()
    done = subprocess.run(["named-checkconf", str(path)], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("args", [
    ["fabric"], ["fabric", "init"], ["fabric", "init", "."], ["fabric", "init", "a..b"],
    ["fabric", "init", "a" * 61 + ("." + "a" * 61) * 3], ["key", "issue"],
    ["key", "issue", "n1.", "-f", "lab.cloud.fabric"],
    ["key", "issue", "keys.lab.cloud.", "-f", "lab.cloud.fabric"],
    ["key", "issue", "n1", "--algorithm", "hmac-md5"],
    ["key", "issue", "n1", "--algorithm", "hmac-sha256-128"], ["key", "issue", "n1", "--for", "x"],
    ["fabric", "show", "--algorithm", "hmac-sha1"], ["key", "revoke"], ["status", "--file", "x"],
])
def test_wrong_use_ends_with_2(tmp_path, args):
    weft(tmp_path, "fabric", "init", "lab.cloud")
    done = weft(tmp_path, *args, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


# ---- weftd ----

def test_any_key_of_the_fabric_is_taken_without_an_entry(make_weftd):
    weftd = fabric(make_weftd(), issue=["n1", "n2"]).start()
    assert nsupdate(weftd, "n1", "add a.lab.cloud. 60 A 192.0.2.1") == ""
    assert nsupdate(weftd, "n2", "add b.lab.cloud. 60 A 192.0.2.2") == ""
    assert weftd.dig("b.lab.cloud", "A") == "192.0.2.2\n"
    for algorithm in updates.HASHES:
        assert asked(weftd, issued(weftd, "n3", "--algorithm", algorithm)) == GOOD
    signed = weftd.dig("-k", str(weftd.folder / "n1.key"), "a.lab.cloud", "A", "+norec", "+noall",
                       "+answer", "+comments")
    assert "192.0.2.1" in signed and "NOERROR" in signed and "WARNING" not in signed
    assert "key=n1.keys.lab.cloud." in weftd.log()


def test_keys_of_no_fabric_are_refused_with_a_reason(make_weftd):
    weftd = fabric(make_weftd(), issue=["n1"]).start()
    key = read_key(weftd.folder / "n1.key")
    assert asked(weftd, key) == GOOD
    other = updates.Key(key.name, base64.b64encode(b"x" * 32).decode())
    assert asked(weftd, other) == \
        ("NOTAUTH", BADSIG, "TSIG: MAC does not match, another secret for key "
                            "n1.keys.lab.cloud.?")
    assert asked(weftd, updates.Key("n1.keys.other.cloud", key.secret)) == \
        ("NOTAUTH", BADKEY, "TSIG: unknown key name n1.keys.other.cloud.")
    assert asked(weftd, updates.Key("keys.lab.cloud", key.secret))[:2] == ("NOTAUTH", BADKEY)
    assert asked(weftd, updates.Key("n1.keyz.lab.cloud", key.secret))[:2] == ("NOTAUTH", BADKEY)
    assert asked(weftd, updates.Key("n2.keys.lab.cloud", key.secret))[:2] == ("NOTAUTH", BADSIG)
    # A key is for one algorithm: with another one its name has another secret.
    assert asked(weftd, updates.Key(key.name, key.secret, "hmac-sha512"))[:2] == \
        ("NOTAUTH", BADSIG)
    assert asked(weftd, updates.Key(key.name, key.secret, "hmac-sha256-128"))[:2] == \
        ("NOTAUTH", BADKEY)
    # A fabric of the same name with another secret.
    (weftd.folder / "lab.cloud.fabric").rename(weftd.folder / "kept")
    weft(weftd.folder, "fabric", "init", "lab.cloud")
    assert asked(weftd, issued(weftd, "n1"))[:2] == ("NOTAUTH", BADSIG)
    assert asked(weftd, key) == GOOD


def test_a_wrong_clock_is_reported_in_seconds(make_weftd):
    weftd = fabric(make_weftd(), issue=["n1"]).start()
    key = read_key(weftd.folder / "n1.key")
    late, _ = updates.signed(["x 60 IN TXT x"], key=key, when=int(time.time()) - 1000)
    reply = updates.Reply(updates.exchange(weftd, late))
    assert (reply.rcode, reply.tsig.error) == ("NOTAUTH", BADTIME)
    assert re.fullmatch(r"TSIG: time signed is 100\d s behind the server's clock, fudge is 300 s",
                        reply.why)


def test_every_changed_octet_of_a_signed_message_is_refused(make_weftd):
    weftd = fabric(make_weftd(), issue=["n1"]).start()
    key = read_key(weftd.folder / "n1.key")
    message, _ = key.sign(updates.update(updates=[updates.record("x 60 IN TXT x")]))
    before = updates.serial(weftd)
    for i in range(2, len(message)):
        for bit in (1, 0x20, 0x80):
            changed = bytearray(message)
            changed[i] ^= bit
            # The case of names is not signed; a response is not answered; the original id may be
            # any.
            if changed[2] & 0x80:
                continue
            reply = updates.Reply(updates.exchange(weftd, bytes(changed)))
            if reply.rcode == "NOERROR":
                name_at = message.index(b"\2n1\4keys")
                assert bit == 0x20 and i >= name_at, (i, bit)
    # Only the signed update was applied, where nothing but the case of the key's name differed.
    assert updates.serial(weftd) - before <= 1


def test_a_revoked_key_is_refused_at_once_and_after_kill(make_weftd):
    weftd = fabric(make_weftd(), issue=["n1", "n2"]).start()
    n1, n2 = (read_key(weftd.folder / f"{name}.key") for name in ("n1", "n2"))
    revoked = ("NOTAUTH", BADKEY, "TSIG: key n1.keys.lab.cloud. is revoked")
    assert weftd.json("key", "list") == []
    # More ports than workers: each worker has the key in its cache.
    assert {asked(weftd, n1) for _ in range(20)} == {GOOD}
    assert weftd.json("key", "revoke", "n1") == {"key": "n1.keys.lab.cloud.", "state": "revoked"}
    assert {asked(weftd, n1) for _ in range(20)} == {revoked}
    assert asked(weftd, n2) == GOOD
    since = weftd.json("key", "list")
    assert [entry["key"] for entry in since] == ["n1.keys.lab.cloud."]
    assert abs(datetime.datetime.fromisoformat(since[0]["since"]).timestamp() - time.time()) < 60
    weftd.weft("key", "revoke", "N1.keys.lab.cloud.")
    assert weftd.json("key", "list") == since

    weftd.kill()
    weftd.start()
    assert {asked(weftd, n1) for _ in range(20)} == {revoked}
    assert weftd.json("key", "list") == since
    weftd.weft("key", "restore", "n1")
    assert {asked(weftd, n1) for _ in range(20)} == {GOOD}
    weftd.weft("key", "revoke", "n2")
    weftd.weft("zone", "checkpoint")

    weftd.kill()
    weftd.start()
    assert {asked(weftd, n1) for _ in range(20)} == {GOOD}
    assert asked(weftd, n2)[0] == "NOTAUTH"
    assert [entry["key"] for entry in weftd.json("key", "list")] == ["n2.keys.lab.cloud."]


def test_only_keys_of_fabrics_can_be_revoked(make_weftd):
    weftd = fabric(make_weftd()).start()
    for command, name, why in (("revoke", "bench.", "not a key of a fabric"),
                               ("revoke", "n1.keys.other.cloud.", "not a key of a fabric"),
                               ("revoke", "a..b", "not a key of a fabric"),
                               ("revoke", "", "not a key of a fabric"),
                               ("restore", "n1", "not revoked")):
        done = weftd.weft("key", command, name, check=False)
        assert done.returncode == 1 and why in done.stderr, done.stderr
    assert weftd.json("key", "list") == []


def test_after_a_rotation_both_epochs_are_good_until_the_overlap_is_over(make_weftd):
    weftd = fabric(make_weftd(), options=", overlap: 1h", issue=["n1"]).start()
    first = read_key(weftd.folder / "n1.key")
    assert asked(weftd, first) == GOOD
    weft(weftd.folder, "fabric", "rotate")
    second = issued(weftd, "n1")
    assert asked(weftd, second)[:2] == ("NOTAUTH", BADSIG)
    weftd.weft("reload")
    assert {asked(weftd, key) for _ in range(10) for key in (first, second)} == {GOOD}

    weft(weftd.folder, "fabric", "rotate", "--force")
    third = issued(weftd, "n1")
    weftd.weft("reload")
    assert {asked(weftd, key) for _ in range(10) for key in (second, third)} == {GOOD}
    assert asked(weftd, first) == \
        ("NOTAUTH", BADKEY, "TSIG: key n1.keys.lab.cloud. is of epoch 1, which is over: "
                            "issue it again")


def test_the_overlap_ends_by_itself(make_weftd):
    weftd = fabric(make_weftd(), options=", overlap: 3", issue=["n1"]).start()
    first = read_key(weftd.folder / "n1.key")
    weft(weftd.folder, "fabric", "rotate", "--force")
    weftd.weft("reload")
    assert asked(weftd, first) == GOOD
    wait_for(lambda: asked(weftd, first)[1] == BADKEY, "end of the overlap")
    assert asked(weftd, issued(weftd, "n1")) == GOOD


def test_without_overlap_the_old_epoch_ends_with_the_reload(make_weftd):
    weftd = fabric(make_weftd(), options=", overlap: 0", issue=["n1"]).start()
    first = read_key(weftd.folder / "n1.key")
    assert asked(weftd, first) == GOOD
    weft(weftd.folder, "fabric", "rotate", "--force")
    weftd.weft("reload")
    assert asked(weftd, first)[:2] == ("NOTAUTH", BADKEY)


def test_a_zone_may_name_keys_of_a_fabric(make_weftd):
    weftd = fabric(make_weftd(), issue=["admin", "n1"])
    options = "update: {key: admin.keys.lab.cloud}\ntransfer: {key: admin.keys.lab.cloud}"
    weftd.configure(zones={"lab.cloud": options},
                    more="fabric: {name: lab.cloud, key-file: lab.cloud.fabric}\n").start()
    assert nsupdate(weftd, "admin", "add a.lab.cloud. 60 A 192.0.2.1") == ""
    assert "REFUSED" in nsupdate(weftd, "n1", "add b.lab.cloud. 60 A 192.0.2.1")
    transferred = {key: weftd.dig("-k", str(weftd.folder / f"{key}.key"), "lab.cloud", "AXFR",
                                  "+noall", "+answer") for key in ("admin", "n1")}
    assert "192.0.2.1" in transferred["admin"] and "192.0.2.1" not in transferred["n1"]


def test_a_literal_key_precedes_a_derived_one(make_weftd):
    weftd = fabric(make_weftd(), issue=["n1"])
    derived = read_key(weftd.folder / "n1.key")
    literal = updates.Key("n1.keys.lab.cloud", base64.b64encode(b"l" * 32).decode())
    conf = weftd.conf.read_text()
    weftd.conf.write_text(conf.replace("key:\n", f"key:\n  - {{name: {literal.name}, secret: "
                                                 f"{literal.secret}}}\n", 1))
    weftd.start()
    assert asked(weftd, literal) == GOOD
    assert asked(weftd, derived)[:2] == ("NOTAUTH", BADSIG)
    assert "remove its entry" in weftd.weft("key", "revoke", "n1", check=False).stderr


def test_ten_thousand_keys_need_one_secret(make_weftd):
    weftd = fabric(make_weftd()).start()
    master = base64.b64decode((weftd.folder / "lab.cloud.fabric").read_text()
                              .split("secret plain ")[1].split()[0])[64:96]
    for i in range(0, 10000, 7):
        name = f"n{i}.keys.lab.cloud"
        secret = hashlib.blake2b(b"weft fabric tsig v1\0\0\0\0\1" + wire.name(name)
                                 + wire.name("hmac-sha256"), digest_size=32,
                                 key=master).digest()
        assert asked(weftd, updates.Key(name, base64.b64encode(secret).decode())) == GOOD


def test_a_sealed_fabric_is_opened_with_the_configured_passphrase(make_weftd):
    weftd = make_weftd()
    (weftd.folder / "pass").write_text("correct horse\n")
    weft(weftd.folder, "fabric", "init", "lab.cloud", "--passphrase-file", "pass")
    weftd.zone()
    entry = "fabric:\n  - name: lab.cloud\n    key-file: lab.cloud.fabric\n"
    weftd.configure(zones={"lab.cloud": POLICY}, more=entry)
    done = subprocess.run([os.environ["WEFTD"], "-t", "-c", str(weftd.conf)], capture_output=True,
                          text=True, timeout=LIMIT_S)
    line = weftd.conf.read_text().splitlines().index("    key-file: lab.cloud.fabric") + 1
    assert done.returncode == 1
    assert f"{weftd.conf}:{line}: " in done.stderr and "no passphrase is given" in done.stderr
    weftd.configure(zones={"lab.cloud": POLICY}, more=entry + "    passphrase-file: pass\n")
    weftd.start()
    # The command line finds both files through the configuration.
    key = weft(weftd.folder, "-c", str(weftd.conf), "key", "issue", "n1").stdout
    (weftd.folder / "n1.key").write_text(key)
    assert asked(weftd, read_key(weftd.folder / "n1.key")) == GOOD


@pytest.mark.parametrize("entry,why", [
    ("{name: lab.cloud}", "key-file"),
    ("{key-file: lab.cloud.fabric}", "name"),
    ("{name: other.cloud, key-file: lab.cloud.fabric}", "another fabric than other.cloud."),
    ("{name: lab.cloud, key-file: none}", "No such file"),
    ("{name: a..b, key-file: lab.cloud.fabric}", "not a domain name"),
    ("{name: lab.cloud, key-file: lab.cloud.fabric, overlap: soon}", "overlap"),
    ("[{name: lab.cloud, key-file: lab.cloud.fabric}, {name: LAB.cloud., key-file: x}]",
     "given a second time"),
])
def test_an_invalid_entry_is_reported_and_a_reload_keeps_the_old_one(make_weftd, entry, why):
    weftd = fabric(make_weftd(), issue=["n1"]).start()
    key = read_key(weftd.folder / "n1.key")
    weftd.configure(zones={"lab.cloud": POLICY}, more=f"fabric: {entry}\n")
    line = len(weftd.conf.read_text().splitlines())
    assert weftd.weft("reload", check=False).returncode == 1
    assert re.search(rf"{re.escape(str(weftd.conf))}:{line} why=.*{re.escape(why)}", weftd.log())
    assert asked(weftd, key) == GOOD


def test_with_several_fabrics_keys_are_named_in_full(make_weftd):
    weftd = make_weftd()
    fabric(weftd)
    weft(weftd.folder, "fabric", "init", "b.cloud")
    weftd.conf.write_text(weftd.conf.read_text()
                          + "  - {name: b.cloud, key-file: b.cloud.fabric}\n")
    weftd.start()
    for name in ("n1", "n1.keys.c.cloud", "n1.keys.c.cloud.", "keys.b.cloud", "", "."):
        done = weftd.weft("key", "revoke", name, check=False)
        assert done.returncode == 1 and "full name" in done.stderr, done.stderr
    for name in ("n1.keys.b.cloud", "N2.keys.B.cloud.", "n1.keys.lab.cloud"):
        weftd.weft("key", "revoke", name)
    found = [row["key"] for row in weftd.json("key", "list")]
    assert sorted(found) == ["n1.keys.b.cloud.", "n1.keys.lab.cloud.", "n2.keys.b.cloud."]
    weftd.weft("key", "restore", "n1.keys.b.cloud")
    assert len(weftd.json("key", "list")) == 2
