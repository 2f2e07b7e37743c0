"""Reading the house: bureaus, sections, document numbers, rule sets."""
