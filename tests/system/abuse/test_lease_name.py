# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""A lease is named after names of its zone only, and ends cleanly, whatever a PTR points to."""

import pytest

import leases
import services
import updates
from waiting import wait_for


@pytest.mark.parametrize("target", ["foo.", ".", "a.b.c.d.e.f.", "_suspect.web._http._tcp.xlab.cloud."])
def test_a_pointer_out_of_the_zone_leases_under_its_owner(make_weftd, target):
    weftd, key = leases.fabric(make_weftd, zone=services.ZONE, lease=services.options())
    weftd.start()
    admin = key("admin")
    services.register((weftd, key("n1")), "web")
    weftd.weft("drain", f"{services.WEB}.lab.cloud")
    lines = [f"_x 60 IN PTR {target}"]
    assert updates.send(weftd, updates=lines, key=admin, lease=1).rcode == "NOERROR"
    listed = weftd.json("lease", "list")
    assert [lease["name"] for lease in listed] in (["_x.lab.cloud."], [])
    wait_for(lambda: not updates.lookup(weftd, "_x.lab.cloud", "PTR"), "end of the lease")
    assert weftd.is_running()
    # It can be dropped by its name, and what is not leased has an error.
    assert updates.send(weftd, updates=lines, key=admin, lease=600).rcode == "NOERROR"
    assert weftd.weft("lease", "drop", target, check=False).returncode != 0
    weftd.weft("lease", "drop", "_x.lab.cloud")
    assert not updates.lookup(weftd, "_x.lab.cloud", "PTR")
    weftd.kill()
    weftd.start()
    assert weftd.json("lease", "list") == []
