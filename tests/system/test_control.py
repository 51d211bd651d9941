# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Control of a running weftd: the commands of weft(1), signals, reload, the service manager."""

import datetime
import json
import os
import pty
import re
import shutil
import signal
import socket
import stat
import subprocess
import time

import pytest

from conftest import WEFT, WEFTD, ZONE
from manager import Manager
from waiting import LIMIT_S, wait_for


@pytest.mark.parametrize("args,status", [
    (["--help"], 0), (["-V"], 0), (["--options"], 0), (["--frobnicate"], 2), (["word"], 2)])
def test_weftd_prints_its_usage(args, status):
    done = subprocess.run([WEFTD, *args], capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == status
    assert done.stdout if status == 0 else done.stderr


def test_status_describes_the_server(weftd):
    status = weftd.json("status")
    assert status["workers"] == 2
    assert status["zones"] == 1
    assert status["pid"] == weftd.process.pid
    assert (status["health"], status["reasons"]) == ("well", [])
    assert (status["sessions"], status["subscriptions"]) == (0, 0)
    assert status["leases"] == 0 and status["memory"] > 1 << 20 and status["disk"] > 0
    started = datetime.datetime.fromisoformat(status["started"]).timestamp()
    assert abs(started + status["uptime"] - time.time()) < 60
    # Also if weftd was given a relative path.
    assert status["config"] == str(weftd.conf.resolve())
    lines = dict(line.split(None, 1) for line in weftd.weft("status").stdout.splitlines())
    assert lines["health"] == "well" and "reasons:" not in lines
    assert re.fullmatch(r"\d+(\.\d)?[KMG]", lines["memory"])
    assert re.fullmatch(r"\d+s|\d+m(\d+s)?", lines["uptime"])
    assert re.fullmatch(r"\S+T\S+Z \(\S+ ago\)", lines["started"])


def test_status_fails_with_the_reasons_when_weftd_is_unwell(weftd):
    good = weftd.conf.read_text()
    weftd.conf.write_text(good + "nonsense: 1\n")
    weftd.weft("reload", check=False)
    done = weftd.weft("--json", "status", check=False)
    assert (done.returncode, done.stderr) == (1, "")
    status = json.loads(done.stdout)
    assert status["health"] == "unwell"
    assert status["reasons"] == [{
        "reason": "config",
        "why": "the configuration is invalid: the one before it is in force"}]
    weftd.zone(ZONE + "bad A 1.2.3\n")
    weftd.weft("zone", "reload", "lab.cloud", check=False)
    done = weftd.weft("status", check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("health         unwell\nreasons:\n  reason  why\n  config  the config")
    assert "  zones   zones are served without the changes of their files: lab.cloud.\n" in done.stdout
    weftd.conf.write_text(good)
    weftd.zone()
    weftd.weft("zone", "reload", "lab.cloud")
    weftd.weft("reload")
    assert weftd.weft("status").stdout.startswith("health         well\n")


def test_weft_lists_every_command_of_weftd(weftd):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(weftd.socket))
        client.sendall(b'{"command": "help"}\n')
        commands = json.loads(client.makefile().readline())["result"]
    usage = subprocess.run([WEFT, "--help"], capture_output=True, text=True, timeout=LIMIT_S).stdout
    for command in commands:
        line = f"  {command['command']} {command['args']}".ljust(33) + command["help"]
        assert line in usage.splitlines()


def test_zones_are_listed_with_serial_and_size(weftd):
    assert weftd.json("zone", "list") == [
        {"zone": "lab.cloud.", "serial": weftd.json("zone", "status")[0]["serial"]}]
    assert weftd.weft("zone", "list").stdout == "lab.cloud.\n"
    before = weftd.json("zone", "status", "lab.cloud")[0]
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    after = weftd.json("zone", "status", "lab.cloud")[0]
    assert after["serial"] > before["serial"]
    assert after["records"] == before["records"] + 1


def test_the_memory_of_a_zone_counts_its_large_sets(weftd):
    before = weftd.json("zone", "status", "lab.cloud")[0]["memory"]
    for i in range(4):
        weftd.nsupdate(*(f"update add big{i % 2}.lab.cloud 60 TXT {'x' * 250}{i}{j:03}"
                         for j in range(100)))
    assert weftd.json("zone", "status", "lab.cloud")[0]["memory"] >= before + 400 * 250
    # Memory that no reader uses any more is freed with the next change.
    for line in ("update delete big0.lab.cloud", "update delete big1.lab.cloud",
                 "update add a.lab.cloud 60 A 10.0.0.1",
                 "update delete a.lab.cloud"):
        weftd.nsupdate(line)
    wait_for(lambda: weftd.json("zone", "status", "lab.cloud")[0]["memory"] <= before + 65536,
             "memory given back", 10)


def test_an_unknown_zone_is_a_failure_with_a_message(weftd):
    done = weftd.weft("zone", "status", "other.cloud", check=False)
    assert done.returncode == 1
    assert "other.cloud" in done.stderr


def test_stats_count_what_happens(weftd):
    weftd.dig("ns.lab.cloud", "A")
    weftd.dig("none.lab.cloud", "TXT", "+tcp")
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    text = json.dumps(weftd.json("stats"))
    for name in ("NOERROR", "NXDOMAIN", "TXT", "UPDATE", "commits", "serial"):
        assert name in text, name


def test_the_level_of_the_log_changes_at_once(weftd):
    weftd.weft("log", "debug")
    assert weftd.json("status")["log-level"] == "debug"
    assert weftd.weft("log", "loud", check=False).returncode == 1


def test_stop_ends_it_with_0_and_removes_the_socket(weftd):
    weftd.weft("stop")
    assert weftd.process.wait(LIMIT_S) == 0
    assert not weftd.socket.exists()


def test_the_socket_is_for_owner_and_group(weftd):
    assert stat.S_IMODE(weftd.socket.stat().st_mode) == 0o660


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_another_user_learns_whom_the_socket_is_for(weftd):
    weftd.admit_users()
    weft = shutil.copy(WEFT, weftd.folder.parent / "program")  # where it was built others may not look
    done = subprocess.run([weft, "-s", weftd.socket, "status"], capture_output=True, text=True,
                          timeout=LIMIT_S, user=65534, group=65534, extra_groups=[])
    assert (done.returncode, done.stderr) == (
        1, f"weft: you may not use {weftd.socket}: it is for the user root and the group root\n")
    weftd.folder.chmod(0o700)
    done = subprocess.run([weft, "-s", weftd.socket, "status"], capture_output=True, text=True,
                          timeout=LIMIT_S, user=65534, group=65534, extra_groups=[])
    weftd.folder.chmod(0o755)
    assert (done.returncode, done.stderr) == (
        1, f"weft: you may not use {weftd.socket}: are you in its group?\n")


def test_a_purge_asks_at_a_terminal(weftd):
    weftd.zone(ZONE.replace("lab.cloud", "two.cloud"), "two.cloud")
    weftd.configure(zones={"two.cloud": "update: {key: bench}"})
    weftd.weft("reload")
    for reply, status in (b"no\n", 1), (b"yes\n", 0), (b"yes\n", 1):
        terminal, other = pty.openpty()
        os.write(terminal, reply)
        done = subprocess.run([WEFT, "-s", weftd.socket, "zone", "purge", "lab.cloud"],
                              capture_output=True, text=True, timeout=LIMIT_S, stdin=other)
        os.close(terminal)
        os.close(other)
        assert done.returncode == status
        assert "This cannot be undone.\nType yes to go on: " in done.stderr
        if reply == b"no\n":
            assert "lab.cloud is not purged" in done.stderr


def test_a_dump_loads_again_and_holds_what_was_registered(weftd, make_weftd):
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1",
                   'update add b.lab.cloud 60 TXT "say \\"hi\\"" "two"')
    text = weftd.weft("zone", "dump", "lab.cloud").stdout
    copy = make_weftd("copy")
    copy.zone(text)
    copy.configure().start()
    assert copy.dig("a.lab.cloud", "A") == "10.0.0.1\n"
    assert copy.dig("b.lab.cloud", "TXT") == weftd.dig("b.lab.cloud", "TXT") != ""
    done = subprocess.run(["named-checkzone", "lab.cloud", str(copy.folder / "lab.cloud.zone")],
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout


def test_a_dump_to_a_file_reports_its_size(weftd, tmp_path):
    path = tmp_path / "dump"
    answer = weftd.json("zone", "dump", "lab.cloud", "-o", str(path))
    assert answer["records"] == len(path.read_text().splitlines()) == 4
    assert weftd.weft("zone", "dump", "other", "-o", str(tmp_path / "x"), check=False).returncode == 1
    assert not (tmp_path / "x").exists()


def test_an_answer_in_json_contains_the_dump(weftd):
    answer = weftd.json("zone", "dump", "lab.cloud")
    assert answer == {"records": 4, "text": weftd.weft("zone", "dump", "lab.cloud").stdout}


def test_a_dump_that_is_not_read_blocks_nothing(weftd):
    weftd.nsupdate(*(f"update add t{i}.lab.cloud 60 TXT {'x' * 200}" for i in range(200)))
    for i in range(5):
        weftd.nsupdate(*(f"update add u{i}-{j}.lab.cloud 60 TXT {'x' * 200}" for j in range(200)))
    reader, writer = os.pipe()
    dump = subprocess.Popen([WEFT, "-s", str(weftd.socket), "zone", "dump", "lab.cloud"],
                            stdout=writer)
    os.close(writer)
    assert weftd.json("status")["zones"] == 1
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    assert weftd.stop() == 0
    os.close(reader)
    dump.wait(LIMIT_S)


def test_a_zone_file_edited_is_merged_on_reload(weftd):
    weftd.nsupdate("update add dynamic.lab.cloud 60 A 10.0.0.1")
    serial = weftd.json("zone", "status")[0]["serial"]
    weftd.zone(ZONE + "static A 10.0.0.2\n")
    weftd.weft("zone", "reload", "lab.cloud")
    assert weftd.dig("static.lab.cloud", "A") == "10.0.0.2\n"
    assert weftd.dig("dynamic.lab.cloud", "A") == "10.0.0.1\n"
    assert weftd.json("zone", "status")[0]["serial"] > serial


def test_an_invalid_zone_file_changes_nothing_and_its_line_is_reported(weftd):
    weftd.zone(ZONE + "static A 10.0.0.256\n")
    done = weftd.weft("zone", "reload", "lab.cloud", check=False)
    assert done.returncode == 1
    assert "lab.cloud.zone:7:" in done.stderr
    assert weftd.dig("ns.lab.cloud", "A") == "127.0.0.1\n"


def test_a_checkpoint_is_written_and_the_zone_is_there_after_a_restart(weftd):
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    weftd.weft("zone", "checkpoint")
    weftd.nsupdate("update add b.lab.cloud 60 A 10.0.0.2")
    weftd.kill()
    weftd.start()
    assert weftd.dig("a.lab.cloud", "A") == "10.0.0.1\n"
    assert weftd.dig("b.lab.cloud", "A") == "10.0.0.2\n"


@pytest.mark.parametrize("how", ["signal", "command"])
def test_a_reload_adds_and_removes_zones_and_keys(weftd, how):
    weftd.zone(ZONE.replace("lab.cloud", "two.cloud"), "two.cloud")
    weftd.configure(zones={"two.cloud": "update: {key: other}"},
                    more=f"include: [other.conf]\n")
    (weftd.folder / "other.conf").write_text("key: {name: other, secret: c2VjcmV0}\n")
    if how == "signal":
        weftd.process.send_signal(signal.SIGHUP)
    else:
        weftd.weft("reload")
    wait_for(lambda: weftd.dig("ns.two.cloud", "A") == "127.0.0.1\n", "new zone")
    assert "REFUSED" in weftd.dig("ns.lab.cloud", "A", "+noall", "+comments")
    assert weftd.weft("zone", "list").stdout == "two.cloud.\n"
    assert weftd.nsupdate("update add a.two.cloud 60 A 10.0.0.1", zone="two.cloud",
                          check=False).returncode == 2


def test_a_bad_configuration_leaves_the_old_one_in_force(weftd):
    good = weftd.conf.read_text()
    weftd.conf.write_text(good.replace("workers: 2", "workers: many"))
    done = weftd.weft("reload", check=False)
    assert done.returncode == 1
    assert f'{weftd.conf}:5 why="workers is a number' in weftd.log()
    assert weftd.dig("ns.lab.cloud", "A") == "127.0.0.1\n"
    weftd.conf.write_text(good)
    weftd.weft("reload")


def test_an_option_that_needs_a_restart_is_named(weftd):
    weftd.conf.write_text(weftd.conf.read_text().replace("workers: 2", "workers: 1"))
    weftd.weft("reload")
    assert "server.workers" in weftd.log()


def test_sigterm_ends_it_with_0(weftd):
    assert weftd.stop(signal.SIGTERM) == 0


def test_a_second_weftd_on_the_same_store_is_refused(weftd):
    done = subprocess.run([WEFTD, "-c", str(weftd.conf)], capture_output=True, text=True,
                          timeout=LIMIT_S, cwd=weftd.folder)
    assert done.returncode == 1
    assert done.stderr
    assert weftd.dig("ns.lab.cloud", "A") == "127.0.0.1\n"


def test_the_check_names_every_error_of_config_and_zones(make_weftd):
    weftd = make_weftd()
    weftd.zone(ZONE + "bad A 1.2.3\nworse MX\n")
    weftd.configure()

    def check():
        return subprocess.run([WEFTD, "-t", "-c", str(weftd.conf)], capture_output=True,
                              text=True, timeout=LIMIT_S)

    done = check()
    assert done.returncode == 1
    assert "lab.cloud.zone:7:" in done.stderr and "lab.cloud.zone:8:" in done.stderr
    weftd.configure(zones={"lab.cloud": 'update: {policy: ["grant nobody nothing"]}'})
    weftd.zone()
    done = check()
    assert done.returncode == 1
    assert "weftd.conf:11:" in done.stderr
    weftd.configure(server="user: no-such-user\ncontrol-group: no-such-group")
    done = check()
    assert done.returncode == 1
    assert "user no-such-user" in done.stderr and "group no-such-group" in done.stderr
    weftd.configure()
    done = check()
    assert (done.returncode, done.stderr) == (0, "")


def test_the_check_warns_of_an_option_that_does_nothing_yet(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(zones={"lab.cloud": "notify: 127.0.0.1@5302"})
    done = subprocess.run([WEFTD, "-t", "-c", str(weftd.conf)], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0
    assert "weftd.conf:11: notify: NOTIFY is not sent yet" in done.stderr


def test_the_service_manager_gets_every_state(make_weftd, monkeypatch):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure()
    with Manager(weftd, monkeypatch) as manager:
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        weftd.start()
        manager.wait_for("READY=1")
        manager.wait_for("WATCHDOG=1")
        weftd.process.send_signal(signal.SIGHUP)
        manager.wait_for("RELOADING=1\nMONOTONIC_USEC=")
        manager.wait_for("READY=1")
        weftd.process.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING=1")
        assert weftd.process.wait(LIMIT_S) == 0


def test_a_log_file_is_opened_anew_on_sighup(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(server="log: {to: own.log}")
    own = weftd.folder / "own.log"
    weftd.log_path = own
    weftd.start()
    own.rename(weftd.folder / "own.log.1")
    weftd.process.send_signal(signal.SIGHUP)
    wait_for(own.exists, "new log")
    wait_for(lambda: ": reload" in own.read_text(), "line in the new log")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_becomes_the_user_and_keeps_no_capability(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.admit_users()
    (weftd.folder / "state").rmdir()
    weftd.configure(server="user: nobody").conf.write_text(
        weftd.conf.read_text().replace("control: weftd.sock", "control: run/weftd.sock"))
    weftd.socket = weftd.folder / "run/weftd.sock"
    weftd.start()
    status = (weftd.folder / f"/proc/{weftd.process.pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["65534"] * 4
    assert int(fields["CapEff"], 16) == 0
    assert int(fields["CapPrm"], 16) == 0
    assert fields["NoNewPrivs"].strip() == "1"
    assert (weftd.folder / "state").stat().st_uid == 65534
    assert stat.S_IMODE((weftd.folder / "state").stat().st_mode) & 0o007 == 0
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
               for path in (weftd.folder / "state").rglob("*"))
    weftd.nsupdate("update add a.lab.cloud 60 A 10.0.0.1")
    weftd.weft("reload")
