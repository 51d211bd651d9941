# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""By what factor weftd amplifies queries with a forged address, as configured by default.

The worst query of a usual zone is that for the instances of a type: 45 of them fill the 1232 bytes
of an answer, some 30 times the query. Only an honest client's share of such answers is sent."""

import select

from conftest import ZONE
from waiting import attempts
from wire import NOERROR, TC, ask_tcp, opt_record, parse, query, udp_socket

PTRS = "".join(f"_http._tcp PTR web-{i}._http._tcp\n" for i in range(45))
LARGE = "_http._tcp.lab.cloud."
COUNT = 3000
COOKIE = 10


def serve(make_weftd, server=""):
    weftd = make_weftd()
    weftd.zone(ZONE + PTRS)
    return weftd.configure(server=server).start()


def burst(weftd, source, message=None, count=COUNT):
    """Sends queries, some at a time. Returns the answers in octets."""
    message = message or query(LARGE, "PTR", opt=opt_record(), nopts=1)
    got = []
    with udp_socket(weftd.where, source) as sock:
        for number in range(count):
            sock.send(message)
            while select.select([sock], [], [], 0 if number % 32 else 0.01)[0]:
                got.append(sock.recv(4096))
        for _ in attempts("end of the answers"):
            if not select.select([sock], [], [], 0.5)[0]:
                break
            got.append(sock.recv(4096))
    return message, got


def factor(message, answers):
    return sum(len(answer) for answer in answers) / len(answers) / len(message)


def whole(answers):
    return [answer for answer in answers if not parse(answer).has(TC)]


def test_a_forged_query_amplifies_little(make_weftd):
    weftd = serve(make_weftd)
    message, answers = burst(weftd, "127.7.7.7")
    assert len(answers) > COUNT / 2
    print(f"largest answer: {max(map(len, answers)) / len(message):.1f} times the query; "
          f"all answers: {factor(message, answers):.2f} times")
    # The credit of a second, and what the burst's own time adds.
    assert len(whole(answers)) < COUNT / 4
    slips = [answer for answer in answers if parse(answer).has(TC)]
    assert max(map(len, slips)) <= 1.5 * len(message)
    assert weftd.count("rate-slipped") >= len(slips)
    # The honest client comes by TCP.
    answer = ask_tcp(weftd.where, LARGE, "PTR")
    assert answer.rcode == NOERROR and len(answer.answer) == 45


def test_small_answers_are_not_limited(make_weftd):
    weftd = serve(make_weftd)
    _, answers = burst(weftd, "127.7.7.7", query("ns.lab.cloud."))
    assert whole(answers) == answers and weftd.count("rate-slipped") == 0


def test_a_client_with_a_cookie_is_not_limited(make_weftd):
    weftd = serve(make_weftd)
    ask = query(LARGE, "PTR", opt=opt_record(options=[(COOKIE, bytes(range(8)))]), nopts=1)
    _, answers = burst(weftd, "127.7.7.7", ask, 1)
    cookie = parse(answers[0]).option(COOKIE)
    ask = query(LARGE, "PTR", opt=opt_record(options=[(COOKIE, cookie)]), nopts=1)
    _, answers = burst(weftd, "127.7.7.7", ask)
    assert whole(answers) == answers


def test_other_prefixes_exempt_ones_and_the_host_itself_are_not_limited(make_weftd):
    weftd = serve(make_weftd, "rate-limit: {exempt: [127.8.8.0/24]}")
    assert whole(burst(weftd, "127.7.7.7")[1])
    for source, count in (("127.7.8.7", 50), ("127.8.8.8", COUNT), ("127.0.0.1", COUNT)):
        _, answers = burst(weftd, source, count=count)
        assert whole(answers) == answers, source


def test_the_limit_can_be_switched_off(make_weftd):
    weftd = serve(make_weftd, "rate-limit: {large-responses-per-second: 0}")
    message, answers = burst(weftd, "127.7.7.7")
    assert whole(answers) == answers
    print(f"without the limit: {factor(message, answers):.1f} times the query")
