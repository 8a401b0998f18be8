"""CloudWatch alarms as AWS documents them, in place of ministack's: when one changes its state, and who is told."""
