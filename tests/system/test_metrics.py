# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Metrics and health: what the pages have, who may read them and how, and that Prometheus, its
rules and the dashboard fit what weftd serves."""

import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess

import pytest
import yaml

import leases
import tls
from conftest import ZONE
from recipes import get_json, program, running
from scraping import Scraped
from services import ZONE as VIEW_ZONE
from services import options, register
from updates import Key, Reply, exchange, lookup, send, signed
from loopback import free_address, free_port
from waiting import LIMIT_S, wait_for

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))
CONTRIB = SRC / "contrib/prometheus"
PROMTOOL = program("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool")
needs_prometheus = pytest.mark.skipif(program("prometheus") is None, reason="needs prometheus")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


@pytest.fixture
def scraped(make_weftd):
    """A weftd that serves lab.cloud, and its metrics."""
    scraped = Scraped(make_weftd())
    scraped.weftd.zone()
    scraped.weftd.configure(server=scraped.server).start()
    return scraped


# ---- what the pages have ----

def refused_key(weftd, name):
    """The RCODE for an update that a key of that name with another secret signs."""
    message, _ = signed(["x 60 IN A 10.0.0.1"], key=Key(name, "d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmch"))
    return Reply(exchange(weftd, message)).rcode


def test_the_figures_follow_what_happens(make_weftd):
    scraped = Scraped()
    weftd, key = leases.fabric(make_weftd, zone=VIEW_ZONE, lease=options(), server=scraped.server)
    scraped.weftd = weftd.start()
    before = scraped.samples()
    serial = before["weft_zone_serial", (("zone", "lab.cloud."),)]
    served = weftd, key("n1")
    for name in "abc":
        register(served, name, lease=300)
    for _ in range(5):
        assert lookup(weftd, "ns.lab.cloud", "A") and not lookup(weftd, "x.lab.cloud", "A")
    lookup(weftd, "ns.lab.cloud", "A", tcp=True)
    assert refused_key(weftd, "n1.keys.lab.cloud") == "NOTAUTH"
    assert weftd.weft("drain", "b._http._tcp.lab.cloud").returncode == 0
    scraped.wait_for(1, "weft_service_instances", state="drained")
    now = scraped.samples()

    def more(name, **labels):
        sample = name, tuple(sorted(labels.items()))
        return now[sample] - before.get(sample, 0)

    assert more("weft_updates_total", rcode="NOERROR") == 3
    assert more("weft_update_wait_seconds_count") == 3
    assert more("weft_commit_duration_seconds_count") >= 1
    assert more("weft_commit_duration_seconds_bucket", le="+Inf") == \
        more("weft_commit_duration_seconds_count")
    assert more("weft_store_commits_total") == more("weft_commit_duration_seconds_count")
    assert more("weft_queries_total", transport="udp") >= 13
    assert more("weft_queries_total", transport="tcp") == 1
    assert more("weft_queries_by_type_total", type="A") >= 11
    assert more("weft_responses_by_rcode_total", rcode="NXDOMAIN") == 5
    assert more("weft_refused_total", reason="bad-mac") == 1
    assert more("weft_leases") == 3
    assert more("weft_lease_events_total", event="granted") == 3
    assert more("weft_service_instances", state="live") == 2
    assert now["weft_zone_serial", (("zone", "lab.cloud."),)] > serial
    # Queries by UDP and TCP, and updates; not that of a bad signature.
    assert more("weft_zone_requests_total", zone="lab.cloud.") == 11 + 3
    assert now["weft_zone_records", (("zone", "lab.cloud."),)] == more(
        "weft_zone_records", zone="lab.cloud.") + before[
            "weft_zone_records", (("zone", "lab.cloud."),)] > 8
    assert now["weft_build_info", (("version", weftd.json("status")["version"]),)] == 1
    assert now["process_resident_memory_bytes", ()] > 1e6
    assert now["process_open_fds", ()] > 5


def test_nothing_from_the_network_becomes_a_label(scraped):
    before = set(scraped.samples())
    for number in range(50):
        lookup(scraped.weftd, f"n{number}.lab.cloud", "A")
        send(scraped.weftd, updates=[f"a{number} 60 IN A 10.0.0.1"])
        assert refused_key(scraped.weftd, f"k{number}.keys.example") == "NOTAUTH"
    scraped.wait_for(50, "weft_updates_total", rcode="NOERROR")
    assert set(scraped.samples()) - before <= {
        ("weft_queries_by_type_total", (("type", "A"),)),
        ("weft_responses_by_rcode_total", (("rcode", "BADKEY"),))}


@needs_promtool
def test_promtool_finds_nothing_to_improve(scraped):
    lookup(scraped.weftd, "ns.lab.cloud", "A")
    status, headers, text = scraped.get("/metrics")
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_openmetrics_is_served_to_those_who_ask_for_it(scraped):
    _, headers, text = scraped.get("/metrics", OPENMETRICS)
    assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert text.endswith("\n# EOF\n") and text.count("# EOF") == 1
    assert "# TYPE weft_queries counter\n" in text and "\nweft_queries_total{" in text


def families(text):
    """The names of the families of a page in Prometheus' format."""
    return set(re.findall(r"^# TYPE (\w+) ", text, re.M))


def test_the_manual_has_every_metric_and_no_other(make_weftd):
    scraped = Scraped()
    scraped.weftd = tls.server(make_weftd(), scraped.server).start()
    manual = (SRC / "man/weftd.8").read_text().partition(".Sh MONITORING")[2].partition(".Sh ")[0]
    named = set(re.findall(r"\b(weft_\w+)", manual))
    assert named == {name for name in families(scraped.get("/metrics")[2])
                     if name.startswith("weft_")}


# ---- health ----

def test_a_refused_configuration_is_a_reason_until_it_is_mended(scraped):
    weftd = scraped.weftd
    scraped.wait_for_reasons()
    good = weftd.conf.read_text()
    weftd.conf.write_text(good + "nonsense: 1\n")
    assert weftd.weft("reload", check=False).returncode != 0
    assert "invalid" in scraped.wait_for_reasons("config")["config"]
    scraped.wait_for(0, "weft_config_last_reload_successful")
    scraped.wait_for(1, "weft_unwell", reason="config")
    weftd.conf.write_text(good)
    weftd.weft("reload")
    scraped.wait_for_reasons()
    scraped.wait_for(1, "weft_config_last_reload_successful")
    scraped.wait_for(0, "weft_unwell", reason="config")


def test_a_zone_without_its_files_changes_is_a_reason(scraped):
    weftd = scraped.weftd
    weftd.zone(ZONE + "bad A 1.2.3\n")
    weftd.weft("zone", "reload", "lab.cloud", check=False)
    assert "lab.cloud." in scraped.wait_for_reasons("zones")["zones"]
    scraped.wait_for(1, "weft_zone_file_state", zone="lab.cloud.", state="refused")
    scraped.wait_for(0, "weft_zone_file_state", zone="lab.cloud.", state="served")
    weftd.zone(ZONE + "good A 10.0.0.3\n")
    weftd.weft("zone", "reload", "lab.cloud")
    scraped.wait_for_reasons()
    scraped.wait_for(1, "weft_zone_file_state", zone="lab.cloud.", state="served")


def test_without_the_port_the_registry_serves_all_the_same(make_weftd):
    scraped = Scraped(make_weftd())
    scraped.weftd.zone()
    with socket.create_server((scraped.address, scraped.port)):
        scraped.weftd.configure(server=scraped.server).start()
        assert lookup(scraped.weftd, "ns.lab.cloud", "A")
        assert f"cannot serve metrics on {scraped.address}@{scraped.port}" in scraped.weftd.log()


# ---- who may read, and how ----

def test_nothing_listens_unless_it_is_configured(weftd):
    listening = pathlib.Path(f"/proc/{weftd.process.pid}/net/tcp").read_text()
    ends = {os.readlink(fd) for fd in pathlib.Path(f"/proc/{weftd.process.pid}/fd").iterdir()
            if fd.is_symlink()}
    ports = {int(fields[1].split(":")[1], 16)
             for fields in map(str.split, listening.splitlines()[1:])
             if fields[3] == "0A" and f"socket:[{fields[9]}]" in ends}
    assert ports == {weftd.port}


def test_other_methods_and_paths_are_refused(scraped):
    for method in "POST", "PUT", "DELETE", "OPTIONS", "PATCH":
        status, headers, _ = scraped.get("/metrics", method=method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert scraped.get("/metrics", method="HEAD")[::2] == (200, "")
    for path in "/", "/metrics/../healthz", "/etc/passwd":
        assert scraped.get(path)[0] == 404


@needs_root
def test_it_is_served_without_privileges(make_weftd):
    scraped = Scraped(make_weftd())
    weftd = scraped.weftd
    weftd.zone()
    weftd.admit_users()
    weftd.folder.chmod(0o777)
    shutil.rmtree(weftd.folder / "state")
    weftd.configure(server=f"user: nobody\n{scraped.server}").start()
    uid = str(pwd.getpwnam("nobody").pw_uid)
    status = pathlib.Path(f"/proc/{weftd.process.pid}/status").read_text()
    assert f"Uid:\t{uid}\t" in status and "Seccomp:\t2" in status
    assert scraped.health() == (200, {})
    samples = scraped.samples()
    assert samples["process_open_fds", ()] > 5 and samples["process_resident_memory_bytes", ()] > 0


def test_clients_that_never_finish_hurt_nobody(scraped):
    """Slowloris: hundreds of connections, each with a part of a request, one more octet now and
    then."""
    weftd = scraped.weftd
    files = scraped.value("process_open_fds")
    slow = []
    try:
        for number in range(300):
            sock = socket.create_connection((scraped.address, scraped.port), timeout=LIMIT_S)
            sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: ")
            slow.append(sock)
            if number % 50 == 0:
                assert lookup(weftd, "ns.lab.cloud", "A")
                assert send(weftd, updates=[f"a{number} 60 IN A 10.0.0.1"]).rcode == "NOERROR"
                assert scraped.health() == (200, {})
            for one in slow[-200:-1:20]:
                try:
                    one.sendall(b"x")
                except OSError:     # it had to make room
                    pass
        assert scraped.value("process_open_fds") <= files + 40
    finally:
        for sock in slow:
            sock.close()
    wait_for(lambda: scraped.value("process_open_fds") <= files + 2, "closed connections")


def test_a_silent_client_is_cut_off(scraped):
    with socket.create_connection((scraped.address, scraped.port), timeout=LIMIT_S) as sock:
        sock.sendall(b"GET /metrics HTTP/1.1\r\n")
        assert sock.recv(1) == b""


# ---- what fits it: Prometheus, rules, dashboard ----

def metrics_in(text):
    """The metrics that expressions name."""
    names = set(re.findall(r"\b((?:weft|process)_\w+)", text))
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def test_the_dashboard_and_the_rules_name_metrics_that_exist(make_weftd):
    scraped = Scraped()
    weftd, _ = leases.fabric(make_weftd, server=f"""{scraped.server}
listen-tls: {scraped.address}@{free_port(scraped.address)}""")
    weftd.start()
    dashboard = json.loads((CONTRIB / "weftd-dashboard.json").read_text())
    rules = yaml.safe_load((CONTRIB / "weftd-rules.yml").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"]
                   for target in panel.get("targets", [])]
    expressions += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(expressions) > 30
    known = families(scraped.get("/metrics")[2])
    unknown = {name: expression for expression in expressions for name in metrics_in(expression)
               if name not in known}
    assert not unknown
    for panel in dashboard["panels"]:
        assert panel["title"] and ("targets" in panel) == (panel["type"] != "row")
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))


@needs_promtool
def test_the_rules_alert_when_they_should():
    for command in ["check", "rules", "weftd-rules.yml"], ["test", "rules", "weftd-rules-test.yml"]:
        done = subprocess.run([PROMTOOL, *command], cwd=CONTRIB, capture_output=True, text=True,
                              timeout=LIMIT_S)
        assert done.returncode == 0, done.stdout + done.stderr
    tested = yaml.safe_load((CONTRIB / "weftd-rules-test.yml").read_text())
    rules = yaml.safe_load((CONTRIB / "weftd-rules.yml").read_text())
    assert {case["alertname"] for test in tested["tests"] for case in test["alert_rule_test"]
            if case["exp_alerts"]} == {rule["alert"] for group in rules["groups"]
                                       for rule in group["rules"]}


@needs_prometheus
def test_prometheus_scrapes_it(scraped, tmp_path):
    address, port = free_address()
    config = (CONTRIB / "prometheus.yml").read_text()
    for old, new in (("127.0.0.1:9153", f"{scraped.address}:{scraped.port}"),
                     ("/etc/prometheus/weftd-rules.yml", str(CONTRIB / "weftd-rules.yml")),
                     ("scrape_interval: 15s", "scrape_interval: 1s"),
                     ("evaluation_interval: 15s", "evaluation_interval: 1s")):
        assert old in config
        config = config.replace(old, new)
    (tmp_path / "prometheus.yml").write_text(config)
    command = [program("prometheus"), f"--config.file={tmp_path}/prometheus.yml",
               f"--storage.tsdb.path={tmp_path}/tsdb", f"--web.listen-address={address}:{port}",
               "--log.level=warn"]

    def query(expression):
        try:
            said = get_json(address, port, "/api/v1/query?query=" + expression)
        except (ConnectionError, AssertionError):
            return None
        return [float(one["value"][1]) for one in said["data"]["result"]]

    with running(command, tmp_path / "prometheus.log"):
        wait_for(lambda: query("up") == [1], "scrape")
        lookup(scraped.weftd, "ns.lab.cloud", "A")
        wait_for(lambda: query("weft_queries_total%7Btransport=%22udp%22%7D") == [1], "a query")
        assert query("weft_build_info") == [1]
        assert query("count(weft_commit_duration_seconds_bucket)") == [19]
        kinds = get_json(address, port, "/api/v1/metadata?metric=weft_commit_duration_seconds")
        assert kinds["data"]["weft_commit_duration_seconds"][0]["type"] == "histogram"
        said = wait_for(lambda: [group for group in get_json(
            address, port, "/api/v1/rules")["data"]["groups"]
            if all(rule["health"] == "ok" for rule in group["rules"])], "rules evaluated")
        assert len(said) == 1 and len(said[0]["rules"]) > 8
        target = get_json(address, port, "/api/v1/targets")["data"]["activeTargets"][0]
        assert (target["health"], target["lastError"]) == ("up", "")
