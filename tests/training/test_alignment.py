"""Aligning the paragraphs of a page with its gold main text."""

from classifier.document import Gold
from classifier.reading.html import read_html
from training.sources.alignment import align
from training.sources.wcxb import label_by_gold

LEAD = "The council met on Tuesday night to vote on the new harbour bridge and its cost."
BODY = "Residents filled the hall for three hours while members argued over who would pay."
MENU = "Read the latest news from every part of the region in our free weekly newsletter."


def test_paragraphs_of_the_gold_text_are_in_and_others_out():
    assert align([MENU, LEAD, BODY], f"{LEAD}\n{BODY}") == [0.0, 1.0, 1.0]


def test_split_and_merged_blocks_are_in():
    gold = f"{LEAD} {BODY}"
    assert min(align([f"{LEAD} {BODY}"], gold)) == 1.0
    half = len(BODY.split()) // 2 + 1
    words = BODY.split()
    assert min(align([LEAD, " ".join(words[:half]), " ".join(words[half:])], gold)) == 1.0


def test_second_copy_of_a_paragraph_is_left_open():
    assert align([LEAD, LEAD], LEAD) == [1.0, 0.5]


def test_short_line_counts_between_its_anchors_only():
    gold = f"{LEAD}\nThe cost\n{BODY}"
    assert align(["The cost", MENU, MENU, LEAD, "The cost", BODY, "Share"], gold)[3:] == [1.0, 1.0, 1.0, 0.0]


def test_short_lines_without_anchors_are_placed_as_a_run():
    cards = ["Blue kettle", "29 euros", "Red kettle", "31 euros", "Green kettle", "33 euros"]
    shares = align(["Home", "Cart", *cards, "Imprint"], " ".join(cards))
    assert shares == [0.0, 0.0, *[1.0] * len(cards), 0.0]


def test_nothing_matches_an_empty_gold_text():
    assert align([LEAD, "Share", ""], "") == [0.0, 0.0, 0.0]


def test_heading_that_the_gold_text_drops_teaches_nothing():
    page = f"<p>{LEAD}</p><h2>The money</h2><p>{BODY}</p><h2>More stories</h2>"
    document = read_html(page, "page")
    document.metadata["gold"] = f"{LEAD}\n{BODY}"
    label_by_gold(document, "")
    golds = [paragraph.gold for paragraph in document.paragraphs]
    assert golds[0] == golds[2] == Gold("core", ("suspect",))
    assert set(golds[1].also) == {"chrome", "off-topic", "suspect"}
    assert golds[3] == Gold("chrome")
