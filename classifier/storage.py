"""Saving and loading a model: a skops file that holds data only, and the card that says where it comes from.

A model is written by skops, then brought into a canonical form, so that the same model is the same bytes.
It is read here rather than by `skops.io.load`: importing that imports every estimator of scikit-learn, which
takes longer than scoring an article, and a model of ours needs five kinds of node and three types. Nothing
else is built, so a file can name no code to run. `skops.io.load(path, trusted=TRUSTED)` reads it too.
"""

import hashlib
import io
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import orjson
import sklearn
from numpy.typing import NDArray

from classifier.decision import SENSITIVITIES
from classifier.errors import NewsiftError
from classifier.features import context
from classifier.features.latent import WordSpace
from classifier.features.wording import TokenModel
from classifier.forest import Forest
from classifier.labels import LABELS
from classifier.model import (
    HEADS,
    TOKENS,
    NewsClassifier,
    article_names,
    column_names,
    first_pass_names,
)

#: Every type that a model file may hold, besides numbers, text, lists, dicts and arrays.
TRUSTED: Final[dict[str, type]] = {
    f"{kind.__module__}.{kind.__name__}": kind for kind in (NewsClassifier, TokenModel, WordSpace, Forest)
}
#: Version of what is in the file; raised whenever an older newsift could not read a new file.
FORMAT: Final = 2
#: Sum of the members of a model file; the default model has a twentieth of it.
MAX_MODEL_BYTES: Final = 256 << 20
MAX_MEMBERS: Final = 1000
SCHEMA, CARD = "schema.json", "card.json"
#: Left out of the file: what only training looks at.
_UNSAVED: Final = frozenset({"out_of_fold_"})
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    MemoryError,
    UnicodeDecodeError,
    struct.error,
)


class ModelError(NewsiftError, ValueError):
    """A model that cannot be used; the message is one sentence for a person."""


def default_model_path() -> Path:
    """Where the model that comes with newsift lies."""
    return Path(str(files("classifier") / "models" / "default.skops"))


def save_model(model: NewsClassifier, path: Path, card: dict[str, Any]) -> None:
    """Write a fitted model and its card, and the card once more as `<name>.card.json` beside it.

    Parameters
    ----------
    model : NewsClassifier
        Fitted. `out_of_fold_` is not saved.
    path : Path
        Usually `*.skops`. The same model and card always give the same bytes.
    card : dict
        What JSON can hold. The file's format, digest and versions are added to it.

    Raises
    ------
    ModelError
        The model is not fitted, or the file cannot be written.
    """
    if not hasattr(model, "thresholds_"):
        raise ModelError("the model is not fitted yet: call fit before saving it")
    members = _canonical(_dumped(_saved_part(model)))
    full = {
        **card,
        "format": FORMAT,
        "digest": _digest(members),
        "newsift": _own_version(),
        "scikit-learn": sklearn.__version__,
        "columns": column_names(),
        "article_columns": article_names(),
    }
    text = orjson.dumps(full, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY)
    try:
        _replace(path, _zipped({**members, CARD: text}))
        _replace(card_path(path), text)
    except OSError as error:
        raise ModelError(f"{path}: the model cannot be written ({error.strerror or error})") from None


def card_path(path: Path) -> Path:
    """Where the readable copy of a model's card lies: `default.card.json` beside `default.skops`."""
    return path.with_name(f"{path.stem}.card.json")


def load_model(path: Path) -> tuple[NewsClassifier, dict[str, Any]]:
    """Read a model and its card. No code in the file is ever run.

    Raises
    ------
    ModelError
        No such file, no model, a damaged or foreign one, one that holds a type that is not in `TRUSTED`, or
        one that another scikit-learn or other features made.
    """
    members = _members(path)
    card = _card(path, members)
    if card.get("digest") != _digest(members):
        raise ModelError(f"{path}: the model is damaged: its content does not match its digest; fetch it again")
    try:
        model = _Reader(members).read(orjson.loads(members[SCHEMA]))
        _check(model)
    except _RefusedError as refused:
        raise ModelError(f"{path}: {refused}") from None
    except Exception:  # whatever Python or NumPy says to a content that fits its digest, but is nonsense
        raise ModelError(f"{path}: not a model that newsift wrote; train one with `newsift train`") from None
    return cast(NewsClassifier, model), card


# -- writing -------------------------------------------------------------------------------------------


def _saved_part(value: Any) -> Any:
    """Copy what belongs in the file: parameters and fitted attributes, without caches."""
    if type(value) in TRUSTED.values():
        copy = object.__new__(type(value))
        for name, attribute in vars(value).items():
            if not name.startswith("_") and name not in _UNSAVED:
                setattr(copy, name, _saved_part(attribute))
        return copy
    if isinstance(value, list):
        return [_saved_part(item) for item in value]
    return value


def _dumped(model: NewsClassifier) -> dict[str, bytes]:
    import skops.io  # noqa: PLC0415 - imports all of scikit-learn

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _canonical(members: dict[str, bytes]) -> dict[str, bytes]:
    """Name arrays by their order and drop object ids: skops takes both from memory addresses."""
    canonical: dict[str, bytes] = {}
    names: dict[bytes, str] = {}

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = {key: walk(value) for key, value in node.items() if key != "__id__"}
        if node.get("__loader__") == "NdArrayNode" and node["type"] == "numpy":
            content = members[node["file"]]
            node["file"] = names.setdefault(content, f"{len(names)}.npy")
            canonical[node["file"]] = content
        return node

    schema = walk(orjson.loads(members[SCHEMA]))
    return {SCHEMA: orjson.dumps(schema), **canonical}


def _zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on every platform
            archive.writestr(entry, members[name])
    return buffer.getvalue()


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _digest(members: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(set(members) - {CARD}):
        digest.update(f"{name}\0{len(members[name])}\0".encode())
        digest.update(members[name])
    return f"sha256:{digest.hexdigest()}"


def _own_version() -> str:
    try:
        return version("newsift")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"


# -- reading -------------------------------------------------------------------------------------------


class _RefusedError(Exception):
    """Why a model is refused, after its path."""


def _members(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_MEMBERS or sum(entry.file_size for entry in entries) > MAX_MODEL_BYTES:
                raise ModelError(f"{path}: larger than {MAX_MODEL_BYTES >> 20} MB unpacked: not a newsift model")
            members = {entry.filename: archive.read(entry) for entry in entries}
    except FileNotFoundError:
        raise ModelError(f"{path}: no such model; check the path, or make one with `newsift train`") from None
    except IsADirectoryError:
        raise ModelError(f"{path}: is a folder, not a model file") from None
    except PermissionError:
        raise ModelError(f"{path}: the model may not be read (permission denied)") from None
    except _DAMAGE:
        raise ModelError(f"{path}: not a model file of newsift, or a damaged one") from None
    if SCHEMA not in members or CARD not in members:
        raise ModelError(f"{path}: not a model that newsift wrote; train one with `newsift train`")
    return members


def _card(path: Path, members: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        card = orjson.loads(members[CARD])
    except orjson.JSONDecodeError:
        card = None
    if not isinstance(card, dict):
        raise ModelError(f"{path}: the model's card is damaged; fetch it again")
    if card.get("format") != FORMAT:
        raise ModelError(f"{path}: written in format {card.get('format')!r}; this newsift reads format {FORMAT}")
    made, here = str(card.get("scikit-learn")), sklearn.__version__
    if made.split(".")[:2] != here.split(".")[:2]:
        raise ModelError(f"{path}: made with scikit-learn {made}, here is {here}; install {made} or train again")
    if (card.get("columns"), card.get("article_columns")) != (column_names(), article_names()):
        raise ModelError(f"{path}: made with other features than this newsift computes; train it again")
    return card


class _Reader:
    """Builds the objects of a schema from the kinds of node that a model needs."""

    def __init__(self, members: Mapping[str, bytes]) -> None:
        self.members = members

    def read(self, node: Any) -> Any:
        """Build one node; refuses types that are not trusted before anything of them is looked at."""
        loader, name = node["__loader__"], f"{node['__module__']}.{node['__class__']}"
        if loader == "JsonNode":
            return orjson.loads(node["content"])
        if loader == "NdArrayNode" and name == "numpy.ndarray" and node["type"] == "numpy":
            return np.load(io.BytesIO(self.members[node["file"]]), allow_pickle=False)
        if loader == "ListNode" and name == "builtins.list":
            return [self.read(item) for item in node["content"]]
        if loader == "TupleNode" and name == "builtins.tuple":
            return tuple(self.read(item) for item in node["content"])
        if loader == "DictNode" and name == "builtins.dict":
            return {key: self.read(value) for key, value in node["content"].items()}
        if loader == "ObjectNode" and name in TRUSTED:
            value: Any = object.__new__(TRUSTED[name])
            vars(value).update(self.read(node["content"]))
            return value
        raise _RefusedError(f"holds {name} ({loader}), which newsift does not load; use only models that you trust")


def _check(model: Any) -> None:
    """Refuse parts that do not fit each other: compiled routines would follow them out of their arrays."""
    if type(model) is not NewsClassifier:
        raise TypeError("no classifier")
    page, article = len(column_names()), article_names()
    passes = [
        (model.first_, [len(first_pass_names())] * len(context.HEADS)),
        (model.second_, [page] * len(context.HEADS)),
        (model.suspect_, [article.index("context.first_suspect"), len(article)]),
    ]
    for forests, columns in passes:
        for forest, width in zip(forests, columns, strict=True):
            _check_forest(forest, width)
    _check_decision(model)
    for tokens, (_, _, _, heads) in zip(model.tokens_, TOKENS, strict=True):
        vocabulary = len(tokens.tokens_.split("\n")) if tokens.tokens_ else 0
        if tokens.weights_.shape != (vocabulary + 1, len(heads)):
            raise ValueError("weights do not fit the vocabulary and the questions")
    space = model.space_
    stems = len(space.stems_.split("\n")) if space.stems_ else 0
    if space.vectors_.shape != (stems, space.dimensions) or space.weights_.shape != (stems,):
        raise ValueError("vectors do not fit the vocabulary")


def _check_decision(model: NewsClassifier) -> None:
    if model.classes_.tolist() != list(LABELS):
        raise ValueError("the labels are others")
    if model.calibration_.shape != (len(HEADS), 2) or not np.isfinite(model.calibration_).all():
        raise ValueError("the calibration does not fit the questions")
    for sensitivity in SENSITIVITIES:
        if not all(isinstance(factor, float) for factor in model.thresholds_[sensitivity].values()):
            raise ValueError("a threshold is no number")


def _check_forest(forest: Forest, columns: int) -> None:
    nodes: NDArray[Any] = forest.nodes
    if not (isinstance(forest.baseline, float) and isinstance(forest.learning_rate, float)):
        raise TypeError("a forest begins with no number")
    offsets = forest.offsets
    sizes = np.diff(offsets)
    if offsets[0] != 0 or offsets[-1] != len(nodes) or (sizes <= 0).any():
        raise ValueError("trees do not fit their nodes")
    place = np.arange(len(nodes)) - np.repeat(offsets[:-1], sizes)
    inner = nodes["is_leaf"] == 0
    for side in ("left", "right"):
        # Children stand after their parent, so that every path ends.
        child = nodes[side].astype(np.int64)
        if not ((child > place) & (child < np.repeat(sizes, sizes)))[inner].all():
            raise ValueError("a tree points outside itself")
    feature = nodes["feature_idx"]
    if nodes["is_categorical"].any() or not ((feature >= 0) & (feature < columns))[inner].all():
        raise ValueError("a tree asks for a column that is not there")
