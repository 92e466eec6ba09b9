"""The label guide in short, for people who label: one rule a label, in the order in which they are asked."""

from dataclasses import dataclass
from typing import Final

from classifier.labels import CHROME, CORE, OFF_TOPIC, SUSPECT


@dataclass(slots=True, frozen=True)
class Rule:
    """When a label applies: the question to ask, what says yes, what does not count."""

    label: str
    question: str
    yes: tuple[str, ...]
    no: tuple[str, ...] = ()


FIRST: Final = (
    "Read the whole document and find its main story: the headline and the text under it. "
    "Then ask the four questions in this order; the first yes decides."
)

RULES: Final = (
    Rule(
        CHROME,
        "Did the page put it there, rather than the writer of a story?",
        (
            "menus, breadcrumbs, tags, logos, counters and page numbers",
            "buttons to share, follow, subscribe, sign in, print or listen",
            "cookie, paywall, legal and advertising notices; pitches for newsletters, apps and events",
            "a byline, a date, a reading time or an outlet's name alone on its line; author boxes",
            "captions and credits of pictures",
            "links to other articles: “Read also …”, a bare headline, a one-line teaser",
            "comment forms, votes, and the names and dates over comments",
        ),
    ),
    Rule(
        OFF_TOPIC,
        "Is it running prose, but not of this document's story?",
        (
            "sentences of another story that leaked into the scrape",
            "readers' comments, sponsored or partner articles",
            "a digression that has nothing to do with the story",
        ),
        ("another outlet's paragraphs on the same event", "history that the story itself tells"),
    ),
    Rule(
        SUSPECT,
        "Is its main point something that a reader cannot trace, here or in the sentences next to it?",
        (
            "S1, uncited reaction: a public figure or institution said, felt or did something, and no "
            "outlet, channel, occasion, date or link is named",
            "S2, vague authority: the point rests on nameless experts, officials or studies",
            "S3, unsupported allegation: rumour, accusation, miracle or speculation told as fact",
        ),
        (
            "a named person whom the reporter evidently talked to",
            "an unnamed source who is described and tied to an outlet",
            "a false statement by a cited speaker: the citation counts",
            "plain facts, and opinion that is recognisably the writer's own",
        ),
    ),
    Rule(
        CORE,
        "Does it belong to the story in any other way?",
        (
            "the headline each time it is repeated, however wild its claim",
            "standfirst, key points, section headings, body, lists and tables",
            "quotations and posts that the story uses, its corrections and references",
        ),
    ),
)

MIXED: Final = (
    "A paragraph that mixes two goes to its larger part, except that an uncited claim that carries the point "
    "makes it suspect. Where two labels can be defended, set the better one and mark the other as acceptable."
)
