# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What weftd gives up when it starts: system calls, files, core dumps."""

import ctypes
import pathlib

import pytest

from conftest import SECRET, WEFTD, ZONE
from waiting import wait_for

LANDLOCK_CREATE_RULESET, VERSION = 444, 1
DENIED = "can be opened after a restart only"


def has_landlock():
    return ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, VERSION) > 0


def is_sanitized():
    program = pathlib.Path(WEFTD).read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


needs_landlock = pytest.mark.skipif(not has_landlock(), reason="the kernel has no Landlock")


def status(weftd):
    """The status of each of its threads, as the kernel shows it."""
    tasks = pathlib.Path(f"/proc/{weftd.process.pid}/task").iterdir()
    return [dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines()
                 if ":\t" in line) for task in tasks]


def test_every_thread_is_confined(weftd):
    threads = status(weftd)
    assert len(threads) >= 5
    assert {thread["Seccomp"] for thread in threads} == {"2"}
    assert {thread["NoNewPrivs"] for thread in threads} == {"1"}


def test_no_core_dump_is_written(weftd):
    limits = pathlib.Path(f"/proc/{weftd.process.pid}/limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core"))
    assert core.split()[4:6] == ["0", "0"]


def test_debuggers_may_look_on_if_told_so(make_weftd):
    """And the log warns of it."""
    weftd = make_weftd()
    weftd.zone()
    weftd.configure().start("--no-confine")
    assert {thread["Seccomp"] for thread in status(weftd)} == {"0"}
    assert weftd.log().count("--no-confine") == 1
    assert weftd.dig("ns.lab.cloud", "A") == "127.0.0.1\n"
    assert weftd.stop() == 0
    weftd.start()
    assert {thread["Seccomp"] for thread in status(weftd)} == {"2"}
    assert weftd.log().count("--no-confine") == 1


@needs_landlock
def test_a_zone_file_elsewhere_needs_a_restart(make_weftd, tmp_path):
    """But for sanitizers, which read files themselves: there weftd gives up none."""
    weftd = make_weftd()
    weftd.zone()
    weftd.configure().start()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "new.zone").write_text(ZONE.replace("lab.cloud", "new.example"))
    weftd.conf.write_text(weftd.conf.read_text() +
                          f"  - name: new.example\n    file: {elsewhere}/new.zone\n")
    done = weftd.weft("reload", check=False)
    if is_sanitized():
        assert done.returncode == 0 and weftd.dig("ns.new.example", "A") == "127.0.0.1\n"
        return
    wait_for(lambda: DENIED in weftd.log(), "reason")
    assert done.returncode != 0 and f"{elsewhere}/new.zone" in weftd.log()
    assert weftd.dig("ns.lab.cloud", "A") == "127.0.0.1\n"
    assert weftd.stop() == 0
    weftd.start()
    assert weftd.dig("ns.new.example", "A") == "127.0.0.1\n"


@needs_landlock
def test_a_folder_to_read_from_can_be_named(make_weftd, tmp_path):
    weftd = make_weftd()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "more").write_text("more A 127.0.0.2\n")
    weftd.zone(ZONE + f"$INCLUDE {elsewhere}/more\n")
    weftd.configure(server=f"read-from: {elsewhere}").start()
    assert weftd.dig("more.lab.cloud", "A") == "127.0.0.2\n"


def test_files_that_the_configuration_names_can_be_read_again(make_weftd, tmp_path):
    """Wherever they are, and through symbolic links."""
    weftd = make_weftd()
    folders = {name: tmp_path / name for name in ("keys", "included", "zones", "real")}
    for folder in folders.values():
        folder.mkdir()
    (folders["keys"] / "two.key").write_text(
        f'key "two" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n')
    (folders["keys"] / "two.key").chmod(0o600)
    (folders["included"] / "one.conf").write_text(
        f"key:\n  - key-file: {folders['keys']}/two.key\n")
    (folders["real"] / "lab.zone").write_text(ZONE)
    (folders["zones"] / "lab.zone").symlink_to(folders["real"] / "lab.zone")
    weftd.configure()
    weftd.conf.write_text(f'include: ["{folders["included"]}/*.conf"]\n' +
                          weftd.conf.read_text().replace("lab.cloud.zone",
                                                         f"{folders['zones']}/lab.zone"))
    weftd.start()
    (folders["real"] / "lab.zone").write_text(ZONE + "more A 127.0.0.2\n")
    weftd.weft("reload")
    wait_for(lambda: weftd.dig("more.lab.cloud", "A") == "127.0.0.2\n", "merged file")
