# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Completion of weft in bash, zsh and fish: what the real shells make of a TAB."""

import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import time

import pytest

from conftest import WEFT, ZONE
from waiting import LIMIT_S

SCRIPTS = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2])) / \
    "contrib/completion"
ENV = {**os.environ, "PATH": f"{pathlib.Path(WEFT).parent}:{os.environ['PATH']}", "TERM": "dumb",
       "LC_ALL": "C.UTF-8"}
INSTANCE = r"my\032printer\;1._ipp._tcp.lab.cloud"
TO_START_OF_LINE = "\x01"


def offered(*words, folder=None, env=None):
    """What weft offers for the last word."""
    done = subprocess.run([WEFT, "--complete", *words], capture_output=True, text=True, cwd=folder,
                          timeout=LIMIT_S, env={**os.environ, **(env or {})})
    assert (done.returncode, done.stderr) == (0, "")
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


class Shell:
    """A shell on a terminal, in a folder."""

    def __init__(self, command, setup, folder, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {**ENV, "HOME": str(folder), **env})
        self.output = ""
        self.run(setup)

    def run(self, keys):
        """Types a line, and waits for the word that a command after it prints."""
        self.output = ""
        os.write(self.fd, f"{keys}\necho do''ne\n".encode())
        self.wait_for("done")

    def wait_for(self, text):
        end = time.monotonic() + LIMIT_S
        while text not in self.output:
            ready = select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]
            assert ready, f"no {text} in {self.output}"
            self.output += os.read(self.fd, 4096).decode(errors="replace")

    def completed(self, line):
        """The words that the shell has after a TAB at the end of the line. They are printed instead
        of being run, each in brackets; zsh takes the slash after a folder away."""
        self.run(f"{line}\t{TO_START_OF_LINE}printf '<%s>' b ")
        return [word.rstrip("/") for word in
                re.findall(r"<([^<>%]*)>", self.output.split("<b>")[1])]

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


BASH = (["bash", "--norc", "--noprofile", "-i"],
        f"PS1='$ '; bind 'set enable-bracketed-paste off'; . {SCRIPTS}/weft")
ZSH = (["zsh", "-f", "-i"],
       f"PS1='$ '; unsetopt zle_bracketed_paste; fpath=({SCRIPTS} $fpath);"
       " autoload -Uz compinit; compinit -u -D; bindkey -e; unsetopt beep")
SHELLS = [pytest.param(shell, id=shell[0][0], marks=pytest.mark.skipif(
    shutil.which(shell[0][0]) is None, reason=f"needs {shell[0][0]}")) for shell in (BASH, ZSH)]


@pytest.fixture
def make_shell():
    shells = []

    def make(shell, folder, **env):
        shells.append(Shell(*shell, folder, env))
        return shells[-1]

    yield make
    for shell in shells:
        shell.close()


@pytest.fixture
def weftd(make_weftd):
    """A weftd with a fabric, a node with two instances, and another zone."""
    weftd = make_weftd()
    subprocess.run([WEFT, "fabric", "init", "lab.cloud"], cwd=weftd.folder, check=True,
                   stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=LIMIT_S)
    for name in "lab.cloud", "other.cloud":
        weftd.zone(ZONE.replace("lab.cloud.", f"{name}."), name)
    weftd.configure(zones={"lab.cloud": "update: {fabric: lab.cloud}\nlease: {default: 600}",
                           "other.cloud": "update: {key: bench}"},
                    more="fabric:\n  - {name: lab.cloud, key-file: lab.cloud.fabric}\n")
    weftd.start()
    subprocess.run([WEFT, "key", "issue", "n9", "-o", "n9.key"], cwd=weftd.folder, check=True,
                   timeout=LIMIT_S)
    subprocess.run(["nsupdate", "-k", "n9.key"], cwd=weftd.folder, check=True, timeout=LIMIT_S,
                   text=True, input=f"server {weftd.address} {weftd.port}\nzone lab.cloud\n"
                   "update add n9.nodes.lab.cloud 60 A 10.0.0.9\n"
                   "update add web-1._http._tcp.lab.cloud 60 SRV 0 0 80 n9.nodes.lab.cloud\n"
                   f"update add {INSTANCE} 60 SRV 0 0 80 n9.nodes.lab.cloud\nsend\n")
    return weftd


def test_weft_offers_the_commands_with_their_help():
    lines = subprocess.run([WEFT, "--complete", ""], capture_output=True, text=True, check=True,
                           timeout=LIMIT_S).stdout.splitlines()
    assert "status\tshow server status and health" in lines
    assert {"zone", "lease", "key", "fabric", "store"} <= {line.split("\t")[0] for line in lines}
    assert offered("zo") == ["zone"]
    assert {"list", "status", "reload", "dump", "checkpoint"} <= set(offered("zone", ""))
    assert offered("zone", "du") == ["dump"]
    assert offered("frobnicate", "") == offered("zone", "list", "") == []


def test_every_command_of_the_help_is_offered():
    text = subprocess.run([WEFT, "--help"], capture_output=True, text=True, check=True,
                          timeout=LIMIT_S).stdout
    names = re.findall(r"^  ([a-z]+(?: [a-z]+)?)(?= )", text.split("\n\n")[1], re.M)
    assert len(names) > 20
    for name in names:
        first, *second = name.split(" ")
        assert first in offered("")
        assert not second or second[0] in offered(first, "")


def test_weft_offers_words_of_a_fixed_list():
    assert offered("log", "d") == ["debug"]
    assert offered("key", "generate", "a", "hmac-sha5") == ["hmac-sha512"]
    assert offered("key", "issue", "n1", "--for", "ac") == ["acme.sh"]
    assert offered("key", "issue", "n1", "-a", "hmac-sha5") == ["hmac-sha512"]


def test_weft_offers_the_options_that_the_command_takes():
    assert {"--config", "--socket", "--json"} <= set(offered("--"))
    assert "--algorithm" in offered("key", "issue", "n1", "--")
    assert "--algorithm" not in offered("zone", "list", "--")
    assert "--socket" in offered("zone", "list", "--")


def test_a_letter_stands_for_the_option_of_its_command():
    assert {"--terminate", "--all", "--registry"} <= set(offered("browse", "--"))
    assert "--terminate" not in offered("resolve", "--")
    assert offered("export", "ha") == ["haproxy"]
    assert offered("register", "--key-file", "") == [":files"]
    assert offered("connect", "a", "--", "") == offered("register", "a", "b", "1", "--", "x", "") \
        == [":files"]
    assert offered("fabric", "cert", "-a", "") == []
    assert offered("key", "issue", "n", "-a", "hmac-sha5") == ["hmac-sha512"]


def test_services_come_from_the_registry_if_no_weftd_is_on_the_host(weftd):
    def names(*words):
        where = {"WEFT_REGISTRY": f"{weftd.address}@{weftd.port}", "WEFT_SOCKET": "none.sock"}
        return set(offered(*words, "", folder=weftd.folder, env=where))

    assert {"_http._tcp.lab.cloud", "_ipp._tcp.lab.cloud"} <= names("browse", "-d", "lab.cloud")
    assert {"web-1._http._tcp.lab.cloud", INSTANCE} <= names("resolve", "--domain", "lab.cloud")
    assert "web-1._http._tcp.lab.cloud" in names("suspect", "-d", "lab.cloud")
    assert names("register") == names("node", "register") == set()


@pytest.mark.parametrize("words", [["-c", ""], ["-s", ""], ["--socket", "w"], ["key", "issue", "-o", ""]])
def test_weft_asks_for_names_of_files(words):
    assert offered(*words) == [":files"]


def test_weft_asks_for_names_of_folders():
    assert offered("store", "check", "") == offered("store", "export", "z", "") == [":folders"]


def test_names_come_from_the_weftd_that_the_options_name(weftd):
    def names(*words):
        return set(offered(*words, "", folder=weftd.folder))

    instances = {"web-1._http._tcp.lab.cloud", INSTANCE}
    zones = {"lab.cloud", "other.cloud"}
    for where in ["-s", "weftd.sock"], ["-c", "weftd.conf"], ["--json", "--socket=weftd.sock"]:
        assert names(*where, "drain") == names(*where, "service", "show") == instances
        assert names(*where, "service", "list", "--type") == {"_http._tcp.lab.cloud",
                                                              "_ipp._tcp.lab.cloud"}
        assert names(*where, "node", "drain") == {"n1.nodes.lab.cloud", "n9.nodes.lab.cloud",
                                                  "n1.nodes.other.cloud"}
        assert names(*where, "lease", "list", "--node") == names(*where, "node", "drain")
        assert names(*where, "undrain") == names(*where, "node", "undrain") == set()
        assert names(*where, "lease", "show") == instances
        assert names(*where, "lease", "list") == instances | zones
        assert names(*where, "zone", "status") == names(*where, "store", "export") == zones
        assert names(*where, "key", "revoke") == {"n1.keys.lab.cloud", "n9.keys.lab.cloud"}
        assert names(*where, "key", "restore") == names(*where, "zone", "purge") == set()
    assert names("-s", "weftd.sock", "drain", INSTANCE) == instances - {INSTANCE}
    assert names("fabric", "show") == {"lab.cloud"}

    weftd.weft("drain", INSTANCE)
    assert names("-s", "weftd.sock", "undrain") == {INSTANCE}
    weftd.weft("node", "drain", "n9.nodes.lab.cloud")
    assert names("-s", "weftd.sock", "node", "undrain") == {"n9.nodes.lab.cloud"}
    assert names("-s", "weftd.sock", "service", "list", "--state") >= {"drained", "live"}

    weftd.weft("key", "revoke", "n9")
    assert names("-s", "weftd.sock", "key", "restore") == {"n9.keys.lab.cloud"}


def test_a_weftd_that_is_not_there_has_no_names(tmp_path):
    assert offered("-s", str(tmp_path / "none.sock"), "zone", "dump", "") == []
    assert offered("-c", str(tmp_path / "none.conf"), "zone", "dump", "") == []


def test_the_environment_names_the_socket(weftd):
    env = {"WEFT_SOCKET": str(weftd.socket)}
    assert offered("zone", "dump", "o", env=env) == ["other.cloud"]
    for args, status in ((["zone", "list"], 0), (["-s", "none.sock", "zone", "list"], 1),
                         (["-c", str(weftd.conf), "zone", "list"], 0)):
        done = subprocess.run([WEFT, *args], capture_output=True, text=True, timeout=LIMIT_S,
                              env={**os.environ, **env}, check=False)
        assert done.returncode == status, done.stderr
    done = subprocess.run([WEFT, "-c", str(weftd.conf), "zone", "list"], capture_output=True,
                          timeout=LIMIT_S, env={**os.environ, "WEFT_SOCKET": "none.sock"},
                          check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_after_options(shell, weftd, make_shell):
    shell = make_shell(shell, weftd.folder)
    weftd.weft("drain", "web-1._http._tcp.lab.cloud")
    for line, words in {
            "weft zo": ["weft", "zone"],
            "weft -s weftd.sock zone sta": ["weft", "-s", "weftd.sock", "zone", "status"],
            "weft -s weftd.sock drain w": ["weft", "-s", "weftd.sock", "drain",
                                           "web-1._http._tcp.lab.cloud"],
            "weft -c weftd.conf lease show my": ["weft", "-c", "weftd.conf", "lease", "show",
                                                 INSTANCE],
            r"weft -s weftd.sock drain my\\032p": ["weft", "-s", "weftd.sock", "drain", INSTANCE],
            "weft --socket=weftd.sock undrain we": ["weft", "--socket=weftd.sock", "undrain",
                                                    "web-1._http._tcp.lab.cloud"],
            "weft -s weftd.s": ["weft", "-s", "weftd.sock"],
            "weft --config=weftd.c": ["weft", "--config=weftd.conf"],
            "weft store check sta": ["weft", "store", "check", "state"],
            "weft -s weftd.sock key revoke n9": ["weft", "-s", "weftd.sock", "key", "revoke",
                                                "n9.keys.lab.cloud"],
            "weft fabric show l": ["weft", "fabric", "show", "lab.cloud"],
    }.items():
        assert shell.completed(line) == words, line


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_asks_the_weftd_of_the_environment(shell, weftd, make_shell, tmp_path):
    shell = make_shell(shell, tmp_path, WEFT_SOCKET=str(weftd.socket))
    assert shell.completed("weft zone dump o") == ["weft", "zone", "dump", "other.cloud"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_completes_after_options(weftd):
    def completed(line):
        done = subprocess.run(["fish", "--no-config", "-c",
                               f'source {SCRIPTS}/weft.fish; complete -C "$argv[1]"', line],
                              capture_output=True, text=True, timeout=LIMIT_S, cwd=weftd.folder,
                              env={**ENV, "HOME": str(weftd.folder)})
        assert done.stderr == ""
        return done.stdout.splitlines()

    instances = {"web-1._http._tcp.lab.cloud", INSTANCE}
    assert completed("weft lo") == ["log\tset the log level: error, warning, info or debug"]
    assert set(completed("weft -s weftd.sock drain ")) == instances
    assert set(completed("weft -c weftd.conf lease show ")) == instances
    assert completed(r"weft -s weftd.sock drain my\\032p") == [INSTANCE]
    assert completed("weft --socket=weftd.sock zone dump o") == ["other.cloud"]
    assert completed("weft -s weftd.s") == ["weftd.sock"]
    assert completed("weft --config=weftd.c") == ["--config=weftd.conf"]
    assert completed("weft store check sta") == ["state/\tDirectory"]
    assert completed("weft --js") == ["--json"]
