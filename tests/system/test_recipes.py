# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The recipes in contrib/recipes: their programs run with them, and follow instances that are
added, drained, removed or die within the TTL of the service view."""

import random
import re
import socket
import subprocess
import time

import dns.exception
import dns.query
import dns.rdatatype
import dns.tsigkeyring
import dns.update
import pytest
import yaml

import leases
import updates
from conftest import WEFT
from loopback import free_address
from recipes import TTL_S, VIEW, ZONE, Fleet, answering, get_json, program, recipe, running
from waiting import LIMIT_S, attempts, wait_for

needs_haproxy = pytest.mark.skipif(program("haproxy") is None, reason="needs haproxy")
needs_nginx = pytest.mark.skipif(program("nginx") is None, reason="needs nginx")
needs_prometheus = pytest.mark.skipif(program("prometheus") is None, reason="needs prometheus")


@pytest.fixture
def make_fleet(make_weftd):
    """Makes fleets of instances of a type; weftd listens at `address`, if given."""
    made = []

    def make(kind="_http._tcp", address=None):
        weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=VIEW)
        if address is not None:
            text = weftd.conf.read_text()
            weftd.conf.write_text(text.replace(f"{weftd.address}@{weftd.port}", "@".join(address)))
            weftd.address, weftd.port = address[0], int(address[1])
        made.append(Fleet(weftd.start(), key, kind))
        return made[-1]

    yield make
    for fleet in made:
        fleet.close()


def soon(condition, what):
    """Waits for a condition that must hold within the TTL, and prints how long it took."""
    start = time.monotonic()
    wait_for(condition, what, TTL_S)
    print(f"{what}: {time.monotonic() - start:.1f} s")


# ---- HAProxy ----

class Haproxy:
    """HAProxy with its recipe: the address that it listens on, and its control socket."""

    def __init__(self, weftd, folder):
        self.address, self.port = free_address()
        self.socket = folder / "haproxy.sock"
        before, config = folder / "global.cfg", folder / "haproxy.cfg"
        before.write_text(f"global\n\tstats socket {self.socket}\n")
        config.write_text(recipe("haproxy.cfg", ("192.0.2.53:53", f"{weftd.address}:{weftd.port}"),
                                 ("bind :8080", f"bind {self.address}:{self.port}")))
        self.command = [program("haproxy"), "-db", "-f", str(before), "-f", str(config)]
        self.log = folder / "haproxy.log"

    def run(self):
        return running(self.command, self.log)

    def answering(self):
        return answering(self.address, self.port)

    def servers(self):
        """Address and port of each server that has an instance."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(LIMIT_S)
            sock.connect(str(self.socket))
            sock.sendall(b"show servers state web\n")
            text = sock.makefile().read()
        rows = [line.split() for line in text.splitlines()[2:] if line]
        return {(row[4], int(row[18])) for row in rows if row[4] != "-"}


@pytest.fixture
def proxied(make_fleet, tmp_path):
    fleet = make_fleet()
    haproxy = Haproxy(fleet.weftd, tmp_path)
    with haproxy.run():
        wait_for(haproxy.answering, "HAProxy")
        yield fleet, haproxy


@needs_haproxy
def test_haproxy_follows_the_instances(proxied):
    fleet, haproxy = proxied
    assert haproxy.answering() == {503}
    a = fleet.add("a")
    soon(lambda: haproxy.answering() == {"a"}, "haproxy, first comes")
    b, c, d = [fleet.add(name) for name in "bcd"]
    soon(lambda: haproxy.answering() == {"a", "b", "c", "d"}, "haproxy, come")
    b.remove()
    soon(lambda: haproxy.answering() == {"a", "c", "d"}, "haproxy, removed")
    c.die()
    soon(lambda: haproxy.answering() == {"a", "d"}, "haproxy, lease ended")
    a.register("state=draining")
    soon(lambda: haproxy.answering() == {"d"}, "haproxy, drains")
    d.register("state=draining")
    soon(lambda: haproxy.answering() == {503}, "haproxy, the last drains")
    a.register("state=up")
    soon(lambda: haproxy.answering() == {"a"}, "haproxy, is up again")
    d.remove()
    a.remove()
    soon(lambda: haproxy.answering() == {503}, "haproxy, the last is removed")


@needs_haproxy
def test_haproxy_goes_on_while_weftd_is_down(proxied):
    fleet, haproxy = proxied
    fleet.add("a")
    soon(lambda: haproxy.answering() == {"a"}, "haproxy, comes")
    fleet.weftd.kill()
    end = time.monotonic() + 2
    while time.monotonic() < end:
        assert haproxy.answering() == {"a"}
    fleet.weftd.start()
    fleet.add("b")
    soon(lambda: haproxy.answering() == {"a", "b"}, "haproxy, comes after a crash of weftd")


@needs_haproxy
def test_haproxy_has_all_of_a_type_that_no_datagram_holds(proxied):
    fleet, haproxy = proxied
    lines = ["n1.nodes 60 IN A 127.0.0.1"] + [
        f"i{i:02}._http._tcp 60 IN SRV 0 0 {1000 + i} n1.nodes" for i in range(64)]
    reply = updates.send(fleet.weftd, updates=lines, key=fleet.key("n1"), tcp=True)
    assert reply.rcode == "NOERROR", reply
    soon(lambda: haproxy.servers() == {("127.0.0.1", 1000 + i) for i in range(64)},
         "haproxy, 64 come")


# ---- nginx ----

@needs_nginx
def test_nginx_follows_the_instances(make_fleet, tmp_path):
    fleet = make_fleet()
    weftd, (address, port), (_, instance_port) = fleet.weftd, free_address(), free_address()
    (tmp_path / "weft.conf").write_text(recipe(
        "nginx.conf", ("resolver 192.0.2.53:53", f"resolver {weftd.address}:{weftd.port}"),
        (".lab.cloud:8000", f".lab.cloud:{instance_port}"),
        ("listen 8080", f"listen {address}:{port}")))
    temporary = "".join(f"{kind}_temp_path {kind};" for kind in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        "daemon off; pid nginx.pid; error_log stderr; events {}\n"
        f"http {{ access_log off; {temporary} include weft.conf; }}\n")
    tmp_path.chmod(0o755)

    def seen():
        return answering(address, port)

    command = [program("nginx"), "-e", "stderr", "-p", str(tmp_path), "-c", "nginx.conf"]
    with running(command, tmp_path / "nginx.log"):
        wait_for(lambda: seen() == {502}, "nginx")
        web1 = fleet.add("web-1", instance_port, has_address=True)
        soon(lambda: seen() == {"web-1"}, "nginx, first comes")
        web2 = fleet.add("web-2", instance_port, has_address=True)
        soon(lambda: seen() == {"web-1", "web-2"}, "nginx, comes")
        web1.register("state=draining")
        soon(lambda: seen() == {"web-2"}, "nginx, drains")
        web1.register(has_address=True)
        soon(lambda: seen() == {"web-1", "web-2"}, "nginx, is up again")
        web2.remove()
        soon(lambda: seen() == {"web-1"}, "nginx, removed")
        web1.die()
        soon(lambda: seen() == {502}, "nginx, lease of the last ended")


# ---- Prometheus ----

def address_with_port_53():
    """A loopback address at which port 53 is free: resolv.conf cannot name another port."""
    for _ in attempts("address with a free port 53"):
        address = ".".join(["127", *(str(random.randrange(128, 250)) for _ in range(3))])
        try:
            for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
                with socket.socket(type=kind) as sock:
                    sock.bind((address, 53))
        except PermissionError:
            pytest.skip("needs a right to port 53")
        except OSError:
            continue
        return address, "53"


def with_resolver(address, folder, command):
    """The command line that runs `command` with a resolv.conf of its own that names the address."""
    (folder / "resolv.conf").write_text(f"nameserver {address}\n")
    inside = ["unshare", "-m", "--propagation", "private", "sh", "-c",
              'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(folder / "resolv.conf")]
    if subprocess.run([*inside, "true"], stderr=subprocess.DEVNULL, timeout=LIMIT_S).returncode != 0:
        pytest.skip("cannot mount")
    return [*inside, *command]


class Prometheus:
    """Prometheus with its recipe, with shorter intervals."""

    def __init__(self, weftd, folder):
        self.address, self.port = free_address()
        config = folder / "prometheus.yml"
        config.write_text(recipe("prometheus.yml", ("refresh_interval: 5s", "refresh_interval: 1s"),
                                 ("scrape_interval: 15s", "scrape_interval: 1s")))
        self.command = with_resolver(weftd.address, folder, [
            program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
            f"--web.listen-address={self.address}:{self.port}", "--log.level=warn"])
        self.log = folder / "prometheus.log"

    def run(self):
        return running(self.command, self.log)

    def targets(self):
        """The scraped targets: labels by name of the node."""
        try:
            said = get_json(self.address, self.port, "/api/v1/targets?state=active")
        except (ConnectionError, AssertionError):
            return None
        return {t["labels"]["node"]: t["labels"] for t in said["data"]["activeTargets"]}


def is_scraped(prometheus, *instances):
    """Whether exactly these are targets, and each was scraped."""
    names = {instance.name for instance in instances}
    return set(prometheus.targets()) == names and all(i.http.asked for i in instances)


@needs_prometheus
def test_prometheus_follows_the_instances(make_fleet, tmp_path):
    fleet = make_fleet("_metrics._tcp", address_with_port_53())
    prometheus = Prometheus(fleet.weftd, tmp_path)
    with prometheus.run():
        wait_for(lambda: prometheus.targets() is not None, "Prometheus")
        a, b, c, d = instances = [fleet.add(name) for name in "abcd"]
        soon(lambda: is_scraped(prometheus, *instances), "prometheus, come")
        assert prometheus.targets()["a"] == {
            "job": "metrics", "node": "a", "instance": f"a.nodes.lab.cloud:{a.port}"}
        c.die()
        b.remove()
        a.register("state=draining")
        soon(lambda: is_scraped(prometheus, d), "prometheus, lease ended, removed and drains")
        before = [i.http.asked for i in instances]
        wait_for(lambda: d.http.asked >= before[3] + 2, "scrapes of who is left")
        assert [i.http.asked for i in (a, b, c)] == before[:3]


# ---- external-dns ----

class ExternalDns:
    """Does what external-dns does with the values of the recipe: lists the zone by a transfer, and
    sends the difference to the wanted records, with TXT records for those it owns."""

    def __init__(self, weftd, values, secret):
        self.weftd = weftd
        args = [arg.removeprefix("--rfc2136-") for arg in values["extraArgs"]]
        args = dict(arg.partition("=")[::2] for arg in args)
        assert "tsig-axfr" in args
        self.zone, self.ttl = args["zone"], int(args["min-ttl"].removesuffix("s"))
        self.batch = int(args["batch-change-size"])
        self.prefix = values["txtPrefix"]
        self.owner = f"heritage=external-dns,external-dns/owner={values['txtOwnerId']}"
        self.key = {"keyname": args["tsig-keyname"], "keyalgorithm": args["tsig-secret-alg"]}
        self.keyring = dns.tsigkeyring.from_text({args["tsig-keyname"]: secret})

    def listed(self):
        """The addresses in the zone, and the names that have an owner's TXT record of ours."""
        addresses, owned = {}, set()
        for message in dns.query.xfr(self.weftd.address, self.zone, port=self.weftd.port,
                                     keyring=self.keyring, lifetime=LIMIT_S, **self.key):
            for rrset in message.answer:
                name = rrset.name.to_text()
                if rrset.rdtype == dns.rdatatype.A:
                    addresses.setdefault(name, set()).update(rdata.address for rdata in rrset)
                elif rrset.rdtype == dns.rdatatype.TXT and self.owner in rrset[0].to_text():
                    owned.add(name.removeprefix(f"{self.prefix}a-"))
        return addresses, owned

    def records(self, name, addresses):
        said = f'"{self.owner},external-dns/resource=ingress/default/{name}"'
        return [(name, "A", address) for address in sorted(addresses)] + [
            (f"{self.prefix}a-{name}", "TXT", said)]

    def sync(self, wanted):
        """Brings the names that it may change to the wanted records. Returns how many updates it
        sent."""
        addresses, owned = self.listed()
        changes = []
        for name in sorted(owned | (wanted.keys() - addresses.keys())):
            if addresses.get(name) != wanted.get(name):
                old, new = addresses.get(name, set()), wanted.get(name, set())
                changes.append((self.records(name, old) if old else [],
                                self.records(name, new) if new else []))
        for at in range(0, len(changes), self.batch):
            self.send(changes[at:at + self.batch])
        return len(changes)

    def send(self, changes):
        message = dns.update.Update(self.zone, keyring=self.keyring, **self.key)
        for old, new in changes:
            for owner, rdtype, rdata in old:
                message.delete(owner, rdtype, rdata)
            for owner, rdtype, rdata in new:
                message.add(owner, self.ttl, rdtype, rdata)
        answer = dns.query.tcp(message, self.weftd.address, port=self.weftd.port, timeout=LIMIT_S)
        assert answer.rcode() == 0, answer


@pytest.fixture
def external_dns(make_weftd):
    """A weftd that is configured as in the recipe, and the external-dns that updates it."""
    text = recipe("external-dns.yaml")
    snippet = re.search(r"In weftd\.conf:\n#\n((?:#     .*\n)+)", text)[1]
    weftd = make_weftd()
    done = subprocess.run([WEFT, "key", "generate", "external-dns", "-o", "external-dns.key"],
                          cwd=weftd.folder, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    secret = re.search(r'secret "([^"]+)"', (weftd.folder / "external-dns.key").read_text())[1]
    weftd.zone("$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 10\n@ NS ns\nns A 127.0.0.1\n",
               "k8s.lab.cloud")
    server = weftd.configure({}).conf.read_text().partition("key:\n")[0]
    weftd.conf.write_text(server + re.sub("^#     ", "", snippet, flags=re.M))
    return ExternalDns(weftd.start(), yaml.safe_load(text), secret)


def test_what_external_dns_sends_is_done(external_dns):
    wanted = {"app": {"10.0.0.1", "10.0.0.2"}, "shop": {"10.0.0.3"}}
    before = external_dns.listed()
    assert external_dns.sync(wanted) == 2
    assert external_dns.sync(wanted) == 0
    wanted["app"] = {"10.0.0.2", "10.0.0.4"}
    del wanted["shop"]
    assert external_dns.sync(wanted) == 2
    addresses, owned = external_dns.listed()
    assert (addresses["app"], owned) == (wanted["app"], {"app"})
    assert "shop" not in addresses
    many = {f"app-{i:03}": {f"10.1.0.{i}"} for i in range(120)}
    assert external_dns.sync(many) == 121
    assert external_dns.listed()[1] == set(many)
    assert external_dns.sync({}) == 120
    assert external_dns.listed() == before


def test_external_dns_takes_no_name_of_another(external_dns):
    assert external_dns.sync({"ns": {"10.0.0.9"}}) == 0
    assert external_dns.listed()[0] == {"ns": {"127.0.0.1"}}


def test_the_zone_of_external_dns_is_for_its_key_alone(external_dns):
    weftd = external_dns.weftd
    assert "REFUSED" in weftd.nsupdate("update add x.k8s.lab.cloud 30 A 10.0.0.1",
                                       zone="k8s.lab.cloud", key=False, check=False).stderr
    with pytest.raises(dns.exception.DNSException):
        list(dns.query.xfr(weftd.address, "k8s.lab.cloud", port=weftd.port, timeout=LIMIT_S))
