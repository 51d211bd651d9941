# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""dso.py, which judges the server in the other tests of DSO and Push: what it makes is as in the
figures of the RFCs, and it rejects whatever a server must not send."""

import struct

import pytest

import dso
import wire
from dso import (COLLECTIVE, DSOTYPENI, KEEPALIVE, PADDING, PUSH, REMOVED, RETRY_DELAY, SUBSCRIBE,
                 UNKNOWN, Rules, Subscription, tlv)
from wire import ANY, IN, Malformed, name, rr

TYPE, WEB, ALIAS = "_http._tcp.lab.cloud.", "web._http._tcp.lab.cloud.", "alias.lab.cloud."
PTR, CNAME, A, AAAA, SRV, TXT, NAPTR, APL = 12, 5, 1, 28, 33, 16, 35, 42
ONE, TWO = b"\xc0\0\2\1", b"\xc0\0\2\2"


# ---- making ----

@pytest.mark.parametrize("made, expected", [
    (dso.keepalive(1, 100, 10000), "0001 3000 0000000000000000 0001 0008 00000064 00002710"),
    (dso.retry_delay(delay_ms=5000), "0000 3000 0000000000000000 0002 0004 00001388"),
    (dso.subscribe(2, "a.b.", "PTR"), "0002 3000 0000000000000000 0040 0009 0161016200 000c 0001"),
    (dso.subscribe(2, "a.", "ANY", ANY), "0002 3000 0000000000000000 0040 0007 016100 00ff 00ff"),
    (dso.unsubscribe(0x1234), "0000 3000 0000000000000000 0042 0002 1234"),
    (dso.reconfirm("a.", "A", ONE),
     "0000 3000 0000000000000000 0043 000b 016100 0001 0001 c0000201"),
    (dso.push(rr("a.", A, IN, 60, ONE)),
     "0000 3000 0000000000000000 0041 0011 016100 0001 0001 0000003c 0004 c0000201"),
    (dso.message(3, response=True, rcode=11), "0003 b00b 0000000000000000"),
    (dso.message(3, z=0x7f), "0003 37f0 0000000000000000"),
    (dso.message(3, tlv(PADDING, b"\0\0")), "0003 3000 0000000000000000 0003 0002 0000"),
])
def test_messages_are_as_in_the_figures(made, expected):
    assert made.hex() == expected.replace(" ", "")


# ---- header and TLVs ----

def test_a_message_is_read():
    found = dso.parse(dso.keepalive(7, 1, 20000, tlv(PADDING, b"\0" * 9), response=True))
    assert (found.number, found.is_response, found.rcode, found.primary) == (7, True, 0, KEEPALIVE)
    assert found.timeouts == (1, 20000) and found.find(PADDING) == [b"\0" * 9]
    assert dso.parse(dso.message(7)).primary is None
    assert dso.parse(dso.retry_delay(delay_ms=77)).delay_ms == 77


@pytest.mark.parametrize("data", [
    b"", dso.keepalive(1)[:11], dso.keepalive(1)[:13], dso.keepalive(1)[:-1],
    dso.keepalive(1) + b"\0", dso.keepalive(1, opcode=0), dso.keepalive(1, z=1),
    dso.keepalive(1, z=0x40),
    *[dso.keepalive(1, counts=[i == at for i in range(4)]) for at in range(4)],
    dso.message(1, tlv(KEEPALIVE, b"\0" * 8, 9)), dso.message(1, tlv(KEEPALIVE, b"\0" * 8, 65535))])
def test_header_and_tlvs_must_be_valid(data):
    with pytest.raises(Malformed):
        dso.parse(data)


# ---- changes ----

def changes(*records):
    return dso.read_push(dso.parse(dso.push(*records)))


def test_each_kind_of_change_is_read():
    found = changes(rr(TYPE, PTR, IN, 10, name(WEB)), rr(WEB, A, IN, REMOVED, ONE),
                    rr(WEB, SRV, IN, COLLECTIVE), rr(WEB, ANY, IN, COLLECTIVE),
                    rr(WEB, 0, ANY, COLLECTIVE), rr("Apl.", APL, IN, 0), rr(WEB, APL, IN, REMOVED))
    assert [change.what for change in found] == ["add", "remove", "rrset", "class", "name", "add",
                                                 "remove"]
    assert found[0].key == (name(TYPE), IN, PTR, name(WEB))
    assert found[5].owner == b"\3apl\0" and found[5].rdata == b""


def test_names_may_be_compressed_in_owners_and_where_mdns_does():
    short = b"\3lab\xc0\x10"        # lab, then the name at offset 16
    first = rr("cloud.", A, IN, 1, ONE)
    at = dso.FIRST_TLV + len(first)
    second = short + struct.pack("!HHIH", SRV, IN, 1, 11) + b"\0" * 6 + b"\2NS\xc0" + bytes([at])
    found = changes(first, second)
    assert found[1].owner == name("lab.cloud.")
    assert found[1].rdata == b"\0" * 6 + name("ns.lab.cloud.")


@pytest.mark.parametrize("record", [
    rr("a.", A, IN, 0x80000000, ONE), rr("a.", A, IN, 0xfffffffd, ONE),
    rr("a.", ANY, IN, 1, ONE), rr("a.", A, ANY, 1, ONE), rr("a.", ANY, IN, REMOVED, ONE),
    rr("a.", A, ANY, REMOVED, ONE), rr("a.", A, IN, COLLECTIVE, ONE),
    rr("a.", ANY, ANY, COLLECTIVE),
    rr("a.", A, ANY, COLLECTIVE), rr("a.", A, IN, 1, b"\1"), rr("a.", AAAA, IN, 1, ONE),
    rr("a.", A, IN, 1, ONE)[:-1], rr("a.", A, IN, 1, ONE) + b"\0", b"",
    rr("a.", PTR, IN, 1, b"\xc0\x1d"), rr("a.", PTR, IN, 1, b"\1a"),
    rr("a.", PTR, IN, 1, b"\xc0\0"),
    b"\xc0\x04" + struct.pack("!HHIH", A, IN, 1, 4) + ONE,
    rr("a.", 64, IN, 1, b"\0\1\xc0\x10"),
], ids=range(19))
def test_a_push_must_be_valid(record):
    with pytest.raises(Malformed):
        changes(record)


def test_a_push_may_have_16382_bytes():
    def of(size):
        rdata = b"".join(bytes([255]) + b"x" * 255 for _ in range(63))
        return dso.push(rr("a.", TXT, IN, 1, rdata), rr("b.", TXT, IN, 1, b"x" * size))
    room = dso.LONGEST_PUSH - len(of(0))
    assert len(dso.read_push(dso.parse(of(room)))) == 2
    with pytest.raises(Malformed):
        dso.read_push(dso.parse(of(room + 1)))


# ---- rules ----

def rules(*subscriptions, is_encrypted=True):
    """The rules of an established session with these subscriptions; IDs from 100 on."""
    made = Rules(is_encrypted)
    made.sent(99, KEEPALIVE)
    made.received(dso.parse(dso.keepalive(99, 0, 10000, response=True)))
    for number, (owner, rdtype, *rdclass) in enumerate(subscriptions, 100):
        made.sent(number, SUBSCRIBE, False, Subscription(owner, rdtype, *rdclass))
        made.received(dso.parse(dso.message(number, response=True)))
    return made


def receive(made, *data):
    for each in data:
        made.received(dso.parse(each))


def known(made, number=100):
    return sorted((wire.text(owner), ttl, rdata) for (owner, _, _, rdata), ttl
                  in made.active[number].records.items())


PADDED = tlv(PADDING, b"\0" * 5)
ADD = dso.push(rr(WEB, A, IN, 60, ONE))


@pytest.mark.parametrize("data", [
    dso.message(0, response=True), dso.message(5, response=True), dso.message(99, response=True),
    dso.keepalive(5), dso.subscribe(5, TYPE), dso.subscribe(0, TYPE), dso.unsubscribe(100),
    dso.reconfirm(TYPE, "PTR", name(WEB)), dso.message(0), dso.message(0, tlv(UNKNOWN)),
    dso.message(0, PADDED), dso.keepalive(0, 0, 9999), dso.keepalive(0, 0, 10000, tlv(UNKNOWN)),
    dso.message(0, tlv(KEEPALIVE, b"\0" * 7)), dso.message(0, tlv(RETRY_DELAY, b"\0" * 5)),
    dso.push(rr(WEB, A, IN, 60, ONE), rcode=1), dso.push(rr(WEB, A, IN, 60, ONE), number=1),
    dso.push(rr(WEB, A, IN, 60, ONE), response=True), dso.push(rr(TYPE, PTR, IN, 60, name(WEB))),
    dso.push(rr(WEB, AAAA, IN, 60, ONE * 4)), dso.push(rr(WEB, A, IN, REMOVED, ONE)),
    dso.push(rr(WEB, A, IN, COLLECTIVE)), dso.push(), dso.push(rr(WEB, 0, ANY, COLLECTIVE)),
    dso.message(100, response=True), dso.message(100, tlv(PUSH), response=True, rcode=5),
], ids=range(26))
def test_no_message_is_accepted_that_a_server_must_not_send(data):
    made = rules((WEB, "A"))
    with pytest.raises(Malformed):
        receive(made, data)


@pytest.mark.parametrize("kind, padded, data", [
    (KEEPALIVE, False, dso.message(7, response=True)),
    (KEEPALIVE, False, dso.keepalive(7, 0, 9999, response=True)),
    (KEEPALIVE, False, dso.keepalive(7, 0, 10000, dso.keepalive_tlv(), response=True)),
    (KEEPALIVE, False, dso.message(7, PADDED, dso.keepalive_tlv(), response=True)),
    (KEEPALIVE, False, dso.keepalive(7, response=True, rcode=1)),
    (KEEPALIVE, True, dso.keepalive(7, response=True)),
    (SUBSCRIBE, True, dso.message(7, response=True)),
    (SUBSCRIBE, False, dso.keepalive(7, response=True)),
    (SUBSCRIBE, False, dso.message(7, tlv(SUBSCRIBE), response=True)),
    (SUBSCRIBE, False, dso.message(7, tlv(RETRY_DELAY, b"\0" * 4), response=True)),
    (SUBSCRIBE, False, dso.message(7, tlv(RETRY_DELAY, b"\0" * 3), response=True, rcode=2)),
    (SUBSCRIBE, True, dso.message(7, PADDED, PADDED, response=True)),
    (UNKNOWN, False, dso.message(7, tlv(UNKNOWN), response=True, rcode=DSOTYPENI)),
], ids=range(13))
def test_responses_have_the_tlvs_of_their_request(kind, padded, data):
    made = rules()
    made.sent(7, kind, padded)
    with pytest.raises(Malformed):
        receive(made, data)


@pytest.mark.parametrize("kind, padded, data", [
    (KEEPALIVE, False, dso.keepalive(7, 0, 10000, response=True)),
    (KEEPALIVE, True, dso.keepalive(7, 0, 10000, PADDED, response=True)),
    (SUBSCRIBE, False, dso.message(7, tlv(RETRY_DELAY, b"\0" * 4), PADDED, response=True, rcode=2)),
    (UNKNOWN, False, dso.message(7, response=True, rcode=DSOTYPENI)),
], ids=range(4))
def test_valid_responses_are_accepted_once(kind, padded, data):
    made = rules()
    made.sent(7, kind, padded)
    receive(made, data)
    with pytest.raises(Malformed):
        receive(made, data)


def test_nothing_is_said_before_a_session_and_after_its_end():
    made = Rules(True)
    made.sent(7, UNKNOWN)
    receive(made, dso.message(7, response=True, rcode=DSOTYPENI))
    for data in (dso.keepalive(0, 0, 10000), dso.retry_delay(), ADD):
        with pytest.raises(Malformed):
            receive(made, data)
    made = rules((WEB, "A"))
    receive(made, dso.keepalive(0, 0, 10000), ADD, dso.retry_delay())
    for data in (dso.keepalive(0, 0, 10000), dso.retry_delay(), ADD):
        with pytest.raises(Malformed):
            receive(made, data)


def test_nothing_is_padded_in_the_clear():
    made = rules((WEB, "A"), is_encrypted=False)
    for data in (dso.message(0, ADD[12:], PADDED), dso.keepalive(0, 0, 10000, PADDED)):
        with pytest.raises(Malformed):
            receive(made, data)


# ---- what a subscription knows ----

def test_changes_of_each_kind_are_followed():
    made = rules((WEB, "ANY"))
    both = [rr(WEB, A, IN, 60, ONE), rr(WEB, A, IN, 60, TWO), rr(WEB, TXT, IN, 5, b"\1a")]
    receive(made, dso.push(*both))
    assert known(made) == [(WEB, 5, b"\1a"), (WEB, 60, ONE), (WEB, 60, TWO)]
    receive(made, dso.push(rr(WEB, A, IN, REMOVED, ONE), rr(WEB, TXT, IN, 6, b"\1a")))
    assert known(made) == [(WEB, 6, b"\1a"), (WEB, 60, TWO)]
    receive(made, dso.push(rr(WEB, A, IN, COLLECTIVE)))
    assert known(made) == [(WEB, 6, b"\1a")]
    receive(made, dso.push(rr(WEB, ANY, IN, COLLECTIVE), *both[:1]))
    assert known(made) == [(WEB, 60, ONE)]
    receive(made, dso.push(rr(WEB, 0, ANY, COLLECTIVE)))
    assert known(made) == []


def test_a_change_without_news_is_rejected():
    made = rules((WEB, "A"))
    receive(made, ADD)
    with pytest.raises(Malformed):
        receive(made, ADD)
    made = rules((WEB, "A"), (WEB, "ANY"))
    receive(made, ADD, ADD)
    assert known(made) == known(made, 101) == [(WEB, 60, ONE)]


def test_a_change_without_news_may_follow_the_end_of_a_subscription_of_the_name():
    made = rules((WEB, "TXT"), (WEB, "A"))
    receive(made, dso.push(rr(WEB, A, IN, 60, ONE)))
    made.unsubscribed(100)
    repeated = [ADD, dso.push(rr(WEB, A, IN, REMOVED, TWO)), dso.push(rr(WEB, TXT, IN, COLLECTIVE))]
    receive(made, *repeated)
    assert known(made, 101) == [(WEB, 60, ONE)]
    made.settle()
    for data in repeated:
        with pytest.raises(Malformed):
            receive(made, data)


def test_a_cname_is_covered_by_each_type_and_covers_nothing_else():
    made = rules((ALIAS, "A"))
    receive(made, dso.push(rr(ALIAS, CNAME, IN, 60, name(WEB))))
    assert known(made) == [(ALIAS, 60, name(WEB))]
    made = rules((ALIAS, "CNAME"))
    with pytest.raises(Malformed):
        receive(made, dso.push(rr(ALIAS, A, IN, 60, ONE)))


def test_names_are_the_same_in_either_case():
    made = rules((WEB.upper(), "A"))
    receive(made, ADD)
    assert known(made) == [(WEB, 60, ONE)]


def test_a_cancelled_subscription_covers_until_the_server_knows():
    made = rules((WEB, "A"))
    made.unsubscribed(100)
    receive(made, ADD)
    made.settle()
    with pytest.raises(Malformed):
        receive(made, dso.push(rr(WEB, A, IN, 60, TWO)))


def test_a_subscription_may_be_cancelled_before_its_response():
    made = rules()
    made.sent(7, SUBSCRIBE, False, Subscription(WEB, "A"))
    made.unsubscribed(7)
    receive(made, dso.message(7, response=True), ADD)
    assert made.active == {}
    made.settle()
    with pytest.raises(Malformed):
        receive(made, dso.push(rr(WEB, A, IN, 60, TWO)))


def test_a_server_may_end_a_subscription():
    made = rules((WEB, "A"))
    receive(made, dso.message(100, tlv(RETRY_DELAY, b"\0" * 4), response=True, rcode=dso.NOTAUTH))
    assert made.cancelled == [(100, dso.NOTAUTH)]
    with pytest.raises(Malformed):
        receive(made, ADD)


def test_what_a_subscription_selects():
    zone = {(name(WEB), IN, A, ONE): 60, (name(WEB), IN, CNAME, name(TYPE)): 60,
            (name(WEB), IN, TXT, b"\1a"): 5, (name(TYPE), IN, A, ONE): 60}
    assert len(Subscription(WEB, "A").select(zone)) == 2
    assert len(Subscription(WEB, "ANY", ANY).select(zone)) == 3
    assert len(Subscription(WEB, "CNAME").select(zone)) == 1
    assert len(Subscription(WEB, "A", 3).select(zone)) == 0
