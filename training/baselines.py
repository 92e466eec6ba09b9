"""What a report measures a model against: two sets of well-known line rules, and words alone.

The rules know main text and the rest only, so they say `core` or `chrome`. Written anew from the papers.
"""

import re
from collections.abc import Sequence, Set
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from classifier.document import Document, Paragraph
from classifier.features.batch import FUNCTION_WORDS
from classifier.labels import CHROME, CORE

Labels = NDArray[Any]
C4_RULES: Final = "line rules (C4)"
JUSTEXT_RULES: Final = "text rules (jusText)"
WORDS_ONLY: Final = "words only (logistic regression)"

# -- C4: Raffel et al. 2020, "Exploring the limits of transfer learning", section 2.2 --------------

C4_MIN_WORDS: Final = 5
C4_MIN_SENTENCES: Final = 3
_C4_END = re.compile(r"[.!?][\"'”’)]?$")
_C4_NOTICE = re.compile(
    r"javascript|terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies",
    re.IGNORECASE,
)
_C4_PAGE = re.compile(r"lorem ipsum|\{", re.IGNORECASE)


def c4_rules(documents: Sequence[Document]) -> Labels:
    """Label every paragraph of all documents by the C4 rules; shape (n,).

    A line is kept when it ends like a sentence, has five words and is no notice; a page with a brace, a
    placeholder text or fewer than three kept sentences is dropped whole.
    """
    labels: list[str] = []
    for document in documents:
        texts = [paragraph.text.strip() for paragraph in document.paragraphs]
        kept = [
            bool(_C4_END.search(text)) and len(text.split()) >= C4_MIN_WORDS and not _C4_NOTICE.search(text)
            for text in texts
        ]
        sentences = sum(len(re.findall(r"[.!?](?=\W|$)", text)) for text, keep in zip(texts, kept, strict=True) if keep)
        dropped = sentences < C4_MIN_SENTENCES or any(_C4_PAGE.search(text) for text in texts)
        labels.extend(CORE if keep and not dropped else CHROME for keep in kept)
    return np.array(labels, dtype=object)


# -- jusText: Pomikalek 2011, "Removing boilerplate and duplicate content from web corpora", chapter 3

LENGTH_LOW: Final = 70
LENGTH_HIGH: Final = 200
STOP_WORDS_LOW: Final = 0.30
STOP_WORDS_HIGH: Final = 0.32
MAX_LINK_SHARE: Final = 0.2
#: The thresholds above were set with a list of the most frequent words; function words alone are too few.
STOP_WORDS: Final = FUNCTION_WORDS | ENGLISH_STOP_WORDS
_GOOD, _NEAR, _SHORT, _BAD = "good", "near-good", "short", "bad"
_SURE: Final = frozenset({_GOOD, _BAD})


def justext_rules(documents: Sequence[Document]) -> Labels:
    """Label every paragraph of all documents as jusText would; shape (n,).

    Each is first judged alone by length, stop words and links (none in text), then short and near-good ones
    by the nearest good or bad neighbour on either side.
    """
    labels: list[str] = []
    for document in documents:
        classes = _revised([_class_alone(paragraph) for paragraph in document.paragraphs])
        labels.extend(CORE if kind == _GOOD else CHROME for kind in classes)
    return np.array(labels, dtype=object)


def _class_alone(paragraph: Paragraph) -> str:
    text = paragraph.text
    if "©" in text or (paragraph.layout and paragraph.layout.link_chars > MAX_LINK_SHARE * len(text)):
        return _BAD
    words = text.lower().split()
    stop_words = sum(word.strip(".,;:!?\"'()“”‘’") in STOP_WORDS for word in words) / max(len(words), 1)
    if len(text) < LENGTH_LOW:
        return _SHORT
    if stop_words >= STOP_WORDS_HIGH:
        return _GOOD if len(text) > LENGTH_HIGH else _NEAR
    return _NEAR if stop_words >= STOP_WORDS_LOW else _BAD


def _revised(alone: list[str]) -> list[str]:
    """Decide short paragraphs by their neighbours, then near-good ones; beyond the edges all is bad."""
    decided = [_short(alone, i) if kind == _SHORT else kind for i, kind in enumerate(alone)]
    return [_near_good(decided, i) if kind == _NEAR else kind for i, kind in enumerate(decided)]


def _short(classes: list[str], i: int) -> str:
    before, after = _nearest(classes[:i][::-1], _SURE), _nearest(classes[i + 1 :], _SURE)
    if before == after:
        return before
    # Between good and bad: good if the bad side begins with something near good.
    bad_side = classes[:i][::-1] if before == _BAD else classes[i + 1 :]
    return _GOOD if _nearest(bad_side, {*_SURE, _NEAR}) == _NEAR else _BAD


def _near_good(classes: list[str], i: int) -> str:
    around = {_nearest(classes[:i][::-1], _SURE), _nearest(classes[i + 1 :], _SURE)}
    return _BAD if around == {_BAD} else _GOOD


def _nearest(classes: list[str], known: Set[str]) -> str:
    return next((kind for kind in classes if kind in known), _BAD)


# -- words alone -----------------------------------------------------------------------------------


class WordsOnly(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression over a paragraph's own words and word pairs: no layout, no neighbours.

    Parameters
    ----------
    max_features : int
        Words and pairs kept, the most frequent first.
    C : float
        Inverse of the L2 penalty.
    """

    def __init__(self, max_features: int = 30_000, C: float = 3.0) -> None:
        self.max_features = max_features
        self.C = C

    def fit(self, documents: Sequence[Document], y: None = None) -> Self:
        """Learn from the paragraphs whose gold label has no acceptable alternative.

        Raises
        ------
        ValueError
            They have fewer than two labels.
        """
        paragraphs = [p for document in documents for p in document.paragraphs]
        examples = [(p.text, p.gold.label) for p in paragraphs if p.gold and not p.gold.also]
        if len({label for _, label in examples}) < 2:
            raise ValueError("words only: training needs paragraphs of at least two labels")
        self.pipeline_ = make_pipeline(
            TfidfVectorizer(
                ngram_range=(1, 2),
                max_features=self.max_features,
                sublinear_tf=True,
                token_pattern=r"\w+|[^\w\s]",
            ),
            LogisticRegression(C=self.C, class_weight="balanced", max_iter=300),
        ).fit([text for text, _ in examples], [label for _, label in examples])
        self.classes_ = self.pipeline_.classes_
        return self

    def predict(self, documents: Sequence[Document]) -> Labels:
        """Labels of every paragraph of all documents; shape (n,)."""
        texts = [paragraph.text for document in documents for paragraph in document.paragraphs]
        labels: Labels = self.pipeline_.predict(texts) if texts else np.array([], dtype=object)
        return labels


def words_only_out_of_fold(documents: Sequence[Document], folds: Sequence[int] | NDArray[Any]) -> Labels:
    """Labels of every paragraph from models that did not see its fold; `folds` has one entry a document."""
    sizes = [len(document.paragraphs) for document in documents]
    fold_of = np.repeat(np.asarray(folds), sizes)
    labels = np.empty(len(fold_of), dtype=object)
    for fold in np.unique(fold_of):
        seen = [document for document, number in zip(documents, folds, strict=True) if number != fold]
        held = [document for document, number in zip(documents, folds, strict=True) if number == fold]
        labels[fold_of == fold] = WordsOnly().fit(seen).predict(held)
    return labels


def baseline_labels(
    documents: Sequence[Document],
    *,
    folds: Sequence[int] | NDArray[Any] | None = None,
    train: Sequence[Document] | None = None,
) -> dict[str, Labels]:
    """Labels of the three baselines for every paragraph of all documents.

    Parameters
    ----------
    documents : sequence of Document
        To be judged.
    folds : sequence of int (documents,), optional
        Words only is cross-fitted over these folds.
    train : sequence of Document, optional
        Or it is fitted on these. With neither it is left out.
    """
    found = {C4_RULES: c4_rules(documents), JUSTEXT_RULES: justext_rules(documents)}
    if folds is not None:
        found[WORDS_ONLY] = words_only_out_of_fold(documents, folds)
    elif train is not None:
        found[WORDS_ONLY] = WordsOnly().fit(train).predict(documents)
    return found
