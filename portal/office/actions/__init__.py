"""One function per verb of the house. None commits."""
