# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Debian systems in folders: a root in which commands run, and a machine that systemd has booted.

A root is made by mmdebstrap from Debian's mirror, and kept for a week in $XDG_CACHE_HOME/weft."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

LIMIT_S = 900
WAIT_S = 60
ROOT_AGE_S = 7 * 86400
# make, if it runs this, has its own options in the environment.
ENV = {name: value for name, value in os.environ.items()
       if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
ENV |= {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
# The environment of commands in a root.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What dpkg, apt and the C library write about any package.
OF_DPKG = re.compile(r"/(var/lib/(dpkg|apt|systemd)|var/cache|var/log|tmp|run|proc|root)(/|$)"
                     r"|/etc/(passwd|group|shadow|gshadow|ld\.so\.cache)")


def run(*command, check=True, env=None, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=LIMIT_S, env={**ENV, **(env or {})}, **more)
    assert not check or done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done


def tree(folder, ignored=(".git", "autom4te.cache", "__pycache__")):
    """The files below a folder."""
    found = set()
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ignored]
        found.update(os.path.relpath(os.path.join(path, name), folder) for name in names)
    return found


def package(built, name):
    return next(built.glob(f"{name}_*.deb"))


class Root:
    """A Debian system in a folder, with a network of its own."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, path):
        return self.folder / path.lstrip("/")

    def run(self, script, check=True):
        """Runs a shell script in the root."""
        inner = 'mount -t proc proc "$1/proc" && ip link set lo up && ' \
                'exec chroot "$1" sh -euc "$2"'
        return run("unshare", "--mount", "--pid", "--fork", "--net", "sh", "-c", inner, "sh",
                   self.folder, script, check=check,
                   env={"PATH": PATH, "HOME": "/root", "TMPDIR": "/tmp"})

    def mode_and_owner(self, path):
        return self.run(f"stat -c '%a %U %G' {path}").stdout.strip()

    def files(self):
        """The paths in the root, without those that dpkg keeps about any package."""
        found = {f"/{path}" for path in tree(self.folder, ())}
        for path, folders, _ in os.walk(self.folder):
            found.update(f"/{os.path.relpath(os.path.join(path, name), self.folder)}/"
                         for name in folders)
        return {path for path in found if not OF_DPKG.match(path)}


def needed(built):
    """The packages that weft needs or recommends: of alternatives the first one."""
    found = set()
    for name in "weft", "weft-agent", "weft-client":
        for field in "Depends", "Recommends":
            text = run("dpkg-deb", "--field", package(built, name), field).stdout
            found |= {re.match(r"[\w.+-]+", part.strip())[0]
                      for part in text.split(",") if part.strip()}
    return found - {"weft-client"}


def root_archive(packages):
    """An archive of a Debian root with these packages, made if there is none of this week."""
    release = pathlib.Path("/etc/os-release").read_text()
    suite = re.search(r"^VERSION_CODENAME=\"?(\w+)", release, re.M)[1]
    name = hashlib.sha256(" ".join([suite, *sorted(packages)]).encode()).hexdigest()[:16]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weft"
    archive = cache / f"root-{name}.tar"
    if not archive.exists() or time.time() - archive.stat().st_mtime > ROOT_AGE_S:
        cache.mkdir(parents=True, exist_ok=True)
        run("mmdebstrap", "--quiet", "--mode=root", "--variant=apt",
            f"--include={','.join(sorted(packages))}", suite, cache / f"{name}.new.tar")
        (cache / f"{name}.new.tar").rename(archive)
    return archive


def new_root(folder, packages):
    """Unpacks a root with these packages into a folder; skips the test where that cannot be."""
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        pytest.skip("needs root and mmdebstrap")
    if run("unshare", "--mount", "--pid", "--fork", "--net", "true", check=False).returncode != 0:
        pytest.skip("needs namespaces")
    run("tar", "-xf", root_archive(packages), "--numeric-owner", "-C", folder)


# In new namespaces, with a control group as root of its hierarchy; $1 is the folder.
BOOT = """
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs dev
for name in null zero full random urandom tty; do
	touch dev/$name
	mount --bind /dev/$name dev/$name
done
ln -s pts/ptmx dev/ptmx
ip link set lo up
mkdir -p oldroot
pivot_root . oldroot
umount -l oldroot
rmdir oldroot
mount --make-rshared /
exec env -i container=weft-test PATH="$2" /lib/systemd/systemd --log-target=journal
"""


class Machine(Root):
    """A root that systemd has booted in namespaces of its own. close() ends all that runs in it."""

    def __init__(self, folder):
        super().__init__(folder)
        hierarchy = next((line.split()[1] for line in open("/proc/self/mounts", encoding="ascii")
                          if line.split()[2] == "cgroup2"), None)
        if hierarchy is None:
            pytest.skip("needs cgroup2")
        self.group = pathlib.Path(hierarchy, f"weft-{os.getpid()}-{folder.name}")
        self.group.mkdir()
        enter = 'echo $$ >"$1/cgroup.procs" && shift && exec unshare --mount --pid --fork ' \
                '--kill-child --net --uts --ipc --cgroup sh -euc "$@"'
        self.log = open(folder.parent / f"{folder.name}.log", "wb+")
        self.process = subprocess.Popen(
            ["sh", "-euc", enter, "sh", self.group, BOOT, "sh", folder, PATH], env=ENV,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            self.wait_for("systemctl is-system-running | grep -E 'running|degraded'")
        except BaseException:
            self.close()
            raise

    def run(self, script, check=True):
        """Runs a shell script in the machine."""
        pid = self.process.pid
        init = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").strip()
        return run("nsenter", "--target", init or 0, "--mount", "--pid", "--net", "--uts", "--ipc",
                   "--cgroup", "env", "-i", f"PATH={PATH}", "HOME=/root", "sh", "-euc", script,
                   check=check)

    def wait_for(self, script):
        """Runs a script until it succeeds; what it printed then."""
        end = time.monotonic() + WAIT_S
        while self.process.poll() is None:
            done = self.run(script, check=False)
            if done.returncode == 0:
                return done.stdout
            assert time.monotonic() < end, f"{script}: {done.stdout}{done.stderr}"
            time.sleep(0.1)
        self.log.seek(0)
        raise AssertionError(f"the machine is down: {self.log.read().decode()}")

    def close(self):
        self.process.kill()
        self.process.wait(LIMIT_S)
        self.log.close()
        for _ in range(100):
            try:
                for path, _, _ in os.walk(self.group, topdown=False):
                    os.rmdir(path)
                break
            except OSError:     # what was killed is still ending
                time.sleep(0.1)
