"""The ledger of a soak: what was begun and done is read again, however the soak before ended."""

from pathlib import Path

import pytest

from soak.ledger import Ledger, LedgerError, Outcome

STEP = {"number": 1, "home": "desk", "name": "flag"}
DONE = Outcome(
    1, "desk", "flag", "repaired", "killed", "CC101", "clawmend", 1.5, 3.0, 0, {"desk": 40.0}, ("a",), ("b",)
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "ledger.jsonl")
    made.begin(9, kills=False)
    return made


def test_a_new_one_knows_its_seed_and_options(ledger: Ledger) -> None:
    assert ledger.opening() == (9, {"kills": False})
    assert (ledger.outcomes(), ledger.last(), ledger.cut_off()) == ([], 0, None)


def test_what_was_done_is_read_as_it_was(ledger: Ledger) -> None:
    ledger.begun(STEP)
    ledger.done(DONE)
    assert ledger.outcomes() == [DONE]
    assert (ledger.last(), ledger.cut_off()) == (1, None)


def test_a_step_that_was_begun_and_not_done_was_cut_off(ledger: Ledger) -> None:
    ledger.begun(STEP)
    ledger.done(DONE)
    ledger.begun(STEP | {"number": 2})
    assert ledger.cut_off() == STEP | {"number": 2}
    assert ledger.last() == 2


def test_a_line_that_was_torn_is_passed_over_and_nothing_is_written_into_it(ledger: Ledger) -> None:
    ledger.begun(STEP)
    with ledger.path.open("ab") as file:
        file.write(b'{"done": {"numb')
    assert Ledger(ledger.path).cut_off() == STEP
    ledger.done(DONE)
    assert ledger.outcomes() == [DONE]
    assert ledger.cut_off() is None


def test_one_that_is_there_is_not_begun_anew(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="--resume"):
        ledger.begin(9)


def test_another_file_is_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    for text in ("", '{"receipt": 1}\n', "nothing\n"):
        path.write_text(text)
        with pytest.raises(LedgerError, match="no ledger"):
            Ledger(path).opening()
