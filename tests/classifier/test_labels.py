from classifier import labels
from classifier.document import Failure


def test_labels_are_the_contract_in_the_order_of_every_array():
    assert labels.LABELS == ("core", "off-topic", "chrome", "suspect")


def test_every_label_and_reason_code_says_what_it_means():
    assert set(labels.MEANING) == set(labels.LABELS)
    assert set(labels.REASON_CODES) == {"S1", "S2", "S3"}
    assert all(text.strip() for text in [*labels.MEANING.values(), *labels.REASON_CODES.values()])


def test_a_failure_reads_as_one_sentence_with_its_place():
    assert str(Failure("page.html, line 3", "is no UTF-8")) == "page.html, line 3: is no UTF-8"
