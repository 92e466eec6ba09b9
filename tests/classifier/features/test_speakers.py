import numpy as np
import pytest

from classifier.features import attribution, speakers
from classifier.features.batch import Batch

from ..conftest import document

INTERVIEW = (
    "The bakery closed on Friday after ninety years in the same street.",
    '"Nobody wanted the keys," Marta Lindqvist told the Vale Gazette in the empty shop.',
    "The ovens were sold to a museum that collects machines of that time.",
    '"I cried twice," Lindqvist said, and laughed about it.',
    'The regional chamber called the closure "a loss for the town".',
)


@pytest.fixture(scope="module")
def columns():
    values = attribution.extract(Batch([document(*INTERVIEW)]))
    return {name: values[:, attribution.COLUMNS.index(name)] for name in speakers.COLUMNS}


def test_a_speaker_who_comes_back_is_known(columns):
    assert columns["speaker_statements"][1] == columns["speaker_statements"][3] == pytest.approx(np.log1p(2))
    assert columns["speaker_statements"][4] == pytest.approx(np.log1p(1))


def test_what_traced_a_speaker_once_counts_further_down(columns):
    assert columns["speaker_traced_before"].tolist() == [0, 0, 0, 1, 0]
    assert columns["speaker_traced_share"][3] == 1
    assert columns["speaker_traced_share"][4] == -1  # nothing else is said by the chamber


def test_lines_since_the_speaker_last_spoke(columns):
    assert columns["speaker_since"][3] == pytest.approx(np.log1p(2))
    assert columns["speaker_since"][1] == columns["speaker_since"][4] == 9


def test_mentions_before_and_after(columns):
    assert columns["speaker_mentions_before"][3] == pytest.approx(np.log1p(1))
    assert columns["speaker_mentions_after"][1] == pytest.approx(np.log1p(1))


def test_lines_without_a_statement_have_no_speaker(columns):
    assert columns["speaker_statements"][[0, 2]].tolist() == [0, 0]


def test_he_said_goes_on_with_the_last_speaker():
    batch = Batch(
        [document("Minister Oduya said the dam was safe for now.", "He said that it would be looked at again.")]
    )
    values = attribution.extract(batch)[:, attribution.COLUMNS.index("speaker_statements")]
    assert values.tolist() == pytest.approx([np.log1p(2)] * 2)


def test_speakers_of_another_document_are_strangers():
    batch = Batch(
        [document("Minister Oduya told CNN that he would stay."), document("Oduya said on stage that he would go.")]
    )
    values = attribution.extract(batch)
    assert not values[:, attribution.COLUMNS.index("speaker_traced_before")].any()
