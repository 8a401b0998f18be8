"""Services beside CloudFormation: what S3, Systems Manager, Service Quotas, RDS and Cloud Control answer to a deployer."""
