# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DSO sessions and subscriptions that are there to do harm: they cost their own client, not weftd's
memory and not the others."""

import contextlib
import socket
import struct
import threading

import dso
import pushing
import updates
import wire
from pushing import begin, change, fresh, prepare
from waiting import attempts, wait_for
from wire import NOERROR, frame

MIB = 1 << 20
FOE, FRIEND = "127.0.0.66", "127.0.0.77"
BIG = "".join(f'big TXT "{i:03}{"x" * 230}"\n' for i in range(240))
TRANSPORTS = ["tcp", "tls"]


def serve(make_weftd, server="", zone=pushing.ZONE + BIG):
    return prepare(make_weftd(), "workers: 1\n" + server, zone=zone).start()


def small(weftd):
    """A socket whose receive buffer is as small as can be, connected from the foe's address."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.bind((FOE, 0))
    sock.settimeout(20)
    sock.connect(weftd.where)
    return sock


def send_until_full(sock, data, most=64 * MIB):
    """Sends the data again and again until weftd takes no more, has ended the connection, or has
    taken `most`. Returns how many bytes it took."""
    sock.settimeout(1)
    taken = 0
    with contextlib.suppress(OSError):
        for _ in attempts("full connection"):
            taken += sock.send(data)
            if taken > most:
                break
    return taken


def friend(weftd, owner="ns.lab.cloud."):
    """A client of another address, which subscribes."""
    client = begin(weftd, "tcp", source=FRIEND)
    client.subscribe(owner, "ANY")
    return client


def is_told(client, weftd):
    """Subscribes to a new name, changes it, and receives the change."""
    name = fresh()
    client.subscribe(name, "A")
    change(weftd, f"{name} 60 IN A 192.0.2.7")
    key = (wire.name(name), 1, 1, bytes([192, 0, 2, 7]))
    client.until(lambda _: any(key in one.records for one in client.rules.active.values()), "PUSH")
    return True


def test_keepalives_without_end_are_answered_to_those_who_read(make_weftd):
    weftd = serve(make_weftd)
    before = weftd.rss_bytes()
    with small(weftd) as sock, friend(weftd) as client:
        sock.sendall(frame(dso.keepalive(1)))
        taken = send_until_full(sock, frame(dso.keepalive(2)) * 1000)
        assert taken < 64 * MIB and weftd.rss_bytes() - before < 16 * MIB
        assert is_told(client, weftd)


def test_reconfirms_without_end_change_nothing(make_weftd):
    weftd = serve(make_weftd)
    before, serial = weftd.rss_bytes(), updates.serial(weftd)
    with small(weftd) as sock, friend(weftd) as client:
        sock.sendall(frame(dso.keepalive(1)))
        send_until_full(sock, frame(dso.reconfirm("ns.lab.cloud.", "A", bytes(4))) * 1000, 8 * MIB)
        assert updates.serial(weftd) == serial and weftd.rss_bytes() - before < 16 * MIB
        assert client.query("ns.lab.cloud.").rcode == NOERROR
        assert is_told(client, weftd)


def test_subscriptions_that_come_and_go_unread_take_no_memory(make_weftd):
    weftd = serve(make_weftd)
    before = weftd.rss_bytes()
    turns = b"".join(frame(dso.subscribe(i, "big.lab.cloud.", "TXT")) + frame(dso.unsubscribe(i))
                     for i in range(2, 200))
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(friend(weftd))
        for _ in range(10):
            sock = stack.enter_context(small(weftd))
            sock.sendall(frame(dso.keepalive(1)))
            send_until_full(sock, turns, 4 * MIB)
        assert weftd.rss_bytes() - before < 48 * MIB
        assert is_told(client, weftd)
    # A subscription that was ended is forgotten.
    wait_for(lambda: weftd.count("push-subscriptions") == 0, "end of all subscriptions")


def test_a_subscriber_that_reads_nothing_ends_alone(make_weftd):
    weftd = serve(make_weftd, "push: {unsent: 64K}")
    name = fresh("wide")
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(friend(weftd))
        client.subscribe(name, "TXT")
        deaf = [stack.enter_context(small(weftd)) for _ in range(20)]
        for sock in deaf:
            sock.sendall(frame(dso.keepalive(1)) + frame(dso.subscribe(2, name, "TXT")))
        wait_for(lambda: weftd.count("push-subscriptions") == 22, "subscriptions")
        before = weftd.rss_bytes()
        rdata = "\\#" + ("ff" + "78" * 255) * 40
        for number in range(200):
            change(weftd, f"{name} 0 ANY TXT", f"{name} 60 IN TXT {rdata[:-4]}{number:04x}")
            if weftd.count("push-subscriptions") == 2:
                break
        assert weftd.count("push-subscriptions") == 2, "those that read nothing are still subscribed"
        assert weftd.rss_bytes() - before < 32 * MIB
        sessions_left = weftd.count("dso-sessions")
        assert is_told(client, weftd)
        assert sessions_left == 1


def test_too_many_subscriptions_of_a_session_are_refused_one_by_one(make_weftd):
    weftd = serve(make_weftd, "push: {subscriptions-per-session: 50}")
    with begin(weftd, "tcp", source=FOE) as foe, friend(weftd) as client:
        for number in range(50):
            foe.subscribe(f"n{number}.lab.cloud.", "A")
        for _ in range(10):
            found = foe.refused(fresh(), "A")
            assert found.rcode in (wire.REFUSED, wire.SERVFAIL) and found.delay_ms
        assert foe.query("ns.lab.cloud.").rcode == NOERROR
        assert is_told(client, weftd)


def test_all_message_ids_of_a_session(make_weftd):
    """More subscriptions than are permitted, sent at once with every message ID there is."""
    weftd = serve(make_weftd)
    before = weftd.rss_bytes()
    with wire.connect(weftd.where) as sock, friend(weftd) as client:
        def write():
            with contextlib.suppress(OSError):
                sock.sendall(frame(dso.keepalive(1)) + b"".join(
                    frame(dso.subscribe(i, f"id{i}.lab.cloud.", "A")) for i in range(2, 65536)))

        writer = threading.Thread(target=write)
        writer.start()
        granted = refused = 0
        sock.settimeout(60)
        for _ in range(65535):
            answer = dso.parse(wire.read_frame(sock))
            granted += answer.rcode == NOERROR
            refused += answer.rcode != NOERROR
        writer.join()
        assert granted - 1 == weftd.count("push-subscriptions") - 1
        assert refused > 0 and weftd.rss_bytes() - before < 64 * MIB
        assert is_told(client, weftd)


def test_the_sessions_of_one_address_are_limited(make_weftd):
    weftd = serve(make_weftd, "dso: {sessions-per-client: 40}")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(pushing.connect(weftd, "tcp", source=FOE))
                   for _ in range(120)]
        for client in clients:
            client.send(dso.keepalive(1, 60000, 60000))
        wait_for(lambda: weftd.count("dso-sessions") <= 40, "limit")
        with friend(weftd) as other:
            assert is_told(other, weftd)


def test_ten_thousand_subscribers_of_one_key_do_not_keep_others_waiting(make_weftd):
    """Subscriptions of many sessions at one name: a change of another name is pushed as ever."""
    weftd = serve(make_weftd)
    with contextlib.ExitStack() as stack:
        for i in range(100):
            client = stack.enter_context(begin(weftd, "tcp", source=FOE))
            client.subscribe("hot.lab.cloud.", "A")
        other = stack.enter_context(friend(weftd))
        with wire.connect(weftd.where) as sock:
            for number in range(200):
                data, _ = updates.signed(["hot 0 ANY A", f"hot 60 IN A 10.0.0.{number}"])
                sock.sendall(frame(data))
            assert is_told(other, weftd)


def test_a_huge_change_reaches_each_of_many_subscribers(make_weftd):
    count = 20000
    lines = [f"name{i} {{ttl}} A 10.0.{i // 256}.{i % 256}" for i in range(count)]
    text = pushing.ZONE + "\n".join(lines) + "\n"
    weftd = serve(make_weftd, zone=text.replace("{ttl}", "60"))
    before = weftd.rss_bytes()
    with contextlib.ExitStack() as stack:
        clients = []
        for i in range(50):
            client = stack.enter_context(begin(weftd, "tcp"))
            client.mine = client.subscribe(f"name{i * 17}.lab.cloud.", "A")
            clients.append(client)
        weftd.zone(text.replace("{ttl}", "61"))
        weftd.weft("reload")
        for client in clients:
            client.until(lambda _, c=client: set(c.rules.active[c.mine].records.values()) == {61},
                         "change")
        assert all(len(client.rules.pushes) == 2 for client in clients)
        assert weftd.rss_bytes() - before < 128 * MIB
