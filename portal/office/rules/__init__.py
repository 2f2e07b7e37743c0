"""The house's pure rules, one module per matter: numbers, sections and bureaus, calendar, rule sets."""
