# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""TCP (RFC 7766): framing, pipelining, back-pressure, timeouts, caps, many connections, the end."""

import os
import pathlib
import resource
import select
import socket
import struct
import subprocess
import threading
import time

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update
import pytest

from conftest import SECRET, ZONE, wait_for

KEY = dns.tsig.Key("bench", SECRET, "hmac-sha256")

# 60 records of about 1 KiB: an answer of 60 KiB.
BIG = "".join(f'big TXT {i} {" ".join(chr(34) + "x" * 250 + chr(34) for _ in range(4))}\n'
              for i in range(60))


def connect(weftd, timeout=20):
    return socket.create_connection((weftd.address, weftd.port), timeout=timeout)


def query(name="ns.lab.cloud.", rdtype="A", number=1, **more):
    message = dns.message.make_query(name, rdtype, **more)
    message.id = number
    return message


def frame(message):
    wire = message if isinstance(message, bytes) else message.to_wire()
    return struct.pack("!H", len(wire)) + wire


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError(f"{len(data)} of {count} octets")
        data += piece
    return data


def read_wire(sock):
    return read_exactly(sock, struct.unpack("!H", read_exactly(sock, 2))[0])


def read_message(sock, **more):
    return dns.message.from_wire(read_wire(sock), **more)


def ask(sock, *args, **more):
    sock.sendall(frame(query(*args, **more)))
    return read_message(sock)


def is_closed(sock, within_s):
    """Whether the peer closes the connection in time, without sending anything more."""
    sock.settimeout(within_s)
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def cpu_s(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_bytes(process):
    fields = pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()
    return int(fields[1]) * resource.getpagesize()


def stats(weftd):
    return weftd.json("stats")


def find(tree, name):
    """A counter, wherever it stands in the answer."""
    if isinstance(tree, dict):
        if name in tree and not isinstance(tree[name], dict):
            return tree[name]
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            found = find(part, name)
            if found is not None:
                return found
    return None


def count(weftd, name):
    found = find(stats(weftd), name)
    assert found is not None, name
    return found


@pytest.fixture
def tuned(make_weftd):
    """Makes a weftd with further options of the server."""
    def make(server, zone=ZONE, options="update: {key: bench}"):
        weftd = make_weftd()
        weftd.zone(zone)
        return weftd.configure({"lab.cloud": options}, server).start()
    return make


# ---- framing ----

def test_a_query_may_come_octet_by_octet(weftd):
    with connect(weftd) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in frame(query()):
            sock.sendall(bytes([octet]))
            time.sleep(0.002)
        assert read_message(sock).answer[0].to_text() == "ns.lab.cloud. 60 IN A 127.0.0.1"


@pytest.mark.parametrize("cut", [1, 2, 3, 40, 63, 64, 65])
def test_a_read_may_end_anywhere(weftd, cut):
    two = frame(query(number=1)) + frame(query(number=2))
    with connect(weftd) as sock:
        sock.sendall(two[:cut])
        time.sleep(0.05)
        sock.sendall(two[cut:])
        assert sorted(read_message(sock).id for _ in range(2)) == [1, 2]


def test_thousands_of_pipelined_queries_are_all_answered(weftd):
    with connect(weftd) as sock:
        data = b"".join(frame(query(number=n)) for n in range(10000))
        sender = threading.Thread(target=sock.sendall, args=(data,))
        sender.start()
        numbers = [struct.unpack("!H", read_wire(sock)[:2])[0] for _ in range(10000)]
        sender.join()
    assert sorted(numbers) == list(range(10000))
    assert count(weftd, "queries-tcp") == count(weftd, "responses-tcp") == 10000


def test_updates_and_queries_share_a_connection(weftd):
    """All are answered, whatever the order (RFC 7766 section 6.2.1.1)."""
    with connect(weftd) as sock:
        data = b""
        for number in range(300):
            update = dns.update.UpdateMessage("lab.cloud", id=number)
            update.add(f"a{number}", 60, "A", "192.0.2.1")
            update.use_tsig(KEY)
            data += frame(update) + frame(query(number=1000 + number))
        sock.sendall(data)
        answers = [read_wire(sock) for _ in range(600)]
    numbers = sorted(struct.unpack("!H", wire[:2])[0] for wire in answers)
    assert numbers == [*range(300), *range(1000, 1300)]
    assert all(wire[3] & 15 == 0 for wire in answers)
    assert weftd.dig("a299.lab.cloud", "A") == "192.0.2.1\n"


def test_an_update_may_have_64_kib(weftd):
    update = dns.update.UpdateMessage("lab.cloud")
    for number in range(1400):
        update.add(f"host-with-a-long-name-{number}", 60, "A", "192.0.2.1")
    update.use_tsig(KEY)
    wire = frame(update)
    assert 45000 < len(wire) < 65536
    with connect(weftd) as sock:
        sock.sendall(wire * 3)
        for _ in range(3):
            assert read_message(sock, keyring=KEY, request_mac=update.mac).rcode() == 0
    assert weftd.dig("host-with-a-long-name-1399.lab.cloud", "A") == "192.0.2.1\n"


def test_the_answer_to_a_signed_update_is_signed(weftd):
    update = dns.update.UpdateMessage("lab.cloud")
    update.add("signed", 60, "A", "192.0.2.1")
    update.use_tsig(KEY)
    with connect(weftd) as sock:
        sock.sendall(frame(update))
        answer = read_message(sock, keyring=KEY, request_mac=update.mac)
    assert answer.had_tsig and answer.rcode() == 0


def test_an_answer_may_have_60_kib(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + BIG)
    weftd.configure().start()
    with connect(weftd) as sock:
        answer = ask(sock, "big.lab.cloud.", "TXT")
    assert len(answer.answer[0]) == 60
    assert not answer.flags & dns.flags.TC


def test_a_client_may_close_its_side_after_asking(weftd):
    update = dns.update.UpdateMessage("lab.cloud", id=7)
    update.add("half", 60, "A", "192.0.2.1")
    update.use_tsig(KEY)
    with connect(weftd) as sock:
        sock.sendall(frame(query(number=1)) + frame(update) + frame(query(number=2)) + b"\0")
        sock.shutdown(socket.SHUT_WR)
        numbers = [struct.unpack("!H", read_wire(sock)[:2])[0] for _ in range(3)]
        assert sorted(numbers) == [1, 2, 7]
        assert is_closed(sock, 10)


@pytest.mark.parametrize("garbage", [
    b"", b"\0", b"\0" * 11, os.urandom(40), b"\xff" * 65535,
    query().to_wire()[:2] + b"\x80" + query().to_wire()[3:]],
    ids=["empty", "one", "eleven", "random", "longest", "response"])
def test_garbage_ends_nothing(weftd, garbage):
    with connect(weftd) as sock:
        sock.sendall(frame(garbage) + frame(query(number=9)))
        answer = read_wire(sock)
        while answer[:2] != b"\0\x09":
            answer = read_wire(sock)
        assert answer[3] & 15 == 0


def test_keepalive_tells_the_idle_timeout(tuned):
    """RFC 7828: in units of 100 ms, and only to who asks for it."""
    weftd = tuned("tcp: {idle-timeout: 17}")
    with connect(weftd) as sock:
        answer = ask(sock, use_edns=0, options=[dns.edns.GenericOption(11, b"")])
        assert [option.to_wire() for option in answer.options if option.otype == 11] == [b"\0\xaa"]
        assert not [option for option in ask(sock, use_edns=0).options if option.otype == 11]


@pytest.mark.parametrize("tool", [["dig", "+tcp", "+short"], ["kdig", "+tcp", "+short"],
                                  ["dig", "+tcp", "+keepopen", "+short"]])
def test_the_usual_tools_ask_by_tcp(weftd, tool):
    done = subprocess.run([*tool, f"@{weftd.address}", "-p", str(weftd.port), "ns.lab.cloud", "A",
                           "n1.nodes.lab.cloud", "A"], capture_output=True, text=True, timeout=30)
    assert done.stdout == "127.0.0.1\n127.0.0.1\n"


# ---- timeouts ----

def test_an_idle_connection_is_closed(tuned):
    weftd = tuned("tcp: {idle-timeout: 1, io-timeout: 30}")
    with connect(weftd) as never_asked, connect(weftd) as asked:
        for _ in range(4):
            time.sleep(0.5)
            ask(asked)
        assert is_closed(never_asked, 1)
        assert not is_closed(asked, 0.3)
        assert is_closed(asked, 5)
    assert count(weftd, "tcp-timeouts") == 2
    assert count(weftd, "tcp-connections") == 0


def test_a_message_that_does_not_get_complete_ends_the_connection(tuned):
    weftd = tuned("tcp: {idle-timeout: 30, io-timeout: 1}")
    with connect(weftd) as half, connect(weftd) as dripping, connect(weftd) as idle:
        half.sendall(frame(query())[:20])
        begun = time.monotonic()
        with pytest.raises(OSError):
            for _ in range(100):        # an octet now and then does not help
                dripping.sendall(b"\1")
                time.sleep(0.1)
        assert time.monotonic() - begun < 5
        assert is_closed(half, 5)
        assert ask(idle).rcode() == 0
    assert count(weftd, "tcp-timeouts") == 2


def test_who_does_not_take_the_answers_is_cut_off_and_harms_nobody(tuned):
    weftd = tuned("tcp: {idle-timeout: 60, io-timeout: 2}", ZONE + BIG)
    data = frame(query("big.lab.cloud.", "TXT")) * 2000         # 120 MB of answers
    before = rss_bytes(weftd.process)
    slow = [connect(weftd) for _ in range(8)]
    for sock in slow:
        sock.setblocking(False)
        sock.send(data)
    with connect(weftd) as sock:
        begun = time.monotonic()
        for _ in range(100):
            assert ask(sock).rcode() == 0
        assert time.monotonic() - begun < 10
        assert rss_bytes(weftd.process) - before < 32 << 20
        wait_for(lambda: count(weftd, "tcp-timeouts") == 8, "timeouts")
        assert ask(sock).rcode() == 0
    for sock in slow:
        sock.close()


def test_a_slow_reader_gets_everything(tuned):
    weftd = tuned("tcp: {io-timeout: 5}", ZONE + BIG)
    with connect(weftd) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        data = b"".join(frame(query("big.lab.cloud.", "TXT", number=n)) for n in range(150))
        sender = threading.Thread(target=sock.sendall, args=(data,))
        sender.start()
        numbers = []
        for number in range(150):
            wire = read_wire(sock)
            assert len(wire) > 60000
            numbers.append(struct.unpack("!H", wire[:2])[0])
            if number % 10 == 0:
                time.sleep(0.1)
        sender.join()
    assert sorted(numbers) == list(range(150))


# ---- caps ----

def test_at_a_clients_cap_its_idlest_connection_goes(tuned):
    weftd = tuned("workers: 1\ntcp: {connections-per-client: 3, connections: 100}")
    socks = [connect(weftd) for _ in range(3)]
    for sock in (socks[0], socks[2], socks[1]):
        ask(sock)
        time.sleep(0.03)
    with connect(weftd) as fourth:
        assert ask(fourth).rcode() == 0
        assert is_closed(socks[0], 5)
        assert ask(socks[1]).rcode() == ask(socks[2]).rcode() == 0
    assert count(weftd, "tcp-evicted") == 1
    for sock in socks:
        sock.close()


def test_the_caps_count_over_all_workers(tuned):
    weftd = tuned("tcp: {connections-per-client: 1000, connections: 20}")
    socks = [connect(weftd) for _ in range(60)]
    wait_for(lambda: count(weftd, "tcp-accepted") + count(weftd, "tcp-refused") == 60, "accepts")
    assert count(weftd, "tcp-connections") <= 20
    assert sum(not is_closed(sock, 0.01) for sock in socks) <= 20
    for sock in socks:
        sock.close()
    wait_for(lambda: count(weftd, "tcp-connections") == 0, "closed connections")
    with connect(weftd) as sock:
        assert ask(sock).rcode() == 0


def test_other_clients_are_not_touched_by_a_clients_cap(tuned):
    weftd = tuned("workers: 1\ntcp: {connections-per-client: 2, connections: 100}")
    other = socket.socket()
    other.bind(("127.0.0.77", 0))
    other.connect((weftd.address, weftd.port))
    other.settimeout(10)
    socks = [connect(weftd) for _ in range(10)]
    assert ask(other).rcode() == 0
    wait_for(lambda: count(weftd, "tcp-connections") == 3, "three connections")
    for sock in (other, *socks):
        sock.close()


def test_half_a_message_does_not_save_a_connection(tuned):
    weftd = tuned("workers: 1\ntcp: {connections: 4}")
    halves = [connect(weftd) for _ in range(4)]
    for sock in halves:
        sock.sendall(b"\0")
    time.sleep(0.1)
    with connect(weftd) as sock:
        assert ask(sock).rcode() == 0
    for sock in halves:
        sock.close()


def test_running_out_of_descriptors_ends_the_idlest(weftd):
    subprocess.run(["prlimit", "--pid", str(weftd.process.pid), "--nofile=80:80"], check=True)
    socks = [connect(weftd) for _ in range(120)]
    for _ in range(20):
        with connect(weftd) as sock:
            assert ask(sock).rcode() == 0
    assert weftd.dig("ns.lab.cloud", "A") == "127.0.0.1\n"
    for sock in socks:
        sock.close()


# ---- many ----

def test_thousands_of_idle_connections_cost_no_cpu_and_little_memory(tuned):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = min(4000, hard // 2 - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    weftd = tuned("tcp: {connections: 10000, connections-per-client: 10000, idle-timeout: 600}")
    before = rss_bytes(weftd.process)
    socks = [connect(weftd) for _ in range(many)]
    try:
        for sock in socks:
            sock.sendall(frame(query()))
        for sock in socks:
            read_wire(sock)
        assert count(weftd, "tcp-connections") == many
        if "__asan" not in pathlib.Path(weftd.process.args[0]).read_bytes().decode("latin-1"):
            assert (rss_bytes(weftd.process) - before) / many < 1024
        used = cpu_s(weftd.process)
        time.sleep(2)
        assert cpu_s(weftd.process) - used <= 0.02
    finally:
        for sock in socks:
            sock.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    wait_for(lambda: count(weftd, "tcp-connections") == 0, "closed connections")


def test_resets_disturb_nobody(weftd):
    with connect(weftd) as steady:
        for number in range(200):
            sock = connect(weftd)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if number % 4 > 0:
                sock.sendall(frame(query()) * (number % 4) + frame(query())[:number % 7])
            if number % 4 > 1:
                update = dns.update.UpdateMessage("lab.cloud")
                update.add(f"r{number}", 60, "A", "192.0.2.1")
                update.use_tsig(KEY)
                sock.sendall(frame(update))
            sock.close()
        assert ask(steady).rcode() == 0
    wait_for(lambda: count(weftd, "tcp-connections") == 0, "closed connections")


def test_a_flood_on_tcp_starves_no_udp(tuned):
    weftd = tuned("workers: 1")
    data = b"".join(frame(query(number=n)) for n in range(2000))
    stop = threading.Event()

    def flood():
        with connect(weftd) as sock:
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
        with socket.socket(type=socket.SOCK_DGRAM) as sock, connect(weftd) as calm:
            sock.settimeout(5)
            times = []
            for number in range(100):
                begun = time.monotonic()
                sock.sendto(query(number=number).to_wire(), (weftd.address, weftd.port))
                assert sock.recv(4096)[:2] == struct.pack("!H", number)
                times.append(time.monotonic() - begun)
                assert ask(calm).rcode() == 0
            assert sorted(times)[95] < 0.5
    finally:
        stop.set()
        for thread in floods:
            thread.join()


# ---- the end ----

def test_at_the_end_idle_connections_are_closed_at_once(tuned):
    weftd = tuned("tcp: {idle-timeout: 600}")
    with connect(weftd) as idle, connect(weftd) as half:
        ask(idle)
        half.sendall(b"\0")
        begun = time.monotonic()
        assert weftd.stop() == 0
        assert time.monotonic() - begun < 3
        assert is_closed(idle, 1)


def test_at_the_end_updates_under_way_are_answered(weftd):
    with connect(weftd) as sock:
        data = b""
        for number in range(200):
            update = dns.update.UpdateMessage("lab.cloud", id=number)
            update.add(f"e{number}", 60, "A", "192.0.2.1")
            update.use_tsig(KEY)
            data += frame(update)
        sock.sendall(data)
        read_wire(sock)
        assert weftd.stop() == 0
        answered = 1
        try:
            while True:
                assert read_wire(sock)[3] & 15 == 0
                answered += 1
        except (EOFError, ConnectionResetError):
            pass
    weftd.start()
    with connect(weftd) as sock:
        found = sum(ask(sock, f"e{number}.lab.cloud.").rcode() == 0 for number in range(200))
    assert found >= answered


def test_at_the_end_who_does_not_take_the_answers_has_5_seconds(tuned):
    weftd = tuned("tcp: {io-timeout: 600}", ZONE + BIG)
    with connect(weftd) as slow:
        slow.setblocking(False)
        slow.send(frame(query("big.lab.cloud.", "TXT")) * 1000)
        wait_for(lambda: count(weftd, "queries-tcp") > 1, "queries")
        begun = time.monotonic()
        assert weftd.stop() == 0
        assert 4 < time.monotonic() - begun < 10
