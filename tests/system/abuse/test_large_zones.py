# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""While a large zone is read, edited, checked or derived anew, queries and updates of other zones are
answered and so are commands: nothing of it holds the registry for long."""

import contextlib
import threading
import time

import pytest

import updates
from waiting import let_pass

RECORDS = 200_000
TYPES = 200
LEAST = 0.25    # of the whole, that one update may wait
HEAD = """\
$ORIGIN big.test.
$TTL 60
@ SOA ns hostmaster {serial} 3600 600 86400 10
@ NS ns
ns A 127.0.0.1
"""


def hosts(serial):
    """A zone file of hosts, of which every second one has another address with each serial."""
    numbers = (number if number % 2 else number + serial * 2**20 for number in range(RECORDS))
    return HEAD.format(serial=serial) + "".join(
        f"h{i} A 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}\n" for i, n in enumerate(numbers))


def instances(serial):
    """One of instances, of which every second one has another port and another text."""
    lines = []
    for i in range(RECORDS // 2):
        owner, version = f"i{i}._t{i % TYPES}._tcp", serial if i % 2 else 0
        lines.append(f"{owner} SRV 0 0 {8000 + version} ns\n{owner} TXT v={version}\n")
    return HEAD.format(serial=serial) + "".join(lines)


class Asking(threading.Thread):
    """Does the same again and again, and remembers the longest time that it took."""

    def __init__(self, ask):
        super().__init__(daemon=True)
        self.ask, self.longest, self.count, self.error = ask, 0, 0, None
        self.is_done = threading.Event()

    def run(self):
        try:
            while not self.is_done.is_set():
                start = time.monotonic()
                self.ask(self.count)
                self.longest = max(self.longest, time.monotonic() - start)
                self.count += 1
                let_pass(0.005)
        except Exception as error:    # pylint: disable=broad-except
            self.error = error

    def end(self):
        self.is_done.set()
        self.join()
        if self.error is not None:
            raise self.error


@contextlib.contextmanager
def asking(*asks):
    threads = [Asking(ask) for ask in asks]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.is_done.set()
        for thread in threads:
            thread.join()
    for thread in threads:
        thread.end()


def change(weftd, owner, below="lab.cloud."):
    """An update that replaces a text by its number."""
    def ask(number):
        reply = updates.send(weftd, updates=[f"{owner} 0 ANY TXT", f"{owner} 60 IN TXT {number}"],
                             below=below, zone=below)
        assert reply.rcode == "NOERROR", reply
    return ask


def share(weftd, act):
    """Runs a command while other things are asked: the share of its time that one of them took at
    most."""
    with asking(change(weftd, "n1.nodes"), lambda _: updates.lookup(weftd, "ns.lab.cloud", "A"),
                lambda _: weftd.weft("status")) as threads:
        start = time.monotonic()
        act()
        whole = time.monotonic() - start
    assert all(thread.count > 1 for thread in threads)
    return max(thread.longest for thread in threads) / whole


def least_share(weftd, acts):
    """The least of some, as the machine may be busy with something else."""
    least = 1
    for act in acts:
        least = min(least, share(weftd, act))
        if least < LEAST:
            break
    return least


ZONES = {"lab.cloud": "update: {key: bench}",
         "big.test": "update: {key: bench}\nservice-view: {enable: yes}"}


@pytest.fixture
def large(make_weftd):
    """A weftd that serves a large zone of instances, beside a small one."""
    weftd = make_weftd()
    weftd.zone()
    weftd.zone(instances(1), "big.test")
    weftd.configure(zones=ZONES).start()
    return weftd


def edit(weftd, text):
    def act():
        weftd.weft("zone", "reload", "big.test")

    weftd.zone(text, "big.test")
    return act


@pytest.mark.limit(600)
def test_a_large_zone_of_hosts_is_added_and_edited(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure().start()
    weftd.zone(hosts(1), "big.test")
    weftd.configure(zones={name: "update: {key: bench}" for name in ZONES})
    assert share(weftd, lambda: weftd.weft("reload")) < 2 * LEAST
    assert updates.serial(weftd, "big.test") == 1
    for number in range(2, 6):
        act = edit(weftd, hosts(number))
        # Updates of the zone itself come to their turn, too.
        with asking(change(weftd, "own", "big.test.")) as (own,):
            took = share(weftd, act)
        assert own.count > 0
        assert updates.lookup(weftd, "own.big.test", "TXT") == {f'60 "{own.count - 1}"'}
        assert len(updates.lookup(weftd, f"h{RECORDS - 1}.big.test", "A")) == 1
        if took < LEAST:
            break
    assert took < LEAST


@pytest.mark.limit(600)
def test_a_large_zone_of_instances_is_edited(large):
    assert least_share(large, (edit(large, instances(number)) for number in range(2, 6))) < LEAST
    assert large.wrong_views() == ""
    assert updates.lookup(large, "i1._t1._tcp.big.test", "TXT") != {'60 "v=1"'}


@pytest.mark.limit(600)
def test_a_large_service_view_is_checked(large):
    checks = [lambda: large.weft("zone", "check", "big.test")] * 4
    assert least_share(large, checks) < LEAST


def rules(weftd, numbers):
    """Reloads with one rule for the service view after the other."""
    for ttl in numbers:
        zones = dict(ZONES)
        zones["big.test"] = zones["big.test"].replace("yes", f"yes, ttl: {ttl}, srv-max: {ttl}")
        weftd.configure(zones=zones)
        yield lambda: weftd.weft("reload")


@pytest.mark.limit(600)
def test_a_large_service_view_is_derived_by_a_new_rule(large):
    def register(number):
        service = f"new{number}._t{number % TYPES}._tcp"
        reply = updates.send(large, updates=[f"{service} 60 IN SRV 0 0 80 ns.big.test."],
                             below="big.test.", zone="big.test.")
        assert reply.rcode == "NOERROR", reply

    with asking(register) as (registering,):
        assert least_share(large, rules(large, range(20, 24))) < LEAST
    assert registering.count > 0
    assert large.wrong_views() == ""


@pytest.mark.limit(600)
def test_one_edit_is_one_version(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.zone(hosts(1), "big.test")
    weftd.configure(zones={name: "update: {key: bench}" for name in ZONES}).start()
    serials = set()
    with asking(lambda _: serials.add(updates.serial(weftd, "big.test"))):
        edit(weftd, hosts(2))()
    assert serials <= {1, 2}
    assert updates.serial(weftd, "big.test") == 2
