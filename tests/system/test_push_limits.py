# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""How many subscriptions DNS Push takes: each refusal has an RCODE and a delay, and concerns nobody
else. Subscriptions that come and go leave no memory allocated."""

import dso
from pushing import begin, change, fresh, has_grown, prepare
from wire import NOERROR, REFUSED, SERVFAIL


def is_full(client):
    """Whether a further subscription is refused, and the session goes on."""
    found = client.response(client.ask_subscribe(fresh(), "A"))
    if found.rcode == NOERROR:
        return False
    assert found.rcode in (SERVFAIL, REFUSED) and found.delay_ms is not None
    assert client.keepalive().rcode == NOERROR
    return True


def fill(client, count):
    return [client.subscribe(fresh(), "A") for _ in range(count)]


def test_of_a_session(make_weftd):
    weftd = prepare(make_weftd(), "push: {subscriptions-per-session: 5}", tls=False).start()
    with begin(weftd) as client, begin(weftd) as other:
        numbers = fill(client, 5)
        assert is_full(client) and is_full(client)
        fill(other, 5)
        client.unsubscribe(numbers[2])
        fill(client, 1)
        assert is_full(client)


def test_of_a_client(make_weftd):
    weftd = prepare(make_weftd(), "push: {subscriptions-per-client: 6}", tls=False).start()
    with begin(weftd) as one, begin(weftd) as two, begin(weftd, source="127.0.0.9") as other:
        fill(one, 3)
        numbers = fill(two, 3)
        assert is_full(one) and is_full(two)
        fill(other, 6)
        assert is_full(other)
        two.unsubscribe(numbers[0])
        two.settle()
        fill(one, 1)
        assert is_full(one)


def test_of_all(make_weftd):
    weftd = prepare(make_weftd(), "push: {subscriptions: 6}", tls=False).start()
    with begin(weftd, source="127.0.0.9") as other:
        with begin(weftd) as one:
            fill(one, 4)
            fill(other, 2)
            assert is_full(one) and is_full(other)
        while is_full(other):
            pass
        fill(other, 3)
        assert is_full(other)


def test_what_is_refused_is_not_pushed(make_weftd):
    weftd = prepare(make_weftd(), "push: {subscriptions-per-session: 1}", tls=False).start()
    with begin(weftd) as client:
        number = client.subscribe("one.lab.cloud.", "A")
        found = client.refused("two.lab.cloud.", "A")
        assert found.rcode in (SERVFAIL, REFUSED)
        change(weftd, "two 60 IN A 192.0.2.1")
        change(weftd, "two 60 IN A 192.0.2.2", "one 60 IN A 192.0.2.1")
        assert len(client.until_records(number, 1)) == 1
        assert len(client.rules.pushes) == 1


def test_churn_leaves_nothing(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()

    def churn(client, count):
        for _ in range(count):
            numbers = [client.expect_subscribed(n, f"c{n}.lab.cloud.", "ANY")
                       for n in range(1, 101)]
            messages = [dso.subscribe(n, f"c{n}.lab.cloud.", "ANY") for n in numbers]
            for number in numbers:
                client.rules.unsubscribed(number)
            client.send(*messages, *[dso.unsubscribe(n) for n in numbers])
            client.response(100)
            client.settle()
            client.log.clear()

    with begin(weftd) as client:
        churn(client, 50)
        before = weftd.rss_bytes()
        churn(client, 100)
        assert not has_grown(weftd, before, 2 << 20)
        number = client.subscribe("u.lab.cloud.", "A")
        change(weftd, "u 60 IN A 192.0.2.1")
        client.until_records(number, 1)


def test_sessions_that_come_and_go_leave_nothing(make_weftd):
    weftd = prepare(make_weftd(), tls=False).start()

    def churn(count):
        for _ in range(count):
            with begin(weftd) as client:
                fill(client, 20)

    churn(50)
    before = weftd.rss_bytes()
    churn(100)
    assert not has_grown(weftd, before, 2 << 20)
