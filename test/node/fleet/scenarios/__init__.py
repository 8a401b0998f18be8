"""The tests: each function gets a site on real machines, does something to it, and raises where the site does not do
what it should."""
