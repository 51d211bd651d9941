# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What is for use outside of weft: the systemd unit, the quickstart, the zones."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import WEFT, WEFTD
from waiting import LIMIT_S

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))


def filled_in(text):
    """A template with the paths of the built programs filled in."""
    return (text.replace("@sbindir@", str(pathlib.Path(WEFTD).parent))
            .replace("@bindir@", str(pathlib.Path(WEFT).parent))
            .replace("@sysconfdir@", "/etc").replace("@localstatedir@", "/var")
            .replace("@runstatedir@", "/run"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_verified_clean(tmp_path):
    unit = tmp_path / "weftd.service"
    unit.write_text(filled_in((SRC / "contrib/systemd/weftd.service.in").read_text()))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)],
                          capture_output=True, text=True, timeout=LIMIT_S)
    said = [line for line in done.stderr.splitlines() if "weftd.service" in line]
    assert (done.returncode, said) == (0, []), done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_hardened(tmp_path):
    unit = tmp_path / "weftd.service"
    unit.write_text(filled_in((SRC / "contrib/systemd/weftd.service.in").read_text()))
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=16",
                           str(unit)], capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout + done.stderr


def test_debian_builds_with_the_libraries_of_install_deps():
    listed = subprocess.run([str(SRC / "contrib/install-deps"), "--list", "build"],
                            capture_output=True, text=True, check=True, timeout=LIMIT_S)
    text = (SRC / "debian/control").read_text()
    needed = re.search(r"^Build-Depends:\n(.*?)^\S", text, re.M | re.S)[1]
    assert set(re.findall(r"^ (lib\S+-dev),$", needed, re.M)) == \
        set(re.findall(r"(?<!\S)lib\S+-dev(?!\S)", listed.stdout)) - {"libc6-dev"}


def test_the_quickstart_runs_to_its_end():
    done = subprocess.run([str(SRC / "contrib/quickstart")], capture_output=True, text=True,
                          timeout=LIMIT_S, env={**os.environ, "WEFTD": WEFTD, "WEFT": WEFT})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "That was weft." in done.stdout


def test_the_ready_configuration_is_right(tmp_path):
    for name in "weftd.conf", "lab.cloud.zone":
        shutil.copy(SRC / "zones" / name, tmp_path)
    subprocess.run([WEFT, "fabric", "init", "lab.cloud"], cwd=tmp_path, check=True,
                   stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=LIMIT_S)
    done = subprocess.run([WEFTD, "-t", "-c", str(tmp_path / "weftd.conf")], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr


def test_the_ready_zones_load(make_weftd):
    weftd = make_weftd()
    zones = sorted((SRC / "zones").glob("*.zone"))
    for path in zones:
        shutil.copy(path, weftd.folder)
    weftd.configure(zones={path.stem: "update: {key: bench}" for path in zones}).start()
    assert sorted(zone["zone"] for zone in weftd.json("zone", "list")) == [
        f"{path.stem}." for path in zones]
    for path in zones:
        assert weftd.dig(path.stem, "SOA")
