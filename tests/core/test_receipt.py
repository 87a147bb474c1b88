"""Receipts survive their JSON, tell news from no news, and never let one bad line hide the others."""

import json
from dataclasses import replace

import pytest

from clawmend.core.document import Json
from clawmend.core.receipt import Deed, Fault, Receipt, receipt_json, receipt_of

FAULT = Fault("aa11", "OC101", "stale-model-cache", "error", "~/.openclaw/x.json", "one says X, the other Y", "held")
RECEIPT = Receipt(
    id="20261128T163300Z-01ad32",
    time=1_800_000_000.5,
    by="watch",
    home="/home/ana",
    version="2026.3.2",
    verdict="repaired",
    seconds=0.04,
    checkpoint="20261128T163300Z-675cbc",
    deeds=(Deed("~/.openclaw/x.json", "edit", ("OC101",), "-a\n+b"),),
    mended=(FAULT,),
    left=(replace(FAULT, fingerprint="bb22"),),
    blind=("~/y cannot be read",),
    restart="done",
    proof="a new process",
    note="a note",
    writers=("openclaw (process 12)",),
    undoes="20261128T163200Z-aaaaaa",
)
QUIET = replace(RECEIPT, deeds=(), mended=(), restart="", checkpoint=None, verdict="needs-you")


def test_a_receipt_is_the_same_after_a_journey_through_json() -> None:
    assert receipt_of(json.loads(json.dumps(receipt_json(RECEIPT)))) == RECEIPT


@pytest.mark.parametrize(
    "value",
    [None, [], "text", {}, {"receipt": 2, "time": 1.0}, {"receipt": 1}, {"receipt": 1, "time": True}],
)
def test_what_is_no_receipt_is_none(value: Json) -> None:
    assert receipt_of(value) is None


def test_members_of_wrong_types_are_left_out_and_the_rest_is_read() -> None:
    found = receipt_of(
        {
            "receipt": 1, "time": 5, "id": 7, "seconds": "long", "version": 3, "checkpoint": 4, "deeds": {},
            "left": [None, {"rule": "OC101"}], "blind": ["x", 1], "writers": None,
        }
    )  # fmt: skip
    assert found is not None
    assert (found.id, found.seconds, found.version, found.checkpoint, found.deeds) == ("", 0.0, None, None, ())
    assert [fault.rule for fault in found.left] == ["", "OC101"]
    assert (found.blind, found.writers) == (("x",), ())


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"time": 1_900_000_000.0, "id": "other", "seconds": 3.0, "by": "repair", "verdict": "healthy"}, True),
        ({"left": ()}, False),
        ({"left": (replace(FAULT, fingerprint="cc33"),)}, False),
        ({"left": (replace(FAULT, fingerprint="bb22", severity="warning"),)}, False),
        ({"left": (replace(FAULT, fingerprint="bb22", summary="said otherwise"),)}, True),
        ({"blind": ()}, False),
        ({"version": "2026.9.6"}, False),
        ({"restart": "waiting"}, False),
        ({"verdict": "rolled-back"}, False),
        ({"deeds": RECEIPT.deeds}, False),
        ({"home": "/home/ben"}, False),
    ],
)
def test_only_what_a_person_would_call_news_is_news(change: dict[str, object], same: bool) -> None:
    assert replace(QUIET, **change).says_the_same_as(QUIET) is same  # type: ignore[arg-type]
