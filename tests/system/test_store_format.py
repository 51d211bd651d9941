# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Stores of other versions of weft, and the space that a store takes.

store-1.tar.xz has a store of format 1 as an early weftd left it: a checkpoint, changes after it,
services with leases, owners, a subtype, a drained and a suspect instance, a revoked key; and the
zone as that weftd dumped it."""

import pathlib
import subprocess

import updates
from conftest import WEFT, WEFTD, ZONE
from updates import send
from waiting import LIMIT_S

SAMPLE = pathlib.Path(__file__).parent / "store-1.tar.xz"
MIB = 1 << 20
SMALL = "store: {segment-size: 1M, history-size: 1M, checkpoint-size: 1M}\n"


def old_store(make_weftd):
    """A weftd, not started, with the sample as its state."""
    weftd = make_weftd()
    subprocess.run(["tar", "xJf", str(SAMPLE), "-C", str(weftd.folder)], check=True, timeout=LIMIT_S)
    text = weftd.conf.read_text().replace("127.0.0.1@5398", f"{weftd.address}@{weftd.port}")
    weftd.conf.write_text(text.replace("w.sock", "weftd.sock"))
    return weftd


def records(text):
    """The records of a dump without its comments."""
    return sorted(line for line in text.splitlines() if line and not line.startswith(";"))


def test_a_store_of_an_earlier_version_is_read(make_weftd):
    weftd = old_store(make_weftd).start()
    dump = weftd.weft("zone", "dump", "lab.cloud").stdout
    assert records(dump) == records((weftd.folder / "dump").read_text())
    rows = {row["name"].split(".")[0]: row for row in weftd.json("lease", "list")}
    assert {name: row["key"].split(".")[0] for name, row in rows.items()} == {
        "web": "n1", "db": "n2", "bad": "n2", "_suspect": "n3"}
    assert all(row["left"] > 3000 for row in rows.values())
    assert "n9.keys.lab.cloud" in weftd.weft("key", "list").stdout
    # db is drained, bad is suspect: neither is browsed.
    assert weftd.dig("_http._tcp.lab.cloud", "PTR") == "web._http._tcp.lab.cloud.\n"
    assert weftd.dig("_printer._sub._http._tcp.lab.cloud", "PTR") == "web._http._tcp.lab.cloud.\n"
    assert weftd.dig("_pg._tcp.lab.cloud", "PTR") == ""
    # web still belongs to n1.
    web = ["web._http._tcp 0 ANY TXT", "web._http._tcp 60 IN TXT c=d"]
    keys = {name: updates.Key(f"{name}.keys.lab.cloud.", secret_of(weftd, name), "hmac-sha256")
            for name in ("n1", "n2")}
    assert send(weftd, updates=web, key=keys["n2"]).rcode == "YXDOMAIN"
    assert send(weftd, updates=web, key=keys["n1"]).rcode == "NOERROR"


def secret_of(weftd, name):
    return (weftd.folder / f"{name}.key").read_text().split('secret "')[1].split('"')[0]


def test_a_store_of_a_later_version_is_refused_with_the_way_out(make_weftd):
    weftd = old_store(make_weftd)
    path = weftd.folder / "state/format"
    path.write_text(path.read_text().replace("weft store 1", "weft store 2"))
    before = {file.name: file.read_bytes() for file in (weftd.folder / "state").iterdir()}
    for command in ([WEFTD, "-c", str(weftd.conf)], [WEFT, "-c", str(weftd.conf), "store", "check"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, cwd=weftd.folder)
        assert done.returncode == 1
        assert "the version of weft that wrote it, or a later one" in done.stderr, done.stderr
    assert {file.name: file.read_bytes() for file in (weftd.folder / "state").iterdir()} == before


# ---- space ----

def space(weftd):
    return sum(file.stat().st_size for file in (weftd.folder / "state").rglob("*"))


def test_starts_take_no_space(make_weftd):
    weftd = make_weftd()
    weftd.zone()
    weftd.configure(more="store: {segment-size: 4M}\n").start()
    for number in range(8):
        weftd.nsupdate(f"update add a{number}.lab.cloud 60 A 10.0.0.1")
        assert weftd.kill() != 0 if number % 2 else weftd.stop() == 0
        weftd.start()
        assert space(weftd) <= 2 * 4 * MIB + MIB, list((weftd.folder / "state").iterdir())
    assert all(weftd.dig(f"a{number}.lab.cloud", "A") for number in range(8))


def test_a_store_takes_no_more_than_the_page_says(make_weftd):
    """weftd.conf(5): history, checkpoint-size, five segments, four times the zones, twice the items."""
    weftd = make_weftd()
    weftd.zone(ZONE)
    weftd.configure({"lab.cloud": "update: {key: bench}"}, more=SMALL).start()
    most, blob = 0, "00" * 40000
    for number in range(400):
        line = f"b{number % 10} 60 IN TYPE65400 \\#{blob}"
        reply = send(weftd, [], [f"b{number % 10} 0 ANY ANY", line], tcp=True)
        assert reply.rcode == "NOERROR", reply
        most = max(most, space(weftd))
    zone = 10 * 40000 + 10000
    # While the checkpoints of this short log are written as much may be registered again.
    assert most < (1 + 2 * 1 + 5) * MIB + 4 * zone, most
