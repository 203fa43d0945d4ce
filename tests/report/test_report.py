# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report in a browser: opening, sorting, searching, printing and accessibility."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import Page, texts
from fleets import fleet

Write = Callable[..., Path]
SHOWN = "#list tbody tr"
HOSTILE = [
    "<script>document.title = 'taken'</script>",
    "</script><script>document.title = 'taken'</script>",
    "<!--<script>",
    '"><img src=x onerror="document.title=\'taken\'">',
    "' onmouseover='document.title=1",
    "{{ 7 * 7 }} {% raw %}",
    "line\u2028and paragraph\u2029ends",
    "&lt;b&gt; &amp;",
    "\u202egnp.exe",
    "x" * 400,
]
#: Those of them that are replaced: line breaks, and characters that change the direction.
AS_SHOWN = {
    "line\u2028and paragraph\u2029ends": "line and paragraph ends",
    "\u202egnp.exe": "\ufffdgnp.exe",
}
#: Each visible text of the page, with its contrast to the background.
CONTRASTS = """
(() => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => rgba(colour).slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgba(colour)[3] === 255) return colour;
    }
    return "canvas";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const text = element instanceof SVGElement ? style.fill : style.color;
    const [low, high] = [luminance(text), luminance(behind(element))].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), walker.currentNode.data.trim()]);
  }
  return found;
})()
"""
#: The contrast of each colour of the charts to the page's surface.
FILLS = CONTRASTS.replace(
    CONTRASTS[CONTRASTS.index("const walker") : CONTRASTS.index("return found")],
    """for (const element of document.querySelectorAll("svg rect, .plot .curve")) {
    const style = getComputedStyle(element);
    const colour = element.matches(".curve") ? style.stroke : style.fill;
    const [low, high] = [luminance(colour), luminance(behind(element.closest("section")))].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), element.getAttribute("class")]);
  }
  """,
)


def opened(page: Page, path: Path, **how: object) -> Page:
    """Opens the page, and checks that the browser reports nothing."""
    page.open(path, **how)  # type: ignore[arg-type]
    assert page.complaints() == []
    return page


def column(page: Page, name: str) -> list[str]:
    """The values of a column of the list."""
    return list(texts(page, f"#list tbody td.c-{name}"))


def headings(page: Page) -> dict[str, str | None]:
    """The headers of the list, with the sort order of each column."""
    found: list[tuple[str, str | None]] = page.ask(
        "[...document.querySelectorAll('#list th')].map((e) => [e.textContent.trim(), e.getAttribute('aria-sort')])"
    )
    return dict(found)


def sort_by(page: Page, name: str) -> None:
    """Clicks a header."""
    page.ask(f"document.querySelector('#list th.c-{name} button').click()")


def search(page: Page, text: str) -> None:
    """Types into the search field."""
    page.ask("document.getElementById('search').focus(); document.getElementById('search').select()")
    page.type(text)


def show_at_once(page: Page, rows: int) -> None:
    """Selects the number of rows per page."""
    page.ask(
        f"document.getElementById('size').value = '{rows}';"
        "document.getElementById('size').dispatchEvent(new Event('change'))"
    )


def test_it_opens_and_loads_nothing_else(browser: Page, write: Write) -> None:
    path = write(fleet(40), "Lakeside")
    opened(browser, path)
    assert browser.ask("document.title") == "Lakeside"
    assert [url for url in browser.requested() if not url.startswith("data:")] == [path.as_uri()]
    assert len(texts(browser, SHOWN)) == 40
    assert texts(browser, "#shown") == ["1 to 40 of 40 devices"]
    assert texts(browser, ".verdict")[0].endswith("of 40 devices need attention.")


def test_the_browser_reports_violations(browser: Page, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text("<!DOCTYPE html><meta charset='utf-8'><script>nothing()</script>", encoding="utf-8")
    browser.open(path)
    assert "nothing is not defined" in "".join(browser.complaints())


def test_without_scripts_it_can_be_read(browser: Page, write: Write) -> None:
    path = write(fleet(130))
    browser.open(path, scripts=False)
    try:
        assert len(texts(browser, SHOWN)) == 100
        assert texts(browser, "#list th button") == []
        assert browser.ask("document.getElementById('controls').checkVisibility()") is False
        assert "The CSV of this report has all of them" in browser.ask("document.body.innerText")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_the_script_shows_the_same_rows_as_the_template(browser: Page, write: Write) -> None:
    path = write(fleet(40))
    # Wide enough for the list to be a table in any font.
    browser.open(path, scripts=False, width=1920)
    before = browser.ask("document.querySelector('#list tbody').innerText")
    opened(browser, path, width=1920)
    assert browser.ask("document.querySelector('#list tbody').innerText") == before


def test_it_sorts(browser: Page, write: Write) -> None:
    devices = fleet(90)
    opened(browser, write(devices))
    assert headings(browser)["Outcome"] == "ascending"
    assert column(browser, "outcome")[0] == "Failed"
    sort_by(browser, "seconds")
    numbers = sorted(device["seconds"] for device in devices if device["seconds"] is not None)
    shown = column(browser, "seconds")
    assert [float(text) for text in shown[: len(numbers)]] == numbers
    assert set(shown[len(numbers) :]) == {""}
    assert {name: order for name, order in headings(browser).items() if order} == {"Seconds": "ascending"}
    sort_by(browser, "seconds")
    assert [float(text) for text in column(browser, "seconds")[: len(numbers)]] == numbers[::-1]
    assert headings(browser)["Seconds"] == "descending"
    sort_by(browser, "ip")
    addresses = [tuple(map(int, text.split("."))) for text in column(browser, "ip") if text]
    assert addresses == sorted(addresses)
    sort_by(browser, "outcome")
    sort_by(browser, "outcome")
    assert column(browser, "outcome")[0] == "Already active"
    assert browser.complaints() == []


def test_it_searches(browser: Page, write: Write) -> None:
    devices = fleet(300)
    opened(browser, write(devices))
    wanted = devices[42]
    search(browser, wanted["imei"])
    assert column(browser, "imei") == [wanted["imei"]]
    assert texts(browser, "#shown") == ["1 to 1 of 1 device (of 300)"]
    search(browser, "VERIZON   libraries")
    both = [d for d in devices if d["carrier"] == "Verizon" and d["device_group"] == "Libraries"]
    assert sorted(column(browser, "imei")) == sorted(device["imei"] for device in both)
    assert both
    search(browser, "nobody has this")
    assert column(browser, "imei") == []
    assert texts(browser, "#shown") == ["No device matches (of 300)"]
    search(browser, "already active")
    assert set(column(browser, "outcome")) == {"Already active"}
    assert browser.complaints() == []


def test_outcomes_and_pages(browser: Page, write: Write) -> None:
    devices = fleet(1200)
    opened(browser, write(devices))
    failed = sum(device["outcome"] == "failed" for device in devices)
    browser.ask("document.querySelector('a.show[data-outcome=failed]').click()")
    assert column(browser, "outcome") == ["Failed"] * failed
    browser.ask("document.getElementById('outcome').value = ''")
    search(browser, " ")
    seen = column(browser, "imei")
    for dummy in range(11):
        browser.ask("document.getElementById('next').click()")
        seen += column(browser, "imei")
    assert sorted(seen) == [device["imei"] for device in devices]
    assert texts(browser, "#shown") == ["1,101 to 1,200 of 1,200 devices"]
    browser.ask("document.getElementById('next').click()")
    assert texts(browser, "#shown") == ["1,101 to 1,200 of 1,200 devices"]
    show_at_once(browser, 1000)
    assert len(texts(browser, SHOWN)) == 1000
    assert browser.complaints() == []


def test_it_can_be_used_without_a_mouse(browser: Page, write: Write) -> None:
    opened(browser, write(fleet(250)))
    focused = (
        "document.activeElement.id || document.activeElement.className || document.activeElement.textContent.trim()"
    )
    reached = []
    for dummy in range(60):
        browser.press("Tab")
        reached.append(browser.ask(focused))
        outline = browser.ask("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", reached[-1]
        if reached[-1] == "Transaction":
            break
    wanted = ["skip", "show", "search", "outcome", "size", "previous", "next", "Outcome", "IMEI", "Transaction"]
    assert [name for name in dict.fromkeys(reached) if name in wanted] == wanted
    browser.press("Enter")
    assert headings(browser)["Transaction"] == "ascending"
    browser.press(" ")
    assert headings(browser)["Transaction"] == "descending"
    assert browser.ask(focused) == "Transaction"
    while browser.ask(focused) != "next":
        browser.press("Tab", shift=True)
    browser.press("Enter", times=3)
    assert texts(browser, "#shown") == ["201 to 250 of 250 devices"]
    assert browser.ask(focused) == "next"
    assert browser.complaints() == []


@pytest.mark.parametrize("scripts", [True, False])
def test_values_are_shown_and_never_run(browser: Page, write: Write, scripts: bool) -> None:
    devices = fleet(len(HOSTILE))
    for device, text in zip(devices, HOSTILE):
        device.update(
            nickname=text, carrier=text, device_group=text, reason=text, transaction_id=text, outcome="failed"
        )
    path = write(devices, HOSTILE[1])
    if scripts:
        opened(browser, path)
    else:
        browser.open(path, scripts=False)
    assert browser.ask("document.title") == HOSTILE[1]
    assert texts(browser, "h1") == [HOSTILE[1]]
    shown = [AS_SHOWN.get(text, text) for text in HOSTILE]
    assert Counter(column(browser, "nickname")) == Counter(shown)
    assert Counter(column(browser, "reason")) == Counter(shown)
    assert set(texts(browser, ".breakdown th[scope=row]")) == set(shown)
    assert browser.ask("document.scripts.length") == 2
    assert browser.ask("document.images.length") == 0
    assert browser.ask("document.querySelectorAll('[onerror], [onmouseover], b').length") == 0
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_read_it(browser: Page, write: Write, scheme: str) -> None:
    opened(browser, write([*fleet(120), {"outcome": "would_activate"}]), scheme=scheme)
    light = browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(245, 246, 248)"
    assert light is (scheme == "light")
    found = browser.ask(CONTRASTS)
    assert len(found) > 500
    assert [(text, contrast) for contrast, text in found if contrast < 4.5] == []
    drawn = browser.ask(FILLS)
    assert len({name for dummy, name in drawn}) >= 10
    assert [(name, contrast) for contrast, name in drawn if contrast < 3] == []


def test_its_parts_have_accessible_names(browser: Page, write: Write) -> None:
    opened(browser, write(fleet(40)))
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if "role" in node}
    assert {
        ("heading", "Devices that need attention"),
        ("heading", "All devices"),
        ("search", ""),
        ("searchbox", "Search"),
        ("combobox", "Outcome"),
        ("combobox", "Rows per page"),
        ("button", "IMEI"),
        ("columnheader", "Outcome"),
        ("link", "Show it in the list of devices: Unknown"),
    } <= named
    charts = [name for role, name in named if role == "image"]
    assert any(name.startswith("Distribution: ") and " lines" in name for name in charts)
    assert any(name.startswith("Timeline of completions: 50 % completed after ") for name in charts)


def test_a_plan_without_durations(browser: Page, write: Write) -> None:
    devices = [{"imei": str(n), "outcome": "would_activate", "reason": "new"} for n in range(3)]
    opened(browser, write(devices, plan=True))
    assert texts(browser, ".verdict") == ["3 of 3 devices would be activated. Nothing needs attention."]
    assert "Nothing was submitted" in texts(browser, ".made")[0]
    assert texts(browser, ".plot") == []
    assert "No durations. Only a run that submits lines" in browser.ask("document.body.innerText")


def test_no_devices(browser: Page, write: Write) -> None:
    opened(browser, write([]))
    assert texts(browser, ".verdict") == ["There are no devices in this report."]


def test_ten_thousand_devices(browser: Page, write: Write, record_property: Callable[[str, object], None]) -> None:
    devices = fleet(10_000, groups=20)
    path = write(devices)
    took = {
        "open": browser.open(path),
        "sort by IMEI": browser.timed("document.querySelector('#list th.c-imei button').click()"),
        "sort by carrier": browser.timed("document.querySelector('#list th.c-carrier button').click()"),
        "search": browser.timed(
            "document.getElementById('search').value = 'verizon kiosks';"
            "document.getElementById('search').dispatchEvent(new Event('input'))"
        ),
    }
    found = sum(device["carrier"] == "Verizon" and device["device_group"] == "Kiosks" for device in devices)
    assert texts(browser, "#shown") == [f"1 to 100 of {found} devices (of 10,000)"]
    search(browser, " ")
    show_at_once(browser, 1000)
    took["sort, 1,000 shown"] = browser.timed("document.querySelector('#list th.c-imei button').click()")
    assert column(browser, "imei") == sorted(device["imei"] for device in devices)[:1000]
    assert texts(browser, "#shown") == ["1 to 1,000 of 10,000 devices"]
    assert browser.complaints() == []
    print("10,000 devices:", ", ".join(f"{what} {seconds:.2f} s" for what, seconds in took.items()))
    for what, seconds in took.items():
        record_property(what, round(seconds, 3))
    # The aim is three seconds, but a busy machine may need more.
    assert max(took.values()) < 20
