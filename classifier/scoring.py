"""The streaming engine: documents -> chunks -> workers -> scored documents, in order, in flat memory.

A chunk is a few hundred documents at most. It is parsed, cut into batches of some thousand paragraphs and
scored, here or in a worker process; a document that fails becomes a `Failure` in its place.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from classifier.document import Document, Failure, Reason, ScoredParagraph
from classifier.errors import NewsiftError
from classifier.features import Batch
from classifier.labels import LABELS, STORY_COLUMNS
from classifier.model import Adjust, NewsClassifier
from classifier.reading import Unread, read_html, read_text
from classifier.reading.sources import Ready, looks_like_html
from classifier.reasons import explain as explain_labels
from classifier.storage import default_model_path, load_model

#: Paragraphs scored at once: enough to amortise a call to each of the trees, few enough to stay in cache.
BATCH_PARAGRAPHS: Final = 4000
#: Bytes and documents of a chunk. Text of 4,000 paragraphs is about 600 kB, their pages six times as much.
CHUNK_BYTES: Final = 2_000_000
CHUNK_DOCUMENTS: Final = 256
#: Chunks that wait for each worker: one in hand and one next, so that none idles and few results pile up.
CHUNKS_PER_WORKER: Final = 2
#: A document has a main story from so many words of running prose that is the story's own ...
STORY_WORDS: Final = 50
#: ... which are at least this share of all its words.
STORY_SHARE: Final = 0.15

Input = Document | Failure | Unread
#: What is made of a scored document.
Finished = TypeVar("Finished")


class ScoringError(NewsiftError, RuntimeError):
    """Scoring cannot go on; the message is one sentence for a person."""


@dataclass(slots=True, frozen=True)
class ScoredDocument:
    """A document and the verdicts on its paragraphs.

    Attributes
    ----------
    document : Document
        Its metadata also says `article` (`story`, or `none` for a page without a main story) and
        `suspect` (`judged`, or `not judged: not English`). What workers and writers get of it has no layouts.
    paragraphs : list of ScoredParagraph
        One for each paragraph of the document, in order.
    """

    document: Document
    paragraphs: list[ScoredParagraph]

    def light(self) -> "ScoredDocument":
        """Leave the layouts behind: they are most of a page's size, and nothing after scoring looks at them."""
        paragraphs = [replace(paragraph, layout=None) for paragraph in self.document.paragraphs]
        return ScoredDocument(replace(self.document, paragraphs=paragraphs), self.paragraphs)


class Scorer:
    """A model ready to score: one article, or any number of them.

    Parameters
    ----------
    model : NewsClassifier
    card : dict, optional
        What the model was trained on, from `storage.load_model`.
    batch_paragraphs : int
        Paragraphs scored at once; one document is never split.
    """

    def __init__(
        self,
        model: NewsClassifier,
        card: dict[str, Any] | None = None,
        batch_paragraphs: int = BATCH_PARAGRAPHS,
    ) -> None:
        self.model = model
        self.card = card or {}
        self.batch_paragraphs = batch_paragraphs

    def score(
        self,
        source: str | Document | Iterable[str | Document],
        *,
        sensitivity: str = "default",
        explain: bool = True,
        id: str = "",
    ) -> Iterator[ScoredParagraph]:
        """Score the paragraphs of a text, a page or documents.

        Parameters
        ----------
        source : str, Document, or iterable of those
            A string is taken for HTML if it begins like a page, else for text of one paragraph a line.
        sensitivity : {"default", "high", "low"}
            How readily a paragraph is called suspect.
        explain : bool
            Give reasons too; costs about as much again as the scoring.
        id : str
            What a string is called in the results; those of an iterable get `-0`, `-1`, ... appended.

        Raises
        ------
        ScoringError
            A document cannot be scored.
        """
        self._check_sensitivity(sensitivity)
        for scored in self.score_documents(_documents(source, id), sensitivity=sensitivity, explain=explain):
            if isinstance(scored, Failure):
                raise ScoringError(str(scored))
            yield from scored.paragraphs

    def score_documents(
        self,
        documents: Iterable[Input],
        *,
        sensitivity: str = "default",
        explain: bool = True,
        jobs: int = 1,
    ) -> Iterator[ScoredDocument | Failure]:
        """Score a stream of documents; one comes out for each that goes in, in the same order.

        Parameters
        ----------
        documents : iterable of Document, Failure or unread documents
            Failures pass through in their place. Documents that `story.compare` gives are scored by what the
            other sources of their event have, too.
        sensitivity, explain
            As in `score`.
        jobs : int
            Worker processes; with 1, everything happens in this one.

        Raises
        ------
        ScoringError
            A worker process died.
        """
        finish = ScoredDocument.light if jobs > 1 else _itself
        return self.map_documents(finish, documents, sensitivity=sensitivity, explain=explain, jobs=jobs)

    def map_documents(
        self,
        finish: Callable[[ScoredDocument], Finished],
        documents: Iterable[Input],
        *,
        sensitivity: str = "default",
        explain: bool = True,
        jobs: int = 1,
    ) -> Iterator[Finished | Failure]:
        """Score a stream of documents and give what `finish` makes of each, in order.

        It runs where the document was scored, so that workers share that work, too, and need not send more than it
        makes. The rest is as in `score_documents`.
        """
        self._check_sensitivity(sensitivity)
        chunks = _chunks(documents)
        if jobs <= 1:
            for chunk in chunks:
                yield from self.finish_chunk(finish, chunk, sensitivity, explain)
        else:
            yield from _in_workers(self, finish, chunks, sensitivity, explain, jobs)

    def finish_chunk(
        self, finish: Callable[[ScoredDocument], Finished], chunk: Iterable[Input], sensitivity: str, explain: bool
    ) -> Iterator[Finished | Failure]:
        """Score one chunk here."""
        for result in self._score_chunk(chunk, sensitivity, explain):
            yield result if isinstance(result, Failure) else finish(result)

    def _check_sensitivity(self, sensitivity: str) -> None:
        known = self.model.thresholds_
        if sensitivity not in known:
            raise ValueError(f"sensitivity is one of {', '.join(sorted(known))}, not {sensitivity!r}")

    def _score_chunk(
        self, chunk: Iterable[Input], sensitivity: str, explain: bool
    ) -> Iterator[ScoredDocument | Failure]:
        waiting: list[Document | Failure] = []
        paragraphs = 0
        for item in chunk:
            document = parsed(item)
            size = len(document.paragraphs) if isinstance(document, Document) else 0
            if paragraphs and paragraphs + size > self.batch_paragraphs:
                yield from self._score_mixed(waiting, sensitivity, explain)
                waiting, paragraphs = [], 0
            waiting.append(document)
            paragraphs += size
        yield from self._score_mixed(waiting, sensitivity, explain)

    def _score_mixed(
        self, items: Sequence[Document | Failure], sensitivity: str, explain: bool
    ) -> Iterator[ScoredDocument | Failure]:
        scored = iter(self._score_safely([x for x in items if isinstance(x, Document)], sensitivity, explain))
        for item in items:
            yield item if isinstance(item, Failure) else next(scored)

    def _score_safely(
        self, documents: list[Document], sensitivity: str, explain: bool
    ) -> list[ScoredDocument | Failure]:
        """Score a batch; where that fails, score its documents one by one to find which is to blame."""
        try:
            return list(self._score_batch(documents, sensitivity, explain))
        except Exception as error:
            if len(documents) == 1:
                what = f"could not be scored ({type(error).__name__}: {error}); please report it"
                return [Failure(documents[0].id, what)]
        return [result for document in documents for result in self._score_safely([document], sensitivity, explain)]

    def _score_batch(self, documents: list[Document], sensitivity: str, explain: bool) -> Iterator[ScoredDocument]:
        filled = [document for document in documents if document.paragraphs]
        if not filled:
            yield from (ScoredDocument(document, []) for document in documents)
            return
        batch = Batch(filled)
        analysis = self.model.analyse(batch)
        probabilities = self.model.probabilities(batch, analysis.log_odds, adjust=_story_adjustment(filled))
        labels = self.model.decide(batch, probabilities, sensitivity)
        own = probabilities[:, STORY_COLUMNS].sum(axis=1) > 0.5
        shares = rounded(probabilities).tolist()
        reasons: Sequence[Sequence[Reason]] = [()] * len(batch)
        if explain:
            reasons = explain_labels(self.model, batch, analysis, labels.tolist())
        row = number = 0
        for document in documents:
            size = len(document.paragraphs)
            if size == 0:
                yield ScoredDocument(document, [])
                continue
            here = slice(row, row + size)
            story = has_story(batch.words[here], batch.prose[here], own[here])
            judged = "judged" if batch.english[number] else "not judged: not English"
            metadata = {**document.metadata, "article": "story" if story else "none", "suspect": judged}
            why = _with_story(document, reasons[here]) if explain else reasons[here]
            verdicts = _verdicts(document, labels[here].tolist(), shares[here], why)
            yield ScoredDocument(replace(document, metadata=metadata), verdicts)
            row += size
            number += 1


def load(path: str | Path | None = None) -> Scorer:
    """Load a model, or the one that comes with newsift, ready to score.

    Raises
    ------
    ModelError
        The file is no model that this newsift can use.
    """
    return Scorer(*load_model(Path(path) if path is not None else default_model_path()))


def rounded(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Round to millionths that still sum to 1, by what the largest gains or loses; shape (n, 4)."""
    if not np.isfinite(probabilities).all():
        raise ValueError("the model gave a probability that is no number")
    millionths = np.rint(probabilities.astype(np.float64) * 1e6)
    largest = probabilities.argmax(axis=1)
    millionths[np.arange(len(millionths)), largest] += 1e6 - millionths.sum(axis=1)
    result: NDArray[np.float64] = millionths / 1e6
    return result


def has_story(words: NDArray[Any], prose: NDArray[np.bool_], own: NDArray[np.bool_]) -> bool:
    """Tell whether a document has a main story at all; shop pages, forums and lists of links have none.

    Parameters
    ----------
    words : float array (paragraphs,)
    prose : bool array (paragraphs,)
        Which paragraphs look like running text.
    own : bool array (paragraphs,)
        Which are more likely of a story than not. Labels keep the likeliest text of a page in doubt, too
        (`decision.weighed`): with them 62 instead of 51 % of unseen collections had a story, of articles 98 both ways.
    """
    told = float(words[prose & own].sum())
    return told >= STORY_WORDS and told >= STORY_SHARE * float(words.sum())


def _verdicts(
    document: Document, labels: list[str], shares: list[list[float]], reasons: Sequence[Sequence[Reason]]
) -> list[ScoredParagraph]:
    scored = []
    rows = zip(document.paragraphs, labels, shares, reasons, strict=True)
    for number, (paragraph, label, share, why) in enumerate(rows):
        probabilities = dict(zip(LABELS, share, strict=True))
        scored.append(
            ScoredParagraph(
                document.id,
                number,
                paragraph.text,
                label,
                probabilities[label],
                probabilities,
                why,
                paragraph.story.data if paragraph.story is not None else None,
            )
        )
    return scored


def _story_adjustment(documents: Sequence[Document]) -> Adjust | None:
    """Give what moves the suspect question by what other sources have; None where none were compared."""
    told = [paragraph.story for document in documents for paragraph in document.paragraphs]
    if all(story is None for story in told):
        return None
    from classifier.story.reading import COLUMNS, adjust  # noqa: PLC0415 - brings scipy's clustering

    nothing = (0.0,) * len(COLUMNS)
    rows = np.array([nothing if story is None else story.columns for story in told])
    return lambda log_odds: adjust(log_odds, rows)


def _with_story(document: Document, reasons: Sequence[Sequence[Reason]]) -> list[Sequence[Reason]]:
    """Append what the other sources have to the reasons of a document's paragraphs."""
    return [
        why if paragraph.story is None else (*why, *paragraph.story.reasons)
        for paragraph, why in zip(document.paragraphs, reasons, strict=True)
    ]


def _documents(source: str | Document | Iterable[str | Document], name: str) -> Iterator[Document]:
    if isinstance(source, Document):
        yield source
    elif isinstance(source, str):
        page = looks_like_html(source.lstrip("\ufeff \t\r\n")[:1024].lower().encode("utf-8", "replace"))
        yield read_html(source, name) if page else read_text(source, name)
    else:
        for number, item in enumerate(source):
            yield from _documents(item, f"{name or 'document'}-{number}")


def parsed(item: Input) -> Document | Failure:
    """Read what is not read yet; one that cannot be is a `Failure`."""
    if isinstance(item, Document | Failure):
        return item
    try:
        return item.read()
    except Exception as error:
        return Failure(item.where, f"could not be read ({type(error).__name__}: {error}); please report it")


def _chunks(items: Iterable[Input]) -> Iterator[list[Input]]:
    chunk: list[Input] = []
    size = 0
    for item in items:
        chunk.append(item)
        if isinstance(item, Document):
            size += Ready(item).size
        elif not isinstance(item, Failure):
            size += item.size
        if size >= CHUNK_BYTES or len(chunk) >= CHUNK_DOCUMENTS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


# -- workers -------------------------------------------------------------------------------------------

_worker: Scorer | None = None


def _in_workers(  # noqa: PLR0917 - one caller, and all of it is needed
    scorer: Scorer,
    finish: Callable[[ScoredDocument], Finished],
    chunks: Iterator[list[Input]],
    sensitivity: str,
    explain: bool,
    jobs: int,
) -> Iterator[Finished | Failure]:
    """Score chunks in processes, a bounded number ahead of who takes the results."""
    from joblib.externals.loky.process_executor import (  # noqa: PLC0415 - one process needs none
        BrokenProcessPool,
        ProcessPoolExecutor,
    )

    executor = ProcessPoolExecutor(jobs, initializer=_start_worker, initargs=(scorer,))
    finished = False
    try:
        running = deque(
            executor.submit(_finish_in_worker, finish, chunk, sensitivity, explain)
            for chunk in islice(chunks, jobs * CHUNKS_PER_WORKER)
        )
        while running:
            results = running.popleft().result()
            for chunk in islice(chunks, 1):
                running.append(executor.submit(_finish_in_worker, finish, chunk, sensitivity, explain))
            yield from results
        finished = True
    except BrokenProcessPool:
        raise ScoringError("a worker process died, perhaps of too little memory; try fewer --jobs") from None
    finally:
        executor.shutdown(wait=True, kill_workers=not finished)


#: Thresholds of Python's collector for a process that only scores.
RARELY: Final = (200_000, 50, 50)


def collect_rarely() -> None:
    """Let Python look for cyclic garbage rarely, and never among what is loaded by now.

    A process that only scores makes thousands of small objects a page, none of which is garbage before the page is
    done: with Python's own thresholds a third of the time of reading HTML goes into looking for it. For commands
    and workers; a library must leave its host's collector alone.
    """
    import gc  # noqa: PLC0415

    gc.freeze()
    gc.set_threshold(*RARELY)


def _start_worker(scorer: Scorer) -> None:
    import signal  # noqa: PLC0415

    collect_rarely()
    global _worker  # noqa: PLW0603 - a process's own copy of the model, loaded once
    _worker = scorer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle


def _finish_in_worker(
    finish: Callable[[ScoredDocument], Finished], chunk: list[Input], sensitivity: str, explain: bool
) -> list[Finished | Failure]:
    if _worker is None:
        raise ScoringError("a worker process was not set up")
    return list(_worker.finish_chunk(finish, chunk, sensitivity, explain))


def _itself(scored: ScoredDocument) -> ScoredDocument:
    return scored
