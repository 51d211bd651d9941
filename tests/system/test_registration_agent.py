# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What an agent keeps registered: incarnations that it gives, what instances use, nodes with a
text, claims of names that one holder has; and how all of it comes back."""

import errno

import pytest

import leases
import services
from registering import PROGRAM, Host
from test_registration_faults import lossy  # noqa: F401
from test_registration import (ADDRESS, TYPE, WEB, lookup, register, served,  # noqa: F401
                               start, text, updates_logged)
from updates import send, serial
from waiting import wait_for

NODE, NAME, DISK = "n1.nodes.lab.cloud", "web._names.n1.nodes.lab.cloud", "d._resources.lab.cloud"
HOST = f"host={NODE}"
AT_N1, AT_N2 = "txt=node=n1", "txt=node=n2"

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="tests/client/registering is not built")


def claim(host, name, by, *more):
    host.tell("new", name, "claim", f"txt=by={by}", *more)


def updates_of(served, name):
    """The updates in the log that concern a name."""
    return [line for line in updates_logged(served) if name in line]


def barrier(served, host, name="barrier"):
    """Waits until what the host has sent so far is in the registry's log."""
    register(host, f"{name}.{TYPE}.lab.cloud")
    wait_for(lambda: updates_of(served, name), "the log")


# ---- nodes ----

def test_a_node_has_a_text_and_a_lease_of_its_own(served, start):
    host = start(served)
    host.tell("new", NODE, "node", "lease=3", "ttl=2", ADDRESS, "txt=state=up|boot=1")
    host.expect("done", NODE)
    assert lookup(served, "n1.nodes", "A") == ["192.0.2.1"]
    assert lookup(served, "n1.nodes", "TXT") == ['"state=up" "boot=1"']
    register(host, WEB, HOST, "inc=1", "lease=3")
    host.tell("change", NODE, "node", "lease=3", "ttl=2", ADDRESS, "txt=state=leaving|boot=1")
    wait_for(lambda: lookup(served, "n1.nodes", "TXT") == ['"state=leaving" "boot=1"'], "the text")
    assert not [line for line in updates_of(served, "n1.nodes") if "web-1" in line]
    host.kill()
    wait_for(lambda: lookup(served, "n1.nodes", "ANY") == [], "the end of its lease")


def test_a_node_that_another_has_changed_is_as_its_host_has_it_again(served, start):
    host, key = start(served), served[1]
    host.tell("new", NODE, "node", "lease=2", ADDRESS, "txt=state=up")
    host.expect("done", NODE)
    send(served[0], updates=["n1.nodes 0 ANY TXT", "n1.nodes 60 IN TXT state=dead"],
         key=key("admin"))
    host.expect("lost", NODE)
    host.expect("done", NODE)
    assert lookup(served, "n1.nodes", "TXT") == ['"state=up"']


def test_a_node_that_is_removed_leaves_nothing(served, start):
    host = start(served)
    host.tell("new", NODE, "node", ADDRESS, "txt=state=up")
    host.expect("done", NODE)
    host.tell("end", NODE)
    host.expect("ended", NODE)
    assert lookup(served, "n1.nodes", "ANY") == []


# ---- states ----

@pytest.mark.parametrize("state", ["assigned", "preparing", "starting", "stopped", "failed"])
def test_what_is_not_up_is_not_browsed(served, start, state):
    host = start(served)
    register(host, WEB, "inc=1", "port=0", f"state={state}")
    assert text(served)["state"] == state
    assert lookup(served, TYPE, "PTR") == []
    listed = served[0].json("service", "list")["services"]
    assert [one["state"] for one in listed] == [state]
    host.tell("change", WEB, ADDRESS, "inc=1", "port=80")
    wait_for(lambda: lookup(served, TYPE, "PTR") == [f"{WEB}."], "the instance")
    assert "state" not in text(served)


def test_states_that_follow_each_other_fast_end_with_the_last(served, start):
    host = start(served)
    host.tell("new", WEB, ADDRESS, "inc=4", "eager", "state=assigned")
    for state in ("preparing", "starting", "up"):
        host.tell("change", WEB, ADDRESS, "inc=4", "eager", f"state={state}")
    host.tell("change", WEB, ADDRESS, "inc=5", "eager", "state=failed")
    wait_for(lambda: text(served) == {"id": "web-1", "inc": "5", "state": "failed"}, "the last one")
    barrier(served, host)
    # None of them was a surprise: the registrant knows what it has sent.
    assert not [line for line in updates_of(served, "web-1") if "NOERROR" not in line]


def test_what_has_not_changed_is_not_sent(served, start):
    host = start(served)
    options = (ADDRESS, "inc=4", f"uses=db-1._pg._tcp.lab.cloud", AT_N1, "eager")
    register(host, WEB, *options[1:])
    barrier(served, host, "first")
    before = len(updates_of(served, "web-1"))
    host.tell("change", WEB, *options)
    barrier(served, host, "second")
    assert len(updates_of(served, "web-1")) == before == 1


# ---- incarnations ----

def test_a_given_incarnation_is_registered_as_it_is(served, start):
    host = start(served)
    register(host, WEB, "inc=7", AT_N1)
    assert host.show(WEB)[2] == 7
    assert text(served) == {"node": "n1", "id": "web-1", "inc": "7"}
    host.tell("change", WEB, ADDRESS, "inc=6", AT_N1)
    assert host.expect("error", WEB) == str(-errno.EINVAL)
    host.tell("change", WEB, ADDRESS, "inc=9", AT_N1)
    wait_for(lambda: text(served)["inc"] == "9", "the next one")


@pytest.mark.parametrize("how", [(), ("adopted",)])
def test_one_that_is_registered_already_is_only_refreshed(served, start, how):
    what = ("inc=7", "lease=600", "state=starting", AT_N1, HOST,
            "uses=db-1._pg._tcp.lab.cloud", "port=8080")
    node = ("new", NODE, "node", ADDRESS, "lease=600", "txt=state=up|age=3", *how)
    host = start(served)
    host.tell(*node)
    host.expect("done", NODE)
    register(host, WEB, *what)
    claim(host, NAME, "web-1", "lease=600")
    host.expect("done", NAME)
    before = serial(served[0])
    host.kill()
    host = start(served)
    host.tell(*node)
    host.expect("done", NODE)
    register(host, WEB, *what, *how)
    claim(host, NAME, "web-1", "lease=600", *how)
    host.expect("done", NAME)
    assert serial(served[0]) == before
    assert host.show(WEB)[2] == 7
    # Its records are known, and can be changed and removed.
    host.tell("change", WEB, ADDRESS, "inc=7", "lease=600", AT_N1, HOST)
    wait_for(lambda: "state" not in text(served), "the state")
    assert lookup(served, f"_uses.web-1.{TYPE}", "PTR") == []
    for name in (WEB, NAME):
        host.tell("end", name)
        host.expect("ended", name)
    assert lookup(served, f"web-1.{TYPE}", "ANY") == lookup(served, "web._names.n1.nodes", "ANY") \
        == []


@pytest.mark.parametrize("how", [(), ("adopted",)])
def test_what_an_earlier_life_has_used_is_replaced(served, start, how):
    db, mq, uses = "db-1._pg._tcp.lab.cloud", "q-1._mq._tcp.lab.cloud", f"_uses.web-1.{TYPE}"
    for i, (before, after) in enumerate((([db], [mq]), ([db], []), ([], [mq]))):
        register(start(served), WEB, f"inc={i + 1}7", "lease=600", *[f"uses={n}" for n in before])
        register(start(served), WEB, f"inc={i + 1}7", "lease=600", *how, *[f"uses={n}" for n in after])
        assert lookup(served, uses, "PTR") == [f"{n}." for n in after]


def test_one_that_was_adopted_and_is_not_there_is_registered(served, start):
    host = start(served)
    host.tell("new", WEB, ADDRESS, "inc=7", "adopted")
    host.expect("done", WEB)
    assert text(served)["inc"] == "7"


def test_one_that_is_freed_before_it_was_adopted_is_removed(served, start):
    register(start(served), WEB, "inc=7", "lease=600")
    host = start(served)
    host.tell("new", WEB, ADDRESS, "inc=7", "lease=600", "adopted")
    host.tell("free", WEB)
    wait_for(lambda: lookup(served, f"web-1.{TYPE}", "ANY") == [], "its removal")


def test_one_that_the_registry_has_lost_keeps_its_number(served, start):
    host, other = start(served), start(served)
    register(host, WEB, "inc=7", "lease=2")
    assert other.do("remove", WEB)[0] == 0
    host.expect("lost", WEB)
    host.expect("done", WEB)
    assert text(served)["inc"] == "7"


def test_an_earlier_one_is_replaced(served, start):
    register(start(served), WEB, "inc=7", "lease=600", "uses=db-1._pg._tcp.lab.cloud")
    host = start(served)
    register(host, WEB, "inc=8")
    assert text(served)["inc"] == "8"
    assert lookup(served, f"_uses.web-1.{TYPE}", "PTR") == []


def test_a_later_one_is_reported_and_followed_by_one_that_is_later_still(served, start):
    host, other = start(served), start(served)
    register(host, WEB, "inc=7", "lease=2")
    register(other, WEB, "inc=9", "lease=600")
    host.expect("lost", WEB)
    assert host.expect("failed", WEB).startswith(f"{-errno.ESTALE} ")
    host.show(WEB)
    host.expect("seen", WEB, 9)
    host.tell("change", WEB, ADDRESS, "inc=10")
    host.expect("done", WEB)
    assert text(served)["inc"] == "10"


def test_one_that_waits_for_a_later_one_comes_when_that_has_gone(served, start):
    host, other = start(served), start(served)
    register(other, WEB, "inc=9", "lease=600")
    host.tell("new", WEB, ADDRESS, "inc=7")
    assert host.expect("failed", WEB).startswith(f"{-errno.ESTALE} ")
    other.tell("end", WEB)
    host.expect("done", WEB)
    assert text(served)["inc"] == "7"


def test_another_nodes_is_taken_over_when_that_is_allowed(served, start):
    weftd, key = served
    ours, theirs = start(served, "n2"), start(served, "n1")
    there = ("lease=2", AT_N1, "uses=db-1._pg._tcp.lab.cloud")
    here = (ADDRESS, "inc=2", AT_N2, "uses=db-2._pg._tcp.lab.cloud", "lease=600")
    register(theirs, WEB, "inc=1", *there)
    reply = send(weftd, updates=[f"_runs.n2.nodes 60 IN PTR web-1.{TYPE}"], key=key("admin"))
    assert reply.rcode == "NOERROR"
    ours.tell("new", WEB, *here)
    why = ours.expect("failed", WEB, -errno.EEXIST)
    assert why == "registered by node n1, as incarnation 1"
    assert text(served)["node"] == "n1"
    ours.tell("change", WEB, *here, "takeover")
    ours.expect("done", WEB)
    assert text(served)["node"] == "n2"
    assert lookup(served, f"_uses.web-1.{TYPE}", "PTR") == ["db-2._pg._tcp.lab.cloud."]
    theirs.expect("lost", WEB)
    assert theirs.expect("failed", WEB).startswith(f"{-errno.ESTALE} ")
    theirs.tell("end", WEB)
    theirs.expect("ended", WEB)
    assert text(served)["inc"] == "2"


def test_another_nodes_is_not_taken_over_without_an_assignment(served, start):
    register(start(served, "n1"), WEB, "inc=1", AT_N1, "lease=600")
    host = start(served, "n2")
    host.tell("new", WEB, ADDRESS, "inc=2", AT_N2, "takeover")
    assert "belongs to key n1" in host.expect("failed", WEB, -errno.EEXIST)
    send(served[0], updates=[f"_runs.n2.nodes 60 IN PTR web-1.{TYPE}"], key=served[1]("admin"))
    host.expect("done", WEB)
    assert text(served)["node"] == "n2"


# ---- what instances use ----

def test_what_an_instance_uses_is_a_part_of_it(served, start):
    host = start(served)
    register(host, WEB, "inc=1", "lease=2", "uses=db-1._pg._tcp.lab.cloud,q-1._mq._tcp.lab.cloud")
    uses = f"_uses.web-1.{TYPE}"
    assert sorted(lookup(served, uses, "PTR")) == ["db-1._pg._tcp.lab.cloud.",
                                                   "q-1._mq._tcp.lab.cloud."]
    host.tell("change", WEB, ADDRESS, "inc=1", "lease=2", "uses=db-2._pg._tcp.lab.cloud")
    wait_for(lambda: lookup(served, uses, "PTR") == ["db-2._pg._tcp.lab.cloud."], "the other one")
    host.tell("end", WEB)
    host.expect("ended", WEB)
    assert lookup(served, uses, "PTR") == []
    register(host, f"web-2.{TYPE}.lab.cloud", "lease=2", "uses=db-1._pg._tcp.lab.cloud")
    host.kill()
    wait_for(lambda: lookup(served, f"_uses.web-2.{TYPE}", "PTR") == [], "the end of its lease")


# ---- claims ----

def test_one_holder_has_a_name_and_the_others_wait(served, start):
    first, second = start(served), start(served)
    claim(first, NAME, "web-1")
    first.expect("done", NAME)
    claim(second, NAME, "web-2")
    assert second.expect("failed", NAME) == f"{-errno.EEXIST} web-1"
    assert lookup(served, "web._names.n1.nodes", "TXT") == ['"by=web-1"']
    first.tell("end", NAME)
    first.expect("ended", NAME)
    second.tell("hurry")
    second.expect("done", NAME)
    assert lookup(served, "web._names.n1.nodes", "TXT") == ['"by=web-2"']


def test_a_holder_that_changes_is_reported(served, start):
    first, second = start(served), start(served)
    claim(first, NAME, "web-1")
    first.expect("done", NAME)
    claim(second, NAME, "web-3")
    second.expect("failed", NAME, -errno.EEXIST, "web-1")
    first.tell("change", NAME, "claim", "txt=by=web-2")
    second.expect("failed", NAME, -errno.EEXIST, "web-2")


def test_the_end_of_one_that_waits_leaves_the_holders(served, start):
    first, second = start(served), start(served)
    claim(first, NAME, "web-1")
    first.expect("done", NAME)
    claim(second, NAME, "web-2")
    second.expect("failed", NAME)
    second.tell("end", NAME)
    second.expect("ended", NAME)
    assert lookup(served, "web._names.n1.nodes", "TXT") == ['"by=web-1"']


def test_a_claim_of_an_earlier_life_is_replaced(served, start):
    first = start(served)
    claim(first, NAME, "web-1|pid=1", "lease=600")
    first.expect("done", NAME)
    first.kill()
    second = start(served)
    claim(second, NAME, "web-1|pid=2", "lease=600", "adopted")
    second.expect("done", NAME)
    assert lookup(served, "web._names.n1.nodes", "TXT") == ['"by=web-1" "pid=2"']
    second.tell("change", NAME, "claim", "txt=by=web-1|pid=3")
    wait_for(lambda: "pid=3" in lookup(served, "web._names.n1.nodes", "TXT")[0], "the change")


def test_a_claim_that_another_key_has_is_not_got(served, start):
    first, second = start(served, "n1"), start(served, "n2")
    for by in ("web-1", "web-2"):
        claim(first, DISK, "web-1", "lease=600")
        first.expect("done", DISK)
        claim(second, DISK, by)
        assert second.expect("failed", DISK) == f"{-errno.EEXIST} web-1"
        assert lookup(served, "d._resources", "TXT") == ['"by=web-1"']
        first.tell("end", DISK)
        second.expect("done", DISK)
        second.tell("end", DISK)
        second.expect("ended", DISK)
        first, second = start(served, "n1"), start(served, "n2")


def test_a_claim_that_is_lost_is_made_again(served, start):
    host = start(served)
    claim(host, NAME, "web-1", "lease=2")
    host.expect("done", NAME)
    send(served[0], updates=["web._names.n1.nodes 0 ANY TXT"], key=served[1]("admin"))
    host.expect("lost", NAME)
    host.expect("done", NAME)
    send(served[0], updates=["web._names.n1.nodes 0 ANY TXT",
                             "web._names.n1.nodes 60 IN TXT by=admin"], key=served[1]("admin"))
    host.expect("lost", NAME)
    host.expect("failed", NAME, -errno.EEXIST, "admin")


def test_a_claim_that_another_has_is_not_removed(served, start):
    host = start(served)
    claim(host, NAME, "web-1", "lease=600")
    host.expect("done", NAME)
    send(served[0], updates=["web._names.n1.nodes 0 ANY TXT",
                             "web._names.n1.nodes 60 IN TXT by=admin"], key=served[1]("admin"))
    host.tell("end", NAME)
    host.expect("ended", NAME)
    assert lookup(served, "web._names.n1.nodes", "TXT") == ['"by=admin"']


def test_several_hold_what_is_shared(served, start):
    hosts = start(served, "n1"), start(served, "n1"), start(served, "n2")
    holders = "web-1|node=n1", "web-2|node=n1", "web-3|node=n2"

    def has(*those):
        texts = sorted(f'"by={who}" "shared=yes"'.replace("|", '" "') for who in those)
        wait_for(lambda: sorted(lookup(served, "d._resources", "TXT")) == texts, those)

    for host, by in zip(hosts, holders):
        claim(host, DISK, by, "shared", "lease=600")
        host.expect("done", DISK)
    has(*holders)
    hosts[2].tell("change", DISK, "claim", "shared", "lease=600", "txt=by=web-4|node=n2")
    has(*holders[:2], "web-4|node=n2")
    for host, left in zip(hosts, ([holders[1], "web-4|node=n2"], ["web-4|node=n2"], [])):
        host.tell("end", DISK)
        host.expect("ended", DISK)
        has(*left)


@pytest.mark.parametrize("first_shares", [False, True])
def test_what_is_shared_waits_for_one_that_does_not_share_it(served, start, first_shares):
    first, second = start(served, "n1"), start(served, "n2")
    claim(first, DISK, "web-1|node=n1", "lease=600", *["shared"] * first_shares)
    first.expect("done", DISK)
    claim(second, DISK, "web-2|node=n2", "lease=600", *["shared"] * (not first_shares))
    second.expect("failed", DISK, -errno.EEXIST, "web-1")
    first.tell("end", DISK)
    second.expect("done", DISK)


def test_a_claim_is_not_held_by_the_leases_of_instances(served, start):
    host = start(served)
    claim(host, NAME, "web-1")
    host.tell("new", WEB, ADDRESS, "inc=1")
    host.expect("done", NAME)
    host.expect("done", WEB)
    barrier(served, host)
    assert not set(updates_of(served, "web-1.")) & set(updates_of(served, "web._names"))


# ---- many, and their return ----

@pytest.fixture
def late(make_weftd):
    """A weftd that is not started, and its keys."""
    weftd, key = leases.fabric(make_weftd, zone=leases.SOA + "ns A 127.0.0.1\n",
                               lease=services.options())
    key("n1")
    return weftd, key


@pytest.mark.parametrize("commands", [("hurry",), ()])
def test_what_waits_for_a_registry_comes_with_it(late, start, commands):
    weftd = late[0]
    host = start(late)
    host.tell("many", 500, WEB, HOST, "inc=3", "eager", AT_N1)
    claim(host, NAME, "web-1", "eager")
    assert host.expect("failed", NAME)
    weftd.start()
    for command in commands:
        host.tell(command)
    host.expect("all done")
    host.expect("done", NAME)
    assert len(weftd.json("service", "list")["services"]) == 500


def test_one_that_is_refused_does_not_keep_others_out(served, start):
    register(start(served, "n2"), f"50-{WEB}", "inc=1", "lease=600", AT_N2)
    host = start(served, "n1")
    host.tell("many", 100, WEB, HOST, "inc=3", "eager", "takeover", AT_N1)
    assert "belongs to key n2" in host.expect("failed", f"50-{WEB}", -errno.EEXIST)
    wait_for(lambda: len(served[0].json("service", "list")["services"]) == 100, "the others")
    refused = "x._names.n2.nodes.lab.cloud"
    claim(host, refused, "web-1")
    claim(host, NAME, "web-1")
    host.expect("failed", refused, -errno.EACCES)
    host.expect("done", NAME)


def test_answers_that_are_lost_are_not_anothers(lossy):  # noqa: F811
    weftd, relay = lossy
    host, other = (Host([where], weftd.folder / "n1.key") for where in (relay.where, weftd.where))
    relay.losses = 3
    claim(host, NAME, "web-1", "lease=2", "eager")
    host.tell("new", WEB, "inc=4", "lease=2", "eager", ADDRESS, AT_N1)
    host.expect("done", NAME)
    host.expect("done", WEB)
    assert text((weftd,))["inc"] == "4"
    for name in (WEB, NAME):
        relay.losses = relay.lost + 1
        assert other.do("remove", name)[0] == 0
        host.expect("lost", name)
        host.expect("done", name)
    relay.losses = relay.lost + 2
    host.tell("change", WEB, "inc=5", "lease=2", "eager", ADDRESS, AT_N1, "state=failed")
    host.tell("end", NAME)
    host.expect("ended", NAME)
    wait_for(lambda: text((weftd,)).get("state") == "failed", "the change")
    assert not any(line.startswith("failed") for line in host.kept)
    assert [h.quit() for h in (host, other)] == [0, 0]


# ---- updates of any content ----

def test_an_update_has_what_its_sender_writes(served, start):
    host = start(served)
    event = "1-1._events._cluster.lab.cloud"
    host.tell("update", "lab.cloud", event, 60, "era=1|n=1|node=n1")
    assert host.expect("updated", 0, 0).startswith("NOERROR")
    assert lookup(served, "1-1._events._cluster", "TXT") == ['"era=1" "n=1" "node=n1"']
    host.tell("update", "lab.cloud", event, 60, "era=1|n=2|node=n2")
    assert host.expect("updated", 0, 5).startswith("REFUSED")
    host.tell("update", "other.cloud", event, 60, "era=1")
    assert host.expect("updated").startswith(str(-errno.EHOSTUNREACH))
