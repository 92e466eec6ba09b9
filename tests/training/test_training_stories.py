from dataclasses import replace

import numpy as np
import orjson
import pytest

from classifier.document import Document, Paragraph
from classifier.features.batch import Batch
from classifier.model import NewsClassifier
from classifier.story.reading import COLUMNS, default_parameters, parameters_of
from training.corpus import CorpusError, own_corpus, read_labelled
from training.stories import (
    HELD_OUT,
    adjustment_table,
    base_of,
    best_threshold,
    figures,
    fit_adjustment,
    held_out_scores,
    judge,
    learn,
    pair_table,
    read_clusters,
)


@pytest.fixture(scope="module")
def clusters():
    return read_clusters()


def test_clusters_hold_a_dozen_events_of_several_sources(clusters):
    assert len(clusters) >= 12
    for cluster in clusters:
        assert 4 <= len(cluster.documents) <= 6
        assert cluster.quotations <= cluster.matches and cluster.conflicts
        assert len({document.source for document in cluster.documents}) == len(cluster.documents)


def test_matching_of_held_out_events_is_good(clusters):
    tables = [pair_table(cluster) for cluster in clusters]
    scores = held_out_scores(clusters, tables)
    threshold = best_threshold(clusters, scores)
    said = [{pair for pair, value in found.items() if value >= threshold} for found in scores]
    measured = figures(said, [cluster.matches for cluster in clusters])
    assert measured["precision"] > 0.85 and measured["recall"] > 0.85


@pytest.fixture(scope="module")
def held_out():
    return read_clusters(own_corpus() / HELD_OUT)


def test_held_out_events_are_others_than_those_learned_from(clusters, held_out):
    assert len(held_out) >= 6
    assert all(4 <= len(cluster.documents) <= 5 for cluster in held_out)
    assert all(cluster.quotations and cluster.conflicts for cluster in held_out)
    known, judged = (
        {d.source for cluster in part for d in cluster.documents} | {cluster.name for cluster in part}
        for part in (clusters, held_out)
    )
    assert not known & judged


def test_shipped_parameters_hold_on_held_out_events(held_out):
    judged = judge(held_out, default_parameters())
    assert judged["documents"] == sum(len(cluster.documents) for cluster in held_out)
    assert judged["matching"]["precision"] > 0.9 and judged["matching"]["recall"] > 0.75
    assert judged["matching_quotations"]["precision"] > 0.9 and judged["matching_quotations"]["recall"] > 0.9
    assert judged["matching_quotations"]["gold"] == sum(len(cluster.quotations) for cluster in held_out)
    assert judged["conflicts"]["precision"] > 0.75


def test_matches_that_no_reader_found_cost_precision(held_out):
    poorer = [replace(cluster, matches=set(), quotations=set()) for cluster in held_out]
    judged = judge(poorer, default_parameters())
    assert judged["matching"]["precision"] == judged["matching_quotations"]["precision"] == 0


def test_learning_gives_data_that_loads_and_signs_that_mean_something(clusters):
    def base(documents):
        return np.zeros(sum(len(document.paragraphs) for document in documents))

    data, measured = learn(clusters[:4], base)
    weights = dict(zip(COLUMNS, parameters_of(orjson.loads(orjson.dumps(data))).adjust_weights, strict=True))
    assert weights["carried_traced"] < 0 <= weights["alone_untraced"]
    assert measured["suspect_log_loss"]["with"] < measured["suspect_log_loss"]["without"]


def test_adjustment_takes_the_models_log_odds_as_offset():
    X = np.array([[1.0, 0, 0, 0, 0, 0]] * 40 + [[0.0] * 6] * 40)
    y = np.array([0] * 40 + [1] * 20 + [0] * 20)
    free = fit_adjustment(X, y, np.zeros(80))
    known = fit_adjustment(X, y, np.where(X[:, 0] > 0, -6.0, 0.0))
    assert free[0] < -1 and abs(known[0]) < 0.1
    assert not free[1:].any()


def test_paragraphs_that_suspect_is_not_asked_of_teach_nothing(clusters):
    def log_odds(documents):
        values = np.zeros(sum(len(document.paragraphs) for document in documents))
        values[::2] = np.nan
        return values

    cluster, parameters = clusters[0], default_parameters()
    everything = adjustment_table(cluster, lambda documents: np.nan_to_num(log_odds(documents)), parameters)
    asked = adjustment_table(cluster, log_odds, parameters)
    assert 0 < len(asked.y) < len(everything.y)
    assert len(asked.y) == len(asked.X) == len(asked.log_odds)
    assert not np.isnan(asked.log_odds).any()


def test_parameters_of_other_columns_are_refused():
    data = {"match": {"columns": ["x"]}, "adjust": {"columns": []}}
    with pytest.raises(ValueError, match="other columns"):
        parameters_of(data)


def test_gold_of_an_unknown_story_is_named(tmp_path):
    (tmp_path / "gold").mkdir()
    record = {"id": "a", "source": "s", "story": "one", "paragraphs": [{"text": "x", "label": "core"}]}
    (tmp_path / "one.jsonl").write_bytes(orjson.dumps(record))
    gold = {"story": "two", "kind": "copy", "a": ["a"], "b": ["a"]}
    (tmp_path / "gold" / "matching.jsonl").write_bytes(orjson.dumps(gold))
    with pytest.raises(CorpusError, match=r"matching\.jsonl:1.*'two'"):
        read_clusters(tmp_path)


def test_base_log_odds_are_calibrated_and_missing_where_suspect_is_not_asked(clusters):
    menu = Document("menu", [Paragraph(text) for text in ("Share", "Home | World | Sport", "Subscribe", "© 2026")])
    documents = [*clusters[0].documents, menu]
    model = NewsClassifier(max_iter=20).fit(read_labelled([own_corpus() / "wire.jsonl"])[:20])
    values, analysis = base_of(model)(documents), model.analyse(Batch(documents))
    asked = np.isin(np.arange(len(values)), analysis.rows)
    assert 0 < asked.sum() < len(asked)
    assert np.isnan(values[~asked]).all()
    slope, shift = model.calibration_[2]
    np.testing.assert_allclose(values[asked], analysis.log_odds[asked, 2] * slope + shift, rtol=1e-5)
