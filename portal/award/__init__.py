"""成交: the buyer decides on the report; the winner gets its letter, the others their reasons (令74)."""
