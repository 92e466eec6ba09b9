"""What holds for every room of features alike."""

import numpy as np
import pytest

from classifier.document import Document, Layout, Paragraph
from classifier.features import attribution, context, layout, position, surface, topic
from classifier.features.batch import MAX_CHARS, Batch

from ..conftest import document, labelled_document


def _story(batch):
    """Stand-in for the first pass: prose is story, and every third line a bit less so."""
    return np.where(batch.prose, 0.9, 0.1).astype(np.float32) - (batch.index % 3 == 0) * np.float32(0.05)


def _topic(batch):
    return topic.extract(batch, _story(batch))


def _context(batch):
    story = _story(batch)
    return context.extract(batch, np.column_stack([story, story / 2, 1 - story]))


ROOMS = {
    "surface": (surface, surface.extract),
    "position": (position, position.extract),
    "layout": (layout, layout.extract),
    "attribution": (attribution, attribution.extract),
    "topic": (topic, _topic),
    "context": (context, _context),
}
every_room = pytest.mark.parametrize("room", ROOMS)


@pytest.fixture(scope="module")
def documents():
    page = labelled_document(3, html=True)
    shouting = document("!!!", "¿Qué? …", "«»", "\u200b\u200b", "x", "Ein Satz „ohne Ende", source="odd")
    return [page, document(), labelled_document(4), shouting, document("One line alone.")]


@every_room
def test_columns_are_named_once_and_match(room, documents):
    module, extract = ROOMS[room]
    batch = Batch(documents)
    table = extract(batch)
    assert table.shape == (len(batch), len(module.COLUMNS))
    assert table.dtype == np.float32
    assert len(set(module.COLUMNS)) == len(module.COLUMNS)
    assert not np.isinf(table).any()


@every_room
def test_nothing_gives_no_rows(room):
    module, extract = ROOMS[room]
    for batch in (Batch([]), Batch([document()])):
        assert extract(batch).shape == (0, len(module.COLUMNS))


@every_room
def test_a_document_has_the_same_features_alone_and_in_a_batch(room, documents):
    _, extract = ROOMS[room]
    together = extract(Batch(documents))
    begin = 0
    for one in documents:
        alone = extract(Batch([one]))
        np.testing.assert_allclose(together[begin : begin + len(alone)], alone, atol=2e-6, err_msg=one.id)
        begin += len(alone)


@every_room
@pytest.mark.parametrize(
    "text",
    ["word " * 1_000_000, "." * 5_000_000, "‘a " * 1_700_000, '." ' * 1_700_000, "a'b " * 1_000_000],
    ids=["words", "dots", "open quotes", "stops", "apostrophes"],
)
def test_a_line_of_five_megabytes_costs_what_its_first_page_costs(room, text):
    _, extract = ROOMS[room]
    page = Layout(("p", "body"), ((), ()), depth=2)
    batch = Batch([Document("long", [Paragraph("A headline"), Paragraph(text, page), Paragraph("An end.")])])
    assert max(map(len, batch.texts)) <= MAX_CHARS
    assert len(extract(batch)) == 3
