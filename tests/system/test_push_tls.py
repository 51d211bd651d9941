# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""DNS Push over TLS, and the SRV record by which clients find it (RFC 8765 section 6.1)."""

import ssl

import pytest

import leases
import services
import tls
from loopback import free_port
from pushes import Client
from services import lookup
from updates import serial
from wire import NOERROR, REFUSED

OWNER = "_dns-push-tls._tcp"


class TlsClient(Client):
    """A session over TLS; whose certificate it is does not matter here. `cert` is a file with a
    certificate and its key."""

    def __init__(self, where, cert=None):
        super().__init__(where)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if cert:
            context.load_cert_chain(cert)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["dot"])
        self.sock = context.wrap_socket(self.sock)


def configure(make_weftd, zone=services.ZONE):
    """A weftd with a service view and a TLS listener, the address of that, and the key n1."""
    port = free_port()
    weftd, key = leases.fabric(make_weftd, zone=zone, lease=services.options(),
                               server=f'listen-tls: ["127.0.0.1@{port}"]')
    return weftd, ("127.0.0.1", port), key("n1")


@pytest.fixture
def served(make_weftd):
    weftd, where, key = configure(make_weftd)
    return weftd.start(), where, key


def test_changes_are_pushed_over_tls(served):
    weftd, where, key = served
    with TlsClient(where) as client:
        client.subscribe("_http._tcp.lab.cloud", "PTR")
        services.register((weftd, key), "web", lease=3600)
        assert client.changes() == ["_http._tcp.lab.cloud. 10 PTR web._http._tcp.lab.cloud."]
        services.remove((weftd, key), "web")
        assert client.changes() == ["_http._tcp.lab.cloud. -- PTR"]


def test_the_record_comes_and_goes_with_the_listener(served):
    weftd, (_, port), key = served
    assert lookup(weftd, OWNER, "SRV") == [f"0 0 {port} ns.lab.cloud."]
    services.register((weftd, key), "web", lease=3600)
    services.check(weftd)
    before = serial(weftd)
    weftd.weft("reload")
    assert serial(weftd) == before
    weftd.kill()
    weftd.start()
    assert lookup(weftd, OWNER, "SRV") == [f"0 0 {port} ns.lab.cloud."] and serial(weftd) == before
    weftd.stop()
    text = weftd.conf.read_text()
    weftd.conf.write_text("\n".join(line for line in text.splitlines() if "listen-tls" not in line))
    weftd.start()
    assert lookup(weftd, OWNER, "SRV") == [] and serial(weftd) == before + 1
    services.check(weftd)


def test_a_record_of_the_operators_remains(make_weftd):
    own = f"{OWNER} SRV 1 2 853 push.example.\n"
    weftd, _, _ = configure(make_weftd, services.ZONE + own)
    weftd.start()
    assert lookup(weftd, OWNER, "SRV") == ["1 2 853 push.example."]
    services.check(weftd)
    weftd.zone(services.ZONE)
    weftd.weft("reload")
    assert [text.split()[3] for text in lookup(weftd, OWNER, "SRV")] == ["ns.lab.cloud."]
    weftd.zone(services.ZONE + own)
    weftd.weft("reload")
    weftd.weft("reload")
    assert lookup(weftd, OWNER, "SRV") == ["1 2 853 push.example."]


def test_the_record_is_transferred_and_dumped(served):
    weftd, (_, port), _ = served
    assert f"{OWNER}.lab.cloud.\t120\tIN\tSRV\t0 0 {port} ns.lab.cloud.".split() in [
        line.split() for line in weftd.weft("zone", "dump", "lab.cloud").stdout.splitlines()]


# ---- keys ----

@pytest.fixture
def closed(make_weftd):
    """A weftd whose zone is for subscribers with the key n1 alone, and where it speaks TLS."""
    weftd, (address, port), _ = configure(make_weftd)
    weftd.conf.write_text(weftd.conf.read_text()
                          .replace("listen-tls:", "tls: {client-certificates: optional}\n  listen-tls:")
                          .replace("    lease:", "    subscribe: {key: n1.keys.lab.cloud}\n    lease:"))
    return weftd.start(), (address, port)


def test_a_certificate_of_the_fabric_may_subscribe(closed):
    weftd, where = closed
    with TlsClient(where, tls.issue(weftd, "n1.keys.lab.cloud")) as client:
        assert client.try_to("ns.lab.cloud").rcode == NOERROR
        listed, = weftd.json("sessions")
        assert (listed["key"], listed["transport"]) == ("n1.keys.lab.cloud.", "tls")
    with TlsClient(where, tls.issue(weftd, "n2.keys.lab.cloud")) as client:
        assert client.try_to("ns.lab.cloud").rcode == REFUSED
    with TlsClient(where) as client:
        assert client.try_to("ns.lab.cloud").rcode == REFUSED


def test_a_revoked_key_ends_its_sessions(closed):
    weftd, where = closed
    weftd.zone(services.ZONE)
    with TlsClient(where, tls.issue(weftd, "n1.keys.lab.cloud")) as client, \
            TlsClient(where) as other:
        client.subscribe("ns.lab.cloud")
        client.changes()
        other.keep()
        weftd.weft("key", "revoke", "n1.keys.lab.cloud")
        assert client.retry_delay()[0] == REFUSED
        other.keep(2)
    with TlsClient(where, tls.issue(weftd, "n1.keys.lab.cloud")) as again:
        again.keep()
        assert [listed["key"] for listed in weftd.json("sessions")] == [None]
        assert again.try_to("ns.lab.cloud").rcode == REFUSED
