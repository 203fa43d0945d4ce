# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are masked in every encoding, and other text is unchanged."""

from __future__ import annotations

import base64
import html
import json
import re
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.redact import MASK, Redactor

SECRET = "P@ss/w0rd&<x>"


def decimal(text):
    """Return every character as a decimal entity."""
    return "".join(f"&#{ord(character)};" for character in text)


def hexadecimal(text):
    """Return every character as a hexadecimal entity."""
    return "".join(f"&#x{ord(character):X};" for character in text)


def percent(text):
    """Return every byte percent-encoded."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


def unicode_escapes(text):
    """Return every UTF-16 unit as a JSON escape."""
    data = text.encode("utf-16-be")
    return "".join(f"\\u{data[place]:02x}{data[place + 1]:02X}" for place in range(0, len(data), 2))


WRITTEN = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: re.sub("%..", lambda match: match[0].lower(), quote(text, safe="")),
    "percent, all": percent,
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON, all": unicode_escapes,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "JSON for HTML": lambda text: json.dumps(text)[1:-1].replace("&", "\\u0026").replace("<", "\\u003c"),
    "Python": lambda text: repr(text)[1:-1],
    "HTML": html.escape,
    "HTML, decimal": decimal,
    "HTML, hexadecimal": hexadecimal,
    "HTML, without semicolons": lambda text: html.escape(text).replace("&lt;", "&lt").replace("&amp;", "&amp"),
    "HTML, twice": lambda text: html.escape(html.escape(text)),
    "JSON in HTML": lambda text: html.escape(json.dumps(text)[1:-1]),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64, percent": lambda text: quote(base64.b64encode(text.encode()).decode()),
    "base64 in JSON": lambda text: json.dumps(base64.b64encode(text.encode()).decode())[1:-1].replace("/", "\\/"),
}
ALPHABET = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize("secret", [SECRET, "tok.en-123~456_x", 'quo"te\\back', "Größe/ü\U0001f512", "a%2Fb%25c+d"])
def test_a_secret_is_masked_in_every_encoding(secret, write):
    if secret.startswith("Gr") and write in (str.upper, str.lower):
        secret = "Groesse/ue"
    for text in (f"before {write(secret)} after", f'{{"x": "{write(secret)}"}}', f"<p>{write(secret)}</p>"):
        shown = Redactor(secret).redact(text)
        assert MASK in shown
        assert write(secret) not in shown
        assert write(secret)[:5] not in shown
        assert write(secret)[-5:].rstrip("=") not in shown
        assert shown.startswith(text[:3])
        assert shown.endswith(text[-2:])


@given(st.text(ALPHABET, min_size=6, max_size=30), st.sampled_from(sorted(WRITTEN)))
def test_any_secret_is_masked_in_every_encoding(secret, way):
    # Changes of case depend on the language and are not always reversible.
    if way in ("upper case", "lower case") and not secret.isascii():
        return
    text = WRITTEN[way](secret)
    shown = Redactor(secret).redact(f"< {text} >")
    assert MASK in shown
    assert text not in shown


@pytest.mark.parametrize("user", ["u", "us", "user", "a.user@example.org"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("password", ["p4ss", "pass-word", "pässwörd?>"])
def test_a_login_is_masked_in_basic_authentication(user, encode, password):
    redactor = Redactor()
    redactor.add_login(user, password)
    sent = encode(f"{user}:{password}".encode()).decode()
    for text in (f"Authorization: Basic {sent}", f"basic {sent.rstrip('=')}", f"Basic {sent.lower()}"):
        assert redactor.redact(text).lower().rstrip("=") in (f"authorization: basic {MASK}", f"basic {MASK}")


@pytest.mark.parametrize("other", ["a", "ab", "abc", "somebody else:"])
def test_a_password_is_masked_in_base64_with_other_text(other):
    sent = base64.b64encode(f"{other}{SECRET}{other}".encode()).decode()
    assert Redactor(SECRET).redact(f"x {sent} y") == f"x {MASK} y"


@pytest.mark.parametrize("secret", ["a", "ab", "abc"])
def test_a_very_short_secret_is_masked_only_in_plain_form(secret):
    redactor = Redactor(secret)
    redactor.add_login("user", secret)
    assert redactor.redact(f"is {secret}!") == f"is {MASK}!"
    assert redactor.redact(secret.upper()) == secret.upper()
    assert redactor.redact(secret.encode().hex()) == secret.encode().hex()
    assert redactor.mask(f"is {secret}!") == f"is {secret}!"
    assert MASK in redactor.redact(base64.b64encode(f"user:{secret}".encode()).decode())


@given(st.text(max_size=60))
def test_a_text_without_a_secret_is_returned_unchanged(text):
    redactor = Redactor("tok-secret-1", "another:secret")
    assert redactor.redact(text) is text
    assert Redactor().redact(text) is text


@pytest.mark.parametrize(
    "text",
    ["AT&T", "50 % of 10%", "C:\\temp\\new", "&copy; R&amp;D", "%zz %4", "\\", "\\u12", "&#9999999999;", "&#x110000;"],
)
def test_escapes_without_a_secret_are_not_masked(text):
    assert Redactor("tok-secret-1").redact(text) == text


def test_text_around_an_escaped_secret_is_kept():
    shown = Redactor("a/b/c/d").redact("%20x a%2Fb%2fc%2Fd y%20 &amp; \\n")
    assert shown == f"%20x {MASK} y%20 &amp; \\n"


def test_the_minimum_length_of_secrets_can_be_set():
    redactor = Redactor("abcde", "abcdefgh")
    assert redactor.mask("abcde") == MASK
    assert redactor.mask("abcde", 6) == "abcde"
    assert redactor.mask("abcdefgh", 6) == MASK
    redactor.add("xyzxyz")
    assert redactor.mask("xyzxyz", 6) == MASK


def test_data_is_masked_to_a_maximum_depth():
    data = leaf = []
    for _level in range(2000):
        leaf.append([])
        leaf = leaf[0]
    leaf.append("tok-secret-1")
    assert "secret" not in json.dumps(Redactor("tok-secret-1").redact_all(data))


def test_a_long_hostile_text_is_masked_quickly():
    redactor = Redactor("tok-secret-1" * 100)
    for piece in ("%41", "\\u0041", "&#65;", "a/b+c", "%5cu0026#x5c;", "tok-secret-"):
        began = time.monotonic()
        redactor.excerpt(piece * 300_000)
        assert time.monotonic() - began < 20


def test_a_secret_at_the_end_of_an_excerpt_is_not_shown_in_part():
    text = "<p>" + "<b>" * 21_840 + "secret-part-one-and-two"
    for shift in range(0, 60, 7):
        assert "secret" not in Redactor("secret-part-one-and-two").excerpt("y" * shift + text + "<b>" * 99_000)
