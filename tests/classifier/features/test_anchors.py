import time

import pytest

from classifier.features import anchors, cues
from classifier.features.attribution import analyse


def kinds(text: str) -> list[set[str]]:
    return [
        {name for place, name in enumerate(anchors.KINDS) if sentence.anchors >> place & 1}
        for sentence in analyse(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mayor Ruiz told Kanal Seks it was over.", {"told"}),
        ("Smith informed the court of the sale.", {"told"}),
        ("Ruiz tweeted that it was over.", {"told"}),
        ("The BBC said Smith had left.", {"outlet"}),
        ("The New York Times reported that Smith quit.", {"outlet"}),
        ('"It is over," the BBC quoted him as saying.', {"outlet"}),
        ("He said it in a letter to the club.", {"channel"}),
        ("Smith said on X that it was over.", {"channel"}),
        ("The statement said Iran would respond.", {"channel"}),
        ("Germany welcomed the deal at the summit in Rome.", {"occasion"}),
        ("The minister said so before parliament.", {"occasion"}),
        ("The minister said so before the finance committee.", {"occasion"}),
        ("Ruiz made that clear in a submission to the court.", {"document"}),
        ("Court documents say Smith lied.", {"document"}),
        ("Ruiz said on Monday that it was over.", {"day"}),
        ("The ministry issued a short statement.", {"issued"}),
        ("Its report counts 41,000 minutes.", {"issued"}),
        ("A person familiar with the plan praised it.", {"described"}),
        ("Smith praised it: https://example.org/a", {"link"}),
        ("According to Ruiz, it was over.", {"according"}),
    ],
)
def test_says_where_a_statement_was_made(text, expected):
    assert kinds(text)[0] >= expected


@pytest.mark.parametrize(
    "text",
    [
        "Norway welcomed the agreement and the summit's resolution.",
        "Ruiz criticised the newspaper and its journalists.",
        "Attacks on journalists are rising.",
        "A man from Leeds told his wife.",
        "Passengers were told their flights were cancelled.",
        "Critics condemned his tweet.",
        "In Washington, Congress passed the law, Smith said.",
        "He resigned in order to save money.",
        "It is used on a daily basis.",
        "Children line up before school.",
        "He is on trial for murder.",
        "Lawmakers from both parties voted.",
        "Protesters march as leaders voiced support.",
        "US President Joe Vane said it was good.",
        "He resigned citing health reasons.",
        "",
        "—",
        "政府は歓迎した。",
    ],
)
def test_words_that_a_statement_is_about_anchor_nothing(text):
    assert all(found == set() for found in kinds(text))


def test_what_is_quoted_anchors_nothing():
    assert kinds("“We are sad. I told the court on Monday that the report was wrong,” he said.") == [set(), set()]
    assert kinds('"We are sad. It is bad," Smith told Reuters on Monday.') == [set(), {"told", "day"}]


@pytest.mark.parametrize("word", sorted(anchors._TELLING | anchors._PUBLIC))
def test_every_verb_of_telling_can_fire(word):
    assert "told" in kinds(f"Smith {word} the court, said Ruiz.")[0]


@pytest.mark.parametrize("word", sorted(anchors._NUMBERED))
def test_every_numbered_part_can_fire(word):
    assert "issued" in kinds(f"Smith said so on {word} 9.")[0]


def test_cost_is_linear_in_the_sentence():
    def seconds(words: int) -> float:
        text, found = ["said", "Monday"] * words, [cues.REPORT, cues.DAY] * words
        begun = time.process_time()
        anchors.anchors(text, found)
        return time.process_time() - begun

    seconds(100)
    assert min(seconds(20_000) for _ in range(3)) < 30 * min(seconds(2_000) for _ in range(3))
