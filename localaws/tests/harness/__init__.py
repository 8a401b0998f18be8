"""What the tests share. Nothing in this folder is a test."""
