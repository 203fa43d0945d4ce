# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on a phone, on a screen and on paper: nothing is outside the page, and no word is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser import Page, texts
from fleets import RESULT, fleet, mixed_fleet
from paper import pages_of

Write = Callable[..., Path]
FLEETS: dict[str, Callable[[int], list[dict[str, Any]]]] = {"sims": fleet, "mixed": mixed_fleet}
#: Elements that are outside the window, or need horizontal scrolling.
OUTSIDE = """
(() => {
  const width = document.documentElement.clientWidth;
  const shown = [...document.querySelectorAll("body *")]
    .filter((e) => e.checkVisibility() && !e.closest(".unseen, .skip") && e.getClientRects().length);
  const beside = shown.filter((e) => {
    const { left, right } = e.getBoundingClientRect();
    return right > width + 1 || left < -1;
  });
  const scrolled = shown.filter((e) => getComputedStyle(e).overflowX !== "visible"
    && !e.matches(".digest, input, select") && e.scrollWidth > e.clientWidth);
  return [...beside, ...scrolled].map((e) => `${e.tagName}.${e.getAttribute("class")}: ${e.textContent.slice(0, 40)}`);
})()
"""
#: Words on two lines. A line may end after a punctuation mark.
CUT = """
(() => {
  const cut = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (element.closest("script, style, noscript, .unseen, svg") || !element.checkVisibility()) continue;
    for (const match of walker.currentNode.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, match.index);
      range.setEnd(walker.currentNode, match.index + match[0].length);
      const lines = new Set([...range.getClientRects()].filter((r) => r.width > 0).map((r) => Math.round(r.top)));
      if (lines.size > 1) cut.push(match[0]);
    }
  }
  return cut;
})()
"""
#: Height of each text of the charts, in pixels on the screen.
CHART_TEXT = """
[...document.querySelectorAll(".plot text")].map((e) =>
  parseFloat(getComputedStyle(e).fontSize) * Math.hypot(e.getScreenCTM().a, e.getScreenCTM().b))
"""
#: Texts of a chart that touch each other.
TOUCHING = """
[...document.querySelectorAll(".plot svg")].flatMap((svg) => {
  const boxes = [...svg.querySelectorAll("text")].map((e) => e.getBoundingClientRect());
  return boxes.filter((a, n) => boxes.some((b, m) => m > n &&
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
}).length
"""
#: Width between the margins of landscape paper, for the narrower of the usual sizes: 11 inches minus 24 mm.
PAPER_WIDTH = 965


@contextmanager
def on_paper(page: Page) -> Iterator[None]:
    """Shows the page with its layout on paper."""
    page.call("Emulation.setEmulatedMedia", media="print", features=[])
    page.call("Emulation.setDeviceMetricsOverride", width=PAPER_WIDTH, height=700, deviceScaleFactor=1, mobile=False)
    page.painted()
    try:
        yield
    finally:
        page.call("Emulation.setEmulatedMedia", media="", features=[])


#: Whether the list fits as a table.
AS_TABLE = """(() => {
    document.getElementById('cards').media = 'not all';
    const list = document.getElementById('list').parentElement;
    return list.scrollWidth <= list.clientWidth;
})()"""


def is_cards(page: Page) -> bool:
    """Whether the rows of the list are cards."""
    return bool(page.ask("getComputedStyle(document.querySelector('#list tbody tr')).display") == "grid")


@pytest.mark.parametrize("kind", FLEETS)
@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_nothing_is_outside_the_window(browser: Page, write: Write, kind: str, width: int) -> None:
    browser.open(write(FLEETS[kind](40), result=RESULT), width=width)
    assert browser.ask("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert browser.ask(OUTSIDE) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_nothing_is_outside_a_narrow_window_with_any_device_names(browser: Page, write: Write, scripts: bool) -> None:
    long = "x" * 400
    device = {"nickname": long, "carrier": long, "device_group": long, "reason": long, "transaction_id": long}
    result = {"account": {"corp_id": long, "api_url": f"https://{long}"}, "source": long, "plan": {"digest": long}}
    path = write([{**device, "outcome": "failed", "imei": "355737360073462"}] * 2, long, result=result)
    browser.open(path, width=390, scripts=scripts)
    assert browser.ask(OUTSIDE) == []


@pytest.mark.parametrize("kind", FLEETS)
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_no_word_is_cut(browser: Page, write: Write, kind: str, width: int) -> None:
    browser.open(write(FLEETS[kind](40), result=RESULT), width=width)
    assert browser.ask(CUT) == []


def test_the_check_finds_a_word_that_is_cut(browser: Page, write: Write) -> None:
    browser.open(write([{"imei": "1", "outcome": "failed", "reason": "x" * 400}]), width=390)
    assert "x" * 400 in browser.ask(CUT)


def test_rows_are_cards_if_the_columns_do_not_fit(browser: Page, write: Write) -> None:
    path = write(fleet(40))
    found = {}
    for width in (390, 768, 1280, 1920):
        browser.open(path, width=width)
        found[width] = is_cards(browser)
    # At 1,280 pixels, it depends on the font. Without fonts, text is wider.
    browser.open(path, width=1280)
    fits = browser.ask(AS_TABLE)
    assert found == {390: True, 768: True, 1280: not fits, 1920: False}
    assert texts(browser, "#list th")[0] == "Nickname"


def test_cards_name_each_value_and_can_be_sorted(browser: Page, write: Write) -> None:
    browser.open(write(fleet(40)), width=390)
    labels = browser.ask("[...document.querySelector('#list tbody tr').cells].map((e) => e.dataset.label)")
    assert labels == [text.strip() for text in texts(browser, "#list th")]
    browser.ask("document.querySelector('#list th.c-imei button').click()")
    shown = list(texts(browser, "#list td.c-imei"))
    assert shown == sorted(shown)
    assert browser.ask("document.querySelector('#list th.c-imei button').checkVisibility()")


def test_charts_are_readable_on_a_phone_and_on_paper(browser: Page, write: Write) -> None:
    path = write(fleet(40))
    for width in (390, 1280):
        browser.open(path, width=width)
        assert min(browser.ask(CHART_TEXT)) >= 12
        assert browser.ask(TOUCHING) == 0
    with on_paper(browser):
        assert min(browser.ask(CHART_TEXT)) >= 12
        assert browser.ask(TOUCHING) == 0


@pytest.mark.parametrize("kind", FLEETS)
def test_paper_has_whole_words_and_nothing_outside(browser: Page, write: Write, kind: str) -> None:
    browser.open(write(FLEETS[kind](40), result=RESULT))
    with on_paper(browser):
        assert browser.ask(OUTSIDE) == []
        assert browser.ask(CUT) == []


def test_paper_has_every_device(browser: Page, write: Write) -> None:
    devices = fleet(250)
    browser.open(write(devices))
    pages = pages_of(browser.printed())
    assert len(pages) > 5
    printed = "".join(pages)
    assert [device["imei"] for device in devices if device["imei"] not in printed] == []
    # The window is unchanged.
    assert texts(browser, "#shown") == ["1 to 100 of 250 devices"]
    assert len(texts(browser, "#list tbody tr")) == 100


def test_paper_has_the_rows_that_match_the_search(browser: Page, write: Write) -> None:
    devices = fleet(250)
    browser.open(write(devices))
    browser.ask(
        "document.getElementById('outcome').value = 'skipped';"
        "document.getElementById('outcome').dispatchEvent(new Event('change'))"
    )
    printed = "".join(pages_of(browser.printed()))
    shown = {device["ip"] for device in devices if device["ip"] and device["ip"] in printed}
    assert shown == set()
    assert all(device["imei"] in printed for device in devices if device["outcome"] == "skipped")


def test_paper_is_white_and_without_controls(browser: Page, write: Write) -> None:
    browser.open(write(fleet(40)), scheme="dark")
    with on_paper(browser):
        assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert browser.ask("getComputedStyle(document.body).color") == "rgb(27, 32, 39)"
        assert browser.ask("document.getElementById('controls').checkVisibility()") is False


def test_the_digest_is_shortened_and_selected_as_a_whole(browser: Page, write: Write) -> None:
    browser.open(write(fleet(3), result=RESULT))
    digest = RESULT["plan"]["digest"]
    assert browser.ask("document.querySelector('.digest').title") == digest
    assert browser.ask("document.querySelector('.digest').offsetWidth") < 150
    x, y = browser.ask(
        "(({ left, top, width, height }) => [left + width / 2, top + height / 2])"
        "(document.querySelector('.digest').getBoundingClientRect())"
    )
    for kind in ("mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    browser.painted()
    assert browser.ask("getSelection().toString().trim()") == digest


def test_the_report_of_a_simulator_has_a_notice_on_top(browser: Page, write: Write) -> None:
    account = {**RESULT["account"], "simulator": True}
    browser.open(write(fleet(3), result={**RESULT, "account": account}), width=390)
    assert texts(browser, ".notice") == ["Simulator. No real device was activated, and nothing is billed."]
    assert browser.ask("document.querySelector('.notice').getBoundingClientRect().bottom") < 200
    browser.open(write(fleet(3), result=RESULT), width=390)
    assert texts(browser, ".notice") == []
