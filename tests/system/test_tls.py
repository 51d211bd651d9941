# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS over TLS (RFC 7858): certificates of a fabric and from files, resumption, clients with
certificates, limits of handshakes; with kdig, openssl s_client and Python's ssl."""

import re
import socket
import ssl
import struct
import subprocess

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

import tls
import updates
from conftest import WEFT, WEFTD, ZONE
from loopback import free_port
from tls import Session, context, issue, needs_kdig, needs_openssl, query
from waiting import LIMIT_S, wait_for
from wire import rr

@pytest.fixture
def weftd(make_weftd):
    """A weftd that is not started yet."""
    return make_weftd()


LOCAL = "transfer: {address: [127.0.0.0/8]}"


def add(weftd_or_session, owner, address="192.0.2.7"):
    """An unsigned update over the session. Returns the RCODE."""
    message = updates.update(updates=[updates.record(f"{owner} 60 IN A {address}")])
    weftd_or_session.send(message)
    return dns.message.from_wire(weftd_or_session.read_wire()).rcode()


# ---- queries ----

def test_queries_are_answered_in_order_over_one_session(weftd):
    tls.server(weftd).start()
    with Session(weftd) as s:
        queries = [query(name) for name in ["ns.lab.cloud", "n1.nodes.lab.cloud", "no.lab.cloud"]]
        s.send(*queries)
        for q in queries:
            answer = s.read()
            assert answer.id == q.id and answer.flags & dns.flags.AA
    assert weftd.count("queries-tls") == 3 and weftd.count("responses-tls") == 3
    assert weftd.count("tls-handshakes") == 1


def test_messages_may_come_in_pieces_and_together(weftd):
    """RFC 7858 section 3.3: length and message may be in two records, and a record may have several
    messages."""
    tls.server(weftd).start()
    with Session(weftd) as s:
        wire = query("ns.lab.cloud").to_wire()
        for byte in struct.pack("!H", len(wire)) + wire:
            s.socket.sendall(bytes([byte]))
        assert s.read().rcode() == dns.rcode.NOERROR
        s.send(*[query("ns.lab.cloud") for _ in range(2000)])
        for _ in range(2000):
            assert len(s.read().answer) == 1


def test_a_large_transfer_goes_over_tls(weftd):
    hosts = "".join(f"h{i} A 192.0.2.1\nh{i} TXT \"{'x' * 200}\"\n" for i in range(20000))
    tls.server(weftd, policy=LOCAL)
    weftd.zone(ZONE + hosts)
    weftd.start()
    with Session(weftd) as s:
        s.send(query("lab.cloud", "AXFR"))
        nrecords, nsoas = 0, 0
        while nsoas < 2:
            answer = s.read()
            assert answer.rcode() == dns.rcode.NOERROR
            for rrset in answer.answer:
                nrecords += len(rrset)
                nsoas += len(rrset) if rrset.rdtype == dns.rdatatype.SOA else 0
        assert nrecords == 40000 + 4 + 2  # the SOA again, and the Push server's SRV


def test_a_transfer_that_is_not_permitted_is_refused(weftd):
    tls.server(weftd).start()
    with Session(weftd) as s:
        assert s.ask(query("lab.cloud", "AXFR")).rcode() == dns.rcode.REFUSED


def test_a_slow_reader_of_a_transfer_delays_no_datagram(weftd):
    hosts = "".join(f"h{i} TXT \"{'x' * 200}\"\n" for i in range(20000))
    tls.server(weftd, policy=LOCAL)
    weftd.zone(ZONE + hosts)
    weftd.start()
    with Session(weftd) as s:
        s.send(query("lab.cloud", "AXFR"))      # and read nothing
        for _ in range(20):
            assert weftd.dig("ns.lab.cloud").strip() == "127.0.0.1"


def test_the_end_of_a_session_is_heard_with_and_without_an_alert(weftd):
    tls.server(weftd).start()
    with Session(weftd) as s:
        s.ask(query())
        raw = s.socket.unwrap()         # sends an alert, and waits for the server's
        assert raw.recv(1) == b""
    with Session(weftd) as s:
        s.ask(query())
        s.cut()
        assert s.is_ended()
    wait_for(lambda: weftd.count("tcp-connections") == 0, "closed connections")


def test_answers_come_after_the_client_has_closed_its_side(weftd):
    tls.server(weftd).start()
    with Session(weftd) as s:
        s.send(*[query("ns.lab.cloud") for _ in range(100)])
        s.cut()
        for _ in range(100):
            assert s.read().rcode() == dns.rcode.NOERROR


# ---- what is spoken ----

def test_other_protocols_and_versions_are_refused(weftd):
    tls.server(weftd).start()
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        Session(weftd, context(alpn=["h2"])).ask(query())
    for alpn in [(), ("dot",), ("h2", "dot")]:
        with Session(weftd, context(alpn=alpn)) as s:
            assert s.socket.selected_alpn_protocol() == ("dot" if alpn else None)
            assert s.socket.version() == "TLSv1.3"
            assert s.socket.compression() is None
    old = context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        Session(weftd, old)
    wait_for(lambda: weftd.count("tls-failed-alpn") == 1, "count")
    wait_for(lambda: weftd.count("tls-failed-protocol") == 1, "count")


def test_tls_1_2_is_spoken_if_it_is_allowed(weftd):
    tls.server(weftd, "tls: {tls-1.2: yes}").start()
    old = context(weftd)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with Session(weftd, old) as s:
        assert s.socket.version() == "TLSv1.2"
        assert s.ask(query("ns.lab.cloud")).rcode() == dns.rcode.NOERROR
    with Session(weftd, context(weftd)) as s:
        assert s.socket.version() == "TLSv1.3"


@needs_openssl
def test_renegotiation_is_refused(weftd):
    tls.server(weftd, "tls: {tls-1.2: yes}").start()
    printed = tls.s_client(weftd, "-tls1_2", feed=b"R\n")
    assert "no renegotiation" in printed


@needs_openssl
def test_there_is_no_early_data(weftd):
    tls.server(weftd, "tcp: {idle-timeout: 1}").start()
    (weftd.folder / "early").write_bytes(b"\0\x1d" + query().to_wire())
    tls.s_client(weftd, "-sess_out", "ticket", "-alpn", "dot", "-ign_eof")
    printed = tls.s_client(weftd, "-sess_in", "ticket", "-early_data", "early", "-alpn", "dot")
    assert "Reused" in printed and "Early data was not sent" in printed


def test_plain_dns_and_noise_end_the_connection(weftd):
    tls.server(weftd).start()
    for noise in [b"\0\x1d" + query().to_wire(), b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 5000]:
        with socket.create_connection((weftd.address, weftd.tls_port), timeout=LIMIT_S) as raw:
            raw.sendall(noise)
            try:
                while raw.recv(1000):
                    pass
            except ConnectionError:
                pass
    wait_for(lambda: weftd.count("tls-failed-protocol") == 3, "failures")
    with Session(weftd) as s:
        assert s.ask(query("ns.lab.cloud")).rcode() == dns.rcode.NOERROR


# ---- certificates ----

@needs_openssl
def test_a_fabric_makes_the_certificate_of_its_server(weftd):
    tls.server(weftd)
    weftd.zone(ZONE + "@ NS ns2.example.net.\n_dns-push-tls._tcp SRV 0 0 853 push\npush A 127.0.0.1\n")
    weftd.start()
    text = tls.certificate(weftd)
    for name in ["lab.cloud", "ns.lab.cloud", "ns2.example.net", "push.lab.cloud"]:
        assert f"DNS:{name}" in text
    for address in [weftd.address, "127.0.0.1", "0:0:0:0:0:0:0:1"]:
        assert f"IP Address:{address}" in text
    assert "TLS Web Server Authentication" in text and "CA:FALSE" in text
    for name in ["lab.cloud", "ns.lab.cloud"]:
        with Session(weftd, context(weftd), name=name) as s:
            assert s.ask(query("ns.lab.cloud")).rcode() == dns.rcode.NOERROR
    with pytest.raises(ssl.SSLCertVerificationError):
        Session(weftd, context(weftd), name="other.cloud")


@needs_openssl
def test_each_fabric_has_its_certificate(weftd):
    tls.server(weftd)
    tls.weft(weftd.folder, "fabric", "init", "edge.example")
    weftd.zone(ZONE.replace("lab.cloud", "edge.example"), "edge.example")
    tls.server(weftd, zones={"lab.cloud": "", "edge.example": ""},
               more="  - {name: edge.example, key-file: edge.example.fabric}\n").start()
    assert "Issuer: O = weft fabric, CN = lab.cloud" in tls.certificate(weftd, "lab.cloud")
    edge = tls.certificate(weftd, "ns.edge.example")
    assert "Issuer: O = weft fabric, CN = edge.example" in edge and "lab.cloud" not in edge
    assert "CN = lab.cloud" in tls.certificate(weftd, "unknown.example")


def test_the_authority_is_the_same_on_every_machine(weftd):
    """It depends on the fabric's file alone, whenever it is made."""
    tls.server(weftd)
    first = (weftd.folder / "ca.pem").read_text()
    tls.weft(weftd.folder, "fabric", "rotate", "--force")
    assert tls.weft(weftd.folder, "fabric", "cert", "lab.cloud.fabric", "--ca").stdout == first


@needs_kdig
def test_kdig_verifies_by_authority_and_by_pin(weftd):
    tls.server(weftd).start()
    pin = tls.weft(weftd.folder, "fabric", "cert", "lab.cloud.fabric", "--ca", "--json").stdout
    pin = re.search(r'"pin": "([^"]+)"', pin)[1]
    good = [["+tls"], ["+tls-ca=ca.pem", "+tls-hostname=lab.cloud"],
            ["+tls-ca=ca.pem", "+tls-hostname=ns.lab.cloud"], [f"+tls-pin={pin}"]]
    for options in good:
        assert "status: NOERROR" in tls.kdig(weftd, *options, "ns.lab.cloud")[0], options
    wrong_pin = "A" * 43 + "="
    for options in [["+tls-ca=ca.pem", "+tls-hostname=other.cloud"], [f"+tls-pin={wrong_pin}"]]:
        answer, printed = tls.kdig(weftd, *options, "+retry=0", "ns.lab.cloud")
        assert "status:" not in answer and "TLS" in printed, options


def test_dig_verifies_by_authority_and_has_a_certificate(weftd):
    tls.server(weftd, "tls: {client-certificates: required}").start()
    certificate = issue(weftd, "n1")
    port = str(weftd.tls_port)
    options = ["+tls", "+tls-ca=ca.pem", f"+tls-certfile={certificate}",
               f"+tls-keyfile={certificate}", "-p", port, "+tries=1"]

    def ask(host, *more):
        return subprocess.run(["dig", f"@{weftd.address}", *options, f"+tls-hostname={host}", *more,
                               "ns.lab.cloud"], capture_output=True, text=True, timeout=LIMIT_S,
                              cwd=weftd.folder, check=False).stdout

    assert "status: NOERROR" in ask("lab.cloud") and "(TLS)" in ask("ns.lab.cloud")
    assert "status:" not in ask("other.cloud")


@needs_openssl
def test_openssl_verifies_by_authority(weftd):
    tls.server(weftd).start()
    printed = tls.s_client(weftd, "-CAfile", "ca.pem", "-verify_return_error", "-verify_hostname",
                           "lab.cloud")
    assert "Verify return code: 0 (ok)" in printed and "Verified peername: lab.cloud" in printed


# ---- certificates from files ----

def given(weftd, options="certificate: ns.lab.cloud.pem"):
    return tls.server(weftd, f"tls: {{{options}}}")


@needs_openssl
def test_a_reload_changes_the_certificate_and_ends_no_session(weftd):
    given(weftd)
    issue(weftd, "ns.lab.cloud")
    weftd.start()
    before = tls.serial(weftd)
    with Session(weftd, context(weftd), name="ns.lab.cloud") as s:
        issue(weftd, "ns.lab.cloud")
        weftd.weft("reload")
        assert tls.serial(weftd) != before
        assert s.ask(query("ns.lab.cloud")).rcode() == dns.rcode.NOERROR
    lines = " config: certificate file="
    wait_for(lambda: weftd.log().count(lines) == 2, "a line of the start, and one of the reload")


def test_certificate_and_key_may_be_two_files(weftd):
    given(weftd, "certificate: c.pem, key: k.pem")
    both = issue(weftd, "ns.lab.cloud").read_text()
    end = "-----END PRIVATE KEY-----\n"
    (weftd.folder / "k.pem").write_text(both.partition(end)[0] + end)
    (weftd.folder / "c.pem").write_text(both.partition(end)[2])
    weftd.start()
    with Session(weftd, context(weftd), name="ns.lab.cloud"):
        pass


def test_a_private_key_that_everybody_may_read_is_warned_of(weftd):
    given(weftd, "certificate: c.pem, key: k.pem")
    good = issue(weftd, "ns.lab.cloud").read_text()
    for name in ["c.pem", "k.pem"]:
        (weftd.folder / name).write_text(good)
    for mode, is_warned in ((0o644, True), (0o640, False)):
        (weftd.folder / "k.pem").chmod(mode)
        checked = subprocess.run([WEFTD, "-t", "-c", weftd.conf], capture_output=True, text=True,
                                 timeout=LIMIT_S, check=False)
        assert checked.returncode == 0, checked.stderr
        assert ("k.pem: everybody may read the private key" in checked.stderr) == is_warned


CHECKS = {
    "missing": (None, "No such file or directory"),
    "not-pem": ("nothing\n", "no certificate in PEM"),
    "ended": ("ended", "the certificate has ended"),
    "other-key": ("other-key", "the private key is not that of the certificate"),
}


@pytest.mark.parametrize("case", CHECKS)
def test_a_wrong_certificate_is_found_by_the_check_and_the_reload(weftd, case):
    what, complaint = CHECKS[case]
    given(weftd, "certificate: c.pem, key: k.pem")
    good = issue(weftd, "ns.lab.cloud").read_text()
    for name in ["c.pem", "k.pem"]:
        (weftd.folder / name).write_text(good)
    weftd.start()
    if what is None:
        (weftd.folder / "c.pem").unlink()
    elif what == "ended":
        both = ended(weftd)
        for name in ["c.pem", "k.pem"]:
            (weftd.folder / name).write_text(both)
    elif what == "other-key":
        (weftd.folder / "k.pem").write_text(issue(weftd, "ns.lab.cloud").read_text())
    else:
        (weftd.folder / "c.pem").write_text(what)
    checked = subprocess.run([WEFTD, "-t", "-c", weftd.conf], capture_output=True, text=True,
                             timeout=LIMIT_S, check=False)
    assert checked.returncode == 1
    assert re.search(rf"^\S*weftd.conf:\d+: .*{complaint}$", checked.stderr, re.MULTILINE), \
        checked.stderr
    reloaded = weftd.weft("reload", check=False)
    assert reloaded.returncode == 1 and complaint in reloaded.stderr
    with Session(weftd, context(weftd), name="ns.lab.cloud"):      # the old one stays in force
        pass
    weftd.is_sound = False


def ended(weftd):
    """A certificate with its key that has ended."""
    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, cwd=weftd.folder, capture_output=True)

    (weftd.folder / "x.cnf").write_text(
        "[ca]\ndefault_ca = x\n[x]\ndatabase = x.db\nserial = x.serial\nnew_certs_dir = .\n"
        "policy = p\ndefault_md = default\n[p]\ncommonName = supplied\n")
    (weftd.folder / "x.db").write_text("")
    (weftd.folder / "x.serial").write_text("01\n")
    openssl("req", "-new", "-newkey", "ed25519", "-nodes", "-keyout", "x.key", "-out", "x.csr",
            "-subj", "/CN=lab.cloud")
    openssl("ca", "-batch", "-selfsign", "-config", "x.cnf", "-keyfile", "x.key", "-in", "x.csr",
            "-out", "x.crt", "-startdate", "200101000000Z", "-enddate", "200201000000Z")
    return (weftd.folder / "x.key").read_text() + (weftd.folder / "x.crt").read_text()


def test_a_certificate_that_ends_soon_is_warned_of(weftd):
    given(weftd)
    issue(weftd, "ns.lab.cloud", "--days", "3")
    checked = subprocess.run([WEFTD, "-t", "-c", weftd.conf], capture_output=True, text=True,
                             timeout=LIMIT_S, check=False)
    assert checked.returncode == 0
    assert re.search(r"weftd.conf:\d+: .*the certificate ends within 14 days", checked.stderr)


# ---- resumption ----

def test_sessions_are_resumed_also_after_a_reload(weftd):
    tls.server(weftd).start()
    client = context(weftd)
    with Session(weftd, client) as s:
        s.ask(query("ns.lab.cloud"))    # the ticket comes before the answer
        ticket = s.socket.session
        assert ticket.has_ticket
    with Session(weftd, client, session=ticket) as s:
        assert s.socket.session_reused
        assert s.ask(query("ns.lab.cloud")).rcode() == dns.rcode.NOERROR
    weftd.weft("reload")
    with Session(weftd, client, session=ticket) as s:
        assert s.socket.session_reused
    wait_for(lambda: weftd.count("tls-resumed") == 2, "resumed handshakes")


def test_a_ticket_of_another_weftd_is_not_taken(weftd):
    tls.server(weftd).start()
    client = context(weftd)
    with Session(weftd, client) as s:
        s.ask(query("ns.lab.cloud"))
        ticket = s.socket.session
    weftd.stop()
    weftd.start()
    with Session(weftd, client, session=ticket) as s:
        assert not s.socket.session_reused
        assert s.ask(query("ns.lab.cloud")).rcode() == dns.rcode.NOERROR


# ---- clients with certificates ----

def test_a_fabrics_certificate_stands_for_its_key(weftd):
    tls.server(weftd, "tls: {client-certificates: optional}").start()
    n1 = issue(weftd, "n1")
    with Session(weftd, context(weftd)) as s:
        assert add(s, "a.lab.cloud.") == dns.rcode.REFUSED
    with Session(weftd, context(weftd, n1)) as s:
        assert add(s, "a.lab.cloud.") == dns.rcode.NOERROR
        assert add(s, "a.lab.cloud.", "192.0.2.8") == dns.rcode.NOERROR
        assert weftd.dig("a.lab.cloud").split() == ["192.0.2.7", "192.0.2.8"]


def test_the_identity_is_what_the_policy_wants(weftd):
    policy = 'update: {policy: ["grant n1.keys.lab.cloud. name a.lab.cloud. A"]}'
    tls.server(weftd, "tls: {client-certificates: optional}", policy=policy).start()
    n1, n2 = issue(weftd, "n1"), issue(weftd, "n2")
    with Session(weftd, context(weftd, n1)) as s:
        assert add(s, "a.lab.cloud.") == dns.rcode.NOERROR
        assert add(s, "b.lab.cloud.") == dns.rcode.REFUSED
    with Session(weftd, context(weftd, n2)) as s:
        assert add(s, "a.lab.cloud.") == dns.rcode.REFUSED


def test_a_revoked_key_has_no_identity_on_a_running_session(weftd):
    tls.server(weftd, "tls: {client-certificates: optional}").start()
    with Session(weftd, context(weftd, issue(weftd, "n1"))) as s:
        assert add(s, "a.lab.cloud.") == dns.rcode.NOERROR
        weftd.weft("key", "revoke", "n1.keys.lab.cloud")
        wait_for(lambda: add(s, "b.lab.cloud.") == dns.rcode.REFUSED, "refusal")
        weftd.weft("key", "restore", "n1.keys.lab.cloud")
        wait_for(lambda: add(s, "c.lab.cloud.") == dns.rcode.NOERROR, "permission")


def test_a_resumed_session_has_the_identity(weftd):
    tls.server(weftd, "tls: {client-certificates: optional}").start()
    client = context(weftd, issue(weftd, "n1"))
    with Session(weftd, client) as s:
        assert add(s, "a.lab.cloud.") == dns.rcode.NOERROR
        ticket = s.socket.session
    with Session(weftd, client, session=ticket) as s:
        assert s.socket.session_reused
        assert add(s, "b.lab.cloud.") == dns.rcode.NOERROR


def test_a_signature_precedes_the_identity(weftd):
    """A request that is signed counts as signed by that key alone, if it is valid or not."""
    policy = 'update: {policy: ["grant n1.keys.lab.cloud. zonesub A", "grant bench zonesub A"]}'
    tls.server(weftd, "tls: {client-certificates: optional}", policy=policy).start()
    wrong = updates.Key("bench", "d3Jvbmctd3Jvbmctd3Jvbmctd3JvbmctMTIzNDU2Nzg=")
    with Session(weftd, context(weftd, issue(weftd, "n1"))) as s:
        message = updates.update(updates=[updates.record("a.lab.cloud. 60 IN A 192.0.2.7")])
        s.send(wrong.sign(message)[0])
        assert s.read_wire()[3] & 15 == dns.rcode.NOTAUTH


def test_foreign_certificates_are_refused(weftd):
    tls.server(weftd, "tls: {client-certificates: optional}").start()
    tls.weft(weftd.folder, "fabric", "init", "other.cloud")
    tls.weft(weftd.folder, "fabric", "cert", "other.cloud.fabric", "n1.keys.lab.cloud", "-o",
             "foreign.pem")
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        Session(weftd, context(weftd, weftd.folder / "foreign.pem")).ask(query())
    wait_for(lambda: weftd.count("tls-failed-certificate") == 1, "failure")


def test_a_certificate_may_be_required(weftd):
    tls.server(weftd, "tls: {client-certificates: required}").start()
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        Session(weftd, context(weftd)).ask(query())
    with Session(weftd, context(weftd, issue(weftd, "n1"))) as s:
        assert s.ask(query("ns.lab.cloud")).rcode() == dns.rcode.NOERROR
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        Session(weftd, context(weftd, issue(weftd, "ns.lab.cloud"))).ask(query())


# ---- limits ----

def half_open(weftd):
    return socket.create_connection((weftd.address, weftd.tls_port), timeout=LIMIT_S)


def is_closed(raw):
    raw.settimeout(0.01)
    try:
        return raw.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_a_handshake_that_does_not_go_on_is_given_up(weftd):
    tls.server(weftd, "tls: {handshake-timeout: 1}").start()
    with half_open(weftd) as one, half_open(weftd) as two:
        two.sendall(b"\x16\x03\x01\x02\x00\x01")
        wait_for(lambda: is_closed(one) and is_closed(two), "closed connections")
    wait_for(lambda: weftd.count("tls-failed-timeout") == 2, "count")
    assert weftd.count("tls-handshaking") == 0


def test_half_open_handshakes_are_bounded_for_each_client(weftd):
    tls.server(weftd, "tls: {handshakes-per-client: 4}").start()
    sockets = [half_open(weftd) for _ in range(20)]
    wait_for(lambda: sum(is_closed(s) for s in sockets) == 16, "closed connections")
    assert weftd.count("tls-handshaking") == 4
    # Those that have had their time make way.
    wait_for(lambda: answers(weftd), "answer")
    for s in sockets:
        s.close()


def answers(weftd):
    try:
        with Session(weftd) as s:
            return s.ask(query("ns.lab.cloud")).rcode() == dns.rcode.NOERROR
    except (ssl.SSLError, ConnectionError, EOFError):
        return False


def test_connections_in_a_handshake_count_for_the_client(weftd):
    tls.server(weftd, "tcp: {connections-per-client: 3}").start()
    sockets = [half_open(weftd) for _ in range(3)]
    wait_for(lambda: weftd.count("tls-handshaking") == 3, "handshakes")
    with half_open(weftd) as more:
        wait_for(lambda: is_closed(more), "closed connection")
    for s in sockets:
        s.close()
    wait_for(lambda: answers(weftd), "answer")


def test_a_flood_of_handshakes_delays_no_datagram(weftd):
    """Clients that begin handshakes and leave."""
    tls.server(weftd).start()
    hello = client_hello()
    for _ in range(300):
        with half_open(weftd) as raw:
            raw.sendall(hello)
    for _ in range(20):
        assert weftd.dig("ns.lab.cloud").strip() == "127.0.0.1"
    assert answers(weftd)


def client_hello():
    """The first bytes of a client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context().wrap_bio(incoming, outgoing, server_hostname="lab.cloud")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


# ---- start and stop ----

def test_weftd_ends_with_sessions_and_handshakes_open(weftd):
    tls.server(weftd).start()
    with Session(weftd) as s, half_open(weftd):
        s.ask(query("ns.lab.cloud"))
        assert weftd.stop() == 0
        assert s.is_ended()


WRONG = {
    "listen-tls needs tls.certificate": ("listen-tls: [{address}@{port}]", ""),
    "tls.key needs tls.certificate": ("tls: {{key: k.pem}}", ""),
    "listen-tls or listen has .* twice": ("listen-tls: [{address}@{listen}]",
                                          "fabric: {{name: lab.cloud, key-file: lab.cloud.fabric}}"),
}


@pytest.mark.parametrize("complaint", WRONG)
def test_options_that_do_not_fit_are_refused(weftd, complaint):
    server, more = WRONG[complaint]
    values = {"address": weftd.address, "port": free_port(weftd.address), "listen": weftd.port}
    tls.weft(weftd.folder, "fabric", "init", "lab.cloud")
    weftd.zone()
    weftd.configure(server=server.format(**values), more=more.format(**values) + "\n")
    done = subprocess.run([WEFTD, "-t", "-c", weftd.conf], capture_output=True, text=True,
                          timeout=LIMIT_S, check=False)
    assert done.returncode == 1 and re.search(rf"weftd.conf:\d+: {complaint}", done.stderr), \
        done.stderr


@needs_openssl
def test_weak_keys_are_refused(weftd):
    tls.server(weftd, "tls: {certificate: weak.pem, key: weak.pem}")
    for bits, found in ((1024, 1), (2048, 0)):
        pem = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", f"rsa:{bits}", "-nodes", "-keyout", "-", "-subj",
             "/CN=ns.lab.cloud"], capture_output=True, text=True, check=True).stdout
        (weftd.folder / "weak.pem").write_text(pem)
        done = subprocess.run([WEFTD, "-t", "-c", weftd.conf], capture_output=True, text=True,
                              timeout=LIMIT_S, check=False)
        assert done.returncode == found, done.stderr
        assert ("weak.pem: the private key is too weak" in done.stderr) == bool(found)


def test_metrics_have_the_handshakes_and_the_end_of_the_certificate(weftd):
    port = free_port(weftd.address)
    tls.server(weftd, f"metrics: [{weftd.address}@{port}]").start()
    assert answers(weftd)
    with socket.create_connection((weftd.address, port), timeout=LIMIT_S) as s:
        s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        page = b"".join(iter(lambda: s.recv(65536), b"")).decode()
    assert "\nweft_tls_handshakes_total 1\n" in page
    assert '\nweft_tls_handshakes_failed_total{reason="timeout"} 0\n' in page
    assert '\nweft_queries_total{transport="tls"} 1\n' in page
    assert re.search(r"\nweft_tls_certificate_expiry_timestamp_seconds \d+\n", page)


# ---- weft fabric cert ----

@needs_openssl
def test_fabric_cert_writes_key_and_chain(weftd):
    tls.server(weftd)
    path = issue(weftd, "ns9.lab.cloud", "-a", "192.0.2.1", "-a", "2001:db8::1", "192.0.2.2",
                 "alias.lab.cloud", "--days", "10")
    assert path.stat().st_mode & 0o777 == 0o600
    text = subprocess.run(["openssl", "x509", "-noout", "-text", "-in", path], text=True,
                          capture_output=True, check=True).stdout
    for part in ["DNS:ns9.lab.cloud", "DNS:alias.lab.cloud", "IP Address:192.0.2.1",
                 "IP Address:192.0.2.2", "IP Address:2001:DB8:0:0:0:0:0:1",
                 "TLS Web Server Authentication"]:
        assert part in text
    verified = subprocess.run(["openssl", "verify", "-CAfile", "ca.pem", path], text=True,
                              capture_output=True, cwd=weftd.folder, check=True)
    assert verified.stdout.endswith(": OK\n")


REFUSED = {
    "which name is the certificate for?": [],
    "has no other names, and no addresses": ["n1", "192.0.2.1"],
    "has no other names": ["n1", "ns.lab.cloud"],
    "--days takes a number from 1": ["n1", "--days", "0"],
    "is not an address": ["ns.lab.cloud", "-a", "nowhere"],
    "--ca takes no names": ["--ca", "n1"],
    "a..b is neither an address nor a name": ["a..b"],
    "is neither an address nor a name that certificates can have": ["a\\,b.lab.cloud"],
    "999.1.1.1 is neither an address nor a name": ["999.1.1.1"],
}


@pytest.mark.parametrize("complaint", REFUSED)
def test_fabric_cert_refuses_what_makes_no_sense(weftd, complaint):
    tls.server(weftd)
    done = tls.weft(weftd.folder, "fabric", "cert", "lab.cloud.fabric", *REFUSED[complaint],
                    check=False)
    assert done.returncode != 0 and complaint in done.stderr and done.stdout == ""
