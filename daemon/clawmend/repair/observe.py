"""Observing: one look at a home, read once, from which every rule decides."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace

from clawmend.core.behaviour import Store, behaviour_of
from clawmend.core.document import Json, Syntax
from clawmend.core.dotenv import variables_in
from clawmend.core.era import Installation
from clawmend.core.evidence import Evidence
from clawmend.core.gateway import NO_GATEWAY, GatewayHealth
from clawmend.core.plan_data import CODING_PLAN, PlanKnowledge
from clawmend.core.providers import configured_agent_folders, pin_of
from clawmend.core.settings import config_variables, resolve
from clawmend.core.snapshot import (
    Agent,
    Database,
    GatewayAbsent,
    GatewayRunning,
    GatewayState,
    OpenClaw,
    Settings,
    Snapshot,
)
from clawmend.core.state import Absent, FileState, Found, Malformed, Parsed, Unreadable, object_at, value_of
from clawmend.repair import beside
from clawmend.repair.observe_claude import observe_claude
from clawmend.repair.observe_neighbours import observe_neighbours
from clawmend.repair.scheduled import cron_models, state_database
from clawmend.system.files import Files
from clawmend.system.gateway import find_gateway, folder_environment
from clawmend.system.homes import StateFolder, agent_folders, claude_config, distinct, elsewhere, state_folders
from clawmend.system.installation import find_installation
from clawmend.system.loading import load, load_settled
from clawmend.system.log_readers import LogReaders
from clawmend.system.machine import Clock, Place
from clawmend.system.services import Service, find_service
from clawmend.system.zone import LOCAL

_MAX_SESSION_INDEX = 4 * 2**20


def observe(
    place: Place,
    files: Files,
    clock: Clock,
    version: str | None,
    plan: PlanKnowledge = CODING_PLAN,
    logs: LogReaders | None = None,
) -> Snapshot:
    """Look at everything once. `version` is the OpenClaw version the person named, or None; `logs` see look_at."""
    logs = logs or LogReaders()
    folders = state_folders(place.home, place.environment, files)
    configs = [load_settled(files, folder.config, Syntax.JSON5, clock) for folder in folders]
    services = [find_service(place.home, folder.profile, place.environment, files) for folder in folders]
    gateways = [
        find_gateway(folder, _port(folder, value_of(config), place.environment), service, files)
        for folder, config, service in zip(folders, configs, services, strict=True)
    ]
    installation = find_installation(
        place.home,
        _search_paths(place, gateways),
        option=version,
        service_commands=[service.command for service in services if service],
        state_folders=[folder.directory for folder in folders],
        meta_version=_meta_version(configs),
    )
    openclaws = tuple(
        _observe_folder(folder, config, (service, gateway), installation, place, files, clock)
        for folder, config, service, gateway in zip(folders, configs, services, gateways, strict=True)
    )
    everyone = (*folders, *elsewhere(place.home, folders))
    openclaws = tuple(
        replace(openclaw, evidence=_evidence(folder, openclaw, everyone, clock, logs))
        for folder, openclaw in zip(folders, openclaws, strict=True)
    )
    openclaws = tuple(
        replace(openclaw, health=_health(folder, openclaw, service, installation, place, files, clock))
        for folder, openclaw, service in zip(folders, openclaws, services, strict=True)
    )
    owner = _owner(place, files)
    claudes = observe_claude(place, files, clock, owner)
    ours = claude_config(place.home, place.environment, files)
    return Snapshot(
        place.home,
        clock.now(),
        installation,
        openclaws,
        next((one.config for one in claudes if one.config.path == ours and not isinstance(one.config, Absent)), None),
        plan=plan,
        owner=owner,
        neighbours=observe_neighbours(place, files, clock),
        claudes=claudes,
        zone=LOCAL,
    )


def _evidence(
    folder: StateFolder, openclaw: OpenClaw, everyone: tuple[StateFolder, ...], clock: Clock, logs: LogReaders
) -> Evidence:
    from clawmend.system.gateway_log import evidence_for  # noqa: PLC0415 - a home without OpenClaw has no log

    settings = openclaw.settings.value if openclaw.settings else None
    return evidence_for(folder, settings, openclaw.environment, everyone, clock.now(), logs)


def _health(
    folder: StateFolder,
    openclaw: OpenClaw,
    service: Service | None,
    installation: Installation,
    place: Place,
    files: Files,
    clock: Clock,
) -> GatewayHealth:
    if service is None and isinstance(openclaw.gateway, GatewayAbsent):
        return NO_GATEWAY
    from clawmend.repair.gateway_look import look_at_gateway  # noqa: PLC0415 - a home without a gateway needs none

    port = _port(folder, value_of(openclaw.config), place.environment)
    return look_at_gateway(folder, openclaw, service, port, installation, files, clock)


def _owner(place: Place, files: Files) -> int:
    """Whose home this is: root may look after somebody else's."""
    identity = files.identity(place.home)
    return os.getuid() if identity is None else identity.uid


def _search_paths(place: Place, gateways: list[GatewayState]) -> Mapping[str, str]:
    """Where to look for the `openclaw` command: the person's PATH first, then that of a gateway that runs."""
    theirs = [gateway.environment or {} for gateway in gateways if isinstance(gateway, GatewayRunning)]
    paths = [place.environment.get("PATH") or os.environ.get("PATH", "")]
    paths += [environment.get("PATH", "") for environment in theirs]
    return {**place.environment, "PATH": os.pathsep.join(filter(None, paths))}


def _observe_folder(
    folder: StateFolder,
    config: FileState,
    runs: tuple[Service | None, GatewayState],
    installation: Installation,
    place: Place,
    files: Files,
    clock: Clock,
) -> OpenClaw:
    service, gateway = runs
    environment = dict(folder_environment(service, gateway))
    theirs = gateway.folder if isinstance(gateway, GatewayRunning) else None
    environment = {**_dotenv(folder.directory, files), **(_dotenv(theirs, files) if theirs else {}), **environment}
    settings = None
    if isinstance(config, Parsed):
        settings = resolve(
            config.document.value, folder.config, lambda path: load(files, path, Syntax.JSON5), environment
        )
    behaviour = behaviour_of(installation.version)
    shared = behaviour is not None and behaviour.store is Store.SHARED_DATABASE
    found = _agent_folders(folder, settings, environment, place, files)
    if shared and not found:  # its folder appears only when something is stored for it alone
        found = (("main", os.path.join(folder.directory, "agents", "main", "agent")),)
    agents = tuple(_observe_agent(name, path, installation, files, clock) for name, path in found)
    shared_store = _read_store(state_database(folder)) if shared else None
    stores = [store for store in (shared_store, *(agent.store for agent in agents)) if store]
    # A key that was copied into a store is told from a wanted one by what openclaw.json held before.
    wanted = beside.wants_copies(folder, config, files) or (shared and any(store.credentials for store in stores))
    copies, known_good = beside.copies(folder, place, files) if wanted else ((), ())
    read_only = folder.read_only or environment.get("OPENCLAW_NIX_MODE") == "1" or not _is_ours(place, config)
    return OpenClaw(
        directory=folder.directory,
        profile=folder.profile,
        config=config,
        settings=settings,
        agents=agents,
        copies=copies,
        known_good=known_good,
        gateway=gateway,
        environment=environment | (config_variables(settings.value) if settings else {}),
        environment_complete=isinstance(gateway, GatewayRunning) and gateway.environment is not None,
        pinned_models=_pinned_models(folder, agents, files),
        cron_models=cron_models(folder, settings, shared_store, place, files),
        shared_store=shared_store,
        clobbered=beside.clobbered(folder, files),
        includes=tuple(load(files, path, Syntax.JSON5) for path in (settings.included if settings else ())),
        oauth_sources=beside.oauth_sources(place.home, folder, files),
        exposed=beside.exposed(
            folder, [agent.directory for agent in agents], settings.included if settings else (), place, files
        ),
        read_only=read_only,
        unreadable=_unreadable(folder, agents, files),
    )


def _agent_folders(
    folder: StateFolder, settings: Settings | None, environment: Mapping[str, str], place: Place, files: Files
) -> tuple[tuple[str, str], ...]:
    """The folders under `agents/`, and those that OPENCLAW_AGENT_DIR (main's) or `agentDir` puts elsewhere."""
    found = {"main": ""} | dict(agent_folders(folder.directory, files))  # main stays the first one
    ours = place.environment if folder.profile is None else {}
    moved = (environment.get("OPENCLAW_AGENT_DIR") or ours.get("OPENCLAW_AGENT_DIR", "")).strip()
    configured = configured_agent_folders(settings.value if settings else None)
    for name, directory in [("main", moved), *configured.items()]:
        path = os.path.normpath(place.home + directory[1:] if directory.startswith("~/") else directory)
        if os.path.isabs(path) and files.is_directory(path):
            found[name] = path
    return distinct((name, path) for name, path in found.items() if path)


def _unreadable(folder: StateFolder, agents: tuple[Agent, ...], files: Files) -> tuple[Unreadable, ...]:
    """The folders that may not be listed, without those below one of them."""
    root = os.path.join(folder.directory, "agents")
    paths = [folder.directory, root, *(os.path.join(root, name, "agent") for name in files.names(root))]
    found: list[Unreadable] = []
    for path in dict.fromkeys([*paths, *(agent.directory for agent in agents)]):
        problem = files.listing_problem(path)
        if problem is not None and not any(path.startswith(f"{above.path}/") for above in found):
            found.append(problem)
    return tuple(found)


def _observe_agent(name: str, directory: str, installation: Installation, files: Files, clock: Clock) -> Agent:
    models = load_settled(files, os.path.join(directory, "models.json"), Syntax.JSON, clock)
    if isinstance(models, Unreadable) and models.dangling:
        models = Absent(models.path)  # OpenClaw sees none there, and makes one
    behaviour = behaviour_of(installation.version)
    in_database = behaviour is not None and behaviour.store is not Store.FILE
    return Agent(
        id=name,
        directory=directory,
        models=models,
        profiles=load_settled(files, os.path.join(directory, "auth-profiles.json"), Syntax.JSON, clock),
        legacy_auth=load(files, os.path.join(directory, "auth.json"), Syntax.JSON),
        auth_state=load(files, os.path.join(directory, "auth-state.json"), Syntax.JSON),
        store=_read_store(os.path.join(directory, "openclaw-agent.sqlite")) if in_database else None,
    )


def _read_store(path: str) -> Database | None:
    from clawmend.system.database import read_store  # noqa: PLC0415 - SQLite is loaded where it is needed

    return read_store(path)


def _port(folder: StateFolder, config: Json, environment: Mapping[str, str]) -> int | None:
    text = environment.get("OPENCLAW_GATEWAY_PORT", "").strip()
    if folder.profile is None and text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    port = object_at(config, "gateway").get("port")
    return port if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536 else None


def _meta_version(configs: list[FileState]) -> str | None:
    for config in configs:
        version = object_at(value_of(config), "meta").get("lastTouchedVersion")
        if isinstance(version, str):
            return version
    return None


def _dotenv(folder: str, files: Files) -> Mapping[str, str]:
    """The variables of a folder's `.env`, which OpenClaw reads into its environment: the state's, where it works."""
    found = files.read(os.path.join(folder, ".env"))
    return variables_in(found.data.decode("utf-8", "replace")) if isinstance(found, Found) else {}


def _pinned_models(folder: StateFolder, agents: tuple[Agent, ...], files: Files) -> tuple[str, ...]:
    """The models that sessions are pinned to, in sessions.json or, from 2026.8.1 on, in the agent's database."""
    pins: set[str] = {pin for agent in agents if agent.store for pin in agent.store.pins}
    for agent in agents:
        path = os.path.join(folder.directory, "agents", agent.id, "sessions", "sessions.json")
        found = files.read(path, _MAX_SESSION_INDEX)
        if not isinstance(found, Found) or b"Override" not in found.data:
            continue
        try:
            sessions = json.loads(found.data)
        except (ValueError, RecursionError):
            continue
        pins.update(filter(None, map(pin_of, sessions.values() if isinstance(sessions, dict) else ())))
    return tuple(sorted(pins))


def _is_ours(place: Place, config: FileState) -> bool:
    """A state that belongs to another user is looked at; root may repair it, anybody else may not."""
    if os.getuid() == 0 or not isinstance(config, Parsed | Malformed):
        return True
    del place
    return config.identity.uid == os.getuid()
