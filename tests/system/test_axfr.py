# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Outgoing transfers (RFC 5936): which clients may transfer, that the zone comes whole and from one
version, and what does not disturb a transfer."""

import select
import shutil
import signal
import subprocess
import threading
import time

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.zone
import pytest

from conftest import SECRET, ZONE
from loopback import free_port
from updates import BENCH, signed
from waiting import attempts, wait_for
from wire import NOERROR, REFUSED, ask_on, connect, frame, is_closed, query, read_frame

KEY = BENCH.dns
ORIGIN = dns.name.from_text("lab.cloud.")
OPEN = "update: {key: bench}\ntransfer: {key: bench}"
# 4 MB: more than kernel and weftd buffer for a connection whose client does not read.
TEXT = " ".join('"' + "x" * 250 + '"' for _ in range(8))
SERVICES = "".join(f"web-{i}._http._tcp SRV 0 0 80 n{i}.nodes\nn{i}.nodes TXT {TEXT}\n"
                   for i in range(2, 2002))
NSERVICES = 4000 + 5   # with the zone's own records, and the SOA a second time
ODD = """\
CamelCase A 192.0.2.1
alias CNAME CAMELcase
*.wild TXT "star"
sub NS ns.sub
ns.sub A 192.0.2.2
hidden.below.sub A 192.0.2.3
unknown TYPE65400 \\# 3 010203
long TXT "a" "b;c" "d\\"e"
_x._tcp SRV 1 2 3 CamelCase
svc HTTPS 1 . alpn=h2
mail MX 10 MixedCase.lab.cloud.
mail MX 20 mixedcase.lab.cloud.
"""


@pytest.fixture
def serve(make_weftd):
    """Makes a weftd whose zone may be transferred."""
    def make(zone=ZONE, options=OPEN, server=""):
        weftd = make_weftd()
        weftd.zone(zone)
        return weftd.configure({"lab.cloud": options}, server).start()
    return make


def request(rdtype="AXFR", key=KEY, number=1, zone="lab.cloud.", serial=None):
    message = dns.message.make_query(zone, rdtype)
    message.id = number
    if serial is not None:
        message.authority.append(dns.rrset.from_text(zone, 0, "IN", "SOA",
                                                     f". . {serial} 0 0 0 0"))
    if key is not None:
        message.use_tsig(key)
    return message


class Transfer:
    """The messages and records received of one transfer; each signature is verified."""

    def __init__(self, asked, key=KEY):
        self.asked, self.key, self.context = asked, key, None
        self.messages, self.records, self.soas = [], [], 0

    def add(self, data):
        message = dns.message.from_wire(
            data, keyring=self.key, request_mac=self.asked.mac if self.key else b"", xfr=True,
            tsig_ctx=self.context, multi=True, one_rr_per_rrset=True)
        self.context = message.tsig_ctx
        assert self.key is None or message.had_tsig
        assert message.rcode() == 0 and message.flags & dns.flags.AA
        assert not message.flags & dns.flags.TC
        self.messages.append(data)
        self.records += [(rrset.name.to_text(), rrset.ttl, rrset.rdtype, rrset[0].to_text())
                         for rrset in message.answer]
        self.soas += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in message.answer)

    def read(self, sock, soas=2):
        """Reads up to the last SOA. Returns the other messages that come before it."""
        others = []
        for _ in attempts("end of the transfer"):
            if self.soas >= soas:
                return others
            message = read_frame(sock)
            if message[:2] == self.asked.id.to_bytes(2, "big"):
                self.add(message)
            else:
                others.append(message)


def transfer(weftd, key=KEY, soas=2, **more):
    """A whole transfer on a connection of its own."""
    whole = Transfer(request(key=key, **more), key)
    with connect(weftd.where) as sock:
        sock.sendall(frame(whole.asked.to_wire()))
        whole.read(sock, soas)
    return whole


def begin_slowly(weftd):
    """A connection on which a transfer has begun that cannot end before the client reads."""
    sock = connect(weftd.where, 60)
    whole = Transfer(request())
    sock.sendall(frame(whole.asked.to_wire()))
    whole.add(read_frame(sock))
    return sock, whole


def refusal(weftd, **more):
    """The RCODE of an answer that is not a transfer."""
    message = request(**more)
    with connect(weftd.where) as sock:
        sock.sendall(frame(message.to_wire()))
        return dns.rcode.to_text(read_frame(sock)[3] & 15)


def zone_of(text):
    """The records of a zone file: (name, TTL, type, rdata in text)."""
    zone = dns.zone.from_text(text, origin=ORIGIN, relativize=False)
    return {(name.to_text(), rdataset.ttl, rdataset.rdtype, rdata.to_text())
            for name, rdataset in zone.iterate_rdatasets() for rdata in rdataset}


# ---- access ----

@pytest.mark.parametrize("options,unsigned,signed", [
    ("update: {key: bench}", "REFUSED", "REFUSED"),
    ("transfer: {key: bench}", "REFUSED", "NOERROR"),
    ("transfer: {address: [127.0.0.0/8]}", "NOERROR", "NOERROR"),
    ("transfer: {address: [192.0.2.0/24]}", "REFUSED", "REFUSED"),
    ("transfer: {key: bench, address: [192.0.2.0/24]}", "REFUSED", "REFUSED"),
    ("transfer: {key: bench, address: [127.0.0.0/8]}", "REFUSED", "NOERROR"),
])
def test_only_an_allowed_client_gets_the_zone(serve, options, unsigned, signed):
    weftd = serve(options=options)
    assert refusal(weftd, key=None) == unsigned
    assert refusal(weftd) == signed


def test_a_name_that_is_not_a_zone_of_ours_is_notauth(serve):
    weftd = serve()
    assert refusal(weftd, zone="other.cloud.") == "NOTAUTH"
    assert refusal(weftd, zone="ns.lab.cloud.") == "NOTAUTH"


def test_a_wrong_key_is_notauth(serve):
    wrong = dns.tsig.Key("bench", "d3Jvbmc=", "hmac-sha256")
    assert refusal(serve(), key=wrong) == "NOTAUTH"


def test_axfr_by_udp_is_formerr(serve):
    weftd = serve()
    answer = dns.query.udp(request(), weftd.address, port=weftd.port, timeout=10)
    assert answer.rcode() == dns.rcode.FORMERR


# ---- contents ----

def test_the_zone_comes_whole_and_once(serve):
    weftd = serve(ZONE + ODD)
    found = transfer(weftd).records
    assert found[0] == found[-1] and found[0][2] == dns.rdatatype.SOA
    assert len(found) - 1 == len(set(found))
    assert set(found) == zone_of(ZONE + ODD)


def test_case_is_kept(serve):
    """RFC 5936 section 3.4: names that differ only in case must not be compressed into one."""
    weftd = serve(ZONE + ODD)
    names = {name for name, *_ in transfer(weftd).records}
    assert "CamelCase.lab.cloud." in names
    data = {data for *_, data in transfer(weftd).records}
    assert {"CAMELcase.lab.cloud.", "10 MixedCase.lab.cloud.", "20 mixedcase.lab.cloud."} <= data


def test_a_large_zone_comes_in_messages_of_some_size(serve):
    text = ZONE + SERVICES
    weftd = serve(text)
    whole = transfer(weftd)
    assert all(len(data) > 12000 for data in whole.messages[:-1])
    assert [data[5] for data in whole.messages] == [1] + [0] * (len(whole.messages) - 1)
    assert set(whole.records) == zone_of(text)


def test_records_longer_than_a_message_usually_is(serve):
    texts = [" ".join('"' + c * 255 + '"' for _ in range(n)) for c, n in
             (("a", 64), ("b", 120), ("c", 200), ("d", 249))]
    text = ZONE + "".join(f"t{i} TXT {data}\nu{i} A 192.0.2.1\n" for i, data in enumerate(texts))
    assert set(transfer(serve(text)).records) == zone_of(text)


@pytest.mark.parametrize("command", [
    ["dig", "axfr", "+noall", "+answer"], ["kdig", "axfr", "+noall", "+answer"],
    ["dig", "ixfr=0", "+noall", "+answer"]], ids=["dig", "kdig", "dig ixfr"])
def test_the_usual_tools_get_it(serve, command):
    weftd = serve(ZONE + ODD)
    done = subprocess.run([*command, f"@{weftd.address}", "-p", str(weftd.port), "lab.cloud",
                           "-k" if command[0] == "dig" else "-y",
                           str(weftd.key_path) if command[0] == "dig"
                           else f"hmac-sha256:bench:{SECRET}"],
                          capture_output=True, text=True, timeout=60)
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith(";")
             and "TSIG" not in line]
    assert len(lines) == len(zone_of(ZONE + ODD)) + 1, done.stdout
    assert lines[0].split() == lines[-1].split() and "SOA" in lines[0]


@pytest.mark.parametrize("algorithm", ["hmac-sha1", "hmac-sha224", "hmac-sha384", "hmac-sha512"])
def test_each_message_is_signed_with_the_algorithm_asked_with(make_weftd, algorithm):
    weftd = make_weftd()
    weftd.zone(ZONE + SERVICES)
    weftd.key_path.write_text(f'key "bench" {{ algorithm {algorithm}; secret "{SECRET}"; }};\n')
    weftd.configure({"lab.cloud": OPEN}).start()
    whole = transfer(weftd, key=dns.tsig.Key("bench", SECRET, algorithm))
    assert len(whole.records) == NSERVICES


# ---- IXFR ----

def test_ixfr_with_an_older_serial_gets_the_zone(serve):
    weftd = serve(ZONE + ODD)
    for serial in (0, 2**31 + 5):       # both are before 1 in RFC 1982 arithmetic
        found = transfer(weftd, rdtype="IXFR", serial=serial).records
        assert set(found) == zone_of(ZONE + ODD) and found[0] == found[-1]


@pytest.mark.parametrize("serial", [1, 2, 2**31 - 1])
def test_ixfr_with_a_serial_not_older_gets_the_soa(serve, serial):
    weftd = serve()
    whole = Transfer(request("IXFR", serial=serial))
    with connect(weftd.where) as sock:
        sock.sendall(frame(whole.asked.to_wire()))
        whole.read(sock, soas=1)
        assert [rdtype for _, _, rdtype, _ in whole.records] == [dns.rdatatype.SOA]
        assert not is_closed(sock, 0.2)


def test_ixfr_without_a_soa_is_formerr(serve):
    assert refusal(serve(), rdtype="IXFR") == "FORMERR"


# ---- from one version ----

def test_a_transfer_is_of_one_version_while_updates_go_on(serve):
    weftd = serve(ZONE + SERVICES)
    stop, done = threading.Event(), []

    def change():
        with connect(weftd.where) as sock:
            while not stop.is_set():
                update, _ = signed([f"{name} {rest}" for name in ("first.aaa", "last.zzz")
                                    for rest in ("0 ANY TXT", f'60 IN TXT "{len(done)}"')])
                sock.sendall(frame(update))     # both or none, at either end of the zone
                assert read_frame(sock)[3] & 15 == 0
                done.append(1)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        wait_for(lambda: done, "update")
        for _ in range(3):
            before = len(done)
            sock, whole = begin_slowly(weftd)
            with sock:
                wait_for(lambda: len(done) > before + 3, "updates meanwhile")
                whole.read(sock)
            found = whole.records
            assert found[0] == found[-1]
            both = {data for name, *_, data in found
                    if name in ("first.aaa.lab.cloud.", "last.zzz.lab.cloud.")}
            assert len(both) == 1
            assert len(found) == NSERVICES + 2
    finally:
        stop.set()
        thread.join()


def test_queries_on_the_same_connection_are_answered_meanwhile(serve):
    weftd = serve(ZONE + SERVICES)
    sock, whole = begin_slowly(weftd)
    with sock:
        sock.sendall(b"".join(frame(query("ns.lab.cloud.", number=n)) for n in range(100, 120)))
        others = whole.read(sock)
    assert {int.from_bytes(answer[:2], "big") for answer in others} == set(range(100, 120))
    assert len(whole.records) == NSERVICES


def test_transfers_on_one_connection_come_one_after_the_other(serve):
    weftd = serve(ZONE + ODD)
    with connect(weftd.where) as sock:
        wholes = [Transfer(request(number=n)) for n in range(1, 101)]
        sock.sendall(b"".join(frame(whole.asked.to_wire()) for whole in wholes))
        for whole in wholes:
            assert not whole.read(sock)
            assert set(whole.records) == zone_of(ZONE + ODD)
    assert weftd.count("transfers") == 100


def test_more_transfers_than_run_at_once_all_come_in_the_end(serve):
    weftd = serve(ZONE + SERVICES, server="workers: 1\ntcp: {io-timeout: 60}")
    socks = [connect(weftd.where) for _ in range(40)]
    try:
        for sock in socks:
            sock.sendall(frame(request().to_wire()))
        for sock in socks[:20]:         # running and waiting transfers whose clients close
            sock.close()
        left = dict.fromkeys(socks[20:], 4000000)
        for _ in attempts("end of all transfers"):
            if not left:
                break
            for sock in select.select(list(left), [], [], 20)[0]:
                data = sock.recv(1 << 16)
                assert data
                left[sock] -= len(data)
                if left[sock] <= 0:
                    del left[sock]
    finally:
        for sock in socks:
            sock.close()


def test_a_slow_client_costs_others_nothing(serve):
    weftd = serve(ZONE + SERVICES, server="workers: 1\ntcp: {io-timeout: 30}")
    transfer(weftd)
    before = weftd.rss_bytes()
    slow = [connect(weftd.where) for _ in range(10)]
    try:
        for sock in slow:
            sock.sendall(frame(request().to_wire()))
        wait_for(lambda: weftd.count("transfers") == 11, "transfers")
        begun = time.monotonic()
        with connect(weftd.where) as sock:
            for _ in range(100):
                assert ask_on(sock, "ns.lab.cloud.").rcode == NOERROR
        assert len(transfer(weftd).records) == NSERVICES
        assert time.monotonic() - begun < 15
        assert weftd.rss_bytes() - before < 16 << 20
    finally:
        for sock in slow:
            sock.close()


def test_a_client_that_reads_nothing_is_cut_off(serve):
    weftd = serve(ZONE + SERVICES, server="tcp: {io-timeout: 1, idle-timeout: 60}")
    with connect(weftd.where) as sock:
        sock.sendall(frame(request().to_wire()))
        wait_for(lambda: weftd.count("tcp-timeouts") == 1, "timeout")
    assert "transfer result=broken-off" in weftd.log()
    weftd.nsupdate("update add after.lab.cloud. 60 A 192.0.2.1")


# ---- other events during a transfer ----

def reload(weftd):
    before = weftd.log().count("reload")
    weftd.process.send_signal(signal.SIGHUP)
    wait_for(lambda: weftd.log().count("reload") > before, "reload")
    weftd.weft("status")


def test_a_reload_leaves_transfers_alone(serve):
    weftd = serve(ZONE + SERVICES)
    sock, whole = begin_slowly(weftd)
    with sock:
        weftd.configure({"lab.cloud": "update: {key: bench}"})  # allows no transfers from now on
        reload(weftd)
        assert refusal(weftd) == "REFUSED"
        whole.read(sock)
    assert len(whole.records) == NSERVICES


def test_removing_a_zone_ends_its_transfers(serve):
    weftd = serve(ZONE + SERVICES)
    weftd.zone(ZONE.replace("lab.cloud", "other.cloud"), "other.cloud")
    sock, _ = begin_slowly(weftd)
    with sock:
        weftd.configure({"other.cloud": "update: {key: bench}"})
        reload(weftd)
        with pytest.raises((EOFError, ConnectionResetError)):
            for _ in attempts("end of the connection"):
                read_frame(sock)
    with connect(weftd.where) as other:
        assert ask_on(other, "ns.other.cloud.").rcode == NOERROR
        assert ask_on(other, "ns.lab.cloud.").rcode == REFUSED


def test_the_end_waits_for_a_transfer_that_moves(serve):
    weftd = serve(ZONE + SERVICES)
    sock, whole = begin_slowly(weftd)
    with sock:
        weftd.process.send_signal(signal.SIGTERM)
        # Signatures are verified afterwards: that takes seconds, and weftd does not wait for ever.
        messages = []
        with pytest.raises(EOFError):
            for _ in attempts("end of the connection"):
                messages.append(read_frame(sock))
    for message in messages:
        whole.add(message)
    assert len(whole.records) == NSERVICES and whole.soas == 2
    assert weftd.stop() == 0


# ---- secondaries ----

def named(weftd, folder, address, port):
    (folder / "named.conf").write_text(f"""
include "{weftd.key_path}";
options {{ directory "{folder}"; pid-file none; listen-on port {port} {{ {address}; }};
  listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; session-keyfile none; }};
controls {{ }};
zone "lab.cloud" {{ type secondary; primaries {{ {weftd.address} port {weftd.port} key bench; }};
  file "copy.zone"; check-names ignore; allow-transfer {{ any; }}; }};
""")
    return ["named", "-g", "-4", "-c", str(folder / "named.conf")]


def nsd(weftd, folder, address, port):
    (folder / "nsd.conf").write_text(f"""
server:
    ip-address: {address}@{port}
    username: ""
    zonesdir: "{folder}"
    database: ""
    zonelistfile: "{folder}/zone.list"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    pidfile: ""
    server-count: 1
remote-control:
    control-enable: no
key:
    name: bench
    algorithm: hmac-sha256
    secret: "{SECRET}"
zone:
    name: lab.cloud
    request-xfr: {weftd.address}@{weftd.port} bench
    provide-xfr: 127.0.0.0/8 NOKEY
""")
    return ["nsd", "-d", "-c", str(folder / "nsd.conf")]


def knotd(weftd, folder, address, port):
    (folder / "knot.conf").write_text(f"""
server:
    rundir: {folder}
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {folder}
key:
  - id: bench
    algorithm: hmac-sha256
    secret: {SECRET}
remote:
  - id: weftd
    address: {weftd.address}@{weftd.port}
    key: bench
acl:
  - id: everybody
    address: 127.0.0.0/8
    action: transfer
zone:
  - domain: lab.cloud
    storage: {folder}
    master: weftd
    acl: everybody
""")
    return ["knotd", "-c", str(folder / "knot.conf")]


def copy_of(address, port):
    """The zone as a secondary has it; empty until it has one."""
    done = subprocess.run(["dig", f"@{address}", "-p", str(port), "axfr", "lab.cloud", "+noall",
                           "+answer", "+time=5"], capture_output=True, text=True, timeout=30)
    return zone_of(done.stdout) if "SOA" in done.stdout else set()


def folded(zone):
    return {(name.lower(), ttl, rdtype, data.lower()) for name, ttl, rdtype, data in zone}


@pytest.mark.parametrize("secondary", [named, nsd, knotd])
def test_other_servers_are_secondaries(serve, tmp_path, secondary):
    if shutil.which(secondary.__name__) is None:
        pytest.skip(f"{secondary.__name__} is not installed")
    weftd = serve(ZONE + ODD)
    address = "127.0.0.1"       # named listens only on addresses that an interface has
    port = free_port(address)
    process = subprocess.Popen(secondary(weftd, tmp_path, address, port), cwd=tmp_path,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: copy_of(address, port), "copy of the zone")
        # Not all secondaries preserve the case.
        assert folded(copy_of(address, port)) == folded(zone_of(ZONE + ODD))
    finally:
        process.terminate()
        process.wait(30)
