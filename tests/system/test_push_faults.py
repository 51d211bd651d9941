# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS Push when something breaks: frozen subscribers, cut cables, weftd killed, configurations that
change under the subscribers. Those that are not concerned notice nothing."""

import contextlib
import pathlib
import signal
import subprocess
import sys
import threading

import pytest

import dso
import netns
import updates
from loopback import queued
from netns import pair      # noqa: F401 (a fixture)
from pushing import (OPEN, TRANSPORTS, ZONE, agree, begin, certificate, change, differences,
                     follow, has_grown, prepare, serials, zone_records)
from services import reconfigure
from waiting import LIMIT_S, attempts, freeze, wait_for
from wire import NOERROR

SUBSCRIBER = pathlib.Path(__file__).with_name("push_subscriber.py")
BIG = [f"big 60 IN TXT {'x' * 200}{n}" for n in range(250)]


def alternate(weftd, count, *clients):
    """Makes `count` large changes: 250 records come and go. The clients agree with each."""
    for _ in range(count):
        change(weftd, *BIG, tcp=True)
        change(weftd, "big 0 ANY TXT")
        for client in clients:
            agree(client, weftd)
            client.log.clear()


class Updater(threading.Thread):
    """Makes updates until it is stopped; `acknowledged` are the numbers of those answered."""

    def __init__(self, weftd, owner="u"):
        super().__init__()
        self.weftd, self.owner = weftd, owner
        self.acknowledged, self.unsure = [], None
        self._end = threading.Event()

    def run(self):
        for n in attempts("end of the updates"):
            if self._end.is_set():
                return
            try:
                lines = [f"{self.owner} 60 IN TXT {n}", f"{self.owner} 0 NONE TXT {n - 20}"]
                reply = updates.send(self.weftd, updates=lines, tcp=True)
            except dso.ENDED:
                self.unsure = n
                continue
            if reply.rcode == "NOERROR":
                self.acknowledged.append(n)

    def stop(self):
        self._end.set()
        self.join()


# ---- subscribers that do not read ----

@pytest.fixture
def frozen(make_weftd):
    """A weftd that ends a session with more than 256 KiB unsent, on a host whose kernel sends no
    more than 64 KiB ahead."""
    with contextlib.closing(netns.Host()) as host, host.inside():
        netns.run("sysctl", "-qw", "net.ipv4.tcp_wmem=4096 16384 65536")
        yield prepare(make_weftd(), "push: {unsent: 256K}").start()


def is_connected(here, there):
    try:
        queued(here, there)
    except LookupError:
        return False
    return True


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_frozen_subscriber_delays_nobody_and_is_ended(frozen, transport):
    """Its session takes no more memory than the limit; the kernel has buffers of its own."""
    weftd = frozen
    where = weftd.tls if transport == "tls" else weftd.where
    before = weftd.rss_bytes()
    command = [sys.executable, "-B", str(SUBSCRIBER), where[0], str(where[1]), transport,
               "big.lab.cloud.", "TXT"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address, port = process.stdout.readline().split()
            freeze(process.pid)
            with begin(weftd, transport) as client:
                follow(client, ("big.lab.cloud.", "TXT"))
                for _ in attempts("end of the frozen session"):
                    alternate(weftd, 1, client)
                    if not is_connected(where, (address, int(port))):
                        break
            assert not has_grown(weftd, before, 8 << 20)
            process.send_signal(signal.SIGCONT)
            rest = process.stdout.read().splitlines()
        finally:
            process.kill()
    assert rest[-1].startswith("retry ") or rest[-1] in ("end EOFError", "end ConnectionResetError")


def test_a_frozen_subscriber_that_wakes_in_time_has_lost_nothing(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()
    with begin(weftd) as client:
        follow(client, ("big.lab.cloud.", "TXT"), ("u.lab.cloud.", "TXT"))
        alternate(weftd, 3)
        change(weftd, "u 60 IN TXT x")
        serial, zone = zone_records(weftd)
        for _ in attempts("last version"):
            if client.serial(client.soa) == serial and not differences(client, zone):
                break
            client.receive()


# ---- cables ----

def in_pair(make_weftd, pair, server=""):
    """A weftd on both addresses of a host: the client's zone is changed from its own host."""
    weftd = make_weftd()
    prepare(weftd, f'dso-plain: [127.0.0.0/8, 10.77.0.0/24]\n{server}', tls=False)
    text = weftd.conf.read_text()
    here = f'"{weftd.address}@{weftd.port}"'
    weftd.conf.write_text(text.replace(here, f'{here}, "0.0.0.0@{weftd.port + 1}"'))
    with pair.here.inside():
        weftd.start()
    return weftd


def test_a_cable_that_is_cut_for_a_moment_loses_nothing(make_weftd, pair):
    weftd = in_pair(make_weftd, pair)
    with pair.there.inside():
        far = dso.open_tcp((netns.HERE, weftd.port + 1)).begin()
    with pair.here.inside(), far:
        follow(far, ("u.lab.cloud.", "TXT"))
        agree(far, weftd)
        pair.set_down()
        with begin(weftd) as near:
            follow(near, ("u.lab.cloud.", "TXT"))
            for n in range(50):
                change(weftd, f"u 60 IN TXT {n}", f"u 0 NONE TXT {n - 3}")
            agree(near, weftd)
        pair.set_down(False)
        agree(far, weftd)
        told = serials(far)
        assert told == list(range(told[0], told[-1] + 1))


def test_a_cable_that_is_removed_delays_nobody(make_weftd, pair):
    """The subscriber comes back by another, subscribes again, and knows what the zone has."""
    weftd = in_pair(make_weftd, pair)
    with pair.there.inside():
        gone = dso.open_tcp((netns.HERE, weftd.port + 1)).begin()
    with pair.here.inside():
        follow(gone, ("big.lab.cloud.", "TXT"))
        pair.unplug()
        change(weftd, "u 60 IN TXT x")
        with begin(weftd) as near:
            follow(near, ("big.lab.cloud.", "TXT"))
            alternate(weftd, 20, near)
        pair.plug()
    gone.close()
    with pair.there.inside():
        back = dso.open_tcp((netns.HERE, weftd.port + 1)).begin()
    with pair.here.inside(), back:
        follow(back, ("big.lab.cloud.", "TXT"), ("u.lab.cloud.", "TXT"))
        agree(back, weftd)


# ---- weftd ends ----

@pytest.mark.parametrize("transport", TRANSPORTS)
def test_after_a_kill_subscribers_find_all_that_was_acknowledged(make_weftd, transport):
    """No stale record, no lost change: those of an update that was not answered may be there."""
    weftd = prepare(make_weftd(), tls=transport == "tls").start()
    for _ in range(2):
        client = begin(weftd, transport)
        follow(client, ("u.lab.cloud.", "TXT"))
        agree(client, weftd)
        updater = Updater(weftd)
        updater.start()
        for _ in range(20):
            client.until_push()
        weftd.kill()
        with pytest.raises(dso.ENDED):
            for _ in attempts("end of the session"):
                client.receive()
        assert client.rules.retry is None
        updater.stop()
        client.close()
        weftd.start()
        with begin(weftd, transport) as again:
            follow(again, ("u.lab.cloud.", "TXT"))
            agree(again, weftd)
            have = {int(key[3][1:]) for one in again.rules.active.values() for key in one.records
                    if key[2] == 16}
            assert set(updater.acknowledged[-19:]) <= have
            assert again.serial(again.soa) >= client.serial(client.soa)
        change(weftd, "u 0 ANY TXT")


# ---- configurations that change ----

def test_reloads_while_changes_are_pushed(make_weftd):
    weftd = prepare(make_weftd()).start()
    with begin(weftd) as one, begin(weftd, TRANSPORTS[-1]) as two:
        for client in (one, two):
            follow(client, ("u.lab.cloud.", "TXT"), ("f.lab.cloud.", "A"))
        updater = Updater(weftd)
        updater.start()
        try:
            for n in range(10):
                weftd.zone(ZONE + f"f A 192.0.2.{n}\n")
                weftd.weft("zone", "reload") if n % 2 else weftd.weft("reload")
        finally:
            updater.stop()
        for client in (one, two):
            agree(client, weftd)
            told = serials(client)
            assert told == sorted(set(told))
            assert client.keepalive().rcode == NOERROR


def ended(client, number, rcodes):
    """Waits until a subscription is ended: by a response of its own, or with the whole session."""
    for _ in attempts("end of the subscription"):
        try:
            client.receive()
        except dso.ENDED:
            assert client.rules.retry is not None
        if client.rules.retry is not None:
            assert client.rules.retry.rcode in (*rcodes, NOERROR)
            return "session"
        for which, rcode in client.rules.cancelled:
            if which == number:
                assert rcode in rcodes
                return "subscription"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_zone_that_is_removed(make_weftd, transport):
    weftd = make_weftd()
    weftd.zone(ZONE.replace("lab.cloud", "other.test"), "other.test")
    prepare(weftd, zones={"lab.cloud": OPEN, "other.test": OPEN}, tls=transport == "tls").start()
    with begin(weftd, transport) as client, begin(weftd, transport) as other:
        number = client.subscribe("ns.other.test.", "A")
        client.until_records(number, 1)
        kept = client.subscribe("u.lab.cloud.", "A")
        follow(other, ("u.lab.cloud.", "A"))
        text = weftd.conf.read_text()
        start = text.index("  - name: other.test")
        end = text.index("fabric:")
        weftd.conf.write_text(text[:start] + text[end:])
        weftd.weft("reload")
        how = ended(client, number, (dso.NOTAUTH, 5))
        change(weftd, "u 60 IN A 192.0.2.1")
        if how == "subscription":
            client.until_records(kept, 1)
        agree(other, weftd)


def test_an_acl_that_is_changed(make_weftd):
    """Sessions that may not subscribe any more lose their subscriptions, others do not."""
    options = f"{OPEN}\nsubscribe: {{address: [127.0.0.0/8]}}"
    weftd = prepare(make_weftd(), zones={"lab.cloud": options}, tls=False).start()
    with begin(weftd, source="127.0.0.5") as one, begin(weftd, source="127.0.0.6") as two:
        number = one.subscribe("u.lab.cloud.", "A")
        follow(two, ("u.lab.cloud.", "A"))
        reconfigure(weftd, ("subscribe: {address: [127.0.0.0/8]}",
                            "subscribe: {address: [127.0.0.6]}"))
        ended(one, number, (5, dso.NOTAUTH))
        change(weftd, "u 60 IN A 192.0.2.1")
        agree(two, weftd)
        with begin(weftd, source="127.0.0.5") as again:
            found = again.refused("u.lab.cloud.", "A")
            assert found.rcode == 5 and found.delay_ms is not None


def test_a_key_that_is_revoked(make_weftd):
    """Sessions whose certificate has the name of the key end, others do not."""
    weftd = make_weftd()
    prepare(weftd, "tls: {client-certificates: optional}",
            {"lab.cloud": f"{OPEN}\nsubscribe: {{key: n1.keys.lab.cloud}}"}).start()
    tls = dso.context(certificate=certificate(weftd, "n1.keys.lab.cloud"))
    with begin(weftd, "tls", tls=tls) as one, begin(weftd, "tls") as two:
        number = one.subscribe("u.lab.cloud.", "A")
        assert two.refused("u.lab.cloud.", "A").rcode == 5
        weftd.weft("key", "revoke", "n1")
        ended(one, number, (5, dso.NOTAUTH))
        assert two.keepalive().rcode == NOERROR


# ---- clients that come and go ----

def test_clients_that_vanish_leave_nothing(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()
    with begin(weftd) as client:
        follow(client, ("u.lab.cloud.", "TXT"))
        for n in range(60):
            with begin(weftd) as other:
                other.subscribe("u.lab.cloud.", "TXT")
                if n % 2:
                    other.sock.shutdown(2)
            change(weftd, f"u 60 IN TXT {n}")
        agree(client, weftd)
    wait_for(lambda: weftd.count("tcp-connections") == 0, "end of all connections", LIMIT_S)
