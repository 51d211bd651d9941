# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Hosts on a local network, each with a D-Bus and an Avahi daemon of its own: for the tests of the
LAN bridge, and for people (tests/lan). Needs root, iproute2, dbus-daemon, avahi-daemon; of Python
only the standard library.

A host is a network and a mount namespace: /run, /etc/resolv.conf and /etc/avahi/services are its
own. The namespaces have no names; they are there as long as a process in them is, and each process
that is started here ends with this one, however that ends. So nothing is left behind, and runs at
the same time cannot collide. One thread must start all of them: the kernel ends a process with the
thread that started it.

A Host has `run` and `Popen` as the module `subprocess` has them, for what shall run on it. Host
`n` has the addresses 10.99.0.n and fd99::n at eth0; on a second network 10.99.1.n and fd99:1::n."""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile

from waiting import LIMIT_S, freeze, wait_for

CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG = 1
SCRATCH = "weft-lan."
PROGRAMS = ("ip", "avahi-daemon", "dbus-daemon", "dbus-send", "avahi-browse", "avahi-publish")

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong,
                        ctypes.c_char_p]

BUS = """<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
<auth>EXTERNAL</auth>
<limit name="max_connections_per_user">1024</limit>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow receive_sender="*" eavesdrop="true"/></policy>
</busconfig>"""

AVAHI = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=yes
ratelimit-interval-usec=1000000
ratelimit-burst=1000
{server}
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=no
publish-workstation=no
{publish}
"""


def missing():
    """What a LAN needs and this machine lacks, as text; "" if it has all."""
    if os.getuid() != 0:
        return "root"
    return " ".join(program for program in PROGRAMS if shutil.which(program) is None)


# ---- namespaces ----

def _check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def die_with_parent(number=signal.SIGKILL):
    """Has the kernel send this process a signal when the thread ends that started it."""
    _check(_libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0), "prctl")


def unshare(flags):
    """Moves this process to new namespaces; what is mounted in them is not seen elsewhere."""
    _check(_libc.unshare(flags), "unshare")
    if flags & CLONE_NEWNS:
        _check(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount /")


def mount(source, target, fstype=None, flags=0):
    encode = [text and str(text).encode() for text in (source, target, fstype)]
    _check(_libc.mount(*encode, flags, None), f"mount {target}")


def write(path, text):
    """Writes a setting of the kernel, if it has that."""
    with contextlib.suppress(FileNotFoundError), open(path, "w") as file:
        file.write(text)


class Space:
    """A network and a mount namespace, whose loopback is up."""

    def __init__(self, *mounts):
        """`mounts` are arguments of mount()."""
        def enter():
            die_with_parent()
            unshare(CLONE_NEWNET | CLONE_NEWNS)
            for each in mounts:
                mount(*each)
            for which in ("all", "default"):    # addresses are good at once
                write(f"/proc/sys/net/ipv6/conf/{which}/accept_dad", "0")

        self.keeper = subprocess.Popen(["sleep", "infinity"], preexec_fn=enter,
                                       stdin=subprocess.DEVNULL, start_new_session=True)
        self.fds = []
        for kind in ("net", "mnt"):
            self.fds.append(os.open(f"/proc/{self.keeper.pid}/ns/{kind}",
                                    os.O_RDONLY | os.O_CLOEXEC))
        self.ip("link", "set", "lo", "up")

    def _arguments(self, more):
        folder = os.fspath(more.pop("cwd", None) or os.getcwd())
        env = dict(more.pop("env", None) or os.environ)
        env.pop("DBUS_SYSTEM_BUS_ADDRESS", None)

        def enter():
            die_with_parent()
            for fd in self.fds:
                _check(_libc.setns(fd, 0), "setns")
            os.chdir(folder)

        return {**more, "env": env, "preexec_fn": enter}

    def Popen(self, command, **more):
        return subprocess.Popen(command, **self._arguments(more))

    def run(self, command, **more):
        return subprocess.run(command, **self._arguments(more))

    @contextlib.contextmanager
    def inside(self):
        """Sockets that are opened within the context are on its network."""
        with open("/proc/thread-self/ns/net") as before:
            _check(_libc.setns(self.fds[0], CLONE_NEWNET), "setns")
            try:
                yield self
            finally:
                _check(_libc.setns(before.fileno(), CLONE_NEWNET), "setns")

    def output(self, *command, **more):
        """The output of a command, which must succeed."""
        done = self.run(command, capture_output=True, text=True, timeout=LIMIT_S, **more)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def ip(self, *args):
        # From outside, since /sys in the namespace is that of another network.
        return self.output("ip", *args)

    def pids(self):
        """The processes in it, but for the one that keeps it."""
        where, found = os.fstat(self.fds[0]).st_ino, []
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if entry.isdigit() and os.stat(f"/proc/{entry}/ns/net").st_ino == where:
                    found.append(int(entry))
        return [pid for pid in found if pid != self.keeper.pid]

    def end_all(self, number):
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self):
        """Ends what runs in it. Twice is fine."""
        if not self.fds:
            return
        self.end_all(signal.SIGKILL)
        self.keeper.kill()
        self.keeper.wait()
        for fd in self.fds:
            os.close(fd)
        self.fds = []


class Switch(Space):
    """A bridge, to which hosts are plugged."""

    def __init__(self, folder, number):
        super().__init__()
        self.folder, self.number = folder, number
        for which in ("all", "default"):
            self.write(f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6", "1")
        self.ip("link", "add", "lan", "type", "bridge", "stp_state", "0", "forward_delay", "0",
                "mcast_snooping", "0")
        self.ip("link", "set", "lan", "up")
        self.recorder = None

    def write(self, path, text):
        self.run(["sh", "-c", 'test ! -e "$1" || echo "$2" > "$1"', "sh", path, text], check=True)

    def record(self, path):
        """Writes all that crosses it to a file, as pcap has it."""
        log = self.folder / f"record-{self.number}.log"
        with open(log, "wb") as out:
            self.recorder = self.Popen(["dumpcap", "-q", "-P", "-i", "lan", "-w", str(path)],
                                       stderr=out, stdout=out, stdin=subprocess.DEVNULL,
                                       start_new_session=True)
        wait_for(lambda: "File:" in log.read_text() or self.recorder.poll() is not None,
                 "dumpcap that records")
        assert self.recorder.poll() is None, log.read_text()

    def end_record(self):
        """Ends the recording, if there is one: the file is complete then."""
        if self.recorder is not None:
            self.recorder.send_signal(signal.SIGINT)
            self.recorder.wait(LIMIT_S)
            self.recorder = None


# ---- daemons ----

class Daemon:
    """A daemon of a host."""

    def __init__(self, host, name):
        self.host, self.process = host, None
        self.log_path = host.folder / f"{name}.log"

    def spawn(self, *command, **more):
        with open(self.log_path, "ab") as log:
            self.process = self.host.Popen(command, stderr=log, stdin=subprocess.DEVNULL,
                                           start_new_session=True, **{"stdout": log, **more})

    def log(self):
        return self.log_path.read_text(errors="replace")

    def signal(self, number):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def end(self, number):
        self.signal(signal.SIGCONT)
        self.signal(number)
        if self.process is not None:
            self.process.wait(LIMIT_S)

    def stop(self):
        self.end(signal.SIGTERM)

    def kill(self):
        self.end(signal.SIGKILL)

    def freeze(self):
        """It is there and does not answer."""
        freeze(self.process.pid)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def restart(self):
        self.stop()
        self.start()


class Bus(Daemon):
    """The system bus of a host."""

    def start(self):
        config = self.host.folder / "bus.conf"
        config.write_text(BUS)
        self.host.run(["sh", "-c", "mkdir -p /run/dbus; rm -f /run/dbus/*"], check=True)
        self.spawn("dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile",
                   "--nosyslog", "--print-address=1", stdout=subprocess.PIPE)
        assert self.process.stdout.readline(), f"no bus: {self.log()}"
        self.process.stdout.close()


class Avahi(Daemon):
    """The Avahi daemon of a host."""

    def __init__(self, host, name):
        super().__init__(host, name)
        self.configure()

    def configure(self, server="", publish=""):
        """Lines for sections of avahi-daemon.conf(5), as of the next start."""
        self.settings = AVAHI.format(name=self.host.name, server=server, publish=publish)

    def begin(self):
        """Starts it without waiting until it answers: `wait`."""
        config = self.host.folder / "avahi.conf"
        config.write_text(self.settings)
        self.host.run(["rm", "-rf", "/run/avahi-daemon"], check=True)
        self.spawn("avahi-daemon", "-f", str(config), "--no-drop-root", "--no-chroot",
                   "--no-rlimits", "--no-proc-title")

    def wait(self):
        wait_for(lambda: self.is_running() or self.process.poll() is not None,
                 f"Avahi daemon of {self.host.name}")
        assert self.process.poll() is None, self.log()

    def start(self):
        self.begin()
        self.wait()

    def is_running(self):
        """Whether it answers, and its host name is established."""
        done = self.host.run(
            ["dbus-send", "--system", "--print-reply=literal", "--reply-timeout=1000",
             "--dest=org.freedesktop.Avahi", "/", "org.freedesktop.Avahi.Server.GetState"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        return b"int32 2" in done.stdout

    def name(self):
        """The host name that it has now: another than the host's if that was taken."""
        return self.host.output(
            "dbus-send", "--system", "--print-reply=literal", "--dest=org.freedesktop.Avahi", "/",
            "org.freedesktop.Avahi.Server.GetHostName").strip()


# ---- hosts ----

class Interface:
    """A network interface of a host, and the cable from it to a switch."""

    def __init__(self, host, switch, name):
        self.host, self.switch, self.name = host, switch, name
        self.port = f"p{host.number}"
        self.address = f"10.99.{switch.number}.{host.number}"
        self.address6 = f"fd99:{switch.number or ''}{':' if switch.number else ''}:{host.number}"
        self.create()

    def create(self):
        self.switch.ip("link", "add", self.port, "type", "veth", "peer", "name", self.name,
                       "address", f"02:00:00:00:0{self.switch.number}:{self.host.number:02x}",
                       "netns", str(self.host.keeper.pid))
        self.switch.ip("link", "set", self.port, "master", "lan", "up")
        self.up()

    def up(self):
        """Sets it up, with its addresses: IPv6 addresses go when an interface is down."""
        ip, name = self.host.ip, self.name
        ip("addr", "replace", f"{self.address}/24", "brd", "+", "dev", name)
        ip("link", "set", name, "up")
        if os.path.exists("/proc/sys/net/ipv6"):
            ip("addr", "replace", f"{self.address6}/64", "dev", name, "nodad")
        metric = str(100 + self.switch.number)
        ip("route", "replace", "224.0.0.0/4", "dev", name, "metric", metric)

    def down(self):
        self.host.ip("link", "set", self.name, "down")

    def delete(self):
        self.host.ip("link", "del", self.name)

    def rename(self, name):
        self.down()
        self.host.ip("link", "set", self.name, "name", name)
        self.name = name
        self.up()

    def cut(self):
        """What the host sends is lost, and it hears nothing."""
        self.switch.ip("link", "set", self.port, "down")

    def join(self):
        self.switch.ip("link", "set", self.port, "up")


class Host(Space):
    """A host with a bus and an Avahi daemon that have not been started."""

    def __init__(self, folder, number, switches):
        self.number, self.name, self.folder = number, f"host{number}", folder / str(number)
        services = self.folder / "services"
        services.mkdir(parents=True)
        self.resolv_conf = self.folder / "resolv.conf"
        self.resolv_conf.touch()
        mounts = [(services, "/etc/avahi/services", None, MS_BIND)] \
            if os.path.isdir("/etc/avahi/services") else []
        target = os.path.realpath("/etc/resolv.conf")
        if target.startswith("/run/"):      # where nothing is
            own = self.folder / "run"
            (own / os.path.relpath(target, "/run")).parent.mkdir(parents=True)
            (own / os.path.relpath(target, "/run")).touch()
            mounts += [(own, "/run", None, MS_BIND)]
        else:
            mounts += [("tmpfs", "/run", "tmpfs")]
        if os.path.exists(target) or target.startswith("/run/"):
            mounts += [(self.resolv_conf, target, None, MS_BIND)]
        super().__init__(*mounts)
        self.interfaces = [Interface(self, switch, f"eth{switch.number}") for switch in switches]
        self.bus, self.avahi = Bus(self, "bus"), Avahi(self, "avahi")
        self.address, self.address6 = self.interfaces[0].address, self.interfaces[0].address6

    def begin(self):
        self.bus.start()
        self.avahi.begin()

    def close(self):
        for daemon in (self.avahi, self.bus):
            daemon.kill()
        super().close()


class Lan:
    """Hosts on one network, or on several: `on` has the networks of hosts that are not only on the
    first, {host: [network]}. `bare` hosts have no daemons."""

    def __init__(self, hosts=2, bare=0, on=None):
        self.hosts, self.switches = [], []
        self.folder, self._lock = _scratch()
        on = on or {}
        try:
            for number in range(1 + max([0, *(n for networks in on.values() for n in networks)])):
                self.switches.append(Switch(self.folder, number))
            for number in range(1, hosts + bare + 1):
                self.hosts.append(Host(self.folder, number, [self.switches[n] for n in
                                                             on.get(number, [0])]))
            self.bare = self.hosts[hosts:]
            for host in self.hosts[:hosts]:
                host.begin()
            for host in self.hosts[:hosts]:
                host.avahi.wait()
        except BaseException:
            self.close()
            raise

    def host(self, number):
        """Hosts are counted from 1, as in their addresses."""
        return self.hosts[number - 1]

    def end_gently(self):
        """Has what else runs on the hosts end, so that it can clean up after itself."""
        daemons = {daemon.process.pid for host in self.hosts for daemon in (host.bus, host.avahi)
                   if daemon.process is not None}

        def others():
            return [pid for host in self.hosts for pid in host.pids() if pid not in daemons]

        for pid in others():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        with contextlib.suppress(AssertionError):
            wait_for(lambda: not others(), "end of all processes", 3)

    def close(self, is_kept=False):
        for switch in self.switches:
            switch.end_record()
        for space in [*self.hosts, *self.switches]:
            space.close()
        if not is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _scratch():
    """A folder, and a descriptor that has it locked. Removes those whose owner was killed."""
    for old in pathlib.Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        with contextlib.suppress(OSError):
            lock = os.open(old / "lock", os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(old, ignore_errors=True)
            finally:
                os.close(lock)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=SCRATCH))
    lock = os.open(folder / "lock.new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.rename(folder / "lock.new", folder / "lock")
    folder.chmod(0o755)
    return folder, lock


# ---- what was recorded ----

def recorded(path):
    """The IP datagrams of a pcap file that is being written or complete: (seconds, source port,
    destination port, source, UDP payload) of those that are UDP, with a payload for port 53 or
    5353 at least."""
    data = pathlib.Path(path).read_bytes()
    at = 24
    while at + 16 <= len(data):
        seconds, micros, nbytes, _ = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16:at + 16 + nbytes]
        at += 16 + nbytes
        if len(frame) < nbytes:
            return
        kind = int.from_bytes(frame[12:14], "big")
        if kind == 0x0800 and frame[23] == 17:
            udp, source = 14 + 4 * (frame[14] & 15), ".".join(map(str, frame[26:30]))
        elif kind == 0x86dd and frame[20] == 17:
            udp, source = 54, frame[22:38].hex()
        else:
            continue
        from_port, to_port = struct.unpack_from("!HH", frame, udp)
        yield seconds + micros / 1e6, from_port, to_port, source, frame[udp + 8:]
