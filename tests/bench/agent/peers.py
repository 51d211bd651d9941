# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The supervisors that weft-agentd is compared with: each keeps one command running in a folder."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time

CGROUPS = [pathlib.Path("/sys/fs/cgroup", name) for name in ("systemd", "unified")]


def script(path, command):
    path.write_text("#!/bin/sh\nexec " + command + "\n")
    path.chmod(0o755)


@contextlib.contextmanager
def ended(process, end):
    """A supervisor and what it runs, until the block ends."""
    try:
        yield
    finally:
        end()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def in_folder(folder, command, name, supervisor, *end):
    """A supervisor of a folder with the script `run`, and the command that ends it."""
    service = folder / name
    service.mkdir()
    script(service / "run", command)
    with ended(subprocess.Popen([supervisor, service], stdout=subprocess.DEVNULL),
               lambda: subprocess.run([*end, service])):
        yield


def runit(folder, command):
    return in_folder(folder, command, "runit", "runsv", "sv", "exit")


def s6(folder, command):
    return in_folder(folder, command, "s6", "s6-supervise", "s6-svc", "-xd")


@contextlib.contextmanager
def systemd(folder, command, restart_s=None):
    """A service manager of its own, with `Restart=always`, in a mount namespace in which a folder
    makes it believe that systemd has booted the machine."""
    home = folder / f"systemd-{restart_s}"
    units, run = home / "units", home / "run"
    for each in (units, run):
        each.mkdir(parents=True)
    script(home / "serve", command)
    wait = "" if restart_s is None else f"RestartSec={restart_s}\n"
    (units / "one.service").write_text(
        "[Unit]\nStartLimitIntervalSec=0\n"
        f"[Service]\nExecStart={home}/serve\nRestart=always\n{wait}")
    groups = [each / f"weft-bench-{os.getpid()}" for each in CGROUPS if each.is_dir()]
    for each in groups:
        each.mkdir()
    enter = "".join(f"echo $$ >{each}/cgroup.procs; " for each in groups)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(run),
                   "XDG_CONFIG_HOME": str(home), "SYSTEMD_UNIT_PATH": f"{units}:"}
    manager = subprocess.Popen(
        ["unshare", "-m", "sh", "-c",
         "mount -t tmpfs none /run && mkdir -p /run/systemd/system && " + enter +
         "exec /lib/systemd/systemd --user --log-target=null --unit=one.service"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        manager.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            manager.wait(10)
        for each in groups:
            (each / "cgroup.kill").exists() and (each / "cgroup.kill").write_text("1")
        manager.kill()
        manager.wait()
        time.sleep(0.2)
        for each in groups:
            for inner in sorted(each.rglob("*/"), reverse=True):
                with contextlib.suppress(OSError):
                    inner.rmdir()
            with contextlib.suppress(OSError):
                each.rmdir()


# Name, the program that must be there, and the supervisor.
PEERS = (
    ("runit", "runsv", runit),
    ("s6", "s6-supervise", s6),
    ("systemd Restart=always", "/lib/systemd/systemd", systemd),
    ("systemd Restart=always RestartSec=0", "/lib/systemd/systemd",
     lambda folder, command: systemd(folder, command, 0)),
)


def there():
    """The peers that are installed."""
    return [(name, peer) for name, program, peer in PEERS if shutil.which(program)]
