# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""TCP (RFC 7766): framing, pipelining, back-pressure, timeouts, limits, many connections,
shutdown."""

import pathlib
import random
import resource
import select
import socket
import struct
import subprocess
import threading
import time

import pytest

import wire
from conftest import ZONE
from loopback import wait_until_read, wait_until_stalled
from updates import BENCH, Reply, signed
from waiting import LIMIT_S, attempts, wait_for
from wire import TC, connect, frame, is_closed, opt_record, parse, read_frame

KEEPALIVE = 11      # an EDNS option

# 60 records of about 1 KiB: an answer of 60 KiB.
BIG = "".join(f'big TXT {i} {" ".join(chr(34) + "x" * 250 + chr(34) for _ in range(4))}\n'
              for i in range(60))


def query(name="ns.lab.cloud.", rdtype="A", number=1, **more):
    return wire.query(name, rdtype, number, **more)


def ask(sock, name="ns.lab.cloud.", *args, **more):
    """Asks on an open connection; the parsed answer."""
    return wire.ask_on(sock, name, *args, **more)


def number_of(message):
    return int.from_bytes(message[:2], "big")


@pytest.fixture
def tuned(make_weftd):
    """Makes a weftd with further options of the server."""
    def make(server, zone=ZONE, options="update: {key: bench}"):
        weftd = make_weftd()
        weftd.zone(zone)
        return weftd.configure({"lab.cloud": options}, server).start()
    return make


# ---- framing ----

def test_a_query_may_come_octet_by_octet(tuned):
    weftd = tuned("tcp: {io-timeout: 60}")
    with connect(weftd.where) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in frame(query()):
            sock.sendall(bytes([octet]))
            wait_until_read(sock)
        answer, = parse(read_frame(sock)).answer
        assert str(answer) == "ns.lab.cloud. 60 A 7f000001"


@pytest.mark.parametrize("cut", [1, 2, 3, 40, 63, 64, 65])
def test_a_read_may_end_anywhere(weftd, cut):
    two = frame(query(number=1)) + frame(query(number=2))
    with connect(weftd.where) as sock:
        sock.sendall(two[:cut])
        wait_until_read(sock)
        sock.sendall(two[cut:])
        assert sorted(parse(read_frame(sock)).number for _ in range(2)) == [1, 2]


def test_thousands_of_pipelined_queries_are_all_answered(weftd):
    with connect(weftd.where) as sock:
        data = b"".join(frame(query(number=n)) for n in range(10000))
        sender = threading.Thread(target=sock.sendall, args=(data,))
        sender.start()
        numbers = [number_of(read_frame(sock)) for _ in range(10000)]
        sender.join()
    assert sorted(numbers) == list(range(10000))
    assert weftd.count("queries-tcp") == weftd.count("responses-tcp") == 10000


def test_updates_and_queries_share_a_connection(weftd):
    """All are answered, in any order (RFC 7766 section 6.2.1.1)."""
    with connect(weftd.where) as sock:
        data = b""
        for number in range(300):
            update, _ = signed([f"a{number} 60 IN A 192.0.2.1"], number=number)
            data += frame(update) + frame(query(number=1000 + number))
        sock.sendall(data)
        answers = [read_frame(sock) for _ in range(600)]
    assert sorted(map(number_of, answers)) == [*range(300), *range(1000, 1300)]
    assert all(answer[3] & 15 == 0 for answer in answers)
    assert weftd.dig("a299.lab.cloud", "A") == "192.0.2.1\n"


def test_an_update_may_have_64_kib(weftd):
    lines = [f"host-with-a-long-name-{number} 60 IN A 192.0.2.1" for number in range(1200)]
    sent = [signed(lines) for _ in range(3)]
    assert 60000 < len(sent[0][0]) < 65536
    with connect(weftd.where) as sock:
        sock.sendall(b"".join(frame(update) for update, _ in sent))
        for _, mac in sent:
            assert Reply(read_frame(sock), BENCH, mac).rcode == "NOERROR"
    assert weftd.dig("host-with-a-long-name-1199.lab.cloud", "A") == "192.0.2.1\n"


def test_the_answer_to_a_signed_update_is_signed(weftd):
    update, mac = signed(["signed 60 IN A 192.0.2.1"])
    with connect(weftd.where) as sock:
        sock.sendall(frame(update))
        answer = Reply(read_frame(sock), BENCH, mac)
    assert answer.is_signed and answer.rcode == "NOERROR"


def test_an_answer_may_have_60_kib(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + BIG)
    weftd.configure().start()
    with connect(weftd.where) as sock:
        answer = ask(sock, "big.lab.cloud.", "TXT")
    assert len(answer.answer) == 60
    assert not answer.has(TC)


def test_a_client_may_close_its_side_after_asking(weftd):
    update, _ = signed(["half 60 IN A 192.0.2.1"], number=7)
    with connect(weftd.where) as sock:
        sock.sendall(frame(query(number=1)) + frame(update) + frame(query(number=2)) + b"\0")
        sock.shutdown(socket.SHUT_WR)
        numbers = [number_of(read_frame(sock)) for _ in range(3)]
        assert sorted(numbers) == [1, 2, 7]
        assert is_closed(sock, 10)


# The random octets are the same each time: their opcode is 12. If they were drawn anew, one in 32
# would be a malformed DSO request, which has to end the connection (RFC 8490 section 5.4.1).
@pytest.mark.parametrize("garbage", [
    b"", b"\0", b"\0" * 11, random.Random(40).randbytes(40), b"\xff" * 65535,
    query()[:2] + b"\x80" + query()[3:]],
    ids=["empty", "one", "eleven", "random", "longest", "response"])
def test_garbage_ends_nothing(weftd, garbage):
    with connect(weftd.where) as sock:
        sock.sendall(frame(garbage) + frame(query(number=9)))
        for _ in attempts("answer to the query"):
            answer = read_frame(sock)
            if number_of(answer) == 9:
                break
        assert answer[3] & 15 == 0


def test_keepalive_has_the_idle_timeout(tuned):
    """RFC 7828: in units of 100 ms, and only to a client that asks for it."""
    weftd = tuned("tcp: {idle-timeout: 17}")
    with connect(weftd.where) as sock:
        answer = ask(sock, opt=opt_record(options=[(KEEPALIVE, b"")]))
        assert [data for code, data in answer.options() if code == KEEPALIVE] == [b"\0\xaa"]
        assert ask(sock, opt=opt_record()).option(KEEPALIVE) is None


@pytest.mark.parametrize("tool", [["dig", "+tcp", "+short"], ["kdig", "+tcp", "+short"],
                                  ["dig", "+tcp", "+keepopen", "+short"]])
def test_the_usual_tools_ask_by_tcp(weftd, tool):
    done = subprocess.run([*tool, f"@{weftd.address}", "-p", str(weftd.port), "ns.lab.cloud", "A",
                           "n1.nodes.lab.cloud", "A"], capture_output=True, text=True, timeout=30)
    assert done.stdout == "127.0.0.1\n127.0.0.1\n"


# ---- timeouts ----

def test_an_idle_connection_is_closed(tuned):
    weftd = tuned("tcp: {idle-timeout: 1, io-timeout: 30}")
    with connect(weftd.where) as asked:
        # Another connection lives as long as it asks, although two that never ask come and go.
        for _ in range(2):
            with connect(weftd.where) as never_asked:
                for _ in attempts("end of the idle connection", 3):
                    ask(asked)
                    if is_closed(never_asked, 0.2):
                        break
        assert not is_closed(asked, 0.3)
        assert is_closed(asked, 5)
    assert weftd.count("tcp-timeouts") == 3
    assert weftd.count("tcp-connections") == 0


def test_a_message_that_does_not_get_complete_ends_the_connection(tuned):
    weftd = tuned("tcp: {idle-timeout: 30, io-timeout: 1}")
    with connect(weftd.where) as half, connect(weftd.where) as dripping, connect(weftd.where) as idle:
        half.sendall(frame(query())[:20])

        def is_cut_off():
            """Sends one more octet, which does not help."""
            try:
                dripping.sendall(b"\1")
            except OSError:
                return True

        wait_for(is_cut_off, "end of the dripping connection", 5, every_s=0.1)
        assert is_closed(half, 5)
        assert ask(idle).rcode == 0
    assert weftd.count("tcp-timeouts") == 2


def test_a_client_that_reads_no_answers_is_cut_off_and_harms_no_other(tuned):
    weftd = tuned("tcp: {idle-timeout: 60, io-timeout: 2}", ZONE + BIG)
    data = frame(query("big.lab.cloud.", "TXT")) * 2000         # 120 MB of answers
    before = weftd.rss_bytes()
    slow = [connect(weftd.where) for _ in range(8)]
    for sock in slow:
        sock.setblocking(False)
        sock.send(data)
    with connect(weftd.where) as sock:
        begun = time.monotonic()
        for _ in range(100):
            assert ask(sock).rcode == 0
        assert time.monotonic() - begun < 10
        assert weftd.rss_bytes() - before < 32 << 20
        wait_for(lambda: weftd.count("tcp-timeouts") == 8, "timeouts")
        assert ask(sock).rcode == 0
    for sock in slow:
        sock.close()


def test_a_slow_reader_gets_everything(tuned):
    weftd = tuned("tcp: {io-timeout: 5}", ZONE + BIG)
    with connect(weftd.where) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        data = b"".join(frame(query("big.lab.cloud.", "TXT", number=n)) for n in range(150))
        sender = threading.Thread(target=sock.sendall, args=(data,))
        sender.start()
        numbers = []
        for number in range(150):
            if number % 10 == 0:
                wait_until_stalled(sock)
            answer = read_frame(sock)
            assert len(answer) > 60000
            numbers.append(number_of(answer))
        sender.join()
    assert sorted(numbers) == list(range(150))


# ---- limits ----

def test_at_a_clients_cap_its_idlest_connection_goes(tuned):
    weftd = tuned("workers: 1\ntcp: {connections-per-client: 3, connections: 100}")
    socks = [connect(weftd.where) for _ in range(3)]
    for sock in (socks[0], socks[2], socks[1]):
        ask(sock)
    with connect(weftd.where) as fourth:
        assert ask(fourth).rcode == 0
        assert is_closed(socks[0], 5)
        assert ask(socks[1]).rcode == ask(socks[2]).rcode == 0
    assert weftd.count("tcp-evicted") == 1
    for sock in socks:
        sock.close()


def test_the_caps_count_over_all_workers(tuned):
    weftd = tuned("tcp: {connections-per-client: 1000, connections: 20}")
    socks = [connect(weftd.where) for _ in range(60)]
    wait_for(lambda: weftd.count("tcp-accepted") + weftd.count("tcp-refused") == 60, "accepts")
    assert weftd.count("tcp-connections") <= 20
    assert sum(not is_closed(sock, 0.01) for sock in socks) <= 20
    for sock in socks:
        sock.close()
    wait_for(lambda: weftd.count("tcp-connections") == 0, "closed connections")
    with connect(weftd.where) as sock:
        assert ask(sock).rcode == 0


def test_other_clients_are_not_touched_by_a_clients_cap(tuned):
    weftd = tuned("workers: 1\ntcp: {connections-per-client: 2, connections: 100}")
    other = socket.socket()
    other.bind(("127.0.0.77", 0))
    other.connect(weftd.where)
    other.settimeout(10)
    socks = [connect(weftd.where) for _ in range(10)]
    assert ask(other).rcode == 0
    wait_for(lambda: weftd.count("tcp-connections") == 3, "three connections")
    for sock in (other, *socks):
        sock.close()


def test_half_a_message_does_not_save_a_connection(tuned):
    weftd = tuned("workers: 1\ntcp: {connections: 4}")
    halves = [connect(weftd.where) for _ in range(4)]
    for sock in halves:
        sock.sendall(b"\0")
        wait_until_read(sock)
    with connect(weftd.where) as sock:
        assert ask(sock).rcode == 0
    for sock in halves:
        sock.close()


def test_running_out_of_descriptors_ends_the_idlest(weftd):
    subprocess.run(["prlimit", "--pid", str(weftd.process.pid), "--nofile=80:80"], check=True,
                   timeout=LIMIT_S)
    socks = [connect(weftd.where) for _ in range(120)]
    for _ in range(20):
        with connect(weftd.where) as sock:
            assert ask(sock).rcode == 0
    assert weftd.dig("ns.lab.cloud", "A") == "127.0.0.1\n"
    for sock in socks:
        sock.close()


# ---- many ----

def test_thousands_of_idle_connections_cost_little_memory_and_stay_open(tuned):
    """`make bench-idle` measures what CPU time they cost."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = min(4000, hard // 2 - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    weftd = tuned("tcp: {connections: 10000, connections-per-client: 10000, idle-timeout: 600}")
    before = weftd.rss_bytes()
    socks = [connect(weftd.where) for _ in range(many)]
    try:
        for sock in socks:
            sock.sendall(frame(query()))
        for sock in socks:
            read_frame(sock)
        assert weftd.count("tcp-connections") == many
        if "__asan" not in pathlib.Path(weftd.process.args[0]).read_bytes().decode("latin-1"):
            assert (weftd.rss_bytes() - before) / many < 1024
        assert all(ask(sock).rcode == 0 for sock in socks)
        assert weftd.count("tcp-connections") == many
    finally:
        for sock in socks:
            sock.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    wait_for(lambda: weftd.count("tcp-connections") == 0, "closed connections")


def test_resets_disturb_nobody(weftd):
    with connect(weftd.where) as steady:
        for number in range(200):
            sock = connect(weftd.where)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if number % 4 > 0:
                sock.sendall(frame(query()) * (number % 4) + frame(query())[:number % 7])
            if number % 4 > 1:
                update, _ = signed([f"r{number} 60 IN A 192.0.2.1"])
                sock.sendall(frame(update))
            sock.close()
        assert ask(steady).rcode == 0
    wait_for(lambda: weftd.count("tcp-connections") == 0, "closed connections")


def test_a_flood_on_tcp_starves_no_udp(tuned):
    weftd = tuned("workers: 1")
    data = b"".join(frame(query(number=n)) for n in range(2000))
    stop = threading.Event()

    def flood():
        with connect(weftd.where) as sock:
            sock.setblocking(False)
            while not stop.is_set():
                readable, writable, _ = select.select([sock], [sock], [], 1)
                if readable:
                    sock.recv(1 << 20)
                if writable:
                    sock.send(data)

    floods = [threading.Thread(target=flood) for _ in range(4)]
    for thread in floods:
        thread.start()
    try:
        with socket.socket(type=socket.SOCK_DGRAM) as sock, connect(weftd.where) as calm:
            sock.settimeout(5)
            times = []
            for number in range(100):
                begun = time.monotonic()
                sock.sendto(query(number=number), weftd.where)
                assert number_of(sock.recv(4096)) == number
                times.append(time.monotonic() - begun)
                assert ask(calm).rcode == 0
            assert sorted(times)[95] < 0.5
    finally:
        stop.set()
        for thread in floods:
            thread.join()


# ---- shutdown ----

def test_at_the_end_idle_connections_are_closed_at_once(tuned):
    weftd = tuned("tcp: {idle-timeout: 600}")
    with connect(weftd.where) as idle, connect(weftd.where) as half:
        ask(idle)
        half.sendall(b"\0")
        begun = time.monotonic()
        assert weftd.stop() == 0
        assert time.monotonic() - begun < 3
        assert is_closed(idle, 1)


def test_at_the_end_updates_under_way_are_answered(weftd):
    with connect(weftd.where) as sock:
        data = b""
        for number in range(200):
            update, _ = signed([f"e{number} 60 IN A 192.0.2.1"], number=number)
            data += frame(update)
        sock.sendall(data)
        read_frame(sock)
        assert weftd.stop() == 0
        answered = 1
        with pytest.raises((EOFError, ConnectionResetError)):
            for _ in range(200):
                assert read_frame(sock)[3] & 15 == 0
                answered += 1
    weftd.start()
    with connect(weftd.where) as sock:
        found = sum(ask(sock, f"e{number}.lab.cloud.").rcode == 0 for number in range(200))
    assert found >= answered


def test_at_the_end_a_client_that_reads_no_answers_has_5_seconds(tuned):
    weftd = tuned("tcp: {io-timeout: 600}", ZONE + BIG)
    with connect(weftd.where) as slow:
        slow.setblocking(False)
        slow.send(frame(query("big.lab.cloud.", "TXT")) * 1000)
        wait_for(lambda: weftd.count("queries-tcp") > 1, "queries")
        begun = time.monotonic()
        assert weftd.stop() == 0
        assert 4 < time.monotonic() - begun < 10
