# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""EDNS: versions, flags, unknown or malformed options, NSID, cookies, keepalive, extended
errors."""

import socket
import struct
import subprocess
import time

import pytest

import wire
from loopback import free_address
from wire import FORMERR, NOERROR, NXDOMAIN, REFUSED, TC

NSID, COOKIE, KEEPALIVE, PADDING, EDE = 3, 10, 11, 12, 15
BADVERS = 16
DO = 0x8000
SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf"
OLD_SECRET = "445536bcd2513298075a5d379663c962"
CLIENT = bytes.fromhex("2464c4abcf10c957")


def ask(weftd, *options, name="ns.lab.cloud.", payload=1232, by=wire.ask, **more):
    return by(weftd.where, name, "A", opt=wire.opt_record(payload, options=options, **more))


def serve(make_weftd, server, name="weftd"):
    weftd = make_weftd(name)
    weftd.zone()
    return weftd.configure(server=server).start()


# ---- version, flags, payload ---------------------------------------------------------------------

@pytest.mark.parametrize("version", [1, 2, 127, 255])
def test_other_versions_are_badvers_with_ours(weftd, version):
    for by in (wire.ask, wire.ask_tcp):
        got = ask(weftd, (NSID, b""), (65001, b"x"), version=version, by=by)
        assert got.rcode == BADVERS and not got.answer
        assert got.opt.ttl >> 16 & 0xff == 0
    # The format of options in another version is unknown.
    odd = b"\0" + struct.pack("!HHIH", 41, 1232, version << 16, 3) + b"abc"
    assert wire.ask(weftd.where, "ns.lab.cloud.", "A", opt=odd).rcode == BADVERS


def test_do_is_copied_and_no_other_flag(weftd):
    for flags in (0, DO, 0x7fff, 0xffff, 0x4000):
        got = ask(weftd, flags=flags)
        assert got.answer and got.opt.ttl == flags & DO


def test_the_upper_rcode_of_a_query_is_ignored(weftd):
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0xff000000, 0)
    got = wire.ask(weftd.where, "ns.lab.cloud.", "A", opt=opt)
    assert got.answer and got.rcode == NOERROR


def test_a_query_without_opt_is_answered_without(weftd):
    for name in ("ns.lab.cloud.", "no.lab.cloud.", "elsewhere."):
        for by in (wire.ask, wire.ask_tcp):
            assert by(weftd.where, name, "A").opt is None
            assert by(weftd.where, name, "A", opt=wire.opt_record(512)).opt.rdclass == 1232


# ---- malformed OPT records -----------------------------------------------------------------------

def formerr(weftd, opt, nopts=1):
    for by in (wire.ask, wire.ask_tcp):
        got = by(weftd.where, "ns.lab.cloud.", "A", opt=opt, nopts=nopts)
        assert got.rcode == FORMERR and not got.answer


def test_two_opts_are_a_format_error(weftd):
    formerr(weftd, wire.opt_record() * 2, 2)


def test_an_opt_elsewhere_than_at_the_root_is_a_format_error(weftd):
    formerr(weftd, b"\1x" + wire.opt_record())
    formerr(weftd, b"\xc0\x0c" + wire.opt_record()[1:])


def test_options_that_do_not_fill_the_opt_are_a_format_error(weftd):
    for data in (b"\0", b"\0\3\0", b"\0\3\0\1", b"\0\3\0\0\0", b"\xff\xff\xff\xff"):
        formerr(weftd, b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(data)) + data)


def test_unknown_options_are_ignored_and_not_sent_back(weftd):
    options = [(code, b"x" * (code % 40)) for code in (0, 5, 6, 8, 9, PADDING, 14, 26946, 65535)]
    got = ask(weftd, *options, *options)
    assert got.answer and got.options() == []
    assert ask(weftd, (EDE, b"\0\1")).options() == []


# ---- NSID ----------------------------------------------------------------------------------------

def test_nsid_is_sent_when_asked_for(make_weftd):
    weftd = serve(make_weftd, "nsid: node 1 of the lab")
    for by in (wire.ask, wire.ask_tcp):
        assert ask(weftd, (NSID, b""), by=by).option(NSID) == b"node 1 of the lab"
        assert ask(weftd, (NSID, b"not empty"), by=by).option(NSID) == b"node 1 of the lab"
        assert ask(weftd, by=by).option(NSID) is None
    assert ask(weftd, (NSID, b""), name="elsewhere.").option(NSID) == b"node 1 of the lab"
    assert "node 1 of the lab" in weftd.dig("+nsid", "ns.lab.cloud", "A")


def test_nsid_is_not_sent_when_there_is_none(weftd):
    assert ask(weftd, (NSID, b"")).options() == []


def test_not_even_long_options_make_an_answer_too_long(make_weftd):
    weftd = serve(make_weftd, f"nsid: {'n' * 255}\nversion: {'v' * 255}\nidentity: {'i' * 255}")
    longest = ".".join(["x" * 63] * 3 + ["y" * 50, "lab.cloud."])
    options = (NSID, b""), (COOKIE, CLIENT)
    outside = longest.replace("lab.cloud.", "elsewher.")
    for name in (longest, outside, "ns.lab.cloud.", "sub.elsewhere."):
        for payload in (0, 512, 513, 600, 1232):
            got = ask(weftd, *options, name=name, payload=payload)
            assert got.length <= max(512, payload)
            got = wire.ask(weftd.where, name, "SOA", flags=5 << 11,
                           opt=wire.opt_record(payload, options=options))
            assert got.length <= max(512, payload)
    for name in ("version.bind.", "id.server."):
        for payload in (0, 512, 1232):
            got = wire.ask(weftd.where, name, "TXT", rdclass=3,
                           opt=wire.opt_record(payload, options=options))
            assert got.length <= max(512, payload)
            assert got.answer or got.has(TC)
    assert ask(weftd, *options, name=longest, by=wire.ask_tcp).option(NSID) == b"n" * 255


# ---- cookies -------------------------------------------------------------------------------------

def siphash(key, data):
    """SipHash-2-4, as in its paper."""
    mask = (1 << 64) - 1
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rounds(count):
        for _ in range(count):
            v[0] = v[0] + v[1] & mask
            v[1] = (v[1] << 13 | v[1] >> 51) & mask ^ v[0]
            v[0] = (v[0] << 32 | v[0] >> 32) & mask
            v[2] = v[2] + v[3] & mask
            v[3] = (v[3] << 16 | v[3] >> 48) & mask ^ v[2]
            v[0] = v[0] + v[3] & mask
            v[3] = (v[3] << 21 | v[3] >> 43) & mask ^ v[0]
            v[2] = v[2] + v[1] & mask
            v[1] = (v[1] << 17 | v[1] >> 47) & mask ^ v[2]
            v[2] = (v[2] << 32 | v[2] >> 32) & mask

    padded = data + b"\0" * (-(len(data) + 1) % 8) + bytes([len(data) & 0xff])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xff
    rounds(4)
    return struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])


def cookie(secret, address, at=None, client=CLIENT, version=1, reserved=b"\0\0\0"):
    """A whole cookie by RFC 9018 section 4."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    front = client + bytes([version]) + reserved + struct.pack("!I", int(at or time.time()))
    return front + siphash(bytes.fromhex(secret), front + socket.inet_pton(family, address))


def test_cookies_are_those_of_rfc_9018():
    """Appendix A.1."""
    assert cookie(SECRET, "198.51.100.100", 1559731985).hex() \
        == "2464c4abcf10c957010000005cf79f111f8130c3eee29480"


@pytest.fixture
def baker(make_weftd):
    """A weftd whose cookie secret is known."""
    return serve(make_weftd, f'cookie-secret: "{SECRET}"')


def good_count(weftd):
    return weftd.json("stats")["server"]["cookies-good"]


def source_of(weftd):
    """The source address that the kernel chooses for queries."""
    with wire.udp_socket(weftd.where) as sock:
        return sock.getsockname()[0]


def test_a_client_cookie_gets_a_server_cookie(baker):
    got = ask(baker, (COOKIE, CLIENT))
    mine = got.option(COOKIE)
    assert got.answer and len(mine) == 24 and mine[:8] == CLIENT
    stamp = struct.unpack_from("!I", mine, 12)[0]
    assert abs(stamp - time.time()) < 60
    assert mine == cookie(SECRET, source_of(baker), stamp)


def test_a_valid_cookie_is_returned_and_counted(baker):
    mine = ask(baker, (COOKIE, CLIENT)).option(COOKIE)
    for by in (wire.ask, wire.ask_tcp):
        before = good_count(baker)
        got = ask(baker, (COOKIE, mine), by=by)
        assert got.answer and got.option(COOKIE) == mine
        assert good_count(baker) == before + 1


@pytest.mark.parametrize("spoil", [
    lambda mine: mine[:23] + bytes([mine[23] ^ 1]),         # another hash
    lambda mine: bytes([mine[0] ^ 1]) + mine[1:],           # another client cookie
    lambda mine: mine[:8] + b"\2" + mine[9:],               # another version
    lambda mine: mine[:23], lambda mine: mine + b"\0", lambda mine: mine[:16],
    lambda mine: mine + b"\0" * 16,
    lambda mine: cookie(SECRET, "127.9.9.9"), lambda mine: cookie(OLD_SECRET, "127.0.0.1")])
def test_a_bad_cookie_is_answered_with_a_good_one(baker, spoil):
    before = good_count(baker)
    bad = spoil(ask(baker, (COOKIE, CLIENT)).option(COOKIE))
    got = ask(baker, (COOKIE, bad))
    assert got.rcode in (NOERROR, 23) and good_count(baker) == before
    new = got.option(COOKIE)
    assert new[:8] == bad[:8]
    assert new == cookie(SECRET, source_of(baker), struct.unpack_from("!I", new, 12)[0], new[:8])


@pytest.mark.parametrize("length", [*range(8), *range(9, 16), 41, 42, 100, 1000])
def test_cookies_of_a_wrong_length_are_a_format_error(baker, length):
    got = ask(baker, (COOKIE, b"c" * length))
    assert got.rcode == FORMERR and not got.answer and got.option(COOKIE) is None


def test_cookies_age(baker):
    """RFC 9018 section 4.3: valid for an hour, renewed after half of it, accepted up to five
    minutes ahead."""
    now, source = time.time(), source_of(baker)
    for age, is_good, is_new in ((0, True, False), (1700, True, False), (1900, True, True),
                                 (3500, True, True), (3700, False, True), (-200, True, False),
                                 (-400, False, True), (100000, False, True)):
        mine, before = cookie(SECRET, source, now - age), good_count(baker)
        got = ask(baker, (COOKIE, mine)).option(COOKIE)
        assert good_count(baker) - before == is_good, age
        assert (got != mine) == is_new, age


def test_servers_with_one_secret_take_each_others_cookies_and_it_rolls(make_weftd):
    """RFC 9018 section 5: the new secret is added last, then moved to the front, then the old one
    is removed."""
    secrets = [f'["{OLD_SECRET}"]', f'["{OLD_SECRET}", "{SECRET}"]',
               f'["{SECRET}", "{OLD_SECRET}"]', f'["{SECRET}"]']
    servers = [serve(make_weftd, f"cookie-secret: {value}", f"weftd{i}")
               for i, value in enumerate(secrets)]
    makes = [OLD_SECRET, OLD_SECRET, SECRET, SECRET]
    for i, maker in enumerate(servers):
        mine = ask(maker, (COOKIE, CLIENT)).option(COOKIE)
        assert mine == cookie(makes[i], source_of(maker), struct.unpack_from("!I", mine, 12)[0])
        for j, taker in enumerate(servers):
            mine, before = cookie(makes[i], source_of(taker)), good_count(taker)
            got = ask(taker, (COOKIE, mine)).option(COOKIE)
            assert good_count(taker) - before == (makes[i] in secrets[j].replace('"', " ")), (i, j)
            assert (got == mine) == (makes[i] == makes[j])


def test_without_a_configured_secret_cookies_work_all_the_same(weftd):
    mine = ask(weftd, (COOKIE, CLIENT)).option(COOKIE)
    assert len(mine) == 24 and ask(weftd, (COOKIE, mine)).option(COOKIE) == mine


def test_a_cookie_may_be_asked_for_without_a_question(baker):
    """RFC 7873 section 5.4."""
    opt = wire.opt_record(1232, options=[(COOKIE, CLIENT)])
    got = wire.parse(wire.exchange(baker.where, struct.pack("!HHHHHH", 5, 0, 0, 0, 0, 1) + opt))
    assert (got.rcode, got.question, got.number) == (NOERROR, None, 5)
    assert len(got.option(COOKIE)) == 24
    empty = struct.pack("!HHHHHH", 5, 0, 0, 0, 0, 0)
    assert wire.parse(wire.exchange(baker.where, empty)).rcode == FORMERR


def test_cookies_over_ipv6_have_the_ipv6_address_in_them(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    _, port = free_address()
    weftd.configure(server=f'cookie-secret: "{SECRET}"')
    text = weftd.conf.read_text()
    weftd.conf.write_text(text.replace("listen: [", f'listen: ["::1@{port}", '))
    weftd.start()
    got = wire.ask(("::1", port), "ns.lab.cloud.", "A",
                   opt=wire.opt_record(options=[(COOKIE, CLIENT)])).option(COOKIE)
    assert got == cookie(SECRET, "::1", struct.unpack_from("!I", got, 12)[0])
    # A cookie for an IPv4 client must not be valid for it, nor the reverse.
    before = good_count(weftd)
    ask(weftd, (COOKIE, got))
    assert good_count(weftd) == before


def test_dig_and_kdig_find_the_cookie_good(baker):
    assert "(good)" in baker.dig("+cookie", "ns.lab.cloud", "A")
    done = subprocess.run(["kdig", f"@{baker.address}", "-p", str(baker.port), "+cookie",
                           "ns.lab.cloud", "A"], capture_output=True, text=True, timeout=20)
    assert "COOKIE" in done.stdout and "127.0.0.1" in done.stdout


# ---- keepalive -----------------------------------------------------------------------------------

def test_keepalive_is_sent_over_tcp_and_not_over_udp(make_weftd):
    """RFC 7828: in units of 100 ms; a client's own value is ignored."""
    weftd = serve(make_weftd, "tcp: {idle-timeout: 17}")
    for data in (b"", b"\0\1"):
        assert ask(weftd, (KEEPALIVE, data), by=wire.ask_tcp).option(KEEPALIVE) \
            == struct.pack("!H", 170)
        assert ask(weftd, (KEEPALIVE, data)).option(KEEPALIVE) is None
    assert ask(weftd, by=wire.ask_tcp).option(KEEPALIVE) is None
    assert ask(weftd, (KEEPALIVE, b""), by=wire.ask_tcp, name="no.lab.cloud.").rcode == NXDOMAIN


# ---- extended errors -----------------------------------------------------------------------------

def test_refusals_have_their_reason(weftd):
    update = wire.ask(weftd.where, "lab.cloud.", "SOA", flags=5 << 11, opt=wire.opt_record())
    assert update.rcode == REFUSED and update.option(EDE)[:2] == b"\0\x12"      # 18, prohibited
    transfer = wire.ask_tcp(weftd.where, "lab.cloud.", "AXFR", opt=wire.opt_record())
    assert transfer.rcode == REFUSED and transfer.option(EDE)[:2] == b"\0\x12"
    outside = ask(weftd, name="elsewhere.")
    assert outside.rcode == REFUSED and outside.option(EDE)[:2] == b"\0\x14"    # 20
    update.option(EDE)[2:].decode("utf-8")
    assert wire.ask_tcp(weftd.where, "lab.cloud.", "AXFR").opt is None
