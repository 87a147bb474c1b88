"""What a soak says at its end."""

from soak.ledger import Outcome
from soak.summary import command, summary

GOOD = Outcome(1, "old", "stale-main", "repaired", "none", "OC101", "clawmend", 1.2, 3.0, memory={"old": 40.0})
SLOW = Outcome(2, "old", "stale-main", "repaired", "killed", "OC101", "others", 9.0, 12.0, 1, {"old": 41.0})
BAD = Outcome(3, "desk", "touch", "nothing", "absent", seconds=2.0, violations=("OC101 is found",))


def test_it_says_what_was_done_and_how_to_see_a_violation_again() -> None:
    text = "\n".join(summary(5, [GOOD, SLOW, BAD], {"old": [None, 0.25]}))
    assert "seed 5, 3 steps in 17 s" in text
    assert (
        "OC101 repaired: 2 times, repaired after 5.1 s (median), 9.0 s (most); with the watcher unharmed 1.2 s, 1.2 s; "
        "by clawmend 1, others 1" in text
    )
    assert "noise: 1 times (touch 1)" in text
    assert "harm to watchers: killed 1, absent 1" in text
    assert "restarts of a gateway by clawmend: 1" in text
    assert "memory of old: 40.0 MiB at first, 41.0 most, 41.0 last; second half of a watcher's life" in text
    assert "+0.25 MiB" in text
    assert "violations: 1" in text
    assert "step 3 (desk, touch, watcher absent): OC101 is found" in text


def test_it_says_which_steps_were_cut_off() -> None:
    assert "steps that were cut off: 2" in "\n".join(summary(5, [GOOD, BAD], {}))


def test_the_command_takes_the_same_steps() -> None:
    assert command(5, 3, {"kills": True}).endswith("python -m soak --seed 5 --seconds 86400 --steps 3")
    assert command(5, 3, {"kills": False}).endswith("--no-kills")
    assert command(5, 3, {"kills": True, "only": ["desk"]}).endswith("--steps 3 --only desk")
