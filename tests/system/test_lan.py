# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""tests/lan: a network of hosts for a command, of which nothing is left."""

import os
import pathlib
import signal
import subprocess

import pytest

import lan_hosts
from waiting import LIMIT_S, wait_for

pytestmark = pytest.mark.skipif(lan_hosts.missing() != "", reason=f"needs {lan_hosts.missing()}")

LAN = pathlib.Path(__file__).parents[1] / "lan"


def lan(*args, **more):
    return subprocess.run([LAN, *args], capture_output=True, text=True, timeout=LIMIT_S * 2,
                          check=False, **more)


def processes_with(text):
    """The processes that have a text in their environment."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            found += [path] if text in path.read_bytes() else []
        except OSError:
            continue
    return found


def test_a_service_of_one_host_is_found_on_the_other(tmp_path):
    done = lan("-w", tmp_path / "lan.pcap", "--bare", "1", "--dns", "10.99.0.1", "--", "bash", "-c", """
        on 1 avahi-publish -s web _http._tcp 80 path=/ & until
        on 2 avahi-browse -rpt _http._tcp | grep -m 1 '^=.*IPv4'; do :; done
        on 2 cat /etc/resolv.conf; on 3 ls -A /run; exit 7""")
    assert done.returncode == 7, done.stderr
    assert done.stdout == ('=;eth0;IPv4;web;Web Site;local;host1.local;10.99.0.1;80;"path=/"\n'
                           "nameserver 10.99.0.1\n"), done.stderr
    assert any(to_port == 5353 and b"\x03web\x05_http" in payload for _, _, to_port, _, payload
               in lan_hosts.recorded(tmp_path / "lan.pcap"))


def test_daemons_and_cables_obey(tmp_path):
    done = lan("--", "bash", "-c", """
        state() { on $1 dbus-send --system --print-reply=literal --dest=org.freedesktop.Avahi / \
            org.freedesktop.Avahi.Server.GetState 2>&1 | grep -c 'int32 2'; }
        reaches() { on 1 timeout 1 bash -c ': </dev/tcp/10.99.0.2/9' 2>&1 | grep -q refused &&
            echo yes || echo no; }
        for verb in stop start kill start; do avahi 1 $verb; state 1; done
        bus 1 restart; state 1; avahi 1 start; state 1
        reaches; cable 2 cut; reaches; cable 2 join; reaches
        for verb in down up delete create; do interface 2 $verb; reaches; done
        avahi 1 start; avahi 3 stop; avahi 1 jump; cable""")
    assert done.stdout.split() == "0 1 0 1 0 1 yes no yes no yes no yes".split(), done.stderr
    assert done.stderr.splitlines()[-4:] == [
        "avahi: runs already", 'avahi: no host "3"',
        "Usage: avahi N start|stop|kill|restart|freeze|thaw", "Usage: cable N cut|join"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_however_it_ends(tmp_path, number):
    mark = f"LAN_TEST={tmp_path}"
    child = subprocess.Popen(
        [LAN, "--", "bash", "-c", "on 2 setsid sleep infinity & echo $LAN_DIR; sleep infinity"],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "LAN_TEST": str(tmp_path)})
    folder = pathlib.Path(child.stdout.readline().strip())
    wait_for(lambda: len(processes_with(mark.encode())) > 10, "the network's processes")
    os.killpg(child.pid, number) if number == signal.SIGINT else child.send_signal(number)
    status = child.wait(LIMIT_S)
    assert status == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number]
    wait_for(lambda: not processes_with(mark.encode()), "end of all processes")
    if number == signal.SIGKILL:    # the folder is removed by the next that begins
        assert lan("-n", "0", "--bare", "1", "--", "true").returncode == 0
    assert not folder.exists()


def reaches(host, address):
    """Whether a packet gets to an address, where no one listens at port 9, and one back."""
    done = host.run(["timeout", "2", "bash", "-c", f": </dev/tcp/{address}/9"],
                    stderr=subprocess.PIPE, check=False)
    return b"refused" in done.stderr


def test_two_at_once_do_not_see_each_other():
    with lan_hosts.Lan(1) as one, lan_hosts.Lan(1) as other:
        assert (one.host(1).avahi.name(), other.host(1).avahi.name()) == ("host1", "host1")
        other.host(1).run(["ip", "addr", "flush", "dev", "eth0"], check=True)
        assert "10.99.0.1" in one.host(1).output("ip", "addr")


def test_a_host_may_be_on_two_networks():
    with lan_hosts.Lan(0, bare=3, on={1: [0, 1], 3: [1]}) as made:
        one, two, three = made.hosts
        assert [i.address for i in one.interfaces] == ["10.99.0.1", "10.99.1.1"]
        assert reaches(one, two.address) and reaches(one, two.address6)
        assert reaches(one, three.address) and reaches(three, "10.99.1.1")
        assert not reaches(two, three.address)


@pytest.mark.parametrize("args, message", [
    (["-n", "300", "--", "true"], "there may be 1 to 200 hosts"),
    (["-n", "1"], "the following arguments are required"),
])
def test_wrong_use_is_explained(args, message):
    done = lan(*args)
    assert done.returncode == 2 and message in done.stderr
