# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Registrations that are kept up: against restarts of the process and of the registry, lost leases,
other keys, wrong clocks, changed addresses."""

import errno
import re

import pytest

import leases
import netns
import services
import updates
from loopback import free_address
from registering import PROGRAM, Host
from waiting import wait_for

ZONE = leases.SOA + "ns A 127.0.0.1\nn9.nodes A 192.0.2.9\n"
TYPE = "_http._tcp"
WEB = f"web-1.{TYPE}.lab.cloud"
ADDRESS = "address=192.0.2.1"

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="tests/client/registering is not built")


@pytest.fixture
def served(make_weftd):
    """A started weftd whose zone has a service view, and its keys by name."""
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    key("n1"), key("n2")
    return weftd.start(), key


@pytest.fixture
def start():
    """Starts hosts; those that still run after the test end by themselves, without a fault."""
    hosts = []

    def begin(served, key="n1", *options, more=()):
        weftd = served[0]
        path = weftd.folder / f"{key}.key" if key else ""
        hosts.append(Host([*more, weftd.where], path, *options))
        return hosts[-1]

    yield begin
    running = [host for host in hosts if host.process.poll() is None]
    assert [host.quit() for host in running] == [0] * len(running)


def lookup(served, owner, rdtype):
    return services.lookup(served[0], owner, rdtype)


def text(served, owner=f"web-1.{TYPE}"):
    """The pairs of an instance's TXT; none without one."""
    found = lookup(served, owner, "TXT")
    assert len(found) <= 1
    return dict(pair.split("=", 1) for pair in re.findall(r'"([^"]*)"', "".join(found)))


def updates_logged(served):
    return [line for line in served[0].log().splitlines() if " update client=" in line]


def register(host, name=WEB, *more):
    host.tell("new", name, ADDRESS, *more)
    host.expect("done", name)


# ---- what is registered ----

def test_an_instance_has_all_its_records_and_its_node(served, start):
    host = start(served)
    host.tell("new", WEB, "port=8080", "txt=path=/", "subtypes=_printer", ADDRESS)
    assert host.expect("done", WEB, 0).startswith("NOERROR")
    assert lookup(served, f"web-1.{TYPE}", "SRV") == ["0 0 8080 n1.nodes.lab.cloud."]
    name, lease, incarnation = host.show(WEB)
    assert (name, lease) == (WEB, 60)
    assert text(served) == {"path": "/", "id": "web-1", "inc": str(incarnation)}
    assert lookup(served, TYPE, "PTR") == [f"{WEB}."]
    assert lookup(served, f"_printer._sub.{TYPE}", "PTR") == [f"{WEB}."]
    assert lookup(served, "n1.nodes", "A") == ["192.0.2.1"]


def test_one_message_registers_an_instance_and_its_node(served, start):
    register(start(served))
    wait_for(lambda: updates_logged(served), "logged update")
    assert len(updates_logged(served)) == 1


def test_a_given_host_is_left_alone(served, start):
    register(start(served), WEB, "host=n9.nodes.lab.cloud")
    assert lookup(served, f"web-1.{TYPE}", "SRV") == ["0 0 80 n9.nodes.lab.cloud."]
    assert lookup(served, "n9.nodes", "A") == ["192.0.2.9"]
    assert lookup(served, "n1.nodes", "A") == []


def test_a_node_is_registered_alone_and_removed(served, start):
    host, node = start(served), "n1.nodes.lab.cloud"
    host.tell("new", node, "node", "address=192.0.2.1,2001:db8::1")
    host.expect("done", node)
    assert lookup(served, "n1.nodes", "A") == ["192.0.2.1"]
    assert lookup(served, "n1.nodes", "AAAA") == ["2001:db8::1"]
    host.tell("end", node)
    host.expect("ended", node)
    assert lookup(served, "n1.nodes", "A") == []


@pytest.mark.parametrize("how", ["end", "free"])
def test_a_node_that_is_removed_comes_back_for_an_instance(served, start, how):
    host, node = start(served), "n1.nodes.lab.cloud"
    host.tell("new", node, "node", ADDRESS)
    host.expect("done", node)
    host.tell(how, node)
    host.tell("new", WEB, ADDRESS)
    host.expect("done", WEB)
    wait_for(lambda: lookup(served, "n1.nodes", "A") == ["192.0.2.1"], "address of the node")
    if how == "end":
        host.expect("ended", node)
    host.tell("end", WEB)
    host.expect("ended", WEB)
    assert not any(line.startswith("ended") for line in host.kept)


def test_what_changes_is_sent_at_once(served, start):
    host = start(served)
    register(host, WEB, "subtypes=_old,_both")
    host.tell("change", WEB, "port=81", ADDRESS, "state=draining", "txt=a=b", "subtypes=_both,_new")
    wait_for(lambda: text(served).get("state") == "draining", "draining instance")
    assert text(served)["a"] == "b"
    assert lookup(served, f"web-1.{TYPE}", "SRV") == ["0 0 81 n1.nodes.lab.cloud."]
    host.tell("change", WEB, "port=81", ADDRESS, "subtypes=_both,_new")
    wait_for(lambda: "state" not in text(served), "live instance")
    found = {s: lookup(served, f"{s}._sub.{TYPE}", "PTR") for s in ("_old", "_both", "_new")}
    assert found == {"_old": [], "_both": [f"{WEB}."], "_new": [f"{WEB}."]}


def test_the_health_rides_on_the_refresh(served, start):
    host = start(served)
    register(host, WEB, "lease=2", "health")
    assert "state" not in text(served)
    host.tell("unfit", "failed")
    wait_for(lambda: text(served).get("state") == "failed", "failed instance")
    host.tell("unfit", "up")
    wait_for(lambda: "state" not in text(served), "live instance")


def test_an_instance_that_is_ended_or_freed_is_removed(served, start):
    host, other = start(served), f"web-2.{TYPE}.lab.cloud"
    register(host, WEB, "subtypes=_printer")
    register(host, other)
    host.tell("end", WEB)
    host.expect("ended", WEB, 0)
    assert lookup(served, f"web-1.{TYPE}", "ANY") == []
    assert lookup(served, f"_printer._sub.{TYPE}", "PTR") == []
    host.tell("free", other)
    wait_for(lambda: lookup(served, f"web-2.{TYPE}", "SRV") == [], "removed instance")
    assert lookup(served, TYPE, "PTR") == []


# ---- being kept up ----

def test_a_lease_is_refreshed_for_all_its_records(served, start):
    register(start(served), WEB, "lease=1")
    before, seen = served[0].count("refreshed"), set()

    def is_refreshed():
        seen.add((len(lookup(served, f"web-1.{TYPE}", "SRV")), len(lookup(served, "n1.nodes", "A"))))
        return served[0].count("refreshed") >= before + 6

    wait_for(is_refreshed, "six refreshes")
    assert seen == {(1, 1)}
    assert len(updates_logged(served)) == 1


def test_what_is_left_ends_with_its_lease(served, start):
    host = start(served)
    register(host, WEB, "lease=1")
    host.kill()
    wait_for(lambda: lookup(served, f"web-1.{TYPE}", "ANY") == [], "end of the lease")
    wait_for(lambda: lookup(served, "n1.nodes", "A") == [], "end of the node's lease")


def test_a_new_process_follows_with_a_later_incarnation(served, start):
    host = start(served)
    register(host)
    first = host.show(WEB)[2]
    host.kill()
    again = start(served)
    register(again, WEB, "port=81")
    assert again.show(WEB)[2] > first
    assert text(served)["inc"] == str(again.show(WEB)[2])
    assert lookup(served, f"web-1.{TYPE}", "SRV") == ["0 0 81 n1.nodes.lab.cloud."]


def test_an_incarnation_of_a_clock_that_was_ahead_is_followed(served, start):
    ahead = start(served, "n1", 250)
    register(ahead)
    first = ahead.show(WEB)[2]
    ahead.kill()
    host = start(served)
    register(host)
    assert host.show(WEB)[2] == first + 1


def test_what_the_registry_has_lost_is_registered_anew(served, start):
    host = start(served)
    register(host, WEB, "lease=2")
    first = host.show(WEB)[2]
    served[0].weft("lease", "drop", WEB)
    host.expect("lost", WEB)
    host.expect("done", WEB)
    assert host.show(WEB)[2] > first
    assert text(served)["inc"] == str(host.show(WEB)[2])


def test_a_state_that_another_sets_stays(served, start):
    host = start(served)
    register(host, WEB, "lease=2")
    incarnation = host.show(WEB)[2]
    assert start(served).do("state", WEB, "draining")[0] == 0
    before = served[0].count("refreshed")
    wait_for(lambda: served[0].count("refreshed") > before + 2, "refreshes")
    assert text(served) == {"id": "web-1", "inc": str(incarnation), "state": "draining"}
    assert host.show(WEB)[2] == incarnation


def test_a_drained_instance_is_kept_up(served, start):
    host = start(served)
    register(host, WEB, "lease=1")
    served[0].weft("drain", WEB)
    before = served[0].count("refreshed")
    wait_for(lambda: served[0].count("refreshed") > before + 3, "refreshes")
    assert text(served)["state"] == "draining"
    served[0].weft("undrain", WEB)
    assert "state" not in text(served)


def test_a_service_that_has_moved_is_not_taken_back(served, start):
    host = start(served)
    register(host, WEB, "lease=2")
    other = start(served)
    register(other, WEB, "port=81", "lease=2")
    assert "another process" in host.expect("failed", WEB, -errno.EEXIST)
    assert host.show(WEB)[1] == 0
    assert lookup(served, f"web-1.{TYPE}", "SRV") == ["0 0 81 n1.nodes.lab.cloud."]
    host.tell("end", WEB)
    host.expect("ended", WEB)
    assert lookup(served, f"web-1.{TYPE}", "SRV") == ["0 0 81 n1.nodes.lab.cloud."]


def test_an_instance_outlives_a_restart_of_the_registry(served, start):
    host, weftd = start(served), served[0]
    register(host, WEB, "lease=2")
    weftd.stop()
    host.expect("lost", WEB)
    weftd.start()
    host.expect("done", WEB)
    assert text(served)["inc"] == str(host.show(WEB)[2])


def test_a_registration_waits_for_a_registry(served, start):
    weftd, host = served[0], start(served)
    weftd.stop()
    host.tell("new", WEB, ADDRESS)
    host.expect("failed", WEB)
    weftd.start()
    host.expect("done", WEB)


def test_a_registry_that_does_not_answer_is_passed_over(served, start):
    host = start(served, "n1", more=[free_address()])
    register(host)
    assert text(served)["id"] == "web-1"


def test_when_its_registry_dies_it_goes_to_the_other(served, start, make_weftd):
    first, key = served
    second = make_weftd("second")
    for name in ("lab.cloud.fabric", "lab.cloud.zone"):
        (second.folder / name).write_bytes((first.folder / name).read_bytes())
        (second.folder / name).chmod(0o600)
    second.conf.write_text(first.conf.read_text().replace(
        f"{first.address}@{first.port}", f"{second.address}@{second.port}"))
    second.start()
    host = Host([first.where, second.where], first.folder / "n1.key")
    register(host, WEB, "lease=4")
    assert lookup((second,), f"web-1.{TYPE}", "SRV") == []
    first.kill()
    host.expect("done", WEB)
    assert lookup((second,), f"web-1.{TYPE}", "SRV") == ["0 0 80 n1.nodes.lab.cloud."]
    other = f"web-2.{TYPE}.lab.cloud"
    register(host, other)
    assert lookup((second,), f"web-2.{TYPE}", "SRV") == ["0 0 80 n1.nodes.lab.cloud."]
    assert not any(line.startswith("failed") for line in host.kept)
    assert host.quit() == 0


def test_after_the_host_has_slept_it_registers_anew(served, start):
    host, other = start(served), f"web-2.{TYPE}.lab.cloud"
    register(host, WEB, "lease=600")
    first = host.show(WEB)[2]
    host.tell("sleep", 700)
    register(host, other, "lease=600")
    host.expect("lost", WEB)
    host.expect("done", WEB)
    assert host.show(WEB)[2] > first


def test_after_a_short_sleep_it_refreshes(served, start):
    host, other = start(served), f"web-2.{TYPE}.lab.cloud"
    register(host, WEB, "lease=600")
    first, before = host.show(WEB)[2], served[0].count("refreshed")
    host.tell("sleep", 100)
    register(host, other, "lease=300")
    wait_for(lambda: served[0].count("refreshed") > before, "refresh")
    assert host.show(WEB)[2] == first


# ---- many ----

def test_a_thousand_need_few_messages(served, start):
    host = start(served)
    host.tell("many", 1000, WEB, ADDRESS, "lease=600")
    host.expect("all done")
    assert len(lookup(served, TYPE, "PTR")) == 1000
    assert len(updates_logged(served)) <= 12
    host.kill()
    again = start(served)
    again.tell("many", 1000, WEB, ADDRESS, "lease=600", "port=81")
    again.expect("all done")
    assert len(updates_logged(served)) <= 60
    assert {line.split()[2] for line in lookup(served, f"500-web-1.{TYPE}", "SRV")} == {"81"}


def test_one_that_is_refused_does_not_take_the_others_along(served, start):
    taken = start(served, "n2")
    taken.tell("new", f"7-{WEB}", "host=n9.nodes.lab.cloud")
    taken.expect("done")
    host = start(served)
    host.tell("many", 20, WEB, ADDRESS)
    assert "belongs to key n2" in host.expect("failed", f"7-{WEB}", -errno.EEXIST)
    wait_for(lambda: len(lookup(served, TYPE, "PTR")) == 20, "19 others")
    assert len(updates_logged(served)) <= 16


# ---- conflicts and refusals ----

def test_the_name_of_another_key_is_refused(served, start):
    register(start(served, "n2"))
    host = start(served)
    host.tell("new", WEB, ADDRESS)
    assert "belongs to key n2.keys.lab.cloud" in host.expect("failed", WEB, -errno.EEXIST)
    assert lookup(served, f"web-1.{TYPE}", "SRV") == ["0 0 80 n2.nodes.lab.cloud."]


def test_the_name_of_another_key_is_changed_to_the_next_number(served, start):
    other = start(served, "n2")
    register(other)
    register(other, f"web-1\\032(2).{TYPE}.lab.cloud")
    host = start(served)
    host.tell("new", WEB, ADDRESS, "rename")
    host.expect("renamed", WEB)
    assert host.show(WEB)[0] == f"web-1\\032\\(3\\).{TYPE}.lab.cloud"
    assert len(lookup(served, TYPE, "PTR")) == 3


def test_another_keys_node_is_refused_with_the_reason(served, start):
    host = start(served)
    host.tell("new", "n2.nodes.lab.cloud", "node", ADDRESS)
    assert "is at the name of another node" in host.expect("failed", "n2.nodes.lab.cloud", -errno.EACCES)


def test_a_key_that_the_registry_does_not_know(served, start):
    weftd = served[0]
    (weftd.folder / "n3.key").write_text(
        'key "n3.keys.elsewhere" { algorithm hmac-sha256; secret "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyYiE="; };\n')
    host = start(served, "n3")
    host.tell("new", WEB, ADDRESS)
    assert "BADKEY" in host.expect("failed", WEB, -errno.ENOKEY)


def test_another_secret_of_the_key(served, start):
    weftd = served[0]
    (weftd.folder / "n3.key").write_text(
        'key "n1.keys.lab.cloud" { algorithm hmac-sha256; secret "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyYiE="; };\n')
    host = start(served, "n3")
    host.tell("new", WEB, ADDRESS)
    why = host.expect("failed", WEB, -errno.ENOKEY)
    assert "BADSIG" in why and "MAC does not match" in why


def test_without_a_key_the_reason_names_the_setting(served, start):
    host = start(served, None)
    host.tell("new", WEB, ADDRESS)
    assert "key-file" in host.expect("failed", WEB, -errno.ENOKEY)


@pytest.mark.parametrize("wrong_s", (400, -400))
def test_a_clock_that_is_a_little_wrong_is_corrected(served, start, wrong_s):
    register(start(served, "n1", wrong_s))
    assert text(served)["id"] == "web-1"


@pytest.mark.parametrize("wrong_s", (1000, -1000))
def test_a_clock_that_is_very_wrong_is_refused(served, start, wrong_s):
    host = start(served, "n1", wrong_s)
    host.tell("new", WEB, ADDRESS)
    assert "clock is 1000 s" in host.expect("failed", WEB, -errno.ETIME).replace("999", "1000")


def test_a_name_that_cannot_be_registered_is_refused_at_once(served, start):
    host = start(served)
    host.tell("new", WEB, "port=0")
    host.expect("error", WEB, -errno.EINVAL)


# ---- single changes ----

def test_a_name_is_removed_whichever_process_registered_it(served, start):
    register(start(served), WEB, "lease=600")
    other = start(served)
    assert other.do("remove", WEB) == (0, other_why(served))
    assert lookup(served, f"web-1.{TYPE}", "ANY") == [] and lookup(served, TYPE, "PTR") == []
    assert other.do("remove", WEB)[0] == -errno.ENOENT


def other_why(served):
    address, port = served[0].where
    return f"NOERROR ({address}@{port})"


def test_a_state_is_set_without_losing_the_rest(served, start):
    register(start(served), WEB, "txt=path=/", "lease=600")
    other = start(served)
    before = text(served)
    assert other.do("state", WEB, "failed")[0] == 0
    assert text(served) == {**before, "state": "failed"}
    assert other.do("state", WEB, "up")[0] == 0
    assert text(served) == {**before, "state": "up"}
    assert other.do("state", f"none.{TYPE}.lab.cloud", "up")[0] == -errno.ENOENT


def test_another_key_may_not_change_it(served, start):
    register(start(served), WEB, "lease=600")
    other = start(served, "n2")
    for words in (("state", WEB, "failed"), ("remove", WEB)):
        error, why = other.do(*words)
        assert error == -errno.EEXIST and "belongs to key n1" in why


def test_a_report_is_made_once_in_a_while(served, start):
    register(start(served), WEB, "lease=600")
    other = start(served, "n2")
    assert other.do("report", WEB, "timeout")[0] == 0
    assert lookup(served, f"_suspect.web-1.{TYPE}", "TXT") == ['"by=n2" "why=timeout"']
    wait_for(lambda: len(updates_logged(served)) == 2, "the log")
    assert other.do("report", WEB, "timeout")[0] == 0
    assert len(updates_logged(served)) == 2


# ---- the network's addresses ----

@pytest.fixture
def cable():
    pair = netns.Pair()
    yield pair
    pair.close()


def test_the_node_follows_the_addresses_of_the_network(make_weftd, cable):
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=services.options())
    key("n1")
    weftd.address, weftd.port = netns.THERE, 5300
    weftd.conf.write_text(re.sub(r'listen: .*', f'listen: ["{netns.THERE}@5300"]', weftd.conf.read_text()))
    with cable.there.inside():
        weftd.start()
    with cable.here.inside():
        host = Host([weftd.where], weftd.folder / "n1.key")

    def addresses():
        with cable.there.inside():
            return sorted(lookup((weftd,), "n1.nodes", "A") + lookup((weftd,), "n1.nodes", "AAAA"))

    host.tell("new", WEB)
    host.expect("done", WEB)
    assert addresses() == [netns.HERE]
    cable.here.ip("addr", "add", "10.77.0.9/24", "dev", "cable")
    wait_for(lambda: addresses() == [netns.HERE, "10.77.0.9"], "second address")
    cable.here.ip("addr", "add", "2001:db8::9/64", "dev", "cable", "nodad")
    cable.here.ip("addr", "add", "2001:db8::a/64", "dev", "cable", "nodad", "preferred_lft", "0")
    wait_for(lambda: addresses() == [netns.HERE, "10.77.0.9", "2001:db8::9"], "IPv6 address")
    cable.here.ip("addr", "del", "10.77.0.9/24", "dev", "cable")
    wait_for(lambda: addresses() == [netns.HERE, "2001:db8::9"], "the first address alone")
    assert host.quit() == 0
