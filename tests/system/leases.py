# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the tests of leases and of ownership share: a zone with the built-in policy, its keys,
services to register."""

import re
import subprocess

import updates
from conftest import WEFT
from waiting import LIMIT_S

SOA = "$ORIGIN lab.cloud.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n"
ZONE = SOA + "ns A 127.0.0.1\nstatic._http._tcp SRV 0 0 80 ns\n"


def weft(weftd, *args):
    done = subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S,
                          cwd=weftd.folder, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout


def issue(weftd, name, fabric_name="lab.cloud"):
    """A key of the fabric; nsupdate finds it in NAME.key."""
    path = weftd.folder / f"{name}.key"
    path.unlink(missing_ok=True)
    weft(weftd, "key", "issue", name, "--fabric-file", f"{fabric_name}.fabric", "-o", str(path))
    found = re.match(r'key "([^"]+)" \{\n\talgorithm ([^;]+);\n\tsecret "([^"]+)";\n\};\n',
                     path.read_text())
    return updates.Key(found[1], found[3], found[2])


def fabric(make_weftd, zone=ZONE, lease="{minimum: 1}", update="{fabric: lab.cloud}", server="", others=None):
    """A weftd that is not started, and a function that returns its keys by name. `others` are zones
    without records of their own, and their options."""
    weftd = make_weftd()
    weft(weftd, "fabric", "init", "lab.cloud")
    weftd.zone(zone)
    for name in others or {}:
        weftd.zone(f"$ORIGIN {name}.\n$TTL 60\n@ SOA ns.lab.cloud. hostmaster 1 3600 600 86400 5\n"
                   "@ NS ns.lab.cloud.\n", name)
    weftd.configure({"lab.cloud": f"update: {update}\nlease: {lease}\n"
                                  "transfer: {address: [127.0.0.0/8]}", **(others or {})}, server,
                    more="fabric:\n  - {name: lab.cloud, key-file: lab.cloud.fabric}\n")
    keys = {}

    def key(name):
        if name not in keys:
            keys[name] = issue(weftd, name)
        return keys[name]

    return weftd, key


def open_zone(make_weftd, zone=ZONE, lease="{minimum: 1}", server=""):
    """A weftd that is not started; the key `bench` may change its zone without restriction."""
    weftd = make_weftd()
    weftd.zone(zone)
    return weftd.configure({"lab.cloud": f"update: {{key: bench}}\nlease: {lease}\n"
                                         "transfer: {address: [127.0.0.0/8]}"}, server)


def service(name, port=80, node="ns", txt="a=b", kind="_http._tcp"):
    """The update of a service, the same for each registration and each refresh: it replaces SRV and
    TXT, and adds the PTR."""
    return [f"{name}.{kind} 0 ANY SRV", f"{name}.{kind} 0 ANY TXT",
            f"{name}.{kind} 60 IN SRV 0 0 {port} {node}", f"{name}.{kind} 60 IN TXT {txt}",
            f"{kind} 60 IN PTR {name}.{kind}"]


def gone(name, kind="_http._tcp"):
    """The update that removes a service."""
    return [f"{name}.{kind} 0 ANY ANY", f"{kind} 0 NONE PTR {name}.{kind}"]


def register(weftd, key, name, lease=None, check=True, **more):
    """Registers or refreshes a service. Without `check` the update may be refused."""
    sending = {k: more.pop(k) for k in ("when", "tcp") if k in more}
    reply = updates.send(weftd, updates=service(name, **more), key=key, lease=lease, **sending)
    assert not check or reply.rcode == "NOERROR", reply
    return reply


def is_there(weftd, name, kind="_http._tcp"):
    """Whether the service is there: all of it, or nothing. If its lease ends between two of the
    questions, they are asked again."""
    for _ in range(2):
        srv = updates.lookup(weftd, f"{name}.{kind}.lab.cloud", "SRV")
        txt = updates.lookup(weftd, f"{name}.{kind}.lab.cloud", "TXT")
        ptr = any(text.split()[1] == f"{name}.{kind}.lab.cloud."
                  for text in updates.lookup(weftd, f"{kind}.lab.cloud", "PTR"))
        if bool(srv) == bool(txt) == ptr:
            return ptr
    raise AssertionError((srv, txt, ptr))
