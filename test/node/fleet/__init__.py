"""Boots the nodes of a site on one machine and tests them; test/node/run starts it.

plans.py says which scenarios run, scenarios/ holds the tests, harness/ what they run on, abilities.py whether this
machine can boot nodes.
"""
