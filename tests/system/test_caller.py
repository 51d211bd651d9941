# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What all functions of libweft have in common: ends, descriptors, output. With sanitizers, what is
left at the end of a program is an error."""

import pathlib

import pytest

from calling import Caller, call, environment, found, options
from installing import listener
from waiting import wait_for

NAME = "web-1._http._tcp"
O_CLOEXEC = 0o2000000


@pytest.fixture
def served(weftd):
    """A weftd with the instance web-1, at a port that accepts connections."""
    with listener("127.0.0.1") as port:
        weftd.nsupdate(f"update add {NAME}.lab.cloud 60 SRV 0 0 {port} n1.nodes.lab.cloud.",
                       f'update add {NAME}.lab.cloud 60 TXT "path=/"')
        yield weftd


def test_what_is_in_progress_ends_with_the_context(served):
    with Caller(*options(served, key=served.key_path)) as caller:
        caller.send(f"watch {NAME}", "watch none._http._tcp", f"connector {NAME} key", "follow",
                    "register a _http._tcp 80 -host=n1.nodes -lease=30", "node n7",
                    f"find-start {NAME}", f"connect-start {NAME}", f"hold {NAME}",
                    "end a", f"find-start {NAME}")
        caller.end()


def test_what_nobody_answers_ends_with_the_context(served):
    served.stop()
    with Caller(*options(served, key=served.key_path)) as caller:
        caller.send(f"watch {NAME}", f"connector {NAME}", "follow", f"connect-start {NAME}",
                    "register a _http._tcp 80 -host=n1.nodes", f"find {NAME}", f"remove {NAME}",
                    "registries")
        caller.wait("error", "WEFT_E_NO_REGISTRY")
        caller.wait("registry", f"{served.address}@{served.port} udp 0")
        caller.end()


def test_all_descriptors_are_closed_by_exec(served):
    with Caller(*options(served, key=served.key_path)) as caller:
        caller.send(f"watch {NAME}", f"connector {NAME}", f"hold {NAME}",
                    "register a _http._tcp 80 -host=n1.nodes", "echo all")
        caller.wait("all")
        caller.wait("registration", "done")
        folder = pathlib.Path(f"/proc/{caller.process.pid}/fdinfo")
        flags = {int(path.name): int(path.read_text().split()[3], 8) for path in folder.iterdir()}
        assert len(flags) > 5
        assert [fd for fd, flag in flags.items() if fd > 2 and not flag & O_CLOEXEC] == []


def test_settings_come_from_files_and_environment(served, tmp_path):
    conf = tmp_path / "client.conf"
    conf.write_text(f"registry: {served.address}@{served.port}\ndomain: lab.cloud\n")
    for args, env in ((["-c", str(conf)], {}),
                      (["-d", "lab.cloud"], {"WEFT_REGISTRY": f"{served.address}@{served.port}"})):
        events = call(args, "find", NAME, env=environment(**env))
        assert [one.name for one in found(events)] == [f"{NAME}.lab.cloud."]
    conf.write_text("registry: 127.0.0.1\nregistri: 127.0.0.1\n")
    [event] = call(["-c", str(conf)], "find", NAME)
    assert event.words[0] == "WEFT_E_CONFIG" and f"{conf}:2: " in event.text


def test_a_context_that_failed_goes_on(served):
    with Caller(*options(served)) as caller:
        caller.send("find a..b", f"find none.{NAME}", f"connect {NAME}", f"find {NAME}")
        assert caller.wait("error").words[0] == "WEFT_E_NAME"
        assert caller.wait("error").words[0] == "WEFT_E_NOT_FOUND"
        caller.wait("connected", NAME)
        caller.wait("reply", "welcome")
        caller.wait("found", "1")
        caller.end()


def test_a_registry_that_comes_back_is_used_again(served):
    with Caller(*options(served), "-s", "0") as caller:
        caller.send(f"find {NAME}")
        caller.wait("found")
        served.stop()
        caller.send("find other._http._tcp")
        assert caller.wait("error").words[0] == "WEFT_E_NO_REGISTRY"
        served.start()

        def is_found():
            caller.send("find other._http._tcp")
            return caller.wait("error").words[0] == "WEFT_E_NOT_FOUND"

        wait_for(is_found, "an answer")
