package history

import "time"

// rough is for a site without a past.
var rough = map[work]time.Duration{
	{"AWS::EC2::NatGateway", "CREATE"}: 105 * time.Second,
	{"AWS::RDS::DBCluster", "CREATE"}:  60 * time.Second,
}
