import numpy as np
import pytest

from classifier.document import Document, Layout, Paragraph
from classifier.features import layout
from classifier.features.batch import Batch

from ..conftest import document

PROSE = "The council met on the quay for an hour and then it voted for the bridge."


def table(*paragraphs):
    values = layout.extract(Batch([Document("page", list(paragraphs))]))
    return {name: values[:, i] for i, name in enumerate(layout.COLUMNS)}


def at(*path, words=None, **more):
    return Layout(path, words or ((),) * len(path), depth=len(path), **more)


def test_text_has_no_layout_and_says_so():
    assert np.isnan(layout.extract(Batch([document("a", "b")]))).all()


def test_text_and_page_in_one_batch():
    page = Document("page", [Paragraph("Menu", at("li", "nav"))])
    values = layout.extract(Batch([document("a"), page]))
    assert np.isnan(values[0]).all()
    assert not np.isnan(values[1]).any()


def test_distances_to_the_regions_above():
    found = table(Paragraph("Menu", at("a", "li", "ul", "nav", "body")), Paragraph("Text", at("p", "article", "p")))
    np.testing.assert_array_equal(found["to_a"], [0, 99])
    np.testing.assert_array_equal(found["to_nav"], [3, 99])
    np.testing.assert_array_equal(found["to_article"], [99, 1])
    np.testing.assert_array_equal(found["to_p"], [99, 0])  # the nearest
    np.testing.assert_array_equal(found["depth"], [5, 3])


def test_links_and_emphasis_are_shares_of_the_text():
    found = table(
        Paragraph("ten chars!", at("p", link_chars=5, links=2, emphasis_chars=1)),
        Paragraph("abc", at("p", link_chars=30)),  # the reader counted what trimming took away
    )
    np.testing.assert_allclose(found["link_share"], [0.5, 1])
    np.testing.assert_allclose(found["links_per_word"], [2 / 3, 0])
    np.testing.assert_allclose(found["emphasis_share"], [0.1, 0])


def test_neighbours_under_the_same_parent():
    menu, body = ("li", "ul", "body"), ("p", "main", "body")
    found = table(*(Paragraph("x", at(*path)) for path in (menu, menu, body)))
    np.testing.assert_array_equal(found["same_parent_before"], [0, 1, 0])
    np.testing.assert_array_equal(found["same_parent_after"], [1, 0, 0])


def test_parents_are_told_apart_by_their_words_too():
    first, second = ((), ("menu",)), ((), ("story",))
    found = table(Paragraph("x", at("p", "div", words=first)), Paragraph("y", at("p", "div", words=second)))
    assert found["same_parent_before"].tolist() == [0, 0]


def test_share_of_prose_under_a_like_parent():
    body, menu = ("p", "main", "body"), ("li", "ul", "body")
    found = table(*(Paragraph(PROSE, at(*body)) for _ in range(3)), Paragraph(PROSE, at(*menu)), Paragraph("x", at(*menu)))
    np.testing.assert_allclose(found["parent_prose_share"], [0.75, 0.75, 0.75, 0.25, 0.25])


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_class_names_say_how_near_they_are(level):
    words = tuple(("menu",) if i == level else () for i in range(4))
    tokens = layout.naming_tokens(at("p", "div", "section", "body", words=words))
    assert f"{[0, 1, 1, 2][level]}menu" in tokens
    assert {"0<p", "1<div", "1<section", "2<body"} <= set(tokens)
    assert len(tokens) == 5
