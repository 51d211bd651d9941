# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The life of a declared service, from `weft apply` to its end: what runs, what the zone has of it,
and which events the history has (the lifecycle messages: started, cannot start, acquired, released,
configured, failed, terminating)."""

import os
import signal

import pytest

from agents import TYPE, lab, make_lab, owner, service   # noqa: F401 (fixtures)
from waiting import wait_for


def in_order(wanted, found):
    """Whether the words are in the list, in this order, others between them."""
    rest = iter(found)
    return all(word in rest for word in wanted)


# ---- start ----

def test_a_declared_service_runs_and_is_registered(lab):
    lab.apply(service(on=["n1"], text={"path": "/"}))
    seen = lab.wait("web-1")
    shown = lab.agents[0].wait("web-1")
    assert (seen["id"], seen["node"], seen["path"]) == ("web-1", "n1", "/")
    assert seen["target"] == "n1.nodes.lab.cloud."
    assert seen["cfg"] == shown["cfg"] and len(seen["cfg"]) == 16
    assert lab.lookup("n1.nodes", "A") == [lab.agents[0].address]
    assert lab.lookup(TYPE, "PTR") == ["static._http._tcp.lab.cloud.", "web-1._http._tcp.lab.cloud."]
    known = lab.ask("web-1")
    assert {key: known.get(key) for key in ("WEFT_ID", "WEFT_INC", "WEFT_NAME", "WEFT_TYPE", "WEFT_NODE",
                                            "WEFT_RESTORE")} == {
        "WEFT_ID": "web-1", "WEFT_INC": seen["inc"], "WEFT_NAME": "web-1", "WEFT_TYPE": TYPE,
        "WEFT_NODE": "n1", "WEFT_RESTORE": "0"}
    assert known["WEFT_PORT"] == str(seen["srv_port"])
    assert len(lab.starts("web-1")) == 1
    lab.agents[0].wait_equal()


def test_its_name_is_held_while_it_runs(lab):
    lab.apply(service(on=["n1"], resources=[{"name": "disk-7", "exclusive": "yes"}]))
    lab.wait("web-1")
    agent = lab.agents[0]
    agent.wait("web-1")
    held, disk = lab.text("web._names.n1.nodes"), lab.text("disk-7._resources")
    assert held["by"].startswith(owner("web-1")) and held["pid"].isdigit() and held["boot"]
    assert disk["by"].startswith(owner("web-1"))
    lab.delete("web")
    lab.wait_gone("web-1")
    wait_for(lambda: not lab.text("web._names.n1.nodes") and not lab.text("disk-7._resources"),
             "released names")
    assert in_order(["acquired", "released"], lab.whats("web-1"))


def test_its_life_is_in_the_history(lab):
    lab.apply(service(on=["n1"]))
    inc = int(lab.wait("web-1")["inc"])
    lab.wait_event("web-1", "started")
    lab.apply(service(on=["n1"], environment={"MODE": "other"}))
    lab.wait_next("web-1", inc)
    lab.wait_event("web-1", "configured")
    lab.delete("web")
    lab.wait_gone("web-1")
    lab.wait_event("web-1", "stopped")
    assert in_order(["assigned", "starting", "started", "configured", "terminating", "stopped"],
                    lab.whats("web-1")), lab.events("web-1")
    found = lab.events(node="n1")
    assert len({e["era"] for e in found}) == 1
    assert [int(e["n"]) for e in found] == list(range(1, len(found) + 1))
    shown = lab.weft("history").stdout
    assert "web-1._http._tcp" in shown and "configured" in shown


def test_two_of_a_name_do_not_run_on_a_node(lab):
    lab.apply(service(on=["n1"]))
    lab.wait("web-1")
    lab.apply(service(on=["n1"]), service("other", on=["n1"], name_resource="web"))
    event = lab.wait_event("other-1", "cannot-start")
    assert "name web is held by web-1._http._tcp" in event["why"]
    agent = lab.agents[0]
    assert "name web is held by" in agent.shown("other-1")["reason"]
    assert not lab.starts("other-1")
    lab.apply(service("other", on=["n1"], name_resource="web"), options=("--prune", "--yes"))
    lab.wait("other-1")
    agent.wait_equal()


def test_an_exclusive_resource_has_one_holder_in_the_cluster(lab):
    lab.node("n2").start()
    disk = [{"name": "disk-7", "exclusive": "yes"}]
    lab.apply(service("a", on=["n1"], resources=disk))
    lab.wait("a-1")
    lab.apply(service("a", on=["n1"], resources=disk), service("b", on=["n2"], resources=disk))
    event = lab.wait_event("b-1", "cannot-start")
    assert "disk-7" in event["why"] and "a-1" in event["why"]
    lab.apply(service("b", on=["n2"], resources=disk), options=("--prune", "--yes"))
    lab.wait("b-1")
    assert lab.text("disk-7._resources")["by"].startswith(owner("b-1"))
    assert not lab.starts("b-1")[1:]


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "web", "type": "_http._tcp"}',
                                  '{"name": "web", "type": "_http._tcp", "run": ["true"], "colour": 1}'])
def test_a_bad_declaration_is_an_instance_that_cannot_start(lab, text):
    lab.declare_by_hand("web-1", text, "n1")
    shown = lab.agents[0].wait("web-1", "failed")
    assert shown["reason"]
    wait_for(lambda: any(what.startswith("cannot") for what in lab.whats("web-1")), "the event")
    # A good one replaces it.
    lab.declare_by_hand("web-1", service(environment={"LIVES": str(lab.lives)}))
    lab.wait("web-1")


def test_a_bad_declaration_does_not_stop_what_runs(lab):
    lab.apply(service(on=["n1"]))
    before = lab.agents[0].wait("web-1")
    lab.declare_by_hand("web-1", '{"name": "web", "run": 7}')
    lab.wait_event("web-1", "cannot-configure")
    assert lab.agents[0].shown("web-1")["pid"] == before["pid"]
    lab.declare_by_hand("web-1", service(environment={"LIVES": str(lab.lives), "NEW": "1"}))
    lab.wait_next("web-1", before["inc"])


# ---- changes ----

def test_a_change_does_what_it_must_and_no_more(lab):
    agent = lab.agents[0]
    lab.apply(service(on=["n1"], text={"path": "/"}))
    before = agent.wait("web-1")
    lab.apply(service(on=["n1"], text={"path": "/new"}))
    lab.wait("web-1", path="/new", inc=str(before["inc"]))
    lab.apply(service(on=["n1"], text={"path": "/new"}, weight=7))
    lab.wait("web-1", weight=7, inc=str(before["inc"]))
    assert agent.shown("web-1")["pid"] == before["pid"]
    lab.apply(service(on=["n1"], text={"path": "/new"}, environment={"A": "b"}))
    lab.wait_next("web-1", before["inc"])
    assert lab.instance("web-1")["cfg"] != before["cfg"]
    assert lab.ask("web-1")["A"] == "b"
    assert len(lab.starts("web-1")) == 2
    agent.wait_equal()


def test_parameters_can_be_reloaded_by_a_signal(lab):
    lab.apply(service(on=["n1"], parameters={"a": 1}, reload="signal HUP"))
    before = lab.agents[0].wait("web-1")
    lab.apply(service(on=["n1"], parameters={"a": 2}, reload="signal HUP"))
    wait_for(lambda: any(line["what"] == "signal" for line in lab.life("web-1")), "the signal")
    assert lab.agents[0].shown("web-1")["pid"] == before["pid"]
    assert '"a":2' in open(lab.ask("web-1")["WEFT_PARAMETERS"]).read().replace(" ", "")


# ---- death ----

def test_a_killed_service_is_there_again_as_the_next_incarnation(lab):
    lab.apply(service(on=["n1"]))
    agent = lab.agents[0]
    first = int(lab.wait("web-1")["inc"])
    for inc in range(first, first + 4):
        seen = lab.wait("web-1", inc=str(inc))
        assert seen["id"] == "web-1"
        known = wait_for(lambda: agent.wait("web-1", inc=inc)["pid"], "a process")
        os.kill(known, signal.SIGKILL)
    lab.wait("web-1", inc=str(first + 4))
    assert [line["restore"] for line in lab.starts("web-1")] == ["0", "1", "1", "1", "1"]
    assert [line["inc"] for line in lab.starts("web-1")] == [str(first + n) for n in range(5)]
    event = lab.wait_event("web-1", "failed")
    assert "9" in event["why"] or "KILL" in event["why"]
    lab.wait_event("web-1", "restarted", why=f"inc={first + 4} ")
    agent.wait_equal()
    assert [e["why"] for e in lab.events("web-1", "starting")] == [
        f"inc={first + n}" for n in range(5)]


def test_a_service_that_dies_too_often_has_failed(lab):
    (lab.lives / "web-1.do").write_text("exit 3")
    lab.apply(service(on=["n1"], restart={"times": 2, "within": 60, "backoff": [0.01, 0.02]}))
    wait_for(lambda: len(lab.starts("web-1")) == 3, "three starts")
    shown = lab.agents[0].wait("web-1", "failed", cause="died")
    assert "exit status 3" in shown["reason"] and not lab.processes()
    lab.wait("web-1", "failed")
    (lab.lives / "web-1.do").unlink()
    lab.agents[0].service("start", owner("web-1"))
    lab.wait("web-1")
    lab.agents[0].wait_equal()
    assert len(lab.starts("web-1")) == 4


def test_a_lost_state_is_begun_afresh(lab):
    lab.apply(service(on=["n1"], lost="fresh"))
    shown = lab.agents[0].wait("web-1")
    (lab.lives / "web-1.do").write_text("lost")
    os.kill(shown["pid"], signal.SIGKILL)
    lab.wait_event("web-1", "lost")
    lab.wait("web-1", inc=str(shown["inc"] + 2))
    assert lab.starts("web-1")[1]["restore"] == "1"
    assert lab.starts("web-1")[-1]["restore"] == "0"


def test_a_lost_state_can_be_a_failure(lab):
    lab.apply(service(on=["n1"], lost="fail"))
    shown = lab.agents[0].wait("web-1")
    (lab.lives / "web-1.do").write_text("exit 65")
    os.kill(shown["pid"], signal.SIGKILL)
    lab.agents[0].wait("web-1", "failed", cause="lost")
    assert lab.wait("web-1", "failed")["why"].startswith("lost")
    assert len(lab.starts("web-1")) == 2
    lab.wait_event("web-1", "lost")


def test_a_service_whose_check_fails_is_not_up(lab):
    lab.apply(service(on=["n1"], check={"http": "/", "interval": 0.05, "fall": 2, "timeout": 5}))
    first = lab.agents[0].wait("web-1")["pid"]
    (lab.lives / "web-1.do").write_text("sick")
    wait_for(lambda: lab.agents[0].shown("web-1")["pid"] != first or
             lab.instance("web-1").get("state") == "failed", "consequence of the check")
    (lab.lives / "web-1.do").unlink()
    lab.wait("web-1")
    lab.agents[0].wait_equal()


# ---- uses ----

def test_a_degraded_service_takes_less(lab, tmp_path):
    """By the exit status of its check; it stays up, and recovers."""
    health = tmp_path / "health"
    health.write_text("0")
    lab.apply(service(on=["n1"], weight=8, port=None, run=["/bin/sleep", "100000"], check={
        "exec": ["/bin/sh", "-c", f"exit $$(cat {health})"], "interval": 0.1, "fall": 1, "rise": 1}))
    before = lab.wait("web-1", weight=8)
    health.write_text("1")
    lab.wait("web-1", weight=2, inc=before["inc"])
    lab.wait_event("web-1", "degraded")
    health.write_text("0")
    lab.wait("web-1", weight=8, inc=before["inc"])
    lab.wait_event("web-1", "recovered")


def test_a_lost_service_is_shown_to_its_users(lab):
    """Its record has failed, and why; its user sees that it is gone, and that it is there again."""
    (lab.lives / "db-1.do").write_text("exit 65")
    lab.apply(service("db", on=["n1"], lost="fail"),
              service("front", on=["n1"], uses=[{"name": "db", "on-change": "signal HUP"}]))
    lab.agents[0].wait("front-1", "assigned", cause="uses")
    (lab.lives / "db-1.do").unlink()
    lab.agents[0].service("start", owner("db-1"))
    front = lab.wait("front-1")
    (lab.lives / "db-1.do").write_text("exit 65")
    os.kill(lab.agents[0].wait("db-1")["pid"], signal.SIGKILL)
    assert lab.wait("db-1", "failed")["why"].startswith("lost")
    lab.wait_event("db-1", "lost")
    lab.wait_event("front-1", "uses", why="gone")
    assert "db-1._http._tcp.lab.cloud." not in lab.lookup("_uses.front-1._http._tcp", "PTR")
    (lab.lives / "db-1.do").unlink()
    lab.agents[0].service("start", owner("db-1"))
    lab.wait_event("front-1", "uses", why="at ")
    wait_for(lambda: sum(line["what"] == "signal" for line in lab.life("front-1")) >= 2, "signals")
    assert lab.wait("front-1")["inc"] == front["inc"]


def test_a_service_waits_for_what_it_uses(lab):
    agent = lab.agents[0]
    lab.apply(service("front", on=["n1"], uses=[{"name": "db", "type": "_pg._tcp",
                                                 "on-change": "signal HUP"}]))
    agent.wait("front-1", "assigned", cause="uses")
    assert not lab.starts("front-1")
    db = service("db", type="_pg._tcp", on=["n1"])
    front = service("front", on=["n1"], uses=[{"name": "db", "on-change": "signal HUP"}])
    lab.apply(front, db)
    seen = lab.wait("front-1")
    port = lab.wait("db-1", kind="_pg._tcp")["srv_port"]
    assert lab.ask("front-1")["WEFT_USES_DB"].endswith(f":{port}")
    assert lab.lookup("_uses.front-1._http._tcp", "PTR") == ["db-1._pg._tcp.lab.cloud."]
    assert "db-1" in lab.weft("graph").stdout
    pid = agent.wait("db-1")["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: any(line["what"] == "signal" for line in lab.life("front-1")), "on-change")
    assert lab.wait("front-1")["inc"] == seen["inc"]


def test_a_use_that_moves_can_restart_its_user(lab):
    lab.node("n2").start()
    db = service("db", type="_pg._tcp", fence="none")
    front = service("front", on=["n1"], uses=[{"name": "db", "on-change": "restart"}])
    lab.apply(db, front)
    lab.place("db-1", "n1", "_pg._tcp")
    inc = int(lab.wait("front-1")["inc"])
    lab.place("db-1", "n2", "_pg._tcp")
    lab.wait("db-1", kind="_pg._tcp", node="n2")
    port = lab.wait("db-1", kind="_pg._tcp", node="n2")["srv_port"]
    wait_for(lambda: lab.inc("front-1") > inc and
             lab.instance("front-1")["state"] == "up" and
             lab.ask("front-1")["WEFT_USES_DB"].endswith(f":{port}"), "restarted user")


# ---- the end ----

def test_nothing_of_a_deleted_service_remains(lab):
    lab.apply(service(on=["n1"], count=1), service("stubborn", on=["n1"], stop={"timeout": 0.2}))
    (lab.lives / "stubborn-1.do").write_text("stubborn")
    lab.wait("web-1")
    lab.wait("stubborn-1")
    lab.delete("web", "stubborn")
    lab.wait_gone("web-1", "stubborn-1")
    wait_for(lambda: not lab.processes(), "the end of the processes")
    wait_for(lambda: lab.agents[0].instances() == {}, "no instance")
    left = [name for name in lab.records() if "web" in name or "stubborn" in name]
    assert not left
    lab.agents[0].wait_equal()


def test_the_agent_s_end_stops_all_and_removes_the_node(lab):
    lab.apply(service("a", on=["n1"]), service("b", on=["n1"], uses=["a"]))
    lab.wait("a-1")
    lab.wait("b-1")
    assert lab.agents[0].stop() == 0
    assert not lab.processes()
    left = [name for name in lab.records() if "_events" not in name and "_spec" not in name and
            ("a-1." in name or "b-1." in name or ("n1.nodes" in name and "_runs" not in name))]
    assert not left
    # Dependants first.
    ended = [(line["what"], label) for label in ("b-1", "a-1") for line in lab.life(label)]
    assert ("end", "a-1") in ended and ("end", "b-1") in ended
    whats = [(e["what"], e.get("of", "")) for e in lab.events(node="n1")]
    assert ("terminating", "") in whats
    assert whats.index(("stopped", owner("b-1"))) < whats.index(("stopped", owner("a-1")))
    # They run again when it comes back.
    lab.agents[0].start()
    lab.wait("a-1")
    lab.wait("b-1")
