"""The estimator: documents in, probabilities of the four labels out.

Three questions are learned, each by gradient boosting, as the label guide asks them:

    story      does the paragraph belong to the document's main story?
    offtopic   if not: is it prose of something else, rather than page furniture?
    suspect    if so: does it lean on something that a reader cannot trace?

Asked separately, each learns from all data that answers it: a public page with gold main text says much about
the first and nothing about the others. Probabilities multiply: core is story and not suspect, and so on.

The first two have two passes, as in jusText, but learned: the first sees the paragraph and the raw look of its
neighbours, the second also the first pass's answers for the whole document. The third is asked, in two passes too, of
the article alone, read again without the lines that the page put between its paragraphs: what stands right before and
after a statement is the story's, be the page bare or full of captions. What a later pass learns from comes from models
that did not see the same site.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from classifier.decision import choose_thresholds, weighed
from classifier.document import Document, Gold
from classifier.features import Batch, attribution, context, latent, layout, position, surface, topic
from classifier.features.batch import Array
from classifier.features.wording import (
    Locator,
    Tokeniser,
    TokenModel,
    layout_places,
    layout_tokens,
    score_counts,
    word_places,
    word_tokens,
)
from classifier.forest import Forest, by_column
from classifier.labels import CHROME, CORE, LABELS, OFF_TOPIC, SUSPECT

#: Every feature that needs no fitting: (room, its columns, its extractor).
FEATURES: Final[tuple[tuple[str, tuple[str, ...], Callable[[Batch], Array]], ...]] = (
    ("surface", surface.COLUMNS, lambda batch: batch.once(surface.extract)),
    ("position", position.COLUMNS, position.extract),
    ("layout", layout.COLUMNS, layout.extract),
    ("attribution", attribution.COLUMNS, attribution.extract),
)
#: Every linear model over tokens: (room, its tokens, where they stand in a vocabulary, the questions it answers).
TOKENS: Final[tuple[tuple[str, Tokeniser, Locator, tuple[str, ...]], ...]] = (
    ("wording", word_tokens, word_places, ("story", "offtopic")),
    ("naming", layout_tokens, layout_places, ("story",)),
)
#: The questions in the order of their columns: those asked of the page, and the one asked of the article.
HEADS: Final = (*context.HEADS, "suspect")
#: What suspect is asked of, found in the article alone from it and its paragraphs' story probabilities: (room, its
#: columns, its extractor). Words do not make a statement traceable, they only tell what it is about: without `wording`,
#: suspect's average precision on unseen real sites rose from 0.35 to 0.39.
ARTICLE: Final[tuple[tuple[str, tuple[str, ...], Callable[[Batch, Array], Array]], ...]] = (
    ("surface", surface.COLUMNS, lambda article, _: article.once(surface.extract)),
    ("position", position.COLUMNS, lambda article, _: position.extract(article)),
    ("attribution", attribution.COLUMNS, lambda article, _: attribution.extract(article)),
    ("topic", topic.COLUMNS, topic.extract),
)
#: Columns that a question may not look at. How long an article is and where a paragraph stands in it say nothing of who
#: can trace what: with them, 30 % more lines in long written articles hid three quarters of the unsourced reactions
#: that were found without these lines, without them a quarter, and average precision on unseen real sites was 0.45
#: instead of 0.40 (measured on one pass; the columns of neighbours still betray the first and the last paragraph).
UNSEEN: Final[dict[str, frozenset[str]]] = {
    "suspect": frozenset(
        """position.lines position.prose_lines position.run_length attribution.document_statements
        position.from_start position.from_end position.place position.prose_before position.first_of_text""".split()
    )
}
#: How a question's trees differ from the estimator's parameters, which are those of the story question (`rate` and
#: `trees` are factors): the rare labels have few examples, and small slow trees learn less of them by heart. Too
#: small and slow ones learn too little: with 80 of 8 leaves instead of 160 of 12, suspect's average precision fell from
#: 0.47 to 0.38 on unseen real sites and from 0.71 to 0.67 on long written articles.
GROWTH: Final[dict[str, dict[str, float]]] = {
    "story": {},
    "offtopic": {"rate": 2 / 3, "max_leaf_nodes": 16},
    "suspect": {
        "rate": 2 / 3,
        "trees": 2,
        "max_leaf_nodes": 16,
        "min_samples_leaf": 20,
        "l2_regularization": 10.0,
        "max_features": 0.3,
    },
}
#: Log-odds of a story, before calibration, from which a paragraph is taken into the article.
IN_ARTICLE: Final = -1.0
#: Stands for the answer to the last question elsewhere, where nobody asks it: no suspect. Answers are larger.
UNASKED: Final = -30.0
_STORY_LABELS: Final = frozenset({CORE, SUSPECT})
#: From calibrated log-odds of the suspect question to those that also know what the model does not see.
Adjust = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(slots=True, frozen=True)
class Target:
    """What training says of each paragraph for one question: 0/1 answers and how much each counts."""

    y: NDArray[np.int8]
    weight: NDArray[np.float32]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Paragraphs that answer the question at all."""
        known: NDArray[np.bool_] = self.weight > 0
        return known


@dataclass(slots=True, frozen=True)
class Analysis:
    """What a model saw of a batch of n paragraphs, and what it answered.

    Attributes
    ----------
    page : float array (n, columns of `column_names`)
        Matrix of the second pass.
    rows : int array (m,)
        Paragraphs of the articles.
    article : float array (m, columns of `article_names`)
        Matrix of the suspect question's second pass.
    log_odds : float array (n, heads)
    """

    page: Array
    rows: NDArray[np.int64]
    article: Array
    log_odds: Array


def article_names() -> list[str]:
    """Every column of the article's matrix in the second pass, as `room.column`."""
    names = [f"{room}.{column}" for room, columns, _ in ARTICLE for column in columns]
    return names + [f"context.{column}" for column in context.SUSPECT_COLUMNS]


def first_pass_names() -> list[str]:
    """Every column of the first pass's matrix, as `room.column`."""
    names = [f"{room}.{column}" for room, columns, _ in FEATURES for column in columns]
    return names + [f"{room}.{head}" for room, _, _, heads in TOKENS for head in heads]


def column_names() -> list[str]:
    """Every column of the second pass's matrix, as `room.column`; those of the first pass come first."""
    names = first_pass_names()
    names += [f"topic.{column}" for column in topic.COLUMNS]
    names += [f"latent.{column}" for column in latent.COLUMNS]
    return names + [f"context.{column}" for column in context.COLUMNS]


class NewsClassifier(ClassifierMixin, BaseEstimator):
    """Classify the paragraphs of scraped news documents.

    Parameters
    ----------
    n_folds : int
        Grouped folds for the out-of-fold answers that the second pass, the suspect question, calibration and
        thresholds use.
    max_iter : int
        Trees of a pass. This and the next four are the story question's; `GROWTH` has the others'.
    learning_rate : float
        Shrinkage of each tree.
    max_leaf_nodes : int
        Leaves of a tree. With 160 instead of 48 the log loss of the story question fell on unseen sites, by 9 % on
        labelled texts and by 3 % on pages and on spliced documents; bagging three fits gained less.
    min_samples_leaf : int
        Paragraphs in a leaf.
    l2_regularization : float
        Penalty of leaf values.
    weak_weight : float
        What a paragraph counts in a question that its acceptable labels answer in more than one way.
    rows_per_document : int
        Paragraphs that training looks at of a document that counts less than 1; the others are read whole.
    without_rooms : tuple of str
        Rooms of features that no question may look at, to measure what they are worth (training/ablation.py).
    random_state : int
        Seed of everything random.

    Attributes
    ----------
    classes_ : array of the four labels
    thresholds_ : dict of str to dict of str to float
        For each sensitivity, what a rare label's probability is multiplied by before the largest wins.
    out_of_fold_ : float array (n, 4)
        Probabilities of the training paragraphs from models that did not see their site; not saved.
    """

    def __init__(
        self,
        *,
        n_folds: int = 3,
        max_iter: int = 80,
        learning_rate: float = 0.15,
        max_leaf_nodes: int = 160,
        min_samples_leaf: int = 15,
        l2_regularization: float = 5.0,
        weak_weight: float = 0.3,
        rows_per_document: int = 80,
        without_rooms: tuple[str, ...] = (),
        random_state: int = 0,
    ) -> None:
        self.n_folds = n_folds
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.weak_weight = weak_weight
        self.rows_per_document = rows_per_document
        self.without_rooms = without_rooms
        self.random_state = random_state

    # -- fitting ---------------------------------------------------------------------------------------

    def fit(
        self,
        documents: Sequence[Document],
        y: None = None,
        *,
        sample_weight: Sequence[float] | None = None,
        calibrate_on: Sequence[bool] | None = None,
    ) -> Self:
        """Learn from documents whose paragraphs have gold labels.

        Parameters
        ----------
        documents : sequence of Document
            Grouped by `source`: one source never stands on both sides of an inner split.
        y : None
            Ignored; the labels are the paragraphs' `gold`.
        sample_weight : sequence of float (documents,), optional
            What each document's paragraphs count.
        calibrate_on : sequence of bool (documents,), optional
            The documents whose class shares are those of real life: probabilities and thresholds are set on
            them. All, by default.

        Raises
        ------
        ValueError
            Fewer than two labels, or fewer than two sources.
        """
        batch = Batch(documents)
        golds = [paragraph.gold for document in batch.documents for paragraph in document.paragraphs]
        groups = np.array([document.source or document.id for document in batch.documents])
        weights = np.ones(len(groups)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
        real = np.ones(len(groups), bool) if calibrate_on is None else np.asarray(calibrate_on, dtype=bool)
        table = Table.of(batch)
        return self.fit_table(table, golds, groups, weights, real[batch.doc].astype(float))

    def fit_table(  # noqa: PLR0917 - what `fit` takes, computed before
        self,
        table: "Table",
        golds: Sequence[Gold | None],
        groups: NDArray[Any],
        weights: NDArray[Any],
        judged: NDArray[np.float64],
        leaky: NDArray[np.float64] | None = None,
        unmixed: NDArray[np.bool_] | None = None,
    ) -> Self:
        """Fit from a table of features computed before.

        Parameters
        ----------
        table : Table
        golds : sequence of Gold or None (paragraphs,)
        groups, weights : arrays (documents,)
            Source of each document and what its paragraphs count.
        judged : float array (paragraphs,)
            What each counts when probabilities are calibrated and thresholds chosen.
        leaky : float array (paragraphs,), optional
            The same for the off-topic question, which needs documents that hold some; as `judged`, by default.
        unmixed : bool array (documents,), optional
            Documents that show which words go together: those not made of several; all, by default.
        """
        if len({gold.label for gold in golds if gold}) < 2:
            raise ValueError("training needs paragraphs of at least two labels")
        if len(set(groups.tolist())) < 2:
            raise ValueError("training needs documents of at least two sources")
        batch = table.batch
        self.classes_ = np.array(LABELS)
        targets = self._targets(batch, golds, weights)
        dealt = self._folds(groups)
        folds = dealt[batch.doc]
        tokens = self._fit_tokens(table, targets, folds)
        X1 = np.hstack([table.base, tokens])
        first = self._out_of_fold(X1, targets, folds, context.HEADS)
        vectors = self._fit_space(batch, dealt, np.ones(len(groups), bool) if unmixed is None else unmixed)
        X2 = second_pass_matrix(batch, X1, first, vectors)
        second = self._out_of_fold(X2, targets, folds, context.HEADS)
        self.first_ = [self._fit_head(X1, head, targets[head]) for head in context.HEADS]
        self.second_ = [self._fit_head(X2, head, targets[head]) for head in context.HEADS]
        suspect = self._fit_suspect(batch, second, targets, folds)
        log_odds = np.column_stack([second, suspect])
        leaky = judged if leaky is None else leaky
        judged_by = {"story": judged, "offtopic": leaky, "suspect": judged * (suspect > UNASKED)}
        self.calibration_ = np.array(
            [_platt(log_odds[:, i], targets[head], judged_by[head]) for i, head in enumerate(HEADS)], dtype=np.float64
        )
        self.out_of_fold_ = self._combine(batch, log_odds)
        self.thresholds_ = choose_thresholds(weighed(batch, self.out_of_fold_), golds, judged, leaky, batch.doc)
        return self

    def _folds(self, groups: NDArray[Any]) -> NDArray[np.int64]:
        n_folds = min(self.n_folds, len(set(groups)))
        splitter = GroupKFold(n_folds, shuffle=True, random_state=self.random_state)
        folds = np.zeros(len(groups), dtype=np.int64)
        for number, (_, held) in enumerate(splitter.split(groups, groups=groups)):
            folds[held] = number
        return folds

    def _targets(self, batch: Batch, golds: Sequence[Gold | None], weights: NDArray[Any]) -> dict[str, Target]:
        answers = {head: np.zeros(len(golds), np.int8) for head in HEADS}
        counts = {head: np.zeros(len(golds), np.float32) for head in HEADS}
        order = np.random.default_rng(self.random_state).random(len(batch))
        share = np.minimum(1.0, self.rows_per_document / np.maximum(batch.size, 1))
        share = np.where(weights[batch.doc] >= 1, 1.0, share)
        # Prose outside the main text (author boxes, teasers, comments) is what extractors get wrong.
        hard = batch.prose & np.array([gold is not None and gold.label == CHROME for gold in golds], dtype=bool)
        share[hard] = 1.0
        for i, gold in enumerate(golds):
            if gold is None:
                continue
            read = weights[batch.doc[i]] >= 1
            for head, (answer, sure) in questions(gold).items():
                # Main text of a public page may be core or suspect: it says nothing of the claims that look alike.
                if head == "suspect" and not sure and not read:
                    continue
                if order[i] < share[i] or gold.label in (SUSPECT, OFF_TOPIC):
                    answers[head][i] = answer
                    counts[head][i] = (1.0 if sure else self.weak_weight) * weights[batch.doc[i]]
        return {head: Target(answers[head], counts[head]) for head in HEADS}

    def _fit_tokens(self, table: "Table", targets: dict[str, Target], folds: NDArray[np.int64]) -> Array:
        """Fit the linear models and return their out-of-fold log-odds; shape (n, token columns)."""
        self.tokens_: list[TokenModel] = []
        scores: list[Array] = []
        for _, tokenise, _, heads in TOKENS:
            rows, model = tokenise(table.batch), TokenModel()
            counts = model.count(rows)
            final = []
            for head in heads:
                target, column = targets[head], np.zeros(len(folds), dtype=np.float32)
                for fold in np.unique(folds):
                    held, use = folds == fold, target.known & (folds != fold)
                    weights = model.weigh(counts[use], target.y[use], target.weight[use])
                    column[held] = score_counts(counts[held], weights, [rows[i] for i in np.flatnonzero(held)])
                scores.append(column)
                use = target.known
                final.append(model.weigh(counts[use], target.y[use], target.weight[use]))
            self.tokens_.append(model.keep(final))
        return np.column_stack(scores)

    def _fit_space(self, batch: Batch, folds: NDArray[np.int64], unmixed: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Fit the space of words; vectors of every paragraph, from a space that did not see its source.

        `folds` and `unmixed` are of documents.
        """
        self.space_ = latent.WordSpace().fit(batch, np.flatnonzero(unmixed), self.random_state)
        vectors = np.zeros((len(batch), self.space_.dimensions))
        for number in np.unique(folds):
            space = latent.WordSpace().fit(batch, np.flatnonzero(unmixed & (folds != number)), self.random_state)
            held = folds[batch.doc] == number
            vectors[held] = space.vectors(batch.stems)[held]
        return vectors

    def _out_of_fold(
        self, X: Array, targets: dict[str, Target], folds: NDArray[np.int64], heads: Sequence[str]
    ) -> Array:
        """Log-odds of some questions for every row, (n, heads), from models that did not see its source."""
        result = np.zeros((len(X), len(heads)), dtype=np.float32)
        for fold in np.unique(folds):
            held = folds == fold
            result[held] = _answers([self._fit_head(X, head, targets[head], ~held) for head in heads], X[held])
        return result

    def _fit_suspect(self, batch: Batch, second: Array, targets: dict[str, Target], folds: NDArray[np.int64]) -> Array:
        """Fit the suspect question; out-of-fold log-odds of all paragraphs, `UNASKED` outside the articles; (n,)."""
        rows, article, X3 = article_matrix(batch, second[:, 0])
        target = Target(targets["suspect"].y[rows], targets["suspect"].weight[rows])

        def out_of_fold(X: Array) -> Array:
            return self._out_of_fold(X, {"suspect": target}, folds[rows], ["suspect"])[:, 0]

        X4 = with_neighbours(article, X3, out_of_fold(X3))
        self.suspect_ = [self._fit_head(X, "suspect", target) for X in (X3, X4)]
        result = np.full(len(batch), UNASKED, dtype=np.float32)
        result[rows] = out_of_fold(X4)
        return result

    def _fit_head(self, X: Array, head: str, target: Target, among: NDArray[np.bool_] | None = None) -> Forest:
        use = target.known if among is None else target.known & among
        if len(np.unique(target.y[use])) < 2:
            return _constant(float(target.y[use].mean()) if use.any() else 0.0)
        growth = {
            "rate": 1.0,
            "trees": 1,
            "max_leaf_nodes": self.max_leaf_nodes,
            "min_samples_leaf": self.min_samples_leaf,
            "l2_regularization": self.l2_regularization,
            "max_features": 0.5,
        } | GROWTH[head]
        # Half as many as there are examples, where there are few: a question with ten of them can still be learned.
        examples = int(np.bincount(target.y[use], minlength=2).min())
        growth["min_samples_leaf"] = min(growth["min_samples_leaf"], max(examples // 2, 1))
        model = HistGradientBoostingClassifier(
            max_iter=round(self.max_iter * growth.pop("trees")),
            learning_rate=self.learning_rate * growth.pop("rate"),
            max_bins=63,
            early_stopping=False,
            random_state=self.random_state,
            **growth,
        )
        rows = X[use]
        rows[:, np.isnan(rows).all(axis=0)] = 0.0  # no page with a layout among them: the trees cannot bin nothing
        names = (article_names() if head == "suspect" else column_names())[: X.shape[1]]
        unseen = UNSEEN.get(head, frozenset())
        rows[:, [name in unseen or name.split(".")[0] in self.without_rooms for name in names]] = 0.0
        # One thread: sums come out the same on every machine, and idle threads do not fight for busy cores.
        with threadpool_limits(limits=1):
            model.fit(rows, target.y[use], sample_weight=target.weight[use])
        return Forest.of(model)

    # -- predicting ------------------------------------------------------------------------------------

    def predict_proba(self, documents: Sequence[Document]) -> Array:
        """Probabilities of the four labels for every paragraph of all documents, in order; shape (n, 4)."""
        batch = Batch(documents)
        return self._combine(batch, self.analyse(batch).log_odds)

    def predict(self, documents: Sequence[Document]) -> NDArray[Any]:
        """Labels of every paragraph of all documents, in order; shape (n,)."""
        batch = Batch(documents)
        return self.decide(batch, self._combine(batch, self.analyse(batch).log_odds))

    def decide(self, batch: Batch, probabilities: Array, sensitivity: str = "default") -> NDArray[Any]:
        """Labels for a batch's probabilities (n, 4), by page and with the thresholds of a sensitivity.

        See `classifier/decision.py`.
        """
        factors = np.array([self.thresholds_[sensitivity].get(label, 1.0) for label in LABELS])
        labels: NDArray[Any] = self.classes_[np.argmax(weighed(batch, probabilities) * factors, axis=1)]
        return labels

    def analyse(self, batch: Batch) -> Analysis:
        """Ask every question of every paragraph."""
        table = Table.of(batch)
        tokens = [model.score(batch, locate) for model, (_, _, locate, _) in zip(self.tokens_, TOKENS, strict=True)]
        X1 = np.hstack([table.base, *tokens])
        vectors = self.space_.vectors(batch.stems)
        X2 = second_pass_matrix(batch, X1, _answers(self.first_, X1), vectors)
        second = _answers(self.second_, X2)
        rows, article, X3 = article_matrix(batch, second[:, 0])
        first, last = self.suspect_
        X4 = with_neighbours(article, X3, first.log_odds(X3).astype(np.float32))
        suspect = np.full(len(X2), UNASKED, dtype=np.float32)
        suspect[rows] = last.log_odds(X4)
        return Analysis(X2, rows, X4, np.column_stack([second, suspect]))

    def probabilities(
        self, batch: Batch, log_odds: Array, *, calibrated: bool = True, adjust: Adjust | None = None
    ) -> Array:
        """Probabilities of the four labels from the log-odds of `analyse`; shape (n, 4).

        What else is known of the suspect question moves its calibrated log-odds by `adjust`.
        """
        return self._combine(batch, log_odds, calibrated, adjust)

    def _combine(self, batch: Batch, log_odds: Array, calibrated: bool = True, adjust: Adjust | None = None) -> Array:
        slope, shift = self.calibration_.T if calibrated else (1.0, 0.0)
        judged: NDArray[Any] = log_odds * slope + shift
        place = HEADS.index("suspect")
        if adjust is not None:
            judged[:, place] = adjust(judged[:, place])
        story, offtopic, suspect = _expit(judged).T
        suspect = np.where(batch.english[batch.doc] & (log_odds[:, place] > UNASKED), suspect, 0.0)
        by_label = {
            CORE: story * (1 - suspect),
            OFF_TOPIC: (1 - story) * offtopic,
            CHROME: (1 - story) * (1 - offtopic),
            SUSPECT: story * suspect,
        }
        return np.column_stack([by_label[label] for label in LABELS]).astype(np.float32)


@dataclass(slots=True, frozen=True)
class Table:
    """A batch and its features that need no fitting; shape (n, columns of FEATURES)."""

    batch: Batch
    base: Array

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Extract every feature of `FEATURES`."""
        return cls(batch, np.hstack([extract(batch) for _, _, extract in FEATURES]))


def _answers(forests: Sequence[Forest], X: Array) -> Array:
    """Log-odds of a pass's questions; shape (n, questions)."""
    columns = by_column(X)  # once for all
    return np.column_stack([forest.log_odds(columns) for forest in forests]).astype(np.float32)


def second_pass_matrix(batch: Batch, X1: Array, first: Array, vectors: NDArray[np.float64]) -> Array:
    """Stack the first pass's columns and those that read its answers; shape (n, len(column_names()))."""
    answers = _expit(first)
    story = answers[:, 0]
    return np.hstack(
        [X1, topic.extract(batch, story), latent.extract(batch, story, vectors), context.extract(batch, answers)]
    )


def article_matrix(batch: Batch, story: Array) -> tuple[NDArray[np.int64], Batch, Array]:
    """Read the articles alone: their rows (m,), the batch of them, and their matrix (m, columns of `ARTICLE`).

    Parameters
    ----------
    batch : Batch, n paragraphs
    story : float array (n,)
        The second pass's log-odds of a story.
    """
    rows = np.flatnonzero(story > IN_ARTICLE)
    article, answers = batch.only(rows), _expit(story[rows])
    return rows, article, np.hstack([extract(article, answers) for _, _, extract in ARTICLE])


def with_neighbours(article: Batch, X3: Array, first: Array) -> Array:
    """Add what suspect's first pass says of the paragraphs near, from its log-odds (m,): columns of `article_names`."""
    return np.hstack([X3, context.neighbours(article, _expit(first))])


def questions(gold: Gold) -> dict[str, tuple[int, bool]]:
    """Which questions a gold label answers, with what, and whether every acceptable label says the same.

    Acceptable labels that pull both ways, with no better one, answer nothing: a paragraph of which only half
    is main text is no example of either.
    """
    accepted = {gold.label, *gold.also}
    story = {label in _STORY_LABELS for label in accepted}
    if len(story) == 2 and len(accepted) > 2:
        return {}
    answers = {"story": (int(gold.label in _STORY_LABELS), len(story) == 1)}
    if gold.label in _STORY_LABELS:
        answers["suspect"] = (int(gold.label == SUSPECT), not accepted >= _STORY_LABELS)
    elif not accepted >= {CHROME, OFF_TOPIC}:  # prose around an article may be either: it says nothing
        answers["offtopic"] = (int(gold.label == OFF_TOPIC), True)
    return answers


def _constant(share: float) -> Forest:
    """Give a forest without trees for a question that training data does not answer both ways."""
    share = min(max(share, 1e-3), 1 - 1e-3)
    probe = HistGradientBoostingClassifier(max_iter=1, min_samples_leaf=1).fit([[0.0], [1.0]], [0, 1])
    nodes = Forest.of(probe).nodes[:0]
    return Forest(nodes, np.zeros(1, dtype=np.int64), float(np.log(share / (1 - share))), 1.0)


def _platt(log_odds: Array, target: Target, judged: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and shift that make log-odds true ones (Platt 1999), from the documents of real life."""
    use = target.known & (judged > 0)
    if len(np.unique(target.y[use])) < 2 or min(np.bincount(target.y[use])) < 5:
        return 1.0, 0.0
    model = LogisticRegression(C=100.0).fit(
        log_odds[use, None], target.y[use], sample_weight=target.weight[use] * judged[use]
    )
    return max(float(model.coef_[0, 0]), 0.05), float(model.intercept_[0])


def _expit(values: NDArray[Any]) -> Array:
    result: Array = (1.0 / (1.0 + np.exp(-np.clip(values, -30, 30)))).astype(np.float32)
    return result
