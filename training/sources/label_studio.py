"""Label Studio: tasks with predictions out, annotations in (its JSON import and export).

A document is one task, so that people see a paragraph among its neighbours. It is shown by the tag
`Paragraphs`, a region of which says by number which paragraphs it covers; what else is known of a region
stands in choices per region. Set up the project with `CONFIG`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from classifier.document import Document, Gold, Paragraph
from classifier.labels import LABELS, REASON_CODES
from training.corpus import CorpusError
from training.sources.tasks import Item, choose_annotator, document_of, fields_of, gold_of, gold_of_names

#: The labelling interface that the tasks are made for.
CONFIG: Final = f"""<View>
  <ParagraphLabels name="label" toName="text">
    {"".join(f'<Label value="{label}" hotkey="{key}"/>' for key, label in enumerate(LABELS, 1))}
  </ParagraphLabels>
  <Choices name="reason" toName="text" perRegion="true" whenTagName="label" whenLabelValue="suspect">
    {"".join(f'<Choice value="{code}"/>' for code in REASON_CODES)}
  </Choices>
  <Choices name="also" toName="text" perRegion="true" choice="multiple">
    {"".join(f'<Choice value="{label}"/>' for label in LABELS)}
  </Choices>
  <Paragraphs name="text" value="$paragraphs" layout="dialogue" nameKey="number" textKey="text"/>
</View>
"""


def write(items: Iterable[Item]) -> bytes:
    """Give tasks as Label Studio imports them: labels as annotations, the model's verdicts as predictions."""
    return orjson.dumps([task(item) for item in items], option=orjson.OPT_INDENT_2)


def task(item: Item) -> dict[str, Any]:
    """Describe one document as a task."""
    document = item.document
    texts = [paragraph.text for paragraph in document.paragraphs]
    paragraphs = [{"number": str(number), "text": text} for number, text in enumerate(texts, 1)]
    described: dict[str, Any] = {"data": {**fields_of(document), "paragraphs": paragraphs}}
    if item.labelled:
        results = [_regions(i, p.text, p.gold) for i, p in enumerate(document.paragraphs) if p.gold]
        described["annotations"] = [{"result": [region for regions in results for region in regions]}]
    if item.scored:
        predicted = [
            {**_regions(i, text, Gold(scored.label))[0], "score": scored.confidence}
            for i, (text, scored) in enumerate(zip(texts, item.scored, strict=True))
        ]
        # Tasks of low score are what Label Studio can ask for first.
        score = min(scored.confidence for scored in item.scored)
        described["predictions"] = [{"model_version": "newsift", "score": score, "result": predicted}]
    return described


def _regions(place: int, text: str, gold: Gold) -> list[dict[str, Any]]:
    where = {"start": str(place), "end": str(place), "startOffset": 0, "endOffset": len(text)}
    region = {"id": f"p{place}", "to_name": "text"}
    label = {"from_name": "label", "type": "paragraphlabels"}
    regions = [{**region, **label, "value": {**where, "text": text, "paragraphlabels": [gold.label]}}]
    for name, chosen in (("reason", [gold.reason] if gold.reason else []), ("also", list(gold.also))):
        if chosen:
            value = {**where, "choices": chosen}
            regions.append({**region, "from_name": name, "type": "choices", "value": value})
    return regions


def read(raw: bytes, where: str, annotator: str | None = None) -> list[Document]:
    """Read an export (JSON) of Label Studio.

    Parameters
    ----------
    raw : bytes
        The file.
    where : str
        Its name, for messages.
    annotator : str, optional
        Id or e-mail address of the person whose annotations to take, where several people annotated.

    Raises
    ------
    CorpusError
        The file is no such export, or its tasks are not as `CONFIG` makes them; names the task.
    """
    try:
        tasks = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise CorpusError(f"{where}: not JSON ({error}); export from Label Studio as 'JSON'") from None
    if not isinstance(tasks, list):
        raise CorpusError(f"{where}: must be a list of tasks; export from Label Studio as 'JSON'")
    return [_document(given, f"{where}, task {number}", annotator) for number, given in enumerate(tasks, 1)]


def _document(given: Any, where: str, annotator: str | None) -> Document:
    data: Any = given.get("data") if isinstance(given, dict) else None
    lines = data.get("paragraphs") if isinstance(data, dict) else None
    if not isinstance(lines, list) or not all(isinstance(line, dict) and "text" in line for line in lines):
        raise CorpusError(f"{where}: needs 'data' with a list 'paragraphs'; export as 'JSON', not 'JSON-MIN'")
    paragraphs = [Paragraph(str(line["text"])) for line in lines]
    result = _chosen(given.get("annotations") or [], where, annotator)
    for place, gold in _golds(result, paragraphs, where).items():
        paragraphs[place].gold = gold
    return document_of(data, paragraphs, where)


def _chosen(annotations: list[dict[str, Any]], where: str, wanted: str | None) -> list[dict[str, Any]]:
    """Results of the annotation that counts: ground truth if there is one, else the person's latest."""
    done = [annotation for annotation in annotations if not annotation.get("was_cancelled")]
    done = [annotation for annotation in done if annotation.get("ground_truth")] or done
    if wanted is not None:
        done = [annotation for annotation in done if wanted in _people(annotation)]
    else:
        choose_annotator([_people(annotation)[-1] for annotation in done], None, where)
    if not done:
        return []
    latest = max(done, key=lambda annotation: str(annotation.get("updated_at") or annotation.get("created_at") or ""))
    return list(latest.get("result") or [])


def _people(annotation: dict[str, Any]) -> list[str]:
    """Names of an annotation's author: the id and, where it is there, the address."""
    by = annotation.get("completed_by", "nobody")
    if isinstance(by, dict):
        return [str(by[name]) for name in ("id", "email") if by.get(name) is not None] or ["nobody"]
    return [str(by)]


def _golds(result: list[dict[str, Any]], paragraphs: list[Paragraph], where: str) -> dict[int, Gold]:
    covered: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    chosen: dict[tuple[int, str], list[str]] = defaultdict(list)
    for region in result:
        value, kind = region.get("value") or {}, region.get("type")
        if kind == "paragraphlabels":
            for place, size in _extent(value, paragraphs, where).items():
                for label in value["paragraphlabels"]:
                    covered[place][label] += size
        elif kind == "choices" and region.get("from_name") in ("reason", "also"):
            for place in _extent(value, paragraphs, where):
                chosen[place, region["from_name"]].extend(value.get("choices") or [])
    golds = {}
    for place, labels in covered.items():
        here = f"{where}, paragraph {place + 1}"
        gold = gold_of_names(labels, len(paragraphs[place].text), here)
        if gold is not None:
            reason = next(iter(chosen[place, "reason"]), None)
            golds[place] = gold_of(gold.label, chosen[place, "also"], reason, here)
    return golds


def _extent(value: Mapping[str, Any], paragraphs: list[Paragraph], where: str) -> dict[int, int]:
    """Paragraphs that a region covers, and how many characters of each."""
    try:
        start, end = int(value["start"]), int(value["end"])
        if not 0 <= start <= end < len(paragraphs):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise CorpusError(f"{where}: a region covers paragraphs that the task does not have") from None
    sizes = {place: len(paragraphs[place].text) for place in range(start, end + 1)}
    sizes[end] = min(sizes[end], int(value.get("endOffset", sizes[end])))
    sizes[start] -= int(value.get("startOffset", 0))
    return sizes
