# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What an operator sees of services, nodes and their leases: `weft service`, `weft node`, `weft lease
list --key | --node`."""

import threading

import pytest

import leases
import updates
from services import (SUBTYPE, TYPE, check, lookup, new_served, options, register,
                      registration, remove, view)
from waiting import wait_for

N1, N2 = "n1.nodes.lab.cloud", "n2.nodes.lab.cloud"


def full(name, kind=TYPE):
    return f"{name}.{kind}.lab.cloud."


def add(served, *lines):
    weftd, key = served
    assert updates.send(weftd, updates=list(lines), key=key).rcode == "NOERROR"


@pytest.fixture
def served(make_weftd):
    """A weftd with two nodes that have addresses, and the key n1."""
    weftd, key = leases.fabric(
        make_weftd, lease=options(suspect="reports: 1, then: withdraw, panic: none"),
        zone=leases.SOA + "ns A 127.0.0.1\nn1.nodes A 10.0.0.1\nn1.nodes AAAA 2001:db8::1\n"
        "n2.nodes A 10.0.0.2\n")
    weftd.start()
    return weftd, key("n1")


def services(weftd, *args):
    return {row["instance"]: row for row in weftd.json("service", "list", *args)["services"]}


def states(weftd, *args):
    return {name.split(".")[0]: row["state"] for name, row in services(weftd, *args).items()}


def nodes(weftd, *args):
    return {row["node"]: row for row in weftd.json("node", "list", *args)["nodes"]}


# ---- services ----

def test_a_service_is_shown_with_all_there_is_of_it(served):
    weftd, _ = served
    register(served, "web", lease=100, port=8080, priority=3)
    add(served, f"{SUBTYPE} 60 IN PTR web.{TYPE}")
    shown = weftd.json("service", "show", full("web"))
    assert 90 < shown.pop("left") <= 100
    assert shown == {
        "instance": full("web"), "zone": "lab.cloud.", "type": "_http._tcp.lab.cloud.",
        "state": "live", "why": None, "key": "n1.keys.lab.cloud.", "granted": 100,
        "listed": ["_http._tcp.lab.cloud.", f"{SUBTYPE}.lab.cloud."],
        "subtypes": [f"{SUBTYPE}.lab.cloud."], "suspect-since": None,
        "srv": [{"priority": 3, "weight": 0, "port": 8080, "target": f"{N1}."}],
        "txt": ['"a=b"']}
    assert services(weftd)[full("web")].keys() == {"left", *shown}
    table = weftd.weft("service", "list").stdout.splitlines()
    assert table[0].split() == ["instance", "state", "target", "port", "left", "key", "txt", "why"]
    assert any(line.split()[:4] == [full("web"), "live", f"{N1}.", "8080"] for line in table)
    done = weftd.weft("service", "show", full("no"), check=False)
    assert done.returncode == 1 and "is not a registered instance" in done.stderr
    done = weftd.weft("service", "show", "web.example.com", check=False)
    assert done.returncode == 1 and "is not in a zone of this weftd" in done.stderr


def test_each_state_is_shown_with_its_reason(served):
    weftd, key = served
    for state in ("up", "starting", "draining", "failed"):
        register(served, state, txt=f"state={state}")
    register(served, "drained")
    weftd.weft("drain", full("drained"))
    register(served, "suspect")
    assert updates.send(weftd, updates=[f"_suspect.suspect.{TYPE} 10 IN TXT by=n1"],
                        key=key, lease=60).rcode == "NOERROR"
    add(served, f"incomplete.{TYPE} 60 IN TXT a=b")
    add(served, f"dot.{TYPE} 60 IN SRV 0 0 80 .")
    add(served, f"unaddressed.{TYPE} 60 IN SRV 0 0 80 n7.nodes")
    found = states(weftd)
    assert found.pop("up") == "live"
    assert found.pop("dot") == "incomplete"
    for state in ("starting", "draining", "failed", "drained", "suspect", "unaddressed",
                  "incomplete"):
        assert found.pop(state) == state
        assert states(weftd, "--state", state)[state] == state
        row = services(weftd)[full(state)]
        assert row["why"] and row["listed"] == []
    assert services(weftd)[full("suspect")]["suspect-since"] is not None
    assert services(weftd)[full("up")]["why"] is None
    assert view(weftd)[0] >= {"up"}


def test_services_are_chosen_by_options(served, make_weftd):
    weftd, _ = served
    register(served, "a")
    register(served, "b", kind="_ipp._tcp")
    add(served, f"c.{TYPE} 60 IN SRV 0 0 80 n2.nodes")
    for args, names in ((["--type", "_http._tcp"], "ac"), (["--type", "_ipp"], "b"),
                        (["--node", "n1"], "ab"), (["--node", N2], "c"), (["--key", "n1"], "abc"),
                        (["--key", "n2"], ""), (["--zone", "lab.cloud"], "abc"),
                        (["--type", "_http", "--node", "n1", "--state", "live"], "a"),
                        (["--state", "failed"], "")):
        assert "".join(sorted(set(states(weftd, *args)) - {"static"})) == names, args
    done = weftd.weft("service", "list", "--zone", "example.com", check=False)
    assert done.returncode == 1 and "example.com. is not a zone of this weftd" in done.stderr
    done = weftd.weft("service", "list", "--state", "dead", check=False)
    assert done.returncode == 1
    assert "dead is not a state of a service: use one of live, waiting, " in done.stderr
    done = weftd.weft("zone", "list", "--node", "n1", check=False)
    assert done.returncode == 2 and "does not take --node" in done.stderr


def test_what_waits_for_room_is_shown(make_weftd):
    served = new_served(make_weftd)
    weftd, key = served
    long = "x" * 50
    for i in range(0, 1100, 20):
        assert updates.send(weftd, key=key, tcp=True, updates=[
            f"{long}{k:04}.{TYPE} 60 IN SRV 0 0 80 n1.nodes" for k in range(i, i + 20)
        ]).rcode == "NOERROR"
    waiting = states(weftd, "--state", "waiting")
    assert len(waiting) == weftd.count("waiting") > 0
    _, row = services(weftd, "--state", "waiting").popitem()
    assert (row["why"], row["listed"]) == ("the PTRs at its type fill an answer", [])
    assert len(states(weftd)) == 1100


def test_updates_and_queries_go_on_while_services_are_listed(make_weftd):
    served = new_served(make_weftd)
    weftd, key = served
    for i in range(0, 1000, 100):
        assert updates.send(weftd, key=key, tcp=True, updates=[
            f"w{k}.{TYPE} 60 IN SRV 0 0 80 n1.nodes" for k in range(i, i + 100)
        ]).rcode == "NOERROR"
    listed = []
    thread = threading.Thread(target=lambda: listed.append(weftd.json("service", "list")))
    thread.start()
    while thread.is_alive():
        register(served, "other")
        remove(served, "other")
    thread.join()
    assert {f"w{k}" for k in range(1000)} <= \
        {row["instance"].split(".")[0] for row in listed[0]["services"]}
    assert listed[0]["changed"] in ([], ["lab.cloud."])


# ---- nodes ----

def test_nodes_are_shown_with_what_runs_on_them(served):
    weftd, _ = served
    register(served, "a", lease=100)
    register(served, "b", lease=50, txt="state=starting")
    found = nodes(weftd, "lab.cloud")
    row = found[f"{N1}."]
    assert 40 < row.pop("left") <= 50
    counts = row.pop("states")
    assert (counts["live"], counts["starting"], sum(counts.values())) == (1, 1, 2)
    assert row == {"node": f"{N1}.", "zone": "lab.cloud.", "drained": False, "instances": 2,
                   "addresses": ["10.0.0.1", "2001:db8::1"]}
    assert (found[f"{N2}."]["instances"], found[f"{N2}."]["left"]) == (0, None)
    head, *lines = weftd.weft("node", "list").stdout.splitlines()
    assert head.split() == ["node", "state", "left", "instances", "live", "starting", "addresses"]
    assert any(line.split()[:2] == [f"{N1}.", "up"] for line in lines)
    assert weftd.weft("node", "list", "example.com", check=False).returncode == 1


def test_a_drained_node_drains_all_that_runs_on_it(served):
    weftd, key = served
    register(served, "a")
    register(served, "b", txt="state=starting")
    add(served, f"c.{TYPE} 60 IN SRV 0 0 81 n2.nodes")
    [row] = weftd.json("node", "drain", N1)
    assert row == {"node": f"{N1}.", "drained": True, "changed": True, "instances": 2}
    wait_for(lambda: f"node-drained name={N1}. instances=2" in weftd.log(), "drained node in the log")
    assert {n: s for n, s in states(weftd).items() if n in "abc"} == \
        {"a": "drained", "b": "drained", "c": "live"}
    assert services(weftd)[full("a")]["why"] == "its node is drained"
    assert nodes(weftd)[f"{N1}."]["drained"]
    check(weftd)
    # What is registered now is drained from the beginning; what moves away is not.
    register(served, "d", lease=100)
    assert states(weftd)["d"] == "drained"
    assert "state=draining" in "".join(lookup(weftd, f"d.{TYPE}", "TXT"))
    add(served, f"a.{TYPE} 0 ANY SRV", f"a.{TYPE} 60 IN SRV 0 0 80 n2.nodes")
    assert states(weftd)["a"] == "live"
    assert lookup(weftd, f"a.{TYPE}", "TXT") == ['"a=b"']
    weftd.kill()
    weftd.start()
    assert states(weftd)["d"] == "drained" and nodes(weftd)[f"{N1}."]["drained"]
    register(served, "e")
    assert states(weftd)["e"] == "drained"
    check(weftd)
    [row] = weftd.json("node", "undrain", N1)
    assert (row["drained"], row["changed"], row["instances"]) == (False, True, 3)
    assert {n: s for n, s in states(weftd).items() if n in "abcde"} == \
        {"a": "live", "b": "starting", "c": "live", "d": "live", "e": "live"}
    check(weftd)
    [row] = weftd.json("node", "undrain", N1)
    assert (row["changed"], row["instances"]) == (False, 0)


def test_a_drained_node_is_in_checkpoints_and_backups(served):
    weftd, _ = served
    weftd.weft("node", "drain", N1)
    weftd.weft("zone", "checkpoint")
    weftd.kill()
    weftd.start()
    assert nodes(weftd)[f"{N1}."]["drained"]
    backup = str(weftd.folder / "backup")
    weftd.weft("backup", backup)
    weftd.weft("node", "undrain", N1)
    assert weftd.stop() == 0
    leases.weft(weftd, "restore", backup, "--force", "-d", "state")
    weftd.start()
    assert nodes(weftd)[f"{N1}."]["drained"]
    register(served, "a")
    assert states(weftd)["a"] == "drained"


def test_an_instance_is_undrained_with_its_node_only(served):
    weftd, _ = served
    register(served, "a")
    register(served, "b")
    weftd.weft("drain", full("b"))
    weftd.weft("node", "drain", N1)
    done = weftd.weft("undrain", full("a"), check=False)
    assert done.returncode == 1 and "stays drained as long as its node is" in done.stderr
    weftd.weft("node", "undrain", N1)
    assert states(weftd)["a"] == "live" and states(weftd)["b"] == "drained"
    weftd.weft("undrain", full("b"))
    assert states(weftd)["b"] == "live"


def test_only_a_node_can_be_drained(served):
    weftd, _ = served
    done = weftd.weft("drain", N1, check=False)
    assert "is not a registered instance; for a node there is weft node drain" in done.stderr
    done = weftd.weft("node", "drain", N1, "no.nodes.lab.cloud", check=False)
    assert done.returncode == 1
    assert "no.nodes.lab.cloud is not a node; those before it are done" in done.stderr
    assert nodes(weftd)[f"{N1}."]["drained"]
    # A host outside our zones may be a target as well.
    add(served, f"x.{TYPE} 60 IN SRV 0 0 80 host.example.com.")
    assert weftd.json("node", "drain", "host.example.com")[0]["instances"] == 1
    assert states(weftd)["x"] == "drained"


def test_the_first_labels_of_a_node_are_enough(served):
    weftd, _ = served
    register(served, "a")
    for short in ("n1", "n1.nodes", "N1"):
        for verb in ("drain", "undrain"):
            row, = weftd.json("node", verb, short)
            assert (row["node"], row["changed"], row["instances"]) == (f"{N1}.", True, 1)
    for wrong in ("n9", "n9."):
        done = weftd.weft("node", "drain", "n1", wrong, check=False)
        assert done.returncode == 1
        assert f"{wrong} is not a node; those before it are done" in done.stderr
    weftd.zone((weftd.folder / "lab.cloud.zone").read_text() + "n1 A 10.0.0.9\n")
    weftd.weft("zone", "reload")
    done = weftd.weft("node", "drain", "n1", check=False)
    assert "n1 may be several nodes: give the whole name" in done.stderr


# ---- leases ----

def test_leases_are_listed_by_key_and_by_node(served):
    weftd, _ = served
    register(served, "a", lease=100)
    assert updates.send(weftd, key=served[1], lease=100, updates=[
        f"c.{TYPE} 60 IN SRV 0 0 81 n2.nodes"]).rcode == "NOERROR"

    def names(*args):
        return [row["name"].split(".")[0] for row in weftd.json("lease", "list", *args)]

    assert names() == names("--key", "n1") == names("--key", "n1.keys.lab.cloud") == ["a", "c"]
    assert names("--key", "n2") == []
    assert names("--node", "n1") == ["a"]
    assert names("--node", N2, "--key", "n1") == ["c"]
    assert names("lab.cloud", "--node", "n1") == ["a"]
    assert names(full("c"), "--node", "n1") == []
