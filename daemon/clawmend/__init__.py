"""clawmend: watches the state of OpenClaw and Claude Code on disk and repairs what rots."""

__version__ = "0.1.0"
