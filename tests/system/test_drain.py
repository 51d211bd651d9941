# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""`weft drain` and `weft undrain`: the operator takes an instance out of use, whatever state its
owner registers."""

import pytest

import leases
from services import (SUBTYPE, TYPE, WEB, ZONE, check, lookup, new_served, reconfigure, register,
                      registration, remove, view)
from updates import send, serial
from waiting import wait_for

FULL = f"{WEB}.lab.cloud"
DRAINED = (set(), set())
UP = ({"web"}, {(0, 80)})


@pytest.fixture
def served(make_weftd):
    return new_served(make_weftd)


def strings(weftd, name=WEB):
    """The strings of the instance's TXT, in any order."""
    text, = lookup(weftd, name, "TXT")
    return set(text.strip('"').split('" "'))


def test_what_is_drained_leaves_the_browse_sets_at_once_and_is_resolved(served):
    weftd, key = served
    register(served, "web", txt="path=/x state=up")
    register(served, "other", port=81)
    assert send(weftd, updates=[f"{SUBTYPE} 60 IN PTR {WEB}"], key=key).rcode == "NOERROR"
    before = serial(weftd)
    weftd.weft("drain", FULL)
    wait_for(lambda: f" drained name={FULL}.\n" in weftd.log(), "line of it")
    assert serial(weftd) == before + 1
    assert view(weftd) == ({"other"}, {(0, 81)})
    assert lookup(weftd, SUBTYPE, "PTR") == []
    assert lookup(weftd, WEB, "SRV") == ["0 0 80 n1.nodes.lab.cloud."]
    assert strings(weftd) == {"path=/x", "state=draining"}
    check(weftd)
    weftd.weft("undrain", FULL)
    assert serial(weftd) == before + 2
    assert view(weftd) == ({"web", "other"}, {(0, 80), (0, 81)})
    assert lookup(weftd, SUBTYPE, "PTR") == [f"{FULL}."]
    assert lookup(weftd, WEB, "TXT") == ['"path=/x" "state=up"']
    check(weftd)


@pytest.mark.parametrize("txt", ["a=b", "state=starting", "STATE=failed b=c", "state=draining", '""'])
def test_undrain_restores_the_txt(served, txt):
    weftd, _ = served
    register(served, "web", txt=txt)
    before = lookup(weftd, WEB, "TXT"), view(weftd)
    weftd.weft("drain", FULL)
    assert "state=draining" in strings(weftd)
    assert len([s for s in strings(weftd) if s.lower().startswith("state=")]) == 1
    assert view(weftd) == DRAINED
    weftd.weft("undrain", FULL)
    assert (lookup(weftd, WEB, "TXT"), view(weftd)) == before


def test_an_instance_without_txt_is_drained_too(served):
    weftd, key = served
    assert send(weftd, updates=registration("web")[2:3], key=key).rcode == "NOERROR"
    assert view(weftd) == UP
    weftd.weft("drain", FULL)
    assert (view(weftd), strings(weftd)) == (DRAINED, {"state=draining"})
    weftd.weft("undrain", FULL)
    assert (view(weftd), lookup(weftd, WEB, "TXT")) == (UP, [])


@pytest.mark.parametrize("lease", [None, 1000])
def test_neither_a_refresh_nor_a_registration_takes_it_back(served, lease):
    weftd, _ = served
    for _ in range(3):
        register(served, "web", lease=lease)
    weftd.weft("drain", FULL)
    for _ in range(4):
        register(served, "web", lease=lease)
        assert (view(weftd), strings(weftd)) == (DRAINED, {"a=b", "state=draining"})
    register(served, "web", lease=lease, txt="c=d state=up", port=81)
    assert (view(weftd), strings(weftd)) == (DRAINED, {"c=d", "state=draining"})
    assert lookup(weftd, WEB, "SRV") == ["0 0 81 n1.nodes.lab.cloud."]
    check(weftd)
    weftd.weft("undrain", FULL)
    assert view(weftd) == ({"web"}, {(0, 81)})
    assert lookup(weftd, WEB, "TXT") == ['"c=d" "state=up"']
    check(weftd)


@pytest.mark.parametrize("how", ["stop", "kill", "checkpoint"])
def test_it_survives_restarts(served, how):
    weftd, _ = served
    register(served, "web", lease=1000)
    weftd.weft("drain", FULL)
    if how == "checkpoint":
        weftd.weft("zone", "checkpoint")
    weftd.stop() if how == "stop" else weftd.kill()
    weftd.start()
    check(weftd)
    register(served, "web", lease=1000)
    assert (view(weftd), strings(weftd)) == (DRAINED, {"a=b", "state=draining"})
    weftd.weft("undrain", FULL)
    weftd.kill()
    weftd.start()
    assert (view(weftd), lookup(weftd, WEB, "TXT")) == (UP, ['"a=b"'])
    check(weftd)


@pytest.mark.parametrize("end", ["update", "lease", "drop"])
def test_it_ends_with_the_instance(served, end):
    weftd, _ = served
    register(served, "web", lease=None if end == "update" else 1000)
    weftd.weft("drain", FULL)
    if end == "update":
        remove(served, "web")
    elif end == "drop":
        weftd.weft("lease", "drop", FULL)
    else:
        register(served, "web", lease=1)
    wait_for(lambda: not lookup(weftd, WEB, "SRV"), "end of the instance")
    assert lookup(weftd, WEB, "TXT") == []
    assert weftd.json("lease", "list") == []
    weftd.kill()
    weftd.start()
    register(served, "web")
    assert (view(weftd), lookup(weftd, WEB, "TXT")) == (UP, ['"a=b"'])


@pytest.mark.parametrize("how", ["", "stop", "kill"])
def test_a_drain_follows_the_zones_file(served, how):
    weftd, _ = served

    def edit(*lines):
        weftd.zone(ZONE + "\n".join(lines) + "\n")
        weftd.weft("zone", "reload")
        if how:
            getattr(weftd, how)()
            weftd.start()
        check(weftd)

    edit(f"{WEB} SRV 0 0 80 n1.nodes", f"{WEB} TXT a=b")
    weftd.weft("drain", FULL)
    assert (view(weftd), strings(weftd)) == (DRAINED, {"a=b", "state=draining"})
    edit(f"{WEB} SRV 0 0 81 n1.nodes", f"{WEB} TXT a=b")
    assert (view(weftd), strings(weftd)) == (DRAINED, {"a=b", "state=draining"})
    edit(f"{WEB} SRV 0 0 81 n1.nodes", f"{WEB} TXT state=up c=d")
    assert (view(weftd), strings(weftd)) == (DRAINED, {"c=d", "state=draining"})
    edit()
    assert (lookup(weftd, WEB, "TXT"), view(weftd)) == ([], DRAINED)
    register(served, "web")
    assert view(weftd) == UP


def test_several_are_drained_by_one_command(served):
    weftd, _ = served
    for name in ("a", "b", "c"):
        register(served, name)
    names = [f"{name}.{TYPE}.lab.cloud" for name in ("a", "b", "c")]
    weftd.weft("drain", *names[:2])
    assert view(weftd)[0] == {"c"}
    assert weftd.json("stats")["services"]["drained"] == 2
    weftd.weft("drain", *names)
    assert view(weftd) == DRAINED
    weftd.weft("undrain", *names)
    assert view(weftd)[0] == {"a", "b", "c"}
    assert weftd.json("stats")["services"]["drained"] == 0


@pytest.mark.parametrize("name", ["none._http._tcp.lab.cloud", "n1.nodes.lab.cloud", "_http._tcp.lab.cloud",
                                  "lab.cloud", "web._http._tcp.example", "a..b"])
@pytest.mark.parametrize("command", ["drain", "undrain"])
def test_a_name_that_is_not_an_instance_is_refused(served, command, name):
    weftd, _ = served
    before = serial(weftd)
    done = weftd.weft(command, name, check=False)
    assert done.returncode != 0
    assert name in done.stderr
    assert serial(weftd) == before


def test_the_owner_may_say_draining_itself_and_take_it_back(served):
    weftd, _ = served
    register(served, "web", txt="state=draining")
    assert view(weftd) == DRAINED
    register(served, "web", txt="state=up")
    assert view(weftd) == UP


def test_an_incarnation_is_fenced_while_it_drains(served):
    weftd, key = served
    register(served, "web", txt="inc=7")
    weftd.weft("drain", FULL)
    assert strings(weftd) == {"inc=7", "state=draining"}
    assert send(weftd, updates=registration("web", txt="inc=6"), key=key).rcode == "YXRRSET"
    register(served, "web", txt="inc=8")
    assert strings(weftd) == {"inc=8", "state=draining"}
    weftd.weft("undrain", FULL)
    assert strings(weftd) == {"inc=8"}


def test_a_drain_is_forgotten_with_an_instance_that_is_removed_without_a_view(served):
    """What the owner registers without a view is published as it is."""
    weftd, _ = served
    for name in ("web", "gone"):
        register(served, name, txt="a=old")
    weftd.weft("drain", FULL, f"gone.{TYPE}.lab.cloud")
    reconfigure(weftd, ("enable: yes", "enable: no"))
    register(served, "web", txt="a=new")
    remove(served, "gone")
    reconfigure(weftd, ("enable: no", "enable: yes"))
    assert len(lookup(weftd, WEB, "TXT")) == 1 and "a=new" in strings(weftd)
    weftd.weft("undrain", FULL, check=False)
    assert lookup(weftd, WEB, "TXT") == ['"a=new"']
    register(served, "gone", txt="a=reborn")
    assert lookup(weftd, f"gone.{TYPE}", "TXT") == ['"a=reborn"']
    assert view(weftd)[0] == {"web", "gone"}
    check(weftd)


def test_several_txts_are_restored_each(served):
    """Also two TXTs that publish the same record while they are drained."""
    weftd, key = served
    register(served, "web", txt='"state=draining" "a"')
    more = [f'{WEB} 60 IN TXT "state=draining" "a" "state=up"', f'{WEB} 60 IN TXT "b" "state=up"']
    assert send(weftd, updates=more, key=key).rcode == "NOERROR"
    before = lookup(weftd, WEB, "TXT")
    assert len(before) == 3
    weftd.weft("drain", FULL)
    assert send(weftd, updates=[f"{WEB} 60 IN A 10.0.0.1"], key=key).rcode == "NOERROR"
    weftd.weft("undrain", FULL)
    assert lookup(weftd, WEB, "TXT") == before
    check(weftd)


def test_a_drain_can_be_ended_without_an_srv(served):
    weftd, key = served
    register(served, "web")
    weftd.weft("drain", FULL)
    assert send(weftd, updates=[f"{WEB} 0 ANY SRV"], key=key).rcode == "NOERROR"
    weftd.weft("undrain", FULL)
    assert lookup(weftd, WEB, "TXT") == ['"a=b"']
    register(served, "web")
    assert view(weftd) == UP


def test_those_before_one_that_is_unknown_are_drained(served):
    weftd, _ = served
    register(served, "web")
    done = weftd.weft("drain", FULL, f"none.{TYPE}.lab.cloud", check=False)
    assert done.returncode != 0 and "those before it are done" in done.stderr
    assert view(weftd) == DRAINED


@pytest.mark.parametrize("line, rcode", [(f"{WEB} 0 ANY TXT", "YXDOMAIN"), (f"{WEB} 60 IN TXT x", "YXDOMAIN"),
                                         ("_x._tcp 60 IN PTR x", "REFUSED")])
def test_an_update_that_is_refused_changes_nothing_of_it(served, line, rcode):
    weftd, key = served
    register(served, "web", txt="a=1 state=up", lease=1000)
    weftd.weft("drain", FULL)
    before = serial(weftd), lookup(weftd, WEB, "TXT")
    other = leases.issue(weftd, "n2")
    for prerequisite in ([], [f"{WEB} 0 IN TXT a=1 state=up"]):
        assert send(weftd, prerequisite, [line], key=other).rcode == rcode
        assert (serial(weftd), lookup(weftd, WEB, "TXT")) == before
    # The owner's prerequisites are compared with the owner's TXT.
    assert send(weftd, [f"{WEB} 0 IN TXT a=1 state=draining"], [f"{WEB} 60 IN A 10.0.0.1"],
                key=key).rcode == "NXRRSET"
    assert send(weftd, [f"{WEB} 0 IN TXT a=1 state=up"], [f"{WEB} 60 IN A 10.0.0.1"],
                key=key).rcode == "NOERROR"
