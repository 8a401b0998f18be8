package stateful

// RDS makes the log group of a cluster's exported logs itself, so no stack has it. The stack of the cluster names it in
// outputs of these names: the generator writes them, the deployer sets the retention and lists the group
// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.CloudWatch.html).
const (
	LogGroupOutput = "DatabaseLogGroup"
	LogDaysOutput  = "DatabaseLogDays"
)
