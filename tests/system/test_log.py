# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The log as an operator reads it: what is news and what is not, one style, priorities."""

import os
import re
import subprocess

import pytest

from conftest import WEFTD, ZONE
from updates import Key, send
from waiting import LIMIT_S, wait_for

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:error|warning|info|debug) [a-z]+: "
                  r"[a-z-]+(?: [a-z-]+=(?:\"(?:[^\"\\]|\\.)*\"|[^\s\"]*))*")


def lines_of(weftd, event):
    return [line for line in weftd.log().splitlines() if f": {event}" in line]


def test_a_refresh_is_not_news_whichever_way_it_comes(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure({"lab.cloud": "update: {key: bench}\nlease: {default: 30}"}).start()
    key = Key()
    records = ["web 60 IN A 10.0.0.1"]
    for _ in range(3):
        assert send(weftd, updates=records, key=key).rcode == "NOERROR"
    assert send(weftd, updates=["last 60 IN A 10.0.0.1"], key=key).rcode == "NOERROR"
    wait_for(lambda: any("last.lab" in line for line in lines_of(weftd, "update ")), "last line")
    first, last = lines_of(weftd, "update ")
    assert " zone=lab.cloud. " in first and first.endswith('changed="web.lab.cloud. +A" lease=30')
    # At debug they are there, with their names.
    weftd.weft("log", "debug")
    assert send(weftd, updates=records, key=key).rcode == "NOERROR"
    wait_for(lambda: len(lines_of(weftd, "update ")) == 3, "line of the refresh")
    assert 'names="web.lab.cloud."' in lines_of(weftd, "update ")[2]


def test_asking_is_not_news_and_commands_have_arguments_and_result(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure().start()
    for _ in range(3):
        weftd.weft("status")
        weftd.weft("stats")
    weftd.weft("lease", "drop", "web.lab.cloud.", check=False)
    weftd.weft("log", "info")
    first, last = lines_of(weftd, "command ")
    assert 'line="lease drop web.lab.cloud."' in first and " result=failed why=" in first
    assert re.search(rf'line="log info" uid={os.getuid()} pid=\d+ result=done$', last)
    weftd.weft("log", "debug")
    weftd.weft("status")
    wait_for(lambda: "command line=status " in weftd.log(), "line at debug")


def test_an_error_of_several_lines_is_on_one_line(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure().start()
    weftd.zone("bad")
    assert weftd.weft("reload", check=False).returncode == 1
    wait_for(lambda: lines_of(weftd, "command line=reload "), "line of it")
    assert "; the configuration is unchanged: " in lines_of(weftd, "command line=reload ")[0]


def test_all_lines_are_of_one_style(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "sub NS elsewhere\n")
    weftd.configure({"lab.cloud": "update: {key: bench}"}).start()
    weftd.weft("log", "debug")
    send(weftd, updates=["web 60 IN A 10.0.0.1"], key=Key())
    weftd.zone(ZONE + 'bad A "1.2.3"\n')
    weftd.weft("zone", "reload", check=False)
    weftd.conf.write_text(weftd.conf.read_text() + "nonsense: 1\n")
    weftd.weft("reload", check=False)
    weftd.weft("stop")
    assert weftd.process.wait(LIMIT_S) == 0
    lines = weftd.log().splitlines()
    assert len(lines) > 8
    for line in lines:
        assert LINE.fullmatch(line), line


def test_lines_before_the_log_is_open_have_their_priority(tmp_path):
    """As under systemd: standard error is the stream that JOURNAL_STREAM names."""
    with open(tmp_path / "log", "wb") as log:
        status = os.fstat(log.fileno())
        env = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        done = subprocess.run([WEFTD, "-c", str(tmp_path / "none.conf")], stderr=log, env=env,
                              timeout=LIMIT_S)
    assert done.returncode == 1
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines and all(line.startswith("<3>config: file-error at=") for line in lines), lines


# Runs in a mount namespace of its own, in which it is systemd's journal.
JOURNAL = r"""
import os, pathlib, socket, subprocess, sys, time
folder = pathlib.Path("/run/systemd/journal")
folder.mkdir(parents=True)
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind(str(folder / "socket"))
journal.settimeout(20)
with open("stream", "wb") as stream:
    status = os.fstat(stream.fileno())
    env = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
    weftd = subprocess.Popen([sys.argv[1], "-c", "weftd.conf"], stderr=stream, env=env)
try:
    # The line about the start may come either way.
    while "start: ready" not in pathlib.Path("stream").read_text():
        try:
            if b"start: ready" in journal.recv(65536, socket.MSG_DONTWAIT):
                break
        except BlockingIOError:
            time.sleep(0.01)
        assert weftd.poll() is None
    subprocess.run(sys.argv[2:], check=True, timeout=20)
    entry = b""
    while b"WEFT_EVENT=update" not in entry:
        entry = journal.recv(65536)
    sys.stdout.buffer.write(entry)
finally:
    weftd.terminate()
    status = weftd.wait(60)
sys.exit(status)
"""


def test_the_journal_gets_entries_with_fields(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure({"lab.cloud": "update: {key: bench}"})
    nsupdate = f"server {weftd.address} {weftd.port}\nzone lab.cloud\n" \
               "update add web.lab.cloud 60 A 10.0.0.1\nsend\n"
    (weftd.folder / "script").write_text(nsupdate)
    (weftd.folder / "journal.py").write_text(JOURNAL)
    inside = "mount -t tmpfs none /run && exec /usr/bin/python3 journal.py \"$@\""
    try:
        done = subprocess.run(["unshare", "-m", "sh", "-c", inside, "sh", WEFTD, "nsupdate", "-k",
                               "bench.key", "script"], cwd=weftd.folder, capture_output=True,
                              text=True, timeout=LIMIT_S)
    except FileNotFoundError:
        pytest.skip("no unshare")
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip("needs root")
    assert done.returncode == 0, done.stderr
    fields = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert fields["MESSAGE"].startswith("registry: update client=127.")
    assert (fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"]) == ("6", "weftd")
    assert (fields["WEFT_SUBJECT"], fields["WEFT_EVENT"]) == ("registry", "update")
    assert (fields["WEFT_ZONE"], fields["WEFT_KEY"]) == ("lab.cloud.", "bench.")
    assert fields["WEFT_CLIENT"].startswith("127.") and fields["WEFT_RESULT"] == "NOERROR"


def test_syslog_gets_lines_with_priority(make_weftd):
    """As RFC 3164 has them, at the socket /dev/log of a namespace of its own."""
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(server="log: {to: syslog}")
    (weftd.folder / "syslog.py").write_text(r"""
import socket, subprocess, sys
syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
syslog.bind("/dev/log")
syslog.settimeout(60)
weftd = subprocess.Popen([sys.argv[1], "-c", "weftd.conf"])
try:
    lines = b""
    while b"start: ready" not in lines:
        lines = syslog.recv(65536)
    sys.stdout.buffer.write(lines)
finally:
    weftd.terminate()
    status = weftd.wait(60)
sys.exit(status)
""")
    inside = "mount --bind /dev/null /dev/null && mkdir dev && cp -a /dev/null /dev/zero " \
             "/dev/random /dev/urandom dev && mount --bind dev /dev && " \
             "exec /usr/bin/python3 syslog.py \"$@\""
    done = subprocess.run(["unshare", "-m", "sh", "-c", inside, "sh", WEFTD], cwd=weftd.folder,
                          capture_output=True, text=True, timeout=LIMIT_S)
    if "unshare" in done.stderr or "mount" in done.stderr or "cp:" in done.stderr:
        pytest.skip("needs root")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"<30>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d weftd\[\d+\]: start: ready "
                        r"zones=1 records=\d+ workers=2", done.stdout), done.stdout
