import json
import re
from dataclasses import replace

import pytest

from classifier.document import Document, Gold, Paragraph, Reason
from classifier.labels import LABELS
from training.corpus import label_counts, read_labelled
from training.review import is_judged, select_uncertain, unjudged, write_review
from training.review.page import json_in_html

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def embedded(path):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8"), re.S)
    return json.loads(found[1])


# -- what to ask ---------------------------------------------------------------------------------------


def flat(make_scored, texts, rows, source, id="d"):
    return make_scored(Document(id, [Paragraph(text) for text in texts], source), rows)


def test_smallest_margin_comes_first(make_scored):
    rows = [[0.9, 0.1, 0, 0], [0.5, 0.45, 0.05, 0], [0.7, 0.3, 0, 0]]
    scored = [flat(make_scored, ["Alpha one", "Beta two", "Gamma three"], rows, "a.org")]
    assert select_uncertain(scored, 3) == [(0, 1), (0, 2), (0, 0)]
    assert select_uncertain(scored, 10) == select_uncertain(scored, 3)


def test_near_duplicates_are_asked_once(make_scored):
    texts = ["3 comments on this story", "14 comments on this story", "A line of its own"]
    scored = [flat(make_scored, texts, [[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0.8, 0.2, 0, 0]], "a.org")]
    assert select_uncertain(scored, 3) == [(0, 0), (0, 2)]


def test_picks_spread_over_sites_and_labels(make_scored):
    words = ["pear", "plum", "fig", "quince", "lemon", "melon"]
    busy = flat(make_scored, words, [[0.5, 0.49, 0.01, 0]] * 6, "busy.org")
    quiet = flat(make_scored, ["oak"], [[0.55, 0.45, 0, 0]], "quiet.org", "e")
    rare = flat(make_scored, ["rye", "oat"], [[0.5, 0.49, 0.01, 0], [0.4, 0, 0, 0.6]], "busy.org", "f")
    picks = select_uncertain([busy, quiet, rare], 3)
    assert (1, 0) in picks and (2, 1) in picks


# -- the file ------------------------------------------------------------------------------------------


def test_page_is_self_contained_and_its_policy_fits(scored_sample, tmp_path):
    import base64
    import hashlib

    path = tmp_path / "review.html"
    assert write_review(scored_sample, path) == sum(len(item.paragraphs) for item in scored_sample)
    page = path.read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert not re.search(r"<(?:link|img|iframe)|\ssrc=|url\(|\sstyle=|\son\w+=", page)
    assert list(tmp_path.iterdir()) == [path]


def test_scraped_text_cannot_leave_the_data(make_scored, tmp_path):
    nasty = ["</script><script>alert(1)</script>", "<!-- <script>", "a & b \u2028 c", "{{ 7 * 7 }}"]
    item = flat(make_scored, nasty, [[1, 0, 0, 0]] * 4, "</title>", "<b>id</b>")
    item.document.metadata["title"] = "<img src=x>"
    write_review([item], tmp_path / "page.html", title="<i>t")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count("<script") == 2 and "<img" not in page and "<i>t" not in page
    assert [p["text"] for p in embedded(tmp_path / "page.html")["documents"][0]["paragraphs"]] == nasty
    assert json.loads(json_in_html(nasty)) == nasty


def test_only_uncertain_keeps_whole_documents(scored_sample, tmp_path):
    assert write_review(scored_sample, tmp_path / "page.html", only=2) == 2
    documents = embedded(tmp_path / "page.html")["documents"]
    lengths = {item.document.id: len(item.paragraphs) for item in scored_sample}
    assert all(len(d["paragraphs"]) == lengths[d["id"]] for d in documents)
    assert sum(p["picked"] for d in documents for p in d["paragraphs"]) == 2


def test_nothing_to_review(tmp_path):
    with pytest.raises(ValueError, match="nothing to review"):
        write_review([], tmp_path / "page.html")
    with pytest.raises(ValueError, match="at least 1"):
        write_review([], tmp_path / "page.html", only=0)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_learned_from_what_nobody_judged():
    from classifier.model import questions

    for label in LABELS:
        assert questions(unjudged(label)) == {}
        assert not is_judged(unjudged(label)) and is_judged(Gold(label)) and not is_judged(None)


# -- in a browser --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        except api.Error as error:
            pytest.skip(f"no Chromium at {CHROMIUM}: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """Open a file in a fresh profile; what the page fetches or complains about fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    trouble = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "blob:")) else trouble.append(request.url),
    )

    def open_(path):
        page.goto(path.as_uri())
        return page

    yield open_
    context.close()
    assert trouble == []


def downloaded(page, tmp_path):
    with page.expect_download() as download:
        page.click("#download")
    assert download.value.suggested_filename == "corrections.jsonl"
    path = tmp_path / "corrections.jsonl"
    download.value.save_as(path)
    return {document.id: document for document in read_labelled([path])}


def current(page):
    return page.locator('.paragraph[aria-current="true"]')


def test_correct_by_keyboard_reload_and_download(open_page, scored_sample, tmp_path):
    write_review(scored_sample, tmp_path / "review.html")
    page = open_page(tmp_path / "review.html")
    first = scored_sample[0]
    assert page.locator(".paragraph").count() == sum(len(item.paragraphs) for item in scored_sample)
    assert page.locator("#download").is_disabled()

    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    assert current(page).get_attribute("data-key") == "0:0"
    assert page.evaluate("document.activeElement.dataset.key") == "0:0"
    page.keyboard.press("2")
    page.keyboard.press("j")
    page.keyboard.press("6")
    page.keyboard.press("Shift+Digit1")
    page.keyboard.press("j")
    page.keyboard.press("3")
    page.keyboard.press("u")
    page.keyboard.press("j")
    page.keyboard.press(str(1 + ["core", "off-topic", "chrome", "suspect"].index(first.paragraphs[3].label)))
    assert "2 labels changed, 1 confirmed" in page.locator("#counter").inner_text()

    page.reload()
    assert "2 labels changed, 1 confirmed" in page.locator("#counter").inner_text()
    assert "off-topic" in page.locator('[data-key="0:0"]').get_attribute("class")

    documents = downloaded(page, tmp_path)
    assert list(documents) == [first.document.id]
    document = documents[first.document.id]
    assert document.source == first.document.source
    assert [p.text for p in document.paragraphs] == [p.text for p in first.paragraphs]
    golds = [p.gold for p in document.paragraphs]
    assert golds[:2] == [Gold("off-topic"), Gold("suspect", ("core",), "S2")]
    assert golds[3] == Gold(first.paragraphs[3].label)
    assert golds[2] == unjudged(first.paragraphs[2].label)
    assert [is_judged(gold) for gold in golds[4:]] == [False] * (len(golds) - 4)


def test_checked_document_confirms_the_rest(open_page, scored_sample, tmp_path):
    write_review(scored_sample, tmp_path / "review.html")
    page = open_page(tmp_path / "review.html")
    page.locator('[data-key="1:0"]').click()
    page.keyboard.press("4")
    page.keyboard.press("c")
    assert page.locator('[data-checked="1"]').get_attribute("aria-pressed") == "true"
    (document,) = downloaded(page, tmp_path).values()
    said = [scored.label for scored in scored_sample[1].paragraphs]
    assert [p.gold for p in document.paragraphs] == [Gold("suspect"), *map(Gold, said[1:])]
    page.keyboard.press("u")
    page.keyboard.press("u")
    assert page.locator("#download").is_disabled()
    assert page.locator("#counter").inner_text() == "No changes yet"


def test_filters(open_page, scored_sample, tmp_path):
    write_review(scored_sample, tmp_path / "review.html")
    page = open_page(tmp_path / "review.html")
    shown = page.locator(".paragraph:visible")
    every = [paragraph for item in scored_sample for paragraph in item.paragraphs]
    page.uncheck("#filter-context")
    page.select_option("#filter-label", "chrome")
    assert shown.count() == sum(p.label == "chrome" for p in every)
    page.select_option("#filter-confidence", "0.7")
    few = sum(p.label == "chrome" and p.confidence < 0.7 for p in every)
    assert 0 < shown.count() == few
    assert page.locator("#shown").inner_text() == f"{few} of {len(every)} paragraphs"
    page.select_option("#filter-confidence", "")
    page.select_option("#filter-label", "")
    page.select_option("#filter-document", "2")
    assert shown.count() == len(scored_sample[2].paragraphs)
    page.locator("#filter-document").press("Tab")
    page.keyboard.press("j")
    assert current(page).get_attribute("data-key") == "2:0"
    page.keyboard.press("4")
    page.select_option("#filter-state", "changed")
    assert shown.count() == 1
    page.check("#filter-context")
    assert shown.count() == 2 and page.locator(".paragraph.edge:visible").count() == 1


def test_only_uncertain_moves_among_the_chosen(open_page, scored_sample, tmp_path):
    write_review(scored_sample, tmp_path / "review.html", only=4)
    page = open_page(tmp_path / "review.html")
    assert page.locator(".paragraph:visible:not(.edge)").count() == 4
    seen = set()
    for _ in range(6):
        page.keyboard.press("j")
        assert "edge" not in current(page).get_attribute("class")
        seen.add(current(page).get_attribute("data-key"))
    assert len(seen) == 4


def test_help_reasons_and_rules(open_page, scored_sample, tmp_path):
    first = scored_sample[0]
    first = replace(
        first, paragraphs=[replace(p, reasons=(Reason("x", f"Why {p.paragraph}"),)) for p in first.paragraphs]
    )
    write_review([first], tmp_path / "review.html")
    page = open_page(tmp_path / "review.html")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("1")  # keys of the page rest while the help is open
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    assert page.locator("#counter").inner_text() == "No changes yet"
    page.keyboard.press("j")
    assert page.locator("#reasons").inner_text() == "Why 0"
    for label in ("core", "off-topic", "chrome", "suspect"):
        page.click(f'#label-buttons a[href="#rule-{label}"]')
        assert page.locator(f"#rule-{label}").is_visible()


def test_every_text_has_contrast(browser, open_page, scored_sample, tmp_path):
    """WCAG AA: 4.5 to 1 between a text and the background behind it, in the light and the dark scheme."""
    write_review(scored_sample, tmp_path / "review.html")
    page = open_page(tmp_path / "review.html")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.keyboard.press("j")
        page.keyboard.press("5")
        assert page.evaluate(CONTRAST) == []


CONTRAST = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest("button:disabled, script")) continue;
    const [a, b] = [parse(getComputedStyle(element).color), behind(element)].map(light).sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(element.tagName + " " + element.className);
  }
  return poor;
}"""


def test_labels_given_before_are_kept(open_page, labelled_sample, make_scored, tmp_path):
    document = labelled_sample[0]
    write_review([make_scored(document, [[0.4, 0.3, 0.2, 0.1]] * len(document.paragraphs))], tmp_path / "review.html")
    page = open_page(tmp_path / "review.html")
    page.keyboard.press("j")
    page.keyboard.press("2")
    (read,) = downloaded(page, tmp_path).values()
    assert [p.gold for p in read.paragraphs[1:]] == [p.gold for p in document.paragraphs[1:]]
    assert label_counts([read])["off-topic"] == label_counts([document])["off-topic"] + 1
