# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft key issue --for: weftd, set up as the comments of the key file say, takes what the program
sends. acme.sh runs nsupdate, so does the test; what certbot, external-dns and Kea send is built here
from what they read of the comments."""

import re
import subprocess

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsigkeyring
import dns.update
import pytest
import yaml

import leases
from conftest import WEFT
from updates import lookup, next_id
from waiting import LIMIT_S

CHALLENGE = "_acme-challenge.n1.nodes.lab.cloud"
REVERSE = "$TTL 60\n@ SOA ns.lab.cloud. h.lab.cloud. 1 3600 600 86400 10\n@ NS ns.lab.cloud.\n"
DHCID = "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA="


class Hinted:
    """A weftd with the built-in policy, and the comments that `weft key issue NAME --for PROGRAM`
    prints."""

    def __init__(self, make_weftd, name, program):
        self.weftd, _ = leases.fabric(make_weftd)
        self.path = self.weftd.folder / "hinted.key"
        leases.weft(self.weftd, "key", "issue", name, "-f", "lab.cloud.fabric", "--for", program,
                    "-o", str(self.path))
        self.text = re.sub("(?m)^#  ?", "", re.sub("(?m)^[^#].*\n", "", self.path.read_text()))
        self.name, self.secret = re.search(r'key "([^"]+)".*secret "([^"]+)"',
                                           self.path.read_text(), re.S).groups()
        self.keyring = dns.tsigkeyring.from_text({self.name: self.secret})

    def found(self, pattern):
        return re.search(pattern, self.text, re.M)[1]

    def add_zones(self, *more):
        """Adds the zones that are printed, with their files, and others: to zone.update or none."""
        lines = list(more)
        for line in re.findall(r"^ *- (\{name: .*\})$", self.text, re.M):
            zone = yaml.safe_load(line)
            records = re.findall(r"^ *(@ 60 .*)$", self.text, re.M)
            (self.weftd.folder / zone["file"]).write_text("\n".join(records) + "\n")
            lines.append(line)
        conf = self.weftd.conf.read_text()
        zones = "".join(f"  - {line}\n" for line in lines)
        self.weftd.conf.write_text(conf.replace("zone:\n", f"zone:\n{zones}", 1))

    def update(self, zone):
        return dns.update.Update(zone, keyring=self.keyring, keyname=self.name,
                                 keyalgorithm="hmac-sha256")

    def send(self, message):
        """The RCODE of an update, as text; each time it is another message."""
        message.id = next_id()
        message.use_tsig(message.keyring)
        answer = dns.query.tcp(message, self.weftd.address, port=self.weftd.port, timeout=LIMIT_S)
        return dns.rcode.to_text(answer.rcode())


def lookup_txt(weftd, owner):
    return {text.split(" ", 1)[1] for text in lookup(weftd, owner, "TXT")}


# ---- certificates ----

def nsupdate(hinted, line):
    """What acme.sh's dns_nsupdate runs, with the variables that the comments export."""
    values = dict(re.findall(r"(NSUPDATE_\w+)=(\S+)", hinted.text))
    assert values.keys() == {"NSUPDATE_SERVER", "NSUPDATE_ZONE", "NSUPDATE_KEY"}
    script = (f"server {hinted.weftd.address} {hinted.weftd.port}\nzone {values['NSUPDATE_ZONE']}.\n"
              f"{line}\nsend\n")
    return subprocess.run(["nsupdate", "-k", str(hinted.path)], input=script, capture_output=True,
                          text=True, timeout=LIMIT_S)


def test_acme_sh_proves_the_name_of_a_node(make_weftd):
    hinted = Hinted(make_weftd, "n1", "acme.sh")
    hinted.weftd.start()
    domain = hinted.found(r"--dns dns_nsupdate -d (\S+)$")
    assert domain == "n1.nodes.lab.cloud"
    for value in "one", "two":
        done = nsupdate(hinted, f'update add _acme-challenge.{domain}. 60 in txt "{value}"')
        assert done.returncode == 0, done.stderr
    assert lookup_txt(hinted.weftd, CHALLENGE) == {'"one"', '"two"'}
    done = nsupdate(hinted, f"update delete _acme-challenge.{domain}. txt")
    assert done.returncode == 0, done.stderr
    assert lookup_txt(hinted.weftd, CHALLENGE) == set()
    # The name of another node is not its own, and at its own it may have TXT records only.
    for line in (f'update add {CHALLENGE.replace("n1", "n2")}. 60 in txt "x"',
                 f"update add {CHALLENGE}. 60 in cname www.lab.cloud."):
        assert "REFUSED" in nsupdate(hinted, line).stderr


def test_acme_sh_proves_any_name_with_the_key_of_the_administrator(make_weftd):
    hinted = Hinted(make_weftd, "admin", "acme.sh")
    hinted.weftd.start()
    domain = hinted.found(r"--dns dns_nsupdate -d (\S+)$").replace("HOST", "www")
    done = nsupdate(hinted, f'update add _acme-challenge.{domain}. 60 in txt "x"')
    assert done.returncode == 0 and domain == "www.lab.cloud", done.stderr


def soa_of(weftd, name):
    """The zone of a name, as certbot finds it: the longest ending with an authoritative SOA."""
    while True:
        query = dns.message.make_query(name, "SOA")
        query.flags &= ~dns.flags.RD
        answer = dns.query.udp(query, weftd.address, port=weftd.port, timeout=LIMIT_S)
        if answer.rcode() == 0 and answer.flags & dns.flags.AA and answer.answer:
            return name
        name = name.parent()


def test_certbot_proves_the_name_of_a_node(make_weftd):
    hinted = Hinted(make_weftd, "n1", "certbot")
    hinted.weftd.start()
    values = dict(re.findall(r"^ *dns_rfc2136_(\w+) = (\S+)$", hinted.text, re.M))
    assert values == {"server": "SERVER", "port": "53", "name": "n1.keys.lab.cloud.",
                      "secret": hinted.secret, "algorithm": "HMAC-SHA256"}
    name = dns.name.from_text("_acme-challenge." + hinted.found(r" -d (\S+)$"))
    zone = soa_of(hinted.weftd, name)
    assert zone.to_text() == "lab.cloud."
    update = hinted.update(zone)
    update.add(name.relativize(zone), 120, "TXT", '"token"')
    assert hinted.send(update) == "NOERROR"
    assert lookup_txt(hinted.weftd, CHALLENGE) == {'"token"'}
    update = hinted.update(zone)
    update.delete(name.relativize(zone), "TXT", '"token"')
    assert hinted.send(update) == "NOERROR"
    assert lookup_txt(hinted.weftd, CHALLENGE) == set()


# ---- names of a program's own choice ----

@pytest.mark.parametrize("name", ["n1", "admin"])
def test_external_dns_makes_its_records_and_those_that_own_them(make_weftd, name):
    hinted = Hinted(make_weftd, name, "external-dns")
    hinted.add_zones()
    args = dict(re.findall(r"--(\S+?)=(\S+)", hinted.text))
    transfer = hinted.found(r"(transfer: \{key: \S+?\})")
    conf = hinted.weftd.conf.read_text()
    hinted.weftd.conf.write_text(conf.replace("transfer: {address: [127.0.0.0/8]}", transfer))
    hinted.weftd.start()
    zone = args["rfc2136-zone"]
    assert args["provider"] == "rfc2136" and "--rfc2136-tsig-axfr" in hinted.text
    assert args["rfc2136-tsig-secret"] == hinted.secret
    names = {"web": "10.0.0.1", "*.apps": "10.0.0.2"}
    update = hinted.update(zone)
    for owner, address in names.items():
        owned = f"{args['txt-prefix']}a-{owner.replace('*', 'any')}"
        update.delete(owner, "A")
        update.add(owner, 300, "A", address)
        update.add(owned, 300, "TXT", '"heritage=external-dns,external-dns/owner=default"')
    assert hinted.send(update) == "NOERROR"
    listed = {rrset.name.to_text() for message in dns.query.xfr(
        hinted.weftd.address, zone, port=hinted.weftd.port, keyring=hinted.keyring,
        keyname=hinted.name, keyalgorithm=args["rfc2136-tsig-secret-alg"], lifetime=LIMIT_S)
              for rrset in message.answer}
    assert {"web", "*.apps", "external-dns-a-web", "external-dns-a-any.apps"} <= listed
    update = hinted.update(zone)
    update.delete("web", "A", "10.0.0.1")
    update.delete("external-dns-a-web", "TXT")
    assert hinted.send(update) == "NOERROR"
    assert not lookup(hinted.weftd, f"web.{zone}", "A")


def kea_adds(hinted, zone, fqdn):
    """The updates by which kea-dhcp-ddns adds a lease: for a new name, for one that it has, in the
    reverse zone (RFC 4703 sections 5.3.1, 5.3.2 and 5.4)."""
    new, again = hinted.update(zone), hinted.update(zone)
    new.absent(fqdn)
    new.add(fqdn, 1200, "A", "10.0.0.9")
    new.add(fqdn, 1200, "DHCID", DHCID)
    again.present(fqdn)
    again.present(fqdn, "DHCID", DHCID)
    again.delete(fqdn, "A")
    again.add(fqdn, 1200, "A", "10.0.0.9")
    back = hinted.update("0.0.10.in-addr.arpa")
    for rdtype, rdata in ("PTR", fqdn.to_text()), ("DHCID", DHCID):
        back.delete("9", rdtype)
        back.add("9", 1200, rdtype, rdata)
    return new, again, back


def kea_removes(hinted, zone, fqdn):
    """The updates by which it removes the lease (section 5.5)."""
    addresses, name = hinted.update(zone), hinted.update(zone)
    addresses.present(fqdn, "DHCID", DHCID)
    addresses.delete(fqdn, "A")
    name.present(fqdn, "DHCID", DHCID)
    name.absent(fqdn, "A")
    name.absent(fqdn, "AAAA")
    name.delete(fqdn)
    back = hinted.update("0.0.10.in-addr.arpa")
    back.present("9", "PTR", fqdn.to_text())
    back.delete("9")
    return addresses, name, back


@pytest.mark.parametrize("name", ["n1", "admin"])
def test_kea_adds_and_removes_the_names_of_its_clients(make_weftd, name):
    hinted = Hinted(make_weftd, name, "kea")
    key = hinted.found(r"^ *update: \{key: (\S+)\}$")
    assert key == hinted.name.removesuffix(".")
    hinted.weftd.zone(REVERSE, "0.0.10.in-addr.arpa")
    hinted.add_zones("{name: 0.0.10.in-addr.arpa, file: 0.0.10.in-addr.arpa.zone, "
                     f"update: {{key: {key}}}}}")
    hinted.weftd.start()
    zone = hinted.found(r'"forward-ddns": .*"name": "(\S+)"')
    assert zone == hinted.found(r'"ddns-qualifying-suffix": "(\S+)"')
    fqdn = dns.name.from_text(f"laptop.{zone}")
    new, again, back = kea_adds(hinted, zone, fqdn)
    assert [hinted.send(update) for update in (new, new, again, back)] \
        == ["NOERROR", "YXDOMAIN", "NOERROR", "NOERROR"]
    assert lookup(hinted.weftd, fqdn.to_text(), "A") == {"1200 10.0.0.9"}
    assert lookup(hinted.weftd, "9.0.0.10.in-addr.arpa", "PTR") == {f"1200 {fqdn}"}
    assert [hinted.send(update) for update in kea_removes(hinted, zone, fqdn)] == ["NOERROR"] * 3
    assert not lookup(hinted.weftd, fqdn.to_text(), "DHCID")
    assert not lookup(hinted.weftd, "9.0.0.10.in-addr.arpa", "DHCID")


def test_the_help_of_key_issue_names_each_program():
    done = subprocess.run([WEFT, "key", "issue", "n1", "--for", "nothing"], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode == 2
    for program in "nsupdate", "external-dns", "kea", "acme.sh", "certbot":
        assert program in done.stderr
