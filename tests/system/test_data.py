# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Data of every known type: malformed rdata is refused from updates and zone files alike, what is
taken can be loaded by named, the case of names is the administrator's or the owner's, and a serial
that was set back stays so."""

import re
import subprocess

import pytest

from conftest import WEFTD, ZONE, Weftd
from updates import lookup, send, serial, transferred
from waiting import LIMIT_S

OPEN = "update: {key: bench}\ntransfer: {address: [127.0.0.0/8]}"

# Type, octets, what the answer contains.
MALFORMED = [
    ("SSHFP", "0101abcd", "the fingerprint does not have the length of its type"),
    ("CAA", "000061", "the tag is not one or more letters and digits"),
    ("SVCB", "0001 00 0001 0003 05 6832", "alpn has an ALPN ID that is empty or cut short"),
    ("SVCB", "0001 00 0003 0001 35", "port is not a number of 16 bits"),
    ("SVCB", "0001 00 0000 0002 0000", "mandatory lists itself"),
    ("HTTPS", "0001 00 0003 0002 0035 0001 0003 026832", "has malformed rdata"),
    ("APL", "00010103", "a prefix is cut short"),
    ("IPSECKEY", "010902aabb", "the gateway is malformed or of an unknown type"),
    ("DS", "30390d02aabb", "the digest does not have the length of its type"),
    ("DS", "30390d02" + 33 * "aa", "the digest does not have the length of its type"),
    ("OPENPGPKEY", "", "the data is empty"),
    ("DHCID", "", "the data is empty"),
    ("NAPTR", "0001 0002 00 00 06 212861216221 00", "the regexp is not a valid"),
    ("DNSKEY", "0100 04 0d aabb", "the protocol is not 3"),
    ("LOC", "00 12 16 13 ffffffff 80000000 00989680", "the latitude is more than 90 degrees"),
    ("CERT", "0001000000", "the certificate is missing"),
    ("URI", "00010002", "the target is empty"),
    ("X25", "0131", "the PSDN address has fewer than 4 digits"),
    ("ZONEMD", "00000001 01 01 aabb", "the digest does not have the length of its algorithm"),
    ("HIP", "10 02 0000 " + 16 * "aa", "the HIT or the public key is empty or cut short"),
    ("NID", "0001 00000000000000", "has malformed rdata"),
    ("EUI48", "aabbccddee", "has malformed rdata"),
]

# Text that was taken with other numbers, made-up digits or another meaning.
MISTAKEN = [
    "DS 70000 13 2 " + 32 * "aa", "DS 12345 269 258 " + 32 * "aa", "DS 1 13 2 " + 31 * "aa" + "a",
    "LOC 52 0 0 N 4 0 0 E 42849672.96m", "APL 65537:10.0.0.0/264", "CERT 65537 65536 256 AQID",
    "HTTPS 65537 .", "HTTPS -1 .", "DNSKEY 65792 3 13 AQID", "KEY 512 259 13 AQID",
    "NID 65546 14:4fff:ff20:ee64", "HIP 258 aabb AQID", "SVCB 1 . mandatory=port,port port=1",
    "SSHFP 1 1 abcd", "CAA 0 \"\" a", "RRSIG A 269 1 60 20300101000000 20200101000000 1 a. AQID",
    "RRSIG A 13 1 60 20301301000000 20200101000000 1 a. AQID", "MD a.",
]

# Text, and its octets.
TAKEN = [
    (r'SVCB 16 foo.example.org. alpn="f\\\\oo\\,bar,h2"',
     "0010 03666f6f076578616d706c65036f726700 0001 000c 08665c6f6f2c626172 026832"),
    (r'SVCB 16 foo.example.org. alpn=f\\\092oo\092,bar,h2',
     "0010 03666f6f076578616d706c65036f726700 0001 000c 08665c6f6f2c626172 026832"),
    (r'SVCB 1 . key1="\002h2"', "0001 00 0001 0003 026832"),
    (r'SVCB 1 . key3="\000\053"', "0001 00 0003 0002 0035"),
    (r'HTTPS 1 . key667="hello\210qoo"', "0001 00 029b 0009 68656c6c6fd2716f6f"),
    ("SVCB 16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
     "0010 03666f6f076578616d706c65036f726700 0000 0004 0001 0004 0001 0009 0268320568332d3139"
     "0004 0004 c0000201"),
    ('TXT ef"gh" "a\nb"', "02 6566 02 6768 03 610a62"),
    ("LOC 51 30 12.748 N 0 7 39.611 W -100000m", "00121613 8b0d2c8c 7ff8fca5 00000000"),
    ("APL 1:10.0.0.0/8 !2:2001:db8::/32", "0001 08 01 0a 0002 20 84 20010db8"),
    ("CERT PGP 1 RSASHA256 AQID", "0003 0001 08 010203"),
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A weftd for tests that change nothing."""
    server = Weftd(tmp_path_factory.mktemp("shared"))
    server.zone()
    server.configure().start()
    yield server
    assert server.stop() == 0, server.log()


@pytest.fixture
def served(make_weftd):
    """A weftd whose zone every local client may transfer."""
    weftd = make_weftd()
    weftd.zone()
    return weftd.configure({"lab.cloud": OPEN}).start()


def check(weftd):
    """Has weftd -t read the configuration and the zone files."""
    return subprocess.run([WEFTD, "-t", "-c", str(weftd.conf)], capture_output=True, text=True,
                          timeout=LIMIT_S, cwd=weftd.folder)


def dumped(weftd):
    """A dump of the zone, which named takes."""
    path = weftd.folder / "dump"
    path.write_text(weftd.weft("zone", "dump", "lab.cloud").stdout)
    done = subprocess.run(["named-checkzone", "-i", "none", "-k", "ignore", "lab.cloud",
                           str(path)], capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout
    return path.read_text()


# ---- rdata ----

@pytest.mark.parametrize("rdtype,octets,why", MALFORMED)
def test_an_update_with_malformed_rdata_is_a_format_error(shared, rdtype, octets, why):
    reply = send(shared, [], [f"bad 60 IN {rdtype} \\#{octets}"])
    assert reply.rcode == "FORMERR"
    assert f"update 1: bad.lab.cloud. {rdtype} has malformed rdata" in reply.why
    assert why in reply.why
    assert lookup(shared, "bad.lab.cloud", rdtype) == set()


def test_a_zone_file_with_malformed_rdata_is_refused_with_its_line(make_weftd):
    weftd = make_weftd()
    for rdtype, octets, _ in MALFORMED:
        octets = octets.replace(" ", "")
        weftd.zone(ZONE + f"\nx {rdtype} \\# {len(octets) // 2} {octets}\ny A 192.0.2.1\n")
        weftd.configure()
        done = check(weftd)
        assert done.returncode == 1, rdtype
        assert "lab.cloud.zone:8: " in done.stderr, (rdtype, done.stderr)


def test_numbers_are_not_wrapped_and_digits_not_made_up(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "".join(f"x{i} {text}\n" for i, text in enumerate(MISTAKEN)))
    weftd.configure()
    done = check(weftd)
    assert done.returncode == 1
    wrong = {int(line) for line in re.findall(r"lab\.cloud\.zone:(\d+):", done.stderr)}
    assert wrong == set(range(7, 7 + len(MISTAKEN))), done.stderr


def test_text_has_the_octets_of_its_rfc_and_named_reads_it_back(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "".join(f"x{i} {text}\n" for i, (text, _) in enumerate(TAKEN)))
    weftd.configure({"lab.cloud": OPEN}).start()
    _, records = transferred(weftd)
    for i, (text, octets) in enumerate(TAKEN):
        (_, found), = records[f"x{i}.lab.cloud."]
        assert found.hex() == octets.replace(" ", ""), text
    dumped(weftd)


# ---- zone files ----

def test_generate_keeps_strings_and_the_owner_before_it(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + 'o A 192.0.2.1\n$GENERATE 1-2 n$ TXT "rack $" "row 7"\n  TXT after\n')
    weftd.configure().start()
    assert lookup(weftd, "n2.lab.cloud", "TXT") == {'60 "rack 2" "row 7"'}
    assert lookup(weftd, "o.lab.cloud", "TXT") == {'60 "after"'}


def test_a_quote_that_is_not_closed_is_one_error_where_it_opens(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + 'a TXT "b\nc A 192.0.2.1 )\n')
    weftd.configure()
    done = check(weftd)
    assert re.findall(r"lab\.cloud\.zone:.*", done.stderr) == [
        "lab.cloud.zone:7: a quoted string without its closing quote"]


# ---- the case of names ----

def spelled(weftd):
    """The records of the zone but its SOA, as they are spelled."""
    return {line for line in dumped(weftd).splitlines() if "\tSOA\t" not in line}


def test_an_update_changes_the_case_of_names(served):
    assert send(served, [], ["s 60 IN SRV 0 0 1 host", "w 60 IN TXT x"]).rcode == "NOERROR"
    before = serial(served)
    assert send(served, [], ["s 0 NONE SRV 0 0 1 host", "s 60 IN SRV 0 0 1 HOST",
                             "w 0 ANY ANY", "W 60 IN TXT x"]).rcode == "NOERROR"
    assert serial(served) == before + 1
    wanted = {"s.lab.cloud.\t60\tIN\tSRV\t0 0 1 HOST.lab.cloud.", 'W.lab.cloud.\t60\tIN\tTXT\t"x"'}
    assert wanted <= spelled(served)
    served.kill()
    served.start()
    assert wanted <= spelled(served)
    assert serial(served) == before + 1


@pytest.mark.parametrize("has_checkpoint", [False, True])
@pytest.mark.parametrize("how", ["reload", "restart"])
def test_an_edit_of_case_only_is_merged(served, how, has_checkpoint):
    served.zone(ZONE + "s SRV 0 0 1 host\nw TXT x\nm MX 1 w\n")
    served.weft("zone", "reload")
    assert send(served, [], ["w 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    if has_checkpoint:
        served.weft("zone", "checkpoint")
    before = serial(served)
    served.zone(ZONE + "s SRV 0 0 1 Host\nW TXT x\nm MX 1 w\n")
    if how == "reload":
        served.weft("zone", "reload")
    else:
        served.kill()
        served.start()
        served.weft("zone", "reload")
    wanted = {"s.lab.cloud.\t60\tIN\tSRV\t0 0 1 Host.lab.cloud.",
              'W.lab.cloud.\t60\tIN\tTXT\t"x"', "W.lab.cloud.\t60\tIN\tA\t192.0.2.1",
              "m.lab.cloud.\t60\tIN\tMX\t1 w.lab.cloud."}
    assert wanted <= spelled(served)
    assert serial(served) == before + 1
    served.kill()
    served.start()
    assert wanted <= spelled(served)


# ---- serials ----

def soa(number):
    return f"@ 60 IN SOA ns hostmaster {number} 3600 600 86400 10"


@pytest.mark.parametrize("has_checkpoint", [False, True])
def test_a_serial_that_was_set_back_stays_so(make_weftd, has_checkpoint):
    """RFC 1982 section 7: in two steps of at most 2^31 - 1."""
    weftd = make_weftd()
    weftd.zone(ZONE.replace("hostmaster 1 ", "hostmaster 2026112901 "))
    weftd.configure({"lab.cloud": OPEN}).start()
    for number in (4173596548, 10):
        assert send(weftd, [], [soa(number)]).rcode == "NOERROR"
        assert serial(weftd) == number
    if has_checkpoint:
        weftd.weft("zone", "checkpoint")
    assert send(weftd, [], ["a 60 IN A 192.0.2.1"]).rcode == "NOERROR"
    assert serial(weftd) == 11
    weftd.kill()
    weftd.start()
    assert serial(weftd) == 11
    weftd.zone(ZONE.replace("hostmaster 1 ", "hostmaster 2026112901 ") + "b A 192.0.2.2\n")
    weftd.weft("zone", "reload")
    assert serial(weftd) == 12
    weftd.kill()
    weftd.start()
    assert serial(weftd) == 12
    assert lookup(weftd, "b.lab.cloud", "A") == {"60 192.0.2.2"}


# ---- NSEC3PARAM ----

def test_nsec3param_of_the_file_can_be_deleted(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "@ NSEC3PARAM 1 0 0 -\n")
    weftd.configure({"lab.cloud": OPEN}).start()
    assert lookup(weftd, "lab.cloud", "NSEC3PARAM") == {"60 1 0 0 -"}
    assert send(weftd, [], ["@ 60 IN NSEC3PARAM 1 0 1 -"]).rcode == "REFUSED"
    assert send(weftd, [], ["@ 0 NONE NSEC3PARAM 1 0 0 -"]).rcode == "NOERROR"
    assert lookup(weftd, "lab.cloud", "NSEC3PARAM") == set()


# ---- limits of other servers ----

def warnings(weftd):
    return [line for line in weftd.log().splitlines() if "secondaries with BIND" in line]


def test_a_name_that_bind_refuses_is_warned_of_once(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "".join(f"a A 10.0.0.{i}\n" for i in range(1, 111))
               + "".join(f"t TYPE{65280 + i} \\# 0\n" for i in range(110)))
    weftd.configure({"lab.cloud": OPEN + "\nlimits: {rrsets: 200}"}).start()
    found = warnings(weftd)
    assert len(found) == 2, found
    assert 'lab.cloud.zone:107 why="a.lab.cloud. A has more than 100 records' in found[0]
    assert "t.lab.cloud. has more than 100 types" in found[1]
    for i in range(3):
        more = [f"b 60 IN A 10.0.1.{i}" for i in range(1, 121)]
        assert send(weftd, [], more).rcode == "NOERROR"
        assert send(weftd, [], ["b 0 ANY ANY"]).rcode == "NOERROR"
    found = warnings(weftd)
    assert len(found) == 3, found
    assert "b.lab.cloud. A has more than 100 records" in found[2]
    done = weftd.weft("zone", "check", "lab.cloud", check=False)
    assert "a.lab.cloud. A has more than 100 records" in done.stdout + done.stderr
    assert ", and 1 more" in done.stdout + done.stderr
