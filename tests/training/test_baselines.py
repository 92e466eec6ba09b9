import numpy as np
import pytest

from classifier.document import Document, Gold, Layout, Paragraph
from training import baselines

PROSE = "The council said on Monday that it would open the old bridge again after the repair of the piers."
LONG = (
    f"{PROSE} It had been closed for most of the year, and people had to go around. All of them were very glad of it."
)


def page(*texts):
    return Document("d", [Paragraph(text) for text in texts])


def test_c4_keeps_sentences_and_drops_notices_and_short_lines():
    labels = baselines.c4_rules(
        [page(PROSE, "Share this", "Read it.", LONG, "We use cookies to make this site better.")]
    )
    assert labels.tolist() == ["core", "chrome", "chrome", "core", "chrome"]


@pytest.mark.parametrize("spoilt", ["function() { return 1 }", "Lorem ipsum dolor"])
def test_c4_drops_pages_with_code_or_placeholders(spoilt):
    assert set(baselines.c4_rules([page(PROSE, LONG, PROSE, spoilt)])) == {"chrome"}


def test_c4_drops_pages_of_fewer_than_three_sentences():
    assert baselines.c4_rules([page(PROSE, PROSE)]).tolist() == ["chrome", "chrome"]
    assert baselines.c4_rules([page(PROSE, PROSE, PROSE)]).tolist() == ["core"] * 3


def test_justext_judges_by_length_and_stop_words_and_then_by_neighbours():
    labels = baselines.justext_rules([page("Home", "Sport", LONG, "A short line", LONG, "Tags", "© 2024 The Mill")])
    assert labels.tolist() == ["chrome", "chrome", "core", "core", "core", "chrome", "chrome"]


def test_justext_takes_near_good_lines_only_beside_good_ones():
    assert len(PROSE) < baselines.LENGTH_HIGH < len(LONG)
    assert baselines.justext_rules([page(PROSE, "Menu", PROSE)]).tolist() == ["chrome"] * 3
    assert baselines.justext_rules([page(LONG, PROSE)]).tolist() == ["core", "core"]


def test_justext_takes_lines_full_of_links_for_boilerplate():
    linked = Document("d", [Paragraph(LONG, layout=Layout(("p",), ((),), link_chars=len(LONG)))])
    assert baselines.justext_rules([linked]).tolist() == ["chrome"]


def labelled(number):
    return Document(
        f"d{number}",
        [
            Paragraph(f"The bridge story number {number} goes on.", gold=Gold("core")),
            Paragraph("Sign up here", gold=Gold("chrome")),
        ],
        source=f"s{number}",
    )


def test_words_only_learns_words_and_never_from_the_fold_it_judges():
    documents = [labelled(i) for i in range(6)]
    found = baselines.baseline_labels(documents, folds=[0, 0, 0, 1, 1, 1])
    assert found[baselines.WORDS_ONLY].tolist() == ["core", "chrome"] * 6
    # One fold says the opposite of the other: out of fold, each is judged by the other's labels.
    for document in documents[:3]:
        document.paragraphs[0].gold, document.paragraphs[1].gold = Gold("chrome"), Gold("core")
    crossed = baselines.words_only_out_of_fold(documents, [0, 0, 0, 1, 1, 1])
    assert crossed.tolist() == ["core", "chrome"] * 3 + ["chrome", "core"] * 3


def test_baselines_have_one_label_for_each_paragraph():
    documents = [labelled(i) for i in range(3)]
    found = baselines.baseline_labels(documents, train=documents)
    assert list(found) == [baselines.C4_RULES, baselines.JUSTEXT_RULES, baselines.WORDS_ONLY]
    assert {labels.shape for labels in found.values()} == {(6,)}
    assert list(baselines.baseline_labels(documents)) == [baselines.C4_RULES, baselines.JUSTEXT_RULES]


def test_words_only_needs_two_labels():
    with pytest.raises(ValueError, match="at least two labels"):
        baselines.WordsOnly().fit([page(PROSE)])
    assert np.all(baselines.c4_rules([]) == [])
