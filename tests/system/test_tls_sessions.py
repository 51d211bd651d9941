# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DSO sessions over TLS: messages and TLS records cut and joined in every way, padding."""

import pytest

import dso
from dso import DSOTYPENI, KEEPALIVE, PADDING, UNKNOWN, keepalive, message, tlv
from pushing import begin, mixed, serving, take
from wire import frame


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("dso"), tls=True) as weftd:
        yield weftd


def test_an_error_is_padded_too(shared):
    with begin(shared, "tls") as client:
        client.rules.sent(5, UNKNOWN, True)
        client.send(message(5, tlv(UNKNOWN), tlv(PADDING, b"\0" * 8)))
        assert client.response(5).rcode == DSOTYPENI


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_tls_records_may_come_in_pieces(shared, size):
    with dso.Client(dso.Segments(shared.tls, size=size)).begin() as client:
        data, requests, others = mixed(100, 2)
        for number in requests:
            client.rules.sent(number, KEEPALIVE if number % 5 == 0 else UNKNOWN)
        client.send(*data)
        take(client, requests, others)


def test_tls_records_may_come_at_once(shared):
    """Many records in one segment, with the messages across their bounds."""
    with dso.Client(dso.Segments(shared.tls)).begin() as client:
        data, requests, others = mixed(100, 4)
        for number in requests:
            client.rules.sent(number, KEEPALIVE if number % 5 == 0 else UNKNOWN)
        stream = b"".join(map(frame, data))
        client.sock.hold()
        for at in range(0, len(stream), 11):
            client.sock.sendall(stream[at:at + 11])
        client.sock.release()
        take(client, requests, others)


def test_a_length_may_come_in_a_record_of_its_own(shared):
    """As Apple's clients send."""
    with begin(shared, "tls") as client:
        for number in range(1, 50):
            client.rules.sent(number, KEEPALIVE)
            client.sock.sendall(frame(keepalive(number))[:2])
            client.sock.sendall(keepalive(number))
            assert client.receive().number == number
