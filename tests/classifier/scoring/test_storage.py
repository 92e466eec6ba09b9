import io
import pickle
import zipfile
from copy import copy

import numpy as np
import orjson
import pytest

from classifier import storage
from classifier.forest import Forest
from classifier.storage import ModelError, load_model, save_model

from .conftest import made_document


def rewritten(source, target, change):
    """Copy a model file, its members changed by a function from dict to dict, with a digest that fits."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members = change(members)
    card = orjson.loads(members[storage.CARD])
    card["digest"] = storage._digest(members)
    members[storage.CARD] = orjson.dumps(card)
    target.write_bytes(storage._zipped(members))
    return target


def test_loaded_model_answers_as_the_saved_one(fitted, model_path):
    documents = [made_document(5), made_document(40)]
    loaded, card = load_model(model_path)
    assert np.array_equal(loaded.predict_proba(documents), fitted.predict_proba(documents))
    assert loaded.thresholds_ == fitted.thresholds_
    assert card["trained_on"] == "made documents"
    assert not hasattr(loaded, "out_of_fold_")


def test_same_model_gives_same_bytes_also_after_use(fitted, model_path, tmp_path):
    fitted.predict_proba([made_document(1)])
    again, _ = load_model(model_path)
    for model in (fitted, again):
        save_model(model, tmp_path / "again.skops", {"trained_on": "made documents"})
        assert (tmp_path / "again.skops").read_bytes() == model_path.read_bytes()


def test_card_lies_beside_the_model(model_path):
    beside = orjson.loads(model_path.with_name("small.card.json").read_bytes())
    assert beside == load_model(model_path)[1]


def test_skops_itself_reads_the_file(fitted, model_path):
    import skops.io

    model = skops.io.load(model_path, trusted=list(storage.TRUSTED))
    assert np.array_equal(model.predict_proba([made_document(2)]), fitted.predict_proba([made_document(2)]))


def test_unknown_type_is_refused_by_name(model_path, tmp_path):
    def smuggle(members):
        schema = orjson.loads(members["schema.json"])
        attributes = schema["content"]["content"]
        attributes["thresholds_"] = {
            "__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "content": {},
        }  # fmt: skip
        return {**members, "schema.json": orjson.dumps(schema)}

    with pytest.raises(ModelError, match=r"os\.system"):
        load_model(rewritten(model_path, tmp_path / "evil.skops", smuggle))


def test_tree_that_points_outside_itself_is_refused(fitted, model_path, tmp_path):
    def break_tree(members):
        for name, content in members.items():
            if name.endswith(".npy") and b"feature_idx" in content[:1000]:
                nodes = np.load(io.BytesIO(content))
                nodes["left"][nodes["is_leaf"] == 0] = 1_000_000
                buffer = io.BytesIO()
                np.save(buffer, nodes)
                return {**members, name: buffer.getvalue()}
        raise AssertionError("no trees in the model")

    with pytest.raises(ModelError, match="not a model that newsift wrote"):
        load_model(rewritten(model_path, tmp_path / "broken.skops", break_tree))


def _with_last_column(forest):
    nodes = forest.nodes.copy()
    nodes["feature_idx"] = len(storage.column_names()) - 1
    return Forest(nodes, forest.offsets, forest.baseline, forest.learning_rate)


def _beginning_with(forest, baseline):
    return Forest(forest.nodes, forest.offsets, baseline, forest.learning_rate)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("first_", lambda model: [_with_last_column(forest) for forest in model.first_]),
        ("suspect_", lambda model: [_with_last_column(forest) for forest in model.suspect_]),
        ("suspect_", lambda model: model.suspect_[:1]),
        ("second_", lambda model: model.second_[:1]),
        ("calibration_", lambda model: model.calibration_[:2]),
        ("thresholds_", lambda model: {}),
        ("thresholds_", lambda model: {"default": {"suspect": 1.0}}),
        ("thresholds_", lambda model: {name: {"suspect": "1"} for name in model.thresholds_}),
        ("calibration_", lambda model: model.calibration_ * np.nan),
        ("classes_", lambda model: model.classes_[::-1].copy()),
        ("suspect_", lambda model: [_beginning_with(forest, "0") for forest in model.suspect_]),
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(fitted, tmp_path, name, change):
    model = copy(fitted)
    setattr(model, name, change(fitted))
    save_model(model, tmp_path / "odd.skops", {})
    with pytest.raises(ModelError):
        load_model(tmp_path / "odd.skops")


def test_weights_of_a_question_too_many_are_refused(fitted, tmp_path):
    model = copy(fitted)
    model.tokens_ = [copy(tokens) for tokens in fitted.tokens_]
    model.tokens_[1].weights_ = np.repeat(model.tokens_[1].weights_, 2, axis=1)
    save_model(model, tmp_path / "odd.skops", {})
    with pytest.raises(ModelError):
        load_model(tmp_path / "odd.skops")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a model file"),
        (b"no model at all", "not a model file"),
        (pickle.dumps({"a": 1}), "not a model file"),
    ],
)
def test_foreign_file_is_refused_in_one_sentence(tmp_path, content, said):
    path = tmp_path / "foreign.skops"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=said) as caught:
        load_model(path)
    assert "\n" not in str(caught.value)


def test_truncated_model_is_refused(model_path, tmp_path):
    whole = model_path.read_bytes()
    path = tmp_path / "cut.skops"
    for size in range(0, len(whole) - 1, max(1, len(whole) // 25)):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelError):
            load_model(path)


def test_changed_byte_is_noticed(model_path, tmp_path):
    whole = bytearray(model_path.read_bytes())
    path = tmp_path / "changed.skops"
    whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)
    with pytest.raises(ModelError):
        load_model(path)


def test_digest_is_checked(model_path, tmp_path):
    with zipfile.ZipFile(model_path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["0.npy"] = members["1.npy"]
    path = tmp_path / "swapped.skops"
    path.write_bytes(storage._zipped(members))
    with pytest.raises(ModelError, match="digest"):
        load_model(path)


def test_zip_bomb_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "MAX_MODEL_BYTES", 1 << 16)
    path = tmp_path / "bomb.skops"
    path.write_bytes(storage._zipped({"schema.json": b"0" * (1 << 20), "card.json": b"{}"}))
    with pytest.raises(ModelError, match="not a newsift model"):
        load_model(path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("scikit-learn", "0.1.2", "scikit-learn 0.1.2"),
        ("columns", ["a"], "other features"),
        ("article_columns", ["a"], "other features"),
        ("format", 99, "format 99"),
    ],
)
def test_model_of_another_version_is_refused(model_path, tmp_path, name, value, said):
    def age(members):
        return {**members, "card.json": orjson.dumps({**orjson.loads(members["card.json"]), name: value})}

    with pytest.raises(ModelError, match=said):
        load_model(rewritten(model_path, tmp_path / "old.skops", age))


class Armed:
    """What runs code when it is unpickled: it would leave a file behind."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (open, (str(self.trace), "w"))


def test_pickle_in_disguise_runs_nothing(model_path, tmp_path):
    """As the whole file, as an array's member, and as objects in an array."""
    trace = tmp_path / "trace"
    objects = io.BytesIO()
    np.save(objects, np.array([Armed(trace)], dtype=object), allow_pickle=True)
    (tmp_path / "whole.skops").write_bytes(pickle.dumps(Armed(trace)))
    for name, content in (("member", pickle.dumps(Armed(trace))), ("objects", objects.getvalue())):
        rewritten(model_path, tmp_path / f"{name}.skops", lambda members, c=content: {**members, "0.npy": c})
    for name in ("whole", "member", "objects"):
        with pytest.raises(ModelError, match=f"{name}.skops: not a model"):
            load_model(tmp_path / f"{name}.skops")
    assert not trace.exists()
    pickle.loads(pickle.dumps(Armed(trace))).close()
    assert trace.exists()  # the charge was live


@pytest.mark.parametrize("name", ["../outside.npy", "/tmp/outside.npy", "..\\outside.npy"])
def test_member_that_points_out_of_the_file_writes_and_reads_nothing(model_path, tmp_path, name):
    np.save(tmp_path / "outside.npy", np.zeros(3))
    before = sorted(tmp_path.parent.rglob("outside.npy"))

    def point_outside(members):
        schema = members["schema.json"].replace(b'"0.npy"', orjson.dumps(name))
        assert schema != members["schema.json"]
        return {**members, "schema.json": schema}

    (tmp_path / "deep").mkdir()
    evil = rewritten(model_path, tmp_path / "deep" / "evil.skops", point_outside)
    with pytest.raises(ModelError, match="not a model that newsift wrote"):
        load_model(evil)
    # An archive that carries such a member: it is a name in memory, never a path.
    rewritten(model_path, evil, lambda members: {**members, name: members["0.npy"]})
    load_model(evil)
    assert sorted(tmp_path.parent.rglob("outside.npy")) == before


def test_bomb_that_lies_about_its_size_is_refused(model_path, tmp_path):
    """The directory says 100 bytes, the member unpacks to 64 MB."""
    content = storage._zipped({"schema.json": b"0" * (64 << 20), "card.json": b"{}"})
    path = tmp_path / "liar.skops"
    path.write_bytes(content.replace((64 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(ModelError, match="not a model file"):
        load_model(path)


def test_array_that_claims_more_than_it_holds_is_refused(model_path, tmp_path):
    def boast(members):
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 44,)})
        return {**members, "0.npy": header.getvalue()}

    with pytest.raises(ModelError, match="not a model that newsift wrote"):
        load_model(rewritten(model_path, tmp_path / "boast.skops", boast))


def test_archive_of_too_many_members_is_refused(tmp_path):
    path = tmp_path / "many.skops"
    path.write_bytes(storage._zipped({f"{i}.npy": b"" for i in range(storage.MAX_MEMBERS + 1)}))
    with pytest.raises(ModelError, match="not a newsift model"):
        load_model(path)


def test_missing_model_and_unfitted_model(fitted, tmp_path):
    with pytest.raises(ModelError, match="no such model"):
        load_model(tmp_path / "nothing.skops")
    with pytest.raises(ModelError, match="not fitted"):
        save_model(type(fitted)(), tmp_path / "x.skops", {})
    assert list(tmp_path.iterdir()) == []
