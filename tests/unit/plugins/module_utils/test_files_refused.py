# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are not lists of devices are refused quickly, in one sentence that says what they are."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import lzma
import os
import socket
import time
import zipfile

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare import content as _content
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.content import decrypting
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei

I0, C0 = imei(0), iccid(0)
TASK = {"carrier": "Verizon", "device_group": "Buses", "filter_group": "Staff", "service_zip_code": "20191"}
TEXT = f"IMEI,ICCID\n{I0},{C0}\n"
VAULT = b"$ANSIBLE_VAULT;1.1;AES256\n3338\n"
#: Maximum processor seconds to refuse a file. An idle machine needs one second.
SOON = 4


def zipped(**files):
    """Returns a zip with these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def loaded(path, **given):
    """Returns the devices of a file."""
    return load({"src": str(path), **TASK, **given}, SIM.identity)


@pytest.fixture
def problem(tmp_path):
    """Returns the only problem of a file, and checks that it is found quickly."""

    def refused(content, name="fleet.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        started = time.process_time()
        with pytest.raises(InputError) as caught:
            loaded(path)
        assert time.process_time() - started < SOON
        (problem,) = caught.value.problems
        return problem

    return refused


# -- Contents ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fleet.csv", "fleet.txt", "fleet.xlsx", "fleet.yml", "fleet.json", "fleet.jsonl"])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "is a web page (HTML)"),
        (b"\n  <HTML lang=en>", "is a web page (HTML)"),
        (b'\xef\xbb\xbf<html xmlns="http://www.w3.org/1999/xhtml">', "is a web page (HTML)"),
        (b"<!-- saved from url --><html>", "is a web page (HTML)"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html>", "is a web page (HTML)"),
        (b"<?xml version='1.0'?><Workbook><Table/></Workbook>", "is XML; export the list as .csv or .xlsx"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "is a Git LFS pointer, not the file itself; run git lfs pull",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is an old Excel workbook (.xls) or has a password"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF; export the list as .csv or .xlsx"),
        (b"{\\rtf1\\ansi IMEI}", "is an RTF document; save it as plain text"),
        (gzip.compress(TEXT.encode()), "is compressed (gzip); unpack it first"),
        (bz2.compress(TEXT.encode()), "is compressed (bzip2); unpack it first"),
        (lzma.compress(TEXT.encode()), "is compressed (xz); unpack it first"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "is an archive (7z); unpack it first"),
        (b"Rar!\x1a\x07\x01\x00", "is an archive (RAR); unpack it first"),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQEM\n", "is encrypted (PGP); decrypt it first"),
        (b"SQLite format 3\x00" + bytes(80), "is a database (SQLite); export the list as .csv"),
        (VAULT, "is encrypted with ansible-vault, which only the controller can decrypt; run the task there"),
        (zipped(**{"fleet.csv": TEXT}), "is a zip; unpack it first"),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<x/>"}),
            "is an OpenDocument spreadsheet (.ods); save it as .xlsx or .csv",
        ),
        (zipped(**{"xl/workbook.bin": "x"}), "is a binary workbook (.xlsb); save it as .xlsx"),
        (zipped(**{"xl/workbook.xml": "x"})[:-30], "is a broken workbook or zip; download or save it again"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_content_decides_what_a_file_is(problem, name, content, what):
    assert problem(content, name).startswith(f"{name}: {what}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_web_page_is_recognised_in_any_encoding(problem, encoding):
    assert "is a web page (HTML)" in problem("<!DOCTYPE html><html>Sign in</html>".encode(encoding))


@pytest.mark.parametrize("content", [TEXT, bytes(range(1, 256)), "Café".encode("cp1252"), "{}"])
def test_a_false_workbook_gets_no_advice_about_utf_8(problem, content):
    message = problem(content, "fleet.xlsx")
    assert "not a workbook" in message
    assert "UTF-8" not in message


@pytest.mark.parametrize(
    ("content", "format_name", "ending"),
    [
        (json.dumps([{"imei": I0, "iccid": C0}]), "JSON", ".json"),
        (json.dumps({"devices": [{"imei": I0, "iccid": C0}]}, indent=2), "JSON", ".json"),
        (f"- imei: {I0}\n  iccid: {C0}\n", "YAML", ".yml"),
        (f"---\n- {{imei: {I0}, iccid: {C0}}}\n", "YAML", ".yml"),
    ],
)
def test_a_document_named_like_a_csv_file_is_recognised(problem, content, format_name, ending):
    for name in ("fleet.csv", "fleet.txt"):
        message = problem(content, name)
        assert message.startswith(f"{name}: is {format_name}")
        assert ending in message


@pytest.mark.parametrize("name", ["fleet.xls", "fleet.xlsm", "fleet.doc", "fleet", "fleet.csv.bak", ".csv"])
def test_an_unknown_file_extension_is_refused_with_the_supported_ones(problem, name):
    shown = os.path.splitext(name)[1] or name
    assert problem(TEXT, name) == f'{name}: unsupported file type "{shown}"; use .csv, .xlsx, .yml or .json'


# -- Encodings ---------------------------------------------------------------------------------------------------------

NAMES = ["", "Bus 1", "Café", "日本", "Ā　x", "Школьный автобус", "🚌", "日本語" * 5]


@pytest.mark.parametrize("nickname", NAMES)
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-8", codecs.BOM_UTF8 * 2),
        ("utf-16-le", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", b""),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", b""),
        ("utf-32-be", codecs.BOM_UTF32_BE),
    ],
)
def test_unicode_is_read_with_and_without_a_byte_order_mark(tmp_path, nickname, encoding, mark):
    path = tmp_path / "fleet.csv"
    path.write_bytes(mark + f"IMEI;ICCID;Nickname\r\n{I0};{C0};{nickname}\r\n".encode(encoding))
    (device,) = loaded(path).devices
    assert (device.imei, device.iccid, device.nickname) == (I0, C0, nickname or None)


@pytest.mark.parametrize("name", ["fleet.json", "fleet.jsonl", "fleet.yml"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_documents_are_read_in_any_unicode_encoding(tmp_path, name, encoding):
    row = json.dumps({"imei": I0, "iccid": C0, "nickname": "Café"}, ensure_ascii=False)
    path = tmp_path / name
    path.write_bytes((row if name == "fleet.jsonl" else f"[{row}]").encode(encoding))
    assert loaded(path).devices[0].nickname == "Café"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac-roman", "cp437"])
def test_other_encodings_are_refused_with_the_line_and_the_cure(problem, encoding):
    message = problem(f"IMEI,ICCID,Nickname\r\n{I0},{C0},Café\r\n".encode(encoding))
    assert message.startswith("fleet.csv, line 2: is not UTF-8 (byte 0x")
    assert message.endswith('save the file as UTF-8 (in spreadsheets: "CSV UTF-8")')


def test_an_incomplete_utf_16_character_is_refused(problem):
    message = problem(f"IMEI,ICCID\n{I0},{C0}\n".encode("utf-16")[:-1])
    assert "is not UTF-16" in message
    assert "save the file as UTF-8" in message


@pytest.mark.parametrize("content", [b"", b" \r\n\t\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, "\n\n".encode("utf-16")])
@pytest.mark.parametrize("name", ["fleet.csv", "fleet.json", "fleet.yml"])
def test_an_empty_file_is_refused(problem, content, name):
    assert problem(content, name) == f"{name}: is empty; it must declare at least one device"


# -- Paths -------------------------------------------------------------------------------------------------------------


def refusal(path):
    """Returns the only problem of a path, and checks that it is found quickly."""
    started = time.monotonic()
    with pytest.raises(InputError) as caught:
        loaded(path)
    assert time.monotonic() - started < SOON
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("name", ["fleet.csv", "fleet.xlsx", "fleet.yml", "fleet.json"])
def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path, name):
    os.mkfifo(tmp_path / name)
    assert refusal(tmp_path / name) == f"{tmp_path / name} is a FIFO; give a regular file"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_an_endless_device_is_not_read(tmp_path, device):
    (tmp_path / "fleet.csv").symlink_to(device)
    assert refusal(tmp_path / "fleet.csv").endswith("fleet.csv is a character device; give a regular file")


def test_a_directory_is_refused(tmp_path):
    (tmp_path / "fleet.csv").mkdir()
    assert refusal(tmp_path / "fleet.csv").endswith("fleet.csv is a directory; give a regular file")


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("fleet.csv")
        assert refusal("fleet.csv") == "fleet.csv is a socket; give a regular file"


def test_a_link_to_itself_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "fleet.csv").symlink_to(tmp_path / "fleet.csv")
    assert "cannot be read on the machine that runs the module: too many levels" in refusal(tmp_path / "fleet.csv")


def test_a_link_to_a_file_is_read(tmp_path):
    (tmp_path / "devices").write_text(TEXT, encoding="utf-8")
    (tmp_path / "fleet.csv").symlink_to("devices")
    assert len(loaded(tmp_path / "fleet.csv").devices) == 1


def test_a_relative_path_is_reported_with_its_start(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal("none.csv").endswith(f": no such file or directory; relative paths start in {tmp_path}")


@pytest.mark.parametrize("path", ["a\x00.csv", "a\ud83d.csv", "a\n\x1b[31m.csv", "x" * 300 + ".csv"])
def test_a_reported_path_has_no_terminal_sequences(path):
    assert refusal(path).isprintable()


# -- Sizes -------------------------------------------------------------------------------------------------------------


def test_a_file_beyond_the_maximum_is_refused_with_the_maximum(tmp_path):
    path = tmp_path / "fleet.csv"
    with open(path, "wb") as stream:
        stream.truncate((_content.MAX_SIZE) + 1)
    assert refusal(path) == f"{path} is larger than 512 MB, the maximum; split it into several files"


@pytest.mark.parametrize(
    "content",
    [
        lambda: ",".join(f"{number:x}word" for number in range(200_000)),
        lambda: "\n".join(",".join(f"{line}x{cell:x}y" for cell in range(10_000)) for line in range(25)),
        lambda: "imei,iccid," + ",".join(f"{number:x}word" for number in range(50_000)) + f"\n{I0},{C0}\n",
        lambda: "," * (30 << 20),
        lambda: '"' * (30 << 20),
        lambda: "x" * (30 << 20),
        lambda: "x\n" * (5 << 20),
        lambda: "IMEI,ICCID\n" + '"' + "\n" * (10 << 20),
    ],
    ids=["words", "rows of words", "columns", "commas", "quotes", "one cell", "lines", "an open quote"],
)
def test_a_huge_csv_of_anything_is_refused_quickly(problem, content):
    assert problem(content()).startswith("fleet.csv")


def bomb(levels):
    """Returns YAML whose aliases are short, but huge when they are written out."""
    rows = ["- imei: &a0 [x,x,x,x,x,x,x,x,x,x]\n"]
    rows += [f"- imei: &a{level} [{','.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, levels)]
    return "".join(rows)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("fleet.yml", "[" * 100_000),
        ("fleet.yml", "{a: " * 100_000),
        ("fleet.yml", "- " * 100_000 + "a"),
        ("fleet.yml", "".join(f"{' ' * depth}a:\n" for depth in range(2_000))),
        ("fleet.yml", "? " * 100_000 + "a"),
        ("fleet.json", "[" * 100_000),
        ("fleet.json", '[{"imei": ' + "[" * 50_000 + "]" * 50_000 + "}]"),
        ("fleet.json", '{"a": ' * 100_000),
        ("fleet.jsonl", '{"imei": ' + "[" * 50_000 + "]" * 50_000 + "}"),
    ],
)
def test_deep_nesting_is_refused_in_one_sentence(problem, name, content):
    message = problem(content, name)
    assert message.startswith(name)
    assert "nest" in message


def test_brackets_within_texts_do_not_count_as_nesting(tmp_path):
    path = tmp_path / "fleet.yml"
    path.write_text(
        "".join(f"- {{imei: {imei(row)}, iccid: '{iccid(row)}', nickname: 'Bus [{row}'}}\n" for row in range(150))
    )
    assert len(loaded(path).devices) == 150


def test_exploding_aliases_are_not_written_out(tmp_path):
    path = tmp_path / "fleet.yml"
    path.write_text(bomb(40), encoding="utf-8")
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        loaded(path)
    assert time.process_time() - started < SOON
    assert len(str(caught.value)) < 10_000


def test_a_recursive_alias_is_refused_in_one_sentence(problem):
    assert problem(f"- &a {{imei: *a, iccid: '{C0}'}}\n", "fleet.yml").startswith(
        "fleet.yml, line 1: is not valid YAML"
    )


def test_an_alias_is_resolved(tmp_path):
    path = tmp_path / "fleet.yml"
    path.write_text(
        f"- {{imei: {I0}, iccid: '{C0}', carrier: &c AT&T}}\n- {{imei: {imei(1)}, iccid: '{iccid(1)}', carrier: *c}}\n",
        encoding="utf-8",
    )
    assert [device.carrier for device in loaded(path).devices] == ["AT&T", "AT&T"]


@pytest.mark.parametrize("name", ["fleet.json", "fleet.jsonl", "fleet.yml"])
def test_a_list_instead_of_a_value_is_refused_without_its_content(problem, name):
    row = json.dumps({"imei": [1, {"a": None}], "iccid": C0})
    message = problem(row if name == "fleet.jsonl" else f"[{row}]", name)
    assert "imei" in message
    assert "None" not in message
    assert "{" not in message


# -- Vault -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "plain"), [("fleet.csv", TEXT), ("fleet.yml", f"- {{imei: {I0}, iccid: '{C0}'}}\n")])
def test_an_encrypted_file_is_decrypted_if_possible(tmp_path, name, plain):
    path = tmp_path / name
    path.write_bytes(VAULT)
    asked = []

    def decrypt(encrypted):
        asked.append(encrypted)
        return plain.encode()

    with decrypting(decrypt):
        assert [device.imei for device in loaded(path).devices] == [I0]
    assert asked == [str(path)]


def test_a_plain_file_is_not_decrypted(tmp_path):
    path = tmp_path / "fleet.csv"
    path.write_text(TEXT, encoding="utf-8")
    with decrypting(lambda encrypted: pytest.fail("it was decrypted")):
        assert len(loaded(path).devices) == 1


def test_a_failed_decryption_is_reported(tmp_path):
    path = tmp_path / "fleet.csv"
    path.write_bytes(VAULT)

    def decrypt(_path):
        raise InputError(["fleet.csv: no vault password of this run decrypts it"])

    with decrypting(decrypt), pytest.raises(InputError, match="no vault password"):
        loaded(path)
    with pytest.raises(InputError, match="which only the controller can decrypt"):
        loaded(path)
