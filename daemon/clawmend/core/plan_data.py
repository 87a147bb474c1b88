"""What is known of Alibaba's Coding Plan: its hosts and the shape of its keys.

Source: the Coding Plan FAQ. `sk-sp-` alone proves nothing, since the Token Plan uses it too; the host does.
"""

PLAN_HOSTS = frozenset({"coding.dashscope.aliyuncs.com", "coding-intl.dashscope.aliyuncs.com"})
GENERAL_HOSTS = frozenset({"dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com"})
PLAN_KEY_PREFIX = "sk-sp-"


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, without user, port and path."""
    rest = url.strip().partition("://")[2]
    authority = rest.partition("/")[0].rpartition("@")[2]
    return authority.partition(":")[0].lower()


def is_plan_endpoint(url: str) -> bool:
    """Tell whether a URL leads to the Coding Plan."""
    return host_of(url) in PLAN_HOSTS


class PlanKnowledge:
    pass


CODING_PLAN = PlanKnowledge()
