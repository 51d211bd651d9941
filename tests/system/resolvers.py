# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Resolvers that ask a weftd: unbound, dnsmasq, BIND and systemd-resolved, each a process of its own
with a folder, which lie as their configuration wants it."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest

from loopback import free_address, free_port
from waiting import LIMIT_S, wait_for

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
RESOLVED = CACHE / "weft/unpacked/systemd-resolved/lib/systemd/systemd-resolved"

UNBOUND = """\
server:
    interface: {address}@{port}
    access-control: 127.0.0.0/8 allow
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: ""
    use-syslog: no
    do-ip6: no
    num-threads: 1
    module-config: "{modules}"
    do-not-query-localhost: no
    ede: yes
{options}
remote-control:
    control-enable: no
# nothing leaves this host
forward-zone:
    name: "."
    forward-addr: {upstream}
{more}
"""

NAMED = """\
options {{
	directory "{folder}"; pid-file none; session-keyfile none; lock-file none;
	listen-on port {port} {{ {address}; }}; listen-on-v6 {{ none; }};
	recursion yes; allow-query {{ any; }}; allow-recursion {{ any; }}; notify no;
	empty-zones-enable no; managed-keys-directory "{folder}";
	forward only; forwarders {{ {address} port 9; }};
	{options}
}};
controls {{ }};
{more}
"""


def program(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def needs(*names):
    missing = [name for name in names if program(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


class Resolver:
    """A process that answers at an address."""

    def __init__(self, folder, where=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.address, self.port = where or free_address()
        self.conf = self.folder / "resolver.conf"
        self.process = None

    def start(self, *command):
        self.log = self.folder / "log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, cwd=self.folder)
        wait_for(self.answers, f"answer of {command[0]}: {self.log.read_text()}")
        return self

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        return "status:" in self.dig("version.bind", "CH", "TXT", "+time=1", "+tries=1")

    def dig(self, *args):
        done = subprocess.run(["dig", f"@{self.address}", "-p", str(self.port), *args],
                              capture_output=True, text=True, timeout=LIMIT_S, check=False)
        return done.stdout

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Unbound(Resolver):
    def __init__(self, folder, more="", options="", modules="iterator", upstream=None):
        """`upstream` refuses what is not its own."""
        super().__init__(folder)
        self.conf.write_text(UNBOUND.format(
            upstream=upstream or f"{self.address}@9",
            address=self.address, port=self.port, folder=self.folder, modules=modules, more=more,
            options="\n".join(f"    {line}" for line in options.splitlines())))
        done = subprocess.run([program("unbound-checkconf"), str(self.conf)], capture_output=True,
                              text=True, timeout=LIMIT_S, check=False)
        assert done.returncode == 0, done.stderr
        self.start(program("unbound"), "-d", "-c", self.conf)


class Dnsmasq(Resolver):
    def __init__(self, folder, more=""):
        super().__init__(folder)
        self.conf.write_text(f"port={self.port}\nlisten-address={self.address}\nbind-interfaces\n"
                             f"no-resolv\nno-hosts\nuser=root\npid-file=\n{more}\n")
        done = subprocess.run([program("dnsmasq"), "--test", f"--conf-file={self.conf}"],
                              capture_output=True, text=True, timeout=LIMIT_S, check=False)
        assert done.returncode == 0, done.stderr
        self.start(program("dnsmasq"), "-k", "--log-facility=-", f"--conf-file={self.conf}")


class Named(Resolver):
    """At 127.0.0.1: BIND listens only at addresses that an interface has."""

    def __init__(self, folder, more="", options=""):
        super().__init__(folder, ("127.0.0.1", free_port("127.0.0.1")))
        self.conf.write_text(NAMED.format(address=self.address, port=self.port, folder=self.folder,
                                          options=options, more=more))
        self.start(program("named"), "-g", "-c", self.conf)


class Resolved(Resolver):
    """systemd-resolved with the configuration below a folder, in the network namespace in which it
    is made and a mount namespace of its own: it answers at 127.0.0.53."""

    SCRIPT = """\
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/resolve
for folder in systemd/resolved.conf.d dnssec-trust-anchors.d; do
    [ ! -d "$1/etc/$folder" ] || cp -r "$1/etc/$folder" "/run/$folder"
done
for file in passwd group; do
    cp /etc/$file /run/$file
    number=$([ $file = passwd ] && echo x:978:978::/:/bin/false || echo x:978:)
    grep -q ^systemd-resolve: /etc/$file || echo "systemd-resolve:$number" >> /run/$file
    mount --bind /run/$file /etc/$file
done
chown systemd-resolve: /run/systemd/resolve
exec env SYSTEMD_LOG_LEVEL=${RESOLVED_LOG:-info} SYSTEMD_LOG_TARGET=console "$2"
"""

    def __init__(self, folder, root):
        super().__init__(folder, ("127.0.0.53", 53))
        self.start("unshare", "-m", "sh", "-ec", self.SCRIPT, "sh", root, RESOLVED)


needs_resolved = pytest.mark.skipif(
    not RESOLVED.exists() or os.getuid() != 0,
    reason="needs root, and the systemd-resolved that contrib/install-deps unpacks")


@pytest.fixture
def make_resolver(tmp_path):
    """Makes resolvers, which end with the test."""
    made = []

    def make(kind, *args, **options):
        made.append(kind(tmp_path / f"resolver-{len(made)}", *args, **options))
        return made[-1]

    yield make
    for resolver in made:
        resolver.stop()
