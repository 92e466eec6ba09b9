import pytest
from rich.console import Console

from classifier.document import Document, Gold, Paragraph
from training.agreement import agree, disputed, render
from training.corpus import CorpusError
from training.review import is_judged, unjudged, write_review

LETTERS = {"c": "core", "o": "off-topic", "h": "chrome", "s": "suspect"}


def document_with(labels, id="d", texts=None):
    texts = texts or [f"Text {place}." for place in range(len(labels))]
    golds = [LETTERS.get(letter) for letter in labels]
    return Document(
        id,
        [Paragraph(t, gold=Gold(g) if g else unjudged()) for t, g in zip(texts, golds, strict=True)],
        source="a.org",
    )


def test_kappa_by_hand():
    result = agree([[document_with("cccccchhhh")], [document_with("cccccshhhc")]])
    assert result["observed"] == pytest.approx(0.8)
    # A: core 6, chrome 4. B: core 6, suspect 1, chrome 3. Chance 0.36 + 0.12.
    assert result["kappa"]["mean"] == pytest.approx((0.8 - 0.48) / 0.52)
    (confusion,) = result["confusion"].values()
    assert confusion == [[5, 0, 0, 1], [0, 0, 0, 0], [1, 0, 3, 0], [0, 0, 0, 0]]


def test_alpha_by_hand():
    result = agree([[document_with("cchh")], [document_with("ccch")]])
    # Coincidences: core 5, chrome 3 of 8 values; observed disagreement 2/8, expected 2*5*3/(8*7).
    assert result["alpha"]["overall"] == pytest.approx(1 - (2 / 8) / (30 / 56))
    assert result["alpha"]["labels"]["core"] == pytest.approx(result["alpha"]["overall"])
    assert result["alpha"]["labels"]["suspect"] is None


def test_perfect_agreement_and_one_label_only():
    same = agree([[document_with("cohs")], [document_with("cohs")], [document_with("cohs")]])
    assert same["kappa"]["mean"] == same["alpha"]["overall"] == 1.0
    assert len(same["kappa"]["pairs"]) == 3 and same["disputes"] == []
    assert agree([[document_with("cc")], [document_with("cc")]])["kappa"]["mean"] is None


def test_unjudged_paragraphs_are_not_compared():
    result = agree([[document_with("ccs-")], [document_with("c-cs")], [document_with("cchs")]])
    assert result["paragraphs"] == 4
    assert [d["paragraph"] for d in result["disputes"]] == [2]
    pairs = result["kappa"]["pairs"]
    assert pairs["annotator 1 – annotator 2"] == pytest.approx(0.0)


def test_disputes_say_who_said_what_and_what_is_tolerated():
    first, second = document_with("cc"), document_with("ss")
    first.paragraphs[1].gold = Gold("core", ("suspect",))
    result = agree([[first], [second]])
    assert [d["labels"] for d in result["disputes"]] == [{"annotator 1": "core", "annotator 2": "suspect"}] * 2
    assert [d["tolerated"] for d in result["disputes"]] == [False, True]
    assert result["observed"] == 0 and result["lenient"] == 0.5


def test_mismatches_are_said_and_left_out():
    texts = ["One.", "Two."]
    first = [document_with("ch"), document_with("ch", "e", texts), document_with("ch", "f")]
    second = [document_with("ch"), document_with("ch", "e", ["One.", "2"]), document_with("chh", "f")]
    result = agree([[*first, document_with("c", "g")], second])
    assert result["documents"] == 1 and result["paragraphs"] == 2
    said = "\n".join(result["mismatches"])
    assert "document 'e' is not the same text: paragraph 1 is 'Two.' for annotator 1, '2' for annotator 2" in said
    assert "document 'f' is not the same text: 2 paragraphs for annotator 1, 3 for annotator 2" in said
    assert "document 'g' is missing from annotator 2" in said


def test_nothing_in_common():
    with pytest.raises(CorpusError, match=r"no paragraph was judged by two .* is missing from annotator 2"):
        agree([[document_with("c", "a")], [document_with("c", "b")]])
    with pytest.raises(CorpusError, match="two annotators or more"):
        agree([[document_with("c")]])


def test_files_are_named_after_themselves(tmp_path):
    for name in ("ana", "ben"):
        (tmp_path / f"{name}.jsonl").write_text(
            '{"id": "d", "source": "a.org", "paragraphs": [{"text": "One.", "label": "core"}]}\n'
        )
    result = agree([tmp_path / "ana.jsonl", tmp_path / "ben.jsonl"])
    assert result["annotators"] == ["ana", "ben"]
    with pytest.raises(CorpusError, match="given twice"):
        agree([tmp_path / "ana.jsonl", tmp_path / "ana.jsonl"])


def test_table_shows_figures_and_disputes():
    result = agree([[document_with("cchh", "[bold]id")], [document_with("ccch", "[bold]id")]])
    console = Console(width=160, record=True)
    console.print(render(result))
    shown = console.export_text()
    assert "Krippendorff's alpha" in shown and "0.533" in shown and "not defined" in shown
    assert "[bold]id" in shown and "annotator 1: chrome" in shown


def test_disputes_as_a_review_page(tmp_path):
    annotations = [[document_with("cch")], [document_with("csh")], [document_with("csh")]]
    (voted,) = disputed(annotations)
    assert [p.label for p in voted.paragraphs] == ["core", "suspect", "chrome"]
    assert voted.paragraphs[1].probabilities["suspect"] == pytest.approx(2 / 3)
    assert [is_judged(p.gold) for p in voted.document.paragraphs] == [True, False, True]
    assert "annotator 1: core" in [reason.text for reason in voted.paragraphs[1].reasons]
    assert write_review([voted], tmp_path / "disputes.html") == 3
    assert disputed([[document_with("cc")], [document_with("cc")]]) == []
