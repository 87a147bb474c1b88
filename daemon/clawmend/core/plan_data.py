"""What is known of Alibaba's Coding Plan, and the questions that can be put to it.

`CODING_PLAN` is what plan_table.py says; a snapshot may carry another one, with what the operator added to it.
"""

from clawmend.core import plan_table
from clawmend.core.address import host_of
from clawmend.core.frozen import dataclass
from clawmend.core.key_shapes import PLAN_KEY_PREFIX
from clawmend.core.near import one_edit_apart
from clawmend.core.plan_kinds import Host, PlanModel, Region, Route, Tool
from clawmend.core.quota import Quota, Window

__all__ = ["CODING_PLAN", "PLAN_KEY_PREFIX", "PlanKnowledge", "host_of", "is_plan_endpoint"]


@dataclass(frozen=True, slots=True)
class PlanKnowledge:
    """Hosts, paths, models and quotas of the plan, as of a date (`2026-03`), with the source of it all."""

    plan_hosts: tuple[Host, ...] = plan_table.PLAN_HOSTS
    general_hosts: tuple[Host, ...] = plan_table.GENERAL_HOSTS
    other_plan_hosts: tuple[Host, ...] = plan_table.OTHER_PLAN_HOSTS
    other_plan_suffixes: tuple[str, ...] = plan_table.OTHER_PLAN_SUFFIXES
    routes: tuple[Route, ...] = plan_table.ROUTES
    models: tuple[PlanModel, ...] = plan_table.MODELS
    quotas: tuple[Quota, ...] = plan_table.QUOTAS
    as_of: str = plan_table.AS_OF
    source: str = plan_table.SOURCE

    def is_plan_endpoint(self, url: str) -> bool:
        """Tell whether a URL leads to the Coding Plan."""
        return _named(self.plan_hosts, host_of(url)) is not None

    def is_general_endpoint(self, url: str) -> bool:
        """Tell whether a URL leads to pay-as-you-go Model Studio."""
        return _named(self.general_hosts, host_of(url)) is not None

    def is_other_plan_endpoint(self, url: str) -> bool:
        """Tell whether a URL leads to another plan of the same vendor, whose keys may look like this plan's."""
        return self._is_other_plan(host_of(url))

    def is_known_host(self, host: str) -> bool:
        """Tell whether this is a host of the vendor that is spelled as it should be, of whichever plan."""
        host = host.lower()
        return _named((*self.plan_hosts, *self.general_hosts), host) is not None or self._is_other_plan(host)

    def region_of(self, url: str) -> Region | None:
        """Tell in which region a host of the vendor stands, whichever plan it serves; None for any other host."""
        found = _named((*self.plan_hosts, *self.general_hosts, *self.other_plan_hosts), host_of(url))
        return found.region if found else None

    def host_in(self, region: Region) -> str | None:
        """Name the plan's host in a region; None where the plan is not offered."""
        return next((host.name for host in self.plan_hosts if host.region is region), None)

    def nearest_plan_host(self, host: str) -> str | None:
        """Name the one host of the plan from which this one is a single edit away; None for any known host.

        An edit is one character inserted, deleted or replaced, or two neighbours swapped.
        """
        host = host.lower()
        if self.is_known_host(host):
            return None
        near = {known.name for known in self.plan_hosts if one_edit_apart(host, known.name)}
        return near.pop() if len(near) == 1 else None

    def paths_for(self, api: str | None, tool: Tool = Tool.OPENCLAW) -> tuple[str, ...]:
        """Tell the paths of a base URL that work for a tool's word for a protocol, the right one first.

        Without an `api` they are those of the protocol that the FAQ names for the tool. Empty where no source says
        one: whether the plan speaks OpenAI's Responses API, for instance, is not known.
        """
        route = next((route for route in self.routes if route.tool is tool and api in {None, route.api}), None)
        return (route.path, *route.also) if route else ()

    def right_url(self, api: str | None, region: Region, tool: Tool = Tool.OPENCLAW) -> str | None:
        """Put together the base URL for a tool in a region; None where the plan has no host or no known path."""
        host, paths = self.host_in(region), self.paths_for(api, tool)
        return f"https://{host}{paths[0]}" if host and paths else None

    def model(self, name: str) -> PlanModel | None:
        """Find a model by its id, which is case-sensitive."""
        return next((model for model in self.models if model.id == name), None)

    def respelled(self, name: str) -> PlanModel | None:
        """Find the one model whose id differs from this only in case and in spaces; None when the id is right."""
        if self.model(name) is not None:
            return None
        wanted = _bare(name)
        found = [model for model in self.models if _bare(model.id) == wanted]
        return found[0] if len(found) == 1 else None

    def quota(self, window: Window) -> Quota:
        """Find the rule of one quota."""
        return next(quota for quota in self.quotas if quota.window is window)

    def _is_other_plan(self, host: str) -> bool:
        return _named(self.other_plan_hosts, host) is not None or host.endswith(self.other_plan_suffixes)


def _named(hosts: tuple[Host, ...], name: str) -> Host | None:
    return next((host for host in hosts if host.name == name), None)


def _bare(name: str) -> str:
    return "".join(name.casefold().split())


CODING_PLAN = PlanKnowledge()


def is_plan_endpoint(url: str) -> bool:
    """Tell whether a URL leads to the Coding Plan as the table has it; where a snapshot is at hand, ask its plan."""
    return CODING_PLAN.is_plan_endpoint(url)
