# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""README.md's sections of production and operation, typed as root on a machine that systemd has
booted: once after the packages were installed, once after `make install`."""

import re
import shutil

import pytest

from conftest import SRC
from roots import Machine, needed, new_root, package, run

# A service for weft-register@nginx.
NGINX = "[Service]\nExecStart=sleep infinity\n"
FAILED_LINES = "journalctl --no-pager -u weftd -u weft-register@nginx -p warning -o cat"


def section(title):
    text = (SRC / "README.md").read_text()
    begin = text.index(f"## {title}\n")
    return text[begin:text.index("\n## ", begin + 1)]


def commands(title):
    """The commands that a section shows, with their here-documents; not those of an editor."""
    lines = [line[4:] for line in section(title).splitlines() if line.startswith("    ")]
    found = []
    while lines:
        command = re.sub(r"  +#.*", "", lines.pop(0))
        if "<<'END'" in command:
            while not command.endswith("\nEND"):
                command += "\n" + lines.pop(0)
        if not command.startswith("editor "):
            found.append(command)
    return found


def install_packages(machine, built, _source):
    for name in "weft", "weft-client", "weft-agent":
        shutil.copy(package(built, name), machine.path(f"/root/{name}.deb"))
    machine.run("dpkg --install /root/weft-client.deb /root/weft.deb /root/weft-agent.deb")


def install_source(machine, _built, source):
    """What `make install` made for the packages, and the steps of README.md that follow it."""
    # /lib of the root is a link to /usr/lib
    run("sh", "-c", 'tar -C "$1" -c --owner=0 --group=0 . | tar -C "$2" -x --keep-directory-symlink',
        "sh", f"{source}/debian/tmp", machine.folder)
    steps = commands("Installing")
    after = steps[steps.index("make install") + 1:]
    assert after[0] == "systemd-sysusers"
    machine.run("\n".join(after))


@pytest.fixture(params=[install_packages, install_source])
def machine(request, built, source, tmp_path_factory):
    """A machine with weft, and a service that does not run yet."""
    folder = tmp_path_factory.mktemp("machine")
    new_root(folder, needed(built))
    machine = Machine(folder)
    try:
        request.param(machine, built, source)
        machine.path("/etc/systemd/system/nginx.service").write_text(NGINX)
        machine.run("systemctl daemon-reload; systemctl start nginx")
        yield machine
    finally:
        machine.close()
        shutil.rmtree(folder)


def test_production_is_as_readme_has_it(machine):
    printed = {}
    for command in commands("In production") + commands("Operating"):
        inside = f"cd /etc/weft; {command}"
        if command.startswith("dig "):
            printed[command] = machine.wait_for(f"{inside} | grep .")
        else:
            printed[command] = machine.run(inside).stdout
        if "weft-register@" in command:
            machine.wait_for("weft lease list | grep -F n1._http._tcp.lab.cloud. ||"
                             " { journalctl --no-pager -u weft-register@nginx -o cat; false; }")

    over_tls = "+tls +tls-ca=lab.cloud.pem +tls-hostname=lab.cloud "
    for how in "", over_tls:
        assert "status: NOERROR" in printed[f"dig @127.0.0.1 {how}lab.cloud SOA"]
    assert "0 0 80 n1.nodes.lab.cloud." in printed["dig @127.0.0.1 +short _http._tcp.lab.cloud SRV"]
    assert printed["weftd -t"] == printed["weft-agentd -t"] == ""
    assert machine.run("systemctl is-active weft-agentd").stdout.strip() == "active"
    # What was restored is served by the user weft, and confined.
    assert "n1._http._tcp.lab.cloud." in machine.run("weft lease list").stdout
    assert machine.run("stat -c %U /proc/$(systemctl show -P MainPID weftd)").stdout.strip() == "weft"
    # What an agent had signed when weftd ended, it signs again for the next one.
    assert [line for line in machine.run(FAILED_LINES).stdout.splitlines()
            if "reason=replayed" not in line and " left-out " not in line] == []
    machine.run("systemctl stop nginx")
    machine.wait_for("! weft lease list | grep -F n1._http._tcp.lab.cloud.")
