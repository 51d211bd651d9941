# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""`weft drain --wait`: until every subscriber has got the change, and nobody has an old answer; and
`weft sessions`, which shows them."""

import socket
import subprocess
import time

import pytest

import leases
from conftest import WEFT
from pushes import Client
from services import TYPE, WEB, ZONE, options
from updates import send
from waiting import wait_for

FULL = f"{WEB}.lab.cloud"
PATIENT = "push: {unsent: 64M}\ntcp: {io-timeout: 600}"
@pytest.fixture
def served(make_weftd):
    """A weftd with an instance whose records live for a second."""
    weftd, key = leases.fabric(make_weftd, ZONE, options("ttl: 1"), server=PATIENT)
    weftd.start()
    reply = send(weftd, updates=[f"{WEB} 1 IN SRV 0 0 80 n1.nodes", f"{WEB} 1 IN TXT a=b"],
                 key=key("n1"))
    assert reply.rcode == "NOERROR"
    weftd.n1 = key("n1")
    return weftd


def drain(weftd, *options, **more):
    return subprocess.Popen([WEFT, "-s", str(weftd.socket), "drain", FULL, "--wait", *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def test_without_subscribers_the_ttl_is_waited_for(served):
    began = time.monotonic()
    done = drain(served)
    out, err = done.communicate(timeout=60)
    assert done.returncode == 0, err
    assert [line.split() for line in out.splitlines()] == [["instance", "drained", "changed"],
                                                           [f"{FULL}.", "yes", "yes"]]
    assert time.monotonic() - began >= 1


def test_subscribers_that_read_are_not_waited_for(served):
    with Client(served.where) as client:
        client.subscribe(f"{TYPE}.lab.cloud", "PTR")
        client.changes()
        done = drain(served)
        assert client.changes() == [f"{TYPE}.lab.cloud. -- PTR"]
        out, err = done.communicate(timeout=60)
        assert done.returncode == 0, err
        # Again: it is drained already.
        assert drain(served).wait(timeout=60) == 0
        served.weft("undrain", FULL)
        assert len(client.changes()) == 1
        assert drain(served).wait(timeout=60) == 0


def fill(weftd, client):
    """Has the server send until neither its kernel nor the client's takes more."""
    client.subscribe("n1.nodes.lab.cloud", "TXT")
    for i in range(10000):
        texts = [f"n1.nodes 60 IN TXT {i}-{j}-{'x' * 240}" for j in range(100)]
        assert send(weftd, updates=["n1.nodes 0 ANY TXT", *texts], key=weftd.n1,
                    tcp=True).rcode == "NOERROR"
        if weftd.json("sessions")[0]["unsent"] > 0:
            return
    assert False

def test_a_frozen_subscriber_is_shown_until_it_has_got_the_change(served):
    """Its kernel acknowledges nothing: its receive buffer is full."""
    with Client(served.where) as client:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.subscribe(f"{TYPE}.lab.cloud", "PTR")
        client.changes()
        fill(served, client)
        where = "%s@%d" % client.sock.getsockname()[:2]
        late = drain(served, "--timeout", "2")
        out, err = late.communicate(timeout=60)
        assert late.returncode == 1, (out, err)
        assert f"waiting for {where}: {TYPE}.lab.cloud. PTR" in err and "timeout" in err
        done = drain(served)
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        while f"{TYPE}.lab.cloud. -- PTR" not in client.changes():
            pass
        assert done.wait(timeout=60) == 0


def test_sessions_are_listed(served):
    with Client(served.where) as client, Client(served.where) as other:
        client.subscribe("none.lab.cloud", "PTR")
        client.subscribe("ns.lab.cloud", 255)
        other.keep()
        where = "%s@%d" % client.sock.getsockname()[:2]
        listed = served.json("sessions")
        assert sorted(one["subscriptions"] for one in listed) == [0, 2]
        assert {one["transport"] for one in listed} == {"tcp"}
        assert {one["key"] for one in listed} == {None}
        one, = served.json("sessions", where)
        assert one["client"] == where and one["unsent"] == 0 and one["age"] >= 0
        assert sorted((sub["name"], sub["type"]) for sub in one["subscribed"]) == [
            ("none.lab.cloud.", "PTR"), ("ns.lab.cloud.", "ANY")]
        assert len(served.json("sessions", client.sock.getsockname()[0])) == 2
        assert where in served.weft("sessions").stdout
        wrong = served.weft("sessions", "n1", check=False)
        assert (wrong.returncode, wrong.stderr) == (1, "weft: n1 is not an address\n")


def test_many_sessions_are_listed_in_parts(served):
    clients = [Client(served.where) for _ in range(300)]
    try:
        for client in clients:
            client.subscribe(f"{TYPE}.lab.cloud", "PTR")
        assert len(served.json("sessions")) == 300
        done = drain(served)
        for client in clients:
            client.changes()
        assert done.wait(timeout=60) == 0
    finally:
        for client in clients:
            client.__exit__()
