"""Every regular expression of the package is linear: each is run over long rows of what could make it start over.

Measured in CPU time of this process, so that a busy machine changes nothing: a quadratic expression needs many
seconds for what a linear one does in milliseconds.
"""

import ast
import importlib
import pkgutil
import re
import signal
from pathlib import Path

import pytest

import classifier

#: Characters of each row, and the seconds that one expression may take for one.
LENGTH, SECONDS = 40_000, 1.5
#: What rows are made of: for each expression, something that it begins to match, or goes on matching.
ATOMS = (
    "a", "A", "É", "1", " ", "\t", "\n", "\u200b", "-", '"', "'", "“", "(", ",", ".", "…", "|", "<", "$", "@", "Aa ",
    "Ab", "a-", "a.", "a'", "A.", "A-", "A1", "1,", "1.", "1 ", ", 1", "“a", "'a", "((", ".!?", '!"', '."', ". ",
    "Ab of ", "of the ", "the ", "<!--", "<a ", "<a b=", "<a b='", '<a b="x" ', "<b ", "<script>", "=", "b='",
    "<meta ", "<meta charset", "charset= ", "http", "display:", "display :", "visibility : ", "(Reuters", "A,",
    "van ", "Xa van ", "(@", "said ", "not ", "$1", "1 million ", "January ", "Jan 1", "1 January, ", "| ", "— ",
    "1:", "1 a", "aB", ", a ", "by A", "Photo by ", "Getty Images ",
)  # fmt: skip


def patterns() -> dict[str, re.Pattern]:
    """Every compiled expression that a module holds, and every one that it hands to `re` where it is used."""
    found = {}
    for module in pkgutil.walk_packages(classifier.__path__, "classifier."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            held = value.items() if isinstance(value, dict) else ()
            held = enumerate(value) if isinstance(value, list | tuple) else held
            for key, item in [(None, value), *held]:
                if isinstance(item, re.Pattern):
                    found.setdefault(item, f"{module.name}.{name}{'' if key is None else f'[{key}]'}")
        for node in ast.walk(ast.parse(Path(loaded.__file__).read_text("utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if called and isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args:
                argument = node.args[0]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str | bytes):
                    found.setdefault(re.compile(argument.value), f"{module.name}:{argument.value}")
    return {name: pattern for pattern, name in found.items()}


PATTERNS = patterns()


class SlowError(AssertionError):
    """An expression took too long."""


@pytest.fixture
def bounded_cpu():
    def slow(signum, frame):
        raise SlowError

    before = signal.signal(signal.SIGVTALRM, slow)
    yield lambda: signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def exhaust(pattern: re.Pattern, text: str) -> None:
    for _ in pattern.finditer(text.encode() if isinstance(pattern.pattern, bytes) else text):
        pass


def test_expressions_are_found():
    assert len(PATTERNS) > 30


def test_a_quadratic_expression_is_noticed(bounded_cpu):
    bounded_cpu()
    with pytest.raises(SlowError):
        exhaust(re.compile(r"\s+$"), " " * LENGTH * 4 + "x")


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_expression_is_linear(name, bounded_cpu):
    for atom in ATOMS:
        row = atom * (LENGTH // len(atom))
        for text in (row, f"{row}\0!"):
            bounded_cpu()
            try:
                exhaust(PATTERNS[name], text)
            except SlowError:
                pytest.fail(f"{name} needs more than {SECONDS} s for {LENGTH} characters of {atom!r}")
