"""From a scored paragraph to the reasons a person reads, out of the model's own features.

Every column's share in the verdict is read off the trees (`Forest.contributions`). Columns that answer one
question are added up to one reason; the reasons that spoke most for the label are put into words with the
values that the model saw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.document import Reason
from classifier.features import anchors, attribution, context, surface
from classifier.features.attribution import Sentence
from classifier.features.batch import Array, Batch
from classifier.forest import Forest
from classifier.labels import CHROME, CORE, OFF_TOPIC, SUSPECT
from classifier.model import Analysis, NewsClassifier, article_names, column_names, first_pass_names

#: Reasons given per paragraph, at the most.
MOST: Final = 3
#: A reason weaker than this share of the strongest is not worth a person's time.
WORTH: Final = 0.2
#: Which questions speak for a label, and with which sign.
_SPEAKS: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    CORE: (("story", 1), ("suspect", -1)),
    OFF_TOPIC: (("story", -1), ("offtopic", 1)),
    CHROME: (("story", -1), ("offtopic", -1)),
    SUSPECT: (("suspect", 1),),
}


@dataclass(slots=True, frozen=True)
class Seen:
    """What the model saw of one paragraph, for putting a reason into words."""

    text: str
    lowered: list[str]
    label: str
    values: dict[str, float]


Say = Callable[[Seen], str | None]


def _by(column: str, low: str | None, high: str | None, bound: float) -> Say:
    """Say one thing for small values of a column and another for large ones."""

    def say(seen: Seen) -> str | None:
        value = seen.values[column]
        return None if np.isnan(value) else (high if value > bound else low)

    return say


def _length(seen: Seen) -> str | None:
    words = int(seen.values["surface.words"])
    counted = f"{words} word{'s' * (words != 1)}"
    if seen.label in (CORE, SUSPECT):
        return f"running text of {counted}" if words >= 12 else f"short line of {counted} in the story's flow"
    return f"only {counted}" if words < 12 else f"a block of {counted}"


def _phrase(name: str, meaning: str) -> Say:
    def say(seen: Seen) -> str | None:
        word = surface.phrase_in(name, seen.lowered) if seen.label == CHROME else None
        return f"{meaning} (“{word[:30]}”)" if word else None

    return say


def _date(seen: Seen) -> str | None:
    short = seen.label == CHROME and seen.values["surface.words"] < 12
    return (
        "a date or time on a line of its own"
        if short and seen.values["surface.dates"] + seen.values["surface.times"]
        else None
    )


def _place(seen: Seen) -> str | None:
    before, after = seen.values["context.story_most_before"], seen.values["context.story_most_after"]
    if seen.label in (CORE, SUSPECT):
        return "stands inside the body of the story" if before > 0.02 and after > 0.02 else None
    if before < 0.02:
        return "stands before the story begins"
    return "stands after the story has ended" if after < 0.02 else "interrupts the story"


def _neighbours(seen: Seen) -> str | None:
    near = seen.values["context.story_near"]
    if seen.label in (CORE, SUSPECT):
        return "the paragraphs around it belong to the story" if near > 0.6 else None
    return "the lines around it are not the story either" if near < 0.4 else None


def _topic(seen: Seen) -> str | None:
    rank, words = seen.values["topic.body_rank"], seen.values["surface.words"]
    if words < 6:
        return None
    if seen.label in (CORE, SUSPECT):
        return "shares its vocabulary with the rest of the story" if rank > 0.8 else None
    return "shares few words with the main story" if rank < 0.7 else None


def _names(seen: Seen) -> str | None:
    known, count = seen.values["topic.entities_known"], seen.values["topic.entities"]
    if np.isnan(known) or count < 2:
        return None
    if seen.label in (CORE, SUSPECT):
        return "names people or places that the story is about" if known > 0.3 else None
    return "names nobody that the story names" if known < 0.2 else None


def _links(seen: Seen) -> str | None:
    share = seen.values["layout.link_share"]
    if np.isnan(share):
        return None
    if seen.label in (CORE, SUSPECT):
        return "is not a link" if share < 0.3 else None
    return f"{share:.0%} of it is a link" if share > 0.3 else None


def _tags(seen: Seen) -> str | None:
    regions = (("nav", "the navigation"), ("footer", "the page's footer"), ("aside", "a side box"),
               ("header", "the page's header"), ("figcaption", "a picture's caption"), ("form", "a form"),
               ("button", "a button"))  # fmt: skip
    if seen.label in (CORE, SUSPECT):
        inside = ("article", "main")
        return (
            "stands in the page's article element" if any(seen.values[f"layout.to_{t}"] < 99 for t in inside) else None
        )
    for tag, meaning in regions:
        if seen.values[f"layout.to_{tag}"] < 6:
            return f"stands in {meaning}"
    return None


def _naming(seen: Seen) -> str | None:
    value = seen.values["naming.story"]
    if np.isnan(value):
        return None
    if seen.label in (CORE, SUSPECT):
        return "its HTML class names are those of article bodies" if value > 0 else None
    return "its HTML class names are those of page furniture" if value < 0 else None


def _wording(seen: Seen) -> str | None:
    if seen.label == CORE:
        return "worded like reporting" if seen.values["wording.story"] > 0 else None
    return "worded like page furniture" if seen.label == CHROME and seen.values["wording.story"] < 0 else None


def _repeats(seen: Seen) -> str | None:
    count = int(seen.values["position.repeats"])
    return f"the same line stands {count} times in the document" if count > 1 and seen.label == CHROME else None


def _sentence_form(seen: Seen) -> str | None:
    ends = seen.values["surface.ends_sentence"] > 0
    if seen.label in (CORE, SUSPECT, OFF_TOPIC):
        return "is made of full sentences" if ends and seen.values["surface.words"] >= 8 else None
    return "does not end like a sentence" if not ends else None


def _function(seen: Seen) -> str | None:
    share = seen.values["surface.function_share"]
    if seen.label == CHROME:
        return "no verb or function word, as in labels and menus" if share == 0 else None
    return "reads as connected prose" if share > 0.25 else None


def _capitals(seen: Seen) -> str | None:
    if seen.label == CHROME and seen.values["surface.title_share"] > 0.6:
        return "Nearly Every Word Begins With a Capital"
    return None


def _trace(seen: Seen) -> str | None:
    if seen.label != CORE:
        return None  # of a suspect one, the missing source is the first reason anyway
    if seen.values["attribution.anchored_statements"] > 0:
        return "says where its statement can be checked"
    return "makes no claim that needs a source" if not seen.values["attribution.untraced_statements"] else None


def _reactions(seen: Seen) -> str | None:
    near = seen.values["attribution.unreached_near"]
    if seen.label == SUSPECT:
        return "stands in a row of statements without sources" if near > 0.5 else None
    return None


def _suspect_document(seen: Seen) -> str | None:
    told, untraced = (seen.values[f"attribution.{name}"] for name in ("statements", "unreached"))
    total = np.expm1(seen.values["attribution.document_statements"])
    others = seen.values["attribution.document_unreached"] * total - untraced
    lacking = seen.label == SUSPECT and others > 0.3 * max(total - told, 1)
    return "other paragraphs of this document lack sources too" if lacking else None


def _accuses(seen: Seen) -> str | None:
    return (
        "accuses or sensationalises without evidence"
        if (seen.label == SUSPECT and seen.values["attribution.accuse_untraced"] > 0)
        else None
    )


def _comment(seen: Seen) -> str | None:
    return (
        "speaks to the reader or in the first person, as comments do"
        if seen.label == OFF_TOPIC and (seen.values["surface.self_share"] + seen.values["surface.address_share"] > 0.04)
        else None
    )


#: Reason code -> the columns that it adds up (a trailing `*` takes all that begin so), and its words.
REASONS: Final[dict[str, tuple[tuple[str, ...], Say]]] = {
    "length": (("surface.chars", "surface.words", "surface.sentences", "surface.unique_share"), _length),
    "sentence": (("surface.ends_*", "surface.commas", "surface.starts_*"), _sentence_form),
    "function-words": (("surface.function_share", "surface.first_function", "surface.past_share"), _function),
    "capitals": (("surface.title_share", "surface.caps_share", "surface.upper_share"), _capitals),
    "share-words": (("surface.phrase_share",), _phrase("share", "words of sharing and following")),
    "consent-words": (("surface.phrase_consent",), _phrase("consent", "consent or privacy notice")),
    "promotion-words": (("surface.phrase_promotion",), _phrase("promotion", "subscription, sign-in or promotion")),
    "byline-words": (("surface.phrase_byline", "surface.leads_byline"), _phrase("byline", "byline or date line")),
    "credit-words": (("surface.phrase_credit", "surface.leads_credit"), _phrase("credit", "picture credit or caption")),
    "pointer-words": (("surface.phrase_pointer", "surface.leads_pointer"),
                      _phrase("pointer", "points to other articles")),
    "comment-words": (("surface.phrase_comment",), _phrase("comment", "comment or voting controls")),
    "legal-words": (("surface.phrase_legal", "surface.copyright_sign"), _phrase("legal", "copyright or legal notice")),
    "date": (("surface.dates", "surface.times"), _date),
    "contact-words": (("surface.phrase_contact",), _phrase("contact", "contact line or address")),
    "navigation-words": (("surface.phrase_navigation",), _phrase("navigation", "navigation words")),
    "fused": (("surface.fused", "surface.separators"),
              _by("surface.fused", None, "words run together, as in dumped menus", 0)),
    "repeated": (("position.repeats", "position.same_as_before", "context.repeat_*"), _repeats),
    "title": (("position.in_title", "topic.title_shared"),
              _by("position.in_title", None, "repeats the page's title", 0)),
    "place": (("position.place", "position.from_*", "position.prose_before", "position.to_prose*", "position.run_*",
               "position.in_longest_run", "context.story_most_*", "context.since_story", "context.until_story",
               "context.story_run*"), _place),
    "neighbours": (("position.words_*", "position.function_*", "position.ends_*", "context.story_*",
                    "context.heading_follows", "layout.same_parent_*", "layout.parent_prose_share"), _neighbours),
    "topic": (("topic.headline", "topic.body*", "topic.lead", "topic.before", "topic.after", "topic.around",
               "topic.segment*", "latent.*"), _topic),
    "names": (("topic.entities*",), _names),
    "links": (("layout.link*",), _links),
    "page-region": (("layout.to_*", "layout.depth", "layout.siblings", "layout.repeats"), _tags),
    "class-names": (("naming.story",), _naming),
    "wording": (("wording.*",), _wording),
    "source": (("attribution.anchor*", "attribution.unanchored*", "attribution.leading_unanchored",
                "attribution.unreached", "attribution.traced*", "attribution.untraced_s*", "attribution.cue_outlet",
                "attribution.cue_channel", "attribution.cue_occasion", "attribution.cue_document",
                "attribution.cue_day", "attribution.trace*", "attribution.leading_untraced",
                "attribution.statements"), _trace),
    "row-of-reactions": (("attribution.untraced_near", "attribution.unreached_near", "attribution.statements_near",
                          "attribution.reaction*", "context.suspect_*"), _reactions),
    "document-sources": (("attribution.document_*",), _suspect_document),
    "accusation": (("attribution.accuse*", "attribution.cue_accuse", "attribution.cue_sensation"), _accuses),
    "voice": (("surface.self_share", "surface.address_share", "attribution.cue_self"), _comment),
}  # fmt: skip


def explain(model: NewsClassifier, batch: Batch, analysis: Analysis, labels: Sequence[str]) -> list[tuple[Reason, ...]]:
    """Give the two or three things that spoke most for each paragraph's label.

    Parameters
    ----------
    model : NewsClassifier
    batch : Batch, n paragraphs
    analysis : Analysis
        From `model.analyse`.
    labels : sequence of str, length n
    """
    names, article = every_column(), _in_article()
    place = {row: number for number, row in enumerate(analysis.rows.tolist())}
    speaks = _contributions(model, analysis)
    members, codes = _membership()
    result = []
    for i, label in enumerate(labels):
        total = sum(sign * speaks[head][i] for head, sign in _SPEAKS[label])
        strength = members @ np.asarray(total)
        values = np.zeros(len(names), dtype=np.float32)
        values[: analysis.page.shape[1]] = analysis.page[i]
        if label == SUSPECT and i in place:
            values[article] = analysis.article[place[i]]
        seen = Seen(
            batch.texts[i],
            [token.lower() for token in batch.tokens[i]],
            label,
            dict(zip(names, values.tolist(), strict=True)),
        )
        reasons = [missing_source(batch.texts[i])] if label == SUSPECT else []
        for number in np.argsort(-strength):
            if len(reasons) == MOST or strength[number] <= WORTH * max(strength.max(), 1e-9):
                break
            said = REASONS[codes[number]][1](seen)
            if said:
                reasons.append(Reason(codes[number], said))
        result.append(tuple(reasons or [Reason("model", "no single feature decided; many small ones together")]))
    return result


def missing_source(text: str) -> Reason:
    """Name the reason code of a suspect paragraph, its quotation or claim, and what a reader would need."""
    sentences = attribution.analyse(text)
    # The model has called it suspect: a word that looks like a source ("ten times") does not make it traceable.
    vague = min((s for s in sentences if s.vague), key=lambda s: bool(s.anchors & anchors.FIRM), default=None)
    loose = (s for s in sentences if s.statement and not s.anchors & anchors.FIRM)
    stated = next((s for s in loose if s.speaker_kind not in ("", "crowd")), None)
    if stated is not None and (vague is None or stated.quotations):
        return Reason("S1", f"{_who(stated)}; no outlet, occasion, date or link here or next to it")
    if vague is not None:
        return Reason("S2", f"rests on {_authority(vague)}; nobody is named or described")
    quoted = next((s for s in sentences if s.quotations), None)
    if quoted is not None:
        return Reason("S1", f"quotes “{quoted.quotations[0][:50]}”; nothing here says who heard it, where or when")
    return Reason("S3", f"claims “{_clip(sentences[0].text if sentences else text)}” without evidence or source")


def _who(sentence: Sentence) -> str:
    speaker = sentence.speaker[:60]
    if sentence.quotations:
        return f"quoted: {speaker} (“{_clip(sentence.quotations[0], 40)}”)"
    return f"reported: {speaker}"


def _authority(sentence: Sentence) -> str:
    return f"“{sentence.speaker}”" if sentence.speaker_kind == "crowd" and sentence.speaker else "hearsay"


def _clip(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _contributions(model: NewsClassifier, analysis: Analysis) -> dict[str, Array]:
    """Contribution of every column to each question, (n, columns) each.

    The first pass's answer is passed on to its own columns. Suspect's columns are those of the article, with zeros
    where it was not asked.
    """
    names, X = every_column(), analysis.page
    width = len(first_pass_names())
    result = {}
    for number, head in enumerate(context.HEADS):
        passes = model.first_[number], model.second_[number]
        total = np.zeros((len(X), len(names)), dtype=np.float32)
        total[:, : X.shape[1]] = _both_passes(*passes, X, width, names.index(f"context.first_{head}"))
        result[head] = total
    suspect = np.zeros((len(X), len(names)), dtype=np.float32)
    answer = article_names().index("context.first_suspect")
    first, last = model.suspect_
    suspect[np.ix_(analysis.rows, _in_article())] = _both_passes(first, last, analysis.article, answer, answer)
    return {**result, "suspect": suspect}


def _both_passes(first: Forest, second: Forest, X: Array, width: int, answer: int) -> Array:
    """Contributions of the columns; those of the column `answer` are dealt out to the `width` that it was made from."""
    total = second.contributions(X)
    before = first.contributions(np.ascontiguousarray(X[:, :width]))
    scale = np.abs(before).sum(axis=1, keepdims=True)
    total[:, :width] += before / np.maximum(scale, 1e-6) * np.abs(total[:, answer : answer + 1])
    return total


@cache
def every_column() -> list[str]:
    """Every column that some question looks at: those of the page, and those of the article alone."""
    page = column_names()
    return page + [name for name in article_names() if name not in page]


@cache
def _in_article() -> NDArray[np.int64]:
    """Places of the article's columns among all."""
    names = every_column()
    return np.array([names.index(name) for name in article_names()], dtype=np.int64)


@cache
def _membership() -> tuple[Array, tuple[str, ...]]:
    """Matrix (reasons, columns) that adds up contributions, and the reasons' codes."""
    names = every_column()
    codes = tuple(REASONS)
    matrix = np.zeros((len(codes), len(names)), dtype=np.float32)
    taken: set[int] = set()
    for row, code in enumerate(codes):
        for pattern in REASONS[code][0]:
            for column, name in enumerate(names):
                fits = name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
                if fits and column not in taken:
                    taken.add(column)
                    matrix[row, column] = 1.0
    return matrix, codes
