# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The weft authors
"""Sources as the checks of tests/ read them: code, comments, strings, and what a C file exports.

It knows no preprocessor: a macro's text is code like any other. Lines keep their numbers."""

import io
import re
import sys
import tokenize

PIECE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)\)*|_Alignas\s*\([^()]*\)", re.S)


def blank(text):
    """As long as `text` and with its newlines, but white."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return PIECE.sub(lambda m: blank(m[0]) if m[0].startswith("/") else m[0], text)


def code(text):
    """Without comments, and with empty strings."""
    return PIECE.sub(lambda m: blank(m[0]) if m[0][0] == "/" else
                     m[0][0] + " " * (len(m[0]) - 2) + m[0][-1], text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def comments(text):
    """(offset, end, comment) of each comment, with its signs. Line comments below each other are
    one."""
    found = []
    for piece in PIECE.finditer(text):
        if not piece[0].startswith("/"):
            continue
        if (found and piece[0].startswith("//") and found[-1][2].startswith("//")
                and re.fullmatch(r"\n[ \t]*", text[found[-1][1]:piece.start()])):
            begin = found.pop()[0]
            found.append((begin, piece.end(), text[begin:piece.end()]))
        else:
            found.append((piece.start(), piece.end(), piece[0]))
    return found


def strings(text):
    """(offset, string without its quotes) of each literal; what the compiler joins is one."""
    found, last = [], None
    for piece in PIECE.finditer(without_comments(text)):
        if piece[0][0] != '"':
            last = None
            continue
        if last is not None and not text[last:piece.start()].strip():
            found[-1] = (found[-1][0], found[-1][1] + piece[0][1:-1])
        else:
            found.append((piece.start(), piece[0][1:-1]))
        last = piece.end()
    return found


def declarations(text):
    """(offset, head, body) of each declaration at file level, of text as code() gives it. The head
    goes up to `{` or `;`, the body is what the braces hold."""
    text = DIRECTIVE.sub(lambda m: blank(m[0]), text)
    text = re.sub(r'\bextern\s+"[^"]*"\s*\{', lambda m: blank(m[0]), text)
    depth, begin, opened = 0, 0, 0
    for sign in re.finditer(r"[;{}]", text):
        at = sign.start()
        if sign[0] == "{":
            if depth == 0:
                opened = at
            depth += 1
        elif sign[0] == "}" and depth == 0:
            begin = at + 1  # of extern "C"
        elif sign[0] == "}":
            depth -= 1
            # A function ends here; a struct, an enum and an initializer end with their `;`.
            if depth == 0 and is_function(text[begin:opened]):
                yield start(text, begin), text[begin:opened], text[opened:at + 1]
                begin, opened = at + 1, 0
        elif depth == 0:
            head = text[begin:opened] if opened > begin else text[begin:at]
            body = text[opened:at] if opened > begin else ""
            yield start(text, begin), head, body
            begin, opened = at + 1, 0


def start(text, offset):
    return offset + len(text[offset:]) - len(text[offset:].lstrip())


def is_function(head):
    return "=" not in head and "(" in ATTRIBUTE.sub("", head)


def exported(text):
    """(name, offset) of each function and variable that a .c file defines for others; of text as
    code() gives it."""
    for offset, head, body in declarations(text):
        words = ATTRIBUTE.sub("", head).split()
        first = set(re.findall(r"\w+", " ".join(words))[:2])
        if not first or first & {"static", "typedef", "extern", "_Static_assert"}:
            continue
        head = " ".join(words)
        if is_function(head):
            name = re.search(r"(\w+) ?\(", head) if body else None
        elif words[0] in ("struct", "union", "enum") and "=" not in head and len(words) < 3:
            name = None
        else:
            head = head.partition("=")[0].strip()
            name = (re.search(r"\( ?\* ?(?:const )?(\w+)", head)
                    or re.search(r"(\w+) ?(?:\[.*)?$", head))
        if name:
            yield name[1], offset


def is_python(path):
    return path.suffix == ".py" or path.read_bytes().startswith(b"#!/usr/bin/python3")


def python_comments(text):
    """(line, text) of comments and docstrings, and the code without them."""
    found, code, is_statement = [], [], True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and is_statement):
            found.append((token.start[0], token.string))
        else:
            code.append(token.string)
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            is_statement = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    return found, " ".join(code)


def hash_comments(text):
    """The same of a Makefile or a shell script: whole lines."""
    found = [(number, line) for number, line in enumerate(text.splitlines(), 1)
             if re.match(r"[ \t]*#(?!!)", line)]
    return found, re.sub(r"^[ \t]*#.*", "", text, flags=re.M)


def c_comments(text):
    found = [(line_of(text, begin), comment) for begin, _, comment in comments(text)]
    return found, without_comments(text)


def read_comments(path):
    """[(line, comment), ...] and the code, of a C, Python, make or shell file."""
    text = path.read_text()
    if path.suffix in (".c", ".h"):
        return c_comments(text)
    return python_comments(text) if is_python(path) else hash_comments(text)


def files(root, folders, endings):
    """The files below some folders of the tree, sorted. A tree without any is not the tree."""
    found = sorted(path for folder in folders for path in (root / folder).rglob("*")
                   if path.suffix in endings and path.is_file())
    if not found:
        sys.exit(f"{root}: no {' '.join(sorted(endings))} in {' '.join(folders)}")
    return found
