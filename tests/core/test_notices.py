"""Notices: one message when an incident begins and one when it ends, in three short lines."""

from dataclasses import replace

import pytest

from clawmend.core.event import Event
from clawmend.core.incidents import incidents
from clawmend.core.notices import Notice, backup_trouble, digest, notices_of
from clawmend.core.receipt import Deed, Fault, Receipt

CACHE = Fault("a", "OC101", "stale-model-cache", "error", "~/a", "openclaw.json says X, the cache says Y")
KEY = Fault("b", "OC201", "shadowing-credential", "error", "~/b", "two keys", "allow it with --yes")
SMALL = Fault("c", "OC306", "no-model-allowlist", "warning", "~/c", "not restricted")
DOWN = Fault("d", "OC402", "gateway-down", "error", "~/d", "the gateway crashes: port taken")


def at(time: float, *left: Fault, mended: tuple[Fault, ...] = (), **more: object) -> Receipt:
    verdict = "repaired" if mended else "needs-you" if left else "healthy"
    receipt = Receipt(f"r{time:.0f}", time, "watch", "/home/ana", "2026.3.2", verdict, 0.1, left=left, mended=mended)
    deeds = (Deed("~/a", "edit", ("OC101",)),) if mended else ()
    return replace(receipt, deeds=deeds, checkpoint="c1" if mended else None, **more)  # type: ignore[arg-type]


def said(*receipts: Receipt) -> list[Notice]:
    """What all these receipts say, one after the other."""
    return [
        notice
        for count, receipt in enumerate(receipts, 1)
        for notice in notices_of(receipt, incidents(receipts[:count]))
    ]


def events(*receipts: Receipt) -> list[str]:
    return [notice.event.value for notice in said(*receipts)]


def test_a_repair_says_what_was_wrong_what_was_changed_and_how_to_undo_it() -> None:
    (notice,) = said(at(100, mended=(CACHE,)))
    assert notice.event is Event.REPAIRED
    assert notice.title == "clawmend repaired stale-model-cache"
    assert notice.lines == (CACHE.summary, "changed: ~/a", "undo: clawmend undo c1")


def test_several_repairs_are_one_message() -> None:
    files = tuple(Deed(f"~/{name}", "edit", ()) for name in "abcd")
    (notice,) = said(replace(at(100, mended=(CACHE, SMALL)), deeds=files, restart="done"))
    assert notice.title == "clawmend repaired stale-model-cache and 1 more"
    assert notice.lines[1] == "changed: ~/a, ~/b and 2 more; gateway restarted"


def test_a_gateway_that_only_had_to_be_started_changed_no_file_and_cannot_be_undone() -> None:
    started = (Deed("~/.openclaw/openclaw.json", "start", ("OC402",)),)
    receipt = replace(at(100, mended=(DOWN,), restart="done"), deeds=started, checkpoint=None)
    repaired = said(receipt)[0]
    assert repaired.event is Event.REPAIRED
    assert repaired.lines[1:] == ("changed: no file; gateway restarted", "see: clawmend history show r100")


def test_what_a_person_has_to_know_about_a_repair_stands_behind_what_was_changed() -> None:
    receipt = at(100, mended=(CACHE,), note="the gateway refuses openclaw.json as before, for something else")
    (notice,) = said(receipt)
    assert notice.lines[1] == "changed: ~/a; the gateway refuses openclaw.json as before, for something else"


def test_a_repair_that_took_a_while_says_how_long_it_lasted() -> None:
    found = said(at(100, CACHE), at(340, mended=(CACHE,), restart="waiting"))
    assert found[-1].title == "clawmend repaired stale-model-cache after 4 min"
    assert "yet to be restarted" in found[-1].lines[1]


def test_an_error_is_told_once_and_its_end_too() -> None:
    found = said(at(100, KEY), at(160, KEY, SMALL), at(400))
    assert [one.event for one in found] == [Event.NEEDS_YOU, Event.NEEDS_YOU, Event.OVER]
    assert found[0].key == found[1].key  # the outbox takes it once
    assert found[0].lines == (
        KEY.summary,
        "not repaired: allow it with --yes",
        "see: clawmend check, clawmend explain OC201",
    )
    assert found[2].ends == found[0].key
    assert found[2].title == "shadowing-credential is over after 5 min"


def test_what_has_no_reason_says_that_it_is_not_ours() -> None:
    (notice,) = said(at(100, CACHE))
    assert notice.lines[1] == "not repaired: this is nothing that clawmend may change"


def test_a_warning_waits_for_the_digest() -> None:
    assert events(at(100, SMALL)) == []


def test_what_is_contested_is_told_whatever_its_severity() -> None:
    (notice,) = said(at(100, replace(SMALL, held="contested: somebody writes it back")))
    assert notice.event is Event.CONTESTED
    assert "keeps coming back" in notice.title
    ended = said(at(100, replace(SMALL, held="contested: somebody writes it back")), at(200))[-1]
    assert (ended.event, ended.ends) == (Event.OVER, notice.key)


def test_a_gateway_goes_down_and_comes_back() -> None:
    found = said(at(100, DOWN), at(340))
    assert [one.title for one in found] == ["The OpenClaw gateway is down", "The OpenClaw gateway is back after 4 min"]
    assert [one.event for one in found] == [Event.GATEWAY_DOWN, Event.GATEWAY_BACK]
    assert found[1].ends == found[0].key


def test_a_gateway_that_we_started_is_back_too() -> None:
    found = said(at(100, DOWN), at(220, mended=(DOWN,), restart="done"))
    assert [one.event for one in found] == [Event.GATEWAY_DOWN, Event.REPAIRED, Event.GATEWAY_BACK]


@pytest.mark.parametrize("left", [(CACHE,), ()])
def test_a_repair_that_was_taken_back_says_that_nothing_is_changed(left: tuple[Fault, ...]) -> None:
    notice = said(at(100, *left, verdict="rolled-back", note="the gateway did not come up"))[0]
    assert notice.event is Event.ROLLED_BACK
    assert notice.lines[0] == (CACHE.summary if left else "a repair made things worse")
    assert notice.lines[1] == "every file is what it was: the gateway did not come up"


def test_another_home_is_another_matter() -> None:
    assert events(at(100, CACHE), at(200, home="/home/ben")) == ["needs-you"]


def test_lines_are_short_and_in_one_piece() -> None:
    (notice,) = said(at(100, replace(CACHE, summary="a\nb " + "x" * 500)))
    assert notice.lines[0].startswith("a b x")
    assert len(notice.lines[0]) == 200


def test_backup_trouble_is_told_once_a_day() -> None:
    one, same, tomorrow = (backup_trouble("/home/ana", "disk full", time) for time in (100, 200, 90_000))
    assert one.key == same.key != tomorrow.key
    assert one.lines[0] == "disk full"


def test_the_digest_counts_what_happened_and_names_what_lasts() -> None:
    told = incidents([at(100, KEY, SMALL, mended=(CACHE,)), at(200, SMALL)])
    notice = digest("/home/ana", told, since=50, now=7_300)
    assert notice is not None
    assert notice.lines == (
        "1 repaired, 1 over by themselves, 1 still there.",
        "still there: OC306; the longest for 2 h",
        "see: clawmend history",
    )


def test_a_day_without_news_has_no_digest() -> None:
    told = incidents([at(100, mended=(CACHE,))])
    assert digest("/home/ana", told, since=5_000, now=9_000) is None
    assert digest("/home/ben", told, since=0, now=9_000) is None
    only_repaired = digest("/home/ana", told, since=0, now=9_000)
    assert only_repaired is not None
    assert len(only_repaired.lines) == 2
