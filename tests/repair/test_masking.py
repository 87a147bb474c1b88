"""What is masked, and what is not: the id of a stored profile is no secret, wherever it stands."""

from clawmend.repair.masking import masker_for
from support.build import agent, openclaw, snapshot

KEY = "sk-sp-0123456789abcdef0123456789abcdef"


def test_the_id_of_a_profile_in_the_place_of_a_key_is_shown_and_the_key_is_not() -> None:
    """As `openclaw models auth paste-api-key` writes it on 2026.9.6."""
    settings = {"models": {"providers": {"bailian": {"apiKey": "bailian:manual"}, "mine": {"apiKey": "mine:0123456"}}}}
    stored = {"profiles": {"bailian:manual": {"type": "api_key", "provider": "bailian", "key": KEY}}}
    masker = masker_for(snapshot(openclaw(settings, agent(profiles=stored))), b"a key for the masks")
    assert masker.clean("rests bailian:manual") == "rests bailian:manual"
    assert KEY not in masker.clean(f"it says {KEY}")
    assert "mine:0123456" not in masker.clean("it says mine:0123456")  # no such profile: it may be a key


def test_what_looks_like_a_key_stays_masked_also_as_the_name_of_a_profile() -> None:
    settings = {"models": {"providers": {"bailian": {"apiKey": KEY}}}}
    masker = masker_for(snapshot(openclaw(settings, agent(profiles={"profiles": {KEY: {}}}))), b"a key for the masks")
    assert KEY not in masker.clean(f"it says {KEY}")
