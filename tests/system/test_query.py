# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Queries and the frame of their answers: header bits, classes and opcodes, additional records,
truncation, and the address of the answer."""

import random
import select
import socket
import struct
import subprocess

import pytest

import updates
import wire
from conftest import ZONE
from loopback import free_address
from waiting import attempts
from wire import AA, FORMERR, NOERROR, NOTIMP, NXDOMAIN, QR, RA, RD, REFUSED, TC

A, NS, TXT, AAAA, SRV, DS, AXFR, ANY = 1, 2, 16, 28, 33, 43, 252, 255
CH, HS, CLASS_ANY = 3, 4, 255
EDE = 15

BROWSE = ZONE + """\
_http._tcp PTR web-1._http._tcp
_http._tcp PTR web-2._http._tcp
_http._tcp PTR web-3.elsewhere.
_http._tcp PTR web-4._http._tcp
web-1._http._tcp SRV 0 0 80 n1.nodes
web-1._http._tcp TXT "id=1"
web-2._http._tcp SRV 0 0 80 n2.nodes
web-2._http._tcp TXT "id=2"
n2.nodes A 127.0.0.2
n2.nodes AAAA ::2
sub NS ns.sub
sub DS 1 13 2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
ns.sub A 127.0.0.9
"""


def listening(weftd, *addresses):
    """Sets the addresses that a configured weftd listens on; each as address@port."""
    text = weftd.conf.read_text()
    old = f'listen: ["{weftd.address}@{weftd.port}"]'
    assert old in text
    shown = ", ".join(f'"{address}"' for address in addresses)
    weftd.conf.write_text(text.replace(old, f"listen: [{shown}]"))
    return weftd


def serve(make_weftd, zone=ZONE, server=""):
    weftd = make_weftd()
    weftd.zone(zone)
    return weftd.configure(server=server).start()


# ---- the header ----------------------------------------------------------------------------------

@pytest.mark.parametrize("flags", [0, RD, RD | 0x0020, 0x0010 | AA | TC | RA | 0x0040])
def test_of_a_querys_flags_only_rd_is_copied_and_ra_is_never_set(weftd, flags):
    for name, also in (("ns.lab.cloud.", AA), ("no.lab.cloud.", AA), ("elsewhere.", 0)):
        for ask in (wire.ask, wire.ask_tcp):
            got = ask(weftd.where, name, "A", flags=flags, number=77)
            assert got.flags & 0xfff0 == QR | also | (flags & RD)
            assert got.number == 77


def test_the_question_is_returned_in_its_own_case(weftd):
    rng = random.Random(5)
    for name in ["ns.lab.cloud.", "no.lab.cloud.", "n1.nodes.lab.cloud.", "x.elsewhere."] * 5:
        asked = bytes(octet ^ 0x20 if 97 <= octet <= 122 and rng.random() < 0.5 else octet
                      for octet in wire.name(name))
        data = wire.exchange(weftd.where, wire.query(asked, "A"))
        assert data[12:12 + len(asked) + 4] == asked + struct.pack("!HH", A, 1)
        if wire.parse(data).answer:     # and so does the owner, which points to the question
            assert data[12 + len(asked) + 4:][:2] == b"\xc0\x0c"


def test_the_case_of_what_was_written_is_kept_in_data(make_weftd):
    weftd = serve(make_weftd, ZONE + 'MiXed SRV 0 0 1 TarGet.LAB.cloud.\n')
    data = wire.exchange(weftd.where, wire.query("mixed.lab.cloud.", "SRV"))
    assert b"\6TarGet\3LAB\5cloud\0" in data


@pytest.mark.parametrize("opcode", [1, 2, 3, 4, 6, 7, 15])
def test_unknown_opcodes_are_not_implemented(weftd, opcode):
    for tail in (b"", wire.opt_record(1232)):
        got = wire.ask(weftd.where, "lab.cloud.", "SOA", flags=opcode << 11 | RD, opt=tail)
        assert got.rcode == NOTIMP
        assert got.flags & 0x7800 == opcode << 11
        assert not got.answer and not got.has(AA)


def test_a_response_is_not_answered(weftd):
    for opcode in (0, 4, 5, 9):
        data = wire.query("lab.cloud.", "SOA", flags=QR | opcode << 11)
        assert wire.exchange(weftd.where, data, 0.3) is None
    assert wire.ask(weftd.where, "lab.cloud.", "SOA").rcode == NOERROR


# ---- other classes and zones ---------------------------------------------------------------------

def test_chaos_names_tell_what_is_configured(make_weftd):
    weftd = serve(make_weftd, server='identity: "node 1"\nversion: weft of the lab')
    version, identity = b"weft of the lab", b"node 1"
    for name, text in (("version.server.", version), ("version.bind.", version),
                       ("id.server.", identity), ("HOSTNAME.bind.", identity)):
        for rdtype in (TXT, ANY):
            got = wire.ask(weftd.where, name, rdtype, rdclass=CH)
            assert (got.rcode, [r.rdata for r in got.answer]) \
                == (NOERROR, [bytes([len(text)]) + text])
            assert (got.answer[0].rdclass, got.answer[0].ttl) == (CH, 0)
            assert got.has(AA)
        got = wire.ask(weftd.where, name, A, rdclass=CH)
        assert (got.rcode, got.answer) == (NOERROR, [])
    assert wire.ask(weftd.where, "version.bind.", TXT).rcode == REFUSED
    assert wire.ask(weftd.where, "authors.bind.", TXT, rdclass=CH).rcode == REFUSED
    assert '"node 1"' in weftd.dig("CH", "TXT", "id.server")


def test_chaos_names_are_refused_when_nothing_is_configured(weftd):
    for name in ("version.server.", "version.bind.", "id.server.", "hostname.bind."):
        got = wire.ask(weftd.where, name, TXT, rdclass=CH)
        assert (got.rcode, got.answer) == (REFUSED, [])


@pytest.mark.parametrize("rdclass", [0, 2, HS, 254, CLASS_ANY, 65535])
def test_other_classes_are_refused(weftd, rdclass):
    assert wire.ask(weftd.where, "lab.cloud.", "SOA", rdclass=rdclass).rcode == REFUSED


@pytest.mark.parametrize("name", [".", "cloud.", "xlab.cloud.", "lab.cloud.elsewhere.", "com."])
def test_names_in_no_zone_are_refused_with_the_reason(weftd, name):
    for rdtype in ("A", "SOA", "NS", "DS", "ANY"):
        got = wire.ask(weftd.where, name, rdtype, opt=wire.opt_record(1232))
        assert got.rcode == REFUSED and not got.has(AA)
        assert not got.answer and not got.authority
        assert got.option(EDE)[:2] == b"\0\x14"         # 20, not authoritative
        assert wire.ask(weftd.where, name, rdtype).opt is None


@pytest.mark.parametrize("rdtype", [128, 248, 253, 254, 250, 249, 41])
def test_types_that_no_record_has_are_never_answered_with_data(weftd, rdtype):
    got = wire.ask(weftd.where, "lab.cloud.", rdtype)
    assert got.rcode in (NOERROR, FORMERR, NOTIMP, REFUSED) and not got.answer


def test_a_transfer_by_udp_gets_no_data(weftd):
    assert wire.ask(weftd.where, "lab.cloud.", AXFR).rcode in (FORMERR, REFUSED, NOTIMP)
    assert not wire.ask(weftd.where, "lab.cloud.", AXFR).answer


# ---- additional records --------------------------------------------------------------------------

def test_any_gets_one_set_by_udp_and_tcp(make_weftd):
    weftd = serve(make_weftd, BROWSE)
    for name in ("n2.nodes.lab.cloud.", "web-1._http._tcp.lab.cloud.", "lab.cloud."):
        for ask in (wire.ask, wire.ask_tcp):
            got = ask(weftd.where, name, "ANY")
            assert got.rcode == NOERROR and got.answer
            assert len({(r.owner, r.rdtype) for r in got.answer}) == 1
    assert wire.ask(weftd.where, "no.lab.cloud.", "ANY").rcode == NXDOMAIN
    assert wire.ask(weftd.where, "nodes.lab.cloud.", "ANY").rcode == NOERROR


def test_browsing_takes_one_round_trip(make_weftd):
    """RFC 6763 section 12.1."""
    weftd = serve(make_weftd, BROWSE)
    for _ in range(3):          # the first answer and cached ones
        got = wire.ask(weftd.where, "_http._tcp.lab.cloud.", "PTR", opt=wire.opt_record(1232))
        assert len(got.answer) == 4 and not got.authority
        have = {(wire.text(r.owner), r.rdtype) for r in got.additional}
        assert have == {("web-1._http._tcp.lab.cloud.", SRV), ("web-1._http._tcp.lab.cloud.", TXT),
                        ("web-2._http._tcp.lab.cloud.", SRV), ("web-2._http._tcp.lab.cloud.", TXT),
                        ("n1.nodes.lab.cloud.", A), ("n2.nodes.lab.cloud.", A),
                        ("n2.nodes.lab.cloud.", AAAA)}
        assert len(got.additional) == len(have)


def test_positive_answers_have_no_authority(make_weftd):
    weftd = serve(make_weftd, BROWSE)
    for name, rdtype in (("lab.cloud.", "NS"), ("lab.cloud.", "SOA"), ("ns.lab.cloud.", "A"),
                         ("web-1._http._tcp.lab.cloud.", "SRV")):
        got = wire.ask(weftd.where, name, rdtype)
        assert got.answer and not got.authority


@pytest.mark.parametrize("key,types", [
    ("", {NS}), ("@ DNSKEY 257 3 13 " + "A" * 86 + "==\n", {NS, DS})])
def test_a_referral_from_a_signed_zone_has_the_ds_if_requested(make_weftd, key, types):
    weftd = serve(make_weftd, BROWSE + key)
    for flags, has in ((0, {NS}), (0x8000, types)):
        got = wire.ask(weftd.where, "www.sub.lab.cloud.", "A", opt=wire.opt_record(1232, flags))
        assert {r.rdtype for r in got.authority} == has and not got.has(AA)
        assert [wire.text(r.owner) for r in got.additional] == ["ns.sub.lab.cloud."]
    assert {r.rdtype for r in wire.ask(weftd.where, "sub.lab.cloud.", "DS").answer} == {DS}


# ---- truncation ----------------------------------------------------------------------------------

def sized_zone():
    """TXT answers of all sizes around the limits, and RRsets with many additional records."""
    lines = [ZONE]
    for size in [*range(380, 520, 3), *range(1100, 1240, 3)]:
        pieces = [200] * (size // 201) + [size % 201]
        lines.append(f"t{size} TXT " + " ".join('"' + "x" * piece + '"' for piece in pieces))
    for i in range(40):
        lines += [f"many SRV 0 0 {i} host{i}"]
        lines += [f"host{i} A 10.0.0.{i}", f"host{i} AAAA 2001:db8::{i}"]
        lines += [f"few SRV 0 0 {i} host{i}"] if i < 12 else []
    for i in range(13):
        lines += [f"cut NS n{i}.cut", f"n{i}.cut A 10.0.1.{i}", f"n{i}.cut AAAA 2001:db8:1::{i}"]
        lines += [f"wide NS host{i}"]
    return "\n".join(lines) + "\n"


PAYLOADS = [0, 100, 511, 512, 513, 600, 700, 800, 1000, 1100, 1200, 1231, 1232, 1233, 4096, 65535]


def limit_of(payload):
    return max(512, min(payload, 1232)) if payload is not None else 512


def prepared_zone():
    """As sized_zone, without delegations: in a zone that has some, answers are not prepared."""
    lines = sized_zone().splitlines()
    return "".join(f"{s}\n" for s in lines if not s.startswith(("cut NS", "wide NS")))


def sized_ask(weftd, name, rdtype, payload):
    """Asks with a payload (None: without EDNS), and checks what must hold for every answer."""
    opt = b"" if payload is None else wire.opt_record(payload)
    got = wire.ask(weftd.where, name, rdtype, opt=opt)
    assert got.length <= limit_of(payload)
    if got.has(TC):
        assert not got.additional
    return got


def test_answers_of_all_sizes_are_whole_or_truncated(make_weftd):
    weftd = serve(make_weftd, sized_zone())
    for size in [*range(380, 520, 3), *range(1100, 1240, 3)]:
        name = f"t{size}.lab.cloud."
        whole = wire.ask_tcp(weftd.where, name, "TXT", opt=wire.opt_record(1232))
        assert whole.answer and not whole.has(TC)
        for payload in (None, 0, 512, 1100, 1200, 1231, 1232, 4096):
            got = sized_ask(weftd, name, "TXT", payload)
            length = whole.length if payload is not None else whole.length - 11
            assert got.has(TC) == (length > limit_of(payload)), (size, payload)
            assert got.answer == ([] if got.has(TC) else whole.answer)


@pytest.mark.parametrize("zone", [sized_zone, prepared_zone])
def test_additional_records_give_way_by_whole_sets(make_weftd, zone):
    weftd = serve(make_weftd, zone())
    rng = random.Random(3)
    for _ in range(3):
        for payload in rng.sample([None, *PAYLOADS], len(PAYLOADS) + 1):
            few = sized_ask(weftd, "few.lab.cloud.", "SRV", payload)
            assert few.has(TC) or len(few.answer) == 12
            assert limit_of(payload) < 700 or not few.has(TC)
            many = sized_ask(weftd, "many.lab.cloud.", "SRV", payload)
            assert many.has(TC) == (not many.answer) and len(many.answer) in (0, 40)
            for got in (few, many):
                kinds = {(r.owner, r.rdtype) for r in got.additional}
                assert len(kinds) == len(got.additional)
        whole = wire.ask_tcp(weftd.where, "few.lab.cloud.", "SRV")
        assert (len(whole.answer), len(whole.additional)) == (12, 24)
        whole = wire.ask_tcp(weftd.where, "many.lab.cloud.", "SRV")
        assert (len(whole.answer), len(whole.additional)) == (40, 80)


def test_who_has_less_room_gets_the_beginning_of_the_whole_answer(make_weftd):
    """Whatever was asked before, by which transport, and whatever has changed since."""
    weftd = serve(make_weftd, prepared_zone())
    rng = random.Random(9)
    hosts = [f"host{i}.lab.cloud." for i in (0, 5, 11, 39)]
    for turn in range(12):
        address = f"10.3.{turn}.1"
        host = hosts[turn % len(hosts)]
        done = updates.send(weftd, updates=[f"{host} 0 ANY A", f"{host} 60 IN A {address}"])
        assert done.rcode == "NOERROR"
        for name in ("few.lab.cloud.", "many.lab.cloud."):
            payloads = rng.sample([None, *PAYLOADS], 6)
            got = [sized_ask(weftd, name, "SRV", payload) for payload in payloads[:3]]
            whole = wire.ask_tcp(weftd.where, name, "SRV")
            got += [sized_ask(weftd, name, "SRV", payload) for payload in payloads[3:]]
            assert len(whole.additional) == 2 * len(whole.answer)
            assert (bytes([10, 3, turn, 1]) in [r.rdata for r in whole.additional]) == (
                name == "many.lab.cloud." or host != hosts[3])
            for part in got:
                assert part.answer == ([] if part.has(TC) else whole.answer)
                assert part.additional == whole.additional[:len(part.additional)]


def test_who_has_more_room_gets_more_than_who_asked_before(make_weftd):
    weftd = serve(make_weftd, prepared_zone())
    little = sized_ask(weftd, "few.lab.cloud.", "SRV", 700)
    more = sized_ask(weftd, "few.lab.cloud.", "SRV", 1232)
    assert 0 < len(little.additional) < len(more.additional)
    assert more.additional[:len(little.additional)] == little.additional


def test_a_referral_without_room_for_its_glue_is_truncated(make_weftd):
    """RFC 9471: glue below the cut is required, that of other names is optional."""
    weftd = serve(make_weftd, sized_zone())
    for payload in [None, *PAYLOADS]:
        got = sized_ask(weftd, "www.cut.lab.cloud.", "A", payload)
        assert got.has(TC) or (len(got.authority), len(got.additional)) == (13, 26)
        assert got.has(TC) == (limit_of(payload) < 1000)
        got = sized_ask(weftd, "www.wide.lab.cloud.", "A", payload)
        assert not got.has(TC) and len(got.authority) == 13
    whole = wire.ask_tcp(weftd.where, "www.cut.lab.cloud.", "A")
    assert (len(whole.authority), len(whole.additional)) == (13, 26)


def test_a_chain_that_does_not_fit_is_truncated(make_weftd):
    names = [f"{'x' * 60}{i:02}.{'y' * 60}" for i in range(12)]
    lines = [f"{one} CNAME {two}" for one, two in zip(names, names[1:])]
    lines.append(f"{names[-1]} A 10.0.0.1")
    weftd = serve(make_weftd, ZONE + "\n".join(lines) + "\n")
    whole = wire.ask_tcp(weftd.where, f"{names[0]}.lab.cloud.", "A")
    assert len(whole.answer) == 12
    for payload in [None, *PAYLOADS]:
        got = sized_ask(weftd, f"{names[0]}.lab.cloud.", "A", payload)
        assert got.answer == ([] if got.has(TC) else whole.answer)
        assert got.has(TC) == (whole.length + (0 if payload is None else 11) > limit_of(payload))


def test_the_payload_may_be_configured(make_weftd):
    weftd = serve(make_weftd, sized_zone(), server="udp-payload: 4096")
    got = wire.ask(weftd.where, "many.lab.cloud.", "SRV", opt=wire.opt_record(4096))
    assert (len(got.answer), len(got.additional)) == (40, 80) and not got.has(TC)
    assert got.opt.rdclass == 4096
    for payload in (512, 1500, 2000):
        assert wire.ask(weftd.where, "many.lab.cloud.", "SRV",
                        opt=wire.opt_record(payload)).length <= payload


def test_an_answer_larger_than_a_message_fails_over_tcp(make_weftd):
    """The largest set is an answer, but not after a chain of aliases with long names."""
    names = [".".join(f"{i:02}{label}" + "x" * 55 for label in "abc") for i in range(15)] + ["huge"]
    lines = [f"{names[i]} CNAME {names[i + 1]}" for i in range(15)]
    lines += [f'huge TXT "{i}" ' + " ".join('"' + "x" * 250 + '"' for _ in range(4))
              for i in range(62)]
    weftd = serve(make_weftd, ZONE + "\n".join(lines) + "\n")
    assert wire.ask(weftd.where, "huge.lab.cloud.", "TXT").has(TC)
    assert len(wire.ask_tcp(weftd.where, "huge.lab.cloud.", "TXT").answer) == 62
    assert wire.ask(weftd.where, f"{names[0]}.lab.cloud.", "TXT").has(TC)
    got = wire.ask_tcp(weftd.where, f"{names[0]}.lab.cloud.", "TXT", opt=wire.opt_record(1232))
    assert got.rcode == wire.SERVFAIL and not got.has(TC) and not got.answer
    assert (15, b"\0\0the answer does not fit a message of 64 KiB") in got.options()
    assert wire.ask_tcp(weftd.where, "ns.lab.cloud.", "A").answer


# ---- addresses -----------------------------------------------------------------------------------

def test_every_address_listened_on_answers(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    places = [free_address() for _ in range(8)]
    weftd.configure()
    listening(weftd, *(f"{address}@{port}" for address, port in places),
              f"::1@{places[0][1]}").start()
    for place in [*places, ("::1", places[0][1])]:
        assert wire.ask(place, "ns.lab.cloud.", "A").answer
        assert wire.ask_tcp(place, "ns.lab.cloud.", "A").answer


def wildcard_port():
    """A port that is free on every address, outside the range from which the kernel assigns
    ports."""
    for port in random.sample(range(20000, 30000), 200):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp, \
                socket.socket(socket.AF_INET6) as tcp:
            try:
                udp.bind(("::", port))
                tcp.bind(("::", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def answers_from(sock, sent, queries=1):
    """Asks each address from one unconnected socket. Returns the sources of the answers, by id."""
    number, came = 0, {}
    for _ in range(queries):
        for place in sent:
            sock.sendto(wire.query("ns.lab.cloud.", "A", number=number), place)
            number += 1
    for _ in attempts("answers from all places"):
        if len(came) == number:
            return came
        assert select.select([sock], [], [], 5)[0], f"{number - len(came)} answers are missing"
        data, place = sock.recvfrom(4096)
        assert wire.parse(data).answer
        came[struct.unpack_from("!H", data)[0]] = place[:2]


def test_wildcard_sockets_answer_from_the_address_that_was_asked(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.port = wildcard_port()
    weftd.configure()
    listening(weftd, f"0.0.0.0@{weftd.port}").start()
    places = [(f"127.0.{i}.{j}", weftd.port) for i in range(3) for j in range(1, 9)]
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        for _ in range(10):         # many at once, but not more than fit in the buffer of a socket
            for number, place in answers_from(sock, places, 4).items():
                assert place == places[number % len(places)]
    assert wire.ask_tcp(places[3], "ns.lab.cloud.", "A").answer


def test_the_ipv6_wildcard_answers_from_the_address_that_was_asked(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.port = wildcard_port()
    weftd.configure()
    listening(weftd, f"0.0.0.0@{weftd.port}", f"::@{weftd.port}").start()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.bind(("::1", 0))
        came = answers_from(sock, [("::1", weftd.port)], 60)
    assert set(came.values()) == {("::1", weftd.port)}
    assert wire.ask(("127.0.0.2", weftd.port), "ns.lab.cloud.", "A").answer
    assert wire.ask_tcp(("::1", weftd.port), "ns.lab.cloud.", "A").answer


# ---- other tools ---------------------------------------------------------------------------------

def test_dig_and_kdig_understand_the_answers(make_weftd):
    weftd = serve(make_weftd, BROWSE)
    assert weftd.dig("web-1._http._tcp.lab.cloud", "SRV") == "0 0 80 n1.nodes.lab.cloud.\n"
    assert weftd.dig("+tcp", "+short", "n2.nodes.lab.cloud", "AAAA") == "::2\n"
    shown = weftd.dig("+norec", "+all", "no.lab.cloud", "A")
    assert "status: NXDOMAIN" in shown and "flags: qr aa;" in shown and "WARNING" not in shown
    done = subprocess.run(["kdig", f"@{weftd.address}", "-p", str(weftd.port), "+short",
                           "_http._tcp.lab.cloud", "PTR"], capture_output=True, text=True,
                          timeout=20)
    assert len(done.stdout.splitlines()) == 4 and not done.stderr
