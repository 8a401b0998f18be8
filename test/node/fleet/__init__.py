"""A small EC2, and what stands around its instances, on one machine: see test/node/run."""
