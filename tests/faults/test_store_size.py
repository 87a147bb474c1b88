"""What the store takes: a year of daily repairs of a 60 KB openclaw.json, before and after pruning."""

import pytest

from clawmend.core.state import Identity
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.records import Kind
from clawmend.system.retention import Policy, surplus
from faults.figures import note

pytestmark = pytest.mark.faults

_DAY = 86_400.0
_SIZE = 60_000


def test_a_year_of_daily_repairs_is_small_and_pruning_keeps_the_way_back(tmp_path: object) -> None:
    store = CheckpointStore(f"{tmp_path}/state")
    store.prepare()
    begin = 1_800_000_000.0
    for day in range(365):
        text = f'{{"day": {day}, "padding": "{"x" * _SIZE}'.encode()[: _SIZE - 2] + b'"}'
        identity = Identity(1, 2, 0o600, 0, 0, len(text), 0)
        change = ("/home/somebody/.openclaw/openclaw.json", text, text + b" ", identity, ("OC307",))
        made = store.register(Kind.REPAIR, "/home/somebody", begin + day * _DAY, [change], reason="invalid-auth")
        store.applied(made)
        store.finish(made)
    with open(f"{store.root}/manifest.jsonl", "rb") as file:
        journal = len(file.read())
    before = sum(store.sizes().values())
    assert before == 365 * _SIZE
    found = surplus(store.all(), store.sizes(), begin + 365 * _DAY, Policy())
    store.prune((one.id for one in found.checkpoints), found.blobs)
    after = sum(store.sizes().values())
    assert store.damage() == ()
    assert len(store.all()) == 91
    assert store.all()[0].made == begin  # the first content that was seen
    assert after == 91 * _SIZE
    note(
        f"store: a year of daily repairs of {_SIZE} bytes: {before} bytes of contents, {journal} bytes of journal;"
        f" after pruning (90 days) {after} bytes in 91 checkpoints"
    )
