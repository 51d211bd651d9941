# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""An agent whose registry is configured in other ways than for it: one that does not push, which
the agent shows, with what to do about it; one that gives leases to all that ask for none."""

from agents import lab, make_lab, owner, service      # noqa: F401 (fixtures)
from waiting import wait_for

WEB = owner("web-1")
LONG = 3600      # a TTL that no test waits for


def status(agent):
    return agent.ask("agent status")


def test_the_registry_that_pushes_is_shown(lab):      # noqa: F811
    n1, = lab.agents
    seen = wait_for(lambda: (now := status(n1))["pushed"] and now, "session")
    assert seen["push-registry"] == "{}@{}".format(*lab.weftd.where)
    assert seen["push-error"] is None
    assert n1.log().count("changes are pushed by") == 1


def test_without_push_the_agent_says_what_to_do(make_lab):      # noqa: F811
    lab = make_lab(server="dso-plain: [192.0.2.0/24]")      # noqa: F811
    n1 = lab.node("n1").start()
    seen = wait_for(lambda: (now := status(n1))["push-error"] and now, "known lack of Push")
    assert seen["pushed"] is False
    assert seen["push-registry"] == "{}@{}".format(*lab.weftd.where)
    assert "server.dso-plain" in seen["push-error"] and "tls://" in seen["push-error"]
    shown = n1.weft("agent", "status").stdout
    assert "server.dso-plain" in shown, shown
    lab.apply(service())
    lab.place("web-1", "n1")
    lab.wait("web-1")
    assert n1.log().count("changes are not pushed") == 1, n1.log()


def test_without_push_assignments_are_seen_whatever_their_ttl(make_lab):      # noqa: F811
    lab = make_lab(server="dso-plain: [192.0.2.0/24]")      # noqa: F811
    n1 = lab.node("n1").start()
    wait_for(lambda: status(n1)["current"], "zone that was read")
    lab.apply(service())
    lab.update(f"_runs.n1.nodes {LONG} IN PTR {WEB}")
    lab.wait("web-1")
    lab.update(f"_runs.n1.nodes 0 NONE PTR {WEB}")
    lab.wait_gone("web-1")
    # Declared after it was assigned: that there is no declaration is not believed for long either.
    lab.delete("web")
    lab.update(f"_runs.n1.nodes {LONG} IN PTR {WEB}")
    n1.wait("web-1", "failed")
    lab.apply(service())
    lab.wait("web-1")


def test_what_is_declared_and_has_happened_gets_no_lease_by_default(make_lab):      # noqa: F811
    lab = make_lab(lease="{minimum: 1, default: 3600}")      # noqa: F811
    lab.node("n1").start()
    lab.apply(service(), schema={"plain": {"type": "object"}})
    lab.place("web-1", "n1")
    lab.declare_by_hand("hand-1", service("hand", run=["/bin/sleep", "1000"], check=None), "n1")
    lab.wait("web-1")
    lab.wait("hand-1")
    lab.wait_event("web-1", "started")
    lab.update("plain.nodes 5 IN A 192.0.2.9")
    names = {lease["name"].removesuffix(".lab.cloud.")
             for lease in lab.weftd.json("lease", "list")}
    assert {"n1.nodes", WEB, "plain.nodes"} <= names, names
    lasting = [name for name in names
               if name.split(".")[0] in ("_spec", "_runs") or "._schemas" in name or "._events" in name]
    assert lasting == [], lasting


def test_what_cannot_start_is_registered_as_it_is(lab):      # noqa: F811
    n1, = lab.agents
    lab.apply(service(user="nosuchuser"), service("unit", run=None, unit="none.service", port=9100, check=None))
    lab.place("web-1", "n1")
    lab.place("unit-1", "n1")
    for label in "web-1", "unit-1":
        assert n1.wait(label, "failed")["cfg"] == lab.wait(label, "failed")["cfg"]
    n1.wait_equal()
