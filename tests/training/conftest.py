"""A tiny set of labelled documents, as data and as a file."""

import orjson
import pytest

STREETS = ("Quay", "Mill", "Castle", "Orchard", "Station", "Garden", "Bridge", "Tower")
STORY = (
    "The council voted to rebuild {} Street for {} million crowns, the engineer Rita Moss told the Courier on Monday."
)
CLAIM = (
    "The foreign ministry of Norland condemned the plan for {} Street as “a wound to {} families” and left it there."
)
OTHER = "Divers from {} Island have found {} amphorae in a wreck that sank with its cargo of oil and grain long ago."


def labelled_record(number):
    """Two lines of furniture, six of a story, one untraceable claim, one of another story."""
    street = STREETS[number % len(STREETS)]
    lines = [{"text": f"Home | News | {number}", "label": "chrome"}, {"text": "Share this", "label": "chrome"}]
    lines += [{"text": STORY.format(street, number + i), "label": "core"} for i in range(6)]
    lines.append({"text": CLAIM.format(street, number), "label": "suspect", "reason": "S1"})
    lines.append({"text": OTHER.format(street, number), "label": "off-topic"})
    return {"id": f"made/{number}", "source": f"site-{number // 2}.com", "genre": "wire", "paragraphs": lines}


@pytest.fixture
def labelled_file(tmp_path):
    """Sixteen documents of eight sites."""
    path = tmp_path / "labelled.jsonl"
    path.write_bytes(b"".join(orjson.dumps(labelled_record(number)) + b"\n" for number in range(16)))
    return path
