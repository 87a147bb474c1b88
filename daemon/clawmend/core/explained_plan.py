"""The questions about bills, quotas and the plan itself: nothing that a repair could change."""

from clawmend.core.explanation import Explanation

_PAGE = "look at the Coding Plan page of the console"

PLAN: tuple[Explanation, ...] = (
    Explanation(
        id="still-charged",
        patterns=("charged for api calls * after subscribing", "overdue payments) after subscribing to coding plan"),
        title="Calls are billed although there is a plan",
        meaning=(
            "Mostly a general key (sk-) with a general base URL is still in use: in the configuration, in a cache, in "
            "a stored credential, or beside the plan's. A bill for calls made before the subscription may come hours "
            "later."
        ),
        checks=("OC208", "OC311", "OC101", "OC201", "OC306", "CC105", "CC106", "OP104", "QW101"),
        what_you_can_do=(
            "clawmend check",
            "use the plan's key (sk-sp-) with a base URL that has coding in its host, and remove the general ones",
            "in OpenCode, choose a model of the provider Model Studio Coding Plan",
        ),
        source='Coding Plan FAQ, "Why am I still charged for API calls after subscribing to Coding Plan?"',
    ),
    Explanation(
        id="quota-runs-out",
        patterns=(
            "what should i do when my quota runs out",
            "switch to pay as you go after my coding plan quota is used up",
        ),
        title="When the quota is used up",
        meaning="Calls fail until it comes back; nothing is billed by itself.",
        checks=("OC405",),
        what_you_can_do=(
            "5-hour and weekly quota: wait for the reset",
            "monthly quota: wait for the next billing month, or upgrade from Lite to Pro",
        ),
        source='Coding Plan FAQ, "What should I do when my quota runs out?"',
    ),
    Explanation(
        id="usage",
        patterns=("view token consumption details", "check usage for a specific model in coding plan"),
        title="What of the plan was used",
        meaning="The plan counts calls, not tokens, and shows them for all models together.",
        checks=(),
        what_you_can_do=(_PAGE,),
        source='Coding Plan FAQ, "How can I view token consumption details?"',
    ),
    Explanation(
        id="free-trial",
        patterns=("can coding plan use model studio's free trial",),
        title="The free trial of Model Studio does not count for the plan",
        meaning="The plan has a billing and a quota of its own.",
        checks=(),
        what_you_can_do=(_PAGE,),
        source='Coding Plan FAQ, "Can Coding Plan use Model Studio\'s free trial?"',
    ),
    Explanation(
        id="renewal",
        patterns=(
            "discount on my first manual renewal",
            "renew coding plan early",
            "renew after expiration",
            "use coupons for renewal",
            "^where can i renew",
        ),
        title="Renewing the plan",
        meaning=(
            "It can be renewed until it expires, on the Coding Plan page or the Renewal page; general-purpose coupons "
            "count, and the first manual renewal is half price. After that it has to be bought anew, which changes "
            "the key."
        ),
        checks=(),
        what_you_can_do=(_PAGE,),
        source='Coding Plan FAQ, "Can I renew Coding Plan early? Can I renew after expiration?"',
    ),
    Explanation(
        id="subscription-period",
        patterns=(
            "last only 28 days instead of 31",
            "how is the new service period calculated",
            "coding plan have an annual plan",
        ),
        title="How long a subscription lasts",
        meaning=(
            "There are monthly ones only. One ends at 23:59:59 (UTC+8) on the same date of the following month, or on "
            "its last day; a renewal begins where the old period ends."
        ),
        checks=(),
        what_you_can_do=(_PAGE,),
        source='Coding Plan FAQ, "Why does my subscription purchased in February last only 28 days?"',
    ),
    Explanation(
        id="expiry-reminders",
        patterns=("receive reminders before coding plan expires", "subscribe to expiration notifications"),
        title="Reminders before the plan expires",
        meaning="They come 7, 3 and 1 days before, by message, mail, SMS and phone; nothing has to be ordered.",
        checks=(),
        what_you_can_do=(_PAGE,),
        source='Coding Plan FAQ, "Will I receive reminders before Coding Plan expires?"',
    ),
    Explanation(
        id="plan-models",
        patterns=(
            "what models does coding plan support",
            "are models in coding plan quantized",
            "lite and pro plans have the same model response speed",
        ),
        title="The models of the plan",
        meaning="The same full models for Lite and Pro, at the same speed; nothing outside the list works.",
        checks=("OC304",),
        what_you_can_do=("clawmend config show lists the models that clawmend knows, with their limits",),
        source='Coding Plan FAQ, "What models does Coding Plan support?"',
    ),
    Explanation(
        id="lite-and-pro",
        patterns=(
            "upgrade from lite to pro",
            "downgrade from pro to lite",
            "how many coding plan subscriptions can one account have",
        ),
        title="Lite and Pro",
        meaning="One plan per account. Lite can be upgraded to Pro and keeps its key; there is no way down.",
        checks=(),
        what_you_can_do=(_PAGE,),
        source='Coding Plan FAQ, "Can I upgrade from Lite to Pro? Will my API key change?"',
    ),
    Explanation(
        id="one-key",
        patterns=(
            "coding plan support multiple users",
            "multiple developers in an enterprise share",
            "generate multiple api keys for coding plan",
            "coding plan support ip allowlists",
            "ram user view or get the coding plan api key",
        ),
        title="One key, for one person",
        meaning=(
            "A subscription has one key, which may not be shared; one that became public may be disabled. There are no "
            "IP allowlists. A RAM user needs the Subscription Plans permission to see it."
        ),
        checks=("OC313",),
        what_you_can_do=("reset the key on the Coding Plan page when others have seen it",),
        source='Coding Plan FAQ, "Does Coding Plan support multiple users?"',
    ),
    Explanation(
        id="key-reset",
        patterns=("reset my coding plan api key", "will my api key reset when i resubscribe"),
        title="A new key has to be entered everywhere",
        meaning=(
            "A reset on the Coding Plan page, or a plan bought after the old one expired, gives a new key. The old one "
            "fails in every tool, also where it lies in a stored credential."
        ),
        checks=("OC201", "OC101", "OC103", "CC106"),
        what_you_can_do=("enter the new key in every tool", "clawmend check"),
        source='Coding Plan FAQ, "How do I reset my Coding Plan API key?"',
    ),
    Explanation(
        id="savings-plan",
        patterns=("difference between coding plan and savings plan",),
        title="Coding Plan and Savings Plan",
        meaning=(
            "The Coding Plan is a monthly subscription for programming tools, with a key (sk-sp-) and hosts of its "
            "own. A Savings Plan pays for calls of the general API."
        ),
        checks=("OC208",),
        what_you_can_do=("for the Coding Plan, the host has coding in it and the key begins with sk-sp-",),
        source='Coding Plan FAQ, "What\'s the difference between Coding Plan and Savings Plan?"',
    ),
)
