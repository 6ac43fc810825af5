"""Settings shared by all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

# Each run tries the same few towns; `pytest --hypothesis-profile=deep` tries many new ones and takes an hour.
settings.register_profile(
    "quick",
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # making a failing town smaller takes minutes: the deep profile does
    suppress_health_check=_QUIET,
)
settings.register_profile("deep", max_examples=500, deadline=None, suppress_health_check=_QUIET)
settings.load_profile("quick")
