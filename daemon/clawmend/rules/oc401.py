"""The gateway sends the Coding Plan's requests through a proxy.

What it checks
    The environment of the gateway's own process, or that of its service while it does not run: HTTP_PROXY, HTTPS_PROXY
    or ALL_PROXY, in capitals or not, without an exception in NO_PROXY for the host of a Coding Plan provider that
    openclaw.json configures. Our own environment tells nothing. A proxy alone is no fault and only a note; it is a
    warning when the log tells of timeouts or broken connections of that provider.

Why it matters
    A proxy that is switched off, or that does not let the plan's host through, looks like a provider that is down:
    every turn waits and ends in a timeout, and nothing in openclaw.json is wrong.

The fix and its safety
    Advice only: where a proxy is wanted, only its owner knows. What NO_PROXY should say, and where, is told.

References
    facts on failures; the FAQ's "connection" errors.
"""

from collections.abc import Iterator, Mapping

from clawmend.core.address import host_of
from clawmend.core.evidence import Event, Kind
from clawmend.core.finding import Confidence, Finding, Report, Rule, Safety, Severity
from clawmend.core.providers import configured_providers
from clawmend.core.proxies import Proxy, proxy_for
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, OpenClaw, Snapshot

_TROUBLE = (Kind.TIMEOUT, Kind.CONNECTION)


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for openclaw in snapshot.openclaws:
        environment = _environment(openclaw)
        told: set[str] = set()
        for provider in configured_providers(openclaw).values():
            url = provider.base_url or ""
            proxy = proxy_for(url, environment) if snapshot.plan.is_plan_endpoint(url) else None
            if proxy is not None and host_of(url) not in told:
                told.add(host_of(url))
                yield _finding(openclaw, provider.name, host_of(url), proxy)


def _environment(openclaw: OpenClaw) -> Mapping[str, str]:
    """The gateway's own; without a process what its service gives it, and nothing where there is no service."""
    gateway = openclaw.gateway
    if isinstance(gateway, GatewayRunning):
        return gateway.environment or {}
    return openclaw.environment if isinstance(gateway, GatewayAbsent) and gateway.service else {}


def _source(openclaw: OpenClaw) -> str:
    gateway = openclaw.gateway
    if isinstance(gateway, GatewayRunning) and gateway.service is None:
        return f"what started process {gateway.pid}"
    return f"{openclaw.health.unit or 'its service'} or the environment of its service manager"


def _finding(openclaw: OpenClaw, provider: str, host: str, proxy: Proxy) -> Finding:
    trouble = _trouble(openclaw, provider)
    way = f"the proxy in {proxy.variable}, which comes from {_source(openclaw)}"
    excepted = f"{proxy.exceptions},{host}" if proxy.exceptions else host
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if trouble else Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY if trouble else Confidence.POSSIBLE,
        path=openclaw.config.path,
        summary=f"the gateway's requests to {host} go through {way}",
        cause=f"{proxy.variable} {host}",
        evidence=tuple(dict.fromkeys(f"its log: {event.text}" for event in trouble))[-3:],
        advice=(f"if the plan is to be reached directly, set there: NO_PROXY={excepted}",),
    )


def _trouble(openclaw: OpenClaw, provider: str) -> tuple[Event, ...]:
    """Timeouts and broken connections since the gateway runs; up to 2026.3.8 they name no provider."""
    gateway = openclaw.gateway
    since = gateway.started if isinstance(gateway, GatewayRunning) else 0.0
    alone = len(configured_providers(openclaw)) == 1
    events = [event for kind in _TROUBLE for event in openclaw.evidence.of(kind, None, since)]
    return tuple(event for event in events if event.provider == provider or (event.provider is None and alone))


RULE = Rule(
    id="OC401",
    name="intercepting-proxy",
    severity=Severity.WARNING,
    safety=Safety.ADVISE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
