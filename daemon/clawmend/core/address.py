"""The host in a base URL, as the programs that send requests there find it."""

import re

_SCHEME = re.compile(r"[A-Za-z]{1,16}:?/{1,3}")  # also `https:/host` and `https//host`, as people mistype it
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
