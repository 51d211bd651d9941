# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""What the tests of the metrics share: a weftd that serves them, and a reader of its pages."""

import http.client
import re

from loopback import free_address
from waiting import LIMIT_S, wait_for

SAMPLE = re.compile(r"(\w+)(?:{(.*)})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Scraped:
    """The metrics of one weftd, which is to be configured with `server`."""

    def __init__(self, weftd=None):
        self.weftd = weftd
        self.address, self.port = free_address()
        self.server = f"metrics: {self.address}@{self.port}"

    def get(self, path, accept=None, method="GET", timeout_s=LIMIT_S):
        """The status, the headers and the text of a page."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=timeout_s)
        try:
            connection.request(method, path, headers={"Accept": accept} if accept else {})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read().decode()
        finally:
            connection.close()

    def samples(self):
        """All samples, {(name, labels): value}; `labels` are a sorted tuple of pairs."""
        found = {}
        for line in self.get("/metrics")[2].splitlines():
            if not line.startswith("#"):
                name, labels, value = SAMPLE.fullmatch(line).groups()
                key = name, tuple(sorted(LABEL.findall(labels or "")))
                assert key not in found
                found[key] = float(value)
        return found

    def value(self, name, **labels):
        return self.samples()[name, tuple(sorted(labels.items()))]

    def wait_for(self, value, name, **labels):
        """Waits for a sample: a page may be a second old."""
        wait_for(lambda: self.value(name, **labels) == value, f"{name} {value}")

    def health(self):
        """The status of /healthz, and the reasons by their word."""
        status, _, text = self.get("/healthz")
        return status, dict(line.split(": ", 1) for line in text.splitlines() if line != "ok")

    def wait_for_reasons(self, *words):
        """Waits until these are the reasons to be unwell. Returns them with their sentences."""
        wait_for(lambda: set(self.health()[1]) == set(words), f"reasons {words}")
        status, reasons = self.health()
        assert status == (503 if words else 200)
        return reasons
