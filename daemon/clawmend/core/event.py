"""What a notice can tell of; apart from notices, because settings name it and need nothing else of them."""

from enum import Enum


class Event(Enum):
    """What a notice tells; the value is what config.toml calls it."""

    REPAIRED = "repaired"
    NEEDS_YOU = "needs-you"
    OVER = "over"
    ROLLED_BACK = "rolled-back"
    CONTESTED = "contested"
    GATEWAY_DOWN = "gateway-down"
    GATEWAY_BACK = "gateway-back"
    BACKUP_TROUBLE = "backup-trouble"
    DIGEST = "digest"
