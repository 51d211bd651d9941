# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The certificates of a TLS connection: the server's for clients, and clients' of the fabric, whose
name counts as the name of a key."""

import shutil
import ssl
import struct
import subprocess

import pytest

import dso
import leases
import updates
import wire
from pushing import begin, certificate, prepare
from waiting import LIMIT_S
from wire import NOERROR, REFUSED

ZONE_OPTIONS = """\
update: {policy: ["grant n1.keys.lab.cloud. name n1.nodes.lab.cloud. A",
                  "grant n2.keys.lab.cloud. zonesub A"]}
transfer: {key: n1.keys.lab.cloud}"""


def identified(make_weftd, clients="optional", more="", options=ZONE_OPTIONS):
    """A weftd that asks for certificates."""
    weftd = make_weftd()
    return prepare(weftd, f"tls: {{client-certificates: {clients}{more}}}", {"lab.cloud": options})


def authority(weftd):
    """The certificate that verifies all others of the fabric."""
    path = weftd.folder / "ca.pem"
    path.write_text(leases.weft(weftd, "fabric", "cert", "lab.cloud.fabric", "--ca"))
    return str(path)


def update(client, *lines, key=None):
    """Sends an update on the connection; the RCODE as text."""
    data, mac = updates.signed(lines, key=key)
    client.send(data)
    return updates.Reply(client.answer(struct.unpack_from("!H", data)[0]), key, mac).rcode


def self_signed(folder, name):
    """A certificate with the name that nobody of the fabric has made."""
    key, cert = folder / "self.key", folder / "self.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", str(key),
                    "-out", str(cert), "-subj", f"/CN={name}", "-addext",
                    f"subjectAltName=DNS:{name}"], capture_output=True, check=True, timeout=LIMIT_S)
    return str(cert), str(key)


# ---- the server's certificate ----

def test_the_certificate_is_of_the_fabric(make_weftd):
    """It has the names and addresses of the listeners."""
    weftd = prepare(make_weftd()).start()
    ca = authority(weftd)
    with dso.open_tls(weftd.tls, dso.context(ca=ca), server_name=weftd.address) as client:
        assert client.query("ns.lab.cloud.").rcode == NOERROR
    with pytest.raises(ssl.SSLCertVerificationError):
        dso.open_tls(weftd.tls, dso.context(ca=ca), server_name="192.0.2.1")


def test_another_fabric_does_not_verify_it(make_weftd):
    one, two = prepare(make_weftd("one")).start(), prepare(make_weftd("two"))
    with pytest.raises(ssl.SSLCertVerificationError):
        dso.open_tls(one.tls, dso.context(ca=authority(two)), server_name=one.address)


@pytest.mark.skipif(shutil.which("kdig") is None, reason="needs kdig")
def test_kdig_verifies_it(make_weftd):
    weftd = prepare(make_weftd()).start()
    ca = authority(weftd)
    done = subprocess.run(["kdig", "+tls", f"+tls-ca={ca}", f"@{weftd.address}", "-p",
                           str(weftd.tls[1]), "ns.lab.cloud", "A", "+short"], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.stdout == "127.0.0.1\n", done


def test_a_certificate_may_be_replaced_without_ending_sessions(make_weftd):
    weftd = make_weftd()
    prepare(weftd, "tls: {certificate: self.crt, key: self.key}")
    self_signed(weftd.folder, "one.example")
    weftd.start()
    ca = weftd.folder / "self.crt"
    with dso.open_tls(weftd.tls, dso.context(ca=str(ca)), server_name="one.example") as client:
        client.begin()
        number = client.subscribe("u.lab.cloud.", "A")
        self_signed(weftd.folder, "two.example")
        weftd.weft("reload")
        with dso.open_tls(weftd.tls, dso.context(ca=str(ca)), server_name="two.example") as other:
            assert other.query("ns.lab.cloud.").rcode == NOERROR
            assert updates.send(weftd, updates=["u 60 IN A 192.0.2.1"]).rcode != "SERVFAIL"
        assert client.keepalive().rcode == NOERROR and number in client.rules.active


def test_a_certificate_that_cannot_be_read_keeps_the_old_one(make_weftd):
    weftd = make_weftd()
    prepare(weftd, "tls: {certificate: self.crt, key: self.key}")
    cert, _ = self_signed(weftd.folder, "one.example")
    weftd.start()
    ca = weftd.folder / "ca"
    ca.write_text((weftd.folder / "self.crt").read_text())
    (weftd.folder / "self.crt").write_text("no certificate\n")
    assert weftd.weft("reload", check=False).returncode != 0
    with dso.open_tls(weftd.tls, dso.context(ca=str(ca)), server_name="one.example") as client:
        assert client.query("ns.lab.cloud.").rcode == NOERROR
    assert cert


# ---- clients' certificates ----

def test_a_certificate_counts_as_the_key_of_its_name(make_weftd):
    weftd = identified(make_weftd).start()
    tls = dso.context(certificate=certificate(weftd, "n1.keys.lab.cloud"))
    with dso.open_tls(weftd.tls, tls) as client:
        assert update(client, "n1.nodes 60 IN A 192.0.2.7") == "NOERROR"
        assert update(client, "n2.nodes 60 IN A 192.0.2.7") != "NOERROR"
        client.send(wire.query("lab.cloud.", 252, 9))
        assert wire.parse(client.answer(9)).rcode == NOERROR
    with dso.open_tls(weftd.tls) as client:
        assert update(client, "n1.nodes 60 IN A 192.0.2.8") != "NOERROR"
        client.send(wire.query("lab.cloud.", 252, 9))
        assert wire.parse(client.answer(9)).rcode != NOERROR


def test_a_signature_goes_before_the_certificate(make_weftd):
    weftd = identified(make_weftd).start()
    n2 = leases.issue(weftd, "n2")
    tls = dso.context(certificate=certificate(weftd, "n1.keys.lab.cloud"))
    with dso.open_tls(weftd.tls, tls) as client:
        assert update(client, "n1.nodes 60 IN A 192.0.2.7") == "NOERROR"
        assert update(client, "other 60 IN A 192.0.2.7") != "NOERROR"
        assert update(client, "other 60 IN A 192.0.2.7", key=n2) == "NOERROR"
        wrong = updates.Key(n2.name, updates.SECRET, n2.algorithm)
        data, _ = updates.signed(["n1.nodes 60 IN A 192.0.2.9"], key=wrong)
        client.send(data)
        assert updates.Reply(client.answer(struct.unpack_from("!H", data)[0])).rcode == "NOTAUTH"


def test_certificates_are_not_looked_at_unless_told_so(make_weftd):
    weftd = identified(make_weftd, "no").start()
    tls = dso.context(certificate=certificate(weftd, "n1.keys.lab.cloud"))
    with dso.open_tls(weftd.tls, tls) as client:
        assert update(client, "n1.nodes 60 IN A 192.0.2.7") != "NOERROR"


def is_let_in(weftd, tls):
    """Whether a connection gets an answer."""
    try:
        with dso.open_tls(weftd.tls, tls) as client:
            return client.query("ns.lab.cloud.").rcode == NOERROR
    except dso.ENDED:
        return False


def test_certificates_may_be_required(make_weftd):
    weftd = identified(make_weftd, "required").start()
    assert is_let_in(weftd, dso.context(certificate=certificate(weftd, "n1.keys.lab.cloud")))
    assert not is_let_in(weftd, dso.context())
    assert not is_let_in(weftd, dso.context(None, *self_signed(weftd.folder, "n1.keys.lab.cloud")))


def test_a_certificate_that_the_fabric_has_not_made_counts_as_none(make_weftd):
    """The connection is refused, or nobody is identified by it."""
    weftd = identified(make_weftd).start()
    other = prepare(make_weftd("other"))
    for files in (self_signed(weftd.folder, "n1.keys.lab.cloud"),
                  (certificate(other, "n1.keys.lab.cloud"), None)):
        try:
            with dso.open_tls(weftd.tls, dso.context(None, *files)) as client:
                assert update(client, "n1.nodes 60 IN A 192.0.2.7") != "NOERROR"
        except dso.ENDED:
            pass


def test_a_revoked_key_is_not_taken_from_a_certificate(make_weftd):
    weftd = identified(make_weftd).start()
    tls = dso.context(certificate=certificate(weftd, "n1.keys.lab.cloud"))
    with dso.open_tls(weftd.tls, tls) as client:
        assert update(client, "n1.nodes 60 IN A 192.0.2.7") == "NOERROR"
        weftd.weft("key", "revoke", "n1")
        try:
            assert update(client, "n1.nodes 60 IN A 192.0.2.8") != "NOERROR"
        except dso.ENDED:
            pass
    try:
        with dso.open_tls(weftd.tls, tls) as client:
            assert update(client, "n1.nodes 60 IN A 192.0.2.9") != "NOERROR"
    except dso.ENDED:
        pass


def test_a_resumed_session_has_the_same_identity(make_weftd):
    weftd = identified(make_weftd).start()
    tls = dso.context(certificate=certificate(weftd, "n1.keys.lab.cloud"))
    with dso.open_tls(weftd.tls, tls) as client:
        assert update(client, "n1.nodes 60 IN A 192.0.2.7") == "NOERROR"
        session = client.sock.session
    with dso.open_tls(weftd.tls, tls, session=session) as client:
        assert update(client, "n1.nodes 60 IN A 192.0.2.8") == "NOERROR"
    anonymous = dso.context()
    with dso.open_tls(weftd.tls, anonymous) as client:
        assert update(client, "n1.nodes 60 IN A 192.0.2.9") != "NOERROR"


def may_subscribe(weftd, transport="tls", **more):
    """Whether a session may subscribe; a refusal has a delay and ends nothing."""
    with begin(weftd, transport, **more) as client:
        found = client.response(client.ask_subscribe("ns.lab.cloud.", "A"))
        assert found.rcode in (NOERROR, REFUSED)
        assert (found.delay_ms is not None) == (found.rcode == REFUSED)
        assert client.query("ns.lab.cloud.").rcode == NOERROR
        return found.rcode == NOERROR


def test_who_may_subscribe_is_a_matter_of_keys_and_addresses(make_weftd):
    """A client must meet both conditions."""
    rule = "subscribe: {key: n1.keys.lab.cloud, address: [127.0.0.9]}"
    weftd = identified(make_weftd, options=f"{ZONE_OPTIONS}\n{rule}").start()
    n1, n2 = (dso.context(certificate=certificate(weftd, f"{name}.keys.lab.cloud"))
              for name in ("n1", "n2"))
    assert may_subscribe(weftd, tls=n1, source="127.0.0.9")
    assert not may_subscribe(weftd, tls=n1)
    assert not may_subscribe(weftd, tls=n2, source="127.0.0.9")
    assert not may_subscribe(weftd, source="127.0.0.9")
    assert not may_subscribe(weftd, "tcp", source="127.0.0.9")
