"""How the API answers: what the Describe and List actions say, error texts, client tokens, repeated calls."""
