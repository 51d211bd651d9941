# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS over TLS (RFC 7858): handshakes, versions, ALPN, resumption, framing in records, padding;
what is not TLS; connections that stop in the middle."""

import re
import shutil
import socket
import ssl
import struct
import subprocess

import pytest

import dso
import updates
import wire
from loopback import wait_until_read
from pushing import ZONE, begin, prepare, serving
from updates import send
from waiting import LIMIT_S, attempts, wait_for
from wire import AA, NOERROR, TC, frame, is_closed, opt_record, query, read_frame

PADDING = 12            # an EDNS option (RFC 7830)
BLOCK = 468             # RFC 8467 section 4.1

# 60 records of about 1 KiB: an answer of 60 KiB.
BIG = "".join(f'big TXT {i} {" ".join(chr(34) + "x" * 250 + chr(34) for _ in range(4))}\n'
              for i in range(60))


old_versions = pytest.mark.filterwarnings("ignore:ssl.TLSVersion")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("tls"), zone=ZONE + BIG) as weftd:
        yield weftd


def openssl(weftd, *args, stdin=""):
    """What openssl s_client prints."""
    where = f"{weftd.tls[0]}:{weftd.tls[1]}"
    done = subprocess.run(["openssl", "s_client", "-connect", where, *args], input=stdin,
                          capture_output=True, text=True, timeout=LIMIT_S)
    return done.stdout + done.stderr


# ---- answers ----

def test_the_answers_are_those_of_tcp(shared):
    with dso.open_tls(shared.tls) as client, wire.connect(shared.where) as sock:
        for qname, rdtype in [("ns.lab.cloud.", 1), ("lab.cloud.", 6), ("no.lab.cloud.", 1),
                              ("x.wild.lab.cloud.", 16), ("example.com.", 1),
                              ("big.lab.cloud.", 16), ("lab.cloud.", 255)]:
            data = query(qname, rdtype, 77, opt=opt_record())
            sock.sendall(frame(data))
            client.send(data)
            assert client.answer(77) == read_frame(sock)


def test_answers_of_60_kib(shared):
    with dso.open_tls(shared.tls) as client:
        for _ in range(20):
            client.send(query("big.lab.cloud.", 16, 5))
        for _ in range(20):
            answer = wire.parse(client.answer(5))
            assert len(answer.answer) == 60 and not answer.has(TC)


def test_updates_and_their_signatures(shared):
    with dso.open_tls(shared.tls) as client:
        data, mac = updates.signed(["tls 60 IN A 192.0.2.1"])
        client.send(data)
        reply = updates.Reply(client.answer(struct.unpack_from("!H", data)[0]), updates.BENCH, mac)
        assert reply.rcode == "NOERROR"
        assert client.query("tls.lab.cloud.").answer


def test_many_pipelined_queries(shared):
    with dso.open_tls(shared.tls) as client:
        for first in range(0, 5000, 500):
            client.send(*[query("ns.lab.cloud.", 1, n) for n in range(first, first + 500)])
            assert sorted(struct.unpack_from("!H", client.receive())[0] for _ in range(500)) \
                == list(range(first, first + 500))


def test_many_connections(shared):
    clients = [dso.open_tls(shared.tls) for _ in range(100)]
    for client in clients:
        client.send(query("ns.lab.cloud.", 1, 5))
    for client in clients:
        assert wire.parse(client.answer(5)).rcode == NOERROR
        client.close()


@pytest.mark.parametrize("tool", [["kdig", "+tls", "+short"], ["dig", "+tls", "+short"],
                                  ["kdig", "+tls", "+keepopen", "+short"]])
def test_the_usual_tools(shared, tool):
    done = subprocess.run([*tool, f"@{shared.address}", "-p", str(shared.tls[1]), "ns.lab.cloud",
                           "A", "n1.nodes.lab.cloud", "A"], capture_output=True, text=True,
                          timeout=LIMIT_S)
    if "not supported" in done.stderr or "Invalid option" in done.stderr:
        pytest.skip("no TLS")
    assert done.stdout == "127.0.0.1\n192.0.2.1\n", done


# ---- handshakes ----

def test_the_version_is_1_3(shared):
    with dso.open_tls(shared.tls) as client:
        assert client.sock.version() == "TLSv1.3"


@old_versions
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_1])
def test_other_versions_are_refused(shared, version):
    with pytest.raises(dso.ENDED):
        dso.open_tls(shared.tls, dso.context(version=version))


@old_versions
def test_tls_1_2_may_be_allowed(make_weftd):
    weftd = prepare(make_weftd(), "tls: {tls-1.2: yes}").start()
    with dso.open_tls(weftd.tls, dso.context(version=ssl.TLSVersion.TLSv1_2)) as client:
        assert client.sock.version() == "TLSv1.2"
        assert client.begin().query("ns.lab.cloud.").rcode == NOERROR
    with dso.open_tls(weftd.tls) as client:
        assert client.sock.version() == "TLSv1.3"
    with pytest.raises(dso.ENDED):
        dso.open_tls(weftd.tls, dso.context(version=ssl.TLSVersion.TLSv1_1))
    assert "NO RENEGOTIATION" in openssl(weftd, "-tls1_2", stdin="R\n").upper().replace("_", " ")


@pytest.mark.parametrize("offered, chosen", [(["dot"], "dot"), (["h2", "dot"], "dot"), ([], None)])
def test_the_protocol_is_dot(shared, offered, chosen):
    with dso.open_tls(shared.tls, dso.context(alpn=offered)) as client:
        assert client.sock.selected_alpn_protocol() == chosen
        assert client.query("ns.lab.cloud.").rcode == NOERROR


def test_another_protocol_is_refused(shared):
    """RFC 7301 section 3.2."""
    with pytest.raises(dso.ENDED):
        with dso.open_tls(shared.tls, dso.context(alpn=["h2"])) as client:
            client.query("ns.lab.cloud.")


@pytest.mark.parametrize("size", [1, 5, 100])
def test_a_handshake_may_come_in_pieces(shared, size):
    with dso.Client(dso.Segments(shared.tls, size=size)) as client:
        assert client.query("ns.lab.cloud.").rcode == NOERROR


def resumed(weftd, tls, session=None):
    """A connection that resumes a session if one is given: whether it did, and its own session."""
    with dso.open_tls(weftd.tls, tls, session=session) as client:
        assert client.query("ns.lab.cloud.").rcode == NOERROR
        return client.sock.session_reused, client.sock.session


def test_sessions_are_resumed(shared):
    tls = dso.context()
    was, session = resumed(shared, tls)
    assert not was and session.has_ticket
    for _ in range(3):
        was, session = resumed(shared, tls, session)
        assert was


def test_there_is_no_early_data(shared, tmp_path):
    """What is sent as early data is not answered before the handshake has ended."""
    saved, early = tmp_path / "session", tmp_path / "early"
    early.write_bytes(frame(query("ns.lab.cloud.", 1, 5)))
    first = openssl(shared, "-sess_out", str(saved), "-tls1_3", stdin="")
    if saved.exists():
        text = subprocess.run(["openssl", "sess_id", "-in", str(saved), "-noout", "-text"],
                              capture_output=True, text=True, timeout=LIMIT_S).stdout
        found = re.search(r"Max Early Data: (\d+)", text)
        assert found is None or found[1] == "0", text
        again = openssl(shared, "-sess_in", str(saved), "-early_data", str(early), stdin="")
        assert "Early data was accepted" not in again
    assert "Max Early Data: 0" in first or "Max Early Data" not in first


# ---- framing ----

def test_a_query_may_come_in_records_of_one_byte(shared):
    with dso.open_tls(shared.tls) as client:
        for byte in frame(query("ns.lab.cloud.", 1, 5)):
            client.sock.sendall(bytes([byte]))
            wait_until_read(client.sock)
        assert wire.parse(client.answer(5)).has(AA)


def test_a_record_may_have_many_queries(shared):
    with dso.Client(dso.Segments(shared.tls)) as client:
        client.send(*[query("ns.lab.cloud.", 1, n) for n in range(400)])
        numbers = sorted(struct.unpack_from("!H", client.receive())[0] for _ in range(400))
        assert numbers == list(range(400))


def test_length_and_message_are_sent_together(shared):
    """SHOULD pass both at the same time (section 3.3): one record has them."""
    with dso.open_tls(shared.tls) as client:
        client.sock.sendall(frame(query("ns.lab.cloud.", 1, 5)))
        piece = client.sock.recv(16384)
        assert struct.unpack_from("!H", piece)[0] + 2 == len(piece)


def test_the_longest_message(shared):
    with begin(shared, "tls") as client:
        room = 65535 - len(dso.keepalive(5, 0, 0, dso.tlv(dso.UNKNOWN)))
        data = dso.keepalive(5, 0, 0, dso.tlv(dso.UNKNOWN, b"x" * room))
        assert client.request(data).rcode == NOERROR


# ---- padding (RFC 7830, RFC 8467) ----

def padding_of(client, options):
    client.send(query("ns.lab.cloud.", 1, 5, opt=opt_record(options=options)))
    data = client.answer(5)
    return wire.parse(data).option(PADDING), len(data)


@pytest.mark.parametrize("padding", [b"", b"\0" * 50, b"\xff" * 400])
def test_padded_queries_are_answered_padded(shared, padding):
    with dso.open_tls(shared.tls) as client:
        found, size = padding_of(client, [(PADDING, padding)])
        assert found is not None and set(found) <= {0}
        assert size % BLOCK == 0


def test_padding_needs_edns_and_encryption(shared):
    """Answers without EDNS are not padded, and nothing is in the clear."""
    with dso.open_tls(shared.tls) as client:
        assert client.query("ns.lab.cloud.").opt is None
    with dso.open_tcp(shared.where) as client:
        assert padding_of(client, [(PADDING, b"\0" * 50)])[0] is None
    padded = opt_record(options=[(PADDING, b"\0" * 50)])
    answer = wire.ask(shared.where, "ns.lab.cloud.", opt=padded)
    assert answer.option(PADDING) is None


def test_padding_of_long_answers_stays_within_a_message(shared):
    with dso.open_tls(shared.tls) as client:
        client.send(query("big.lab.cloud.", 16, 5, opt=opt_record(options=[(PADDING, b"")])))
        answer = wire.parse(client.answer(5))
        assert len(answer.answer) == 60 and answer.option(PADDING) is not None


# ---- what is not TLS ----

@pytest.mark.parametrize("data", [frame(query("ns.lab.cloud.", 1, 5)), b"GET / HTTP/1.0\r\n\r\n",
                                  b"\x16\x03\x01\xff\xff" + b"\0" * 200, b"\0" * 1000],
                         ids=["dns", "http", "record", "zeros"])
def test_cleartext_is_not_answered(shared, data):
    """RFC 7858 section 3.1: servers MUST NOT respond to cleartext messages."""
    with wire.connect(shared.tls) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        got = b""
        try:
            for _ in attempts("end of the connection"):
                piece = sock.recv(4096)
                if not piece:
                    break
                got += piece
        except ConnectionResetError:
            pass
    assert got == b"" or got[0] == 21      # an alert
    with dso.open_tls(shared.tls) as client:
        assert client.query("ns.lab.cloud.").rcode == NOERROR


def test_cleartext_after_a_handshake_is_not_answered(shared):
    segments = dso.Segments(shared.tls)
    with dso.Client(segments) as client:
        assert client.query("ns.lab.cloud.").rcode == NOERROR
        segments.raw.sendall(frame(query("ns.lab.cloud.", 1, 5)))
        with pytest.raises(dso.ENDED):
            client.answer(5)


@pytest.mark.parametrize("cut", [0, 5, 100])
def test_handshakes_that_stop_do_not_hold_others_up(make_weftd, cut):
    weftd = prepare(make_weftd(), "tls: {handshake-timeout: 1}").start()
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = dso.context().wrap_bio(inside, outside, server_hostname="x")
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    data = outside.read()[:cut]
    stopped = [socket.create_connection(weftd.tls, LIMIT_S) for _ in range(80)]
    for sock in stopped:
        sock.sendall(data)
    for _ in range(5):
        with dso.open_tls(weftd.tls) as client:
            assert client.query("ns.lab.cloud.").rcode == NOERROR
    assert all(is_closed(sock, LIMIT_S) for sock in stopped)


def test_handshakes_of_one_client_are_limited(make_weftd):
    """Those of others are not, and those that are established go on."""
    weftd = prepare(make_weftd(), "tls: {handshakes-per-client: 10, handshake-timeout: 2}").start()
    with dso.open_tls(weftd.tls) as before:
        stopped = [socket.create_connection(weftd.tls, LIMIT_S) for _ in range(200)]
        for _ in range(5):
            with dso.open_tls(weftd.tls, source="127.0.0.9") as client:
                assert client.query("ns.lab.cloud.").rcode == NOERROR
        assert before.query("ns.lab.cloud.").rcode == NOERROR
        assert all(is_closed(sock, LIMIT_S) for sock in stopped)


def test_a_handshake_that_is_cut_off_harms_nobody(shared):
    for _ in range(30):
        with socket.create_connection(shared.tls, LIMIT_S) as sock:
            sock.sendall(b"\x16\x03\x01\x02\x00\x01")
    with dso.open_tls(shared.tls) as client:
        assert client.query("ns.lab.cloud.").rcode == NOERROR


# ---- ends ----

def test_an_idle_connection_ends_with_a_notification(make_weftd):
    """RFC 7858 section 3.4: SHOULD use it."""
    weftd = prepare(make_weftd(), "tcp: {idle-timeout: 1}").start()
    with dso.open_tls(weftd.tls) as client:
        assert client.query("ns.lab.cloud.").rcode == NOERROR
        assert client.sock.recv(1) == b""       # otherwise an error


def test_a_client_may_close_its_side_after_asking(shared):
    segments = dso.Segments(shared.tls)
    with dso.Client(segments) as client:
        client.send(query("ns.lab.cloud.", 1, 5))
        try:
            segments.tls.unwrap()
        except ssl.SSLError:
            pass
        segments._flush()
        assert wire.parse(client.answer(5)).rcode == NOERROR


def test_connections_that_are_dropped_are_forgotten(make_weftd):
    weftd = prepare(make_weftd()).start()
    for _ in range(20):
        dso.open_tls(weftd.tls).close()
    assert send(weftd, updates=["x 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    wait_for(lambda: weftd.count("tcp-connections") == 0, "end of all connections")


@pytest.mark.skipif(shutil.which("kdig") is None, reason="needs kdig")
def test_kdig_sees_padding_and_the_protocol(shared):
    done = subprocess.run(["kdig", "+tls", "+padding=128", "+tls-sni=lab.cloud",
                           f"@{shared.address}", "-p", str(shared.tls[1]), "ns.lab.cloud", "A",
                           "-d"], capture_output=True, text=True, timeout=LIMIT_S)
    assert "127.0.0.1" in done.stdout and "NOERROR" in done.stdout
    assert "TLS1.3" in done.stdout + done.stderr
