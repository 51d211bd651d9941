# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft-register, which registers a service of a host by nsupdate: the script as its unit runs it,
against a weftd."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest

import leases
import services
import updates
from waiting import LIMIT_S, wait_for

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))
SCRIPT = SRC / "contrib/register/weft-register"


@pytest.fixture
def served(make_weftd):
    weftd, key = leases.fabric(make_weftd, zone=leases.SOA + "ns A 127.0.0.1\n", lease=services.options())
    text = weftd.conf.read_text().replace("{minimum: 1}", "{minimum: 1, default: 30}")
    weftd.conf.write_text(text)
    key("n1")
    return weftd.start()


class Register:
    """weft-register for a service of node n1 that is called web."""

    def __init__(self, weftd, **settings):
        self.weftd = weftd
        self.log_path = weftd.folder / "register.log"
        environment = {"PATH": os.environ["PATH"], "SERVER": weftd.address,
                       "SERVER_PORT": str(weftd.port), "ZONE": "lab.cloud", "TYPE": "_http._tcp",
                       "PORT": "80", "NODE": "n1", "INSTANCE": "web", "ADDRESSES": "10.0.0.1",
                       "REFRESH": "1", "KEY": str(weftd.folder / "n1.key"), **settings}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([SCRIPT], stderr=log, stdin=subprocess.DEVNULL,
                                            env={k: v for k, v in environment.items() if v is not None})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LIMIT_S)

    def log(self):
        return self.log_path.read_text()

    def wait_for(self, text):
        wait_for(lambda: text in self.log(), f"{text} in the log")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(LIMIT_S) == 0, self.log()


def test_a_service_is_registered_refreshed_and_deregistered(served):
    with Register(served, TXT='"path=/" "owner=Jane Doe"', SUBTYPES="_printer",
                  ADDRESSES="10.0.0.1 2001:db8::1", WEIGHT="7") as register:
        register.wait_for("web._http._tcp.lab.cloud.: registered")
        assert services.lookup(served, services.TYPE, "PTR") == ["web._http._tcp.lab.cloud."]
        assert services.lookup(served, services.SUBTYPE, "PTR") == ["web._http._tcp.lab.cloud."]
        assert services.lookup(served, services.WEB, "SRV") == ["0 7 80 n1.nodes.lab.cloud."]
        assert services.lookup(served, services.WEB, "TXT") == ['"path=/" "owner=Jane Doe"']
        assert services.lookup(served, "n1.nodes", "A") == ["10.0.0.1"]
        assert services.lookup(served, "n1.nodes", "AAAA") == ["2001:db8::1"]
        served.weft("lease", "extend", services.WEB + ".lab.cloud", "15")
        wait_for(lambda: served.json("lease", "list")[0]["left"] > 20, "refresh")
        register.stop()
    assert services.lookup(served, services.WEB, "SRV") == []
    assert services.lookup(served, services.TYPE, "PTR") == []
    assert register.log().count("\n") == 2, register.log()


def test_a_restart_with_another_port_replaces_the_service(served):
    with Register(served) as register:
        register.wait_for("registered")
    assert services.lookup(served, services.WEB, "SRV") == ["0 0 80 n1.nodes.lab.cloud."]
    with Register(served, PORT="81", TXT="a=b") as register:
        wait_for(lambda: services.lookup(served, services.WEB, "SRV") ==
                 ["0 0 81 n1.nodes.lab.cloud."], "other port")
        assert services.lookup(served, services.WEB, "TXT") == ['"a=b"']
        register.stop()


def test_a_service_that_fails_its_check_is_deregistered_until_it_is_well(served):
    flag = served.folder / "well"
    flag.touch()
    with Register(served, CHECK=f"test -e {flag}") as register:
        register.wait_for(": registered")
        flag.unlink()
        register.wait_for("deregistered, until the check succeeds")
        assert services.lookup(served, services.WEB, "SRV") == []
        flag.touch()
        wait_for(lambda: register.log().count(": registered") == 2, "registered again")
        register.stop()


def test_a_name_of_another_key_is_refused_until_it_is_free(served):
    key = leases.issue(served, "n2")
    assert updates.send(served, updates=services.registration("web"), key=key).rcode == "NOERROR"
    with Register(served) as register:
        register.wait_for("not registered: update failed: YXDOMAIN")
        services.remove((served, key), "web")
        register.wait_for(": registered")
        register.stop()
    assert register.log().count("YXDOMAIN") == 1


def test_a_registry_that_comes_back_gets_the_service_again(served):
    with Register(served) as register:
        register.wait_for(": registered")
        served.kill()
        register.wait_for("not refreshed: ")
        served.start()
        wait_for(lambda: register.log().count(": registered") == 2, "registered again")
        register.stop()


def test_names_are_escaped(served):
    with Register(served, INSTANCE="Jane's printer; 2.5 (ä)") as register:
        register.wait_for(": registered")
        [found] = services.lookup(served, services.TYPE, "PTR")
        assert found == r"Jane's\032printer\;\0322\.5\032\(\195\164\)._http._tcp.lab.cloud."
        register.stop()


@pytest.mark.parametrize("settings, text", [
    ({"ZONE": None}, "ZONE is not set"),
    ({"PORT": "70000"}, "PORT=70000 is not from 1 to 65535"),
    ({"PORT": "http"}, "PORT=http is not a number from 1 to 65535"),
    ({"TYPE": "http"}, "TYPE=http is not a service type such as _http._tcp"),
    ({"TXT": "a\nupdate delete b"}, "TXT has more than one line"),
    ({"KEY": "/nonexistent/key"}, "/nonexistent/key: the key cannot be read"),
    ({"KEY": None}, "KEY is not set"),
])
def test_wrong_settings_are_refused(served, settings, text):
    with Register(served, **settings) as register:
        assert register.process.wait(LIMIT_S) == 78
        assert register.log() == f"weft-register: {text}\n"


def test_a_server_that_cannot_be_reached_yet_is_no_wrong_setting(served):
    with Register(served, ADDRESSES="", SERVER="nowhere.invalid") as register:
        assert register.process.wait(LIMIT_S) == 1
        assert "there is no route to nowhere.invalid" in register.log()


def test_lines_for_the_journal_have_a_level(served):
    with Register(served, PORT="0", JOURNAL_STREAM="8:1") as register:
        assert register.process.wait(LIMIT_S) == 78
        assert register.log() == "<3>weft-register: PORT=0 is not from 1 to 65535\n"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_verified_clean(tmp_path):
    text = (SRC / "contrib/systemd/weft-register@.service.in").read_text()
    unit = tmp_path / "weft-register@.service"
    unit.write_text(text.replace("@sysconfdir@", "/etc").replace("@pkglibexecdir@", str(SCRIPT.parent)))
    (tmp_path / "nginx.service").write_text("[Service]\nExecStart=/bin/true\n")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", f"{tmp_path}/weft-register@nginx.service"],
                          capture_output=True, text=True, timeout=LIMIT_S,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"})
    found = [line for line in done.stderr.splitlines() if "weft-register" in line]
    assert (done.returncode, found) == (0, []), done.stderr
