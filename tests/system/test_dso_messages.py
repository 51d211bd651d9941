# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS Stateful Operations (RFC 8490), message by message: what a server answers to each message,
valid or not, by TCP and by TLS. The clients check every message against the rules of dso.py."""

import struct

import pytest

import dso
import updates
import wire
from dso import (DSOTYPENI, KEEPALIVE, PADDING, RETRY_DELAY, SUBSCRIBE, UNKNOWN, Message,
                 keepalive, keepalive_tlv, message, tlv)
from loopback import wait_until_read
from pushing import TRANSPORTS, begin, connect, drip, goes_on, mixed, serving, take
from wire import FORMERR, NOERROR, NOTIMP, SERVFAIL, frame, opt_record, query, with_record

TCP_KEEPALIVE = 11                      # an EDNS option (RFC 7828)
TYPE = "_http._tcp.lab.cloud."
RESET = "reset"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("dso")) as weftd:
        yield weftd


@pytest.fixture(params=TRANSPORTS)
def fresh(request, shared):
    """A connection without a session."""
    with connect(shared, request.param) as client:
        yield client


@pytest.fixture(params=TRANSPORTS)
def client(request, shared):
    """An established session."""
    with begin(shared, request.param) as client:
        yield client


def outcome(client, data):
    """What becomes of a message: RESET, or the RCODE of the only response. A response is followed
    by nothing that was not asked for."""
    number, = struct.unpack_from("!H", data)
    if number:
        client.rules.sent(number, None)
    client.send(data)
    try:
        found = client.receive()
    except ConnectionResetError:
        return RESET
    if found.primary == RETRY_DELAY and not found.is_response:
        return "retry"
    assert (found.number, found.is_response) == (number, True)
    return found.rcode


def is_fatal(client, data):
    """Whether the message ends the connection by a reset, without any answer; the messages that are
    sent together with it are not answered either."""
    client.send(data, keepalive(7))
    return client.is_aborted()


# ---- establishment (section 5.1) ----

def test_a_keepalive_establishes_a_session(fresh):
    found = fresh.keepalive()
    assert (found.rcode, found.primary, len(found.tlvs)) == (NOERROR, KEEPALIVE, 1)
    assert goes_on(fresh)


@pytest.mark.parametrize("kind", [0, 4, 0x3f, 0x44, UNKNOWN, 0xf800, 0xfc00, 0xffff])
def test_an_unknown_request_is_answered_dsotypeni_and_establishes_nothing(fresh, kind):
    found = fresh.request(message(9, tlv(kind, b"abc")))
    assert (found.rcode, found.find(kind)) == (DSOTYPENI, [])
    assert not fresh.rules.is_established
    assert fresh.query("ns.lab.cloud.").rcode == NOERROR
    assert goes_on(fresh)


def test_an_unknown_request_harms_no_session(client):
    found = client.request(message(9, tlv(UNKNOWN, b"abc"), tlv(UNKNOWN)))
    assert (found.rcode, found.find(UNKNOWN)) == (DSOTYPENI, [])
    assert goes_on(client)


@pytest.mark.parametrize("data", [
    dso.unsubscribe(1), dso.reconfirm(TYPE, "A", b"\0" * 4), message(0, tlv(UNKNOWN)),
    dso.retry_delay(), keepalive(0)],
    ids=["unsubscribe", "reconfirm", "unknown", "retry", "keepalive"])
def test_a_unidirectional_message_without_a_session_ends_the_connection(fresh, data):
    assert is_fatal(fresh, data)


def test_ordinary_messages_establish_nothing(fresh):
    """A server initiates no DSO message until the client has shown that it knows DSO."""
    for _ in range(3):
        assert fresh.query("ns.lab.cloud.").rcode == NOERROR
    data, mac = updates.signed(["ordinary 60 IN A 192.0.2.1"])
    fresh.send(data)
    reply = updates.Reply(fresh.answer(struct.unpack_from("!H", data)[0]), updates.BENCH, mac)
    assert reply.rcode == "NOERROR"
    assert goes_on(fresh)


def test_there_are_no_sessions_by_udp(shared):
    answer = wire.exchange(shared.where, keepalive(77))
    assert answer is None or answer[3] & 15 in (NOTIMP, FORMERR)
    assert wire.ask(shared.where, "ns.lab.cloud.").rcode == NOERROR


# ---- header (section 5.4) ----

@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("value", [1, 0xffff])
def test_counts_other_than_zero_are_answered_formerr(client, at, value):
    counts = [value if i == at else 0 for i in range(4)]
    assert client.request(keepalive(5, counts=counts)).rcode == FORMERR
    assert goes_on(client)


@pytest.mark.parametrize("at", range(4))
def test_counts_other_than_zero_establish_nothing(fresh, at):
    counts = [int(i == at) for i in range(4)]
    assert fresh.request(keepalive(5, counts=counts)).rcode == FORMERR
    assert not fresh.rules.is_established
    assert goes_on(fresh)


@pytest.mark.parametrize("record", ["opt", "tsig", "a"])
def test_a_dso_message_has_no_records(client, record):
    data = keepalive(5)
    if record == "tsig":
        data, _ = updates.BENCH.sign(data)
    else:
        more = opt_record() if record == "opt" else wire.rr("a.", 1, rdata=b"\0" * 4)
        data = with_record(data, more)
    assert client.request(data).rcode == FORMERR
    assert goes_on(client)


def test_counts_of_a_unidirectional_message_are_not_answered(client):
    client.send(dso.unsubscribe(1, counts=(1, 0, 0, 0)), keepalive(7))
    client.rules.sent(7, KEEPALIVE)
    try:
        assert client.receive().number == 7
    except ConnectionResetError:
        pass


@pytest.mark.parametrize("z", [1, 0x40, 0x7f])
def test_z_bits_are_ignored(client, z):
    assert client.request(keepalive(5, z=z)).rcode == NOERROR
    assert goes_on(client)


@pytest.mark.parametrize("rcode", [1, 5, 11, 15])
def test_the_rcode_of_a_request_is_ignored(client, rcode):
    assert client.request(keepalive(5, rcode=rcode)).rcode == NOERROR
    assert client.request(message(5, tlv(UNKNOWN), rcode=rcode)).rcode == DSOTYPENI
    assert goes_on(client)


@pytest.mark.parametrize("number", [1, 0x100, 0x8000, 0xffff])
def test_the_message_id_is_echoed(client, number):
    for _ in range(2):
        assert client.request(keepalive(number)).rcode == NOERROR


# ---- fatal errors (sections 5.3.1, 5.4.1, 5.4.3, 5.4.5, 5.5.2, 7) ----

@pytest.mark.parametrize("data", [
    message(0, response=True), keepalive(0, response=True), message(3, response=True),
    keepalive(3, response=True), message(3, response=True, rcode=5),
    message(3, tlv(UNKNOWN), response=True), message(3, tlv(SUBSCRIBE), response=True)],
    ids=range(7))
def test_a_response_that_nobody_asked_for_is_fatal(client, data):
    assert is_fatal(client, data)


def test_a_keepalive_without_a_message_id_is_fatal(client):
    assert is_fatal(client, keepalive(0))


@pytest.mark.parametrize("number", [0, 3])
@pytest.mark.parametrize("more", [[], [tlv(PADDING)]])
def test_a_retry_delay_from_a_client_is_fatal(client, number, more):
    assert is_fatal(client, message(number, tlv(RETRY_DELAY, b"\0\0\0\1"), *more))


def test_a_retry_delay_in_place_of_a_first_request_is_fatal(fresh):
    assert is_fatal(fresh, dso.retry_delay(3))


@pytest.mark.parametrize("kind", [0, 4, UNKNOWN, 0xffff])
def test_an_unknown_unidirectional_message_is_fatal(client, kind):
    assert is_fatal(client, message(0, tlv(kind)))


def test_a_request_without_a_message_id_and_without_tlvs_is_not_answered(client):
    assert is_fatal(client, message(0))


def test_what_was_asked_before_a_fatal_error_may_be_answered_and_nothing_else(client):
    client.rules.sent(5, KEEPALIVE)
    client.send(keepalive(5), message(0, tlv(UNKNOWN)), keepalive(6))
    try:
        assert client.receive().number == 5
        assert client.is_aborted()
    except ConnectionResetError:
        pass


# ---- TLVs (sections 5.4.2, 5.4.4, 5.4.5) ----

@pytest.mark.parametrize("data", [
    message(5), message(5, b"\0"), message(5, b"\0\1\0"), message(5, tlv(KEEPALIVE, b"", 8)),
    message(5, keepalive_tlv()[:-1]), message(5, keepalive_tlv(), b"\0\3\0"),
    message(5, keepalive_tlv(), tlv(UNKNOWN, b"", 1)),
    message(5, keepalive_tlv(), tlv(PADDING, b"", 65535)),
    message(5, tlv(UNKNOWN, b"", 1)),
    *[message(5, tlv(KEEPALIVE, b"\0" * n)) for n in (0, 4, 7, 9, 16)]], ids=range(14))
def test_a_malformed_request_fails(client, data):
    """By a response, or a Retry Delay message with this RCODE, or a reset (section 6.6)."""
    found = outcome(client, data)
    assert found in (FORMERR, RESET, "retry")
    if found == FORMERR:
        assert goes_on(client)
    if found == "retry":
        assert client.rules.retry.rcode == FORMERR


@pytest.mark.parametrize("more", [
    [tlv(UNKNOWN)], [tlv(UNKNOWN, b"x" * 60000)], [tlv(0), tlv(4, b"x"), tlv(0xffff, b"y")],
    [tlv(UNKNOWN, b"")] * 1000], ids=["empty", "long", "three", "thousand"])
def test_unknown_additional_tlvs_are_ignored(client, more):
    found = client.request(keepalive(5, 1000, 20000, *more))
    assert (found.rcode, found.primary) == (NOERROR, KEEPALIVE)
    assert goes_on(client)


@pytest.mark.parametrize("padding", [
    b"", b"\0" * 100, b"\xff" * 100, bytes(range(256)), b"x" * 65000],
    ids=["empty", "zeros", "ones", "all", "long"])
def test_padding_of_any_value_is_accepted(client, padding):
    """And answered by padding, where the transport is encrypted (section 7.3)."""
    found = client.keepalive(1000, 20000, tlv(PADDING, padding))
    assert found.rcode == NOERROR
    assert goes_on(client)


def test_padding_is_no_request(client):
    found = outcome(client, message(5, tlv(PADDING, b"\0" * 8)))
    assert found in (FORMERR, DSOTYPENI, RESET, "retry")


def test_a_message_may_have_65535_bytes(client):
    room = 65535 - len(keepalive(5, 0, 0, tlv(UNKNOWN)))
    data = keepalive(5, 0, 0, tlv(UNKNOWN, b"x" * room))
    assert len(data) == 65535
    assert client.request(data).rcode == NOERROR


# ---- Keepalive (sections 6.2, 6.5.2, 7.1) ----

@pytest.mark.parametrize("inactivity_ms, interval_ms", [
    (0, 0), (100, 100), (0, 9999), (15000, 15000), (3600000, 3600000), (1, 0xffffffff),
    (0xffffffff, 0xffffffff), (0xfffffffe, 0xfffffffe)])
def test_the_server_chooses_the_timeouts(fresh, inactivity_ms, interval_ms):
    """Never an interval of less than ten seconds, whatever the client asks for."""
    for _ in range(2):
        found = fresh.keepalive(inactivity_ms, interval_ms)
        assert found.rcode == NOERROR and len(found.tlvs) == 1
        assert found.timeouts[1] >= dso.LEAST_INTERVAL_MS


# ---- EDNS and TSIG (sections 5.4.6 and 7.1.2) ----

def tcp_keepalive(number, timeout=b""):
    return query("ns.lab.cloud.", 1, number, opt=opt_record(options=[(TCP_KEEPALIVE, timeout)]))


def test_edns_tcp_keepalive_may_be_used_without_a_session(fresh):
    fresh.send(tcp_keepalive(5))
    assert wire.parse(fresh.answer(5)).option(TCP_KEEPALIVE) is not None


@pytest.mark.parametrize("timeout", [b"", b"\0\x64"])
def test_edns_tcp_keepalive_in_a_session_is_fatal(client, timeout):
    assert is_fatal(client, tcp_keepalive(5, timeout))


def test_edns_tcp_keepalive_in_an_update_is_fatal(client):
    data = updates.update(updates=[updates.record("never 60 IN A 192.0.2.1")],
                          additional=[opt_record(options=[(TCP_KEEPALIVE, b"")])])
    assert is_fatal(client, updates.BENCH.sign(data)[0])


def test_edns_tcp_keepalive_together_with_the_first_request_is_fatal(fresh):
    """Messages are handled in their order: the session is established when the second is read."""
    fresh.send(keepalive(5), tcp_keepalive(6))
    fresh.rules.sent(5, KEEPALIVE)
    try:
        assert isinstance(fresh.receive(), Message)
        assert fresh.is_aborted()
    except ConnectionResetError:
        pass


def test_edns_tcp_keepalive_before_the_first_request_is_not(fresh):
    fresh.send(tcp_keepalive(5), keepalive(6))
    fresh.rules.sent(6, KEEPALIVE)
    found = [fresh.receive() for _ in range(2)]
    assert sum(isinstance(each, Message) for each in found) == 1
    assert goes_on(fresh)


def test_other_edns_options_go_on(client):
    for option in [(3, b""), (10, b"12345678"), (12, b"\0" * 40), (65001, b"x")]:
        answer = client.query("ns.lab.cloud.", opt=opt_record(options=[option]))
        assert answer.rcode == NOERROR and len(answer.answer) == 1
    assert goes_on(client)


def test_signed_messages_go_on(client):
    data, mac = updates.signed(["signed 60 IN A 192.0.2.1"])
    client.send(data)
    reply = updates.Reply(client.answer(struct.unpack_from("!H", data)[0]), updates.BENCH, mac)
    assert reply.rcode == "NOERROR"
    asked, mac = updates.BENCH.sign(query("signed.lab.cloud.", 1, 999))
    client.send(asked)
    assert updates.Reply(client.answer(999), updates.BENCH, mac).rcode == "NOERROR"


# ---- order and framing (sections 5.5, 6.1) ----

def test_messages_of_all_kinds_share_a_session(client):
    data, requests, others = mixed(100, 40)
    for number in requests:
        client.rules.sent(number, KEEPALIVE if number % 5 == 0 else UNKNOWN)
    client.send(*data)
    take(client, requests, others)
    assert goes_on(client)


def test_responses_have_the_order_of_the_requests(client):
    """DSO requests are handled at once, so their responses are in order."""
    numbers = list(range(1000, 1500))
    for number in numbers:
        client.rules.sent(number, KEEPALIVE if number % 2 else UNKNOWN)
    client.send(*[keepalive(n) if n % 2 else message(n, tlv(UNKNOWN)) for n in numbers])
    assert [client.receive().number for _ in numbers] == numbers


def test_messages_may_come_byte_by_byte(client):
    data, requests, others = mixed(100, 1)
    for number in requests:
        client.rules.sent(number, KEEPALIVE if number % 5 == 0 else UNKNOWN)
    for each in data:
        drip(client, each)
    take(client, requests, others)


@pytest.mark.parametrize("cut", [1, 2, 3, 13, 14, 15, 17, 24, 26, 27])
def test_a_read_may_end_anywhere(client, cut):
    stream = frame(keepalive(1)) + frame(keepalive(2))
    for number in (1, 2):
        client.rules.sent(number, KEEPALIVE)
    client.sock.sendall(stream[:cut])
    wait_until_read(client.sock)
    client.sock.sendall(stream[cut:])
    assert [client.receive().number for _ in range(2)] == [1, 2]


# ---- garbage ----

@pytest.mark.parametrize("data", [b"", b"\0", message(5)[:11], message(5)[:3], b"\xff" * 40],
                         ids=["empty", "one", "eleven", "three", "ones"])
def test_what_is_no_message_harms_nobody(shared, client, data):
    client.send(data)
    try:
        goes_on(client)
    except dso.ENDED:
        pass
    with begin(shared) as other:
        assert goes_on(other)


def test_a_client_may_close_its_side(client):
    client.rules.sent(5, KEEPALIVE)
    client.send(keepalive(5))
    assert client.receive().number == 5
    client.close()


def test_sessions_are_independent(shared):
    """Message IDs of one mean nothing to another, and the end of one ends no other."""
    with begin(shared) as one, begin(shared) as two, begin(shared, TRANSPORTS[-1]) as three:
        assert is_fatal(one, message(0, tlv(UNKNOWN)))
        assert goes_on(two) and goes_on(three)


def test_servfail_is_not_an_answer_to_a_keepalive(client):
    for _ in range(200):
        assert client.keepalive().rcode not in (SERVFAIL, DSOTYPENI)
