import shutil

import pytest

from classifier.document import Document, Paragraph
from classifier.story import read_together, render_page, render_pages

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

ONE = ["Twelve ships wait in the bay.", "“We wait for the tide,” Captain Ida Stahl told Radio Bay on Monday."]
TWO = ["Nine ships wait in the bay.", "Ida Stahl told Radio Bay: 'We wait for the tide'.", "Menu | Home"]


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_filters_and_links_work_in_chromium(tmp_path):
    documents = [Document(name, [Paragraph(line) for line in lines]) for name, lines in (("a", ONE), ("b", TWO))]
    path = tmp_path / "story.html"
    path.write_text(render_page(read_together(documents)), "utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(path.as_uri())
        assert page.locator(".paragraph:visible").count() == 5
        page.uncheck("#show-plain")
        assert page.locator("#d1p2").is_hidden() and page.locator("#d0p1").is_visible()
        page.check("#only-conflicts")
        assert page.locator(".paragraph:visible").count() == page.locator(".conflicting").count() == 2
        page.uncheck("#only-conflicts")
        page.click("#d0p1 a")
        assert page.url.endswith("#d1p1")
        assert not complaints  # the content security policy let the style sheet in
        browser.close()


def test_page_of_two_stories_in_chromium(tmp_path, chromium_page):
    stories = [
        read_together(
            [Document(name, [Paragraph(line) for line in lines]) for name, lines in ((f"a{n}", ONE), ("b", TWO))]
        )
        for n in range(2)
    ]
    labels = [[["core"] * 2, ["core", "suspect", "chrome"]]] * 2
    path = tmp_path / "stories.html"
    path.write_text(render_pages(stories, labels), "utf-8")
    page = chromium_page.open(path)
    assert page.locator(".paragraph:visible").count() == 10
    assert page.locator(".label").all_inner_texts().count("suspect") == 2
    page.uncheck("#show-plain")
    assert page.locator("#d1p2").is_hidden() and page.locator("#s1d1p2").is_hidden()
    page.click("#s1d0p1 a")
    assert page.url.endswith("#s1d1p1")
    assert chromium_page.problems == [] and chromium_page.left_the_file() == []
