# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the bytes of a file and find out what they are: text in some encoding, a workbook, or something else."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .._errors import InputError, reason_of
from .._text import path_problem, shown_path

#: Maximum size of a file, in bytes: about five million devices.
MAX_SIZE = 512 << 20
_SAVE_AS_UTF_8 = 'save the file as UTF-8 (in spreadsheets: "CSV UTF-8")'
EMPTY = "is empty; it must declare at least one device"
#: Types of files that are not regular files.
_NOT_REGULAR = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFSOCK: "a socket",
}
_VAULT = b"$ANSIBLE_VAULT;"
#: Beginnings of files that are not lists of devices, each with what the file is and what to do.
_SIGNATURES = (
    (b"version https://git-lfs.github.com", "is a Git LFS pointer, not the file itself; run git lfs pull"),
    (
        b"\xd0\xcf\x11\xe0",
        "is an old Excel workbook (.xls) or has a password; save it as .xlsx without a password",
    ),
    (b"%PDF", "is a PDF; export the list as .csv or .xlsx"),
    (b"{\\rtf", "is an RTF document; save it as plain text"),
    (b"\x1f\x8b", "is compressed (gzip); unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "is an archive (7z); unpack it first"),
    (b"Rar!", "is an archive (RAR); unpack it first"),
    (b"BZh", "is compressed (bzip2); unpack it first"),
    (b"\xfd7zXZ", "is compressed (xz); unpack it first"),
    (b"-----BEGIN PGP", "is encrypted (PGP); decrypt it first"),
    (b"SQLite format 3", "is a database (SQLite); export the list as .csv"),
)
ZIP = b"PK\x03\x04"
_HTML = ("<!doctype html", "<html", "<head", "<body", "<script", "<meta")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Number of bytes from the beginning that show UTF-16 or UTF-32 without a byte order mark.
_SAMPLE = 4096

#: Returns the decrypted content of a file encrypted with ansible-vault. Raises InputError if it cannot.
Decrypt = Callable[[str], bytes]
_decrypt: Decrypt | None = None


@contextmanager
def decrypting(decrypt: Decrypt) -> Iterator[None]:
    """Use a function that decrypts ansible-vault files within the block. Only a controller has the secret."""
    global _decrypt
    before, _decrypt = _decrypt, decrypt
    try:
        yield
    finally:
        _decrypt = before


def read_bytes(path: str, option: str | None = None) -> bytes:
    """Return a file's content, decrypted if necessary and possible.

    Args:
        path: path of the file.
        option: the option that names the file, for messages.

    Raises InputError if the file cannot be read, or is larger than `MAX_SIZE`.
    """
    prefix = f"{option}: " if option else ""
    problem = path_problem(path)
    if problem:
        raise InputError([f"{prefix}{problem}"])
    try:
        content = _read(path, prefix)
    except OSError as error:
        where = "on the machine that runs the module"
        start = "" if os.path.isabs(path) else f"; relative paths start in {shown_path(os.getcwd())}"
        raise InputError([f"{prefix}{shown_path(path)}: cannot be read {where}: {reason_of(error)}{start}"]) from None
    return _decrypted(path) if content.startswith(_VAULT) else content


def _read(path: str, prefix: str) -> bytes:
    status = os.stat(path)
    kind = stat.S_IFMT(status.st_mode)
    if kind in _NOT_REGULAR:  # a FIFO would wait for a writer, and a device may be endless
        raise InputError([f"{prefix}{shown_path(path)} is {_NOT_REGULAR[kind]}; give a regular file"])
    content = b""
    if status.st_size <= MAX_SIZE:
        with open(path, "rb") as handle:
            content = handle.read(MAX_SIZE + 1)
    if max(status.st_size, len(content)) > MAX_SIZE:
        raise InputError(
            [f"{prefix}{shown_path(path)} is larger than {MAX_SIZE >> 20} MB, the maximum; split it into several files"]
        )
    return content


def _decrypted(path: str) -> bytes:
    if _decrypt is not None:
        return _decrypt(path)
    problem = "is encrypted with ansible-vault, which only the controller can decrypt"
    cure = "run the task there (delegate_to: localhost), or decrypt the file first"
    raise InputError([f"{os.path.basename(path)}: {problem}; {cure}"])


def refuse_other(content: bytes, name: str) -> None:
    """Raise InputError for content that is not a list of devices, with what it is."""
    for signature, problem in _SIGNATURES:
        if content.startswith(signature):
            raise InputError([f"{name}: {problem}"])


def refuse_page(begin: str, name: str) -> None:
    """Raise InputError for a text that is a web page or XML. `begin`: the beginning of the text."""
    text = begin.lstrip("\ufeff \t\r\n").lower()
    if text.startswith(_HTML) or (text.startswith(("<?xml", "<!--")) and "<html" in text):
        raise InputError(
            [f"{name}: is a web page (HTML), perhaps a sign-in page; sign in, download the list again and check it"]
        )
    if text.startswith("<?xml"):
        raise InputError([f"{name}: is XML; export the list as .csv or .xlsx"])


def encoding_of(content: bytes, name: str) -> str:
    """Return the encoding of a text: UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Raises InputError for any other encoding, and for an empty text.
    """
    encoding = next((encoding for bom, encoding in _BOMS if content.startswith(bom)), None)
    encoding = encoding or _encoding_by_zeros(content[:_SAMPLE]) or "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        label = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
        problem = f"{name}, line {line}: is not {label} (byte {content[min(error.start, len(content) - 1)]:#04x})"
        raise InputError([f"{problem}; {_SAVE_AS_UTF_8}"]) from None
    if not text.strip("\ufeff \t\r\n"):
        raise InputError([f"{name}: {EMPTY}"])
    nul = text.find("\x00")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise InputError([f"{name}, line {line}: is not UTF-8 text (it has NUL characters); {_SAVE_AS_UTF_8}"])
    return encoding


def _encoding_by_zeros(begin: bytes) -> str | None:
    """Return UTF-16 or UTF-32 if the zero bytes show it, as in text of mostly Latin letters and digits, or None."""
    zeros = [begin[place::4].count(0) for place in range(4)]
    quarter = len(begin) // 4
    most, few = 0.6 * quarter, 0.1 * quarter
    patterns = {"utf-32-le": "0111", "utf-32-be": "1110", "utf-16-le": "0101", "utf-16-be": "1010"}
    for encoding, pattern in patterns.items():
        if quarter and all(count > most if sign == "1" else count <= few for sign, count in zip(pattern, zeros)):
            return encoding
    return None
