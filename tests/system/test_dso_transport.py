# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The transports of DSO (RFC 8490 sections 4.2 and 5.1)."""

import socket
import subprocess

import netns
from loopback import wait_until_read
from pushing import prepare
from waiting import LIMIT_S
from wire import frame, query

ANY_FAST_OPEN = 0x207   # for clients and listeners, without a cookie
SYN_DATA = 32           # an option in TCP_INFO: the SYN's data was acknowledged


def test_a_syn_carries_no_data(make_weftd):
    """Servers MUST NOT enable TCP Fast Open where a connection need not be TLS (RFC 8490 section
    5.1): not even on a host that allows it without a cookie."""
    host = netns.Host()
    try:
        with host.inside():
            weftd = prepare(make_weftd(), tls=False)
            subprocess.run(["sysctl", "-qw", f"net.ipv4.tcp_fastopen={ANY_FAST_OPEN}"], check=True,
                           timeout=LIMIT_S)
            weftd.start()
            with socket.socket() as sock:
                sock.sendto(frame(query("ns.lab.cloud.", 1, 5)), socket.MSG_FASTOPEN, weftd.where)
                wait_until_read(sock)
                options = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5]
                assert not options & SYN_DATA
            assert weftd.stop() == 0
    finally:
        host.close()
