# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""libweft as `make install` puts it into a folder, and programs that are compiled with it."""

import contextlib
import fcntl
import os
import pathlib
import re
import shlex
import socket
import subprocess
import threading

import pytest

from calling import environment
from waiting import LIMIT_S

BUILD = pathlib.Path(os.environ.get("BUILDDIR", ".")).resolve()
CC = shlex.split(os.environ.get("CC", "cc"))


class Installed:
    """What `make install` has put into a folder, or puts there if it does not exist."""

    def __init__(self, root):
        if not (root / "done").exists():
            self._install(root)
        self.root = root
        self.pc = next(root.rglob("weft.pc"))
        self.library = next(root.rglob("libweft.so")).resolve()
        self.man = next(root.rglob("man3"))

    @staticmethod
    def _install(root):
        env = {name: value for name, value in os.environ.items()
               if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        done = subprocess.run(["make", "-s", "install", f"DESTDIR={root}"], cwd=BUILD, env=env,
                              capture_output=True, text=True, timeout=LIMIT_S * 4)
        assert done.returncode == 0, done.stdout + done.stderr
        (root / "done").touch()

    def env(self, **more):
        """The environment in which programs are compiled with it, and find it when they run."""
        return environment(LD_LIBRARY_PATH=str(self.library.parent),
                           PKG_CONFIG_PATH=str(self.pc.parent),
                           PKG_CONFIG_SYSROOT_DIR=str(self.root),
                           PKG_CONFIG_ALLOW_SYSTEM_CFLAGS="1", PKG_CONFIG_ALLOW_SYSTEM_LIBS="1",
                           **more)

    def pkg_config(self, *args):
        done = subprocess.run(["pkg-config", *args, "weft"], env=self.env(), capture_output=True,
                              text=True, timeout=LIMIT_S)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def sanitizers(self):
        """The flags that a program needs to run with a library that has sanitizers."""
        flags = [flag for flag in os.environ.get("CHECK_FLAGS", "").split()
                 if flag.startswith("-fsanitize=")]
        code = self.library.read_bytes()
        if not flags and b"__asan_init" in code:
            return ["-fsanitize=address,undefined"]
        return flags or (["-fsanitize=thread"] if b"__tsan_init" in code else [])

    def compile(self, code, out, more=()):
        """Compiles a program: in C++ if `out` ends in pp, else in C."""
        is_cpp = str(out).endswith("pp")
        source = out.with_name(out.name + (".cc" if is_cpp else ".c"))
        source.write_text(code)
        compiler = [*CC[:-1], re.sub(r"gcc|cc$", "g++", CC[-1]).replace("clang", "clang++")] \
            if is_cpp else CC
        command = [*compiler, "-std=c++11" if is_cpp else "-std=gnu99", "-O1", "-Wall", "-Wextra",
                   "-Werror", *self.sanitizers(), "-o", str(out), str(source),
                   *self.pkg_config("--cflags", "--libs"), *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, done.stderr
        return out


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """One for all processes of the tests: the first one makes it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return Installed(tmp_path_factory.mktemp("installed"))
    root = tmp_path_factory.getbasetemp().parent / "installed"
    with open(f"{root}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Installed(root)


@contextlib.contextmanager
def listener(address, port=0):
    """A port at the address that accepts connections and greets them. Yields the port."""
    with socket.socket() as sock:
        sock.bind((address, port))
        sock.listen()
        kept = []

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    kept.append(sock.accept()[0])
                    with contextlib.suppress(OSError):
                        kept[-1].sendall(b"welcome\n")

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield sock.getsockname()[1]
        sock.shutdown(socket.SHUT_RDWR)
    thread.join(LIMIT_S)
    for one in kept:
        one.close()
