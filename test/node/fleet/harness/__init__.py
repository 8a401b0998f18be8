"""What the scenarios run on: the machines and what they need around them. Nothing in this folder is a test."""
