# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Reports of failed contact: which keys may make and remove them, when an instance is suspect, what
that changes, when it ends."""

import time

import pytest

import leases
import updates
from services import TYPE, WEB, ZONE, check, lookup, options, reconfigure, registration, view
from services import register as register_by
from updates import send, serial
from waiting import let_pass, wait_for

REPORT = f"_suspect.{WEB}"
LAST_RESORT = 65535
UP = ({"web", "other"}, {(0, 80), (0, 81)})
# What each rule makes of web when it is suspect, beside an instance that is not.
SUSPECT = {"demote": ({"web", "other"}, {(LAST_RESORT, 80), (0, 81)}),
           "withdraw": ({"other"}, {(0, 81)}),
           "ignore": UP}
LEASE_S = 1000


class Served:
    """A zone with a rule for reports, whose keys report, and n1's services web and other."""

    def __init__(self, make_weftd, suspect):
        self.weftd, self.key = leases.fabric(make_weftd, zone=ZONE, lease=options(suspect=suspect))
        self.weftd.start()

    def register(self, name="web", lease=LEASE_S, **more):
        return register_by((self.weftd, self.key("n1")), name, lease, **more)

    def report(self, key, name="web", lease=None, text="x"):
        lines = [f"_suspect.{name}.{TYPE} 30 IN TXT by={key} {text}"]
        reply = send(self.weftd, updates=lines, key=self.key(key), lease=lease)
        assert reply.rcode == "NOERROR", reply
        return reply

    def reports(self, name="web"):
        """The keys that have reported."""
        return [text.split('"')[1].removeprefix("by=")
                for text in lookup(self.weftd, f"_suspect.{name}.{TYPE}", "TXT")]

    def view(self):
        return view(self.weftd)


@pytest.fixture
def new(make_weftd):
    def make(suspect, both=True):
        served = Served(make_weftd, suspect)
        served.register()
        if both:
            served.register("other", port=81)
        return served
    return make


def rule(then="demote", reports=2, within=600, panic="all"):
    return f"reports: {reports}, within: {within}, then: {then}, panic: {panic}"


# ---- when it is suspect ----

@pytest.mark.parametrize("then", SUSPECT)
def test_two_reports_make_an_instance_suspect(new, then):
    served = new(rule(then))
    served.report("n2")
    assert served.view() == UP
    served.report("n3")
    assert served.reports() == ["n2", "n3"]
    assert served.view() == SUSPECT[then]
    assert lookup(served.weftd, WEB, "SRV") == ["0 0 80 n1.nodes.lab.cloud."]
    assert lookup(served.weftd, WEB, "TXT") == ['"a=b"']
    check(served.weftd)


def test_it_follows_in_the_version_of_the_report(new):
    served = new(rule("withdraw", reports=1))
    before = serial(served.weftd)
    served.report("n2")
    assert serial(served.weftd) == before + 1
    assert served.view() == SUSPECT["withdraw"]


def test_one_key_has_one_report(new):
    served = new(rule("withdraw"))
    for text in ("first", "second", "second", "third"):
        served.report("n2", text=text)
        assert lookup(served.weftd, REPORT, "TXT") == [f'"by=n2" "{text}"']
        assert served.view() == UP
    # Two reports in one update count as one too.
    lines = [f"{REPORT} 30 IN TXT by=n2 {text}" for text in ("fourth", "fifth")]
    assert send(served.weftd, updates=lines, key=served.key("n2")).rcode == "NOERROR"
    assert served.view() == UP
    served.report("n3")
    assert served.view() == SUSPECT["withdraw"]


def test_the_rule_sets_the_number_of_reports(new):
    served = new(rule("demote", reports=3))
    for key, expected in (("n2", UP), ("n3", UP), ("n4", SUSPECT["demote"])):
        served.report(key)
        assert served.view() == expected


def test_a_report_that_was_taken_back_does_not_count(new):
    served = new(rule("withdraw"))
    served.report("n2")
    assert send(served.weftd, updates=[f"{REPORT} 0 ANY TXT"], key=served.key("n2")).rcode == "NOERROR"
    assert served.reports() == []
    served.report("n3")
    assert served.view() == UP
    served.report("n2")
    assert served.view() == SUSPECT["withdraw"]


def test_reports_must_be_close_together(new):
    served = new(rule("withdraw", within=2))
    served.report("n2", lease=LEASE_S)
    # A report without a lease lasts as long as the window: when this one ends, the first is outside.
    served.report("n2", "other")
    wait_for(lambda: served.reports("other") == [], "end of the window")
    served.report("n3", lease=LEASE_S)
    assert served.reports() == ["n2", "n3"]
    assert served.view() == UP
    served.report("n4", lease=LEASE_S)
    assert served.view() == SUSPECT["withdraw"]


def test_a_report_without_lease_has_that_of_the_rule(new):
    served = new(rule("ignore", within=2))
    start = time.monotonic()
    assert served.report("n2").lease is None
    row, = served.weftd.json("lease", "list", f"{REPORT}.lab.cloud")
    assert (row["granted"], row["key"]) == (2, "n2.keys.lab.cloud.")
    wait_for(lambda: served.reports() == [], "end of the report")
    assert time.monotonic() >= start + 1.9
    assert served.report("n2", lease=50).lease == (50,)
    row, = served.weftd.json("lease", "list", f"{REPORT}.lab.cloud")
    assert row["granted"] == 50


def test_the_lease_of_a_report_is_not_below_the_zones_minimum(make_weftd):
    text = options(suspect=rule("ignore", within=2)).replace("minimum: 1", "minimum: 20")
    weftd, key = leases.fabric(make_weftd, zone=ZONE, lease=text)
    weftd.start()
    assert send(weftd, updates=[f"{REPORT} 30 IN TXT by=n2"], key=key("n2")).rcode == "NOERROR"
    row, = weftd.json("lease", "list")
    assert row["granted"] == 20


# ---- when it is over ----

def test_it_stays_suspect_when_the_reports_have_ended(new):
    served = new(rule("withdraw"))
    for key in ("n2", "n3"):
        served.report(key, lease=1)
    assert served.view() == SUSPECT["withdraw"]
    wait_for(lambda: served.reports() == [], "end of the reports")
    assert served.view() == SUSPECT["withdraw"]
    check(served.weftd)
    served.register()
    assert served.view() == UP


@pytest.mark.parametrize("then", ["demote", "withdraw"])
@pytest.mark.parametrize("more", [{}, {"port": 82}, {"txt": "c=d"}])
def test_its_owner_clears_it_by_any_refresh(new, then, more):
    served = new(rule(then))
    for key in ("n2", "n3"):
        served.report(key)
    assert served.view() == SUSPECT[then]
    served.register(**more)
    assert served.view() == ({"web", "other"}, {(0, more.get("port", 80)), (0, 81)})
    assert served.reports() == []
    check(served.weftd)
    # Counting starts again.
    served.report("n3")
    assert served.view()[0] == {"web", "other"}
    served.report("n2")
    assert served.view() != ({"web", "other"}, {(0, more.get("port", 80)), (0, 81)})


@pytest.mark.parametrize("how", ["", "kill"])
def test_a_refresh_that_a_worker_answers_clears_it_too(new, how):
    """The records are identical, so most refreshes reach the registrar only later, or not at all."""
    served = new(rule("withdraw"))

    def refresh():
        wire, mac = updates.signed(registration("web"), key=served.key("n1"), lease=LEASE_S)
        reply = updates.Reply(updates.exchange(served.weftd, wire), served.key("n1"), mac)
        assert (reply.rcode, reply.lease) == ("NOERROR", (LEASE_S,))

    for _ in range(3):
        for _ in range(3):
            refresh()
        for key in ("n2", "n3"):
            served.report(key)
        assert served.view() == SUSPECT["withdraw"]
        if how:
            served.weftd.kill()
            served.weftd.start()
            assert served.view() == SUSPECT["withdraw"]
        refresh()
        wait_for(lambda: served.view() == UP, "instance that is browsed", 2)
        wait_for(lambda: served.reports() == [], "end of the reports", 2)
    check(served.weftd)


def test_another_services_refresh_clears_nothing(new):
    served = new(rule("withdraw"))
    for key in ("n2", "n3"):
        served.report(key)
    served.register("other", port=81)
    assert send(served.weftd, updates=["n1.nodes 60 IN A 10.0.0.1"], key=served.key("n1")).rcode == "NOERROR"
    assert served.view() == SUSPECT["withdraw"]


@pytest.mark.parametrize("end", ["register", "reports", "taken back"])
def test_without_a_lease_it_is_suspect_until_registered_again_or_the_last_report_ends(new, end):
    served = new(rule("withdraw"))
    served.register(lease=None)
    served.report("n2", lease=1)
    served.report("n3", lease=2 if end == "reports" else LEASE_S)
    assert served.view() == SUSPECT["withdraw"]
    if end == "register":
        served.register(lease=None)
        assert (served.view(), served.reports()) == (UP, [])
    elif end == "taken back":
        for key in ("n2", "n3"):
            assert served.view() == SUSPECT["withdraw"]
            assert send(served.weftd, updates=[f"{REPORT} 0 NONE TXT by={key} x"],
                        key=served.key(key)).rcode == "NOERROR"
        assert (served.view(), served.reports()) == (UP, [])
    else:
        wait_for(lambda: served.reports() == ["n3"], "end of the first report")
        assert served.view() == SUSPECT["withdraw"]
        wait_for(lambda: served.reports() == [], "end of the last report")
        wait_for(lambda: served.view() == UP, "instance that is browsed", 2)
    check(served.weftd)


def test_a_successor_is_not_suspect(new):
    served = new(rule("withdraw"))
    for key in ("n2", "n3"):
        served.report(key, lease=1)
    assert send(served.weftd, updates=[f"{WEB} 0 ANY ANY"], key=served.key("n1")).rcode == "NOERROR"
    wait_for(lambda: served.reports() == [], "end of the reports")
    served.register()
    assert served.view() == UP


# ---- panic ----

def report_all(served, *names):
    for name in names:
        for key in ("n2", "n3"):
            served.report(key, name)


ALL = {(0, 80), (0, 81)}


@pytest.mark.parametrize("panic, expected", [("all", UP), ("last", ({"other"}, {(0, 81)})),
                                             ("none", (set(), set()))])
def test_when_all_are_suspect_the_panic_rule_decides_which_stay(new, panic, expected):
    served = new(rule("withdraw", panic=panic))
    report_all(served, "web")
    assert served.view() == SUSPECT["withdraw"]
    report_all(served, "other")
    assert served.view() == expected
    served.weftd.kill()
    served.weftd.start()
    assert served.view() == expected
    assert served.weftd.json("stats")["services"]["suspect"] == 2
    check(served.weftd)
    # One instance that is trusted again is enough.
    served.register("web")
    assert served.view() == ({"web"}, {(0, 80)})
    served.register("other", port=81)
    assert served.view() == UP
    check(served.weftd)


@pytest.mark.parametrize("panic, expected", [("all", {"web"}), ("last", {"web"}), ("none", set())])
def test_the_last_one_alone(new, panic, expected):
    served = new(rule("withdraw", panic=panic), both=False)
    report_all(served, "web")
    assert served.view()[0] == expected
    check(served.weftd)


def test_an_instance_that_is_not_up_does_not_prevent_panic(new):
    served = new(rule("withdraw"))
    report_all(served, "web")
    assert served.view()[0] == {"other"}
    served.register("other", port=81, txt="state=draining")
    assert served.view()[0] == {"web"}
    served.register("other", port=81)
    assert served.view()[0] == {"other"}
    assert send(served.weftd, updates=[f"other.{TYPE} 0 ANY ANY"], key=served.key("n1")).rcode == "NOERROR"
    assert served.view()[0] == {"web"}
    check(served.weftd)


# ---- kill -9 ----

@pytest.mark.parametrize("then", SUSPECT)
@pytest.mark.parametrize("how", ["kill", "checkpoint", "stop"])
def test_all_of_it_survives_restarts(new, then, how):
    served = new(rule(then))

    def restart():
        if how == "checkpoint":
            served.weftd.weft("zone", "checkpoint")
        served.weftd.stop() if how == "stop" else served.weftd.kill()
        served.weftd.start()
        check(served.weftd)

    served.report("n2")
    restart()
    assert (served.view(), served.reports()) == (UP, ["n2"])
    served.report("n2")
    assert served.view() == UP
    served.report("n3", lease=1)
    restart()
    assert served.view() == SUSPECT[then]
    wait_for(lambda: served.reports() == ["n2"], "end of a report")
    restart()
    assert served.view() == SUSPECT[then]
    served.register()
    restart()
    assert served.view() == UP
    if then != "ignore":
        assert served.reports() == []


# ---- the owner of a report ----

def test_a_report_is_its_keys_own(new):
    served = new(rule("withdraw", reports=3))
    served.report("n2")
    served.report("n3")
    text, other = (f'by={key} x' for key in ("n2", "n3"))
    for line in (f"{REPORT} 0 NONE TXT {text}", f"{REPORT} 0 ANY TXT", f"{REPORT} 0 ANY ANY"):
        reply = send(served.weftd, updates=[line], key=served.key("n4"))
        assert reply.rcode == "REFUSED" and reply.why, (line, reply)
    assert send(served.weftd, updates=[f"{REPORT} 0 NONE TXT {text}"], key=served.key("n3")).rcode == "REFUSED"
    assert served.reports() == ["n2", "n3"]
    assert send(served.weftd, updates=[f"{REPORT} 0 NONE TXT {other}"], key=served.key("n3")).rcode == "NOERROR"
    assert served.reports() == ["n2"]
    assert send(served.weftd, updates=[f"{REPORT} 0 ANY TXT"], key=served.key("admin")).rcode == "NOERROR"
    assert served.reports() == []


def test_nsupdate_reports(new):
    served = new(rule("withdraw"))
    for name in ("n2", "n3"):
        served.key(name)
        served.weftd.key_path = served.weftd.folder / f"{name}.key"
        served.weftd.nsupdate(f'update add {REPORT}.lab.cloud. 30 TXT "by={name}"')
    assert served.weftd.dig(f"{REPORT}.lab.cloud", "TXT") != ""
    assert served.weftd.dig(f"{TYPE}.lab.cloud", "PTR") == f"other.{TYPE}.lab.cloud.\n"


def test_another_rule_is_applied_by_a_reload(new):
    served = new(rule("demote"))
    report_all(served, "web")
    assert served.view() == SUSPECT["demote"]
    before = served.weftd.conf.read_text()
    for then in ("withdraw", "ignore"):
        served.weftd.conf.write_text(before.replace("then: demote", f"then: {then}"))
        served.weftd.weft("reload")
        wait_for(lambda expected=SUSPECT[then]: served.view() == expected, f"view that follows {then}", 5)
        check(served.weftd)


@pytest.mark.parametrize("lease", [None, LEASE_S])
def test_a_report_is_alone_in_its_update(new, lease):
    served = new(rule("withdraw", reports=1))
    before = serial(served.weftd)
    for other in (registration("b", kind="_ipp._tcp"), ["n2.nodes 60 IN A 10.0.0.2"]):
        reply = send(served.weftd, updates=[f"{REPORT} 30 IN TXT by=n2", *other], key=served.key("n2"), lease=lease)
        assert reply.rcode == "REFUSED" and reply.why, reply
    assert (serial(served.weftd), served.view()) == (before, UP)
    served.report("n2")
    assert served.view() == SUSPECT["withdraw"]


def test_a_key_lease_of_a_report_is_ignored(new):
    served = new(rule("withdraw", reports=1))
    served.register(lease=None)
    served.report("n2", lease=(1, 1200000))
    assert served.view() == SUSPECT["withdraw"]
    wait_for(lambda: served.reports() == [], "end of the report")
    wait_for(lambda: served.view() == UP, "instance that is browsed", 2)


def test_eight_keys_are_distinguished(new):
    served = new(rule("withdraw", reports=8))
    for number in range(2, 10):
        assert served.view() == UP
        served.report(f"n{number}")
    assert served.view() == SUSPECT["withdraw"]
    served.report("n10")
    served.register()
    assert (served.view(), served.reports()) == (UP, [])


def test_all_rules_are_applied_by_a_reload(new):
    served = new(rule("demote", reports=1))
    for name in ("web", "other"):
        served.report("n2", name)
        let_pass(0.01)      # of two in the same millisecond, web would be the last
    expected = [("then: demote", "then: withdraw", UP), ("panic: all", "panic: last", ({"other"}, {(0, 81)})),
                ("panic: last", "panic: none", (set(), set())), ("panic: none", "panic: all", UP),
                ("then: withdraw", "then: ignore", UP),
                ("then: ignore", "then: demote", ({"web", "other"}, {(LAST_RESORT, 80), (LAST_RESORT, 81)}))]
    for before, after, seen in expected:
        reconfigure(served.weftd, (before, after))
        assert served.view() == seen, after
        check(served.weftd)
