# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Debian's packages: built from the tarball, checked by lintian, and installed, used, upgraded,
removed and purged in a root of their own. The tests of the root go on where the last one ended.
They need root; without it those of the root are skipped."""

import re
import shutil

import pytest

from conftest import SRC
from roots import Root, needed, new_root, package, run, tree


def contents(built, name):
    """{path: mode and owner} of what is in a package."""
    lines = run("dpkg-deb", "--contents", package(built, name)).stdout.splitlines()
    return {line.split()[5].removeprefix(".").rstrip("/"): line.split()[:2] for line in lines}


def test_the_tarball_has_what_packages_are_made_of(source):
    assert tree(SRC / "debian") <= tree(source / "debian")


def test_lintian_has_nothing_to_say(built):
    done = run("lintian", "--allow-root", "--no-cfg", *built.glob("*.changes"), check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_package_has_its_files(built):
    server, client = contents(built, "weft"), contents(built, "weft-client")
    library, headers = contents(built, "libweft0"), contents(built, "libweft-dev")
    agent = contents(built, "weft-agent")
    for path in ("/usr/sbin/weftd", "/lib/systemd/system/weftd.service", "/etc/weft/weftd.conf",
                 "/usr/lib/sysusers.d/weft.conf", "/usr/lib/tmpfiles.d/weft.conf",
                 "/etc/logrotate.d/weft", "/usr/share/man/man8/weftd.8.gz",
                 "/usr/share/man/man5/weftd.conf.5.gz", "/usr/share/doc/weft/README.Debian",
                 "/usr/share/doc/weft/examples/lab.cloud.zone",
                 "/usr/share/doc/weft/examples/recipes/haproxy.cfg"):
        assert path in server, path
    for path in ("/usr/bin/weft", "/usr/share/man/man1/weft.1.gz", "/usr/share/man/man7/weft.7.gz",
                 "/usr/share/bash-completion/completions/weft",
                 "/usr/share/zsh/site-functions/_weft",
                 "/usr/share/fish/vendor_completions.d/weft.fish"):
        assert path in client, path
    for path in ("/usr/sbin/weft-agentd", "/lib/systemd/system/weft-agentd.service",
                 "/etc/weft/weft-agentd.conf", "/usr/share/man/man8/weft-agentd.8.gz",
                 "/usr/share/man/man5/weft-agentd.conf.5.gz"):
        assert path in agent, path
    assert [path for path in library if re.fullmatch(r"/usr/lib/.*/libweft\.so\.0", path)]
    for path in ("/usr/include/weft/weft.h", "/usr/include/weft/weft-ev.h",
                 "/usr/share/man/man3/libweft.3.gz", "/usr/share/man/man3/weft_new.3.gz"):
        assert path in headers, path
    for path in r"/usr/lib/.*/libweft\.so", r"/usr/lib/.*/pkgconfig/weft\.pc":
        assert any(re.fullmatch(path, found) for found in headers), path
    packages = server, agent, client, library, headers
    assert {owner for files in packages for _, owner in files.values()} == {"root/root"}
    for page in (SRC / "man").glob("*.[1-9]"):
        name = f"/usr/share/man/man{page.name[-1]}/{page.name}.gz"
        assert sum(name in files for files in packages) == 1, name


def test_the_source_is_as_it_was(files_of_source, built):
    assert built.exists()
    assert tree(SRC) == files_of_source


# ---- the root ----

@pytest.fixture(scope="module")
def root(built, tmp_path_factory):
    """A root with what weft needs, and the packages in /tmp."""
    folder = tmp_path_factory.mktemp("root")
    new_root(folder, needed(built))
    for name in "weft", "weft-agent", "weft-client":
        shutil.copy(package(built, name), folder / "tmp" / f"{name}.deb")
    yield Root(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def files_before(root):
    return root.files()


INSTALL = "dpkg --install /tmp/weft-client.deb /tmp/weft.deb"
# What the unit gives to weftd.
AS_WEFT = "setpriv --reuid=weft --regid=weft --init-groups --inh-caps=-all,+net_bind_service" \
    " --ambient-caps=-all,+net_bind_service"
NODE = """\
server 127.0.0.1
zone lab.cloud
update add web-9._http._tcp.lab.cloud 60 SRV 0 0 8080 n1.nodes.lab.cloud
send
"""


def test_an_installation_has_user_folders_and_a_unit_that_waits(root, files_before):
    assert not root.path("/etc/weft").exists()
    done = root.run(INSTALL)
    assert "rror" not in done.stderr, done.stderr
    assert re.match(r"weft:x?\*?:\d+:\d+:.*:/var/lib/weft:.*nologin",
                    root.run("getent passwd weft").stdout)
    assert root.mode_and_owner("/etc/weft") == "2750 root weft"
    assert root.mode_and_owner("/var/lib/weft") == "750 weft weft"
    assert root.mode_and_owner("/var/log/weft") == "750 weft weft"
    assert root.mode_and_owner("/run/weft") == "755 weft weft"
    assert root.run("systemctl is-enabled weftd", check=False).stdout.strip() == "disabled"
    assert root.run("weft --version; weftd --version").stdout.count("weft") >= 2
    root.run("dpkg --verify weft weft-client")
    assert root.files() > files_before


def test_weftd_serves_after_the_steps_of_readme_debian(root):
    text = root.run("cat /usr/share/doc/weft/README.Debian").stdout
    steps = [line[4:].split("#")[0].strip() for line in text.splitlines()
             if line.startswith("    ") and not line.strip().startswith(("editor", "systemctl"))]
    assert any(step.startswith("weft fabric init") for step in steps)
    config = root.path("/etc/weft/weftd.conf")
    config.write_text(re.sub(r"^# ?(fabric:|zone:|  )", r"\1", config.read_text(), flags=re.M)
                      .replace("  The group", "# The group")
                      .replace("  for the whole", "# for the whole")
                      .replace("  control-group", "# control-group"))
    root.path("/tmp/node").write_text(NODE)
    # The check is made as the user that will run weftd: what root can read proves nothing.
    steps = [f"{AS_WEFT} {step}" if step.startswith("weftd -t") else step for step in steps]
    done = root.run("umask 077\n" + "\n".join(steps) + f"""
        {AS_WEFT} weftd -c /etc/weft/weftd.conf &
        until weft --timeout 1 status >/dev/null 2>&1; do sleep 0.1; done
        nsupdate -k /root/n1.key /tmp/node
        dig +short @127.0.0.1 web-9._http._tcp.lab.cloud SRV
        weft stop
        wait""")
    assert "0 0 8080 n1.nodes.lab.cloud." in done.stdout, done.stdout + done.stderr
    assert root.mode_and_owner("/etc/weft/lab.cloud.fabric") == "640 root weft"
    assert root.mode_and_owner("/root/n1.key") == "600 root root"


def test_logrotate_takes_its_configuration(root):
    root.run("echo line >/var/log/weft/weftd.log; chown weft:weft /var/log/weft/weftd.log;"
             " logrotate --state /tmp/rotated --force /etc/logrotate.d/weft")
    assert root.path("/var/log/weft/weftd.log.1").read_text() == "line\n"
    assert root.mode_and_owner("/var/log/weft/weftd.log") == "640 weft weft"


def test_an_upgrade_keeps_what_was_made(root):
    config = root.path("/etc/weft/weftd.conf").read_text()
    root.run(INSTALL)
    assert root.path("/etc/weft/weftd.conf").read_text() == config
    assert root.mode_and_owner("/etc/weft") == "2750 root weft"
    assert root.mode_and_owner("/etc/weft/lab.cloud.fabric") == "640 root weft"
    root.run("weft store check /var/lib/weft")


def test_a_removal_keeps_configuration_and_store(root):
    root.run("dpkg --remove weft weft-client")
    assert not root.path("/usr/sbin/weftd").exists()
    for path in "/etc/weft/weftd.conf", "/etc/weft/lab.cloud.fabric", "/var/lib/weft/format":
        assert root.path(path).exists(), path


def test_a_purge_keeps_only_what_people_made(root, files_before):
    root.path("/var/lib/weft/mine.zone").write_text("")
    root.run("dpkg --purge weft weft-client")
    assert root.files() - files_before == {
        "/etc/weft/", "/etc/weft/lab.cloud.fabric", "/etc/weft/lab.cloud.zone",
        "/var/lib/weft/", "/var/lib/weft/mine.zone"}
    assert files_before <= root.files()
    assert not root.path("/var/log/weft").exists()
    assert not list(root.path("/var/lib/systemd").rglob("*weft*"))
    assert root.run("getent passwd weft").stdout
    assert not list(root.path("/var/lib/dpkg/info").glob("weft*"))


def test_an_agent_that_runs_executes_the_new_program(root):
    done = root.run("""
        dpkg --install /tmp/weft-client.deb /tmp/weft-agent.deb
        install -m 600 /root/n1.key /etc/weft/n1.key
        weft-agentd 2>/tmp/agent.log &
        agent=$!
        until weft agent status >/dev/null 2>&1; do sleep 0.1; done
        dpkg --install /tmp/weft-agent.deb
        until [ "$(grep -c ready /tmp/agent.log)" = 2 ]; do sleep 0.1; done
        until weft agent status >/dev/null 2>&1; do sleep 0.1; done
        kill $agent
        wait $agent
        echo "ended: $?"
        dpkg --install /tmp/weft-agent.deb""")
    assert "ended: 0" in done.stdout and "runs on" not in done.stderr


def test_a_purge_of_the_agent_keeps_what_services_made(root):
    instances = root.path("/var/lib/weft-agent/instances")
    for name in "db-1._sql._tcp", "web 1._http._tcp":
        (instances / name).mkdir()
        (instances / f"{name}.json").write_text("{}")
    (instances / "db-1._sql._tcp/data").write_text("")
    root.run("dpkg --purge weft-agent weft-client")
    left = root.path("/var/lib/weft-agent").rglob("*")
    assert sorted(path.name for path in left) == ["data", "db-1._sql._tcp", "instances"]
    assert not root.path("/run/weft-agent").exists()


# ---- contrib/install-deps, which is not to be tried out on the machine itself ----

SERVER_CONTROL = """\
Package: demo-server
Version: 1
Architecture: all
Maintainer: weft <weft@packages.invalid>
Description: a server that its package enables
"""
SERVER_POSTINST = "#!/bin/sh\ndeb-systemd-helper enable demo.service\n"
SERVER_UNIT = "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"
APT_GET = '#!/bin/sh\n[ "$1" != install ] || exec dpkg --install /tmp/demo.deb\n'


def test_install_deps_enables_no_server(root):
    for path, text in (("DEBIAN/control", SERVER_CONTROL), ("DEBIAN/postinst", SERVER_POSTINST),
                       ("lib/systemd/system/demo.service", SERVER_UNIT)):
        file = root.path(f"/tmp/demo/{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    root.path("/tmp/demo/DEBIAN/postinst").chmod(0o755)
    root.run("dpkg-deb --build /tmp/demo /tmp/demo.deb")
    root.path("/tmp/bin").mkdir()
    root.path("/tmp/bin/apt-get").write_text(APT_GET)
    root.path("/tmp/bin/apt-get").chmod(0o755)
    root.path("/etc/systemd/system/mine.service").write_text(SERVER_UNIT)
    shutil.copy(SRC / "contrib/install-deps", root.path("/tmp"))

    done = root.run("systemctl enable mine.service; PATH=/tmp/bin:$PATH /tmp/install-deps tour")
    assert "demo.service: not started at boot" in done.stdout
    assert "mine.service" not in done.stdout
    assert root.run("systemctl is-enabled mine.service").stdout.strip() == "enabled"
    assert root.run("systemctl is-enabled demo.service", check=False).stdout.strip() == "disabled"
    assert not root.path("/usr/sbin/policy-rc.d").exists()
