"""What a citizen typed, to procedures and a decision: `search.build(catalog).find(text, today=…)`."""

from procedures.search.decision import Decision
from procedures.search.index import MOST_HITS, Found, Hit, Index, build

__all__ = ["MOST_HITS", "Decision", "Found", "Hit", "Index", "build"]
