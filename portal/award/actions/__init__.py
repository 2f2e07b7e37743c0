"""One function per verb of an award and of its letters. None commits."""

from portal.award.actions.deciding import (
    acknowledge,
    decide,
    deem,
    draft,
    end,
    fail,
    keep_days,
    refuse,
)

__all__ = ["acknowledge", "decide", "deem", "draft", "end", "fail", "keep_days", "refuse"]
