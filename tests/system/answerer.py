# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""An instance of a service, as a process that a test can kill: answers each line, or each datagram,
with its name. Run by failover.World, with no other file of the tests.

    answerer.py NAME ADDRESS PORT stream|datagram"""

import selectors
import socket
import sys

NAME, ADDRESS, PORT, KIND = sys.argv[1:]
REPLY = NAME.encode() + b"\n"


def datagrams(sock):
    while True:
        _, client = sock.recvfrom(512)
        sock.sendto(REPLY, client)


def lines(sock):
    ready = selectors.DefaultSelector()
    ready.register(sock, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            if key.fileobj is sock:
                ready.register(sock.accept()[0], selectors.EVENT_READ)
                continue
            try:
                data = key.fileobj.recv(512)
                if data:
                    key.fileobj.sendall(REPLY)
            except OSError:
                data = b""
            if not data:
                ready.unregister(key.fileobj)
                key.fileobj.close()


family = socket.AF_INET6 if ":" in ADDRESS else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM if KIND == "stream" else socket.SOCK_DGRAM) as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind((ADDRESS, int(PORT)))
    if KIND == "stream":
        listener.listen(512)
    print("ready", flush=True)
    (lines if KIND == "stream" else datagrams)(listener)
