# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A subscriber as a process of its own, which a test may freeze. Prints its address and port, the
number of records after each PUSH, and at the end how the session ended.

Usage: push_subscriber.py ADDRESS PORT tcp|tls NAME TYPE"""

import socket
import sys

import dso


def main():
    address, port, transport, owner, rdtype = sys.argv[1:]
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(120)
    sock.connect((address, int(port)))
    if transport == "tls":
        sock = dso.context().wrap_socket(sock, server_hostname=address)
    client = dso.Client(sock, 120).begin()
    number = client.subscribe(owner, rdtype)
    print(*sock.getsockname(), flush=True)
    try:
        while client.rules.retry is None:
            client.receive()
            client.log.clear()
            is_active = number in client.rules.active
            print(len(client.records(number)) if is_active else "cancelled", flush=True)
        print(f"retry {client.rules.retry.rcode} {client.rules.retry.delay_ms}", flush=True)
    except (EOFError, OSError) as end:
        print(f"end {type(end).__name__}", flush=True)


main()
