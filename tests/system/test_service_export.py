# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""weft export: the formats, read by the programs that they are for, and files that follow."""

import json
import os
import shutil
import signal
import subprocess

import pytest

import netns
from serving import TYPE, Registry
from waiting import LIMIT_S, let_pass, wait_for


@pytest.fixture
def registry(make_weftd):
    registry = Registry(make_weftd)
    registry.register("web-1", 8080, "192.0.2.1", "n1", txt='path=/ "quote=it\'s"', weight=10)
    registry.register("web_1", 8081, "192.0.2.1", "n1", weight=300)
    registry.register("web\\0321", 80, "2001:db8::2", "n2", priority=5)
    return registry


@pytest.fixture
def follow(registry):
    """Starts exports that follow; they are gone after the test."""
    started = []

    def start(*args, **more):
        started.append(registry.start("export", *args, "--follow", **more))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=LIMIT_S)


def export(registry, *args):
    done = registry.weft("export", *args)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def needs(program):
    return pytest.mark.skipif(shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None,
                              reason=f"needs {program}")


def test_hosts(registry):
    lines = export(registry, "hosts", TYPE).splitlines()
    assert lines[1:] == ["192.0.2.1\tn1.nodes.lab.cloud", "2001:db8::2\tn2.nodes.lab.cloud"]


@needs("haproxy")
def test_haproxy_reads_it(registry, tmp_path):
    text = export(registry, "haproxy", TYPE)
    names = [line.split()[1] for line in text.splitlines() if line.startswith("    server ")]
    assert len(set(names)) == 3
    conf = tmp_path / "haproxy.cfg"
    conf.write_text("defaults\n mode http\n timeout connect 1s\n timeout client 1s\n"
                    f" timeout server 1s\nfrontend web\n bind {tmp_path}/sock\n"
                    f" default_backend _http._tcp.lab.cloud\n{text}")
    done = subprocess.run(["/usr/sbin/haproxy", "-c", "-f", str(conf)], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr


@needs("nginx")
@pytest.mark.parametrize("kind", [TYPE, "web-1." + TYPE])
def test_nginx_reads_it(registry, tmp_path, kind):
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"pid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
                    "http {\n" + export(registry, "nginx", kind, "--name", "web") +
                    f"server {{ listen unix:{tmp_path}/sock; location / {{ proxy_pass http://web; }} }}\n"
                    f"access_log off; client_body_temp_path {tmp_path};\n"
                    f"proxy_temp_path {tmp_path}; fastcgi_temp_path {tmp_path};\n"
                    f"uwsgi_temp_path {tmp_path}; scgi_temp_path {tmp_path};\n}}\n")
    done = subprocess.run(["/usr/sbin/nginx", "-t", "-c", str(conf)], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr


@needs("promtool")
def test_prometheus_reads_it(registry, tmp_path):
    (tmp_path / "targets.json").write_text(export(registry, "http_sd", TYPE))
    conf = tmp_path / "prometheus.yml"
    conf.write_text("scrape_configs:\n- job_name: web\n  file_sd_configs:\n"
                    "  - files: [targets.json]\n")
    done = subprocess.run(["promtool", "check", "config", str(conf)], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    targets = json.loads((tmp_path / "targets.json").read_text())
    by_name = {one["labels"]["__meta_weft_name"]: one for one in targets}
    assert set(by_name) == {"web-1", "web_1", "web 1"}
    assert by_name["web 1"]["targets"] == ["[2001:db8::2]:80"]
    assert by_name["web-1"]["labels"]["__meta_weft_txt_path"] == "/"


def test_a_shell_reads_the_variables(registry):
    text = export(registry, "env", f"web-1.{TYPE}")
    done = subprocess.run(["sh", "-euc", f'{text}\nprintf "%s|" "$WEFT_COUNT" "$WEFT_NAME" '
                           '"$WEFT_ADDRESS" "$WEFT_PORT" "$WEFT_TXT_quote" "$WEFT_1_TXT_path"'],
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert done.stdout == "1|web-1|192.0.2.1|8080|it's|/|", done.stderr


def test_every_format_is_there_in_json(registry):
    for name in "hosts", "haproxy", "nginx":
        answer = registry.json("export", name, TYPE)
        assert answer["format"] == name and "192.0.2.1" in answer["text"]
    assert registry.json("export", "env", TYPE)["WEFT_COUNT"] == "3"
    assert len(registry.json("export", "http_sd", TYPE)) == 3
    done = registry.weft("-j", "export", "env", "_none._tcp.lab.cloud")
    assert done.returncode == 1 and json.loads(done.stdout)["code"] == "WEFT_E_NOT_FOUND"


def test_a_file_is_not_replaced_without_force(registry, tmp_path):
    path = tmp_path / "hosts"
    export(registry, "hosts", TYPE, "-o", str(path))
    before = path.read_text()
    done = registry.weft("export", "hosts", TYPE, "-o", str(path))
    assert done.returncode == 1 and "--force" in done.stderr
    registry.remove("web-1")
    registry.remove("web_1")
    export(registry, "hosts", TYPE, "-o", str(path), "--force")
    assert path.read_text() != before


def test_a_file_follows_and_a_command_runs(registry, tmp_path, follow):
    path, ran = tmp_path / "web.cfg", tmp_path / "ran"
    process = follow("haproxy", TYPE, "-o", str(path), "--run", f"cat {path} >> {ran}; exit 5")
    wait_for(lambda: ran.exists() and "web-1" in ran.read_text(), "first file")
    number = path.stat().st_ino
    registry.register("web-9", 80, "192.0.2.9", "n9")
    wait_for(lambda: "web-9" in path.read_text(), "changed file")
    assert path.stat().st_ino != number     # replaced in one step
    wait_for(lambda: "web-9" in ran.read_text(), "second run")
    registry.remove("web-9")
    wait_for(lambda: "web-9" not in path.read_text(), "removal")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert "--run: exit status 5" in errors


@pytest.fixture
def host():
    """A namespace of its own, without a route to anywhere."""
    made = netns.Host()
    yield made
    made.close()


def test_an_address_without_a_route_is_not_the_one_that_is_written(host, make_weftd, tmp_path):
    path = tmp_path / "web.cfg"
    with host.inside():
        registry = Registry(make_weftd)
        registry.register("web-9", 80, "127.0.0.1", "n9")
        registry.send("n9", "n9.nodes.lab.cloud. 60 IN AAAA 100::1")    # RFC 6666: discarded
        process = registry.start("export", "haproxy", TYPE, "--follow", "-o", str(path))
        try:
            wait_for(path.exists, "the file")
            for text in path.read_text(), export(registry, "haproxy", TYPE):
                assert "server web-9 127.0.0.1:80 " in text
        finally:
            process.kill()
            process.communicate(timeout=LIMIT_S)


def test_no_file_is_written_before_a_registry_answers(registry, tmp_path, follow):
    path = tmp_path / "web.cfg"
    path.write_text("of yesterday\n")
    registry.weftd.stop()
    process = follow("nginx", TYPE, "-o", str(path), "--timeout", "1")
    assert process.wait(LIMIT_S) == 3
    assert path.read_text() == "of yesterday\n"


def test_a_file_stays_while_no_registry_answers(registry, tmp_path, follow):
    path = tmp_path / "web.cfg"
    follow("nginx", TYPE, "-o", str(path))
    wait_for(lambda: path.exists() and "web-1" in path.read_text(), "file")
    registry.weftd.stop()
    let_pass(1)
    assert "web-1" in path.read_text()
    registry.weftd.start()
    registry.register("web-9", 80, "192.0.2.9", "n9")
    wait_for(lambda: "web-9" in path.read_text(), "changed file")


def test_a_file_without_instances_is_written_once_that_is_known(registry, tmp_path, follow):
    path = tmp_path / "none.cfg"
    follow("nginx", "_none._tcp.lab.cloud", "-o", str(path))
    wait_for(lambda: path.exists(), "file")
    assert "down; # no instance" in path.read_text()


def test_a_write_that_fails_is_tried_again(registry, tmp_path, follow):
    """A full disk: the file's folder is a file system of some pages."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=8", "tmpfs", folder],
                             capture_output=True, timeout=LIMIT_S)
    if mounted.returncode != 0:
        pytest.skip("cannot mount a file system")
    try:
        filler = folder / "filler"
        filler.write_bytes(b"x" * 4096)
        path = folder / "web.cfg"
        process = follow("nginx", TYPE, "-o", str(path), text=True)
        line = process.stderr.readline()
        assert "No space left" in line and str(path) in line
        assert "trying again in 1 s" in process.stderr.readline()
        assert not path.exists() and process.poll() is None
        filler.unlink()
        wait_for(lambda: path.exists() and "web-1" in path.read_text(), "file")
        assert sorted(os.listdir(folder)) == ["web.cfg"]
        process.kill()
        process.wait(LIMIT_S)
    finally:
        subprocess.run(["umount", "-l", folder], check=True, timeout=LIMIT_S)
