# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists the messages of the collection, read from its code: messages.py [--write]; without it, prints the listing.

What counts as a message is a text of three words or more in the code of plugins/, outside documentation, docstrings and
the calls and files below. --write updates docs/messages.md, which a test compares with the code.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LISTING = ROOT / "docs" / "messages.md"

#: Headings of the listing, and the folders and files below plugins/ whose messages each has, in this order.
SECTIONS = {
    "What you declared": (
        "module_utils/_declare",
        "module_utils/_options",
        "module_utils/_errors.py",
        "module_utils/_text.py",
    ),
    "Plans, limits and approval": ("module_utils/_decide", "module_utils/_stories"),
    "The account check": ("module_utils/_account",),
    "The service and its answers": (
        "module_utils/_transport",
        "module_utils/_service",
        "module_utils/_wire",
        "module_utils/_observe",
    ),
    "Submitting and waiting": ("module_utils/_carry_out",),
    "Results and files": ("module_utils/_report",),
    "Fleets, drift, reports, inventory and events": (
        "plugin_utils",
        "action",
        "filter",
        "inventory",
        "lookup",
        "modules",
    ),
}
#: Files that have word lists, pages or other texts, but no messages.
_EXEMPT = re.compile(
    r"_wire/(rules|names|words)\w*\.py$|_report/(page|markdown|figures|charts?)\w*\.py$|doc_fragments/"
)
#: Functions whose arguments are not messages.
_CALLS = re.compile(
    r"^(_rule|word_set|execute|executemany|compile|search|match|sub|split|getLogger|import_module|Path|open|Field|field)$"
)
#: Texts that are something else: SQL, regular expressions, HTML, lists of words.
_OTHER = re.compile(
    r"^(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|DROP) |\(\?|\\b|\[\^|</|^[a-z_+]+:\d+ |^<[a-z]+ "
)
#: A message says what is, or what to do. In an error, any text does.
_VERBS = re.compile(
    r"\b(is|are|was|were|be|has|have|had|must|may|can|cannot|could|did|does|do|needs?|takes|"
    r"shows?|fails|failed|lacks|ended|give|set|use|run|check|ask|correct|remove|add|name|rename|save|export|unpack|quote|install|see|"
    r"look|choose|wait|activate|submit|restore|retry|repeat|declare|approve|download|convert|"
    r"not submitted|ignored|missing|unknown|invalid)\b",
    re.IGNORECASE,
)
_DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")


class Message(NamedTuple):
    """A message. `cure`: what to do, or ''. `kind`: of the error, or ''. Placeholders are in angle brackets."""

    text: str
    cure: str
    kind: str


class Source(NamedTuple):
    """A file with its messages. `subject`: the first sentence of its docstring."""

    path: Path
    subject: str
    messages: list[Message]


@functools.cache
def error_kinds() -> dict[str, str]:
    """Returns the ``error.kind`` of each error class of the collection, by the name of the class."""
    kinds: dict[str, str] = {}
    bases: dict[str, str] = {}
    for path in sorted((ROOT / "plugins" / "module_utils").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef) or not node.name.endswith("Error"):
                continue
            if node.bases and isinstance(node.bases[0], ast.Name):
                bases[node.name] = node.bases[0].id
            for statement in node.body:
                if isinstance(statement, ast.Assign) and name_of(statement.targets[0]) == "kind":
                    kinds[node.name] = render(statement.value)
    for name in bases:
        base = name
        while base not in kinds and base in bases:
            base = bases[base]
        if base in kinds:
            kinds.setdefault(name, kinds[base])
    return kinds


def render(node: ast.AST) -> str:
    """Returns a text of the code as a reader may know it, with <placeholders> for what is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(render, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return render(node.left) + render(node.right)
    if isinstance(node, ast.FormattedValue):
        return render(node.value)
    if isinstance(node, ast.IfExp) and _is_short_text(node.body) and _is_short_text(node.orelse):
        return "/".join(filter(None, (render(node.body), render(node.orelse))))
    while isinstance(node, (ast.Call, ast.Subscript)):
        if isinstance(node, ast.Call):
            is_map = name_of(node.func) == "map"
            node = node.args[is_map] if len(node.args) > is_map else node.func
        else:
            node = node.value
    name = name_of(node)
    return f"<{name.strip('_').lower().replace('_', ' ')}>" if name else "<...>"


def name_of(node: ast.AST) -> str:
    """Returns the name of a variable or of an attribute, or ''."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _is_short_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 20


class MessageReader(ast.NodeVisitor):
    """Collects the messages of a file."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self.messages: list[Message] = []
        self._kinds = kinds
        self._kind = ""  # of the error whose arguments are read

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if name_of(node.targets[0]) not in _DOCUMENTATION:
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        pass

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for child in (*node.body, *node.args.defaults, *node.args.kw_defaults):
            if child is not None:
                self.visit(child)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._kind = self._kind, self._kinds.get(node.name, "")
        self.generic_visit(node)
        self._kind = outer

    def visit_Call(self, node: ast.Call) -> None:
        name = name_of(node.func)
        if _CALLS.match(name):
            return
        if not name.endswith(("Error", "Problem")):
            self.generic_visit(node)
            return
        kind = self._kinds.get(name, "")
        if name == "InputError":  # its second argument begins the title of several problems, which _errors.py has
            node.args = node.args[:1]
        texts = [argument for argument in node.args[:2] if _is_text(argument)]
        cures = [keyword.value for keyword in node.keywords if keyword.arg == "cure" and _is_text(keyword.value)]
        if texts and (len(texts) + len(cures)) >= 2:
            self._add(render(texts[0]), render((texts[1:] + cures)[0]), kind)
            rest: list[ast.AST] = [argument for argument in node.args if argument not in texts]
        else:
            rest = [*node.args, *(keyword.value for keyword in node.keywords)]
        outer, self._kind = self._kind, kind
        for argument in rest:
            self.visit(argument)
        self._kind = outer

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._add(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._add(render(node))

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if _is_text(node):
            self._add(render(node))
        else:
            self.generic_visit(node)

    def _add(self, text: str, cure: str = "", kind: str = "") -> None:
        kind = kind or self._kind
        words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", "", text))
        if len(words) < 3 or " " not in text.strip() or _OTHER.search(text):
            return
        if text[0] in ",;.: " or (not kind and not _VERBS.search(text)):
            return
        if not cure:
            text, cure = split_cure(text)
        self.messages.append(Message(" ".join(text.split()), " ".join(cure.split()), kind))


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and _is_text(node.left) and _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def split_cure(text: str) -> tuple[str, str]:
    """Splits a message at its first semicolon, or after its first sentence, into what is wrong and what to do."""
    found = re.search(r"; |(?<=[.])\s+(?=[A-Z<])", text)
    if not found or not text[: found.start()].strip():
        return text, ""
    return text[: found.start()], text[found.end() :]


def sources(folders: tuple[str, ...], kinds: dict[str, str]) -> Iterator[Source]:
    """Yields the files of these folders that have messages."""
    for folder in folders:
        base = ROOT / "plugins" / folder
        for path in [base] if base.is_file() else sorted(base.rglob("*.py")):
            if _EXEMPT.search(path.as_posix()):
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            reader = MessageReader(kinds)
            reader.visit(tree)
            messages = list(dict.fromkeys(reader.messages))
            if messages:
                docstring = (ast.get_docstring(tree) or path.stem).partition("\n\n")[0].replace("\n", " ")
                yield Source(path.relative_to(ROOT), docstring.partition(". ")[0].rstrip("."), messages)


_HEAD = """\
<!--
Copyright (c) 2026, kajeet.sentinel contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Made from the code by: make messages
-->

# Messages

Every message of this collection, with what to do about it, by the part of the collection that it comes from. Words in
`<angle brackets>` are filled in. *Kind* is `error.kind` of a failed task, where the message is an error.

To find a message, search this page for a few of its words that are not names or numbers. What is not a message, such as
a device that is active and does not work, is in the guide *Troubleshooting* of the documentation.
"""


_TABLE = "| message | what to do | kind |\n|---|---|---|\n"


def listing() -> str:
    """Returns docs/messages.md as it should be."""
    kinds = error_kinds()
    parts = [_HEAD]
    for title, folders in SECTIONS.items():
        parts.append(f"\n## {title}\n")
        for source in sources(folders, kinds):
            parts.append(f"\n### {source.subject}\n\nIn `{source.path.as_posix()}`.\n\n{_TABLE}")
            parts += [f"| {_cell(text)} | {_cell(cure)} | {kind} |\n" for text, cure, kind in source.messages]
    return "".join(parts)


def _cell(text: str) -> str:
    return re.sub(r"([|*_`\\])", r"\\\1", text).replace("<", "&lt;").replace(">", "&gt;")


def main(arguments: list[str]) -> int:
    """Prints or writes the listing; returns the exit code."""
    if arguments == ["--write"]:
        LISTING.write_text(listing(), encoding="utf-8")
    else:
        sys.stdout.write(listing())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
