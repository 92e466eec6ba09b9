"""What holds of any text at all: its paragraphs are its lines, and their scores the same however they are scored."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.document import Document
from classifier.labels import LABELS
from classifier.reading import read_text
from classifier.scoring import Scorer
from classifier.storage import load_model

LINES = st.one_of(
    st.text(st.characters(exclude_characters="\r\n\0\ufeff", codec="utf-8"), max_size=80),
    st.sampled_from(
        [
            "“We act,” the mayor told the Gazette on Monday.",
            "Share",
            "It is said to be so. «Nein»",
            "\u200b",
            "\u2028x\u0085y",
            "= 1",
        ]
    ),
)
TEXTS = st.lists(LINES, max_size=8)
QUICK = settings(
    max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def scorer(model_path):
    return Scorer(*load_model(model_path))


def scores(scored):
    return [[(p.text, p.label, p.probabilities, p.reasons) for p in document.paragraphs] for document in scored]


@QUICK
@given(lines=TEXTS, end=st.sampled_from(["\n", "\r\n", "\r"]), bom=st.booleans())
def test_paragraphs_are_the_lines_that_are_not_empty_on_every_platform(scorer, lines, end, bom):
    text = end.join(lines)
    raw = ("\ufeff" if bom else "").encode() + text.encode()
    scored = list(scorer.score(read_text(raw if bom else text, "any"), explain=False))
    assert [p.text for p in scored] == [line.strip() for line in lines if line.strip()]
    for paragraph in scored:
        assert sum(paragraph.probabilities.values()) == pytest.approx(1, abs=1e-9)
        assert all(0 <= share <= 1 for share in paragraph.probabilities.values())
        assert paragraph.confidence == paragraph.probabilities[paragraph.label]
        assert paragraph.label in LABELS


@QUICK
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_scores_are_the_same_alone_and_in_a_batch(scorer, texts):
    documents = [read_text("\n".join(lines), str(n)) for n, lines in enumerate(texts)]
    together = scores(scorer.score_documents(documents))
    alone = [scores(scorer.score_documents([document]))[0] for document in documents]
    assert together == alone


def test_scores_are_the_same_with_any_number_of_jobs(scorer, monkeypatch):
    monkeypatch.setattr("classifier.scoring.CHUNK_DOCUMENTS", 3)
    documents: list[Document] = []

    @settings(QUICK, max_examples=40)
    @given(lines=TEXTS)
    def gather(lines):
        documents.append(read_text("\n".join(lines), str(len(documents))))

    gather()
    one = scores(scorer.score_documents(documents))
    assert one == scores(scorer.score_documents(documents, jobs=2))
