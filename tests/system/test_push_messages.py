# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS Push (RFC 8765 section 6), message by message: SUBSCRIBE, UNSUBSCRIBE, RECONFIRM and their
answers, by TCP and by TLS."""

import struct

import pytest

import dso
import updates
import wire
from dso import (NOTAUTH, PADDING, RECONFIRM, SUBSCRIBE, UNKNOWN, UNSUBSCRIBE, message,
                 question, subscribe, tlv, unsubscribe)
from pushing import TRANSPORTS, begin, change, connect, drip, fresh, goes_on, serving
from wire import ANY, CH, FORMERR, IN, NOERROR, frame, name

TYPE, A, PTR, TXT = "_http._tcp.lab.cloud.", 1, 12, 16
ONE = b"\xc0\0\2\1"
RESET = "reset"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("push")) as weftd:
        yield weftd


@pytest.fixture(params=TRANSPORTS)
def client(request, shared):
    with begin(shared, request.param) as client:
        yield client


@pytest.fixture
def marker(shared):
    """Makes a later commit that a client sees: what came before it has been pushed."""
    def make(client):
        owner = fresh("marker")
        number = client.subscribe(owner, "TXT")
        change(shared, f"{owner} 60 IN TXT x")
        return client.until_records(number, 1)
    return make


def is_fatal(client, *data):
    client.send(*data, dso.keepalive(7))
    return client.is_aborted()


def outcome(client, data):
    """RESET, "retry", or the RCODE of the only response."""
    number, = struct.unpack_from("!H", data)
    client.rules.sent(number, SUBSCRIBE)
    client.send(data)
    try:
        found = client.receive()
    except dso.ENDED:
        return RESET
    return found.rcode if found.is_response else "retry"


# ---- SUBSCRIBE (section 6.2) ----

@pytest.mark.parametrize("transport", TRANSPORTS)
def test_subscribe_establishes_a_session(shared, transport):
    """As Apple's clients do."""
    with connect(shared, transport) as client:
        number = client.subscribe("ns.lab.cloud.", "A")
        assert client.until_records(number, 1)
        assert goes_on(client)


def test_the_response_has_the_id_and_no_tlv(client):
    for number in (1, 0x1234, 0xffff):
        client.ask_subscribe(fresh(), "A", number=number)
        found = client.receive()
        assert (found.number, found.is_response, found.rcode, found.tlvs) == (number, True, 0, [])


def test_the_initial_records_follow_the_response_immediately(client):
    number = client.ask_subscribe("ns.lab.cloud.", "A")
    answer, push = client.receive(), client.receive()
    assert (answer.number, answer.is_response) == (number, True)
    assert push.wire.hex() == "000030000000000000000000" "0041001c" \
        "026e73036c616205636c6f75640000010001" "0000003c" "0004" "7f000001"
    assert client.records(number) == {(name("ns.lab.cloud."), IN, A, b"\x7f\0\0\1"): 60}


def test_raw_bytes_of_a_whole_session(shared):
    """Bytes in and bytes out, without any help of dso.py."""
    owner = fresh("raw").removesuffix(".lab.cloud.")
    assert len(owner) < 10
    wire_name = bytes([len(owner)]).hex() + owner.encode().hex() + "036c616205636c6f756400"
    size = len(bytes.fromhex(wire_name))
    with wire.connect(shared.where) as sock:
        def send(text):
            sock.sendall(frame(bytes.fromhex(text.replace(" ", ""))))

        def receive():
            return wire.read_frame(sock).hex()

        send(f"0001 3000 0000000000000000 0040 {size + 4:04x} {wire_name} 0001 0001")
        assert receive() == "0001b0000000000000000000"
        change(shared, f"{owner} 30 IN A 192.0.2.1")
        assert receive() == "000030000000000000000000" f"0041{size + 14:04x}" + wire_name \
            + "00010001" "0000001e" "0004" "c0000201"
        change(shared, f"{owner} 0 ANY A")
        pushed = receive()
        collective = ["000030000000000000000000" f"0041{size + 10:04x}" + wire_name
                      + f"{rdtype}0001" "fffffffe" "0000" for rdtype in ("00ff", "0001")]
        assert pushed in collective
        send("0000 3000 0000000000000000 0042 0002 0001")
        change(shared, f"{owner} 30 IN A 192.0.2.1")
        send("0002 3000 0000000000000000 0001 0008 00000000 00002710")
        answer = receive()
        assert answer[:32] == "0002b0000000000000000000" "00010008" and len(answer) == 48


@pytest.mark.parametrize("owner", ["nothing.lab.cloud.", "a.b.c.d.e.lab.cloud.",
                                   "*.wild.lab.cloud.",
                                   "x.wild.lab.cloud.", "lab.cloud.", "x" * 63 + ".lab.cloud.",
                                   ".".join(["a"] * 122) + ".lab.cloud."])
@pytest.mark.parametrize("rdtype", ["A", 65280])
def test_what_is_unknown_to_the_server_may_be_subscribed(client, owner, rdtype):
    client.subscribe(owner, rdtype)
    assert goes_on(client)


def test_what_was_unknown_is_pushed_when_it_comes(shared, client):
    owner = fresh("later")
    number = client.subscribe(owner, "TXT")
    change(shared, f"{owner} 7 IN TXT hello")
    assert list(client.until_records(number, 1).values()) == [7]


@pytest.mark.parametrize("owner", ["example.com.", "cloud.", ".", "lab.cloud.example.",
                                   "xlab.cloud."])
@pytest.mark.parametrize("rdtype, rdclass", [("A", IN), ("ANY", ANY)])
def test_names_of_other_zones_are_refused(client, owner, rdtype, rdclass):
    found = client.refused(owner, rdtype, rdclass)
    assert found.rcode == NOTAUTH
    assert found.delay_ms is not None
    assert goes_on(client)


def test_a_refusal_ends_no_other_subscription(shared, client):
    number = client.subscribe(owner := fresh(), "A")
    client.refused("example.com.", "A")
    change(shared, f"{owner} 60 IN A 192.0.2.1")
    assert client.until_records(number, 1)


@pytest.mark.parametrize("data", [
    b"", name(TYPE), question(TYPE, "A")[:-1], question(TYPE, "A") + b"\0",
    question(TYPE, "A") + question(TYPE, "TXT"), question(b"\xc0\x10", "A"),
    question(b"\x40" + b"a" * 64 + b"\0", "A"), question(b"\1a", "A"),
    question(b"\x3f" + b"a" * 10, "A"),
    question(b"".join([b"\x3f" + b"a" * 63] * 4) + b"\0", "A")], ids=range(10))
def test_a_malformed_subscribe_fails(client, data):
    found = outcome(client, message(5, tlv(SUBSCRIBE, data)))
    assert found in (FORMERR, RESET, "retry")
    if found == FORMERR:
        assert goes_on(client)


@pytest.mark.parametrize("owner", [b"\xc0\x0c", b"\1a\xc0\0"])
def test_a_pointer_into_the_header_names_nothing_of_the_zone(client, owner):
    assert outcome(client, message(5, tlv(SUBSCRIBE, question(owner, "A")))) != NOERROR


def test_a_formerr_says_when_to_try_again(client):
    """SHOULD append a Retry Delay TLV."""
    number = 5
    client.rules.sent(number, SUBSCRIBE)
    client.send(message(number, tlv(SUBSCRIBE, b"\0")))
    found = client.response(number)
    assert (found.rcode, found.delay_ms is not None) == (FORMERR, True)


@pytest.mark.parametrize("more", [[tlv(UNKNOWN)], [tlv(PADDING, b"\0" * 50)],
                                  [tlv(UNKNOWN, b"x" * 999), tlv(PADDING), tlv(UNKNOWN)]])
def test_additional_tlvs_are_ignored_or_answered(client, more):
    number = client.subscribe("ns.lab.cloud.", "A", IN, *more)
    assert client.until_records(number, 1)


def test_a_second_subscribe_tlv_is_not_a_second_subscription(shared, client):
    """SUBSCRIBE is not valid as an Additional TLV; the request has one answer at most."""
    owner, other = fresh(), fresh()
    number = client.expect_subscribed(5, owner, "A")
    client.send(subscribe(number, owner, "A", IN, tlv(SUBSCRIBE, question(other, "A"))))
    try:
        if client.response(number).rcode != NOERROR:
            return
    except dso.ENDED:
        return
    change(shared, f"{other} 60 IN A 192.0.2.1", f"{owner} 60 IN A 192.0.2.1")
    assert client.until_records(number, 1)


@pytest.mark.parametrize("again", [str, str.upper, str.title])
def test_a_duplicate_subscribe_is_fatal(client, again):
    client.subscribe(TYPE, "PTR")
    assert is_fatal(client, subscribe(9, again(TYPE), "PTR"))


def test_a_duplicate_in_the_same_segment_is_fatal(client):
    client.send(subscribe(9, TYPE, "PTR"), subscribe(10, TYPE, "PTR"), dso.keepalive(11))
    client.expect_subscribed(9, TYPE, "PTR")
    try:
        found = client.receive()
        assert (found.number, found.rcode) == (9, NOERROR)
        assert client.is_aborted()
    except dso.ENDED:
        pass


def test_name_type_and_class_together_make_a_duplicate(client):
    for owner in (TYPE, "x." + TYPE):
        for rdtype in ("PTR", "SRV", "ANY", 65280):
            for rdclass in (IN, ANY):
                client.subscribe(owner, rdtype, rdclass)
    assert goes_on(client)


def test_a_message_id_in_use_is_not_used_twice(client):
    client.subscribe(TYPE, "PTR", number=77)
    assert outcome(client, subscribe(77, "x." + TYPE, "PTR")) not in (NOERROR,)


def test_another_class_has_nothing(shared, client):
    """Either the class is refused, or nothing is ever pushed for it."""
    number = client.ask_subscribe("ns.lab.cloud.", "A", CH)
    if client.response(number).rcode == NOERROR:
        change(shared, "ns 60 IN A 127.0.0.9")
        change(shared, "ns 0 NONE A 127.0.0.9")
        client.settle()
        assert client.records(number) == {}
    assert goes_on(client)


def test_many_subscribes_may_come_at_once(client):
    wanted = {n: (f"n{n % 2 + 1}.nodes.lab.cloud.", 1 if n < 3 else 30000 + n)
              for n in range(1, 200)}
    for number, each in wanted.items():
        client.expect_subscribed(number, *each)
    client.send(*[subscribe(number, *each) for number, each in wanted.items()])
    client.response(199)
    client.until_records(1, 1)
    client.until_records(2, 1)
    assert len(client.rules.active) == 199


def test_a_subscribe_may_come_byte_by_byte(client):
    number = client.expect_subscribed(5, "n1.nodes.lab.cloud.", "A")
    drip(client, subscribe(number, "n1.nodes.lab.cloud.", "A"))
    assert client.until_records(number, 1)


def test_subscriptions_of_one_session_are_not_of_another(shared):
    owner = fresh()
    with begin(shared) as one, begin(shared, TRANSPORTS[-1]) as two:
        number = one.subscribe(owner, "A")
        other = two.subscribe(owner, "TXT")
        change(shared, f"{owner} 60 IN A 192.0.2.1", f"{owner} 60 IN TXT x")
        assert {key[2] for key in one.until_records(number, 1)} == {A}
        assert {key[2] for key in two.until_records(other, 1)} == {TXT}


def test_a_resumed_session_has_no_subscriptions(shared):
    """RFC 8765 section 7.4."""
    tls = dso.context()
    with dso.open_tls(shared.tls, tls) as client:
        client.subscribe("u.lab.cloud.", "A")
        session = client.sock.session
    with dso.open_tls(shared.tls, tls, session=session) as client:
        assert client.sock.session_reused
        client.subscribe("u.lab.cloud.", "A")
        number = client.subscribe("ns.lab.cloud.", "A")
        assert client.until_records(number, 1)


# ---- fatal errors (sections 6.2 to 6.5) ----

@pytest.mark.parametrize("kind", [UNSUBSCRIBE, RECONFIRM])
def test_a_message_id_in_a_unidirectional_message_is_fatal(client, kind):
    data = dso.unsubscribe(5, number=9) if kind == UNSUBSCRIBE \
        else dso.reconfirm(TYPE, "A", b"\0" * 4, number=9)
    assert is_fatal(client, data)


@pytest.mark.parametrize("number", [0, 9])
def test_a_push_from_a_client_is_fatal(client, number):
    assert is_fatal(client, dso.push(wire.rr(TYPE, 1, rdata=b"\0" * 4), number=number))


@pytest.mark.parametrize("data", [
    dso.unsubscribe(5, response=True), dso.reconfirm(TYPE, "A", b"\0" * 4, response=True),
    dso.push(wire.rr(TYPE, 1, rdata=b"\0" * 4), response=True),
    dso.subscribe(0, TYPE, response=True), dso.subscribe(9, TYPE, response=True)],
    ids=["unsubscribe", "reconfirm", "push", "none", "subscribe"])
def test_an_operation_of_push_as_a_response_is_fatal(client, data):
    assert is_fatal(client, data)


def test_a_subscribe_without_a_message_id_is_fatal(client):
    assert is_fatal(client, dso.subscribe(0, TYPE))


# ---- UNSUBSCRIBE (section 6.4) ----

def test_after_unsubscribe_nothing_is_pushed(shared, client, marker):
    owner = fresh()
    number = client.subscribe(owner, "A")
    change(shared, f"{owner} 60 IN A 192.0.2.1")
    client.until_records(number, 1)
    client.unsubscribe(number)
    client.settle()
    change(shared, f"{owner} 60 IN A 192.0.2.2")
    assert marker(client)


def test_unsubscribe_ends_one_subscription_only(shared, client):
    owner = fresh()
    gone, kept = client.subscribe(owner, "A"), client.subscribe(owner, "ANY")
    client.unsubscribe(gone)
    client.settle()
    change(shared, f"{owner} 60 IN A 192.0.2.1", f"{owner} 60 IN TXT x")
    assert len(client.until_records(kept, 2)) == 2


def test_name_and_id_may_be_used_again(shared, client):
    owner = fresh()
    for _ in range(5):
        number = client.subscribe(owner, "A", number=77)
        client.unsubscribe(number)
    client.settle()
    number = client.subscribe(owner, "A", number=77)
    change(shared, f"{owner} 60 IN A 192.0.2.1")
    assert client.until_records(number, 1)


@pytest.mark.parametrize("number", [0, 1, 999, 0xffff])
def test_an_unsubscribe_that_matches_nothing_is_ignored(client, number):
    client.send(unsubscribe(number), unsubscribe(number))
    assert goes_on(client)


def test_an_unsubscribe_of_another_request_is_ignored(client):
    number = dso.next_id()
    client.rules.sent(number, dso.KEEPALIVE)
    client.send(dso.keepalive(number), unsubscribe(number))
    assert client.response(number).rcode == NOERROR
    assert goes_on(client)


def test_unsubscribe_need_not_wait_for_the_response(shared, client, marker):
    owner = fresh()
    number = client.expect_subscribed(5, owner, "A")
    client.rules.unsubscribed(number)
    client.send(subscribe(number, owner, "A"), unsubscribe(number))
    assert client.response(number).rcode == NOERROR
    client.settle()
    change(shared, f"{owner} 60 IN A 192.0.2.1")
    assert marker(client)


def test_unsubscribe_of_a_refused_subscription_is_ignored(client):
    client.rules.sent(5, SUBSCRIBE)
    client.send(subscribe(5, "example.com.", "A"), unsubscribe(5))
    assert client.response(5).rcode == NOTAUTH
    assert goes_on(client)


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\5\0", question(TYPE, "PTR")])
def test_a_malformed_unsubscribe_is_not_answered(client, data):
    """The last is what one of Apple's clients sends: the session may end, without an answer."""
    client.subscribe(TYPE, "PTR")
    client.rules.sent(5, dso.KEEPALIVE)
    client.send(message(0, tlv(UNSUBSCRIBE, data)), dso.keepalive(5))
    try:
        found = client.receive()
        assert found.number == 5 or client.rules.retry is not None
    except dso.ENDED:
        pass


def test_unknown_additional_tlvs_of_an_unsubscribe_are_ignored(shared, client, marker):
    owner = fresh()
    number = client.subscribe(owner, "A")
    client.rules.unsubscribed(number)
    client.send(message(0, tlv(UNSUBSCRIBE, struct.pack("!H", number)), tlv(UNKNOWN, b"x")))
    client.settle()
    change(shared, f"{owner} 60 IN A 192.0.2.1")
    assert marker(client)


# ---- RECONFIRM (section 6.5) ----

@pytest.mark.parametrize("data", [
    dso.reconfirm("ns.lab.cloud.", "A", b"\x7f\0\0\1"), dso.reconfirm("no.lab.cloud.", "A", ONE),
    dso.reconfirm(TYPE, "PTR", b"\1x\xc0\x10"), dso.reconfirm("x.example.", "TXT", b"\1x"),
    dso.reconfirm("*.wild.lab.cloud.", "TXT", b"\4star")], ids=range(5))
def test_a_reconfirm_is_taken_and_not_answered(client, data):
    client.send(data, data)
    assert goes_on(client)


@pytest.mark.parametrize("data", [
    dso.reconfirm("ns.lab.cloud.", "ANY", b""), dso.reconfirm("ns.lab.cloud.", "A", ONE, ANY),
    message(0, tlv(RECONFIRM)), message(0, tlv(RECONFIRM, b"\0\0")),
    message(0, tlv(RECONFIRM, b"\xff"))], ids=range(5))
def test_an_invalid_reconfirm_is_not_answered(client, data):
    """It is ignored, or ends the connection."""
    client.send(data)
    try:
        goes_on(client)
    except dso.ENDED:
        pass


def test_a_reconfirm_changes_nothing(shared, client):
    number = client.subscribe("n1.nodes.lab.cloud.", "A")
    client.until_records(number, 1)
    before = updates.serial(shared)
    client.send(dso.reconfirm("n1.nodes.lab.cloud.", "A", ONE))
    client.settle()
    assert updates.serial(shared) == before
    assert len(client.records(number)) == 1
