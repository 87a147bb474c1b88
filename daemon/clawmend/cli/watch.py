"""`clawmend watch`: the daemon, in the foreground; what the service units run."""

import faulthandler
import os
from contextlib import suppress

import click

from clawmend.cli.app import OK, Command, Settings, leave
from clawmend.core.secret import Masker
from clawmend.core.version import Version
from clawmend.system.footprint import keep_memory_small, settle_memory, without_tls
from clawmend.system.machine import mask_key


@click.command("watch", cls=Command)
@click.pass_obj
def watch(settings: Settings) -> None:
    """Watch, and repair what may be repaired, until told to end. What the service runs; in the foreground.

    SIGHUP reads config.toml again, SIGTERM and Ctrl-C end it. Exit code 0: it was told to end. 2: it could not begin.
    """
    with without_tls():
        from clawmend.loop.daemon import Daemon, Parts  # noqa: PLC0415 - `--help` needs none of it
        from clawmend.loop.jobs import load_timetable  # noqa: PLC0415 - as above
        from clawmend.loop.journal import Channels, Log  # noqa: PLC0415 - as above
        from clawmend.loop.posting import Post, sender_command  # noqa: PLC0415 - as above
        from clawmend.loop.stopping import StoppableClock, StoppedError, no_more_signals, stop_on_signals  # noqa: PLC0415
        from clawmend.loop.watching import RealWatching  # noqa: PLC0415 - as above
        from clawmend.repair.tools import real_tools  # noqa: PLC0415 - as above
        from clawmend.system.instance import only_watcher  # noqa: PLC0415 - as above
        from clawmend.system.sdnotify import Notifier  # noqa: PLC0415 - as above

        load_timetable()

    keep_memory_small()
    place, clock = settings.place(), StoppableClock()
    configuration = settings.configuration()
    configuration.checked_policy()
    notifier = Notifier.take(os.environ)
    if notifier.watchdog_seconds is not None:
        faulthandler.enable()  # systemd aborts what hangs: the journal then says where it hung
    operation = configuration.operation
    with only_watcher(place.state, place.home):
        channels = Channels.of_process(place.state, os.environ, quiet=settings.quiet)
        log = Log(channels, Masker(mask_key()), level=operation.log_level, form=operation.log_format)
        version = Version.parse(settings.openclaw_version) if settings.openclaw_version else None
        parts = Parts(
            tools=real_tools(place, clock, operation.restart_wait),
            clock=clock,
            log=log,
            notifier=notifier,
            post=Post(place.state, sender_command(place.state, settings.config)),
            watch=lambda changed: RealWatching(place.state, changed),
            read=settings.read_configuration,
            version=version,
        )
        daemon = Daemon(parts, configuration)
        settle_memory()
        stop_on_signals(clock, daemon.wake, daemon.reload)
        log.note(f"watching {place.home}")
        try:
            with suppress(StoppedError):
                daemon.run()
        finally:
            no_more_signals()
            log.note("told to end")
            log.close()
    leave(OK)
