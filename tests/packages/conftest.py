# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The source as the tarball has it, and the packages built from it.

SRCDIR and BUILDDIR are those of a configured build."""

import os
import pathlib

import pytest

from roots import run, tree

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2])).resolve()
BUILD = pathlib.Path(os.environ.get("BUILDDIR", ".")).resolve()


@pytest.fixture(scope="session")
def files_of_source():
    return tree(SRC)


@pytest.fixture(scope="session")
def source(files_of_source, tmp_path_factory):
    """The tarball, unpacked."""
    run("make", "-s", "dist", cwd=BUILD)
    folder = tmp_path_factory.mktemp("source")
    run("tar", "-xf", max(BUILD.glob("weft-*.tar.xz")), cwd=folder)
    return next(folder.iterdir())


@pytest.fixture(scope="session")
def built(source):
    """The folder with the built packages. contrib/check runs the tests elsewhere."""
    run("dpkg-buildpackage", "-us", "-uc", cwd=source,
        env={"DEB_BUILD_OPTIONS": f"nocheck parallel={os.cpu_count()}"})
    return source.parent
