# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A weftd that speaks TLS, and clients: Python's ssl module, kdig, openssl s_client."""

import re
import shutil
import socket
import ssl
import struct
import subprocess

import dns.message
import pytest

from conftest import WEFT
from loopback import free_port
from waiting import LIMIT_S

needs_kdig = pytest.mark.skipif(shutil.which("kdig") is None, reason="kdig is not installed")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None,
                                   reason="openssl is not installed")

# Which keys may do what: a node what is its own.
POLICY = 'update: {policy: ["grant *.keys.lab.cloud. zonesub A AAAA TXT"]}'


def weft(folder, *args, check=True):
    done = subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S, cwd=folder,
                          stdin=subprocess.DEVNULL, start_new_session=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


def server(weftd, options="", policy=POLICY, fabric="lab.cloud", more="", zones=None):
    """Configures a weftd with a fabric and a TLS listener, whose port becomes weftd.tls_port."""
    if not (weftd.folder / f"{fabric}.fabric").exists():
        weft(weftd.folder, "fabric", "init", fabric)
        weft(weftd.folder, "fabric", "cert", f"{fabric}.fabric", "--ca", "-o", "ca.pem")
    weftd.zone()
    weftd.tls_port = getattr(weftd, "tls_port", None) or free_port(weftd.address)
    return weftd.configure(server=f"listen-tls: [{weftd.address}@{weftd.tls_port}]\n{options}",
                           zones=zones or {"lab.cloud": policy},
                           more=f"fabric:\n  - {{name: {fabric}, key-file: {fabric}.fabric}}\n"
                                + more)


def issue(weftd, name, *args, fabric="lab.cloud"):
    """Issues a certificate to NAME.pem, and returns the path."""
    path = weftd.folder / f"{name}.pem"
    weft(weftd.folder, "fabric", "cert", f"{fabric}.fabric", name, *args, "-o", str(path), "--force")
    return path


def context(weftd=None, cert=None, alpn=("dot",)):
    """A client's context, which verifies by the fabric if a weftd is given."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if weftd is None:
        c.check_hostname = False
        c.verify_mode = ssl.CERT_NONE
    else:
        c.load_verify_locations(weftd.folder / "ca.pem")
    if cert is not None:
        c.load_cert_chain(cert)
    if alpn:
        c.set_alpn_protocols(list(alpn))
    return c


class Session:
    """A TLS session that speaks DNS."""

    def __init__(self, weftd, client=None, name="lab.cloud", session=None, wait=True):
        self.client = client or context()
        raw = socket.create_connection((weftd.address, weftd.tls_port), timeout=LIMIT_S)
        self.socket = self.client.wrap_socket(raw, server_hostname=name, session=session,
                                              do_handshake_on_connect=wait)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def cut(self):
        """Closes our side of the connection, without a word of TLS."""
        socket.socket.shutdown(self.socket, socket.SHUT_WR)

    def send(self, *messages):
        wires = [m if isinstance(m, bytes) else m.to_wire() for m in messages]
        self.socket.sendall(b"".join(struct.pack("!H", len(w)) + w for w in wires))

    def read_bytes(self, n):
        found = b""
        while len(found) < n:
            more = self.socket.recv(n - len(found))
            if not more:
                raise EOFError
            found += more
        return found

    def read_wire(self):
        return self.read_bytes(struct.unpack("!H", self.read_bytes(2))[0])

    def read(self):
        return dns.message.from_wire(self.read_wire(), ignore_trailing=True)

    def ask(self, message):
        self.send(message)
        return self.read()

    def is_ended(self):
        """Waits for the server to end the session."""
        try:
            return self.socket.recv(1) == b""
        except (ConnectionError, ssl.SSLError):
            return True


def query(name="www.lab.cloud", kind="A"):
    return dns.message.make_query(name, kind)


def kdig(weftd, *args, port=None):
    """What kdig answers, and its messages."""
    done = subprocess.run(["kdig", "-d", f"@{weftd.address}", "-p", str(port or weftd.tls_port), *args],
                          capture_output=True, text=True, timeout=LIMIT_S, cwd=weftd.folder,
                          check=False)
    return done.stdout, done.stdout + done.stderr


def s_client(weftd, *args, feed=b"", port=None):
    """What openssl s_client prints: it ends when what it is fed ends."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"{weftd.address}:{port or weftd.tls_port}",
                           *args], input=feed, capture_output=True, timeout=LIMIT_S,
                          cwd=weftd.folder, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


def certificate(weftd, name="lab.cloud"):
    """The server's certificate, decoded by openssl."""
    with Session(weftd, name=name) as s:
        pem = ssl.DER_cert_to_PEM_cert(s.socket.getpeercert(binary_form=True))
    done = subprocess.run(["openssl", "x509", "-noout", "-text"], input=pem, text=True,
                          capture_output=True, check=True)
    return done.stdout


def serial(weftd, name="lab.cloud"):
    return re.search(r"Serial Number:\s+(\S+)", certificate(weftd, name))[1]
