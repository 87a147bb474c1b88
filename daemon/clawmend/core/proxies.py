"""Proxies in an environment: which one a request to a host goes through, and what NO_PROXY would have to say."""

from collections.abc import Mapping

from clawmend.core.address import host_of
from clawmend.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Proxy:
    """The variable by which requests to a host go to a proxy. `exceptions` is NO_PROXY as it is, "" without one."""

    variable: str
    exceptions: str


def proxy_for(url: str, environment: Mapping[str, str]) -> Proxy | None:
    """Find the variable that sends requests for a URL to a proxy; None when none does, or NO_PROXY excepts its host.

    Small letters win over capitals, as in curl and in Node's undici; ALL_PROXY counts where nothing more exact does.
    """
    scheme = url.strip().partition("://")[0].lower()
    host = host_of(url)
    if scheme not in {"http", "https"} or not host:
        return None
    exceptions = environment.get("no_proxy", "").strip() or environment.get("NO_PROXY", "").strip()
    if any(_excepts(entry, host) for entry in exceptions.replace(",", " ").split()):
        return None
    for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"):
        if environment.get(name, "").strip():
            return Proxy(name, exceptions)
    return None


def _excepts(entry: str, host: str) -> bool:
    """`example.com`, `.example.com`, `*.example.com` and `example.com:443` each except a host and what is below it."""
    name = entry.lower().partition(":")[0].removeprefix("*").removeprefix(".")
    return entry == "*" or (bool(name) and (host == name or host.endswith(f".{name}")))
