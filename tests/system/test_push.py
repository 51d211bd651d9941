# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS Push (RFC 8765): subscriptions, what there is when one is made, changes from every source, and
the sessions that end."""

import contextlib
import socket
import struct

import pytest

import leases
import services
import wire
from conftest import ZONE
from pushes import (MESSAGE_MAX, NOTAUTH, RECONFIRM, SUBSCRIBE, UNSUBSCRIBE, Client, changes,
                    question)
from sessions import RETRY_DELAY, message, tlv
from updates import send
from waiting import wait_for
from wire import ANY, CH, FORMERR, NOERROR, REFUSED, SERVFAIL

DELEGATED = ZONE + "sub NS ns.sub\nns.sub A 127.0.0.1\nalias CNAME ns\nother DNAME nodes\n*.w A 192.0.2.9\n"


@pytest.fixture
def tuned(make_weftd):
    """Makes a weftd with further options of the server and of the zone."""
    def make(server="", zone="", text=DELEGATED):
        weftd = make_weftd()
        weftd.zone(text)
        return weftd.configure({"lab.cloud": "update: {key: bench}\n" + zone}, server=server).start()
    return make


@pytest.fixture
def served(tuned):
    return tuned()


def change(weftd, *updates, **more):
    reply = send(weftd, updates=list(updates), **more)
    assert reply.rcode == "NOERROR", reply


def retry_delay(response):
    (kind, data), = response.tlvs
    assert kind == RETRY_DELAY
    return struct.unpack("!I", data)[0] / 1000


# ---- what there is ----

@pytest.mark.parametrize("owner, rdtype, found", [
    ("ns.lab.cloud", "A", ["ns.lab.cloud. 60 A 127.0.0.1"]),
    ("NS.lab.cloud", ANY, ["ns.lab.cloud. 60 A 127.0.0.1"]),
    ("alias.lab.cloud", "AAAA", ["alias.lab.cloud. 60 CNAME ns.lab.cloud."]),
    ("*.w.lab.cloud", "A", ["*.w.lab.cloud. 60 A 192.0.2.9"]),
    ("x.w.lab.cloud", "A", None), ("ns.lab.cloud", "AAAA", None), ("none.lab.cloud", ANY, None),
    ("x.other.lab.cloud", "A", None)])
def test_a_subscription_begins_with_what_there_is(served, owner, rdtype, found):
    with Client(served.where) as client:
        client.subscribe(owner, rdtype)
        assert client.changes() == found if found else client.is_quiet()
        assert served.count("push-subscriptions") == 1
    wait_for(lambda: served.count("push-subscriptions") == 0, "end of the subscription")


def test_much_comes_in_messages_that_follow_each_other(tuned):
    """A name with 1.6 MB. A change that comes meanwhile follows what there was before, and so does
    the answer to the next request."""
    text = ZONE + "".join(f"big TYPE{65280 + i} \\# 200 {j:04x}{'00' * 198}\n"
                          for i in range(40) for j in range(200))
    weftd = tuned(text=text, zone="limits: {name-size: 16M}")
    with Client(weftd.where) as client:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        client.send(message(1, tlv(SUBSCRIBE, question("big.lab.cloud", ANY))),
                    message(2, tlv(SUBSCRIBE, question("ns.lab.cloud", "A"))))
        assert client.read().number == 1
        got = client.changes()
        change(weftd, "big 60 IN A 192.0.2.1")
        while len(got) < 8000:
            got += client.changes()
        assert len(set(got)) == len(got) == 8000
        assert client.changes() == ["big.lab.cloud. 60 A 192.0.2.1"]
        assert client.read().number == 2
        assert client.changes() == ["ns.lab.cloud. 60 A 127.0.0.1"]


# ---- refusals ----

@pytest.mark.parametrize("asked, rcode, delay_s", [
    (question("www.example.org"), NOTAUTH, 300),
    (question("ns.sub.lab.cloud"), NOTAUTH, 300),
    (question("a.b.sub.lab.cloud"), NOTAUTH, 300),
    (question("sub.lab.cloud"), NOTAUTH, 300),
    (question("sub.lab.cloud", ANY), NOTAUTH, 300),
    (question("ns.lab.cloud", "A", CH), NOTAUTH, 300),
    (question("ns.lab.cloud") + b"x", FORMERR, 300),
    (question("ns.lab.cloud")[:-1], FORMERR, 300),
    (question("ns.lab.cloud", "AXFR"), FORMERR, 300),
    (question("ns.lab.cloud", "OPT"), FORMERR, 300),
    (b"", FORMERR, 300)], ids=lambda asked: asked.hex() if isinstance(asked, bytes) else None)
def test_a_refusal_has_its_rcode_and_a_delay(served, asked, rcode, delay_s):
    with Client(served.where) as client:
        got = client.ask(1, tlv(SUBSCRIBE, asked))
        assert got.rcode == rcode
        assert delay_s <= retry_delay(got) <= 2 * delay_s
        client.subscribe("sub.lab.cloud", "DS")
        client.subscribe("ns.lab.cloud", ANY, ANY)
        assert served.count("push-refused") == 1


@pytest.mark.parametrize("options, naccepted", [
    ("subscriptions: 3", 3), ("subscriptions-per-session: 3", 3), ("subscriptions-per-client: 3", 3)])
def test_a_limit_is_servfail_and_frees_its_room(tuned, options, naccepted):
    weftd = tuned(f"push: {{{options}}}")
    with Client(weftd.where) as client:
        numbers = [client.subscribe(f"n{i}.lab.cloud") for i in range(naccepted)]
        got = client.try_to("more.lab.cloud")
        assert got.rcode == SERVFAIL and 60 <= retry_delay(got) <= 120
        client.unsubscribe(numbers[1])
        client.subscribe("more.lab.cloud")


def test_none_are_accepted_where_none_are_permitted(tuned):
    with Client(tuned("push: {subscriptions: 0}").where) as client:
        assert client.try_to("ns.lab.cloud").rcode == REFUSED


@pytest.mark.parametrize("rule, rcode", [
    ("{address: 127.0.0.0/8}", NOERROR), ("{address: 192.0.2.0/24}", REFUSED),
    ("{key: bench}", REFUSED)])
def test_a_zone_may_be_for_some(tuned, rule, rcode):
    with Client(tuned(zone=f"subscribe: {rule}").where) as client:
        assert client.try_to("ns.lab.cloud").rcode == rcode


# ---- fatal errors ----

@pytest.mark.parametrize("sent", [
    message(1, tlv(SUBSCRIBE, question("b.lab.cloud"))),          # the message ID is in use
    message(2, tlv(SUBSCRIBE, question("A.LAB.cloud"))),          # a duplicate
    message(0, tlv(SUBSCRIBE, question("b.lab.cloud"))),          # not a request
    message(2, tlv(UNSUBSCRIBE, struct.pack("!H", 1))),           # a request
    message(0, tlv(UNSUBSCRIBE, b"\0\0\1")), message(0, tlv(RECONFIRM, question("a.lab.cloud", ANY))),
    message(0, tlv(RECONFIRM, b"\1")), message(0, tlv(0x41, b"")), message(2, tlv(0x41, b"")),
    message(1, tlv(SUBSCRIBE, question("b.lab.cloud")), flags=0xb000)], ids=lambda sent: sent.hex())
def test_fatal_errors_abort_the_connection(served, sent):
    with Client(served.where) as client:
        client.subscribe("a.lab.cloud")
        client.send(sent)
        assert client.is_aborted()
    wait_for(lambda: served.count("push-subscriptions") == 0, "end of the subscription")


def test_the_same_with_another_class_is_no_duplicate(served):
    with Client(served.where) as client:
        client.subscribe("a.lab.cloud")
        client.subscribe("a.lab.cloud", "A", ANY)
        client.subscribe("a.lab.cloud", ANY)
        change(served, "a 60 IN A 192.0.2.1")
        assert client.changes() == ["a.lab.cloud. 60 A 192.0.2.1"]
        assert client.is_quiet()


# ---- the end of a subscription ----

def test_unsubscribe_ends_one_subscription(served):
    with Client(served.where) as client:
        number = client.subscribe("a.lab.cloud")
        client.subscribe("b.lab.cloud")
        client.unsubscribe(number)
        client.unsubscribe(number)
        client.unsubscribe(4711)
        change(served, "a 60 IN A 192.0.2.1", "b 60 IN A 192.0.2.2")
        assert client.changes() == ["b.lab.cloud. 60 A 192.0.2.2"]
        client.subscribe("a.lab.cloud")
        assert client.changes() == ["a.lab.cloud. 60 A 192.0.2.1"]


def test_an_old_client_unsubscribes_by_name_and_its_session_ends(served):
    with Client(served.where) as client:
        client.subscribe("a.lab.cloud")
        client.send(message(0, tlv(UNSUBSCRIBE, question("a.lab.cloud"))))
        client.retry_delay()
        client.sock.shutdown(1)
        assert client.is_ended()


def test_reconfirm_is_counted_and_logged(served):
    with Client(served.where) as client:
        client.keep(9)
        client.send(message(0, tlv(RECONFIRM, question("ns.lab.cloud") + bytes(4))))
        assert client.is_quiet()
        assert served.count("push-reconfirms") == 1
    wait_for(lambda: " server: reconfirm name=ns.lab.cloud. type=A client=" in served.log(), "a line")


# ---- changes ----

def test_one_message_has_the_changes_of_a_commit(served):
    with Client(served.where) as client:
        for owner in ("a", "b", "c"):
            client.subscribe(f"{owner}.lab.cloud", ANY)
        change(served, "a 60 IN A 192.0.2.1", "a 60 IN A 192.0.2.2", "b 60 IN TXT x", "d 60 IN TXT y")
        assert client.changes() == ["a.lab.cloud. 60 A 192.0.2.1", "a.lab.cloud. 60 A 192.0.2.2",
                                    'b.lab.cloud. 60 TXT "x"']
        change(served, "a 0 NONE A 192.0.2.1", "b 0 ANY ANY", "c 60 IN CNAME a")
        got = client.changes()
        assert set(got[:2]) == {"a.lab.cloud. - A 192.0.2.1", "b.lab.cloud. -- TXT"}
        assert got[2:] == ["c.lab.cloud. 60 CNAME a.lab.cloud."]
        change(served, "a 30 IN A 192.0.2.2")
        assert client.changes() == ["a.lab.cloud. 30 A 192.0.2.2"]
        change(served, "a 30 IN TXT z")
        change(served, "a 0 ANY ANY")
        assert client.changes() == ['a.lab.cloud. 30 TXT "z"']
        assert client.changes() == ["a.lab.cloud. -- ANY"]


def test_all_sessions_with_the_same_subscriptions_share_the_bytes(served):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(served.where)) for _ in range(20)]
        for client in clients:
            client.subscribe("a.lab.cloud")
        change(served, "a 60 IN A 192.0.2.1")
        for client in clients:
            assert client.changes() == ["a.lab.cloud. 60 A 192.0.2.1"]
        assert served.count("push-encoded") <= 2        # one for each worker
        assert served.count("push-encoded") + served.count("push-shared") == 20
        assert served.count("push-messages") == 20


def test_a_subscription_misses_no_change(served):
    """Each client subscribes while the zone changes: it sees every value from then on, in order."""
    with contextlib.ExitStack() as stack:
        clients = []
        for i in range(50):
            client = stack.enter_context(Client(served.where))
            client.send(message(1, tlv(SUBSCRIBE, question("a.lab.cloud", "TXT"))))
            change(served, "a 0 ANY TXT", f"a 60 IN TXT v{i}")
            clients.append(client)
        for client in clients:
            assert client.read().rcode == NOERROR
            seen = []
            while not seen or seen[-1] != 49:
                seen += [int(shown.split('"v')[1][:-1]) for shown in client.changes()
                         if " - " not in shown and " -- " not in shown]
            assert seen == list(range(seen[0], 50))


def test_a_large_change_is_split(served):
    with Client(served.where) as client:
        client.subscribe("big.lab.cloud", "TXT")
        change(served, *[f"big 60 IN TXT {i:04}{'x' * 200}" for i in range(200)], tcp=True)
        sizes, got = [], []
        while len(got) < 200:
            data = wire.read_frame(client.sock)
            sizes.append(len(data))
            got += changes(data)
        assert len(set(got)) == 200 and len(sizes) == 3
        assert sizes[0] > MESSAGE_MAX - 300 and max(sizes) <= MESSAGE_MAX


# ---- every source of changes ----

def test_services_leases_and_drains_are_pushed(make_weftd):
    weftd, key = services.new_served(make_weftd)
    with Client(weftd.where) as client:
        client.subscribe("_http._tcp.lab.cloud", "PTR")
        client.subscribe("web._http._tcp.lab.cloud", "SRV")
        services.register((weftd, key), "web", lease=3600)
        got = client.changes()
        assert "web._http._tcp.lab.cloud. 60 SRV 0 0 80 n1.nodes.lab.cloud." in got
        assert any(shown.endswith(" PTR web._http._tcp.lab.cloud.") for shown in got)
        weftd.weft("drain", "web._http._tcp.lab.cloud")
        assert client.changes() == ["_http._tcp.lab.cloud. -- PTR"]
        weftd.weft("undrain", "web._http._tcp.lab.cloud")
        assert len(client.changes()) == 1
        weftd.weft("lease", "drop", "web._http._tcp.lab.cloud")
        assert set(client.changes()) == {"_http._tcp.lab.cloud. -- PTR",
                                         "web._http._tcp.lab.cloud. -- SRV"}


def test_a_lease_that_ends_is_pushed(make_weftd):
    weftd = leases.open_zone(make_weftd).start()
    with Client(weftd.where) as client:
        client.subscribe("a.lab.cloud", ANY)
        change(weftd, "a 60 IN A 192.0.2.1", lease=(2, 2))
        assert client.changes() == ["a.lab.cloud. 60 A 192.0.2.1"]
        assert client.changes() == ["a.lab.cloud. -- A"]


def test_a_zone_file_that_has_changed_is_pushed(served):
    with Client(served.where) as client:
        client.subscribe("ns.lab.cloud")
        client.changes()
        served.zone(DELEGATED.replace("ns A 127.0.0.1", "ns A 127.0.0.2"))
        served.weft("reload")
        assert client.changes() == ["ns.lab.cloud. - A 127.0.0.1", "ns.lab.cloud. 60 A 127.0.0.2"]


# ---- sessions that end ----

@pytest.mark.parametrize("zones, rcode", [
    ({"lab.cloud": "update: {key: bench}\nsubscribe: {address: 192.0.2.1}"}, REFUSED),
    ({"other.cloud": ""}, NOTAUTH)])
def test_a_reload_ends_the_sessions_that_it_concerns(served, zones, rcode):
    served.zone(name="other.cloud", text=DELEGATED.replace("lab.cloud", "other.cloud"))
    served.configure({"lab.cloud": "update: {key: bench}", "other.cloud": ""})
    served.weft("reload")
    with Client(served.where) as client, Client(served.where) as other:
        client.subscribe("ns.lab.cloud")
        other.subscribe("ns.other.cloud")
        client.changes()
        other.changes()
        served.configure({"other.cloud": "", **zones})
        served.weft("reload")
        assert client.retry_delay()[0] == rcode
        assert other.is_quiet()


def test_a_delegation_ends_the_sessions_with_names_below(served):
    with Client(served.where) as client, Client(served.where) as other:
        client.subscribe("x.new.lab.cloud")
        other.subscribe("new.lab.cloud", "DS")
        change(served, "new 60 IN NS ns")
        assert client.retry_delay()[0] == NOTAUTH
        assert other.is_quiet()


def test_a_session_that_does_not_read_ends_and_the_others_do_not_notice(tuned):
    weftd = tuned("push: {unsent: 4096}")
    with Client(weftd.where) as frozen, Client(weftd.where) as client:
        frozen.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for one in (frozen, client):
            one.subscribe("a.lab.cloud", "TXT")
        for i in range(4000):
            change(weftd, "a 0 ANY TXT", *[f"a 60 IN TXT {i}-{j}-{'x' * 240}" for j in range(40)],
                   tcp=True)
            while True:
                if any(f'"{i}-39-' in shown for shown in client.changes()):
                    break
            if weftd.count("dso-slow") == 1:
                break
        assert weftd.count("dso-slow") == 1
        assert weftd.count("push-subscriptions") == 1
