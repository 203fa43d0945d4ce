# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoint 13: common forms of CSV, and errors of invalid ones."""

from __future__ import annotations

import pytest
from service import UPLOAD, V1, Service, iccid, imei, pair

ONE, TWO = pair(1), pair(2)
A, B = (ONE["imei"], ONE["iccid"]), (TWO["imei"], TWO["iccid"])


@pytest.mark.parametrize(
    "text",
    [
        f"imei,iccid\n{A[0]},{A[1]}\n{B[0]},{B[1]}\n",
        f"imei,iccid\r\n{A[0]},{A[1]}\r\n{B[0]},{B[1]}",
        f"\ufeffIMEI;ICCID\r\n{A[0]};{A[1]}\r\n{B[0]};{B[1]}\r\n",
        f"ICCID\tName\t IMEI \n{A[1]}\tBus, red\t{A[0]}\n{B[1]}\t\t{B[0]}\n",
        f'"Device IMEI","Iccid Number"\n"{A[0]}","{A[1]}"\n"{B[0]}","{B[1]}"\n',
        f"\n\nimei,iccid\n\n{A[0]},{A[1]}\n,\n  \n{B[0]},{B[1]}\n\n",
        f'imei,iccid\n="{A[0]}",="{A[1]}"\n\'{B[0]},\'{B[1]}\n',
        f"imei,iccid\n{A[0][:2]} {A[0][2:8]}-{A[0][8:]},{A[1][:4]} {A[1][4:]}F\n{B[0]},{B[1]}\n",
        f"imei,iccid\n{A[0]},{A[1]}\n{A[0]},{A[1]}\n{B[0]},{B[1]}\n",
        f'note,imei,iccid\n"two\nlines",{A[0]},{A[1]}\n,{B[0]},{B[1]}\n',
    ],
    ids=["plain", "crlf", "bom-semicolon", "tab", "quoted", "blank", "excel", "groups", "repeated", "newline"],
)
def test_common_forms_of_files_are_read(service: Service, text: str) -> None:
    assert service.upload(text.encode()) == [ONE, TWO]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("imei,iccid\n".encode("utf-16"), "not UTF-8"),
        (b"imei,iccid\nM\xfcller,1\n", "not UTF-8"),
        (b"i\0mei,iccid\n1,2\n", "NUL"),
        (b"imei,iccid\n", "no devices"),
        (f"{A[0]},{A[1]}\n".encode(), "no column IMEI"),
        (b"imei,name\n1,2\n", "no column ICCID"),
        (b"imei,IMEI,iccid\n1,2,3\n", "more than one column IMEI"),
        (b'imei,iccid\n"1,2\n', "not CSV"),
    ],
)
def test_files_that_cannot_be_read(service: Service, content: bytes, words: str) -> None:
    assert words in service.upload(content, status=400)["message"]


def test_every_invalid_row_is_reported(service: Service) -> None:
    wrong = imei(3)[:-1] + str((int(imei(3)[-1]) + 1) % 10)
    rows = [
        (A[0], A[1]),
        (B[1], B[0]),
        (wrong, iccid(3)),
        ("35573736007346", iccid(4)),
        (imei(5), "8.90141E+19"),
        ("", iccid(6)),
        (imei(7), ""),
        (imei(8), "1234"),
        (imei(9), A[1]),
        (A[0], iccid(9)),
        (imei(10),),
    ]
    text = "imei,iccid\n" + "\n".join(",".join(row) for row in rows)
    reply = service.upload(text.encode(), status=400)
    expected = [
        "row 3: IMEI and ICCID look swapped",
        f"row 4: IMEI {wrong} has a wrong check digit",
        "row 5: IMEI 35573736007346 is not 15 digits",
        "row 6: ICCID 8.90141E+19 was rounded by a spreadsheet",
        "row 7: IMEI is missing",
        "row 8: ICCID is missing",
        "row 9: ICCID 1234 is not",
        f"row 10: ICCID {A[1]} appears with two IMEIs",
        f"row 11: IMEI {A[0]} appears twice",
        "row 12: ICCID is missing",
    ]
    assert len(reply["errors"]) == len(expected)
    for error, start in zip(reply["errors"], expected):
        assert error.startswith(start)
    assert reply["message"].startswith("10 of 11 rows refused: row 3")


def test_an_iccid_without_its_check_digit_is_accepted(service: Service) -> None:
    assert service.upload(f"imei,iccid\n{A[0]},{A[1][:-1]}\n".encode())[0]["iccid"] == A[1][:-1]


def test_what_is_not_form_data(service: Service) -> None:
    service.post(UPLOAD, {"example": True}, status=415)
    reply = service.call("POST", UPLOAD, files={"other": ("a.csv", b"imei,iccid\n", "text/csv")})
    assert (reply.status_code, "'file'" in reply.json()["message"]) == (400, True)
    reply = service.call("POST", UPLOAD, content=b"x", headers={"content-type": "multipart/form-data"})
    assert reply.status_code == 400


def test_nothing_is_activated(service: Service) -> None:
    before = service.get(V1)["totalCount"]
    service.upload(f"imei,iccid\n{A[0]},{A[1]}\n".encode())
    assert service.get(V1)["totalCount"] == before
    assert service.counts["upload"] == 1
    assert service.counts["write"] == 0
