# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft store check|export: a store examined while its weftd does not run."""

import json
import subprocess

import pytest

from conftest import WEFT
from waiting import LIMIT_S


def weft(*args):
    return subprocess.run([WEFT, *map(str, args)], capture_output=True, text=True, timeout=LIMIT_S)


def stopped(weftd):
    """A store with a registration, whose weftd was killed."""
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    weftd.kill()
    return weftd.folder / "state"


def test_a_valid_store_passes_the_check(weftd):
    state = stopped(weftd)
    done = weft("store", "check", state)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    answer = json.loads(weft("--json", "-c", weftd.conf, "store", "check").stdout)
    assert answer["ok"] is True and answer["store"] == str(state)
    weftd.start()
    assert weftd.dig("a.lab.cloud", "A") == "10.0.0.1\n"


def test_a_damaged_store_is_reported_and_weftd_refuses_it(weftd):
    state = stopped(weftd)
    weftd.start()
    weftd.weft("zone", "checkpoint")
    assert weftd.stop() == 0
    for path in state.rglob("*"):
        if path.is_file() and path.stat().st_size > 200 and "lab.cloud" in path.name:
            data = bytearray(path.read_bytes())
            data[150] ^= 0xff
            path.write_bytes(data)
    done = weft("store", "check", state)
    assert done.returncode == 1
    assert done.stderr
    done = subprocess.run([weftd.process.args[0], "-c", str(weftd.conf)], capture_output=True,
                          text=True, timeout=LIMIT_S, cwd=weftd.folder)
    assert done.returncode == 1
    assert str(state) in done.stderr or "state" in done.stderr


def test_a_store_in_use_is_left_alone(weftd):
    done = weft("store", "check", weftd.folder / "state")
    assert done.returncode == 1
    assert "in use" in done.stderr


def test_a_folder_that_is_not_a_store_is_not_made_one(tmp_path):
    assert weft("store", "check", tmp_path).returncode == 1
    assert weft("store", "check", tmp_path / "none").returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["notes", ".", "format", "a/b", "log-00000001"])
def test_a_zone_of_any_name_is_in_a_file_of_its_own(make_weftd, name):
    """No name of a zone overwrites a file of the store, or leads outside of it."""
    weftd = make_weftd()
    (weftd.folder / "odd.zone").write_text(
        "$TTL 60\n@ SOA ns.invalid. h.invalid. 1 2 3 4 5\n@ NS ns.invalid.\n"
        + ("ns.invalid. A 127.0.0.1\n" if name == "." else ""))
    weftd.configure()
    text = weftd.conf.read_text().replace("name: lab.cloud", f"name: '{name}'")
    weftd.conf.write_text(text.replace("lab.cloud.zone", "odd.zone"))
    weftd.start()
    weftd.weft("zone", "checkpoint")
    dump = weftd.weft("zone", "dump", name).stdout
    weftd.kill()
    state = weftd.folder / "state"
    assert weft("store", "check", state).returncode == 0
    done = weft("store", "export", name, state)
    assert (done.returncode, done.stdout) == (0, dump), done.stderr


def test_an_exported_zone_loads_again(weftd, make_weftd, tmp_path):
    state = stopped(weftd)
    out = tmp_path / "export"
    done = weft("store", "export", "lab.cloud", state, "-o", out)
    assert done.returncode == 0, done.stderr
    assert weft("store", "export", "Lab.Cloud.", state).stdout == out.read_text()
    answer = json.loads(weft("--json", "store", "export", "lab.cloud", state).stdout)
    assert answer == {"zone": "lab.cloud", "text": out.read_text()}
    copy = make_weftd("copy")
    copy.zone(out.read_text())
    copy.configure().start()
    assert copy.dig("a.lab.cloud", "A") == "10.0.0.1\n"
    done = weft("store", "export", "other.cloud", state, "-o", tmp_path / "other")
    assert done.returncode == 1
    assert not (tmp_path / "other").exists()
