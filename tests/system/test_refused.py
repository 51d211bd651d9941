# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Refused requests: each has a reason in the log, in the counters, in the events and for `weft
explain`; a flood of them has few lines."""

import json
import re
import select
import socket
import subprocess
import time

import pytest

import updates
from conftest import WEFT
from test_fabric import fabric, issued, read_key
from waiting import LIMIT_S, wait_for

OTHER_SECRET = "b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC0zMmIhISE="
RECORD = ["x 60 IN TXT x"]


@pytest.fixture
def served(make_weftd):
    weftd = fabric(make_weftd(), issue=["n1", "n2"])
    weftd.start()
    return weftd


def ask(weftd, lines=RECORD, **more):
    """Sends an update, signed as signed() does."""
    return updates.Reply(updates.exchange(weftd, updates.signed(lines, **more)[0]))


def refuse_once(weftd):
    """One request for each reason; returns the reasons with the key that the line names."""
    n1, n2 = (read_key(weftd.folder / f"{name}.key") for name in ("n1", "n2"))
    keys = "keys.lab.cloud."
    ask(weftd, key=updates.Key(n1.name, OTHER_SECRET))
    ask(weftd, key=updates.Key("none.example"))
    ask(weftd, key=updates.Key("bench", algorithm="hmac-sha512"))
    ask(weftd, key=n1, when=int(time.time()) - 1000)
    ask(weftd, key=None)
    ask(weftd, key=n1, zone="else.where")
    ask(weftd, key=updates.Key())
    weftd.dig("lab.cloud", "AXFR", "+tcp")
    weftd.weft("key", "revoke", "n2")
    ask(weftd, key=n2)
    ask(weftd, ["y 60 IN MX 0 x.lab.cloud."], key=n1)
    return {"bad-mac": f"n1.{keys}", "unknown-key": "none.example.", "wrong-algorithm": "bench.",
            "bad-time": f"n1.{keys}", "unsigned": "-", "foreign-zone": f"n1.{keys}",
            "not-permitted": "bench.", "transfer": "-", "revoked-key": f"n2.{keys}"}


def test_each_reason_is_a_line_a_count_and_can_be_explained(served):
    reasons = refuse_once(served)
    wait_for(lambda: served.log().count(": refused ") == len(reasons), "lines of refusals")
    for reason, key in reasons.items():
        line = next(line for line in served.log().splitlines() if f"reason={reason} " in line)
        assert re.search(rf" request=\w+ client=[\d.]+@\d+ zone=\S+ "
                         rf"key={re.escape(key)} why=", line)
    # The registrar's refusals have a line of their own, but are counted and explained as well.
    counted = served.json("stats")["server"]["refused"]
    assert counted == {**{reason: 1 for reason in reasons}, "policy": 1}
    explained = served.json("explain", "n1")
    assert {found["reason"] for found in explained} == \
        {reason for reason, key in reasons.items() if key.startswith("n1.")} | {"policy"}
    assert all(found["mend"] and found["why"] and found["count"] == 1 for found in explained)
    assert "MAC does not match" in served.weft("explain", "n1.keys.lab.cloud").stdout
    assert len(served.json("explain", "127.0.0.1")) == len(reasons) + 1
    assert served.json("explain", "n9") == []
    none = served.weft("explain", "n9")
    assert none.stdout == "" and "no request of n9 was refused" in none.stderr
    assert all(re.fullmatch(r"[-\d]+T[:\d]+Z", found[at])
               for found in explained for at in ("first", "last"))
    assert served.json("events", "refused", "key=n2")[0]["fields"]["reason"] == "revoked-key"


def test_an_outdated_key_says_so(served):
    key = read_key(served.folder / "n1.key")
    for _ in range(2):
        subprocess.run([WEFT, "fabric", "rotate", "--force"], cwd=served.folder, check=True,
                       capture_output=True, timeout=LIMIT_S)
    served.weft("reload")
    assert ask(served, key=key).rcode == "NOTAUTH"
    wait_for(lambda: "reason=outdated-key " in served.log(), "line")
    assert "issue it again" in served.log()


def test_a_flood_has_few_lines_and_all_are_counted(served):
    """Of names that nobody has, each another one."""
    sent = 1500
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(served.where)
        s.settimeout(LIMIT_S)
        for number in range(sent):
            s.send(updates.Key(f"k{number}.example").sign(updates.update())[0])
            s.recv(4096)
    # One with a valid key is still there afterwards.
    updates.send(served, updates=RECORD, key=updates.Key())
    wait_for(lambda: "reason=not-permitted " in served.log(), "line of the valid key")
    assert served.json("stats")["server"]["refused"]["unknown-key"] == sent
    lines = [line for line in served.log().splitlines() if "reason=unknown-key" in line]
    seconds = 1 + int(float(served.json("status")["uptime"]))
    assert 0 < len(lines) <= 50 * (1 + seconds / 10)
    assert served.stop() == 0
    assert 'left-out count=' in served.log() and 'peer="refused requests"' in served.log()


def test_events_are_followed(served):
    follow = subprocess.Popen([WEFT, "-s", str(served.socket), "-j", "events", "--follow",
                               "--zone", "lab.cloud", "--key", "n1"], stdout=subprocess.PIPE,
                              text=True)
    try:
        key = issued(served, "n1")
        got = []

        def seen():
            updates.send(served, updates=RECORD, key=read_key(served.folder / "n2.key"))
            updates.send(served, updates=[f"x{time.monotonic_ns()} 60 IN TXT x"], key=key)
            if select.select([follow.stdout], [], [], 0.2)[0]:
                got.append(json.loads(follow.stdout.readline()))
            return got
        wait_for(seen, "event")
        event = got[0]
        assert (event["subject"], event["event"], event["level"]) == ("registry", "update", "info")
        assert event["fields"]["key"] == "n1.keys.lab.cloud." and event["fields"]["added"] == "1"
        assert event["line"].startswith("registry: update client=")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"])
    finally:
        follow.kill()
        follow.wait(LIMIT_S)
    # Without --follow, the last ones, also those that the log's level leaves out.
    served.weft("log", "error")
    updates.send(served, updates=["last 60 IN TXT x"], key=key)
    wait_for(lambda: "last.lab.cloud" in served.weft("events", "--zone", "lab.cloud").stdout,
             "event")


def test_a_follower_that_does_not_read_is_told_what_it_lost(served):
    key = read_key(served.folder / "n1.key")
    with socket.socket(socket.AF_UNIX) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(str(served.socket))
        s.sendall(b'{"command":"events","args":["follow"]}\n')
        wait_for(lambda: s.recv(4096, socket.MSG_PEEK), "answer")
        text = "y" * 200
        for number in range(4000):
            updates.send(served, updates=[f"{'z' * 60}.{'z' * 60}.{number}.{i} 60 IN TXT {text}"
                                          for i in range(4)], key=key)
            if number % 100 == 0 and "stream-dropped" in served.log():
                break
        assert "stream-dropped" in served.log()
        s.settimeout(LIMIT_S)
        got = b""
        while part := s.recv(1 << 20):
            got += part
    lines = got.decode().splitlines()
    assert json.loads(lines[0])["ok"]
    assert all(json.loads(line) for line in lines)
    assert json.loads(lines[-1])["lost"] > 0


def test_only_so_many_follow(served):
    sockets = []
    for _ in range(9):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(LIMIT_S)
        s.connect(str(served.socket))
        s.sendall(b'{"command":"events","args":["follow"]}\n')
        sockets.append((s, json.loads(s.makefile().readline())))
    assert [answer["ok"] for _, answer in sockets] == [True] * 8 + [False]
    sockets[0][0].close()

    def admitted():
        with socket.socket(socket.AF_UNIX) as again:
            again.settimeout(LIMIT_S)
            again.connect(str(served.socket))
            again.sendall(b'{"command":"events","args":["follow"]}\n')
            return json.loads(again.makefile().readline())["ok"]
    # The first one's `makefile` still has its descriptor: all of them are closed.
    for s, _ in sockets:
        s.close()
    wait_for(admitted, "room for another")


# ---- rotation ----

def test_a_rotation_is_seen(served):
    """Which keys are still of the epoch before, until when it is valid, and what ends it."""
    rotate = [WEFT, "-c", str(served.conf), "fabric", "rotate"]
    old = read_key(served.folder / "n1.key")
    done = subprocess.run(rotate, cwd=served.folder, capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0 and "weft reload" in done.stderr
    assert "epoch-before  1" in done.stdout
    served.weft("reload")
    issue = [WEFT, "-c", str(served.conf), "key", "issue", "n2", "-o", "n2.key"]
    assert subprocess.run(issue, cwd=served.folder, timeout=LIMIT_S,
                          capture_output=True).returncode == 1
    subprocess.run([*issue, "--force"], cwd=served.folder, check=True, timeout=LIMIT_S)
    assert not list(served.folder.glob("*.new"))
    assert (served.folder / "n2.key").stat().st_mode & 0o777 == 0o600
    new = read_key(served.folder / "n2.key")
    assert updates.send(served, updates=["x1 60 IN TXT x"], key=old).rcode == "NOERROR"
    assert updates.send(served, updates=["x2 60 IN TXT x"], key=new).rcode == "NOERROR"
    uses = {use["key"]: use for use in served.json("key", "uses")}
    first, second = uses["n1.keys.lab.cloud."], uses["n2.keys.lab.cloud."]
    assert (first["epoch"], first["state"]) == (1, "old")
    assert (second["epoch"], second["state"]) == (2, "newest")
    assert first["until"] > first["last"] >= first["since"] and second["until"] is None
    assert served.count("tsig-old-epoch") == 1
    wait_for(lambda: "x2.lab.cloud" in served.log(), "lines of both")
    one, two = (line for line in served.log().splitlines() if ": update " in line)
    assert " key=n1.keys.lab.cloud. epoch=1 rule=" in one and "epoch=" not in two
    # A second rotation would end the keys that are in use.
    done = subprocess.run(rotate, cwd=served.folder, capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 1 and "keys of epoch 1 are valid until" in done.stderr
    assert "--force" in done.stderr
    done = subprocess.run([*rotate, "--force"], cwd=served.folder, capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0 and "epoch-before  2" in done.stdout


def test_a_key_that_was_never_seen_is_revoked_with_a_note(served):
    assert ask(served, key=read_key(served.folder / "n1.key")).rcode == "NOERROR"
    assert "note" not in served.json("key", "revoke", "n1")
    assert "is the name right" in served.json("key", "revoke", "tpyo")["note"]


def test_a_revocation_can_end_what_the_key_has(make_weftd):
    weftd = fabric(make_weftd(), issue=["n1", "n2"])
    weftd.conf.write_text(weftd.conf.read_text().replace("    update: {policy",
                                                         "    lease: {default: 1000}\n"
                                                         "    update: {policy"))
    weftd.start()
    for name in ("n1", "n2"):
        assert updates.send(weftd, updates=[f"a.{name} 60 IN TXT x", f"b.{name} 60 IN TXT x"],
                            key=read_key(weftd.folder / f"{name}.key")).rcode == "NOERROR"
    weftd.weft("key", "revoke", "n1", "--drop")
    assert weftd.dig("a.n1.lab.cloud", "TXT") == "" == weftd.dig("b.n1.lab.cloud", "TXT")
    assert weftd.dig("a.n2.lab.cloud", "TXT") == '"x"\n'
    assert [key["key"] for key in weftd.json("key", "list")] == ["n1.keys.lab.cloud."]
