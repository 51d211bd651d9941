# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft setup-resolver: what it prints and installs is taken by the real resolvers, which then answer
for the domain; and without it they do not."""

import json
import os
import subprocess

import pytest

import netns
from conftest import WEFT, ZONE
from resolvers import (Dnsmasq, Resolved, Unbound, make_resolver, needs,  # noqa: F401
                       needs_resolved)
from waiting import LIMIT_S

# A trust anchor of a signed parent, as the real cloud has one.
SIGNED_CLOUD = "cloud. DS 12345 13 2 " + "ab" * 32
NAMES = ["systemd-resolved", "unbound", "dnsmasq", "networkmanager"]


def run(*args, env=None):
    return subprocess.run([WEFT, "setup-resolver", *map(str, args)], capture_output=True, text=True,
                          timeout=LIMIT_S, check=False,
                          env={**os.environ, "WEFT_REGISTRY": "", **(env or {})})


def snippet(resolver, weftd, *more):
    done = run(resolver, "--domain", "lab.cloud", "--registry", f"{weftd.address}@{weftd.port}",
               *more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def served(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "plain A 192.168.7.7\n")
    weftd.zone("$ORIGIN 7.168.192.in-addr.arpa.\n$TTL 60\n@ SOA ns.lab.cloud. h 1 1 1 1 10\n"
               "@ NS ns.lab.cloud.\n7 PTR plain.lab.cloud.\n", "7.168.192.in-addr.arpa")
    weftd.configure({"lab.cloud": "", "7.168.192.in-addr.arpa": ""})
    return weftd.start()


# ---- what the resolvers make of it ----

@needs("unbound", "unbound-checkconf")
def test_unbound_answers_for_the_domain_below_a_signed_parent(served, make_resolver):
    options = f'trust-anchor: "{SIGNED_CLOUD}"\nprivate-address: 192.168.0.0/16'
    text = snippet("unbound", served, "--reverse", "192.168.7.0/24")
    upstream = f"{served.address}@{served.port}"
    here = make_resolver(Unbound, more=text, options=options, modules="validator iterator",
                         upstream=upstream)
    assert here.dig("plain.lab.cloud", "A", "+short") == "192.168.7.7\n"
    assert here.dig("-x", "192.168.7.7", "+short") == "plain.lab.cloud.\n"
    assert "status: NXDOMAIN" in here.dig("none.lab.cloud", "A")
    # What the lines are for: each is missed.
    for line in ("domain-insecure", "private-domain"):
        less = "\n".join(part for part in text.splitlines() if line not in part)
        other = make_resolver(Unbound, more=less, options=options, modules="validator iterator",
                         upstream=upstream)
        assert other.dig("plain.lab.cloud", "A", "+short") == "", line
    less = "\n".join(part for part in text.splitlines() if "transparent" not in part)
    other = make_resolver(Unbound, more=less, options=options, modules="validator iterator",
                         upstream=upstream)
    assert other.dig("-x", "192.168.7.7", "+short") == ""


@needs("dnsmasq")
@pytest.mark.parametrize("resolver", ["dnsmasq", "networkmanager"])
def test_dnsmasq_answers_for_the_domain_in_spite_of_rebind_protection(served, make_resolver,
                                                                      tmp_path, resolver):
    done = run(resolver, "--domain", "lab.cloud", "--registry", f"{served.address}@{served.port}",
               "--reverse", "192.168.7.0/24", "--json")
    text = json.loads(done.stdout)["files"][0]["text"]
    here = make_resolver(Dnsmasq, more=text + f"stop-dns-rebind\ndnssec\n"
                         f"trust-anchor=.,20326,8,2,{'AB' * 32}")
    assert here.dig("plain.lab.cloud", "A", "+short") == "192.168.7.7\n"
    assert here.dig("-x", "192.168.7.7", "+short") == "plain.lab.cloud.\n"
    less = "\n".join(line for line in text.splitlines() if "rebind" not in line)
    other = make_resolver(Dnsmasq, more=less + "\nstop-dns-rebind")
    assert other.dig("plain.lab.cloud", "A", "+short") == ""


@needs_resolved
def test_resolved_answers_for_the_domain_and_does_not_validate_it(make_weftd, make_resolver,
                                                                  tmp_path):
    """With another port than 53, and as if all else were validated."""
    pair = netns.Pair()    # without a network it asks nobody
    root = tmp_path / "root"
    (root / "etc/systemd/resolved.conf.d").mkdir(parents=True)
    (root / "etc/systemd/resolved.conf.d/strict.conf").write_text(
        "[Resolve]\nDNSSEC=yes\nLLMNR=no\nMulticastDNS=no\nFallbackDNS=\n")
    try:
        with pair.here.inside():
            weftd = make_weftd()
            weftd.zone(ZONE + "plain A 192.168.7.7\n")
            weftd.configure().start()
            done = run("systemd-resolved", "--domain", "lab.cloud", "--registry",
                       f"{weftd.address}@{weftd.port}", "--install", "--root", root)
            assert done.returncode == 0, done.stderr
            here = make_resolver(Resolved, root)
            assert here.dig("plain.lab.cloud", "A", "+short") == "192.168.7.7\n"
            here.stop()
            (root / "etc/dnssec-trust-anchors.d/weft-lab.cloud.negative").unlink()
            other = make_resolver(Resolved, root)
            assert "status: SERVFAIL" in other.dig("plain.lab.cloud", "A")
            other.stop()
            assert weftd.stop() == 0
    finally:
        pair.close()


def test_each_address_is_written_as_the_resolver_wants_it():
    addresses = "192.0.2.1, 192.0.2.1@5300 2001:db8::1 2001:db8::1@5300"
    wanted = {
        "systemd-resolved": ["DNS=192.0.2.1 192.0.2.1:5300 2001:db8::1 [2001:db8::1]:5300",
                             "Domains=~lab.cloud"],
        "unbound": ["    stub-addr: 192.0.2.1@53", "    stub-addr: 192.0.2.1@5300",
                    "    stub-addr: 2001:db8::1@53", "    stub-addr: 2001:db8::1@5300"],
        "dnsmasq": ["server=/lab.cloud/192.0.2.1#53", "server=/lab.cloud/192.0.2.1#5300",
                    "server=/lab.cloud/2001:db8::1#53", "server=/lab.cloud/2001:db8::1#5300"],
        "networkmanager": ["server=/lab.cloud/2001:db8::1#5300", "dns=dnsmasq"],
    }
    for name in NAMES:
        done = run(name, "--domain", "LAB.cloud.", "--registry", addresses)
        assert (done.returncode, done.stderr) == (0, "")
        lines = done.stdout.splitlines()
        assert all(line in lines for line in wanted[name]), done.stdout


# ---- installing ----

@pytest.fixture
def root(tmp_path):
    for folder in ("systemd", "unbound", "NetworkManager", "dnsmasq.d"):
        (tmp_path / "root/etc" / folder).mkdir(parents=True)
    return tmp_path / "root"


def install(resolver, root, *more, registry="192.0.2.1"):
    return run(resolver, "--domain", "lab.cloud", "--registry", registry, "--root", root, *more)


@pytest.mark.parametrize("resolver", NAMES)
def test_files_are_written_replaced_and_removed(root, resolver):
    done = install(resolver, root, "--install", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["resolver"] == resolver and answer["reload"]
    for file in answer["files"]:
        path = root / file["path"].lstrip("/")
        assert path.read_text() == file["text"] and path.stat().st_mode & 0o777 == 0o644
        assert file["done"] == "written"
    done = install(resolver, root, "--install")
    assert done.stdout == "".join(f"{root}{file['path']}: unchanged\n" for file in answer["files"])
    done = install(resolver, root, "--install", registry="192.0.2.2")
    assert "written\n" in done.stdout and "then: " in done.stdout
    first = root / answer["files"][0]["path"].lstrip("/")
    assert not list(first.parent.glob("*.??????"))
    done = run(resolver, "--domain", "lab.cloud", "--remove", "--root", root)
    assert done.returncode == 0 and done.stdout.count(": removed\n") == len(answer["files"])
    assert not any((root / file["path"].lstrip("/")).exists() for file in answer["files"])
    done = run(resolver, "--domain", "lab.cloud", "--remove", "--root", root)
    assert done.returncode == 0 and done.stdout.count(": absent\n") == len(answer["files"])


def test_a_file_of_somebody_else_stays(root):
    path = root / "etc/dnsmasq.d/weft-lab.cloud.conf"
    path.write_text("# mine\n")
    for action in ("--install", "--remove"):
        done = install("dnsmasq", root, action)
        assert done.returncode == 1 and f"{path}: weft setup-resolver has not made" in done.stderr
        assert path.read_text() == "# mine\n"
    assert install("dnsmasq", root, "--install", "--force").returncode == 0
    assert "server=/lab.cloud/" in path.read_text()
    path.unlink()
    target = root / "elsewhere"
    target.write_text("# mine\n")
    path.symlink_to(target)
    done = install("dnsmasq", root, "--install", "--force")
    assert "a symbolic link; remove it first" in done.stderr
    assert done.returncode == 1 and target.read_text() == "# mine\n"


def test_a_link_in_an_image_does_not_lead_out_of_it(root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "etc/dnsmasq.d").rmdir()
    (root / "etc/dnsmasq.d").symlink_to(outside)
    for options in (["--install"], ["--install", "--force"], ["--remove", "--force"]):
        (outside / "weft-lab.cloud.conf").write_text("# mine\n")
        done = install("dnsmasq", root, *options)
        assert done.returncode == 1 and f"leads to {outside}, out of {root}" in done.stderr
        assert (outside / "weft-lab.cloud.conf").read_text() == "# mine\n"
    (root / "etc/dnsmasq.d").unlink()
    (root / "etc/inside").mkdir()
    (root / "etc/dnsmasq.d").symlink_to("inside")
    assert install("dnsmasq", root, "--install").returncode == 0
    assert (root / "etc/inside/weft-lab.cloud.conf").exists()


def test_what_cannot_be_printed_is_reported(root):
    for options in ([], ["--json"], ["--install"], ["--remove"], ["-o", "-"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([WEFT, "setup-resolver", "dnsmasq", "-d", "lab.cloud", "--registry",
                                   "192.0.2.1", "--root", root, *options], stdout=full, text=True,
                                  stderr=subprocess.PIPE, timeout=LIMIT_S, check=False)
        assert (done.returncode, done.stderr) == (1, "weft: cannot write the answer\n"), options


def test_a_resolver_that_is_not_installed_is_named(tmp_path):
    (tmp_path / "etc").mkdir()
    done = install("unbound", tmp_path, "--install")
    assert done.returncode == 1 and "is the resolver installed?" in done.stderr


def test_an_output_file_is_not_replaced(tmp_path):
    out = tmp_path / "out.conf"
    assert install("unbound", tmp_path, "-o", out).returncode == 0
    assert "stub-zone:" in out.read_text()
    done = install("unbound", tmp_path, "-o", out)
    assert done.returncode == 1 and "--force" in done.stderr


# ---- which resolver there is ----

def process(root, number, name):
    folder = root / "proc" / str(number)
    folder.mkdir(parents=True)
    (folder / "comm").write_text(name + "\n")


@pytest.mark.parametrize("text, process_name, resolver, because", [
    ("nameserver 127.0.0.53\n", None, "systemd-resolved", "asks 127.0.0.53"),
    ("nameserver 127.0.0.1\n", "unbound", "unbound", "unbound runs"),
    ("nameserver ::1\n", "dnsmasq", "dnsmasq", "dnsmasq runs"),
    ("nameserver 127.0.0.1\n", "systemd-resolve", "systemd-resolved", "runs"),
])
def test_the_resolver_is_found(root, text, process_name, resolver, because):
    (root / "etc/resolv.conf").write_text(text)
    if process_name:
        process(root, 77, process_name)
    done = run("--domain", "lab.cloud", "--registry", "192.0.2.1", "--root", root, "--json")
    answer = json.loads(done.stdout)
    assert answer["resolver"] == resolver and because in answer["because"]


def test_a_link_and_a_plugin_are_found(root):
    (root / "etc/resolv.conf").symlink_to("../run/systemd/resolve/stub-resolv.conf")
    done = run("--domain", "lab.cloud", "--registry", "192.0.2.1", "--root", root)
    assert done.returncode == 0 and "systemd-resolved: /etc/resolv.conf is a link" in done.stderr
    (root / "etc/NetworkManager/conf.d").mkdir()
    (root / "etc/NetworkManager/conf.d/dns.conf").write_text("[main]\ndns = dnsmasq\n")
    done = run("--domain", "lab.cloud", "--registry", "192.0.2.1", "--root", root)
    assert done.returncode == 0 and "networkmanager: NetworkManager is configured" in done.stderr


@pytest.mark.parametrize("text, message", [
    ("nameserver 192.0.2.53\n", "asks 192.0.2.53, which is not on this host"),
    ("nameserver 127.0.0.1\n", "neither unbound nor dnsmasq nor systemd-resolved runs"),
])
def test_if_none_is_found_it_says_what_there_is(root, text, message):
    (root / "etc/resolv.conf").write_text(text)
    (root / "proc").mkdir()
    done = run("--domain", "lab.cloud", "--registry", "192.0.2.1", "--root", root)
    assert (done.returncode, done.stdout) == (1, "") and message in done.stderr


# ---- the command line ----

@pytest.mark.parametrize("args, message", [
    (["bind"], 'unknown resolver "bind"'),
    (["unbound", "--domain", "a..b"], 'invalid name "a..b"'),
    (["unbound", "--domain", 'a"b'], "takes letters, digits, - and _"),
    (["unbound", "--domain", "."], "for the root"),
    (["unbound", "--domain", "a", "--registry", "ns..lab"], "ns..lab"),
    (["unbound", "--domain", "a", "--registry", "::1@99999"], "::1@99999"),
    (["unbound", "--domain", "a", "--registry", ","], "registry"),
    (["unbound", "--domain", "a", "--registry", "::1", "--reverse", "10.0.0.0/9"], "8, 16, 24"),
    (["unbound", "--domain", "a", "--registry", "::1", "--reverse", "2001:db8::/33"], "of 4 bits"),
    (["unbound", "--domain", "a", "--registry", "::1", "--reverse", "x"], "invalid prefix"),
    (["unbound", "--install", "--remove"], "exclude each other"),
    (["unbound", "--install", "-o", "x"], "excludes"),
    (["unbound", "--install", "--root", ""], "--root: the folder is empty"),
    (["unbound", "--reload"], "needs --install or --remove"),
    (["unbound", "--install", "--reload", "--root", "/x"], "not for --root"),
    (["unbound", "dnsmasq"], "usage: weft setup-resolver [RESOLVER]"),
])
def test_wrong_usage_is_reported(args, message):
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "") and message in done.stderr


def test_registries_come_from_the_environment():
    done = run("dnsmasq", "--domain", "lab.cloud", env={"WEFT_REGISTRY": "192.0.2.1@54"})
    assert done.returncode == 0 and "server=/lab.cloud/192.0.2.1#54\n" in done.stdout


def test_completion_offers_resolvers_and_options():
    def offered(*words):
        done = subprocess.run([WEFT, "--complete", *words], capture_output=True, text=True,
                              timeout=LIMIT_S, check=True)
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert offered("setup-resolver", "u") == ["unbound"]
    assert {"--install", "--remove", "--domain", "--registry"} <= set(offered("setup-resolver",
                                                                               "--"))
