# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft-operate(7): the commands that it shows are typed in its order, and none may fail."""

import os
import pathlib
import re
import shutil

from typed import Shell

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))

# What is for a machine that systemd has booted; tests/packages has one. And other servers' tools.
ELSEWHERE = ("apt ", "cd ", "cp ", "knotc ", "rndc ", "scp ", "systemctl daemon-reload",
             "systemd-", "tar ", "transfer: ")
NAMED_CONF = 'options { directory "."; };\nzone "old.cloud" { type primary; file "old.zone"; };\n'
KNOT_CONF = "zone:\n  - domain: old.cloud\n    file: old.zone\n"
OLD_ZONE = "$ORIGIN old.cloud.\n@ 60 SOA ns hostmaster 1 60 60 60 60\n@ 60 NS ns\nns 60 A 127.0.0.1\n"
UPDATES = {
    "n2-addresses": "update add n2.nodes.lab.cloud 60 A 10.0.0.2\n",
    "shop-at-n2": "update add shop-1._http._tcp.lab.cloud 60 SRV 0 0 80 n2.nodes.lab.cloud\n"
                 'update add shop-1._http._tcp.lab.cloud 60 TXT "inc=1"\n',
}


def commands():
    """The lines of the page's displays, without comments."""
    displays = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$",
                          (SRC / "man/weft-operate.7").read_text(), re.M | re.S)
    return [re.sub(r" +#.*", "", line) for text in displays for line in text.splitlines()]


class Host(Shell):
    """A host of one folder: weftd is started and stopped as systemctl would."""

    CONF = "server: {listen: [127.0.0.1@5300], state-dir: state, control: weftd.sock}\n" \
           "fabric: [{name: lab.cloud, key-file: lab.cloud.fabric}]\n" \
           "zone:\n  - {name: lab.cloud, file: lab.cloud.zone, update: {fabric: lab.cloud}," \
           " lease: {default: 300}}\n"

    def __init__(self, folder):
        super().__init__(folder)
        self.env["WEFT_SOCKET"] = str(folder / "weftd.sock")
        for name in "state", "backup", "named", "knot":
            (folder / name).mkdir()
        (folder / "weftd.conf").write_text(self.adapt(self.CONF))
        shutil.copy(SRC / "zones/lab.cloud.zone", folder)
        for name, text in (("named/named.conf", NAMED_CONF), ("knot/knot.conf", KNOT_CONF),
                           ("named/old.zone", OLD_ZONE), ("knot/old.zone", OLD_ZONE)):
            (folder / name).write_text(text)
        for name, text in UPDATES.items():
            (folder / name).write_text(self.adapt(
                f"server 127.0.0.1 5300\nzone lab.cloud\n{text}send\n"))

    def run(self, command):
        for name, other in (("/etc/bind/", "named/"), ("/etc/knot/", "knot/"),
                            ("/backup/", "backup/"), ("-o /etc/weft", "-o $(mktemp -d -p .)")):
            command = command.replace(name, other)
        command = command.replace("dig @127.0.0.1", "dig -p 5300 @127.0.0.1")
        if command in ("systemctl enable --now weftd", "systemctl start weftd"):
            return self.start()
        if command == "systemctl stop weftd":
            return self.stop()
        if "--follow" in command:
            command = f"timeout 1 {command}; [ $? = 124 ]"
        if command == "weft top":
            command += " --once"
        if command.startswith(("weft restore", "weftd -t")):
            command += " -c weftd.conf"
        return super().run(command)


def test_the_commands_of_the_page_work(tmp_path):
    host = Host(tmp_path)
    typed = [command for command in commands() if not command.startswith(ELSEWHERE)]
    assert len(typed) > 25
    try:
        for command in typed:
            lines = host.run(command)
            assert host.status == 0, (command, lines)
            if command.startswith("weft fabric init"):
                host.run("weft key issue n2 -o n2.key")
            if command.startswith("nsupdate"):
                assert lines in (None, []), (command, lines)
    finally:
        host.close()
