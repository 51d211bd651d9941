# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft doctor: real resolvers that lie by their configuration, and a small server that lies in all
other ways; each lie is found, and named."""

import contextlib
import fcntl
import json
import os
import pty
import re
import socket
import struct
import subprocess
import termios
import threading

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

import leases
import netns
from conftest import WEFT
from loopback import free_address, free_port
from resolvers import Dnsmasq, Named, Unbound, make_resolver, needs  # noqa: F401
from waiting import LIMIT_S, let_pass

TYPE = "_http._tcp.lab.cloud"
WEB = f"web-1.{TYPE}"


@pytest.fixture
def instance():
    """A port at which something listens."""
    address, port = free_address()
    with socket.create_server((address, port)):
        yield address, port


def zone_text(address, port, more="", serial=1, nodes=5):
    lines = ["$ORIGIN lab.cloud.", "$TTL 60", f"@ SOA ns h {serial} 3600 600 86400 10", "@ NS ns",
             "ns A 127.0.0.1", f"web-1._http._tcp SRV 0 10 {port} n1.nodes",
             'web-1._http._tcp TXT "id=web-1" "state=up"', "_http._tcp PTR web-1._http._tcp"]
    for i in range(1, nodes + 1):
        lines += [f"n{i}.nodes A {address}", f"_http._tcp SRV 0 {10 * i} {port} n{i}.nodes"]
    return "\n".join(lines) + "\n" + more


@pytest.fixture
def served(make_weftd, instance):
    weftd = make_weftd()
    weftd.zone(zone_text(*instance))
    return weftd.configure().start()


def where(server):
    return f"{server.address}@{server.port}"


def run(*args, env=None):
    return subprocess.run([WEFT, *map(str, args)], capture_output=True, text=True, timeout=LIMIT_S,
                          check=False, env={**os.environ, "WEFT_REGISTRY": "", "DBUS_SYSTEM_BUS_ADDRESS":
                               "unix:path=/nonexistent", **(env or {})})


def doctor(name, registries, resolvers, *more, env=None):
    """The answer of weft doctor in JSON, with its exit status."""
    registries = registries if isinstance(registries, list) else [registries]
    resolvers = resolvers if isinstance(resolvers, list) else [resolvers]
    done = run("doctor", name, "--registry", ",".join(map(where, registries)), "--resolver",
               ",".join(map(where, resolvers)), "--json", *more, env=env)
    assert done.stderr == "", done.stderr
    answer = json.loads(done.stdout)
    answer["status"] = done.returncode
    return answer


def found(answer, severity=None):
    return {finding["what"]: finding["text"] for finding in answer["findings"]
            if severity in (None, finding["severity"])}


STUB = """stub-zone:
    name: "lab.cloud."
    stub-addr: {}
server:
    domain-insecure: "lab.cloud."
"""


def unbound(make_resolver, weftd, options="", **more):
    return make_resolver(Unbound, more=STUB.format(where(weftd)), options=options,
                         upstream=where(weftd), **more)


def set_zone(weftd, text):
    weftd.zone(text)
    weftd.weft("zone", "reload", "lab.cloud")


# ---- all is well ----

@needs("unbound")
def test_all_hops_agree(served, make_resolver):
    resolver = unbound(make_resolver, served, "minimal-responses: no")
    for name in (TYPE, WEB, "n1.nodes.lab.cloud"):
        answer = doctor(name, served, resolver)
        assert answer["status"] == 0 and answer["ok"], answer
        assert found(answer) == {} and answer["zone"] == "lab.cloud."
        hops = {hop["hop"]: hop for hop in answer["hops"]}
        assert hops[f"registry {where(served)}"]["ok"] and hops[f"resolver {where(resolver)}"]["ok"]
        assert "serial 1" in hops[f"resolver {where(resolver)}"]["answer"]
    assert any(hop["hop"].startswith("instance ") for hop in doctor(WEB, served, resolver)["hops"])


@needs("dnsmasq")
def test_a_name_is_completed_and_not_there(served, make_resolver):
    resolver = make_resolver(Dnsmasq, more=f"server=/lab.cloud/{served.address}#{served.port}")
    answer = doctor("none", served, resolver, "-d", "lab.cloud")
    assert answer["name"] == "none.lab.cloud." and answer["ok"], answer


# ---- unbound ----

@needs("unbound")
def test_unbound_that_caches_what_was_there_before(served, make_resolver, instance):
    resolver = unbound(make_resolver, served)
    assert resolver.dig(WEB, "SRV", "+short") and resolver.dig(WEB, "TXT", "+short")
    text = zone_text(*instance, serial=2).replace("state=up", "state=draining")
    set_zone(served, text.replace("SRV 0 10", "SRV 0 77", 1))
    answer = doctor(WEB, served, resolver)
    texts = [finding["text"] for finding in answer["findings"] if finding["what"] == "stale"]
    assert answer["status"] == 1 and len(texts) == 2, answer
    assert any("state=up, where the registry has state=draining" in text for text in texts)
    assert any('another priority or weight: "0 10 ' in text for text in texts)
    assert all("wait " in finding["mend"] for finding in answer["findings"]
               if finding["what"] == "stale")


@needs("unbound")
def test_unbound_that_has_cached_that_there_is_nothing(served, make_resolver, instance):
    resolver = unbound(make_resolver, served)
    new = f"new.{TYPE}"
    assert "NXDOMAIN" in resolver.dig(new, "SRV")
    assert "NXDOMAIN" in resolver.dig(new, "TXT")
    set_zone(served, zone_text(*instance, serial=2, more=f"new._http._tcp SRV 0 0 {instance[1]} "
                               "n1.nodes\nnew._http._tcp TXT a=b\n"))
    answer = doctor(new, served, resolver)
    assert answer["status"] == 1
    assert "the name does not exist, where the registry has 1: from its cache" in \
        found(answer)["negative"]


@needs("unbound")
def test_unbound_that_serves_expired_answers(served, make_resolver, instance):
    set_zone(served, zone_text(*instance, serial=2).replace("$TTL 60", "$TTL 1"))
    resolver = unbound(make_resolver, served, "serve-expired: yes\nede-serve-expired: yes\n"
                       "serve-expired-client-timeout: 0\nserve-expired-reply-ttl: 30")
    assert resolver.dig(WEB, "SRV", "+short")
    set_zone(served, zone_text(*instance, serial=3).replace("$TTL 60", "$TTL 1").replace(
        "SRV 0 10", "SRV 0 77"))
    let_pass(2.5)    # nothing shows that its cache has expired
    answer = doctor(WEB, served, resolver)
    assert answer["status"] == 1, answer
    assert "past the TTL" in found(answer).get("expired", ""), json.dumps(answer)
    assert "ttl-raised" in found(answer)


@needs("unbound")
@pytest.mark.parametrize("options, what", [
    ("cache-min-ttl: 300", "ttl-raised"),
    ("cache-max-ttl: 3\ncache-max-negative-ttl: 3", "ttl-capped"),
    ("minimal-responses: yes", "no-additional"),
])
def test_unbound_that_changes_answers(served, make_resolver, options, what):
    resolver = unbound(make_resolver, served, options)
    answer = doctor(TYPE, served, resolver)
    assert what in found(answer), answer
    assert answer["status"] == (1 if what == "ttl-raised" else 0)


@needs("unbound")
def test_unbound_that_validates_a_private_domain(served, make_resolver):
    signed = 'trust-anchor: "cloud. DS 12345 13 2 ' + "ab" * 32 + '"'
    stub = STUB.format(where(served)).split("server:")[0]
    resolver = make_resolver(Unbound, more=stub, options=signed, modules="validator iterator",
                             upstream=where(served))
    answer = doctor(WEB, served, resolver)
    assert answer["status"] == 1
    assert "because it validates (DNSSEC)" in found(answer)["nta-missing"]
    finding = next(f for f in answer["findings"] if f["what"] == "nta-missing")
    assert "weft setup-resolver" in finding["mend"]


@needs("unbound")
def test_unbound_that_does_not_ask_the_registry(served, make_resolver):
    """It answers for the parent by itself, as the public DNS would."""
    resolver = make_resolver(Unbound, options='local-zone: "cloud." static\nlocal-data: '
                             '"cloud. 60 IN SOA a.nic.cloud. h.nic.cloud. 1 1 1 1 60"')
    answer = doctor(WEB, served, resolver)
    assert answer["status"] == 1
    assert "by the SOA of cloud.: it does not ask the registry" in found(answer)["not-routed"]


# ---- dnsmasq and BIND ----

@needs("dnsmasq")
def test_dnsmasq_with_a_greatest_ttl(served, make_resolver):
    resolver = make_resolver(Dnsmasq, more=f"server=/lab.cloud/{served.address}#{served.port}\n"
                             "max-ttl=7")
    assert resolver.dig("n1.nodes.lab.cloud", "A", "+short")
    answer = doctor("n1.nodes.lab.cloud", served, resolver)
    assert "instead of 60 s" in found(answer).get("ttl-capped", ""), json.dumps(answer)


@needs("named")
def test_bind_that_validates_and_bind_that_does_not(served, make_resolver):
    forward = f'zone "lab.cloud" {{ type forward; forward only; forwarders ' \
        f"{{ {served.address} port {served.port}; }}; }};"
    anchor = 'trust-anchors { cloud. static-ds 12345 13 2 "' + "ab" * 32 + '"; };'
    resolver = make_resolver(Named, more=forward + anchor, options="dnssec-validation yes;")
    answer = doctor(WEB, served, resolver)
    assert answer["status"] == 1 and set(found(answer, "fault")) == {"nta-missing"}, answer
    other = make_resolver(Named, more=forward, options="dnssec-validation no;")
    answer = doctor(WEB, served, other)
    assert answer["status"] == 0, answer


@needs("named")
def test_bind_that_serves_stale_answers(served, make_resolver, instance):
    """The registry does not answer BIND any more, but the doctor: BIND asks it by a relay that ends."""
    set_zone(served, zone_text(*instance, serial=2).replace("$TTL 60", "$TTL 1"))
    relay = Liar(served, honest)
    try:
        resolver = make_resolver(
            Named, options="dnssec-validation no; stale-answer-enable yes; stale-cache-enable yes; "
            "max-stale-ttl 1h; stale-answer-ttl 30; stale-answer-client-timeout 0;",
            more=f'zone "lab.cloud" {{ type forward; forward only; forwarders '
            f"{{ {relay.address} port {relay.port}; }}; }};")
        assert resolver.dig(WEB, "SRV", "+short")
    finally:
        relay.close()
    set_zone(served, zone_text(*instance, serial=3).replace("$TTL 60", "$TTL 1").replace(
        "SRV 0 10", "SRV 0 77"))
    let_pass(2.5)    # nothing shows that its cache has expired
    answer = doctor(WEB, served, resolver)
    assert answer["status"] == 1, answer
    assert "past the TTL" in found(answer).get("expired", ""), json.dumps(answer)


@needs("unbound")
def test_unbound_with_a_small_buffer_truncates_and_tcp_has_the_rest(served, make_resolver, instance):
    set_zone(served, zone_text(*instance, serial=2, nodes=40))
    resolver = unbound(make_resolver, served, "max-udp-size: 512\nedns-buffer-size: 512")
    assert ";; Truncated, retrying in TCP mode." in resolver.dig(TYPE, "SRV")
    answer = doctor(TYPE, served, resolver)
    assert (answer["status"], found(answer, "fault")) == (0, {}), answer
    other = unbound(make_resolver, served, "max-udp-size: 512\nedns-buffer-size: 512\ndo-tcp: no\n"
                    "tcp-upstream: no")
    answer = doctor(TYPE, served, other)
    assert answer["status"] == 1, answer
    assert "answers others, but not the SRV query: no answer in time" in found(answer)["silent"]


# ---- a server that lies ----

class Liar:
    """Passes queries on to a weftd, and changes the answers."""

    def __init__(self, weftd, change, has_tcp=True, has_udp=True):
        self.address, self.port = free_address()
        self.weftd, self.change = weftd, change
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.bind((self.address, self.port))
        self.tcp = socket.create_server((self.address, self.port)) if has_tcp else None
        threads = ([self.serve_udp] if has_udp else []) + ([self.serve_tcp] if has_tcp else [])
        self.threads = [threading.Thread(target=target) for target in threads]
        for thread in self.threads:
            thread.start()

    def answer(self, wire, is_tcp):
        query = dns.message.from_wire(wire)
        query.id, identifier = dns.message.make_query(".", "A").id, query.id
        answer = dns.query.tcp(query, self.weftd.address, port=self.weftd.port, timeout=5)
        answer.id = query.id = identifier
        return self.change(query, answer, is_tcp)

    def serve_udp(self):
        while True:
            wire, peer = self.udp.recvfrom(65535)
            if not wire:
                return
            answer = self.answer(wire, False)
            if answer is not None:
                self.udp.sendto(answer.to_wire() if not isinstance(answer, bytes) else answer, peer)

    def serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            with connection:
                length = connection.recv(2)
                if not length:
                    return
                wire = connection.recv(int.from_bytes(length, "big"))
                answer = self.answer(wire, True)
                if answer is not None:
                    wire = answer if isinstance(answer, bytes) else answer.to_wire()
                    connection.sendall(len(wire).to_bytes(2, "big") + wire)

    def close(self):
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(b"", (self.address, self.port))
        if self.tcp is not None:
            socket.create_connection((self.address, self.port)).close()
        for thread in self.threads:
            thread.join()
        self.udp.close()
        if self.tcp is not None:
            self.tcp.close()


@pytest.fixture
def make_liar(served):
    made = []

    def make(change, **options):
        made.append(Liar(served, change, **options))
        return made[-1]

    yield make
    for liar in made:
        liar.close()


def honest(_query, answer, _is_tcp):
    return answer


def without_two(_query, answer, _is_tcp):
    for rrset in answer.answer:
        if rrset.rdtype == dns.rdatatype.SRV and len(rrset) > 2:
            for rdata in list(rrset)[:2]:
                rrset.remove(rdata)
    return answer


def heavier(_query, answer, _is_tcp):
    for rrset in answer.answer:
        if rrset.rdtype == dns.rdatatype.SRV:
            rdatas = [rdata.replace(weight=rdata.weight + 1) for rdata in rrset]
            rrset.clear()
            for rdata in rdatas:
                rrset.add(rdata)
    return answer


def truncated(_query, answer, is_tcp):
    if not is_tcp and any(rrset.rdtype == dns.rdatatype.SRV for rrset in answer.answer):
        answer.answer, answer.additional = [], []
        answer.flags |= dns.flags.TC
    return answer


def stripped(_query, answer, _is_tcp):
    answer.use_edns(-1)
    return answer


def formerr(query, answer, _is_tcp):
    if query.edns < 0:
        return answer
    response = dns.message.make_response(query)
    response.use_edns(-1)
    response.set_rcode(dns.rcode.FORMERR)
    return response


def drops_edns(query, answer, is_tcp):
    return answer if query.edns < 0 or is_tcp else None


def lowers(query, answer, _is_tcp):
    name = dns.name.from_text(query.question[0].name.to_text().lower())
    answer.question = [dns.rrset.RRset(name, 1, query.question[0].rdtype)]
    return answer


def refuses(query, answer, _is_tcp):
    response = dns.message.make_response(query)
    response.use_edns(0, options=[dns.edns.EDEOption(18, "not \x1b[31myou")])
    response.set_rcode(dns.rcode.REFUSED)
    return response


def cut(_query, answer, _is_tcp):
    return answer.to_wire()[:-30] if answer.answer else answer


@pytest.mark.parametrize("change, options, status, what, text", [
    (honest, {}, 0, None, None),
    (without_two, {}, 1, "left-out", "answers 3 of 5 SRV records; missing: 0 "),
    (heavier, {}, 1, "stale", "5 with another priority or weight"),
    (truncated, {"has_tcp": False}, 1, "truncated", "does not answer over TCP: Connection refused"),
    (truncated, {}, 0, None, None),
    (honest, {"has_tcp": False}, 0, "tcp-blocked", "over TCP: Connection refused"),
    (honest, {"has_udp": False}, 1, "udp-blocked", "not over UDP: no answer in time"),
    (stripped, {}, 0, "edns-stripped", "removes EDNS"),
    (formerr, {}, 1, "edns", "answers FORMERR to queries with EDNS"),
    (drops_edns, {"has_tcp": False}, 1, "edns", "answers only queries without EDNS"),
    (lowers, {}, 0, "case", "changes the case"),
    (refuses, {}, 1, "refused", "answers REFUSED: not \\027[31myou"),
    (cut, {}, 1, "malformed", "malformed"),
])
def test_each_lie_is_named(served, make_liar, change, options, status, what, text):
    liar = make_liar(change, **options)
    answer = doctor(TYPE, served, liar, "-t", "3")
    assert answer["status"] == status, answer
    hop = next(hop for hop in answer["hops"] if hop["hop"] == f"resolver {where(liar)}")
    assert hop["ok"] == (status == 0)
    if what is not None:
        assert text in found(answer)[what], answer
    else:
        assert found(answer) == {}, answer


def test_nobody_at_the_resolver(served):
    nobody = type("Nobody", (), dict(zip(("address", "port"), free_address())))
    answer = doctor(TYPE, served, nobody, "-t", "2")
    assert answer["status"] == 1
    assert "does not answer: Connection refused" in found(answer)["no-answer"]


# ---- registries ----

@needs("unbound")
def test_registries_that_disagree(served, make_weftd, make_resolver, instance):
    other = make_weftd("other")
    other.zone(zone_text(*instance, serial=7, nodes=4))
    other.configure().start()
    resolver = unbound(make_resolver, other)
    answer = doctor(TYPE, [served, other], resolver)
    assert answer["status"] == 1
    assert f"has the serial 1, where registry {where(other)} has 7" in found(answer)["serial"]
    set_zone(served, zone_text(*instance, serial=7, nodes=5))
    answer = doctor(TYPE, [other, served], resolver)
    assert "SRV records" in "".join(found(answer, "fault").values()), answer


def test_a_registry_that_is_none(served, make_weftd, make_liar):
    other = make_weftd("other")
    other.zone("$ORIGIN example.org.\n$TTL 60\n@ SOA a b 1 1 1 1 1\n@ NS a\n", "example.org")
    other.configure({"example.org": ""}).start()
    answer = doctor(TYPE, [served, other], make_liar(honest))
    assert answer["status"] == 1 and "answers REFUSED" in found(answer)["refused"]
    answer = doctor(TYPE, other, make_liar(honest))
    assert answer["status"] == 3 and answer["zone"] is None


def test_without_a_registry_it_ends_with_3():
    done = run("doctor", "a.lab.cloud.", "--resolver", "127.0.0.1@9", "-t", "1", "--registry",
               "@".join(map(str, free_address())))
    assert done.returncode == 3


# ---- instances ----

def test_an_instance_that_is_gone(make_weftd):
    address, port = free_address()
    weftd = make_weftd()
    weftd.zone(zone_text(address, port))
    weftd.configure().start()
    liar = Liar(weftd, honest)
    try:
        answer = doctor(WEB, weftd, liar)
    finally:
        liar.close()
    assert answer["status"] == 1
    assert found(answer)["unreachable"] == \
        "on n1.nodes.lab.cloud. cannot be connected to: Connection refused"


def test_reports_are_shown(served, instance, make_liar):
    set_zone(served, zone_text(*instance, serial=2,
                               more='_suspect.web-1._http._tcp 10 TXT "by=n2" "why=timeout"\n'))
    answer = doctor(WEB, served, make_liar(honest))
    assert answer["status"] == 0
    assert "1 reports that web-1._http._tcp.lab.cloud. cannot be reached: by=n2 why=timeout" in \
        found(answer)["suspect"]


# ---- output ----

def test_people_get_a_table_and_how_to_mend_it(served, make_liar):
    liar = make_liar(without_two)
    done = run("doctor", TYPE, "--registry", where(served), "--resolver", where(liar))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == f"{TYPE}." and re.match(r"\s*HOP\s+TIME\s+ANSWER", lines[2])
    assert re.match(rf"ok\s+registry {where(served)}\s+[\d.]+ ms\s+5 SRV, 1 PTR, serial 1", lines[3])
    assert re.match(rf"FAIL\s+resolver {where(liar)} ", lines[4])
    assert f"fault: resolver {where(liar)} answers 3 of 5 SRV records; missing: " in done.stdout
    assert "  Mend it by: " in done.stdout and "\033" not in done.stdout
    quiet = run("doctor", TYPE, "--registry", where(served), "--resolver", where(liar), "-q")
    assert quiet.returncode == 1 and quiet.stdout.startswith("fault: ")


def on_terminal(*args, env=None, width=0):
    pid, fd = pty.fork()
    if pid == 0:
        if width:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        os.execvpe(WEFT, [WEFT, *args], {**os.environ, "TERM": "xterm", **(env or {})})
    text = b""
    with contextlib.suppress(OSError):
        while part := os.read(fd, 65536):
            text += part
    os.close(fd)
    os.waitpid(pid, 0)
    return text.decode()


def test_a_terminal_gets_signs_and_colours_if_it_can(served, make_liar):
    args = ["doctor", TYPE, "--registry", where(served), "--resolver",
            where(make_liar(without_two))]
    text = on_terminal(*args, env={"LC_ALL": "C.UTF-8"})
    assert "\u2713" in text and "\u2717" in text and "\033[31mfault" in text
    text = on_terminal(*args, env={"LC_ALL": "C", "NO_COLOR": "1"})
    assert "\u2713" not in text and "\033" not in text and "FAIL" in text


@pytest.mark.parametrize("width", [20, 40, 79])
def test_a_narrow_terminal_is_not_exceeded(served, make_liar, width):
    text = on_terminal("doctor", TYPE, "--registry", where(served), "--resolver",
                       where(make_liar(heavier)), width=width,
                       env={"LC_ALL": "C.UTF-8", "NO_COLOR": "1"})
    lines = text.splitlines()
    longest = max((word for word in text.split()), key=len)
    assert "Mend it by:" in " ".join(text.split()), text
    assert all(len(line) <= max(width, len(longest) + 2) for line in lines), text


@pytest.mark.parametrize("args, message", [
    (["doctor"], "usage: weft doctor NAME"),
    (["doctor", "a..b", "--registry", "127.0.0.1"], 'invalid name "a..b"'),
    (["doctor", "a", "--registry", "127.0.0.1", "--resolver", "x y z@"], "--resolver: "),
    (["doctor", "a", "--registry", "127.0.0.1", "--resolver", "ns.lab.cloud"], "by its address"),
    (["doctor", "a", "-t", "0"], "--timeout is from 1"),
    (["doctor", "a", "--install"], "does not take --install"),
])
def test_wrong_usage_is_reported(args, message):
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "") and message in done.stderr


# ---- keys, Push, and the C library ----

def signed(weftd, *more, key, before=()):
    done = subprocess.run([*before, WEFT, "doctor", "n1.nodes.lab.cloud", "--registry",
                           where(weftd), "--resolver", where(weftd), "--json", "--key-file",
                           str(key), *more], capture_output=True, text=True, timeout=LIMIT_S,
                          check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def test_a_key_that_the_registry_does_not_know(served, tmp_path):
    assert found(signed(served, key=served.key_path)) == {}
    key = tmp_path / "other.key"
    key.write_text(served.key_path.read_text().replace('"bench"', '"other"'))
    key.chmod(0o600)
    assert found(signed(served, key=key))["key"] == "does not know this host's key"
    key.write_text(served.key_path.read_text().replace("c2VjcmV0", "c2VjcmV1"))
    assert found(signed(served, key=key))["key"] == "has another secret for this host's key"


@pytest.mark.unsanitized
def test_a_clock_that_differs(served):
    answer = signed(served, key=served.key_path,
                    before=["faketime", "--exclude-monotonic", "-f", "+20m"])
    text = found(answer)["clock"]
    assert 1150 < int(re.search(r"is (\d+) s behind", text)[1]) < 1250, text


def test_the_push_server_is_asked(make_weftd):
    weftd, _ = leases.fabric(make_weftd, zone="$ORIGIN lab.cloud.\n$TTL 60\n"
                             "@ SOA ns h 1 1 1 1 10\n@ NS ns\nns A 127.0.0.1\n"
                             "n1.nodes A 127.0.0.1\n")
    port = free_port(weftd.address)
    zone = weftd.folder / "lab.cloud.zone"
    zone.write_text(zone.read_text() + f"\n_dns-push-tls._tcp SRV 0 0 {port} push\n"
                    f"push A {weftd.address}\n")
    weftd.conf.write_text(weftd.conf.read_text().replace(
        "  workers: 2", f'  workers: 2\n  listen-tls: ["{weftd.address}@{port}"]'))
    weftd.start()
    answer = doctor("n1.nodes.lab.cloud", weftd, weftd)
    assert {"hop": f"push {weftd.address}@{port}", "ok": True}.items() <= \
        next(hop for hop in answer["hops"] if hop["hop"].startswith("push")).items(), answer
    weftd.conf.write_text(weftd.conf.read_text().replace(
        f'  listen-tls: ["{weftd.address}@{port}"]\n', ""))
    weftd.stop()
    weftd.start()
    answer = doctor("n1.nodes.lab.cloud", weftd, weftd)
    assert "changes are not pushed: " in found(answer)["push"]


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_a_hosts_file_that_lies(make_weftd, tmp_path):
    """In a network of its own, with weftd as the resolver: getaddrinfo asks it, or a file."""
    host = netns.Host()
    files = {"resolv.conf": "nameserver 127.0.0.1\n", "nsswitch.conf": "hosts: files dns\n",
             "hosts": "127.0.0.1 localhost\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    script = "".join(f"mount --bind {tmp_path}/{name} /etc/{name}\n" for name in files)
    command = ["unshare", "-m", "sh", "-ec", script + 'exec "$@"', "sh", WEFT, "doctor",
               "n1.nodes.lab.cloud", "--json", "--registry", "127.0.0.1"]
    try:
        with host.inside():
            weftd = make_weftd()
            weftd.zone(zone_text("192.0.2.1", 80))
            weftd.configure()
            weftd.conf.write_text(weftd.conf.read_text().replace(
                "listen: [", 'listen: ["127.0.0.1@53", '))
            weftd.start()
            done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S,
                                  check=False)
            answer = json.loads(done.stdout)
            assert (done.returncode, found(answer)) == (0, {}), answer
            assert {"hop": "getaddrinfo", "answer": "192.0.2.1"}.items() <= \
                next(hop for hop in answer["hops"] if hop["hop"] == "getaddrinfo").items()
            (tmp_path / "hosts").write_text("203.0.113.9 n1.nodes.lab.cloud\n")
            done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S,
                                  check=False)
            assert done.returncode == 1 and found(json.loads(done.stdout))["system"] == \
                "gives 203.0.113.9 for n1.nodes.lab.cloud, which the registry does not have"
            assert weftd.stop() == 0
    finally:
        host.close()
