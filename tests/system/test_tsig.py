# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""TSIG (RFC 8945): each algorithm with each tool, each error with the answer of section 5, and that
no octet of a signed message may be changed."""

import random
import re
import shutil
import socket
import struct
import subprocess
import time

import dns.message
import dns.query
import dns.rdatatype
import pytest

from conftest import SECRET, WEFT, ZONE, Weftd
from updates import BENCH, Key, Reply, exchange, lookup, next_id, opt, record, serial, update
from waiting import LIMIT_S, attempts
from wire import ANY, IN, TSIG, connect, frame, name, read_frame, read_name, rr, with_record
from wire import query as make_query

ALGORITHMS = ["hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"]
CUT = ["hmac-sha256-128", "hmac-sha384-192", "hmac-sha512-256"]
FORMERR, SERVFAIL, REFUSED, NOTAUTH = 1, 2, 5, 9
BADSIG, BADKEY, BADTIME, BADTRUNC = 16, 17, 18, 22


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A weftd with a key for each algorithm, each made by `weft key generate`; and the keys."""
    server = Weftd(tmp_path_factory.mktemp("shared"))
    server.zone(ZONE + "".join(f"big{i} TXT {'x' * 200}\n" for i in range(400)))
    keys = {"bench": BENCH}
    for algorithm in ALGORITHMS + CUT:
        key_name = f"key-{algorithm}"
        done = subprocess.run([WEFT, "key", "generate", key_name, algorithm],
                              capture_output=True, text=True, timeout=LIMIT_S, check=True)
        path = server.folder / f"{algorithm}.key"
        path.write_text(done.stdout)
        path.chmod(0o600)
        keys[algorithm] = Key(key_name, re.search(r'secret "([^"]+)"', done.stdout).group(1),
                              algorithm)
    names = ", ".join(key.name for key in keys.values())
    server.configure({"lab.cloud": f"update: {{key: [{names}]}}\ntransfer: {{key: [{names}]}}"},
                     "workers: 4", more="include: [hmac-*.key]\n").start()
    server.keys = keys
    yield server
    assert server.stop() == 0, server.log()
    assert "Sanitizer" not in server.log(), server.log()


def query(owner="ns.lab.cloud", rdtype=1, edns=True, number=None):
    """An unsigned query."""
    number = next_id() if number is None else number
    return make_query(owner, rdtype, number, opt=opt() if edns else b"")


def ask(weftd, message, key=BENCH, tcp=False, **more):
    """Sends the message signed, and verifies the signature of the answer."""
    wire, mac = key.sign(message, **more)
    return Reply(exchange(weftd, wire, tcp), key, mac)


def asked_raw(weftd, wire, tcp=False):
    return Reply(exchange(weftd, wire, tcp))


def error_of(reply):
    """RCODE as a number, TSIG error, whether there is a MAC."""
    return reply.flags & 15, reply.tsig.error, reply.is_signed


# ---- the algorithms ----

@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("algorithm", ALGORITHMS + CUT)
def test_each_algorithm_signs_queries_and_updates(shared, algorithm, tcp):
    key = shared.keys[algorithm]
    reply = ask(shared, query(), key, tcp)
    assert reply.rcode == "NOERROR"
    assert len(reply.tsig.mac) == key.octets
    assert abs(reply.tsig.when - time.time()) < 60 and reply.tsig.fudge_s == 300
    owner = f"{algorithm}-{int(tcp)}"
    reply = ask(shared, update(updates=[record(f"{owner} 60 IN A 10.0.0.1")]), key, tcp)
    assert reply.rcode == "NOERROR"
    assert lookup(shared, f"{owner}.lab.cloud", "A")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_signs_every_message_of_a_transfer(shared, algorithm):
    key = shared.keys[algorithm]
    asked = dns.message.make_query("lab.cloud", "AXFR")
    asked.use_tsig(key.dns, algorithm=key.dns.algorithm)
    messages, context, soas = 0, None, 0
    with connect(shared.where, LIMIT_S) as sock:
        sock.sendall(frame(asked.to_wire()))
        for _ in attempts("end of the transfer"):
            if soas == 2:
                break
            message = dns.message.from_wire(read_frame(sock), keyring=key.dns, multi=True,
                                            request_mac=asked.mac, xfr=True, tsig_ctx=context,
                                            one_rr_per_rrset=True)
            context = message.tsig_ctx
            assert message.had_tsig and message.rcode() == 0
            soas += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in message.answer)
            messages += 1
    assert messages > 1



@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("tool", ["dig", "kdig"])
def test_dig_and_kdig_verify_what_they_get(shared, tool, algorithm):
    key = shared.keys[algorithm]
    where = [f"@{shared.address}", "-p", str(shared.port)]
    for by in (["-y", f"{algorithm}:{key.name}:{key.secret}"],
               *([["-k", str(shared.folder / f"{algorithm}.key")]] if tool == "dig" else [])):
        for what in (["ns.lab.cloud", "A"], ["ns.lab.cloud", "A", "+tcp"], ["lab.cloud", "AXFR"]):
            done = subprocess.run([tool, *where, *by, *what], capture_output=True, text=True,
                                  timeout=LIMIT_S)
            out = done.stdout + done.stderr
            assert done.returncode == 0, out
            assert "127.0.0.1" in out, out
            assert not re.search(r"couldn't verify|failed|BAD(SIG|KEY|TIME)", out, re.I), out


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("tool", ["nsupdate", "knsupdate"])
def test_nsupdate_and_knsupdate_sign_by_y(shared, tool, algorithm):
    key = shared.keys[algorithm]
    owner = f"{tool}-{algorithm}.lab.cloud."
    text = (f"server {shared.address} {shared.port}\nzone lab.cloud.\n"
            f"update add {owner} 60 A 10.0.0.1\nsend\n")
    done = subprocess.run([tool, "-y", f"{algorithm}:{key.name}:{key.secret}"], input=text,
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert lookup(shared, owner, "A") == {"60 10.0.0.1"}


def test_names_of_keys_and_algorithms_have_no_case(shared):
    message = query()
    wire, mac = BENCH.sign(message)
    at = len(message)
    assert wire[at:at + 7] == b"\5bench\0"
    changed = wire[:at] + b"\5BeNcH\0" + wire[at + 7:].replace(b"hmac-sha256", b"HMAC-Sha256")
    assert Reply(exchange(shared, changed), BENCH, mac).rcode == "NOERROR"


def test_an_answer_with_no_room_for_its_signature_is_truncated(shared):
    """TC is set when the signature leaves no room (RFC 8945 section 5.3.2)."""
    message = query("big1.lab.cloud", 16, edns=False)
    reply = ask(shared, message, shared.keys["hmac-sha512"])
    assert len(reply.wire) <= 512
    assert reply.rcode == "NOERROR"
    if reply.counts[1] == 0:
        assert reply.flags & 0x200


def test_the_id_of_the_header_may_change_on_the_way(shared):
    """Forwarders change the id; the original one is signed (RFC 8945 section 5.4)."""
    message = query(number=1111)
    wire, mac = BENCH.sign(message)
    reply = Reply(exchange(shared, b"\x12\x34" + wire[2:]), BENCH, mac)
    assert reply.rcode == "NOERROR" and reply.id == 0x1234


# ---- errors ----

@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("make", [query, lambda: update(
    updates=[record("evil 60 IN A 10.0.0.1")], additional=[opt()])], ids=["query", "update"])
def test_a_wrong_secret_is_badsig_and_unsigned(shared, make, tcp):
    wrong = Key("bench", "d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmc=")
    reply = asked_raw(shared, wrong.sign(make())[0], tcp)
    assert error_of(reply) == (NOTAUTH, BADSIG, False)
    assert "MAC" in reply.why and "bench" in reply.why
    assert reply.counts[1:3] == [0, 0]
    assert not lookup(shared, "evil.lab.cloud", "A")


@pytest.mark.parametrize("key,word", [
    (Key("nobody"), "unknown key name nobody"),
    (Key("bench", SECRET, "hmac-sha512"), "not for algorithm hmac-sha512"),
    (Key("bench", SECRET, "hmac-sha1"), "not for algorithm hmac-sha1"),
])
def test_an_unknown_key_or_algorithm_is_badkey_and_unsigned(shared, key, word):
    reply = asked_raw(shared, key.sign(query())[0])
    assert error_of(reply) == (NOTAUTH, BADKEY, False)
    assert word in reply.why, reply
    # The names of the request are in the answer (RFC 8945 section 5.2.1).
    assert name(key.name) + struct.pack("!HH", TSIG, ANY) in reply.wire


def test_an_algorithm_that_nobody_knows_is_badkey(shared):
    message = query()
    wire, _ = BENCH.sign(message)
    wire = wire[:len(message)] + wire[len(message):].replace(b"\x0bhmac-sha256", b"\x0bhmac-sha999")
    reply = asked_raw(shared, wire)
    assert error_of(reply) == (NOTAUTH, BADKEY, False)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("off_s,fudge_s", [(-400, 300), (400, 300), (-10, 3), (10, 3),
                                           (-10**6, 300), (10**9, 300)])
def test_a_wrong_time_is_badtime_signed_and_has_the_server_s_time(shared, off_s, fudge_s, tcp):
    now = int(time.time())
    when = now + off_s
    wire, mac = BENCH.sign(query(), when, fudge_s)
    reply = Reply(exchange(shared, wire, tcp), BENCH, mac)
    assert error_of(reply) == (NOTAUTH, BADTIME, True)
    # The times of the request, so that the client can verify the answer (RFC 8945 section 5.2.3).
    assert (reply.tsig.when, reply.tsig.fudge_s) == (when, fudge_s)
    assert len(reply.tsig.other) == 6
    assert abs(int.from_bytes(reply.tsig.other, "big") - now) < 60
    assert f"{abs(off_s) // 100}" in reply.why or "clock" in reply.why
    assert ("ahead" if off_s > 0 else "behind") in reply.why


@pytest.mark.parametrize("off_s,fudge_s", [(-200, 300), (200, 300), (-30, 60), (0, 30)])
def test_a_time_within_the_fudge_is_good(shared, off_s, fudge_s):
    reply = ask(shared, query(), when=int(time.time()) + off_s, fudge_s=fudge_s)
    assert reply.rcode == "NOERROR"


def test_an_update_of_the_wrong_time_changes_nothing(shared):
    before = serial(shared)
    wire, mac = BENCH.sign(update(updates=[record("late 60 IN A 10.0.0.1")], additional=[opt()]),
                           int(time.time()) - 1000)
    assert error_of(Reply(exchange(shared, wire), BENCH, mac)) == (NOTAUTH, BADTIME, True)
    assert serial(shared) == before and not lookup(shared, "late.lab.cloud", "A")


@pytest.mark.skipif(shutil.which("faketime") is None, reason="needs faketime")
@pytest.mark.parametrize("when", ["-1h", "+1h"])
def test_knsupdate_with_a_wrong_clock_is_told_badtime(shared, when):
    """nsupdate cannot be used: its allocator and libfaketime wait for each other."""
    text = (f"server {shared.address} {shared.port}\nzone lab.cloud.\n"
            "update add faked.lab.cloud. 60 A 10.0.0.1\nsend\n")
    done = subprocess.run(["faketime", "-f", when, "knsupdate", "-y",
                           f"hmac-sha256:bench:{SECRET}"], input=text, capture_output=True,
                          text=True, timeout=LIMIT_S)
    out = done.stderr + done.stdout
    assert done.returncode != 0
    assert "NOTAUTH" in out or "BADTIME" in out, out
    assert not lookup(shared, "faked.lab.cloud", "A")


@pytest.mark.parametrize("algorithm,octets,error", [
    ("hmac-sha256", 16, BADTRUNC),
    ("hmac-sha256", 31, BADTRUNC),
    ("hmac-sha512", 32, BADTRUNC),
    ("hmac-sha1", 10, BADTRUNC),
])
def test_a_mac_cut_shorter_than_the_key_asks_is_badtrunc_and_signed(shared, algorithm, octets,
                                                                    error):
    key = shared.keys[algorithm]
    wire, mac = key.sign(query(), octets=octets)
    reply = Reply(exchange(shared, wire), key, mac)
    assert error_of(reply) == (NOTAUTH, error, True)
    assert f"{octets} octets" in reply.why


@pytest.mark.parametrize("algorithm,octets", [
    ("hmac-sha256", 15), ("hmac-sha256", 0), ("hmac-sha256", 9), ("hmac-sha512", 31),
    ("hmac-sha1", 9)])
def test_a_mac_shorter_than_any_may_be_is_formerr(shared, algorithm, octets):
    """RFC 8945 section 5.2.2.1: less than 10 octets or half the hash."""
    key = shared.keys[algorithm]
    wire, _ = key.sign(query(), octets=octets)
    assert asked_raw(shared, wire).rcode == "FORMERR"


def test_a_mac_longer_than_the_hash_is_formerr(shared):
    message = query()
    when = int(time.time())
    mac = BENCH.mac(message, when, 300)
    wire = with_record(message, BENCH.record(message, mac + b"\0", when, 300))
    assert asked_raw(shared, wire).rcode == "FORMERR"


@pytest.mark.parametrize("algorithm", CUT)
def test_a_key_that_accepts_cut_macs_answers_as_long_as_asked(shared, algorithm):
    """The MAC is not shorter than the request's (RFC 8945 section 5.3.1, truncation policy)."""
    whole = algorithm.rsplit("-", 1)[0]
    cut = shared.keys[algorithm]
    as_whole = Key(cut.name, cut.secret, whole)
    for octets in (cut.octets, cut.octets + 1, as_whole.octets):
        wire, mac = as_whole.sign(query(), octets=octets)
        reply = Reply(exchange(shared, wire), as_whole, mac)
        assert reply.rcode == "NOERROR"
        assert len(reply.tsig.mac) >= octets


# ---- malformed messages ----

def signed_parts(message):
    when = int(time.time())
    return BENCH.record(message, BENCH.mac(message, when, 300), when, 300)


def test_a_signature_that_is_not_last_is_formerr(shared):
    for message in (query(edns=False),
                    update(updates=[record("evil 60 IN A 10.0.0.1")])):
        wire = with_record(with_record(message, signed_parts(message)), opt())
        assert asked_raw(shared, wire).rcode == "FORMERR"
    assert not lookup(shared, "evil.lab.cloud", "A")


def test_two_signatures_are_formerr(shared):
    message = query()
    wire, _ = BENCH.sign(BENCH.sign(message)[0])
    assert asked_raw(shared, wire).rcode == "FORMERR"


def test_a_signature_in_another_section_does_not_sign(shared):
    """In the answer section of a query, and in the update section of an update."""
    message = query(edns=False)
    wire = message + signed_parts(message)
    wire = wire[:6] + b"\0\1" + wire[8:]
    assert asked_raw(shared, wire).rcode == "FORMERR"
    message = update(updates=[record("evil 60 IN A 10.0.0.1")])
    wire = message + signed_parts(message)
    wire = wire[:8] + b"\0\2" + wire[10:]
    assert asked_raw(shared, wire).rcode in ("FORMERR", "REFUSED")
    assert not lookup(shared, "evil.lab.cloud", "A")


@pytest.mark.parametrize("offset,octets,what", [
    (2, b"\0\1", "class IN"), (4, b"\0\0\0\1", "TTL 1"), (8, b"\xff\xff", "RDLENGTH")],
    ids=lambda value: value if isinstance(value, str) else "")
def test_a_malformed_signature_record_is_formerr(shared, offset, octets, what):
    message = query()
    wire, _ = BENCH.sign(message)
    at = len(message) + len(name("bench")) + offset
    wire = wire[:at] + octets + wire[at + len(octets):]
    assert asked_raw(shared, wire).rcode == "FORMERR", what


def test_a_compressed_algorithm_is_formerr_or_refused(shared):
    """RFC 8945 section 4.2: the algorithm must not be compressed."""
    message = query()
    when = int(time.time())
    mac = BENCH.mac(message, when, 300)
    rdata = (b"\xc0\x0c" + struct.pack("!HIHH", 0, when, 300, len(mac)) + mac
             + message[:2] + b"\0\0\0\0")
    wire = with_record(message, rr("bench", TSIG, ANY, 0, rdata))
    assert asked_raw(shared, wire).flags & 15 in (FORMERR, NOTAUTH)


def case_free_places(wire, at):
    """Offsets of letters in the names of key and algorithm, where the case does not matter."""
    _, owner_end = read_name(wire, at)
    algorithm = owner_end + 10
    _, algorithm_end = read_name(wire, algorithm)
    return {i for begin, end in ((at, owner_end), (algorithm, algorithm_end))
            for i in range(begin, end) if chr(wire[i]).isalpha()}


@pytest.mark.parametrize("seed", range(3))
def test_no_octet_of_a_signed_message_may_change(shared, seed):
    """Each octet once, changed at random. Only the id in the header may change, and the case of
    names that are compared without it."""
    chance = random.Random(seed)
    target = f"mut{seed}.lab.cloud"
    for make in (lambda: update(updates=[rr(target, 1, IN, 60, b"\n\0\0\1")],
                                additional=[opt()]),
                 lambda: query("ns.lab.cloud")):
        message = make()
        wire, mac = BENCH.sign(message)
        free = case_free_places(wire, len(message))
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(1)
            sock.connect(shared.where)
            for i in range(2, len(wire)):
                bits = chance.randint(1, 255)
                while i in free and bits == 0x20:
                    bits = chance.randint(1, 255)
                bad = wire[:i] + bytes([wire[i] ^ bits]) + wire[i + 1:]
                sock.send(bad)
                if i == 2 and bits & 0x80:
                    continue    # a response, which is not answered
                reply = Reply(sock.recv(65535))
                assert not is_accepted(reply, mac, len(wire)), (i, hex(bits), reply)
        assert not lookup(shared, target, "A")
    reply = ask(shared, query())
    assert reply.rcode == "NOERROR"


def is_accepted(reply, mac, _):
    """Whether the answer shows that the signature was accepted."""
    return reply.is_signed and reply.tsig.error == 0


def test_a_bad_signature_is_seen_before_all_else(shared):
    """The RCODE of a signed message shows a stranger nothing about zones and policy."""
    wrong = Key("bench", "d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmc=")
    for message in (query("a.other.cloud"), update(zone="other.cloud"),
                    update(prerequisites=[record("ns 0 NONE ANY")])):
        assert asked_raw(shared, wrong.sign(message)[0]).flags & 15 == NOTAUTH


def test_errors_without_edns_carry_no_option(shared):
    wire, mac = BENCH.sign(query(edns=False), int(time.time()) - 5000)
    reply = Reply(exchange(shared, wire), BENCH, mac)
    assert error_of(reply) == (NOTAUTH, BADTIME, True)
    assert reply.counts[3] == 1 and reply.ede is None


def test_refusals_of_good_signatures_are_signed(shared):
    for message, rcode in ((query("a.other.cloud"), "REFUSED"),
                           (update(zone="other.cloud"), "NOTAUTH"),
                           (query("none.lab.cloud"), "NXDOMAIN"),
                           (update(zone_type=1), "FORMERR")):
        reply = ask(shared, message)
        assert reply.rcode == rcode
        assert reply.is_signed


def test_dnspython_agrees(shared):
    for key in (shared.keys[algorithm] for algorithm in ALGORITHMS + CUT):
        asked = dns.message.make_query("ns.lab.cloud", "A")
        asked.use_tsig(key.dns, algorithm=key.dns.algorithm)
        answer = dns.query.udp(asked, shared.address, LIMIT_S, shared.port)
        assert answer.had_tsig
        assert answer.answer[0][0].to_text() == "127.0.0.1"
