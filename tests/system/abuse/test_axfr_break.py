# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What is let in, every answer and every transfer can carry, whichever key signs it."""

import base64

import dns.edns
import dns.message
import dns.query
import dns.tsig
import pytest

import updates
from waiting import LIMIT_S
from wire import IN, rr

TXT = 16
MOST = 64000 - 12      # octets of rdata of a set with one record
NAME = ".".join(["k" * 61] * 4) + ".kk"      # the longest name of a key
SECRET = base64.b64encode(b"k" * 64).decode()
LONG = updates.Key(NAME, SECRET, "hmac-sha512")
ZONE = "$ORIGIN lab.cloud.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\nns A 127.0.0.1\n"


@pytest.fixture
def served(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE)
    weftd.configure({"lab.cloud": f"update: {{key: bench}}\ntransfer: {{key: {NAME}.}}"},
                    more="key:\n" f'  - {{name: {NAME}., algorithm: hmac-sha512, secret: "{SECRET}"}}\n')
    # One list of keys: YAML has each key of a mapping once.
    text = weftd.conf.read_text()
    extra = f'  - {{name: "{NAME}.", algorithm: hmac-sha512, secret: "{SECRET}"}}\n'
    text = text[:text.rindex("key:\n")].replace("  - key-file: bench.key\n",
                                               "  - key-file: bench.key\n" + extra)
    weftd.conf.write_text(text)
    return weftd.start()


def text_of(nbytes):
    """A TXT rdata of that length."""
    whole, rest = divmod(nbytes, 256)
    if rest == 1:    # a string of one octet is empty: allowed
        return (b"\xff" + b"x" * 255) * whole + b"\0"
    return (b"\xff" + b"x" * 255) * whole + (bytes([rest - 1]) + b"y" * (rest - 1) if rest else b"")


def add(weftd, owner, *rdatas):
    message, mac = updates.BENCH.sign(updates.update(
        updates=[rr(owner, TXT, IN, 60, rdata) for rdata in rdatas],
        additional=[updates.opt()]))
    return updates.Reply(updates.exchange(weftd, message, tcp=True), updates.BENCH, mac)


def transferred(weftd, rdtype="AXFR"):
    names = set()
    for message in dns.query.xfr(weftd.address, "lab.cloud", rdtype, port=weftd.port,
                                 timeout=LIMIT_S, keyring=LONG.dns, relativize=False):
        names |= {rrset.name.to_text() for rrset in message.answer}
    return names


def test_the_largest_set_is_transferred_and_answered_with_any_key(served):
    owner = ".".join(["o" * 60] * 3) + "." + "o" * 59 + ".lab.cloud."    # the longest owner, too
    for rdata in (text_of(MOST + 1), text_of(65000)):
        reply = add(served, owner, rdata)
        assert reply.rcode == "REFUSED" and "limits: rrset-size" in reply.why, reply
    assert add(served, owner, text_of(MOST)).rcode == "NOERROR"
    assert add(served, "many.lab.cloud.", *[text_of(600 + i % 2)[:-2] + i.to_bytes(2, "big")
                                            for i in range(100)]).rcode == "NOERROR"
    assert owner in transferred(served)
    for name in (owner, "many.lab.cloud."):
        query = dns.message.make_query(name, "TXT", use_edns=0, payload=65535,
                                       options=[dns.edns.GenericOption(3, b""),
                                                dns.edns.GenericOption(10, b"c" * 8)])
        query.use_tsig(LONG.dns)
        answer = dns.query.tcp(query, served.address, port=served.port, timeout=LIMIT_S)
        assert answer.rcode() == 0 and len(answer.answer) == 1
    served.kill()
    served.start()
    assert owner in transferred(served)
