"""The command: outcome on standard output, or faults on standard error and nothing else."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.replay.commands import replay_command
from tests.replay.makers import a_case, a_contract

CASES = Path(__file__).with_name("cases")


def run(path):
    return CliRunner().invoke(replay_command, [str(path)])


def test_the_outcome_is_printed_as_json():
    done = run(CASES / "tiers-like.json")
    expected = (CASES / "tiers-like.expected.json").read_text(encoding="utf-8")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.rstrip() == expected.rstrip()


def test_every_fault_is_printed_with_its_path(tmp_path):
    case = a_case(contracts=[a_contract(fee="1e3", vetoed="no")])
    (tmp_path / "bad.json").write_text(json.dumps(case), encoding="utf-8")
    done = run(tmp_path / "bad.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "contracts[0].fee：不是有效的小数：只能有数字和一个小数点，不能有正负号、指数和空格。",
        "contracts[0].vetoed：必须是 true 或 false。",
    ]


@pytest.mark.parametrize("content", ("{", '{"year": 1, "year": 1}', "\u0000"))
def test_what_is_no_json_is_refused(tmp_path, content):
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    done = run(tmp_path / "bad.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent.json"):
        done = run(path)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "无法读取文件" in done.stderr
