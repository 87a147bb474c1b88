"""Cron jobs: the models of the turns that OpenClaw starts by itself.

They only protect: what a job names is in use, also while the job is disabled, and neither the job nor its model is
ever edited or judged. Where jobs are kept, read in the packages:

- 2026.3.2: `cron/jobs.json`, read as JSON5 (loadCronStore): `{"version": 1, "jobs": [{"payload": {"kind": "agentTurn",
  "model": "provider/model", "fallbacks": [...]}}]}`; in an older form `model` is beside the payload
  (copyTopLevelAgentTurnFields).
- 2026.6.1 and 2026.7.1: `cron_jobs` in `state/openclaw.sqlite`, with `job_json` and, of the same, the columns
  `payload_model` and `payload_fallbacks_json` (bindCronJobRow).
- 2026.8.1 and 2026.9.6: `cron_jobs` has `job_json` alone. On 2026.9.6 `openclaw doctor --fix` was seen to take
  `cron/jobs.json` over and to call it `jobs.json.migrated`.
"""

import re

from clawmend.core.document import Json
from clawmend.core.state import object_at

# How a person gives a job another model, on 2026.3.2 and 2026.9.6 alike.
EDIT_JOB = "openclaw cron edit JOB --model PROVIDER/MODEL"
# A version and a quantisation belong to the name of a model, what comes behind the next "@" is a profile
# (splitTrailingAuthProfile of 2026.9.6).
_WITH_PROFILE = re.compile(r"(?i)([^@]+(?:@\d{8}(?=@))?(?:@(?:i?q\d+(?:_[a-z0-9]+)*|\d+bit)(?=@))?)@(.+)")
_PART_OF_THE_NAME = re.compile(r"(?i)\d{8}|i?q\d+(?:_[a-z0-9]+)*|\d+bit")


def models_in_jobs(document: Json) -> frozenset[str]:
    """The models that the jobs of a `cron/jobs.json` name."""
    jobs = document.get("jobs") if isinstance(document, dict) else document
    return frozenset(text for job in (jobs if isinstance(jobs, list) else []) for text in models_of_job(job))


def models_of_job(job: Json) -> frozenset[str]:
    """The models that one job names, its fallbacks included."""
    holders = (object_at(job), object_at(job, "payload"))
    return frozenset(text for holder in holders for text in model_names(holder.get("model"), holder.get("fallbacks")))


def model_names(model: Json, fallbacks: Json) -> frozenset[str]:
    """The references in a model and its fallbacks, without the profiles that they ask for."""
    texts = [model, *(fallbacks if isinstance(fallbacks, list) else [])]
    return frozenset(filter(None, (plain_reference(text) for text in texts if isinstance(text, str))))


def plain_reference(text: str) -> str:
    """Take the profile off a reference to a model: `corp/m1@work` asks for the model `corp/m1`."""
    head, slash, tail = text.strip().rpartition("/")
    found = _WITH_PROFILE.fullmatch(tail)
    return head + slash + found[1] if found and not _PART_OF_THE_NAME.fullmatch(found[2]) else text.strip()
