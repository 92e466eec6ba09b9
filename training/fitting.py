"""From labelled data to a fitted model: what is learned from, grouped cross-validation, the final fit."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from classifier.document import Document
from classifier.features.batch import Array, Batch
from classifier.model import NewsClassifier, Table
from training.augmentation import DUMPS, crop, dump, splice
from training.corpus import CorpusError, golds_of, label_counts, own_corpus, read_labelled
from training.shares import REAL, STANDOFF, calibration_weights
from training.sources.pages import load_pages
from training.sources.standoff import JoinReport, join, label_pages, read_standoff, wcxb_pages
from training.sources.wcxb import load_wcxb, overlay, sites_by_page

#: What a document's paragraphs count, by where it comes from. Labels made by reading count most; what counts less
#: than 1 is sampled (`NewsClassifier.rows_per_document`). Of `yours` it is the least.
WEIGHTS: Final = {
    "yours": 3.0,
    "labelled": 3.0,
    "own": 0.5,
    "own-cropped": 0.35,
    "page": 0.9,
    "pair": 0.1,
    "wcxb-text": 0.5,
    "wcxb-html": 0.7,
    "spliced": 0.35,
    "cropped": 0.5,
}
#: Origins of public pages, as HTML and as text.
PUBLIC: Final = ("wcxb-html", "wcxb-text")
#: What a page or its dump counts when its labels were made by reading: nearly all, and still sampled.
READ_WEIGHT: Final = 0.9
#: Labels of whole WCXB pages by reading, in place of those aligned with the pages' gold text.
READ: Final = "standoff/wcxb-read.jsonl"
#: A user's documents beside the default recipe count together as much as all others together, since they show the
#: pages that the model is for and a few must speak up against hundreds; but none counts more than this, twice ours,
#: since the quirks of a dozen pages are not to be learned by heart.
YOURS_AT_MOST: Final = 6.0
#: Articles that the project wrote in pairs: the same statements with and without a trace. They teach the difference;
#: but half of their statements are suspect, as they never are in life, so they count little.
PAIRS: Final = "pairs"
#: HTML pages that the project wrote with their labels, below its corpus: what public pages hardly hold.
PAGES: Final = "pages"
#: Pages with more paragraphs (link lists, catalogues) teach little about articles and cost the most.
MAX_PARAGRAPHS: Final = 600
#: Spliced documents per hundred text documents that could host one. With 150 that count half as much as 60 did,
#: off-topic on unseen sites was found with an average precision of 0.86 instead of 0.82; 300 gained no more.
SPLICES_PER_HUNDRED: Final = 150
#: Sites among which stories are spliced. Inner folds keep a pool together, so that no model is asked about a story
#: that it saw leaked elsewhere; fewer sites would leave too few likely donors.
SITES_PER_POOL: Final = 10
#: Short pieces per hundred of the same documents, and of those that the project wrote. Without the latter, models knew
#: statements in whole articles that they missed in eight lines cut out of them.
PIECES_PER_HUNDRED: Final = 20
OWN_PIECES_PER_HUNDRED: Final = 80
#: Parameters of the classifier that training changes.
DEFAULTS: Final[Mapping[str, Any]] = {}


@dataclass(slots=True)
class TrainingSet:
    """Documents to learn from, each with its origin, its group and its outer fold (-1: never held out).

    `sources` is what the model's card says of them; `pools`, which sites are spliced with each other; `joined`, what
    stand-off labels found and did not.
    """

    documents: list[Document] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    folds: list[int] = field(default_factory=list)
    sources: dict[str, Any] = field(default_factory=dict)
    pools: dict[str, str] = field(default_factory=dict)
    joined: JoinReport | None = None

    def add(self, documents: Sequence[Document], origin: str, folds: Sequence[int]) -> None:
        """Add documents of one origin."""
        for document in documents:
            document.metadata["origin"] = origin
        self.documents.extend(documents)
        self.origins.extend([origin] * len(documents))
        self.folds.extend(folds)

    def weights(self) -> NDArray[np.float64]:
        """Give what each document's paragraphs count."""
        weights = np.array([WEIGHTS[origin] for origin in self.origins])
        page = np.isin(self.origins, PUBLIC)
        read = page & np.array(["read" in document.metadata for document in self.documents], dtype=bool)
        weights[read] = np.maximum(weights[read], READ_WEIGHT)
        yours = np.array([origin == "yours" for origin in self.origins], dtype=bool)
        if yours.any():
            counts = np.array([len(document.paragraphs) for document in self.documents])
            balance = (weights * counts)[~yours].sum() / max(1, counts[yours].sum())
            weights[yours] = np.clip(balance, WEIGHTS["yours"], YOURS_AT_MOST)
        return weights

    def real(self) -> NDArray[np.bool_]:
        """Documents whose shares of labels are those of life."""
        return np.array([origin in REAL for origin in self.origins])

    def mixed(self) -> NDArray[np.bool_]:
        """Documents that show which share of other stories' prose is found: read ones, and spliced ones."""
        leaky = [
            origin == "spliced" or (origin == "wcxb-html" and "read" in document.metadata)
            for document, origin in zip(self.documents, self.origins, strict=True)
        ]
        return np.logical_or(self.real(), leaky)

    def unmixed(self) -> NDArray[np.bool_]:
        """Documents that were not made of others."""
        return ~np.isin(self.origins, ("spliced", "cropped", "own-cropped"))

    def inner_groups(self) -> NDArray[Any]:
        """Pool of each document's site (or its site, without one): no inner split may divide a host and its donor."""
        return np.array([self.pools.get(group, group) for group in self.groups().tolist()])

    def groups(self) -> NDArray[Any]:
        """Site of each document."""
        return np.array([document.source or document.id for document in self.documents])


def gather(
    data: Sequence[Path],
    *,
    wcxb: Path | None = None,
    yours: Sequence[Path] = (),
    support: bool = True,
    folds: int = 5,
    seed: int = 0,
    without: frozenset[str] = frozenset(),
) -> TrainingSet:
    """Read every source of training data and make the augmented documents.

    Parameters
    ----------
    data : sequence of Path
        Labelled JSONL files or folders: real documents, judged in cross-validation. With `wcxb` and no data, the
        stand-off labels that the repository ships are joined with its pages.
    wcxb : Path, optional
        A WCXB split folder: its pages teach main content against the rest, as HTML and dumped to text.
    yours : sequence of Path
        Labelled files of a user's, to learn from beside the recipe. They have the origin `yours`, take the place of
        ours with the same ID, and are dealt to folds apart, so that ours stay in the folds that they have without.
    support : bool
        Add what the project wrote, which teaches the rare labels and is judged never: its documents, the paired
        ones and the HTML pages.
    folds : int
        Outer folds. Sites are dealt to folds before anything is spliced, so that no host meets a donor of
        another fold.
    seed : int
        Of folds, dumps and splices.
    without : frozenset of str
        Origins to leave out (for ablations).

    Raises
    ------
    CorpusError
        Something cannot be read, or too little is left.
    """
    own_path = own_corpus().resolve()
    theirs = [path for path in data if path.resolve() != own_path]
    labelled = read_labelled(theirs) if theirs else []
    joined = join(read_standoff(own_path / STANDOFF), wcxb_pages(wcxb)) if wcxb and not data else None
    if joined:
        labelled = joined.scrapes
    own = read_labelled([own_path]) if support or any(path.resolve() == own_path for path in data) else []
    pairs = read_labelled([own_path / PAIRS]) if support and (own_path / PAIRS).is_dir() else []
    written = load_pages(own_path / PAGES) if support and (own_path / PAGES).is_dir() else []
    mine = read_labelled(yours) if yours else []
    corrected = {document.id for document in mine}
    labelled, own, pairs, written = (
        [document for document in part if document.id not in corrected] for part in (labelled, own, pairs, written)
    )
    pages = [page for page in load_wcxb(wcxb) if 0 < len(page.paragraphs) <= MAX_PARAGRAPHS] if wcxb else []
    read = None
    if wcxb:
        read = label_pages(pages, read_standoff(own_path / READ))
        overlay(pages, [*labelled, *mine])
        sites = sites_by_page(wcxb)
        for document in [*labelled, *mine]:
            document.source = sites.get(document.source, document.source)
    result = TrainingSet(joined=joined.report if joined else None)
    if not labelled and not mine and not pages:
        labelled, own = own, []  # the own corpus alone: then it is what is judged
    ours = [*labelled, *pages]
    dealt = _deal(ours, folds, seed, alone=not own) if ours or not mine else {}
    unseen = [document for document in mine if document.source not in dealt]
    if unseen:
        dealt |= _deal(unseen, folds, seed, alone=not own and not ours)
    result.pools = _pools(dealt, seed)
    random = np.random.default_rng(seed)
    result.add(mine, "yours", [dealt[document.source] for document in mine])
    result.add(labelled, "labelled", [dealt[document.source] for document in labelled])
    written += [_dumped(page, random) for page in written]
    for origin, documents in (("own", own), ("pair", pairs), ("page", written)):
        if origin not in without:
            result.add(documents, origin, [-1] * len(documents))
    articles = [page for page in pages if page.metadata["page_type"] == "article"]
    dumps = [_dumped(page, random) for page in articles]
    for origin, documents in (("wcxb-text", dumps), ("wcxb-html", pages)):
        if origin not in without:
            result.add(documents, origin, [dealt[document.source] for document in documents])
    _augment(result, [*mine, *labelled, *dumps], dealt, own, without, random)
    result.sources = {
        "labelled": [str(path) for path in data] or (f"{STANDOFF}: {joined.report}" if joined else []),
        "yours": [str(path) for path in yours],
        "wcxb": str(wcxb) if wcxb else None,
        "read": f"{READ}: {read}" if read else None,
        "documents": dict(Counter(result.origins)),
        "labels": {
            origin: label_counts([d for d, o in zip(result.documents, result.origins, strict=True) if o == origin])
            for origin in dict.fromkeys(result.origins)
        },
        "sites": len(set(result.groups().tolist())),
    }
    return result


def _augment(  # noqa: PLR0917 - one caller
    result: TrainingSet,
    hosts: Sequence[Document],
    dealt: Mapping[str, int],
    own: Sequence[Document],
    without: frozenset[str],
    random: np.random.Generator,
) -> None:
    """Add what is made of text documents: stories spliced into each other, and short pieces."""
    for origin, make, per_hundred in (("spliced", splice, SPLICES_PER_HUNDRED), ("cropped", crop, PIECES_PER_HUNDRED)):
        if origin not in without:
            for members in _by_pool(hosts, result.pools):
                made = make(members, round(len(members) * per_hundred / 100), random)
                result.add(made, origin, [dealt[members[0].source]] * len(made))
    if not {"own", "own-cropped"} & without:
        pieces = crop(own, round(len(own) * OWN_PIECES_PER_HUNDRED / 100), random)
        result.add(pieces, "own-cropped", [-1] * len(pieces))


def _dumped(page: Document, random: np.random.Generator) -> Document:
    return dump(page, DUMPS[int(random.integers(len(DUMPS)))], random)


def _deal(documents: Sequence[Document], folds: int, seed: int, *, alone: bool) -> dict[str, int]:
    """Deal the sites to folds; a single site is a fold, unless there is nothing else to learn from."""
    groups = np.array([document.source for document in documents])
    folds = min(folds, len(set(groups.tolist())))
    if folds == 1 and not alone:
        return {groups[0]: 0}
    if folds < 2:
        raise CorpusError("training needs labelled documents of at least two sources (sites)")
    splitter = GroupKFold(folds, shuffle=True, random_state=seed)
    dealt: dict[str, int] = {}
    for number, (_, held) in enumerate(splitter.split(groups, groups=groups)):
        dealt.update(dict.fromkeys(groups[held].tolist(), number))
    return dealt


def _pools(dealt: Mapping[str, int], seed: int) -> dict[str, str]:
    """Deal the sites of each fold to small pools, within which stories are spliced."""
    order = np.random.default_rng(seed).permutation(len(dealt))
    sites = sorted(dealt)
    pools: dict[str, str] = {}
    for fold in sorted(set(dealt.values())):
        members = [sites[i] for i in order if dealt[sites[i]] == fold]
        count = max(1, len(members) // SITES_PER_POOL)
        pools |= {site: f"pool {fold}.{place % count}" for place, site in enumerate(members)}
    return pools


def _by_pool(documents: Sequence[Document], pools: Mapping[str, str]) -> Iterator[list[Document]]:
    """Articles in text that may host or donate a leaked story, pool by pool."""
    for pool in sorted(set(pools.values())):
        members = [document for document in documents if pools[document.source] == pool]
        if members:
            yield members


def fit(training: TrainingSet, *, seed: int = 0) -> NewsClassifier:
    """Fit a model on all of a training set."""
    base = Table.of(Batch(training.documents)).base
    return fit_chosen(training, base, np.arange(len(training.documents)), seed)


def fit_chosen(
    training: TrainingSet, base: Array, chosen: NDArray[np.int64], seed: int, parameters: Mapping[str, Any] = DEFAULTS
) -> NewsClassifier:
    """Fit a model on some documents of a training set.

    Parameters
    ----------
    training : TrainingSet
    base : float array (paragraphs of all documents, columns)
        Features that need no fitting.
    chosen : int array
        Places of the documents to learn from.
    seed : int
    parameters : mapping
        Parameters of the classifier other than its own.
    """
    model = NewsClassifier(**{"random_state": seed, **parameters})
    documents = [training.documents[i] for i in chosen]
    rows = _rows_of(training.documents, chosen)
    table = Table(Batch(documents), base[rows])
    judged = calibration_weights(documents, [training.origins[i] for i in chosen])
    return model.fit_table(
        table,
        golds_of(documents),
        training.inner_groups()[chosen],
        training.weights()[chosen],
        judged,
        np.maximum(judged, training.mixed()[chosen][table.batch.doc]),
        training.unmixed()[chosen],
    )


def _rows_of(documents: Sequence[Document], chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    sizes = np.array([len(document.paragraphs) for document in documents])
    starts = np.cumsum(sizes) - sizes
    return np.concatenate([np.arange(starts[i], starts[i] + sizes[i]) for i in chosen] or [np.zeros(0, np.int64)])


#: Origins whose documents cross-validation scores.
JUDGED: Final = frozenset({"labelled", "spliced", "wcxb-html"})


@dataclass(slots=True)
class Judged:
    """Documents and the answers of models that did not see their sites; arrays are (paragraphs, 4) or (paragraphs,)."""

    documents: list[Document]
    probabilities: Array
    uncalibrated: Array
    labels: NDArray[Any]

    def only(self, origin: str) -> "Judged":
        """Keep the documents of one origin."""
        return self.those(lambda document: document.metadata["origin"] == origin)

    def those(self, test: Callable[[Document], bool]) -> "Judged":
        """Keep the documents that a test holds for."""
        chosen = np.array([i for i, document in enumerate(self.documents) if test(document)], dtype=np.int64)
        rows = _rows_of(self.documents, chosen)
        return Judged(
            [self.documents[i] for i in chosen],
            self.probabilities[rows],
            self.uncalibrated[rows],
            self.labels[rows],
        )


def cross_validate(
    training: TrainingSet,
    *,
    seed: int = 0,
    jobs: int = 1,
    judged: frozenset[str] = JUDGED,
    base: Array | None = None,
    among: NDArray[np.bool_] | None = None,
    parameters: Mapping[str, Any] = DEFAULTS,
) -> Judged:
    """Cross-validate by site: every judged document is scored by a model that saw nothing of its site.

    Parameters
    ----------
    training : TrainingSet
        Its outer folds are held out one after the other.
    seed : int
        Of the models.
    jobs : int
        Folds fitted at once, each in a process of its own.
    judged : frozenset of str
        Origins of the documents to score.
    base : float array (paragraphs, columns), optional
        The training set's features that need no fitting, where they were computed before. Those of the articles
        depend on the fit, and are computed in each.
    among : bool array (documents,), optional
        Documents to learn from; all, by default.
    parameters : mapping
        Parameters of the classifier other than its own.
    """
    if base is None:
        base = Table.of(Batch(training.documents)).base
    use = np.ones(len(training.documents), bool) if among is None else among
    folds = sorted({fold for fold in training.folds if fold >= 0})
    answers = Parallel(n_jobs=jobs)(
        delayed(_judge_fold)(training, base, fold, use, judged, seed, parameters) for fold in folds
    )
    # Workers answer with places, not documents: what comes back from a process is a copy.
    documents = [training.documents[i] for held, _ in answers for i in held]
    probabilities, uncalibrated, labels = (
        np.concatenate(part) for part in zip(*(answer for _, answer in answers), strict=True)
    )
    return Judged(documents, probabilities, uncalibrated, labels)


def _judge_fold(  # noqa: PLR0917 - called by joblib
    training: TrainingSet,
    base: Array,
    fold: int,
    use: NDArray[np.bool_],
    judged: frozenset[str],
    seed: int,
    parameters: Mapping[str, Any],
) -> tuple[list[int], tuple[Array, Array, NDArray[Any]]]:
    folds = np.array(training.folds)
    model = fit_chosen(training, base, np.flatnonzero((folds != fold) & use), seed, parameters)
    held = [i for i, origin in enumerate(training.origins) if folds[i] == fold and origin in judged]
    return held, judge(model, [training.documents[i] for i in held])


def judge(model: NewsClassifier, documents: Sequence[Document]) -> tuple[Array, Array, NDArray[Any]]:
    """Probabilities, probabilities before calibration, and labels of every paragraph of all documents."""
    batch = Batch(documents)
    log_odds = model.analyse(batch).log_odds
    probabilities = model.probabilities(batch, log_odds)
    return probabilities, model.probabilities(batch, log_odds, calibrated=False), model.decide(batch, probabilities)
