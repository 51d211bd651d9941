# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A service for tests of agents. Each of its lives is recorded, one line of JSON for each thing that
happens, in the file $LIVES/$WEFT_NAME: that it starts, ends, gets a signal, and that another process
of the same instance still runs (by a lock that only the process itself holds).

It answers HTTP with its environment, at $WEFT_PORT of its node's address. What it finds in
$LIVES/$WEFT_NAME.do at its start it does: `exit N`, `lost` (exits with 65 if it is to be restored),
`sick` (answers 500), `stubborn` (ignores SIGTERM), `silent` (does not listen)."""

import fcntl
import json
import os
import signal
import socket
import sys

FOLDER, NAME = os.environ["LIVES"], os.environ.get("WEFT_NAME", "nobody")


def record(what, **more):
    line = {"what": what, "pid": os.getpid(), "inc": os.environ.get("WEFT_INC"), **more}
    with open(os.path.join(FOLDER, NAME), "a") as file:
        file.write(json.dumps(line) + "\n")


def lock():
    """Holds the instance's lock until the process ends. One that is held elsewhere is recorded."""
    fd = os.open(os.path.join(FOLDER, "." + NAME), os.O_CREAT | os.O_RDWR, 0o666)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        record("twice")


def orders():
    try:
        with open(os.path.join(FOLDER, NAME + ".do")) as file:
            return file.read().split()
    except OSError:
        return []


def listening():
    """The socket: handed over by the agent, or bound here, at the address of the node, for its
    agent is not the only one of this machine."""
    if os.environ.get("LISTEN_FDS"):
        return socket.socket(fileno=3)
    with open(os.path.join(os.path.dirname(os.environ["WEFT_KEY_FILE"]), "address")) as file:
        address = file.read()
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, int(os.environ["WEFT_PORT"])))
    sock.listen(128)
    return sock


def end(number, frame):
    record("end", signal=number)
    sys.stdout.flush()
    os._exit(0)


def main():
    do = orders()
    known = {k: v for k, v in os.environ.items()}
    lock()
    record("start", restore=known.get("WEFT_RESTORE"), env=known)
    print(f"{NAME} starts as {known.get('WEFT_INC')}", flush=True)
    if do[:1] == ["lost"] and known.get("WEFT_RESTORE") == "1":
        record("exit", status=65)
        sys.exit(65)
    if do[:1] == ["exit"]:
        record("exit", status=int(do[1]))
        sys.exit(int(do[1]))
    signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in do else end)
    signal.signal(signal.SIGHUP, lambda *_: record("signal", signal=signal.SIGHUP))
    if "silent" in do or not int(known.get("WEFT_PORT", 0)):
        while True:
            signal.pause()
    sock = listening()
    while True:
        try:
            with sock.accept()[0] as client:
                client.settimeout(5)
                client.recv(65536)
                is_sick = "sick" in orders()
                body = json.dumps(known).encode()
                client.sendall(b"HTTP/1.0 %s\r\nContent-Length: %d\r\n\r\n" % (
                    b"500 sick" if is_sick else b"200 OK", len(body)) + body)
        except OSError:
            continue


main()
