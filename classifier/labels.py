"""The four labels, the reason codes of suspect paragraphs, and the languages suspect is judged in."""

from typing import Final

CORE: Final = "core"
OFF_TOPIC: Final = "off-topic"
CHROME: Final = "chrome"
SUSPECT: Final = "suspect"

#: In the order of every probability array and every report.
LABELS: Final[tuple[str, ...]] = (CORE, OFF_TOPIC, CHROME, SUSPECT)
#: Columns of those that belong to the story: what an extractor of main text would keep.
STORY_COLUMNS: Final = [LABELS.index(CORE), LABELS.index(SUSPECT)]

MEANING: Final[dict[str, str]] = {
    CORE: "the story itself: headline, body, lists, quotations that a reader can trace",
    OFF_TOPIC: "running prose that belongs to another story: leaked articles, comments, sponsored text",
    CHROME: "what the page put there: menus, share buttons, captions, bylines, links, notices",
    SUSPECT: "prose of the story that leans on something a reader cannot trace",
}

#: Why a suspect paragraph is suspect.
REASON_CODES: Final[dict[str, str]] = {
    "S1": "uncited reaction: someone is said to have said or felt something, with no outlet, occasion, date or link",
    "S2": "vague authority: the point rests on unnamed sources that are not described",
    "S3": "unsupported allegation: rumour, accusation or speculation put as fact",
}

#: Wordings of `suspect` are learned from English only; elsewhere its probability goes to core.
SUSPECT_LANGUAGES: Final = frozenset({"en"})
