import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from classifier.forest import _ROWS_AT_ONCE, Forest


@pytest.fixture(scope="module")
def fitted():
    """A model on six columns, one of no use, with missing values; and rows that it did not see."""
    random = np.random.default_rng(3)
    X = random.normal(size=(_ROWS_AT_ONCE + 200, 6)).astype(np.float32)
    y = (X[:, 0] + X[:, 1] * X[:, 2] > 0.3).astype(int)
    X[:, 5] = 0.0
    X[random.random(X.shape) < 0.1] = np.nan
    X[:, 5] = 0.0
    model = HistGradientBoostingClassifier(max_iter=12, max_leaf_nodes=8, learning_rate=0.2, random_state=0)
    half = len(X) // 2
    weight = random.random(half)
    return model.fit(X[:half], y[:half], sample_weight=weight), X


def test_log_odds_are_scikit_learns(fitted):
    model, X = fitted
    np.testing.assert_allclose(Forest.of(model).log_odds(X), model.decision_function(X), rtol=1e-9, atol=1e-9)


def test_contributions_add_up_to_the_log_odds_less_the_roots(fitted):
    model, X = fitted
    forest = Forest.of(model)
    roots = (forest.nodes["value"][forest.offsets[:-1]] * forest.learning_rate).sum()
    contributions = forest.contributions(X)
    assert contributions.shape == X.shape
    np.testing.assert_allclose(contributions.sum(axis=1), forest.log_odds(X) - forest.baseline - roots, atol=2e-5)


def test_a_column_that_no_tree_asks_contributes_nothing(fitted):
    model, X = fitted
    contributions = Forest.of(model).contributions(X)
    assert not contributions[:, 5].any()
    strength = np.abs(contributions).mean(axis=0)
    assert strength[:3].min() > strength[3:].max()


def test_a_row_is_scored_the_same_alone(fitted):
    model, X = fitted
    forest = Forest.of(model)
    rows = [0, 7, _ROWS_AT_ONCE, len(X) - 1]
    np.testing.assert_array_equal(np.concatenate([forest.log_odds(X[[i]]) for i in rows]), forest.log_odds(X)[rows])
    alone = np.concatenate([forest.contributions(X[[i]]) for i in rows])
    np.testing.assert_array_equal(alone, forest.contributions(X)[rows])


def test_no_rows_give_no_answers(fitted):
    model, X = fitted
    forest = Forest.of(model)
    assert forest.log_odds(X[:0]).shape == (0,)
    assert forest.contributions(X[:0]).shape == (0, 6)


def test_a_forest_without_trees_says_its_baseline(fitted):
    model, X = fitted
    nodes = Forest.of(model).nodes[:0]
    forest = Forest(nodes, np.zeros(1, dtype=np.int64), -1.5, 1.0)
    assert set(forest.log_odds(X)) == {-1.5}
    assert not forest.contributions(X).any()
