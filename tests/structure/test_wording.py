"""Every code has a sentence, every sentence a use, and the facts it prints are given."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.access import Permission
from portal.wording import NOTICES, REFUSALS, VERBS, permission_label
from tests.structure.sources import PORTAL, ROOT, TENANTS, tree_of

SOURCES = [path for path in (*PORTAL, *TENANTS) if path.name != "wording.py"]
CODE = re.compile(r"[a-z_]+\.[a-z_]+")
NAMED_BY_THEIR_VERB = {"commission", "tender", "contract", "material", "round", "account", "supervision"}


def _codes() -> set[str]:
    return {
        node.value
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }


def _calls(name: str) -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call of a function with a code written out: where, the call, the code."""
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == name:
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                codes = [each.value for each in given if isinstance(each, ast.Constant)]
                for code in codes:
                    if isinstance(code, str) and CODE.fullmatch(code):
                        yield path.relative_to(ROOT), node, code


def _wanted(sentence: str) -> set[str]:
    """The facts a sentence prints."""
    return set(re.findall(r"\{(\w+)\}", sentence))


def _given(call: ast.Call) -> set[str]:
    return {keyword.arg for keyword in call.keywords if keyword.arg}


def test_no_paper_writes_a_day_with_a_leading_nought() -> None:
    """A day in a paper is `portal.document.written_day`: 2026年5月7日."""
    assert [path.name for path in SOURCES if "%m月" in path.read_text("utf-8")] == []


def test_every_refusal_has_a_use() -> None:
    assert sorted(set(REFUSALS) - _codes()) == []


def test_every_notice_has_a_use() -> None:
    """A notice is named where it is given, or by the verb of a slice whose views do one after the other."""
    by_verb = {code for code in NOTICES if code in VERBS and code.split(".")[0] in NAMED_BY_THEIR_VERB}

    assert sorted(set(NOTICES) - _codes() - by_verb) == []


@pytest.mark.parametrize("name", ("unless", "Invalid"))
def test_every_refusal_has_a_sentence_whose_facts_it_gives(name: str) -> None:
    for path, call, code in _calls(name):
        assert code in REFUSALS, f"{path}: {code}"
        assert _wanted(REFUSALS[code]) <= _given(call), f"{path}:{call.lineno}: {code}"


def test_every_notice_given_has_a_sentence_whose_facts_it_gives() -> None:
    for path, call, code in _calls("done"):
        assert code in NOTICES, f"{path}: {code}"
        if not any(keyword.arg is None for keyword in call.keywords):
            assert _wanted(NOTICES[code]) <= _given(call), f"{path}:{call.lineno}: {code}"


def test_every_permission_has_a_name_in_words() -> None:
    assert all(permission_label(permission) for permission in Permission)


def test_every_event_of_the_chain_has_a_name_in_words() -> None:
    for name in ("record", "record_own"):
        for path, _, code in _calls(name):
            assert code in VERBS, f"{path}: {code}"


def test_every_sentence_ends_like_one() -> None:
    sentences = {**REFUSALS, **NOTICES}

    assert [
        code for code, sentence in sentences.items() if not sentence.endswith(("。", "：{reason}。"))
    ] == []
