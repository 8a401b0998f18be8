"""What AWS does not have: settings for tests and demos, delays, injected failures, simulated nodes."""
