"""The host in a base URL, as the programs that send requests there find it."""

import re

_SCHEME = re.compile(r"[A-Za-z]{1,16}:?/{1,3}")  # also `https:/host` and `https//host`, as people mistype it
_LOCAL = frozenset({"localhost", "0.0.0.0", "::", "::1"})  # noqa: S104 - nothing is bound here
_LOCAL_ENDINGS = (".local", ".localhost", ".lan", ".internal", ".home.arpa")
# Loopback, RFC 1918, link-local, shared (RFC 6598), and their IPv6 counterparts.
_LOCAL_NUMBER = re.compile(
    r"(?:127|10)\.\d+\.\d+\.\d+$|192\.168\.\d+\.\d+$|169\.254\.\d+\.\d+$|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+$"
    r"|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::ffff:(?:127\.|7f00:)"
)
_END_OF_AUTHORITY = re.compile(r"[/?#\\]")


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, without user, port and path; empty where there is no scheme."""
    return _host_in(url.strip().partition("://")[2])


def meant_host_of(url: str) -> str:
    """As host_of, but also where the scheme is missing or mistyped: `coding.dashscope.aliyuncs.com/v1`."""
    text = url.strip()
    scheme = _SCHEME.match(text)
    return host_of(text) or _host_in(text[scheme.end() :] if scheme else text)


def _host_in(rest: str) -> str:
    authority = _END_OF_AUTHORITY.split(rest, maxsplit=1)[0].rpartition("@")[2]
    if authority.startswith("["):  # an IPv6 address has colons of its own
        return authority.partition("]")[0].removeprefix("[").lower()
    return authority.partition(":")[0].lower()


def is_local(url: str) -> bool:
    """Tell whether a URL leads to this machine or its own network, where servers often want no key."""
    host = host_of(url)
    if host in _LOCAL or host.endswith(_LOCAL_ENDINGS) or _LOCAL_NUMBER.match(host):
        return True
    return bool(host) and "." not in host and ":" not in host  # a name without a dot is known only on this network
