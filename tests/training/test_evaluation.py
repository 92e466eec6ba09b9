import numpy as np
import orjson
import pytest
from sklearn import metrics

from classifier.document import Document, Gold, Paragraph, Reason
from classifier.labels import LABELS
from training import evaluation
from training.evaluation import EvaluationError, OtherSet, compare, evaluate
from training.scores import Bootstrap, confusion_counts


def make_documents(golds, per_document=10):
    """Documents of a few paragraphs each with the given gold labels (a label, a Gold or None)."""
    golds = [Gold(gold) if isinstance(gold, str) else gold for gold in golds]
    paragraphs = [Paragraph(f"Paragraph {i} says a thing or two.", gold=gold) for i, gold in enumerate(golds)]
    parts = [paragraphs[i : i + per_document] for i in range(0, len(paragraphs), per_document)]
    return [
        Document(f"doc-{i}", list(part), source=f"site-{i}.com", metadata={"genre": "wire" if i % 2 else "blog"})
        for i, part in enumerate(parts)
    ]


@pytest.fixture(scope="module")
def sample():
    random = np.random.default_rng(7)
    gold = random.choice(LABELS, size=400, p=[0.4, 0.1, 0.35, 0.15])
    scores = random.normal(size=(400, 4)) + 2.0 * (gold[:, None] == np.array(LABELS))
    P = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return make_documents(list(gold)), gold, P, np.array(LABELS)[P.argmax(axis=1)]


def judge(documents, P, labels, **options):
    given = {"protocol": {"date": "2026-01-01"}, "model_card": {"name": "test"}, "bootstrap": 200, **options}
    return evaluate(documents, P, labels, **given)


def certain(labels):
    """Probabilities that are sure of labels."""
    return np.eye(4)[[LABELS.index(label) for label in labels]]


def test_scores_agree_with_scikit_learn(sample):
    documents, gold, P, labels = sample
    found = judge(documents, P, labels)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(gold, labels, labels=LABELS)
    for i, label in enumerate(LABELS):
        row = found["strict"]["labels"][label]
        assert row["precision"]["value"] == pytest.approx(precision[i], abs=1e-6)
        assert row["recall"]["value"] == pytest.approx(recall[i], abs=1e-6)
        assert row["f1"]["value"] == pytest.approx(f1[i], abs=1e-6)
        assert row["support"] == support[i]
    for mean in ("macro", "weighted"):
        expected = metrics.precision_recall_fscore_support(gold, labels, average=mean)[:3]
        got = [found["strict"][mean][name]["value"] for name in ("precision", "recall", "f1")]
        assert got == pytest.approx(expected, abs=1e-6)
    assert found["strict"]["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(gold, labels))
    assert found["strict"]["confusion"] == metrics.confusion_matrix(gold, labels, labels=LABELS).tolist()
    story = [np.isin(values, ("core", "suspect")) for values in (gold, labels)]
    assert found["strict"]["story_f1"]["value"] == pytest.approx(metrics.f1_score(*story), abs=1e-6)


def test_probability_figures_agree_with_scikit_learn(sample):
    documents, gold, P, labels = sample
    found = judge(documents, P, labels)
    one_hot = gold[:, None] == np.array(LABELS)
    for i, label in enumerate(LABELS):
        expected = metrics.average_precision_score(one_hot[:, i], P[:, i])
        assert found["precision_recall"][label]["average_precision"] == pytest.approx(expected, abs=1e-6)
        brier = metrics.brier_score_loss(one_hot[:, i], P[:, i])
        assert found["calibration"]["after"]["labels"][label]["brier"] == pytest.approx(brier, abs=1e-6)
        curve = found["thresholds"][label]
        at = curve["threshold"].index(0.5)
        assert curve["precision"][at] == pytest.approx(metrics.precision_score(one_hot[:, i], P[:, i] >= 0.5), abs=1e-6)
        assert curve["recall"][at] == pytest.approx(metrics.recall_score(one_hot[:, i], P[:, i] >= 0.5), abs=1e-6)
    # scikit-learn sorts the classes by name
    order = np.argsort(LABELS)
    brier = metrics.brier_score_loss(gold, P[:, order], labels=sorted(LABELS))
    assert found["calibration"]["after"]["brier"]["value"] == pytest.approx(brier, abs=1e-6)


def test_intervals_hold_the_value_and_are_those_of_documents_not_paragraphs():
    # Ten documents that are right or wrong as a whole: ten witnesses, however many paragraphs they have.
    gold = [label for _ in range(10) for label in (*LABELS, *LABELS)]
    wrong = {"core": "chrome", "chrome": "core", "off-topic": "chrome", "suspect": "core"}
    labels = [label if i // 8 < 7 else wrong[label] for i, label in enumerate(gold)]
    found = judge(make_documents(gold, 8), certain(labels), labels, bootstrap=2000)["strict"]["accuracy"]
    assert found["value"] == pytest.approx(0.7)
    assert found["low"] == pytest.approx(0.4, abs=0.1)
    assert found["high"] == pytest.approx(1.0, abs=0.1)


def test_resampled_sums_are_sums_of_whole_documents():
    doc, gold, predicted = np.array([0, 0, 1]), np.array([0, 1, 2]), np.array([0, 0, 2])
    sums = Bootstrap(2, 300, 1).sums(confusion_counts(doc, gold, predicted, 2))
    assert set(map(tuple, sums[:, [0, 4, 10]])) == {(2, 2, 0), (1, 1, 1), (0, 0, 2)}
    again = Bootstrap(2, 300, 1).sums(confusion_counts(doc, gold, predicted, 2))
    assert np.array_equal(sums, again)


def test_acceptable_alternatives_are_left_out_of_strict_scores_and_count_as_right_in_lenient_ones():
    gold = [*LABELS, *LABELS, Gold("core", ("suspect",)), Gold("chrome", ("off-topic",)), None]
    labels = [*LABELS, *LABELS, "suspect", "core", "core"]
    found = judge(make_documents(gold, 4), certain(labels), labels)
    assert found["strict"]["paragraphs"] == 8
    assert found["strict"]["accuracy"]["value"] == 1.0
    assert found["lenient"]["paragraphs"] == 10
    assert found["lenient"]["accuracy"]["value"] == pytest.approx(0.9)
    assert found["data"]["with_alternatives"] == 2
    assert found["data"]["not_judged"] == 1
    assert found["data"]["labels"]["chrome"] == {"strict": 2, "with_alternatives": 1}


def test_calibration_error_by_hand():
    # Four paragraphs said with 0.7 of which three are right, four said with 1.0 of which all are.
    gold = ["core", "core", "core", "chrome", "core", "off-topic", "chrome", "suspect"]
    P = np.array([[0.7, 0.1, 0.1, 0.1]] * 4 + [list(row) for row in np.eye(4)])
    labels = np.array(LABELS)[P.argmax(axis=1)]
    found = judge(make_documents(gold, 4), P, labels)["calibration"]
    assert found["after"]["ece"]["value"] == pytest.approx(0.5 * abs(0.75 - 0.7))
    assert [row["paragraphs"] for row in found["after"]["reliability"]] == [4, 4]
    assert found["after"]["reliability"][0]["right"]["value"] == 0.75
    assert found["before"] is None


def test_risk_coverage_by_hand():
    gold = [*LABELS, "core"]
    P = np.array([[0.9, 0.1, 0, 0], [0.2, 0.8, 0, 0], [0, 0.3, 0.7, 0], [0.6, 0, 0, 0.4], [1, 0, 0, 0]])
    found = judge(make_documents(gold, 3), P, np.array(LABELS)[P.argmax(axis=1)])["risk_coverage"]
    whole, most = found["points"][-1], found["points"][15]
    assert (whole["coverage"], whole["accuracy"], whole["confidence"]) == (1.0, 0.8, 0.6)
    assert (most["coverage"], most["paragraphs"], most["accuracy"]) == (0.8, 4, 1.0)
    assert found["area"] == pytest.approx((0 + 0 + 0 + 0 + 0.2) / 5)


def test_baselines_stand_beside_the_model_with_paired_tests(sample):
    documents, gold, P, labels = sample
    other = np.where(np.arange(400) % 2 == 0, labels, "core")
    found = {
        row["name"]: row for row in judge(documents, P, labels, baselines={"half": other, "same": labels})["baselines"]
    }
    assert list(found) == ["majority label", "half", "same"]
    assert found["majority label"]["accuracy"]["value"] == pytest.approx((gold == "core").mean())
    half = found["half"]
    assert half["lead"]["accuracy"]["value"] == pytest.approx(
        (labels == gold).mean() - (other == gold).mean(), abs=1e-6
    )
    assert half["mcnemar"]["only_model"] == ((labels == gold) & (other != gold)).sum()
    assert half["mcnemar"]["p"] < 0.001 < half["lead"]["accuracy"]["low"]
    assert found["same"]["lead"]["macro_f1"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert found["same"]["mcnemar"] == {"only_model": 0, "only_baseline": 0, "p": 1.0}


def test_mcnemar_is_the_exact_binomial_test():
    gold, model, other = np.zeros(6, int), np.array([0, 0, 0, 0, 0, 1]), np.array([1, 1, 1, 1, 1, 0])
    found = evaluation.mcnemar(gold, model, other, np.ones(6, bool))
    assert found == {"only_model": 5, "only_baseline": 1, "p": pytest.approx(2 * (1 + 6) / 64)}


def test_slices_come_worst_first_and_small_ones_are_marked():
    gold = list(LABELS) * 100
    documents = make_documents(gold, 40)
    labels = ["chrome" if (i // 40) % 2 and i % 3 == 0 else label for i, label in enumerate(gold)]
    documents[0].metadata["page_type"] = "forum"
    documents[1].metadata["page_type"] = "article"
    rows = judge(documents, certain(labels), labels)["slices"]
    genres = [row for row in rows if row["dimension"] == "genre"]
    assert [row["value"] for row in genres] == ["wire", "blog"]
    assert (genres[0]["paragraphs"], genres[0]["documents"], genres[0]["small"]) == (200, 5, False)
    assert genres[1]["accuracy"]["value"] == 1.0
    types = [row for row in rows if row["dimension"] == "page type"]
    assert {row["small"] for row in types} == {True}
    small = [row["small"] for row in rows]
    assert small == sorted(small)
    big = [row["accuracy"]["value"] for row in rows if not row["small"]]
    assert big == sorted(big)


def test_slices_of_reason_codes_lengths_positions_and_collections():
    gold = [*LABELS[:3], Gold("suspect", reason="S1"), *LABELS[:3], Gold("suspect", reason="S2")] * 5
    documents = make_documents(gold, 8)
    for i, document in enumerate(documents):
        document.source = f"wild:{i}" if i % 2 else f"tame:{i}"
    documents[0].paragraphs[0].text = "word " * 100
    labels = [item if isinstance(item, str) else "suspect" for item in gold]
    rows = {(row["dimension"], row["value"]): row for row in judge(documents, certain(labels), labels)["slices"]}
    assert rows["reason code", "S1"]["paragraphs"] == 5
    assert rows["reason code", "S1"]["macro_f1"]["value"] is None
    assert rows["paragraph length", "80 words and more"]["paragraphs"] == 1
    assert rows["source", "wild"]["documents"] == 2
    assert rows["position", "first fifth"]["paragraphs"] == 10


def test_error_gallery_folds_near_duplicates_and_shows_neighbours_and_reasons():
    gold = [*LABELS] * 6
    documents = make_documents(gold, 4)
    for document in documents:
        document.paragraphs[2].text = f"Sign up for our daily newsletter, edition {document.id[-1]}"
    labels = ["core" if label == "chrome" else label for label in gold]
    reasons = [(Reason("R", f"because of {i}"),) for i in range(len(gold))]
    found = judge(documents, certain(labels), labels, reasons=reasons)["errors"]
    (kind,) = found
    assert (kind["gold"], kind["predicted"], kind["count"]) == ("chrome", "core", 6)
    (item,) = kind["examples"]
    assert (item["document"], item["paragraph"], item["alike"], item["confidence"]) == ("doc-0", 2, 5, 1.0)
    assert item["reasons"] == [{"code": "R", "text": "because of 2"}]
    assert item["before"] == {
        "text": documents[0].paragraphs[1].text,
        "gold": "off-topic",
        "predicted": "off-topic",
    }
    assert item["after"]["gold"] == "suspect"


def test_text_that_may_not_be_quoted_is_nowhere_in_the_data(sample):
    documents, _, P, labels = sample
    found = judge(documents, P, labels, quote=lambda document: document.id != "doc-3")
    items = [item for kind in found["errors"] for item in kind["examples"]]
    assert any(item["text"] for item in items)
    hidden = judge(documents, P, labels, quote=lambda document: False)
    assert b"says a thing" not in orjson.dumps(hidden)
    assert all(item["characters"] > 10 for kind in hidden["errors"] for item in kind["examples"])


def test_extraction_view_by_hand():
    documents = make_documents([*LABELS, *LABELS], 4)
    texts = ("One two three four five.", "Other prose.", "Menu", "Six seven eight nine.")
    for document in documents:
        for paragraph, text in zip(document.paragraphs, texts, strict=True):
            paragraph.text = text
    documents[0].metadata["gold"] = "One two three four five. Six seven eight nine."
    labels = ["core", "off-topic", "core", "chrome", *LABELS]
    found = judge(documents, certain(labels), labels)["extraction"]
    assert found["documents"] == 1
    row = found["rows"][0]
    # Kept: one two three four five menu (6 words, 5 of them gold's 9); 3 shingles, 2 of gold's 6.
    assert row["word_precision"]["value"] == pytest.approx(5 / 6, abs=1e-6)
    assert row["word_recall"]["value"] == pytest.approx(5 / 9, abs=1e-6)
    assert row["word_f1"]["value"] == pytest.approx(10 / 15, abs=1e-6)
    assert row["shingle_f1"]["value"] == pytest.approx(4 / 9, abs=1e-6)
    assert judge(make_documents([*LABELS] * 2, 4), certain([*LABELS] * 2), [*LABELS] * 2)["extraction"] is None


def test_main_text_that_a_page_holds_twice_counts_once():
    long = " ".join(f"word{number}" for number in range(30))
    documents = make_documents([*LABELS, *LABELS], 4)
    for paragraph, text in zip(documents[0].paragraphs, (long, long, "Menu", "Menu"), strict=True):
        paragraph.text = text
    documents[0].metadata["gold"] = f"{long} Menu Menu"
    labels = ["core"] * 4 + list(LABELS)
    row = judge(documents, certain(labels), labels)["extraction"]["rows"][0]
    assert row["word_precision"]["value"] == row["word_recall"]["value"] == 1


def test_main_text_is_told_apart_by_language():
    english = "The council said that it would not pay for the bridge and that the work was to stop for now. "
    german = "Der Rat teilte mit, dass er die Brücke nicht bezahlen werde und die Arbeiten vorerst ruhen. "
    documents = make_documents(list(LABELS))
    for name, text in (("page-1", english), ("page-2", german)):
        lines = [Paragraph(text * 3, gold=None), Paragraph("Menu", gold=None)]
        documents.append(Document(name, lines, name, metadata={"gold": text * 3, "page_type": "article"}))
    documents += make_documents(list(LABELS))
    labels = [*LABELS, "core", "chrome", "core", "core", *LABELS]
    found = judge(documents, certain(labels), labels)["extraction"]["languages"]
    assert [(row["name"], row["documents"]) for row in found] == [("English", 1), ("no English prose", 1)]
    assert found[0]["word_precision"]["value"] == 1 > found[1]["word_precision"]["value"]


def test_other_documents_have_tables_of_their_own(sample):
    documents, _, P, labels = sample
    others = make_documents(["core", "core", "off-topic", "chrome"], per_document=2)
    answers = np.array(["core", "off-topic", "off-topic", "chrome"])
    alone = judge(documents, P, labels)
    found = judge(documents, P, labels, others=[OtherSet("Spliced", "Made so.", others, answers)])
    assert found["strict"] == alone["strict"]
    (table,) = found["other_sets"]
    assert (table["name"], table["documents"], table["paragraphs"]) == ("Spliced", 2, 4)
    assert table["labels"]["off-topic"]["precision"]["value"] == 0.5
    assert table["labels"]["core"]["recall"]["value"] == 0.5


def test_the_data_are_plain_and_the_same_twice(sample):
    documents, _, P, labels = sample
    first = orjson.dumps(judge(documents, P, labels, uncalibrated=P[:, ::-1]))
    assert first == orjson.dumps(judge(documents, P, labels, uncalibrated=P[:, ::-1]))
    assert orjson.loads(first)["schema"] == "newsift-metrics/1"


# -- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"P": np.full((7, 4), 0.25)}, r"probabilities: 7 x 4 numbers for 8 paragraphs"),
        ({"P": np.full((8, 4), 0.5)}, r"row 0 is .* no probability"),
        ({"P": np.full((8, 4), np.nan)}, r"no probability"),
        ({"labels": ["core"] * 9}, r"labels: 9 labels for 8 paragraphs"),
        ({"labels": ["spam"] * 8}, r"unknown label 'spam'; the labels are core"),
        ({"baselines": {"rules": ["core"]}}, r"baseline 'rules': 1 labels for 8"),
        ({"reasons": [()]}, r"reasons: 1 entries for 8"),
        ({"uncalibrated": np.ones((8, 3))}, r"uncalibrated probabilities: 8 x 3"),
        ({"gold": ["core", "chrome"] * 4}, r"no paragraph of the data is labelled off-topic or suspect"),
        ({"per_document": 8}, r"only one of the 1 documents has labels.*at least two"),
        ({"gold": [None] * 8}, r"none of the 2 documents has labels"),
    ],
)
def test_what_cannot_be_judged_is_said_clearly(change, message):
    gold = [*LABELS, *LABELS]
    documents = make_documents(change.pop("gold", gold), change.pop("per_document", 4))
    P, labels = change.pop("P", certain(gold)), change.pop("labels", gold)
    with pytest.raises(EvaluationError, match=message):
        judge(documents, P, labels, **change)


def test_old_and_foreign_metrics_files_are_refused(tmp_path):
    path = tmp_path / "metrics.json"
    for content, message in [
        (b'{"schema": "newsift-metrics/0"}', r"written as newsift-metrics/0, but this version reads"),
        (b'{"f1": 1}', r"not a newsift metrics file"),
        (b"[1]", r"not a newsift metrics file"),
        (b"{", r"not a JSON file"),
    ]:
        path.write_bytes(content)
        with pytest.raises(EvaluationError, match=message):
            evaluation.read_metrics(path)
    with pytest.raises(EvaluationError, match="cannot be read"):
        evaluation.read_metrics(tmp_path / "none.json")


# -- comparing -------------------------------------------------------------------------------------


def rows_of(found):
    return {row["name"]: row for row in found["rows"]}


def test_a_model_is_no_better_than_itself(sample):
    documents, _, P, labels = sample
    data = judge(documents, P, labels)
    found = compare(data, data)
    assert found["paired"]
    assert found["worse"] == []
    assert {row["difference"]["value"] for row in found["rows"]} == {0.0}
    assert not any(row["larger_than_noise"] for row in found["rows"])


def test_a_loss_larger_than_noise_is_named(sample):
    documents, gold, P, labels = sample
    new, old = (
        judge(documents, P, np.full(400, "core")),
        judge(documents[::-1], *reordered(documents, P, labels)),
    )
    found = compare(new, old)
    assert found["paired"]
    assert {"accuracy", "macro-F1", "suspect F1"} <= set(found["worse"])
    row = rows_of(found)["accuracy"]
    assert row["difference"]["value"] == pytest.approx((gold == "core").mean() - (labels == gold).mean(), abs=1e-5)
    assert row["difference"]["high"] < 0
    assert rows_of(compare(old, new))["accuracy"]["better"] is True
    assert compare(old, new)["worse"] == []


def reordered(documents, P, labels):
    """Predictions for the documents in reverse order."""
    starts = np.cumsum([0, *(len(document.paragraphs) for document in documents)])
    order = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in reversed(range(len(documents)))])
    return P[order], labels[order]


def test_a_smaller_brier_score_is_better(sample):
    documents, gold, P, labels = sample
    found = rows_of(compare(judge(documents, certain(gold), labels), judge(documents, P, labels)))
    assert found["Brier"]["difference"]["value"] < 0
    assert found["Brier"]["better"] is True


def test_other_documents_or_other_gold_labels_are_not_paired(sample):
    documents, _, P, labels = sample
    data = judge(documents, P, labels)
    half = judge(documents[:20], P[:200], labels[:200])
    found = compare(data, half)
    assert not found["paired"]
    assert "did not judge the same documents" in found["note"]
    assert found["worse"] == []  # the same model on half of the data is within noise
    relabelled = make_documents([*LABELS] * 100)
    assert not compare(data, judge(relabelled, P, labels))["paired"]


def test_comparing_with_a_foreign_file_is_refused(sample):
    documents, _, P, labels = sample
    with pytest.raises(EvaluationError, match="the old metrics: not a newsift metrics file"):
        compare(judge(documents, P, labels), {})
