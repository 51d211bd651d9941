# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The log as an operator reads it: what is news and what is not, one style, priorities."""

import os
import re
import subprocess

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
