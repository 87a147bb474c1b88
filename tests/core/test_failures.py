"""What a refusal means, by the words of providers and of every version of OpenClaw."""

import pytest

from clawmend.core.evidence import Kind
from clawmend.core.failures import classify, quota_span


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        # The error messages of the Coding Plan.
        ("401 invalid access token or token expired", Kind.AUTH),
        (
            "HTTP 401: Incorrect API key provided. For details, see: https://help.aliyun.com/zh/x#apikey-error",
            Kind.AUTH,
        ),
        ("403 invalid api-key", Kind.AUTH),
        ("400 model 'qwen9' is not supported", Kind.MODEL_REFUSED),
        ("model 'Qwen3.5-Plus' is not supported.", Kind.MODEL_REFUSED),
        ("404 status code (no body)", Kind.NOT_FOUND),
        ("HTTP 404: Not Found", Kind.NOT_FOUND),
        ("429 hour allocated quota exceeded", Kind.QUOTA),
        ("week allocated quota exceeded", Kind.QUOTA),
        ("month allocated quota exceeded", Kind.QUOTA),
        ("400 <400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 202752]", Kind.FORMAT),
        ("InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 65536]", Kind.FORMAT),
        ("400 Coding Plan is currently only available for Coding Agents", Kind.AGENTS_ONLY),
        ("400 data_inspection_failed: Output data may contain inappropriate content.", Kind.FORMAT),
        ("429 Requests rate limit exceeded, please try again later.", Kind.RATE_LIMIT),
        (
            "429 Throttling.AllocationQuota: Allocated quota exceeded, please increase your quota limit.",
            Kind.RATE_LIMIT,
        ),
        ("Allocated quota exceeded, please increase your quota limit.", Kind.RATE_LIMIT),
        # Other providers.
        ("401 status code (no body)", Kind.AUTH),
        ("invalid access token or token expired", Kind.AUTH),
        ("400 API key not valid. Please pass a valid API key.", Kind.AUTH),
        ('401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}', Kind.AUTH),
        ("403 Country, region, or territory not supported", Kind.FORBIDDEN),
        ("403 <html><title>Just a moment...</title></html>", Kind.FORBIDDEN),
        ("403 Access to model denied. Please make sure you are eligible for using the model.", Kind.FORBIDDEN),
        ("404 The model `gpt-9` does not exist or you do not have access to it.", Kind.MODEL_REFUSED),
        ("400 Model not exist.", Kind.MODEL_REFUSED),
        ('404 {"error":{"code":"model_not_found"}}', Kind.MODEL_REFUSED),
        ("402 Insufficient Balance", Kind.QUOTA),
        ("408 Request Timeout", Kind.TIMEOUT),
        ("413 Request Entity Too Large", Kind.FORMAT),
        # OpenClaw's own words.
        ("LLM request timed out.", Kind.TIMEOUT),
        ("Connection error.", Kind.CONNECTION),
        ("LLM request failed: DNS lookup for the provider endpoint failed.", Kind.CONNECTION),
        ("connect ECONNREFUSED 127.0.0.1:1", Kind.CONNECTION),
        ("⚠️ API rate limit reached. Please try again later.", Kind.RATE_LIMIT),
        ("⚠️ bailian (q) returned a billing error: your API key has run out of credits", Kind.QUOTA),
        ("The selected model was not found by the provider. Check the model id.", Kind.NOT_FOUND),
        ("OAuth token refresh failed for qwen-portal: expired", Kind.OAUTH_REFRESH),
        ('No API key found for provider "bailian". Auth store: /x', Kind.NO_KEY),
        ('No credentials found for profile "qwen-portal:default".', Kind.NO_KEY),
        ("Unknown model: bailian/qwen3.5-plus", Kind.UNKNOWN_MODEL),
        # No rule asks about these.
        ("500 Internal Server Error", None),
        ("503 Service Unavailable: the API key service timed out", None),
        ("529 overloaded", None),
        ("aborted | This operation was aborted | 20", None),
        ("Context overflow: prompt too large for the model.", None),
        ("", None),
        # Nothing about a key or a model in these, though they nearly say so.
        ("400 Invalid input: unexpected token in JSON at position 4", None),
        ("400 model 'qwen3-coder-plus': thinking mode is not supported", None),
        ("400 max_tokens is invalid", None),
    ],
)
def test_words_have_a_meaning(words: str, kind: Kind | None) -> None:
    assert classify(words) is kind


@pytest.mark.parametrize(
    ("words", "reason", "kind"),
    [
        ("Connection error.", "timeout", Kind.CONNECTION),
        ("429 hour allocated quota exceeded", "billing", Kind.QUOTA),
        ("429 you are out of money", "billing", Kind.QUOTA),
        ("404 status code (no body)", "model_not_found", Kind.NOT_FOUND),
        ("400 model 'qwen9' is not supported", "format", Kind.MODEL_REFUSED),
        ("403 Forbidden", "auth", Kind.FORBIDDEN),
        ("500 status code (no body)", "timeout", None),
        ("400 something about tools", "format", Kind.FORMAT),
        ("it went wrong", "auth", Kind.AUTH),
        ("it went wrong", "auth_permanent", Kind.AUTH),
        ("it went wrong", "model_not_found", Kind.MODEL_REFUSED),
        ("it went wrong", "rate_limit", Kind.RATE_LIMIT),
        ("it went wrong", "overloaded", None),
        ("it went wrong", None, None),
    ],
)
def test_the_provider_is_believed_before_openclaws_opinion(words: str, reason: str | None, kind: Kind | None) -> None:
    assert classify(words, reason) is kind


def test_a_plan_says_how_long_it_is_used_up() -> None:
    assert quota_span("429 Hour allocated quota exceeded") == "hour"
    assert quota_span("month allocated quota exceeded") == "month"
    assert quota_span("allocated quota exceeded") is None
