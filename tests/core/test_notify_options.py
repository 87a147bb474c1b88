"""The channels of config.toml: named for people without their addresses."""

from clawmend.core.notify_options import is_address, targets_of


def test_channels_are_named_by_kind_and_number_and_an_address_counts_once() -> None:
    found = targets_of(("ntfy://host/topic", "tgram://123:token/chat", "ntfy://host/topic", "odd"), desktop=True)
    assert [one.name for one in found] == ["desktop", "ntfy 1", "tgram 2", "channel 3"]
    assert "token" not in repr(found) + "".join(one.name + one.mark for one in found)


def test_the_mark_follows_the_address_and_not_its_place() -> None:
    (first,) = targets_of(("ntfy://host/a",), desktop=False)
    _, second = targets_of(("ntfy://host/b", "ntfy://host/a"), desktop=False)
    assert first.mark == second.mark


def test_an_address_begins_with_its_kind() -> None:
    assert is_address("mailto://me:pw@host")
    assert not is_address("me@host")
