"""Looking at one gateway: gathering the plain facts from which core decides how it is, and never waiting for it.

A home in which nothing runs and no service is installed costs nothing. Otherwise it is one question to the service
manager (10 ms) and at most two to the gateway (5 ms each when it answers); the log was read already.
"""

from clawmend.core.complaints import Bundle, complaints_of
from clawmend.core.condition import health_of
from clawmend.core.era import Installation
from clawmend.core.gateway import Answer, Facts, GatewayHealth, Holder, ProcessFacts, ServiceFacts, ServiceState
from clawmend.core.snapshot import GatewayRunning, GatewayUnknown, OpenClaw
from clawmend.core.state import Malformed, Parsed
from clawmend.core.version import Version
from clawmend.system.answers import ask_gateway
from clawmend.system.files import Files
from clawmend.system.gateway import find_holder, gateway_port
from clawmend.system.homes import StateFolder
from clawmend.system.machine import Clock
from clawmend.system.manager import ask_manager
from clawmend.system.port_holder import LOOPBACK, listening
from clawmend.system.running_version import running_version
from clawmend.system.services import Service
from clawmend.system.stability import read_bundles
from clawmend.system.supervisor import Supervisor, supervisor_of

_UNDER_WAY = frozenset({ServiceState.RUNNING, ServiceState.BEGINNING})
_NOT_WANTED = frozenset({ServiceState.STOPPED, ServiceState.UNLOADED, ServiceState.UNASKED})


def look_at_gateway(
    folder: StateFolder,
    openclaw: OpenClaw,
    service: Service | None,
    port: int | None,
    installation: Installation,
    files: Files,
    clock: Clock,
) -> GatewayHealth:
    """Look at the gateway of a state folder. `port` is what its config says, `openclaw` what is known of it so far."""
    gateway = openclaw.gateway
    process: ProcessFacts | None = None
    answer: Answer | None = None
    if isinstance(gateway, GatewayRunning):
        where = gateway.port or gateway_port(port, service)
        supervisor = supervisor_of(gateway.pid, service, managed=gateway.manager is not None)
        told = _ask_service(service, supervisor)
        process = _process(gateway, supervisor, told)
        ports = listening(gateway.pid)
        holder = None
        if ports is not None and where not in ports:
            where = min(ports, default=where)  # started with --port; what it opens beside that lies above it
            holder = None if ports else find_holder(folder, where, service, files)
        if holder is None:
            version = Version.parse(process.version) if process.version else None
            host = (ports or {}).get(where, LOOPBACK)
            answer = ask_gateway(where, version or installation.version, host=host)
    else:
        where = gateway_port(port, service)
        told = None if service is None else ask_manager(service)
        holder = _holder_for(told, folder, where, service, files)
    hidden = gateway.problem if isinstance(gateway, GatewayUnknown) and holder is None else None
    in_order = answer is not None and answer.ready is True
    bundles: tuple[Bundle, ...] = ()
    if told is not None and told.state not in _NOT_WANTED and not in_order:
        bundles = read_bundles(folder.directory, files)
    config = openclaw.config
    return health_of(
        Facts(
            now=clock.now(),
            port=where,
            service=told,
            process=process,
            answer=answer,
            holder=holder,
            hidden=hidden,
            complaints=complaints_of(openclaw.evidence, bundles),
            changed=config.identity.mtime_ns / 1e9 if isinstance(config, Parsed | Malformed) else None,
        )
    )


def _ask_service(service: Service | None, supervisor: Supervisor) -> ServiceFacts | None:
    """Ask about the unit that runs the process, or else about the one that was found on disk; never about both."""
    if supervisor.manager == "systemd" and supervisor.unit and (service is None or service.name != supervisor.unit):
        return ask_manager(Service("systemd", supervisor.unit, "", ()), system=supervisor.system)
    return None if service is None else ask_manager(service)


def _process(gateway: GatewayRunning, supervisor: Supervisor, told: ServiceFacts | None) -> ProcessFacts:
    unit = supervisor.unit
    if unit is None and told is not None and told.pid == gateway.pid:
        unit = told.unit
    manager = told.manager if unit is not None and told is not None and told.unit == unit else supervisor.manager
    version = running_version(gateway.pid, gateway.started)
    return ProcessFacts(pid=gateway.pid, started=gateway.started, manager=manager, unit=unit, version=version)


def _holder_for(
    told: ServiceFacts | None, folder: StateFolder, port: int, service: Service | None, files: Files
) -> Holder | None:
    """Who holds the port of a gateway that should run: not asked where nobody wants it to."""
    if told is None or told.state in _NOT_WANTED:
        return None
    if told.state in _UNDER_WAY and told.pid is not None and listening(told.pid) != {}:
        return None
    return find_holder(folder, port, service, files)
