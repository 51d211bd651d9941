# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""The checks that read the tree: each finds what it is for, in a small tree that has it, and
nothing in one that has not."""

import os
import pathlib
import subprocess

import pytest

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).parents[2]))
LIMIT_S = 60


def make_tree(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def check(script, folder, *options):
    """The exit status and the lines."""
    done = subprocess.run(["/usr/bin/python3", "-B", str(SRC / "tests" / script), *options,
                           str(folder)], capture_output=True, text=True, timeout=LIMIT_S)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("script", ["check-arrows", "check-names", "check-style", "check-tests",
                                    "check-words"])
def test_a_folder_without_sources_is_not_clean(tmp_path, script):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/ROOMS").write_text("base:\n")
    done = subprocess.run(["/usr/bin/python3", "-B", str(SRC / "tests" / script), str(tmp_path)],
                          capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 1 and "/test_a_folder" in done.stderr and ": no .c" in done.stderr


# ---- check-arrows ----

HOUSE = {
    "src/ROOMS": """\
# the ground
base:
dns:    base
# planned
push:   dns base
# the program
weftd:  every room

door: openssl/ dns
door: xxhash   base
door: ev.h     every room but push
""",
    "src/base/list.h": "#include <stddef.h>\n#include <sys/queue.h>\n#include <xxhash.h>\n"
                       "int base_list_add(int);\n",
    "src/base/list.c": '#include "base/list.h"\n\nint base_list_add(int n)\n{\n\treturn n;\n}\n',
    "src/dns/name.h": "int dns_name_parse(int);\n",
    "src/dns/name.c": '#include <openssl/sha.h>\n\n#include "base/list.h"\n#include "dns/name.h"\n'
                      '\nint dns_name_parse(int n)\n{\n\treturn base_list_add(n);\n}\n',
    "src/weftd/main.c": '#include <ev.h>\n\n#include "dns/name.h"\n\nint main(void)\n{\n'
                        '\treturn dns_name_parse(0);\n}\n',
    "Makefile.am": "base_link = libbase.a $(XXHASH_LIBS) $(EV_LIBS) -lm\n"
                   "dns_link = libdns.a $(CRYPTO_LIBS) \\\n\t$(base_link)\n",
}

CIRCLE = {
    "src/dns/name.c": '#include "dns/name.h"\n#include "dns/type.h"\n\n'
                      'int dns_name_parse(int n)\n{\n\treturn dns_type_find(n);\n}\n',
    "src/dns/type.h": "int dns_type_find(int);\n",
}


def test_a_house_in_order_has_no_finding(tmp_path):
    assert check("check-arrows", make_tree(tmp_path, HOUSE)) == (0, [])


@pytest.mark.parametrize("name, text, finding", [
    ("src/base/list.c", '#include "dns/name.h"\n', "src/base/list.c:1: base may not see dns"),
    ("src/base/list.c", '\n#include "list.h"\n',
     'src/base/list.c:2: "list.h" does not say its room'),
    ("src/base/list.c", '#include "base/none.h"\n',
     "src/base/list.c:1: there is no src/base/none.h"),
    ("src/base/list.c", '#include "attic/box.h"\n',
     'src/base/list.c:1: "attic/box.h": src/ROOMS has no room attic'),
    ("src/attic/box.c", "", "src/attic/box.c:1: src/ROOMS has no room attic"),
    ("src/ROOMS", HOUSE["src/ROOMS"].replace("base:\n", "base: push\n"),
     "src/ROOMS:2: rooms in a circle: base dns push"),
    ("src/ROOMS", HOUSE["src/ROOMS"].replace("dns:    base", "dns:    base weftd"),
     "src/ROOMS:3: rooms in a circle: dns push weftd"),
    ("src/ROOMS", HOUSE["src/ROOMS"] + "base:\n", "src/ROOMS:12: base a second time"),
    ("src/ROOMS", HOUSE["src/ROOMS"] + "web: bsae\n",
     "src/ROOMS:12: web sees bsae, which is no room"),
    ("src/ROOMS", HOUSE["src/ROOMS"] + "door: yaml.h conf\n",
     "src/ROOMS:12: there is no room conf"),
    ("src/ROOMS", HOUSE["src/ROOMS"] + "door: yaml.h\n",
     "src/ROOMS:12: a door needs a header and its rooms"),
    ("src/base/list.c", "#include <openssl/evp.h>\n",
     "src/base/list.c:1: <openssl/evp.h>: base is not its door, but dns"),
    ("src/push/push.c", "#include <ev.h>\n",
     "src/push/push.c:1: <ev.h>: push is not its door, but base dns weftd"),
    ("src/base/list.c", "#include <curl/curl.h>\n",
     "src/base/list.c:1: <curl/curl.h>: src/ROOMS has no door for it"),
    ("Makefile.am", "base_link = libbase.a \\\n\t$(CRYPTO_LIBS)\n",
     "Makefile.am:1: base links $(CRYPTO_LIBS), whose door is dns"),
    ("Makefile.am", "dns_link = libdns.a -lcurl\n",
     "Makefile.am:1: dns links -lcurl, which has no door"),
    ("Makefile.am", "base_link = libbase.a $(dns_link)\n",
     "Makefile.am:1: base links dns, which it may not see"),
])
def test_an_arrow_that_rooms_does_not_show_fails(tmp_path, name, text, finding):
    assert check("check-arrows", make_tree(tmp_path, {**HOUSE, name: text})) == (1, [finding])


@pytest.mark.parametrize("text, arrow", [
    ('#include "dns/name.h"\n', "src/dns/type.c:1: type -> name: includes dns/name.h"),
    ("int dns_type_find(int n)\n{\n\treturn dns_name_parse(n);\n}\n",
     "src/dns/type.c:3: type -> name: dns_name_parse"),
    ("int (*const find)(int) = dns_name_parse;\n",
     "src/dns/type.c:1: type -> name: dns_name_parse"),
])
def test_a_circle_of_files_fails(tmp_path, text, arrow):
    tree = make_tree(tmp_path, {**HOUSE, **CIRCLE, "src/dns/type.c": text})
    assert check("check-arrows", tree) == (1, [
        "src/dns:1: 2 units in a circle: name type",
        "src/dns/name.c:2: name -> type: " + ("dns_type_find, " if "dns_type_find" in text else "")
        + "includes dns/type.h", arrow])
    assert check("check-arrows", tree, "--warn=circles")[0] == 0


@pytest.mark.parametrize("text", [
    "/* dns_name_parse(1) calls it;\n * #include \"dns/name.h\" */\n",
    'const char *dns_type_text = "dns_name_parse(";\n// dns_name_parse("\n',
    "int dns_type_of(struct rule *r)\n{\n\treturn r->dns_name_parse + r[0].dns_name_parse;\n}\n",
    '#include "dns/name_priv.h"\n',
    "static int dns_other(void)\n{\n\treturn '\"';\n}\n\n/* \" dns_name_parse */\n",
])
def test_comments_strings_and_members_are_no_calls(tmp_path, text):
    tree = make_tree(tmp_path, {**HOUSE, **CIRCLE, "src/dns/type.c": text,
                                "src/dns/name_priv.h": "int dns_name_parse(int);\n"})
    assert check("check-arrows", tree) == (0, [])


def test_an_inline_function_of_a_header_calls(tmp_path):
    header = "static inline int dns_type_find(int n)\n{\n\treturn dns_name_parse(n);\n}\n"
    tree = make_tree(tmp_path, {**HOUSE, **CIRCLE, "src/dns/type.h": header})
    assert "src/dns/type.h:3: type -> name: dns_name_parse" in check("check-arrows", tree)[1]


# ---- check-names ----

NAMED = {
    "src/dns/name.h": """\
/* dns/name.h - names; dns_name_parse() and DNS_NAME_MAX, as in name.c, x.h and test_name.py.
 * dns_name_* is all of it, <sys/queue.h> and sys/queue.h are not, room_file_verb and test_FILE
 * are examples. */
#include <sys/queue.h>
#define DNS_NAME_MAX 255
int dns_name_parse(int);
""",
    "src/dns/name.c": "int dns_name_parse(int n)\n{\n\treturn n; /* dns_name_parse */\n}\n",
    "tests/system/test_name.py": '"""Of dns_name_parse."""\n\nROOM_NUMBER = 1  # a ROOM_NUMBER\n',
    "src/README.md": "Names are in dns/name.c: `dns_name_parse`.\n",
    "Makefile.am": "# dns_link of tests/system/test_name.py\ndns_link = libdns.a\n",
}


def test_names_that_are_there_have_no_finding(tmp_path):
    assert check("check-names", make_tree(tmp_path, NAMED)) == (0, [])


@pytest.mark.parametrize("name, text, finding", [
    ("src/dns/a.c", "\n/* As\n * dns_name_prase. */\n",
     "src/dns/a.c:3: there is no dns_name_prase"),
    ("src/dns/a.c", "int n; // dns_name_prase\n", "src/dns/a.c:1: there is no dns_name_prase"),
    ("src/dns/a.c", "/* DNS_NAME_MOST */\n", "src/dns/a.c:1: there is no DNS_NAME_MOST"),
    ("src/dns/a.c", "/* dns_type_* */\n", "src/dns/a.c:1: there is no dns_type_*"),
    ("src/dns/a.c", "/* attic/suspect.h */\n", "src/dns/a.c:1: there is no attic/suspect.h"),
    ("src/dns/a.c", "/* type.c */\n", "src/dns/a.c:1: there is no type.c"),
    ("tests/unit/dns/test_a.c", "/* dns_gone */\n",
     "tests/unit/dns/test_a.c:1: there is no dns_gone"),
    ("include/weft/weft.h", "/* weft_gone */\n", "include/weft/weft.h:1: there is no weft_gone"),
    ("tests/system/test_a.py", '"""Of\ndns_gone."""\n',
     "tests/system/test_a.py:2: there is no dns_gone"),
    ("tests/system/test_a.py", "N = 1  # dns_gone\n",
     "tests/system/test_a.py:1: there is no dns_gone"),
    ("src/README.md", "# A\n\n`dns_gone`\n", "src/README.md:3: there is no dns_gone"),
    ("Makefile.am", "# dns_gone\n", "Makefile.am:1: there is no dns_gone"),
])
def test_a_name_that_is_not_there_fails(tmp_path, name, text, finding):
    tree = make_tree(tmp_path, {**NAMED, name: text})
    assert check("check-names", tree) == (1, [finding])
    assert check("check-names", tree, "--warn") == (0, [finding])


def test_the_share_of_addresses_is_shown(tmp_path):
    tree = make_tree(tmp_path, {
        **NAMED, "src/dns/dns.c": "int dns_init(void)\n{\n}\n",
        "src/dns/type.c": "int dns_find(void)\n{\n}\n\nstatic int f(void)\n{\n}\n\n"
                          "int dns_types;\nconst int dns_type[] = {1};\n"})
    assert check("check-names", tree, "--addresses") == (
        0, ["dns: 3 of 5", "3 of 5 exported names are addresses, 60 %"])


# ---- check-words ----

SPOKEN = {
    "src/dns/name.h": """\
/* dns/name.h - names. It is not a contract. */
#pragma once

/* As for the struct. */
struct name {
	int n; /* The same */
};

/* Parses a name, for callers who want one. Returns 0, or an error if there is no
 * name. As RFC 1035 section 4 says, no longer than 255 octets. */
int dns_name_parse(int);
""",
    "src/dns/name.c": "int dns_name_parse(int behind)\n{\n\treturn behind; /* behind a NAT */\n}\n"
                      'const char *dns_key = "behind"; /* one word is a key, not a message */\n',
    "tests/unit/dns/test_name.c": 'const char *text = "what is behind the house";\n',
    "man/weft.1": '.\\" who\n.Dd who is behind\n.Sh NAME\nClients,\n.Em callers\nwho wait.\n',
}
CONTRACT = "/* One thing. */\n#pragma once\n\n/* %s the name. */\nint dns_type_find(int);\n"


def test_good_english_has_no_finding(tmp_path):
    text = SPOKEN["man/weft.1"].replace(".Dd who is behind\n", "")
    assert check("check-words", make_tree(tmp_path, {**SPOKEN, "man/weft.1": text})) == (0, [])


@pytest.mark.parametrize("name, text, where, rule", [
    ("src/dns/a.c", "/* For who needs it. */\n", 1, "who"),
    ("src/dns/a.c", "/* It is for\n * who needs it. */\n", 2, "who"),
    ("src/dns/a.c", "/* Whoever needs it. */\n", 1, "who"),
    ("src/dns/a.c", "/* A name that is no name. */\n", 1, "is-no"),
    ("src/dns/a.c", "/* A name that is no\n * number. */\n", 1, "is-no"),
    ("src/dns/a.c", "// False if it is none.\n", 1, "is-none"),
    ("src/dns/a.c", "/* At most so many. */\n", 1, "so-many"),
    ("src/dns/a.c", "/* The so-manyth. */\n", 1, "so-many"),
    ("src/dns/a.c", "/* All behind it. */\n", 1, "behind"),
    ("src/dns/a.c", "/* Stands in it. */\n", 1, "stands"),
    ("src/dns/a.c", "/* In the\n * place of it. */\n", 1, "in-the-place"),
    ("src/dns/a.c", "/* Besides, it is. */\n", 1, "besides"),
    ("src/dns/a.c", "/* As the record says. */\n", 1, "speaks"),
    ("src/dns/a.c", '\nconst char *text = "%s " "is no number";\n', 2, "is-no"),
    ("src/dns/a.h", CONTRACT % "It finds", 4, "no-subject"),
    ("src/dns/a.h", CONTRACT % "The same for", 4, "no-subject"),
    ("src/dns/a.h", CONTRACT % "As above, finds", 4, "no-subject"),
    ("src/dns/a.h", CONTRACT % "What is found of", 4, "no-subject"),
    ("src/dns/a.h", CONTRACT % "One that finds", 4, "no-subject"),
    ("include/weft/weft.h", "/* Told of it. */\n", 1, "speaks"),
    ("tests/system/test_a.py", '"""What\nit said."""\n', 2, "speaks"),
    ("tests/system/test_a.py", "N = 1  # behind it\n", 1, "behind"),
    ("contrib/check", "#!/bin/sh\n# All that\n# is behind\n", 3, "behind"),
    ("contrib/check", "#!/bin/sh\n# All that is so\n# many\n", 2, "so-many"),
    ("man/weft.1", ".Sh NAME\nFor\n.Em those\nnames behind it.\n", 4, "behind"),
])
def test_what_reads_badly_fails(tmp_path, name, text, where, rule):
    files = {key: value for key, value in SPOKEN.items() if not key.startswith("man")}
    tree = make_tree(tmp_path, {**files, name: text})
    status, lines = check("check-words", tree)
    assert (status, [line.split(": ")[:2] for line in lines]) == (1, [[f"{name}:{where}", rule]])
    assert check("check-words", tree, "--warn") == (0, lines)
    assert f"{rule}: 1" in check("check-words", tree, "--count")[1]


# ---- check-style ----

STYLED = {
    "src/dns/name.h": """\
/* dns/name.h - names; see dns_name_*. */
#pragma once

#include <stdbool.h>

struct dns_rule;
struct dns_type;

extern bool dns_name_is_loud;

struct dns_name {
	bool is_long, has_root : 1;
	bool (*find)(bool deep);
	_Atomic bool was_seen;
};

static inline bool dns_name_parse(struct dns_type *type)
{
	return type != NULL;
}
""",
    "src/dns/name.c": """\
/* ---- what calls itself ---- */

static int second(int n);

static int first(int n)
{
	bool found = n > 0; /* a - b -- c */

	return found ? second(n - (int)sizeof(n)) : 0;
}

static int second(int n)
{
	return first(n);
}
""",
    "include/weft/weft.h": """\
#ifndef WEFT_H
#ifdef __cplusplus
extern "C" {
#endif
struct weft;
int weft_new(struct weft **w);
#ifdef __cplusplus
}
#endif
#endif
""",
}


def test_a_tree_in_style_has_no_finding(tmp_path):
    assert check("check-style", make_tree(tmp_path, STYLED)) == (0, [])


@pytest.mark.parametrize("name, text, finding", [
    ("a.c", "int n = sizeof n;\n", "1: sizeof without parentheses"),
    ("a.c", "int n = sizeof (n);\n", "1: sizeof without parentheses"),
    ("a.c", "int n;\n/* ---- parts ------------ */\n", "2: a section's banner is"),
    ("a.c", "/* ==== parts ==== */\n", "1: a section's banner is"),
    ("a.c", "/*\n * ------\n * parts\n */\n", "1: a section's banner is"),
    ("a.c", "/******/\n", "1: a section's banner is"),
    ("a.h", "int f(void);\nstruct x;\n", "2: struct x is not declared at the top"),
    ("a.h", "struct x;\nstruct y {\n\tint n;\n};\n\nstruct z;\n",
     "6: struct z is not declared at the top"),
    ("a.h", "struct y;\nstruct x;\n", "2: struct x is declared after struct y: not the alphabet"),
    ("a.h", 'extern "C" {\nint f(void);\nstruct x;\n}\n',
     "3: struct x is not declared at the top"),
    ("a.c", "static int f(void);\n\nint g(void)\n{\n\treturn f();\n}\n\n"
            "static int f(void)\n{\n\treturn 0;\n}\n",
     "1: f is declared before it is defined: order the functions"),
    ("a.c", "struct x {\n\tint n;\n\tbool bad;\n};\n", "3: bool bad: is_, has_, ..."),
    ("a.h", "struct x {\n\tbool is_good, full : 1;\n};\n", "2: bool full: is_, has_, ..."),
    ("a.c", "static bool ready;\n", "1: bool ready: is_, has_, ..."),
    ("a.c", "static _Atomic bool ready = false;\n", "1: bool ready: is_, has_, ..."),
])
def test_what_is_not_in_style_fails(tmp_path, name, text, finding):
    tree = make_tree(tmp_path, {**STYLED, f"src/dns/{name}": text})
    status, lines = check("check-style", tree)
    assert (status, len(lines)) == (1, 1) and lines[0].startswith(f"src/dns/{name}:{finding}")
    assert check("check-style", tree, "--warn") == (0, lines)


# ---- check-tests ----


def test_files_without_a_unit_test_are_shown(tmp_path):
    tree = make_tree(tmp_path, {name: "" for name in (
        "src/dns/name.c", "src/dns/name_text.c", "src/dns/type.c", "src/dns/typed.c",
        "src/weftd/main.c", "src/server/udp.c", "src/server/query.c",
        "tests/unit/dns/test_name.c", "tests/unit/dns/test_type.c", "tests/unit/base/test_query.c",
    )})
    status, lines = check("check-tests", tree)
    assert (status, [line for line in lines if line.startswith("src/")]) == (0, [
        "src/dns/typed.c:1: there is no tests/unit/dns/test_typed.c",
        "src/server/query.c:1: there is no tests/unit/server/test_query.c"])
    # An exception that no file needs is shown too.
    assert any(line.startswith("tests/check-tests:1: no file needs the exception ") for line in lines)
