# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""libweft as programs find it: installed, by pkg-config. The examples of its pages are compiled and
run against a real weftd, pages and headers have the same functions, and the library exports them."""

import os
import pathlib
import re
import signal
import subprocess
import threading

import pytest

from installing import CC, installed, listener    # noqa: F401: a fixture
from waiting import LIMIT_S, wait_for

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2])).resolve()
PAGES = ["libweft", "weft_connect", "weft_find", "weft_register", "weft_watch"]
INSTANCE = "web-1._http._tcp.lab.cloud."


@pytest.fixture
def registry(make_weftd):
    """A weftd with a service view."""
    server = make_weftd()
    server.zone()
    return server.configure({"lab.cloud": "update: {key: bench}\nlease: {minimum: 1}\nservice-view: {enable: yes}"}).start()


def register(weftd, port, delete=True):
    name = INSTANCE.rstrip(".")
    weftd.nsupdate(*([f"update delete {name} SRV"] if delete else []),
                   f"update add {name} 60 SRV 0 0 {port} n1.nodes.lab.cloud.",
                   f'update add {name} 60 TXT "path=/"')


def unregister(weftd):
    weftd.nsupdate(f"update delete {INSTANCE}")


class Program:
    """A program that runs with a client.conf for the weftd. Its output is in `lines`."""

    def __init__(self, installed, program, weftd, folder):
        (folder / "weft").mkdir(exist_ok=True)
        (folder / "weft/client.conf").write_text(
            f"registry: {weftd.address}@{weftd.port}\ndomain: lab.cloud\n"
            f"key-file: {weftd.key_path}\n")
        self.process = subprocess.Popen([program], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=installed.env(XDG_CONFIG_HOME=str(folder)))
        self.lines = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_line(self, line, times=1):
        wait_for(lambda: self.lines.count(line) >= times or self.process.poll() is not None,
                 f"{line} in {self.lines}")
        assert self.lines.count(line) >= times or self.end() is None, self.lines

    def end(self, number=None):
        """Waits for its end, after the signal if there is one. Returns the exit status."""
        if number is not None:
            self.process.send_signal(number)
        errors = self.process.stderr.read()
        status = self.process.wait(LIMIT_S)
        self.thread.join(LIMIT_S)
        assert status in (0, -signal.SIGKILL), (status, errors)
        assert not errors, errors
        return status


# ---- the examples of the pages ----

def examples(page):
    """The programs in the section EXAMPLES of a page."""
    text = (SRC / f"man/{page}.3").read_text().partition("\n.Sh EXAMPLES\n")[2]
    text = re.split(r"\n\.Sh ", text)[0].replace("\\e", "\\")
    blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.M | re.S)
    return [block for block in blocks if "main(" in block]


def compiled(installed, page, folder, is_cpp=False):
    found = [code for code in examples(page) if ("<iostream>" in code) == is_cpp]
    assert len(found) == 1
    return installed.compile(found[0], folder / (page + ("pp" if is_cpp else "")))


def test_the_example_of_libweft_connects(installed, registry, tmp_path):
    program = compiled(installed, "libweft", tmp_path)
    with listener("127.0.0.1") as port:
        register(registry, port)
        run = Program(installed, program, registry, tmp_path)
        assert run.end() == 0
    assert run.lines == [f"connected to {INSTANCE}"]


def test_the_example_in_cpp_lists_instances(installed, registry, tmp_path):
    program = compiled(installed, "libweft", tmp_path, is_cpp=True)
    register(registry, 8080)
    run = Program(installed, program, registry, tmp_path)
    assert run.end() == 0
    assert run.lines == [INSTANCE]


def test_the_example_of_find_prints_addresses(installed, registry, tmp_path):
    program = compiled(installed, "weft_find", tmp_path)
    register(registry, 8080)
    run = Program(installed, program, registry, tmp_path)
    assert run.end() == 0
    assert run.lines == ["http://n1.nodes.lab.cloud.:8080/"]


def test_the_example_of_connect_goes_after_its_service(installed, registry, tmp_path):
    program = compiled(installed, "weft_connect", tmp_path)
    with listener("127.0.0.1") as first, listener("127.0.0.1") as second:
        register(registry, first)
        run = Program(installed, program, registry, tmp_path)
        run.wait_line(f"connected to {INSTANCE}")
        register(registry, second)
        run.wait_line(f"connected to {INSTANCE}", times=2)
        run.end(signal.SIGKILL)


def test_the_example_of_watch_prints_events(installed, registry, tmp_path):
    program = compiled(installed, "weft_watch", tmp_path)
    run = Program(installed, program, registry, tmp_path)
    run.wait_line("current ")
    register(registry, 8080)
    run.wait_line(f"added {INSTANCE}")
    unregister(registry)
    run.wait_line(f"removed {INSTANCE}")
    run.end(signal.SIGKILL)


def test_the_example_of_register_is_registered_as_long_as_it_runs(installed, registry, tmp_path):
    program = compiled(installed, "weft_register", tmp_path)
    run = Program(installed, program, registry, tmp_path)
    run.wait_line(f"registered {INSTANCE}")
    wait_for(lambda: "path=/" in registry.dig(INSTANCE, "TXT"), "the pair that was set later")
    assert run.end(signal.SIGTERM) == 0
    assert registry.dig(INSTANCE, "SRV") == ""


def test_examples_without_a_registry_say_so(installed, registry, tmp_path):
    program = compiled(installed, "libweft", tmp_path)
    registry.stop()
    run = Program(installed, program, registry, tmp_path)
    errors = run.process.stderr.read()
    assert run.process.wait(LIMIT_S) == 1
    assert f"{registry.address}@{registry.port}" in errors


# ---- adapters ----

WATCH = r"""
#include <stdio.h>
#include <weft/watch.h>
%s
static int is_over;

static void on_event(void *arg, enum weft_watch_event event, const struct weft_instance *now,
		     const struct weft_instance *before)
{
	(void)arg;
	(void)before;
	printf("%%s %%s\n", weft_watch_event_name(event), now != NULL ? weft_instance_name(now) : "");
	fflush(stdout);
	is_over |= event == WEFT_WATCH_REMOVED;
}

static void loop(struct weft *w)
{
%s
}

int main(void)
{
	struct weft_watch *watch;
	struct weft *w;

	if (weft_new(&w) != WEFT_OK || weft_watch_new(w, "_http._tcp", on_event, NULL, &watch) != WEFT_OK)
		return 1;
	loop(w);
	weft_watch_free(watch);
	weft_free(w);
	return 0;
}
"""
ADAPTERS = {
    "poll": ("#include <weft/weft-poll.h>", """
	while (!is_over) {
		struct pollfd p;
		int timeout_ms = weft_poll_prepare(w, &p, -1);

		poll(&p, 1, timeout_ms);
		weft_poll_process(w, &p);
	}
""", "true"),
    "ev": ("#include <weft/weft-ev.h>", """
	struct ev_loop *l = ev_loop_new(EVFLAG_AUTO);
	struct weft_ev watcher;

	weft_ev_start(&watcher, l, w);
	while (!is_over)
		ev_run(l, EVRUN_ONCE);
	weft_ev_stop(&watcher);
	ev_loop_destroy(l);
""", "echo -lev"),
    "glib": ("#include <weft/weft-glib.h>", """
	GSource *source = weft_glib_source_new(w);

	g_source_attach(source, NULL);
	while (!is_over)
		g_main_context_iteration(NULL, TRUE);
	g_source_destroy(source);
	g_source_unref(source);
""", "pkg-config --cflags --libs glib-2.0"),
}


@pytest.mark.parametrize("language", ["c", "cpp"])
@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_drives_a_loop(installed, registry, tmp_path, name, language):
    include, loop, libraries = ADAPTERS[name]
    more = subprocess.run(libraries.split(), capture_output=True, text=True).stdout.split()
    more = [flag.replace("-I", "-isystem") for flag in more]
    if name == "ev":        # which the macros of ev.h need
        more += ["-fno-strict-aliasing", "-Wno-strict-aliasing"]
    program = installed.compile(WATCH % (include, loop), tmp_path / f"loop_{language}", more)
    run = Program(installed, program, registry, tmp_path)
    run.wait_line("current ")
    register(registry, 8080)
    run.wait_line(f"added {INSTANCE}")
    unregister(registry)
    run.wait_line(f"removed {INSTANCE}")
    assert run.end() == 0


# ---- headers, pages and symbols ----

def declared():
    """{function: (type, parameters)} of the headers."""
    found = {}
    for header in sorted((SRC / "include/weft").glob("*.h")):
        text = re.sub(r"/\*.*?\*/|^#[^\n]*", "", header.read_text(), flags=re.S | re.M)
        for kind, name, parameters in re.findall(r"WEFT_API\s+([^;]*?)(weft_\w+)\((.*?)\);", text,
                                                 re.S):
            found[name] = plain(kind), plain(parameters)
    return found


def plain(text):
    return re.sub(r"\s*([*(),])\s*", r"\1", " ".join(text.split()))


def documented(page):
    """The same of the section SYNOPSIS of a page."""
    text = (SRC / f"man/{page}.3").read_text().partition("\n.Sh SYNOPSIS\n")[2]
    text = text.partition("\n.Sh ")[0]
    found = {}
    for kind, name, parameters in re.findall(r"^\.Ft (.*)\n\.Fo (weft_\w+)\n((?:\.Fa .*\n)*)", text,
                                             re.M):
        parameters = re.findall(r'^\.Fa "?(.*?)"?$', parameters, re.M)
        found[name] = plain(kind), plain(", ".join(parameters))
    return found


def names_of(page):
    """The functions in the section NAME, which have links to the page."""
    text = (SRC / f"man/{page}.3").read_text().partition("\n.Sh NAME\n")[2].partition("\n.Nd")[0]
    return re.findall(r"^\.Nm (weft_\w+)", text, re.M)


def test_the_library_exports_what_headers_declare(installed):
    done = subprocess.run(["readelf", "--dyn-syms", "-W", installed.library], capture_output=True,
                          text=True, timeout=LIMIT_S)
    fields = [line.split() for line in done.stdout.splitlines()]
    symbols = {line[7] for line in fields
               if len(line) > 7 and line[4] in ("GLOBAL", "WEAK") and line[6] not in ("UND", "ABS")}
    assert symbols == {f"{name}@@WEFT_0" for name in declared()}
    done = subprocess.run(["readelf", "-d", "-W", installed.library], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert "[libweft.so.0]" in done.stdout and "TEXTREL" not in done.stdout


def test_pages_have_the_functions_of_the_headers():
    pages = {name: prototype for page in PAGES for name, prototype in documented(page).items()}
    assert pages == declared()


@pytest.mark.parametrize("page", PAGES)
def test_each_function_has_a_page(installed, page):
    functions = [name for name in names_of(page) if name in declared()]
    assert sorted(functions) == sorted(documented(page))
    assert set(names_of(page)) - set(functions) <= {page}
    text = (SRC / f"man/{page}.3").read_text().partition("\n.Sh DESCRIPTION\n")[2]
    for name in functions:
        assert re.search(rf"^\.(It |Pf . )?Fn {name}\b", text, re.M), f"{name} is only in the synopsis"
        if name != page:
            assert (installed.man / f"{name}.3").read_text() == f".so man3/{page}.3\n"
    assert (installed.man / f"{page}.3").read_text() == (SRC / f"man/{page}.3").read_text()


def test_the_page_has_all_errors():
    header = (SRC / "include/weft/context.h").read_text()
    page = (SRC / "man/libweft.3").read_text()
    assert re.findall(r"^\t(WEFT_E_\w+) = -", header, re.M) == \
        re.findall(r"^\.It Bq Dv (WEFT_E_\w+)$", page, re.M)


@pytest.mark.parametrize("name", ["connect_flags", "connector_event", "state", "watch_event", "conflict",
                                  "registration_event"])
def test_pages_have_all_constants(name):
    headers = "".join(path.read_text() for path in (SRC / "include/weft").glob("*.h"))
    pages = "".join((SRC / f"man/{page}.3").read_text() for page in PAGES)
    body = re.search(rf"enum weft_{name} {{(.*?)}}", headers, re.S)[1]
    constants = re.findall(r"\b(WEFT_\w+) =", body)
    assert constants
    for constant in constants:
        assert constant in pages, constant


@pytest.mark.parametrize("options", [["-x", "c", "-std=c99"], ["-x", "c", "-std=c17"],
                                     ["-x", "c++", "-std=c++11"],
                                     ["-x", "c++", "-std=c++20"]])
def test_headers_compile_by_the_letter(installed, options):
    done = subprocess.run([*CC, *options, "-Wall", "-Wextra", "-pedantic", "-Werror",
                           "-fsyntax-only", *installed.pkg_config("--cflags"), "-"],
                          input="#include <weft/weft.h>\n", capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr


def test_the_version_is_that_of_the_package(installed, tmp_path):
    code = '#include <stdio.h>\n#include <weft/weft.h>\nint main(void)' \
           '{ return puts(weft_version()) == EOF; }\n'
    program = installed.compile(code, tmp_path / "version")
    done = subprocess.run([program], capture_output=True, text=True, env=installed.env())
    assert done.stdout.split() == installed.pkg_config("--modversion")
