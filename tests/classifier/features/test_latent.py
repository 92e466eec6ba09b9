import numpy as np
import pytest

from classifier.document import Document, Paragraph
from classifier.features import latent
from classifier.features.batch import Batch

PIPES = "The plumber welded copper pipes beneath the kitchen drain, boiler valves and radiator taps"
CODE = "The compiler checks borrowed pointers, generic traits, memory safety and async functions in software"


def documents(n: int = 24) -> list[Document]:
    """Make documents of two subjects, each of which leaves out some words of its subject."""
    found = []
    for i in range(n):
        words = (PIPES if i % 2 else CODE).split()
        lines = [" ".join(words[:k] + words[k + 2 :]) for k in range(i % 5, len(words), 3)]
        found.append(Document(f"d{i}", [Paragraph(line) for line in lines]))
    return found


@pytest.fixture(scope="module")
def space() -> latent.WordSpace:
    batch = Batch(documents())
    return latent.WordSpace(dimensions=4, max_share=0.6).fit(batch, np.arange(24))


def columns(batch: Batch, space: latent.WordSpace) -> dict[str, np.ndarray]:
    table = latent.extract(batch, np.ones(len(batch), np.float32), space.vectors(batch.stems))
    assert table.shape == (len(batch), len(latent.COLUMNS)) and np.isfinite(table).all()
    return dict(zip(latent.COLUMNS, table.T, strict=True))


def test_a_leaked_story_is_far_from_the_body(space):
    first, second = PIPES.split(), CODE.split()
    lines = [" ".join(first[k : k + 9]) for k in range(5)] + [" ".join(second[2:])]
    found = columns(Batch([Document("mixed", [Paragraph(line) for line in lines])]), space)
    assert found["body"][5] < 0.3
    assert found["body"][:5].min() > 0.8
    assert found["segment_drop"][5] < -0.3


def test_words_that_keep_company_are_alike_without_a_shared_word(space):
    one, other, foreign = (
        "plumber welded copper pipes beneath kitchen near here now",
        "boiler valves radiator taps drain again today once more",
        "compiler checks borrowed pointers generic traits memory safety today",
    )
    vectors = space.vectors(Batch([Document("d", [Paragraph(t) for t in (one, other, foreign)])]).stems)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert units[0] @ units[1] > 0.8
    assert units[0] @ units[2] < 0.3


def test_a_document_is_the_same_alone_and_in_a_batch(space):
    batch = documents(8)
    together = columns(Batch(batch), space)
    alone = [columns(Batch([document]), space) for document in batch]
    for name, values in together.items():
        assert np.concatenate([found[name] for found in alone]).tolist() == values.tolist()


def test_too_little_to_learn_from_gives_an_empty_space():
    batch = Batch(documents(3))
    space = latent.WordSpace().fit(batch, np.arange(3))
    assert space.stems_ == "" and space.vectors_.shape == (0, space.dimensions)
    assert set(columns(batch, space)["body"]) == {0.0}


def test_the_same_documents_give_the_same_bytes():
    batch = Batch(documents())
    first, second = (latent.WordSpace(dimensions=4, max_share=0.6).fit(batch, np.arange(24)) for _ in range(2))
    assert first.vectors_.tobytes() == second.vectors_.tobytes() and first.stems_ == second.stems_


def test_nothing_has_no_columns(space):
    assert columns(Batch([]), space) and Batch([]).stems.n == 0
