# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""`weft subscribe` and `weft watch` at a server whose messages are the test's: the client's rules of
RFC 8490 and RFC 8765, one by one."""

import struct

import pytest

import push_server
from push_server import (A, AAAA, ANY, CNAME, DSOTYPENI, IN, KEEPALIVE, NOTAUTH, PTR, PUSH,
                         RECONFIRM, REMOVE, REMOVE_ALL, RETRY_DELAY, SRV, SUBSCRIBE, TXT,
                         UNSUBSCRIBE, dso, keepalive, notice, push, retry_delay, srv, tlv, txt)
from wire import name, read_frame

HOST = "n1.nodes.lab.cloud"
ADDRESS = bytes([192, 0, 2, 1])


@pytest.fixture
def server():
    one = push_server.Server()
    yield one
    one.close()


@pytest.fixture
def follow(server):
    """Starts a client; it is gone after the test."""
    followers = []

    def start(*args, **more):
        followers.append(push_server.Follower(*args, "--server", server.text, **more))
        return followers[-1]

    yield start
    for follower in followers:
        follower.kill()


def records(follower, count):
    return sorted((line["event"], line["rdata"])
                  for line in (follower.change() for _ in range(count)))


# ---- a session ----

def test_a_session_begins_with_a_keepalive_and_then_subscribes(server, follow):
    follower = follow("subscribe", HOST, "A", "--keepalive", "20")
    session = server.accept()
    first = session.read()
    assert first.kind == KEEPALIVE and first.number != 0
    assert struct.unpack("!II", first.data)[1] == 20000
    session.answer(first, keepalive())
    asked = session.subscription()
    assert asked.number != 0 and asked.tlvs[1:] == []
    assert asked.question() == (name(HOST).decode("latin-1"), A, IN)
    session.answer(asked)
    session.send(push(notice(HOST, A, 60, ADDRESS)))
    line = follower.change()
    assert line.pop("time").endswith("Z")
    assert line == {"event": "add", "name": HOST + ".", "ttl": 60, "class": "IN", "type": "A",
                    "rdata": "192.0.2.1"}
    assert follower.stop() == (0, "")
    assert session.is_ended()


def test_changes_are_reported_and_what_is_known_already_is_not(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.accept(notice(HOST, A, 60, ADDRESS))
    assert follower.change()["rdata"] == "192.0.2.1"
    session.send(push(notice(HOST, A, 60, ADDRESS)),            # the same: nothing
                 push(notice(HOST, A, 0, bytes(4))),            # TTL 0 is an addition, too
                 push(notice(HOST, A, 30, ADDRESS)),            # another TTL
                 push(notice(HOST, A, REMOVE, bytes(4))),
                 push(notice(HOST, A, REMOVE, bytes(4))),       # is not there any more
                 push(notice(HOST, A, REMOVE_ALL), notice(HOST, A, 30, ADDRESS)),   # no change
                 push(notice(HOST, A, REMOVE_ALL)))
    found = [follower.change() for _ in range(4)]
    assert [(line["event"], line["ttl"], line["rdata"]) for line in found] == [
        ("add", 0, "0.0.0.0"), ("change", 30, "192.0.2.1"), ("remove", 0, "0.0.0.0"),
        ("remove", 30, "192.0.2.1")]


@pytest.mark.parametrize("removal, left", [
    ((A, IN), ["AAAA", "TXT"]), ((ANY, IN), []), ((0, 255), []), ((A, 255), []),
    ((A, 3), ["A", "AAAA", "TXT"]), ((ANY, 3), ["A", "AAAA", "TXT"])])
def test_a_collective_removal_takes_a_type_or_all_at_the_name(server, follow, removal, left):
    follower = follow("subscribe", HOST, "ANY")
    session = server.session()
    assert session.subscription().question()[1:] == (ANY, IN)
    session.close()
    session = server.session()
    session.accept(notice(HOST, A, 60, ADDRESS), notice(HOST, AAAA, 60, bytes(16)),
                   notice(HOST, TXT, 60, txt("a=b")))
    records(follower, 3)
    session.send(push(notice(HOST, removal[0], REMOVE_ALL, rdclass=removal[1])),
                 push(notice(HOST, ANY - 250, 60, name("end.lab.cloud"))))
    gone = []
    while (line := follower.change())["event"] == "remove":
        gone.append(line["type"])
    assert line["type"] == "CNAME"
    assert sorted({"A", "AAAA", "TXT"} - set(gone)) == left


def test_notifications_that_match_nothing_are_passed_over(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.accept()
    session.send(push(notice("n2.nodes.lab.cloud", A, 60, ADDRESS),
                      notice(HOST, TXT, 60, txt("a=b")),            # another type
                      notice(HOST, A, 60, ADDRESS, rdclass=3),      # another class
                      notice(HOST, A, 0x80000000, bytes(4)),        # TTLs without a meaning
                      notice(HOST, A, 0xfffffffd, bytes(4)),
                      notice(HOST, CNAME, 60, name("n2.nodes.lab.cloud")),
                      notice(HOST.upper(), A, 60, ADDRESS)))
    assert records(follower, 2) == [("add", "192.0.2.1"), ("add", "n2.nodes.lab.cloud.")]


def test_compressed_names_point_into_the_message(server, follow):
    follower = follow("subscribe", "_http._tcp.lab.cloud", "PTR")
    session = server.session()
    session.accept()
    owner = name("_http._tcp.lab.cloud")
    first = owner + struct.pack("!HHIH", PTR, IN, 60, 6) + b"\3web\xc0\x10"
    second = b"\xc0\x10" + struct.pack("!HHIH", PTR, IN, 60, 8) + b"\5web-2\xc0\x10"
    session.send(push(first, second))
    assert records(follower, 2) == [("add", "web-2._http._tcp.lab.cloud."),
                                    ("add", "web._http._tcp.lab.cloud.")]


def test_a_message_may_come_in_pieces_and_several_at_once(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    asked = session.subscription()
    messages = [dso(asked.number, response=True)]
    messages += [push(notice(HOST, A, 60, bytes([10, 0, 0, i]))) for i in range(20)]
    data = b"".join(struct.pack("!H", len(one)) + one for one in messages)
    session.sock.setsockopt(6, 1, 1)
    for at in range(0, len(data) // 2, 3):
        session.sock.sendall(data[at:at + 3] if at + 3 <= len(data) // 2
                             else data[at:len(data) // 2])
    session.sock.sendall(data[len(data) // 2:])
    assert records(follower, 20) == sorted(("add", f"10.0.0.{i}") for i in range(20))


def test_a_push_of_the_largest_size_is_taken(server, follow):
    follower = follow("subscribe", HOST, "TXT")
    session = server.session()
    session.accept()
    room = 16382 - 12 - 4
    notices, number = b"", 0
    while room - len(notices) > 600:
        notices += notice(HOST, TXT, 60, txt(f"{number}=" + "x" * 200))
        number += 1
    head = len(notice(HOST, TXT, 60))
    rest = room - len(notices) - head
    notices += notice(HOST, TXT, 60, bytes([255]) + b"y" * 255 + bytes([rest - 257])
                      + b"z" * (rest - 257))
    session.send(push(notices))
    assert len(push(notices)) == 16382
    assert len(records(follower, number + 1)) == number + 1


# ---- fatal errors ----

def _padding(count):
    return tlv(push_server.PADDING, bytes(count))


_PUSH = notice(HOST, A, 60, ADDRESS)
FATAL = {
    "push of more than 16382 bytes": push(*[notice(HOST, TXT, 60, txt("x" * 250))] * 60),
    "push without a notification": push(),
    "push as a response": dso(0, tlv(PUSH, _PUSH), response=True),
    "push with a message id": dso(5, tlv(PUSH, _PUSH)),
    "addition of type ANY": push(notice(HOST, ANY, 60)),
    "addition of class ANY": push(notice(HOST, A, 60, ADDRESS, rdclass=255)),
    "removal of type ANY": push(notice(HOST, ANY, REMOVE)),
    "removal of class ANY": push(notice(HOST, A, REMOVE, ADDRESS, rdclass=255)),
    "collective removal with rdata": push(notice(HOST, A, REMOVE_ALL, ADDRESS)),
    "notification cut short": push(_PUSH[:-1]),
    "name that points forward": push(b"\xc0\xff" + _PUSH[len(name(HOST)):]),
    "rdata that is too short": push(notice(HOST, A, 60, ADDRESS[:3])),
    "subscribe of the server": dso(5, tlv(SUBSCRIBE, name(HOST) + bytes([0, 1, 0, 1]))),
    "subscribe without an id": dso(0, tlv(SUBSCRIBE, name(HOST) + bytes([0, 1, 0, 1]))),
    "unsubscribe of the server": dso(0, tlv(UNSUBSCRIBE, bytes([0, 5]))),
    "unsubscribe as a response": dso(0, tlv(UNSUBSCRIBE, bytes([0, 5])), response=True),
    "reconfirm of the server": dso(0, tlv(RECONFIRM, name(HOST) + bytes([0, 1, 0, 1]) + ADDRESS)),
    "keepalive with a message id": dso(5, keepalive()),
    "keepalive interval below ten seconds": dso(0, keepalive(15000, 9999)),
    "keepalive of the wrong length": dso(0, tlv(KEEPALIVE, bytes(7))),
    "retry delay with a message id": dso(5, retry_delay(1000)),
    "retry delay of the wrong length": dso(0, tlv(RETRY_DELAY, bytes(3))),
    "response to nothing": dso(0xfffe, response=True),
    "response with message id 0": dso(0, response=True),
    "unknown unidirectional type": dso(0, tlv(0x1234)),
    "padding as primary": dso(0, _padding(4)),
    "no TLV": dso(0),
    "TLV cut short": dso(0, tlv(PUSH, _PUSH)[:-2]),
    "counts in a push": dso(0, tlv(PUSH, _PUSH), counts=(0, 1, 0, 0)),
    "counts in a response": dso(0xfffe, response=True, counts=(1, 0, 0, 0)),
    "not even a header": bytes(11),
    "edns-tcp-keepalive": struct.pack("!HHHHHH", 1, 0x8000, 0, 0, 0, 1) + b"\0" + struct.pack(
        "!HHIHHHH", 41, 1232, 0, 6, 11, 2, 100),
}


@pytest.mark.parametrize("what", FATAL)
def test_the_client_aborts(server, follow, what):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.accept(notice(HOST, A, 60, ADDRESS))
    follower.change()
    session.send(FATAL[what])
    assert session.is_aborted()
    assert "breaks the protocol" in follower.state("lost")["why"]


def test_a_second_acceptance_and_a_repeated_response_are_fatal(server, follow):
    follow("subscribe", HOST, "A")
    session = server.session()
    asked, = session.accept()
    session.answer(asked)
    assert session.is_aborted()


@pytest.mark.parametrize("tlvs", [[], [keepalive(), keepalive()], [_padding(2), keepalive()],
                                  [tlv(KEEPALIVE, bytes(9))], [keepalive(15000, 1)]])
def test_a_response_to_keepalive_has_one_keepalive_tlv(server, follow, tlvs):
    follow("subscribe", HOST, "A")
    session = server.accept()
    session.answer(session.read(), *tlvs)
    assert session.is_aborted()


def test_messages_before_the_session_are_fatal(server, follow):
    follow("subscribe", HOST, "A")
    session = server.accept()
    session.read()
    session.send(dso(0, keepalive()))
    assert session.is_aborted()


# ---- what must be borne ----

def test_unknown_tlvs_and_requests_are_borne(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.accept()
    first = session.read()
    session.answer(first, keepalive(), tlv(0xf800, b"x"), _padding(9))
    asked = session.subscription()
    # a SUBSCRIBE TLV in its response is ignored (RFC 8765 section 6.2.2)
    session.answer(asked, tlv(SUBSCRIBE, name(HOST) + bytes([0, 1, 0, 1])), tlv(0xf801))
    session.send(dso(77, tlv(0xf802, b"?")))
    session.mark()
    refusal = session.read()
    assert (refusal.number, refusal.is_response, refusal.rcode, refusal.tlvs) == \
        (77, True, DSOTYPENI, [])
    session.send(dso(78, keepalive(), counts=(1, 0, 0, 0)))
    refusal = session.read()
    assert (refusal.number, refusal.is_response, refusal.rcode) == (78, True, 1)
    # a UPDATE response of nobody's, Z bits, and an additional TLV in a PUSH
    session.send(struct.pack("!HHHHHH", 9, 0xa800, 0, 0, 0, 0))
    message = dso(0, tlv(PUSH, _PUSH), tlv(0xf803, b"more"))
    session.send(message[:2] + struct.pack("!H", DSO_FLAGS | 0x0170) + message[4:])
    assert follower.change()["rdata"] == "192.0.2.1"
    session.send(dso(0, keepalive(20000, 30000)))
    session.send(push(notice(HOST, A, REMOVE, ADDRESS)))
    assert follower.change()["event"] == "remove"


DSO_FLAGS = push_server.DSO << 11


def test_responses_may_come_in_another_order(server, follow):
    follower = follow("subscribe", HOST, "A", "--once")
    session = server.session()
    asked, mark = session.read(), session.read()
    assert (asked.kind, mark.kind) == (SUBSCRIBE, KEEPALIVE)
    session.answer(mark, keepalive())
    session.answer(asked)
    session.send(push(notice(HOST, A, 60, ADDRESS)))
    session.mark()
    assert follower.change()["rdata"] == "192.0.2.1"
    assert follower.end()[0] == 0


# ---- refusals, Retry Delay ----

def test_a_server_that_refuses_a_subscription_is_polled_and_keeps_its_session(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.answer(session.subscription(), rcode=5)
    session.mark()
    line = follower.state("refused")
    assert line["name"] == HOST + "." and "REFUSED" in line["why"]
    data = read_frame(session.sock)             # asked over the session that there is
    number, flags, *counts = struct.unpack_from("!HHHHHH", data)
    assert (flags & 0x7800, counts[0]) == (0, 1) and number != 0
    question = data[12:12 + len(name(HOST)) + 4]
    assert question == name(HOST) + struct.pack("!HH", A, IN)
    session.send(struct.pack("!HHHHHH", number, 0x8400, 1, 1, 0, 0) + question +
                 notice(HOST, A, 600, ADDRESS))
    assert follower.change()["rdata"] == "192.0.2.1"
    assert follower.stop() == (0, "")


@pytest.mark.parametrize("rcode", [2, 5, 9, 23 & 15])
def test_a_refused_subscription_is_tried_again_after_the_retry_delay(server, follow, rcode):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.answer(session.subscription(), retry_delay(300), rcode=rcode)
    follower.state("refused")
    session.accept(notice(HOST, A, 60, ADDRESS))
    assert follower.change()["rdata"] == "192.0.2.1"


def test_a_cancelled_subscription_is_tried_again(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    asked, = session.accept(notice(HOST, A, 60, ADDRESS))
    follower.change()
    session.answer(asked, retry_delay(200), rcode=NOTAUTH)
    follower.state("refused")
    session.accept(notice(HOST, A, 60, ADDRESS))        # the same: no change
    session.send(push(notice(HOST, A, REMOVE_ALL)))
    assert follower.change()["event"] == "remove"


def test_the_client_closes_on_retry_delay_and_comes_back_after_it(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.accept(notice(HOST, A, 60, ADDRESS))
    follower.change()
    session.send(dso(0, retry_delay(400), rcode=2))
    assert session.is_ended()
    line = follower.state("lost")
    assert "SERVFAIL" in line["why"] and line["retry"] == 1
    server.session().accept(notice(HOST, A, 60, ADDRESS))
    follower.state("push")


def test_a_server_that_always_asks_to_come_back_at_once_is_not_flooded(server, follow):
    follower = follow("subscribe", HOST, "A")
    waits = []
    for _ in range(5):
        session = server.session()
        session.send(dso(0, retry_delay(0)))
        assert session.is_ended()
        waits.append(follower.state("lost")["retry"])
    assert waits[0] == 0 and waits[4] >= 2


# ---- reconnecting ----

def test_after_a_reconnect_only_true_changes_are_reported(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.accept(*[notice(HOST, A, 60, bytes([10, 0, 0, i])) for i in range(5)])
    records(follower, 5)
    session.reset()
    follower.state("lost")
    session = server.session()
    asked = session.subscription()
    session.answer(asked)
    session.send(push(*[notice(HOST, A, 60, bytes([10, 0, 0, i])) for i in range(3)]))
    session.send(push(notice(HOST, A, 30, bytes([10, 0, 0, 3])),
                      notice(HOST, A, 60, bytes([10, 0, 0, 9]))))
    session.mark()
    found = [follower.change() for _ in range(3)]
    assert sorted((line["event"], line["rdata"], line["ttl"]) for line in found) == [
        ("add", "10.0.0.9", 60), ("change", "10.0.0.3", 30), ("remove", "10.0.0.4", 60)]


def test_a_record_that_vanished_meanwhile_is_removed_even_if_nothing_is_left(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.accept(notice(HOST, A, 60, ADDRESS))
    follower.change()
    session.close()
    server.session().accept()
    assert follower.change()["event"] == "remove"


def test_a_server_that_is_away_for_a_while_is_found_again(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.accept(notice(HOST, A, 60, ADDRESS))
    follower.change()
    server.close()
    session.reset()
    follower.state("lost")
    server.listen()
    server.session().accept(notice(HOST, A, 60, ADDRESS))
    follower.state("push")


@pytest.mark.limit(120)
def test_a_silent_server_is_noticed_by_keepalives(server, follow):
    follower = follow("subscribe", HOST, "A", "--keepalive", "10")
    session = server.session(interval_ms=10000)
    session.accept(notice(HOST, A, 60, ADDRESS))
    follower.change()
    assert session.read().kind == KEEPALIVE     # after the interval; it gets no response
    assert session.is_aborted()
    assert "does not answer" in follower.state("lost")["why"]
    server.session().accept(notice(HOST, A, 60, ADDRESS))
    follower.state("push")


# ---- servers without DSO ----

@pytest.mark.parametrize("rcode", [4, 1, 5, DSOTYPENI])
def test_a_server_without_dso_is_polled(server, follow, rcode):
    follower = follow("subscribe", HOST, "A")
    session = server.accept()
    session.answer(session.read(), rcode=rcode)
    line = follower.state("unreached")      # there is nobody at this port by UDP
    assert "no DNS Stateful Operations" in line["why"] and line["retry"] > 3000


def test_a_server_without_push_is_polled(server, follow):
    follower = follow("subscribe", HOST, "A")
    session = server.session()
    session.answer(session.subscription(), rcode=DSOTYPENI)
    assert "DSOTYPENI" in follower.state("lost")["why"]


def test_a_server_that_hangs_up_twice_has_no_dso(server, follow):
    follower = follow("subscribe", HOST, "A")
    for _ in range(2):
        session = server.accept()
        session.read()
        session.close()
    line = follower.state("unreached")
    while line["retry"] < 3000:
        line = follower.state("unreached")
