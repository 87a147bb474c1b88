"""Qwen Code reaches the Coding Plan at a wrong URL, in another region, or with a key that does not belong to it.

What it checks
    The base URLs in `~/.qwen/settings.json` (`modelProviders.*`, `security.auth.baseUrl`) that mean a host of the
    Coding Plan, spelled rightly or one slip away: Qwen Code's `openai` needs `/v1`. Then the region, where Qwen Code
    noted one when the plan was set up (`codingPlan.region`, later `providerMetadata`), and the key, from the shell, a
    `.env` file or `env` in the file: one of the plan's shape (`sk-sp-`), or the plan's own variable
    BAILIAN_CODING_PLAN_API_KEY, on a general Model Studio endpoint; a general key (`sk-`) on the plan's. The Token
    Plan's hosts, other vendors and a server of one's own are nobody's fault.

Why it matters
    "404 status code (no body)", "403 invalid api-key", "Incorrect API key provided", or calls that are billed by use
    while the plan is paid for. A key of one region is refused in the other.

The fix and its safety
    Writes the plan's URL of the region at hand, in every entry with the same fault; comments and order stay. Another
    endpoint may be what somebody wants, so clawmend asks. A general key on the plan's endpoint can only be told.

References
    Coding Plan FAQ, "404 status code (no body)", "403 invalid api-key" and "HTTP 401: Incorrect API key provided";
    Qwen Code 0.24.4's own table of regions.
"""

from collections.abc import Iterator

from clawmend.core.endpoint import REMEDIES_FOR_GENERAL_KEY, Pair, flaw_of, pair_of
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.frozen import dataclass
from clawmend.core.plan_kinds import Region, Tool
from clawmend.core.qwen import PLAN_VARIABLE, Endpoint, endpoints_of, region_of
from clawmend.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a URL, and the right one, None where it is not known."""

    url: str
    problem: str
    right: str | None
    severity: Severity = Severity.ERROR


def _check(snapshot: Snapshot) -> Iterator[Report]:
    qwen = snapshot.neighbours.qwen
    if qwen is None:
        return
    noted = region_of(qwen)
    faults: dict[_Fault, list[Endpoint]] = {}
    wrong_keys: dict[str, Endpoint] = {}
    for endpoint in endpoints_of(qwen):
        fault = _fault_of(snapshot, endpoint, noted)
        if fault is not None:
            faults.setdefault(fault, []).append(endpoint)
        elif _pair(snapshot, endpoint) is Pair.GENERAL_KEY_HERE:
            wrong_keys.setdefault(endpoint.where, endpoint)
    for fault, endpoints in faults.items():
        yield _wrong_url(qwen.settings.path, fault, endpoints)
    for endpoint in wrong_keys.values():
        yield _wrong_key(qwen.settings.path, endpoint)


def _fault_of(snapshot: Snapshot, endpoint: Endpoint, noted: Region | None) -> _Fault | None:
    plan, url = snapshot.plan, endpoint.url
    flaw = flaw_of(plan, url, f"Qwen Code ({endpoint.protocol})", plan.paths_for(endpoint.protocol, Tool.QWEN_CODE))
    if flaw is not None:
        return _Fault(url, flaw.problem, flaw.right)
    region = plan.region_of(url)
    if plan.is_plan_endpoint(url) and noted not in {None, region} and endpoint.variable == PLAN_VARIABLE:
        problem = f"leads to another region than the one that Qwen Code noted for the plan ({_name(noted)})"
        return _Fault(url, problem, _right(snapshot, endpoint, noted), Severity.WARNING)
    named = plan.is_general_endpoint(url) and endpoint.secret is None and endpoint.variable == PLAN_VARIABLE
    if named or _pair(snapshot, endpoint) is Pair.PLAN_KEY_ELSEWHERE:
        problem = f"is a general endpoint of Model Studio, and its key is the Coding Plan's ({endpoint.where})"
        return _Fault(url, problem, _right(snapshot, endpoint, noted or region))
    return None


def _name(region: Region | None) -> str:
    return region.value if region is not None else ""


def _right(snapshot: Snapshot, endpoint: Endpoint, region: Region | None) -> str | None:
    return snapshot.plan.right_url(endpoint.protocol, region, Tool.QWEN_CODE) if region is not None else None


def _pair(snapshot: Snapshot, endpoint: Endpoint) -> Pair:
    if endpoint.secret is None:
        return Pair.FITS
    return pair_of(snapshot.plan, endpoint.url, endpoint.secret.reveal())


def _wrong_url(path: str, fault: _Fault, endpoints: list[Endpoint]) -> Finding:
    count = f" (in {len(endpoints)} places)" if len(endpoints) > 1 else ""
    right = fault.right
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=fault.severity,
        safety=Safety.ASK if right else Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=path,
        pointer=endpoints[0].pointer,
        summary=(
            f"Qwen Code's URL {fault.url.strip()}{count} {fault.problem}; "
            f"the Coding Plan's is {right or 'not known for this protocol and region'}"
        ),
        cause=f"{fault.url}\0{fault.problem}",
        advice=(f"clawmend repair --only {RULE.id} --yes" if right else "set the plan's URL: clawmend explain qwen",),
        fix=Fix(tuple(SetKey(path, endpoint.pointer, right) for endpoint in endpoints)) if right else None,
    )


def _wrong_key(path: str, endpoint: Endpoint) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=endpoint.path or path,
        pointer=None,
        summary=f"Qwen Code asks the Coding Plan, and {endpoint.where} is a general key, which the plan refuses",
        cause=f"general key\0{endpoint.where}",
        advice=REMEDIES_FOR_GENERAL_KEY,
    )


RULE = Rule(
    id="QW101",
    name="qwen-endpoint",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
