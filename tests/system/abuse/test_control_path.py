# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A control path that names a file by mistake does not cost that file."""

import subprocess

from conftest import WEFTD
from waiting import LIMIT_S


def test_a_zone_file_at_the_control_path_survives(make_weftd):
    weftd = make_weftd()
    zone = weftd.zone()
    before = zone.read_text()
    weftd.configure()
    weftd.conf.write_text(weftd.conf.read_text().replace("weftd.sock", "lab.cloud.zone"))
    done = subprocess.run([WEFTD, "-c", str(weftd.conf)], capture_output=True, text=True,
                          timeout=LIMIT_S, cwd=weftd.folder)
    assert done.returncode == 1
    assert "not a socket" in done.stderr and str(zone) in done.stderr
    assert zone.read_text() == before
